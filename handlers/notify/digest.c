/*
 * Digests; see digest.h.
 */
#include "handlers/notify/digest.h"

#include "daemon/core/journal/fold_fact.h"
#include "daemon/core/sms/hours.h"
#include "daemon/core/text/gazetteer.h"

#define MINUTE_MS INT64_C(60000)

bool digest_due(const char *at, int64_t now_ms, int64_t *due_ms)
{
	unsigned minute;
	int zone;
	int64_t local_ms, into_ms;

	if (at == NULL || !sms_clock_parse(span_of(at), &minute, &zone))
		return false;
	local_ms = now_ms + zone * MINUTE_MS - minute * MINUTE_MS;
	into_ms = (local_ms % DIGEST_DAY_MS + DIGEST_DAY_MS) % DIGEST_DAY_MS;
	*due_ms = now_ms - into_ms;
	return into_ms < DIGEST_LATE_MS;
}

struct notice digest_begin(const char *region, int64_t due_ms)
{
	struct notice digest = { .kind = NOTICE_DIGEST, .at_ms = due_ms, .from_ms = due_ms - DIGEST_DAY_MS };

	memcpy(digest.region, region, sizeof(digest.region));
	return digest;
}

int64_t digest_event_ms(struct span event)
{
	struct complaint why = { 0 };
	struct fold_fact fact;

	return fold_fact_read(event, &fact, &why) && fact.at.has ? (int64_t)fact.at.value : 0;
}

/* What it counts as; false: as nothing. */
static bool figure_of(const struct fold_fact *fact, enum digest_figure *figure, struct span *region)
{
	*region = fact->region;
	if (fact->word->kind == FOLD_BIRTH) {
		*figure = DIGEST_NEW;
	} else if (span_is(fact->word->word, "escalated")) {
		*figure = DIGEST_ESCALATED;
		*region = fact->to;
	} else if (span_is(fact->word->word, "verified")) {
		*figure = DIGEST_VERIFIED;
	} else if (span_is(fact->word->word, "closed")) {
		*figure = DIGEST_CLOSED;
	} else {
		return false;
	}
	return true;
}

void digest_add_event(struct notice *digest, struct span event)
{
	struct complaint why = { 0 };
	enum digest_figure figure;
	struct fold_fact fact;
	struct span region;
	int64_t at_ms;

	if (!fold_fact_read(event, &fact, &why) || !fact.at.has || !figure_of(&fact, &figure, &region))
		return;
	at_ms = (int64_t)fact.at.value;
	if (at_ms >= digest->from_ms && at_ms < digest->at_ms && region.len == 6 && region_within(region, span_of(digest->region)))
		digest->count[figure]++;
}
