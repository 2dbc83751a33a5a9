/*
 * What the files of the receipt share; nobody else includes it.
 *
 *   receipt_body.c     what was sent: code, words, files
 *   receipt.c          the steps: read, open, add, look
 *   receipt_add.c      a supplement: judged, changed
 *   receipt_answer.c   what the informant is told: page, JSON, file
 */
#ifndef TIPLINE_HANDLERS_INTAKE_RECEIPT_INSIDE_H
#define TIPLINE_HANDLERS_INTAKE_RECEIPT_INSIDE_H

#include "daemon/core/tip/seal.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/store/store.h"
#include "handlers/intake/receipt_log.h"
#include "handlers/intake/upload.h"
#include "handlers/intake/visitor.h"

/* A request as it came; lives in the exchange's arena, from its head on. */
struct receipt_sent {
	struct app *app;
	struct http_exchange *exchange;
	bool page;
	struct span code, receipt, text, lang, size, reopen;
	struct upload *upload;          /* multipart only; not kept unless the flow takes it and says so */
	struct problem problem;         /* of a part that was refused, told on the page; status 0: none */
};

struct receipt_sent *receipt_sent_new(struct app *app, struct http_exchange *exchange);

/* The body is whole. False: it was answered, and the exchange is gone. */
bool receipt_sent_read(struct receipt_sent *sent);

/* The code as it was typed; at == NULL: none was sent. */
struct span receipt_sent_code(const struct receipt_sent *sent);

struct receipt_flow {
	struct app *app;
	struct http_exchange *exchange;
	bool page;
	bool download;                  /* the proof alone, as a file */
	struct page_look look;
	struct span typed;              /* the code as it was typed */
	struct span text;               /* supplement; at == NULL: none was sent */
	struct upload *upload;          /* its files; NULL: none, or dropped */
	struct problem problem;         /* what is wrong with what was sent beside the words; status 0: nothing */
	const struct tip_content *content;   /* of the tip; NULL: not opened */
	bool placed;                    /* the files are where they stay */
	bool keep;                      /* ...and the store names them, or may */
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
/* Files may come with a supplement now: none of the tip's were deleted, and it has room. */
bool receipt_may_attach(const struct receipt_flow *r, struct arena *arena);

/* Something is to be added, or was to be. */
bool receipt_adds(const struct receipt_flow *r);
/* By what was read last. False: r->fault, r->problem or r->added says why nothing is to be written. */
bool receipt_add_judge(struct receipt_flow *r, struct arena *arena);
/* Asks the store for it. FLOW_FAIL: r->problem says that the files cannot be placed. */
enum flow_next receipt_add(struct flow *flow, struct receipt_flow *r);
/* Takes r->changed: whether it is added, and the files are the tip's. */
void receipt_add_told(struct receipt_flow *r);
/* Lets go of the upload, before the answer with which its memory ends: what is not the tip's is removed. */
void receipt_drop_files(struct receipt_flow *r);

/* The last step. */
enum flow_next receipt_answer(struct flow *flow);

#endif
