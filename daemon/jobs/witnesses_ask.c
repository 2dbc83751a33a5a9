/*
 * Asking one witness for its cosignature (add-checkpoint of C2SP tlog-witness);
 * see witnesses.h.
 */
#include "daemon/jobs/witnesses_inside.h"

#include "daemon/base/memory.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"
#include "daemon/tlog/line.h"

#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_MS 10000
#define ANSWER_MAX 16384
#define AGAIN_MS 1000        /* after the first failure; doubles */
#define AGAIN_MAX_MS 60000

/* What waits for an answer; names its witness by place, as the policy may change meanwhile. */
struct asking {
	struct witnesses *witnesses;
	uint64_t generation;
	size_t log, peer;
	uint64_t serial;         /* of the checkpoint */
	uint64_t old, size;
	struct buf text;         /* of it */
};

static const struct quorum_witness *witness_at(const struct witnesses *w, size_t peer)
{
	return &w->policy->witnesses[peer];
}

/* --- not now, later ------------------------------------------------------------------------------- */

/* Twice as late each time, and nobody at the same moment as the others. */
static void put_off(const struct witnesses *w, struct witness_peer *peer)
{
	uint64_t wait_ms = peer->failures < 6 ? (uint64_t)AGAIN_MS << peer->failures : AGAIN_MAX_MS;

	if (wait_ms > AGAIN_MAX_MS)
		wait_ms = AGAIN_MAX_MS;
	peer->failures++;
	peer->next_ms = witnesses_now(w) + wait_ms / 2 + random_u64() % (wait_ms / 2 + 1);
}

static void failed(struct witnesses *w, struct witness_log *log, size_t peer, const char *why)
{
	/* Once, and again when it lasts long. */
	if (log->peers[peer].failures % 16 == 0)
		log_event(LOG_LEVEL_WARNING, "log.witness_failed", "log", log->name, "witness", witness_at(w, peer)->key.name, "why", why,
			  NULL);
	put_off(w, &log->peers[peer]);
}

/* --- the request ------------------------------------------------------------------------------------ */

/* The proof from `old`, tried on our own tree first: then a witness that refuses it has another tree. */
static bool prove(struct witnesses *w, const struct witness_log *log, uint64_t old, struct tree_proof *proof)
{
	struct tree_reader reader = tiles_reader(log->tiles, log->head.size);
	struct tree_head before = { .size = old };
	bool well = tree_root(&reader, old, &w->arena, &before.root) &&
		    tree_consistency(&reader, old, log->head.size, &w->arena, proof) &&
		    tree_consistent(&before, &log->head, proof->hashes, proof->n);

	arena_clear(&w->arena);
	return well;
}

static void write_request(const struct witness_log *log, uint64_t old, const struct tree_proof *proof, struct buf *body)
{
	buf_printf(body, "old %llu\n", (unsigned long long)old);
	for (size_t i = 0; i < proof->n; i++)
		line_add_hash(body, &proof->hashes[i]);
	buf_add_byte(body, '\n');
	buf_add_span(body, buf_span(&log->note));
}

static struct asking *asking_new(struct witnesses *w, const struct witness_log *log, size_t peer, uint64_t old)
{
	struct asking *asking = memory_zeroes(1, sizeof(*asking));

	*asking = (struct asking){ .witnesses = w, .generation = w->generation, .log = (size_t)(log - w->logs), .peer = peer,
				   .serial = log->serial, .old = old, .size = log->head.size };
	buf_add_span(&asking->text, buf_span(&log->text));
	return asking;
}

static void on_answer(void *ctx, const struct http_answer *answer);

static void post(struct witnesses *w, struct witness_log *log, size_t peer, uint64_t old, struct span body)
{
	static const char *const fields[] = { "Content-Type: text/plain; charset=utf-8", NULL };
	struct span base = witness_at(w, peer)->url;
	struct buf url = { 0 };
	struct http_call call = { .method = HTTP_POST, .fields = fields, .body = body, .timeout_ms = TIMEOUT_MS,
				  .answer_max_bytes = ANSWER_MAX };

	while (base.len > 0 && base.at[base.len - 1] == '/')
		base.len--;
	buf_add_span(&url, base);
	buf_add_text(&url, "/add-checkpoint");
	buf_add_byte(&url, '\0');
	call.url = url.at;
	log->peers[peer].asking = true;
	w->env.start(w->env.ctx, &call, on_answer, asking_new(w, log, peer, old));
	buf_release(&url);
}

static void ask(struct witnesses *w, struct witness_log *log, size_t at)
{
	struct witness_peer *peer = &log->peers[at];
	/* One that has more is asked all the same: it says so, and that counts. */
	uint64_t old = peer->old < log->head.size ? peer->old : log->head.size;
	struct tree_proof proof;
	struct buf body = { 0 };

	if (prove(w, log, old, &proof)) {
		write_request(log, old, &proof, &body);
		post(w, log, at, old, buf_span(&body));
	} else {
		failed(w, log, at, "our own tiles give no proof");
	}
	buf_release(&body);
}

void witnesses_ask(struct witnesses *w, struct witness_log *log)
{
	if (w->rests || w->policy == NULL || log->serial == 0 || log->refused)
		return;
	for (size_t i = 0; i < w->policy->nwitnesses; i++) {
		const struct witness_peer *peer = &log->peers[i];

		if (witness_at(w, i)->url.len > 0 && peer->line.len == 0 && !peer->asking && witnesses_now(w) >= peer->next_ms)
			ask(w, log, i);
	}
}

/* --- the answer ---------------------------------------------------------------------------------------- */

static void take_line(struct witness_peer *peer, const struct note *note, const struct note_key *key)
{
	buf_clear(&peer->line);
	for (size_t i = 0; i < note->n && peer->line.len == 0; i++)
		if (note->signatures[i].id == key->id && span_eq(note->signatures[i].name, note_key_name(key)))
			buf_add_span(&peer->line, note->signatures[i].line);
}

/* What it said before does not count any more. */
static void not_ahead(struct witness_log *log, size_t peer)
{
	if (log->ahead_by == peer)
		log->ahead = 0;
}

static void take_cosignature(struct witnesses *w, struct witness_log *log, const struct asking *asking, struct span body)
{
	struct witness_peer *peer = &log->peers[asking->peer];
	const struct note_key *key = &witness_at(w, asking->peer)->key;
	struct note *note = memory_zeroes(1, sizeof(*note));
	uint64_t time_s;

	if (!note_parse_signatures(buf_span(&asking->text), body, note) || note_check(note, key, &time_s) != NOTE_SIGNED) {
		failed(w, log, asking->peer, "its cosignature does not hold");
	} else {
		peer->old = peer->cosigned = asking->size;
		peer->time_s = time_s;
		peer->failures = 0;
		peer->corrected = false;
		log->kept_old = true;
		not_ahead(log, asking->peer);
		/* Of one that was overtaken it is remembered, and not used. */
		if (asking->serial == log->serial)
			take_line(peer, note, key);
	}
	free(note);
}

/* Another size than we thought: smaller or as ours, then from there; larger, then we may be behind, or were set back. */
static void take_size(struct witnesses *w, struct witness_log *log, const struct asking *asking, struct span body)
{
	struct witness_peer *peer = &log->peers[asking->peer];
	uint64_t size;

	if (body.len > 0 && body.at[body.len - 1] == '\n')
		body.len--;
	if (!line_number(body, &size)) {
		failed(w, log, asking->peer, "409 without a size");
	} else if (size > log->head.size) {
		if (log->ahead <= log->head.size) {
			log->ahead_ms = witnesses_now(w);
			log->ahead_by = asking->peer;
		}
		if (size > log->ahead)
			log->ahead = size;
		failed(w, log, asking->peer, "it has more leaves than there are here");
	} else if (size == asking->old && size == asking->size) {
		witnesses_refuse(w, log, "a witness has cosigned another tree of this size");
	} else {
		if (size < log->ahead)
			not_ahead(log, asking->peer);
		peer->old = size;
		log->kept_old = true;
		if (peer->corrected || size == asking->old)
			failed(w, log, asking->peer, "it names one size after the other");
		peer->corrected = true;
	}
}

static void take_status(struct witnesses *w, struct witness_log *log, const struct asking *asking, const struct http_answer *answer)
{
	char why[64];

	switch (answer->status) {
	case 200:
		take_cosignature(w, log, asking, answer->body);
		return;
	case 409:
		take_size(w, log, asking, answer->body);
		return;
	case 422:
		witnesses_refuse(w, log, "a witness has cosigned a tree that this one does not continue");
		return;
	default:
		snprintf(why, sizeof(why), "status %d", answer->status);
		failed(w, log, asking->peer, why);
	}
}

static void on_answer(void *ctx, const struct http_answer *answer)
{
	struct asking *asking = ctx;
	struct witnesses *w = asking->witnesses;

	if (asking->generation == w->generation) {
		struct witness_log *log = &w->logs[asking->log];

		log->peers[asking->peer].asking = false;
		if (answer->outcome == HTTP_ANSWERED)
			take_status(w, log, asking, answer);
		else
			failed(w, log, asking->peer, answer->error);
		witnesses_ask(w, log);
		witnesses_settle(w, log);
	}
	buf_release(&asking->text);
	free(asking);
}
