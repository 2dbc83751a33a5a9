/*
 * Compiled gettext files and the choice among them; see catalogue.h.
 *
 * catalogue_read() checks the whole file once, so that a look-up is a plain
 * binary search. The optional hash table of the format is not used.
 */
#include "handlers/web/catalogue.h"

#include "daemon/base/asset.h"

#include <assert.h>
#include <stdio.h>

#define MO_MAGIC 0x950412deu
#define MO_MAGIC_SWAPPED 0xde120495u
#define MO_HEAD_BYTES 28
#define MO_COUNT_MAX 100000
#define ACCEPT_ITEMS_MAX 32

static uint32_t number_at(const struct catalogue *c, size_t offset)
{
	uint32_t number;

	memcpy(&number, c->mo.at + offset, sizeof(number));
	return c->swapped ? __builtin_bswap32(number) : number;
}

/* The string of row `index` in a table: length and offset. Its plural forms, behind a NUL, are left off. */
static struct span string_at(const struct catalogue *c, uint32_t table, size_t index)
{
	const char *at = c->mo.at + number_at(c, table + index * 8 + 4);

	return span_from(at, strnlen(at, number_at(c, table + index * 8)));
}

static int compare(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.at, b.at, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static bool string_inside(const struct catalogue *c, uint32_t table, size_t index)
{
	uint64_t len = number_at(c, table + index * 8);
	uint64_t offset = number_at(c, table + index * 8 + 4);

	return offset + len < c->mo.len && c->mo.at[offset + len] == '\0';
}

static bool tables_inside(const struct catalogue *c)
{
	uint64_t bytes = (uint64_t)c->count * 8;

	return c->count > 0 && c->count <= MO_COUNT_MAX && c->ids >= MO_HEAD_BYTES && c->texts >= MO_HEAD_BYTES &&
	       c->ids + bytes <= c->mo.len && c->texts + bytes <= c->mo.len;
}

static bool strings_fit(const struct catalogue *c, struct complaint *why)
{
	for (size_t i = 0; i < c->count; i++) {
		if (!string_inside(c, c->ids, i) || !string_inside(c, c->texts, i))
			return complain(why, 0, "locale %s: message %zu lies outside the file", c->tag, i);
		if (i > 0 && compare(string_at(c, c->ids, i - 1), string_at(c, c->ids, i)) >= 0)
			return complain(why, 0, "locale %s: message %zu is not in order", c->tag, i);
	}
	return true;
}

/* The head entry has the empty id, so it is the first. */
static bool in_utf8(const struct catalogue *c)
{
	struct span head = string_at(c, c->texts, 0);

	return string_at(c, c->ids, 0).len == 0 && span_find(head, SPAN("charset=UTF-8")) < head.len;
}

bool catalogue_read(const char *tag, struct span mo, struct catalogue *catalogue, struct complaint *why)
{
	struct catalogue c = { .mo = mo };
	uint32_t magic;

	if (strlen(tag) == 0 || strlen(tag) > CATALOGUE_TAG_MAX)
		return complain(why, 0, "locale %.40s: not a language tag", tag);
	snprintf(c.tag, sizeof(c.tag), "%s", tag);
	if (mo.len < MO_HEAD_BYTES)
		return complain(why, 0, "locale %s: shorter than the head of an MO file", tag);
	magic = number_at(&c, 0);
	if (magic != MO_MAGIC && magic != MO_MAGIC_SWAPPED)
		return complain(why, 0, "locale %s: not an MO file", tag);
	c.swapped = magic == MO_MAGIC_SWAPPED;
	if (number_at(&c, 4) != 0)
		return complain(why, 0, "locale %s: an MO file of another revision than 0", tag);
	c.count = number_at(&c, 8);
	c.ids = number_at(&c, 12);
	c.texts = number_at(&c, 16);
	if (!tables_inside(&c))
		return complain(why, 0, "locale %s: the tables lie outside the file", tag);
	if (!strings_fit(&c, why))
		return false;
	if (!in_utf8(&c))
		return complain(why, 0, "locale %s: the head does not say charset=UTF-8", tag);
	*catalogue = c;
	return true;
}

/* The row of the id, or count. */
static size_t row_of(const struct catalogue *c, struct span id)
{
	size_t low = 0;
	size_t high = c->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(id, string_at(c, c->ids, middle));

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return c->count;
}

struct span catalogue_text(const struct catalogue *catalogue, struct span id)
{
	size_t row = row_of(catalogue, id);

	if (id.len == 0 || row == catalogue->count)
		return id;
	return string_at(catalogue, catalogue->texts, row);
}

bool catalogue_has(const struct catalogue *catalogue, struct span id)
{
	size_t row = row_of(catalogue, id);

	return row < catalogue->count && string_at(catalogue, catalogue->texts, row).len > 0;
}

struct span catalogue_id_at(const struct catalogue *catalogue, size_t index)
{
	if (index + 1 >= catalogue->count)
		return (struct span){ 0 };
	return string_at(catalogue, catalogue->ids, index + 1);
}

/* --- all languages --------------------------------------------------------- */

/* "zh-CN" of "locale/zh-CN.mo"; false when the asset is something else. */
static bool tag_of_asset(const char *name, char tag[CATALOGUE_TAG_MAX + 1])
{
	struct span rest = span_of(name);

	if (!span_starts(rest, SPAN("locale/")))
		return false;
	rest = span_from_offset(rest, 7);
	if (rest.len <= 3 || rest.len > CATALOGUE_TAG_MAX + 3 || memcmp(rest.at + rest.len - 3, ".mo", 3) != 0)
		return false;
	memcpy(tag, rest.at, rest.len - 3);
	tag[rest.len - 3] = '\0';
	return true;
}

static void to_front(struct catalogues *catalogues, size_t index)
{
	struct catalogue first = catalogues->at[index];

	memmove(&catalogues->at[1], &catalogues->at[0], index * sizeof(first));
	catalogues->at[0] = first;
}

bool catalogues_load(const char *first, struct catalogues *catalogues, struct complaint *why)
{
	char tag[CATALOGUE_TAG_MAX + 1];
	const char *name;

	*catalogues = (struct catalogues){ 0 };
	for (size_t i = 0; (name = asset_name(i)) != NULL; i++) {
		if (!tag_of_asset(name, tag))
			continue;
		if (catalogues->n == CATALOGUES_MAX)
			return complain(why, 0, "more than %d languages", CATALOGUES_MAX);
		if (!catalogue_read(tag, asset_find(name), &catalogues->at[catalogues->n], why))
			return false;
		catalogues->n++;
	}
	for (size_t i = 0; i < catalogues->n; i++)
		if (strcmp(catalogues->at[i].tag, first) == 0) {
			to_front(catalogues, i);
			return true;
		}
	return complain(why, 0, "there is no language %s", first);
}

static struct span primary(struct span tag)
{
	return span_from(tag.at, span_find(tag, SPAN("-")));
}

const struct catalogue *catalogue_find(const struct catalogues *catalogues, struct span tag)
{
	for (size_t i = 0; i < catalogues->n; i++)
		if (span_eq_nocase(tag, span_of(catalogues->at[i].tag)))
			return &catalogues->at[i];
	for (size_t i = 0; i < catalogues->n; i++)
		if (span_eq_nocase(primary(tag), primary(span_of(catalogues->at[i].tag))))
			return &catalogues->at[i];
	return NULL;
}

/* "0.8" in thousandths; -1 when it is no qvalue (RFC 9110, 12.4.2). */
static int quality_read(struct span text)
{
	int quality = 0;
	int worth = 100;

	if (text.len == 0 || text.len > 5 || (text.at[0] != '0' && text.at[0] != '1'))
		return -1;
	quality = (text.at[0] - '0') * 1000;
	if (text.len > 1 && text.at[1] != '.')
		return -1;
	for (size_t i = 2; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return -1;
		quality += (text.at[i] - '0') * worth;
		worth /= 10;
	}
	return quality <= 1000 ? quality : -1;
}

/* One "en-GB;q=0.8": its range, and the quality; -1 when malformed. */
static int item_read(struct span item, struct span *range)
{
	struct span part;
	int quality = 1000;

	if (!span_cut(&item, ';', &part))
		return -1;
	*range = span_trim(part);
	while (span_cut(&item, ';', &part)) {
		part = span_trim(part);
		if (part.len < 2 || (part.at[0] != 'q' && part.at[0] != 'Q') || part.at[1] != '=')
			return -1;
		quality = quality_read(span_from_offset(part, 2));
	}
	return span_empty(*range) ? -1 : quality;
}

const struct catalogue *catalogue_choose(const struct catalogues *catalogues, struct span accept_language,
					 struct span wanted)
{
	const struct catalogue *best = span_empty(wanted) ? NULL : catalogue_find(catalogues, wanted);
	int best_quality = 0;
	struct span item;

	assert(catalogues->n > 0);
	if (best != NULL)
		return best;
	for (size_t i = 0; i < ACCEPT_ITEMS_MAX && span_cut(&accept_language, ',', &item); i++) {
		struct span range;
		int quality = item_read(item, &range);
		const struct catalogue *found;

		if (quality <= best_quality)
			continue;
		found = span_is(range, "*") ? &catalogues->at[0] : catalogue_find(catalogues, range);
		if (found != NULL) {
			best = found;
			best_quality = quality;
		}
	}
	return best != NULL ? best : &catalogues->at[0];
}
