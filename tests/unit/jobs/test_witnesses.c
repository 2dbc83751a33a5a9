/*
 * Witnesses on virtual time: real tiles and signatures, witnesses that judge as
 * ours do (tlog/cosign.h), and a network that the test answers for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/jobs/witnesses.h"
#include "daemon/sys/log.h"
#include "daemon/tlog/cosign.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define ORIGIN "tips.example/15"
#define CALLS_MAX 64
#define WAIT_MS 5000

enum mood { WELL, DOWN, SILENT, FORGES, BUSY, TELLS };

/* A witness of the test. */
struct double_witness {
	enum mood mood;
	const char *told;          /* TELLS: the size it names */
	struct note_signer signer;
	struct tree_head head;
	unsigned asked;
	uint64_t old;              /* of the last request */
	size_t proof;
};

struct open_call {
	http_answered *done;
	void *ctx;
	struct double_witness *to;
	struct buf body;
};

static struct {
	char dir[64];
	struct tiles *tiles;
	struct edge *edge;
	struct frontier frontier;
	struct note_signer log;
	struct double_witness at[2];
	struct quorum *policy;     /* both, or one of them */
	struct quorum *known;      /* what the witnesses know */
	struct arena arena;
	struct witnesses *job;
	uint64_t now_ms;
	struct open_call calls[CALLS_MAX];
	size_t ncalls;
	unsigned puts, refusals;
	bool disk_full;
	struct buf published;
	char why[200];
} t;

/* --- the world ------------------------------------------------------------------------------- */

static uint64_t now_ms(void *ctx)
{
	(void)ctx;
	return t.now_ms;
}

static void start_call(void *ctx, const struct http_call *call, http_answered *done, void *call_ctx)
{
	struct open_call *open = &t.calls[t.ncalls++];

	(void)ctx;
	assert_true(t.ncalls <= CALLS_MAX);
	assert_int_equal(call->method, HTTP_POST);
	*open = (struct open_call){ .done = done, .ctx = call_ctx };
	if (strcmp(call->url, "http://one.example/add-checkpoint") == 0)
		open->to = &t.at[0];
	else if (strcmp(call->url, "http://two.example/w/add-checkpoint") == 0)
		open->to = &t.at[1];
	assert_non_null(open->to);
	buf_add_span(&open->body, call->body);
}

static bool put(void *ctx, struct span log, struct tiles *tiles, struct span note)
{
	(void)ctx;
	assert_true(span_is(log, "15") && tiles == t.tiles);
	t.puts++;
	if (t.disk_full)
		return false;
	buf_clear(&t.published);
	buf_add_span(&t.published, note);
	return true;
}

static void refuse(void *ctx, struct span log, const char *why)
{
	(void)ctx;
	assert_true(span_is(log, "15"));
	t.refusals++;
	snprintf(t.why, sizeof(t.why), "%s", why);
}

static bool take_tile(void *ctx, const struct tile *tile, const struct merkle_hash *hashes)
{
	struct complaint why;

	(void)ctx;
	return tiles_put(t.tiles, tile, span_from(hashes, tile->width * sizeof(*hashes)), &why);
}

/* The log gets n more leaves, of a kind, and a checkpoint over them. */
static void grow(unsigned n, int kind)
{
	struct edge_sink sink = { .put = take_tile };
	struct complaint why;

	for (unsigned i = 0; i < n; i++) {
		unsigned char bytes[16] = { (unsigned char)kind };
		struct merkle_hash leaf;

		memcpy(bytes + 8, &t.frontier.size, 8);
		leaf = merkle_leaf(span_from(bytes, sizeof(bytes)));
		frontier_append(&t.frontier, &leaf);
		assert_true(edge_append(t.edge, &leaf, &sink));
	}
	assert_true(edge_flush(t.edge, &sink) && tiles_sync(t.tiles, &why));
}

static struct tree_head head_now(void)
{
	return (struct tree_head){ .size = t.frontier.size, .root = frontier_root(&t.frontier) };
}

static void sign_now(struct buf *note)
{
	struct checkpoint checkpoint = { .origin = SPAN(ORIGIN), .head = head_now() };
	struct buf text = { 0 };

	checkpoint_write(&checkpoint, &text);
	buf_add_span(note, buf_span(&text));
	buf_add_byte(note, '\n');
	note_sign(&t.log, buf_span(&text), 0, note);
	buf_release(&text);
}

static void hand_on(struct span note, bool published)
{
	witnesses_take(t.job, &(struct sealer_checkpoint){ .log = SPAN("15"), .origin = SPAN(ORIGIN), .head = head_now(), .note = note,
							    .tiles = t.tiles }, published);
}

static void seal(unsigned n)
{
	struct buf note = { 0 };

	grow(n, 1);
	sign_now(&note);
	hand_on(buf_span(&note), false);
	buf_release(&note);
}

/* --- the witnesses ------------------------------------------------------------------------------ */

static int judge(struct double_witness *one, struct span body, struct buf *out)
{
	struct cosign_request *request = calloc(1, sizeof(*request));
	enum cosign_verdict verdict;

	assert_true(request != NULL && cosign_parse(body, request));
	one->old = request->old;
	one->proof = request->proof.n;
	verdict = cosign_judge(request, t.known, &one->head);
	if (verdict == COSIGN_SIGN) {
		one->head = request->checkpoint.head;
		note_sign(&one->signer, request->note.text, 1795219200 + one->asked, out);
	} else {
		buf_printf(out, "%llu\n", (unsigned long long)one->head.size);
	}
	free(request);
	switch (verdict) {
	case COSIGN_SIGN:
		return 200;
	case COSIGN_OTHER_SIZE:
	case COSIGN_OTHER_ROOT:
		return 409;
	case COSIGN_PROOF:
		return 422;
	case COSIGN_MALFORMED:
	case COSIGN_UNKNOWN:
	case COSIGN_UNSIGNED:
		break;
	}
	fail_msg("verdict %d", verdict);
	return 0;
}

static void answer(struct open_call *call)
{
	struct http_answer answer = { .outcome = HTTP_ANSWERED, .status = 200, .error = "no connection" };
	struct buf body = { 0 };

	call->to->asked++;
	switch (call->to->mood) {
	case FORGES:
	case WELL:
		answer.status = judge(call->to, buf_span(&call->body), &body);
		if (call->to->mood == FORGES && answer.status == 200)
			body.at[body.len - 10] = body.at[body.len - 10] == 'A' ? 'B' : 'A';
		break;
	case BUSY:
		answer.status = 503;
		break;
	case TELLS:
		answer.status = 409;
		buf_add_text(&body, call->to->told);
		break;
	case DOWN:
	case SILENT:
		answer.outcome = HTTP_NOT_SENT;
	}
	answer.body = buf_span(&body);
	buf_release(&call->body);
	call->done(call->ctx, &answer);
	buf_release(&body);
}

/* Answers all that is open, and what is asked on that; what the silent ones were asked stays open. */
static void answer_all(void)
{
	for (size_t i = 0; i < t.ncalls;) {
		struct open_call call = t.calls[i];

		if (call.to->mood == SILENT) {
			i++;
			continue;
		}
		t.ncalls--;
		memmove(&t.calls[i], &t.calls[i + 1], (t.ncalls - i) * sizeof(t.calls[0]));
		answer(&call);
		i = 0;
	}
}

static void pass(unsigned ms)
{
	for (unsigned i = 0; i < ms; i += 100) {
		t.now_ms += 100;
		witnesses_tick(t.job);
		answer_all();
	}
}

/* --- what is seen ----------------------------------------------------------------------------------- */

/* How many cosignatures stand under what is published, and of how many leaves it is; all have to hold. */
static unsigned published(uint64_t *size)
{
	struct checkpoint checkpoint;
	struct note note;
	unsigned n = 0;

	*size = 0;
	if (t.published.len == 0)
		return 0;
	assert_true(note_parse(buf_span(&t.published), &note) && checkpoint_parse(note.text, &checkpoint));
	assert_int_equal(note_check(&note, &t.log.key, NULL), NOTE_SIGNED);
	for (size_t i = 0; i < 2; i++) {
		enum note_verdict verdict = note_check(&note, &t.at[i].signer.key, NULL);

		assert_int_not_equal(verdict, NOTE_FORGED);
		n += verdict == NOTE_SIGNED;
	}
	assert_int_equal(note.n, 1 + n);
	*size = checkpoint.head.size;
	return n;
}

static void expect(uint64_t size, unsigned cosigned)
{
	uint64_t there;

	assert_int_equal(published(&there), cosigned);
	assert_int_equal(there, size);
}

static struct witnesses_figures figures(void)
{
	struct witnesses_figures out;

	assert_true(witnesses_figures(t.job, SPAN("15"), &out));
	return out;
}

/* --- begin, end ------------------------------------------------------------------------------------- */

static struct quorum *make_policy(const char *rest)
{
	char log[NOTE_KEY_TEXT_MAX], one[NOTE_KEY_TEXT_MAX], two[NOTE_KEY_TEXT_MAX];
	struct complaint why = { .text = "" };
	struct buf text = { 0 };
	const struct quorum *made;

	buf_printf(&text, "log %.*s\n", (int)note_key_write(&t.log.key, log).len, log);
	buf_printf(&text, "witness one %.*s http://one.example\n", (int)note_key_write(&t.at[0].signer.key, one).len, one);
	buf_printf(&text, "witness two %.*s http://two.example/w/\n", (int)note_key_write(&t.at[1].signer.key, two).len, two);
	buf_add_text(&text, rest);
	made = quorum_parse(buf_span(&text), &t.arena, &why);
	if (made == NULL)
		fail_msg("%zu: %s", why.line, why.text);
	buf_release(&text);
	return (struct quorum *)(uintptr_t)made;
}

static void start_job(void)
{
	t.job = witnesses_new(&(struct witnesses_env){ .dir = t.dir, .now_ms = now_ms, .start = start_call, .put = put, .refuse = refuse });
	witnesses_set(t.job, t.policy, WAIT_MS);
}

static void stop_job(void)
{
	for (size_t i = 0; i < t.ncalls; i++)
		t.calls[i].to->mood = DOWN;
	answer_all();
	witnesses_free(t.job);
}

static void open_log(void)
{
	struct complaint why = { .text = "" };
	char path[96];

	snprintf(path, sizeof(path), "%s/15", t.dir);
	t.tiles = tiles_open(path, true, &why);
	assert_non_null(t.tiles);
	t.edge = calloc(1, sizeof(*t.edge));
	t.frontier = (struct frontier){ .size = 0 };
}

static void close_log(void)
{
	tiles_close(t.tiles);
	free(t.edge);
}

static int begin(void **state)
{
	static const unsigned char seeds[3][NOTE_SEED_BYTES] = { { 1 }, { 2 }, { 3 } };

	(void)state;
	memset(&t, 0, sizeof(t));
	log_open(LOG_LEVEL_ERROR - 1, false);
	strcpy(t.dir, "/tmp/tipline-witnesses-XXXXXX");
	if (sodium_init() < 0 || mkdtemp(t.dir) == NULL)
		return -1;
	note_signer_make(SPAN(ORIGIN), NOTE_ED25519, seeds[0], &t.log);
	note_signer_make(SPAN("one.example/w"), NOTE_COSIGNATURE, seeds[1], &t.at[0].signer);
	note_signer_make(SPAN("two.example/w"), NOTE_COSIGNATURE, seeds[2], &t.at[1].signer);
	open_log();
	t.policy = make_policy("group both all one two\nquorum both\n");
	t.known = make_policy("quorum none\n");
	t.now_ms = 1000000;
	start_job();
	return 0;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	stop_job();
	close_log();
	buf_release(&t.published);
	arena_release(&t.arena);
	snprintf(command, sizeof(command), "rm -rf %s", t.dir);
	return system(command);
}

/* --- tests ---------------------------------------------------------------------------------------------- */

static void published_when_the_quorum_has_cosigned(void **state)
{
	(void)state;
	seal(8);
	expect(0, 0);
	answer_all();
	expect(8, 2);
	assert_int_equal(t.puts, 1);
	for (unsigned i = 0; i < 40; i++)
		seal(16), answer_all();
	expect(8 + 40 * 16, 2);
	assert_int_equal(t.puts, 41);
	assert_true(t.at[0].old == 8 + 39 * 16 && t.at[0].proof > 0);
	assert_int_equal(t.at[0].asked, 41);
	assert_true(figures().policy && figures().met);
	assert_int_equal(figures().at[0].size, 8 + 40 * 16);
	assert_true(figures().at[1].newest && !figures().at[1].failing);
}

static void without_a_policy_at_once(void **state)
{
	(void)state;
	witnesses_set(t.job, NULL, WAIT_MS);
	seal(8);
	expect(8, 0);
	assert_int_equal(t.ncalls, 0);
	assert_false(figures().policy);
	assert_true(figures().met);
}

static void one_of_two_is_enough(void **state)
{
	(void)state;
	witnesses_set(t.job, make_policy("group any any one two\nquorum any\n"), WAIT_MS);
	t.at[1].mood = SILENT;
	seal(8);
	answer_all();
	expect(8, 1);
	t.at[1].mood = WELL;
	answer_all();
	expect(8, 2);
	assert_int_equal(t.puts, 2);
	assert_true(figures().met);
}

static void one_is_down(void **state)
{
	(void)state;
	t.at[1].mood = DOWN;
	seal(8);
	answer_all();
	pass(WAIT_MS - 100);
	expect(0, 0);
	pass(200);
	expect(8, 1);
	assert_false(figures().met);
	pass(600000);
	assert_in_range(figures().missing_ms, 595000, 601000);
	/* Asked less and less often: 1, 2, 4 ... 60 seconds, each by up to a half sooner. */
	assert_in_range(t.at[1].asked, 12, 30);
	assert_true(figures().at[1].failing);
	assert_int_equal(t.at[0].asked, 1);
	t.at[1].mood = WELL;
	pass(60000);
	expect(8, 2);
	assert_true(figures().met);
	assert_int_equal(figures().missing_ms, 0);
}

static void a_slow_one_is_added_later_and_never_asked_twice_at_once(void **state)
{
	(void)state;
	t.at[1].mood = SILENT;
	seal(8);
	answer_all();
	pass(WAIT_MS + 100);
	expect(8, 1);
	seal(8);
	answer_all();
	assert_int_equal(t.ncalls, 1);
	/* It cosigns the first one when the second is there: that is remembered, not published. */
	t.at[1].mood = WELL;
	answer_all();
	expect(16, 2);
	assert_int_equal(t.at[1].old, 8);
	assert_int_equal(t.at[1].asked, 2);
	assert_true(figures().met);
}

static void newer_ones_do_not_put_it_off(void **state)
{
	(void)state;
	t.at[0].mood = t.at[1].mood = SILENT;
	for (unsigned i = 0; i < 20; i++) {
		seal(8);
		pass(500);
	}
	uint64_t size;

	published(&size);
	assert_in_range(size, 80, 160);
}

static void a_witness_that_knows_an_older_size(void **state)
{
	(void)state;
	seal(24);
	answer_all();
	/* Restored from an older copy: it is behind what we remember. */
	t.at[0].head = (struct tree_head){ .size = 0 };
	seal(8);
	answer_all();
	expect(32, 2);
	assert_int_equal(t.at[0].old, 0);
	assert_int_equal(t.at[0].asked, 3);
	assert_int_equal(t.refusals, 0);
}

static void a_witness_that_was_asked_by_another_process(void **state)
{
	(void)state;
	grow(16, 1);
	t.at[0].head = head_now();
	seal(8);
	answer_all();
	expect(24, 2);
	assert_int_equal(t.at[0].old, 16);
	/* Even for this very size: it cosigns again. */
	grow(8, 1);
	t.at[0].head = head_now();
	seal(0);
	answer_all();
	expect(32, 2);
}

static void a_larger_size_speaks_against_us(void **state)
{
	(void)state;
	seal(8);
	answer_all();
	t.at[0].head.size = 80;
	seal(8);
	answer_all();
	/* Another process may be ahead: it is waited for, and meanwhile nothing is published. */
	pass(WITNESSES_BEHIND_MS - 200);
	assert_int_equal(t.refusals, 0);
	expect(8, 2);
	pass(400);
	assert_int_equal(t.refusals, 1);
	assert_non_null(strstr(t.why, "more leaves"));
	seal(8);
	pass(60000);
	expect(8, 2);
	assert_int_equal(t.refusals, 1);
}

static void ahead_for_a_moment_is_no_contradiction(void **state)
{
	(void)state;
	struct buf note = { 0 };

	grow(8, 1);
	sign_now(&note);
	/* The other process has sealed 16 by now. */
	t.at[0].mood = TELLS;
	t.at[0].told = "16\n";
	hand_on(buf_span(&note), false);
	answer_all();
	pass(2000);
	expect(0, 0);
	t.at[0].mood = WELL;
	seal(8);
	pass(10000);
	expect(16, 2);
	assert_int_equal(t.refusals, 0);
	buf_release(&note);
}

/* Rolled back, and grown past what the witness told before it could be asked again: its second answer is waited for. */
static void as_many_leaves_again_are_not_yet_the_same(void **state)
{
	struct merkle_hash *root = &t.at[0].head.root;

	(void)state;
	seal(8);
	answer_all();
	t.at[0].mood = TELLS;
	t.at[0].told = "16\n";
	seal(4);
	answer_all();
	t.at[0].mood = SILENT;
	pass(3000);
	seal(4);
	t.at[0].head = head_now();
	root->bytes[0] ^= 1;
	pass(WITNESSES_BEHIND_MS - 200);
	expect(8, 2);
	t.at[0].mood = WELL;
	answer_all();
	assert_int_equal(t.refusals, 1);
	assert_non_null(strstr(t.why, "another tree"));
	pass(60000);
	expect(8, 2);
}

/* One that says nothing more holds the log up for a while only; and what it says later counts from then. */
static void a_witness_that_falls_silent_is_waited_for_once(void **state)
{
	(void)state;
	t.at[0].mood = TELLS;
	t.at[0].told = "16\n";
	seal(8);
	answer_all();
	t.at[0].mood = SILENT;
	seal(8);
	pass(WITNESSES_BEHIND_MS + 400);
	expect(16, 1);
	t.at[0].mood = TELLS;
	t.at[0].told = "80\n";
	answer_all();
	pass(1000);
	assert_int_equal(t.refusals, 0);
}

static void who_takes_it_back_is_not_counted(void **state)
{
	(void)state;
	t.at[0].mood = TELLS;
	t.at[0].told = "1000\n";
	seal(8);
	answer_all();
	pass(300);
	expect(0, 0);
	t.at[0].mood = WELL;
	pass(2000);
	expect(8, 2);
	pass(60000);
	assert_int_equal(t.refusals, 0);
}

static void another_tree_of_the_same_size(void **state)
{
	(void)state;
	seal(8);
	answer_all();
	grow(8, 1);
	t.at[1].head = head_now();
	t.at[1].head.root.bytes[3] ^= 1;
	seal(0);
	answer_all();
	assert_int_equal(t.refusals, 1);
	assert_non_null(strstr(t.why, "another tree"));
	expect(8, 2);
}

static void a_tree_that_is_not_continued(void **state)
{
	(void)state;
	seal(8);
	answer_all();
	t.at[0].head.root.bytes[0] ^= 1;
	seal(8);
	answer_all();
	assert_int_equal(t.refusals, 1);
	assert_non_null(strstr(t.why, "does not continue"));
}

static void rolled_back_with_its_files(void **state)
{
	char command[128];

	(void)state;
	seal(80);
	answer_all();
	stop_job();
	close_log();
	snprintf(command, sizeof(command), "rm -rf %s/15", t.dir);
	assert_int_equal(system(command), 0);
	open_log();
	t.ncalls = 0;
	t.at[0].mood = t.at[1].mood = WELL;
	start_job();
	grow(40, 2);
	seal(0);
	answer_all();
	pass(WITNESSES_BEHIND_MS + 200);
	assert_int_equal(t.refusals, 1);
	expect(80, 2);
}

static void forged_cosignatures_are_not_used(void **state)
{
	(void)state;
	t.at[0].mood = FORGES;
	seal(8);
	answer_all();
	pass(WAIT_MS + 100);
	expect(8, 1);
	assert_false(figures().met);
	assert_true(figures().at[0].failing);
	assert_int_equal(figures().at[0].size, 0);
	t.at[0].mood = WELL;
	pass(60000);
	expect(8, 2);
}

static void answers_that_are_none(void **state)
{
	static const char *const told[] = { "", "\n", "x", "08\n", "-1\n", "8 \n", "99999999999999999999\n" };

	(void)state;
	t.at[0].mood = TELLS;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		t.at[0].told = told[i];
		seal(8);
		pass(61000);
		assert_true(figures().at[0].failing);
	}
	t.at[0].mood = BUSY;
	pass(61000);
	assert_int_equal(t.refusals, 0);
	/* One size after the other, always another than we took: not asked in a circle. */
	t.at[0].mood = TELLS;
	t.at[0].told = "3\n";
	t.at[0].asked = 0;
	pass(10000);
	assert_in_range(t.at[0].asked, 0, 12);
	assert_int_equal(t.refusals, 0);
}

static void remembered_over_a_restart(void **state)
{
	(void)state;
	seal(24);
	answer_all();
	witnesses_tick(t.job);
	stop_job();
	t.at[0].mood = t.at[1].mood = WELL;
	start_job();
	hand_on(buf_span(&t.published), true);
	assert_int_equal(t.ncalls, 0);
	assert_true(figures().met && figures().at[0].newest);
	assert_true(figures().at[0].time_s >= 1795219200);
	seal(8);
	answer_all();
	expect(32, 2);
	assert_int_equal(t.at[0].old, 24);
	assert_int_equal(t.at[0].asked, 2);
}

static void at_a_start_what_is_missing_is_asked_for(void **state)
{
	(void)state;
	struct buf note = { 0 };

	grow(8, 1);
	sign_now(&note);
	hand_on(buf_span(&note), true);
	assert_int_equal(t.puts, 0);
	answer_all();
	expect(8, 2);
	buf_release(&note);
}

static void a_file_of_nonsense_is_no_harm(void **state)
{
	char path[96];
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/15/witnesses", t.dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("tipline-witnesses/v1\nnonsense\n", file);
	fclose(file);
	seal(8);
	answer_all();
	expect(8, 2);
}

static void a_policy_is_changed(void **state)
{
	(void)state;
	t.at[1].mood = SILENT;
	seal(8);
	answer_all();
	pass(WAIT_MS + 100);
	assert_false(figures().met);
	/* The answer under the old policy comes and is dropped; what stands stays. */
	witnesses_set(t.job, make_policy("quorum one\n"), WAIT_MS);
	assert_true(figures().met && figures().at[0].newest);
	expect(8, 1);
	t.at[1].mood = WELL;
	answer_all();
	pass(2000);
	expect(8, 2);
	witnesses_set(t.job, NULL, WAIT_MS);
	assert_int_equal(figures().n, 0);
	seal(8);
	expect(16, 0);
}

static void a_full_disk_is_tried_again(void **state)
{
	(void)state;
	t.disk_full = true;
	seal(8);
	answer_all();
	pass(1000);
	assert_in_range(t.puts, 2, 20);
	expect(0, 0);
	t.disk_full = false;
	pass(200);
	expect(8, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(published_when_the_quorum_has_cosigned, begin, end),
		cmocka_unit_test_setup_teardown(without_a_policy_at_once, begin, end),
		cmocka_unit_test_setup_teardown(one_of_two_is_enough, begin, end),
		cmocka_unit_test_setup_teardown(one_is_down, begin, end),
		cmocka_unit_test_setup_teardown(a_slow_one_is_added_later_and_never_asked_twice_at_once, begin, end),
		cmocka_unit_test_setup_teardown(newer_ones_do_not_put_it_off, begin, end),
		cmocka_unit_test_setup_teardown(a_witness_that_knows_an_older_size, begin, end),
		cmocka_unit_test_setup_teardown(a_witness_that_was_asked_by_another_process, begin, end),
		cmocka_unit_test_setup_teardown(a_larger_size_speaks_against_us, begin, end),
		cmocka_unit_test_setup_teardown(ahead_for_a_moment_is_no_contradiction, begin, end),
		cmocka_unit_test_setup_teardown(as_many_leaves_again_are_not_yet_the_same, begin, end),
		cmocka_unit_test_setup_teardown(a_witness_that_falls_silent_is_waited_for_once, begin, end),
		cmocka_unit_test_setup_teardown(who_takes_it_back_is_not_counted, begin, end),
		cmocka_unit_test_setup_teardown(another_tree_of_the_same_size, begin, end),
		cmocka_unit_test_setup_teardown(a_tree_that_is_not_continued, begin, end),
		cmocka_unit_test_setup_teardown(rolled_back_with_its_files, begin, end),
		cmocka_unit_test_setup_teardown(forged_cosignatures_are_not_used, begin, end),
		cmocka_unit_test_setup_teardown(answers_that_are_none, begin, end),
		cmocka_unit_test_setup_teardown(remembered_over_a_restart, begin, end),
		cmocka_unit_test_setup_teardown(at_a_start_what_is_missing_is_asked_for, begin, end),
		cmocka_unit_test_setup_teardown(a_file_of_nonsense_is_no_harm, begin, end),
		cmocka_unit_test_setup_teardown(a_policy_is_changed, begin, end),
		cmocka_unit_test_setup_teardown(a_full_disk_is_tried_again, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
