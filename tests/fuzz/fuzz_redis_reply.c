/*
 * Replies of a server that is not ours: the first byte picks the operation,
 * the rest is what came over the wire.
 */
#include "daemon/store/replies.h"

#include <hiredis/hiredis.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(enum store_op op, const redisReply *reply)
{
	static const unsigned char ids[2][STORE_DATA_KEY_ID_BYTES] = { "number1", "number2" };
	static const struct store_link link = { .id = { .text = "15-7K3MQ2X9RD" } };
	struct store_request request = { .op = op, .ntips = 2, .key_ids = ids, .nkey_ids = 2, .link = &link };
	struct arena arena = { 0 }, second = { 0 };
	struct reply_expected expected;

	reply_expect(&request, &arena, &expected);
	for (size_t part = 0; part < 2; part++) {
		struct store_reply out = { 0 }, copy;

		if (reply_decode(&expected, part, reply, &arena, &out))
			reply_copy(&out, &second, &copy);
	}
	arena_release(&arena);
	arena_release(&second);
}

/* hiredis takes room for as many elements as the header says, before any of them came. */
static bool promises_too_much(const uint8_t *data, size_t size)
{
	size_t digits = 0;

	for (size_t i = 0; i < size; i++) {
		digits = data[i] >= '0' && data[i] <= '9' ? digits + 1 : 0;
		if (digits > 6)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	redisReader *reader;
	void *reply = NULL;

	if (size < 2 || promises_too_much(data, size))
		return 0;
	reader = redisReaderCreate();
	redisReaderFeed(reader, (const char *)data + 1, size - 1);
	if (redisReaderGetReply(reader, &reply) == REDIS_OK && reply != NULL) {
		decode((enum store_op)(data[0] % STORE_OPS), reply);
		freeReplyObject(reply);
	}
	redisReaderFree(reader);
	return 0;
}
