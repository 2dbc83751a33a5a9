/*
 * What the system has to do by itself, and when (3.4 of the timers).
 *
 * Every reward has one time at which it wants something, worked out anew when
 * it changes. Those whose time has come are looked at one by one; what is
 * refused for now (no money on the account, a rail on hold) is passed over and
 * comes again.
 */
#include "daemon/money/book_state.h"

#define NEVER INT64_MAX

/* --- queries ---------------------------------------------------------------------------- */

#define QUERY_LAST_MS (25 * DAY_MS)   /* rails answer for 30 days; what is left is for people */

static const int64_t query_steps[] = {
	5 * SECOND_MS, 15 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS,      2 * MINUTE_MS,
	5 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS,
};

/* 0 to 12.5 %, by the instruction and the number of the query: no two attempts in step, the same in every replay. */
static int64_t jitter(const struct book_attempt *attempt, int64_t wait_ms)
{
	unsigned mix = attempt->queries * 2654435761U;

	for (size_t i = 0; i < INSTRUCTION_ID_LEN; i++)
		mix = mix * 31 + (unsigned char)attempt->instruction[i];
	return wait_ms * (int64_t)(mix >> 16 & 0xff) / 2048;
}

int64_t attempt_query_at(const struct book_attempt *attempt, int64_t now_ms)
{
	size_t n = sizeof(query_steps) / sizeof(query_steps[0]);
	int64_t age_ms = now_ms - attempt->sent_ms;
	int64_t wait_ms = attempt->queries < n ? query_steps[attempt->queries]
			  : age_ms < 72 * HOUR_MS ? HOUR_MS : DAY_MS;
	int64_t last_ms = attempt->retention_ms - 5 * DAY_MS;

	/* Whether a payment came back is asked for an hour; then the statement tells. */
	if (!attempt_live(attempt->state) && attempt->queries >= n)
		return 0;
	if (last_ms > attempt->sent_ms + QUERY_LAST_MS || last_ms <= attempt->sent_ms)
		last_ms = attempt->sent_ms + QUERY_LAST_MS;
	wait_ms += jitter(attempt, wait_ms);
	return now_ms + wait_ms < last_ms ? now_ms + wait_ms : 0;
}

/* --- rewards ------------------------------------------------------------------------------- */

/*
 * The attempt to be asked about first; NULL: none. What was not sent yet is
 * sent by whoever can make the request: its hash belongs to the record.
 */
static const struct book_attempt *asked_next(const struct dossier *dossier)
{
	const struct book_attempt *first = NULL;

	for (size_t i = 0; i < dossier->is.nattempts; i++) {
		const struct book_attempt *attempt = &dossier->attempts[i];

		if (attempt->next_query_ms > 0 && attempt_asks(attempt->state, attempt->by) &&
		    (first == NULL || attempt->next_query_ms < first->next_query_ms))
			first = attempt;
	}
	return first;
}

static int64_t query_due(const struct dossier *dossier)
{
	const struct book_attempt *attempt = asked_next(dossier);

	return attempt != NULL ? attempt->next_query_ms : NEVER;
}

/* But for questions to the rail, which nothing stops. */
static int64_t reward_due(const struct book *book, const struct dossier *dossier)
{
	if (offset_fen(book, dossier) > 0)
		return 0;
	if (dossier->is.held)
		return NEVER;
	switch (dossier->is.state) {
	case REWARD_APPROVED:
		return 0;
	case REWARD_CLAIMABLE:
		return dossier->is.deadline_ms;
	case REWARD_RELEASED:
		return dossier->start_ms;
	case REWARD_PAID:
		return close_at(book, dossier);
	case REWARD_DRAFT:
	case REWARD_IN_REVIEW:
	case REWARD_AWAITING_FUNDS:     /* its turn comes with money: see funds() */
	case REWARD_CLAIMED:
	case REWARD_PAYING:
	case REWARD_RETURNED:
	case REWARD_EXPIRED:
	case REWARD_REJECTED:
	case REWARD_WITHDRAWN:
	case REWARD_DECLINED:
	case REWARD_REVOKED:
	case REWARD_REVERSED:
	case REWARD_CLOSED:
	case REWARD_STATES:
		break;
	}
	return NEVER;
}

int64_t dossier_due(const struct book *book, const struct dossier *dossier)
{
	int64_t query_ms = query_due(dossier), reward_ms = reward_due(book, dossier);

	return query_ms < reward_ms ? query_ms : reward_ms;
}

static const char *what(const struct book *book, const struct dossier *dossier)
{
	if (offset_fen(book, dossier) > 0)
		return "reward.offset";
	if (dossier->is.state == REWARD_APPROVED)
		return "reward.publish";
	if (dossier->is.state == REWARD_CLAIMABLE)
		return "reward.expire";
	return dossier->is.state == REWARD_RELEASED ? "attempt.start" : "reward.close";
}

/* --- commands -------------------------------------------------------------------------------- */

static void fill(struct book_command *command, const char *kind, const struct dossier *dossier, struct arena *arena)
{
	*command = (struct book_command){ .kind = kind, .person = SPAN("system"), .account = SPAN("system"),
					  .roles = MONEY_SYSTEM, .subject = span_of(dossier->is.id) };
	/* The same until it is done, another after every change. */
	command->key = span_of(arena_printf(arena, "due:%s:%s:%llu", kind, dossier->is.id,
					    (unsigned long long)dossier->is.last_seq));
}

static void fill_query(struct book_command *command, const struct dossier *dossier, struct arena *arena)
{
	fill(command, "attempt.query", dossier, arena);
	command->subject = span_of(arena_printf(arena, "%s-%u", dossier->is.id, asked_next(dossier)->number));
}

/* Where a debit has told of the payment, that it is this one; else nothing can be started. */
static void tell_debit(const struct book *book, const struct dossier *dossier, struct arena *arena,
		       struct book_command *command)
{
	struct instruction_next next;

	instruction_next(book, dossier, &next);
	if (next.line != NULL && instruction_fits(&next, start_fen(book, dossier), &dossier->source))
		command->fields[command->nfields++] =
			(struct book_field){ .name = "line", .value = arena_dup(arena, span_of(next.line_id)) };
}

bool would_do(const struct book *book, const struct book_command *command, int64_t now_ms)
{
	struct arena arena = { 0 };
	struct plan *plan = arena_new(&arena, struct plan);
	struct book_refusal *refusal = arena_new(&arena, struct book_refusal);
	bool does = plan_make(plan, book, command, now_ms, &arena, refusal) == BOOK_RECORD;

	plan_release(plan);
	arena_release(&arena);
	return does;
}

/* Funds for the first in each line; those that became too old leave it. */
static bool funds(const struct book *book, int64_t now_ms, struct arena *arena, struct book_command *command,
		  int64_t *next_ms)
{
	const size_t *waiting = book->waiting.at;

	for (size_t i = 0; i < book->waiting.n; i++) {
		const struct dossier *dossier = dossier_at(book, waiting[i]);
		int64_t stale_ms = dossier->approved_ms + APPROVAL_MS;

		if (dossier->is.held)
			continue;
		if (stale_ms > now_ms && stale_ms < *next_ms)
			*next_ms = stale_ms;
		if (stale_ms > now_ms && !(review_is_first(book, dossier) && review_has_funds(book, dossier, now_ms)))
			continue;
		fill(command, "reward.funds", dossier, arena);
		return true;
	}
	return false;
}

/* What the dossier wants by now; false: it is refused for now. */
static bool dossier_does(const struct book *book, const struct dossier *dossier, int64_t now_ms, struct arena *arena,
			 struct book_command *command)
{
	if (query_due(dossier) <= now_ms) {
		fill_query(command, dossier, arena);
		if (would_do(book, command, now_ms))
			return true;
	}
	if (reward_due(book, dossier) > now_ms)
		return false;
	fill(command, what(book, dossier), dossier, arena);
	if (strcmp(command->kind, "attempt.start") == 0)
		tell_debit(book, dossier, arena, command);
	return would_do(book, command, now_ms);
}

bool book_due(const struct book *book, int64_t now_ms, struct arena *arena, struct book_command *command,
	      int64_t *next_ms)
{
	const int64_t *due = book->due.at;
	int64_t at_ms = book_now_ms(book, now_ms);

	*next_ms = NEVER;
	if (statement_due(book, at_ms, arena, command, next_ms))
		return true;
	if (funds(book, at_ms, arena, command, next_ms))
		return true;
	for (size_t i = 0; i < book->due.n; i++) {
		if (due[i] > at_ms) {
			*next_ms = due[i] < *next_ms ? due[i] : *next_ms;
			continue;
		}
		if (dossier_does(book, dossier_at(book, i), at_ms, arena, command))
			return true;
	}
	if (*next_ms == NEVER)
		*next_ms = 0;
	return false;
}
