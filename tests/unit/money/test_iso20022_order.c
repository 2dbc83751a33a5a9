/*
 * pain.001: valid by the schema of the tests, the same bytes each time, and
 * nothing that it cannot carry whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/iso20022.h"

#include "tests/support/xsd.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const schemas[] = {
	[ISO20022_PAIN_001_09] = "tests/data/xsd/subset-pain.001.001.09.xsd",
	[ISO20022_PAIN_001_03] = "tests/data/xsd/subset-pain.001.001.03.xsd",
};

#define PUBLISHED "build/schemas/pain.001.001.03.xsd"

static struct iso20022_payment payments[2];

static struct iso20022_order sample(enum iso20022_version version)
{
	payments[0] = (struct iso20022_payment){
		.id = SPAN("AAAAAAAAAAAAAAAAAAAAAAAAA1"), .fen = 850000, .remark = SPAN("20261120-7"),
		.payee = { .name = SPAN("\xE6\x9D\x8E\xE5\x9B\x9B & <\xE5\x85\x84>"), .account = SPAN("6217000000001"),
			   .clearing = SPAN("102191000011") } };
	payments[1] = (struct iso20022_payment){
		.id = SPAN("AAAAAAAAAAAAAAAAAAAAAAAAA2"), .fen = 1,
		.payee = { .name = SPAN("Wang"), .iban = SPAN("DE89370400440532013000"), .bic = SPAN("COBADEFFXXX") } };
	return (struct iso20022_order){
		.version = version, .id = SPAN("T20261120-1"), .created_ms = 1763640000000, .initiator = SPAN("Ordos"),
		.payer = { .name = SPAN("Ordos"), .account = SPAN("150600000077"), .bic = SPAN("ICBKCNBJ") },
		.date = "2026-11-20", .payments = payments, .n = 2 };
}

static void is_valid(void **state)
{
	(void)state;
	for (unsigned v = 0; v < 2; v++) {
		struct iso20022_order order = sample((enum iso20022_version)v);
		struct buf one = { 0 }, two = { 0 };
		struct complaint why;

		assert_true(iso20022_write_order(&order, &one, &why) && iso20022_write_order(&order, &two, &why));
		assert_true(span_eq(buf_span(&one), buf_span(&two)));
		if (!xsd_valid(buf_span(&one), schemas[v]))
			fail_msg("not valid: %.*s", (int)one.len, one.at);
		assert_false(xsd_valid(buf_span(&one), schemas[1 - v]));
		assert_true(span_find(buf_span(&one), SPAN("<CtrlSum>8500.01</CtrlSum>")) < one.len);
		assert_true(span_find(buf_span(&one), SPAN("<NbOfTxs>2</NbOfTxs>")) < one.len);
		assert_true(span_find(buf_span(&one), SPAN("Ccy=\"CNY\">0.01<")) < one.len);
		assert_true(span_find(buf_span(&one), SPAN("&amp; &lt;")) < one.len);
		buf_release(&one);
		buf_release(&two);
	}
}

/* Not only by our own reading of the standard; tests/support/schemas fetches the file. */
static void is_valid_by_the_published_schema(void **state)
{
	struct iso20022_order order = sample(ISO20022_PAIN_001_03);
	struct buf text = { 0 };
	struct complaint why;

	(void)state;
	if (access(PUBLISHED, R_OK) != 0) {
		print_message("skipped: no " PUBLISHED "\n");
		skip();
	}
	assert_true(iso20022_write_order(&order, &text, &why));
	if (!xsd_valid(buf_span(&text), PUBLISHED))
		fail_msg("not valid: %.*s", (int)text.len, text.at);
	buf_release(&text);
}

/* Random amounts: what the file says is what was ordered, to the fen. */
static void amounts_come_back(void **state)
{
	(void)state;
	srand(3);
	for (unsigned round = 0; round < 300; round++) {
		struct iso20022_order order = sample(ISO20022_PAIN_001_09);
		struct buf text = { 0 };
		struct complaint why;
		struct span rest;

		payments[0].fen = 1 + (((int64_t)rand() << 20) ^ rand()) % 100000000000000;
		payments[1].fen = 1 + rand() % 1000;
		assert_true(iso20022_write_order(&order, &text, &why));
		rest = buf_span(&text);
		for (unsigned i = 0; i < 2; i++) {
			int64_t fen;

			rest = span_from_offset(rest, span_find(rest, SPAN("Ccy=\"CNY\">")) + 10);
			assert_true(iso20022_read_amount(span_from(rest.at, span_find(rest, SPAN("<"))), &fen));
			assert_int_equal(fen, payments[i].fen);
		}
		buf_release(&text);
	}
}

static void refused(struct iso20022_order *order, const char *says)
{
	struct buf text = { 0 };
	struct complaint why = { .text = "" };

	assert_false(iso20022_write_order(order, &text, &why));
	assert_int_equal(text.len, 0);
	if (strstr(why.text, says) == NULL)
		fail_msg("expected %s: %s", says, why.text);
	buf_release(&text);
}

static void what_it_cannot_carry(void **state)
{
	struct iso20022_order order = sample(ISO20022_PAIN_001_09);

	(void)state;
	payments[0].id = SPAN("123456789012345678901234567890123456");
	refused(&order, "35");
	payments[0].id = payments[1].id;
	refused(&order, "twice");
	order = sample(ISO20022_PAIN_001_09);
	payments[1].fen = 0;
	refused(&order, "amount");
	payments[1].fen = MONEY_MAX;
	refused(&order, "sum");
	order = sample(ISO20022_PAIN_001_09);
	payments[1].payee.iban = SPAN("DE89370400440532013001");
	refused(&order, "account");
	payments[1].payee.iban = SPAN("DE89370400440532013000");
	payments[1].payee.account = SPAN("1");
	refused(&order, "one account");
	order = sample(ISO20022_PAIN_001_09);
	payments[0].payee.name = SPAN("a\nb");
	refused(&order, "name");
	payments[0].payee.name = SPAN("\xff");
	refused(&order, "name");
	payments[0].payee.name = SPAN("");
	refused(&order, "name");
	order = sample(ISO20022_PAIN_001_09);
	order.id = SPAN("a/b");
	refused(&order, "id of the order");
	order = sample(ISO20022_PAIN_001_09);
	order.n = 0;
	refused(&order, "payments");
	order = sample(ISO20022_PAIN_001_09);
	order.payer.bic = SPAN("ICBK1NBJ");
	refused(&order, "bank");
}

/* 140 characters, not bytes. */
static void names_are_counted_in_characters(void **state)
{
	struct iso20022_order order = sample(ISO20022_PAIN_001_09);
	char name[3 * 141 + 1] = "";
	struct buf text = { 0 };
	struct complaint why;

	(void)state;
	for (unsigned i = 0; i < 140; i++)
		strcat(name, "\xE6\x9D\x8E");
	payments[0].payee.name = span_of(name);
	assert_true(iso20022_write_order(&order, &text, &why));
	assert_true(xsd_valid(buf_span(&text), schemas[ISO20022_PAIN_001_09]));
	strcat(name, "\xE6\x9D\x8E");
	payments[0].payee.name = span_of(name);
	refused(&order, "140");
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_valid),
		cmocka_unit_test(is_valid_by_the_published_schema),
		cmocka_unit_test(amounts_come_back),
		cmocka_unit_test(what_it_cannot_carry),
		cmocka_unit_test(names_are_counted_in_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
