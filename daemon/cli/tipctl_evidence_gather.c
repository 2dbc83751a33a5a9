/*
 * Which entries a pack of evidence is about; see tipctl_evidence.h.
 */
#include "daemon/cli/tipctl_evidence.h"

#include "daemon/base/civil_time.h"
#include "daemon/cli/verify_log.h"
#include "daemon/cli/verify_scan.h"
#include "daemon/core/journal/event.h"

#include <assert.h>
#include <stdlib.h>

#define CHINA_MINUTES 480
#define TAIL_AT 3

/* "R7" as a whole word: not within R70, nor within an id. */
static bool has_word(struct span text, struct span word)
{
	for (size_t at = 0; at + word.len <= text.len; at++) {
		struct span rest = span_from_offset(text, at);
		size_t found = span_find(rest, word);
		char before, after;

		if (found == rest.len)
			return false;
		at += found;
		before = at > 0 ? text.at[at - 1] : '"';
		after = at + word.len < text.len ? text.at[at + word.len] : '"';
		if (strchr("\",: [/", before) != NULL && strchr("\",: ]/.#", after) != NULL)
			return true;
	}
	return false;
}

/* A tip keeps the tail of its id in every shard. */
static bool is_of_tip(struct span tip, struct span json)
{
	struct event_member member;

	return event_find(json, "id", &member) && member.value.len == tip.len &&
	       span_eq(span_from_offset(member.value, TAIL_AT), span_from_offset(tip, TAIL_AT));
}

static bool is_of_month(struct span month, struct span json)
{
	struct event_member member;
	char date[CIVIL_DATE_MAX];
	uint64_t at;

	return event_find(json, "at", &member) && span_u64(member.value, &at) && at <= INT64_MAX / 2 &&
	       span_starts(civil_write_date((int64_t)at, CHINA_MINUTES, date), month);
}

/* "150000" takes in all that begins with 15, "150600" with 1506. */
static bool is_of_region(struct span region, struct span json)
{
	struct event_member member;
	size_t len = region.len;

	while (len > 2 && region.at[len - 1] == '0' && region.at[len - 2] == '0')
		len -= 2;
	return event_find(json, "region", &member) && span_starts(member.value, span_from(region.at, len));
}

bool evidence_concerns(const struct evidence_about *about, struct span log, struct span json)
{
	bool money = span_is(log, "money");

	if (about->tip.len > 0)
		return money ? has_word(json, about->tip) : is_of_tip(about->tip, json);
	if (about->reward.len > 0)
		return money && has_word(json, about->reward);
	return !money && is_of_region(about->region, json) && is_of_month(about->month, json);
}

/* --- the journals --------------------------------------------------------------------------------- */

static bool wanted(void *ctx, struct span key, enum verify_type *type)
{
	const struct span end = SPAN("}:journal");

	(void)ctx;
	*type = VERIFY_STREAM;
	return verify_log_of(key) <= REPLAY_SHARDS && key.len > end.len && span_eq(span_from_offset(key, key.len - end.len), end);
}

static void add(struct evidence *evidence, struct evidence_log *log, uint64_t number, struct span json)
{
	/* A page of keys may tell one twice. */
	if (log->n > 0 && log->at[log->n - 1].number >= number)
		return;
	if (log->n == log->room) {
		log->room = log->room > 0 ? 2 * log->room : 64;
		log->at = realloc(log->at, log->room * sizeof(*log->at));
		assert(log->at != NULL);
	}
	log->at[log->n++] = (struct evidence_entry){ .number = number, .json = arena_dup(&evidence->arena, json) };
}

static void look(void *ctx, const struct verify_piece *piece)
{
	struct evidence *evidence = ctx;
	struct evidence_log *log = &evidence->logs[verify_log_of(piece->key)];

	if (span_is(piece->a, "e") && evidence_concerns(&evidence->about, span_of(log->name), piece->b))
		add(evidence, log, piece->number, piece->b);
}

static void refused(void *ctx, struct span key, const char *why)
{
	(void)ctx;
	fprintf(stderr, "tipctl: %.*s: %s\n", (int)key.len, key.at, why);
}

static void lost(void *ctx, const char *why)
{
	struct evidence *evidence = ctx;

	if (evidence->lost.text[0] == '\0')
		complain(&evidence->lost, 0, "%s", why);
}

bool evidence_gather(struct evidence *evidence, struct complaint *why)
{
	const struct verify_walk walk = { .key = wanted, .piece = look, .refused = refused, .ctx = evidence, .match = "{*}:journal",
					  .lost = lost, .archive = evidence->verify->replay.archive };

	for (size_t i = 0; i < REPLAY_SHARDS; i++)
		snprintf(evidence->logs[i].name, sizeof(evidence->logs[i].name), "%02zu", i);
	snprintf(evidence->logs[REPLAY_SHARDS].name, sizeof(evidence->logs[0].name), "money");
	if (!verify_scan(evidence->verify->store, &walk))
		return complain(why, 0, "the connection to the store broke");
	return evidence->lost.text[0] == '\0' || complain(why, 0, "%s", evidence->lost.text);
}
