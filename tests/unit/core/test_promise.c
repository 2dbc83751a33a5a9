/*
 * Promises: what is written holds when read back, and holds no longer when
 * any of it is changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/promise.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>

#define BATCH_MAX 9

static unsigned char public_key[32], secret_key[64];

static void sign_batch(struct promise_batch *batch)
{
	char text[PROMISE_TEXT_MAX];
	struct span bytes = promise_batch_text(batch, text);

	crypto_sign_detached(batch->signature, NULL, (const unsigned char *)bytes.at, bytes.len, secret_key);
	memcpy(batch->key, public_key, sizeof(public_key));
}

static void fill_leaves(struct promise_leaf leaves[BATCH_MAX])
{
	for (size_t i = 0; i < BATCH_MAX; i++) {
		memset(leaves[i].commitment, (int)i + 1, sizeof(leaves[i].commitment));
		leaves[i].received_ms = 1763748000000 + (int64_t)i;
	}
}

static void from_base64(const json_t *value, unsigned char *out, size_t len)
{
	const char *text = json_string_value(value);
	size_t got;

	assert_non_null(text);
	assert_int_equal(sodium_base642bin(out, len, text, strlen(text), NULL, &got, NULL,
					   sodium_base64_VARIANT_ORIGINAL),
			 0);
	assert_int_equal(got, len);
}

static void read_promise(struct span text, struct promise *promise)
{
	json_t *json = json_loadb(text.at, text.len, 0, NULL);
	json_t *path = json_object_get(json, "path");

	assert_int_equal(json_integer_value(json_object_get(json, "v")), 1);
	assert_int_equal(json_object_size(json), 8);
	from_base64(json_object_get(json, "leaf"), promise->leaf.commitment, 32);
	promise->leaf.received_ms = json_integer_value(json_object_get(json, "received"));
	promise->index = (uint64_t)json_integer_value(json_object_get(json, "index"));
	promise->count = (uint64_t)json_integer_value(json_object_get(json, "count"));
	promise->npath = json_array_size(path);
	for (size_t i = 0; i < promise->npath; i++)
		from_base64(json_array_get(path, i), promise->path[i].bytes, 32);
	from_base64(json_object_get(json, "signature"), promise->signature, 64);
	from_base64(json_object_get(json, "key"), promise->key, 32);
	json_decref(json);
}

/* Every promise of every small batch, as it was read back. */
static void each_promise(void (*visit)(struct promise *promise))
{
	struct promise_leaf leaves[BATCH_MAX];

	fill_leaves(leaves);
	for (size_t n = 1; n <= BATCH_MAX; n++) {
		struct arena arena = { 0 };
		struct promise_batch batch;

		promise_batch_make(leaves, n, &arena, &batch);
		sign_batch(&batch);
		for (size_t i = 0; i < n; i++) {
			struct buf text = { 0 };
			struct promise promise = { 0 };

			promise_write(&batch, i, &text);
			read_promise(buf_span(&text), &promise);
			assert_memory_equal(&promise.leaf.commitment, leaves[i].commitment, 32);
			assert_int_equal(promise.index, i);
			assert_int_equal(promise.count, n);
			visit(&promise);
			buf_release(&text);
		}
		arena_release(&arena);
	}
}

static void holds(struct promise *promise)
{
	assert_int_equal(promise_verify(promise, public_key), PROMISE_HOLDS);
}

static void written_promises_hold(void **state)
{
	(void)state;
	each_promise(holds);
}

static void any_change_is_seen_in(struct promise *promise)
{
	struct promise changed = *promise;

	changed.leaf.commitment[31] ^= 1;
	assert_int_equal(promise_verify(&changed, public_key), PROMISE_SIGNATURE);
	changed = *promise;
	changed.leaf.received_ms++;
	assert_int_equal(promise_verify(&changed, public_key), PROMISE_SIGNATURE);
	changed = *promise;
	changed.index++;
	assert_int_not_equal(promise_verify(&changed, public_key), PROMISE_HOLDS);
	changed = *promise;
	changed.count++;
	assert_int_not_equal(promise_verify(&changed, public_key), PROMISE_HOLDS);
	changed = *promise;
	changed.count = 0;
	assert_int_equal(promise_verify(&changed, public_key), PROMISE_PATH);
	changed = *promise;
	changed.signature[0] ^= 1;
	assert_int_equal(promise_verify(&changed, public_key), PROMISE_SIGNATURE);
	changed = *promise;
	changed.npath++;
	assert_int_equal(promise_verify(&changed, public_key), PROMISE_PATH);
	for (size_t i = 0; i < promise->npath; i++) {
		changed = *promise;
		changed.path[i].bytes[0] ^= 0x80;
		assert_int_equal(promise_verify(&changed, public_key), PROMISE_SIGNATURE);
	}
}

static void any_change_is_seen(void **state)
{
	(void)state;
	each_promise(any_change_is_seen_in);
}

/* Who forges a promise brings a key of their own with it. */
static void another_key_is_told(struct promise *promise)
{
	unsigned char other[32] = { 1 };

	assert_int_equal(promise_verify(promise, other), PROMISE_OTHER_KEY);
	memcpy(promise->key, other, sizeof(other));
	assert_int_equal(promise_verify(promise, public_key), PROMISE_OTHER_KEY);
}

static void the_key_comes_from_elsewhere(void **state)
{
	(void)state;
	each_promise(another_key_is_told);
}

/* The very bytes, so that others can write a verifier. */
static void the_signed_text_is_this(void **state)
{
	struct promise_leaf leaf = { .received_ms = 0x0102030405060708 };
	unsigned char data[40] = { [32] = 1, 2, 3, 4, 5, 6, 7, 8 };
	struct merkle_hash root = merkle_leaf(span_from(data, sizeof(data)));
	char text[PROMISE_TEXT_MAX], expected[PROMISE_TEXT_MAX] = "tipline promise v1\n1\n";
	struct promise_batch batch;
	struct arena arena = { 0 };

	(void)state;
	promise_batch_make(&leaf, 1, &arena, &batch);
	sodium_bin2hex(expected + strlen(expected), 65, root.bytes, 32);
	strcat(expected, "\n");
	assert_true(span_is(promise_batch_text(&batch, text), expected));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_promises_hold),
		cmocka_unit_test(any_change_is_seen),
		cmocka_unit_test(the_key_comes_from_elsewhere),
		cmocka_unit_test(the_signed_text_is_this),
	};

	if (sodium_init() < 0 || crypto_sign_keypair(public_key, secret_key) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
