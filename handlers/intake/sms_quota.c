/*
 * Answers per sender and day; see sms_quota.h.
 */
#include "handlers/intake/sms_quota.h"

#include "daemon/base/mark_map.h"
#include "daemon/base/wipe.h"

#include <assert.h>
#include <stdlib.h>

#define DAY_MS INT64_C(86400000)
#define SENDERS_MAX 200000   /* then all is forgotten; 5 MiB */
#define STOPPED UINT64_MAX

struct sms_quota {
	struct seal_key key;
	struct mark_map map;   /* sender -> day << 16 | answers, or STOPPED */
	unsigned per_day;
};

struct sms_quota *sms_quota_new(const struct seal_key *key, unsigned per_day)
{
	struct sms_quota *quota = calloc(1, sizeof(*quota));

	assert(quota != NULL && per_day < UINT16_MAX);
	quota->key = *key;
	quota->per_day = per_day;
	/* The marks are keyed already: nobody outside can choose them. */
	mark_map_init(&quota->map, 0);
	return quota;
}

void sms_quota_free(struct sms_quota *quota)
{
	if (quota == NULL)
		return;
	mark_map_release(&quota->map);
	wipe(quota, sizeof(*quota));
	free(quota);
}

static void set(struct sms_quota *quota, const unsigned char mark[MARK_BYTES], uint64_t value)
{
	if (quota->map.n >= SENDERS_MAX) {
		mark_map_release(&quota->map);
		mark_map_init(&quota->map, 0);
	}
	mark_map_set(&quota->map, mark, value);
}

/* Answers given today; STOPPED stays. */
static uint64_t given(const struct sms_quota *quota, const unsigned char mark[MARK_BYTES], uint64_t day)
{
	uint64_t value = 0;

	if (!mark_map_get(&quota->map, mark, &value) || value == STOPPED)
		return value;
	return value >> 16 == day ? value & 0xFFFF : 0;
}

static uint64_t mark_of(const struct sms_quota *quota, struct span sender, int64_t now_ms,
			unsigned char mark[MARK_BYTES])
{
	seal_mark(&quota->key, "sms answers", sender, mark);
	return (uint64_t)(now_ms / DAY_MS);
}

bool sms_quota_take(struct sms_quota *quota, struct span sender, int64_t now_ms)
{
	unsigned char mark[MARK_BYTES];
	uint64_t day = mark_of(quota, sender, now_ms, mark), n = given(quota, mark, day);

	if (n >= quota->per_day)
		return false;
	set(quota, mark, day << 16 | (n + 1));
	return true;
}

void sms_quota_give_back(struct sms_quota *quota, struct span sender, int64_t now_ms)
{
	unsigned char mark[MARK_BYTES];
	uint64_t day = mark_of(quota, sender, now_ms, mark), n = given(quota, mark, day);

	if (n > 0 && n != STOPPED)
		set(quota, mark, day << 16 | (n - 1));
}

void sms_quota_stop(struct sms_quota *quota, struct span sender)
{
	unsigned char mark[MARK_BYTES];

	mark_of(quota, sender, 0, mark);
	set(quota, mark, STOPPED);
}
