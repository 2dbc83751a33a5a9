/*
 * Bank transfers by file: what goes out is valid and always the same, what
 * comes back is verified first and never says paid.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/payout/rail_report.h"
#include "tests/support/rail_rig.h"
#include "tests/support/text_file.h"
#include "tests/support/xsd.h"

static struct rail_rig rig;

static int begin(void **state)
{
	(void)state;
	rail_rig_begin(&rig, "iso20022", "https://gateway.example/bank");
	rig.config.payer_name = "鄂尔多斯";
	rig.config.payer_account = "150600000077";
	rig.config.payer_bank = "ICBKCNBJ";
	rig.config.account = "150600000077";
	rig.config.nfinals = 0;
	rig.instruction.payee_account = SPAN("102191000011/6217000000001");
	rig.instruction.started_ms = RAIL_RIG_NOW_MS - 60000;
	return 0;
}

static int end(void **state)
{
	(void)state;
	rail_rig_end(&rig);
	return 0;
}

static void instruct(void)
{
	assert_int_equal(rig.rail->instruct(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_SEND);
}

static void the_file(void **state)
{
	(void)state;
	instruct();
	assert_int_equal(rig.asked.method, HTTP_PUT);
	assert_string_equal(rig.asked.url, "https://gateway.example/bank/v1/files/pain.001/" RAIL_RIG_ID ".xml");
	assert_true(xsd_valid(rig.asked.body, "tests/data/xsd/subset-pain.001.001.09.xsd"));
	assert_true(span_find(rig.asked.body, SPAN("<EndToEndId>" RAIL_RIG_ID "</EndToEndId>")) < rig.asked.body.len);
	assert_true(span_find(rig.asked.body, SPAN("<InstdAmt Ccy=\"CNY\">8500.00<")) < rig.asked.body.len);
	/* The payee is in the file and nowhere else. */
	assert_null(strstr(rig.asked.url, "6217"));
	rig.config.version_03 = true;
	instruct();
	assert_true(xsd_valid(rig.asked.body, "tests/data/xsd/subset-pain.001.001.03.xsd"));
}

static void a_repetition_is_identical(void **state)
{
	struct rail_request first;

	(void)state;
	instruct();
	first = rig.asked;
	rig.job.now_ms += 86400000;
	rig.job.random[0] ^= 0xFF;
	instruct();
	assert_true(span_eq(first.body, rig.asked.body));
	assert_memory_equal(first.body_hash, rig.asked.body_hash, RAIL_HASH_BYTES);
}

static void cannot(void)
{
	assert_int_equal(rig.rail->instruct(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_CANNOT);
}

static void what_cannot_be_sent(void **state)
{
	struct rail_instruction good = rig.instruction;

	(void)state;
	rig.instruction.payee_account = SPAN("6217000000001");
	cannot();
	rig.instruction = good;
	rig.instruction.payee_name = (struct span){ 0 };
	cannot();
	rig.instruction = good;
	rig.instruction.fen = 0;
	cannot();
	rig.instruction = good;
	rig.instruction.started_ms = 0;
	cannot();
}

static void settings(void **state)
{
	const struct rail_final duplicate = { .code = "AM05" }, account = { .code = "AC04" };

	(void)state;
	assert_true(rig.rail->check(&rig.config, &rig.why));
	rig.config.finals = &account;
	rig.config.nfinals = 1;
	assert_true(rig.rail->check(&rig.config, &rig.why));
	rig.config.finals = &duplicate;
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config.nfinals = 0;
	rig.config.payer_bank = NULL;
	assert_false(rig.rail->check(&rig.config, &rig.why));
}

/* The gateway's answer: it has the file, or nobody knows. */
static void answers(void **state)
{
	static const int statuses[] = { 200, 201, 204, 301, 400, 404, 408, 409, 422, 429, 500, 503 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		instruct();
		rail_rig_answer(&rig, statuses[i], "");
		rig.rail->read_instruct(&rig.job, &rig.asked, &rig.answer, &rig.report);
		assert_int_equal(rig.report.outcome, statuses[i] < 300 ? RAIL_ACCEPTED : RAIL_UNKNOWN);
		assert_false(outcome_new_id(&rig.report));
		rig.answer.nfields = 0;
		rig.rail->read_instruct(&rig.job, &rig.asked, &rig.answer, &rig.report);
		assert_int_equal(rig.report.outcome, RAIL_UNKNOWN);
	}
}

static void ask(int status, struct span body)
{
	assert_int_equal(rig.rail->query(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_SEND);
	rail_rig_answer_span(&rig, status, body);
	rig.rail->read_query(&rig.job, &rig.asked, &rig.answer, &rig.report);
}

/* The sample, told of our instruction: rejected, settled as the bank says, or rejected as a duplicate. */
static struct span status_of(const char *id)
{
	struct span file = text_file(&rig.arena, "tests/data/iso20022/pain002.xml");

	for (struct span more = file; more.len > 0; more = text_replaced(&rig.arena, more, id, RAIL_RIG_ID))
		file = more;
	return text_replaced(&rig.arena, file, "<OrgnlMsgId>T20261120-1<", "<OrgnlMsgId>" RAIL_RIG_ID "<");
}

static void what_the_bank_says(void **state)
{
	(void)state;
	ask(200, status_of("AAAAAAAAAAAAAAAAAAAAAAAAA1"));
	assert_int_equal(rig.report.outcome, RAIL_FAILED);
	assert_int_equal(rig.report.fault, RAIL_FAULT_PAYEE);
	assert_string_equal(rig.report.code, "AC04");
	assert_true(outcome_new_id(&rig.report));
	ask(200, status_of("AAAAAAAAAAAAAAAAAAAAAAAAA2"));
	assert_int_equal(rig.report.outcome, RAIL_PROCESSING);
	assert_string_equal(rig.report.provider_ref, "BK-2");
	ask(200, status_of("AAAAAAAAAAAAAAAAAAAAAAAAA3"));
	assert_int_equal(rig.report.outcome, RAIL_UNKNOWN);
	ask(200, status_of("none of them"));
	assert_int_equal(rig.report.outcome, RAIL_UNKNOWN);
	rig.config.silence_means_accepted = true;
	ask(200, status_of("none of them"));
	assert_int_equal(rig.report.outcome, RAIL_PROCESSING);
	ask(404, SPAN(""));
	assert_int_equal(rig.report.outcome, RAIL_UNKNOWN);
	ask(200, SPAN("<Document/>"));
	assert_int_equal(rig.report.outcome, RAIL_UNKNOWN);
	/* Unsigned it is worth nothing. */
	ask(200, status_of("AAAAAAAAAAAAAAAAAAAAAAAAA1"));
	rig.answer.nfields = 0;
	rig.rail->read_query(&rig.job, &rig.asked, &rig.answer, &rig.report);
	assert_int_equal(rig.report.outcome, RAIL_UNKNOWN);
}

static enum rail_read statement(int status, struct span body, const char *date, struct statement *out)
{
	struct rail_request next;

	rig.rail->ask_statement(&rig.job, span_of(date), &rig.asked);
	rail_rig_answer_span(&rig, status, body);
	return rig.rail->read_statement(&rig.job, span_of(date), &rig.asked, &rig.answer, out, &next, &rig.why);
}

static void the_statement(void **state)
{
	struct span file = text_file(&rig.arena, "tests/data/iso20022/camt053.xml");
	struct statement out;

	(void)state;
	assert_int_equal(statement(404, SPAN(""), "2026-11-20", &out), RAIL_LATER);
	assert_int_equal(statement(200, file, "2026-11-20", &out), RAIL_WHOLE);
	assert_string_equal(rig.asked.url, "https://gateway.example/bank/v1/files/camt.053/150600000077/2026-11-20.xml");
	assert_int_equal(out.n, 5);
	assert_int_equal(out.opening - out.closing, 1901000 - 500000);
	assert_int_equal(statement(200, file, "2026-11-21", &out), RAIL_REFUSED);
	rig.config.account = "150600000078";
	assert_int_equal(statement(200, file, "2026-11-20", &out), RAIL_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_file, begin, end),
		cmocka_unit_test_setup_teardown(a_repetition_is_identical, begin, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_sent, begin, end),
		cmocka_unit_test_setup_teardown(settings, begin, end),
		cmocka_unit_test_setup_teardown(answers, begin, end),
		cmocka_unit_test_setup_teardown(what_the_bank_says, begin, end),
		cmocka_unit_test_setup_teardown(the_statement, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
