/*
 * Signed promises; see promise.h. Who signs is sys/keys.c.
 */
#include "daemon/core/tip/promise.h"

#include "daemon/base/base64.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

static struct merkle_hash leaf_hash(const struct promise_leaf *leaf)
{
	unsigned char data[PROMISE_COMMITMENT_BYTES + 8];
	uint64_t received = (uint64_t)leaf->received_ms;

	memcpy(data, leaf->commitment, PROMISE_COMMITMENT_BYTES);
	for (size_t i = sizeof(data); i > PROMISE_COMMITMENT_BYTES; i--) {
		data[i - 1] = (unsigned char)received;
		received >>= 8;
	}
	return merkle_leaf(span_from(data, sizeof(data)));
}

void promise_batch_make(const struct promise_leaf *leaves, size_t n, struct arena *arena,
			struct promise_batch *batch)
{
	struct merkle_hash *hashes = arena_array(arena, struct merkle_hash, n);

	assert(n > 0);
	for (size_t i = 0; i < n; i++)
		hashes[i] = leaf_hash(&leaves[i]);
	*batch = (struct promise_batch){ .leaves = leaves };
	merkle_build(hashes, n, arena, &batch->tree);
}

struct span promise_signed_text(const struct merkle_hash *root, uint64_t count, char text[PROMISE_TEXT_MAX])
{
	char hex[2 * MERKLE_HASH_BYTES + 1];
	int len;

	sodium_bin2hex(hex, sizeof(hex), root->bytes, MERKLE_HASH_BYTES);
	len = snprintf(text, PROMISE_TEXT_MAX, "tipline promise v1\n%llu\n%s\n", (unsigned long long)count,
		       hex);
	assert(len > 0 && len < PROMISE_TEXT_MAX);
	return span_from(text, (size_t)len);
}

struct span promise_batch_text(const struct promise_batch *batch, char text[PROMISE_TEXT_MAX])
{
	struct merkle_hash root = merkle_root(&batch->tree);

	return promise_signed_text(&root, batch->tree.leaves, text);
}

static void put_bytes(struct buf *out, const unsigned char *bytes, size_t len)
{
	buf_add_byte(out, '"');
	base64_add(out, bytes, len);
	buf_add_byte(out, '"');
}

static void put_path(struct buf *out, const struct merkle_tree *tree, size_t index)
{
	struct merkle_hash path[MERKLE_PATH_MAX];
	size_t n = merkle_path(tree, index, path);

	buf_add_text(out, ",\"path\":[");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_byte(out, ',');
		put_bytes(out, path[i].bytes, MERKLE_HASH_BYTES);
	}
	buf_add_byte(out, ']');
}

static void put_number(struct buf *out, const char *name, uint64_t number)
{
	buf_add_text(out, name);
	buf_add_u64(out, number);
}

/* Written by hand and not by base/json_out.c: one for every tip, and nothing in it needs escaping. */
void promise_write(const struct promise_batch *batch, size_t index, struct buf *out)
{
	const struct promise_leaf *leaf = &batch->leaves[index];

	assert(index < batch->tree.leaves);
	put_number(out, "{\"v\":", PROMISE_VERSION);
	buf_add_text(out, ",\"leaf\":");
	put_bytes(out, leaf->commitment, PROMISE_COMMITMENT_BYTES);
	put_number(out, ",\"received\":", (uint64_t)leaf->received_ms);
	put_number(out, ",\"index\":", index);
	put_number(out, ",\"count\":", batch->tree.leaves);
	put_path(out, &batch->tree, index);
	buf_add_text(out, ",\"signature\":");
	put_bytes(out, batch->signature, PROMISE_SIGNATURE_BYTES);
	buf_add_text(out, ",\"key\":");
	put_bytes(out, batch->key, PROMISE_KEY_BYTES);
	buf_add_byte(out, '}');
}

enum promise_verdict promise_verify(const struct promise *promise,
				    const unsigned char public_key[PROMISE_KEY_BYTES])
{
	struct merkle_hash leaf = leaf_hash(&promise->leaf);
	struct merkle_hash root;
	char text[PROMISE_TEXT_MAX];
	struct span signed_text;

	if (memcmp(promise->key, public_key, PROMISE_KEY_BYTES) != 0)
		return PROMISE_OTHER_KEY;
	if (!merkle_root_from_path(&leaf, promise->index, promise->count, promise->path, promise->npath,
				   &root))
		return PROMISE_PATH;
	signed_text = promise_signed_text(&root, promise->count, text);
	if (crypto_sign_verify_detached(promise->signature, (const unsigned char *)signed_text.at,
					signed_text.len, public_key) != 0)
		return PROMISE_SIGNATURE;
	return PROMISE_HOLDS;
}
