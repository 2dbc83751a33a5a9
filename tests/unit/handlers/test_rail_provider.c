/*
 * Rails against a provider that misbehaves: tests/support/fake_provider.py as a
 * process of its own, over our HTTP client. Whatever goes wrong, an unknown is
 * found out by asking, the same id is paid once, and only what surely failed
 * allows another id.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/civil_time.h"
#include "daemon/base/json_in.h"
#include "daemon/base/table.h"
#include "daemon/http/client.h"
#include "daemon/money/book.h"
#include "handlers/payout/rail_report.h"
#include "tests/support/rail_rig.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <signal.h>
#include <stdio.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_MS 30000
#define RETENTION_S 86400
#define SILENCE_MS 1000

static struct event_base *base;
static struct http_client *client;
static pid_t provider;
static int provider_input;
static unsigned service, control;
static unsigned instructions;

static struct rail_rig rig;
static char id[INSTRUCTION_ID_LEN + 1];
static struct arena answers;

/* --- the provider --------------------------------------------------------------------- */

static void run_provider(int in, int out)
{
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	execl("tests/support/fake_provider.py", "fake_provider.py", "--retention", "86400", (char *)NULL);
	_exit(127);
}

static int begin_group(void **state)
{
	int in[2], out[2];
	FILE *said;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	provider = fork();
	if (provider == 0)
		run_provider(in[0], out[1]);
	close(in[0]);
	close(out[1]);
	provider_input = in[1];
	said = fdopen(out[0], "r");
	if (said == NULL || fscanf(said, "%u %u", &service, &control) != 2) {
		print_error("fake_provider.py does not start; it needs python3-cryptography\n");
		return -1;
	}
	fclose(said);
	base = event_base_new();
	client = http_client_new(base);
	return 0;
}

/* It ends when its input does. */
static int end_group(void **state)
{
	int status = -1;

	(void)state;
	http_client_free(client);
	event_base_free(base);
	arena_release(&answers);
	close(provider_input);
	waitpid(provider, &status, 0);
	return status;
}

/* --- calls -------------------------------------------------------------------------------- */

struct reply {
	bool done;
	enum http_outcome outcome;
	struct http_response response;
};

static void on_done(void *ctx, const struct http_answer *answer)
{
	struct reply *reply = ctx;

	reply->done = true;
	reply->outcome = answer->outcome;
	reply->response.status = answer->status;
	reply->response.body = arena_dup(&answers, answer->body);
	http_response_head(arena_dup(&answers, answer->head), &reply->response);
}

static void call(const struct http_call *what, struct reply *reply)
{
	*reply = (struct reply){ 0 };
	http_client_start(client, what, on_done, reply);
	while (!reply->done)
		event_base_loop(base, EVLOOP_ONCE);
}

/* One order to the control port; its answer. */
static struct span order(const char *path, const char *body)
{
	struct http_call what = { .method = HTTP_POST, .body = span_of(body), .timeout_ms = TIMEOUT_MS, .answer_max_bytes = 1 << 20 };
	struct reply reply;

	what.url = arena_printf(&answers, "http://127.0.0.1:%u%s", control, path);
	call(&what, &reply);
	assert_int_equal(reply.response.status, 200);
	return reply.response.body;
}

static bool silent;   /* the next request of an instruction gets no answer, which is not waited for long */

static void fault(const char *name, const char *on, const char *more)
{
	silent = strcmp(name, "silence") == 0;
	order("/fault", arena_printf(&answers, "{\"name\":\"%s\",\"on\":\"%s\"%s}", name, on, more));
}

/* How often money went out for the instruction. */
static int64_t times_paid(void)
{
	struct json_object *one = arena_new(&answers, struct json_object);
	struct span said = order("/sent", "");
	char needle[64];
	size_t at;
	int64_t times;

	/* There may be more ids than an object of ours takes: the one member is looked for. */
	snprintf(needle, sizeof(needle), "\"%s\": ", id);
	at = span_find(said, span_of(needle));
	if (at == said.len)
		return 0;
	said = span_from_offset(said, at + strlen(needle));
	said.len = span_find(said, SPAN("}")) + 1;
	assert_true(json_object_read(said, &answers, one, NULL));
	assert_true(money_read(json_member_find(one, "times")->text, false, &times));
	return times;
}

/* --- one instruction ------------------------------------------------------------------------ */

static void begin_instruction(const char *driver, const char *mode)
{
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u", service);
	rail_rig_begin(&rig, driver, url);
	rig.config.url = arena_dup(&rig.arena, span_of(url)).at;
	snprintf(id, sizeof(id), "TEST%022u", ++instructions);
	rig.instruction.id = span_of(id);
	rig.job.now_ms = (int64_t)time(NULL) * 1000;
	rig.instruction.expires_ms = rig.job.now_ms + 86400000;
	order("/mode", arena_printf(&answers, "{\"mode\":\"%s\"}", mode));
}

static void end_instruction(void)
{
	rail_rig_end(&rig);
	arena_release(&answers);
}

/* Makes, sends and reads one request; the report is what the daemon would go by. */
static void go(rail_make *make, rail_read *reads)
{
	struct reply reply;

	rig.job.random[0]++;
	assert_int_equal(make(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_SEND);
	call(&(struct http_call){ .url = rig.asked.url, .method = rig.asked.method, .fields = rig.asked.fields, .body = rig.asked.body,
				  .timeout_ms = silent ? SILENCE_MS : TIMEOUT_MS, .answer_max_bytes = 1 << 20 }, &reply);
	silent = false;
	if (reply.outcome == HTTP_ANSWERED)
		reads(&rig.job, &rig.asked, &reply.response, &rig.report);
	else
		rail_report_silence(&rig.report, reply.outcome == HTTP_NOT_SENT);
}

static void instruct(void)
{
	go(rig.rail->instruct, rig.rail->read_instruct);
}

static void query(void)
{
	go(rig.rail->query, rig.rail->read_query);
}

static void expect(const char *what, enum outcome_row row, enum rail_outcome outcome)
{
	if (rig.report.row != row || rig.report.outcome != outcome)
		fail_msg("%s, %s: row %s, %s, code %s", rig.config.driver, what, outcome_rule(rig.report.row)->name,
			 rail_outcome_name(rig.report.outcome), rig.report.code);
}

static const char *const drivers[] = { "http", "wechat" };
#define BOTH 3u
#define HTTP 1u
#define WECHAT 2u

/* Every fault on the instruction's way, what we make of it, and whether money went out behind our back. */
static const struct {
	const char *name, *more;
	unsigned faces;
	enum outcome_row row;
	bool paid, new_id;
} faults[] = {
	{ .name = "close_before", .more = "", .faces = BOTH, .row = OUTCOME_NO_ANSWER },
	{ .name = "close_after", .more = "", .faces = BOTH, .row = OUTCOME_NO_ANSWER, .paid = true },
	{ .name = "close_after", .more = ",\"act\":false", .faces = BOTH, .row = OUTCOME_NO_ANSWER },
	{ .name = "silence", .more = "", .faces = BOTH, .row = OUTCOME_NO_ANSWER, .paid = true },
	{ .name = "silence", .more = ",\"act\":false", .faces = BOTH, .row = OUTCOME_NO_ANSWER },
	{ .name = "status", .more = ",\"status\":500", .faces = BOTH, .row = OUTCOME_WEAK_STATUS },
	{ .name = "status", .more = ",\"status\":503,\"act\":true", .faces = BOTH, .row = OUTCOME_WEAK_STATUS, .paid = true },
	{ .name = "status", .more = ",\"status\":408,\"act\":true", .faces = BOTH, .row = OUTCOME_WEAK_STATUS, .paid = true },
	{ .name = "status", .more = ",\"status\":429", .faces = BOTH, .row = OUTCOME_WEAK_STATUS },
	{ .name = "redirect", .more = ",\"act\":true", .faces = BOTH, .row = OUTCOME_WEAK_STATUS, .paid = true },
	{ .name = "status", .more = ",\"status\":404,\"act\":true", .faces = BOTH, .row = OUTCOME_OTHER_4XX, .paid = true },
	{ .name = "bad_json", .more = "", .faces = BOTH, .row = OUTCOME_UNREADABLE, .paid = true },
	{ .name = "bad_signature", .more = "", .faces = BOTH, .row = OUTCOME_UNREADABLE, .paid = true },
	{ .name = "no_signature", .more = "", .faces = BOTH, .row = OUTCOME_UNREADABLE, .paid = true },
	{ .name = "old_signature", .more = "", .faces = BOTH, .row = OUTCOME_UNREADABLE, .paid = true },
	{ .name = "other_answer", .more = "", .faces = BOTH, .row = OUTCOME_UNREADABLE, .paid = true },
	{ .name = "wrong_id", .more = "", .faces = BOTH, .row = OUTCOME_UNREADABLE, .paid = true },
	{ .name = "wrong_amount", .more = "", .faces = BOTH, .row = OUTCOME_UNREADABLE, .paid = true },
	{ .name = "wrong_currency", .more = "", .faces = BOTH, .row = OUTCOME_UNREADABLE, .paid = true },
	{ .name = "no_amount", .more = "", .faces = HTTP, .row = OUTCOME_UNREADABLE, .paid = true },
	{ .name = "no_amount", .more = "", .faces = WECHAT, .row = OUTCOME_STATE, .paid = true },
	{ .name = "mismatch", .more = "", .faces = BOTH, .row = OUTCOME_MISMATCH },
	{ .name = "mismatch", .more = ",\"status\":422", .faces = BOTH, .row = OUTCOME_MISMATCH },
	{ .name = "refusal", .more = ",\"status\":400,\"code\":\"SOMETHING_NEW\"", .faces = BOTH, .row = OUTCOME_OTHER_4XX },
	{ .name = "refusal", .more = ",\"status\":400,\"code\":\"ACCOUNT_CLOSED\"", .faces = WECHAT, .row = OUTCOME_OTHER_4XX },
	{ .name = "refusal", .more = ",\"status\":400,\"code\":\"ACCOUNT_CLOSED\"", .faces = HTTP, .row = OUTCOME_FINAL_CODE, .new_id = true },
	{ .name = "refusal", .more = ",\"status\":422,\"code\":\"CHANNEL_OFF\"", .faces = HTTP, .row = OUTCOME_FINAL_CODE, .new_id = true },
};

/* What follows an unknown: ask, and where nothing is known send the same again. It is paid once. */
static void find_out(const char *what, bool paid)
{
	query();
	if (paid) {
		expect(what, OUTCOME_STATE, RAIL_SUCCEEDED);
	} else {
		expect(what, OUTCOME_NOT_FOUND, RAIL_NOT_FOUND);
		instruct();
		query();
		expect(what, OUTCOME_STATE, RAIL_SUCCEEDED);
	}
	instruct();
	instruct();
	assert_int_equal(times_paid(), 1);
}

static void every_fault_is_survived(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(faults) * COUNT_OF(drivers); i++) {
		const char *what = arena_printf(&answers, "%s%s", faults[i / 2].name, faults[i / 2].more);

		if ((faults[i / 2].faces & 1u << i % 2) == 0)
			continue;
		begin_instruction(drivers[i % 2], "succeed");
		fault(faults[i / 2].name, "instruct", faults[i / 2].more);
		instruct();
		expect(what, faults[i / 2].row, faults[i / 2].new_id ? RAIL_FAILED : RAIL_UNKNOWN);
		assert_int_equal(outcome_new_id(&rig.report), faults[i / 2].new_id);
		assert_int_equal(times_paid(), faults[i / 2].paid);
		if (!faults[i / 2].new_id)
			find_out(what, faults[i / 2].paid);
		end_instruction();
	}
}

/* A query that fails says nothing, however it fails; least of all that the payment failed. */
static void a_bad_query_ends_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(faults) * COUNT_OF(drivers); i++) {
		begin_instruction(drivers[i % 2], "succeed");
		instruct();
		fault(faults[i / 2].name, "query", faults[i / 2].more);
		query();
		assert_false(outcome_new_id(&rig.report));
		assert_int_equal(rig.report.outcome, RAIL_UNKNOWN);
		end_instruction();
	}
}

static void a_closed_door_is_not_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(drivers); i++) {
		begin_instruction(drivers[i], "succeed");
		order("/refuse", "{\"on\":true}");
		instruct();
		expect("refused", OUTCOME_NOT_SENT, RAIL_UNKNOWN);
		assert_int_equal(outcome_rule(rig.report.row)->act, OUTCOME_SEND_AGAIN);
		order("/refuse", "{\"on\":false}");
		instruct();
		query();
		expect("open again", OUTCOME_STATE, RAIL_SUCCEEDED);
		assert_int_equal(times_paid(), 1);
		end_instruction();
	}
}

/* The same id with another amount is refused out there, and our bug here. */
static void another_body_is_an_incident(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(drivers); i++) {
		begin_instruction(drivers[i], "succeed");
		instruct();
		rig.instruction.fen++;
		instruct();
		assert_true(outcome_rule(rig.report.row)->incident);
		assert_int_equal(times_paid(), 1);
		end_instruction();
	}
}

static void settle(const char *state, const char *code)
{
	order("/settle", arena_printf(&answers, "{\"id\":\"%s\",\"state\":\"%s\",\"code\":\"%s\"}", id, state, code));
}

/* Failed by a verified query, and paid nevertheless: the report tells, the book has to know what to do (rule A5). */
static void a_late_success(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(drivers); i++) {
		begin_instruction(drivers[i], "processing");
		instruct();
		expect("processing", OUTCOME_STATE, RAIL_PROCESSING);
		settle("failed", "NEW_REASON");
		query();
		expect("failed", OUTCOME_QUERY_ENDED, RAIL_FAILED);
		assert_string_equal(rig.report.code, "NEW_REASON");
		assert_true(outcome_new_id(&rig.report));
		settle("succeeded", "");
		query();
		expect("late", OUTCOME_STATE, RAIL_SUCCEEDED);
		assert_int_equal(rig.report.evidence, EVIDENCE_QUERY);
		assert_true(attempt_may(ATTEMPT_FAILED, EVIDENCE_QUERY, ATTEMPT_SUCCEEDED, rig.report.evidence));
		end_instruction();
	}
}

static void cancelling_waits_for_the_query(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(drivers); i++) {
		begin_instruction(drivers[i], "needs_payee");
		instruct();
		expect("waits", OUTCOME_STATE, RAIL_NEEDS_PAYEE);
		go(rig.rail->cancel, rig.rail->read_cancel);
		expect("cancel", OUTCOME_STATE, RAIL_CANCELLING);
		query();
		expect("cancelling", OUTCOME_STATE, RAIL_CANCELLING);
		settle(i == 0 ? "cancelled" : "succeeded", "");
		query();
		expect("after", i == 0 ? OUTCOME_QUERY_ENDED : OUTCOME_STATE, i == 0 ? RAIL_CANCELLED : RAIL_SUCCEEDED);
		assert_int_equal(times_paid(), i);
		end_instruction();
	}
}

/* What the retention of ids is for: beyond it the same id pays twice, and our rule keeps us from sending it. */
static void ids_are_forgotten(void **state)
{
	struct rail_profile profile;
	int64_t first;

	(void)state;
	begin_instruction("http", "succeed");
	rig.config.id_retention_ms = RETENTION_S * INT64_C(1000);
	rig.rail->profile(&rig.config, &profile);
	instruct();
	first = rig.job.now_ms;
	order("/advance", "{\"seconds\":86401}");
	query();
	expect("forgotten", OUTCOME_NOT_FOUND, RAIL_NOT_FOUND);
	assert_false(outcome_may_resend(&profile, &(struct outcome_missing){ .first_sent_ms = first, .answers = 9 },
					first + RETENTION_S * INT64_C(1000)));
	instruct();
	assert_int_equal(times_paid(), 2);
	end_instruction();
}

/* --- callbacks ---------------------------------------------------------------------------------- */

#define HOOKS_MAX 16

static struct {
	size_t n, verified;
	struct rail_report reports[HOOKS_MAX];
} hooks;

static void on_hook(struct evhttp_request *got, void *ctx)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(got);
	struct http_request request = { .method = HTTP_POST, .path = span_of(evhttp_request_get_uri(got)) };
	const struct evkeyval *field;
	struct span nonce;

	(void)ctx;
	request.body = span_from(evbuffer_pullup(body, -1), evbuffer_get_length(body));
	TAILQ_FOREACH (field, evhttp_request_get_input_headers(got), next)
		request.fields[request.nfields++] = (struct http_field){ .name = span_of(field->key), .value = span_of(field->value) };
	hooks.n++;
	if (!rig.rail->verify_hook(&rig.config, &request, (int64_t)time(NULL) * 1000, &nonce)) {
		evhttp_send_reply(got, 401, NULL, NULL);
		return;
	}
	assert_true(hooks.verified < HOOKS_MAX);
	assert_true(rig.rail->read_hook(&rig.config, &request, &answers, &hooks.reports[hooks.verified++], &rig.why));
	evhttp_send_reply(got, 204, NULL, NULL);
}

static struct evhttp *listen_for_hooks(unsigned *port)
{
	struct evhttp *server = evhttp_new(base);
	struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(server, "127.0.0.1", 0);
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	assert_non_null(bound);
	getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&at, &len);
	*port = ntohs(at.sin_port);
	evhttp_set_gencb(server, on_hook, NULL);
	memset(&hooks, 0, sizeof(hooks));
	return server;
}

static void callback(const char *face, unsigned port, const char *states, const char *more)
{
	order("/callback", arena_printf(&answers, "{\"face\":\"%s\",\"url\":\"http://127.0.0.1:%u/hooks/wallet\",\"id\":\"%s\","
						 "\"states\":[%s]%s}", face, port, id, states, more));
}

/* Reordered and doubled: only a success moves the attempt, doubles have one event id, a wrong signature gets nowhere. */
static void callbacks_doubled_reordered_forged(void **state)
{
	enum attempt_state after;
	unsigned port;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(drivers); i++) {
		struct evhttp *server = listen_for_hooks(&port);

		begin_instruction(drivers[i], "processing");
		instruct();
		callback(drivers[i], port, "\"succeeded\",\"failed\"", ",\"times\":2");
		callback(drivers[i], port, "\"succeeded\"", ",\"bad\":\"yes\"");
		assert_int_equal(hooks.n, 5);
		assert_int_equal(hooks.verified, 4);
		for (size_t n = 0; n < 4; n++) {
			assert_true(rail_report_match(&hooks.reports[n], rig.instruction.id, rig.instruction.fen));
			assert_int_equal(outcome_state(&hooks.reports[n], &after), n < 2);
			assert_false(outcome_new_id(&hooks.reports[n]));
		}
		assert_string_equal(hooks.reports[0].event, hooks.reports[1].event);
		assert_string_not_equal(hooks.reports[1].event, hooks.reports[2].event);
		evhttp_free(server);
		end_instruction();
	}
}

/* --- profile and statements ------------------------------------------------------------------------ */

static void the_profile_comes_over_the_wire(void **state)
{
	struct rail_profile profile;
	struct reply reply;

	(void)state;
	begin_instruction("http", "succeed");
	assert_int_equal(rig.rail->ask_profile(&rig.job, &rig.asked, &rig.report, &rig.why), RAIL_SEND);
	call(&(struct http_call){ .url = rig.asked.url, .fields = rig.asked.fields, .timeout_ms = TIMEOUT_MS, .answer_max_bytes = 9999 },
	     &reply);
	assert_int_equal(rig.rail->read_profile(&rig.job, &rig.asked, &reply.response, &profile, &rig.why), RAIL_WHOLE);
	assert_int_equal(profile.max_fen, 2000000);
	assert_int_equal(profile.nfinals, 1);
	end_instruction();
}

static enum rail_read fetch_statement(struct span date, struct statement *out)
{
	struct rail_request next;
	enum rail_read got = RAIL_FETCH;
	struct reply reply;

	rig.rail->ask_statement(&rig.job, date, &rig.asked);
	for (int step = 0; step < 2 && got == RAIL_FETCH; step++) {
		call(&(struct http_call){ .url = rig.asked.url, .fields = rig.asked.fields, .timeout_ms = TIMEOUT_MS,
					  .answer_max_bytes = 1 << 20 }, &reply);
		got = rig.rail->read_statement(&rig.job, date, &rig.asked, &reply.response, out, &next, &rig.why);
		rig.asked = next;
	}
	return got;
}

/* The statement lists what was paid, by our id. (The provider's clock stands a day ahead by now.) */
static void the_statement_has_the_payment(void **state)
{
	struct statement s = { 0 };
	char date[CIVIL_DATE_MAX];
	unsigned found;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(drivers); i++) {
		found = 0;
		begin_instruction(drivers[i], "succeed");
		rig.config.account = i == 0 ? "main" : NULL;
		instruct();
		civil_write_date(rig.job.now_ms + 86401000, CIVIL_BEIJING_MINUTES, date);
		assert_int_equal(fetch_statement(span_of(date), &s), RAIL_WHOLE);
		for (size_t n = 0; n < s.n; n++)
			found += span_is(s.lines[n].instruction, id) && !s.lines[n].credit && s.lines[n].fen == 850000;
		assert_int_equal(found, 1);
		end_instruction();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_is_survived),
		cmocka_unit_test(a_bad_query_ends_nothing),
		cmocka_unit_test(a_closed_door_is_not_sent),
		cmocka_unit_test(another_body_is_an_incident),
		cmocka_unit_test(a_late_success),
		cmocka_unit_test(cancelling_waits_for_the_query),
		cmocka_unit_test(callbacks_doubled_reordered_forged),
		cmocka_unit_test(the_profile_comes_over_the_wire),
		cmocka_unit_test(ids_are_forgotten),
		cmocka_unit_test(the_statement_has_the_payment),
	};

	return cmocka_run_group_tests(tests, begin_group, end_group);
}
