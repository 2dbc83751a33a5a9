/*
 * Worth of names; see worth.h.
 */
#include "daemon/core/text/worth.h"

#include "daemon/base/table.h"

#define HAN 3 /* bytes of a common Han character */

static int worth_of_full(const struct region *region)
{
	static const int by_level[] = {
		[REGION_NATION] = 0,
		[REGION_PROVINCE] = 8,
		[REGION_PREFECTURE] = 9,
		[REGION_COUNTY] = 10,
	};

	return region->ordinary ? 3 : by_level[region->level];
}

/* "鹿泉市" for what is a district now is no mistake; "本溪县" is not the city. */
static bool han_kind_fits(const struct region *region, struct span words)
{
	return words.len < HAN || region->name.len < HAN ||
	       memcmp(words.at + words.len - HAN, region->name.at + region->name.len - HAN, HAN) == 0;
}

static int worth_of_kind(const struct region *region, struct span words)
{
	if (han_kind_fits(region, words))
		return 8;
	return region->level == REGION_COUNTY ? 6 : 5;
}

static int worth_of_short(const struct region *region, enum mention_form form, struct span words)
{
	static const int bare[] = {
		[REGION_NATION] = 0,
		[REGION_PROVINCE] = 9,
		[REGION_PREFECTURE] = 6,
		[REGION_COUNTY] = 3,
	};
	bool distinct = region->level == REGION_COUNTY && region_short_name(region).len > 6;

	switch (form) {
	case FORM_KIND:
		return worth_of_kind(region, words);
	case FORM_TOWN:
		return region->level == REGION_COUNTY ? 1 : 2;
	case FORM_BARE:
		break;
	}
	return distinct ? 5 : bare[region->level];
}

/* True when the English kind word at the end is the one for the last character of the region's name. */
static bool kind_fits(const struct region *region, struct span words)
{
	static const struct {
		const char *english;
		const char *han;
	} kinds[] = { { "district", "区" }, { "county", "县" }, { "city", "市" }, { "banner", "旗" },
		      { "xian", "县" },     { "qu", "区" },     { "shi", "市" } };
	struct span last = span_from_offset(region->name, region->name.len - 3);

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		size_t len = strlen(kinds[i].english);

		if (words.len > len && span_is(span_from_offset(words, words.len - len), kinds[i].english))
			return span_is(last, kinds[i].han);
	}
	return true;
}

/* "She" is no 歙县, "long" no 陇县: the syllable of a name that is never used without its kind. */
static bool one_syllable(const struct region *region, struct span name)
{
	return region->level == REGION_COUNTY && region->name.len == 2 * HAN && name.len <= 6 &&
	       span_eq(region->name, region_short_name(region)) && span_find(name, SPAN("xian")) == name.len;
}

static int worth_of_latin(const struct region *region, struct span name, enum mention_form form,
			  struct span words)
{
	if (form == FORM_KIND && region->level == REGION_COUNTY)
		return kind_fits(region, words) ? 10 : 7;
	if (form != FORM_KIND && one_syllable(region, name))
		return WORTH_NONE;
	if (form == FORM_KIND)
		return 7;
	if (region->level == REGION_COUNTY)
		return name.len < 4 ? WORTH_NONE : 2;
	return name.len < 4 ? 3 : 7;
}

int worth_of_name(const struct gazetteer_name *name, const struct region *region, enum mention_form form,
		  struct span words)
{
	switch (name->kind) {
	case NAME_FULL:
		return worth_of_full(region);
	case NAME_SHORT:
		return worth_of_short(region, form, words);
	case NAME_COMMON:
		return form == FORM_BARE ? WORTH_COMMON : worth_of_short(region, form, words);
	case NAME_LATIN:
		return worth_of_latin(region, name->text, form, words);
	case NAME_ALIAS:
	case NAME_OLD:
		return 7;
	case NAME_ZONE:
		return 5;
	case NAME_WORD:
		break;
	}
	return WORTH_NONE;
}
