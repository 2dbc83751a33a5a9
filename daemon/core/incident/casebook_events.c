/*
 * What the events of the journal tell the casebook.
 */
#include "daemon/core/incident/casebook_inside.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/core/journal/event.h"

#define SENDER_MARK_BYTES 8
#define SURE_PERCENT 100

/* The members of one event that are used here. */
struct event_read {
	const struct event_word *word;
	struct tip_id id;
	struct tip_id incident; /* text empty: none */
	bool has_id;
	char region[7];
	struct span fingerprint, sender, why, outcome;
	uint64_t at, received, points, hops;
	bool judge;
};

struct event_word {
	const char *name;
	/* False: something about it cannot be read; *why says what. */
	bool (*take)(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
		     struct complaint *why);
};

/* --- births --------------------------------------------------------------------------------------- */

static uint64_t sender_mark(struct span hex)
{
	unsigned char bytes[SENDER_MARK_BYTES];
	uint64_t mark = 0;

	if (!hex_get(hex, bytes, sizeof(bytes)))
		return 0;
	memcpy(&mark, bytes, sizeof(mark));
	return mark;
}

static void tail_key(uint64_t tail, unsigned char key[MARK_BYTES])
{
	memset(key, 0, MARK_BYTES);
	memcpy(key, &tail, sizeof(tail));
}

/* The shard where a tip is by all that was read, be it before its acceptance. */
static unsigned shard_now(const struct casebook *book, const struct tip_id *id)
{
	uint32_t text = tip_find(book, tip_tail(id));
	unsigned char key[MARK_BYTES];
	size_t place;

	if (text != 0)
		return tip_facts(book, text).shard;
	tail_key(tip_tail(id), key);
	return mark_ring_find(&book->moved, key, &place) ? book->moves[place] & 0xFF : tip_shard(id);
}

/* What a shard says about a tip that has left it is told by `received` in the other one. */
static bool is_stale(const struct casebook *book, const struct event_read *event)
{
	return shard_now(book, &event->id) != tip_shard(&event->id);
}

static void take_in(struct casebook *book, struct report *report, struct tip_facts *facts, uint64_t sender)
{
	uint32_t text = link_insert(book->link, &report->fingerprint->feature, facts->received_ms, 0);

	facts->sender = sender != 0 ? sender_take(book, sender, text) : 0;
	tip_add(book, text, facts);
	report->text = text;
	reports_count(book->reports, report, link_group(book->link, text), &report_policy_default);
}

static void hang_waiting(struct casebook *book, uint64_t tail)
{
	struct waiting waiting;

	while (waiting_take(book, tail, &waiting))
		tree_hang(book, tip_find(book, waiting.child), tip_find(book, waiting.parent), waiting.copy);
}

static bool take_accepted(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
			  struct complaint *why)
{
	struct fingerprint fingerprint;
	struct report report = { .fingerprint = &fingerprint, .region = event->region };
	struct tip_facts facts = {
		.tail = tip_tail(&event->id),
		.shard = shard_now(book, &event->id),
		.points = (unsigned)event->points,
		.received_ms = (int64_t)(event->received != 0 ? event->received : event->at),
	};
	bool read = fingerprint_unpack(event->fingerprint, &fingerprint);
	uint64_t sender = sender_mark(event->sender);

	if (tip_find(book, facts.tail) != 0)
		return complain(why, 0, "%s is known already", event->id.text);
	if (!read)
		fingerprint = (struct fingerprint){ .nmarks = 0 };
	report.at_ms = facts.received_ms;
	if (event->judge && read)
		casebook_judge(book, &report, &facts, sender, out);
	else
		take_in(book, &report, &facts, sender);
	hang_waiting(book, facts.tail);
	return read || complain(why, 0, "the fingerprint of %s cannot be read", event->id.text);
}

static bool note_move(struct casebook *book, const struct event_read *event)
{
	unsigned char key[MARK_BYTES];
	uint32_t move = (uint32_t)(event->hops < 0xFFFFFF ? event->hops : 0xFFFFFF) << 8 | tip_shard(&event->id);
	bool fresh;
	size_t place;

	tail_key(tip_tail(&event->id), key);
	place = mark_ring_take(&book->moved, key, &fresh);
	if (!fresh && book->moves[place] >> 8 >= move >> 8)
		return false;
	book->moves[place] = move;
	return true;
}

/* --- incidents -------------------------------------------------------------------------------------- */

/* Hangs the tip of an event where it says; both are looked for, and waited for. */
static void hang(struct casebook *book, const struct event_read *event)
{
	uint64_t tail = tip_tail(&event->id), above = tip_tail(&event->incident);
	uint32_t text = tip_find(book, tail), parent = tip_find(book, above);
	bool copy = span_eq(event->why, SPAN("copy"));

	waiting_drop(book, tail);
	if (text != 0 && parent != 0 && tip_parent(book, text) == parent)
		return;
	if (text != 0)
		tree_cut(book, text);
	if (text != 0 && parent != 0)
		tree_hang(book, text, parent, copy);
	else
		waiting_add(book, tail, above, copy);
}

/* It left before the store was told under whom it hangs: told again, if nobody has said no. */
static bool hang_again(struct casebook *book, uint32_t text, struct casebook_decisions *out)
{
	uint32_t parent = tip_parent(book, text);
	struct casebook_decision *decision;

	if (parent == 0 || pair_declined(book, text, parent))
		return false;
	decision = decision_add(book, out, CASEBOOK_LINK, text, parent);
	decision->why = tip_facts(book, text).part == PART_COPY ? "copy" : "before";
	decision->score = SURE_PERCENT;
	return true;
}

static void move_to(struct casebook *book, uint32_t text, unsigned shard)
{
	struct tip_facts facts = tip_facts(book, text);

	facts.shard = shard;
	facts.away = false;
	tip_set(book, text, &facts);
}

/* It keeps its number and its place among others; the shards' lists of children have to follow. */
static bool take_received(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
			  struct complaint *why)
{
	uint32_t text = tip_find(book, tip_tail(&event->id));

	(void)why;
	if (!note_move(book, event))
		return true;
	if (text != 0)
		move_to(book, text, tip_shard(&event->id));
	if (event->incident.text[0] != '\0') {
		hang(book, event);
	} else if (text == 0 || !event->judge || !hang_again(book, text, out)) {
		waiting_drop(book, tip_tail(&event->id));
		if (text != 0)
			tree_cut(book, text);
	}
	if (text != 0 && event->judge) {
		book->telling.text = text;
		book->telling.at = link_next(book->link, text);
		judge_points(book, text, out);
	}
	return true;
}

/* The tip of an event when it is held, or 0. */
static uint32_t text_of(const struct casebook *book, const struct event_read *event)
{
	return tip_find(book, tip_tail(&event->id));
}

/*
 * Here it hung under an older tip that was read later, and the store has it
 * under another one: that tip must not be left alone by it. Both incidents are one.
 */
static void join_again(struct casebook *book, uint32_t text, uint32_t before, enum tip_part part,
		       struct casebook_decisions *out)
{
	struct casebook_decision *decision;
	uint32_t root, other;
	bool first;

	if (before <= text || link_group(book->link, before) == link_group(book->link, text) ||
	    pair_declined(book, text, before))
		return;
	root = tip_root(book, text);
	other = tip_root(book, before);
	first = tip_older(book, root, other);
	decision = decision_add(book, out, CASEBOOK_LINK, first ? other : root, first ? root : other);
	decision->why = part == PART_COPY ? "copy" : "before";
	decision->score = SURE_PERCENT;
	tree_hang(book, first ? other : root, first ? root : other, part == PART_COPY);
	book->figures.links++;
}

static bool take_linked(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
			struct complaint *why)
{
	uint32_t text = text_of(book, event), before;
	enum tip_part part;

	if (event->incident.text[0] == '\0')
		return complain(why, 0, "%s is linked to nothing", event->id.text);
	if (is_stale(book, event))
		return true;
	part = text != 0 ? tip_facts(book, text).part : PART_FIRST;
	before = tip_parent(book, text);
	hang(book, event);
	if (!event->judge || text == 0)
		return true;
	join_again(book, text, before, part, out);
	judge_points(book, text, out);
	return true;
}

/* Keeps apart what is apart now, and says what both parts are worth. */
static void part(struct casebook *book, const struct event_read *event, uint32_t text,
		 struct casebook_decisions *out)
{
	uint32_t above = tip_parent(book, text);

	tree_cut(book, text);
	if (!event->judge)
		return;
	judge_points(book, text, out);
	if (above != 0)
		judge_points(book, above, out);
}

static bool take_unlinked(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
			  struct complaint *why)
{
	uint32_t text = text_of(book, event);

	(void)why;
	if (event->incident.text[0] != '\0')
		pair_decline(book, tip_tail(&event->id), tip_tail(&event->incident));
	if (is_stale(book, event))
		return true;
	waiting_drop(book, tip_tail(&event->id));
	if (text != 0)
		part(book, event, text, out);
	return true;
}

/* A tip that this casebook has put there by itself, before it read what a person said. */
static bool take_declined(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
			  struct complaint *why)
{
	uint32_t text = text_of(book, event), other;

	if (event->incident.text[0] == '\0')
		return complain(why, 0, "%s is declined for nothing", event->id.text);
	pair_decline(book, tip_tail(&event->id), tip_tail(&event->incident));
	other = tip_find(book, tip_tail(&event->incident));
	if (text != 0 && other != 0 && tip_parent(book, text) == other)
		part(book, event, text, out);
	return true;
}

static bool take_suggested(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
			   struct complaint *why)
{
	uint32_t text = text_of(book, event), other = tip_find(book, tip_tail(&event->incident));

	(void)out;
	(void)why;
	if (text != 0 && other != 0)
		pair_suggest(book, text, other);
	return true;
}

/* --- the life of one tip ------------------------------------------------------------------------------ */

static bool take_rescored(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
			  struct complaint *why)
{
	uint32_t text = text_of(book, event);
	struct incident_counts *counts;

	(void)out;
	(void)why;
	if (text == 0 || tip_parent(book, text) != 0 || is_stale(book, event))
		return true;
	counts = counts_find(book, link_group(book->link, text));
	if (counts != NULL)
		counts->points = (uint8_t)event->points;
	return true;
}

static void set_away(struct casebook *book, const struct event_read *event, bool away,
		     struct casebook_decisions *out)
{
	uint32_t text = text_of(book, event);
	struct tip_facts facts;

	if (text == 0)
		return;
	facts = tip_facts(book, text);
	if (facts.shard != tip_shard(&event->id))
		return;
	facts.away = away;
	tip_set(book, text, &facts);
	if (!away && event->judge && tip_parent(book, text) == 0)
		judge_points(book, text, out);
}

static bool take_taken(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
		       struct complaint *why)
{
	(void)why;
	set_away(book, event, true, out);
	return true;
}

static bool take_queued(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
			struct complaint *why)
{
	(void)why;
	set_away(book, event, false, out);
	return true;
}

static void set_end(struct casebook *book, const struct event_read *event, enum tip_end end)
{
	uint32_t text = text_of(book, event);

	if (text != 0 && tip_facts(book, text).shard == tip_shard(&event->id))
		sender_ended(book, text, end);
}

static bool take_closed(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
			struct complaint *why)
{
	enum tip_end end = span_eq(event->outcome, SPAN("verified"))    ? END_VERIFIED
			   : span_eq(event->outcome, SPAN("unfounded")) ? END_UNFOUNDED
			   : span_eq(event->outcome, SPAN("prank"))     ? END_PRANK
									 : END_NONE;

	set_end(book, event, end);
	return take_taken(book, event, out, why);
}

static bool take_reopened(struct casebook *book, const struct event_read *event, struct casebook_decisions *out,
			  struct complaint *why)
{
	set_end(book, event, END_NONE);
	return take_queued(book, event, out, why);
}

/* --- reading ------------------------------------------------------------------------------------------ */

/* All other events leave incidents, queues and senders as they are. */
static const struct event_word words[] = {
	{ .name = "accepted", .take = take_accepted },
	{ .name = "linked", .take = take_linked },
	{ .name = "rescored", .take = take_rescored },
	{ .name = "suggested", .take = take_suggested },
	{ .name = "claimed", .take = take_taken },
	{ .name = "closed", .take = take_closed },
	{ .name = "released", .take = take_queued },
	{ .name = "lease_expired", .take = take_queued },
	{ .name = "transferred", .take = take_queued },
	{ .name = "reopened", .take = take_reopened },
	{ .name = "transferred_away", .take = take_taken },
	{ .name = "received", .take = take_received },
	{ .name = "unlinked", .take = take_unlinked },
	{ .name = "declined", .take = take_declined },
};

static const struct event_word *word_find(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (span_is(name, words[i].name))
			return &words[i];
	return NULL;
}

static bool read_number(const struct event_member *member, uint64_t max, uint64_t *number)
{
	return !member->text && span_u64(member->value, number) && *number <= max;
}

static bool read_region(const struct event_member *member, struct event_read *out)
{
	if (member->value.len != sizeof(out->region) - 1 || !span_digits(member->value))
		return false;
	memcpy(out->region, member->value.at, sizeof(out->region) - 1);
	return true;
}

static bool read_member(const struct event_member *member, struct event_read *out)
{
	struct span name = member->name;

	if (span_eq(name, SPAN("e")))
		out->word = word_find(member->value);
	else if (span_eq(name, SPAN("id")))
		return out->has_id = tip_id_parse(member->value, &out->id);
	else if (span_eq(name, SPAN("at")))
		return read_number(member, INT64_MAX, &out->at);
	else if (span_eq(name, SPAN("received")))
		return read_number(member, INT64_MAX, &out->received);
	else if (span_eq(name, SPAN("points")))
		return read_number(member, SCORE_MAX, &out->points);
	else if (span_eq(name, SPAN("hops")))
		return read_number(member, UINT32_MAX, &out->hops);
	else if (span_eq(name, SPAN("incident")))
		return tip_id_parse(member->value, &out->incident);
	else if (span_eq(name, SPAN("region")))
		return read_region(member, out);
	else if (span_eq(name, SPAN("sender")))
		out->sender = member->value;
	else if (span_eq(name, SPAN("why")))
		out->why = member->value;
	else if (span_eq(name, SPAN("outcome")))
		out->outcome = member->value;
	return true;
}

static bool read_event(struct span json, struct event_read *out, struct complaint *why)
{
	struct event_member member;
	bool well;

	while (event_next(&json, &member, &well))
		if (!read_member(&member, out))
			return complain(why, 0, "member \"%.*s\" cannot be read", (int)member.name.len,
					member.name.at);
	return (well && json.len == 0) || complain(why, 0, "not a JSON object");
}

bool casebook_event(struct casebook *book, struct span shard, struct span json, struct span fingerprint,
		    bool judge, struct casebook_decisions *out, struct complaint *why)
{
	struct event_read event = { .fingerprint = fingerprint, .judge = judge };

	out->n = 0;
	book->telling.text = 0;
	if (!read_event(json, &event, why))
		return false;
	if (event.word == NULL)
		return true;
	if (!event.has_id)
		return complain(why, 0, "no member \"id\"");
	if (!span_eq(tip_id_shard(&event.id), shard))
		return complain(why, 0, "%s stands in the journal of shard %.*s", event.id.text, (int)shard.len,
				shard.at);
	return event.word->take(book, &event, out, why);
}

/* --- a tip that moved --------------------------------------------------------------------------------- */

/* The lists of children in the shards: its own there, and its parent's. */
void casebook_rest(struct casebook *book, struct casebook_decisions *out)
{
	uint32_t moved = book->telling.text;

	out->n = 0;
	while (book->telling.text != 0 && out->n < CASEBOOK_DECISIONS_MAX) {
		uint32_t at = book->telling.at;
		uint32_t parent = tip_parent(book, at);

		if (parent != 0 && (parent == moved || at == moved))
			decision_add(book, out, CASEBOOK_CHILD, at, parent);
		if (at == moved)
			book->telling.text = 0;
		book->telling.at = link_next(book->link, at);
	}
}
