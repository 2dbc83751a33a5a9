/*
 * camt.053 and camt.054: every line of a whole file, or nothing and the place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/iso20022.h"

#include "tests/support/text_file.h"
#include "tests/support/xsd.h"

#define SAMPLE "tests/data/iso20022/camt053.xml"

static const struct statement_wish any = { .format = STATEMENT_FORMATS };

static const struct statement_line *line_of(const struct statement *statement, const char *id)
{
	for (size_t i = 0; i < statement->n; i++)
		if (span_is(statement->lines[i].id, id))
			return &statement->lines[i];
	fail_msg("no line %s", id);
	return NULL;
}

static void is_read(void **state)
{
	struct arena arena = { 0 };
	struct span file = text_file(&arena, SAMPLE);
	struct statement statement;
	struct complaint why;

	(void)state;
	assert_true(xsd_valid(file, "tests/data/xsd/subset-camt.053.001.08.xsd"));
	if (!statement_read(file, &any, &arena, &statement, &why))
		fail_msg("line %zu: %s", why.line, why.text);
	assert_true(span_is(statement.account, "150600000077"));
	assert_string_equal(statement.date, "2026-11-20");
	assert_int_equal(statement.sequence, 41);
	assert_int_equal(statement.opening, 10000000);
	assert_int_equal(statement.closing, 8599000);
	assert_int_equal(statement.n, 5);
	assert_int_equal(line_of(&statement, "BK-1-A")->fen, 850000);
	assert_true(span_is(line_of(&statement, "BK-2.1")->instruction, "AAAAAAAAAAAAAAAAAAAAAAAAA2"));
	assert_true(span_is(line_of(&statement, "BK-2.2")->instruction, "AAAAAAAAAAAAAAAAAAAAAAAAA3"));
	assert_int_equal(line_of(&statement, "BK-2.2")->fen, 550000);
	assert_int_equal(line_of(&statement, "BK-3")->kind, STATEMENT_FEE);
	assert_int_equal(line_of(&statement, "BK-4")->kind, STATEMENT_RETURN);
	assert_true(line_of(&statement, "BK-4")->credit);
	arena_release(&arena);
}

static void older_versions(void **state)
{
	struct arena arena = { 0 };
	struct span file = text_replaced(&arena, text_file(&arena, SAMPLE), "camt.053.001.08", "camt.053.001.02");
	struct statement statement;
	struct complaint why;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		file = text_replaced(&arena, file, "<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>");
	file = text_replaced(&arena, file, "<Sts><Cd>PDNG</Cd></Sts>", "<Sts>PDNG</Sts>");
	file = text_replaced(&arena, file, "</Refs><Amt Ccy=\"CNY\">5500</Amt>",
			     "</Refs><AmtDtls><TxAmt><Amt Ccy=\"CNY\">5500</Amt></TxAmt></AmtDtls>");
	if (!iso20022_read_statement(file, &arena, &statement, &why))
		fail_msg("line %zu: %s", why.line, why.text);
	assert_int_equal(statement.n, 5);
	arena_release(&arena);
}

static void is_refused(void **state)
{
	static const struct {
		const char *what, *with, *says;
	} bad[] = {
		{ .what = "<Amt Ccy=\"CNY\">85990<", .with = "<Amt Ccy=\"CNY\">85990.01<", .says = "closing" },
		{ .what = "<Sum>24010.00", .with = "<Sum>24010.01", .says = "sum" },
		{ .what = "<NbOfNtries>4", .with = "<NbOfNtries>5", .says = "count" },
		{ .what = "<Sum>19010", .with = "<Sum>19011", .says = "sum" },
		{ .what = "<Amt Ccy=\"CNY\">5500<", .with = "<Amt Ccy=\"CNY\">5500.01<", .says = "details" },
		{ .what = "<TtlAmt Ccy=\"CNY\">10500<", .with = "<TtlAmt Ccy=\"CNY\">10501<", .says = "sum" },
		{ .what = "<NbOfTxs>2<", .with = "<NbOfTxs>3<", .says = "count" },
		{ .what = "<LastPgInd>true", .with = "<LastPgInd>false", .says = "pages" },
		{ .what = "<PgNb>1", .with = "<PgNb>2", .says = "page" },
		{ .what = "8500.00", .with = "8500.005", .says = "decimals" },
		{ .what = "8500.00", .with = "-8500.00", .says = "decimals" },
		{ .what = "8500.00", .with = "8.5E3", .says = "decimals" },
		{ .what = "8500.00", .with = "+8500.00", .says = "decimals" },
		{ .what = "<CdtDbtInd>DBIT</CdtDbtInd>", .with = "", .says = "missing" },
		{ .what = "<CdtDbtInd>DBIT</CdtDbtInd>", .with = "<CdtDbtInd>OUT</CdtDbtInd>", .says = "CRDT" },
		{ .what = "<Cd>CLBD</Cd>", .with = "<Cd>CLAV</Cd>", .says = "Bal" },
		{ .what = "</Stmt>", .with = "</Stmt><Stmt></Stmt>", .says = "more than one" },
		{ .what = "<NtryRef>1</NtryRef>", .with = "<NtryRef>1</NtryRef><NtryRef>2</NtryRef>", .says = "twice" },
		{ .what = "<Othr><Id>150600000077</Id></Othr>", .with = "", .says = "account" },
		{ .what = "<ElctrncSeqNb>41", .with = "<ElctrncSeqNb>x", .says = "number" },
		{ .what = "camt.053.001.08", .with = "camt.053.001.99", .says = "namespace" },
		{ .what = "<BookgDt><Dt>2026-11-20", .with = "<BookgDt><Dt>2026-11-32", .says = "date" },
	};
	struct arena arena = { 0 };
	struct span good = text_file(&arena, SAMPLE);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct span text = text_replaced(&arena, good, bad[i].what, bad[i].with);
		struct statement statement;
		struct complaint why;

		assert_true(text.len > 0);
		if (iso20022_read_statement(text, &arena, &statement, &why))
			fail_msg("taken with %s", bad[i].with);
		if (strstr(why.text, bad[i].says) == NULL)
			fail_msg("%s: %s", bad[i].with, why.text);
	}
	arena_release(&arena);
}

static void errors_name_the_place(void **state)
{
	struct arena arena = { 0 };
	struct span text = text_replaced(&arena, text_file(&arena, SAMPLE), "8500.00", "8500.001");
	struct statement statement;
	struct complaint why;

	(void)state;
	assert_false(iso20022_read_statement(text, &arena, &statement, &why));
	assert_int_equal(why.line, 29);
	assert_non_null(strstr(why.text, "element Amt"));
	arena_release(&arena);
}

static void another_currency_is_marked(void **state)
{
	struct arena arena = { 0 };
	struct statement statement;
	struct complaint why;

	(void)state;
	assert_true(iso20022_read_statement(text_replaced(&arena, text_file(&arena, SAMPLE), "Ccy=\"CNY\">8500.00",
							  "Ccy=\"USD\">8500.00"),
					    &arena, &statement, &why));
	assert_true(statement.foreign);
	arena_release(&arena);
}

static void a_notice(void **state)
{
	struct arena arena = { 0 };
	struct span file = text_file(&arena, "tests/data/iso20022/camt054.xml");
	struct iso20022_notice notice;
	struct statement statement;
	struct complaint why;

	(void)state;
	assert_true(xsd_valid(file, "tests/data/xsd/subset-camt.054.001.08.xsd"));
	if (!iso20022_read_notice(file, &arena, &notice, &why))
		fail_msg("%s", why.text);
	assert_true(span_is(notice.account, "DE89370400440532013000") && notice.n == 1);
	assert_true(notice.lines[0].credit && notice.lines[0].kind == STATEMENT_RETURN && notice.lines[0].fen == 500000);
	/* It is no statement. */
	assert_false(iso20022_read_statement(file, &arena, &statement, &why));
	arena_release(&arena);
}

static void amounts(void **state)
{
	static const char *const bad[] = { "", ".", ".5", "1.", "1.001", "-1", "+1", "1e3", " 1", "`1", "1,00", "10000000000000000" };
	int64_t fen;

	(void)state;
	assert_true(iso20022_read_amount(SPAN("8500.50000"), &fen) && fen == 850050);
	assert_true(iso20022_read_amount(SPAN("0.05"), &fen) && fen == 5);
	assert_true(iso20022_read_amount(SPAN("100"), &fen) && fen == 10000);
	assert_true(iso20022_read_amount(SPAN("0"), &fen) && fen == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (iso20022_read_amount(span_of(bad[i]), &fen))
			fail_msg("taken: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_read),
		cmocka_unit_test(older_versions),
		cmocka_unit_test(is_refused),
		cmocka_unit_test(errors_name_the_place),
		cmocka_unit_test(another_currency_is_marked),
		cmocka_unit_test(a_notice),
		cmocka_unit_test(amounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
