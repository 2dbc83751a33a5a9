/*
 * tipctl policy dry-run: what a policy gives for the cases of a file, and what
 * an older one gave; the dry run that a new version needs before two persons
 * adopt it.
 *
 * A line that cannot be read is told with its number and the rest goes on. A
 * case that is refused (not eligible, for a person to decide) is a result.
 */
#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_policy.h"

#include "daemon/base/json_out.h"
#include "daemon/money/policy_case.h"
#include "daemon/sys/files.h"

#include <stdio.h>

#define CASES_BYTES_MAX (256 * 1024 * 1024)

/* Of one policy over all cases. */
struct side {
	struct policy *policy;
	int64_t fen;
	size_t paid, manual, refused;
};

struct dry_run {
	const struct policy_args *args;
	struct side now, before; /* before.policy NULL: not compared */
	size_t cases, wrong_lines, changed;
	struct arena arena; /* of one case */
	bool overflow;
};

struct outcome {
	struct span id;
	const struct policy_case *facts;
	struct policy_result now, before;
};

static void count(struct dry_run *run, struct side *side, const struct policy_result *result)
{
	if (result->refused == NULL)
		side->paid++;
	else if (strcmp(result->refused, "MANUAL") == 0)
		side->manual++;
	else
		side->refused++;
	run->overflow = !money_add(side->fen, result->total, &side->fen) || run->overflow;
}

/* --- a case for people ------------------------------------------------------------------------- */

static void print_amount(const struct policy_result *result)
{
	printf("%22s", result->refused == NULL ? YUAN(result->total) : result->refused);
}

static void print_shares(const struct policy_result *result)
{
	for (size_t i = 0; i < result->nshares; i++) {
		const struct policy_share *share = &result->shares[i];

		printf("  %.*s/%u %s %s", (int)share->tip.len, share->tip.at, share->member, YUAN(share->fen),
		       share->reason);
	}
}

static void print_head(const struct dry_run *run)
{
	printf("%-16s%s%22s  %s\n", "CASE", run->before.policy != NULL ? "           BEFORE YUAN" : "",
	       "NOW YUAN", "TIP/MEMBER, YUAN, REASON");
}

static void print_case(const struct dry_run *run, const struct outcome *outcome)
{
	printf("%-16.*s", (int)outcome->id.len, outcome->id.at);
	if (run->before.policy != NULL)
		print_amount(&outcome->before);
	print_amount(&outcome->now);
	print_shares(&outcome->now);
	putchar('\n');
	if (run->args->trace)
		printf("  %.*s\n", (int)outcome->now.trace.len, outcome->now.trace.at);
}

/* --- a case for programs ---------------------------------------------------------------------------- */

static void put_fen(struct json_out *json, const char *name, int64_t fen)
{
	char text[MONEY_TEXT_MAX];

	json_text(json, name, money_write(fen, text));
}

/* Who has to approve: by what all members of the tip get. */
static void put_approvals(struct json_out *json, const struct dry_run *run, const struct outcome *outcome,
			  struct span tip)
{
	const char *titles[POLICY_STEPS_MAX];
	int64_t fen = 0;
	size_t n;

	for (size_t i = 0; i < outcome->now.nshares; i++)
		if (span_eq(outcome->now.shares[i].tip, tip))
			fen += outcome->now.shares[i].fen;
	n = fen > 0 ? policy_approvals(run->now.policy, fen, outcome->facts->override_fen > 0, titles) : 0;
	json_open_member(json, "approvals", '[');
	for (size_t i = 0; i < n; i++)
		json_text(json, NULL, span_of(titles[i]));
	json_close(json, ']');
}

static void put_shares(struct json_out *json, const struct dry_run *run, const struct outcome *outcome)
{
	json_open_member(json, "shares", '[');
	for (size_t i = 0; i < outcome->now.nshares; i++) {
		const struct policy_share *share = &outcome->now.shares[i];

		json_open(json, '{');
		json_text(json, "tip", share->tip);
		json_u64(json, "member", share->member);
		put_fen(json, "fen", share->fen);
		json_text(json, "reason", span_of(share->reason));
		put_approvals(json, run, outcome, share->tip);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_result(struct json_out *json, const struct policy_result *result)
{
	put_fen(json, "total", result->total);
	if (result->refused != NULL)
		json_text(json, "refused", span_of(result->refused));
	else
		json_none(json, "refused");
}

static void print_json(struct buf *text)
{
	printf("%.*s\n", (int)text->len, text->at);
	buf_release(text);
}

static void print_case_json(const struct dry_run *run, const struct outcome *outcome)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	json_open(&json, '{');
	json_text(&json, "case", outcome->id);
	put_result(&json, &outcome->now);
	put_shares(&json, run, outcome);
	if (run->before.policy != NULL) {
		json_open_member(&json, "against", '{');
		put_result(&json, &outcome->before);
		json_close(&json, '}');
	}
	if (run->args->trace)
		json_raw(&json, "trace", outcome->now.trace);
	json_close(&json, '}');
	print_json(&text);
}

/* --- totals ----------------------------------------------------------------------------------------- */

static void print_side(const char *name, const struct side *side)
{
	printf("%-7s %s version %u: %s yuan; %zu with an amount, %zu manual, %zu refused\n", name,
	       policy_name(side->policy), policy_version(side->policy), YUAN(side->fen), side->paid,
	       side->manual, side->refused);
}

static void print_totals(const struct dry_run *run)
{
	printf("\n%zu cases\n", run->cases);
	if (run->before.policy != NULL)
		print_side("before", &run->before);
	print_side("now", &run->now);
	if (run->before.policy != NULL)
		printf("difference %s yuan; %zu cases changed\n", YUAN(run->now.fen - run->before.fen),
		       run->changed);
}

static void put_side(struct json_out *json, const char *name, const struct side *side)
{
	json_open_member(json, name, '{');
	json_text(json, "policy", span_of(policy_name(side->policy)));
	json_u64(json, "version", policy_version(side->policy));
	put_fen(json, "total", side->fen);
	json_u64(json, "paid", side->paid);
	json_u64(json, "manual", side->manual);
	json_u64(json, "refused", side->refused);
	json_close(json, '}');
}

static void print_totals_json(const struct dry_run *run)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	json_open(&json, '{');
	json_u64(&json, "cases", run->cases);
	json_u64(&json, "wrong_lines", run->wrong_lines);
	put_side(&json, "now", &run->now);
	if (run->before.policy != NULL) {
		put_side(&json, "against", &run->before);
		put_fen(&json, "difference", run->now.fen - run->before.fen);
		json_u64(&json, "changed", run->changed);
	}
	json_close(&json, '}');
	print_json(&text);
}

/* --- the run ------------------------------------------------------------------------------------------- */

static bool same_refusal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void calculate(struct dry_run *run, struct outcome *outcome)
{
	policy_calculate(run->now.policy, outcome->facts, &run->arena, &outcome->now);
	count(run, &run->now, &outcome->now);
	if (run->before.policy == NULL)
		return;
	policy_calculate(run->before.policy, outcome->facts, &run->arena, &outcome->before);
	count(run, &run->before, &outcome->before);
	run->changed += outcome->now.total != outcome->before.total ||
			!same_refusal(outcome->now.refused, outcome->before.refused);
}

static void run_line(struct dry_run *run, struct span line, size_t number)
{
	struct policy_case facts;
	struct outcome outcome = { .facts = &facts };
	struct complaint why = { .text = "" };

	if (!policy_case_read(line, &run->arena, &outcome.id, &facts, &why)) {
		fprintf(stderr, "%s:%zu: %s\n", run->args->cases, number, why.text);
		run->wrong_lines++;
		return;
	}
	run->cases++;
	calculate(run, &outcome);
	if (run->args->json)
		print_case_json(run, &outcome);
	else
		print_case(run, &outcome);
}

/* Lines of blanks alone are passed over. */
static void run_cases(struct dry_run *run, struct span cases)
{
	struct span line;

	for (size_t number = 1; span_cut(&cases, '\n', &line); number++) {
		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		if (!span_empty(span_trim(line)))
			run_line(run, line, number);
		arena_clear(&run->arena);
	}
}

static bool open_all(struct dry_run *run, const char *path, struct buf *cases)
{
	struct complaint why = { .text = "" };
	bool fine;

	run->now.policy = policy_open(path, &why);
	fine = run->now.policy != NULL;
	if (fine && run->args->against != NULL) {
		run->before.policy = policy_open(run->args->against, &why);
		fine = run->before.policy != NULL;
	}
	fine = fine && files_read(run->args->cases, CASES_BYTES_MAX, cases, &why);
	if (!fine)
		fprintf(stderr, "%s\n", why.text);
	return fine;
}

static int tell(const struct dry_run *run)
{
	if (run->overflow) {
		fputs("tipctl: the amounts of all cases together are too large to be added up\n", stderr);
		return CTL_WRONG;
	}
	if (run->args->json)
		print_totals_json(run);
	else
		print_totals(run);
	if (run->wrong_lines > 0)
		fprintf(stderr, "tipctl: %zu lines of %s are wrong and were left out\n", run->wrong_lines,
			run->args->cases);
	return run->wrong_lines > 0 ? CTL_WRONG : CTL_WELL;
}

int policy_dry_run(const struct policy_args *args, const char *path)
{
	struct dry_run run = { .args = args };
	struct buf cases = { 0 };
	int status = CTL_WRONG;

	if (open_all(&run, path, &cases)) {
		if (!args->json)
			print_head(&run);
		run_cases(&run, buf_span(&cases));
		status = tell(&run);
	}
	arena_release(&run.arena);
	buf_release(&cases);
	policy_free(run.now.policy);
	policy_free(run.before.policy);
	return status;
}
