/*
 * The leaves of a tip in the files of a log: found by the seed alone, in slices,
 * and proven by a text that holds on its own.
 */
#include "daemon/sys/leaf_trail.h"
#include "daemon/tlog/proof.h"
#include "tests/support/log_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

static const struct receipt_code ours = { .digits = "150000000000000000000017" };
static const struct receipt_code others = { .digits = "150000000000000000000114" };

static char dir[64];
static struct log_sample sample;
static unsigned char seed[LEAF_SEED_BYTES];
static struct arena arena;

static int begin(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/tipline-trail-XXXXXX");
	assert_non_null(mkdtemp(dir));
	log_sample_open(&sample, dir, "15");
	leaf_seed_of_tip(&ours, seed);
	return 0;
}

static int finish(void **state)
{
	char command[128];

	(void)state;
	log_sample_close(&sample);
	arena_release(&arena);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

/* 600 leaves; ours stand at 3, 300 and 599. */
static void fill(void)
{
	log_sample_dummies(&sample, 3);
	assert_int_equal(log_sample_tip(&sample, &ours, LEAF_RECEIVED), 3);
	log_sample_tip(&sample, &others, LEAF_RECEIVED);
	log_sample_dummies(&sample, 295);
	log_sample_batch(&sample, true);
	assert_int_equal(log_sample_tip(&sample, &ours, LEAF_WORK), 300);
	log_sample_dummies(&sample, 298);
	assert_int_equal(log_sample_tip(&sample, &ours, LEAF_WORK), 599);
	log_sample_batch(&sample, true);
}

static void assert_found(const struct leaf_trail *trail)
{
	assert_int_equal(trail->n, 3);
	assert_int_equal(trail->found[0].index, 3);
	assert_int_equal(trail->found[0].class, LEAF_RECEIVED);
	assert_int_equal(trail->found[0].day, leaf_day(LOG_SAMPLE_START));
	assert_int_equal(trail->found[1].index, 300);
	assert_int_equal(trail->found[2].index, 599);
	assert_int_equal(trail->found[2].class, LEAF_WORK);
	assert_false(trail->more);
}

static void the_leaves_of_a_tip_are_found(void **state)
{
	struct leaf_trail trail = { .next = 0 };

	(void)state;
	fill();
	assert_true(leaf_trail_follow(sample.tiles, seed, 600, 600, &trail));
	assert_int_equal(trail.next, 600);
	assert_found(&trail);
}

/* Slices of any size lead to the same, and none is tried twice. */
static void slices_make_no_difference(void **state)
{
	(void)state;
	fill();
	for (uint64_t slice = 1; slice <= 301; slice += 60) {
		struct leaf_trail trail = { .next = 0 };

		for (uint64_t end = 0; end < 600; end = trail.next) {
			assert_true(leaf_trail_follow(sample.tiles, seed, 600, slice, &trail));
			assert_int_equal(trail.next, end + slice > 600 ? 600 : end + slice);
		}
		assert_true(leaf_trail_follow(sample.tiles, seed, 600, slice, &trail));
		assert_found(&trail);
	}
}

static void leaves_of_others_are_not_found(void **state)
{
	struct leaf_trail trail = { .next = 4 };
	unsigned char other[LEAF_SEED_BYTES] = { 1 };

	(void)state;
	fill();
	assert_true(leaf_trail_follow(sample.tiles, other, 600, 600, &trail));
	assert_int_equal(trail.n, 0);
	trail = (struct leaf_trail){ .next = 301 };
	assert_true(leaf_trail_follow(sample.tiles, seed, 599, 600, &trail));
	assert_int_equal(trail.n, 0);
}

static void more_leaves_than_have_room_are_told(void **state)
{
	struct leaf_trail trail = { .next = 0 };

	(void)state;
	for (size_t i = 0; i < LEAF_TRAIL_MAX + 1; i++)
		log_sample_tip(&sample, &ours, LEAF_WORK);
	log_sample_batch(&sample, true);
	assert_true(leaf_trail_follow(sample.tiles, seed, LEAF_TRAIL_MAX + 1, 1000, &trail));
	assert_int_equal(trail.n, LEAF_TRAIL_MAX);
	assert_true(trail.more);
}

static void what_the_files_lack_is_said(void **state)
{
	struct leaf_trail trail = { .next = 0 };
	unsigned char bytes[LEAF_BYTES];
	struct buf text = { 0 };

	(void)state;
	assert_false(leaf_trail_prove(sample.tiles, 0, &arena, &text));
	fill();
	assert_false(leaf_trail_follow(sample.tiles, seed, 700, 700, &trail));
	assert_false(leaf_trail_leaf(sample.tiles, 600, bytes));
	assert_false(leaf_trail_prove(sample.tiles, 600, &arena, &text));
	assert_int_equal(text.len, 0);
	buf_release(&text);
}

static const struct quorum *believed(void)
{
	struct quorum *quorum = arena_new(&arena, struct quorum);

	quorum->logs[0].key = sample.signer.key;
	quorum->nlogs = 1;
	quorum->none = true;
	return quorum;
}

static enum proof_verdict judge(struct span text, struct span *leaf)
{
	struct quorum_finding finding;
	struct proof proof;
	struct merkle_hash hash;

	if (!proof_parse(text, &arena, &proof) || proof.extra.len != LEAF_BYTES)
		return PROOF_CHECKPOINT;
	*leaf = proof.extra;
	hash = merkle_leaf(proof.extra);
	return proof_verify(&proof, &hash, believed(), &finding);
}

static void the_proof_holds_by_itself(void **state)
{
	static const uint64_t at[] = { 0, 3, 255, 256, 300, 599 };

	(void)state;
	fill();
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct buf text = { 0 };
		unsigned char bytes[LEAF_BYTES];
		struct span leaf;

		assert_true(leaf_trail_prove(sample.tiles, at[i], &arena, &text));
		assert_int_equal(judge(buf_span(&text), &leaf), PROOF_HOLDS);
		assert_true(leaf_trail_leaf(sample.tiles, at[i], bytes));
		assert_memory_equal(leaf.at, bytes, LEAF_BYTES);
		buf_release(&text);
	}
}

/* Each byte of the text counts. */
static void a_changed_proof_does_not_hold(void **state)
{
	struct buf text = { 0 };
	struct span leaf;

	(void)state;
	fill();
	assert_true(leaf_trail_prove(sample.tiles, 300, &arena, &text));
	for (size_t i = 0; i < text.len; i++) {
		text.at[i] ^= 1;
		assert_int_not_equal(judge(buf_span(&text), &leaf), PROOF_HOLDS);
		text.at[i] ^= 1;
		arena_clear(&arena);
	}
	assert_int_equal(judge(buf_span(&text), &leaf), PROOF_HOLDS);
	buf_release(&text);
}

/* Tiles that lead to another root than the one that was signed: no proof is given out. */
static void damaged_files_prove_nothing(void **state)
{
	struct tile tile = { .kind = TILE_HASHES, .level = 0, .index = 0, .width = TILE_WIDTH };
	struct complaint why;
	struct buf bytes = { 0 };
	struct buf text = { 0 };

	(void)state;
	fill();
	assert_true(tiles_read(sample.tiles, &tile, &bytes));
	bytes.at[40] ^= 1;
	assert_true(tiles_put_file(sample.tiles, "tile/0/000", buf_span(&bytes), &why));
	assert_false(leaf_trail_prove(sample.tiles, 3, &arena, &text));
	assert_int_equal(text.len, 0);
	buf_release(&bytes);
	buf_release(&text);
}

/* What is sealed and not published yet has no proof. */
static void a_proof_is_of_the_published_tree(void **state)
{
	struct buf note = { 0 };
	struct buf text = { 0 };
	struct checkpoint checkpoint;
	struct span leaf;

	(void)state;
	log_sample_dummies(&sample, 8);
	log_sample_batch(&sample, true);
	log_sample_tip(&sample, &ours, LEAF_RECEIVED);
	log_sample_batch(&sample, false);
	assert_true(leaf_trail_head(sample.tiles, &note, &checkpoint));
	assert_int_equal(checkpoint.head.size, 8);
	assert_false(leaf_trail_prove(sample.tiles, 8, &arena, &text));
	assert_true(leaf_trail_prove(sample.tiles, 7, &arena, &text));
	assert_int_equal(judge(buf_span(&text), &leaf), PROOF_HOLDS);
	buf_release(&note);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_leaves_of_a_tip_are_found, begin, finish),
		cmocka_unit_test_setup_teardown(slices_make_no_difference, begin, finish),
		cmocka_unit_test_setup_teardown(leaves_of_others_are_not_found, begin, finish),
		cmocka_unit_test_setup_teardown(more_leaves_than_have_room_are_told, begin, finish),
		cmocka_unit_test_setup_teardown(what_the_files_lack_is_said, begin, finish),
		cmocka_unit_test_setup_teardown(the_proof_holds_by_itself, begin, finish),
		cmocka_unit_test_setup_teardown(a_changed_proof_does_not_hold, begin, finish),
		cmocka_unit_test_setup_teardown(damaged_files_prove_nothing, begin, finish),
		cmocka_unit_test_setup_teardown(a_proof_is_of_the_published_tree, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
