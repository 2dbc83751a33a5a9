/*
 * POST /add-checkpoint; see add_checkpoint.h.
 */
#include "daemon/witness/add_checkpoint.h"

#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/tlog/cosign.h"

#define TEXT "text/plain; charset=utf-8"

static const struct {
	int status;
	const char *name;
	struct span text;
} answers[] = {
	[COSIGN_MALFORMED] = { .status = 400, .name = "malformed", .text = SPAN_INIT("not a request of add-checkpoint\n") },
	[COSIGN_UNKNOWN] = { .status = 404, .name = "unknown", .text = SPAN_INIT("this witness does not know the log\n") },
	[COSIGN_UNSIGNED] = { .status = 403, .name = "unsigned", .text = SPAN_INIT("no known key of the log has signed\n") },
	[COSIGN_OTHER_SIZE] = { .status = 409, .name = "other_size" },
	[COSIGN_OTHER_ROOT] = { .status = 409, .name = "other_root" },
	[COSIGN_PROOF] = { .status = 422, .name = "proof", .text = SPAN_INIT("the consistency proof does not hold\n") },
};

static void reply_with(struct http_exchange *exchange, int status, const char *type, struct span body)
{
	struct http_reply reply = { .status = status, .type = type, .body = body };

	http_exchange_reply(exchange, &reply);
}

/* `log`: the origin of a known log, else NULL. */
static void refuse(struct http_exchange *exchange, enum cosign_verdict verdict, const char *log, const struct tree_head *head)
{
	struct buf size = { 0 };

	log_event(verdict == COSIGN_OTHER_ROOT || verdict == COSIGN_PROOF ? LOG_LEVEL_ERROR : LOG_LEVEL_NOTICE,
		  "witness.refused", "why", answers[verdict].name, "log", log, NULL);
	if (answers[verdict].status != 409) {
		reply_with(exchange, answers[verdict].status, TEXT, answers[verdict].text);
		return;
	}
	buf_add_u64(&size, head->size);
	buf_add_byte(&size, '\n');
	reply_with(exchange, 409, "text/x.tlog.size", buf_span(&size));
	buf_release(&size);
}

/* On disk first. A head that is there already needs no second write. */
static bool save(struct witness *witness, const struct cosign_request *request, const struct tree_head *head)
{
	struct complaint why = { .text = "" };

	if (head->size > 0 && head->size == request->checkpoint.head.size)
		return true;
	if (heads_save(witness->heads, request->checkpoint.origin, &request->checkpoint.head, &why))
		return true;
	log_event(LOG_LEVEL_ERROR, "witness.not_saved", "why", why.text, NULL);
	return false;
}

static void cosign(struct witness *witness, struct http_exchange *exchange, const struct cosign_request *request, const char *log)
{
	struct buf line = { 0 };

	note_sign(&witness->signer, request->note.text, (uint64_t)(clock_wall_ms() / 1000), &line);
	log_event(LOG_LEVEL_INFO, "witness.cosigned", "log", log, "size", log_u64(request->checkpoint.head.size), NULL);
	reply_with(exchange, 200, TEXT, buf_span(&line));
	buf_release(&line);
}

static void on_request(void *owner, struct http_exchange *exchange)
{
	struct witness *witness = owner;
	struct cosign_request *request = arena_new(http_exchange_arena(exchange), struct cosign_request);
	const struct tree_head none = { .size = 0 }, *head = &none;
	enum cosign_verdict verdict = COSIGN_MALFORMED;
	const char *log = NULL;

	if (cosign_parse(http_exchange_request(exchange)->body, request)) {
		if (cosign_knows(witness->known, request->checkpoint.origin)) {
			head = heads_find(witness->heads, request->checkpoint.origin);
			log = arena_dup(http_exchange_arena(exchange), request->checkpoint.origin).at;
		}
		verdict = cosign_judge(request, witness->known, head);
	}
	if (verdict != COSIGN_SIGN)
		refuse(exchange, verdict, log, head);
	else if (save(witness, request, head))
		cosign(witness, exchange, request, log);
	else
		reply_with(exchange, 500, TEXT, SPAN("the witness could not save\n"));
}

static void on_head(void *owner, struct http_exchange *exchange, struct http_body_plan *plan)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct http_reply reply = { .status = 405, .type = TEXT, .body = SPAN("POST alone\n") };

	(void)owner;
	plan->max_bytes = COSIGN_BYTES_MAX;
	if (!span_is(request->path, "/add-checkpoint")) {
		reply_with(exchange, 404, TEXT, SPAN("there is /add-checkpoint alone\n"));
	} else if (request->method != HTTP_POST) {
		http_reply_field(&reply, "Allow", SPAN("POST"));
		http_exchange_reply(exchange, &reply);
	}
}

struct http_handler witness_handler(struct witness *witness)
{
	return (struct http_handler){ .head = on_head, .request = on_request, .owner = witness };
}
