/*
 * What a provider answered as a statement: of the account and day that was
 * asked for, sealed where it has to be, in our currency, or not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "handlers/payout/rail_hash.h"
#include "handlers/payout/rail_statement.h"

static struct arena arena;

/* A day without movement. */
static struct span file(const char *account, const char *currency, bool sealed)
{
	unsigned char hash[RAIL_HASH_BYTES];
	const char *amount = arena_printf(&arena, "{\"minor\":0,\"currency\":\"%s\"}", currency);

	rail_hash(SPAN("[]"), hash);
	return span_of(arena_printf(&arena,
				    "{\"account\":\"%s\",\"date\":\"2026-11-20\",\"count\":0,\"lines\":[],\"opening\":%s,"
				    "\"closing\":%s,\"debits\":%s,\"credits\":%s%s%s%s}",
				    account, amount, amount, amount, amount, sealed ? ",\"sha256\":\"" : "",
				    sealed ? hex_text(&arena, hash, sizeof(hash)) : "", sealed ? "\"" : ""));
}

static void whole_or_refused(void **state)
{
	const struct statement_wish wish = { .format = STATEMENT_JSON, .sealed = true, .account = SPAN("main"),
					     .date = SPAN("2026-11-20") };
	const struct {
		struct span file;
		enum rail_read is;
	} cases[] = {
		{ .file = file("main", "CNY", true), .is = RAIL_WHOLE },
		{ .file = file("main", "CNY", false), .is = RAIL_REFUSED },
		{ .file = file("other", "CNY", true), .is = RAIL_REFUSED },
		{ .file = file("main", "USD", true), .is = RAIL_REFUSED },
		{ .file = SPAN("{}"), .is = RAIL_REFUSED },
	};
	struct statement out;
	struct complaint why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		why = (struct complaint){ .text = "" };
		assert_int_equal(rail_statement_read(cases[i].file, &wish, &arena, &out, &why), cases[i].is);
		assert_true((why.text[0] == '\0') == (cases[i].is == RAIL_WHOLE));
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
