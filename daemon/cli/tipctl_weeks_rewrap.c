/*
 * Tips of earlier weeks under the present week's key; see tipctl_weeks.h.
 *
 * Each is moved by compare-and-set of the bytes that were read, so a daemon that
 * changes it at the same moment wins, and it is looked at again.
 */
#include "daemon/cli/tipctl_weeks.h"

#include "daemon/base/wipe.h"
#include "daemon/store/calls.h"
#include "daemon/sys/clock.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

#define PASSES 3
#define TELL_EVERY_MS 2000

struct moving {
	struct week_rewrap *rewrap;
	unsigned present;
	struct seal_key present_key;
	uint64_t told_ms;
	uint64_t conflicts, seen, leaving, gone, missing;   /* of this pass */
};

static void take_moved(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct moving *m = ctx;
	const char *word = reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 ? reply->element[0]->str : "";

	(void)at;
	(void)n;
	if (strcmp(word, "ok") == 0 || strcmp(word, "already") == 0)
		m->rewrap->moved++;
	else if (strcmp(word, "absent") != 0)
		m->conflicts++;
}

static void send(struct moving *m, const struct week_tip *tip, const struct store_cover *cover)
{
	struct store_request request = { .op = STORE_COVER, .id = tip->id, .cover = cover };
	struct pipe_words words = pipe_words(m->rewrap->store);
	struct command commands[COMMANDS_MAX];

	(void)calls_build(&request, words.arena, commands);
	for (size_t i = 0; i < commands[0].n; i++)
		pipe_word(&words, span_from(commands[0].words[i], commands[0].lens[i]));
	pipe_send(m->rewrap->store, &words, take_moved, m, NULL, 0);
}

/* False: its key is gone or missing, or another one; it is counted. */
static bool move_part(struct moving *m, const struct week_tip *tip, enum cover_kind kind, unsigned week, struct span stored,
		      struct span *was, struct buf *now)
{
	struct seal_key key;
	enum week_key_outcome found = week == 0 ? WEEK_KEY_FOUND : week_keys_find(m->rewrap->weeks, week, &key);
	bool well = found == WEEK_KEY_FOUND &&
		    cover_move(&tip->id, kind, week == 0 ? NULL : &key, m->present, &m->present_key, stored, was, now);

	if (found == WEEK_KEY_GONE)
		m->gone++;
	else if (!well)
		m->missing++;
	if (week > 0)
		wipe(&key, sizeof(key));
	return well;
}

static bool wanted(const struct moving *m, unsigned week)
{
	return week >= m->rewrap->from && week < m->present;
}

static void visit(void *ctx, const struct week_tip *tip)
{
	struct moving *m = ctx;
	struct store_cover cover = { .was = { .len = 0 } };
	struct buf content = { 0 }, identity = { 0 };
	bool person = tip->identity.len > 0 && tip->identity_week != m->present;

	m->seen++;
	if (span_empty(tip->content) || !wanted(m, tip->week))
		return;
	if (tip->leaving) {
		m->leaving++;
		return;
	}
	if (move_part(m, tip, COVER_CONTENT, tip->week, tip->content, &cover.was, &content) &&
	    (!person || move_part(m, tip, COVER_IDENTITY, tip->identity_week, tip->identity, &cover.identity_was, &identity))) {
		cover.now = buf_span(&content);
		cover.identity_now = buf_span(&identity);
		send(m, tip, &cover);
	}
	buf_release(&content);
	buf_release(&identity);
}

static void tell(void *ctx)
{
	struct moving *m = ctx;
	uint64_t now_ms = clock_steady_ms();

	if (m->rewrap->quiet || now_ms - m->told_ms < TELL_EVERY_MS)
		return;
	m->told_ms = now_ms;
	fprintf(stderr, "rewrap: %llu tips seen, %llu moved\n", (unsigned long long)m->seen, (unsigned long long)m->rewrap->moved);
}

static bool pass(struct moving *m, struct complaint *why)
{
	struct week_walk walk = { .store = m->rewrap->store, .visit = visit, .page = tell, .ctx = m };

	m->conflicts = m->seen = m->leaving = m->gone = m->missing = 0;
	if (!week_walk(&walk))
		return complain(why, 0, "the connection to the store broke; run it again, what was moved stays so");
	m->missing += walk.broken;
	return true;
}

bool week_rewrap(struct week_rewrap *rewrap, struct complaint *why)
{
	struct moving m = { .rewrap = rewrap, .told_ms = clock_steady_ms() };
	uint64_t began_ms = m.told_ms;
	bool well = week_keys_present(rewrap->weeks, rewrap->now_ms, &m.present, &m.present_key, why);

	for (int i = 0; well && i < PASSES; i++) {
		well = pass(&m, why);
		if (m.conflicts == 0)
			break;
	}
	rewrap->seen = m.seen;
	rewrap->changed = m.conflicts;
	rewrap->leaving = m.leaving;
	rewrap->gone = m.gone;
	rewrap->missing = m.missing;
	rewrap->ms = clock_steady_ms() - began_ms;
	wipe(&m.present_key, sizeof(m.present_key));
	return well;
}
