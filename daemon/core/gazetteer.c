/*
 * Reading the table of regions; see gazetteer.h.
 *
 * The table names the divisions in force first, in order of code, then what
 * only points at them: zones, abolished divisions, other names. So one pass
 * suffices and a code is found by bisection.
 */
#include "daemon/core/gazetteer.h"

#include "daemon/base/buf.h"
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

/* A code that is not in force and what it counts as. */
struct former_code {
	char code[7];
	uint32_t now;
};

struct gazetteer {
	char *table; /* the copy that the spans of the regions point into */
	struct region *regions;
	size_t nregions;
	struct gazetteer_name *names;
	size_t nnames;
	size_t names_size;
	struct former_code *former;
	size_t nformer;
	struct arena latin; /* names in small letters */
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

const struct gazetteer_name *gazetteer_name_at(const struct gazetteer *gazetteer, uint32_t index)
{
	assert(index < gazetteer->nnames);
	return &gazetteer->names[index];
}

static int compare_region(const void *key, const void *at)
{
	return memcmp(key, ((const struct region *)at)->code, 6);
}

static int compare_former(const void *a, const void *b)
{
	return memcmp(a, ((const struct former_code *)b)->code, 6);
}

const struct region *gazetteer_find(const struct gazetteer *gazetteer, struct span code)
{
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
	const struct former_code *former;

	if (region != NULL || !is_code(code))
		return region != NULL ? region : &gazetteer->regions[0];
	former = bsearch(code.at, gazetteer->former, gazetteer->nformer, sizeof(*former), compare_former);
	if (former != NULL)
		return &gazetteer->regions[former->now];
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

static void add_name(struct gazetteer *g, struct span text, uint32_t region, enum gazetteer_name_kind kind)
{
	if (text.len == 0)
		return;
	if (g->nnames == g->names_size) {
		g->names_size = g->names_size > 0 ? g->names_size * 2 : 4096;
		g->names = checked(realloc(g->names, g->names_size * sizeof(*g->names)));
	}
	g->names[g->nnames++] = (struct gazetteer_name){ .text = text, .region = region, .kind = kind };
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
	add_name(g, arena_dup(&g->latin, buf_span(&small)), region, NAME_LATIN);
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
	{ "zone", NAME_ZONE },
	{ "old", NAME_OLD },
	{ "alias", NAME_ALIAS },
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
	if (r->pointing)
		return complain(r->why, r->line,
				"divisions in force must stand before zones, old and other names");
	if (significant(code) / 2 != (size_t)level)
		return complain(r->why, r->line, "the code %.6s does not fit the level", code.at);
	if (level > REGION_PROVINCE && parent_of(g, code) == 0)
		return complain(r->why, r->line, "the code %.6s has no province above it", code.at);
	return true;
}

static bool read_region(struct reading *r, enum region_level level)
{
	struct gazetteer *g = r->g;
	struct span latin = r->column[COLUMN_LATIN];
	struct region *region = &g->regions[g->nregions];
	uint32_t index = (uint32_t)g->nregions;
	struct span form;

	if (!in_order(r, level))
		return false;
	*region = (struct region){
		.level = level,
		.parent = parent_of(g, r->column[COLUMN_CODE]),
		.name = r->column[COLUMN_NAME],
		.short_name = r->column[COLUMN_SHORT],
	};
	memcpy(region->code, r->column[COLUMN_CODE].at, 6);
	g->nregions++;
	if (level == REGION_NATION)
		return true;
	add_name(g, region->name, index, NAME_FULL);
	if (!span_eq(region->name, region->short_name))
		add_name(g, region->short_name, index, NAME_SHORT);
	while (latin.len > 0 && span_cut(&latin, '/', &form)) {
		if (region->name_en.at == NULL)
			region->name_en = form;
		add_latin(g, form, index);
	}
	return true;
}

static bool read_pointer(struct reading *r, enum gazetteer_name_kind kind)
{
	struct gazetteer *g = r->g;
	const struct region *now = gazetteer_find(g, r->column[COLUMN_NOW]);

	r->pointing = true;
	if (now == NULL)
		return complain(r->why, r->line, "\"%.*s\" in the last column is no division in force",
				(int)r->column[COLUMN_NOW].len, r->column[COLUMN_NOW].at);
	if (gazetteer_find(g, r->column[COLUMN_CODE]) == NULL) {
		memcpy(g->former[g->nformer].code, r->column[COLUMN_CODE].at, 6);
		g->former[g->nformer++].now = (uint32_t)(now - g->regions);
	}
	/* 鹿泉市 of old is found as 鹿泉 with another word behind it; only another stem needs its own entry.
	 */
	if (kind != NAME_OLD || !span_eq(r->column[COLUMN_SHORT], now->short_name))
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

struct gazetteer *gazetteer_new(struct span tsv, struct complaint *why)
{
	struct gazetteer *g = checked(calloc(1, sizeof(*g)));
	size_t rows = count_lines(tsv);

	g->table = checked(malloc(tsv.len + 1));
	if (tsv.len > 0)
		memcpy(g->table, tsv.at, tsv.len);
	g->regions = checked(calloc(rows, sizeof(*g->regions)));
	g->former = checked(calloc(rows, sizeof(*g->former)));
	if (!read_table(g, span_from(g->table, tsv.len), why)) {
		gazetteer_free(g);
		return NULL;
	}
	return g;
}

void gazetteer_free(struct gazetteer *gazetteer)
{
	if (gazetteer == NULL)
		return;
	arena_release(&gazetteer->latin);
	free(gazetteer->table);
	free(gazetteer->regions);
	free(gazetteer->names);
	free(gazetteer->former);
	free(gazetteer);
}
