/*
 * What a witness decides, over a log that grows, forks and lies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tlog/keys.h"
#include "tests/unit/tlog/naive.h"

#include "daemon/base/base64.h"
#include "daemon/base/table.h"
#include "daemon/tlog/cosign.h"

struct world {
	struct naive *naive;
	struct arena arena;
	const struct quorum *known;
};

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct note_signer log = keys_log(1), second = keys_log(3);
	struct buf file = { 0 };
	struct complaint why;

	world->naive = naive_new();
	keys_line(&file, "log", &log.key);
	keys_line(&file, "log", &second.key);
	buf_add_text(&file, "quorum none\n");
	world->known = quorum_parse(buf_span(&file), &world->arena, &why);
	buf_release(&file);
	*state = world;
	return world->known != NULL ? 0 : -1;
}

static int take_down(void **state)
{
	struct world *world = *state;

	arena_release(&world->arena);
	free(world->naive);
	free(world);
	return 0;
}

static struct tree_head head_of(struct world *world, size_t size)
{
	return (struct tree_head){ .size = size, .root = naive_hash(world->naive, 0, size) };
}

/* A request from `old` to the head, signed by the log's key of that number. */
static void ask(struct world *world, size_t old, const struct tree_head *head, unsigned char key, struct buf *out)
{
	struct tree_proof proof = { .n = 0 };
	struct note_signer log = keys_log(key);
	struct buf note = { 0 };

	if (old > 0 && old < head->size)
		naive_subproof(world->naive, old, 0, head->size, true, &proof);
	buf_printf(out, "old %zu\n", old);
	for (size_t i = 0; i < proof.n; i++) {
		base64_add(out, proof.hashes[i].bytes, MERKLE_HASH_BYTES);
		buf_add_byte(out, '\n');
	}
	buf_add_byte(out, '\n');
	keys_checkpoint(head, &note);
	keys_sign(&note, &log, 0);
	buf_add_span(out, buf_span(&note));
	buf_release(&note);
}

static enum cosign_verdict judge(struct world *world, const struct buf *bytes, const struct tree_head *newest)
{
	struct cosign_request request;

	return cosign_parse(buf_span(bytes), &request) ? cosign_judge(&request, world->known, newest) : COSIGN_MALFORMED;
}

static enum cosign_verdict verdict(struct world *world, size_t newest, size_t old, const struct tree_head *head, unsigned char key)
{
	struct tree_head had = head_of(world, newest);
	struct buf bytes = { 0 };
	enum cosign_verdict is;

	ask(world, old, head, key, &bytes);
	is = judge(world, &bytes, &had);
	buf_release(&bytes);
	return is;
}

static void growth_is_signed(void **state)
{
	struct world *world = *state;

	for (size_t to = 0; to < 70; to++)
		for (size_t from = 0; from <= to; from++) {
			struct tree_head head = head_of(world, to);

			assert_int_equal(verdict(world, from, from, &head, 1), COSIGN_SIGN);
		}
}

static void either_key_of_the_log_will_do(void **state)
{
	struct world *world = *state;
	struct tree_head head = head_of(world, 20);

	assert_int_equal(verdict(world, 9, 9, &head, 3), COSIGN_SIGN);
	assert_int_equal(verdict(world, 9, 9, &head, 2), COSIGN_UNSIGNED);
}

static void each_refusal_has_its_reason(void **state)
{
	struct world *world = *state;
	struct tree_head head = head_of(world, 20), forked = head, empty = head_of(world, 0);

	forked.root.bytes[3] ^= 1;
	assert_int_equal(verdict(world, 20, 20, &forked, 1), COSIGN_OTHER_ROOT);
	assert_int_equal(verdict(world, 9, 9, &forked, 1), COSIGN_PROOF);
	assert_int_equal(verdict(world, 9, 10, &head, 1), COSIGN_OTHER_SIZE);
	assert_int_equal(verdict(world, 9, 0, &head, 1), COSIGN_OTHER_SIZE);
	assert_int_equal(verdict(world, 21, 20, &head, 1), COSIGN_OTHER_SIZE);
	assert_int_equal(verdict(world, 21, 21, &head, 1), COSIGN_MALFORMED);
	assert_int_equal(verdict(world, 0, 0, &forked, 1), COSIGN_SIGN);
	empty.root.bytes[0] ^= 1;
	assert_int_equal(verdict(world, 0, 0, &empty, 1), COSIGN_OTHER_ROOT);
}

static void no_proof_goes_with_size_zero(void **state)
{
	struct world *world = *state;
	struct tree_head head = head_of(world, 20), none = { .size = 0 };
	struct buf bytes = { 0 }, more = { 0 };

	ask(world, 0, &head, 1, &bytes);
	buf_add_text(&more, "old 0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
	buf_add_span(&more, span_from_offset(buf_span(&bytes), sizeof("old 0\n") - 1));
	assert_int_equal(judge(world, &bytes, &none), COSIGN_SIGN);
	assert_int_equal(judge(world, &more, &none), COSIGN_PROOF);
	buf_release(&bytes);
	buf_release(&more);
}

static void strangers_are_unknown(void **state)
{
	struct world *world = *state;
	struct note_signer log = keys_log(1), stranger = keys_make("other.example", NOTE_ED25519, 1);
	struct tree_head none = { .size = 0 };
	struct buf bytes = { 0 }, text = { 0 };

	checkpoint_write(&(struct checkpoint){ .origin = SPAN("other.example"), .head = head_of(world, 5) }, &text);
	buf_add_text(&bytes, "old 0\n\n");
	buf_add_span(&bytes, buf_span(&text));
	buf_add_byte(&bytes, '\n');
	note_sign(&log, buf_span(&text), 0, &bytes);
	note_sign(&stranger, buf_span(&text), 0, &bytes);
	assert_int_equal(judge(world, &bytes, &none), COSIGN_UNKNOWN);
	buf_release(&bytes);
	buf_release(&text);
}

/* A second signature of a known key that does not hold spoils the request. */
static void a_forged_signature_is_refused(void **state)
{
	struct world *world = *state;
	struct note_signer second = keys_log(3);
	struct tree_head head = head_of(world, 20), none = { .size = 0 };
	struct buf bytes = { 0 }, line = { 0 };

	ask(world, 0, &head, 1, &bytes);
	note_sign(&second, SPAN("another text\n"), 0, &line);
	buf_add_span(&bytes, buf_span(&line));
	assert_int_equal(judge(world, &bytes, &none), COSIGN_UNSIGNED);
	buf_release(&bytes);
	buf_release(&line);
}

static void the_form_is_strict(void **state)
{
	struct world *world = *state;
	static const char *const heads[] = { "", "old 1", "old 1\n", "old 01\n\n", "old -1\n\n", "old  1\n\n", "Old 1\n\n", "old 1 \n\n",
					     "old 1\nAA==\n\n", "old 1\r\n\n", "\n" };
	struct tree_head head = head_of(world, 20);
	struct cosign_request request;
	struct buf bytes = { 0 };
	struct span note;

	ask(world, 0, &head, 1, &bytes);
	assert_true(cosign_parse(buf_span(&bytes), &request));
	note = span_from_offset(buf_span(&bytes), sizeof("old 0\n\n") - 1);
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		struct buf other = { 0 };

		buf_add_text(&other, heads[i]);
		buf_add_span(&other, note);
		if (cosign_parse(buf_span(&other), &request))
			fail_msg("number %zu was taken", i);
		buf_release(&other);
	}
	for (size_t len = 0; len < bytes.len; len++)
		assert_false(cosign_parse(span_from(bytes.at, len), &request));
	buf_release(&bytes);
}

static void sixty_three_hashes_are_the_most(void **state)
{
	struct cosign_request request;
	struct world *world = *state;
	struct tree_head head = head_of(world, 20);
	struct buf bytes = { 0 }, other = { 0 };

	ask(world, 0, &head, 1, &bytes);
	buf_add_text(&other, "old 0\n");
	for (size_t n = 0; n <= COSIGN_PROOF_MAX + 1; n++) {
		struct buf whole = { 0 };

		buf_add_span(&whole, buf_span(&other));
		buf_add_span(&whole, span_from_offset(buf_span(&bytes), sizeof("old 0\n") - 1));
		assert_int_equal(cosign_parse(buf_span(&whole), &request), n <= COSIGN_PROOF_MAX);
		buf_release(&whole);
		buf_add_text(&other, "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
	}
	buf_release(&bytes);
	buf_release(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_is_signed),
		cmocka_unit_test(either_key_of_the_log_will_do),
		cmocka_unit_test(each_refusal_has_its_reason),
		cmocka_unit_test(no_proof_goes_with_size_zero),
		cmocka_unit_test(strangers_are_unknown),
		cmocka_unit_test(a_forged_signature_is_refused),
		cmocka_unit_test(the_form_is_strict),
		cmocka_unit_test(sixty_three_hashes_are_the_most),
	};

	return cmocka_run_group_tests(tests, set_up, take_down);
}
