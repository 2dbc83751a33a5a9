/*
 * Counts of a channel; see notice_tally.h.
 */
#include "handlers/notify/notice_tally.h"

#define LABEL "notice tally"

static bool any(const struct notice *notice)
{
	return notice->region[0] != '\0';
}

static uint64_t *upto_of(struct notice_tally *tally, const char shard[3])
{
	size_t i = 0;

	while (i < tally->njournals && strcmp(tally->journals[i].shard, shard) != 0)
		i++;
	if (i == TALLY_SHARDS_MAX)
		return NULL;
	if (i == tally->njournals) {
		memcpy(tally->journals[i].shard, shard, sizeof(tally->journals[i].shard));
		tally->njournals++;
	}
	return &tally->journals[i].upto;
}

bool notice_tally_add(struct notice_tally *tally, const char shard[3], uint64_t event, const struct notice *notice)
{
	struct notice *pending = &tally->pending;
	uint64_t *upto = upto_of(tally, shard);

	if (upto == NULL || event <= *upto)
		return false;
	*upto = event;
	if (!any(pending)) {
		*pending = *notice;
		return true;
	}
	notice_join_region(pending->region, notice->region);
	if (notice->kind < pending->kind)
		pending->kind = notice->kind;
	if (notice->at_ms > pending->at_ms)
		pending->at_ms = notice->at_ms;
	for (unsigned i = 0; i < NOTICE_TOLD; i++)
		pending->count[i] += notice->count[i];
	return true;
}

bool notice_tally_freeze(struct notice_tally *tally, int64_t now_ms, int64_t pause_ms)
{
	/* A clock that was set back does not hold notices up. */
	bool rests = now_ms >= tally->frozen_ms && now_ms - tally->frozen_ms < pause_ms;

	if (any(&tally->outgoing) || !any(&tally->pending) || rests)
		return false;
	tally->outgoing = tally->pending;
	tally->pending = (struct notice){ 0 };
	tally->number++;
	tally->frozen_ms = now_ms;
	return true;
}

/* --- as bytes ---------------------------------------------------------------------------- */

/* "<kind> <region> <at> <counts>", or an empty line */
static void write_notice(const struct notice *notice, struct buf *out)
{
	char counts[NOTICE_COUNTS_TEXT];

	notice_counts_write(notice, counts);
	if (any(notice))
		buf_printf(out, "%u %s %lld %s", (unsigned)notice->kind, notice->region, (long long)notice->at_ms, counts);
	buf_add_byte(out, '\n');
}

void notice_tally_seal(const struct seal_key *key, const struct notice_tally *tally, struct buf *out)
{
	struct buf clear = { 0 };

	buf_printf(&clear, "%llu %lld\n", (unsigned long long)tally->number, (long long)tally->frozen_ms);
	write_notice(&tally->outgoing, &clear);
	write_notice(&tally->pending, &clear);
	for (size_t i = 0; i < tally->njournals; i++)
		buf_printf(&clear, "%s %llu\n", tally->journals[i].shard, (unsigned long long)tally->journals[i].upto);
	seal_blob(key, LABEL, buf_span(&clear), out);
	buf_release(&clear);
}

static bool take_number(struct span *rest, char end, uint64_t *number)
{
	struct span part;

	return span_cut(rest, end, &part) && span_u64(part, number) && *number <= INT64_MAX;
}

static bool read_notice(struct span *rest, struct notice *out)
{
	struct span line, region;
	uint64_t kind, at;

	if (!span_cut(rest, '\n', &line))
		return false;
	if (line.len == 0)
		return true;
	if (!take_number(&line, ' ', &kind) || kind >= NOTICE_TOLD || !span_cut(&line, ' ', &region) || region.len != 6 ||
	    !span_digits(region) || !take_number(&line, ' ', &at) || !notice_counts_read(line, out))
		return false;
	out->kind = (enum notice_kind)kind;
	memcpy(out->region, region.at, region.len);
	out->at_ms = (int64_t)at;
	return true;
}

static bool read_tally(struct span text, struct notice_tally *out)
{
	struct span shard;
	uint64_t frozen;

	if (!take_number(&text, ' ', &out->number) || !take_number(&text, '\n', &frozen) || !read_notice(&text, &out->outgoing) ||
	    !read_notice(&text, &out->pending))
		return false;
	out->frozen_ms = (int64_t)frozen;
	while (text.len > 0) {
		if (out->njournals == TALLY_SHARDS_MAX || !span_cut(&text, ' ', &shard) || shard.len != 2 ||
		    !take_number(&text, '\n', &out->journals[out->njournals].upto))
			return false;
		memcpy(out->journals[out->njournals++].shard, shard.at, 2);
	}
	return true;
}

bool notice_tally_open(const struct seal_key *key, struct span sealed, struct notice_tally *out)
{
	struct arena arena = { 0 };
	struct span clear;
	bool well;

	*out = (struct notice_tally){ 0 };
	if (sealed.len == 0)
		return true;
	well = seal_open_blob(key, LABEL, sealed, &arena, &clear) && read_tally(clear, out);
	arena_release(&arena);
	return well;
}
