/*
 * Exports: the same bytes when repeated, a whole file when empty, cells that
 * no spreadsheet takes for something else, and a trailer that the checker holds
 * against the records.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/money_check.h"
#include "daemon/cli/money_export.h"
#include "tests/support/money_journal.h"

#include <stdio.h>

static struct journal good;
static const unsigned char seed[crypto_sign_SEEDBYTES] = "a seed that tests alone sign wit";

static int set_up(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 9000000);
	money_paid(&m, "A");
	money_must(&m, "cai", "budget.fee", MONEY_LEDGER, "fen", "5", "account", "bank:main", "reason", "=1+1, \"x\"");
	journal_of(&good, &m);
	money_book_release(&m);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	journal_release(&good);
	return 0;
}

static void make(struct money_export *export, const char *format, const struct money_filter *filter,
		 const unsigned char *key)
{
	struct money_filter all = { 0 };
	struct complaint why = { .text = "" };

	money_export_begin(export, money_format_find(span_of(format)), filter != NULL ? filter : &all, false);
	for (size_t i = 0; i < good.n; i++)
		assert_true(money_export_record(export, span_of(good.lines[i]), &why));
	money_export_end(export, key);
}

static bool holds(const struct money_export *export, const char *text)
{
	return span_find(buf_span(&export->out), span_of(text)) < export->out.len;
}

static void the_same_bytes_again(void **state)
{
	static const char *const formats[] = { "jsonl", "csv", "hledger" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct money_export one, two;

		make(&one, formats[i], NULL, seed);
		make(&two, formats[i], NULL, seed);
		assert_true(span_eq(buf_span(&one.out), buf_span(&two.out)));
		assert_true(span_eq(buf_span(&one.trailer), buf_span(&two.trailer)));
		assert_int_equal(one.count, good.n);
		money_export_release(&one);
		money_export_release(&two);
	}
}

static struct money_check *checked(struct span text, const unsigned char *signer)
{
	struct money_check *check = money_check_new();
	struct span rest = text, line;

	if (signer != NULL)
		money_check_signer(check, signer);
	while (span_cut(&rest, '\n', &line) && !span_empty(line))
		if (!money_check_line(check, line))
			break;
	money_check_end(check);
	return check;
}

static bool trailer_fits(struct span text, const unsigned char *signer)
{
	struct money_check *check = checked(text, signer);
	const struct money_finding *sums = money_check_finding(check, MONEY_I16_SUMS);
	bool well = sums->looked_at && money_check_well(check);

	money_check_free(check);
	return well;
}

static void the_trailer_is_held_against_the_records(void **state)
{
	unsigned char public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	static const char *const members[] = { "\"count\":\"", "\"first\":\"", "\"last\":\"", "\"head\":\"", "\"fin\":\"",
					       "\"bgt\":\"", "\"sha256\":\"", "\"signer\":\"", "\"signature\":\"",
					       "\"filter\":\"" };
	struct money_export export;

	(void)state;
	crypto_sign_seed_keypair(public_key, secret, seed);
	make(&export, "jsonl", NULL, seed);
	assert_true(trailer_fits(buf_span(&export.out), NULL));
	assert_true(trailer_fits(buf_span(&export.out), public_key));
	public_key[0] ^= 1;
	assert_false(trailer_fits(buf_span(&export.out), public_key));
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		char *at = strstr(export.out.at, members[i]) + strlen(members[i]);
		char was = *at;

		*at = was == '1' ? '2' : '1';
		assert_false(trailer_fits(buf_span(&export.out), NULL));
		*at = was;
	}
	money_export_release(&export);
}

static void unsigned_is_not_enough_for_a_signer(void **state)
{
	unsigned char public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	struct money_export export;

	(void)state;
	crypto_sign_seed_keypair(public_key, secret, seed);
	make(&export, "jsonl", NULL, NULL);
	assert_true(trailer_fits(buf_span(&export.out), NULL));
	assert_false(trailer_fits(buf_span(&export.out), public_key));
	money_export_release(&export);
}

static void an_empty_result_is_a_whole_file(void **state)
{
	struct money_filter none = { .kind = SPAN("no.such.kind") };
	struct money_export export;

	(void)state;
	make(&export, "jsonl", &none, seed);
	assert_int_equal(export.count, 0);
	assert_true(money_trailer_begins(buf_span(&export.out)));
	assert_true(holds(&export, "\"filter\":\"kind=no.such.kind\",\"count\":\"0\",\"first\":\"0\""));
	assert_true(holds(&export, "\"signature\":\""));
	money_export_release(&export);
	make(&export, "csv", &none, seed);
	assert_true(span_starts(buf_span(&export.out), SPAN("seq,time,kind,")));
	assert_int_equal(span_find(buf_span(&export.out), SPAN("\n")) + 1, export.out.len);
	money_export_release(&export);
}

/* A part of a journal says that it is one. */
static void a_part_is_not_the_whole(void **state)
{
	struct money_filter part = { .to = 5 };
	struct money_export export;

	(void)state;
	make(&export, "jsonl", &part, NULL);
	assert_int_equal(export.count, 5);
	assert_false(trailer_fits(buf_span(&export.out), NULL));
	money_export_release(&export);
}

/* --- csv ------------------------------------------------------------------------------------ */

static void cells_are_only_cells(void **state)
{
	static const struct {
		const char *person, *cell;
	} rows[] = {
		{ "p-cai", ",p-cai," },
		{ "=1+1", ",\"'=1+1\"," },
		{ "+86", ",\"'+86\"," },
		{ "-1", ",\"'-1\"," },
		{ "@x", ",\"'@x\"," },
		{ "\\tx", ",\"'\tx\"," },
		{ "\\rx", ",\"'\rx\"," },
		{ "\xEF\xBC\x9D" "1", ",\"'\xEF\xBC\x9D" "1\"," },
		{ "123456789012345678", ",\"'123456789012345678\"," },
		{ "007", ",\"'007\"," },
		{ "12e5", ",\"'12e5\"," },
		{ "12e5f", ",12e5f," },
		{ "12", ",12," },
		{ "a,b", ",\"a,b\"," },
		{ "a\\\"b", ",\"a\"\"b\"," },
		{ "a\\nb", ",\"a\nb\"," },
	};
	size_t seq = journal_find(&good, "\"kind\":\"budget.fee\"", 1);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct money_filter filter = { 0 };
		struct money_export export;
		struct complaint why = { .text = "" };
		struct journal j = { .n = 1 };
		char to[64];

		j.lines[0] = strdup(good.lines[seq - 1]);
		snprintf(to, sizeof(to), "\"person\":\"%s\"", rows[i].person);
		journal_replace_once(&j, 1, "\"person\":\"p-cai\"", to);
		journal_chain(&j, 1);
		money_export_begin(&export, &money_format_csv, &filter, true);
		assert_true(money_export_record(&export, span_of(j.lines[0]), &why));
		assert_true(span_starts(buf_span(&export.out), SPAN("\xEF\xBB\xBF" "seq,")));
		if (!holds(&export, rows[i].cell))
			fprintf(stderr, "%s: %.*s\n", rows[i].cell, (int)export.out.len, export.out.at);
		assert_true(holds(&export, rows[i].cell));
		assert_true(holds(&export, ",5020,fees,,Dr,5,0.05\r\n"));
		money_export_release(&export);
		journal_release(&j);
	}
}

/* --- hledger ----------------------------------------------------------------------------------- */

static void balances_are_asserted(void **state)
{
	struct money_export export;

	(void)state;
	make(&export, "hledger", NULL, NULL);
	assert_true(holds(&export, "account FIN:" MONEY_LEDGER ":1010 bank:main\n"));
	assert_true(holds(&export, "  -8500.00 CNY = 81500.00 CNY\n"));
	assert_true(holds(&export, "  -0.05 CNY = 81499.95 CNY\n"));
	assert_true(holds(&export, "2026-03-02 * ("));
	money_export_release(&export);
}

static void a_falsified_record_is_not_exported(void **state)
{
	struct money_filter all = { 0 };
	struct money_export export;
	struct complaint why = { .text = "" };
	struct journal j = { .n = 1 };

	(void)state;
	j.lines[0] = strdup(good.lines[16]);
	journal_replace(&j, 1, "9000000", "9000001");
	money_export_begin(&export, &money_format_csv, &all, false);
	assert_false(money_export_record(&export, span_of(j.lines[0]), &why));
	money_export_release(&export);
	journal_release(&j);
}

static void times_are_those_of_china(void **state)
{
	char text[MONEY_DATE_MAX];

	(void)state;
	assert_string_equal(money_export_time(0, text), "1970-01-01T08:00:00.000+08:00");
	assert_string_equal(money_export_time(INT64_C(1709222399999), text), "2024-02-29T23:59:59.999+08:00");
	assert_string_equal(money_export_date(INT64_C(1709222400000), text), "2024-03-01");
	assert_string_equal(money_export_date(INT64_C(1767196800000), text), "2026-01-01");
	assert_string_equal(money_export_date(INT64_C(4107513600000), text), "2100-03-01");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_bytes_again),
		cmocka_unit_test(the_trailer_is_held_against_the_records),
		cmocka_unit_test(unsigned_is_not_enough_for_a_signer),
		cmocka_unit_test(an_empty_result_is_a_whole_file),
		cmocka_unit_test(a_part_is_not_the_whole),
		cmocka_unit_test(cells_are_only_cells),
		cmocka_unit_test(balances_are_asserted),
		cmocka_unit_test(a_falsified_record_is_not_exported),
		cmocka_unit_test(times_are_those_of_china),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
