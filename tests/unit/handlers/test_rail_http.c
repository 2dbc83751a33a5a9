/*
 * The generic connector: every row of the outcome table as an answer, what goes
 * out, callbacks, profile and statement.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "handlers/payout/rail_report.h"
#include "handlers/payout/rail_hash.h"
#include "tests/support/rail_rig.h"

#include <stdio.h>

#define ID "\"instruction_id\":\"" RAIL_RIG_ID "\""
#define AMOUNT "\"amount\":{\"minor\":850000,\"currency\":\"CNY\"}"
#define OBJECT(state, more) "{" ID ",\"provider_ref\":\"P1\",\"state\":\"" state "\"," AMOUNT more "}"

static struct rail_rig rig;

static int begin(void **state)
{
	(void)state;
	rail_rig_begin(&rig, "http", "https://connector.example/base");
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

static void the_instruction(void **state)
{
	static const char body[] =
		"{\"instruction_id\":\"" RAIL_RIG_ID "\",\"amount\":{\"minor\":850000,\"currency\":\"CNY\"},\"method\":\"wallet\","
		"\"payee_ref\":\"pt_7f3a9c\",\"remark\":\"感谢\",\"expires_at\":\"2025-11-22T16:00:00Z\",\"attempt\":1,"
		"\"profile_version\":3}";

	(void)state;
	instruct();
	assert_int_equal(rig.asked.method, HTTP_POST);
	assert_string_equal(rig.asked.url, "https://connector.example/base/v1/payouts");
	assert_true(span_is(rig.asked.target, "/base/v1/payouts"));
	assert_true(span_is(rig.asked.body, body));
	assert_string_equal(rail_rig_field(&rig, "Content-Type"), "application/json");
	assert_non_null(rail_rig_field(&rig, "X-Sig"));
	assert_null(strstr(body, "张三"));
}

/* A repetition an hour later has another signature and the very same body. */
static void a_repetition_is_identical(void **state)
{
	struct rail_request first;
	const char *field;

	(void)state;
	instruct();
	first = rig.asked;
	field = rail_rig_field(&rig, "X-Sig");
	rig.job.now_ms += 3600000;
	rig.job.random[0] ^= 0xFF;
	instruct();
	assert_true(span_eq(first.body, rig.asked.body));
	assert_memory_equal(first.body_hash, rig.asked.body_hash, RAIL_HASH_BYTES);
	assert_string_not_equal(field, rail_rig_field(&rig, "X-Sig"));
}

static void cannot(void)
{
	memset(&rig.why, 0, sizeof(rig.why));
	assert_int_equal(rig.rail->instruct(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_CANNOT);
	assert_true(rig.why.text[0] != '\0');
}

static void what_does_not_fit_is_not_sent(void **state)
{
	(void)state;
	rig.instruction.fen = 0;
	cannot();
	rig.instruction.fen = -1;
	cannot();
	rig.instruction.fen = MONEY_MAX + 1;
	cannot();
	rig.instruction.fen = 850000;
	rig.config.max_fen = 849999;
	cannot();
	rig.config.max_fen = 0;
	rig.instruction.id = SPAN("R7-1");
	cannot();
	rig.instruction.id = SPAN("r7A2B3C4D5E6F7G8H9J0K1M2N3");
	cannot();
	rig.instruction.id = SPAN(RAIL_RIG_ID);
	rig.instruction.payee_ref = SPAN("");
	cannot();
	rig.instruction.payee_ref = SPAN("pt_1");
	rig.instruction.remark = SPAN("一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三");
	cannot();
	rig.instruction.remark = SPAN("一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二");
	instruct();
}

enum sign { SIGNED, UNSIGNED, WRONG };

/* Answers to the instruction, and what is made of them. */
static const struct answer_row {
	const char *what;
	int status;
	enum sign sign;
	const char *body;
	enum outcome_row row;
	enum rail_outcome outcome;
	const char *code;
} to_instruct[] = {
	{ "500", 500, SIGNED, OBJECT("failed", ",\"final\":true,\"code\":\"ACCOUNT_CLOSED\""), OUTCOME_WEAK_STATUS, RAIL_UNKNOWN, "WEAK_STATUS" },
	{ "503 unsigned", 503, UNSIGNED, "<html>", OUTCOME_WEAK_STATUS, RAIL_UNKNOWN, "WEAK_STATUS" },
	{ "408", 408, SIGNED, OBJECT("succeeded", ""), OUTCOME_WEAK_STATUS, RAIL_UNKNOWN, "WEAK_STATUS" },
	{ "429", 429, SIGNED, "", OUTCOME_WEAK_STATUS, RAIL_UNKNOWN, "WEAK_STATUS" },
	{ "redirect", 302, SIGNED, "", OUTCOME_WEAK_STATUS, RAIL_UNKNOWN, "WEAK_STATUS" },
	{ "bad JSON", 200, SIGNED, "{" ID, OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_BODY" },
	{ "no object", 200, SIGNED, "[]", OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_BODY" },
	{ "empty", 200, SIGNED, "", OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_BODY" },
	{ "name twice", 200, SIGNED, OBJECT("succeeded", ",\"state\":\"failed\""), OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_BODY" },
	{ "bad signature", 200, WRONG, OBJECT("succeeded", ""), OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_SIGNATURE" },
	{ "no signature", 200, UNSIGNED, OBJECT("succeeded", ""), OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_SIGNATURE" },
	{ "wrong id", 200, SIGNED, "{\"instruction_id\":\"ZZZZZZZZZZZZZZZZZZZZZZZZZZ\",\"state\":\"succeeded\"," AMOUNT "}",
	  OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_ID" },
	{ "no id", 200, SIGNED, "{\"state\":\"succeeded\"," AMOUNT "}", OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_ID" },
	{ "wrong amount", 200, SIGNED, "{" ID ",\"state\":\"succeeded\",\"amount\":{\"minor\":850001,\"currency\":\"CNY\"}}",
	  OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_AMOUNT" },
	{ "amount with a point", 200, SIGNED, "{" ID ",\"state\":\"succeeded\",\"amount\":{\"minor\":850000.0,\"currency\":\"CNY\"}}",
	  OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_BODY" },
	{ "amount as text", 200, SIGNED, "{" ID ",\"state\":\"succeeded\",\"amount\":{\"minor\":\"850000\",\"currency\":\"CNY\"}}",
	  OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_BODY" },
	{ "wrong currency", 200, SIGNED, "{" ID ",\"state\":\"succeeded\",\"amount\":{\"minor\":850000,\"currency\":\"USD\"}}",
	  OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_CURRENCY" },
	{ "success without amount", 200, SIGNED, "{" ID ",\"state\":\"succeeded\"}", OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_AMOUNT" },
	{ "wrong amount on the way", 202, SIGNED, "{" ID ",\"state\":\"accepted\",\"amount\":{\"minor\":1,\"currency\":\"CNY\"}}",
	  OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_AMOUNT" },
	{ "accepted", 202, SIGNED, OBJECT("accepted", ""), OUTCOME_STATE, RAIL_ACCEPTED, "" },
	{ "waits for the payee", 201, SIGNED, OBJECT("needs_payee", ",\"payee_action\":\"https://x\""), OUTCOME_STATE, RAIL_NEEDS_PAYEE, "" },
	{ "processing", 201, SIGNED, OBJECT("processing", ""), OUTCOME_STATE, RAIL_PROCESSING, "" },
	{ "succeeded", 200, SIGNED, OBJECT("succeeded", ",\"final\":true"), OUTCOME_STATE, RAIL_SUCCEEDED, "" },
	{ "a state nobody knows", 200, SIGNED, OBJECT("teleported", ""), OUTCOME_STATE, RAIL_UNKNOWN, "" },
	{ "failed, listed", 200, SIGNED, OBJECT("failed", ",\"final\":true,\"code\":\"ACCOUNT_CLOSED\""), OUTCOME_FINAL_CODE, RAIL_FAILED, "ACCOUNT_CLOSED" },
	{ "failed, listed, not final", 200, SIGNED, OBJECT("failed", ",\"final\":false,\"code\":\"ACCOUNT_CLOSED\""), OUTCOME_STATE, RAIL_UNKNOWN, "ACCOUNT_CLOSED" },
	{ "failed, new code", 200, SIGNED, OBJECT("failed", ",\"final\":true,\"code\":\"NEW\""), OUTCOME_STATE, RAIL_UNKNOWN, "NEW" },
	{ "cancelled", 200, SIGNED, OBJECT("cancelled", ",\"final\":true"), OUTCOME_STATE, RAIL_UNKNOWN, "" },
	{ "duplicate", 409, SIGNED, OBJECT("succeeded", ",\"code\":\"DUPLICATE\",\"final\":true"), OUTCOME_DUPLICATE, RAIL_SUCCEEDED, "DUPLICATE" },
	{ "duplicate, on its way", 409, SIGNED, OBJECT("processing", ",\"code\":\"DUPLICATE\""), OUTCOME_DUPLICATE, RAIL_PROCESSING, "DUPLICATE" },
	{ "duplicate that failed", 409, SIGNED, OBJECT("failed", ",\"code\":\"DUPLICATE\",\"final\":true"), OUTCOME_DUPLICATE, RAIL_UNKNOWN, "DUPLICATE" },
	{ "other body", 409, SIGNED, OBJECT("succeeded", ",\"code\":\"ID_MISMATCH\""), OUTCOME_MISMATCH, RAIL_UNKNOWN, "ID_MISMATCH" },
	{ "other body, 422", 422, SIGNED, OBJECT("failed", ",\"code\":\"ID_MISMATCH\",\"final\":true"), OUTCOME_MISMATCH, RAIL_UNKNOWN, "ID_MISMATCH" },
	{ "409 with a listed code", 409, SIGNED, OBJECT("failed", ",\"code\":\"ACCOUNT_CLOSED\",\"final\":true"), OUTCOME_MISMATCH, RAIL_UNKNOWN, "ID_MISMATCH" },
	{ "final refusal", 400, SIGNED, "{" ID ",\"state\":\"failed\",\"final\":true,\"code\":\"ACCOUNT_CLOSED\"}", OUTCOME_FINAL_CODE, RAIL_FAILED, "ACCOUNT_CLOSED" },
	{ "final refusal, 422", 422, SIGNED, "{" ID ",\"state\":\"failed\",\"final\":true,\"code\":\"CHANNEL_OFF\"}", OUTCOME_FINAL_CODE, RAIL_FAILED, "CHANNEL_OFF" },
	{ "listed but of another id", 400, SIGNED, "{\"instruction_id\":\"A\",\"state\":\"failed\",\"final\":true,\"code\":\"ACCOUNT_CLOSED\"}",
	  OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_ID" },
	{ "listed, unsigned", 400, UNSIGNED, "{" ID ",\"state\":\"failed\",\"final\":true,\"code\":\"ACCOUNT_CLOSED\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "NOT_SIGNED" },
	{ "listed, signed wrong", 400, WRONG, "{" ID ",\"state\":\"failed\",\"final\":true,\"code\":\"ACCOUNT_CLOSED\"}", OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_SIGNATURE" },
	{ "new code", 400, SIGNED, "{" ID ",\"state\":\"failed\",\"final\":true,\"code\":\"NEW\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "NEW" },
	{ "listed, not final", 400, SIGNED, "{" ID ",\"state\":\"failed\",\"code\":\"ACCOUNT_CLOSED\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "REFUSED" },
	{ "free text as a code", 400, SIGNED, "{" ID ",\"state\":\"failed\",\"final\":true,\"code\":\"张三 has no account\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "" },
	{ "401 of a gateway", 401, UNSIGNED, "no", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "NOT_SIGNED" },
	{ "404 to an instruction", 404, SIGNED, "{\"state\":\"not_found\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "REFUSED" },
};

static const struct answer_row to_query[] = {
	{ "succeeded", 200, SIGNED, OBJECT("succeeded", ",\"final\":true"), OUTCOME_STATE, RAIL_SUCCEEDED, "" },
	{ "failed", 200, SIGNED, OBJECT("failed", ",\"final\":true,\"code\":\"NEW\""), OUTCOME_QUERY_ENDED, RAIL_FAILED, "NEW" },
	{ "failed, not final", 200, SIGNED, OBJECT("failed", ",\"code\":\"NEW\""), OUTCOME_STATE, RAIL_UNKNOWN, "NEW" },
	{ "cancelled", 200, SIGNED, OBJECT("cancelled", ",\"final\":true"), OUTCOME_QUERY_ENDED, RAIL_CANCELLED, "" },
	{ "cancelling", 200, SIGNED, OBJECT("cancelling", ""), OUTCOME_STATE, RAIL_CANCELLING, "" },
	{ "returned", 200, SIGNED, OBJECT("returned", ",\"final\":true"), OUTCOME_STATE, RAIL_RETURNED, "" },
	{ "not found", 404, SIGNED, "{\"state\":\"not_found\",\"as_of\":\"2025-11-21T16:00:00Z\",\"retention_until\":\"2025-11-22T16:00:00Z\"}",
	  OUTCOME_NOT_FOUND, RAIL_NOT_FOUND, "" },
	{ "not found, unsigned", 404, UNSIGNED, "{\"state\":\"not_found\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "NOT_SIGNED" },
	{ "not found, of another", 404, SIGNED, "{\"instruction_id\":\"A\",\"state\":\"not_found\"}", OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_ID" },
	{ "not found with 200", 200, SIGNED, "{" ID ",\"state\":\"not_found\"}", OUTCOME_STATE, RAIL_UNKNOWN, "" },
	{ "404 of something else", 404, SIGNED, "{" ID ",\"state\":\"failed\",\"final\":true,\"code\":\"ACCOUNT_CLOSED\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "ACCOUNT_CLOSED" },
	{ "failed, bad signature", 200, WRONG, OBJECT("failed", ",\"final\":true"), OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_SIGNATURE" },
};

static void answer(const struct answer_row *row)
{
	rail_rig_answer(&rig, row->status, row->body);
	if (row->sign == UNSIGNED)
		rig.answer.nfields = 0;
	if (row->sign == WRONG)
		rig.answer.body = span_of(arena_printf(&rig.arena, "%s ", row->body));
}

static void expect(const struct answer_row *row)
{
	if (rig.report.row != row->row || rig.report.outcome != row->outcome || strcmp(rig.report.code, row->code) != 0)
		fail_msg("%s: row %s, %s, code %s", row->what, outcome_rule(rig.report.row)->name,
			 rail_outcome_name(rig.report.outcome), rig.report.code);
	assert_int_equal(rig.report.alarm, outcome_rule(row->row)->alarm);
	/* What ends an attempt was said by the rail itself, and is on the list or of a query. */
	assert_int_equal(outcome_new_id(&rig.report), row->outcome == RAIL_FAILED || row->outcome == RAIL_CANCELLED);
}

static void every_answer_to_an_instruction(void **state)
{
	(void)state;
	instruct();
	for (size_t i = 0; i < COUNT_OF(to_instruct); i++) {
		answer(&to_instruct[i]);
		rig.rail->read_instruct(&rig.job, &rig.asked, &rig.answer, &rig.report);
		expect(&to_instruct[i]);
		assert_int_equal(rig.report.evidence, EVIDENCE_ANSWER);
	}
}

static void every_answer_to_a_query(void **state)
{
	(void)state;
	assert_int_equal(rig.rail->query(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_SEND);
	assert_int_equal(rig.asked.method, HTTP_GET);
	assert_string_equal(rig.asked.url, "https://connector.example/base/v1/payouts/" RAIL_RIG_ID);
	assert_int_equal(rig.asked.body.len, 0);
	for (size_t i = 0; i < COUNT_OF(to_query); i++) {
		answer(&to_query[i]);
		rig.rail->read_query(&rig.job, &rig.asked, &rig.answer, &rig.report);
		expect(&to_query[i]);
	}
	answer(&to_query[0]);
	rig.rail->read_query(&rig.job, &rig.asked, &rig.answer, &rig.report);
	assert_int_equal(rig.report.evidence, EVIDENCE_QUERY);
	assert_string_equal(rig.report.provider_ref, "P1");
	answer(&to_query[6]);
	rig.rail->read_query(&rig.job, &rig.asked, &rig.answer, &rig.report);
	assert_int_equal(rig.report.retention_until_ms - rig.report.occurred_ms, 86400000);
}

static void cancel(void **state)
{
	static const struct answer_row rows[] = {
		{ "cancelling", 202, SIGNED, OBJECT("cancelling", ""), OUTCOME_STATE, RAIL_CANCELLING, "" },
		{ "too late", 200, SIGNED, OBJECT("succeeded", ",\"final\":true"), OUTCOME_STATE, RAIL_SUCCEEDED, "" },
		{ "refused", 400, SIGNED, "{" ID ",\"state\":\"failed\",\"final\":true,\"code\":\"ACCOUNT_CLOSED\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "ACCOUNT_CLOSED" },
	};

	(void)state;
	assert_int_equal(rig.rail->cancel(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_SEND);
	assert_string_equal(rig.asked.url, "https://connector.example/base/v1/payouts/" RAIL_RIG_ID "/cancel");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		answer(&rows[i]);
		rig.rail->read_cancel(&rig.job, &rig.asked, &rig.answer, &rig.report);
		expect(&rows[i]);
	}
	answer(&(struct answer_row){ "cancelled", 200, SIGNED, OBJECT("cancelled", ",\"final\":true"), 0, 0, "" });
	rig.rail->read_cancel(&rig.job, &rig.asked, &rig.answer, &rig.report);
	assert_int_equal(rig.report.outcome, RAIL_CANCELLING);
}

/* A right answer to an earlier question is no answer to this one. */
static void an_old_answer_is_none(void **state)
{
	struct http_response old;

	(void)state;
	instruct();
	rail_rig_answer(&rig, 200, OBJECT("succeeded", ""));
	old = rig.answer;
	rig.job.random[0] ^= 1;
	instruct();
	rig.rail->read_instruct(&rig.job, &rig.asked, &old, &rig.report);
	assert_string_equal(rig.report.code, "BAD_SIGNATURE");
	rail_rig_answer(&rig, 200, OBJECT("succeeded", ""));
	rig.answer.status = 201;
	rig.rail->read_instruct(&rig.job, &rig.asked, &rig.answer, &rig.report);
	assert_string_equal(rig.report.code, "BAD_SIGNATURE");
}

/* --- callbacks ------------------------------------------------------------------------- */

static void a_callback(void **state)
{
	static const char body[] = OBJECT("succeeded", ",\"event_id\":\"ev-1\",\"final\":true,\"occurred_at\":\"2025-11-21T16:00:00Z\"");
	struct http_request request;
	struct span nonce;

	(void)state;
	rail_rig_hook(&rig, span_of(body), &request);
	assert_true(rig.rail->verify_hook(&rig.config, &request, rig.job.now_ms, &nonce));
	assert_true(span_is(nonce, "0123456789abcdef"));
	assert_true(rig.rail->read_hook(&rig.config, &request, &rig.arena, &rig.report, &rig.why));
	assert_int_equal(rig.report.outcome, RAIL_SUCCEEDED);
	assert_string_equal(rig.report.event, "ev-1");
	assert_int_equal(rig.report.occurred_ms, RAIL_RIG_NOW_MS);
	assert_true(rail_report_match(&rig.report, SPAN(RAIL_RIG_ID), 850000));
	assert_false(rail_report_match(&rig.report, SPAN(RAIL_RIG_ID), 1));
}

static void callbacks_that_do_not_pass(void **state)
{
	struct http_request request;
	struct span nonce;

	(void)state;
	rail_rig_hook(&rig, SPAN("{}"), &request);
	request.body = SPAN("{} ");
	assert_false(rig.rail->verify_hook(&rig.config, &request, rig.job.now_ms, &nonce));
	request.body = SPAN("{}");
	assert_true(rig.rail->verify_hook(&rig.config, &request, rig.job.now_ms, &nonce));
	assert_false(rig.rail->verify_hook(&rig.config, &request, rig.job.now_ms + 301000, &nonce));
	request.query = SPAN("a=b");
	assert_false(rig.rail->verify_hook(&rig.config, &request, rig.job.now_ms, &nonce));
	request.query = SPAN("");
	request.method = HTTP_PUT;
	assert_false(rig.rail->verify_hook(&rig.config, &request, rig.job.now_ms, &nonce));
	request.method = HTTP_POST;
	request.path = SPAN("/hooks/bank");
	assert_false(rig.rail->verify_hook(&rig.config, &request, rig.job.now_ms, &nonce));
	request.nfields = 0;
	assert_false(rig.rail->verify_hook(&rig.config, &request, rig.job.now_ms, &nonce));
}

static void callbacks_that_say_nothing(void **state)
{
	static const char *const bad[] = {
		"", "{}", "{\"state\":\"succeeded\"}", "{\"event_id\":\"e\",\"state\":\"succeeded\"}",
		"{" ID ",\"state\":\"succeeded\"}", "{\"event_id\":\"a b\"," ID ",\"state\":\"succeeded\"}",
		"{\"event_id\":\"e\"," ID ",\"state\":\"succeeded\",\"amount\":{\"minor\":1,\"currency\":\"USD\"}}",
		"{\"event_id\":\"e\"," ID ",\"state\":7}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct http_request request = { .body = span_of(bad[i]) };

		memset(&rig.why, 0, sizeof(rig.why));
		assert_false(rig.rail->read_hook(&rig.config, &request, &rig.arena, &rig.report, &rig.why));
		assert_true(rig.why.text[0] != '\0');
	}
}

static void callbacks_are_answered(void **state)
{
	struct http_reply reply;

	(void)state;
	rig.rail->answer_hook(true, &reply);
	assert_int_equal(reply.status, 204);
	rig.rail->answer_hook(false, &reply);
	assert_int_equal(reply.status, 503);
}

/* --- settings and profile ------------------------------------------------------------------ */

static void settings(void **state)
{
	static const struct rail_final conflict[] = { { .code = "DUPLICATE" } };

	(void)state;
	assert_true(rig.rail->check(&rig.config, &rig.why));
	rig.config.finals = conflict;
	rig.config.nfinals = 1;
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config.nfinals = 0;
	rig.config.keys[1].secret.len = 31;
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config.keys[1] = (struct x_sig_key){ 0 };
	assert_true(rig.rail->check(&rig.config, &rig.why));
	rig.config.account = "main/../x";
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config.account = NULL;
	rig.config.method = "cash";
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config.method = "bank";
	rig.config.url = NULL;
	assert_false(rig.rail->check(&rig.config, &rig.why));
}

static void the_profile_narrows_ours(void **state)
{
	static const char body[] =
		"{\"id_retention\":3600,\"not_found_is_final\":false,\"cancel\":false,\"anonymity\":\"known_to_provider\","
		"\"final_codes\":[\"CHANNEL_OFF\",\"FUNNY\"],\"min\":{\"minor\":10,\"currency\":\"CNY\"},\"max\":{\"minor\":100,\"currency\":\"CNY\"}}";
	struct rail_profile profile;

	(void)state;
	rig.rail->profile(&rig.config, &profile);
	assert_int_equal(profile.nfinals, 2);
	assert_true(profile.not_found_is_final && profile.cancels);
	assert_int_equal(rig.rail->ask_profile(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_SEND);
	rail_rig_answer(&rig, 200, body);
	assert_int_equal(rig.rail->read_profile(&rig.job, &rig.asked, &rig.answer, &profile, &rig.why), RAIL_WHOLE);
	assert_int_equal(profile.id_retention_ms, 3600000);
	assert_int_equal(profile.nfinals, 1);
	assert_string_equal(profile.finals[0].code, "CHANNEL_OFF");
	assert_false(profile.not_found_is_final || profile.cancels);
	rig.answer.body.len--;
	assert_int_equal(rig.rail->read_profile(&rig.job, &rig.asked, &rig.answer, &profile, &rig.why), RAIL_REFUSED);
	rail_rig_answer(&rig, 200, "{}");
	assert_int_equal(rig.rail->read_profile(&rig.job, &rig.asked, &rig.answer, &profile, &rig.why), RAIL_REFUSED);
	rail_rig_answer(&rig, 500, body);
	assert_int_equal(rig.rail->read_profile(&rig.job, &rig.asked, &rig.answer, &profile, &rig.why), RAIL_LATER);
}

/* --- the statement ---------------------------------------------------------------------------- */

#define LINE1 "{\"line_id\":\"L1\",\"instruction_id\":\"" RAIL_RIG_ID "\",\"provider_ref\":\"P1\",\"direction\":\"debit\"," \
	"\"amount\":{\"minor\":850000,\"currency\":\"CNY\"},\"booked_at\":\"2025-11-21T08:00:00Z\",\"kind\":\"payout\"}"
#define LINE2 "{\"line_id\":\"L2\",\"provider_ref\":\"P2\",\"direction\":\"credit\"," \
	"\"amount\":{\"minor\":50,\"currency\":\"CNY\"},\"booked_at\":\"2025-11-21T09:00:00Z\",\"kind\":\"return\"}"

static enum rail_read read_statement(const char *lines, const char *rest, struct statement *out)
{
	unsigned char hash[RAIL_HASH_BYTES];
	struct rail_request next;

	rail_hash(span_of(lines), hash);
	rig.rail->ask_statement(&rig.job, SPAN("2025-11-21"), &rig.asked);
	rail_rig_answer(&rig, 200, arena_printf(&rig.arena, "{%s,\"sha256\":\"%s\",\"lines\":%s}", rest,
						hex_text(&rig.arena, hash, sizeof(hash)), lines));
	return rig.rail->read_statement(&rig.job, SPAN("2025-11-21"), &rig.asked, &rig.answer, out, &next, &rig.why);
}

#define MONEY(name, fen) "\"" name "\":{\"minor\":" fen ",\"currency\":\"CNY\"}"
#define TOTALS(count, opening, closing) "\"account\":\"main\",\"date\":\"2025-11-21\",\"count\":" count "," \
	MONEY("opening", opening) "," MONEY("closing", closing) "," MONEY("debits", "850000") "," MONEY("credits", "50")

static void a_statement_is_taken_whole(void **state)
{
	struct statement s;

	(void)state;
	assert_int_equal(read_statement("[" LINE1 ", " LINE2 "]", TOTALS("2", "1000000", "150050"), &s), RAIL_WHOLE);
	assert_string_equal(rig.asked.url, "https://connector.example/base/v1/statements/main/2025-11-21");
	assert_int_equal(s.n, 2);
	assert_true(!s.lines[0].credit && s.lines[1].credit);
	assert_true(span_is(s.lines[0].instruction, RAIL_RIG_ID));
	assert_int_equal(s.lines[1].instruction.len, 0);
	assert_int_equal(s.closing, 150050);
	assert_string_equal(s.date, "2025-11-21");
	assert_int_equal(read_statement("[]", "\"account\":\"main\",\"date\":\"2025-11-21\",\"count\":0," MONEY("opening", "-5") ","
					MONEY("closing", "-5") "," MONEY("debits", "0") "," MONEY("credits", "0"), &s), RAIL_WHOLE);
	assert_int_equal(s.n, 0);
}

static void or_refused(void **state)
{
	static const struct { const char *lines, *rest; } bad[] = {
		{ "[" LINE1 "," LINE2 "]", TOTALS("2", "1000000", "150051") },
		{ "[" LINE1 "," LINE2 "]", TOTALS("3", "1000000", "150050") },
		{ "[" LINE1 "]", TOTALS("1", "1000000", "150000") },
		{ "[" LINE2 "," LINE2 "]", "\"account\":\"main\",\"date\":\"2025-11-21\",\"count\":2," MONEY("opening", "0") ","
		  MONEY("closing", "100") "," MONEY("debits", "0") "," MONEY("credits", "100") },
		{ "[7,8]", TOTALS("2", "1000000", "150050") },
		{ "{}", TOTALS("0", "1000000", "150050") },
		{ "[" LINE1 "," LINE2 "]", "\"account\":\"other\",\"date\":\"2025-11-21\",\"count\":2," MONEY("opening", "1000000") ","
		  MONEY("closing", "150050") "," MONEY("debits", "850000") "," MONEY("credits", "50") },
	};
	struct statement s;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		memset(&rig.why, 0, sizeof(rig.why));
		assert_int_equal(read_statement(bad[i].lines, bad[i].rest, &s), RAIL_REFUSED);
		assert_true(rig.why.text[0] != '\0');
	}
}

static void no_statement_yet(void **state)
{
	struct statement s;
	struct rail_request next;

	(void)state;
	rig.rail->ask_statement(&rig.job, SPAN("2025-11-21"), &rig.asked);
	rail_rig_answer(&rig, 404, "{}");
	assert_int_equal(rig.rail->read_statement(&rig.job, SPAN("2025-11-21"), &rig.asked, &rig.answer, &s, &next, &rig.why), RAIL_LATER);
	rail_rig_answer(&rig, 200, "{}");
	rig.answer.nfields = 0;
	assert_int_equal(rig.rail->read_statement(&rig.job, SPAN("2025-11-21"), &rig.asked, &rig.answer, &s, &next, &rig.why), RAIL_REFUSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_instruction),
		TEST(a_repetition_is_identical),
		TEST(what_does_not_fit_is_not_sent),
		TEST(every_answer_to_an_instruction),
		TEST(every_answer_to_a_query),
		TEST(cancel),
		TEST(an_old_answer_is_none),
		TEST(a_callback),
		TEST(callbacks_that_do_not_pass),
		TEST(callbacks_that_say_nothing),
		TEST(callbacks_are_answered),
		TEST(settings),
		TEST(the_profile_narrows_ours),
		TEST(a_statement_is_taken_whole),
		TEST(or_refused),
		TEST(no_statement_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
