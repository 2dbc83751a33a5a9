/*
 * Which rules match and what they add up to; see score.h.
 *
 * One walk over the scan's hits fills a line per rule, then predicates are
 * asked and the matching rules are added. A word counts only as a whole word
 * where its script has words, and a word that speaks for a tip does not count
 * right behind a negation ("没有看到").
 */
#include "daemon/core/score.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

#include <assert.h>
#include <stdlib.h>

static const struct band {
	unsigned least;
	const char *name;
} bands[] = {
	[PRIORITY_IMMEDIATE] = { .least = 75, .name = "immediate" },
	[PRIORITY_URGENT] = { .least = 55, .name = "urgent" },
	[PRIORITY_STANDARD] = { .least = 25, .name = "standard" },
	[PRIORITY_LOW] = { .least = 0, .name = "low" },
};

const char *priority_name(enum priority priority)
{
	assert(priority < COUNT_OF(bands));
	return bands[priority].name;
}

enum priority priority_of(unsigned points)
{
	enum priority priority = PRIORITY_IMMEDIATE;

	while (points < bands[priority].least)
		priority++;
	return priority;
}

/* --- words ---------------------------------------------------------------------------- */

static bool word_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

/* Latin words and numbers count whole: "cage" is not in "package". Han has no such bounds. */
static bool whole_word(struct span text, const struct scan_hit *hit, bool open_end)
{
	if (hit->from > 0 && word_char(text.at[hit->from]) && word_char(text.at[hit->from - 1]))
		return false;
	return open_end || hit->to >= text.len || !word_char(text.at[hit->to]) ||
	       !word_char(text.at[hit->to - 1]);
}

static bool ends_with(struct span text, struct span end)
{
	/* The last byte first: it settles nearly all. */
	return text.len >= end.len && text.at[text.len - 1] == end.at[end.len - 1] &&
	       memcmp(text.at + text.len - end.len, end.at, end.len) == 0;
}

/*
 * True when a negation stands right before `at`. Questions ("有没有", "是不是",
 * "要不") deny nothing. Negations farther off are not understood, on purpose:
 * a rule that counts too much is seen by an officer, one that counts too
 * little is not.
 */
static bool negated(struct span text, uint32_t at)
{
	static const struct span questions[] = {
		SPAN_INIT("有没有"),
		SPAN_INIT("是不是"),
		SPAN_INIT("会不会"),
		SPAN_INIT("要不"),
	};
	static const struct span negations[] = {
		SPAN_INIT("没有"),    SPAN_INIT("没"),     SPAN_INIT("不是"),   SPAN_INIT("不"),
		SPAN_INIT("并非"),    SPAN_INIT("未"),     SPAN_INIT("无"),     SPAN_INIT("没有人"),
		SPAN_INIT("没人"),    SPAN_INIT("not"),    SPAN_INIT("no"),     SPAN_INIT("n't"),
		SPAN_INIT("never"),   SPAN_INIT("nobody"), SPAN_INIT("no one"), SPAN_INIT("not a"),
		SPAN_INIT("not any"),
	};
	struct span before = span_trim(span_from(text.at, at));

	for (size_t i = 0; i < COUNT_OF(questions); i++)
		if (ends_with(before, questions[i]))
			return false;
	for (size_t i = 0; i < COUNT_OF(negations); i++)
		if (ends_with(before, negations[i])) {
			size_t from = before.len - negations[i].len;

			return from == 0 || !word_char(before.at[from]) || !word_char(before.at[from - 1]) ||
			       negations[i].at[1] == '\'';
		}
	return false;
}

/* --- what the hits say of each rule -------------------------------------------------------- */

struct line {
	bool matched;                   /* all groups of words are met */
	bool taken_back;                /* a word of 'unless' stands there */
	uint8_t met;                    /* a bit per group */
	uint32_t last[RULE_GROUPS_MAX]; /* where the group's last word starts */
	struct span evidence;
};

/* True when the last words of all groups lie close enough, the newest ending at `to`. */
static bool close_enough(const struct rule *rule, const struct line *line, uint32_t to)
{
	for (unsigned group = 0; rule->within > 0 && group < rule->groups; group++)
		if (to - line->last[group] > rule->within)
			return false;
	return true;
}

static void line_note(struct line *line, const struct rule *rule, unsigned group, struct span text,
		      const struct scan_hit *hit)
{
	if (group == RULE_GROUP_UNLESS) {
		line->taken_back = true;
		return;
	}
	if (line->matched)
		return;
	line->met |= (uint8_t)(1u << group);
	line->last[group] = hit->from;
	if (group == 0)
		line->evidence = span_from(text.at + hit->from, hit->to - hit->from);
	line->matched = line->met == (1u << rule->groups) - 1 && close_enough(rule, line, hit->to);
}

static void read_hits(const struct rules *rules, const struct score_input *in, struct line *lines)
{
	struct span text = in->text->text;

	for (const struct scan_hit *hit = in->hits->at; hit < in->hits->at + in->hits->n; hit++) {
		const struct rule_term *term =
			hit->family == SCAN_TERM ? rules_term(rules, hit->meaning) : NULL;
		const struct rule *rule;

		if (term == NULL || !whole_word(text, hit, term->open_end))
			continue;
		rule = rules_at(rules, term->rule);
		if (rule->points > 0 && negated(text, hit->from))
			continue;
		line_note(&lines[term->rule], rule, term->group, text, hit);
	}
}

static bool rule_matches(const struct rule *rule, const struct score_input *in, struct line *line)
{
	if (line->taken_back || (rule->groups > 0 && !line->matched))
		return false;
	return rule->when == NULL ||
	       rule->when->holds(in, rule->when_value,
				 rule->groups == 0 ? &line->evidence : &(struct span){ 0 });
}

/* --- the sum ------------------------------------------------------------------------------------ */

/* Keeps the reasons of largest effect, in order; equals keep the order they came in. */
static void reason_add(struct score *out, const struct rule *rule, struct span evidence)
{
	size_t at = out->nreasons;

	while (at > 0 && abs(out->reasons[at - 1].points) < abs(rule->points))
		at--;
	if (at == SCORE_REASONS_MAX)
		return;
	if (out->nreasons < SCORE_REASONS_MAX)
		out->nreasons++;
	memmove(out->reasons + at + 1, out->reasons + at, (out->nreasons - 1 - at) * sizeof(*out->reasons));
	out->reasons[at] =
		(struct score_reason){ .rule = rule, .points = rule->points, .evidence = evidence };
}

static unsigned clamp(int sum)
{
	if (sum < 0)
		return 0;
	return sum > SCORE_MAX ? SCORE_MAX : (unsigned)sum;
}

void score_tip(const struct rules *rules, const struct score_input *in, struct score *out)
{
	struct line lines[RULES_MAX];
	size_t n = rules_count(rules);
	int sum = SCORE_BASE;

	memset(lines, 0, n * sizeof(*lines));
	read_hits(rules, in, lines);
	out->nreasons = 0;
	for (size_t i = 0; i < n; i++) {
		const struct rule *rule = rules_at(rules, i);

		if (!rule_matches(rule, in, &lines[i]))
			continue;
		sum += rule->points;
		reason_add(out, rule, lines[i].evidence);
	}
	out->points = clamp(sum);
	out->priority = priority_of(out->points);
}

/* --- predicates --------------------------------------------------------------------------------- */

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

/* The informant named it; a region chosen from the list says less and does not count. */
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
};

const struct predicate *predicate_find(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(predicates); i++)
		if (span_is(name, predicates[i].name))
			return &predicates[i];
	return NULL;
}
