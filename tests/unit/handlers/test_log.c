/*
 * The sealed log over the public listener: what is there, how long it may be
 * kept, and that nothing else comes out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/log/logs.h"
#include "tests/support/app_rig.h"
#include "tests/support/log_sample.h"


static struct app_rig rig;
static struct arena arena;
static struct log_sample sample;
static struct log_health health;
static bool health_known;

static bool tell_health(void *ctx, struct span log, struct log_health *out)
{
	(void)ctx;
	*out = health;
	return health_known && span_is(log, "15");
}

/* Two logs, one of them with 600 leaves in two batches; the other was never sealed. */
static int begin(void **state)
{
	char dir[128];
	struct note_signer money;
	static const unsigned char seed[NOTE_SEED_BYTES] = { 9 };

	(void)state;
	app_rig_open(&rig, NULL);
	snprintf(dir, sizeof(dir), "%s/log", rig.home);
	rig.app.logs = logs_new(&(struct logs_plan){ .dir = dir, .health = tell_health });
	snprintf(dir, sizeof(dir), "%s/log/15", rig.home);
	log_sample_open(&sample, dir, "15");
	logs_add(rig.app.logs, SPAN("15"), &sample.signer.key);
	note_signer_make(SPAN("tips.example/money"), NOTE_ED25519, seed, &money);
	logs_add(rig.app.logs, SPAN("money"), &money.key);
	note_signer_release(&money);
	log_sample_dummies(&sample, 200);
	log_sample_batch(&sample, true);
	log_sample_dummies(&sample, 400);
	log_sample_batch(&sample, true);
	health_known = false;
	return 0;
}

static int finish(void **state)
{
	(void)state;
	logs_free(rig.app.logs);
	log_sample_close(&sample);
	app_rig_close(&rig);
	arena_release(&arena);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static struct rig_answer get(const char *path, const char *fields)
{
	return app_rig_ask(&rig, SITE_PUBLIC, "GET", path, fields, (struct span){ 0 });
}

static void assert_head(struct rig_answer answer, const char *field)
{
	if (!rig_has(answer.head, field))
		fail_msg("no %s in:\n%.*s", field, (int)answer.head.len, answer.head.at);
}

static void assert_gives(const char *path, const char *type, const char *cache, struct span body)
{
	struct rig_answer answer = get(path, NULL);

	assert_int_equal(answer.status, 200);
	assert_head(answer, arena_printf(&arena, "Content-Type: %s\r\n", type));
	assert_head(answer, arena_printf(&arena, "Cache-Control: %s\r\n", cache));
	assert_head(answer, "Access-Control-Allow-Origin: *\r\n");
	assert_head(answer, "X-Content-Type-Options: nosniff\r\n");
	assert_head(answer, "ETag: \"");
	if (!span_eq(answer.body, body))
		fail_msg("%s: %zu bytes that are not the %zu wanted", path, answer.body.len, body.len);
}

static void assert_none(const char *path)
{
	struct rig_answer answer = get(path, NULL);

	if (answer.status != 404 || !rig_has(answer.body, "\"code\":\"not_found\"") ||
	    !rig_has(answer.head, "application/problem+json") || !rig_has(answer.head, "Cache-Control: no-store"))
		fail_msg("%s: %d %.*s", path, answer.status, (int)answer.body.len, answer.body.at);
}

#define FOR_EVER "public, max-age=31536000, immutable"
#define AN_HOUR "public, max-age=3600"
#define TEXT "text/plain; charset=utf-8"
#define BYTES "application/octet-stream"

static void the_checkpoint_is_asked_for_anew(void **state)
{
	struct buf note = { 0 };

	(void)state;
	assert_true(tiles_checkpoint(sample.tiles, &note));
	assert_gives("/log/15/checkpoint", TEXT, "no-cache", buf_span(&note));
	buf_release(&note);
	assert_none("/log/money/checkpoint");
}

static void the_key_is_there_before_anything_is_sealed(void **state)
{
	(void)state;
	assert_gives("/log/15/key", TEXT, AN_HOUR, span_of(logs_at(rig.app.logs, 0)->key_text));
	assert_gives("/log/money/key", TEXT, AN_HOUR, span_of(logs_at(rig.app.logs, 1)->key_text));
}

static void tiles_and_bundles_never_change(void **state)
{
	static const struct tile tiles[] = {
		{ .kind = TILE_HASHES, .level = 0, .index = 0, .width = TILE_WIDTH },
		{ .kind = TILE_HASHES, .level = 0, .index = 2, .width = 88 },
		{ .kind = TILE_HASHES, .level = 1, .index = 0, .width = 2 },
		{ .kind = TILE_HASHES, .level = 0, .index = 0, .width = 200 },
		{ .kind = TILE_ENTRIES, .level = 0, .index = 1, .width = TILE_WIDTH },
		{ .kind = TILE_ENTRIES, .level = 0, .index = 2, .width = 88 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tiles) / sizeof(tiles[0]); i++) {
		char path[TILE_PATH_MAX];
		struct buf bytes = { 0 };

		assert_true(tiles_read(sample.tiles, &tiles[i], &bytes));
		assert_gives(arena_printf(&arena, "/log/15/%s", tile_path(&tiles[i], path).at), BYTES, FOR_EVER, buf_span(&bytes));
		buf_release(&bytes);
	}
}

/* Only what tile_path() writes is a path; nothing else is looked for on the disk. */
static void other_paths_are_none(void **state)
{
	static const char *const paths[] = {
		"/log/15/tile/0/003",         "/log/15/tile/0/002",	      "/log/15/tile/0/000.p/0",
		"/log/15/tile/0/002.p/89",    "/log/15/tile/0/000.p/256",     "/log/15/tile/0/000.p/08",
		"/log/15/tile/7/000",	      "/log/15/tile/0/0",	      "/log/15/tile/0/x000/000",
		"/log/15/tile/entries/003",   "/log/15/tile/0/../0/000",      "/log/15/tile/../checkpoint",
		"/log/15/tile/../../lock",    "/log/15/tile/%2e%2e/batches",  "/log/15/tile/0/000/",
		"/log/15/tile//0/000",	      "/log/15/tile/0%2f000",	      "/log/15/tile/../../../keys/log.key",
		"/log/15/batches",	      "/log/15/signed",		      "/log/15/tile/",
		"/log/16/checkpoint",	      "/log/../log/checkpoint",	      "/log/15",
		"/log/15/tile/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/000",
		"/log/16/key",		      "/log/16/status",		      "/log/16/openings/2026-11",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_none(paths[i]);
}

static void what_is_known_is_not_sent_again(void **state)
{
	static const char *const paths[] = { "/log/15/checkpoint", "/log/15/tile/0/000", "/log/15/status", "/log" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct rig_answer answer = get(paths[i], NULL);
		size_t at = span_find(answer.head, SPAN("ETag: ")) + 6;
		const char *tag = arena_printf(&arena, "%.34s", answer.head.at + at);

		answer = get(paths[i], arena_printf(&arena, "If-None-Match: %s\r\n", tag));
		assert_int_equal(answer.status, 304);
		assert_int_equal(answer.body.len, 0);
		assert_head(answer, tag);
		assert_int_equal(get(paths[i], arena_printf(&arena, "If-None-Match: \"x\", W/%s\r\n", tag)).status, 304);
		assert_int_equal(get(paths[i], "If-None-Match: *\r\n").status, 304);
		assert_int_equal(get(paths[i], "If-None-Match: \"00000000000000000000000000000000\"\r\n").status, 200);
	}
}

static void head_is_get_without_the_body(void **state)
{
	struct rig_answer answer = app_rig_ask(&rig, SITE_PUBLIC, "HEAD", "/log/15/tile/0/000", NULL, (struct span){ 0 });

	(void)state;
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.body.len, 0);
	assert_head(answer, "Content-Length: 8192\r\n");
	assert_int_equal(app_rig_ask(&rig, SITE_PUBLIC, "POST", "/log/15/checkpoint", NULL, SPAN("")).status, 405);
}

/* --- openings -------------------------------------------------------------------------------------- */

static void openings_are_named_by_their_month(void **state)
{
	static const char *const wrong[] = { "2026-12", "2026-13", "2026-00", "2026-1",	"202611", "2026-11.txt", "2026-11.note.note",
					     "0000-0a", "+026-11", "2026-+1", "%2026-11", "..", "2026-11/", "2026-11." };
	struct complaint why;

	(void)state;
	assert_true(tiles_put_file(sample.tiles, "openings/2026-11", SPAN("what was opened\n"), &why));
	assert_true(tiles_put_file(sample.tiles, "openings/2026-11.note", SPAN("its signature\n"), &why));
	assert_gives("/log/15/openings/2026-11", TEXT, AN_HOUR, SPAN("what was opened\n"));
	assert_gives("/log/15/openings/2026-11.note", TEXT, AN_HOUR, SPAN("its signature\n"));
	assert_true(tiles_put_file(sample.tiles, "openings/2026-11.figures", SPAN("the table\n"), &why));
	assert_gives("/log/15/openings/2026-11.figures", TEXT, AN_HOUR, SPAN("the table\n"));
	assert_none("/log/money/openings/2026-11");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_none(arena_printf(&arena, "/log/15/openings/%s", wrong[i]));
}

/* --- what is told of a log --------------------------------------------------------------------------- */

static void the_list_has_all_logs_with_their_keys(void **state)
{
	struct rig_answer answer = get("/log", NULL);

	(void)state;
	assert_int_equal(answer.status, 200);
	assert_head(answer, "Access-Control-Allow-Origin: *\r\n");
	assert_true(rig_has(answer.body, "{\"log\":\"15\",\"origin\":\"tips.example/15\",\"key\":\"tips.example/15+"));
	assert_true(rig_has(answer.body, "{\"log\":\"money\",\"origin\":\"tips.example/money\",\"key\":\"tips.example/money+"));
}

static void the_status_tells_the_tree_and_when(void **state)
{
	struct rig_answer answer = get("/log/15/status", NULL);

	(void)state;
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.body, "\"log\":\"15\",\"origin\":\"tips.example/15\",\"size\":600,\"root\":\""));
	/* The second batch: half a minute behind the first. */
	assert_true(rig_has(answer.body, "\"sealed\":\"2026-11-21T00:00:30Z\""));
	assert_true(rig_has(answer.body, "\"refusing\":null,\"quorum\":null,\"quorum_missing_since\":null"));
	assert_true(rig_has(get("/log/money/status", NULL).body, "\"size\":0,\"root\":null,\"sealed\":null"));
}

static void a_batch_that_is_not_published_is_not_told(void **state)
{
	(void)state;
	log_sample_dummies(&sample, 8);
	log_sample_batch(&sample, false);
	assert_true(rig_has(get("/log/15/status", NULL).body, "\"size\":600,"));
	assert_true(rig_has(get("/log/15/status", NULL).body, "\"sealed\":\"2026-11-21T00:00:30Z\""));
}

static void a_log_that_is_ill_says_so(void **state)
{
	(void)state;
	health_known = true;
	health = (struct log_health){ .refusing = true };
	assert_true(rig_has(get("/log/15/status", NULL).body, "\"refusing\":true,\"quorum\":null,\"quorum_missing_since\":null"));
	health = (struct log_health){ .wants_quorum = true, .missing_since_ms = LOG_SAMPLE_START };
	assert_true(rig_has(get("/log/15/status", NULL).body,
			    "\"refusing\":false,\"quorum\":false,\"quorum_missing_since\":\"2026-11-21T00:00:00Z\""));
	health = (struct log_health){ .wants_quorum = true, .quorum = true };
	assert_true(rig_has(get("/log/15/status", NULL).body, "\"quorum\":true,\"quorum_missing_since\":null"));
}

static void without_logs_there_are_none(void **state)
{
	struct logs *kept = rig.app.logs;

	(void)state;
	rig.app.logs = NULL;
	assert_true(rig_has(get("/log", NULL).body, "{\"logs\":[]}"));
	assert_none("/log/15/checkpoint");
	rig.app.logs = kept;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_checkpoint_is_asked_for_anew, begin, finish),
		cmocka_unit_test_setup_teardown(the_key_is_there_before_anything_is_sealed, begin, finish),
		cmocka_unit_test_setup_teardown(tiles_and_bundles_never_change, begin, finish),
		cmocka_unit_test_setup_teardown(other_paths_are_none, begin, finish),
		cmocka_unit_test_setup_teardown(what_is_known_is_not_sent_again, begin, finish),
		cmocka_unit_test_setup_teardown(head_is_get_without_the_body, begin, finish),
		cmocka_unit_test_setup_teardown(openings_are_named_by_their_month, begin, finish),
		cmocka_unit_test_setup_teardown(the_list_has_all_logs_with_their_keys, begin, finish),
		cmocka_unit_test_setup_teardown(the_status_tells_the_tree_and_when, begin, finish),
		cmocka_unit_test_setup_teardown(a_batch_that_is_not_published_is_not_told, begin, finish),
		cmocka_unit_test_setup_teardown(a_log_that_is_ill_says_so, begin, finish),
		cmocka_unit_test_setup_teardown(without_logs_there_are_none, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, finish_all);
}
