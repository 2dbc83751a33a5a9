/*
 * Marks of devices; see device.h.
 */
#include "handlers/staff/device.h"

#include "daemon/base/wipe.h"
#include "daemon/sys/random.h"

#include <sodium.h>

#define DAY_MS INT64_C(86400000)
#define PAIR_BYTES 32
#define TEXT_FORM sodium_base64_VARIANT_URLSAFE_NO_PADDING

struct mark {
	unsigned char name[DEVICE_NAME];
	unsigned char day[4];            /* since 1970, the low byte first */
	unsigned char proof[32];
};

_Static_assert(sizeof(struct mark) == 52 && sodium_base64_ENCODED_LEN(sizeof(struct mark), TEXT_FORM) == DEVICE_TEXT + 1,
	       "the length of a mark");

static void prove(const struct device_of *of, const struct mark *mark, unsigned char proof[32])
{
	static const unsigned char nobody[PAIR_BYTES];
	struct seal_key key;
	crypto_generichash_state hash;

	seal_derive(of->key, "device", of->account, &key);
	crypto_generichash_init(&hash, key.bytes, sizeof(key.bytes), 32);
	crypto_generichash_update(&hash, of->pair != NULL ? of->pair : nobody, PAIR_BYTES);
	crypto_generichash_update(&hash, mark->name, sizeof(mark->name));
	crypto_generichash_update(&hash, mark->day, sizeof(mark->day));
	crypto_generichash_final(&hash, proof, 32);
	wipe(&key, sizeof(key));
}

void device_write(const struct device_of *of, struct span name, char text[DEVICE_TEXT + 1])
{
	uint32_t day = (uint32_t)(of->now_ms / DAY_MS);
	struct mark mark;

	if (name.len == sizeof(mark.name))
		memcpy(mark.name, name.at, sizeof(mark.name));
	else
		random_bytes(mark.name, sizeof(mark.name));
	for (size_t i = 0; i < sizeof(mark.day); i++)
		mark.day[i] = (unsigned char)(day >> 8 * i);
	prove(of, &mark, mark.proof);
	sodium_bin2base64(text, DEVICE_TEXT + 1, (const unsigned char *)&mark, sizeof(mark), TEXT_FORM);
}

static bool is_fresh(const struct mark *mark, int64_t now_ms)
{
	int64_t day = 0;

	for (size_t i = 0; i < sizeof(mark->day); i++)
		day |= (int64_t)mark->day[i] << 8 * i;
	/* A clock that was set back makes no mark old. */
	return now_ms / DAY_MS - day < DEVICE_DAYS;
}

bool device_read(const struct device_of *of, struct span text, unsigned char name[DEVICE_NAME])
{
	unsigned char proof[32];
	struct mark mark;
	size_t len;

	if (text.len != DEVICE_TEXT ||
	    sodium_base642bin((unsigned char *)&mark, sizeof(mark), text.at, text.len, NULL, &len, NULL, TEXT_FORM) != 0 ||
	    len != sizeof(mark))
		return false;
	prove(of, &mark, proof);
	if (sodium_memcmp(proof, mark.proof, sizeof(proof)) != 0 || of->pair == NULL || !is_fresh(&mark, of->now_ms))
		return false;
	memcpy(name, mark.name, DEVICE_NAME);
	return true;
}
