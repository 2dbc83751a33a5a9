/*
 * One month of one log; see publisher_month.h.
 */
#include "daemon/jobs/publisher_month.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/memory.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/files.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define PATH_SIZE 4096

/* --- months ------------------------------------------------------------------------------------- */

int64_t publisher_month_start(int year, int month)
{
	char date[32];
	int64_t at_ms = 0;
	bool well;

	snprintf(date, sizeof(date), "%04d-%02d-01", year, month);
	well = civil_read_date(span_of(date), CIVIL_BEIJING_MINUTES, &at_ms);
	assert(well);
	(void)well;
	return at_ms;
}

void publisher_month_of(int64_t at_ms, int *year, int *month)
{
	char date[CIVIL_DATE_MAX];
	struct span text = civil_write_date(at_ms, CIVIL_BEIJING_MINUTES, date);
	uint64_t years = 0, months = 0;
	bool well = span_u64(span_from(text.at, 4), &years) && span_u64(span_from(text.at + 5, 2), &months);

	assert(well);
	(void)well;
	*year = (int)years;
	*month = (int)months;
}

/* --- gathering ------------------------------------------------------------------------------------- */

bool publisher_month_begin(struct publisher_month *month, int year, int number, const struct tiles *tiles, struct span origin,
			   uint64_t small, uint64_t batch, uint64_t end_batch)
{
	struct tiles_batch first, last;
	char date[CIVIL_DATE_MAX];
	size_t n;

	assert(batch < end_batch);
	*month = (struct publisher_month){ .tiles = tiles, .batch = batch, .end_batch = end_batch };
	civil_write_date(publisher_month_start(year, number), CIVIL_BEIJING_MINUTES, date);
	memcpy(month->name, date, FIGURES_MONTH_LEN);
	if (!tiles_batch(tiles, batch, &first) || !tiles_batch(tiles, end_batch - 1, &last) || last.size < first.before)
		return false;
	month->head = (struct openings_head){ .origin = arena_dup(&month->arena, origin), .month = span_of(month->name),
					      .first = first.before, .end = last.size, .root = last.root, .small = small };
	n = (size_t)(last.size - first.before);
	month->leaves = memory_zeroes(n + 1, sizeof(month->leaves[0]));
	month->made = memory_zeroes(n + 1, sizeof(month->made[0]));
	return true;
}

void publisher_month_release(struct publisher_month *month)
{
	if (month->made != NULL)
		wipe(month->made, (size_t)(month->head.end - month->head.first) * sizeof(month->made[0]));
	free(month->made);
	free(month->leaves);
	arena_release(&month->arena);
	buf_release(&month->openings);
	buf_release(&month->scratch);
	*month = (struct publisher_month){ .n = 0 };
}

static void take_leaf(struct publisher_month *month, const struct leaves_leaf *leaf)
{
	struct figures_leaf *to = &month->leaves[month->n];
	struct leaf read;
	bool well = leaf_parse(span_from(leaf->bytes, LEAF_BYTES), &read);

	assert(well);
	(void)well;
	*to = (struct figures_leaf){ .index = month->head.first + month->n, .class = read.class };
	for (size_t i = 0; i < LEAF_FIELDS; i++)
		if (leaf->values.at[i].len > 0)
			to->values.at[i] = arena_dup(&month->arena, leaf->values.at[i]);
	memcpy(&to->draw, leaf->seed, sizeof(to->draw));
	memcpy(month->made[month->n].bytes, leaf->bytes, LEAF_BYTES);
	memcpy(month->made[month->n].seed, leaf->seed, LEAF_SEED_BYTES);
	month->n++;
}

bool publisher_month_take(struct publisher_month *month, const struct leaves *leaves)
{
	if (month->n + leaves->n > month->head.end - month->head.first)
		return false;
	for (size_t i = 0; i < leaves->n; i++)
		take_leaf(month, &leaves->at[i]);
	month->batch++;
	return month->batch < month->end_batch || month->n == month->head.end - month->head.first;
}

/* --- writing --------------------------------------------------------------------------------------- */

void publisher_month_plan(struct publisher_month *month)
{
	struct arena scratch = { 0 };

	figures_plan(month->leaves, month->n, month->head.small, &scratch);
	arena_release(&scratch);
	openings_write_head(&month->head, &month->openings);
}

/* Of the entry in the files: false ends the walk. */
static bool write_leaf(void *ctx, uint64_t index, struct span entry)
{
	struct publisher_month *month = ctx;
	const struct publisher_leaf *made = &month->made[index - month->head.first];
	const struct figures_leaf *leaf = &month->leaves[index - month->head.first];

	if (!span_eq(entry, span_from(made->bytes, LEAF_BYTES)))
		return false;
	month->written++;
	if (leaf->open == 0)
		return true;
	buf_clear(&month->scratch);
	leaf_opening_write(made->seed, ((const unsigned char *)entry.at) + 4, &leaf->values, leaf->open, &month->scratch);
	openings_write_leaf(index, buf_span(&month->scratch), &month->openings);
	return true;
}

bool publisher_month_write(struct publisher_month *month, size_t most, struct complaint *why)
{
	size_t to = month->n - month->written > most ? month->written + most : month->n;
	bool read = tiles_leaves(month->tiles, month->head.first + month->written, month->head.first + to, write_leaf, month);

	if (read && month->written == to)
		return true;
	return complain(why, 0, "%s of %.*s: leaf %llu is not what the journal and the keys give", month->name, (int)month->head.origin.len,
			month->head.origin.at, (unsigned long long)(month->head.first + month->written));
}

static bool put(const struct publisher_month *month, const char *dir, const char *suffix, struct span bytes, struct complaint *why)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s%s", dir, month->name, suffix);
	return files_replace(path, bytes, 0644, why);
}

static void sign(const struct publisher_month *month, const struct note_signer *signer, struct span figures, struct buf *note)
{
	struct buf text = { 0 };

	openings_write_note(month->head.origin, month->head.month, buf_span(&month->openings), figures, &text);
	buf_add_span(note, buf_span(&text));
	buf_add_byte(note, '\n');
	note_sign(signer, buf_span(&text), 0, note);
	buf_release(&text);
}

bool publisher_month_put(struct publisher_month *month, const char *dir, const struct note_signer *signer, struct complaint *why)
{
	struct figures figures = { .origin = month->head.origin, .month = month->head.month };
	struct buf table = { 0 }, note = { 0 };
	bool well = figures_count(month->leaves, month->n, &month->arena, &figures);

	if (!well)
		complain(why, 0, "%s: its leaves cannot be counted", month->name);
	if (well) {
		figures_write(&figures, &table);
		sign(month, signer, buf_span(&table), &note);
	}
	well = well && files_make_dir(dir, why) && put(month, dir, "", buf_span(&month->openings), why) &&
	       put(month, dir, ".figures", buf_span(&table), why) && put(month, dir, ".note", buf_span(&note), why);
	buf_release(&table);
	buf_release(&note);
	return well;
}
