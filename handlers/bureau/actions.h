/*
 * What can be done with a tip: one table of actions, from the call's body to
 * the event. Pure but for the JSON reader; handlers/bureau/work.c carries out
 * what stands here.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_ACTIONS_H
#define TIPLINE_HANDLERS_BUREAU_ACTIONS_H

#include "daemon/core/journal/lifecycle.h"
#include "handlers/bureau/body.h"

/* What the body of an action said; each action uses some of it. */
struct action_wish {
	uint64_t lease_s;
	struct span region;     /* transfer: six digits */
	struct span reason;
	struct span text;       /* message, note, or the note that goes with a verdict or outcome */
	struct span verdict;
	struct span outcome;
	struct span case_id;    /* close as verified: of the case; empty: the tip's own */
	struct span basis;      /* hold, lift: why, a word of a short list */
	struct span bands;      /* what it led to, as the policy of rewards names it: "a+b" */
};

enum action_text {
	ACTION_NO_TEXT,
	ACTION_MESSAGE,         /* the text becomes a message to the informant */
	ACTION_NOTE,            /* the text, if any, becomes a note among officers */
};

struct action {
	const char *name;       /* last segment of the path */
	enum tip_event event;
	const char *journal;    /* name of the event in the journal */
	enum action_text text;
	bool (*read)(const struct json_object *body, struct action_wish *wish,
		     struct problem *problem);
};

/* The action of that name, or NULL. */
const struct action *action_find(struct span name);

/* All actions, for tests and the API description. */
const struct action *actions(size_t *n);

#endif
