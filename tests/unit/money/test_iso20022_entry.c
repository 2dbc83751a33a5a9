/*
 * Entries: one line without details, a line a detail with them, and never more or less money than the entry.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/iso20022.h"

#define BALANCE(code, amount)                                                                                          \
	"<Bal><Tp><CdOrPrtry><Cd>" code "</Cd></CdOrPrtry></Tp><Amt Ccy='CNY'>" amount                                 \
	"</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>"
#define NTRY(inside)                                                                                                   \
	"<Ntry><Amt Ccy='CNY'>10</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>"                                      \
	"<AcctSvcrRef>B</AcctSvcrRef>" inside "</Ntry>"

static struct arena arena;
static struct statement statement;
static struct complaint why;

static bool read(const char *entries, const char *closing)
{
	const char *text = arena_printf(
		&arena,
		"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'><BkToCstmrStmt><Stmt>"
		"<Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>" BALANCE("OPBD", "100") BALANCE("CLBD", "%s")
		"%s</Stmt></BkToCstmrStmt></Document>",
		closing, entries);

	return iso20022_read_statement(span_of(text), &arena, &statement, &why);
}

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void one_line(void **state)
{
	(void)state;
	assert_true(read(NTRY(""), "90"));
	assert_int_equal(statement.n, 1);
	assert_true(span_is(statement.lines[0].id, "B") && span_is(statement.lines[0].reference, "B"));
	assert_string_equal(statement.lines[0].booked, "2026-11-20");
	/* A batch that names none of its payments is one line. */
	assert_true(read(NTRY("<NtryDtls><Btch><NbOfTxs>7</NbOfTxs></Btch></NtryDtls>"), "90"));
	assert_int_equal(statement.n, 1);
	assert_true(read("", "100"));
	assert_int_equal(statement.n, 0);
}

static void a_line_a_detail(void **state)
{
	(void)state;
	assert_true(read(NTRY("<NtryDtls><TxDtls><Refs><EndToEndId>X</EndToEndId></Refs><Amt Ccy='CNY'>4</Amt></TxDtls></NtryDtls>"
			      "<NtryDtls><TxDtls><Amt Ccy='CNY'>6</Amt></TxDtls></NtryDtls>"), "90"));
	assert_int_equal(statement.n, 2);
	assert_int_equal(statement.lines[0].fen + statement.lines[1].fen, 1000);
	assert_true(read(NTRY("<NtryDtls><TxDtls/></NtryDtls>"), "90"));
	assert_int_equal(statement.lines[0].fen, 1000);
}

static void what_does_not_agree(void **state)
{
	(void)state;
	assert_false(read(NTRY("<NtryDtls><TxDtls/><TxDtls/></NtryDtls>"), "90"));
	assert_non_null(strstr(why.text, "no amount"));
	assert_false(read(NTRY("<NtryDtls><TxDtls><Amt Ccy='CNY'>9</Amt></TxDtls></NtryDtls>"), "90"));
	assert_false(read(NTRY("<NtryDtls><TxDtls><CdtDbtInd>CRDT</CdtDbtInd></TxDtls></NtryDtls>"), "90"));
	assert_non_null(strstr(why.text, "other way"));
	assert_false(read(NTRY("<NtryDtls><TxDtls><Amt Ccy='CNY'>10</Amt><AmtDtls><TxAmt><Amt Ccy='CNY'>9</Amt></TxAmt></AmtDtls>"
			       "</TxDtls></NtryDtls>"), "90"));
	assert_false(read(NTRY("") NTRY(""), "80"));   /* the same reference twice */
	assert_false(read("<Ntry><Amt Ccy='CNY'>0</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts></Ntry>", "100"));
}

static void kinds(void **state)
{
	(void)state;
	assert_true(read("<Ntry><Amt Ccy='CNY'>10</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd><Sts>BOOK</Sts></Ntry>",
			 "110"));
	assert_int_equal(statement.lines[0].kind, STATEMENT_RETURN);
	assert_true(read("<Ntry><Amt Ccy='CNY'>10</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>", "110"));
	assert_int_equal(statement.lines[0].kind, STATEMENT_OTHER);
	assert_true(span_is(statement.lines[0].id, "entry-1"));
	/* What is only announced is in no balance. */
	assert_true(read("<Ntry><Amt Ccy='CNY'>10</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>PDNG</Sts></Ntry>", "100"));
	assert_int_equal(statement.n, 0);
	assert_false(read("<Ntry><Amt Ccy='CNY'>10</Amt><CdtDbtInd>DBIT</CdtDbtInd></Ntry>", "90"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_line, begin, end),
		cmocka_unit_test_setup_teardown(a_line_a_detail, begin, end),
		cmocka_unit_test_setup_teardown(what_does_not_agree, begin, end),
		cmocka_unit_test_setup_teardown(kinds, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
