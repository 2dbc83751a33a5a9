/*
 * The dispatcher's life, the open attempts, what is to be done; see dispatch.h.
 */
#include "handlers/payout/dispatch_inside.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/memory.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "handlers/payout/rail_reload.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define PERIOD_MS 100
#define AT_ONCE 32
#define REST_FIRST_MS 1000u
#define REST_LAST_MS 300000u
#define CONFIRM_LATE_MS 3600000   /* a payee who had to confirm by now: asked to be cancelled */

/* --- life ---------------------------------------------------------------------------- */

uint64_t dispatch_loop_ms(const struct dispatch *d)
{
	return loop_now_ms(d->env.loop);
}

int64_t dispatch_wall_ms(const struct dispatch *d)
{
	return d->env.wall_ms != NULL ? d->env.wall_ms() : clock_wall_ms();
}

static void free_when_alone(struct dispatch *d)
{
	if (!d->leaving || d->outstanding > 0)
		return;
	while (d->errands != NULL)
		errand_free(d->errands);
	while (d->open != NULL) {
		struct open_attempt *open = d->open;

		d->open = open->next;
		free(open);
	}
	free(d);
}

bool dispatch_answered(struct dispatch *d)
{
	d->outstanding--;
	if (!d->leaving)
		return true;
	free_when_alone(d);
	return false;
}

void dispatch_stepped(const struct errand *errand, enum dispatch_step step)
{
	const struct dispatch_env *env = &errand->dispatch->env;

	if (env->stepped != NULL)
		env->stepped(env->ctx, step, span_of(errand->open->id));
}

const struct dispatch_figures *dispatch_figures(const struct dispatch *d)
{
	return &d->figures;
}

/* --- the open attempts ------------------------------------------------------------------ */

static struct open_attempt *open_find(const struct dispatch *d, struct span id)
{
	struct open_attempt *open = d->open;

	while (open != NULL && !span_is(id, open->id))
		open = open->next;
	return open;
}

/* "R7-1" */
static bool open_read(struct span id, struct open_attempt *open)
{
	size_t dash = span_find(id, SPAN("-"));
	uint64_t number;

	if (id.len >= sizeof(open->id) || dash == id.len || !span_u64(span_from_offset(id, dash + 1), &number))
		return false;
	memcpy(open->id, id.at, id.len);
	memcpy(open->reward, id.at, dash);
	open->number = (unsigned)number;
	return true;
}

static void open_add(struct dispatch *d, struct span id)
{
	struct open_attempt *open;

	if (open_find(d, id) != NULL)
		return;
	open = memory_zeroes(1, sizeof(*open));
	if (!open_read(id, open)) {
		free(open);
		return;
	}
	open->next = d->open;
	d->open = open;
	d->figures.open++;
}

const struct book_attempt *dispatch_attempt(const struct dispatch *d, const struct open_attempt *open,
					    const struct book_reward **reward)
{
	const struct book *book = treasury_book(d->env.treasury);

	*reward = book != NULL ? book_reward(book, span_of(open->reward)) : NULL;
	return *reward != NULL && open->number > 0 && open->number <= (*reward)->nattempts
		       ? &(*reward)->attempts[open->number - 1] : NULL;
}

/* Live, or paid and said to have come back: then it is asked whether that is so. */
static bool is_open(const struct book_attempt *attempt)
{
	return attempt != NULL && (attempt_live(attempt->state) ||
				   (attempt->next_query_ms > 0 && attempt_asks(attempt->state, attempt->by)));
}

/* What is over is forgotten. */
static void sweep(struct dispatch *d)
{
	struct open_attempt **at = &d->open;

	while (*at != NULL) {
		struct open_attempt *open = *at;
		const struct book_reward *reward;
		const struct book_attempt *attempt = dispatch_attempt(d, open, &reward);

		if (open->busy || is_open(attempt)) {
			at = &open->next;
			continue;
		}
		*at = open->next;
		free(open);
		d->figures.open--;
	}
}

/* The configuration has them no more, and their last payment is over. */
static void forget_rails(struct dispatch *d)
{
	bool any = false;

	for (size_t i = 0; i < d->env.rails->n; i++)
		any |= d->env.rails->entries[i]->gone;
	if (any && rail_reload_sweep(d->env.rails, treasury_book(d->env.treasury)) > 0)
		log_event(LOG_LEVEL_NOTICE, "payout.rail_forgotten", NULL);
}

/* --- limits of a rail --------------------------------------------------------------------- */

static void day_turn(struct rail_entry *entry, int64_t now_ms)
{
	char day[CIVIL_DATE_MAX];

	civil_write_date(now_ms, CIVIL_BEIJING_MINUTES, day);
	if (strcmp(day, entry->day) == 0)
		return;
	memcpy(entry->day, day, sizeof(day));
	entry->daily_sent_fen = 0;
}

/* What is about to go out for the first time and is not recorded yet. */
static int64_t about_to_go(const struct dispatch *d, const struct rail_entry *entry)
{
	int64_t fen = 0;

	for (const struct errand *errand = d->errands; errand != NULL; errand = errand->next) {
		const struct book_reward *reward;
		const struct book_attempt *attempt = dispatch_attempt(d, errand->open, &reward);

		if (errand->kind == ERRAND_SEND && strcmp(errand->entry->config.name, entry->config.name) == 0 &&
		    attempt != NULL && attempt->sent_ms == 0)
			fen += attempt->fen;
	}
	return fen;
}

static bool within_day(struct dispatch *d, struct rail_entry *entry, const struct book_attempt *attempt)
{
	day_turn(entry, treasury_now_ms(d->env.treasury));
	return attempt->sent_ms != 0 || entry->profile.daily_fen == 0 ||
	       entry->daily_sent_fen + about_to_go(d, entry) + attempt->fen <= entry->profile.daily_fen;
}

/* Counts what goes out for the first time, whoever sends it. */
static void count_day(struct dispatch *d, const struct record *record)
{
	struct open_attempt *open = open_find(d, record->subject);
	const struct book_reward *reward;
	const struct book_attempt *attempt = open != NULL ? dispatch_attempt(d, open, &reward) : NULL;
	struct rail_entry *entry = attempt != NULL ? rail_set_find(d->env.rails, span_of(attempt->rail)) : NULL;

	if (entry == NULL || attempt->sent_ms != record->at_ms)
		return;
	day_turn(entry, record->at_ms);
	entry->daily_sent_fen += attempt->fen;
}

static void recount_attempt(struct dispatch *d, const struct book_attempt *attempt)
{
	struct rail_entry *entry = rail_set_find(d->env.rails, span_of(attempt->rail));
	char day[CIVIL_DATE_MAX];

	if (entry == NULL || attempt->sent_ms == 0)
		return;
	civil_write_date(attempt->sent_ms, CIVIL_BEIJING_MINUTES, day);
	if (strcmp(day, entry->day) == 0)
		entry->daily_sent_fen += attempt->fen;
}

/* One that was away for a while has sent all the same. */
void dispatch_rails_changed(struct dispatch *d)
{
	const struct book *book = treasury_book(d->env.treasury);

	for (size_t i = 0; i < d->env.rails->n; i++) {
		d->env.rails->entries[i]->day[0] = '\0';
		day_turn(d->env.rails->entries[i], treasury_now_ms(d->env.treasury));
	}
	for (size_t i = 0; book != NULL && i < book_rewards(book); i++) {
		const struct book_reward *reward = book_reward_at(book, i);

		for (size_t k = 0; k < reward->nattempts; k++)
			recount_attempt(d, &reward->attempts[k]);
	}
}

/* --- what is to be done --------------------------------------------------------------------- */

static void begin(struct dispatch *d, struct open_attempt *open, enum errand_kind kind, struct rail_entry *entry)
{
	struct errand *errand = errand_new(d, open, kind, entry);

	if (kind == ERRAND_RECORD)
		errand_restarted(errand);
	else
		errand_start(errand);
}

/* New or again: the breaker has a say, and never about a question. */
static bool may_go_out(struct dispatch *d, struct rail_entry *entry, const struct book_reward *reward,
		       const struct book_attempt *attempt)
{
	if (reward->held || book_quarantine(treasury_book(d->env.treasury))->on)
		return false;
	if (rail_entry_sends(entry) && within_day(d, entry, attempt) && breaker_take(&entry->breaker, dispatch_loop_ms(d)))
		return true;
	d->figures.held_back++;
	return false;
}

/* Rules A2 and A3. */
static bool may_send_again(const struct dispatch *d, const struct rail_entry *entry,
			   const struct book_attempt *attempt)
{
	const struct outcome_missing missing = { .first_sent_ms = attempt->sent_ms,
						 .first_missed_ms = attempt->not_found_ms,
						 .answers = attempt->not_found };
	int64_t now_ms = treasury_now_ms(d->env.treasury);

	if (strcmp(attempt->code, CODE_NOT_SENT) == 0)
		return outcome_id_kept(&entry->profile, attempt->sent_ms, now_ms);
	return outcome_may_resend(&entry->profile, &missing, now_ms);
}

static bool is_late(const struct dispatch *d, const struct rail_entry *entry, const struct book_attempt *attempt)
{
	return attempt->state == ATTEMPT_NEEDS_PAYEE && entry->profile.cancels && entry->profile.life_ms > 0 &&
	       treasury_now_ms(d->env.treasury) > attempt->sent_ms + entry->profile.life_ms + CONFIRM_LATE_MS;
}

static void look_at_unknown(struct dispatch *d, struct open_attempt *open, struct rail_entry *entry,
			    const struct book_reward *reward, const struct book_attempt *attempt)
{
	if (may_send_again(d, entry, attempt) && may_go_out(d, entry, reward, attempt))
		begin(d, open, ERRAND_SEND, entry);
}

static void look_at(struct dispatch *d, struct open_attempt *open)
{
	const struct book_reward *reward;
	const struct book_attempt *attempt = dispatch_attempt(d, open, &reward);
	struct rail_entry *entry = attempt != NULL ? rail_set_find(d->env.rails, span_of(attempt->rail)) : NULL;

	if (attempt == NULL || !is_open(attempt))
		return;
	if (entry == NULL) {
		log_rarely(LOG_LEVEL_ERROR, "payout.no_such_rail", attempt->rail);
		return;
	}
	if (!attempt_live(attempt->state)) {
		if (open->ask && entry->profile.asks)
			begin(d, open, ERRAND_QUERY, entry);
	} else if (attempt->state == ATTEMPT_CREATED) {
		if (may_go_out(d, entry, reward, attempt))
			begin(d, open, ERRAND_SEND, entry);
	} else if (attempt->state == ATTEMPT_SENDING) {
		begin(d, open, ERRAND_RECORD, entry);
	} else if (attempt->state == ATTEMPT_CANCELLING && !open->cancel_told && entry->profile.cancels) {
		begin(d, open, ERRAND_CANCEL, entry);
	} else if (open->ask && entry->profile.asks) {
		begin(d, open, ERRAND_QUERY, entry);
	} else if (open->asked && is_late(d, entry, attempt)) {
		begin(d, open, ERRAND_CANCEL, entry);
	} else if (attempt->state == ATTEMPT_UNKNOWN) {
		look_at_unknown(d, open, entry, reward, attempt);
	}
}

static bool leads(const struct dispatch *d)
{
	struct treasury_figures figures;

	treasury_figures(d->env.treasury, &figures);
	return figures.leading && figures.ready;
}

/* What another process asked or told meanwhile is not known here. */
static void lead_anew(struct dispatch *d)
{
	for (struct open_attempt *open = d->open; open != NULL; open = open->next)
		open->asked = open->cancel_told = false;
	d->led = true;
	log_event(LOG_LEVEL_NOTICE, "payout.dispatches", "open", log_u64(d->figures.open), NULL);
}

static void pump(void *ctx)
{
	struct dispatch *d = ctx;
	uint64_t now_ms = dispatch_loop_ms(d);

	d->posted = false;
	if (!leads(d)) {
		d->led = false;
		return;
	}
	if (!d->led)
		lead_anew(d);
	sweep(d);
	forget_rails(d);
	d->figures.held_back = 0;
	for (struct open_attempt *open = d->open; open != NULL; open = open->next)
		if (!open->busy && (open->ask || now_ms >= open->rest_until_ms) && d->figures.busy < AT_ONCE)
			look_at(d, open);
}

static void pump_soon(struct dispatch *d)
{
	if (d->posted || d->leaving)
		return;
	d->posted = true;
	loop_post(d->env.loop, pump, d);
}

/* --- following the book ------------------------------------------------------------------------ */

void dispatch_applied(struct dispatch *d, const struct record *record)
{
	struct arena arena = { 0 };
	struct span attempt;

	if (span_is(record->kind, "attempt.start") && record_text(record, "attempt", &arena, &attempt))
		open_add(d, attempt);
	else if (span_is(record->kind, "attempt.send"))
		count_day(d, record);
	arena_release(&arena);
	if (span_is(record->kind, "attempt.query") && span_starts(record->key, SPAN("hook:")))
		dispatch_ask(d, record->subject);
	if (span_starts(record->kind, SPAN("attempt.")))
		pump_soon(d);
}

void dispatch_ask(struct dispatch *d, struct span attempt)
{
	struct open_attempt *open;

	open_add(d, attempt);
	open = open_find(d, attempt);
	if (open == NULL)
		return;
	open->ask = true;
	pump_soon(d);
}

void dispatch_errand(struct dispatch *d, const struct record *record)
{
	if (span_is(record->kind, "attempt.query"))
		dispatch_ask(d, record->subject);
}

/* --- the end of an errand ------------------------------------------------------------------------ */

static uint64_t rest_ms(const struct open_attempt *open)
{
	unsigned doublings = open->rests < 9 ? open->rests : 9;
	unsigned rest = REST_FIRST_MS << doublings;

	return rest < REST_LAST_MS ? rest : REST_LAST_MS;
}

void errand_end(struct errand *errand, bool well)
{
	struct dispatch *d = errand->dispatch;
	struct open_attempt *open = errand->open;

	open->busy = false;
	if (well) {
		open->rests = 0;
	} else {
		open->rest_until_ms = dispatch_loop_ms(d) + rest_ms(open);
		open->rests++;
	}
	errand_free(errand);
	pump_soon(d);
}

struct dispatch *dispatch_new(const struct dispatch_env *env)
{
	struct dispatch *d = memory_zeroes(1, sizeof(*d));

	d->env = *env;
	d->timer = loop_every(env->loop, env->period_ms > 0 ? env->period_ms : PERIOD_MS, pump, d);
	return d;
}

void dispatch_free(struct dispatch *d)
{
	if (d == NULL)
		return;
	loop_timer_cancel(d->timer);
	loop_post_cancel(d->env.loop, pump, d);
	d->leaving = true;
	free_when_alone(d);
}
