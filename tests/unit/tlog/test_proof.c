/*
 * Proofs as text: both ways, what they prove and what they do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tlog/keys.h"
#include "tests/unit/tlog/naive.h"

#include "daemon/base/table.h"
#include "daemon/tlog/proof.h"

#define SIZE 100
#define HASH "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

struct world {
	struct naive *naive;
	struct arena arena;
	struct buf note, file;
	const struct quorum *quorum;
	struct proof proof;
};

/* A log of 100 leaves, signed, with one of two witnesses that are needed; the proof of leaf 42. */
static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct note_signer log = keys_log(1), witness = keys_witness(1), other = keys_witness(2);
	struct tree_head head = { .size = SIZE };
	struct complaint why;

	world->naive = naive_new();
	head.root = naive_hash(world->naive, 0, SIZE);
	keys_checkpoint(&head, &world->note);
	keys_sign(&world->note, &log, 0);
	keys_sign(&world->note, &witness, 5000);
	keys_line(&world->file, "log", &log.key);
	keys_line(&world->file, "witness w1", &witness.key);
	keys_line(&world->file, "witness w2", &other.key);
	buf_add_text(&world->file, "group g any w1 w2\nquorum g\n");
	world->quorum = quorum_parse(buf_span(&world->file), &world->arena, &why);
	world->proof = (struct proof){ .index = 42, .checkpoint = buf_span(&world->note) };
	naive_path(world->naive, 42, 0, SIZE, &world->proof.path);
	*state = world;
	return world->quorum != NULL ? 0 : -1;
}

static int take_down(void **state)
{
	struct world *world = *state;

	arena_release(&world->arena);
	buf_release(&world->note);
	buf_release(&world->file);
	free(world->naive);
	free(world);
	return 0;
}

static void texts_come_back(void **state)
{
	struct world *world = *state;

	for (int extra = 0; extra < 2; extra++) {
		struct proof proof = world->proof, again;
		struct buf text = { 0 }, twice = { 0 };

		proof.extra = extra ? SPAN("more\0\xFF") : (struct span){ 0 };
		proof_write(&proof, &text);
		assert_true(proof_parse(buf_span(&text), &world->arena, &again));
		assert_true(span_eq(again.extra, proof.extra) && span_eq(again.checkpoint, proof.checkpoint));
		assert_true(again.index == 42 && naive_same(&again.path, &proof.path));
		proof_write(&again, &twice);
		assert_true(span_eq(buf_span(&text), buf_span(&twice)));
		buf_release(&text);
		buf_release(&twice);
	}
}

static void other_texts_are_refused(void **state)
{
	struct world *world = *state;
	static const char *const heads[] = {
		"", "c2sp.org/tlog-proof@v2\nindex 1\n\n", "c2sp.org/tlog-proof@v1\n\n", "c2sp.org/tlog-proof@v1\nindex 01\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1\n", "c2sp.org/tlog-proof@v1\nindex 1\n" HASH "\n", "c2sp.org/tlog-proof@v1\nindex  1\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1\nextra QQ==\n\n", "c2sp.org/tlog-proof@v1\nextra \nindex 1\n\n",
		"c2sp.org/tlog-proof@v1\nextra Q\nindex 1\n\n", "c2sp.org/tlog-proof@v1\nextra QQ==\nextra QQ==\nindex 1\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1\nQQ==\n\n", "c2sp.org/tlog-proof@v1\r\nindex 1\n\n"
	};
	struct proof proof;
	struct buf text = { 0 };

	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		buf_clear(&text);
		buf_add_text(&text, heads[i]);
		buf_add_span(&text, buf_span(&world->note));
		if (proof_parse(buf_span(&text), &world->arena, &proof))
			fail_msg("number %zu was taken", i);
	}
	buf_clear(&text);
	buf_add_text(&text, "c2sp.org/tlog-proof@v1\nindex 1\n");
	for (size_t i = 0; i <= MERKLE_PATH_MAX; i++)
		buf_add_text(&text, HASH "\n");
	buf_add_text(&text, "\n");
	buf_add_span(&text, buf_span(&world->note));
	assert_false(proof_parse(buf_span(&text), &world->arena, &proof));
	buf_release(&text);
}

static enum proof_verdict verify(struct world *world, const struct proof *proof, size_t leaf)
{
	struct quorum_finding finding;

	return proof_verify(proof, &world->naive->hash[leaf][leaf + 1], world->quorum, &finding);
}

static void it_proves_its_leaf_alone(void **state)
{
	struct world *world = *state;
	struct proof proof = world->proof;

	for (size_t leaf = 0; leaf < SIZE; leaf++)
		assert_int_equal(verify(world, &proof, leaf), leaf == 42 ? PROOF_HOLDS : PROOF_PATH);
	for (uint64_t index = 0; index < 2 * SIZE; index++) {
		proof.index = index;
		assert_int_equal(verify(world, &proof, 42), index == 42 ? PROOF_HOLDS : PROOF_PATH);
	}
	proof = world->proof;
	proof.path.n--;
	assert_int_equal(verify(world, &proof, 42), PROOF_PATH);
}

static void the_checkpoint_decides(void **state)
{
	struct world *world = *state;
	struct proof proof = world->proof;
	struct buf note = { 0 };
	size_t witness = span_find(proof.checkpoint, SPAN("\xE2\x80\x94 witness-1"));

	proof.checkpoint.len = witness;
	assert_int_equal(verify(world, &proof, 42), PROOF_QUORUM);
	buf_add_span(&note, world->proof.checkpoint);
	note.at[witness - 10] ^= 1;
	proof.checkpoint = buf_span(&note);
	assert_int_equal(verify(world, &proof, 42), PROOF_CHECKPOINT);
	proof.checkpoint = SPAN("");
	assert_int_equal(verify(world, &proof, 42), PROOF_CHECKPOINT);
	buf_release(&note);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(other_texts_are_refused),
		cmocka_unit_test(it_proves_its_leaf_alone),
		cmocka_unit_test(the_checkpoint_decides),
	};

	return cmocka_run_group_tests(tests, set_up, take_down);
}
