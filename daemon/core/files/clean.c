/*
 * Clean copies by type; see clean.h. A format is a row here and a file of its own.
 */
#include "daemon/core/files/clean.h"

#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/core/files/clean_inside.h"

#include <assert.h>
#include <stdlib.h>

struct clean {
	const struct clean_format *format;
	bool failed;
	void *state;
};

static const struct clean_format *const formats[] = { &clean_jpeg, &clean_png, &clean_webp };

struct clean *clean_new(struct span type)
{
	struct clean *clean;

	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		if (!span_is(type, formats[i]->type))
			continue;
		clean = memory_zeroes(1, sizeof(*clean));
		clean->format = formats[i];
		clean->state = memory_zeroes(1, formats[i]->state_bytes);
		return clean;
	}
	return NULL;
}

bool clean_feed(struct clean *clean, struct span piece, struct buf *out)
{
	assert(!clean->failed);
	while (!clean->failed && piece.len > 0)
		clean->failed = !clean->format->take(clean->state, &piece, out);
	return !clean->failed;
}

bool clean_finish(struct clean *clean, struct buf *out, size_t *lead)
{
	assert(!clean->failed);
	*lead = 0;
	clean->failed = !clean->format->finish(clean->state, out, lead);
	return !clean->failed;
}

void clean_free(struct clean *clean)
{
	if (clean == NULL)
		return;
	wipe(clean->state, clean->format->state_bytes);
	free(clean->state);
	free(clean);
}

/* --- what the formats share ------------------------------------------------------------- */

void gather_begin(struct gather *part, size_t want)
{
	assert(want <= GATHER_MAX);
	part->have = 0;
	part->want = want;
}

struct span piece_cut(struct span *piece, uint64_t max)
{
	struct span cut = span_from(piece->at, piece->len < max ? piece->len : (size_t)max);

	*piece = span_from_offset(*piece, cut.len);
	return cut;
}

bool gather_take(struct gather *part, struct span *piece)
{
	struct span cut = piece_cut(piece, part->want - part->have);

	if (cut.len > 0)
		memcpy(part->at + part->have, cut.at, cut.len);
	part->have += cut.len;
	return part->have == part->want;
}
