/*
 * Signed notes (C2SP signed-note): a text with the signatures of one or more keys.
 *
 *   text, ends in a newline
 *   (empty line)
 *   — NAME base64(KEY-ID SIGNATURE)        one line for each
 *
 * Two kinds of keys: Ed25519 over the text (a log's own), and cosignature/v1
 * (a witness's: Ed25519 over a time and the text; C2SP tlog-cosignature). All
 * others are unknown and ignored. A key is written as "NAME+ID+base64(KIND KEY)",
 * a private one as "PRIVATE+KEY+NAME+ID+base64(KIND SEED)".
 *
 * The text of a note means nothing before note_check() said so.
 */
#ifndef TIPLINE_TLOG_NOTE_H
#define TIPLINE_TLOG_NOTE_H

#include "daemon/base/buf.h"

#define NOTE_BYTES_MAX ((size_t)1 << 18)
#define NOTE_SIGNATURES_MAX 64
#define NOTE_SIGNATURE_MAX 5120       /* bytes behind the base 64; post-quantum ones are that long */
#define NOTE_NAME_MAX 200             /* bytes */
#define NOTE_KEY_BYTES 32
#define NOTE_SEED_BYTES 32
#define NOTE_KEY_TEXT_MAX 300         /* of either kind of key, with NUL */

enum note_kind {
	NOTE_ED25519 = 0x01,
	NOTE_COSIGNATURE = 0x04,
};

struct note_key {
	char name[NOTE_NAME_MAX + 1];
	size_t name_len;
	uint32_t id;
	enum note_kind kind;
	unsigned char public_key[NOTE_KEY_BYTES];
};

/* Holds a secret: note_signer_release() wipes it. */
struct note_signer {
	struct note_key key;
	unsigned char secret[64];
};

/* --- keys --------------------------------------------------------------------------------- */

/* UTF-8 without spaces of any script, plus signs and control characters; 1 to NOTE_NAME_MAX bytes. */
bool note_name_valid(struct span name);

struct span note_key_name(const struct note_key *key);

/* A key of a valid name. */
void note_key_make(struct span name, enum note_kind kind, const unsigned char public_key[NOTE_KEY_BYTES],
		   struct note_key *key);

/* False: not a key text, another kind of key, or its id is not that of name and key. */
bool note_key_parse(struct span text, struct note_key *key);
struct span note_key_write(const struct note_key *key, char out[NOTE_KEY_TEXT_MAX]);

/* The signer of a valid name, from its secret seed. */
void note_signer_make(struct span name, enum note_kind kind, const unsigned char seed[NOTE_SEED_BYTES],
		      struct note_signer *signer);
bool note_signer_parse(struct span text, struct note_signer *signer);
/* The text is a secret too: the caller wipes it. */
struct span note_signer_write(const struct note_signer *signer, char out[NOTE_KEY_TEXT_MAX]);
void note_signer_release(struct note_signer *signer);

/* --- writing --------------------------------------------------------------------------------- */

/* True when the text may be signed: it ends in a newline, is UTF-8, and has no other control character. */
bool note_text_valid(struct span text);

/*
 * Appends the signature line over a valid text. `time` (Unix seconds, at most
 * INT64_MAX) goes into a cosignature and is not used otherwise. A whole note is the text, a
 * newline, and its lines.
 */
void note_sign(const struct note_signer *signer, struct span text, uint64_t time, struct buf *out);

/* --- reading ---------------------------------------------------------------------------------- */

struct note_signature {
	struct span name;
	uint32_t id;
	struct span base64;    /* key id and signature */
	struct span line;      /* the whole line with its newline */
};

/* Borrows from what was parsed. */
struct note {
	struct span text;      /* with the newline at its end */
	size_t n;
	struct note_signature signatures[NOTE_SIGNATURES_MAX];
};

/* The form alone; nothing is verified. False when it is no note, or above the limits. */
bool note_parse(struct span bytes, struct note *note);

/* Signature lines alone, as a witness answers: puts them behind `text`. */
bool note_parse_signatures(struct span text, struct span lines, struct note *note);

enum note_verdict {
	NOTE_SIGNED,
	NOTE_ABSENT,     /* this key has not signed */
	NOTE_FORGED,     /* a line says it has, and the signature does not hold: refuse the whole note */
};

/*
 * Has this key signed? Every line with its name and id has to hold. `time` is
 * the newest one of its cosignatures, 0 for the other kind; it may be NULL.
 */
enum note_verdict note_check(const struct note *note, const struct note_key *key, uint64_t *time)
	__attribute__((warn_unused_result));

#endif
