/*
 * The cover over sealed forms; see cover.h.
 *
 * The nonce is a keyed hash of what is bound and covered, for the reasons that
 * seal.c tells; the key serves one tip of one week.
 */
#include "daemon/core/tip/cover.h"

#include "daemon/base/wipe.h"

#include <assert.h>
#include <sodium.h>

#define VERSION_SEALED 1
#define VERSION_COVERED 2
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define TAIL_AT 3
#define TAIL_BYTES 10

enum {
	AT_WEEK = 1,
	AT_NONCE = AT_WEEK + 4,
	AT_COVERED = AT_NONCE + NONCE_BYTES,
};

_Static_assert((size_t)AT_COVERED == COVER_HEAD_BYTES && (size_t)AT_COVERED + TAG_BYTES == COVER_MORE_BYTES, "the head of a covered form");
_Static_assert(COVER_FRONT_BYTES == SEAL_CONTENT_HEAD_BYTES + COVER_MORE_BYTES && SEAL_IDENTITY_HEAD_BYTES < SEAL_CONTENT_HEAD_BYTES,
	       "the longer of both fronts");

static size_t covered_bytes(enum cover_kind kind)
{
	return kind == COVER_CONTENT ? SEAL_CONTENT_HEAD_BYTES : SEAL_IDENTITY_HEAD_BYTES;
}

/* Version, week and kind: what is bound beside the tip, which is in the key. */
struct binding {
	unsigned char bytes[AT_NONCE + 1];
};

static struct binding bind(const unsigned char *head, enum cover_kind kind)
{
	struct binding ad;

	memcpy(ad.bytes, head, AT_NONCE);
	ad.bytes[AT_NONCE] = (unsigned char)kind;
	return ad;
}

static void key_of(const struct tip_id *id, const struct seal_key *week_key, struct seal_key *out)
{
	seal_derive(week_key, "cover", span_from(id->text + TAIL_AT, TAIL_BYTES), out);
}

static void nonce_of(const struct seal_key *key, const struct binding *ad, struct span clear, unsigned char nonce[NONCE_BYTES])
{
	crypto_generichash_blake2b_state state;

	crypto_generichash_blake2b_init_salt_personal(&state, key->bytes, SEAL_KEY_BYTES, NONCE_BYTES, NULL,
						      (const unsigned char *)"tipline cover 1");
	crypto_generichash_blake2b_update(&state, ad->bytes, sizeof(ad->bytes));
	crypto_generichash_blake2b_update(&state, (const unsigned char *)clear.at, clear.len);
	crypto_generichash_blake2b_final(&state, nonce, NONCE_BYTES);
	wipe(&state, sizeof(state));
}

bool cover_week(struct span stored, unsigned *week)
{
	const unsigned char *at = (const unsigned char *)stored.at;

	if (stored.len < AT_NONCE || (at[0] != VERSION_SEALED && at[0] != VERSION_COVERED))
		return false;
	*week = 0;
	if (at[0] == VERSION_SEALED)
		return true;
	*week = (unsigned)at[1] << 24 | (unsigned)at[2] << 16 | (unsigned)at[3] << 8 | at[4];
	return *week > 0;
}

void cover_seal(const struct tip_id *id, enum cover_kind kind, unsigned week, const struct seal_key *week_key, struct span sealed,
		struct buf *out)
{
	size_t n = covered_bytes(kind);
	struct span clear = { .at = sealed.at, .len = n };
	struct seal_key key;
	struct binding ad;
	unsigned char *to;

	assert(week > 0 && sealed.len >= n && sealed.at[0] == VERSION_SEALED);
	to = (unsigned char *)buf_reserve(out, sealed.len + COVER_MORE_BYTES);
	to[0] = VERSION_COVERED;
	for (unsigned i = 0; i < 4; i++)
		to[AT_WEEK + i] = (unsigned char)(week >> (24 - 8 * i));
	key_of(id, week_key, &key);
	ad = bind(to, kind);
	nonce_of(&key, &ad, clear, to + AT_NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(to + AT_COVERED, NULL, (const unsigned char *)clear.at, clear.len, ad.bytes,
						   sizeof(ad.bytes), NULL, to + AT_NONCE, key.bytes);
	memcpy(to + AT_COVERED + n + TAG_BYTES, sealed.at + n, sealed.len - n);
	out->len += sealed.len + COVER_MORE_BYTES;
	wipe(&key, sizeof(key));
}

static bool uncover(const struct seal_key *key, enum cover_kind kind, struct span stored, unsigned char *to)
{
	const unsigned char *at = (const unsigned char *)stored.at;
	size_t n = covered_bytes(kind) + TAG_BYTES;
	struct binding ad = bind(at, kind);

	return crypto_aead_xchacha20poly1305_ietf_decrypt(to, NULL, NULL, at + AT_COVERED, n, ad.bytes, sizeof(ad.bytes), at + AT_NONCE,
							  key->bytes) == 0;
}

bool cover_open(const struct tip_id *id, enum cover_kind kind, const struct seal_key *week_key, struct span stored, struct buf *out)
{
	size_t n = covered_bytes(kind);
	struct seal_key key;
	unsigned week;
	bool well;

	if (!cover_week(stored, &week))
		return false;
	if (week == 0) {
		buf_add_span(out, stored);
		return true;
	}
	if (week_key == NULL || stored.len < n + COVER_MORE_BYTES)
		return false;
	key_of(id, week_key, &key);
	well = uncover(&key, kind, stored, (unsigned char *)buf_reserve(out, stored.len));
	wipe(&key, sizeof(key));
	if (!well)
		return false;
	out->len += n;
	buf_add_span(out, span_from_offset(stored, n + COVER_MORE_BYTES));
	return true;
}

bool cover_move(const struct tip_id *id, enum cover_kind kind, const struct seal_key *from, unsigned to_week, const struct seal_key *to,
		struct span stored, struct span *was, struct buf *now)
{
	struct buf clear = { 0 };
	unsigned week;
	bool well;

	if (!cover_week(stored, &week))
		return false;
	*was = span_from(stored.at, covered_bytes(kind) + (week > 0 ? COVER_MORE_BYTES : 0));
	well = stored.len >= was->len && cover_open(id, kind, from, *was, &clear);
	if (well)
		cover_seal(id, kind, to_week, to, buf_span(&clear), now);
	buf_release(&clear);
	return well;
}
