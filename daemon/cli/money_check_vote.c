/*
 * Acts of two persons: the first one's call is a record "vote", that of a
 * second one for the same act on the same thing is the act.
 */
#include "daemon/cli/money_check_parts.h"

#define VOTE_MS (30 * MONEY_DAY_MS)

/* The members between "act" and "digest", as they stand. */
static struct span fields_of(const struct money_line *line)
{
	struct span data = line->data_text;
	size_t head = sizeof("{\"act\":\"\"") - 1 + money_line_text(line, "act").len;
	size_t tail = sizeof(",\"digest\":\"\"}") - 1 + money_line_text(line, "digest").len;

	if (!span_starts(data, SPAN("{\"act\":")) || data.len < head + tail)
		return NO_SPAN;
	return span_from(data.at + head, data.len - head - tail);
}

/* Last record about the reward; 0: the act is about none. */
static uint64_t last_of(struct money_check *check, const struct money_kind *kind, struct span subject)
{
	size_t index = kind->from != 0 ? money_map_get(&check->by_reward, subject, NO_SPAN) : MONEY_MAP_NONE;

	return index != MONEY_MAP_NONE ? money_reward_at(check, index)->last_seq : 0;
}

/* SHA-256 over act, subject, fields and the last record of the reward. */
static void check_digest(struct money_check *check, const struct money_vote *vote)
{
	bool own_words = span_is(vote->act, "reward.reissue");   /* each says their own */
	struct span fields = own_words ? NO_SPAN : vote->fields, told = money_line_text(check->line, "digest");
	const char *after = vote->after > 0 ? arena_printf(&check->arena, ",\"after\":%llu", (unsigned long long)vote->after)
					    : "";
	const char *text = arena_printf(&check->arena, "{\"act\":\"%.*s\",\"subject\":\"%.*s\"%.*s%s}", (int)vote->act.len,
					vote->act.at, (int)vote->subject.len, vote->subject.at, (int)fields.len,
					fields.at, after);
	unsigned char hash[MONEY_HASH_BYTES];
	char digits[2 * MONEY_HASH_BYTES + 1];

	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	sodium_bin2hex(digits, sizeof(digits), hash, sizeof(hash));
	if (!span_is(told, digits))
		money_broken(check, MONEY_I10_SEPARATION, "the digest is not that of what is voted on");
}

void money_vote_take(struct money_check *check)
{
	const struct money_line *line = check->line;
	const struct money_kind *kind = money_kind_find(money_line_text(line, "act"));
	struct money_vote vote = { .act = money_keep(check, money_line_text(line, "act")),
				   .subject = money_keep(check, line->subject),
				   .role = money_keep(check, line->role),
				   .at_ms = line->at_ms, .seq = check->seq };
	const struct money_staff *staff;

	vote.fields = money_keep(check, fields_of(line));
	if (kind == NULL) {
		money_broken(check, MONEY_I12_TRANSITIONS, "a vote for an act that there is not");
		return;
	}
	vote.after = last_of(check, kind, line->subject);
	(void)money_staff_actor(check, kind->roles, &vote.who, &staff);
	vote.who.person = money_keep(check, vote.who.person);
	check_digest(check, &vote);
	money_map_add(&check->by_vote, span_of(arena_printf(&check->arena, "%llu", (unsigned long long)check->seq)), NO_SPAN,
		      check->votes.n);
	*(struct money_vote *)money_list_add(&check->votes, sizeof(vote)) = vote;
}

static struct money_vote *vote_of(struct money_check *check)
{
	size_t index = money_map_get(&check->by_vote, money_line_text(check->line, "vote"), NO_SPAN);

	return index != MONEY_MAP_NONE ? &((struct money_vote *)check->votes.at)[index] : NULL;
}

/* The act says word for word what was voted on, and then what follows from it. */
static bool same_words(const struct money_check *check, const struct money_vote *vote)
{
	struct span said = span_from_offset(check->line->data_text, 1), voted = span_from_offset(vote->fields, 1);

	return span_is(vote->act, "reward.reissue") || span_starts(said, voted);
}

static const char *fault(struct money_check *check, const struct money_act *act, const struct money_vote *vote)
{
	const struct money_line *line = check->line;

	if (vote == NULL)
		return "a second person did not agree before";
	if (!span_eq(vote->act, line->kind) || !span_eq(vote->subject, line->subject) || !same_words(check, vote))
		return "the vote it names was for something else";
	if (vote->used)
		return "the vote it names was used before";
	if (line->at_ms >= vote->at_ms + VOTE_MS)
		return "the vote it names is older than 30 days";
	if (vote->after != last_of(check, act->kind, line->subject))
		return "something happened between the vote it names and this";
	return money_same_person(check, &act->actor, &vote->who) ? "both votes are of one person" : NULL;
}

void money_vote_needed(struct money_check *check, struct money_act *act)
{
	const char *why;

	act->vote = vote_of(check);
	why = fault(check, act, act->vote);
	if (why != NULL)
		money_broken(check, MONEY_I10_SEPARATION, "an act of two persons: %s", why);
	if (act->vote == NULL)
		return;
	act->vote->used = true;
	if (act->reward != NULL && act->kind->apart != 0 && !span_is(act->vote->role, "claimant"))
		money_staff_apart(check, &act->vote->who, &act->reward->did, act->kind->apart, act->reward->round);
}
