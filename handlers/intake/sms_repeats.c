/*
 * Messages that come again without an id; see sms_repeats.h.
 */
#include "handlers/intake/sms_repeats.h"

#include "daemon/base/mark_ring.h"
#include "daemon/base/memory.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"

#include <assert.h>
#include <stdlib.h>

#define SEEN_MAX ((size_t)1 << 18)   /* more in a minute, and the oldest are told by the number alone */

struct seen {
	uint64_t number;
	int64_t last_ms;
};

struct sms_repeats {
	char *file;
	uint64_t number;     /* of an hour, in milliseconds */
	int64_t started_ms;
	struct mark_ring marks;
	struct seen *seen;   /* by place */
};

/* The hour. */
static uint64_t number_of(int64_t now_ms)
{
	return (uint64_t)(now_ms - now_ms % SMS_REPEATS_CHANGE_MS);
}

/* What the file holds, or the number of now. */
static uint64_t read_number(const char *file, int64_t now_ms)
{
	struct buf bytes = { 0 };
	struct complaint why = { 0 };
	uint64_t number = number_of(now_ms);

	if (file != NULL && files_read(file, 32, &bytes, &why) && !span_u64(buf_span(&bytes), &number))
		number = number_of(now_ms);
	buf_release(&bytes);
	return number;
}

/* False: the old one stays, so that a restart finds what was used. */
static bool write_number(const struct sms_repeats *r, uint64_t number)
{
	struct buf bytes = { 0 };
	struct complaint why = { 0 };
	bool well;

	if (r->file == NULL)
		return true;
	buf_add_u64(&bytes, number);
	well = files_replace(r->file, buf_span(&bytes), 0600, &why);
	buf_release(&bytes);
	if (!well)
		log_rarely(LOG_LEVEL_WARNING, "sms.repeats_not_kept", why.text);
	return well;
}

struct sms_repeats *sms_repeats_new(const char *file, int64_t now_ms)
{
	struct sms_repeats *r = memory_zeroes(1, sizeof(*r));

	r->file = file != NULL ? strdup(file) : NULL;
	assert(file == NULL || r->file != NULL);
	r->number = read_number(file, now_ms);
	r->started_ms = now_ms;
	mark_ring_init(&r->marks, SEEN_MAX, random_u64());
	r->seen = memory_zeroes(SEEN_MAX, sizeof(*r->seen));
	write_number(r, r->number);
	return r;
}

void sms_repeats_free(struct sms_repeats *r)
{
	if (r == NULL)
		return;
	mark_ring_release(&r->marks);
	free(r->seen);
	free(r->file);
	free(r);
}

static void change_number(struct sms_repeats *r, int64_t now_ms)
{
	uint64_t number = number_of(now_ms);

	if (now_ms - r->started_ms >= SMS_REPEATS_WINDOW_MS && number != r->number && write_number(r, number))
		r->number = number;
}

uint64_t sms_repeats_number(struct sms_repeats *r, const unsigned char mark[16], int64_t now_ms)
{
	bool fresh;
	size_t place = mark_ring_take(&r->marks, mark, &fresh);
	struct seen *seen = &r->seen[place];

	change_number(r, now_ms);
	if (fresh)
		seen->number = r->number;
	else if (now_ms - seen->last_ms >= SMS_REPEATS_WINDOW_MS)
		/* Said once more, and not repeated by a machine: a number that it never had. */
		seen->number = r->number > seen->number ? r->number : (uint64_t)now_ms | 1;
	seen->last_ms = now_ms;
	return seen->number;
}
