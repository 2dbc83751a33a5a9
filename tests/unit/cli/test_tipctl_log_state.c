/*
 * What a verification keeps: read back as written, refused in every other form.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/cli/tipctl_log_state.h"
#include "daemon/sys/files.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct log_state some_state(uint64_t proven, uint64_t reached)
{
	static const unsigned char public_key[NOTE_KEY_BYTES] = { 7 };
	struct log_state state = { .proven = { .size = 0 } };

	note_key_make(SPAN("tips.example/15"), NOTE_ED25519, public_key, &state.key);
	while (state.reached.size < reached) {
		struct merkle_hash leaf = merkle_leaf(span_from(&state.reached.size, sizeof(uint64_t)));

		frontier_append(&state.reached, &leaf);
		if (state.reached.size == proven)
			state.proven = state.reached;
	}
	return state;
}

static void written_and_read(void **state)
{
	static const uint64_t sizes[][2] = { { 0, 0 }, { 0, 5 }, { 1, 1 }, { 255, 256 }, { 1000, 1023 } };
	char path[] = "/tmp/tipline-log-state-XXXXXX";
	struct complaint why = { .text = "" };
	int fd = mkstemp(path);

	(void)state;
	close(fd);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct log_state before = some_state(sizes[i][0], sizes[i][1]), after;

		assert_true(log_state_write(path, &before, &why));
		assert_int_equal(log_state_read(path, &after, &why), LOG_STATE_READ);
		assert_int_equal(after.proven.size, sizes[i][0]);
		assert_int_equal(after.reached.size, sizes[i][1]);
		assert_memory_equal(&after.reached.hashes, &before.reached.hashes, before.reached.n * sizeof(before.reached.hashes[0]));
		assert_memory_equal(&after.key.public_key, &before.key.public_key, NOTE_KEY_BYTES);
	}
	unlink(path);
	assert_int_equal(log_state_read(path, &(struct log_state){ .proven = { .size = 0 } }, &why), LOG_STATE_ABSENT);
}

static void every_changed_byte_is_refused(void **state)
{
	char path[] = "/tmp/tipline-log-state-XXXXXX";
	struct log_state before = some_state(100, 300), after;
	struct complaint why = { .text = "" };
	struct buf text = { 0 };
	int fd = mkstemp(path);

	(void)state;
	close(fd);
	assert_true(log_state_write(path, &before, &why) && files_read(path, 8192, &text, &why));
	for (size_t i = 0; i < text.len; i++) {
		text.at[i] ^= 1;
		assert_false(log_state_parse(buf_span(&text), &after));
		text.at[i] ^= 1;
		assert_false(log_state_parse(span_from(text.at, i), &after));
	}
	assert_true(log_state_parse(buf_span(&text), &after));
	buf_add_byte(&text, '\n');
	assert_false(log_state_parse(buf_span(&text), &after));
	text.len = 0;
	buf_add_text(&text, "tipline-log-verify/v2\n");
	assert_true(unlink(path) == 0 && files_append(path, buf_span(&text), 0600, &why));
	assert_int_equal(log_state_read(path, &after, &why), LOG_STATE_REFUSED);
	assert_non_null(strstr(why.text, path));
	unlink(path);
	buf_release(&text);
}

static void proven_beyond_reached(void **state)
{
	char path[] = "/tmp/tipline-log-state-XXXXXX";
	struct log_state wrong = some_state(10, 20), after;
	struct frontier swap = wrong.proven;
	struct complaint why = { .text = "" };
	int fd = mkstemp(path);

	(void)state;
	close(fd);
	wrong.proven = wrong.reached;
	wrong.reached = swap;
	assert_true(log_state_write(path, &wrong, &why));
	assert_int_equal(log_state_read(path, &after, &why), LOG_STATE_REFUSED);
	unlink(path);
}

#define LINE "\xe2\x80\x94 n AAAA\n"

static void notes_in_a_row(void **state)
{
	static const char *const notes[] = { "a\n1\nr\n\n" LINE, "a\n2\nr\n\n" LINE LINE, "a\n3\nr\nmore\n\n" LINE };
	struct span rest, note;
	struct buf all = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		buf_add_text(&all, notes[i]);
	rest = buf_span(&all);
	for (size_t i = 0; i < 3; i++) {
		assert_true(log_notes_next(&rest, &note));
		assert_true(span_is(note, notes[i]));
	}
	assert_false(log_notes_next(&rest, &note));
	/* What is no note is handed on whole, to be refused. */
	rest = SPAN("no note\nat all");
	assert_true(log_notes_next(&rest, &note) && span_is(note, "no note\nat all"));
	assert_false(log_notes_next(&rest, &note));
	buf_release(&all);
}

static int begin(void **state)
{
	(void)state;
	return sodium_init() < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_and_read),
		cmocka_unit_test(every_changed_byte_is_refused),
		cmocka_unit_test(proven_beyond_reached),
		cmocka_unit_test(notes_in_a_row),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
