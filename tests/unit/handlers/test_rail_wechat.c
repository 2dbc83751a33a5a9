/*
 * WeChat's merchant transfer: what goes out, what each answer is worth, callbacks, the bill.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "handlers/payout/rail_report.h"
#include "handlers/payout/wechat_crypt.h"
#include "tests/support/rail_rig.h"

#include <stdio.h>

#define PATH "/v3/fund-app/mch-transfer/transfer-bills"
#define BILL(state, more) "{\"out_bill_no\":\"" RAIL_RIG_ID "\",\"transfer_bill_no\":\"1330\",\"state\":\"" state "\"" more "}"
#define AMOUNT ",\"mch_id\":\"1900000001\",\"transfer_amount\":850000"

static struct rail_rig rig;

static int begin(void **state)
{
	(void)state;
	rail_rig_begin(&rig, "wechat", "https://api.mch.weixin.qq.com");
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

static bool body_holds(const char *text)
{
	return span_find(rig.asked.body, span_of(text)) < rig.asked.body.len;
}

static void a_small_transfer_names_nobody(void **state)
{
	static const char body[] =
		"{\"appid\":\"wx0123456789abcdef\",\"out_bill_no\":\"" RAIL_RIG_ID "\",\"openid\":\"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o\","
		"\"transfer_amount\":199999,\"transfer_remark\":\"感谢\",\"notify_url\":\"https://tips.example/hooks/wallet\","
		"\"transfer_scene_id\":\"1000\",\"transfer_scene_report_infos\":[{\"info_type\":\"活动名称\",\"info_content\":\"奖励\"}]}";

	(void)state;
	rig.instruction.fen = 199999;
	instruct();
	assert_string_equal(rig.asked.url, "https://api.mch.weixin.qq.com" PATH);
	assert_true(span_is(rig.asked.target, PATH));
	assert_true(span_is(rig.asked.body, body));
	assert_null(rail_rig_field(&rig, "Wechatpay-Serial"));
	assert_non_null(strstr(rail_rig_field(&rig, "Authorization"), "mchid=\"1900000001\""));
}

static void from_two_thousand_yuan_on_the_name_is_sealed(void **state)
{
	struct span first;

	(void)state;
	rig.instruction.fen = 200000;
	instruct();
	assert_true(body_holds("\"user_name\":\""));
	assert_false(body_holds("张三"));
	assert_string_equal(rail_rig_field(&rig, "Wechatpay-Serial"), "PUB_KEY_ID_0119000000012026112100");
	first = rig.asked.body;
	rig.job.now_ms += 1000;
	rig.job.random[0] ^= 1;
	instruct();
	assert_true(span_eq(first, rig.asked.body));
	rig.instruction.id = SPAN("R7A2B3C4D5E6F7G8H9J0K1M2N4");
	instruct();
	assert_false(span_eq(first, rig.asked.body));
	rig.instruction.payee_name = SPAN("");
	assert_int_equal(rig.rail->instruct(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_CANNOT);
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
	rig.instruction.fen = 9;
	cannot();
	rig.instruction.fen = 2000001;
	cannot();
	rig.config.max_fen = 0;
	rig.instruction.fen = 20001;   /* 200 yuan, unless the scene was granted more */
	cannot();
	rig.instruction.fen = 20000;
	instruct();
	rig.instruction.payee_account = SPAN("");
	cannot();
	rig.instruction.payee_account = SPAN("o\"x");
	cannot();
	rig.instruction.payee_account = SPAN("oUpF8");
	rig.instruction.remark = SPAN("");
	cannot();
	rig.instruction.remark = SPAN("一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三");
	cannot();
	rig.instruction.remark = SPAN("a");
	rig.config.private_key = SPAN("none");
	cannot();
}

enum sign { SIGNED, UNSIGNED, WRONG };
static const struct answer_row {
	const char *what;
	int status;
	enum sign sign;
	const char *body;
	enum outcome_row row;
	enum rail_outcome outcome;
	const char *code;
	bool alarm;
} to_instruct[] = {
	{ "accepted", 200, SIGNED, BILL("ACCEPTED", ""), OUTCOME_STATE, RAIL_ACCEPTED, "", false },
	{ "waits", 200, SIGNED, BILL("WAIT_USER_CONFIRM", ",\"package_info\":\"affff==\""), OUTCOME_STATE, RAIL_NEEDS_PAYEE, "", false },
	{ "processing", 200, SIGNED, BILL("PROCESSING", ""), OUTCOME_STATE, RAIL_PROCESSING, "", false },
	{ "transfering", 200, SIGNED, BILL("TRANSFERING", ""), OUTCOME_STATE, RAIL_PROCESSING, "", false },
	{ "success without amount", 200, SIGNED, BILL("SUCCESS", ""), OUTCOME_STATE, RAIL_UNKNOWN, "", false },
	{ "fail at once", 200, SIGNED, BILL("FAIL", AMOUNT ",\"fail_reason\":\"ACCOUNT_FROZEN\""), OUTCOME_STATE, RAIL_UNKNOWN, "ACCOUNT_FROZEN", false },
	{ "new state", 200, SIGNED, BILL("DREAMING", ""), OUTCOME_STATE, RAIL_UNKNOWN, "", true },
	{ "bad JSON", 200, SIGNED, "{", OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_BODY", true },
	{ "bad signature", 200, WRONG, BILL("ACCEPTED", ""), OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_SIGNATURE", true },
	{ "no signature", 200, UNSIGNED, BILL("ACCEPTED", ""), OUTCOME_UNREADABLE, RAIL_UNKNOWN, "BAD_SIGNATURE", true },
	{ "wrong id", 200, SIGNED, "{\"out_bill_no\":\"A\",\"state\":\"SUCCESS\"" AMOUNT "}", OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_ID", true },
	{ "wrong amount", 200, SIGNED, BILL("SUCCESS", ",\"transfer_amount\":1"), OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_AMOUNT", true },
	{ "wrong merchant", 200, SIGNED, BILL("SUCCESS", ",\"mch_id\":\"2\",\"transfer_amount\":850000"), OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_MERCHANT", true },
	{ "SYSTEM_ERROR", 500, SIGNED, "{\"code\":\"SYSTEM_ERROR\"}", OUTCOME_WEAK_STATUS, RAIL_UNKNOWN, "WEAK_STATUS", false },
	{ "too often", 429, SIGNED, "{\"code\":\"FREQUENCY_LIMITED\"}", OUTCOME_WEAK_STATUS, RAIL_UNKNOWN, "WEAK_STATUS", false },
	{ "no money", 403, SIGNED, "{\"code\":\"NOT_ENOUGH\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "NOT_ENOUGH", false },
	{ "parameters", 400, SIGNED, "{\"code\":\"PARAM_ERROR\",\"message\":\"张三\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "PARAM_ERROR", false },
	{ "other parameters", 400, SIGNED, "{\"code\":\"ALREADY_EXISTS\"}", OUTCOME_MISMATCH, RAIL_UNKNOWN, "ALREADY_EXISTS", true },
	{ "401", 401, UNSIGNED, "{\"code\":\"SIGN_ERROR\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "NOT_SIGNED", false },
	{ "404 of a bad path", 404, SIGNED, "{\"code\":\"NOT_FOUND\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "NOT_FOUND", false },
}, to_query[] = {
	{ "success", 200, SIGNED, BILL("SUCCESS", AMOUNT), OUTCOME_STATE, RAIL_SUCCEEDED, "", false },
	{ "fail", 200, SIGNED, BILL("FAIL", AMOUNT ",\"fail_reason\":\"OVERDUE_CLOSE\""), OUTCOME_QUERY_ENDED, RAIL_FAILED, "OVERDUE_CLOSE", false },
	{ "cancelled", 200, SIGNED, BILL("CANCELLED", AMOUNT), OUTCOME_QUERY_ENDED, RAIL_CANCELLED, "", false },
	{ "cancelling", 200, SIGNED, BILL("CANCELING", AMOUNT), OUTCOME_STATE, RAIL_CANCELLING, "", false },
	{ "success of another amount", 200, SIGNED, BILL("SUCCESS", ",\"transfer_amount\":850001"), OUTCOME_UNREADABLE, RAIL_UNKNOWN, "WRONG_AMOUNT", true },
	{ "not found", 404, SIGNED, "{\"code\":\"NOT_FOUND\"}", OUTCOME_NOT_FOUND, RAIL_NOT_FOUND, "NOT_FOUND", false },
	{ "not found, unsigned", 404, UNSIGNED, "{\"code\":\"NOT_FOUND\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "NOT_SIGNED", false },
	{ "404 with another code", 404, SIGNED, "{\"code\":\"RESOURCE_NOT_EXISTS\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "RESOURCE_NOT_EXISTS", false },
};

static void expect(const struct answer_row *row, rail_read *reads)
{
	rail_rig_answer(&rig, row->status, row->body);
	if (row->sign == UNSIGNED)
		rig.answer.nfields = 0;
	if (row->sign == WRONG)
		rig.answer.body = span_of(arena_printf(&rig.arena, "%s ", row->body));
	reads(&rig.job, &rig.asked, &rig.answer, &rig.report);
	if (rig.report.row != row->row || rig.report.outcome != row->outcome || strcmp(rig.report.code, row->code) != 0 ||
	    rig.report.alarm != row->alarm)
		fail_msg("%s: row %s, %s, code %s", row->what, outcome_rule(rig.report.row)->name,
			 rail_outcome_name(rig.report.outcome), rig.report.code);
	assert_int_equal(outcome_new_id(&rig.report), row->row == OUTCOME_QUERY_ENDED);
}

static void every_answer(void **state)
{
	(void)state;
	instruct();
	for (size_t i = 0; i < COUNT_OF(to_instruct); i++)
		expect(&to_instruct[i], rig.rail->read_instruct);
	assert_int_equal(rig.rail->query(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_SEND);
	assert_string_equal(rig.asked.url, "https://api.mch.weixin.qq.com" PATH "/out-bill-no/" RAIL_RIG_ID);
	for (size_t i = 0; i < COUNT_OF(to_query); i++)
		expect(&to_query[i], rig.rail->read_query);
}

static void what_the_payee_needs_is_handed_on(void **state)
{
	(void)state;
	instruct();
	expect(&to_instruct[1], rig.rail->read_instruct);
	assert_true(span_is(rig.report.payee_action, "affff=="));
	assert_string_equal(rig.report.provider_ref, "1330");
}

static void cancelling_is_not_cancelled(void **state)
{
	static const struct answer_row rows[] = {
		{ "cancelling", 200, SIGNED, BILL("CANCELING", ""), OUTCOME_STATE, RAIL_CANCELLING, "", false },
		{ "cancelled", 200, SIGNED, BILL("CANCELLED", ""), OUTCOME_STATE, RAIL_CANCELLING, "", false },
		{ "too late", 400, SIGNED, "{\"code\":\"INVALID_REQUEST\"}", OUTCOME_OTHER_4XX, RAIL_UNKNOWN, "INVALID_REQUEST", false },
	};

	(void)state;
	assert_int_equal(rig.rail->cancel(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_SEND);
	assert_string_equal(rig.asked.url, "https://api.mch.weixin.qq.com" PATH "/out-bill-no/" RAIL_RIG_ID "/cancel");
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		expect(&rows[i], rig.rail->read_cancel);
}

/* --- callbacks --------------------------------------------------------------------------- */

/*
 * {"mch_id":"1900000001","out_bill_no":"R7A2...","transfer_bill_no":"1330","state":"SUCCESS","transfer_amount":850000},
 * sealed with Python's cryptography: AESGCM(key).encrypt(b"0123456789ab", text, b"mch_payment")
 */
#define RESOURCE \
	"cWVz8YZVAomBM9wKY9S5lS2boXEjcBxupC1PkM6o4v5tEuz9T9srg+FkWHBfO1iUN9Z5zGlhuB2Gag1ItujgYjhcIFltWtQip98HRK69v+xURJ" \
	"oxVjK2951Fgv62BtRClNAoJlBRIQTER0A+Ho0LoHJ1JOW+TOwb/uTi35j6rB8BJzj8EUelCOv+XDb7qJb6lPOMHeLTpw=="
#define EVENT(kind, cipher, data) \
	"{\"id\":\"EV-1\",\"create_time\":\"2025-11-21T16:00:00Z\",\"resource_type\":\"encrypt-resource\",\"event_type\":\"" kind "\"," \
	"\"resource\":{\"original_type\":\"mch_payment\",\"algorithm\":\"" cipher "\",\"ciphertext\":\"" RESOURCE "\"," \
	"\"associated_data\":\"" data "\",\"nonce\":\"0123456789ab\"}}"
#define FINISHED "MCHTRANSFER.BILL.FINISHED"
#define CIPHER "AEAD_AES_256_GCM"

static void a_callback(void **state)
{
	struct http_request request;
	enum attempt_state after;
	struct span nonce;

	(void)state;
	rail_rig_hook(&rig, SPAN(EVENT(FINISHED, CIPHER, "mch_payment")), &request);
	assert_true(rig.rail->verify_hook(&rig.config, &request, rig.job.now_ms, &nonce));
	assert_true(nonce.len > 0);
	assert_true(rig.rail->read_hook(&rig.config, &request, &rig.arena, &rig.report, &rig.why));
	assert_string_equal(rig.report.event, "EV-1");
	assert_int_equal(rig.report.evidence, EVIDENCE_WEBHOOK);
	assert_true(rail_report_match(&rig.report, SPAN(RAIL_RIG_ID), 850000));
	assert_true(outcome_state(&rig.report, &after));
	assert_int_equal(after, ATTEMPT_SUCCEEDED);
	request.body.len--;
	assert_false(rig.rail->verify_hook(&rig.config, &request, rig.job.now_ms, &nonce));
}

static void callbacks_that_do_not_pass(void **state)
{
	static const char *const bad[] = {
		"", "{}", "[]", EVENT("REFUND.SUCCESS", CIPHER, "mch_payment"), EVENT(FINISHED, "AES", "mch_payment"),
		EVENT(FINISHED, CIPHER, "other"), "{\"id\":\"E\",\"event_type\":\"" FINISHED "\",\"resource\":7}",
		"{\"id\":\"E\",\"event_type\":\"" FINISHED "\",\"resource\":{}}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct http_request request = { .body = span_of(bad[i]) };

		memset(&rig.why, 0, sizeof(rig.why));
		assert_false(rig.rail->read_hook(&rig.config, &request, &rig.arena, &rig.report, &rig.why));
		assert_true(rig.why.text[0] != '\0');
	}
	rig.config.merchant = "1900000002";
	assert_false(rig.rail->read_hook(&rig.config, &(struct http_request){ .body = SPAN(EVENT(FINISHED, CIPHER, "mch_payment")) },
					 &rig.arena, &rig.report, &rig.why));
}

static void callbacks_are_answered(void **state)
{
	struct http_reply reply;

	(void)state;
	rig.rail->answer_hook(true, &reply);
	assert_int_equal(reply.status, 204);
	rig.rail->answer_hook(false, &reply);
	assert_int_equal(reply.status, 503);
	assert_true(reply.body.len > 0);
}

/* --- the bill --------------------------------------------------------------------------------- */

static enum rail_read read_link(const char *host, const char *hash, struct rail_request *next)
{
	struct statement s;

	rig.rail->ask_statement(&rig.job, SPAN("2026-11-20"), &rig.asked);
	rail_rig_answer(&rig, 200, arena_printf(&rig.arena, "{\"hash_type\":\"SHA1\",\"hash_value\":\"%s\",\"download_url\":"
					       "\"%s/v3/billdownload/file?token=x\"}", hash, host));
	return rig.rail->read_statement(&rig.job, SPAN("2026-11-20"), &rig.asked, &rig.answer, &s, next, &rig.why);
}

static void the_bill_comes_in_two_steps(void **state)
{
	struct span bill = rail_rig_file(&rig, "bill.csv");
	unsigned char hash[WECHAT_SHA1_BYTES];
	struct statement s;
	struct rail_request next;

	(void)state;
	wechat_sha1(bill, hash);
	assert_int_equal(read_link(rig.config.url, hex_text(&rig.arena, hash, sizeof(hash)), &next), RAIL_FETCH);
	assert_string_equal(rig.asked.url, "https://api.mch.weixin.qq.com/v3/bill/fundflowbill?bill_date=2026-11-20&account_type=BASIC");
	assert_string_equal(next.url, "https://api.mch.weixin.qq.com/v3/billdownload/file?token=x");
	assert_true(span_is(next.target, "/v3/billdownload/file?token=x"));
	rig.answer = (struct http_response){ .status = 200, .body = bill };
	assert_int_equal(rig.rail->read_statement(&rig.job, SPAN("2026-11-20"), &next, &rig.answer, &s, &rig.asked, &rig.why), RAIL_WHOLE);
	assert_int_equal(s.n, 3);
	rig.answer.body.len--;
	assert_int_equal(rig.rail->read_statement(&rig.job, SPAN("2026-11-20"), &next, &rig.answer, &s, &rig.asked, &rig.why), RAIL_REFUSED);
	rig.answer.status = 404;
	assert_int_equal(rig.rail->read_statement(&rig.job, SPAN("2026-11-20"), &next, &rig.answer, &s, &rig.asked, &rig.why), RAIL_LATER);
}

static void the_bill_is_fetched_from_nowhere_else(void **state)
{
	static const char *const hosts[] = { "http://127.0.0.1", "https://api.mch.weixin.qq.com.evil.example",
					     "https://api.mch.weixin.qq.com@evil.example", "", "https://api.mch.weixin.qq.com:1" };
	static const char hash[] = "a9993e364706816aba3e25717850c26c9cd0d89d";
	struct rail_request next;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hosts); i++)
		assert_int_equal(read_link(hosts[i], hash, &next), RAIL_REFUSED);
	assert_int_equal(read_link(rig.config.url, "a999", &next), RAIL_REFUSED);
	assert_int_equal(read_link(rig.config.url, hash, &next), RAIL_FETCH);
}

static void settings(void **state)
{
	struct rail_config fine;

	(void)state;
	assert_true(rig.rail->check(&rig.config, &rig.why));
	fine = rig.config;
	rig.config.merchant = "19\"";
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config = fine;
	rig.config.private_key = rig.config.platform[0].pem;
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config = fine;
	rig.config.platform[0] = (struct rail_public){ 0 };
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config = fine;
	rig.config.platform[1].id = "3BC15F3460D68672390116DB842697540ECBECBC";
	assert_false(rig.rail->check(&rig.config, &rig.why));
	assert_non_null(strstr(rig.why.text, "old_platform_id: "));
	assert_non_null(strstr(rig.why.text, "3BC15F3460D68672390116DB842697540ECBECBB"));
	rig.config = fine;
	rig.config.url = "http://api.mch.weixin.qq.com";
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config = fine;
	rig.config.api_key.len = 31;
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config = fine;
	rig.config.hook_url = "https://a.example/x?y";
	assert_false(rig.rail->check(&rig.config, &rig.why));
	rig.config.hook_url = "http://a.example/x";
	assert_false(rig.rail->check(&rig.config, &rig.why));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_small_transfer_names_nobody),
		TEST(from_two_thousand_yuan_on_the_name_is_sealed),
		TEST(what_does_not_fit_is_not_sent),
		TEST(every_answer),
		TEST(what_the_payee_needs_is_handed_on),
		TEST(cancelling_is_not_cancelled),
		TEST(a_callback),
		TEST(callbacks_that_do_not_pass),
		TEST(callbacks_are_answered),
		TEST(the_bill_comes_in_two_steps),
		TEST(the_bill_is_fetched_from_nowhere_else),
		TEST(settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
