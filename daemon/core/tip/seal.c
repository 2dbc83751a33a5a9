/*
 * Sealing; see seal.h.
 *
 * Every nonce is a keyed BLAKE2b of associated data and clear text (the idea
 * of SIV, RFC 5297). So core needs no randomness, and no mistake of a caller,
 * such as sealing twice under one tip key, can make two different texts meet
 * under one nonce; only equal texts give equal bytes. That one key serves
 * BLAKE2b and XChaCha20 is sound as these share no structure.
 *
 * A sealed content:
 *
 *   version 1 | data key id 8 | nonce 24 | bureau wrap 48 | receipt wrap 48 | content, tag 16
 *
 * One nonce stands for all three: it is a function of the tip key and the
 * content, so under the data key, which serves many tips, no two different tip
 * keys share it (but by a collision of 192 bits); the receipt key and the tip
 * key serve this tip alone.
 */
#include "daemon/core/tip/seal.h"

#include "daemon/base/wipe.h"
#include "daemon/core/tip/content.h"

#include <assert.h>
#include <sodium.h>

#define VERSION 1
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define WRAP_BYTES (SEAL_KEY_BYTES + TAG_BYTES)
#define TAIL_AT 3
#define TAIL_BYTES 10

_Static_assert(SEAL_BOX_BYTES == SEAL_KEY_BYTES + crypto_box_SEALBYTES, "a key in a sealed box");

/* Where things stand in a sealed content. */
enum {
	AT_DATA_KEY = 1,
	AT_NONCE = AT_DATA_KEY + SEAL_DATA_KEY_ID_BYTES,
	AT_BUREAU = AT_NONCE + NONCE_BYTES,
	AT_RECEIPT = AT_BUREAU + WRAP_BYTES,
	AT_CONTENT = AT_RECEIPT + WRAP_BYTES,
};

_Static_assert((size_t)AT_CONTENT == SEAL_CONTENT_HEAD_BYTES, "the head of a sealed content");

/* --- associated data ----------------------------------------------------------- */

/* First byte of associated data, beside enum seal_field: the purposes of one key never mix. */
enum purpose {
	FOR_BUREAU = 'B',
	FOR_RECEIPT = 'R',
	FOR_IDENTITY = 'I',
	FOR_BLOB = 'X',
};

struct binding {
	unsigned char bytes[2 + SEAL_LABEL_MAX];
	size_t len;
};

static void bind_more(struct binding *ad, const void *bytes, size_t len)
{
	assert(len <= sizeof(ad->bytes) - ad->len);
	memcpy(ad->bytes + ad->len, bytes, len);
	ad->len += len;
}

static struct binding bind_purpose(unsigned purpose)
{
	struct binding ad = { .len = 2 };

	ad.bytes[0] = VERSION;
	ad.bytes[1] = (unsigned char)purpose;
	return ad;
}

static struct binding bind_tip(unsigned purpose, const struct tip_id *id)
{
	struct binding ad = bind_purpose(purpose);

	bind_more(&ad, id->text + TAIL_AT, TAIL_BYTES);
	return ad;
}

/* --- primitives ----------------------------------------------------------------- */

static const unsigned char *bytes_of(struct span s)
{
	return (const unsigned char *)s.at;
}

/* Keyed BLAKE2b over two pieces; `use` of 16 bytes keeps its uses apart. */
static void hash(const struct seal_key *key, const char use[16], struct span a, struct span b,
		 unsigned char *out, size_t out_len)
{
	crypto_generichash_blake2b_state state;

	crypto_generichash_blake2b_init_salt_personal(&state, key->bytes, SEAL_KEY_BYTES, out_len, NULL,
						      (const unsigned char *)use);
	crypto_generichash_blake2b_update(&state, bytes_of(a), a.len);
	crypto_generichash_blake2b_update(&state, bytes_of(b), b.len);
	crypto_generichash_blake2b_final(&state, out, out_len);
	wipe(&state, sizeof(state));
}

static void nonce_of(const struct seal_key *key, const struct binding *ad, struct span clear,
		     unsigned char nonce[NONCE_BYTES])
{
	hash(key, "tipline nonce 1", span_from(ad->bytes, ad->len), clear, nonce, NONCE_BYTES);
}

/* `out` may be where the clear bytes stand; it takes TAG_BYTES more than they. */
static void encrypt(const struct seal_key *key, const struct binding *ad,
		    const unsigned char nonce[NONCE_BYTES], struct span clear, unsigned char *out)
{
	crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, bytes_of(clear), clear.len, ad->bytes, ad->len,
						   NULL, nonce, key->bytes);
}

/* With `out` NULL nothing is written and only the tag is checked. */
static bool decrypt(const struct seal_key *key, const struct binding *ad, const unsigned char *nonce,
		    struct span sealed, unsigned char *out)
{
	return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, bytes_of(sealed), sealed.len,
							  ad->bytes, ad->len, nonce, key->bytes) == 0;
}

/* --- boxes: version, nonce, sealed bytes, tag ------------------------------------- */

#define BOX_HEAD (1 + NONCE_BYTES)

/* Room for the head; the clear record is then written behind it. */
static size_t box_begin(struct buf *out)
{
	size_t from = out->len;

	memset(buf_reserve(out, BOX_HEAD), 0, BOX_HEAD);
	out->len += BOX_HEAD;
	return from;
}

/* Seals in place what was written since box_begin(). */
static void box_end(struct buf *out, size_t from, const struct seal_key *key, const struct binding *ad)
{
	size_t len = out->len - from - BOX_HEAD;
	unsigned char *box;
	struct span clear;

	buf_reserve(out, TAG_BYTES);
	box = (unsigned char *)out->at + from;
	clear = span_from(box + BOX_HEAD, len);
	box[0] = VERSION;
	nonce_of(key, ad, clear, box + 1);
	encrypt(key, ad, box + 1, clear, box + BOX_HEAD);
	out->len += TAG_BYTES;
}

static bool box_open(struct span box, const struct seal_key *key, const struct binding *ad,
		     struct arena *arena, struct span *clear)
{
	struct span sealed;
	unsigned char *out;

	if (box.len < BOX_HEAD + TAG_BYTES || box.at[0] != VERSION)
		return false;
	sealed = span_from(box.at + BOX_HEAD, box.len - BOX_HEAD);
	out = arena_alloc(arena, sealed.len - TAG_BYTES);
	*clear = span_from(out, sealed.len - TAG_BYTES);
	return decrypt(key, ad, bytes_of(box) + 1, sealed, out);
}

/* --- a tip ------------------------------------------------------------------------- */

void seal_key_from_receipt(const struct receipt_code *code, struct seal_key *out)
{
	crypto_generichash_blake2b_salt_personal(out->bytes, SEAL_KEY_BYTES,
						 (const unsigned char *)code->digits, RECEIPT_DIGITS, NULL, 0,
						 NULL, (const unsigned char *)"tipline receipt");
}

/* The wrap names the data key, so that it cannot be passed off under another id. */
static struct binding bind_bureau(const struct tip_id *id, const unsigned char *data_key_id)
{
	struct binding ad = bind_tip(FOR_BUREAU, id);

	bind_more(&ad, data_key_id, SEAL_DATA_KEY_ID_BYTES);
	return ad;
}

static void wrap_for_bureau(const struct tip_id *id, const struct seal_key *tip_key,
			    const struct data_key *data_key, unsigned char *sealed)
{
	struct binding ad = bind_bureau(id, data_key->id);

	memcpy(sealed + AT_DATA_KEY, data_key->id, SEAL_DATA_KEY_ID_BYTES);
	encrypt(&data_key->key, &ad, sealed + AT_NONCE, span_from(tip_key->bytes, SEAL_KEY_BYTES),
		sealed + AT_BUREAU);
}

static void wrap_for_receipt(const struct tip_id *id, const struct seal_key *tip_key,
			     const struct seal_key *receipt_key, unsigned char *sealed)
{
	struct binding ad = bind_tip(FOR_RECEIPT, id);

	encrypt(receipt_key, &ad, sealed + AT_NONCE, span_from(tip_key->bytes, SEAL_KEY_BYTES),
		sealed + AT_RECEIPT);
}

void seal_tip(const struct tip_id *id, const struct tip_content *content, const struct seal_key *tip_key,
	      const struct data_key *data_key, const struct seal_key *receipt_key, struct buf *out)
{
	struct binding ad = bind_tip(SEAL_CONTENT, id);
	size_t from = out->len, used;
	unsigned char *sealed;
	struct span clear;

	buf_reserve(out, AT_CONTENT);
	out->len += AT_CONTENT;
	used = content_write(content, out);
	buf_reserve(out, TAG_BYTES);
	sealed = (unsigned char *)out->at + from;
	clear = span_from(sealed + AT_CONTENT, out->len - from - AT_CONTENT);

	sealed[0] = VERSION;
	nonce_of(tip_key, &ad, span_from(clear.at, used), sealed + AT_NONCE);
	wrap_for_bureau(id, tip_key, data_key, sealed);
	wrap_for_receipt(id, tip_key, receipt_key, sealed);
	encrypt(tip_key, &ad, sealed + AT_NONCE, clear, sealed + AT_CONTENT);
	out->len += TAG_BYTES;
}

static bool is_content(struct span sealed)
{
	return sealed.len >= AT_CONTENT + TAG_BYTES && sealed.at[0] == VERSION;
}

bool seal_data_key_id(struct span sealed, unsigned char id[SEAL_DATA_KEY_ID_BYTES])
{
	if (!is_content(sealed))
		return false;
	memcpy(id, sealed.at + AT_DATA_KEY, SEAL_DATA_KEY_ID_BYTES);
	return true;
}

static bool unwrap(struct span sealed, size_t at, const struct seal_key *key, const struct binding *ad,
		   struct seal_key *tip_key)
{
	return decrypt(key, ad, bytes_of(sealed) + AT_NONCE, span_from(sealed.at + at, WRAP_BYTES),
		       tip_key->bytes);
}

bool seal_tip_key_by_bureau(const struct tip_id *id, struct span sealed, const struct data_key *data_key,
			    struct seal_key *tip_key)
{
	struct binding ad = bind_bureau(id, data_key->id);

	return is_content(sealed) &&
	       memcmp(sealed.at + AT_DATA_KEY, data_key->id, SEAL_DATA_KEY_ID_BYTES) == 0 &&
	       unwrap(sealed, AT_BUREAU, &data_key->key, &ad, tip_key);
}

bool seal_tip_key_by_receipt(const struct tip_id *id, struct span sealed, const struct seal_key *receipt_key,
			     struct seal_key *tip_key)
{
	struct binding ad = bind_tip(FOR_RECEIPT, id);

	return is_content(sealed) && unwrap(sealed, AT_RECEIPT, receipt_key, &ad, tip_key);
}

/* Opens the content into `clear`, or only checks it when that is NULL. */
static bool content_open(const struct tip_id *id, struct span sealed, const struct seal_key *tip_key,
			 unsigned char *clear)
{
	struct binding ad = bind_tip(SEAL_CONTENT, id);

	return decrypt(tip_key, &ad, bytes_of(sealed) + AT_NONCE,
		       span_from(sealed.at + AT_CONTENT, sealed.len - AT_CONTENT), clear);
}

bool seal_rewrap(const struct tip_id *id, struct span sealed, const struct seal_key *tip_key,
		 const struct data_key *to, struct buf *out)
{
	size_t from = out->len;

	if (!is_content(sealed) || !content_open(id, sealed, tip_key, NULL))
		return false;
	buf_add_span(out, sealed);
	wrap_for_bureau(id, tip_key, to, (unsigned char *)out->at + from);
	return true;
}

bool seal_open_tip(const struct tip_id *id, struct span sealed, const struct seal_key *tip_key,
		   struct arena *arena, struct tip_content *content)
{
	size_t len;
	unsigned char *clear;

	if (!is_content(sealed))
		return false;
	len = sealed.len - AT_CONTENT - TAG_BYTES;
	clear = arena_alloc(arena, len);
	return content_open(id, sealed, tip_key, clear) &&
	       content_read(span_from(clear, len), arena, content);
}

bool seal_commitment(const struct seal_key *tip_key, struct span sealed,
		     unsigned char out[SEAL_COMMITMENT_BYTES])
{
	struct seal_key blinding;
	struct span nonce, content;

	if (!is_content(sealed))
		return false;
	nonce = span_from(sealed.at + AT_NONCE, NONCE_BYTES);
	content = span_from(sealed.at + AT_CONTENT, sealed.len - AT_CONTENT);
	/* A key of its own: it can be shown to open a commitment without giving the text away. */
	seal_derive(tip_key, "blinding", (struct span){ 0 }, &blinding);
	hash(&blinding, "tipline commit1", nonce, content, out, SEAL_COMMITMENT_BYTES);
	wipe(&blinding, sizeof(blinding));
	return true;
}

void seal_message(const struct tip_id *id, const struct tip_message *message, const struct seal_key *tip_key,
		  struct buf *out)
{
	struct binding ad = bind_tip(SEAL_MESSAGE, id);
	size_t from = box_begin(out);

	message_write(message, out);
	box_end(out, from, tip_key, &ad);
}

bool seal_open_message(const struct tip_id *id, struct span sealed, const struct seal_key *tip_key,
		       struct arena *arena, struct tip_message *message)
{
	struct binding ad = bind_tip(SEAL_MESSAGE, id);
	struct span clear;

	return box_open(sealed, tip_key, &ad, arena, &clear) && message_read(clear, arena, message);
}

/* --- blobs, derived keys, marks -------------------------------------------------- */

static struct binding bind_label(const char *label)
{
	struct binding ad = bind_purpose(FOR_BLOB);

	bind_more(&ad, label, strlen(label));
	return ad;
}

void seal_blob(const struct seal_key *key, const char *label, struct span clear, struct buf *out)
{
	struct binding ad = bind_label(label);
	size_t from = box_begin(out);

	buf_add_span(out, clear);
	box_end(out, from, key, &ad);
}

bool seal_open_blob(const struct seal_key *key, const char *label, struct span sealed, struct arena *arena,
		    struct span *clear)
{
	struct binding ad = bind_label(label);

	return box_open(sealed, key, &ad, arena, clear);
}

/* The label with its NUL: no label and bytes read as another label and other bytes. */
static struct span label_span(const char *label)
{
	return span_from(label, strlen(label) + 1);
}

void seal_derive(const struct seal_key *from, const char *label, struct span context, struct seal_key *out)
{
	hash(from, "tipline derive1", label_span(label), context, out->bytes, SEAL_KEY_BYTES);
}

void seal_mark(const struct seal_key *key, const char *label, struct span bytes, unsigned char mark[16])
{
	hash(key, "tipline mark  1", label_span(label), bytes, mark, 16);
}
