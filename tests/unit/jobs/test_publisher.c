/*
 * Two months of a log on the store in memory: sealed, opened when they are over
 * for some days, counted again from the files alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/jobs/publisher.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"
#include "daemon/tlog/openings.h"
#include "tests/support/spool_tip.h"
#include "tests/support/store_double.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define INTERVAL_MS 30000
#define LOOK_MS 4
#define PATIENCE 8000
#define DAY INT64_C(86400000)
#define NOVEMBER INT64_C(1793462400000)    /* 2026-11-01 00:00 in Beijing, and these are 30 days */
#define ORIGIN "tips.example/log"

static const char shards[][3] = { "15" };
static const char region[][7] = { "150602" };
static char base[64], keys_dir[80], dir[80];
static struct keys *keys;
static struct arena arena;
static struct loop *loop;
static struct store_double *store;
static struct sealer *sealer;
static struct publisher *publisher;
static int64_t now_ms;
static uint64_t events;   /* written to the journal since the start */
static struct complaint why;

static int64_t wall_ms(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

static void run_for(unsigned ms)
{
	loop_after(loop, ms, stop, NULL);
	loop_run(loop);
}

static struct publisher *publisher_on(const struct keys *with)
{
	struct publisher_env env = { .loop = loop, .store = &store->base, .keys = with, .sealer = sealer, .dir = span_of(dir),
				     .after_days = 7, .small = FIGURES_SMALL, .look_ms = LOOK_MS, .wall_ms = wall_ms };

	return publisher_new(&env);
}

static void start(void)
{
	sealer = sealer_new(&(struct sealer_env){ .loop = loop, .store = &store->base, .keys = keys, .shards = shards, .nshards = 1,
						  .holder = SPAN("one"), .dir = dir, .origin = SPAN(ORIGIN),
						  .interval_ms = INTERVAL_MS, .look_ms = LOOK_MS, .lead = true, .wall_ms = wall_ms },
			    &why);
	assert_non_null(sealer);
	publisher = publisher_on(keys);
}

static int begin(void **state)
{
	(void)state;
	log_open(LOG_LEVEL_ERROR - 1, false);
	snprintf(base, sizeof(base), "/tmp/tipline-publisher-XXXXXX");
	assert_non_null(mkdtemp(base));
	snprintf(keys_dir, sizeof(keys_dir), "%s/keys", base);
	snprintf(dir, sizeof(dir), "%s/log", base);
	keys = keys_open(keys_dir, true, &why);
	assert_non_null(keys);
	loop = loop_new();
	store = store_double_new(loop);
	now_ms = NOVEMBER + 3 * DAY;
	events = 0;
	start();
	return 0;
}

static int finish(void **state)
{
	char command[120];

	(void)state;
	publisher_free(publisher);
	sealer_free(sealer);
	store_free(&store->base);
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
	loop_free(loop);
	arena_release(&arena);
	keys_free(keys);
	snprintf(command, sizeof(command), "rm -rf %s", base);
	return system(command);
}

static void answered(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	assert_int_equal(reply->outcome, STORE_DONE);
}

static void ask(struct store_request request)
{
	store_submit(store->memory, &request, (struct store_wait){ .done = answered });
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
}

static void accept(unsigned from, unsigned n)
{
	struct store_tip tips[64];

	events += n;
	for (unsigned i = 0; i < n; i++)
		tips[i] = spool_tip_make(&arena, from + i);
	ask((struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = n });
}

static void claim(unsigned n)
{
	struct store_claim wanted = { .shard = "15", .regions = region, .nregions = 1, .max = n, .lease_ms = 1000000,
				      .holder = SPAN("p-lin") };

	events += n;
	ask((struct store_request){ .op = STORE_CLAIM, .shard = "15", .claim = &wanted });
}

static void advance(int64_t ms)
{
	now_ms += ms;
	for (; ms > DAY; ms -= DAY)
		store_memory_advance(store->memory, (unsigned)DAY);
	store_memory_advance(store->memory, (unsigned)ms);
}

/* Until all there is is under a checkpoint. */
static void seal(void)
{
	struct sealer_log log = { .unsealed = 1 };

	advance(INTERVAL_MS);
	for (unsigned ms = 0; !log.looked || log.journal < events || log.unsealed > 0; ms += 4) {
		assert_true(ms < PATIENCE);
		run_for(4);
		assert_true(sealer_find(sealer, SPAN("15"), &log));
		assert_false(log.refusing);
	}
}

static const char *path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/15/openings/%s", dir, name);
	return path;
}

static bool is_there(const char *name)
{
	return access(path_of(name), F_OK) == 0;
}

static void until_there(const char *name)
{
	for (unsigned ms = 0; !is_there(name); ms += 4) {
		if (ms >= PATIENCE)
			fail_msg("%s: %s", name, publisher_fault(publisher) != NULL ? publisher_fault(publisher) : "nothing happens");
		run_for(4);
	}
}

struct walk {
	struct openings openings;
	struct complaint why;
};

static bool look(void *ctx, uint64_t index, struct span leaf)
{
	struct walk *walk = ctx;

	(void)index;
	return openings_leaf(&walk->openings, leaf, &walk->why);
}

/* The figures of a month, counted from its openings and the entries. */
static void recount(const char *name, struct buf *figures)
{
	struct walk walk = { .why = { .text = "" } };
	struct sealer_log log;
	struct buf file = { 0 };
	struct figures counted;

	assert_true(sealer_find(sealer, SPAN("15"), &log));
	assert_true(files_read(path_of(name), 1 << 24, &file, &why));
	buf_clear(figures);
	if (!openings_begin(buf_span(&file), &arena, &walk.openings, &walk.why) ||
	    !tiles_leaves(log.tiles, walk.openings.head.first, walk.openings.head.end, look, &walk) ||
	    !openings_count(&walk.openings, &arena, &counted, &walk.why))
		fail_msg("%s", walk.why.text);
	figures_write(&counted, figures);
	buf_release(&file);
}

static void assert_published(const char *month, const char *rows)
{
	struct buf counted = { 0 }, told = { 0 };
	char name[32];

	recount(month, &counted);
	snprintf(name, sizeof(name), "%s.figures", month);
	assert_true(files_read(path_of(name), 1 << 20, &told, &why));
	assert_true(span_eq(buf_span(&counted), buf_span(&told)));
	if (span_find(buf_span(&told), span_of(rows)) == told.len)
		fail_msg("%.*s", (int)told.len, told.at);
	buf_release(&counted);
	buf_release(&told);
}

/* 12 tips came in November, 7 in December; 9 were looked at. */
static void months_are_opened_when_they_are_over(void **state)
{
	(void)state;
	accept(0, 12);
	seal();
	advance(20 * DAY);
	claim(6);
	seal();
	advance(10 * DAY);
	accept(100, 7);
	claim(13);
	seal();
	run_for(100);
	assert_false(is_there("2026-11"));
	advance(4 * DAY + 12 * 3600000);
	until_there("2026-11.note");
	assert_published("2026-11", "\naccepted - 150602 12 - - -\nfirst_look - 150602 6 - ");
	assert_false(is_there("2026-12"));
	advance(33 * DAY);
	until_there("2026-12.note");
	assert_published("2026-12", "\naccepted - 150602 7 - - -\nfirst_look - 150602 13 - ");
	/* And those of other logs and months in which nothing but an empty batch was drawn. */
	assert_true(publisher_figures(publisher).months >= 2);
	assert_int_equal(publisher_figures(publisher).failed, 0);
}

static void the_note_is_signed_by_the_log(void **state)
{
	struct buf note = { 0 }, openings = { 0 }, figures = { 0 }, text = { 0 };
	struct sealer_log log;
	struct note parsed;

	(void)state;
	accept(0, 5);
	seal();
	advance(60 * DAY);
	until_there("2026-11.note");
	assert_true(sealer_find(sealer, SPAN("15"), &log));
	assert_true(files_read(path_of("2026-11.note"), 4096, &note, &why) && files_read(path_of("2026-11"), 1 << 20, &openings, &why) &&
		    files_read(path_of("2026-11.figures"), 1 << 20, &figures, &why));
	assert_true(note_parse(buf_span(&note), &parsed));
	assert_int_equal(note_check(&parsed, &log.key, NULL), NOTE_SIGNED);
	openings_write_note(log.origin, SPAN("2026-11"), buf_span(&openings), buf_span(&figures), &text);
	assert_true(span_eq(parsed.text, buf_span(&text)));
	buf_release(&note);
	buf_release(&openings);
	buf_release(&figures);
	buf_release(&text);
}

/* Whoever publishes after a crash, or beside another, writes the same bytes. */
static void the_same_bytes_again(void **state)
{
	struct buf first = { 0 }, again = { 0 };

	(void)state;
	accept(0, 11);
	seal();
	advance(60 * DAY);
	until_there("2026-11.note");
	assert_true(files_read(path_of("2026-11"), 1 << 20, &first, &why) && files_read(path_of("2026-11.note"), 4096, &first, &why));
	unlink(path_of("2026-11"));
	unlink(path_of("2026-11.note"));
	until_there("2026-11.note");
	assert_true(files_read(path_of("2026-11"), 1 << 20, &again, &why) && files_read(path_of("2026-11.note"), 4096, &again, &why));
	assert_true(span_eq(buf_span(&first), buf_span(&again)));
	buf_release(&first);
	buf_release(&again);
}

/* Leaves in the files that journal and keys do not give: nothing is opened, and it is said. */
static void what_does_not_fit_is_not_published(void **state)
{
	struct keys *others;
	char others_dir[96];

	(void)state;
	snprintf(others_dir, sizeof(others_dir), "%s/others", base);
	others = keys_open(others_dir, true, &why);
	assert_non_null(others);
	publisher_free(publisher);
	publisher = publisher_on(others);
	accept(0, 5);
	seal();
	advance(60 * DAY);
	for (unsigned ms = 0; publisher_fault(publisher) == NULL; ms += 4) {
		assert_true(ms < PATIENCE);
		run_for(4);
	}
	assert_non_null(strstr(publisher_fault(publisher), "leaf 0 is not what the journal and the keys give"));
	assert_false(is_there("2026-11") || is_there("2026-11.note"));
	publisher_free(publisher);
	publisher = publisher_on(keys);
	keys_free(others);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(months_are_opened_when_they_are_over),
		EACH(the_note_is_signed_by_the_log),
		EACH(the_same_bytes_again),
		EACH(what_does_not_fit_is_not_published),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
