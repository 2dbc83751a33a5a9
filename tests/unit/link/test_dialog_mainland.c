/*
 * A dialog in CMPP and SMGP: the version that both speak, messages out and their reports, silence for what cannot be
 * stored, and the goodbye behind the last answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/coding.h"
#include "daemon/link/dialog.h"
#include "tests/support/ismg_pdu.h"

#define ZEROES "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define GOOD_1 "\x07\xFC\x11\xB0\x3C\xDE\xEE\x0D\x19\xD8\x2F\x76\x08\xC4\x48\x7F"
#define GOOD_4 "\xFA\x44\x42\xAD\xEB\xE7\xD2\x34\x23\x71\x82\x39\x79\xD6\x46\x03"
#define GOOD_SMGP "\x03\x95\xD2\x40\xFA\x57\x86\x96\x60\xBF\x27\x96\x2E\x90\x3A\x70"
#define ID8 "\x01\x02\x03\x04\x05\x06\x07\xFF"

static struct link_config config = { .name = "carrier", .account = "900001", .password = "888888", .version = "",
					   .service = "HELP", .sender = "106900", .window = 16, .keepalive_s = 180,
					   .answer_s = 60 };

static struct rig {
	struct dialog *dialog;
	uint64_t number;           /* of the last message or report */
	unsigned messages, reports, results;
	char report_id[LINK_ID_MAX];
	enum link_fate fate;
	struct dialog_result result;
	char id[LINK_ID_MAX];
} rig;

static void copy(char *to, struct span from)
{
	assert_true(from.len < LINK_ID_MAX);
	memset(to, 0, LINK_ID_MAX);
	memcpy(to, from.at, from.len);
}

static void on_message(void *ctx, const struct link_message *message, uint64_t number)
{
	(void)ctx;
	(void)message;
	rig.messages++;
	rig.number = number;
}

static void on_report(void *ctx, const struct link_report *report, uint64_t number)
{
	(void)ctx;
	rig.reports++;
	rig.number = number;
	rig.fate = report->fate;
	copy(rig.report_id, report->id);
}

static void on_submitted(void *ctx, void *token, const struct dialog_result *result)
{
	(void)ctx;
	(void)token;
	rig.results++;
	rig.result = *result;
	copy(rig.id, result->id);
}

static void on_up(void *ctx)
{
	(void)ctx;
}

static void begin(const struct link_protocol *protocol, unsigned version)
{
	const struct dialog_env env = { .protocol = protocol, .config = &config, .role = LINK_BOTH, .version = version,
					.message = on_message, .report = on_report, .submitted = on_submitted, .up = on_up };

	rig = (struct rig){ .dialog = dialog_new(&env, 1000, INT64_C(1795341987000)) };
}

static int end(void **state)
{
	(void)state;
	dialog_free(rig.dialog);
	return 0;
}

static struct span out(void)
{
	return buf_span(dialog_out(rig.dialog));
}

static void sent(void)
{
	buf_clear(dialog_out(rig.dialog));
}

static void hear(struct buf *pdu)
{
	dialog_input(rig.dialog, buf_span(pdu), 1000);
	buf_release(pdu);
}

static void hear_answer(uint32_t command, uint32_t sequence, struct span body)
{
	struct buf pdu = { 0 };
	size_t at = ismg_begin(&pdu, command | ISMG_RESPONSE, sequence);

	buf_add_span(&pdu, body);
	ismg_end(&pdu, at);
	hear(&pdu);
}

static void hear_deliver(struct span content, bool report)
{
	const struct ismg_deliver d = { .id = SPAN(ID8), .to = SPAN("106900"), .from = SPAN("13800138000"),
					.is_report = report, .content = content };
	struct buf pdu = { 0 };

	put_cmpp_deliver(CMPP_2_0, 41, &d, &pdu);
	hear(&pdu);
}

/* Logged in at a carrier that knows 2.0 alone. */
static void begin_2_0(void)
{
	begin(&link_cmpp, CMPP_2_0);
	assert_int_equal(out().at[34], 0x20);
	hear_answer(CMPP_CONNECT, 1, SPAN("\0" ZEROES "\x20"));
	assert_int_equal(dialog_state(rig.dialog), DIALOG_UP);
	sent();
}

static void a_version_that_is_too_high(void **state)
{
	(void)state;
	begin(&link_cmpp, 0);
	assert_int_equal(out().at[34], 0x30);
	hear_answer(CMPP_CONNECT, 1, SPAN("\0\0\0\x04" ZEROES "\x20"));
	assert_int_equal(dialog_state(rig.dialog), DIALOG_ENDED);
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_REFUSED);
	assert_false(dialog_hopeless(rig.dialog));
	assert_int_equal(dialog_version(rig.dialog), CMPP_2_0);
}

static void a_wrong_secret_asks_for_the_same_again(void **state)
{
	(void)state;
	begin(&link_cmpp, 0);
	hear_answer(CMPP_CONNECT, 1, SPAN("\0\0\0\x03" ZEROES "\x30"));
	assert_true(dialog_hopeless(rig.dialog));
	assert_int_equal(dialog_version(rig.dialog), 0);
}

/* Of the login at 2026-11-22 18:06:27, worked out elsewhere: over a status of one octet and of four. */
static const struct proof_row {
	const struct link_protocol *protocol;
	const char *digest;
	const char *wanted;
	bool up;
} proof_rows[] = {
	{ &link_cmpp, GOOD_1, "given", true },       { &link_cmpp, GOOD_4, "given", true },
	{ &link_cmpp, GOOD_4, "required", true },    { &link_cmpp, GOOD_4, NULL, true },
	{ &link_cmpp, ZEROES, "given", true },	     { &link_cmpp, ZEROES, NULL, true },
	{ &link_cmpp, ZEROES, "required", false },   { &link_cmpp, ZEROES, "ignored", true },
	{ &link_cmpp, "0123456789abcdef", "given", false },    { &link_cmpp, "0123456789abcdef", "required", false },
	{ &link_cmpp, "0123456789abcdef", "ignored", true },   { &link_cmpp, GOOD_SMGP, "given", false },
	{ &link_smgp, GOOD_SMGP, "required", true }, { &link_smgp, GOOD_4, "given", false },
	{ &link_smgp, ZEROES, "given", true },
};

static void who_takes_our_login_knows_the_secret(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(proof_rows); i++) {
		const struct proof_row *row = &proof_rows[i];
		struct buf body = { 0 };

		config.proof = row->wanted;
		begin(row->protocol, 0);
		ismg_put_zeroes(&body, 4);
		buf_add(&body, row->digest, 16);
		buf_add_byte(&body, 0x30);
		hear_answer(CMPP_CONNECT, 1, buf_span(&body));
		if ((dialog_state(rig.dialog) == DIALOG_UP) != row->up)
			fail_msg("row %zu", i);
		assert_int_equal(dialog_why(rig.dialog), row->up ? DIALOG_WHY_NONE : DIALOG_WHY_UNPROVEN);
		buf_release(&body);
		dialog_free(rig.dialog);
	}
	config.proof = NULL;
	rig.dialog = NULL;
}

static const struct link_submit text = { .to = SPAN_INIT("+8613800138000"), .coding = SMS_UTF16,
					 .octets = SPAN_INIT("\x4F\x60"), .want_report = true };

static void a_message_out_and_its_report(void **state)
{
	(void)state;
	begin_2_0();
	dialog_submit(rig.dialog, &text, NULL, 1000);
	assert_int_equal(ismg_frame(out()), out().len);
	assert_int_equal(out().len, 161);
	sent();
	hear_answer(CMPP_SUBMIT, 2, SPAN(ID8 "\0"));
	assert_int_equal(rig.results, 1);
	assert_true(rig.result.known && rig.result.outcome == LINK_ACCEPTED);
	hear_deliver(SPAN(ID8 "DELIVRD26112218062611221806"), true);
	assert_int_equal(rig.reports, 1);
	assert_int_equal(rig.fate, LINK_DELIVERED);
	assert_string_equal(rig.report_id, rig.id);
	assert_true(dialog_answer(rig.dialog, rig.number, LINK_TAKEN));
	assert_memory_equal(out().at, "\0\0\0\x15\x80\0\0\x05\0\0\0\x29" ID8 "\0", 21);
}

static void too_fast(void **state)
{
	(void)state;
	begin_2_0();
	dialog_submit(rig.dialog, &text, NULL, 1000);
	hear_answer(CMPP_SUBMIT, 2, SPAN(ID8 "\x08"));
	assert_int_equal(rig.result.outcome, LINK_THROTTLED);
	assert_int_equal(rig.result.status, 8);
	assert_int_equal(dialog_state(rig.dialog), DIALOG_UP);
}

static void what_cannot_be_stored_is_not_answered(void **state)
{
	(void)state;
	begin_2_0();
	for (unsigned i = 1; i <= 200; i++) {   /* more than may wait at once */
		hear_deliver(SPAN("hello"), false);
		assert_int_equal(rig.messages, i);
		assert_true(dialog_answer(rig.dialog, rig.number, LINK_AGAIN));
		assert_int_equal(out().len, 0);
	}
	hear_deliver(SPAN("hello"), false);
	assert_true(dialog_answer(rig.dialog, rig.number, LINK_TAKEN));
	assert_int_equal(out().len, 21);
}

static void the_goodbye_waits_for_the_last_answer(void **state)
{
	struct buf pdu = { 0 };

	(void)state;
	begin_2_0();
	hear_deliver(SPAN("hello"), false);
	ismg_put_bare(&pdu, CMPP_TERMINATE, 99);
	hear(&pdu);
	assert_int_equal(out().len, 0);
	assert_true(dialog_answer(rig.dialog, rig.number, LINK_TAKEN));
	assert_int_equal(out().len, 21 + 12);
	assert_memory_equal(out().at + 21, "\0\0\0\x0C\x80\0\0\x02\0\0\0\x63", 12);
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_PEER);
}

static void a_message_that_lies_does_not_end_the_link(void **state)
{
	struct ismg_deliver d = { .id = SPAN(ID8), .content = SPAN("short"), .length = 250 };
	struct buf pdu = { 0 };

	(void)state;
	begin_2_0();
	put_cmpp_deliver(CMPP_2_0, 7, &d, &pdu);
	hear(&pdu);
	assert_memory_equal(out().at, "\0\0\0\x15\x80\0\0\x05\0\0\0\x07" ID8 "\x04", 21);
	assert_int_equal(dialog_state(rig.dialog), DIALOG_UP);
	assert_int_equal(dialog_broken(rig.dialog), 1);
}

static void smgp_out_and_its_report(void **state)
{
	static const char report[] = "id:" ID8 "\x10\x11 sub:001 dlvrd:001 Submit date:2611221806 done date:2611221807 "
				     "stat:EXPIRED err:001 text:";
	const struct ismg_deliver d = { .id = SPAN(ID8 "\x20\x21"), .is_report = 1, .content = SPAN(report) };
	struct buf pdu = { 0 };

	(void)state;
	begin(&link_smgp, 0);
	hear_answer(SMGP_LOGIN, 1, SPAN("\0\0\0\0" ZEROES "\x30"));
	sent();
	dialog_submit(rig.dialog, &text, NULL, 1000);
	assert_int_equal(ismg_frame(out()), out().len);
	sent();
	hear_answer(SMGP_SUBMIT, 2, SPAN(ID8 "\x10\x11\0\0\0\0"));
	assert_true(rig.result.known && rig.result.outcome == LINK_ACCEPTED);
	put_smgp_deliver(5, &d, &pdu);
	hear(&pdu);
	assert_int_equal(rig.fate, LINK_FAILED);
	assert_string_equal(rig.report_id, rig.id);
	assert_true(dialog_answer(rig.dialog, rig.number, LINK_TAKEN));
	assert_memory_equal(out().at + 12, ID8 "\x20\x21\0\0\0\0", 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_version_that_is_too_high, end),
		cmocka_unit_test_teardown(a_wrong_secret_asks_for_the_same_again, end),
		cmocka_unit_test_teardown(who_takes_our_login_knows_the_secret, end),
		cmocka_unit_test_teardown(a_message_out_and_its_report, end),
		cmocka_unit_test_teardown(too_fast, end),
		cmocka_unit_test_teardown(what_cannot_be_stored_is_not_answered, end),
		cmocka_unit_test_teardown(the_goodbye_waits_for_the_last_answer, end),
		cmocka_unit_test_teardown(a_message_that_lies_does_not_end_the_link, end),
		cmocka_unit_test_teardown(smgp_out_and_its_report, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
