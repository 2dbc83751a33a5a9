/*
 * The ledger; see ledger.h. Accounts and entry ids are found by a hash of
 * their names; the chart of accounts is one table.
 */
#include "daemon/money/ledger.h"

#include "daemon/base/mark_map.h"
#include "daemon/base/table.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const struct ledger_account_kind kinds[] = {
	{ .code = LEDGER_BANK, .sub = LEDGER_FIN, .name = "bank", .debit_normal = true, .limited = true },
	{ .code = LEDGER_FLOAT, .sub = LEDGER_FIN, .name = "float", .debit_normal = true, .limited = true },
	{ .code = LEDGER_CASH_AT_BRANCH, .sub = LEDGER_FIN, .name = "cash_at_branch", .debit_normal = true, .limited = true },
	{ .code = LEDGER_OVERPAID, .sub = LEDGER_FIN, .name = "overpaid", .debit_normal = true, .limited = true },
	{ .code = LEDGER_CLAWBACK, .sub = LEDGER_FIN, .name = "clawback", .debit_normal = true, .limited = true },
	{ .code = LEDGER_SUSPENSE_DEBIT, .sub = LEDGER_FIN, .name = "suspense_debit", .debit_normal = true, .limited = true },
	{ .code = LEDGER_PAYABLE, .sub = LEDGER_FIN, .name = "payable", .limited = true },
	{ .code = LEDGER_INFLIGHT, .sub = LEDGER_FIN, .name = "inflight", .limited = true },
	{ .code = LEDGER_TAX_WITHHELD, .sub = LEDGER_FIN, .name = "tax_withheld", .limited = true },
	{ .code = LEDGER_RETURNED, .sub = LEDGER_FIN, .name = "returned_unapplied", .limited = true },
	{ .code = LEDGER_SUSPENSE_CREDIT, .sub = LEDGER_FIN, .name = "suspense_credit", .limited = true },
	{ .code = LEDGER_FUND, .sub = LEDGER_FIN, .name = "fund_balance" },
	{ .code = LEDGER_PRIOR_YEAR, .sub = LEDGER_FIN, .name = "prior_year_adjust" },
	{ .code = LEDGER_EXPENSE, .sub = LEDGER_FIN, .name = "reward_expense", .debit_normal = true },
	{ .code = LEDGER_FEES, .sub = LEDGER_FIN, .name = "fees", .debit_normal = true },
	{ .code = LEDGER_WRITTEN_OFF, .sub = LEDGER_FIN, .name = "written_off", .debit_normal = true },
	{ .code = LEDGER_AUTHORISED, .sub = LEDGER_BGT, .name = "authorised", .debit_normal = true, .limited = true },
	{ .code = LEDGER_AVAILABLE, .sub = LEDGER_BGT, .name = "available", .limited = true },
	{ .code = LEDGER_ENCUMBERED, .sub = LEDGER_BGT, .name = "encumbered", .limited = true },
	{ .code = LEDGER_EXPENDED, .sub = LEDGER_BGT, .name = "expended", .limited = true },
	{ .code = LEDGER_LAPSED, .sub = LEDGER_BGT, .name = "lapsed", .limited = true },
};

struct balance {
	char book[LEDGER_BOOK_MAX];
	const struct ledger_account_kind *kind;
	char detail[LEDGER_DETAIL_MAX];
	int64_t debits, credits;
};

struct ledger {
	struct balance *accounts;
	size_t n, size;
	struct mark_map by_name;
	struct mark_map entries;
};

const struct ledger_account_kind *ledger_kinds(size_t *n)
{
	*n = COUNT_OF(kinds);
	return kinds;
}

const struct ledger_account_kind *ledger_kind(unsigned code)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if ((unsigned)kinds[i].code == code)
			return &kinds[i];
	return NULL;
}

struct ledger *ledger_new(uint64_t seed)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	assert(ledger != NULL);
	mark_map_init(&ledger->by_name, seed);
	mark_map_init(&ledger->entries, seed);
	return ledger;
}

void ledger_free(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	mark_map_release(&ledger->by_name);
	mark_map_release(&ledger->entries);
	free(ledger->accounts);
	free(ledger);
}

/* --- names ------------------------------------------------------------------------ */

static void mark_of(const void *a, size_t na, const void *b, size_t nb, unsigned char mark[MARK_BYTES])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, MARK_BYTES);
	crypto_generichash_update(&state, a, na);
	crypto_generichash_update(&state, b, nb);
	crypto_generichash_final(&state, mark, MARK_BYTES);
}

static void account_mark(const char *book, enum ledger_code code, const char *detail,
			 unsigned char mark[MARK_BYTES])
{
	unsigned char head[LEDGER_BOOK_MAX + 2] = { 0 };

	memcpy(head, book, strnlen(book, LEDGER_BOOK_MAX));
	head[LEDGER_BOOK_MAX] = (unsigned char)((unsigned)code >> 8);
	head[LEDGER_BOOK_MAX + 1] = (unsigned char)code;
	mark_of(head, sizeof(head), detail, strnlen(detail, LEDGER_DETAIL_MAX), mark);
}

static struct balance *account_find(const struct ledger *ledger, const char *book, enum ledger_code code,
				    const char *detail)
{
	unsigned char mark[MARK_BYTES];
	uint64_t index;

	account_mark(book, code, detail, mark);
	return mark_map_get(&ledger->by_name, mark, &index) ? &ledger->accounts[index] : NULL;
}

static struct balance *account_open(struct ledger *ledger, const struct ledger_leg *leg)
{
	struct balance *account = account_find(ledger, leg->book, leg->code, leg->detail);
	unsigned char mark[MARK_BYTES];

	if (account != NULL)
		return account;
	if (ledger->n == ledger->size) {
		ledger->size = ledger->size > 0 ? 2 * ledger->size : 64;
		ledger->accounts = realloc(ledger->accounts, ledger->size * sizeof(*ledger->accounts));
		assert(ledger->accounts != NULL);
	}
	account = &ledger->accounts[ledger->n];
	*account = (struct balance){ .kind = ledger_kind(leg->code) };
	memcpy(account->book, leg->book, sizeof(account->book));
	memcpy(account->detail, leg->detail, sizeof(account->detail));
	account_mark(leg->book, leg->code, leg->detail, mark);
	mark_map_set(&ledger->by_name, mark, ledger->n++);
	return account;
}

static void entry_mark(const struct ledger_entry *entry, unsigned char mark[MARK_BYTES])
{
	mark_of("entry", 5, entry->id, strnlen(entry->id, sizeof(entry->id)), mark);
}

static int64_t balance_of(const struct balance *account)
{
	return account->kind->debit_normal ? account->debits - account->credits
					   : account->credits - account->debits;
}

/* --- checks ----------------------------------------------------------------------- */

static bool check_form(const struct ledger_entry *entry, struct complaint *why)
{
	if (entry->nlegs < 2 || entry->nlegs > LEDGER_LEGS_MAX)
		return complain(why, 0, "entry %s has %zu legs; 2 to %d are allowed", entry->id, entry->nlegs,
				LEDGER_LEGS_MAX);
	for (size_t i = 0; i < entry->nlegs; i++) {
		const struct ledger_leg *leg = &entry->legs[i];

		if (ledger_kind(leg->code) == NULL)
			return complain(why, 0, "entry %s: there is no account %d", entry->id, (int)leg->code);
		if (leg->fen <= 0 || leg->fen > MONEY_MAX)
			return complain(why, 0, "entry %s: account %d: an amount is above zero", entry->id,
					(int)leg->code);
	}
	return true;
}

/* I01: in each book and sub-ledger the debits are the credits. */
static bool check_balance(const struct ledger_entry *entry, struct complaint *why)
{
	for (size_t i = 0; i < entry->nlegs; i++) {
		const struct ledger_leg *one = &entry->legs[i];
		int64_t sum = 0;

		for (size_t j = 0; j < entry->nlegs; j++) {
			const struct ledger_leg *leg = &entry->legs[j];

			if (strcmp(leg->book, one->book) != 0 ||
			    ledger_kind(leg->code)->sub != ledger_kind(one->code)->sub)
				continue;
			if (!money_add(sum, leg->debit ? leg->fen : -leg->fen, &sum))
				return complain(why, 0, "entry %s: amounts are too large", entry->id);
		}
		if (sum != 0)
			return complain(why, 0, "entry %s does not balance in %s: debits exceed credits by %lld fen",
					entry->id, one->book, (long long)sum);
	}
	return true;
}

/* What all legs of the entry add to the account of one of them, on its normal side. */
static bool change_of(const struct ledger_entry *entry, const struct ledger_leg *one, int64_t *change)
{
	bool debit_normal = ledger_kind(one->code)->debit_normal;

	*change = 0;
	for (size_t i = 0; i < entry->nlegs; i++) {
		const struct ledger_leg *leg = &entry->legs[i];

		if (leg->code == one->code && strcmp(leg->book, one->book) == 0 &&
		    strcmp(leg->detail, one->detail) == 0 &&
		    !money_add(*change, leg->debit == debit_normal ? leg->fen : -leg->fen, change))
			return false;
	}
	return true;
}

/* I02: no limited account falls below zero, and turnovers stay in range. */
static bool check_limits(const struct ledger *ledger, const struct ledger_entry *entry, struct complaint *why)
{
	for (size_t i = 0; i < entry->nlegs; i++) {
		const struct ledger_leg *leg = &entry->legs[i];
		const struct balance *account = account_find(ledger, leg->book, leg->code, leg->detail);
		int64_t change, turnover, after;

		if (!change_of(entry, leg, &change) ||
		    !money_add(account != NULL ? balance_of(account) : 0, change, &after) ||
		    !money_add(account != NULL ? account->debits + account->credits : 0,
			       (int64_t)entry->nlegs * leg->fen, &turnover))
			return complain(why, 0, "entry %s: account %d: out of range", entry->id, (int)leg->code);
		if (after < 0 && ledger_kind(leg->code)->limited)
			return complain(why, 0, "entry %s: account %d %s %s would fall to %lld fen", entry->id,
					(int)leg->code, ledger_kind(leg->code)->name, leg->detail, (long long)after);
	}
	return true;
}

bool ledger_check(const struct ledger *ledger, const struct ledger_entry *entry, struct complaint *why)
{
	unsigned char mark[MARK_BYTES];
	uint64_t there;

	entry_mark(entry, mark);
	if (mark_map_get(&ledger->entries, mark, &there))
		return complain(why, 0, "entry %s was posted before", entry->id);
	return check_form(entry, why) && check_balance(entry, why) && check_limits(ledger, entry, why);
}

bool ledger_post(struct ledger *ledger, const struct ledger_entry *entry, struct complaint *why)
{
	unsigned char mark[MARK_BYTES];

	if (!ledger_check(ledger, entry, why))
		return false;
	for (size_t i = 0; i < entry->nlegs; i++) {
		struct balance *account = account_open(ledger, &entry->legs[i]);

		if (entry->legs[i].debit)
			account->debits += entry->legs[i].fen;
		else
			account->credits += entry->legs[i].fen;
	}
	entry_mark(entry, mark);
	mark_map_set(&ledger->entries, mark, 1);
	return true;
}

/* --- balances --------------------------------------------------------------------- */

int64_t ledger_balance(const struct ledger *ledger, const char *book, enum ledger_code code, const char *detail)
{
	const struct balance *account = account_find(ledger, book, code, detail);

	return account != NULL ? balance_of(account) : 0;
}

int64_t ledger_total(const struct ledger *ledger, const char *book, enum ledger_code code)
{
	int64_t total = 0;

	for (size_t i = 0; i < ledger->n; i++)
		if (ledger->accounts[i].kind->code == code && strcmp(ledger->accounts[i].book, book) == 0)
			total += balance_of(&ledger->accounts[i]);
	return total;
}

static int by_name(const void *a, const void *b)
{
	const struct ledger_row *x = a, *y = b;
	int order = strcmp(x->book, y->book);

	if (order == 0)
		order = (x->code > y->code) - (x->code < y->code);
	return order != 0 ? order : strcmp(x->detail, y->detail);
}

size_t ledger_rows(const struct ledger *ledger, struct ledger_row *out, size_t max)
{
	size_t n = ledger->n < max ? ledger->n : max;

	assert(ledger->n <= max || max == 0);
	for (size_t i = 0; i < n; i++)
		out[i] = (struct ledger_row){ .book = ledger->accounts[i].book,
					      .code = ledger->accounts[i].kind->code,
					      .detail = ledger->accounts[i].detail,
					      .debits = ledger->accounts[i].debits,
					      .credits = ledger->accounts[i].credits };
	if (n > 0)
		qsort(out, n, sizeof(*out), by_name);
	return ledger->n;
}
