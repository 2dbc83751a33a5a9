/*
 * What the files of sms_hear.h share; nobody else includes it.
 *
 *   sms_hear.c        whose turn it is, what the words lead to, the flow
 *   sms_hear_limit.c  how often one telephone may write
 *   sms_hear_act.c    the desk, a tip, a tip of one's own, the receipt code
 *   sms_hear_keep.c   the memory read, a line said, the memory written
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_HEAR_INSIDE_H
#define TIPLINE_HANDLERS_INTAKE_SMS_HEAR_INSIDE_H

#include "daemon/loop/flow.h"
#include "daemon/store/store.h"
#include "handlers/intake/sms_hear.h"
#include "handlers/intake/sms_memory.h"
#include "handlers/intake/sms_own.h"
#include "handlers/intake/sms_wishes.h"

struct sms_hear {
	struct sms_hear_env env;
	struct sms_wishes *wishes;
	struct hearing *first;       /* in the order in which they came */
	int64_t minute;              /* of `answers`, since 1970 */
	unsigned answers;
	bool leaving;
};

/* The memory that was sent to the store right behind the tip. */
enum hear_along {
	ALONG_NOT,
	ALONG_SENT,
	ALONG_AWAITED,               /* the flow has nothing else to do */
	ALONG_ENDED,
};

struct hearing {
	struct sms_hear *hear;
	struct hearing *next;
	struct flow_ref ref;
	const struct sms_heard *heard;
	void (*done)(void *who, const struct sms_heard_end *end);
	void *who;
	struct sms_heard_end end;

	unsigned char mark[STORE_MARK_BYTES];   /* of the telephone */
	unsigned char wish_mark[STORE_MARK_BYTES];
	unsigned char said_as[STORE_MARK_BYTES]; /* of what it says: in the memory */
	unsigned char name[STORE_MARK_BYTES];   /* of the message; set when the memory is there */
	struct span called;          /* likewise: the request id of its tip */
	unsigned char way[SMS_WAY_BYTES];       /* by which it came */
	bool telephone;              /* one that can be remembered */
	bool away;                   /* its memory cannot be had */
	struct sms_memory memory;
	struct span was;             /* as it lay in the store */
	struct store_reply limited, recalled, coded, said, kept;
	unsigned tries;
	enum hear_along along;       /* `kept` is its end */
	struct tip_id along_with;

	struct sms_claim claim;
	struct sms_asked asked;
	struct sms_words words;
	struct span text;            /* without a code that stood in it */
	struct span rest;            /* of it, behind the piece that is being filed */
	unsigned pieces;             /* filed before this one */
	bool renamed;                /* the gateway gave its id to another text before */
	const struct sms_move *move;
	const struct sms_own_tip *tip;   /* to which the words lead, in `memory` */
	struct sms_own_answer own;
	struct store_named named;    /* this message, as a tip or in one */
	bool any_state;              /* no tip of this telephone is open: a closed one will do */
	struct receipt_code code;    /* to be told */

	struct intake_request request;
	enum intake_verdict verdict;
	struct receipt_code filed;   /* of the tip that was filed */
	enum sms_line line;          /* to be said, if `answer` */
	bool answer;
	bool answered;               /* and counted when the memory is kept */
	int64_t from_ms;             /* not before */
};

enum hear_step {
	STEP_TURN,
	STEP_LIMIT,
	STEP_LIMITED,
	STEP_RECALL,
	STEP_DECIDE,
	STEP_DESK,
	STEP_FILE,
	STEP_FILED,
	STEP_OWN,
	STEP_OWNED,
	STEP_CODE,
	STEP_CODED,
	STEP_SAY,
	STEP_SAID,
	STEP_KEEP,
	STEP_KEPT,
	STEP_RELOADED,
};

static inline enum flow_next hear_go(struct flow *flow, enum hear_step step)
{
	flow_jump(flow, step);
	return FLOW_NEXT;
}

/* The message has to come again. */
static inline enum flow_next hear_again(struct hearing *h)
{
	h->end.result = SMS_AGAIN;
	return FLOW_DONE;
}

/* When the answer goes out, if not at once; else 0. */
static inline int64_t hear_from_ms(const struct hearing *h)
{
	return h->from_ms > h->heard->received_ms ? h->from_ms : 0;
}

/* Whether one more answer may go out to this telephone, which counts it; sets from_ms. Once a message. */
bool hear_may_answer(struct hearing *h);

/* The language of answers: the one that was chosen, else that of the text. */
struct span hear_language(const struct hearing *h);

/* Of sms_hear_act.c. */
enum flow_next hear_desk(struct flow *flow);
enum flow_next hear_file(struct flow *flow);
enum flow_next hear_filed(struct flow *flow);
enum flow_next hear_own(struct flow *flow);
enum flow_next hear_owned(struct flow *flow);
enum flow_next hear_code(struct flow *flow);
enum flow_next hear_coded(struct flow *flow);

/* Of sms_hear_limit.c. */
enum flow_next hear_limit(struct flow *flow);
enum flow_next hear_limited(struct flow *flow);

/* Of sms_hear_keep.c. */
enum flow_next hear_recall(struct flow *flow);
/* The memory as it came; false: the store did not say. */
bool hear_read_memory(struct flow *flow, struct hearing *h);
enum flow_next hear_say(struct flow *flow);
enum flow_next hear_said(struct flow *flow);
/* The tip is on its way to the store: the memory with it follows, for `sent` of the request. */
void hear_send_along(void *who, const struct tip_id *id, const unsigned char receipt_mark[16],
		     const struct receipt_code *receipt);
enum flow_next hear_keep(struct flow *flow);
enum flow_next hear_kept(struct flow *flow);
enum flow_next hear_reloaded(struct flow *flow);

#endif
