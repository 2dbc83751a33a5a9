/*
 * Witnesses: checkpoints and when they are published; see witnesses.h.
 */
#include "daemon/jobs/witnesses_inside.h"

#include "daemon/base/memory.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t witnesses_now(const struct witnesses *w)
{
	return w->env.now_ms != NULL ? w->env.now_ms(w->env.ctx) : clock_steady_ms();
}

static size_t peers_of(const struct witnesses *w)
{
	return w->policy != NULL ? w->policy->nwitnesses : 0;
}

/* --- life ------------------------------------------------------------------------------------ */

struct witnesses *witnesses_new(const struct witnesses_env *env)
{
	struct witnesses *w = memory_zeroes(1, sizeof(*w));

	w->env = *env;
	return w;
}

void witnesses_rest(struct witnesses *w)
{
	if (w != NULL)
		w->rests = true;
}

static void drop_peers(const struct witnesses *w, struct witness_log *log)
{
	for (size_t i = 0; log->peers != NULL && i < peers_of(w); i++)
		buf_release(&log->peers[i].line);
	free(log->peers);
	log->peers = NULL;
}

static void make_peers(struct witnesses *w, struct witness_log *log)
{
	log->peers = memory_zeroes(peers_of(w) + 1, sizeof(*log->peers));
	witnesses_load(w, log);
}

void witnesses_free(struct witnesses *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->n; i++) {
		witnesses_keep(w, &w->logs[i]);
		drop_peers(w, &w->logs[i]);
		buf_release(&w->logs[i].text);
		buf_release(&w->logs[i].note);
	}
	arena_release(&w->arena);
	free(w);
}

/* --- the note ---------------------------------------------------------------------------------- */

/* With the cosignatures there are, in the order of the policy. */
static void whole_note(const struct witnesses *w, const struct witness_log *log, struct buf *note)
{
	buf_add_span(note, buf_span(&log->note));
	for (size_t i = 0; i < peers_of(w); i++)
		buf_add_span(note, buf_span(&log->peers[i].line));
}

static bool is_of(const struct note_signature *signature, const struct note_key *key)
{
	return signature->id == key->id && span_eq(signature->name, note_key_name(key));
}

/* Takes the lines of one key to `to`. */
static void take_lines(const struct note *note, const struct note_key *key, struct buf *to)
{
	for (size_t i = 0; i < note->n; i++)
		if (is_of(&note->signatures[i], key))
			buf_add_span(to, note->signatures[i].line);
}

/* A checkpoint into text, what its log signed, and the cosignatures that hold; others stay with the log's. */
static void split_note(const struct witnesses *w, struct witness_log *log, struct span bytes)
{
	struct note *note = memory_zeroes(1, sizeof(*note));
	bool well = note_parse(bytes, note);

	assert(well);
	buf_clear(&log->text);
	buf_clear(&log->note);
	buf_add_span(&log->text, note->text);
	buf_add_span(&log->note, note->text);
	buf_add_byte(&log->note, '\n');
	for (size_t i = 0; i < note->n; i++) {
		bool theirs = false;

		for (size_t k = 0; k < peers_of(w); k++)
			theirs = theirs || is_of(&note->signatures[i], &w->policy->witnesses[k].key);
		if (!theirs)
			buf_add_span(&log->note, note->signatures[i].line);
	}
	for (size_t k = 0; k < peers_of(w); k++) {
		buf_clear(&log->peers[k].line);
		if (note_check(note, &w->policy->witnesses[k].key, NULL) == NOTE_SIGNED)
			take_lines(note, &w->policy->witnesses[k].key, &log->peers[k].line);
	}
	free(note);
}

/* --- publishing -------------------------------------------------------------------------------- */

static uint64_t cosigned_set(const struct witnesses *w, const struct witness_log *log)
{
	uint64_t set = 0;

	for (size_t i = 0; i < peers_of(w); i++)
		if (log->peers[i].line.len > 0)
			set |= UINT64_C(1) << i;
	return set;
}

static bool put(const struct witnesses *w, const struct witness_log *log)
{
	struct complaint why = { .text = "" };
	struct buf note = { 0 };
	bool well;

	whole_note(w, log, &note);
	if (w->env.put != NULL)
		well = w->env.put(w->env.ctx, span_of(log->name), log->tiles, buf_span(&note));
	else
		well = tiles_put_checkpoint(log->tiles, buf_span(&note), &why);
	if (!well)
		log_rarely(LOG_LEVEL_ERROR, "log.not_published", why.text);
	buf_release(&note);
	return well;
}

/* Of what is out: said once when it goes missing, and once when it is back. */
static void note_quorum(struct witnesses *w, struct witness_log *log, bool met)
{
	if (met == !log->missing)
		return;
	log->missing = !met;
	log->missing_ms = witnesses_now(w);
	log_event(met ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING, met ? "log.quorum_met" : "log.quorum_missing", "log", log->name, "size",
		  log_u64(log->head.size), NULL);
}

/*
 * A witness named more leaves than there were, and has not said since that it was mistaken or that
 * they are the same. When there are as many it is asked about them; meanwhile nothing is published.
 */
static bool in_doubt(const struct witnesses *w, const struct witness_log *log)
{
	return log->ahead > log->head.size || (log->ahead > 0 && witnesses_now(w) - log->ahead_ms < WITNESSES_BEHIND_MS);
}

void witnesses_settle(struct witnesses *w, struct witness_log *log)
{
	uint64_t set = cosigned_set(w, log), now_ms = witnesses_now(w);
	bool met = w->policy == NULL || quorum_met(w->policy, set);
	bool waits = !met && now_ms - log->since_ms < w->wait_ms;
	bool more = (set & ~log->out_set) != 0;

	if (w->rests || log->serial == 0 || log->refused || in_doubt(w, log) || (waits && !(log->out && more)))
		return;
	if ((!log->out || more) && !put(w, log))
		return;
	log->out = true;
	log->out_set = set;
	if (!waits)
		note_quorum(w, log, met);
}

void witnesses_refuse(struct witnesses *w, struct witness_log *log, const char *why)
{
	if (log->refused)
		return;
	log->refused = true;
	log_event(LOG_LEVEL_ERROR, "log.witness_contradicts", "log", log->name, "size", log_u64(log->head.size), "why", why, NULL);
	w->env.refuse(w->env.ctx, span_of(log->name), why);
}

/* What was cosigned stays so, as far as the new policy has the witness. */
static void change_policy(struct witnesses *w, struct witness_log *log, const struct quorum *policy)
{
	const struct quorum *before = w->policy;
	struct buf note = { 0 };

	witnesses_keep(w, log);
	whole_note(w, log, &note);
	drop_peers(w, log);
	w->policy = policy;
	make_peers(w, log);
	if (log->serial > 0)
		split_note(w, log, buf_span(&note));
	log->out_set = cosigned_set(w, log);
	w->policy = before;
	buf_release(&note);
}

void witnesses_set(struct witnesses *w, const struct quorum *policy, unsigned wait_ms)
{
	for (size_t i = 0; i < w->n; i++)
		change_policy(w, &w->logs[i], policy);
	w->policy = policy;
	w->wait_ms = wait_ms;
	w->generation++;
	for (size_t i = 0; i < w->n; i++) {
		w->logs[i].since_ms = witnesses_now(w);
		witnesses_ask(w, &w->logs[i]);
		witnesses_settle(w, &w->logs[i]);
	}
}

/* --- checkpoints ----------------------------------------------------------------------------------- */

static struct witness_log *find(const struct witnesses *w, struct span name)
{
	for (size_t i = 0; i < w->n; i++)
		if (span_is(name, w->logs[i].name))
			return (struct witness_log *)(uintptr_t)&w->logs[i];
	return NULL;
}

static struct witness_log *add(struct witnesses *w, struct span name)
{
	struct witness_log *log = &w->logs[w->n];

	assert(w->n < SEALER_LOGS_MAX && name.len < sizeof(log->name));
	w->n++;
	memcpy(log->name, name.at, name.len);
	log->out = true;   /* nothing waits */
	make_peers(w, log);
	return log;
}

/* There are as many leaves now as a witness has named: from here on it has time to say whether they are the same. */
static void caught_up(const struct witnesses *w, struct witness_log *log, uint64_t before)
{
	if (log->ahead > before && log->ahead <= log->head.size)
		log->ahead_ms = witnesses_now(w);
}

void witnesses_take(struct witnesses *w, const struct sealer_checkpoint *checkpoint, bool published)
{
	struct witness_log *log = find(w, checkpoint->log);
	uint64_t before;

	if (log == NULL)
		log = add(w, checkpoint->log);
	if (log->out)
		log->since_ms = witnesses_now(w);
	log->serial++;
	log->tiles = checkpoint->tiles;
	before = log->head.size;
	log->head = checkpoint->head;
	log->out = published;
	split_note(w, log, checkpoint->note);
	log->out_set = published ? cosigned_set(w, log) : 0;
	caught_up(w, log, before);
	witnesses_ask(w, log);
	witnesses_settle(w, log);
}

void witnesses_tick(struct witnesses *w)
{
	uint64_t now_ms = witnesses_now(w);

	for (size_t i = 0; i < w->n; i++) {
		struct witness_log *log = &w->logs[i];

		if (log->ahead > log->head.size && now_ms - log->ahead_ms >= WITNESSES_BEHIND_MS)
			witnesses_refuse(w, log, "a witness has cosigned more leaves than there are");
		witnesses_ask(w, log);
		witnesses_settle(w, log);
		witnesses_keep(w, log);
	}
}

/* --- figures -------------------------------------------------------------------------------------- */

bool witnesses_figures(const struct witnesses *w, struct span name, struct witnesses_figures *out)
{
	const struct witness_log *log = find(w, name);

	if (log == NULL)
		return false;
	*out = (struct witnesses_figures){ .policy = w->policy != NULL && !w->policy->none, .met = !log->missing, .n = peers_of(w) };
	if (log->missing)
		out->missing_ms = witnesses_now(w) - log->missing_ms;
	for (size_t i = 0; i < out->n; i++) {
		const struct witness_peer *peer = &log->peers[i];

		out->at[i] = (struct witnesses_witness){ .name = w->policy->witnesses[i].name, .size = peer->cosigned,
							 .time_s = peer->time_s, .newest = peer->line.len > 0,
							 .failing = peer->failures > 0 };
	}
	return true;
}

size_t witnesses_count(const struct witnesses *w)
{
	return w->n;
}

struct span witnesses_name(const struct witnesses *w, size_t n)
{
	return span_of(w->logs[n].name);
}
