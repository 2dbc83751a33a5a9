/*
 * Random bytes; see random.h.
 *
 * Small requests are served from a block drawn ahead: one system call for
 * many tips. What was handed out is overwritten at once.
 */
#include "daemon/sys/random.h"

#include "daemon/base/wipe.h"

#include <sodium.h>
#include <string.h>

static _Thread_local unsigned char block[1024];
static _Thread_local size_t left;

void random_bytes(void *at, size_t len)
{
	if (len > sizeof(block) / 4) {
		randombytes_buf(at, len);
		return;
	}
	if (left < len) {
		randombytes_buf(block, sizeof(block));
		left = sizeof(block);
	}
	left -= len;
	memcpy(at, block + left, len);
	wipe(block + left, len);
}

uint64_t random_u64(void)
{
	uint64_t number;

	random_bytes(&number, sizeof(number));
	return number;
}
