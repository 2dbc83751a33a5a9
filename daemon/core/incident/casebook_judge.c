/*
 * Decisions: what a new tip is to those before it, and what the first tip of
 * an incident is worth by it.
 */
#include "daemon/core/incident/casebook_inside.h"

#include <assert.h>

/* A shared plate or number is no measure of likeness; it is near certain. */
#define KEY_PERCENT 95
#define FAR_KEY_PERCENT 50

struct casebook_decision *decision_add(struct casebook *book, struct casebook_decisions *out,
				       enum casebook_kind kind, uint32_t text, uint32_t other)
{
	struct casebook_decision *decision = &out->at[out->n++];
	struct tip_facts facts = tip_facts(book, text);

	assert(out->n <= CASEBOOK_DECISIONS_MAX);
	*decision = (struct casebook_decision){ .kind = kind, .received_ms = facts.received_ms };
	tip_name(&facts, &decision->id);
	if (other == 0)
		return decision;
	facts = tip_facts(book, other);
	tip_name(&facts, &decision->other);
	decision->other_ms = facts.received_ms;
	return decision;
}

/* --- what it is to others ---------------------------------------------------------------------------- */

/* What the words and the keys of a text say about where it belongs. */
struct finding {
	uint32_t mate; /* a text of the incident it belongs to, or 0 */
	uint32_t ally; /* a text of one it may belong to, or 0 */
	bool copy;
	const char *why;
	unsigned percent;
};

static unsigned percent_of(double share)
{
	return share >= 1 ? 100 : share > 0 ? (unsigned)(share * 100 + 0.5) : 0;
}

/* A held text of a group of reports; 0 when all that it knows of have left or are elsewhere by now. */
static uint32_t text_of(const struct casebook *book, uint32_t group, uint32_t latest)
{
	if (tip_held(book, latest) && link_group(book->link, latest) == group)
		return latest;
	return tip_held(book, group) && link_group(book->link, group) == group ? group : 0;
}

static void find_by_matter(struct casebook *book, const struct report *report, struct finding *out)
{
	struct report_judgement matter;
	uint32_t text;

	reports_judge(book->reports, report, &report_policy_default, &matter);
	if (matter.kind == REPORT_NEW)
		return;
	text = text_of(book, matter.group, matter.text);
	if (matter.kind == REPORT_JOIN) {
		out->mate = text;
		out->why = entity_kind_name(matter.key);
		out->percent = KEY_PERCENT;
	} else if (matter.likeness > 0) {
		out->ally = text;
		out->why = matter.same_place ? "place,wording" : "wording";
		out->percent = percent_of(matter.likeness);
	} else {
		out->ally = text;
		out->why = entity_kind_name(matter.key);
		out->percent = FAR_KEY_PERCENT;
	}
}

/*
 * The words of an incident about something else, and yet a plate or number of it:
 * an officer has made one incident of two cases, or both are the same person's. He decides.
 */
static void find_by_key_alone(struct casebook *book, struct report *report, struct finding *out)
{
	struct report_judgement matter;
	uint32_t not_group = report->not_group;

	report->not_group = 0;
	reports_judge(book->reports, report, &report_policy_default, &matter);
	report->not_group = not_group;
	if (matter.kind != REPORT_JOIN)
		return;
	out->ally = text_of(book, matter.group, matter.text);
	out->why = entity_kind_name(matter.key);
	out->percent = FAR_KEY_PERCENT;
}

static struct finding find(struct casebook *book, struct report *report)
{
	struct incident_judgement words;
	struct finding found = { .mate = 0 };

	incident_judge(book->link, &report->fingerprint->feature, &incident_policy_default, &words);
	if (words.kind == INCIDENT_COPY)
		return (struct finding){
			.mate = words.text, .copy = true, .why = "copy", .percent = percent_of(words.score)
		};
	report->not_group = words.kind == INCIDENT_TWIN ? words.group : 0;
	find_by_matter(book, report, &found);
	if (report->not_group != 0 && found.mate == 0 && found.ally == 0)
		find_by_key_alone(book, report, &found);
	return found;
}

/* The younger of both hangs under the older. */
static void link_tip(struct casebook *book, uint32_t text, const struct finding *found,
		     struct casebook_decisions *out)
{
	uint32_t root = tip_root(book, found->mate);
	bool first = tip_older(book, text, root);
	struct casebook_decision *decision = decision_add(book, out, CASEBOOK_LINK, first ? root : text,
							  first ? text : root);

	decision->why = found->why;
	decision->score = found->percent;
	book->figures.links++;
	tree_hang_new(book, first ? root : text, first ? text : root, found->copy);
	if (first)
		counts_make(book, link_group(book->link, text))->points = NOT_TOLD;
}

static void suggest(struct casebook *book, uint32_t text, uint32_t ally, const char *why, unsigned percent,
		    struct casebook_decisions *out)
{
	uint32_t root = tip_root(book, text), other = tip_root(book, ally);
	struct casebook_decision *decision;
	bool first;

	if (link_group(book->link, text) == link_group(book->link, ally) || pair_declined(book, text, ally) ||
	    !pair_suggest(book, text, ally))
		return;
	first = tip_older(book, root, other);
	decision = decision_add(book, out, CASEBOOK_SUGGEST, first ? other : root, first ? root : other);
	decision->why = why;
	decision->score = percent;
	book->figures.suggestions++;
}

/* Another incident has become like this one by the new tip. */
static void suggest_alike(struct casebook *book, uint32_t text, uint32_t alike, uint32_t not_group,
			  struct casebook_decisions *out)
{
	uint32_t ally = alike != 0 && alike != not_group ? text_of(book, alike, reports_text(book->reports, alike))
							  : 0;

	if (ally != 0)
		suggest(book, text, ally, "wording", percent_of(report_policy_default.merge_from), out);
}

/* --- what it is worth ----------------------------------------------------------------------------- */

static void know_sender(const struct casebook *book, uint32_t text, const struct tip_facts *facts,
			struct score_context *context)
{
	const struct sender *sender = sender_of(book, text, facts);

	if (sender == NULL)
		return;
	context->verified = sender->ended[END_VERIFIED];
	context->unfounded = sender->ended[END_UNFOUNDED];
	context->pranks = sender->ended[END_PRANK];
}

static void tell_points(struct casebook *book, uint32_t text, struct incident_counts *counts,
			struct casebook_decisions *out)
{
	struct tip_facts facts = tip_facts(book, text);
	struct casebook_decision score = { .kind = CASEBOOK_SCORE };
	struct casebook_decision *decision;
	unsigned told = counts != NULL && counts->points != NOT_TOLD ? counts->points : facts.points;

	if (facts.away)
		return;
	know_sender(book, text, &facts, &score.context);
	score.context.others = counts != NULL ? counts->others : 0;
	score.context.copies = counts != NULL ? counts->copies : 0;
	score.points = score_with_context(book->rules, &score.context, facts.points, score.rules,
					  CASEBOOK_RULES_MAX, &score.nrules);
	if (score.points == told)
		return;
	decision = decision_add(book, out, CASEBOOK_SCORE, text, 0);
	score.id = decision->id;
	score.received_ms = decision->received_ms;
	*decision = score;
	book->figures.scores++;
	if (counts != NULL)
		counts->points = (uint8_t)score.points;
}

void judge_points(struct casebook *book, uint32_t text, struct casebook_decisions *out)
{
	uint32_t root = tip_root(book, text);

	tell_points(book, root, counts_find(book, link_group(book->link, root)), out);
}

/* --- a new tip ----------------------------------------------------------------------------------- */

uint32_t casebook_judge(struct casebook *book, struct report *report, struct tip_facts *facts, uint64_t sender,
		   struct casebook_decisions *out)
{
	struct finding found = find(book, report);
	uint32_t text =
		link_insert(book->link, &report->fingerprint->feature, facts->received_ms, found.mate);
	uint32_t alike;

	facts->sender = sender != 0 ? sender_take(book, sender, text) : 0;
	tip_add(book, text, facts);
	report->text = text;
	alike = reports_add(book->reports, report, link_group(book->link, text), &report_policy_default);
	if (tip_held(book, found.mate))
		link_tip(book, text, &found, out);
	if (tip_held(book, found.ally))
		suggest(book, text, found.ally, found.why, found.percent, out);
	suggest_alike(book, text, alike, report->not_group, out);
	if (tip_root(book, text) != text)
		tell_points(book, text, NULL, out);
	judge_points(book, text, out);
	return text;
}
