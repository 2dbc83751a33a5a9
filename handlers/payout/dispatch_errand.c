/*
 * One errand of the dispatcher: payee, request, record, call, answer.
 *
 * The order is the guarantee. A request goes out only behind its own record,
 * and only when that record is new: one that was there already was written by
 * a process that may have sent it.
 */
#include "handlers/payout/dispatch_inside.h"

#include "daemon/base/hex.h"
#include "daemon/base/memory.h"
#include "daemon/jobs/trail.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"
#include "handlers/payout/attempt_voucher.h"
#include "handlers/payout/payee.h"
#include "handlers/payout/rail_report.h"
#include "handlers/payout/rail_hash.h"

#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_MS 30000u
#define ANSWER_MAX_BYTES 65536
#define LIFE_MS INT64_C(604800000)   /* where a rail names none */
#define RETENTION_DAYS_MAX 3659
#define DAY_MS INT64_C(86400000)

/* --- life -------------------------------------------------------------------------------- */

/* The same for every repetition, as the request has to be. */
static void fill_instruction(struct errand *errand, const struct book_reward *reward, const struct book_attempt *attempt)
{
	struct rail_instruction *in = &errand->instruction;
	const struct rail_profile *profile = &errand->entry->profile;
	int64_t life_ms = profile->life_ms > 0 ? profile->life_ms : LIFE_MS;

	*in = (struct rail_instruction){
		.id = arena_dup(&errand->arena, span_of(attempt->instruction)),
		.attempt = attempt->number,
		.fen = attempt->fen,
		.started_ms = attempt->started_ms,
		.expires_ms = attempt->started_ms + life_ms,
		.profile_version = errand->entry->config.profile_version,
		.payee_ref = arena_dup(&errand->arena, span_of(reward->payee)),
		.remark = span_of(errand->dispatch->env.remark),
	};
	if (strcmp(errand->entry->rail->driver, VOUCHER_RAIL) != 0)
		return;
	attempt_voucher(errand->dispatch->env.vouchers, attempt, &errand->voucher, NULL);
	in->voucher = &errand->voucher;
}

struct errand *errand_new(struct dispatch *d, struct open_attempt *open, enum errand_kind kind,
			  struct rail_entry *entry)
{
	struct errand *errand = memory_zeroes(1, sizeof(*errand));
	const struct book_reward *reward;
	const struct book_attempt *attempt = dispatch_attempt(d, open, &reward);

	*errand = (struct errand){ .dispatch = d, .next = d->errands, .open = open, .kind = kind,
				  .entry = rail_entry_hold(entry) };
	errand->seq = kind == ERRAND_SEND || kind == ERRAND_RECORD ? reward->last_seq
								   : book_seq(treasury_book(d->env.treasury));
	fill_instruction(errand, reward, attempt);
	errand->job = (struct rail_job){ .config = &entry->config, .instruction = &errand->instruction,
					 .now_ms = dispatch_wall_ms(d), .arena = &errand->arena };
	random_bytes(errand->job.random, sizeof(errand->job.random));
	open->busy = true;
	d->errands = errand;
	d->figures.busy++;
	return errand;
}

void errand_free(struct errand *errand)
{
	struct errand **at = &errand->dispatch->errands;

	while (*at != errand)
		at = &(*at)->next;
	*at = errand->next;
	if (errand->again != NULL)
		loop_timer_cancel(errand->again);
	errand->dispatch->figures.busy--;
	rail_entry_drop(errand->entry);
	arena_release(&errand->arena);
	free(errand);
}

/* --- what came back ------------------------------------------------------------------------- */

static void (*reader_of(const struct errand *errand))(const struct rail_job *, const struct rail_request *,
						     const struct http_response *, struct rail_report *)
{
	const struct rail *rail = errand->entry->rail;

	if (errand->kind == ERRAND_SEND)
		return rail->read_instruct;
	return errand->kind == ERRAND_QUERY ? rail->read_query : rail->read_cancel;
}

static void read_answer(struct errand *errand, const struct http_answer *answer)
{
	struct http_response response = { .status = answer->status, .body = answer->body };
	unsigned char hash[RAIL_HASH_BYTES];

	http_response_head(answer->head, &response);
	errand->job.now_ms = dispatch_wall_ms(errand->dispatch);
	reader_of(errand)(&errand->job, &errand->asked, &response, &errand->report);
	rail_hash(answer->body, hash);
	errand->raw = span_of(hex_text(&errand->arena, hash, sizeof(hash)));
}

/* Whether the provider itself has spoken: what it says does not matter here. */
static bool is_its_word(const struct rail_report *report)
{
	return report->row != OUTCOME_NO_ANSWER && report->row != OUTCOME_NOT_SENT &&
	       report->row != OUTCOME_WEAK_STATUS && report->row != OUTCOME_UNREADABLE;
}

/* Breaker and figures are those of the rail as it is now: it may have been configured anew. */
static struct rail_entry *standing(const struct errand *errand)
{
	struct rail_entry *entry = rail_set_find(errand->dispatch->env.rails, span_of(errand->entry->config.name));

	return entry != NULL ? entry : errand->entry;
}

static void tell_breaker(struct errand *errand)
{
	struct rail_entry *entry = standing(errand);

	if (is_its_word(&errand->report)) {
		breaker_answered(&entry->breaker);
		return;
	}
	entry->unanswered++;
	breaker_failed(&entry->breaker, dispatch_loop_ms(errand->dispatch));
}

static void log_answer(const struct errand *errand, const char *error)
{
	bool loud = errand->report.alarm || outcome_rule(errand->report.row)->incident;

	if (loud)
		errand->dispatch->figures.alarms++;
	log_event(loud ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "payout.answer", "attempt", errand->open->id, "rail",
		  errand->entry->config.name, "row", outcome_rule(errand->report.row)->name, "state",
		  rail_outcome_name(errand->report.outcome), "code",
		  errand->report.code[0] != '\0' ? errand->report.code : NULL, "error", error, NULL);
}

static void answered(void *ctx, const struct http_answer *answer)
{
	struct errand *errand = ctx;
	bool spoken = answer->outcome == HTTP_ANSWERED;

	if (!dispatch_answered(errand->dispatch))
		return;
	if (spoken)
		read_answer(errand, answer);
	else
		rail_report_silence(&errand->report, answer->outcome == HTTP_NOT_SENT);
	tell_breaker(errand);
	log_answer(errand, spoken ? NULL : answer->error);
	dispatch_stepped(errand, DISPATCH_ANSWERED);
	/* What was asked and not answered says nothing about the payment. */
	if (!spoken && errand->kind != ERRAND_SEND)
		errand_end(errand, errand->kind == ERRAND_QUERY);
	else
		errand_observe(errand);
}

static unsigned timeout_ms(const struct errand *errand)
{
	unsigned of_rail = errand->entry->config.timeout_ms, of_all = errand->dispatch->env.timeout_ms;

	if (of_all > 0)
		return of_all;
	return of_rail > 0 ? of_rail : TIMEOUT_MS;
}

static void call(struct errand *errand)
{
	struct dispatch *d = errand->dispatch;
	struct http_call request = { .url = errand->asked.url,
				     .method = errand->asked.method,
				     .fields = errand->asked.fields,
				     .body = errand->asked.body,
				     .timeout_ms = timeout_ms(errand),
				     .answer_max_bytes = ANSWER_MAX_BYTES };

	d->outstanding++;
	http_client_start(d->env.http, &request, answered, errand);
	dispatch_stepped(errand, DISPATCH_SENT);
}

/* --- sending ------------------------------------------------------------------------------------ */

/* The intent is in the journal, by this process and just now. */
static void go_out(struct errand *errand, enum rail_made made)
{
	struct dispatch *d = errand->dispatch;

	dispatch_stepped(errand, DISPATCH_RECORDED);
	standing(errand)->sent++;
	d->figures.sent++;
	if (made == RAIL_SEND) {
		call(errand);
		return;
	}
	log_answer(errand, NULL);
	errand_observe(errand);
}

static void count_again(struct errand *errand, const struct record *record)
{
	const struct book_reward *reward;
	const struct book_attempt *attempt = dispatch_attempt(errand->dispatch, errand->open, &reward);

	errand->dispatch->figures.sent_again += attempt != NULL && attempt->sent_ms != record->at_ms;
}

static void send_recorded(struct errand *errand, const struct treasury_answer *answer)
{
	struct dispatch *d = errand->dispatch;

	if (answer->outcome == TREASURY_DONE && !answer->repeated) {
		errand->seq = answer->record->seq;
		count_again(errand, answer->record);
		go_out(errand, errand->asked.url != NULL ? RAIL_SEND : RAIL_TOLD);
		return;
	}
	if (answer->outcome == TREASURY_REFUSED && strcmp(answer->refusal->code, "BODY_DIFFERS") == 0) {
		d->figures.body_differs++;
		log_event(LOG_LEVEL_ERROR, "payout.body_differs", "attempt", errand->open->id, "rail",
			  errand->entry->config.name, NULL);
	} else if (answer->outcome == TREASURY_REFUSED) {
		log_event(LOG_LEVEL_NOTICE, "payout.not_sent", "attempt", errand->open->id, "why",
			  answer->refusal->code, NULL);
	}
	errand_end(errand, false);
}

static int64_t retention_days(const struct rail_profile *profile)
{
	int64_t days = profile->id_retention_ms / DAY_MS;

	if (days < 1)
		return 1;
	return days < RETENTION_DAYS_MAX ? days : RETENTION_DAYS_MAX;
}

static void record_send(struct errand *errand, enum rail_made made)
{
	struct arena *arena = &errand->arena;
	int64_t days = retention_days(&errand->entry->profile);

	errand_command(errand, "attempt.send",
		       arena_printf(arena, "send:%s:%llu", errand->open->id, (unsigned long long)errand->seq));
	if (made == RAIL_SEND)
		command_put(&errand->command, "body",
			    span_of(hex_text(arena, errand->asked.body_hash, sizeof(errand->asked.body_hash))));
	command_put(&errand->command, "retention_days", span_of(arena_printf(arena, "%lld", (long long)days)));
	errand_record(errand, false, send_recorded);
}

static void stopped(struct errand *errand, const struct treasury_answer *answer)
{
	errand_end(errand, answer->outcome == TREASURY_DONE);
}

/* Not one byte went out: the attempt is over, and people look at the reward. */
static void stop(struct errand *errand, const char *reason)
{
	errand_command(errand, "attempt.cancel",
		       arena_printf(&errand->arena, "stop:%s:%llu", errand->open->id, (unsigned long long)errand->seq));
	command_put(&errand->command, "reason", span_of(reason));
	errand_record(errand, false, stopped);
}

static void cannot(struct errand *errand, const struct complaint *why)
{
	const struct book_reward *reward;
	const struct book_attempt *attempt = dispatch_attempt(errand->dispatch, errand->open, &reward);

	errand->dispatch->figures.cannot++;
	log_event(LOG_LEVEL_ERROR, "payout.cannot", "attempt", errand->open->id, "rail", errand->entry->config.name, "why",
		  why->text, NULL);
	if (attempt != NULL && attempt->state == ATTEMPT_CREATED)
		stop(errand, arena_printf(&errand->arena, "the rail cannot carry it: %s", why->text));
	else
		errand_end(errand, false);
}

static void instruct(struct errand *errand)
{
	struct complaint why = { .text = "" };
	enum rail_made made = errand->entry->rail->instruct(&errand->job, &errand->asked, &errand->report, &why);

	if (made == RAIL_CANNOT) {
		cannot(errand, &why);
		return;
	}
	dispatch_stepped(errand, DISPATCH_CHOSEN);
	record_send(errand, made);
}

/* --- the payee -------------------------------------------------------------------------------------- */

static bool open_payee(struct errand *errand, const struct store_reply *reply)
{
	struct rail_instruction *in = &errand->instruction;
	struct payee payee = { 0 };

	if (reply->verdict == STORE_ABSENT)
		return true;   /* a rail that needs an account says so */
	if (!payee_open(errand->dispatch->env.payees, in->payee_ref, reply->vault, &errand->arena, &payee))
		return false;
	in->payee_account = payee.account;
	in->payee_name = payee.name;
	return true;
}

/* The name goes only where the profile demands it for this amount. */
static void hide_name(struct errand *errand)
{
	int64_t from_fen = errand->entry->profile.name_from_fen;

	if (from_fen == 0 || errand->instruction.fen < from_fen)
		errand->instruction.payee_name = (struct span){ 0 };
}

static void note_unsealed(const struct errand *errand)
{
	if (errand->dispatch->env.trail != NULL)
		trail_note(errand->dispatch->env.trail,
			   &(struct trail_event){ .kind = TRAIL_UNSEAL, .call = SPAN("payout"), .id = span_of(errand->open->id) });
}

static void vault_answered(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;

	if (!dispatch_answered(errand->dispatch))
		return;
	if (reply->outcome != STORE_DONE || !open_payee(errand, reply)) {
		log_rarely(LOG_LEVEL_WARNING, "payout.vault",
			   reply->outcome != STORE_DONE ? "the store does not answer" : "a payee does not open");
		errand_end(errand, false);
		return;
	}
	note_unsealed(errand);
	hide_name(errand);
	instruct(errand);
}

static void ask_vault(struct errand *errand)
{
	struct dispatch *d = errand->dispatch;
	struct store_request request = { .op = STORE_VAULT_GET, .token = errand->instruction.payee_ref };

	d->outstanding++;
	store_submit(d->env.store, &request, (struct store_wait){ .done = vault_answered, .ctx = errand });
}

/* --- asking and stopping -------------------------------------------------------------------------------- */

/* A rail that nobody is asked for tells what the journal says; one that was restored has forgotten some of it. */
static void know_nothing_in_quarantine(struct errand *errand)
{
	const struct book *book = treasury_book(errand->dispatch->env.treasury);

	if (book != NULL && book_quarantine(book)->on)
		rail_report_unknown(&errand->report, OUTCOME_NO_ANSWER, "QUARANTINE");
}

static void ask(struct errand *errand, rail_make *make)
{
	struct complaint why = { .text = "" };
	enum rail_made made = make(&errand->job, &errand->asked, &errand->report, &why);

	if (made == RAIL_SEND) {
		call(errand);
	} else if (made == RAIL_TOLD) {
		know_nothing_in_quarantine(errand);
		errand_observe(errand);
	} else {
		log_event(LOG_LEVEL_ERROR, "payout.cannot", "attempt", errand->open->id, "rail",
			  errand->entry->config.name, "why", why.text, NULL);
		errand_end(errand, false);
	}
}

static void query(struct errand *errand)
{
	errand->open->ask = false;
	errand->open->asked = true;
	errand->entry->asked++;
	errand->dispatch->figures.asked++;
	ask(errand, errand->entry->rail->query);
}

/* That it is to stop is recorded first; by finance, or here when the payee did not act in time. */
static void cancel(struct errand *errand)
{
	const struct book_reward *reward;
	const struct book_attempt *attempt = dispatch_attempt(errand->dispatch, errand->open, &reward);

	if (attempt->state != ATTEMPT_CANCELLING) {
		stop(errand, "the payee did not act in time");
		return;
	}
	errand->entry->cancelled++;
	errand->dispatch->figures.cancelled++;
	ask(errand, errand->entry->rail->cancel);
}

void errand_start(struct errand *errand)
{
	if (errand->kind == ERRAND_QUERY)
		query(errand);
	else if (errand->kind == ERRAND_CANCEL)
		cancel(errand);
	else if (errand->instruction.payee_ref.len > 0 && errand->instruction.voucher == NULL)
		ask_vault(errand);
	else
		instruct(errand);
}
