/*
 * A reward as a person reads it before deciding: what it is, how its amount
 * came about, who agreed, what was paid.
 */
#include "daemon/cli/tipctl_reward.h"

#include <stdio.h>
#include <stdlib.h>

static void print_head(const json_t *reward)
{
	char yuan[32], paid[32];

	printf("%s  %s%s  %s yuan, %s paid\n", ctl_text(reward, "id"), ctl_text(reward, "state"),
	       json_is_true(json_object_get(reward, "held")) ? ", on hold" : "", ctl_yuan(reward, "fen", yuan),
	       ctl_yuan(reward, "paid_fen", paid));
	printf("case      %s, tip %s\n", ctl_text(reward, "case"), ctl_text(reward, "tip"));
	printf("ledger    %s\n", ctl_text(reward, "book"));
	printf("policy    %s\n", ctl_text(reward, "policy"));
	printf("approvals %lld of %lld\n", ctl_number(reward, "step"), ctl_number(reward, "steps"));
	if (ctl_text(reward, "digest")[0] != '\0')
		printf("digest    %s\n", ctl_text(reward, "digest"));
	if (ctl_text(reward, "deadline")[0] != '\0')
		printf("deadline  %s\n", ctl_text(reward, "deadline"));
	if (ctl_text(reward, "rail")[0] != '\0')
		printf("rail      %s\n", ctl_text(reward, "rail"));
}

/* "name value" for each member, whatever it holds. */
static void print_members(const char *title, json_t *object)
{
	const char *name;
	json_t *value;

	if (json_object_size(object) == 0)
		return;
	printf("\n%s\n", title);
	json_object_foreach(object, name, value) {
		char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		printf("  %-18s %s\n", name, text != NULL ? text : json_string_value(value));
		free(text);
	}
}

static void print_trace(const json_t *trace)
{
	const json_t *steps = json_is_object(trace) ? json_object_get(trace, "steps") : trace, *step;
	size_t i;

	if (trace == NULL)
		return;
	puts("\nhow the amount came about");
	if (!json_is_array(steps)) {
		char *text = json_dumps(trace, JSON_ENCODE_ANY | JSON_COMPACT);

		printf("  %s\n", text != NULL ? text : "");
		free(text);
		return;
	}
	json_array_foreach(steps, i, step) {
		char *text = json_dumps(step, JSON_ENCODE_ANY | JSON_COMPACT);

		printf("  %s\n", text != NULL ? text : "");
		free(text);
	}
}

static void print_approvals(const json_t *approvals)
{
	const json_t *row;
	size_t i;

	if (json_array_size(approvals) > 0)
		puts("\napproved");
	json_array_foreach(approvals, i, row)
		printf("  %s  %s as %s, digest %.16s\n", ctl_text(row, "at"), ctl_text(row, "person"), ctl_text(row, "title"),
		       ctl_text(row, "digest"));
}

static void print_attempts(const json_t *attempts)
{
	const json_t *row;
	char yuan[32];
	size_t i;

	if (json_array_size(attempts) > 0)
		puts("\npayments");
	json_array_foreach(attempts, i, row)
		printf("  %lld  %-10s %12s yuan  %s  %s  %s\n", ctl_number(row, "number"), ctl_text(row, "state"),
		       ctl_yuan(row, "fen", yuan), ctl_text(row, "rail"), ctl_text(row, "instruction"), ctl_text(row, "line"));
}

static void print_timeline(const json_t *timeline)
{
	const json_t *row;
	size_t i;

	puts("\nrecords");
	json_array_foreach(timeline, i, row)
		printf("  %6lld  %s  %-18s %-12s %s\n", ctl_number(row, "seq"), ctl_text(row, "at"), ctl_text(row, "kind"),
		       ctl_text(row, "person"), ctl_text(row, "entry"));
}

void ctl_reward_print(const json_t *file)
{
	const json_t *reward = json_object_get(file, "reward"), *proposal = json_object_get(file, "proposal");

	print_head(reward);
	print_members("proposal", json_object_get(proposal, "inputs"));
	print_trace(json_object_get(proposal, "trace"));
	print_approvals(json_object_get(file, "approvals"));
	print_attempts(json_object_get(reward, "attempts"));
	print_timeline(json_object_get(file, "timeline"));
}
