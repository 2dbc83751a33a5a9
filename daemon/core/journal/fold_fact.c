/*
 * Reading journal events for the fold; see fold_fact.h. Words and members are
 * tables: most frequent first, because they are looked through from the front.
 */
#include "daemon/core/journal/fold_fact.h"

#include "daemon/base/table.h"
#include "daemon/core/journal/event.h"

#include <assert.h>

static const struct fold_word words[] = {
	{ .word = SPAN_INIT("accepted"), .kind = FOLD_BIRTH },
	{ .word = SPAN_INIT("claimed"), .kind = FOLD_MOVE, .event = TIP_EV_CLAIM },
	{ .word = SPAN_INIT("closed"), .kind = FOLD_MOVE, .event = TIP_EV_CLOSE },
	{ .word = SPAN_INIT("linked"), .kind = FOLD_LINKED },
	{ .word = SPAN_INIT("suggested"), .kind = FOLD_SUGGESTED },
	{ .word = SPAN_INIT("rescored"), .kind = FOLD_RESCORED },
	{ .word = SPAN_INIT("released"), .kind = FOLD_MOVE, .event = TIP_EV_RELEASE },
	{ .word = SPAN_INIT("renewed"), .kind = FOLD_MOVE, .event = TIP_EV_RENEW },
	{ .word = SPAN_INIT("lease_expired"), .kind = FOLD_MOVE, .event = TIP_EV_LEASE_EXPIRED },
	{ .word = SPAN_INIT("transferred"), .kind = FOLD_MOVE, .event = TIP_EV_TRANSFER },
	{ .word = SPAN_INIT("transferred_away"), .kind = FOLD_MOVE, .event = TIP_EV_TRANSFER_AWAY },
	{ .word = SPAN_INIT("received"), .kind = FOLD_BIRTH },
	{ .word = SPAN_INIT("message"), .kind = FOLD_MOVE, .event = TIP_EV_MESSAGE },
	{ .word = SPAN_INIT("note"), .kind = FOLD_MOVE, .event = TIP_EV_NOTE },
	{ .word = SPAN_INIT("supplement"), .kind = FOLD_MOVE, .event = TIP_EV_SUPPLEMENT },
	{ .word = SPAN_INIT("verified"), .kind = FOLD_MOVE, .event = TIP_EV_VERIFY },
	{ .word = SPAN_INIT("escalated"), .kind = FOLD_MOVE, .event = TIP_EV_ESCALATE },
	{ .word = SPAN_INIT("reopened"), .kind = FOLD_MOVE, .event = TIP_EV_REOPEN },
	{ .word = SPAN_INIT("unseal_asked"), .kind = FOLD_MOVE, .event = TIP_EV_UNSEAL },
	{ .word = SPAN_INIT("unsealed"), .kind = FOLD_MOVE, .event = TIP_EV_UNSEAL },
	{ .word = SPAN_INIT("joined"), .kind = FOLD_JOINED },
	{ .word = SPAN_INIT("parted"), .kind = FOLD_PARTED },
	{ .word = SPAN_INIT("unlinked"), .kind = FOLD_UNLINKED },
	{ .word = SPAN_INIT("declined"), .kind = FOLD_DECLINED },
	{ .word = SPAN_INIT("held"), .kind = FOLD_MOVE, .event = TIP_EV_HOLD },
	{ .word = SPAN_INIT("lift_asked"), .kind = FOLD_MOVE, .event = TIP_EV_ASK_LIFT },
	{ .word = SPAN_INIT("hold_lifted"), .kind = FOLD_MOVE, .event = TIP_EV_LIFT },
	{ .word = SPAN_INIT("erased"), .kind = FOLD_ERASED },
	{ .word = SPAN_INIT("sent"), .kind = FOLD_APART },
	{ .word = SPAN_INIT("sent_maybe"), .kind = FOLD_APART },
	{ .word = SPAN_INIT("send_failed"), .kind = FOLD_APART },
	{ .word = SPAN_INIT("delivered"), .kind = FOLD_APART },
	{ .word = SPAN_INIT("undelivered"), .kind = FOLD_APART },
	{ .word = SPAN_INIT("join_failed"), .kind = FOLD_APART },
};

enum member_kind {
	MEMBER_WORD,
	MEMBER_ID,
	MEMBER_NUMBER,
	MEMBER_TEXT,
};

#define MEMBER(member) .name = SPAN_INIT(#member), .at = offsetof(struct fold_fact, member)

static const struct member_rule {
	struct span name;
	enum member_kind kind;
	size_t at;     /* where in struct fold_fact */
	uint64_t most; /* of a number */
} rules[] = {
	{ .name = SPAN_INIT("e"), .kind = MEMBER_WORD },
	{ MEMBER(id), .kind = MEMBER_ID },
	{ MEMBER(at), .kind = MEMBER_NUMBER, .most = INT64_MAX },
	{ MEMBER(by), .kind = MEMBER_TEXT },
	{ MEMBER(region), .kind = MEMBER_TEXT },
	{ MEMBER(points), .kind = MEMBER_NUMBER, .most = 100 },
	{ MEMBER(mark), .kind = MEMBER_TEXT },
	{ MEMBER(received), .kind = MEMBER_NUMBER, .most = INT64_MAX },
	{ MEMBER(until), .kind = MEMBER_NUMBER, .most = INT64_MAX },
	{ MEMBER(messages), .kind = MEMBER_NUMBER, .most = UINT32_MAX },
	{ MEMBER(since), .kind = MEMBER_NUMBER, .most = INT64_MAX },
	{ MEMBER(waited), .kind = MEMBER_NUMBER, .most = INT64_MAX },
	{ MEMBER(to), .kind = MEMBER_TEXT },
	{ MEMBER(incident), .kind = MEMBER_ID },
	{ MEMBER(score), .kind = MEMBER_NUMBER, .most = 100 },
	{ MEMBER(why), .kind = MEMBER_TEXT },
	{ MEMBER(context), .kind = MEMBER_TEXT },
	{ MEMBER(tip), .kind = MEMBER_ID },
	{ MEMBER(ended), .kind = MEMBER_NUMBER, .most = INT64_MAX },
	{ MEMBER(outcome), .kind = MEMBER_TEXT },
	{ MEMBER(parts), .kind = MEMBER_TEXT },
	{ MEMBER(hops), .kind = MEMBER_NUMBER, .most = UINT32_MAX },
};

static const struct fold_word *word_find(struct span text)
{
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (span_eq(text, words[i].word))
			return &words[i];
	return NULL;
}

static bool read_id(const struct event_member *member, struct fold_id *out)
{
	return out->has = member->text && tip_id_parse(member->value, &out->id);
}

static bool read_number(const struct event_member *member, uint64_t most, struct fold_number *out)
{
	return out->has = !member->text && span_u64(member->value, &out->value) && out->value <= most;
}

static bool read_by(const struct member_rule *rule, const struct event_member *member, struct fold_fact *out)
{
	void *to = (char *)out + rule->at;

	switch (rule->kind) {
	case MEMBER_WORD:
		return (out->word = word_find(member->value)) != NULL;
	case MEMBER_ID:
		return read_id(member, to);
	case MEMBER_NUMBER:
		return read_number(member, rule->most, to);
	case MEMBER_TEXT:
		*(struct span *)to = member->value;
		break;
	}
	return true;
}

/* What the fold has no use for is passed over. */
static bool read_member(const struct event_member *member, struct fold_fact *out)
{
	for (size_t i = 0; i < COUNT_OF(rules); i++)
		if (span_eq(member->name, rules[i].name))
			return read_by(&rules[i], member, out);
	return true;
}

bool fold_fact_read(struct span json, struct fold_fact *out, struct complaint *why)
{
	struct event_member member;
	bool well;

	*out = (struct fold_fact){ 0 };
	while (event_next(&json, &member, &well))
		if (!read_member(&member, out))
			return complain(why, 0, "member \"%.*s\" cannot be read", (int)member.name.len,
					member.name.at);
	if (!well || json.len > 0)
		return complain(why, 0, "not a JSON object");
	if (out->word == NULL)
		return complain(why, 0, "no member \"e\"");
	if (out->region.len > 0 && (out->region.len != 6 || !span_digits(out->region)))
		return complain(why, 0, "region is not six digits");
	if (!out->id.has && out->word->kind != FOLD_APART)
		return complain(why, 0, "no member \"id\"");
	return true;
}
