/*
 * Ledger books: a year of a programme of a bureau, what is left of their
 * accounts, and who answers for what is open after a year was closed.
 */
#include "daemon/money/book_state.h"

#include <assert.h>
#include <stdio.h>

#define CHINA_MS (8 * HOUR_MS)   /* Asia/Shanghai has had no other offset since 1991 */

struct fiscal *fiscal_find(const struct book *book, const char *name)
{
	struct fiscal *fiscals = book->fiscals.at;

	for (size_t i = 0; i < book->fiscals.n; i++)
		if (strcmp(fiscals[i].name, name) == 0)
			return &fiscals[i];
	return NULL;
}

const char *fiscal_now(const struct book *book, const char *name)
{
	const struct fiscal *fiscal = fiscal_find(book, name);

	while (fiscal != NULL && fiscal->closed) {
		name = fiscal->next;
		fiscal = fiscal_find(book, name);
	}
	return name;
}

/* Year of the civil calendar; days from 1970-01-01, Howard Hinnant's civil_from_days. */
static int64_t civil_year(int64_t days)
{
	int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);

	/* The year of this calendar begins in March. */
	return yoe + era * 400 + (doy >= 306 ? 1 : 0);
}

void fiscal_name(char out[LEDGER_BOOK_MAX], const char *bureau, const char *programme, int64_t at_ms)
{
	int len = snprintf(out, LEDGER_BOOK_MAX, "%s/%s/%04lld", bureau, programme,
			   (long long)civil_year((at_ms + CHINA_MS) / DAY_MS));

	assert(len > 0 && len < LEDGER_BOOK_MAX);
}

int64_t reserved(const struct book *book, const char *ledger_book, const struct posting_account *account)
{
	const struct reserve *reserves = book->reserves.at;

	for (size_t i = 0; i < book->reserves.n; i++)
		if (reserves[i].account.code == account->code && strcmp(reserves[i].book, ledger_book) == 0 &&
		    strcmp(reserves[i].account.detail, account->detail) == 0)
			return reserves[i].fen;
	return 0;
}

int64_t account_left(const struct book *book, const char *ledger_book, const struct posting_account *account)
{
	return ledger_balance(book->ledger, ledger_book, account->code, account->detail) -
	       reserved(book, ledger_book, account);
}
