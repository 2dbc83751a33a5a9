/*
 * Intake: from a decoded tip to a durable one, whichever way it came.
 *
 * Judge, seal, commit: everything up to the commit is a pure function of the
 * bytes, the loaded tables and keys. All tips that are ready in one turn of
 * the loop go into one commit (commit.h). When the store is down the spool
 * takes the tip; the caller cannot tell the difference, and neither can the
 * informant.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_INTAKE_H
#define TIPLINE_HANDLERS_INTAKE_INTAKE_H

#include "daemon/core/tip/receipt.h"
#include "daemon/core/tip/seal.h"
#include "daemon/core/tip/tip.h"

struct intake;
struct intake_env;
struct store_named;

struct intake_request {
	struct tip tip;
	/*
	 * Names the request over all its deliveries ("kannel:<message id>",
	 * "api:<Idempotency-Key>"): the same id gives the same answer. Empty: none.
	 */
	struct span request_id;
	/* Non-empty: an answer by SMS is due, through this gateway to this number. */
	struct span reply_gateway;
	struct span reply_to;
	int64_t reply_from_ms;    /* not before; 0: at once */
	/* Attachments that are sealed and on disk already, under this key. */
	struct tip_file files[TIP_FILES_MAX];
	size_t nfiles;
	const struct seal_key *tip_key;   /* NULL: a new one is drawn */
	/*
	 * It was sent to the store under this id and mark, and with luck is accepted: whatever is asked of the store now comes
	 * behind it. At most once for each id; before `done`, or never. With the context of `done`. May be NULL.
	 */
	void (*sent)(void *ctx, const struct tip_id *id, const unsigned char receipt_mark[16],
		     const struct receipt_code *receipt);
};

enum intake_verdict {
	INTAKE_ACCEPTED,   /* durable, here or in the spool */
	INTAKE_REPEATED,   /* was accepted before; the answer is the first one, byte for byte; without an id: its words went into a tip */
	INTAKE_MISMATCH,   /* the request id was used with other content */
	INTAKE_INVALID,    /* a field is not acceptable: see field and fault */
	INTAKE_BUSY,       /* neither store nor spool can take it now: try again after retry_after_s */
};

/* "accepted", "repeated", ...: stable words of logs and figures. */
const char *intake_verdict_name(enum intake_verdict verdict);

struct intake_result {
	enum intake_verdict verdict;
	struct tip_id id;
	struct receipt_code receipt;
	struct span promise;        /* JSON object (core/tip/promise.h); empty when only a repeat of an old one */
	const char *field;          /* with INTAKE_INVALID: the name of the field */
	const char *fault;          /* stable code of what is wrong with it */
	unsigned retry_after_s;
	bool maybe;                 /* with INTAKE_BUSY: it may have been stored all the same; keep what belongs to it */
};

/*
 * Takes a tip. `done` is called once, from the loop, never from within this
 * call; the result is borrowed during it. The request's bytes must stay valid
 * until then.
 */
void intake_submit(struct intake *intake, const struct intake_request *request,
		   void (*done)(void *ctx, const struct intake_result *result), void *ctx);

/* Whether its fields can be taken; false with verdict, field and fault of the first that cannot. */
bool intake_check(const struct intake *intake, const struct tip *tip, struct intake_result *result);

/*
 * How the store knows this request, which has a request_id: for words that go
 * into a tip of their sender's, and must not become one as well.
 */
void intake_name(const struct intake *intake, const struct intake_request *request, struct store_named *out);

#endif
