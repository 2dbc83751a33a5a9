/*
 * Who wants no answers; see sms_wishes.h.
 */
#include "handlers/intake/sms_wishes.h"

#include "daemon/base/hex.h"
#include "daemon/base/mark_map.h"
#include "daemon/base/memory.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#define WISHES_MAX 1000000          /* what is more holds in the store alone */
#define FILE_MAX ((size_t)64 << 20)

struct sms_wishes {
	char *file;
	struct mark_map map;     /* mark: time * 2 + stopped */
};

static uint64_t packed(const struct sms_wish *wish)
{
	return (uint64_t)wish->at_ms * 2 + wish->stopped;
}

/* --- a row: "MARK TIME stop", "MARK TIME start" --------------------------------------------- */

static void put_row(const unsigned char mark[MARK_BYTES], const struct sms_wish *wish, struct buf *out)
{
	char digits[2 * MARK_BYTES];

	hex_put(mark, MARK_BYTES, digits);
	buf_printf(out, "%.*s %lld %s\n", (int)sizeof(digits), digits, (long long)wish->at_ms, wish->stopped ? "stop" : "start");
}

static bool read_row(struct span row, unsigned char mark[MARK_BYTES], struct sms_wish *wish)
{
	struct span digits, time;
	uint64_t at_ms;

	if (!span_cut(&row, ' ', &digits) || !hex_get(digits, mark, MARK_BYTES) || !span_cut(&row, ' ', &time) ||
	    !span_u64(time, &at_ms) || at_ms > INT64_MAX / 4)
		return false;
	*wish = (struct sms_wish){ .at_ms = (int64_t)at_ms, .stopped = span_is(row, "stop") };
	return wish->stopped || span_is(row, "start");
}

/* --- the file ------------------------------------------------------------------------------------ */

static void take_later(struct sms_wishes *wishes, const unsigned char mark[MARK_BYTES], const struct sms_wish *wish)
{
	struct sms_wish known;

	if (wishes->map.n < WISHES_MAX && (!sms_wishes_get(wishes, mark, &known) || known.at_ms <= wish->at_ms))
		mark_map_set(&wishes->map, mark, packed(wish));
}

/* The rows that still hold, each mark once; a row that was torn by a power cut goes. */
static void read_rows(struct sms_wishes *wishes, struct span rest, int64_t now_ms, struct buf *kept)
{
	struct span all = rest, row;
	unsigned char mark[MARK_BYTES];
	struct sms_wish wish, last;

	while (rest.len > 0 && span_cut(&rest, '\n', &row))
		if (read_row(row, mark, &wish) && now_ms - wish.at_ms < (int64_t)SMS_WISH_KEPT_S * 1000)
			take_later(wishes, mark, &wish);
	while (all.len > 0 && span_cut(&all, '\n', &row))
		if (read_row(row, mark, &wish) && sms_wishes_get(wishes, mark, &last) && packed(&last) == packed(&wish))
			put_row(mark, &wish, kept);
}

static void not_kept(const struct complaint *why)
{
	log_rarely(LOG_LEVEL_ERROR, "sms.wishes_not_kept", why->text);
}

static void read_file(struct sms_wishes *wishes, int64_t now_ms)
{
	struct buf bytes = { 0 }, kept = { 0 };
	struct complaint why = { 0 };

	if (access(wishes->file, F_OK) != 0)
		return;
	if (!files_read(wishes->file, FILE_MAX, &bytes, &why)) {
		not_kept(&why);
	} else {
		read_rows(wishes, buf_span(&bytes), now_ms, &kept);
		if (!span_eq(buf_span(&kept), buf_span(&bytes)) && !files_replace(wishes->file, buf_span(&kept), 0600, &why))
			not_kept(&why);
	}
	buf_release(&bytes);
	buf_release(&kept);
}

/* --- life ------------------------------------------------------------------------------------------ */

struct sms_wishes *sms_wishes_new(const char *file, int64_t now_ms)
{
	struct sms_wishes *wishes = memory_zeroes(1, sizeof(*wishes));

	/* The marks are keyed already: nobody outside can choose them. */
	mark_map_init(&wishes->map, 0);
	if (file == NULL)
		return wishes;
	wishes->file = strdup(file);
	assert(wishes->file != NULL);
	read_file(wishes, now_ms);
	return wishes;
}

void sms_wishes_free(struct sms_wishes *wishes)
{
	if (wishes == NULL)
		return;
	mark_map_release(&wishes->map);
	free(wishes->file);
	free(wishes);
}

bool sms_wishes_get(const struct sms_wishes *wishes, const unsigned char mark[16], struct sms_wish *out)
{
	uint64_t value;

	if (!mark_map_get(&wishes->map, mark, &value))
		return false;
	*out = (struct sms_wish){ .at_ms = (int64_t)(value / 2), .stopped = value % 2 != 0 };
	return true;
}

void sms_wishes_set(struct sms_wishes *wishes, const unsigned char mark[16], const struct sms_wish *wish)
{
	struct complaint why = { 0 };
	struct buf row = { 0 };

	take_later(wishes, mark, wish);
	put_row(mark, wish, &row);
	if (wishes->file != NULL && wishes->map.n < WISHES_MAX && !files_append(wishes->file, buf_span(&row), 0600, &why))
		not_kept(&why);
	buf_release(&row);
}
