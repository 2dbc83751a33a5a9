/*
 * Signed notes, checkpoints in them, and keys, of any bytes.
 */
#include "daemon/tlog/checkpoint.h"
#include "daemon/tlog/note.h"

#include <assert.h>

#define PETER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_keys(struct span text)
{
	char out[NOTE_KEY_TEXT_MAX];
	struct note_signer signer, twice;
	struct note_key key, again;

	if (note_key_parse(text, &key))
		assert(note_key_parse(note_key_write(&key, out), &again) && memcmp(&key, &again, sizeof(key)) == 0);
	if (note_signer_parse(text, &signer))
		assert(note_signer_parse(note_signer_write(&signer, out), &twice) && memcmp(&signer, &twice, sizeof(signer)) == 0);
}

static void try_checkpoint(struct span text)
{
	struct checkpoint checkpoint;
	struct buf again = { 0 };

	if (checkpoint_parse(text, &checkpoint)) {
		checkpoint_write(&checkpoint, &again);
		assert(span_eq(buf_span(&again), text));
	}
	buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_from(data, size);
	struct note_key peter;
	struct note note, lines;

	try_keys(bytes);
	try_checkpoint(bytes);
	if (!note_parse(bytes, &note))
		return 0;
	assert(note_text_valid(note.text) && note.n > 0 && note.n <= NOTE_SIGNATURES_MAX);
	assert(note_parse_signatures(note.text, span_from_offset(bytes, note.text.len + 1), &lines) && lines.n == note.n);
	assert(note_key_parse(SPAN(PETER), &peter));
	assert(note_check(&note, &peter, NULL) == note_check(&lines, &peter, NULL));
	try_checkpoint(note.text);
	return 0;
}
