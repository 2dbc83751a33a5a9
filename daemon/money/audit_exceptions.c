/*
 * The table of the auditor's tests; see audit_exceptions.h.
 */
#include "daemon/money/audit_exceptions.h"

#include "daemon/base/table.h"

const struct audit_parameter_kind audit_parameters[AUDIT_PARAMETERS] = {
	[AUDIT_BEFORE_MINUTES] = { .name = "before_minutes", .preset = 30, .high = 100000 },
	[AUDIT_AFTER_DAYS] = { .name = "after_days", .preset = 7, .high = 3660 },
	[AUDIT_PAIR_MIN] = { .name = "pair_min", .preset = 5, .low = 1, .high = 100000 },
	[AUDIT_PAIR_PERCENT] = { .name = "pair_percent", .preset = 50, .low = 1, .high = 100 },
	[AUDIT_PAYEE_CASES] = { .name = "payee_cases", .preset = 2, .low = 2, .high = 1000 },
	[AUDIT_MARGIN_PERCENT] = { .name = "margin_percent", .preset = 5, .high = 100 },
	[AUDIT_CASE_DAYS] = { .name = "case_days", .preset = 7, .low = 1, .high = 366 },
	[AUDIT_LATE_PERCENT] = { .name = "late_percent", .preset = 10, .low = 1, .high = 100 },
	[AUDIT_NIGHT_FROM] = { .name = "night_from", .preset = 22, .high = 23 },
	[AUDIT_NIGHT_UNTIL] = { .name = "night_until", .preset = 6, .high = 23 },
	[AUDIT_WITHIN_SECONDS] = { .name = "within_seconds", .preset = 60, .high = 86400 },
	[AUDIT_DUPLICATE_DAYS] = { .name = "duplicate_days", .preset = 30, .low = 1, .high = 3660 },
	[AUDIT_CLOCK_RUN] = { .name = "clock_run", .preset = 5, .low = 2, .high = 1000 },
};

#define BIT(parameter) (1u << (parameter))

static const struct audit_test tests[] = {
	{ .name = "tip_after_police", .of = "rewards", .unit = "minutes", .find = audit_find_tip_after_police,
	  .finds = "The tip came when the police knew by themselves, or shortly before: who told the informant?",
	  .takes = BIT(AUDIT_BEFORE_MINUTES) | BIT(AUDIT_AFTER_DAYS) },
	{ .name = "pairs", .of = "rewards", .unit = "percent", .find = audit_find_pairs,
	  .finds = "Most of what one person proposes or approves goes through the hands of the same other one.",
	  .takes = BIT(AUDIT_PAIR_MIN) | BIT(AUDIT_PAIR_PERCENT) },
	{ .name = "same_payee", .of = "rewards", .unit = "cases", .find = audit_find_same_payee,
	  .finds = "One account is paid for several cases.", .takes = BIT(AUDIT_PAYEE_CASES) },
	{ .name = "counter", .of = "payments", .unit = "percent", .find = audit_find_counter,
	  .finds = "Most of what counters pay out goes through one teller.",
	  .takes = BIT(AUDIT_PAIR_MIN) | BIT(AUDIT_PAIR_PERCENT) },
	{ .name = "below_band", .of = "rewards", .unit = "fen", .find = audit_find_below_band,
	  .finds = "The amount lies just under the limit from which more persons approve.",
	  .takes = BIT(AUDIT_MARGIN_PERCENT) },
	{ .name = "splitting", .of = "rewards", .unit = "days", .find = audit_find_splitting,
	  .finds = "Several rewards of one case within a short time.", .takes = BIT(AUDIT_CASE_DAYS) },
	{ .name = "duplicates", .of = "rewards", .unit = "days", .find = audit_find_duplicates,
	  .finds = "The same account is to get the same amount twice within a short time.",
	  .takes = BIT(AUDIT_DUPLICATE_DAYS) },
	{ .name = "late_claims", .of = "claims", .unit = "days", .find = audit_find_late_claims,
	  .finds = "Claimed in the last part of the window, after nothing was heard: staff may claim what nobody does.",
	  .takes = BIT(AUDIT_LATE_PERCENT) },
	{ .name = "off_hours", .of = "approvals", .unit = "hour", .find = audit_find_off_hours,
	  .finds = "Approved at night or on a day on which nobody works.",
	  .takes = BIT(AUDIT_NIGHT_FROM) | BIT(AUDIT_NIGHT_UNTIL) },
	{ .name = "fast_approvals", .of = "approvals", .unit = "seconds", .find = audit_find_fast_approvals,
	  .finds = "Approved so soon after the step before, or after the same person's last approval, that nothing was read.",
	  .takes = BIT(AUDIT_WITHIN_SECONDS) },
	{ .name = "overrides", .of = "proposals", .unit = "percent", .find = audit_find_overrides,
	  .finds = "Amounts that a person set by hand, or that the policy had to bring to its bounds." },
	{ .name = "sequence", .of = "records", .unit = "records", .find = audit_find_sequence,
	  .finds = "The clock stood still or went back, or the journal was restored; gaps and forks are not read at all.",
	  .takes = BIT(AUDIT_CLOCK_RUN) },
	{ .name = "statement_lines", .of = "breaks", .unit = "days", .find = audit_find_statement_lines,
	  .finds = "Payments without a line of a statement, and lines without a payment, that nobody has explained." },
};

const struct audit_test *audit_tests(size_t *n)
{
	*n = COUNT_OF(tests);
	return tests;
}

struct audit_finding audit_find(const struct audit_test *test, const struct audit_view *view, const struct book *book,
				const int64_t parameters[AUDIT_PARAMETERS])
{
	struct audit_finding finding = { .view = view, .book = book, .parameters = parameters };

	/* One more, in which those beyond are written and lost. */
	finding.hits = arena_array(view->arena, struct audit_hit, AUDIT_HITS_MAX + 1);
	test->find(&finding);
	return finding;
}

struct audit_hit *audit_hit_new(struct audit_finding *finding, const struct audit_reward *reward)
{
	struct audit_hit *hit = &finding->hits[finding->nhits];

	finding->total++;
	finding->nhits += finding->nhits < AUDIT_HITS_MAX;
	*hit = (struct audit_hit){ .subject = "", .with = "", .note = "" };
	if (reward != NULL) {
		hit->subject = audit_view_text(finding->view, reward->is->id);
		hit->rewards = 1;
		hit->fen = reward->is->fen;
	}
	return hit;
}

void audit_hit_seq(struct audit_finding *finding, struct audit_hit *hit, uint64_t seq)
{
	audit_seqs_add(&hit->seqs, seq, finding->view->arena);
}
