/*
 * One wrong character; see misspelt.h.
 */
#include "daemon/core/text/misspelt.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/text/mention.h"

#define NAME_MIN 9 /* bytes: of a shorter name too little is left */

/* True when the text at `at` is the name but for one character that is not its last. */
static bool almost(struct span text, size_t at, struct span name, size_t *end)
{
	int wrong = 0;
	size_t i = 0;

	while (i < name.len) {
		size_t in_name;
		size_t in_text;
		uint32_t expected = utf8_at(name, i, &in_name);
		uint32_t found = at < text.len ? utf8_at(text, at, &in_text) : 0;

		if (found < 0x80 || (found != expected && (wrong++ > 0 || i + in_name == name.len)))
			return false;
		i += in_name;
		at += in_text;
	}
	*end = at;
	return wrong == 1;
}

/* True when the text at `at` is the name with one character left out that is not its last: 雨花(台)区. */
static bool shortened(struct span text, size_t at, struct span name, size_t *end)
{
	size_t i = 0;
	size_t missing = 0;
	size_t in_name;
	size_t in_text;

	while (i < name.len) {
		uint32_t expected = utf8_at(name, i, &in_name);

		if (at < text.len && utf8_at(text, at, &in_text) == expected)
			at += in_text;
		else if (missing++ > 0 || i + in_name == name.len)
			return false;
		i += in_name;
	}
	*end = at;
	return missing == 1;
}

/* How a name may be wrong, at which level, and the bytes it must have for that. */
struct flaw {
	bool (*fits)(struct span text, size_t at, struct span name, size_t *end);
	enum region_level level;
	size_t min;
};

/* The only division beneath `above` whose name stands at `from` but for the flaw. */
static struct misspelt_match only_one(const struct gazetteer *gazetteer, struct span text, size_t from,
				      const struct region *above, const struct flaw *flaw)
{
	struct misspelt_match found = { 0 };
	uint32_t first = (uint32_t)(above - gazetteer_at(gazetteer, 0)) + 1;

	for (uint32_t i = first; i < gazetteer_count(gazetteer); i++) {
		const struct region *r = gazetteer_at(gazetteer, i);
		size_t end;

		if (!region_lies_within(r, above))
			break;
		if (r->level != flaw->level || r->name.len < flaw->min ||
		    !flaw->fits(text, from, r->name, &end))
			continue;
		if (found.region != NULL)
			return (struct misspelt_match){ 0 };
		found = (struct misspelt_match){ r, end };
	}
	return found;
}

static size_t skip_separators(struct span text, size_t at)
{
	size_t len;

	while ((len = mention_separator(text, at)) > 0)
		at += len;
	return at;
}

struct misspelt_match misspelt_child(const struct gazetteer *gazetteer, struct span text, size_t from,
				     const struct region *above)
{
	struct misspelt_match found = { 0 };

	static const struct flaw flaws[] = {
		{ .fits = almost, .level = REGION_COUNTY, .min = NAME_MIN },
		{ .fits = shortened, .level = REGION_COUNTY, .min = NAME_MIN + 3 },
		{ .fits = almost, .level = REGION_PREFECTURE, .min = NAME_MIN },
	};

	from = skip_separators(text, from);
	if (from >= text.len || (unsigned char)text.at[from] < 0xE0)
		return found;
	for (size_t i = 0; i < COUNT_OF(flaws); i++) {
		found = only_one(gazetteer, text, from, above, &flaws[i]);
		if (found.region != NULL)
			return found;
	}
	return found;
}

const struct region *misspelt_parent(const struct gazetteer *gazetteer, struct span text, size_t before,
				     const struct region *const *of, size_t n)
{
	const struct region *one = NULL;

	for (size_t i = 0; i < n; i++) {
		struct span name = gazetteer_at(gazetteer, of[i]->parent)->name;
		size_t end;

		if (name.len < NAME_MIN || name.len > before || !almost(text, before - name.len, name, &end))
			continue;
		if (one != NULL)
			return NULL;
		one = of[i];
	}
	return one;
}
