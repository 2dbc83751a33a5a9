/*
 * Which rules match and what they add up to; see score.h.
 *
 * One walk over the scan's hits fills a line per rule, then predicates are
 * asked and the matching rules are added; then what was learned, within its
 * floor; then what other tips say. A word counts only as a whole word
 * where its script has words, and a word that speaks for a tip does not count
 * right behind a negation ("没有看到").
 */
#include "daemon/core/score/score.h"

#include "daemon/base/table.h"

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
	bool holds; /* the rule counts */
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

/* The term of a hit that counts as a word; NULL: none. */
static const struct rule_term *term_of(const struct rules *rules, struct span text,
				       const struct scan_hit *hit)
{
	const struct rule_term *term = hit->family == SCAN_TERM ? rules_term(rules, hit->meaning) : NULL;

	return term != NULL && whole_word(text, hit, term->open_end) ? term : NULL;
}

/* Longer words in which a rule's words mean something else. Beyond the room words count once more. */
#define EXCEPTIONS_MAX 32

struct exceptions {
	struct {
		uint16_t rule;
		uint32_t from, to;
	} at[EXCEPTIONS_MAX];
	size_t n;
};

static void find_exceptions(const struct rules *rules, const struct score_input *in, struct exceptions *out)
{
	out->n = 0;
	for (const struct scan_hit *hit = in->hits->at;
	     hit < in->hits->at + in->hits->n && out->n < EXCEPTIONS_MAX; hit++) {
		const struct rule_term *term = term_of(rules, in->text->text, hit);

		if (term == NULL || term->group != RULE_GROUP_EXCEPT)
			continue;
		out->at[out->n].rule = term->rule;
		out->at[out->n].from = hit->from;
		out->at[out->n++].to = hit->to;
	}
}

static bool excepted(const struct exceptions *exceptions, uint16_t rule, const struct scan_hit *hit)
{
	for (size_t i = 0; i < exceptions->n; i++)
		if (exceptions->at[i].rule == rule && exceptions->at[i].from <= hit->from &&
		    exceptions->at[i].to >= hit->to)
			return true;
	return false;
}

static void read_hits(const struct rules *rules, const struct score_input *in, struct line *lines)
{
	struct span text = in->text->text;
	struct exceptions exceptions;

	find_exceptions(rules, in, &exceptions);
	for (const struct scan_hit *hit = in->hits->at; hit < in->hits->at + in->hits->n; hit++) {
		const struct rule_term *term = term_of(rules, text, hit);
		const struct rule *rule;

		if (term == NULL || term->group == RULE_GROUP_EXCEPT)
			continue;
		rule = rules_at(rules, term->rule);
		if (excepted(&exceptions, term->rule, hit) || (rule->points > 0 && negated(text, hit->from)))
			continue;
		line_note(&lines[term->rule], rule, term->group, text, hit);
	}
}

/* A campaign holds for its days and its region; a place that is named beside the event's counts too. */
static bool in_force(const struct rule *rule, const struct score_input *in)
{
	if (in->tip->received_ms < rule->from_ms ||
	    (rule->until_ms != 0 && in->tip->received_ms >= rule->until_ms))
		return false;
	if (span_starts(span_of(in->route->code), rule->region))
		return true;
	for (size_t i = 0; i < in->route->nrelated; i++)
		if (span_starts(span_of(in->route->related[i]), rule->region))
			return true;
	return false;
}

/* The rules named in `with` stand before this one and are settled. */
static bool company_holds(const struct rule *rule, const struct line *lines)
{
	for (size_t i = 0; i < rule->nwith; i++)
		if (!lines[rule->with[i]].holds)
			return false;
	return true;
}

static bool rule_matches(const struct rule *rule, const struct score_input *in, const struct line *lines,
			 struct line *line)
{
	if (line->taken_back || (rule->groups > 0 && !line->matched) || !company_holds(rule, lines) ||
	    (rule->campaign && !in_force(rule, in)))
		return false;
	return rule->when == NULL ||
	       rule->when->holds(in, rule->when_value,
				 rule->groups == 0 ? &line->evidence : &(struct span){ 0 });
}

/* --- the sum ------------------------------------------------------------------------------------ */

/* Keeps the reasons of largest effect, in order; equals keep the order they came in. */
static void reason_add(struct score *out, const struct rule *rule, int points, struct span evidence)
{
	size_t at = out->nreasons;

	while (at > 0 && abs(out->reasons[at - 1].points) < abs(points))
		at--;
	if (at == SCORE_REASONS_MAX)
		return;
	if (out->nreasons < SCORE_REASONS_MAX)
		out->nreasons++;
	memmove(out->reasons + at + 1, out->reasons + at, (out->nreasons - 1 - at) * sizeof(*out->reasons));
	out->reasons[at] = (struct score_reason){ .rule = rule, .points = points, .evidence = evidence };
}

static unsigned clamp(int sum)
{
	if (sum < 0)
		return 0;
	return sum > SCORE_MAX ? SCORE_MAX : (unsigned)sum;
}

static bool about_others(const struct rule *rule)
{
	return rule->when != NULL && rule->when->context;
}

/* What the rules say, those of the context apart. */
struct sums {
	int text;
	int context;
	bool kept; /* a rule matched that keeps the tip from sinking by what was learned */
};

static void sum_rules(const struct rules *rules, const struct score_input *in, struct sums *sums,
		      struct score *out)
{
	struct line lines[RULES_MAX];
	size_t n = rules_count(rules);

	memset(lines, 0, n * sizeof(*lines));
	read_hits(rules, in, lines);
	for (size_t i = 0; i < n; i++) {
		const struct rule *rule = rules_at(rules, i);

		lines[i].holds = rule_matches(rule, in, lines, &lines[i]);
		if (!lines[i].holds)
			continue;
		*(about_others(rule) ? &sums->context : &sums->text) += rule->points;
		sums->kept |= rule->keep;
		reason_add(out, rule, rule->points, lines[i].evidence);
	}
}

/* --- what was learned --------------------------------------------------------------------------- */

static const struct rule learned_up = {
	.name = SPAN_INIT(SCORE_LEARNED),
	.reason_zh = SPAN_INIT("写法与以往有用的线索相似（由办理结果学得）"),
	.reason_en = SPAN_INIT("worded like earlier tips that were of use (learned from outcomes)"),
};

static const struct rule learned_down = {
	.name = SPAN_INIT(SCORE_LEARNED),
	.reason_zh = SPAN_INIT("写法与以往的垃圾信息、恶作剧相似（由办理结果学得）"),
	.reason_en = SPAN_INIT("worded like earlier junk and pranks (learned from outcomes)"),
};

#define ADULT_YEARS 18

static bool kept_up(const struct score_input *in, const struct sums *sums)
{
	return sums->kept || predicate_age_below(in, ADULT_YEARS) || predicate_exact_entity(in) ||
	       predicate_place_named(in, REGION_COUNTY);
}

/* The points learned, as far as they may sink this tip. */
static int learned_points(const struct score_input *in, const struct sums *sums, unsigned points)
{
	int room = (int)points - (int)bands[PRIORITY_STANDARD].least;

	if (in->learned >= 0 || !kept_up(in, sums) || in->learned >= -room)
		return in->learned;
	return room > 0 ? -room : 0;
}

static void add_learned(const struct score_input *in, const struct sums *sums, struct score *out)
{
	int points = learned_points(in, sums, out->points);

	if (points == 0)
		return;
	out->points = clamp((int)out->points + points);
	reason_add(out, points > 0 ? &learned_up : &learned_down, points, (struct span){ 0 });
}

void score_tip(const struct rules *rules, const struct score_input *in, struct score *out)
{
	struct sums sums = { .text = SCORE_BASE };

	out->nreasons = 0;
	sum_rules(rules, in, &sums, out);
	out->points = clamp(sums.text);
	add_learned(in, &sums, out);
	out->points = clamp((int)out->points + sums.context);
	out->priority = priority_of(out->points);
}

unsigned score_with_context(const struct rules *rules, const struct score_context *context, unsigned points,
			    const struct rule *matched[], size_t max, size_t *nmatched)
{
	const struct score_input in = { .context = context };
	int sum = (int)points;

	*nmatched = 0;
	for (size_t i = 0; i < rules_count(rules); i++) {
		const struct rule *rule = rules_at(rules, i);

		if (!about_others(rule) || !rule->when->holds(&in, rule->when_value, &(struct span){ 0 }))
			continue;
		sum += rule->points;
		if (*nmatched < max)
			matched[(*nmatched)++] = rule;
	}
	return clamp(sum);
}
