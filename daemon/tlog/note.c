/*
 * Signed notes; see note.h. Keys are in note_key.c.
 */
#include "daemon/tlog/note.h"

#include "daemon/base/base64.h"
#include "daemon/base/utf8.h"
#include "daemon/tlog/line.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#define ID_BYTES 4
#define TIME_BYTES 8
#define DASH "\xE2\x80\x94 "      /* U+2014 and a space */

/* --- what is signed ---------------------------------------------------------------------------- */

bool note_text_valid(struct span text)
{
	if (text.len == 0 || text.at[text.len - 1] != '\n')
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 && text.at[i] != '\n')
			return false;
	return utf8_valid(text);
}

/* The bytes that a key of that kind signs. */
static void add_message(struct buf *message, enum note_kind kind, uint64_t time, struct span text)
{
	if (kind == NOTE_COSIGNATURE)
		buf_printf(message, "cosignature/v1\ntime %llu\n", (unsigned long long)time);
	buf_add_span(message, text);
}

static void put_id(unsigned char out[ID_BYTES], uint32_t id)
{
	for (size_t i = ID_BYTES; i > 0; i--, id >>= 8)
		out[i - 1] = (unsigned char)id;
}

void note_sign(const struct note_signer *signer, struct span text, uint64_t time, struct buf *out)
{
	unsigned char bytes[ID_BYTES + TIME_BYTES + crypto_sign_BYTES];
	struct buf message = { 0 };
	size_t len = ID_BYTES;

	assert(note_text_valid(text) && time <= LINE_NUMBER_MAX);
	put_id(bytes, signer->key.id);
	if (signer->key.kind == NOTE_COSIGNATURE) {
		line_put_u64(bytes + len, time);
		len += TIME_BYTES;
	}
	add_message(&message, signer->key.kind, time, text);
	crypto_sign_detached(bytes + len, NULL, (const unsigned char *)message.at, message.len, signer->secret);
	buf_release(&message);
	buf_add_text(out, DASH);
	buf_add_span(out, note_key_name(&signer->key));
	buf_add_byte(out, ' ');
	base64_add(out, bytes, len + crypto_sign_BYTES);
	buf_add_byte(out, '\n');
}

/* --- the form ------------------------------------------------------------------------------------ */

static bool read_signature(struct span line, struct note_signature *signature)
{
	unsigned char bytes[NOTE_SIGNATURE_MAX];
	struct span rest = line;
	size_t len;

	if (!span_starts(line, SPAN(DASH)))
		return false;
	rest = span_from_offset(rest, sizeof(DASH) - 1);
	signature->name = span_from(rest.at, span_find(rest, SPAN(" ")));
	signature->base64 = span_from_offset(rest, signature->name.len + 1);
	if (!note_name_valid(signature->name) || !line_base64(signature->base64, bytes, sizeof(bytes), &len) ||
	    len <= ID_BYTES)
		return false;
	signature->id = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
	signature->line = span_from(line.at, line.len + 1);
	return true;
}

bool note_parse_signatures(struct span text, struct span lines, struct note *note)
{
	struct span line;

	note->text = text;
	note->n = 0;
	if (!note_text_valid(text) || text.len + lines.len > NOTE_BYTES_MAX)
		return false;
	while (line_next(&lines, &line)) {
		if (note->n == NOTE_SIGNATURES_MAX || !read_signature(line, &note->signatures[note->n]))
			return false;
		note->n++;
	}
	return note->n > 0 && lines.len == 0;
}

/* The last empty line ends the text; signature lines cannot be empty. */
bool note_parse(struct span bytes, struct note *note)
{
	size_t end = bytes.len;

	if (bytes.len > NOTE_BYTES_MAX)
		return false;
	while (end >= 2 && !(bytes.at[end - 1] == '\n' && bytes.at[end - 2] == '\n'))
		end--;
	if (end < 2)
		return false;
	return note_parse_signatures(span_from(bytes.at, end - 1), span_from_offset(bytes, end), note);
}

/* --- the check -------------------------------------------------------------------------------------- */

static bool holds(const struct note *note, const struct note_signature *signature, const struct note_key *key,
		  uint64_t *time)
{
	unsigned char bytes[ID_BYTES + TIME_BYTES + crypto_sign_BYTES];
	size_t len, head = ID_BYTES + (key->kind == NOTE_COSIGNATURE ? TIME_BYTES : 0);
	struct buf message = { 0 };
	bool well;

	*time = 0;
	if (!line_base64(signature->base64, bytes, sizeof(bytes), &len) || len != head + crypto_sign_BYTES)
		return false;
	if (key->kind == NOTE_COSIGNATURE)
		*time = line_get_u64(bytes + ID_BYTES);
	if (*time > LINE_NUMBER_MAX)
		return false;
	add_message(&message, key->kind, *time, note->text);
	well = crypto_sign_verify_detached(bytes + head, (const unsigned char *)message.at, message.len,
					   key->public_key) == 0;
	buf_release(&message);
	return well;
}

enum note_verdict note_check(const struct note *note, const struct note_key *key, uint64_t *time)
{
	enum note_verdict verdict = NOTE_ABSENT;
	uint64_t newest = 0, at;

	for (size_t i = 0; i < note->n; i++) {
		const struct note_signature *signature = &note->signatures[i];

		if (signature->id != key->id || !span_eq(signature->name, note_key_name(key)))
			continue;
		if (!holds(note, signature, key, &at))
			return NOTE_FORGED;
		verdict = NOTE_SIGNED;
		newest = at > newest ? at : newest;
	}
	if (time != NULL)
		*time = newest;
	return verdict;
}
