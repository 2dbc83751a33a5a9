/*
 * The life of a reward against tests/unit/money/reward.golden: every triple of
 * state, event and role; and what has to hold of any such table.
 *
 * `test_reward --print` writes the file anew, `--page` the page of the manual;
 * read the difference before committing them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/reward.h"

#include <stdio.h>
#include <stdlib.h>

#define GOLDEN "tests/unit/money/reward.golden"
#define PAGE "docs/rewards-lifecycle.md"
#define ROLES 9

static void print_move(FILE *out, const struct reward_move *move)
{
	if (move == NULL) {
		fputs("-\n", out);
		return;
	}
	fputs(reward_state_name(move->to[0]), out);
	for (size_t i = 1; i < 3; i++)
		if (move->to[i] != move->to[0] && (i < 2 || move->to[2] != move->to[1]))
			fprintf(out, "|%s", reward_state_name(move->to[i]));
	fprintf(out, "%s%s\n", move->persons > 1 ? " two persons" : "", move->while_held ? " also held" : "");
}

static void print_all(FILE *out)
{
	for (size_t state = 0; state < REWARD_STATES; state++)
		for (size_t event = 0; event < REWARD_EVENTS; event++)
			for (size_t role = 0; role < ROLES; role++) {
				fprintf(out, "%-14s %-13s %-8s ", reward_state_name((enum reward_state)state),
					reward_event_name((enum reward_event)event),
					money_role_name((enum money_role)(1 << role)));
				print_move(out, reward_move_find((enum reward_state)state, (enum reward_event)event,
								 1u << role));
			}
}

/* --- the page --------------------------------------------------------------------------- */

static void print_roles(FILE *out, unsigned by)
{
	const char *comma = "";

	for (unsigned role = 1; role <= MONEY_CLAIMANT; role <<= 1)
		if ((by & role) != 0) {
			fprintf(out, "%s%s", comma, money_role_name((enum money_role)role));
			comma = ", ";
		}
}

static void print_row(FILE *out, const struct reward_move *move)
{
	fprintf(out, "| %s | %s | %s", reward_state_name(move->from), reward_event_name(move->on),
		reward_state_name(move->to[0]));
	for (size_t i = 1; i < 3; i++)
		if (move->to[i] != move->to[0] && (i < 2 || move->to[2] != move->to[1]))
			fprintf(out, " or %s", reward_state_name(move->to[i]));
	fputs(" | ", out);
	print_roles(out, move->by);
	fprintf(out, " | %s | %s |\n", move->persons > 1 ? "two" : "", move->while_held ? "yes" : "");
}

static void print_matrix(FILE *out)
{
	fputs("\n## State and event\n\nA number is the event's, E01 to E27; a dot is a refusal with ILLEGAL_TRANSITION.\n\n```\n"
	      "               ", out);
	for (size_t event = 1; event < REWARD_EVENTS; event++)
		fprintf(out, " %02zu", event + 1);
	fputs("\n", out);
	for (size_t state = 0; state < REWARD_STATES; state++) {
		fprintf(out, "%-15s", reward_state_name((enum reward_state)state));
		for (size_t event = 1; event < REWARD_EVENTS; event++)
			fprintf(out, reward_move_find((enum reward_state)state, (enum reward_event)event, ~0U) != NULL
					     ? " %02zu" : "  .", event + 1);
		fputs("\n", out);
	}
	fputs("```\n", out);
}

static void print_page(FILE *out)
{
	size_t n;
	const struct reward_move *moves = reward_moves(&n);

	fputs("# The life of a reward\n\nWritten from the table in `daemon/money/reward.c` by `test_reward --page`; a test holds "
	      "this page to it.\nWhat each event asks for beside this stands in [REWARDS.md](REWARDS.md).\n\n"
	      "| from | event | to | who | persons | also on hold |\n|---|---|---|---|---|---|\n", out);
	fprintf(out, "| | propose | DRAFT | proposer | | |\n");
	for (size_t i = 0; i < n; i++)
		print_row(out, &moves[i]);
	fputs("| any that is not over | hold, lift | the same | ", out);
	print_roles(out, reward_move_find(REWARD_DRAFT, REWARD_EV_HOLD, ~0U)->by);
	fputs(" | | yes |\n\nOver: ", out);
	for (size_t state = 0, first = 1; state < REWARD_STATES; state++)
		if (reward_terminal((enum reward_state)state)) {
			fprintf(out, "%s%s", first ? "" : ", ", reward_state_name((enum reward_state)state));
			first = 0;
		}
	fputs(". Only that money went out after all is still told of them.\n", out);
	print_matrix(out);
}

static void same_as_file(const char *path, void (*print)(FILE *out))
{
	char *text = NULL, *golden = calloc(1, 1 << 20);
	size_t len = 0, read;
	FILE *memory = open_memstream(&text, &len), *file = fopen(path, "r");

	assert_non_null(golden);
	assert_non_null(memory);
	assert_non_null(file);
	print(memory);
	fclose(memory);
	read = fread(golden, 1, 1 << 20, file);
	fclose(file);
	assert_int_equal(read, len);
	assert_memory_equal(golden, text, len);
	free(text);
	free(golden);
}

static void the_page_is_the_table(void **state)
{
	(void)state;
	same_as_file(PAGE, print_page);
}

static void every_triple_is_as_written_down(void **state)
{
	(void)state;
	same_as_file(GOLDEN, print_all);
}

/* What is over stays over; only money that was sent after all is still told. */
static void terminal_states_are_left_by_nothing(void **state)
{
	size_t n;
	const struct reward_move *moves = reward_moves(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		if (!reward_terminal(moves[i].from))
			continue;
		assert_int_equal(moves[i].on, REWARD_EV_LATE_SUCCESS);
		assert_int_equal(moves[i].to[0], moves[i].from);
	}
}

static void every_state_is_reached_and_left(void **state)
{
	size_t n;
	const struct reward_move *moves = reward_moves(&n);
	bool reached[REWARD_STATES] = { [REWARD_DRAFT] = true }, left[REWARD_STATES] = { false };

	(void)state;
	for (size_t round = 0; round < REWARD_STATES; round++)
		for (size_t i = 0; i < n; i++)
			for (size_t to = 0; to < 3 && reached[moves[i].from]; to++) {
				reached[moves[i].to[to]] = true;
				left[moves[i].from] |= moves[i].to[to] != moves[i].from;
			}
	for (size_t i = 0; i < REWARD_STATES; i++) {
		assert_true(reached[i]);
		assert_true(left[i] || reward_terminal((enum reward_state)i));
	}
}

/* Whoever pays out or decides never does the other's part. */
static void roles_stay_apart(void **state)
{
	size_t n;
	const struct reward_move *moves = reward_moves(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(moves[i].by & MONEY_ADMIN, 0);
		if ((moves[i].by & MONEY_FINANCE) != 0)
			assert_int_equal(moves[i].by & (MONEY_APPROVER | MONEY_PROPOSER), 0);
		if ((moves[i].by & MONEY_APPROVER) != 0)
			assert_int_equal(moves[i].by & (MONEY_PROPOSER | MONEY_CLAIMANT), 0);
	}
}

static void names_come_back(void **state)
{
	enum reward_state back;

	(void)state;
	for (size_t i = 0; i < REWARD_STATES; i++) {
		assert_true(reward_state_parse(span_of(reward_state_name((enum reward_state)i)), &back));
		assert_int_equal(back, i);
	}
	assert_false(reward_state_parse(SPAN("draft"), &back));
	assert_null(reward_state_name(REWARD_STATES));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_triple_is_as_written_down),
		cmocka_unit_test(the_page_is_the_table),
		cmocka_unit_test(terminal_states_are_left_by_nothing),
		cmocka_unit_test(every_state_is_reached_and_left),
		cmocka_unit_test(roles_stay_apart),
		cmocka_unit_test(names_come_back),
	};

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		print_all(stdout);
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "--page") == 0) {
		print_page(stdout);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
