/*
 * Sealed attachments: whole or refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/seal.h"

#include <sodium.h>

#define PIECES 3

static const struct tip_id id = { "15-7K3MQ2X9RD" };
static const struct tip_id moved = { "11-7K3MQ2X9RD" };
static const struct tip_id other_id = { "15-7K3MQ2X9RE" };
static const struct seal_key key = { "tip key" }, wrong_key = { "another" };

struct sealed_file {
	struct buf header;
	struct buf piece[PIECES];
};

static char clear[SEAL_PIECE_BYTES];
static const size_t clear_len[PIECES] = { SEAL_PIECE_BYTES, SEAL_PIECE_BYTES, 17 };

static struct sealed_file seal_some(unsigned number)
{
	struct sealed_file file = { 0 };
	struct seal_stream *stream = seal_stream_new(&id, number, &key, &file.header);

	memset(clear, 'x', sizeof(clear));
	for (size_t i = 0; i < PIECES; i++)
		seal_stream_push(stream, span_from(clear, clear_len[i]), i == PIECES - 1, &file.piece[i]);
	seal_stream_free(stream);
	return file;
}

static void release(struct sealed_file *file)
{
	buf_release(&file->header);
	for (size_t i = 0; i < PIECES; i++)
		buf_release(&file->piece[i]);
}

/* True when the pieces in that order open up to the end. */
static bool opens(struct sealed_file *file, const struct tip_id *as, unsigned number,
		  const struct seal_key *with, const size_t *order, size_t n)
{
	struct seal_reader *reader = seal_reader_new(as, number, with, buf_span(&file->header));
	struct buf out = { 0 };
	bool last = false, well = true;

	assert_non_null(reader);
	for (size_t i = 0; i < n && well; i++)
		well = seal_reader_pull(reader, buf_span(&file->piece[order[i]]), &out, &last);
	seal_reader_free(reader);
	buf_release(&out);
	return well && last;
}

static const size_t in_order[] = { 0, 1, 2 };

static void a_file_comes_back(void **state)
{
	struct sealed_file file = seal_some(0);
	struct seal_reader *reader = seal_reader_new(&moved, 0, &key, buf_span(&file.header));
	bool last;

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		struct buf out = { 0 };

		assert_int_equal(file.piece[i].len, clear_len[i] + SEAL_PIECE_OVERHEAD);
		assert_true(seal_reader_pull(reader, buf_span(&file.piece[i]), &out, &last));
		assert_int_equal(last, i == PIECES - 1);
		assert_true(span_eq(buf_span(&out), span_from(clear, clear_len[i])));
		buf_release(&out);
	}
	seal_reader_free(reader);
	release(&file);
}

static void pieces_keep_order_and_end(void **state)
{
	static const size_t swapped[] = { 1, 0, 2 }, skipped[] = { 0, 2 }, cut[] = { 0, 1 },
			    twice[] = { 0, 1, 2, 2 };
	struct sealed_file file = seal_some(0);

	(void)state;
	assert_true(opens(&file, &id, 0, &key, in_order, 3));
	assert_false(opens(&file, &id, 0, &key, swapped, 3));
	assert_false(opens(&file, &id, 0, &key, skipped, 2));
	assert_false(opens(&file, &id, 0, &key, cut, 2));
	assert_false(opens(&file, &id, 0, &key, twice, 4));
	release(&file);
}

static void a_file_is_bound_to_tip_number_and_key(void **state)
{
	struct sealed_file file = seal_some(1);

	(void)state;
	assert_true(opens(&file, &id, 1, &key, in_order, 3));
	assert_false(opens(&file, &id, 0, &key, in_order, 3));
	assert_false(opens(&file, &other_id, 1, &key, in_order, 3));
	assert_false(opens(&file, &id, 1, &wrong_key, in_order, 3));
	file.piece[2].at[3] ^= 1;
	assert_false(opens(&file, &id, 1, &key, in_order, 3));
	release(&file);
}

static void odd_lengths_are_refused(void **state)
{
	struct sealed_file file = seal_some(0);
	struct seal_reader *reader = seal_reader_new(&id, 0, &key, buf_span(&file.header));
	struct buf out = { 0 };
	bool last;

	(void)state;
	assert_null(seal_reader_new(&id, 0, &key, SPAN("short")));
	assert_false(seal_reader_pull(reader, SPAN(""), &out, &last));
	assert_false(seal_reader_pull(reader, SPAN("sixteen bytes..."), &out, &last));
	assert_int_equal(out.len, 0);
	seal_reader_free(reader);
	buf_release(&out);
	release(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_comes_back),
		cmocka_unit_test(pieces_keep_order_and_end),
		cmocka_unit_test(a_file_is_bound_to_tip_number_and_key),
		cmocka_unit_test(odd_lengths_are_refused),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
