/*
 * V4: nobody acts twice in one chain of approval.
 *
 * Of money that is invariant I10 of the checker. Of tips: one that came back
 * because of what its informant wrote is ended by another person than the one
 * who ended it before. That is looked at while the journals are read, against
 * the fold as it stands before the event.
 */
#include "daemon/cli/verify.h"
#include "daemon/core/journal/event.h"

/* Who did it, as the fold keeps names. */
static struct span person_of(struct span json, char name[FOLD_HOLDER_MAX])
{
	struct event_member member;
	size_t len;

	if (!event_find(json, "by", &member) || !member.text)
		return (struct span){ 0 };
	len = event_text(member.value, name, FOLD_HOLDER_MAX);
	return len != SIZE_MAX ? span_from(name, len) : (struct span){ 0 };
}

static const struct fold_tip *tip_of(const struct verify *verify, struct span json)
{
	struct event_member member;
	struct tip_id id;

	return event_find(json, "id", &member) && tip_id_parse(member.value, &id) ? fold_find(verify->replay.fold, &id) : NULL;
}

void verify_see(void *ctx, struct span json)
{
	struct verify *verify = ctx;
	struct event_member word;
	char name[FOLD_HOLDER_MAX];
	const struct fold_tip *tip;
	struct span person;

	if (!event_find(json, "e", &word) || !span_is(word.value, "closed"))
		return;
	verify->closed++;
	tip = tip_of(verify, json);
	person = person_of(json, name);
	if (tip == NULL || tip->reopens == 0 || tip->closer == 0 || person.len == 0 ||
	    !span_eq(fold_holder(verify->replay.fold, tip->closer), person))
		return;
	if (verify->same_closer++ == 0)
		snprintf(verify->same_closer_first, sizeof(verify->same_closer_first),
			 "event %llu of shard %.2s: tip %s was reopened by its informant and closed by the same person again",
			 (unsigned long long)fold_last(verify->replay.fold, tip_id_shard(&tip->id)) + 1, tip->id.text,
			 tip->id.text);
}

bool verify_people(struct verify *verify, struct verify_result *result)
{
	result->looked = verify->closed;
	if (verify->replay.lost)
		verify_lost(result, verify->replay.lost_first);
	if (verify->same_closer > 0) {
		verify_found(result, (struct span){ 0 }, "%s", verify->same_closer_first);
		result->found += verify->same_closer - 1;
	}
	verify_money_invariant(verify, result, MONEY_I10_SEPARATION);
	return true;
}
