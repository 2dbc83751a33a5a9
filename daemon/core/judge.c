/*
 * Wires the judging modules together; see judge.h.
 *
 * In:  a tip in clear. Out: its folded text, entities, route, score, fingerprint.
 * Decides nothing itself. The tables are built once; what belongs to one tip
 * lives in the caller's arena.
 */
#include "daemon/core/judge.h"

#include "daemon/base/wipe.h"
#include "daemon/core/text/tight.h"

#include <assert.h>
#include <stdlib.h>

struct judge {
	struct normalizer *normalizer;
	struct gazetteer *gazetteer;
	struct towns *towns;
	struct segments segments;
	struct rules *rules;
	struct scanner *scanner;
	struct scan_scratch *scratch;
	struct fingerprinter fingerprinter;
	const struct learner *learner;  /* NULL: nothing is learned */
};

static bool build_scanner(struct judge *judge, const struct scan_keep *keep, struct complaint *why)
{
	struct scan_set *set = scan_set_new();
	const char *problem = "";

	route_add_patterns(judge->gazetteer, set);
	rules_add_patterns(judge->rules, judge->normalizer, set);
	judge->scanner = scanner_new_kept(set, keep, &problem);
	scan_set_free(set);
	if (judge->scanner == NULL)
		return complain(why, 0, "words of places and rules: %s", problem);
	judge->scratch = scan_scratch_new(judge->scanner);
	return true;
}

/* Towns and number segments: what routing asks when the divisions' names say too little. */
static bool build_second_stages(struct judge *judge, const struct judge_sources *sources, struct complaint *why)
{
	judge->towns = towns_new(sources->towns_tsv, judge->normalizer, why);
	if (judge->towns == NULL)
		return false;
	return span_empty(sources->segments) || segments_open(sources->segments, &judge->segments, why);
}

static bool build(struct judge *judge, const struct judge_sources *sources, struct complaint *why)
{
	judge->normalizer = normalizer_new();
	if (judge->normalizer == NULL)
		return complain(why, 0, "OpenCC's dictionary (t2s) is not installed");
	judge->gazetteer = gazetteer_new(sources->regions_tsv, why);
	if (judge->gazetteer == NULL || !build_second_stages(judge, sources, why))
		return false;
	judge->rules = rules_new(sources->rule_files, sources->nrule_files, why);
	if (judge->rules == NULL)
		return false;
	fingerprinter_init(&judge->fingerprinter, &sources->key);
	return build_scanner(judge, sources->keep, why);
}

/* --- the rules' own tests ----------------------------------------------------------- */

static bool told(const struct score *score, const struct rule *rule)
{
	for (size_t i = 0; i < score->nreasons; i++)
		if (score->reasons[i].rule == rule)
			return true;
	return false;
}

/* A day on which the rule is in force. */
static int64_t day_of(const struct rule *rule)
{
	return rule->from_ms != 0 || rule->until_ms == 0 ? rule->from_ms : rule->until_ms - 1;
}

static bool matches_text(struct judge *judge, const struct rule_sample *sample, const struct rule *rule)
{
	struct tip tip = { .text = sample->text,
			   .region = sample->region,
			   .category = sample->category,
			   .received_ms = day_of(rule) };
	struct arena arena = { 0 };
	struct judgement judgement;
	bool matched;

	judge_tip(judge, &tip, &arena, &judgement);
	matched = told(&judgement.score, rule);
	arena_release(&arena);
	return matched;
}

static bool matches_context(const struct rule_sample *sample, const struct rule *rule)
{
	const struct score_input in = { .context = &sample->context };

	return rule->when->holds(&in, rule->when_value, &(struct span){ 0 });
}

static bool check_sample(struct judge *judge, const struct rule_sample *sample, struct complaint *why)
{
	const struct rule *rule = rules_at(judge->rules, sample->rule);
	bool of_context = rule->when != NULL && rule->when->context;
	bool matched = of_context ? matches_context(sample, rule) : matches_text(judge, sample, rule);
	struct span shown = of_context && span_empty(sample->text) ? SPAN("this context") : sample->text;

	if (matched == sample->matches)
		return true;
	return complain(why, sample->line, "%s:%zu: rule '%.*s': %s: the rule %s \"%.*s\"", sample->file,
			sample->line, (int)rule->name.len, rule->name.at,
			sample->matches ? "match" : "no_match", matched ? "matches" : "does not match",
			(int)shown.len, shown.at);
}

static bool check_rules(struct judge *judge, struct complaint *why)
{
	const struct rule_sample *samples;
	size_t n = rules_samples(judge->rules, &samples);

	for (size_t i = 0; i < n; i++)
		if (!check_sample(judge, &samples[i], why))
			return false;
	return true;
}

/* --- life ------------------------------------------------------------------------------ */

struct judge *judge_new(const struct judge_sources *sources, struct complaint *why)
{
	struct judge *judge = calloc(1, sizeof(*judge));

	assert(judge != NULL);
	if (build(judge, sources, why) && check_rules(judge, why))
		return judge;
	judge_free(judge);
	return NULL;
}

void judge_free(struct judge *judge)
{
	if (judge == NULL)
		return;
	if (judge->scratch != NULL)
		scan_scratch_free(judge->scratch);
	if (judge->scanner != NULL)
		scanner_free(judge->scanner);
	rules_free(judge->rules);
	towns_free(judge->towns);
	if (judge->gazetteer != NULL)
		gazetteer_free(judge->gazetteer);
	if (judge->normalizer != NULL)
		normalizer_free(judge->normalizer);
	wipe(&judge->fingerprinter, sizeof(judge->fingerprinter));
	free(judge);
}

const struct gazetteer *judge_gazetteer(const struct judge *judge)
{
	return judge->gazetteer;
}

const struct rules *judge_rules(const struct judge *judge)
{
	return judge->rules;
}

void judge_set_learner(struct judge *judge, const struct learner *learner)
{
	judge->learner = learner;
}

/* --- judging ----------------------------------------------------------------------------- */

/* A field as route reads it: tightened, with the hits of that. */
struct field {
	struct folded tight;
	struct scan_hits hits;
};

/* `hits` are those of the folded text; it is scanned again only when tightening took something out. */
static void read_tight(struct judge *judge, const struct folded *folded, const struct scan_hits *hits,
		       struct arena *arena, struct field *out)
{
	out->hits = *hits;
	if (tighten(folded, arena, &out->tight))
		scan(judge->scanner, judge->scratch, out->tight.text, arena, &out->hits);
}

/* The place in the informant's words; most tips have none, and then nothing is done. */
static void read_place(struct judge *judge, struct span words, struct arena *arena, struct folded *place,
		       struct field *out)
{
	struct scan_hits hits;

	*place = (struct folded){ 0 };
	*out = (struct field){ 0 };
	if (span_empty(words))
		return;
	normalize(judge->normalizer, words, arena, place);
	scan(judge->scanner, judge->scratch, place->text, arena, &hits);
	read_tight(judge, place, &hits, arena, out);
}

/* The rules alone first: what they say is a part of what is learned from. */
static void score(const struct judge *judge, const struct score_input *in, struct arena *arena,
		  struct judgement *out)
{
	struct score_input with_learned = *in;
	struct learn_example *example;

	out->example = NULL;
	score_tip(judge->rules, in, &out->score);
	if (judge->learner == NULL)
		return;
	out->example = example = arena_new(arena, struct learn_example);
	learn_features(&judge->fingerprinter,
		       &(struct learn_input){ .original = in->tip->text,
					      .text = in->text,
					      .entities = in->entities,
					      .points = out->score.points },
		       example);
	with_learned.learned = learner_points(judge->learner, example);
	if (with_learned.learned != 0)
		score_tip(judge->rules, &with_learned, &out->score);
}

static void find_place(struct judge *judge, const struct tip *tip, struct arena *arena,
		       struct scan_hits *text_hits, struct judgement *out)
{
	struct field text, place;

	normalize(judge->normalizer, tip->text, arena, &out->text);
	scan(judge->scanner, judge->scratch, out->text.text, arena, text_hits);
	read_tight(judge, &out->text, text_hits, arena, &text);
	read_place(judge, tip->place, arena, &out->place, &place);
	out->tight = text.tight;
	out->tight_place = place.tight;
	route_tip(judge->gazetteer,
		  &(struct route_input){ .text = &text.tight,
					 .text_hits = &text.hits,
					 .place = &place.tight,
					 .place_hits = &place.hits,
					 .chosen = tip->region,
					 .sender = tip->sender,
					 .towns = judge->towns,
					 .segments = &judge->segments },
		  arena, &out->route);
}

void judge_place(struct judge *judge, const struct tip *tip, struct arena *arena, struct judgement *out)
{
	struct scan_hits text_hits;

	find_place(judge, tip, arena, &text_hits, out);
}

void judge_tip(struct judge *judge, const struct tip *tip, struct arena *arena, struct judgement *out)
{
	struct scan_hits text_hits;

	find_place(judge, tip, arena, &text_hits, out);
	entities_find(out->text.text, &out->entities);
	score(judge,
	      &(struct score_input){ .tip = tip,
				     .text = &out->text,
				     .hits = &text_hits,
				     .entities = &out->entities,
				     .route = &out->route },
	      arena, out);
	fingerprint(&judge->fingerprinter,
		    &(struct fingerprint_input){ .original = tip->text,
						 .text = &out->text,
						 .hits = &text_hits,
						 .entities = &out->entities },
		    arena, &out->fingerprint);
}

static void read_common(struct judge *judge, struct span original, struct arena *arena, struct folded *text,
			  struct scan_hits *hits, struct common_text *out)
{
	normalize(judge->normalizer, original, arena, text);
	scan(judge->scanner, judge->scratch, text->text, arena, hits);
	*out = (struct common_text){ .original = original, .text = text, .hits = hits };
}

void judge_common(struct judge *judge, struct span here, struct span there, struct arena *arena, struct common *out)
{
	struct folded folded[2];
	struct scan_hits hits[2];
	struct common_text texts[2];

	read_common(judge, here, arena, &folded[0], &hits[0], &texts[0]);
	read_common(judge, there, arena, &folded[1], &hits[1], &texts[1]);
	common_find(&judge->fingerprinter, &texts[0], &texts[1], arena, out);
}
