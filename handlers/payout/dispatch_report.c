/*
 * From what a rail reported to a command of the book, and that command to the
 * treasury until it has an answer that stays.
 */
#include "handlers/payout/dispatch_inside.h"

#include "daemon/sys/log.h"

#include <assert.h>

#define AGAIN_MS 500
#define CODE_MAX 35         /* as the journal takes codes and ids */

void command_put(struct book_command *command, const char *name, struct span value)
{
	assert(command->nfields < BOOK_FIELDS_MAX);
	command->fields[command->nfields++] = (struct book_field){ .name = name, .value = value };
}

static void command_begin(struct book_command *command, const char *kind, struct span attempt, struct span key)
{
	*command = (struct book_command){ .kind = kind, .person = SPAN("system"), .account = SPAN("system"),
					  .roles = MONEY_SYSTEM, .subject = attempt, .key = key };
}

void errand_command(struct errand *errand, const char *kind, const char *key)
{
	command_begin(&errand->command, kind, span_of(errand->open->id), span_of(key));
}

/* --- recording --------------------------------------------------------------------------- */

static void submit(void *ctx);

static void treasury_said(void *ctx, const struct treasury_answer *answer)
{
	struct errand *errand = ctx;
	bool stays = answer->outcome == TREASURY_DONE || answer->outcome == TREASURY_REFUSED;

	if (!dispatch_answered(errand->dispatch))
		return;
	if (!stays && errand->persistent)
		errand->again = loop_after(errand->dispatch->env.loop, AGAIN_MS, submit, errand);
	else
		errand->recorded(errand, answer);
}

static void submit(void *ctx)
{
	struct errand *errand = ctx;

	errand->again = NULL;
	errand->dispatch->outstanding++;
	treasury_submit(errand->dispatch->env.treasury, &errand->command,
			(struct treasury_wait){ .done = treasury_said, .ctx = errand });
}

void errand_record(struct errand *errand, bool persistent,
		   void (*recorded)(struct errand *, const struct treasury_answer *))
{
	errand->persistent = persistent;
	errand->recorded = recorded;
	submit(errand);
}

/* --- observations ---------------------------------------------------------------------------- */

/* The state that is to be recorded; NULL: the report leaves the attempt as it is. */
static const char *state_of(const struct rail_report *report)
{
	enum attempt_state state;

	if (report->row == OUTCOME_NOT_FOUND)
		return "NOT_FOUND";
	if (report->row == OUTCOME_NOT_SENT)
		return attempt_state_name(ATTEMPT_UNKNOWN);
	if (!outcome_state(report, &state) || state == ATTEMPT_CANCELLING)
		return NULL;
	return attempt_state_name(state);
}

static void put_word(struct book_command *command, const char *name, const char *word, size_t max)
{
	if (word[0] != '\0' && strlen(word) <= max)
		command_put(command, name, span_of(word));
}

bool dispatch_observation(const struct rail_report *report, struct span attempt, struct span key, struct span raw,
			  struct arena *arena, struct book_command *command)
{
	const char *state = state_of(report);
	bool ended = report->row == OUTCOME_FINAL_CODE || report->row == OUTCOME_QUERY_ENDED;

	if (state == NULL)
		return false;
	command_begin(command, "attempt.observe", attempt, key);
	command_put(command, "state", span_of(state));
	command_put(command, "by", span_of(evidence_name(report->evidence)));
	put_word(command, "instruction", report->instruction, CODE_MAX);
	if (report->fen > 0)
		command_put(command, "fen", span_of(arena_printf(arena, "%lld", (long long)report->fen)));
	/* A failure has a code; a provider that gives none is quoted with that. */
	put_word(command, "code", report->code[0] != '\0' || !ended ? report->code : "NO_CODE", CODE_MAX);
	put_word(command, "provider_ref", report->provider_ref, RAIL_WORD_MAX - 1);
	if (ended && report->fault == RAIL_FAULT_PAYEE)
		command_put(command, "fault", SPAN("payee"));
	if (raw.len > 0)
		command_put(command, "raw", raw);
	return true;
}

/* A question that was answered with what is known already leaves no second record. */
static bool says_nothing_new(const struct errand *errand)
{
	const struct book_reward *reward;
	const struct book_attempt *attempt = dispatch_attempt(errand->dispatch, errand->open, &reward);
	const struct rail_report *report = &errand->report;
	enum attempt_state state;

	if (errand->kind == ERRAND_SEND || report->alarm || report->row == OUTCOME_NOT_FOUND)
		return false;
	if (report->outcome == RAIL_UNKNOWN || attempt == NULL)
		return true;
	return outcome_state(report, &state) && state == attempt->state && report->evidence <= attempt->by &&
	       strcmp(report->code, attempt->code) == 0;
}

static void observed(struct errand *errand, const struct treasury_answer *answer)
{
	if (answer->outcome == TREASURY_DONE) {
		errand->dispatch->figures.recorded++;
		dispatch_stepped(errand, DISPATCH_OBSERVED);
	} else {
		log_event(LOG_LEVEL_ERROR, "payout.report_refused", "attempt", errand->open->id, "why",
			  answer->refusal->code, NULL);
	}
	/* What did not go out is tried again, a little later each time. */
	errand_end(errand, answer->outcome == TREASURY_DONE && errand->report.row != OUTCOME_NOT_SENT);
}

static const char *key_of(struct errand *errand)
{
	const char *what = errand->kind == ERRAND_SEND ? "seen" : errand->kind == ERRAND_QUERY ? "asked" : "told";

	return arena_printf(&errand->arena, "%s:%s:%llu", what, errand->open->id, (unsigned long long)errand->seq);
}

void errand_observe(struct errand *errand)
{
	if (errand->kind == ERRAND_CANCEL)
		errand->open->cancel_told = errand->open->ask = true;
	if (says_nothing_new(errand) ||
	    !dispatch_observation(&errand->report, span_of(errand->open->id), span_of(key_of(errand)), errand->raw,
				  &errand->arena, &errand->command)) {
		errand_end(errand, true);
		return;
	}
	errand_record(errand, true, observed);
}

static void restarted(struct errand *errand, const struct treasury_answer *answer)
{
	errand->open->ask = true;
	errand_end(errand, answer->outcome == TREASURY_DONE);
}

void errand_restarted(struct errand *errand)
{
	errand->dispatch->figures.restarted++;
	errand_command(errand, "attempt.observe",
		       arena_printf(&errand->arena, "died:%s:%llu", errand->open->id, (unsigned long long)errand->seq));
	command_put(&errand->command, "state", SPAN("UNKNOWN"));
	command_put(&errand->command, "by", SPAN("answer"));
	command_put(&errand->command, "code", SPAN(CODE_RESTARTED));
	log_event(LOG_LEVEL_WARNING, "payout.restarted", "attempt", errand->open->id, NULL);
	errand_record(errand, false, restarted);
}
