/*
 * The sealer on the store in memory and a clock moved by hand: leads, follows,
 * two of them, ends at each step, a store or files that are not what they were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/jobs/sealer.h"
#include "daemon/sys/files.h"
#include "daemon/sys/leaves.h"
#include "daemon/sys/log.h"
#include "daemon/tlog/checkpoint.h"
#include "tests/support/spool_tip.h"
#include "tests/support/store_double.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define INTERVAL_MS 30000
#define LOOK_MS 8
#define PATIENCE 4000       /* milliseconds until something that must happen has not */
#define NOTES_MAX 200
#define ORIGIN "tips.example/log"

static const char shards[][3] = { "15" };
static char base[64], keys_dir[80];
static struct keys *keys;
static struct arena arena;
static struct loop *loop;
static struct store_double *store;
static int64_t now_ms;
static struct complaint why;

/* Checkpoints that were handed on. */
static struct {
	char log[16];
	struct tree_head head;
} shown[NOTES_MAX];
static size_t nshown;

static int64_t wall_ms(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static void publish(void *ctx, const struct sealer_checkpoint *checkpoint)
{
	(void)ctx;
	assert_true(nshown < NOTES_MAX);
	snprintf(shown[nshown].log, sizeof(shown[nshown].log), "%.*s", (int)checkpoint->log.len, checkpoint->log.at);
	shown[nshown++].head = checkpoint->head;
	assert_true(tiles_put_checkpoint(checkpoint->tiles, checkpoint->note, &why));
}

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

/* In turns of a millisecond: timers fire as often as they should, however long the machine leaves us waiting in one of them. */
static void run_for(unsigned ms)
{
	for (unsigned turn = 0; turn < ms; turn++) {
		loop_after(loop, 1, stop, NULL);
		loop_run(loop);
	}
}

static const char *dir_of(const char *name)
{
	static char path[2][120];
	static unsigned next;
	char *at = path[next++ % 2];

	snprintf(at, 120, "%s/%s", base, name);
	return at;
}

static struct sealer *sealer_on(struct store *on, const char *name, bool lead)
{
	static char dirs[8][120];
	static unsigned next;
	char *dir = dirs[next++ % COUNT_OF(dirs)];
	struct sealer *made;

	snprintf(dir, sizeof(dirs[0]), "%s", dir_of(name));
	made = sealer_new(&(struct sealer_env){ .loop = loop, .store = on, .keys = keys, .shards = shards,
						.nshards = COUNT_OF(shards), .holder = span_of(name), .dir = dir,
						.origin = SPAN(ORIGIN), .interval_ms = INTERVAL_MS, .look_ms = LOOK_MS,
						.lead = lead, .wall_ms = wall_ms, .publish = publish },
			  &why);
	return made;
}

static struct sealer *start(const char *name)
{
	struct sealer *made = sealer_on(&store->base, name, true);

	assert_non_null(made);
	return made;
}

static struct sealer_log log_of(const struct sealer *sealer, const char *name)
{
	struct sealer_log log;

	assert_true(sealer_find(sealer, span_of(name), &log));
	return log;
}

/* Until log "15" has so many leaves there. */
static void until_size(const struct sealer *sealer, uint64_t size)
{
	for (unsigned ms = 0; log_of(sealer, "15").size < size; ms += 2) {
		assert_true(ms < PATIENCE);
		run_for(2);
	}
	assert_int_equal(log_of(sealer, "15").size, size);
	run_for(2);
}

static void until_refused(const struct sealer *sealer)
{
	for (unsigned ms = 0; !log_of(sealer, "15").refusing; ms += 2) {
		assert_true(ms < PATIENCE);
		run_for(2);
	}
}

static struct sealer_figures figures_of(const struct sealer *sealer)
{
	struct sealer_figures figures;

	sealer_figures(sealer, &figures);
	return figures;
}

/* One interval passes. */
static void interval(void)
{
	now_ms += INTERVAL_MS;
	store_memory_advance(store->memory, INTERVAL_MS);
}

/* --- what the store has -------------------------------------------------------------------------------- */

static struct {
	struct store_batch batches[100];
	size_t n;
	enum store_verdict verdict;
	enum store_outcome outcome;
	uint64_t fence;
} answer;

static void saw(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	answer.n = reply->nbatches;
	answer.verdict = reply->verdict;
	answer.outcome = reply->outcome;
	answer.fence = reply->fence;
	for (size_t i = 0; i < reply->nbatches; i++) {
		answer.batches[i] = reply->batches[i];
		answer.batches[i].note = arena_dup(&arena, reply->batches[i].note);
	}
}

static void ask(struct store *on, struct store_request request)
{
	store_submit(on, &request, (struct store_wait){ .done = saw });
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
}

static void read_batches(struct store_double *on)
{
	ask(on->memory, (struct store_request){ .op = STORE_LOG_READ, .shard = "15", .from = 1, .max = 100 });
}

static void accept_on(struct store *on, unsigned from, unsigned n)
{
	struct store_tip tips[256];

	while (n > 0) {
		unsigned some = n < COUNT_OF(tips) ? n : COUNT_OF(tips);

		for (unsigned i = 0; i < some; i++)
			tips[i] = spool_tip_make(&arena, from++);
		ask(on, (struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = some });
		n -= some;
	}
}

static void accept(unsigned from, unsigned n)
{
	accept_on(store->memory, from, n);
}

/* Batches of one store into another, whose journal has their events: from the i-th to before the n-th. */
static void copy_batches(struct store_double *from, struct store_double *to, size_t i, size_t n)
{
	uint64_t fence;

	read_batches(from);
	assert_true(answer.n >= n);
	ask(to->memory, (struct store_request){ .op = STORE_JOB_LEASE, .shard = "15", .job = "sealer", .holder = SPAN("copy"),
						.lease_ms = 1 });
	fence = answer.fence;
	for (; i < n; i++) {
		struct store_batch batch;

		read_batches(from);
		batch = answer.batches[i];
		ask(to->memory, (struct store_request){ .op = STORE_LOG_SEAL, .shard = "15", .job = "sealer",
							.fence = fence, .batch = &batch });
		assert_int_equal(answer.verdict, STORE_OK);
	}
	store_memory_advance(to->memory, 2);
}

/* --- what the files have ---------------------------------------------------------------------------------- */

struct told {
	struct merkle_hash leaves[4000];
	uint64_t n;
};

static bool tell(void *ctx, uint64_t index, struct span leaf)
{
	struct told *told = ctx;

	assert_int_equal(index, told->n);
	assert_int_equal(leaf.len, LEAF_BYTES);
	told->leaves[told->n++] = merkle_leaf(leaf);
	return true;
}

/* The tree over the first leaves of the bundles, with nothing of what made the tiles. */
static struct merkle_hash root_of(const struct told *told, uint64_t size)
{
	struct merkle_tree tree;
	struct arena nodes = { 0 };
	struct merkle_hash root;

	merkle_build(told->leaves, size, &nodes, &tree);
	root = merkle_root(&tree);
	arena_release(&nodes);
	return root;
}

/* Files of a process and the store say the same, the checkpoint too. */
static void assert_agree(const char *name)
{
	char path[160];
	struct told *told = calloc(1, sizeof(*told));
	struct tiles *tiles;
	struct tiles_batch batch = { .size = 0 };
	struct buf note = { 0 };

	snprintf(path, sizeof(path), "%s/15", dir_of(name));
	tiles = tiles_open(path, false, &why);
	assert_non_null(tiles);
	read_batches(store);
	assert_int_equal(tiles_batches(tiles), answer.n);
	assert_true(tiles_batch(tiles, answer.n - 1, &batch));
	assert_true(tiles_leaves(tiles, 0, batch.size, tell, told));
	for (size_t i = 0; i < answer.n; i++) {
		struct merkle_hash root;
		struct tree_reader reader = tiles_reader(tiles, batch.size);
		struct arena scratch = { 0 };

		assert_true(tiles_batch(tiles, i, &batch));
		root = root_of(told, batch.size);
		assert_int_equal(batch.size, answer.batches[i].size);
		assert_memory_equal(root.bytes, answer.batches[i].root, sizeof(root.bytes));
		assert_memory_equal(root.bytes, batch.root.bytes, sizeof(root.bytes));
		reader.size = answer.batches[answer.n - 1].size;
		assert_true(tree_root(&reader, batch.size, &scratch, &root));
		assert_memory_equal(root.bytes, batch.root.bytes, sizeof(root.bytes));
		arena_release(&scratch);
	}
	assert_true(tiles_checkpoint(tiles, &note));
	assert_true(span_eq(buf_span(&note), answer.batches[answer.n - 1].note));
	buf_release(&note);
	tiles_close(tiles);
	free(told);
}

/* Whatever was handed on, by whomever: of a size there is one tree. */
static void assert_one_tree(void)
{
	for (size_t i = 0; i < nshown; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(shown[i].log, shown[j].log) == 0 && shown[i].head.size == shown[j].head.size)
				assert_memory_equal(&shown[i].head, &shown[j].head, sizeof(shown[i].head));
}

/* --- tests ---------------------------------------------------------------------------------------------------- */

static int make_keys(void **state)
{
	(void)state;
	log_open(LOG_LEVEL_ERROR - 1, false);
	snprintf(base, sizeof(base), "/tmp/tipline-sealer-XXXXXX");
	if (mkdtemp(base) == NULL)
		return 1;
	snprintf(keys_dir, sizeof(keys_dir), "%s/keys", base);
	keys = keys_open(keys_dir, true, &why);
	return keys == NULL;
}

static int drop_keys(void **state)
{
	char command[120];

	(void)state;
	keys_free(keys);
	snprintf(command, sizeof(command), "rm -rf %s", base);
	return system(command);
}

static int begin(void **state)
{
	(void)state;
	loop = loop_new();
	store = store_double_new(loop);
	now_ms = INTERVAL_MS * INT64_C(58791600);
	nshown = 0;
	return 0;
}

static void end_store(struct store_double *on)
{
	store_free(&on->base);
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
}

static int finish(void **state)
{
	char command[240];

	(void)state;
	end_store(store);
	loop_free(loop);
	arena_release(&arena);
	snprintf(command, sizeof(command), "rm -rf %s/one %s/two %s/three", base, base, base);
	return system(command);
}

static void what_came_is_sealed_and_published(void **state)
{
	struct sealer *one = start("one");
	struct sealer_figures figures;

	(void)state;
	accept(0, 3);
	for (unsigned ms = 0; log_of(one, "15").unsealed == 0; ms += 2) {
		assert_true(ms < PATIENCE);
		run_for(2);
	}
	assert_int_equal(log_of(one, "15").size, 0);
	assert_int_equal(log_of(one, "15").unsealed, 3);
	assert_int_equal(log_of(one, "15").unsealed_since_ms, now_ms);
	interval();
	until_size(one, 8);
	accept(3, 9);
	interval();
	until_size(one, 24);
	assert_agree("one");
	assert_int_equal(log_of(one, "15").unsealed, 0);
	assert_int_equal(log_of(one, "15").unsealed_since_ms, 0);
	assert_true(log_of(one, "15").leading);
	/* Another log may be at an empty batch. */
	for (unsigned ms = 0; figures_of(one).published < figures_of(one).sealed; ms += 2) {
		assert_true(ms < PATIENCE);
		run_for(2);
	}
	figures = figures_of(one);
	assert_true(figures.sealed >= 2 && figures.sealed == figures.followed && figures.sealed == figures.published);
	sealer_free(one);
}

static void nothing_is_sealed_before_its_time(void **state)
{
	struct sealer *one = start("one");

	(void)state;
	run_for(20);
	accept(0, 5);
	for (int i = 0; i < 29; i++) {
		now_ms += 1000;
		run_for(3);
		assert_int_equal(log_of(one, "15").size, 0);
	}
	/* The place of the first log is where the interval begins. */
	now_ms += 1000;
	until_size(one, 8);
	sealer_free(one);
}

static void more_than_a_batch_follows_at_once(void **state)
{
	struct sealer *one = start("one");

	(void)state;
	accept(0, 4500);
	interval();
	until_size(one, 4504);
	read_batches(store);
	assert_int_equal(answer.n, 2);
	assert_int_equal(answer.batches[0].journal, LEAVES_EVENTS_MAX);
	assert_int_equal(answer.batches[1].journal, 4500);
	sealer_free(one);
	/* Another process makes the same from the journal, the batch in the end from scratch. */
	one = sealer_on(&store->base, "two", false);
	until_size(one, 4504);
	assert_false(log_of(one, "15").leading);
	sealer_free(one);
}

static void an_empty_interval_gets_a_batch_now_and_then(void **state)
{
	struct sealer *one = start("one");
	struct sealer_figures figures;

	(void)state;
	for (int i = 0; i < 150; i++) {
		interval();
		run_for(4);
	}
	do {
		run_for(2);
		figures = figures_of(one);
	} while (figures.followed < figures.sealed);
	/* Three logs, 450 draws of one in sixteen: 28, give or take five times what is usual. */
	assert_in_range(figures.sealed, 4, 54);
	assert_int_equal(figures.leaves, 8 * figures.sealed);
	assert_one_tree();
	sealer_free(one);
}

static void who_follows_writes_the_same_files(void **state)
{
	struct sealer *one = start("one"), *two;

	(void)state;
	accept(0, 20);
	interval();
	until_size(one, 24);
	two = sealer_on(&store->base, "two", false);
	until_size(two, 24);
	accept(20, 600);
	interval();
	until_size(one, 624);
	until_size(two, 624);
	assert_agree("one");
	assert_agree("two");
	assert_one_tree();
	sealer_free(one);
	sealer_free(two);
}

static void two_leaders_seal_one_log(void **state)
{
	struct sealer *one = start("one"), *two;
	unsigned n = 0;

	(void)state;
	accept(n++, 1);
	interval();
	until_size(one, 8);
	/* The lease of the one runs out; the other takes it and keeps it, and the one does not know. */
	two = start("two");
	for (unsigned ms = 0; !log_of(two, "15").leading; ms += 2) {
		assert_true(ms < PATIENCE);
		store_memory_advance(store->memory, INTERVAL_MS);
		run_for(2);
	}
	for (uint64_t size = 16; size <= 80; size += 8) {
		accept(n++, 1);
		now_ms += INTERVAL_MS;
		until_size(two, size);
		until_size(one, size);
	}
	assert_false(log_of(one, "15").leading);
	assert_true(figures_of(one).fenced > 0);
	assert_agree("one");
	assert_agree("two");
	assert_one_tree();
	sealer_free(one);
	sealer_free(two);
}

/* --- ends at each step ------------------------------------------------------------------------------------- */

/* Only log "15": the others get an empty batch now and then, before it or after it. */
static void break_at(enum store_op op, enum store_trouble trouble)
{
	store->trouble = trouble;
	store->trouble_of = op;
	store->trouble_shard = "15";
	store->trouble_after = 0;
	store->troubled = 0;
}

static void until_troubled(void)
{
	for (unsigned ms = 0; store->troubled == 0; ms += 2) {
		assert_true(ms < PATIENCE);
		run_for(2);
	}
}

/* Ends a sealer at the first call of that kind, and lets another begin where it was. */
static void end_at(enum store_op op, enum store_trouble trouble, uint64_t signed_then)
{
	struct sealer *one = start("one");
	char path[160];
	struct buf text = { 0 };

	accept(0, 1);
	interval();
	until_size(one, 8);
	run_for(20);
	accept(1, 10);
	break_at(op, trouble);
	interval();
	until_troubled();
	sealer_free(one);
	run_for(5);
	break_at(op, TROUBLE_NONE);
	snprintf(path, sizeof(path), "%s/15/signed", dir_of("one"));
	assert_true(files_read(path, 1000, &text, &why));
	buf_add_byte(&text, '\0');
	assert_int_equal(strtoull(strstr(text.at, "batch ") + 6, NULL, 10), signed_then);
	buf_release(&text);
	/* It has the time of the record, not that of now. */
	accept(11, 1);
	interval();
	one = start("one");
	if (signed_then == 2)
		until_size(one, 24);
	interval();
	until_size(one, signed_then == 2 ? 32 : 24);
	assert_agree("one");
	assert_one_tree();
	sealer_free(one);
}

static void an_end_before_it_was_signed(void **state)
{
	(void)state;
	end_at(STORE_JOURNAL, TROUBLE_LOST, 1);
}

static void an_end_between_record_and_store(void **state)
{
	(void)state;
	end_at(STORE_LOG_SEAL, TROUBLE_LOST, 2);
}

static void an_end_between_store_and_files(void **state)
{
	(void)state;
	end_at(STORE_LOG_SEAL, TROUBLE_MUTE, 2);
}

static void an_answer_that_never_came_is_asked_for_again(void **state)
{
	static const enum store_trouble troubles[] = { TROUBLE_LOST, TROUBLE_MUTE, TROUBLE_BROKEN };
	struct sealer *one = start("one");

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(troubles); i++) {
		accept(i, 1);
		break_at(STORE_LOG_SEAL, troubles[i]);
		interval();
		until_troubled();
		run_for(30);
		break_at(STORE_LOG_SEAL, TROUBLE_NONE);
		until_size(one, 8 * (i + 1));
	}
	assert_agree("one");
	assert_one_tree();
	sealer_free(one);
}

/* What was signed and never arrived: another one was faster meanwhile. */
static void a_batch_that_was_overtaken_is_let_go(void **state)
{
	struct sealer *one = start("one"), *two;

	(void)state;
	accept(0, 1);
	break_at(STORE_LOG_SEAL, TROUBLE_LOST);
	interval();
	until_troubled();
	sealer_free(one);
	run_for(5);
	break_at(STORE_LOG_SEAL, TROUBLE_NONE);
	accept(1, 1);
	interval();
	two = start("two");
	run_for(5);
	interval();
	until_size(two, 8);
	one = start("one");
	until_size(one, 8);
	assert_int_equal(figures_of(one).overtaken, 1);
	assert_false(log_of(one, "15").refusing);
	assert_agree("one");
	assert_agree("two");
	assert_one_tree();
	sealer_free(one);
	sealer_free(two);
}

static void torn_files_are_made_again(void **state)
{
	struct sealer *one = start("one");
	char path[160];

	(void)state;
	accept(0, 1);
	interval();
	until_size(one, 8);
	accept(1, 300);
	interval();
	until_size(one, 312);
	sealer_free(one);
	snprintf(path, sizeof(path), "%s/15/batches", dir_of("one"));
	assert_int_equal(truncate(path, 121), 0);
	snprintf(path, sizeof(path), "%s/15/checkpoint", dir_of("one"));
	assert_int_equal(unlink(path), 0);
	one = start("one");
	assert_int_equal(log_of(one, "15").size, 8);
	until_size(one, 312);
	assert_agree("one");
	sealer_free(one);
	/* What is on record and not there any more is not passed over. */
	snprintf(path, sizeof(path), "%s/15/tile/0/001.p/56", dir_of("one"));
	assert_int_equal(unlink(path), 0);
	assert_null(sealer_on(&store->base, "one", true));
	assert_non_null(strstr(why.text, "missing or changed"));
}

static void a_disk_that_says_no_is_tried_again(void **state)
{
	struct sealer *one = start("one");
	char path[160];

	(void)state;
	accept(0, 1);
	snprintf(path, sizeof(path), "%s/15/new", dir_of("one"));
	assert_int_equal(rmdir(path), 0);
	interval();
	for (unsigned ms = 0; figures_of(one).failed == 0; ms += 2) {
		assert_true(ms < PATIENCE);
		run_for(2);
	}
	assert_int_equal(log_of(one, "15").size, 0);
	assert_true(files_make_dir(path, &why));
	until_size(one, 8);
	assert_agree("one");
	sealer_free(one);
}

/* --- a store that is not what it was ------------------------------------------------------------------------ */

/* A sealer that has sealed four batches of one tip each; the store stays. */
static void seal_four(void)
{
	struct sealer *one = start("one");

	for (unsigned i = 0; i < 4; i++) {
		accept(i, 1);
		interval();
		until_size(one, 8 * (i + 1));
	}
	sealer_free(one);
	run_for(5);
}

static void expect_refusal(struct store_double *other, const char *word)
{
	struct sealer *one = sealer_on(&other->base, "one", true);
	size_t before = nshown;
	uint64_t had;

	assert_non_null(one);
	had = log_of(one, "money").batches;
	until_refused(one);
	if (strstr(log_of(one, "15").why, word) == NULL)
		fail_msg("\"%s\" has no \"%s\"", log_of(one, "15").why, word);
	accept_on(other->memory, 50, 1);
	now_ms += INTERVAL_MS;
	store_memory_advance(other->memory, INTERVAL_MS);
	run_for(60);
	assert_true(log_of(one, "15").refusing);
	for (size_t i = before; i < nshown; i++)
		assert_string_not_equal(shown[i].log, "15");
	/* The other logs go on, unless they had got a batch by chance, of which this store knows nothing. */
	if (had == 0)
		assert_false(log_of(one, "money").refusing);
	sealer_free(one);
	run_for(5);
}

static void an_older_copy_of_the_store_is_refused(void **state)
{
	(void)state;
	seal_four();
	for (size_t kept = 0; kept < 4; kept++) {
		struct store_double *copy = store_double_new(loop);

		accept_on(copy->memory, 0, 4);
		if (kept > 0)
			copy_batches(store, copy, 0, kept);
		expect_refusal(copy, "it is an older copy");
		end_store(copy);
	}
}

/* The files went, the record of what was signed stayed. */
static void the_record_alone_is_enough_to_refuse(void **state)
{
	struct store_double *copy = store_double_new(loop);
	char command[400];
	const char *dir = dir_of("one");

	(void)state;
	seal_four();
	snprintf(command, sizeof(command), "cd %s/15 && rm -r tile batches checkpoint", dir);
	assert_int_equal(system(command), 0);
	accept_on(copy->memory, 0, 4);
	copy_batches(store, copy, 0, 2);
	expect_refusal(copy, "4 were signed here");
	end_store(copy);
}

static void a_store_that_comes_back_is_taken_again(void **state)
{
	struct store_double *copy = store_double_new(loop);
	struct sealer *one;

	(void)state;
	seal_four();
	accept_on(copy->memory, 0, 4);
	copy_batches(store, copy, 0, 3);
	one = sealer_on(&copy->base, "one", true);
	until_refused(one);
	/* The rest of it arrives: it was a copy that had not caught up. */
	store_memory_advance(copy->memory, 60000);
	copy_batches(store, copy, 3, 4);
	for (unsigned ms = 0; log_of(one, "15").refusing; ms += 2) {
		assert_true(ms < PATIENCE);
		run_for(2);
	}
	sealer_free(one);
	run_for(5);
	end_store(copy);
}

static void another_history_is_refused(void **state)
{
	struct store_double *other = store_double_new(loop);
	struct sealer *two;

	(void)state;
	seal_four();
	two = sealer_on(&other->base, "two", true);
	/* Other tips came in. */
	for (unsigned i = 0; i < 5; i++) {
		accept_on(other->memory, 9 - i, 1);
		now_ms += INTERVAL_MS;
		store_memory_advance(other->memory, INTERVAL_MS);
		until_size(two, 8 * (i + 1));
	}
	sealer_free(two);
	run_for(5);
	expect_refusal(other, "another than the one that was followed");
	end_store(other);
}

static void a_journal_that_changed_is_not_signed_again(void **state)
{
	struct store_double *other = store_double_new(loop);
	struct sealer *one = start("one");

	(void)state;
	accept(0, 1);
	break_at(STORE_LOG_SEAL, TROUBLE_LOST);
	interval();
	until_troubled();
	sealer_free(one);
	run_for(5);
	/* The same store from an older copy, in which another tip came then. */
	accept_on(other->memory, 9, 1);
	now_ms += INTERVAL_MS;
	expect_refusal(other, "does not lead to its root");
	end_store(other);
}

static void a_journal_that_ends_earlier_is_refused(void **state)
{
	struct store_double *copy = store_double_new(loop);

	(void)state;
	seal_four();
	expect_refusal(copy, "the store has 0 batches");
	end_store(copy);
}

/* --- a batch that is not what it says ---------------------------------------------------------------------- */

static void put_note(const struct store_batch *batch, const char *origin, struct buf *note)
{
	struct checkpoint checkpoint = { .origin = span_of(origin), .head = { .size = batch->size } };
	struct note_signer signer;
	size_t text;

	memcpy(checkpoint.head.root.bytes, batch->root, sizeof(checkpoint.head.root.bytes));
	checkpoint_write(&checkpoint, note);
	text = note->len;
	buf_add_byte(note, '\n');
	keys_log_signer(keys, span_of(origin), &signer);
	note_sign(&signer, span_from(note->at, text), 0, note);
	note_signer_release(&signer);
}

static void follow_false_batch(struct store_batch batch, const char *origin, bool cut, const char *word)
{
	struct sealer *two;
	struct buf note = { 0 };
	uint64_t fence;

	accept(0, 3);
	ask(store->memory, (struct store_request){ .op = STORE_JOB_LEASE, .shard = "15", .job = "sealer",
						   .holder = SPAN("someone"), .lease_ms = 1 });
	fence = answer.fence;
	put_note(&batch, origin, &note);
	if (cut)
		note.at[note.len - 8] ^= 1;
	batch.note = buf_span(&note);
	ask(store->memory, (struct store_request){ .op = STORE_LOG_SEAL, .shard = "15", .job = "sealer", .fence = fence,
						   .batch = &batch });
	assert_int_equal(answer.verdict, STORE_OK);
	buf_release(&note);
	two = start("two");
	until_refused(two);
	if (strstr(log_of(two, "15").why, word) == NULL)
		fail_msg("\"%s\" has no \"%s\"", log_of(two, "15").why, word);
	run_for(30);
	assert_int_equal(log_of(two, "15").size, 0);
	assert_int_equal(tiles_batches(log_of(two, "15").tiles), 0);
	for (size_t i = 0; i < nshown; i++)
		assert_string_not_equal(shown[i].log, "15");
	sealer_free(two);
}

static const struct store_batch false_batch = { .number = 1, .size = 8, .journal = 3, .at_ms = 1, .root = { 1, 2, 3 } };

static void a_root_that_does_not_follow_stops_the_log(void **state)
{
	(void)state;
	follow_false_batch(false_batch, ORIGIN "/15", false, "does not lead to its root");
}

static void another_logs_checkpoint_stops_the_log(void **state)
{
	(void)state;
	follow_false_batch(false_batch, ORIGIN "/11", false, "not one of this log");
}

static void a_signature_that_does_not_hold_stops_the_log(void **state)
{
	(void)state;
	follow_false_batch(false_batch, ORIGIN "/15", true, "not signed with log.key");
}

static void leaves_too_many_stop_the_log(void **state)
{
	struct store_batch batch = false_batch;

	(void)state;
	batch.size = 16;
	follow_false_batch(batch, ORIGIN "/15", false, "not the leaves that its events make");
}

static void who_knows_better_can_refuse(void **state)
{
	struct sealer *one = start("one");

	(void)state;
	accept(0, 1);
	interval();
	until_size(one, 8);
	sealer_refuse(one, SPAN("15"), "a witness has 16 leaves");
	sealer_refuse(one, SPAN("no such log"), "x");
	accept(1, 1);
	interval();
	run_for(40);
	assert_int_equal(log_of(one, "15").size, 8);
	assert_string_equal(log_of(one, "15").why, "a witness has 16 leaves");
	sealer_free(one);
}

/* --- the end -------------------------------------------------------------------------------------------------- */

static void an_end_in_good_order_gives_the_leases_back(void **state)
{
	struct sealer *one = start("one"), *two;

	(void)state;
	accept(0, 1);
	interval();
	until_size(one, 8);
	accept(1, 200);
	interval();
	run_for(1);
	sealer_rest(one);
	for (unsigned ms = 0; !sealer_rests(one); ms++) {
		assert_true(ms < PATIENCE);
		run_for(1);
	}
	sealer_free(one);
	store_memory_advance(store->memory, 2);
	two = start("two");
	now_ms += INTERVAL_MS;
	until_size(two, 208);
	assert_true(log_of(two, "15").leading);
	assert_agree("two");
	assert_one_tree();
	sealer_free(two);
	assert_true(sealer_rests(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(what_came_is_sealed_and_published),
		TEST(nothing_is_sealed_before_its_time),
		TEST(more_than_a_batch_follows_at_once),
		TEST(an_empty_interval_gets_a_batch_now_and_then),
		TEST(who_follows_writes_the_same_files),
		TEST(two_leaders_seal_one_log),
		TEST(an_end_before_it_was_signed),
		TEST(an_end_between_record_and_store),
		TEST(an_end_between_store_and_files),
		TEST(an_answer_that_never_came_is_asked_for_again),
		TEST(a_batch_that_was_overtaken_is_let_go),
		TEST(torn_files_are_made_again),
		TEST(a_disk_that_says_no_is_tried_again),
		TEST(an_older_copy_of_the_store_is_refused),
		TEST(the_record_alone_is_enough_to_refuse),
		TEST(a_store_that_comes_back_is_taken_again),
		TEST(another_history_is_refused),
		TEST(a_journal_that_changed_is_not_signed_again),
		TEST(a_journal_that_ends_earlier_is_refused),
		TEST(a_root_that_does_not_follow_stops_the_log),
		TEST(another_logs_checkpoint_stops_the_log),
		TEST(a_signature_that_does_not_hold_stops_the_log),
		TEST(leaves_too_many_stop_the_log),
		TEST(who_knows_better_can_refuse),
		TEST(an_end_in_good_order_gives_the_leases_back),
	};
#undef TEST

	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
