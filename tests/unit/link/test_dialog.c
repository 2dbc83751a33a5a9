/*
 * One connection's talk on virtual time, with a peer that is octets alone: windows both ways, answers that are given
 * late or in any order, keepalives, goodbyes of either side, and ends in the middle of all that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/sms/coding.h"
#include "daemon/link/dialog.h"
#include "tests/support/smpp_octets.h"

#define MANY 1000

static const struct link_config config = { .name = "carrier", .protocol = "smpp", .account = "tip", .password = "secret",
					   .system_type = "", .service = "", .sender = "106900", .coding0 = "gsm7",
					   .window = 10, .keepalive_s = 30, .answer_s = 20 };

struct rig {
	struct dialog *dialog;
	uint64_t now_ms;
	bool up;
	uint64_t numbers[MANY];
	size_t nmessages, nreports;
	enum link_answer *answer_at_once;
	struct {
		bool known;
		enum link_outcome outcome;
		char id[32];
	} results[MANY];      /* by token */
	unsigned nresults[MANY];
	uint32_t sequence;    /* of the peer's */
};

static struct rig rig;

static void on_message(void *ctx, const struct link_message *message, uint64_t number)
{
	struct rig *r = ctx;

	assert_true(span_is(message->from, "+8613800138000"));
	r->numbers[r->nmessages++] = number;
	if (r->answer_at_once != NULL)
		assert_true(dialog_answer(r->dialog, number, *r->answer_at_once));
}

static void on_report(void *ctx, const struct link_report *report, uint64_t number)
{
	struct rig *r = ctx;

	assert_true(span_is(report->id, "77"));
	r->numbers[r->nmessages + r->nreports++] = number;
}

static void on_submitted(void *ctx, void *token, const struct dialog_result *result)
{
	struct rig *r = ctx;
	size_t i = (size_t)(uintptr_t)token;

	r->nresults[i]++;
	r->results[i].known = result->known;
	r->results[i].outcome = result->outcome;
	assert_true(result->id.len < sizeof(r->results[i].id));
	memset(r->results[i].id, 0, sizeof(r->results[i].id));
	if (result->id.len > 0)
		memcpy(r->results[i].id, result->id.at, result->id.len);
}

static void on_up(void *ctx)
{
	struct rig *r = ctx;

	r->up = true;
}

static void peer_says(uint32_t command, uint32_t status, uint32_t sequence, struct span body)
{
	struct buf pdu = { 0 };

	smpp_pdu_to(&pdu, command, status, sequence, body);
	dialog_input(rig.dialog, buf_span(&pdu), rig.now_ms);
	buf_release(&pdu);
}

static void add_deliver(struct buf *out)
{
	struct buf body = { 0 };

	smpp_deliver_to(&body, 0, 0, SPAN("a text"));
	smpp_pdu_to(out, 5, 0, ++rig.sequence, buf_span(&body));
	buf_release(&body);
}

static void peer_delivers(unsigned n)
{
	struct buf out = { 0 };

	while (n-- > 0)
		add_deliver(&out);
	dialog_input(rig.dialog, buf_span(&out), rig.now_ms);
	buf_release(&out);
}

/* The next PDU that was sent: command, status, sequence. False: there is none. */
struct said {
	uint32_t command, status, sequence;
};

static bool next_said(struct said *said)
{
	struct buf *out = dialog_out(rig.dialog);
	size_t len = link_protocol_find("smpp")->frame(buf_span(out));

	if (len == 0)
		return false;
	said->command = smpp_number_of(buf_span(out), 4);
	said->status = smpp_number_of(buf_span(out), 8);
	said->sequence = smpp_number_of(buf_span(out), 12);
	buf_drop(out, len);
	return true;
}

static void expect_said(uint32_t command, uint32_t status)
{
	struct said said;

	assert_true(next_said(&said));
	assert_int_equal(said.command, command);
	assert_int_equal(said.status, status);
}

static void expect_silence(void)
{
	assert_int_equal(dialog_out(rig.dialog)->len, 0);
}

static void open_as(enum link_role role)
{
	const struct dialog_env env = { .protocol = link_protocol_find("smpp"), .config = &config, .role = role, .message = on_message,
					.report = on_report, .submitted = on_submitted, .up = on_up, .ctx = &rig };

	rig = (struct rig){ .now_ms = 1000000 };
	rig.dialog = dialog_new(&env, rig.now_ms, 0);
}

static void log_in(void)
{
	struct said said;

	open_as(LINK_BOTH);
	assert_true(next_said(&said));
	assert_int_equal(said.command, 9);
	peer_says(0x80000009, 0, said.sequence, SPAN("smsc\0"));
	assert_true(rig.up);
	assert_int_equal(dialog_state(rig.dialog), DIALOG_UP);
}

static void hang_up(void)
{
	dialog_free(rig.dialog);
	rig.dialog = NULL;
}

static void pass(unsigned ms)
{
	for (unsigned i = 0; i < ms; i += 250) {
		rig.now_ms += 250;
		dialog_tick(rig.dialog, rig.now_ms);
	}
}

static void submit(size_t token)
{
	const struct link_submit one = { .to = SPAN("+8613800138000"), .coding = SMS_GSM7, .octets = SPAN("answer") };

	assert_true(dialog_has_room(rig.dialog));
	dialog_submit(rig.dialog, &one, (void *)(uintptr_t)token, rig.now_ms);
}

/* --- in ----------------------------------------------------------------------------- */

static void a_message_is_answered_when_told_so(void **state)
{
	struct said said;

	(void)state;
	log_in();
	peer_delivers(3);
	assert_int_equal(rig.nmessages, 3);
	expect_silence();
	assert_true(dialog_answer(rig.dialog, rig.numbers[2], LINK_AGAIN));
	assert_true(dialog_answer(rig.dialog, rig.numbers[0], LINK_TAKEN));
	assert_true(next_said(&said));
	assert_true(said.command == 0x80000005 && said.status == 0x64 && said.sequence == 3);
	assert_true(next_said(&said));
	assert_true(said.command == 0x80000005 && said.status == 0 && said.sequence == 1);
	assert_false(dialog_answer(rig.dialog, rig.numbers[0], LINK_TAKEN));
	assert_false(dialog_answer(rig.dialog, 4711, LINK_TAKEN));
	expect_silence();
	assert_int_equal(dialog_open(rig.dialog), 1);
	hang_up();
}

static void it_may_be_answered_from_within(void **state)
{
	enum link_answer taken = LINK_TAKEN;

	(void)state;
	log_in();
	rig.answer_at_once = &taken;
	peer_delivers(500);
	assert_int_equal(rig.nmessages, 500);
	for (int i = 0; i < 500; i++)
		expect_said(0x80000005, 0);
	expect_silence();
	hang_up();
}

static void one_octet_at_a_time(void **state)
{
	struct buf out = { 0 };

	(void)state;
	log_in();
	for (int i = 0; i < 5; i++)
		add_deliver(&out);
	for (size_t i = 0; i < out.len; i++)
		dialog_input(rig.dialog, span_from(out.at + i, 1), rig.now_ms);
	assert_int_equal(rig.nmessages, 5);
	buf_release(&out);
	hang_up();
}

static void too_many_without_an_answer_wait(void **state)
{
	(void)state;
	log_in();
	peer_delivers(200);
	assert_int_equal(rig.nmessages, 64);
	assert_false(dialog_wants_input(rig.dialog));
	for (size_t i = 0; i < 200; i++) {
		assert_true(dialog_answer(rig.dialog, rig.numbers[i], LINK_TAKEN));
		dialog_input(rig.dialog, (struct span){ 0 }, rig.now_ms);
	}
	assert_int_equal(rig.nmessages, 200);
	assert_true(dialog_wants_input(rig.dialog));
	hang_up();
}

static void answers_that_nobody_reads_stop_the_reading(void **state)
{
	(void)state;
	log_in();
	for (int i = 0; i < 100000 && dialog_wants_input(rig.dialog); i++)
		peer_says(0x15, 0, 5, SPAN(""));
	assert_false(dialog_wants_input(rig.dialog));
	assert_true(dialog_out(rig.dialog)->len < 300 * 1024);
	/* And a peer that never reads is given up. */
	pass(70000);
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_SILENT);
	hang_up();
}

static void reports_are_told_apart(void **state)
{
	struct buf body = { 0 };

	(void)state;
	log_in();
	smpp_deliver_to(&body, 4, 0, SPAN("id:77 stat:DELIVRD"));
	peer_says(5, 0, 9, buf_span(&body));
	assert_int_equal(rig.nreports, 1);
	assert_int_equal(rig.nmessages, 0);
	assert_true(dialog_answer(rig.dialog, rig.numbers[0], LINK_TAKEN));
	expect_said(0x80000005, 0);
	buf_release(&body);
	hang_up();
}

/* --- out ---------------------------------------------------------------------------- */

static void the_window_is_held(void **state)
{
	struct said said;
	uint32_t sequences[10];

	(void)state;
	log_in();
	for (size_t i = 0; i < 10; i++) {
		submit(i);
		assert_true(next_said(&said));
		sequences[i] = said.sequence;
	}
	assert_false(dialog_has_room(rig.dialog));
	peer_says(0x80000004, 0, sequences[7], SPAN("4a7f\0"));
	assert_true(dialog_has_room(rig.dialog));
	assert_true(rig.results[7].known && rig.results[7].outcome == LINK_ACCEPTED);
	assert_string_equal(rig.results[7].id, "4a7f");
	peer_says(0x80000004, 0x58, sequences[0], SPAN(""));
	assert_int_equal(rig.results[0].outcome, LINK_THROTTLED);
	peer_says(0x80000004, 0x0B, sequences[1], SPAN(""));
	assert_int_equal(rig.results[1].outcome, LINK_REFUSED);
	peer_says(0x80000000, 3, sequences[2], SPAN(""));
	assert_int_equal(rig.results[2].outcome, LINK_REFUSED);
	/* The same answer again, and one to nothing. */
	peer_says(0x80000004, 0, sequences[7], SPAN("4a7f\0"));
	peer_says(0x80000004, 0, 99999, SPAN("x\0"));
	assert_int_equal(rig.nresults[7], 1);
	hang_up();
}

static void an_answer_that_never_comes(void **state)
{
	struct said said;

	(void)state;
	log_in();
	submit(1);
	assert_true(next_said(&said));
	pass(19000);
	assert_int_equal(rig.nresults[1], 0);
	pass(2000);
	assert_int_equal(rig.nresults[1], 1);
	assert_false(rig.results[1].known);
	/* Late, and of no use to anybody else. */
	submit(2);
	peer_says(0x80000004, 0, said.sequence, SPAN("late\0"));
	assert_int_equal(rig.nresults[1], 1);
	assert_int_equal(rig.nresults[2], 0);
	assert_int_equal(dialog_state(rig.dialog), DIALOG_UP);
	hang_up();
}

static void what_is_open_when_the_connection_goes_is_unknown(void **state)
{
	(void)state;
	log_in();
	for (size_t i = 0; i < 5; i++)
		submit(i);
	peer_delivers(2);
	dialog_lost(rig.dialog);
	for (size_t i = 0; i < 5; i++)
		assert_true(rig.nresults[i] == 1 && !rig.results[i].known);
	assert_false(dialog_answer(rig.dialog, rig.numbers[0], LINK_TAKEN));
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_LOST);
	assert_false(dialog_has_room(rig.dialog));
	hang_up();
}

static void a_carrier_that_forgot_our_login(void **state)
{
	struct said said;

	(void)state;
	log_in();
	submit(1);
	submit(2);
	assert_true(next_said(&said));
	peer_says(0x80000004, 4, said.sequence, SPAN(""));
	assert_true(rig.results[1].known && rig.results[1].outcome == LINK_BAD);
	assert_true(rig.nresults[2] == 1 && !rig.results[2].known);
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_BAD);
	hang_up();
}

static void a_receiver_sends_nothing(void **state)
{
	struct said said;

	(void)state;
	open_as(LINK_IN);
	assert_true(next_said(&said));
	assert_int_equal(said.command, 1);
	peer_says(0x80000001, 0, said.sequence, SPAN("smsc\0"));
	assert_true(rig.up && !dialog_has_room(rig.dialog));
	hang_up();
}

/* --- login, life, goodbye -------------------------------------------------------------- */

static void a_refused_login(void **state)
{
	(void)state;
	open_as(LINK_BOTH);
	peer_says(0x80000009, 0x0D, 1, SPAN(""));
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_REFUSED);
	assert_int_equal(dialog_status(rig.dialog), 0x0D);
	assert_false(dialog_hopeless(rig.dialog));
	hang_up();
	open_as(LINK_BOTH);
	peer_says(0x80000009, 0x0E, 1, SPAN(""));
	assert_true(dialog_hopeless(rig.dialog));
	hang_up();
	open_as(LINK_BOTH);
	peer_says(0x80000000, 3, 1, SPAN(""));
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_REFUSED);
	hang_up();
}

static void a_login_without_an_answer(void **state)
{
	(void)state;
	open_as(LINK_BOTH);
	pass(9000);
	assert_int_equal(dialog_state(rig.dialog), DIALOG_LOGIN);
	pass(2000);
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_SILENT);
	hang_up();
}

static void messages_before_the_login(void **state)
{
	(void)state;
	open_as(LINK_BOTH);
	peer_delivers(1);
	assert_int_equal(rig.nmessages, 0);
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_BROKEN);
	hang_up();
}

static void keepalive_of_both_sides(void **state)
{
	struct said said;

	(void)state;
	log_in();
	peer_says(0x15, 0, 1234, SPAN(""));
	assert_true(next_said(&said));
	assert_true(said.command == 0x80000015 && said.sequence == 1234);
	for (int i = 0; i < 5; i++) {
		pass(31000);
		assert_true(next_said(&said));
		assert_int_equal(said.command, 0x15);
		peer_says(0x80000015, 0, said.sequence, SPAN(""));
	}
	assert_int_equal(dialog_state(rig.dialog), DIALOG_UP);
	pass(31000);
	pass(31000);
	for (int i = 0; i < 3; i++)
		expect_said(0x15, 0);
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_SILENT);
	hang_up();
}

static void the_peer_says_goodbye(void **state)
{
	(void)state;
	log_in();
	peer_delivers(1);
	submit(1);
	expect_said(4, 0);
	peer_says(6, 0, 500, SPAN(""));
	expect_silence();
	assert_false(dialog_has_room(rig.dialog));
	peer_says(0x80000004, 0, 2, SPAN("id\0"));
	assert_int_equal(rig.nresults[1], 1);
	assert_true(dialog_answer(rig.dialog, rig.numbers[0], LINK_TAKEN));
	expect_said(0x80000005, 0);
	expect_said(0x80000006, 0);
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_PEER);
	hang_up();
}

static void a_goodbye_does_not_wait_for_ever(void **state)
{
	(void)state;
	log_in();
	peer_delivers(1);
	submit(1);
	expect_said(4, 0);
	peer_says(6, 0, 500, SPAN(""));
	pass(6000);
	expect_said(0x80000006, 0);
	assert_true(rig.nresults[1] == 1 && !rig.results[1].known);
	assert_int_equal(dialog_state(rig.dialog), DIALOG_ENDED);
	hang_up();
}

static void we_say_goodbye(void **state)
{
	struct said said;

	(void)state;
	log_in();
	peer_delivers(1);
	dialog_close(rig.dialog, rig.now_ms);
	expect_silence();
	/* What comes in between is still taken. */
	peer_delivers(1);
	assert_true(dialog_answer(rig.dialog, rig.numbers[0], LINK_TAKEN));
	assert_true(dialog_answer(rig.dialog, rig.numbers[1], LINK_TAKEN));
	expect_said(0x80000005, 0);
	expect_said(0x80000005, 0);
	assert_true(next_said(&said));
	assert_int_equal(said.command, 6);
	peer_says(0x80000006, 0, said.sequence, SPAN(""));
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_OURS);
	hang_up();
	log_in();
	dialog_close(rig.dialog, rig.now_ms);
	pass(6000);
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_OURS);
	hang_up();
}

/* --- what is none -------------------------------------------------------------------------- */

static void unreadable_octets(void **state)
{
	(void)state;
	log_in();
	peer_says(0x77, 0, 3, SPAN("abc"));
	expect_said(0x80000000, 3);
	peer_says(5, 0, 4, SPAN("abc"));
	expect_said(0x80000005, 2);
	peer_delivers(1);
	assert_int_equal(rig.nmessages, 1);
	assert_int_equal(dialog_broken(rig.dialog), 1);
	submit(1);
	dialog_input(rig.dialog, SPAN("\xff\xff\xff\xff____________"), rig.now_ms);
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_BROKEN);
	assert_true(rig.nresults[1] == 1 && !rig.results[1].known);
	/* And nothing after that. */
	peer_delivers(1);
	assert_int_equal(rig.nmessages, 1);
	hang_up();
}

static void noise_without_end(void **state)
{
	(void)state;
	log_in();
	for (int i = 0; i < 200; i++)
		peer_says(5, 0, 4, SPAN("abc"));
	assert_int_equal(dialog_why(rig.dialog), DIALOG_WHY_BROKEN);
	hang_up();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_answered_when_told_so),
		cmocka_unit_test(it_may_be_answered_from_within),
		cmocka_unit_test(one_octet_at_a_time),
		cmocka_unit_test(too_many_without_an_answer_wait),
		cmocka_unit_test(answers_that_nobody_reads_stop_the_reading),
		cmocka_unit_test(reports_are_told_apart),
		cmocka_unit_test(the_window_is_held),
		cmocka_unit_test(an_answer_that_never_comes),
		cmocka_unit_test(what_is_open_when_the_connection_goes_is_unknown),
		cmocka_unit_test(a_carrier_that_forgot_our_login),
		cmocka_unit_test(a_receiver_sends_nothing),
		cmocka_unit_test(a_refused_login),
		cmocka_unit_test(a_login_without_an_answer),
		cmocka_unit_test(messages_before_the_login),
		cmocka_unit_test(keepalive_of_both_sides),
		cmocka_unit_test(the_peer_says_goodbye),
		cmocka_unit_test(a_goodbye_does_not_wait_for_ever),
		cmocka_unit_test(we_say_goodbye),
		cmocka_unit_test(unreadable_octets),
		cmocka_unit_test(noise_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
