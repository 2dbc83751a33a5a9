/*
 * A connector's statement: read whole, or refused with the place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/statement.h"

#include "tests/support/text_file.h"

#include "daemon/base/hex.h"

#include <sodium.h>

#define LINES                                                                                                          \
	"[{\"line_id\":\"1\",\"instruction_id\":\"AAAAAAAAAAAAAAAAAAAAAAAAA1\",\"provider_ref\":\"P1\","              \
	"\"direction\":\"debit\",\"amount\":{\"minor\":850000,\"currency\":\"CNY\"},"                                  \
	"\"booked_at\":\"2026-11-20T10:00:00+08:00\",\"kind\":\"payment\"},"                                          \
	"{\"line_id\":\"2\",\"provider_ref\":\"P2\",\"direction\":\"credit\","                                        \
	"\"amount\":{\"minor\":100,\"currency\":\"CNY\"},\"booked_at\":\"2026-11-20\",\"kind\":\"other\"}]"
#define FILE_TEXT                                                                                                      \
	"{\"account\":\"main\",\"date\":\"2026-11-20\",\"sequence\":41,"                                              \
	"\"opening\":{\"minor\":1000000,\"currency\":\"CNY\"},\"closing\":{\"minor\":150100,\"currency\":\"CNY\"},"   \
	"\"count\":2,\"debits\":{\"minor\":850000,\"currency\":\"CNY\"},"                                              \
	"\"credits\":{\"minor\":100,\"currency\":\"CNY\"},\"sha256\":\"%s\",\"lines\":" LINES "}"

static const struct statement_wish any = { .format = STATEMENT_FORMATS };

static struct span sample(struct arena *arena)
{
	unsigned char hash[32];

	crypto_hash_sha256(hash, (const unsigned char *)LINES, sizeof(LINES) - 1);
	return span_of(arena_printf(arena, FILE_TEXT, hex_text(arena, hash, sizeof(hash))));
}

static void is_read(void **state)
{
	struct arena arena = { 0 };
	struct statement statement;
	struct complaint why;

	(void)state;
	if (!statement_read(sample(&arena), &any, &arena, &statement, &why))
		fail_msg("%s", why.text);
	assert_true(span_is(statement.account, "main") && statement.n == 2 && !statement.foreign);
	assert_string_equal(statement.date, "2026-11-20");
	assert_int_equal(statement.sequence, 41);
	assert_int_equal(statement.opening, 1000000);
	assert_int_equal(statement.closing, 150100);
	assert_true(span_is(statement.lines[0].instruction, "AAAAAAAAAAAAAAAAAAAAAAAAA1") && !statement.lines[0].credit);
	assert_int_equal(statement.lines[0].fen, 850000);
	assert_true(statement.lines[1].credit && statement.lines[1].kind == STATEMENT_OTHER);
	arena_release(&arena);
}

/* What does not agree with itself is not taken. */
static void is_refused(void **state)
{
	static const struct {
		const char *what, *with, *says;
	} bad[] = {
		{ .what = "\"minor\":850000", .with = "\"minor\":850001", .says = "debits" },
		{ .what = "\"amount\":{\"minor\":850000", .with = "\"amount\":{\"minor\":850001", .says = "sha256" },
		{ .what = "\"minor\":850000", .with = "\"minor\":8.5e5", .says = "minor" },
		{ .what = "\"minor\":850000", .with = "\"minor\":\"850000\"", .says = "minor" },
		{ .what = "\"closing\":{\"minor\":150100", .with = "\"closing\":{\"minor\":150101", .says = "closing" },
		{ .what = "\"count\":2", .with = "\"count\":3", .says = "count" },
		{ .what = "\"debits\":{\"minor\":850000", .with = "\"debits\":{\"minor\":1", .says = "debits" },
		{ .what = "\"direction\":\"debit\"", .with = "\"direction\":\"out\"", .says = "direction" },
		{ .what = "\"kind\":\"payment\"", .with = "\"kind\":\"gift\"", .says = "kind" },
		{ .what = "\"date\":\"2026-11-20\"", .with = "\"date\":\"2026-11-31\"", .says = "date" },
		{ .what = "\"line_id\":\"2\"", .with = "\"line_id\":\"1\"", .says = "sha256" },
		{ .what = "T10:00:00+08:00", .with = "T25:00:00+08:00", .says = "booked_at" },
		{ .what = ",\"count\":2", .with = "", .says = "count" },
	};
	struct arena arena = { 0 };
	struct span good = sample(&arena);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct span text = text_replaced(&arena, good, bad[i].what, bad[i].with);
		struct statement statement;
		struct complaint why;

		assert_true(text.len > 0);
		if (statement_read_json(text, &arena, &statement, &why))
			fail_msg("taken with %s", bad[i].with);
		if (strstr(why.text, bad[i].says) == NULL)
			fail_msg("%s: %s", bad[i].with, why.text);
	}
	arena_release(&arena);
}

/* Another currency is read, so that it can be told, and marked. */
static void another_currency_is_marked(void **state)
{
	struct arena arena = { 0 };
	struct statement statement;
	struct complaint why;
	struct span text = text_replaced(&arena, sample(&arena), "\"closing\":{\"minor\":150100,\"currency\":\"CNY\"",
					 "\"closing\":{\"minor\":150100,\"currency\":\"USD\"");

	(void)state;
	assert_true(statement_read_json(text, &arena, &statement, &why));
	assert_true(statement.foreign);
	arena_release(&arena);
}

/* A day without movement has a statement too. */
static void empty_day(void **state)
{
	struct arena arena = { 0 };
	struct statement statement;
	struct complaint why;

	(void)state;
	assert_true(statement_read_json(
		SPAN("{\"account\":\"main\",\"date\":\"2026-11-20\",\"opening\":{\"minor\":-5,\"currency\":\"CNY\"},"
		     "\"closing\":{\"minor\":-5,\"currency\":\"CNY\"},\"count\":0,\"debits\":{\"minor\":0,"
		     "\"currency\":\"CNY\"},\"credits\":{\"minor\":0,\"currency\":\"CNY\"},\"lines\":[]}"),
		&arena, &statement, &why));
	assert_int_equal(statement.n, 0);
	assert_int_equal(statement.opening, -5);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_read),
		cmocka_unit_test(is_refused),
		cmocka_unit_test(another_currency_is_marked),
		cmocka_unit_test(empty_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
