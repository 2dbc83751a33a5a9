/*
 * Sealing: from a tip in clear to bytes that may leave the process (DESIGN 5).
 *
 * Each tip has a key of its own. Its fields go under XChaCha20-Poly1305 with
 * padded lengths; associated data binds tip, field and version. The tip key
 * is wrapped under the bureau's data key and under a key made from the receipt
 * code. Pure: keys and random bytes are brought by the caller; nonces are made
 * from key and clear text (seal.c tells why), so the same input under the same
 * key gives the same bytes. Only sealing to a public key and opening a stream
 * draw from libsodium's generator.
 *
 * Of a tip's id only the ten characters behind the dash are bound: a tip that
 * is transferred keeps them and gets another shard.
 *
 * Identity (contact, telephone number) is sealed to another public key and
 * cannot be opened with any of these.
 *
 * sodium_init() must have been called (sys/keys.c does).
 */
#ifndef TIPLINE_CORE_SEAL_H
#define TIPLINE_CORE_SEAL_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/core/tip/receipt.h"
#include "daemon/core/tip/tip.h"

#define SEAL_KEY_BYTES 32
#define SEAL_DATA_KEY_ID_BYTES 8
#define SEAL_BOX_BYTES 80            /* a key in crypto_box_seal */
#define SEAL_COMMITMENT_BYTES 32
#define SEAL_CONTENT_HEAD_BYTES 129  /* of a sealed content: all before its words, with both wraps of the tip key */
#define SEAL_IDENTITY_HEAD_BYTES 81  /* of a sealed identity: all before its blob, with the key in its box */

struct seal_key {
	unsigned char bytes[SEAL_KEY_BYTES];
};

/* A data key in use: of one bureau and ten minutes. The id is made from the key (seal_data_key_make). */
struct data_key {
	unsigned char id[SEAL_DATA_KEY_ID_BYTES];
	struct seal_key key;
};

enum seal_field {
	SEAL_CONTENT = 1,  /* the tip's words and its files' names */
	SEAL_MESSAGE = 2,  /* one message, supplement or note */
	SEAL_FILE = 3,
};

#define TIP_FILE_SUM_BYTES 16

/* One attachment, as the content or a message remembers it. */
struct tip_file {
	struct span name;      /* as sent, made safe (core/files/file_name.h) */
	struct span type;      /* what libmagic found */
	uint64_t bytes;
	struct span stored;    /* random name under which its sealed bytes lie on disk */
	struct span clean;     /* the same of its copy without metadata; empty: there is none */
	uint64_t clean_bytes;
	uint64_t clean_lead;   /* the last bytes of the copy that belong in front of it (core/files/clean.h) */
	struct span sum;       /* the first TIP_FILE_SUM_BYTES of its SHA-256, by which it is known when it comes again; or empty */
};

/* The words of a tip: what the officer reads. All spans may be empty but text. */
struct tip_content {
	struct span text, place, when, category, lang;
	struct span region;    /* code the informant chose */
	struct tip_file files[TIP_FILES_MAX];
	size_t nfiles;
};

enum message_kind {
	MESSAGE_FROM_BUREAU = 1,    /* shown to the informant */
	MESSAGE_FROM_INFORMANT = 2, /* a supplement */
	MESSAGE_NOTE = 3,           /* among officers; never shown to the informant */
};

struct tip_message {
	enum message_kind kind;
	int64_t at_ms;
	struct span author;    /* officer's id; empty for the informant */
	struct span text;      /* may be empty where there are files */
	const struct tip_file *files;   /* that came with it; NULL: none */
	size_t nfiles;         /* at most TIP_FILES_MAX */
	struct seal_key files_key;      /* theirs: they come before the tip's own can be opened; valid with files */
};

/* The key of the box from the receipt code; costs one BLAKE2b. */
void seal_key_from_receipt(const struct receipt_code *code, struct seal_key *out);

/*
 * The sealed content of a tip: version, data key id, tip key wrapped twice,
 * padded content. Appended to `out`.
 */
void seal_tip(const struct tip_id *id, const struct tip_content *content, const struct seal_key *tip_key,
	      const struct data_key *data_key, const struct seal_key *receipt_key, struct buf *out);

/* Which data key opens a sealed content; false when it is no sealed content. */
bool seal_data_key_id(struct span sealed, unsigned char id[SEAL_DATA_KEY_ID_BYTES]);

/* The tip key out of a sealed content, by either way; false when the key does not fit. */
bool seal_tip_key_by_bureau(const struct tip_id *id, struct span sealed, const struct data_key *data_key,
			    struct seal_key *tip_key);
bool seal_tip_key_by_receipt(const struct tip_id *id, struct span sealed, const struct seal_key *receipt_key,
			     struct seal_key *tip_key);

/*
 * The same content with the tip key wrapped under another bureau's data key;
 * appended to `out`. False, and nothing appended: no sealed content, or not
 * the key of this tip.
 */
bool seal_rewrap(const struct tip_id *id, struct span sealed, const struct seal_key *tip_key,
		 const struct data_key *to, struct buf *out);

/* Spans of *content point into the arena. False: wrong key or changed bytes. */
bool seal_open_tip(const struct tip_id *id, struct span sealed, const struct seal_key *tip_key,
		   struct arena *arena, struct tip_content *content);

/*
 * What the journal tells of a sealed tip: BLAKE2b of its content under a
 * blinding key made from the tip key. Shows nothing of the text, can be
 * recomputed by whoever holds the tip key (bureau, informant), and stays the
 * same through seal_rewrap(). False: no sealed content.
 */
bool seal_commitment(const struct seal_key *tip_key, struct span sealed,
		     unsigned char out[SEAL_COMMITMENT_BYTES]);

void seal_message(const struct tip_id *id, const struct tip_message *message, const struct seal_key *tip_key,
		  struct buf *out);
bool seal_open_message(const struct tip_id *id, struct span sealed, const struct seal_key *tip_key,
		       struct arena *arena, struct tip_message *message);

/*
 * A data key out of 32 random bytes. Its id is a hash of it, so an opened key
 * can be held against the id it was stored under: seal_data_key_is().
 */
void seal_data_key_make(const unsigned char random[SEAL_KEY_BYTES], struct data_key *out);
bool seal_data_key_is(const unsigned char id[SEAL_DATA_KEY_ID_BYTES], const struct seal_key *key);

/*
 * A data key sealed to the bureau's public key and to the next level's
 * (crypto_box_seal, twice). `parent` may be NULL at the top.
 */
void seal_data_key(const struct data_key *key, const unsigned char bureau_public[32],
		   const unsigned char *parent_public, struct buf *out);
/* False: not sealed to this pair, or changed. */
bool seal_open_data_key(struct span sealed, const unsigned char public_key[32],
			const unsigned char secret_key[32], struct seal_key *out);

/*
 * A sealed data key with the entry for one public key replaced by one for
 * another; other entries stay as they are. Appended to `out`. False, and nothing
 * appended: there is no such entry.
 */
bool seal_data_key_again(struct span sealed, const struct seal_key *key, const unsigned char from_public[32],
			 const unsigned char to_public[32], struct buf *out);

/* Whether there is an entry for a public key, by its first eight bytes. */
bool seal_data_key_for(struct span sealed, const unsigned char public_key[32]);

/*
 * The key of the identities of some minutes, with its form sealed to the
 * identity key (136 us, hence once for many). Every identity carries that
 * form, so each can be opened by itself with the identity's private key.
 */
struct identity_box {
	struct seal_key key;
	unsigned char sealed[SEAL_BOX_BYTES];
};

void seal_identity_box(const unsigned char identity_public[32], const unsigned char random[SEAL_KEY_BYTES],
		       struct identity_box *box);

/* Contact and sender of a tip, padded to 128 bytes and up; appended to `out`. */
void seal_identity(const struct tip_id *id, const struct identity_box *box, struct span contact,
		   struct span sender, struct buf *out);
/* For those who hold the identity's private key; the daemon does not. */
bool seal_open_identity(const struct tip_id *id, struct span sealed, const unsigned char identity_public[32],
			const unsigned char identity_secret[32], struct arena *arena, struct span *contact,
			struct span *sender);

/*
 * Anything under a symmetric key (outbox intents, SMS parts, kept answers);
 * `label` binds the purpose, at most SEAL_LABEL_MAX bytes. Not padded. Equal
 * clear bytes give equal sealed bytes: put something unique inside where that
 * would tell.
 */
#define SEAL_LABEL_MAX 64
void seal_blob(const struct seal_key *key, const char *label, struct span clear, struct buf *out);
bool seal_open_blob(const struct seal_key *key, const char *label, struct span sealed, struct arena *arena,
		    struct span *clear);

/* A key for one purpose out of another: keyed BLAKE2b of label and context bytes. */
void seal_derive(const struct seal_key *from, const char *label, struct span context, struct seal_key *out);

/* Keyed 16-byte mark of some bytes (request ids, senders). */
void seal_mark(const struct seal_key *key, const char *label, struct span bytes, unsigned char mark[16]);

/* Attachments: a stream of sealed pieces of 64 KiB (secretstream), never whole in memory. */
struct seal_stream;
/* `number`: which of the tip's files, from 0. The header (SEAL_STREAM_HEADER_BYTES) is appended. */
struct seal_stream *seal_stream_new(const struct tip_id *id, unsigned number, const struct seal_key *tip_key,
				    struct buf *header);
/* Appends the sealed form of up to 64 KiB. `last` marks the end. */
void seal_stream_push(struct seal_stream *stream, struct span piece, bool last, struct buf *out);
void seal_stream_free(struct seal_stream *stream);

struct seal_reader;
#define SEAL_STREAM_HEADER_BYTES 24
#define SEAL_PIECE_BYTES 65536
#define SEAL_PIECE_OVERHEAD 17
/* NULL: the header has another length. */
struct seal_reader *seal_reader_new(const struct tip_id *id, unsigned number, const struct seal_key *tip_key,
				    struct span header);
/*
 * Opens one sealed piece; false when it was changed, is out of its place or
 * stands behind the end. A file is whole only when the last piece set *last.
 */
bool seal_reader_pull(struct seal_reader *reader, struct span sealed, struct buf *out, bool *last);
void seal_reader_free(struct seal_reader *reader);

#endif
