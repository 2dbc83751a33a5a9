/*
 * What auditors ask for, over a journal of so many records: rewards from the
 * case to the payment, thirteen records each. Times are of one core.
 *
 *   audit_bench [records]
 */
#include "daemon/money/audit_breaks.h"
#include "daemon/money/audit_chain.h"
#include "daemon/money/audit_entries.h"
#include "daemon/money/audit_exceptions.h"
#include "daemon/money/audit_register.h"
#include "daemon/money/audit_sample.h"
#include "daemon/money/audit_separation.h"
#include "daemon/money/audit_summary.h"
#include "daemon/money/audit_unclaimed.h"
#include "tests/support/money_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define OF_A_REWARD 13

static struct money_book m;
static struct audit_log *audit_log;
static struct arena arena;

/* Of this process' time alone, whatever else runs. */
static double since_ms(clock_t began)
{
	return (double)(clock() - began) * 1e3 / CLOCKS_PER_SEC;
}

static void write_journal(unsigned rewards)
{
	const char **ids = arena_array(&arena, const char *, rewards);

	money_book_begin(&m, (int64_t)rewards * 850000);
	for (unsigned i = 0; i < rewards; i++) {
		ids[i] = money_approved(&m, money_text(&m, "A%05u", i));
		money_must(&m, "system", "reward.publish", ids[i]);
		money_must(&m, "claimant", "reward.claim", ids[i], "payee", money_text(&m, "payee-%u", i), "rail", "voucher",
			   "nonce", money_text(&m, "n-%u", i));
		m.now_ms += 1000;
	}
	m.now_ms += MONEY_DAY_MS;
	for (unsigned i = 0; i < rewards; i++) {
		money_must(&m, "cai", "reward.release", ids[i], "source", "bank:main");
		money_must(&m, "qian", "reward.release", ids[i], "source", "bank:main");
		money_must(&m, "system", "attempt.start", ids[i]);
		money_must(&m, "system", "attempt.send", money_text(&m, "%s-1", ids[i]));
		money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", ids[i]), "state", "SUCCEEDED", "by", "query",
			   "fen", "850000");
		m.now_ms += 1000;
	}
}

static bool sees_all(void *ctx, const char *bureau)
{
	(void)ctx;
	(void)bureau;
	return true;
}

static void tell(const char *what, double ms)
{
	printf("%-34s %9.1f ms\n", what, ms);
}

/* Each as a call does it: the view is made anew. */
static void ask(const char *what, void (*answer)(struct audit_view *view))
{
	clock_t began = clock();
	struct audit_view view;

	arena_clear(&arena);
	view = audit_view_make(audit_log, audit_log_n(audit_log), m.now_ms, sees_all, NULL, &arena);
	answer(&view);
	tell(what, since_ms(began));
}

static void nothing(struct audit_view *view)
{
	(void)view;
}

static void summary(struct audit_view *view)
{
	audit_summary(view);
}

static void register_of_rewards(struct audit_view *view)
{
	struct audit_register all = audit_register(view);
	struct audit_month *months;

	audit_register_months(view, &all, &(struct audit_register_wish){ .state = -1 }, &months);
}

static void account(struct audit_view *view)
{
	audit_entries(view, &(struct audit_entries_wish){ .book = SPAN(MONEY_LEDGER), .code = LEDGER_AVAILABLE });
}

static void breaks(struct audit_view *view)
{
	struct audit_break *found;

	audit_breaks(view, &found);
}

static void exceptions(struct audit_view *view)
{
	size_t n;
	const struct audit_test *tests = audit_tests(&n);
	int64_t parameters[AUDIT_PARAMETERS];

	for (size_t i = 0; i < AUDIT_PARAMETERS; i++)
		parameters[i] = audit_parameters[i].preset;
	for (size_t i = 0; i < n; i++)
		audit_find(&tests[i], view, m.book, parameters);
}

static void separation(struct audit_view *view)
{
	audit_separation(view);
}

static void unclaimed(struct audit_view *view)
{
	audit_unclaimed(view, 14, 10);
}

static void sample(struct audit_view *view)
{
	audit_sample_draw(view, AUDIT_PAID, AUDIT_STRATIFIED, SPAN("bench"), 100);
}

static void chain(void)
{
	struct audit_chain checked = { .seq = 0 };
	clock_t began = clock();

	for (size_t i = 0; i < m.nlines; i++)
		if (!audit_chain_take(&checked, m.lines[i]))
			abort();
	tell("integrity, without the store", since_ms(began));
}

int main(int argc, char **argv)
{
	unsigned records = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20000;
	clock_t began = clock();

	write_journal(records / OF_A_REWARD);
	printf("%zu records, %zu rewards, written in %.0f ms\n", m.nlines, book_rewards(m.book), since_ms(began));
	began = clock();
	audit_log = money_audit_log(&m);
	tell("kept for auditors, at the start", since_ms(began));
	printf("%-34s %9.0f bytes a record\n", "memory", (double)audit_log_bytes(audit_log) / (double)m.nlines);
	ask("view alone", nothing);
	ask("summary", summary);
	ask("register, by month", register_of_rewards);
	ask("entries of an account", account);
	ask("breaks", breaks);
	ask("exceptions, all tests", exceptions);
	ask("separation", separation);
	ask("unclaimed", unclaimed);
	ask("sample, stratified", sample);
	chain();
	audit_log_free(audit_log);
	money_book_release(&m);
	arena_release(&arena);
	return 0;
}
