/*
 * Sealed attachments, piece by piece; see seal.h.
 *
 * Each file has a key of its own, derived from tip key, tip and number: a file
 * cannot be put in another one's place. Order and end are kept by libsodium's
 * secretstream, whose header is random, so storing a file again is harmless.
 */
#include "daemon/core/tip/seal.h"

#include "daemon/base/wipe.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define TAG_LAST crypto_secretstream_xchacha20poly1305_TAG_FINAL

_Static_assert(SEAL_STREAM_HEADER_BYTES == crypto_secretstream_xchacha20poly1305_HEADERBYTES, "header");
_Static_assert(SEAL_PIECE_OVERHEAD == crypto_secretstream_xchacha20poly1305_ABYTES, "overhead of a piece");

struct seal_stream {
	crypto_secretstream_xchacha20poly1305_state state;
};

struct seal_reader {
	crypto_secretstream_xchacha20poly1305_state state;
	bool ended;
};

static void *new_or_exit(size_t size)
{
	void *at = calloc(1, size);

	if (at == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return at;
}

static void file_key(const struct tip_id *id, unsigned number, const struct seal_key *tip_key,
		     struct seal_key *out)
{
	unsigned char context[1 + TIP_ID_LEN - 3];

	assert(number < 256);
	context[0] = (unsigned char)number;
	memcpy(context + 1, id->text + 3, TIP_ID_LEN - 3);
	seal_derive(tip_key, "file", span_from(context, sizeof(context)), out);
}

struct seal_stream *seal_stream_new(const struct tip_id *id, unsigned number, const struct seal_key *tip_key,
				    struct buf *header)
{
	struct seal_stream *stream = new_or_exit(sizeof(*stream));
	unsigned char *at = (unsigned char *)buf_reserve(header, SEAL_STREAM_HEADER_BYTES);
	struct seal_key key;

	file_key(id, number, tip_key, &key);
	crypto_secretstream_xchacha20poly1305_init_push(&stream->state, at, key.bytes);
	header->len += SEAL_STREAM_HEADER_BYTES;
	wipe(&key, sizeof(key));
	return stream;
}

void seal_stream_push(struct seal_stream *stream, struct span piece, bool last, struct buf *out)
{
	unsigned char *at = (unsigned char *)buf_reserve(out, piece.len + SEAL_PIECE_OVERHEAD);

	assert(piece.len <= SEAL_PIECE_BYTES);
	crypto_secretstream_xchacha20poly1305_push(&stream->state, at, NULL, (const unsigned char *)piece.at,
						   piece.len, NULL, 0, last ? TAG_LAST : 0);
	out->len += piece.len + SEAL_PIECE_OVERHEAD;
}

void seal_stream_free(struct seal_stream *stream)
{
	if (stream == NULL)
		return;
	wipe(stream, sizeof(*stream));
	free(stream);
}

struct seal_reader *seal_reader_new(const struct tip_id *id, unsigned number, const struct seal_key *tip_key,
				    struct span header)
{
	struct seal_reader *reader;
	struct seal_key key;

	if (header.len != SEAL_STREAM_HEADER_BYTES)
		return NULL;
	reader = new_or_exit(sizeof(*reader));
	file_key(id, number, tip_key, &key);
	crypto_secretstream_xchacha20poly1305_init_pull(&reader->state, (const unsigned char *)header.at,
							key.bytes);
	wipe(&key, sizeof(key));
	return reader;
}

bool seal_reader_pull(struct seal_reader *reader, struct span sealed, struct buf *out, bool *last)
{
	unsigned char tag;
	unsigned char *at;

	if (reader->ended || sealed.len < SEAL_PIECE_OVERHEAD ||
	    sealed.len > SEAL_PIECE_BYTES + SEAL_PIECE_OVERHEAD)
		return false;
	at = (unsigned char *)buf_reserve(out, sealed.len - SEAL_PIECE_OVERHEAD);
	if (crypto_secretstream_xchacha20poly1305_pull(&reader->state, at, NULL, &tag,
						       (const unsigned char *)sealed.at, sealed.len, NULL,
						       0) != 0)
		return false;
	out->len += sealed.len - SEAL_PIECE_OVERHEAD;
	reader->ended = *last = tag == TAG_LAST;
	return true;
}

void seal_reader_free(struct seal_reader *reader)
{
	if (reader == NULL)
		return;
	wipe(reader, sizeof(*reader));
	free(reader);
}
