/*
 * Openings of a month and tables of figures, of any bytes.
 */
#include "daemon/tlog/openings.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read as figures is written as it was. */
static void look_at_figures(struct span text, struct arena *arena)
{
	struct figures figures;
	struct buf again = { 0 };

	if (figures_read(text, arena, &figures)) {
		figures_write(&figures, &again);
		assert(span_eq(buf_span(&again), text));
	}
	buf_release(&again);
}

/* Leaves that commit to what the file says are counted; one row never has more than there are. */
static void look_at_openings(struct span text, struct arena *arena)
{
	unsigned char bytes[LEAF_BYTES] = { LEAF_VERSION, LEAF_WORK };
	struct openings openings;
	struct complaint why;
	struct figures figures;

	if (!openings_begin(text, arena, &openings, &why))
		return;
	for (size_t i = 0; i < 64 && openings.at < openings.head.end; i++) {
		memcpy(bytes + LEAF_BYTES - LEAF_COMMITMENT_BYTES, openings.opening.commitment, LEAF_COMMITMENT_BYTES);
		if (!openings_leaf(&openings, span_from(bytes, sizeof(bytes)), &why))
			return;
	}
	if (openings_count(&openings, arena, &figures, &why))
		for (size_t i = 0; i < figures.n; i++)
			assert(figures.rows[i].count >= openings.head.small && figures.rows[i].count <= 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct span text = span_from(data, size);

	look_at_figures(text, &arena);
	look_at_openings(text, &arena);
	arena_release(&arena);
	return 0;
}
