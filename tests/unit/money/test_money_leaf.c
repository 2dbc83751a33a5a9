/*
 * Money records as leaves tell them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/money_leaf.h"

#include "daemon/money/record.h"

static struct arena arena;

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct record sample(const char *kind, const char *data)
{
	struct record record = { .seq = 12, .at_ms = 1763748000000, .kind = span_of(kind), .key = SPAN("k-1"), .person = SPAN("p-lin"),
				 .account = SPAN("lin"), .role = SPAN("approver"), .subject = SPAN("R7-1"), .data = span_of(data) };

	return record;
}

static void post(struct record *record, const char *book, enum ledger_code debit, enum ledger_code credit, int64_t fen)
{
	struct ledger_leg leg = { .code = debit, .debit = true, .fen = fen };

	strcpy(record->entry.id, "L05:R7:1");
	strcpy(leg.book, book);
	record->entry.legs[record->entry.nlegs++] = leg;
	leg.code = credit;
	leg.debit = false;
	record->entry.legs[record->entry.nlegs++] = leg;
}

static struct leaf_event read(struct record *record)
{
	struct leaf_event event;

	assert_true(money_leaf(record_write(record, &arena), &arena, &event));
	assert_int_equal(event.class, LEAF_OFFICE);
	assert_int_equal(event.at_ms, 1763748000000);
	assert_true(span_is(event.actor, "p-lin"));
	assert_true(event.id.text[0] == '\0');
	return event;
}

static void a_payment_tells_state_region_and_amount(void **state)
{
	struct record record = sample("attempt.observe", "{\"state\":\"SUCCEEDED\",\"by\":\"query\",\"fen\":\"850000\"}");
	struct leaf_event event;

	(void)state;
	post(&record, "150600/anti-trafficking/2026", LEDGER_INFLIGHT, LEDGER_BANK, 850000);
	post(&record, "150600/anti-trafficking/2026", LEDGER_ENCUMBERED, LEDGER_EXPENDED, 850000);
	event = read(&record);
	assert_true(span_is(event.values.at[LEAF_EVENT], "attempt.observe"));
	assert_true(span_is(event.values.at[LEAF_OUTCOME], "succeeded"));
	assert_true(span_is(event.values.at[LEAF_PROVINCE], "150000") && span_is(event.values.at[LEAF_PREFECTURE], "150600"));
	assert_true(span_empty(event.values.at[LEAF_COUNTY]));
	assert_true(span_is(event.values.at[LEAF_AMOUNT], "850000"));
}

/* Told twice by two ways, it is paid once. */
static void what_posts_nothing_has_no_outcome_and_amount(void **state)
{
	struct record record = sample("attempt.observe", "{\"state\":\"SUCCEEDED\",\"by\":\"webhook\"}");
	struct leaf_event event = read(&record);

	(void)state;
	assert_true(span_is(event.values.at[LEAF_EVENT], "attempt.observe"));
	for (size_t i = LEAF_OUTCOME; i < LEAF_FIELDS; i++)
		assert_true(span_empty(event.values.at[i]));
}

static void a_book_of_no_region_tells_none(void **state)
{
	struct record record = sample("reward.approve", "{\"digest\":\"00\"}");
	struct leaf_event event;

	(void)state;
	post(&record, "ordos/x/2026", LEDGER_EXPENSE, LEDGER_PAYABLE, 5);
	event = read(&record);
	assert_true(span_empty(event.values.at[LEAF_PROVINCE]) && span_empty(event.values.at[LEAF_OUTCOME]));
	assert_true(span_is(event.values.at[LEAF_AMOUNT], "5"));
}

static void a_changed_record_is_unreadable(void **state)
{
	struct record record = sample("reward.approve", "{\"digest\":\"00\"}");
	struct span json = record_write(&record, &arena);
	char *changed = arena_printf(&arena, "%.*s", (int)json.len, json.at);
	struct leaf_event event;

	(void)state;
	changed[json.len / 2] ^= 1;
	assert_false(money_leaf(span_of(changed), &arena, &event));
	assert_true(span_is(event.values.at[LEAF_EVENT], "unreadable"));
	assert_true(event.class == LEAF_OFFICE && event.at_ms == -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_payment_tells_state_region_and_amount),
		cmocka_unit_test(what_posts_nothing_has_no_outcome_and_amount),
		cmocka_unit_test(a_book_of_no_region_tells_none),
		cmocka_unit_test(a_changed_record_is_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
