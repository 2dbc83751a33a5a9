/*
 * Reading the table of regions; see gazetteer.h.
 *
 * The table names the divisions in force first, in order of code, then what
 * only points at them: zones, abolished divisions, other names. So one pass
 * suffices and a code is found by bisection.
 */
#include "daemon/core/text/gazetteer.h"

#include "daemon/base/buf.h"
#include "daemon/base/memory.h"
#include "daemon/base/table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define COLUMNS 6

enum column {
	COLUMN_CODE,
	COLUMN_LEVEL,
	COLUMN_NAME,
	COLUMN_SHORT,
	COLUMN_LATIN,
	COLUMN_NOW,
};

/* A name as it is kept: eight bytes. */
struct name_row {
	uint32_t at; /* in the pool */
	uint16_t region;
	uint8_t len;
	uint8_t kind;
};

/* A code that is not in force and what it counts as, in one number that sorts by code. */
#define FORMER_BITS 12
#define FORMER(code, region) ((uint32_t)(code) << FORMER_BITS | (uint32_t)(region))
#define REGIONS_MAX (1u << FORMER_BITS)

#define POOL_BLOCK 16384u
#define POOL_BLOCKS_MAX 64

struct gazetteer {
	char *pool[POOL_BLOCKS_MAX]; /* the names' bytes; blocks never move */
	uint32_t pool_used;
	struct region *regions;
	size_t nregions;
	struct name_row *names;
	size_t nnames;
	size_t names_size;
	uint32_t *former;
	size_t nformer;
};

static void *checked(void *at)
{
	if (at == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return at;
}

static bool is_code(struct span code)
{
	return code.len == 6 && span_digits(code);
}

/* --- looking up -------------------------------------------------------------- */

size_t gazetteer_count(const struct gazetteer *gazetteer)
{
	return gazetteer->nregions;
}

const struct region *gazetteer_at(const struct gazetteer *gazetteer, uint32_t index)
{
	assert(index < gazetteer->nregions);
	return &gazetteer->regions[index];
}

size_t gazetteer_name_count(const struct gazetteer *gazetteer)
{
	return gazetteer->nnames;
}

static const char *pool_at(const struct gazetteer *g, uint32_t at)
{
	return g->pool[at / POOL_BLOCK] + at % POOL_BLOCK;
}

struct gazetteer_name gazetteer_name_at(const struct gazetteer *gazetteer, uint32_t index)
{
	const struct name_row *row = &gazetteer->names[index];

	assert(index < gazetteer->nnames);
	return (struct gazetteer_name){ .text = span_from(pool_at(gazetteer, row->at), row->len),
					.region = row->region,
					.kind = (enum gazetteer_name_kind)row->kind };
}

static int compare_region(const void *key, const void *at)
{
	return memcmp(key, ((const struct region *)at)->code, 6);
}

static int compare_former(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return (*x > *y) - (*x < *y);
}

static uint32_t code_number(struct span code)
{
	uint32_t number = 0;

	for (size_t i = 0; i < code.len; i++)
		number = number * 10 + (uint32_t)(code.at[i] - '0');
	return number;
}

/* What a former code counts as, or NULL. */
static const struct region *find_former(const struct gazetteer *g, struct span code)
{
	uint32_t wanted = FORMER(code_number(code), 0);
	size_t low = 0;

	for (size_t high = g->nformer; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (g->former[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == g->nformer || g->former[low] >> FORMER_BITS != wanted >> FORMER_BITS)
		return NULL;
	return &g->regions[g->former[low] & (REGIONS_MAX - 1)];
}

const struct region *gazetteer_find(const struct gazetteer *gazetteer, struct span code)
{
	assert(gazetteer->regions != NULL);
	if (!is_code(code))
		return NULL;
	return bsearch(code.at, gazetteer->regions, gazetteer->nregions, sizeof(struct region),
		       compare_region);
}

/* The region with the first `digits` digits of the code and zeroes behind them, or NULL. */
static const struct region *find_ancestor(const struct gazetteer *gazetteer, struct span code, size_t digits)
{
	char ancestor[] = "000000";

	memcpy(ancestor, code.at, digits);
	return gazetteer_find(gazetteer, span_from(ancestor, 6));
}

const struct region *gazetteer_resolve(const struct gazetteer *gazetteer, struct span code)
{
	const struct region *region = gazetteer_find(gazetteer, code);

	if (region != NULL || !is_code(code))
		return region != NULL ? region : &gazetteer->regions[0];
	region = find_former(gazetteer, code);
	for (size_t digits = 4; region == NULL; digits -= 2)
		region = find_ancestor(gazetteer, code, digits);
	return region;
}

/* Digits of a code that say where it is: "150600" has four, "000000" none. */
static size_t significant(struct span code)
{
	size_t len = code.len;

	while (len >= 2 && code.at[len - 1] == '0' && code.at[len - 2] == '0')
		len -= 2;
	return len;
}

bool region_within(struct span inner, struct span outer)
{
	return is_code(inner) && is_code(outer) &&
	       span_starts(inner, span_from(outer.at, significant(outer)));
}

/* --- names --------------------------------------------------------------------- */

/* Copies bytes into the pool; they stand in one block. */
static uint32_t pool_add(struct gazetteer *g, struct span bytes)
{
	uint32_t at = g->pool_used;

	assert(bytes.len <= UINT8_MAX);
	if (at % POOL_BLOCK + bytes.len > POOL_BLOCK)
		at += POOL_BLOCK - at % POOL_BLOCK;
	assert(at / POOL_BLOCK < POOL_BLOCKS_MAX);
	if (g->pool[at / POOL_BLOCK] == NULL)
		g->pool[at / POOL_BLOCK] = memory_zeroes(1, POOL_BLOCK);
	if (bytes.at != NULL)
		memcpy(g->pool[at / POOL_BLOCK] + at % POOL_BLOCK, bytes.at, bytes.len);
	g->pool_used = at + (uint32_t)bytes.len;
	return at;
}

/* A name whose bytes stand in the pool already. */
static void add_pooled(struct gazetteer *g, uint32_t at, size_t len, uint32_t region,
		       enum gazetteer_name_kind kind)
{
	if (g->nnames == g->names_size) {
		g->names_size = g->names_size > 0 ? g->names_size * 2 : 4096;
		g->names = checked(realloc(g->names, g->names_size * sizeof(*g->names)));
	}
	g->names[g->nnames++] = (struct name_row){
		.at = at, .region = (uint16_t)region, .len = (uint8_t)len, .kind = (uint8_t)kind
	};
}

static void add_name(struct gazetteer *g, struct span text, uint32_t region, enum gazetteer_name_kind kind)
{
	if (text.len > 0)
		add_pooled(g, pool_add(g, text), text.len, region, kind);
}

/* Length of a U with dots at the start of `text`, 0 when there is none. */
static size_t umlaut_at(struct span text)
{
	return span_starts(text, SPAN("ü")) || span_starts(text, SPAN("Ü")) ? SPAN("ü").len : 0;
}

/* The next character in small letters, U with dots written as `u`; the apostrophe only when kept. */
static size_t add_small(struct buf *out, struct span rest, struct span u, bool apostrophe)
{
	size_t umlaut = umlaut_at(rest);

	if (umlaut > 0)
		buf_add_span(out, u);
	else if (rest.at[0] >= 'A' && rest.at[0] <= 'Z')
		buf_add_byte(out, rest.at[0] - 'A' + 'a');
	else if (rest.at[0] != '\'' || apostrophe)
		buf_add_byte(out, rest.at[0]);
	return umlaut > 0 ? umlaut : 1;
}

static void add_latin_form(struct gazetteer *g, struct span name, uint32_t region, struct span u,
			   bool apostrophe)
{
	struct buf small = { 0 };

	while (name.len > 0)
		name = span_from_offset(name, add_small(&small, name, u, apostrophe));
	add_name(g, buf_span(&small), region, NAME_LATIN);
	buf_release(&small);
}

/* One name as people type it: with and without apostrophe, ü as ü, u or v. */
static void add_latin(struct gazetteer *g, struct span name, uint32_t region)
{
	bool umlaut = span_find(name, SPAN("ü")) < name.len || span_find(name, SPAN("Ü")) < name.len;

	add_latin_form(g, name, region, SPAN("u"), false);
	if (span_find(name, SPAN("'")) < name.len)
		add_latin_form(g, name, region, SPAN("u"), true);
	if (umlaut) {
		add_latin_form(g, name, region, SPAN("ü"), false);
		add_latin_form(g, name, region, SPAN("v"), false);
	}
}

/* --- reading -------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum region_level level;
} levels[] = {
	{ "nation", REGION_NATION },
	{ "province", REGION_PROVINCE },
	{ "prefecture", REGION_PREFECTURE },
	{ "county", REGION_COUNTY },
};

static const struct {
	const char *word;
	enum gazetteer_name_kind kind;
} pointers[] = {
	{ "zone", NAME_ZONE }, { "old", NAME_OLD },       { "alias", NAME_ALIAS },
	{ "word", NAME_WORD }, { "common", NAME_COMMON },
};

struct reading {
	struct gazetteer *g;
	struct complaint *why;
	size_t line;
	bool pointing; /* the divisions in force are over */
	struct span column[COLUMNS];
};

static bool split(struct reading *r, struct span line)
{
	size_t n = 0;
	struct span part;

	while (span_cut(&line, '\t', &part)) {
		if (n < COLUMNS)
			r->column[n] = part;
		n++;
	}
	if (n != COLUMNS)
		return complain(r->why, r->line, "a row has %d columns, this one %zu", COLUMNS, n);
	for (size_t i = 0; i < COLUMNS; i++)
		if (r->column[i].len > UINT8_MAX)
			return complain(r->why, r->line, "a column has more than %d bytes", UINT8_MAX);
	if (!is_code(r->column[COLUMN_CODE]))
		return complain(r->why, r->line, "the code must be six digits, not \"%.*s\"",
				(int)r->column[COLUMN_CODE].len, r->column[COLUMN_CODE].at);
	if (r->column[COLUMN_NAME].len == 0 || r->column[COLUMN_SHORT].len == 0)
		return complain(r->why, r->line, "name and short name must not be empty");
	return true;
}

/* Index of the nearest region above a code in what has been read so far; the nation at worst. */
static uint32_t parent_of(const struct gazetteer *g, struct span code)
{
	const struct region *parent = NULL;

	for (size_t digits = significant(code); digits > 0 && parent == NULL; digits -= 2)
		parent = find_ancestor(g, code, digits - 2);
	return parent != NULL ? (uint32_t)(parent - g->regions) : 0;
}

/* What must hold between a region and what stands before it. */
static bool in_order(const struct reading *r, enum region_level level)
{
	const struct gazetteer *g = r->g;
	struct span code = r->column[COLUMN_CODE];

	if ((g->nregions == 0) != (level == REGION_NATION))
		return complain(r->why, r->line, "the table must begin with the nation, and name it once");
	if (g->nregions > 0 && memcmp(g->regions[g->nregions - 1].code, code.at, 6) >= 0)
		return complain(r->why, r->line, "divisions must stand in order of code, each once");
	if (g->nregions == REGIONS_MAX || g->pool_used > POOL_BLOCK * (POOL_BLOCKS_MAX - 1))
		return complain(r->why, r->line, "the table has too many rows");
	if (r->pointing)
		return complain(r->why, r->line,
				"divisions in force must stand before zones, old and other names");
	if (significant(code) / 2 != (size_t)level)
		return complain(r->why, r->line, "the code %.6s does not fit the level", code.at);
	if (level > REGION_PROVINCE && parent_of(g, code) == 0)
		return complain(r->why, r->line, "the code %.6s has no province above it", code.at);
	return true;
}

/* The first of several forms is the region's own; all are names. */
static void read_latin(struct gazetteer *g, struct region *region, struct span forms)
{
	struct span form;

	while (forms.len > 0 && span_cut(&forms, '/', &form)) {
		if (region->en == NULL) {
			region->en = pool_at(g, pool_add(g, form));
			region->en_bytes = (uint8_t)form.len;
		}
		add_latin(g, form, (uint32_t)(region - g->regions));
	}
}

static bool read_region(struct reading *r, enum region_level level)
{
	struct gazetteer *g = r->g;
	struct span name = r->column[COLUMN_NAME];
	struct span short_name = r->column[COLUMN_SHORT];
	struct region *region = &g->regions[g->nregions];
	uint32_t index = (uint32_t)g->nregions;
	uint32_t at;

	if (!in_order(r, level))
		return false;
	if (!span_starts(name, short_name))
		return complain(r->why, r->line, "the short name must be a start of the name");
	at = pool_add(g, name);
	*region = (struct region){
		.level = (uint8_t)level,
		.parent = (uint16_t)parent_of(g, r->column[COLUMN_CODE]),
		.name = span_from(pool_at(g, at), name.len),
		.short_bytes = (uint8_t)short_name.len,
	};
	memcpy(region->code, r->column[COLUMN_CODE].at, 6);
	g->nregions++;
	if (level == REGION_NATION)
		return true;
	add_pooled(g, at, name.len, index, NAME_FULL);
	if (short_name.len < name.len)
		add_pooled(g, at, short_name.len, index, NAME_SHORT);
	read_latin(g, region, r->column[COLUMN_LATIN]);
	return true;
}

/* A name that is an ordinary word says less: a county's own, short or whole, or one of old. */
static void mark_common(struct gazetteer *g, struct span word)
{
	for (size_t i = 0; i < g->nnames; i++) {
		struct name_row *row = &g->names[i];
		struct region *region = &g->regions[row->region];

		if (!span_eq(span_from(pool_at(g, row->at), row->len), word))
			continue;
		if (row->kind == NAME_FULL)
			region->ordinary = true;
		else if (row->kind == NAME_OLD || (row->kind == NAME_SHORT && region->level == REGION_COUNTY))
			row->kind = NAME_COMMON;
	}
}

/* Rows that are about words and point at no division. */
static bool read_word(struct gazetteer *g, struct span word, enum gazetteer_name_kind kind)
{
	if (kind == NAME_WORD)
		add_name(g, word, 0, kind);
	else
		mark_common(g, word);
	return true;
}

static bool read_pointer(struct reading *r, enum gazetteer_name_kind kind)
{
	struct gazetteer *g = r->g;
	const struct region *now = gazetteer_find(g, r->column[COLUMN_NOW]);

	r->pointing = true;
	if (kind == NAME_WORD || kind == NAME_COMMON)
		return read_word(g, r->column[COLUMN_NAME], kind);
	if (now == NULL)
		return complain(r->why, r->line, "\"%.*s\" in the last column is no division in force",
				(int)r->column[COLUMN_NOW].len, r->column[COLUMN_NOW].at);
	if (gazetteer_find(g, r->column[COLUMN_CODE]) == NULL) {
		g->former[g->nformer++] = FORMER(code_number(r->column[COLUMN_CODE]), now - g->regions);
	}
	/* 鹿泉市 of old is found as 鹿泉 with another word behind it; only another stem needs its own entry.
	 */
	if (kind != NAME_OLD || !span_eq(r->column[COLUMN_SHORT], region_short_name(now)))
		add_name(g, r->column[COLUMN_NAME], (uint32_t)(now - g->regions), kind);
	return true;
}

static bool read_row(struct reading *r, struct span line)
{
	if (line.len == 0 || line.at[0] == '#')
		return true;
	if (!split(r, line))
		return false;
	for (size_t i = 0; i < COUNT_OF(levels); i++)
		if (span_is(r->column[COLUMN_LEVEL], levels[i].word))
			return read_region(r, levels[i].level);
	for (size_t i = 0; i < COUNT_OF(pointers); i++)
		if (span_is(r->column[COLUMN_LEVEL], pointers[i].word))
			return read_pointer(r, pointers[i].kind);
	return complain(r->why, r->line, "unknown level \"%.*s\"", (int)r->column[COLUMN_LEVEL].len,
			r->column[COLUMN_LEVEL].at);
}

static bool read_table(struct gazetteer *g, struct span table, struct complaint *why)
{
	struct reading r = { .g = g, .why = why };
	struct span line;

	while (span_cut(&table, '\n', &line)) {
		r.line++;
		if (!read_row(&r, line))
			return false;
	}
	if (g->nregions == 0)
		return complain(why, 0, "the table of regions is empty");
	qsort(g->former, g->nformer, sizeof(*g->former), compare_former);
	return true;
}

static size_t count_lines(struct span table)
{
	size_t n = 1;

	for (size_t i = 0; i < table.len; i++)
		n += table.at[i] == '\n';
	return n;
}

static void *shrunk(void *at, size_t count, size_t size)
{
	return checked(realloc(at, (count + 1) * size));
}

/* Room was taken for the longest of tables. Nobody points into these yet. */
static void shrink(struct gazetteer *g)
{
	g->regions = shrunk(g->regions, g->nregions, sizeof(*g->regions));
	g->names = shrunk(g->names, g->nnames, sizeof(*g->names));
	g->former = shrunk(g->former, g->nformer, sizeof(*g->former));
}

struct gazetteer *gazetteer_new(struct span tsv, struct complaint *why)
{
	struct gazetteer *g = memory_zeroes(1, sizeof(*g));
	size_t rows = count_lines(tsv);

	g->regions = memory_zeroes((rows < REGIONS_MAX ? rows : REGIONS_MAX) + 1, sizeof(*g->regions));
	g->former = memory_zeroes(rows, sizeof(*g->former));
	if (!read_table(g, tsv, why)) {
		gazetteer_free(g);
		return NULL;
	}
	shrink(g);
	return g;
}

size_t gazetteer_bytes(const struct gazetteer *g)
{
	return sizeof(*g) + g->pool_used + g->nregions * sizeof(*g->regions) + g->nnames * sizeof(*g->names) +
	       g->nformer * sizeof(*g->former);
}

void gazetteer_free(struct gazetteer *gazetteer)
{
	if (gazetteer == NULL)
		return;
	for (size_t i = 0; i < POOL_BLOCKS_MAX; i++)
		free(gazetteer->pool[i]);
	free(gazetteer->regions);
	free(gazetteer->names);
	free(gazetteer->former);
	free(gazetteer);
}
