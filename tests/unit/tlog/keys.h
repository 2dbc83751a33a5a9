/*
 * A log and witnesses for tests: keys from small numbers, checkpoints signed by them.
 */
#ifndef TIPLINE_TEST_KEYS_H
#define TIPLINE_TEST_KEYS_H

#include "daemon/tlog/checkpoint.h"
#include "daemon/tlog/note.h"

#define KEYS_ORIGIN "tips.example/log/15"

static inline struct note_signer keys_make(const char *name, enum note_kind kind, unsigned char number)
{
	unsigned char seed[NOTE_SEED_BYTES] = { number };
	struct note_signer signer;

	note_signer_make(span_of(name), kind, seed, &signer);
	return signer;
}

static inline struct note_signer keys_log(unsigned char number)
{
	return keys_make(KEYS_ORIGIN, NOTE_ED25519, number);
}

static inline struct note_signer keys_witness(unsigned char number)
{
	char name[] = "witness-0";

	name[8] = (char)('0' + number);
	return keys_make(name, NOTE_COSIGNATURE, (unsigned char)(100 + number));
}

/* The text of a checkpoint of that log and the empty line. */
static inline void keys_checkpoint(const struct tree_head *head, struct buf *out)
{
	checkpoint_write(&(struct checkpoint){ .origin = SPAN(KEYS_ORIGIN), .head = *head }, out);
	buf_add_byte(out, '\n');
}

/* One more signature on the note. */
static inline void keys_sign(struct buf *note, const struct note_signer *signer, uint64_t time)
{
	struct buf line = { 0 };
	size_t end = span_find(buf_span(note), SPAN("\n\n")) + 1;

	note_sign(signer, span_from(note->at, end), time, &line);
	buf_add_span(note, buf_span(&line));
	buf_release(&line);
}

/* "witness NAME KEY" or "log KEY" and a newline. */
static inline void keys_line(struct buf *file, const char *before, const struct note_key *key)
{
	char text[NOTE_KEY_TEXT_MAX];

	buf_add_text(file, before);
	buf_add_byte(file, ' ');
	buf_add_span(file, note_key_write(key, text));
	buf_add_byte(file, '\n');
}

#endif
