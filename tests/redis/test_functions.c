/*
 * Each function on a private server: what it refuses, it refuses before it has
 * written anything.
 *
 * A small world (two waiting tips, one under the other, one under a lease, an
 * intent, an SMS part) is built; then every key of every call is replaced by one of a wrong type, and
 * every argument by nonsense. DEBUG DIGEST tells whether anything changed.
 */
#include "daemon/store/calls.h"
#include "daemon/store/keys.h"
#include "daemon/sys/clock.h"
#include "tests/support/journal_sample.h"
#include "tests/support/private_redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#define HOUR_MS 3600000u
#define CALLS_MAX 40

static struct private_redis server;
static redisContext *link_to;
static struct arena arena;

static redisReply *say(const char *format, ...)
{
	redisReply *reply;
	va_list words;

	va_start(words, format);
	reply = redisvCommand(link_to, format, words);
	va_end(words);
	assert_non_null(reply);
	return reply;
}

#define DO(...) freeReplyObject(say(__VA_ARGS__))

static redisReply *send_words(const struct command *command)
{
	redisReply *reply = redisCommandArgv(link_to, (int)command->n, command->words, command->lens);

	assert_non_null(reply);
	return reply;
}

static struct command words_of(const struct store_request *request)
{
	struct command commands[COMMANDS_MAX];

	assert_int_equal(calls_build(request, &arena, commands), 1);
	/* Words borrow from the request, which may be gone when they are sent. */
	for (size_t i = 0; i < commands[0].n; i++)
		commands[0].words[i] = arena_dup(&arena, span_from(commands[0].words[i], commands[0].lens[i])).at;
	return commands[0];
}

static void must(const struct store_request *request)
{
	struct command command = words_of(request);
	redisReply *reply = send_words(&command);

	if (reply->type == REDIS_REPLY_ERROR)
		fail_msg("%s: %s", command.words[1], reply->str);
	freeReplyObject(reply);
}

static char *digest(void)
{
	redisReply *reply = say("DEBUG DIGEST");
	char *text;

	assert_int_equal(reply->type, REDIS_REPLY_STATUS);
	text = arena_printf(&arena, "%s", reply->str);
	freeReplyObject(reply);
	return text;
}

/* --- the world ---------------------------------------------------------------------------------- */

static struct store_tip tip_of(const char *id)
{
	struct store_tip tip = { .region = "150602",
				 .points = 50,
				 .received_ms = 7,
				 .sealed = SPAN("sealed"),
				 .event = SPAN("{\"e\":\"accepted\"}"),
				 .fingerprint = SPAN("f"),
				 .commitment = SPAN("c"),
				 .seed = SPAN("sixteen bytes..."),
				 .identity = SPAN("identity"),
				 .answer = SPAN("answer"),
				 .answer_ttl_s = 60,
				 .outbox = SPAN("intent"),
				 .data_key = { .id = "key-one", .sealed = SPAN("key") } };

	snprintf(tip.id.text, sizeof(tip.id.text), "%s", id);
	memset(tip.receipt_mark, 'm', sizeof(tip.receipt_mark));
	memcpy(tip.request_mark, id + 3, 10);
	return tip;
}

static const char claimed_region[][7] = { "150602" };
static struct store_claim claim = { .shard = "15",
				    .regions = claimed_region,
				    .nregions = 1,
				    .max = 1,
				    .lease_ms = 1,
				    .holder = { .at = "officer", .len = 7 } };
static struct store_part part = { .group = "0123456789abcde",
				  .total = 3,
				  .number = 1,
				  .digest = "digest1",
				  .sealed = { .at = "one", .len = 3 },
				  .timeout_ms = 1,
				  .open_max = 20 };

static const struct store_batch sealed = { .number = 1,
					   .size = 8,
					   .journal = 3,
					   .at_ms = 7,
					   .root = "root",
					   .note = { .at = "note\n", .len = 5 } };

static struct store_link link_of(enum store_link_kind kind, const char *id, const char *other)
{
	struct store_link link = { .kind = kind,
				   .received_ms = 7,
				   .score = 61,
				   .why = SPAN("wording"),
				   .points = 70,
				   .context = SPAN("1 0 0 0 0"),
				   .event = SPAN("{\"e\":\"fact\"}") };

	memcpy(link.id.text, id, TIP_ID_LEN);
	memcpy(link.other.text, other, TIP_ID_LEN);
	return link;
}

static void world(void)
{
	struct store_tip tips[3] = { tip_of("15-0000000001"), tip_of("15-0000000002"),
				     tip_of("15-0000000008") };
	struct store_link link = link_of(STORE_LINK_SET, "15-0000000008", "15-0000000002");
	struct store_request job = {
		.op = STORE_JOB_LEASE, .shard = "15", .holder = SPAN("me"), .lease_ms = HOUR_MS
	};

	DO("FLUSHALL");
	must(&(struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = 3 });
	must(&(struct store_request){ .op = STORE_CLAIM, .claim = &claim });
	must(&(struct store_request){ .op = STORE_LINK, .link = &link });
	must(&(struct store_request){ .op = STORE_PART, .part = &part });
	job.job = "timers";
	must(&job);
	job.job = "courier";
	must(&job);
	job.job = "sealer";
	must(&job);
	must(&(struct store_request){
		.op = STORE_LOG_SEAL, .shard = "15", .job = "sealer", .fence = 1, .batch = &sealed });
	DO("DEBUG SLEEP 0.003");
}

/* The batch behind the world's, with one of its events. */
static size_t log_calls(struct command *out)
{
	struct store_batch *batch = arena_new(&arena, struct store_batch);
	struct span *events = arena_array(&arena, struct span, 2);
	size_t n = 0;

	*batch = sealed;
	batch->number = 2;
	batch->before = 8;
	batch->size = 16;
	batch->journal++;
	events[0] = SPAN("{\"e\":\"read\"}");
	events[1] = SPAN("{\"e\":\"exported\"}");
	out[n++] = words_of(&(struct store_request){
		.op = STORE_LOG_SEAL, .shard = "15", .job = "sealer", .fence = 1, .batch = batch });
	out[n++] = words_of(&(struct store_request){ .op = STORE_LOG_READ, .shard = "15", .from = 1, .max = 9 });
	out[n++] = words_of(&(struct store_request){ .op = STORE_AUDIT, .messages = events, .nmessages = 2 });
	return n;
}

/* One valid call for each kind of link, as a job and as a person would make it. */
static size_t link_calls(struct command *out)
{
	static const struct {
		enum store_link_kind kind;
		const char *id, *other;
		bool by_person;
	} facts[] = {
		{ STORE_LINK_SET, "15-0000000002", "15-0000000001", false },
		{ STORE_LINK_SET, "15-0000000002", "11-0000000001", true },
		{ STORE_LINK_UNSET, "15-0000000008", "15-0000000002", true },
		{ STORE_LINK_CHILD, "15-0000000001", "44-0000000007", false },
		{ STORE_LINK_NO_CHILD, "15-0000000002", "15-0000000008", true },
		{ STORE_LINK_SUGGEST, "15-0000000008", "44-0000000007", false },
		{ STORE_LINK_DECLINE, "15-0000000008", "44-0000000007", true },
		{ STORE_LINK_SCORE, "15-0000000002", "", false },
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct store_link *link = arena_new(&arena, struct store_link);

		*link = link_of(facts[i].kind, facts[i].id, facts[i].other[0] != '\0' ? facts[i].other : facts[i].id);
		link->outbox = SPAN("intent");
		out[n++] = words_of(&(struct store_request){
			.op = STORE_LINK, .link = link, .job = facts[i].by_person ? NULL : "timers", .fence = 1 });
	}
	return n;
}

static size_t money_calls(struct command *out)
{
	struct store_head none = { .seq = 0 };
	struct store_money *money = arena_new(&arena, struct store_money);
	struct store_request put = { .op = STORE_VAULT_PUT, .token = SPAN("token"), .sealed = SPAN("sealed") };
	struct store_try *try = arena_new(&arena, struct store_try);
	struct store_bucket *bucket = arena_new(&arena, struct store_bucket);
	size_t n = 0;

	*try = (struct store_try){ .mark = "a mark", .free = 2, .max = 9, .wait_max_s = 60, .period_s = 60 };
	*money = journal_sample(&none, clock_wall_ms(), "k-1", 1, &arena);
	out[n++] = words_of(&(struct store_request){ .op = STORE_MONEY_APPEND, .money = money });
	out[n++] = words_of(&(struct store_request){ .op = STORE_MONEY_READ, .from = 1, .max = 9 });
	out[n++] = words_of(&put);
	put.op = STORE_VAULT_DROP;
	out[n++] = words_of(&put);
	out[n++] = words_of(&(struct store_request){ .op = STORE_TRY, .try = try });
	*bucket = (struct store_bucket){ .mark = "a bucket", .burst = 2, .per_hour = 60 };
	out[n++] = words_of(&(struct store_request){ .op = STORE_BUCKET, .bucket = bucket });
	return n;
}

/* One valid call of every function on that world. */
static size_t calls(struct command out[CALLS_MAX])
{
	static const struct clock_limits limits = { .ms = { { 9, 9, 9, 9 }, { 9, 9, 9, 9 }, { 9, 9, 9, 9 } } };
	struct store_tip *fresh = arena_array(&arena, struct store_tip, 3);
	struct store_change *change = arena_new(&arena, struct store_change);
	struct store_outbox_end *end = arena_new(&arena, struct store_outbox_end);
	struct store_outbox_put *put = arena_new(&arena, struct store_outbox_put);
	struct store_part *second = arena_new(&arena, struct store_part);
	struct span *messages = arena_array(&arena, struct span, 2);
	size_t n = 0;

	fresh[0] = tip_of("15-0000000003");
	fresh[1] = tip_of("11-0000000004");
	memcpy(fresh[1].region, "110105", 7);
	fresh[2] = tip_of("15-0000000005");
	messages[0] = SPAN("one");
	messages[1] = SPAN("two");
	*change = (struct store_change){ .id = fresh[0].id,
					 .expect_rev = 4,
					 .state = TIP_QUEUED,
					 .event = SPAN("{\"e\":\"released\"}"),
					 .region = "150100",
					 .points = 9,
					 .message = SPAN("message"),
					 .sealed = SPAN("anew"),
					 .outbox = SPAN("intent"),
					 .data_key = { .id = "key-two", .sealed = SPAN("key") },
					 .example = SPAN("example") };
	memcpy(change->id.text, "15-0000000001", 14);
	*end = (struct store_outbox_end){ .item = SPAN("1"),
					  .end = OUTBOX_CARRIED_OUT,
					  .event = SPAN("{\"e\":\"sent\"}"),
					  .tip = change->id };
	*put = (struct store_outbox_put){ .mark = "a mark", .payload = SPAN("intent"), .remember_s = 60 };
	fresh[2].hops = 1;
	memcpy(fresh[2].parent.text, "11-0000000001", 14);
	fresh[2].context = SPAN("1 0 0 0 0");
	*second = part;
	second->number = 2;
	second->before = part.group;
	second->note = SPAN("note");
	out[n++] = words_of(&(struct store_request){ .op = STORE_ACCEPT, .tips = fresh, .ntips = 2 });
	out[n++] = words_of(&(struct store_request){
		.op = STORE_RECEIVE, .tips = fresh + 2, .ntips = 1, .messages = messages, .nmessages = 2 });
	out[n++] = words_of(&(struct store_request){ .op = STORE_READ, .id = change->id, .identity = true });
	out[n++] = words_of(&(struct store_request){ .op = STORE_CHANGE, .change = change });
	out[n++] = words_of(&(struct store_request){ .op = STORE_CLAIM, .claim = &claim });
	out[n++] = words_of(&(struct store_request){
		.op = STORE_HELD, .shard = "15", .holder = SPAN("officer"), .max = 9 });
	out[n++] = words_of(&(struct store_request){ .op = STORE_QUEUES, .shard = "15" });
	out[n++] = words_of(&(struct store_request){
		.op = STORE_PAGE,
		.shard = "15",
		.page = &(struct store_page){ .region = "150000", .waiting = true, .held = true, .most = 100, .max = 9, .looks = 9 } });
	out[n++] = words_of(&(struct store_request){
		.op = STORE_PAGE,
		.shard = "15",
		.page = &(struct store_page){
			.region = "150000", .waiting = true, .order = STORE_DUE_FIRST, .limits = &limits, .most = 100, .max = 9, .looks = 9 } });
	out[n++] = words_of(&(struct store_request){
		.op = STORE_EXPIRE, .shard = "15", .job = "timers", .fence = 1, .max = 9 });
	out[n++] = words_of(&(struct store_request){ .op = STORE_PART, .part = second });
	out[n++] = words_of(&(struct store_request){ .op = STORE_PARTS_DUE, .max = 9, .lease_ms = 9 });
	out[n++] =
		words_of(&(struct store_request){ .op = STORE_PARTS_DONE, .part = second, .id = change->id });
	out[n++] = words_of(&(struct store_request){ .op = STORE_OUTBOX_DUE,
						     .shard = "15",
						     .job = "courier",
						     .fence = 1,
						     .max = 9,
						     .lease_ms = 9 });
	out[n++] =
		words_of(&(struct store_request){ .op = STORE_OUTBOX_END, .shard = "15", .outbox_end = end });
	out[n++] =
		words_of(&(struct store_request){ .op = STORE_OUTBOX_PUT, .shard = "15", .outbox_put = put });
	out[n++] = words_of(&(struct store_request){
		.op = STORE_JOB_LEASE, .shard = "15", .job = "timers", .holder = SPAN("me"), .lease_ms = 9 });
	out[n++] = words_of(&(struct store_request){
		.op = STORE_JOB_NOTE, .shard = "15", .job = "timers", .fence = 1, .from = 9 });
	n += link_calls(out + n);
	n += log_calls(out + n);
	return n + money_calls(out + n);
}

/* Calls; a refusal must have left everything as it was. True when it was refused. */
static bool refused_without_a_trace(const struct command *command, size_t place)
{
	char *before = digest();
	redisReply *reply = send_words(command);
	bool refused = reply->type == REDIS_REPLY_ERROR;

	if (refused && strcmp(before, digest()) != 0)
		fail_msg("%s word %zu (%s): refused with \"%s\" after it had written", command->words[1],
			 place, command->words[place], reply->str);
	freeReplyObject(reply);
	return refused;
}

/* --- tests ---------------------------------------------------------------------------------------- */

static void every_call_is_valid_as_it_is(void **unused)
{
	struct command all[CALLS_MAX];
	size_t n = calls(all);

	(void)unused;
	assert_int_equal(n, 35);
	for (size_t i = 0; i < n; i++) {
		redisReply *reply;

		world();
		reply = send_words(&all[i]);
		if (reply->type == REDIS_REPLY_ERROR)
			fail_msg("%s: %s", all[i].words[1], reply->str);
		freeReplyObject(reply);
	}
}

static void poison(const char *key, size_t len, bool list)
{
	DO("DEL %b", key, len);
	if (list)
		DO("RPUSH %b poison", key, len);
	else
		DO("SET %b poison", key, len);
}

static void a_key_of_a_wrong_type_is_refused_before_any_write(void **unused)
{
	struct command all[CALLS_MAX];
	size_t n = calls(all), refusals = 0;

	(void)unused;
	for (size_t i = 0; i < n; i++) {
		size_t nkeys = strtoul(all[i].words[2], NULL, 10);

		for (size_t k = 0; k < 2 * nkeys; k++) {
			size_t place = 3 + k / 2;

			world();
			poison(all[i].words[place], all[i].lens[place], k % 2 == 0);
			refusals += refused_without_a_trace(&all[i], place);
		}
	}
	assert_true(refusals > 60);
}

static void nonsense_for_an_argument_never_leaves_half_a_change(void **unused)
{
	static const char *const nonsense[] = { "", "-1", "1e3", "99999999999999999999", "nonsense" };
	struct command all[CALLS_MAX];
	size_t n = calls(all), refusals = 0;

	(void)unused;
	for (size_t i = 0; i < n; i++) {
		for (size_t place = 3 + strtoul(all[i].words[2], NULL, 10); place < all[i].n; place++) {
			const char *word = all[i].words[place];
			size_t len = all[i].lens[place];

			for (size_t s = 0; s < 5; s++) {
				world();
				all[i].words[place] = nonsense[s];
				all[i].lens[place] = strlen(nonsense[s]);
				refusals += refused_without_a_trace(&all[i], place);
			}
			all[i].words[place] = word;
			all[i].lens[place] = len;
		}
	}
	assert_true(refusals > 100);
}

static void a_word_too_few_or_too_many_is_refused(void **unused)
{
	struct command all[CALLS_MAX];
	size_t n = calls(all);

	(void)unused;
	world();
	for (size_t i = 0; i < n; i++) {
		struct command shorter = all[i];
		char *count = arena_printf(&arena, "%lu", strtoul(all[i].words[2], NULL, 10) - 1);

		shorter.words[2] = count;
		shorter.lens[2] = strlen(count);
		assert_true(refused_without_a_trace(&shorter, 2));
	}
}

/* The entries moved out of Redis must not make numbers start again. */
/* The first call learns of a cut that was made by hand, by being refused; the next one goes on. */
static void numbers_go_on_when_the_journal_was_trimmed(void **unused)
{
	struct store_tip tip = tip_of("15-0000000009");
	struct command accept;
	redisReply *reply;

	(void)unused;
	world();
	DO("XTRIM {15}:journal MAXLEN 0");
	accept = words_of(&(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });
	assert_true(refused_without_a_trace(&accept, 1));
	must(&(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });
	reply = say("XRANGE {15}:journal - +");
	assert_int_equal(reply->elements, 1);
	assert_string_equal(reply->element[0]->element[0]->str, "6-0");
	freeReplyObject(reply);
}

static void a_journal_that_somebody_forked_is_refused(void **unused)
{
	struct store_tip tip = tip_of("15-0000000009");
	struct command accept;

	(void)unused;
	world();
	DO("XADD {15}:journal 99-5 e forged");
	accept = words_of(&(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });
	assert_true(refused_without_a_trace(&accept, 1));
}

static void a_queue_entry_without_a_waiting_tip_is_passed_over(void **unused)
{
	redisReply *reply;
	struct command command;

	(void)unused;
	world();
	DO("ZADD {15}:queue:150602 1 15-9999999999");
	command = words_of(&(struct store_request){ .op = STORE_CLAIM, .claim = &claim });
	reply = send_words(&command);
	assert_int_equal(reply->elements, 2);
	assert_string_equal(reply->element[1]->element[0]->str, "15-0000000002");
	freeReplyObject(reply);
}

/* A stale job learns that it is one before anything else is looked at. */
static void a_stale_fence_leaves_no_trace(void **unused)
{
	struct command all[CALLS_MAX];
	size_t n = calls(all), fenced = 0;

	(void)unused;
	for (size_t i = 0; i < n; i++) {
		size_t at = 3 + strtoul(all[i].words[2], NULL, 10);
		bool note = strcmp(all[i].words[1], "job_note") == 0;
		char *before;
		redisReply *reply;

		if (!note && (all[i].n < at + 3 || strcmp(all[i].words[at + 2], "1") != 0 ||
			      memcmp(all[i].words[1], "tip_", 4) != 0))
			continue;
		world();
		before = digest();
		all[i].words[note ? at : at + 2] = "2";
		reply = send_words(&all[i]);
		if (reply->type == REDIS_REPLY_ARRAY && strcmp(reply->element[0]->str, "fenced") == 0)
			fenced++;
		assert_string_equal(before, digest());
		freeReplyObject(reply);
	}
	assert_int_equal(fenced, 5);
}

/* Trimmed while it is written: Redis cuts whole nodes of the stream, so a few more may stay. */
static void the_log_keeps_its_last_batches(void **unused)
{
	struct store_batch batch = sealed;
	struct store_request request = {
		.op = STORE_LOG_SEAL, .shard = "15", .job = "sealer", .fence = 1, .batch = &batch
	};
	char note[260]; /* as long as a checkpoint with one signature */
	redisReply *reply;

	(void)unused;
	world();
	DO("DEL {15}:log");
	memset(note, 'n', sizeof(note));
	batch.note = span_from(note, sizeof(note));
	batch.before = batch.size = 0;
	batch.number = 0;
	for (unsigned i = 0; i < 21000; i++) {
		batch.number++;
		batch.before = batch.size;
		batch.size += 8;
		must(&request);
		arena_release(&arena);
	}
	reply = say("XLEN {15}:log");
	assert_in_range(reply->integer, 20000, 20500);
	freeReplyObject(reply);
	reply = say("MEMORY USAGE {15}:log SAMPLES 0");
	assert_in_range(reply->integer / 20000, 1, 450);
	freeReplyObject(reply);
}

static void a_state_stays_a_compact_hash(void **unused)
{
	redisReply *reply;

	(void)unused;
	world();
	reply = say("OBJECT ENCODING {15}:state:15-0000000001");
	assert_string_equal(reply->str, "listpack");
	freeReplyObject(reply);
}

static int start(void **unused)
{
	struct span library;
	redisReply *reply;

	(void)unused;
	private_redis_start(&server);
	link_to = redisConnectUnix(server.socket);
	assert_non_null(link_to);
	library = calls_library(&arena);
	reply = say("FUNCTION LOAD REPLACE %b", library.at, library.len);
	if (reply->type == REDIS_REPLY_ERROR)
		fail_msg("%s", reply->str);
	freeReplyObject(reply);
	DO("CONFIG SET appendfsync no");
	return 0;
}

static int stop(void **unused)
{
	(void)unused;
	redisFree(link_to);
	arena_release(&arena);
	private_redis_stop(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_is_valid_as_it_is),
		cmocka_unit_test(a_key_of_a_wrong_type_is_refused_before_any_write),
		cmocka_unit_test(nonsense_for_an_argument_never_leaves_half_a_change),
		cmocka_unit_test(a_word_too_few_or_too_many_is_refused),
		cmocka_unit_test(numbers_go_on_when_the_journal_was_trimmed),
		cmocka_unit_test(a_journal_that_somebody_forked_is_refused),
		cmocka_unit_test(a_queue_entry_without_a_waiting_tip_is_passed_over),
		cmocka_unit_test(a_stale_fence_leaves_no_trace),
		cmocka_unit_test(the_log_keeps_its_last_batches),
		cmocka_unit_test(a_state_stays_a_compact_hash),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
