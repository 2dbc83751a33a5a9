/*
 * Delivery reports as carriers write them: by parameters, by Appendix B, by what became of it; and texts that are none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/smpp.h"
#include "tests/support/smpp_octets.h"

static const struct link_config config = { .name = "carrier", .coding0 = "gsm7" };
static struct arena arena;

static struct link_event delivered(unsigned esm, unsigned dcs, struct span octets, struct span options)
{
	struct buf body = { 0 }, pdu = { 0 };
	struct link_event event;

	smpp_deliver_to(&body, esm, dcs, octets);
	buf_add_span(&body, options);
	smpp_pdu_to(&pdu, 5, 0, 1, buf_span(&body));
	link_smpp.read(&config, 0, arena_dup(&arena, buf_span(&pdu)), &arena, &event);
	buf_release(&body);
	buf_release(&pdu);
	return event;
}

static void check(struct link_event event, const char *id, enum link_fate fate, bool final)
{
	assert_int_equal(event.kind, LINK_EV_REPORT);
	assert_true(span_is(event.report.id, id));
	assert_int_equal(event.report.fate, fate);
	assert_int_equal(event.report.final, final);
}

static void by_text(void **state)
{
	static const struct {
		const char *text, *id;
		enum link_fate fate;
		bool final;
	} rows[] = {
		{ "id:0123456789 sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:DELIVRD err:000 text:hello",
		  "0123456789", LINK_DELIVERED, true },
		{ "id:4a7f sub:001 stat:EXPIRED err:034 text:", "4a7f", LINK_FAILED, true },
		{ "id:1 stat:UNDELIV err:001", "1", LINK_FAILED, true },
		{ "id:1 stat:REJECTD", "1", LINK_FAILED, true },
		{ "id:1 stat:DELETED", "1", LINK_FAILED, true },
		{ "id:1 stat:ACCEPTD", "1", LINK_BUFFERED, false },
		{ "id:1 stat:ENROUTE", "1", LINK_BUFFERED, false },
		{ "id:1 stat:UNKNOWN", "1", LINK_FATE_UNKNOWN, true },
		{ "id:1 stat:NOSUCH", "1", LINK_FATE_UNKNOWN, false },
		{ "ID: 0AbC-77 STAT: delivered ERR: 0", "0AbC-77", LINK_DELIVERED, true },
		{ "stat=DELIVRD, id=77; err=0", "77", LINK_DELIVERED, true },
		{ "sub:001 msgid:9 id:8 stat:DELIVRD", "8", LINK_DELIVERED, true },
		{ "id:550e8400-e29b-41d4-a716-446655440000 stat:DELIVRD", "550e8400-e29b-41d4-a716-446655440000", LINK_DELIVERED, true },
		{ "id:7 text:id:8 stat:DELIVRD", "7", LINK_FATE_UNKNOWN, false },
		{ "", "", LINK_FATE_UNKNOWN, false },
		{ "id:", "", LINK_FATE_UNKNOWN, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check(delivered(4, 0, span_of(rows[i].text), SPAN("")), rows[i].id, rows[i].fate, rows[i].final);
}

static void in_ucs2_under_any_number(void **state)
{
	const char *text = "id:42 stat:DELIVRD err:000";
	struct buf wide = { 0 };

	(void)state;
	for (const char *c = text; *c != '\0'; c++) {
		buf_add_byte(&wide, 0);
		buf_add_byte(&wide, *c);
	}
	check(delivered(4, 8, buf_span(&wide), SPAN("")), "42", LINK_DELIVERED, true);
	check(delivered(4, 0, buf_span(&wide), SPAN("")), "42", LINK_DELIVERED, true);
	buf_release(&wide);
}

static void parameters_come_first(void **state)
{
	struct buf options = { 0 };

	(void)state;
	smpp_option_to(&options, 0x001E, SPAN("0042\0"));
	smpp_option_to(&options, 0x0427, SPAN("\2"));
	smpp_option_to(&options, 0x0423, SPAN("\3\0\x21"));
	check(delivered(4, 0, SPAN("id:7 stat:UNDELIV"), buf_span(&options)), "0042", LINK_DELIVERED, true);
	check(delivered(4, 0, SPAN(""), buf_span(&options)), "0042", LINK_DELIVERED, true);
	/* Some set no bit. */
	check(delivered(0, 0, SPAN(""), buf_span(&options)), "0042", LINK_DELIVERED, true);
	assert_true(span_is(delivered(4, 0, SPAN(""), buf_span(&options)).report.reason, "DELIV/net3.33"));
	buf_release(&options);
}

static void intermediate_ones_are_not_final(void **state)
{
	(void)state;
	check(delivered(0x20, 0, SPAN("id:1 stat:DELIVRD"), SPAN("")), "1", LINK_DELIVERED, false);
	check(delivered(0x24, 0, SPAN("id:1 stat:ENROUTE"), SPAN("")), "1", LINK_BUFFERED, false);
}

static void a_text_that_looks_like_one_is_a_message(void **state)
{
	(void)state;
	assert_int_equal(delivered(0, 0, SPAN("id:1 stat:DELIVRD"), SPAN("")).kind, LINK_EV_MESSAGE);
	assert_int_equal(delivered(0x40, 0, SPAN("\1\0id:1 stat:DELIVRD"), SPAN("")).kind, LINK_EV_MESSAGE);
}

static void the_reason_holds_no_text(void **state)
{
	struct link_event e = delivered(4, 0, SPAN("id:1 stat:EXPIRED err:034 text:a girl in a van"), SPAN(""));

	(void)state;
	assert_true(span_is(e.report.reason, "EXPIRED/034"));
	e = delivered(4, 0, SPAN("id:1 stat:+8613800138000 err:\"words\""), SPAN(""));
	assert_true(e.report.reason.len == 0 || span_is(e.report.reason, "/"));
}

static void long_ids_are_cut(void **state)
{
	char text[200] = "id:";

	(void)state;
	memset(text + 3, '7', 190);
	assert_int_equal(delivered(4, 0, span_from(text, 193), SPAN("")).report.id.len, LINK_ID_MAX);
}

static int release(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_text),
		cmocka_unit_test(in_ucs2_under_any_number),
		cmocka_unit_test(parameters_come_first),
		cmocka_unit_test(intermediate_ones_are_not_final),
		cmocka_unit_test(a_text_that_looks_like_one_is_a_message),
		cmocka_unit_test(the_reason_holds_no_text),
		cmocka_unit_test(long_ids_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
