/*
 * V2: each change has one event, and the journal folds to what the store
 * holds. What `tipctl replay` compares, as one finding.
 */
#include "daemon/cli/verify.h"

#include "daemon/cli/tipctl_archive.h"
#include "daemon/store/keys.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

/* The first line of what a comparison wrote, as a finding that stands for all of them. */
static void take_report(struct verify_result *result, char *report, uint64_t differences)
{
	if (differences == 0)
		return;
	if (report != NULL)
		report[strcspn(report, "\n")] = '\0';
	verify_found(result, (struct span){ 0 }, "%s", report != NULL ? report : "the state is another one");
	result->found += differences - 1;
}

/* --- events that are nowhere ------------------------------------------------------------------------- */

static void take_row(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct ctl_segments *segments = ctx;

	(void)at;
	(void)n;
	ctl_segments_read(reply, segments);
}

/* What the store let go of into a file may be found again; what no row of its list has was never let go of. */
static bool tell_lost(struct verify *verify, struct verify_result *result)
{
	const struct replay *replay = &verify->replay;
	struct pipe_words words = pipe_words(verify->store);
	struct ctl_segments last = { .n = 0 };
	bool well;

	pipe_word(&words, SPAN("LRANGE"));
	pipe_word(&words, key_of_shard(words.arena, span_of(replay->lost_shard), KEY_ARCHIVE));
	pipe_word(&words, SPAN("-1"));
	pipe_word(&words, SPAN("-1"));
	pipe_send(verify->store, &words, take_row, &last, NULL, 0);
	well = pipe_drain(verify->store);
	if (last.n == 0 || last.at[0].last < replay->lost_at)
		verify_found(result, (struct span){ 0 }, "{%s}:journal event %llu is missing, and in no file that the store knows",
			     replay->lost_shard, (unsigned long long)replay->lost_at);
	else
		verify_lost(result, replay->lost_first);
	ctl_segments_release(&last);
	return well;
}

bool verify_states(struct verify *verify, struct verify_result *result)
{
	char *report = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&report, &len);
	uint64_t differences;

	if (out == NULL)
		return false;
	if (verify->replay.lost) {
		fclose(out);
		free(report);
		return tell_lost(verify, result);
	}
	result->looked = verify->replay.events;
	if (verify->replay.broken > 0) {
		verify_found(result, (struct span){ 0 }, "%s", verify->replay.broken_first);
		result->found += verify->replay.broken - 1;
	}
	differences = replay_compare(&verify->replay, verify->store, out);
	fclose(out);
	if (differences != UINT64_MAX)
		take_report(result, report, differences);
	free(report);
	return differences != UINT64_MAX;
}
