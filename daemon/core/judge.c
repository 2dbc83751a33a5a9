/*
 * Wires the judging modules together; see judge.h.
 *
 * In:  a tip in clear. Out: its folded text, entities, route, score, fingerprint.
 * Decides nothing itself. The tables are built once; what belongs to one tip
 * lives in the caller's arena.
 */
#include "daemon/core/judge.h"

#include "daemon/base/wipe.h"

#include <assert.h>
#include <stdlib.h>

struct judge {
	struct normalizer *normalizer;
	struct gazetteer *gazetteer;
	struct rules *rules;
	struct scanner *scanner;
	struct scan_scratch *scratch;
	struct fingerprinter fingerprinter;
};

static bool build_scanner(struct judge *judge, struct complaint *why)
{
	struct scan_set *set = scan_set_new();
	const char *problem = "";

	route_add_patterns(judge->gazetteer, set);
	rules_add_patterns(judge->rules, judge->normalizer, set);
	judge->scanner = scanner_new(set, &problem);
	scan_set_free(set);
	if (judge->scanner == NULL)
		return complain(why, 0, "words of places and rules: %s", problem);
	judge->scratch = scan_scratch_new(judge->scanner);
	return true;
}

static bool build(struct judge *judge, const struct judge_sources *sources, struct complaint *why)
{
	judge->normalizer = normalizer_new();
	if (judge->normalizer == NULL)
		return complain(why, 0, "OpenCC's dictionary (t2s) is not installed");
	judge->gazetteer = gazetteer_new(sources->regions_tsv, why);
	if (judge->gazetteer == NULL)
		return false;
	judge->rules = rules_new(sources->rule_files, sources->nrule_files, why);
	if (judge->rules == NULL)
		return false;
	fingerprinter_init(&judge->fingerprinter, &sources->key);
	return build_scanner(judge, why);
}

/* --- the rules' own tests ----------------------------------------------------------- */

static bool told(const struct score *score, const struct rule *rule)
{
	for (size_t i = 0; i < score->nreasons; i++)
		if (score->reasons[i].rule == rule)
			return true;
	return false;
}

static bool check_sample(struct judge *judge, const struct rule_sample *sample, struct complaint *why)
{
	const struct rule *rule = rules_at(judge->rules, sample->rule);
	struct tip tip = { .text = sample->text };
	struct arena arena = { 0 };
	struct judgement judgement;
	bool matched;

	judge_tip(judge, &tip, &arena, &judgement);
	matched = told(&judgement.score, rule);
	arena_release(&arena);
	if (matched == sample->matches)
		return true;
	return complain(why, sample->line, "%s:%zu: rule '%.*s': %s: the rule %s \"%.*s\"", sample->file,
			sample->line, (int)rule->name.len, rule->name.at,
			sample->matches ? "match" : "no_match", matched ? "matches" : "does not match",
			(int)sample->text.len, sample->text.at);
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

/* --- judging ----------------------------------------------------------------------------- */

/* The place in the informant's words; most tips have none, and then nothing is done. */
static void read_place(struct judge *judge, struct span words, struct arena *arena, struct folded *place,
		       struct scan_hits *hits)
{
	*place = (struct folded){ 0 };
	*hits = (struct scan_hits){ 0 };
	if (span_empty(words))
		return;
	normalize(judge->normalizer, words, arena, place);
	scan(judge->scanner, judge->scratch, place->text, arena, hits);
}

void judge_tip(struct judge *judge, const struct tip *tip, struct arena *arena, struct judgement *out)
{
	struct scan_hits text_hits, place_hits;
	struct folded place;

	normalize(judge->normalizer, tip->text, arena, &out->text);
	scan(judge->scanner, judge->scratch, out->text.text, arena, &text_hits);
	read_place(judge, tip->place, arena, &place, &place_hits);
	entities_find(out->text.text, &out->entities);
	route_tip(judge->gazetteer,
		  &(struct route_input){ .text = &out->text,
					 .text_hits = &text_hits,
					 .place = &place,
					 .place_hits = &place_hits,
					 .chosen = tip->region },
		  arena, &out->route);
	score_tip(judge->rules,
		  &(struct score_input){ .tip = tip,
					 .text = &out->text,
					 .hits = &text_hits,
					 .entities = &out->entities,
					 .route = &out->route },
		  &out->score);
	fingerprint(&judge->fingerprinter, out->text.text, &out->entities, arena, &out->fingerprint);
}
