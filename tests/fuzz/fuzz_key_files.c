/*
 * Files about keys that somebody changed by hand or a disk did: boxes, key pairs
 * of persons, changes on their way to the trail. What is taken is written and
 * read again as the same.
 */
#include "daemon/sys/key_box.h"
#include "daemon/sys/key_changes.h"
#include "daemon/sys/person_keys_file.h"

#include <assert.h>
#include <sodium.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_box(struct span text)
{
	static unsigned char secret_key[32] = { 1 };
	struct person_pair pair = { .secret_key = secret_key };
	struct key_box box = { .n = 0 }, again = { .n = 0 };
	struct buf written = { 0 }, twice = { 0 };
	struct complaint why;
	unsigned char opened[32];

	if (key_box_parse(&box, "box", text, &why)) {
		key_box_print(&box, &written);
		assert(key_box_parse(&again, "box", buf_span(&written), &why));
		assert(again.n == box.n && again.nalso == box.nalso);
		key_box_print(&again, &twice);
		assert(span_eq(buf_span(&written), buf_span(&twice)));
		crypto_scalarmult_base(pair.public_key, secret_key);
		for (size_t i = 0; i < box.n; i++)
			(void)key_box_open(&box, span_of(box.rows[i].person), &pair, pair.public_key, opened);
	}
	key_box_release(&box);
	key_box_release(&again);
	buf_release(&written);
	buf_release(&twice);
}

static void try_persons(struct span text)
{
	struct person_rows rows = { .n = 0 }, again = { .n = 0 };
	struct buf written = { 0 }, twice = { 0 };
	struct complaint why;

	if (person_rows_parse(&rows, text, &why)) {
		person_rows_print(&rows, &written);
		assert(person_rows_parse(&again, buf_span(&written), &why));
		assert(again.n == rows.n);
		person_rows_print(&again, &twice);
		assert(span_eq(buf_span(&written), buf_span(&twice)));
	}
	person_rows_release(&rows);
	person_rows_release(&again);
	buf_release(&written);
	buf_release(&twice);
}

static void try_change(struct span line)
{
	struct trail_event event;
	struct arena arena = { 0 };
	struct buf written = { 0 };

	if (key_change_read(line, &arena, &event)) {
		struct trail_event again;

		trail_event_write(&event, &written);
		assert(key_change_read(buf_span(&written), &arena, &again));
		assert(again.kind == event.kind && again.at_ms == event.at_ms);
	}
	buf_release(&written);
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_from(data, size);

	assert(sodium_init() >= 0);
	try_box(text);
	try_persons(text);
	try_change(text);
	return 0;
}
