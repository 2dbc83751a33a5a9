/*
 * After a restore: what may not happen until it was reconciled, and what has
 * to be there then.
 */
#include "daemon/cli/money_check_parts.h"

#include "daemon/cli/money_export.h"

void money_take_restored(struct money_check *check, struct money_act *act)
{
	struct span id = money_keep(check, span_of(arena_printf(&check->arena, "Q%llu", (unsigned long long)check->seq)));
	int64_t told = 0, open = 0;

	(void)act;
	for (size_t i = 0; i < check->attempts.n; i++) {
		struct money_attempt *attempt = money_attempt_at(check, i);

		if (!money_attempt_is_live(attempt))
			continue;
		attempt->state = SPAN("UNKNOWN");
		attempt->rank = 0;
		attempt->sent = true;
		money_reward_at(check, attempt->reward)->last_seq = check->seq;
		open++;
	}
	if (!money_line_number(check->line, "attempts", &told) || told != open)
		money_broken(check, MONEY_I12_TRANSITIONS, "%lld attempts were open, not %lld", (long long)open, (long long)told);
	if (!span_eq(money_line_text(check->line, "quarantine"), id))
		money_broken(check, MONEY_I12_TRANSITIONS, "this quarantine is Q%llu",
			     (unsigned long long)check->seq);
	check->quarantine = id;
	check->restored_ms = check->line->at_ms;
}

void money_take_reconciled(struct money_check *check, struct money_act *act)
{
	struct span until = money_line_text(check->line, "until");
	char first[MONEY_DATE_MAX], last[MONEY_DATE_MAX];

	(void)act;
	money_export_date(check->restored_ms, first);
	money_export_date(check->line->at_ms, last);
	if (span_empty(check->quarantine) || !span_eq(check->quarantine, check->line->subject))
		money_broken(check, MONEY_I12_TRANSITIONS, "there is no quarantine of that name");
	if (until.len != strlen(first) || memcmp(until.at, first, until.len) < 0 || memcmp(until.at, last, until.len) > 0)
		money_broken(check, MONEY_I12_TRANSITIONS, "reconciled up to a day before %s or after %s", first, last);
	else
		money_statements_until(check, until);
	check->quarantine = NO_SPAN;
}

void money_quarantine_look(struct money_check *check, const struct money_act *act)
{
	const char *kind = act->kind->kind;
	bool starts = strcmp(kind, "attempt.start") == 0 && !money_line_has(check->line, "line");
	bool sends = strcmp(kind, "attempt.send") == 0;
	bool pays = strcmp(kind, "attempt.observe") == 0 && span_is(check->line->role, "cashier");

	if (!span_empty(check->quarantine) && (starts || sends || pays))
		money_broken(check, MONEY_I12_TRANSITIONS, "%s before the restore was reconciled", kind);
}
