/*
 * A supplement by receipt code: taken once, whatever the store lost; its files are the tip's exactly when the store
 * says so or may have; limits of the tip in all; and no change to what takes none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "tests/support/receipt_rig.h"

#define API "/api/v1/receipt"

static struct receipt_rig r;
static const char *officer;

static int begin(void **state)
{
	static const char *const sets[] = { "limits.files=2", "limits.tip_files=3", "limits.tip_file_bytes=4 KiB", "limits.text_bytes=1 KiB", NULL };

	(void)state;
	receipt_rig_open(&r, sets);
	officer = arena_printf(&r.arena, "Authorization: Bearer %s\r\n", app_rig_token(&r.rig, "officer", WHO_OFFICER, "000000", &r.arena));
	return 0;
}

static int finish(void **state)
{
	(void)state;
	assert_int_equal(flow_count(r.rig.loop), 0);
	receipt_rig_close(&r);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static void say(const char *words, int status, const char *part)
{
	assert_answer(receipt_rig_look(&r, arena_printf(&r.arena, ",\"text\":\"%s\"", words)), status, part);
}

/* A document with these words in it; alone when `text` is NULL. */
static struct rig_answer bring(const char *text, const char *words, const char *reopen)
{
	receipt_rig_part(&r, "name=\"receipt\"", span_of(r.code));
	if (text != NULL)
		receipt_rig_part(&r, "name=\"text\"", span_of(text));
	if (reopen[0] != '\0')
		receipt_rig_part(&r, "name=\"reopen\"", span_of(reopen));
	receipt_rig_part(&r, "name=\"file\"; filename=\"a.pdf\"", span_of(arena_printf(&r.arena, "%%PDF-1.4\n%s\n", words)));
	return receipt_rig_send(&r, API, "");
}

static struct rig_answer act(const char *action, const char *json)
{
	return app_rig_ask(&r.rig, SITE_STAFF, "POST", arena_printf(&r.arena, "/api/v1/tips/%s/%s", r.id.text, action), officer, span_of(json));
}

static void close_tip(void)
{
	assert_int_equal(act("claim", "{}").status, 200);
	assert_int_equal(act("close", "{\"outcome\":\"unfounded\",\"note\":\"x\"}").status, 200);
}

/* --- words ---------------------------------------------------------------------------------------- */

static void the_same_words_are_one_supplement_until_the_bureau_speaks(void **state)
{
	(void)state;
	say("a red gate", 200, "\"added\":true");
	say("a red gate", 200, "\"added\":true");
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 1);
	assert_int_equal(act("claim", "{}").status, 200);
	assert_int_equal(act("message", "{\"text\":\"which gate?\"}").status, 200);
	say("a red gate", 200, "\"added\":true");
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 3);
}

static void words_that_are_none_change_nothing(void **state)
{
	const char *longer = arena_printf(&r.arena, "%01025d", 0);

	(void)state;
	say("", 400, "\"code\":\"");
	say(" \\n\\t", 400, "\"field\":\"text\"");
	say(longer, 400, "\"field\":\"text\"");
	say("\xff\xfe", 400, "\"code\":\"");
	say(arena_printf(&r.arena, "my code is %s", r.code), 400, "receipt_code_inside");
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 0);
	say(longer + 1, 200, "\"added\":true");
}

static void a_closed_tip_takes_words_and_opens_when_asked_to(void **state)
{
	(void)state;
	close_tip();
	say("still there", 200, "\"state\":\"closed\"");
	assert_answer(receipt_rig_look(&r, ",\"text\":\"still there\",\"reopen\":true"), 200, "\"reopened\":true");
	assert_answer(receipt_rig_look(&r, ""), 200, "\"state\":\"queued\"");
	/* Once more is not a second time. */
	assert_answer(receipt_rig_look(&r, ",\"text\":\"still there\",\"reopen\":true"), 200, "\"reopened\":false");
}

/* --- files ------------------------------------------------------------------------------------------ */

static void files_alone_are_a_supplement(void **state)
{
	(void)state;
	assert_answer(bring(NULL, "a red gate", ""), 200, "\"added\":true");
	assert_int_equal(receipt_rig_files(&r), 1);
	/* The very same again: it is there, and is not kept twice. */
	assert_answer(bring(NULL, "a red gate", ""), 200, "\"added\":true");
	assert_int_equal(receipt_rig_files(&r), 1);
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 1);
}

static void a_tip_has_files_up_to_its_limit(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_answer(bring(NULL, arena_printf(&r.arena, "%d", i), ""), 200, "\"added\":true");
	assert_answer(receipt_rig_look(&r, ""), 200, "\"may_attach\":false");
	assert_answer(bring("words with it", "one more", ""), 413, "tip_files_full");
	assert_int_equal(receipt_rig_files(&r), 3);
	say("words alone", 200, "\"added\":true");
}

static void a_tip_has_bytes_up_to_its_limit(void **state)
{
	const char *large = arena_printf(&r.arena, "%03000d", 0);

	(void)state;
	assert_answer(bring(NULL, large, ""), 200, "\"added\":true");
	assert_answer(bring(NULL, large + 1, ""), 413, "tip_files_full");
	assert_answer(bring(NULL, "small", ""), 200, "\"added\":true");
	assert_int_equal(receipt_rig_files(&r), 2);
}

static void wrong_words_take_no_file_with_them(void **state)
{
	(void)state;
	assert_answer(bring(arena_printf(&r.arena, "my code is %s", r.code), "x", ""), 400, "receipt_code_inside");
	assert_answer(bring(arena_printf(&r.arena, "%01025d", 0), "x", ""), 400, "\"field\":\"text\"");
	assert_int_equal(receipt_rig_files(&r), 0);
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 0);
}

/* --- a world that fails ------------------------------------------------------------------------------- */

static void trouble(enum store_trouble what, enum store_op of)
{
	r.rig.store->trouble = what;
	r.rig.store->trouble_of = of;
}

static void what_the_store_did_not_take_is_not_kept(void **state)
{
	(void)state;
	trouble(TROUBLE_BROKEN, STORE_CHANGE);
	assert_answer(bring("a red gate", "x", ""), 503, "\"code\":\"store_unavailable\"");
	trouble(TROUBLE_NONE, STORE_OPS);
	assert_int_equal(receipt_rig_files(&r), 0);
	assert_answer(receipt_rig_look(&r, ""), 200, "\"messages\":[]");
}

/* Nobody knows: the files stay, since the store may name them; sent again it is one supplement. */
static void what_the_store_may_have_taken_is_kept(void **state)
{
	(void)state;
	trouble(TROUBLE_MUTE, STORE_CHANGE);
	assert_answer(bring("a red gate", "x", ""), 503, "\"code\":\"store_unavailable\"");
	trouble(TROUBLE_NONE, STORE_OPS);
	assert_int_equal(receipt_rig_files(&r), 1);
	assert_answer(bring("a red gate", "x", ""), 200, "\"added\":true");
	assert_int_equal(receipt_rig_files(&r), 1);
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 1);
}

/* A page says that nothing was received only where that is known. */
static void a_page_does_not_deny_what_it_does_not_know(void **state)
{
	struct span form = span_of(arena_printf(&r.arena, "code=%s&lang=en&text=a+red+gate", r.code));
	const char *fields = "Content-Type: application/x-www-form-urlencoded\r\n";

	(void)state;
	trouble(TROUBLE_MUTE, STORE_CHANGE);
	assert_answer(receipt_rig_post(&r, "/receipt", fields, form), 504, "We cannot say whether it was received.");
	trouble(TROUBLE_BROKEN, STORE_CHANGE);
	assert_answer(receipt_rig_post(&r, "/receipt", fields, form), 200, "a red gate");
	trouble(TROUBLE_BROKEN, STORE_READ);
	assert_answer(receipt_rig_post(&r, "/receipt", fields, form), 503, "it was not received");
	trouble(TROUBLE_NONE, STORE_OPS);
}

static void changed(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	assert_int_equal(reply->verdict, STORE_OK);
}

/* The same tip, with one bit of its content another. */
static void damage(void *ctx, const struct store_reply *reply)
{
	const struct store_row *row = &reply->rows[0];
	unsigned char *sealed = arena_alloc(&r.arena, row->sealed.len);
	struct store_change change = { .id = row->id, .expect_rev = row->rev, .state = row->state, .points = row->points,
				       .event = SPAN("{\"e\":\"damaged\"}"), .sealed = span_from(sealed, row->sealed.len), .clock = row->clock };

	(void)ctx;
	memcpy(sealed, row->sealed.at, row->sealed.len);
	sealed[row->sealed.len - 1] ^= 1;
	memcpy(change.region, row->region, sizeof(change.region));
	store_submit(r.rig.store->memory, &(struct store_request){ .op = STORE_CHANGE, .change = &change }, (struct store_wait){ .done = changed });
}

/* Nobody can say what there is room for beside what cannot be opened. */
static void a_tip_that_was_damaged_takes_words_alone(void **state)
{
	struct store_request read = { .op = STORE_READ, .id = r.id };

	(void)state;
	memcpy(read.shard, r.id.text, 2);
	store_submit(r.rig.store->memory, &read, (struct store_wait){ .done = damage });
	app_rig_run(&r.rig, 5);
	assert_answer(receipt_rig_look(&r, ""), 200, "\"may_attach\":false");
	assert_answer(bring("a red gate", "x", ""), 503, "files_unavailable");
	assert_int_equal(receipt_rig_files(&r), 0);
	say("a red gate", 200, "\"added\":true");
}

static void without_a_store_nothing_is_called_added(void **state)
{
	(void)state;
	r.rig.store->base.up = false;
	say("a red gate", 503, "\"code\":\"store_unavailable\"");
	assert_int_equal(bring("a red gate", "x", "").status, 503);
	assert_int_equal(receipt_rig_files(&r), 0);
	r.rig.store->base.up = true;
	assert_answer(receipt_rig_look(&r, ""), 200, "\"messages\":[]");
}

static void claimed(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	assert_int_equal(reply->nrows, 1);
}

/* Between reading and changing somebody else changed the tip. */
static void somebody_writes_first(void *ctx)
{
	struct store_double *store = r.rig.store;
	struct store_claim claim = { .regions = (const char[][7]){ "150602" }, .nregions = 1, .max = 1, .lease_ms = 60000,
				     .holder = SPAN("officer"), .only = r.id };

	if (store->troubled == 0) {
		loop_after(r.rig.loop, 1, somebody_writes_first, ctx);
		return;
	}
	trouble(TROUBLE_NONE, STORE_OPS);
	memcpy(claim.shard, r.id.text, 2);
	store_submit(store->memory, &(struct store_request){ .op = STORE_CLAIM, .claim = &claim }, (struct store_wait){ .done = claimed });
	store_double_release(store);
}

static void what_changed_meanwhile_is_read_again(void **state)
{
	(void)state;
	trouble(TROUBLE_HELD, STORE_READ);
	loop_after(r.rig.loop, 1, somebody_writes_first, NULL);
	assert_answer(bring("a red gate", "x", ""), 200, "\"added\":true");
	assert_int_equal(r.rig.store->calls[STORE_CHANGE], 2);
	assert_int_equal(receipt_rig_files(&r), 1);
	assert_answer(receipt_rig_look(&r, ""), 200, "a red gate");
	assert_answer(receipt_rig_look(&r, ""), 200, "\"state\":\"claimed\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_same_words_are_one_supplement_until_the_bureau_speaks),
		TEST(words_that_are_none_change_nothing),
		TEST(a_closed_tip_takes_words_and_opens_when_asked_to),
		TEST(files_alone_are_a_supplement),
		TEST(a_tip_has_files_up_to_its_limit),
		TEST(a_tip_has_bytes_up_to_its_limit),
		TEST(wrong_words_take_no_file_with_them),
		TEST(what_the_store_did_not_take_is_not_kept),
		TEST(what_the_store_may_have_taken_is_kept),
		TEST(a_page_does_not_deny_what_it_does_not_know),
		TEST(a_tip_that_was_damaged_takes_words_alone),
		TEST(without_a_store_nothing_is_called_added),
		TEST(what_changed_meanwhile_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
