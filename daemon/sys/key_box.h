/*
 * The box of a private key: bureau-NNNNNN.box in the directory of keys, and the
 * same form for the halves of the identities' key (key_vault.h).
 *
 * One JSON object a line:
 *   {"person","sealed"}     sealed to the person's public key (crypto_box_seal)
 *   {"recovery":true,"sealed"}   the same for the recovery key, at most one
 *   {"also","since","sealed"}    another private half of the same bureau: `also` is its public half,
 *                              `since` when it came here (ms), `sealed` to the pair that the rows hold
 * Which of them is in use is said by the public key beside the box: the others are
 * earlier ones (key_rotate.h). `sealed` is a version byte and 80 bytes, in hex. The private key lies nowhere
 * else; a file without rows for anybody who can still open theirs is lost.
 * Changes need the directory's lock (key_dir_open() with `write`).
 */
#ifndef TIPLINE_SYS_KEY_BOX_H
#define TIPLINE_SYS_KEY_BOX_H

#include "daemon/base/buf.h"
#include "daemon/sys/key_files.h"
#include "daemon/sys/person_keys.h"
#include "daemon/sys/tokens.h"

#define KEY_BOX_SEALED_BYTES 81
#define KEY_BOX_RECOVERY SPAN("")   /* for the name of a person: the recovery key's row */
#define KEY_BOX_FILE_MAX ((size_t)4 << 20)

struct key_box_row {
	char person[TOKEN_PERSON_MAX + 1];   /* "": the recovery key */
	unsigned char sealed[KEY_BOX_SEALED_BYTES];
};

struct key_box_also {
	unsigned char public_key[32];
	int64_t since_ms;
	unsigned char sealed[KEY_BOX_SEALED_BYTES];
};

#define KEY_BOX_ALSO_MAX 64

/* Rows in order of the file. Zeroes are an empty one. */
struct key_box {
	struct key_box_row *rows;
	size_t n;
	struct key_box_also *also;
	size_t nalso;
};

/* Both halves of a pair that was opened; wiped by the caller. */
struct key_box_pair {
	unsigned char public_key[32];
	unsigned char private_key[32];
};

void key_box_release(struct key_box *box);

/* Whether a file's name is that of a box, or of a plain private key, and of which bureau. */
bool key_box_name(const char *name, char code[7]);
bool key_box_plain_name(const char *name, char code[7]);

/* Reads all lines; `name` stands in complaints. False at the first that is wrong, one without its end among them. */
bool key_box_parse(struct key_box *box, const char *name, struct span bytes, struct complaint *why);
void key_box_print(const struct key_box *box, struct buf *to);

enum key_read key_box_read(const struct key_dir *dir, const char code[7], struct key_box *box, struct complaint *why)
	__attribute__((warn_unused_result));
bool key_box_write(const struct key_dir *dir, const char code[7], const struct key_box *box, struct complaint *why);

/* The same under a file's name. */
enum key_read key_box_read_as(const struct key_dir *dir, const char *name, struct key_box *box, struct complaint *why)
	__attribute__((warn_unused_result));
bool key_box_write_as(const struct key_dir *dir, const char *name, const struct key_box *box, struct complaint *why);

const struct key_box_row *key_box_row_of(const struct key_box *box, struct span person);

/* Seals the private key to a public one, in place of the row that the person had. */
void key_box_seal(struct key_box *box, struct span person, const unsigned char to[PERSON_KEY_BYTES],
		  const unsigned char private_key[32]);

/* Takes a person's row away; false: there was none. */
bool key_box_drop(struct key_box *box, struct span person);

/* What a row holds, whatever it is. False: no row, or one that this pair does not open. */
bool key_box_open_row(const struct key_box *box, struct span person, const struct person_pair *pair, unsigned char held[32]);

/* The pair of a private key that a row holds; and that of one of its `also`, which takes the former. */
bool key_box_open_pair(const struct key_box *box, struct span person, const struct person_pair *pair, struct key_box_pair *out);
bool key_box_open_also(const struct key_box_also *also, const struct key_box_pair *rows, struct key_box_pair *out);

/* Adds a private half, sealed to the pair that the rows hold. */
void key_box_add_also(struct key_box *box, const struct key_box_pair *pair, int64_t since_ms, const unsigned char rows_public[32]);

/* False: no row, or one that this pair does not open, or nothing in it is the private half of `public_key`. */
bool key_box_open(const struct key_box *box, struct span person, const struct person_pair *pair,
		  const unsigned char public_key[32], unsigned char private_key[32]);

#endif
