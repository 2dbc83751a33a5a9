/*
 * X-Sig; see x_sig.h.
 */
#include "handlers/payout/x_sig.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"

#include <assert.h>
#include <sodium.h>

#define MS_PER_S 1000
#define MAC_BYTES crypto_auth_hmacsha256_BYTES

/* The five parts of a field, as they stand. */
struct field {
	struct span version, key, seconds, nonce, mac;
};

static void add_line(crypto_auth_hmacsha256_state *mac, struct span line)
{
	crypto_auth_hmacsha256_update(mac, (const unsigned char *)line.at, line.len);
	crypto_auth_hmacsha256_update(mac, (const unsigned char *)"\n", 1);
}

static void sign(struct span secret, const struct x_sig_parts *parts, struct span seconds, struct span nonce,
		 unsigned char out[MAC_BYTES])
{
	crypto_auth_hmacsha256_state mac;

	crypto_auth_hmacsha256_init(&mac, (const unsigned char *)secret.at, secret.len);
	add_line(&mac, parts->first);
	add_line(&mac, parts->path);
	add_line(&mac, seconds);
	add_line(&mac, nonce);
	add_line(&mac, parts->body);
	crypto_auth_hmacsha256_final(&mac, out);
	sodium_memzero(&mac, sizeof(mac));
}

const char *x_sig_write(const struct x_sig_key *key, const struct x_sig_parts *parts, int64_t now_ms,
			struct arena *arena)
{
	const char *seconds = arena_printf(arena, "%lld", (long long)(now_ms / MS_PER_S));
	unsigned char mac[MAC_BYTES];

	assert(key->id != NULL && key->secret.len > 0);
	sign(key->secret, parts, span_of(seconds), parts->nonce, mac);
	return arena_printf(arena, "v1,%s,%s,%.*s,%s", key->id, seconds, (int)parts->nonce.len, parts->nonce.at,
			    hex_text(arena, mac, sizeof(mac)));
}

static bool is_nonce(struct span nonce)
{
	for (size_t i = 0; i < nonce.len; i++) {
		char c = nonce.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_'))
			return false;
	}
	return nonce.len >= X_SIG_NONCE_MIN && nonce.len <= X_SIG_NONCE_MAX;
}

static bool split(struct span text, struct field *field)
{
	struct span rest = text;

	return span_cut(&rest, ',', &field->version) && span_cut(&rest, ',', &field->key) &&
	       span_cut(&rest, ',', &field->seconds) && span_cut(&rest, ',', &field->nonce) &&
	       span_cut(&rest, ',', &field->mac) && field->mac.at + field->mac.len == text.at + text.len && span_is(field->version, "v1") &&
	       is_nonce(field->nonce);
}

static const struct x_sig_key *key_find(const struct x_sig_key *keys, size_t nkeys, struct span id)
{
	for (size_t i = 0; i < nkeys; i++)
		if (keys[i].id != NULL && keys[i].secret.len > 0 && span_is(id, keys[i].id))
			return &keys[i];
	return NULL;
}

static bool in_time(uint64_t seconds, int64_t now_ms)
{
	int64_t now = now_ms / MS_PER_S;

	return seconds <= INT64_MAX / 2 && (int64_t)seconds >= now - X_SIG_SKEW_S && (int64_t)seconds <= now + X_SIG_SKEW_S;
}

enum x_sig_fault x_sig_check(const struct x_sig_key *keys, size_t nkeys, struct span text,
			     const struct x_sig_parts *parts, int64_t now_ms, struct span *nonce)
{
	unsigned char given[MAC_BYTES], right[MAC_BYTES];
	const struct x_sig_key *key;
	struct field field;
	uint64_t seconds;

	if (span_empty(text))
		return X_SIG_MISSING;
	if (!split(text, &field) || !span_u64(field.seconds, &seconds) || !hex_get(field.mac, given, sizeof(given)))
		return X_SIG_FORM;
	key = key_find(keys, nkeys, field.key);
	if (key == NULL)
		return X_SIG_KEY;
	sign(key->secret, parts, field.seconds, field.nonce, right);
	if (sodium_memcmp(given, right, sizeof(right)) != 0)
		return X_SIG_WRONG;
	if (!in_time(seconds, now_ms))
		return X_SIG_TIME;
	if (parts->nonce.len > 0 && !span_eq(parts->nonce, field.nonce))
		return X_SIG_NONCE;
	if (nonce != NULL)
		*nonce = field.nonce;
	return X_SIG_FINE;
}

const char *x_sig_fault_name(enum x_sig_fault fault)
{
	static const char *const names[] = {
		[X_SIG_FINE] = "fine", [X_SIG_MISSING] = "missing", [X_SIG_FORM] = "form",   [X_SIG_KEY] = "key",
		[X_SIG_TIME] = "time", [X_SIG_NONCE] = "nonce",     [X_SIG_WRONG] = "wrong",
	};

	return (size_t)fault < COUNT_OF(names) ? names[fault] : NULL;
}
