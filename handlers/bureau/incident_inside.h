/*
 * What the files of an incident share; nobody else includes it.
 *
 *   incident.c          the steps: up, down, suggestions, keys, comparing
 *   incident_words.c    the words, and which two are compared
 *   incident_answer.c   the whole as it is told
 */
#ifndef TIPLINE_HANDLERS_BUREAU_INCIDENT_INSIDE_H
#define TIPLINE_HANDLERS_BUREAU_INCIDENT_INSIDE_H

#include "daemon/loop/flow.h"
#include "handlers/bureau/ascent.h"
#include "handlers/bureau/descent.h"
#include "handlers/bureau/dossier.h"
#include "handlers/bureau/evidence.h"

#define SUGGESTED_MAX 16        /* of those their words are compared */

struct incident_flow {
	struct app *app;
	struct staff staff;
	struct http_exchange *exchange;
	struct tip_id id;                      /* that was asked for */
	struct span lang;
	struct ascent ascent;
	struct descent descent;
	struct store_reply read;
	struct store_reply list;
	const struct store_row *row;           /* taken, not yet a member */
	bool following;                        /* `read` is of the place where it went */
	const struct store_row *members[DESCENT_MAX];
	size_t nmembers;
	struct store_row readable[DESCENT_MAX + SUGGESTED_MAX];  /* members within reach, then suggested ones */
	size_t nreadable;
	struct tip_id suggested[SUGGESTED_MAX];  /* to be read */
	size_t nsuggested, asked;
	struct words {
		struct tip_id id;
		struct span text;              /* at NULL: it is not readable */
	} *words;                              /* of `readable`, opened */
	struct evidence evidence;
	struct loop_timer *turn;               /* until the next pairs are compared; NULL: none is waited for */
	size_t bytes;
	struct dossier_keys keys;
	size_t keyed;                          /* of `readable`, whose shard has its keys */
	unsigned key_rounds;
};

/* A tip of the incident, as far as it is known; ctx is the incident_flow. */
bool incident_member(const void *ctx, const struct tip_id *id);

/* Opens all words and hands the pairs over for comparing. */
void incident_words(struct flow *flow);

/* The last step. */
enum flow_next incident_answer(struct flow *flow);

#endif
