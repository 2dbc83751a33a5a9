/*
 * What the files of the receipt share; nobody else includes it.
 *
 *   receipt.c          the steps: read, open, add, look
 *   receipt_answer.c   what the informant is told: page, JSON, file
 */
#ifndef TIPLINE_HANDLERS_INTAKE_RECEIPT_INSIDE_H
#define TIPLINE_HANDLERS_INTAKE_RECEIPT_INSIDE_H

#include "daemon/core/tip/seal.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/store/store.h"
#include "handlers/intake/receipt_log.h"
#include "handlers/intake/visitor.h"

struct receipt_flow {
	struct app *app;
	struct http_exchange *exchange;
	bool page;
	bool download;                  /* the proof alone, as a file */
	struct page_look look;
	struct span typed;              /* the code as it was typed */
	struct span text;               /* supplement; at == NULL: none was sent */
	struct receipt_code code;
	struct receipt_trace trace;
	struct tip_id id;               /* where the tip is now */
	struct seal_key tip_key;
	struct limit_refusal refusal;   /* wait_s 0: none */
	struct store_reply tried;       /* the bucket of all processes together */
	struct store_reply read;
	struct store_reply changed;
	unsigned hops;
	unsigned tries;
	bool opened;
	bool erased;                    /* the code fits, and the words are no more: deleted, or their week's key was destroyed */
	bool keyless;                   /* ...or cannot be opened until that key is brought back */
	bool again;                     /* the informant wants a closed tip looked at again */
	bool reopened;
	bool added;
	bool waiting;                   /* in the spool: accepted, not in the store yet */
	struct receipt_log log;
	struct loop_timer *turn;        /* until the next slice of the search */
	enum page_fault fault;
};

/* The page that asks for a code, with a fault or without. */
void receipt_answer_ask(const struct receipt_flow *r, int status, enum page_ask_fault fault);

/* A code that leads nowhere, or one too many (r->refusal says so), as page or problem. The exchange is gone. */
void receipt_answer_slip(struct receipt_flow *r, enum page_ask_fault fault);

/* The messages that the informant may see, opened, oldest first. */
struct page_message *receipt_messages(struct receipt_flow *r, struct arena *arena, size_t *n);

bool receipt_may_write(const struct receipt_flow *r);
bool receipt_may_reopen(const struct receipt_flow *r);

/* The last step. */
enum flow_next receipt_answer(struct flow *flow);

#endif
