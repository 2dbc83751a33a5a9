/*
 * Any bytes through normalize, scan, route, score and fingerprint, with the
 * repository's own tables: what is told lies within the text, is in its range,
 * and survives its packed form. A NUL parts the text from the place of the form.
 */
#include "tests/support/judge_files.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct judge *judge;

static void start(void)
{
	static struct judge_files files;
	struct complaint why = { 0 };

	judge_files_read(&files);
	judge = judge_new(&files.sources, &why);
	if (judge == NULL)
		fprintf(stderr, "%s\n", why.text);
	assert(judge != NULL);
}

static bool within(struct span words, struct span text)
{
	return !span_empty(text) && words.at >= text.at && words.at + words.len <= text.at + text.len;
}

static void assert_evidence(struct span words, const struct judgement *j)
{
	assert(span_empty(words) || within(words, j->text.text) || within(words, j->place.text) ||
	       within(words, j->tight.text) || within(words, j->tight_place.text));
}

static void assert_route(const struct route *route)
{
	const struct gazetteer *gazetteer = judge_gazetteer(judge);
	const struct region *region = gazetteer_find(gazetteer, span_of(route->code));

	assert(region != NULL && region->level == route->level && route->confidence <= 100);
	assert(route->nrelated <= ROUTE_RELATED_MAX);
	for (size_t i = 0; i < route->nrelated; i++)
		assert(gazetteer_find(gazetteer, span_of(route->related[i])) != NULL);
	for (size_t i = 0; i < route->ncandidates; i++)
		assert(gazetteer_find(gazetteer, span_of(route->candidates[i])) != NULL);
}

static void assert_score(const struct score *score, const struct judgement *j)
{
	assert(score->points <= SCORE_MAX && score->priority == priority_of(score->points));
	assert(score->nreasons <= SCORE_REASONS_MAX);
	for (size_t i = 0; i < score->nreasons; i++) {
		assert(score->reasons[i].points != 0);
		assert_evidence(score->reasons[i].evidence, j);
	}
}

static void assert_fingerprint(const struct fingerprint *print, struct arena *arena)
{
	struct span packed = fingerprint_pack(print, arena);
	struct fingerprint again;
	struct span packed_again;

	assert(fingerprint_unpack(packed, &again));
	packed_again = fingerprint_pack(&again, arena);
	assert(span_eq(packed, packed_again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_from(data, size), text = { 0 };
	struct arena arena = { 0 };
	struct judgement judgement, again;
	struct tip tip;

	if (judge == NULL)
		start();
	span_cut(&rest, '\0', &text);
	tip = (struct tip){ .text = text, .place = rest };
	judge_tip(judge, &tip, &arena, &judgement);
	assert_route(&judgement.route);
	assert_score(&judgement.score, &judgement);
	assert_evidence(judgement.route.evidence, &judgement);
	assert_fingerprint(&judgement.fingerprint, &arena);
	judge_tip(judge, &tip, &arena, &again);
	assert(strcmp(again.route.code, judgement.route.code) == 0);
	assert(again.score.points == judgement.score.points);
	arena_release(&arena);
	return 0;
}
