/*
 * The predicates; see predicate.h.
 */
#include "daemon/core/score/predicate.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/score/score.h"

#include <stdlib.h>

/* --- values as written in a file ---------------------------------------------------------------- */

static bool read_number(struct span written, int64_t *value)
{
	uint64_t number;

	if (!span_u64(written, &number) || number > 1000000)
		return false;
	*value = (int64_t)number;
	return true;
}

static bool read_kind(struct span written, int64_t *value)
{
	for (*value = 0; *value < ENTITY_KINDS; ++*value)
		if (span_is(written, entity_kind_name((enum entity_kind) * value)))
			return true;
	return false;
}

static bool read_level(struct span written, int64_t *value)
{
	static const struct span names[] = {
		[REGION_NATION] = SPAN_INIT("nation"),
		[REGION_PROVINCE] = SPAN_INIT("province"),
		[REGION_PREFECTURE] = SPAN_INIT("prefecture"),
		[REGION_COUNTY] = SPAN_INIT("county"),
	};

	for (*value = REGION_PROVINCE; *value <= REGION_COUNTY; ++*value)
		if (span_eq(written, names[*value]))
			return true;
	return false;
}

/* One of the form's values; the number is its place in this list. */
static const struct span categories[] = {
	SPAN_INIT("child"),
	SPAN_INIT("woman"),
	SPAN_INIT("missing"),
	SPAN_INIT("other"),
};

static bool read_category(struct span written, int64_t *value)
{
	for (*value = 0; *value < (int64_t)COUNT_OF(categories); ++*value)
		if (span_eq(written, categories[*value]))
			return true;
	return false;
}

/* --- what the tip says -------------------------------------------------------------------------- */

static struct span words_of(const struct score_input *in, const struct entity *entity)
{
	return span_from(in->text->text.at + entity->from, entity->to - entity->from);
}

static bool has_entity(const struct score_input *in, int64_t kind, struct span *evidence)
{
	for (size_t i = 0; i < in->entities->n; i++)
		if ((int64_t)in->entities->at[i].kind == kind) {
			*evidence = words_of(in, &in->entities->at[i]);
			return true;
		}
	return false;
}

static bool has_age_below(const struct score_input *in, int64_t years, struct span *evidence)
{
	for (size_t i = 0; i < in->entities->n; i++) {
		const struct entity *entity = &in->entities->at[i];

		if (entity->kind == ENTITY_AGE && strtol(entity->value, NULL, 10) < years) {
			*evidence = words_of(in, entity);
			return true;
		}
	}
	return false;
}

static bool names_place(const struct score_input *in, int64_t level, struct span *evidence)
{
	bool named = in->route->reason == ROUTE_BY_TEXT || in->route->reason == ROUTE_BY_PLACE ||
		     in->route->reason == ROUTE_BY_PARENT;

	if (!named || (int64_t)in->route->level < level)
		return false;
	*evidence = in->route->evidence;
	return true;
}

#define UTF8_BYTES_MAX 4

/* How many characters, as far as it matters: counting stops at `most`. */
static int64_t characters_up_to(struct span text, int64_t most)
{
	int64_t n = 0;

	if ((int64_t)text.len >= most * UTF8_BYTES_MAX)
		return most;
	for (size_t i = 0; i < text.len && n < most; i++)
		n += !utf8_continues(text.at[i]);
	return n;
}

static bool shorter_than(const struct score_input *in, int64_t length, struct span *evidence)
{
	(void)evidence;
	return characters_up_to(in->text->text, length) < length;
}

static bool longer_than(const struct score_input *in, int64_t length, struct span *evidence)
{
	(void)evidence;
	return characters_up_to(in->text->text, length + 1) > length;
}

#define DIFFERENT_MAX 32

static bool read_few(struct span written, int64_t *value)
{
	return read_number(written, value) && *value <= DIFFERENT_MAX;
}

/* "啊啊啊啊啊", "1111111": a hand on one key. Stops as soon as there are enough. */
static bool fewer_different(const struct score_input *in, int64_t least, struct span *evidence)
{
	struct span text = in->text->text;
	uint32_t seen[DIFFERENT_MAX];
	int64_t n = 0;
	size_t length;

	(void)evidence;
	for (size_t at = 0; at < text.len && n < least; at += length) {
		uint32_t c = utf8_at(text, at, &length);
		int64_t i = 0;

		while (i < n && seen[i] != c)
			i++;
		if (i == n)
			seen[n++] = c;
	}
	return n < least;
}

static bool is_category(const struct score_input *in, int64_t category, struct span *evidence)
{
	(void)evidence;
	return span_eq(in->tip->category, categories[category]);
}

/* --- what other tips say ------------------------------------------------------------------------ */

static bool read_count(struct span written, int64_t *value)
{
	return read_number(written, value) && *value > 0;
}

static bool told_by_others(const struct score_input *in, int64_t least, struct span *evidence)
{
	(void)evidence;
	return in->context != NULL && in->context->others >= least;
}

static bool copied(const struct score_input *in, int64_t least, struct span *evidence)
{
	(void)evidence;
	return in->context != NULL && in->context->copies >= least;
}

static bool sender_was_right(const struct score_input *in, int64_t least, struct span *evidence)
{
	(void)evidence;
	return in->context != NULL && in->context->verified >= least;
}

static bool sender_was_wrong(const struct score_input *in, int64_t least, struct span *evidence)
{
	(void)evidence;
	return in->context != NULL && in->context->unfounded >= least;
}

static bool sender_played(const struct score_input *in, int64_t least, struct span *evidence)
{
	(void)evidence;
	return in->context != NULL && in->context->pranks >= least;
}

/* --- the table ---------------------------------------------------------------------------------- */

static const struct predicate predicates[] = {
	{ .name = "entity",
	  .expects = "plate, phone, id_number, bank_card, account, age or time",
	  .read = read_kind,
	  .holds = has_entity },
	{ .name = "age_below", .expects = "a number of years", .read = read_number, .holds = has_age_below },
	{ .name = "place_named",
	  .expects = "province, prefecture or county",
	  .read = read_level,
	  .holds = names_place },
	{ .name = "shorter_than",
	  .expects = "a number of characters",
	  .read = read_number,
	  .holds = shorter_than },
	{ .name = "longer_than",
	  .expects = "a number of characters",
	  .read = read_number,
	  .holds = longer_than },
	{ .name = "fewer_different",
	  .expects = "a number of characters up to 32",
	  .read = read_few,
	  .holds = fewer_different },
	{ .name = "category",
	  .expects = "child, woman, missing or other",
	  .read = read_category,
	  .holds = is_category },
	{ .name = "others",
	  .expects = "a number of people from 1 on",
	  .read = read_count,
	  .holds = told_by_others,
	  .context = true },
	{ .name = "copies",
	  .expects = "a number of copies from 1 on",
	  .read = read_count,
	  .holds = copied,
	  .context = true },
	{ .name = "sender_verified",
	  .expects = "a number of tips from 1 on",
	  .read = read_count,
	  .holds = sender_was_right,
	  .context = true },
	{ .name = "sender_unfounded",
	  .expects = "a number of tips from 1 on",
	  .read = read_count,
	  .holds = sender_was_wrong,
	  .context = true },
	{ .name = "sender_pranks",
	  .expects = "a number of tips from 1 on",
	  .read = read_count,
	  .holds = sender_played,
	  .context = true },
};

const struct predicate *predicate_find(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(predicates); i++)
		if (span_is(name, predicates[i].name))
			return &predicates[i];
	return NULL;
}

/* --- for core/score/score.c --------------------------------------------------------------------------- */

bool predicate_exact_entity(const struct score_input *in)
{
	static const bool exact[ENTITY_KINDS] = {
		[ENTITY_PLATE] = true,     [ENTITY_PHONE] = true,   [ENTITY_ID_NUMBER] = true,
		[ENTITY_BANK_CARD] = true, [ENTITY_ACCOUNT] = true,
	};

	for (size_t i = 0; i < in->entities->n; i++)
		if (exact[in->entities->at[i].kind])
			return true;
	return false;
}

bool predicate_age_below(const struct score_input *in, int64_t years)
{
	return has_age_below(in, years, &(struct span){ 0 });
}

bool predicate_place_named(const struct score_input *in, enum region_level level)
{
	return names_place(in, (int64_t)level, &(struct span){ 0 });
}
