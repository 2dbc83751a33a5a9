/*
 * See coverage.h.
 */
#include "tests/sim/coverage.h"

#include <stdio.h>

static size_t attempts_print(const struct coverage *coverage, bool all)
{
	size_t legal = 0, reached = 0;

	for (unsigned from = 0; from < ATTEMPT_STATES; from++)
		for (unsigned to = 0; to < ATTEMPT_STATES; to++) {
			if (from == to || !attempt_may((enum attempt_state)from, EVIDENCE_ANSWER, (enum attempt_state)to,
						       EVIDENCE_STATEMENT))
				continue;
			legal++;
			reached += coverage->attempts[from][to] > 0;
			if (all || coverage->attempts[from][to] == 0)
				printf("  %-9llu attempt %s -> %s\n", (unsigned long long)coverage->attempts[from][to],
				       attempt_state_name((enum attempt_state)from), attempt_state_name((enum attempt_state)to));
		}
	printf("attempt moves reached: %zu of %zu\n", reached, legal);
	return legal - reached;
}

static size_t row_print(const struct coverage *coverage, const struct reward_move *move, bool all, size_t *legal)
{
	size_t missed = 0;

	for (size_t i = 0; i < 3; i++) {
		uint64_t n = coverage->rewards[move->from][move->on][move->to[i]];
		bool again = false;

		for (size_t j = 0; j < i; j++)
			again = again || move->to[j] == move->to[i];
		if (again)
			continue;
		++*legal;
		missed += n == 0;
		if (all || n == 0)
			printf("  %-9llu %s, %s -> %s\n", (unsigned long long)n, reward_state_name(move->from),
			       reward_event_name(move->on), reward_state_name(move->to[i]));
	}
	return missed;
}

size_t coverage_print(const struct coverage *coverage, bool all)
{
	size_t n, legal = 0, missed = 0;
	const struct reward_move *moves = reward_moves(&n);

	printf("moves%s:\n", all ? "" : " never reached");
	for (size_t i = 0; i < n; i++)
		missed += row_print(coverage, &moves[i], all, &legal);
	for (unsigned state = 0; state < REWARD_STATES; state++) {
		const struct reward_move *hold =
			reward_move_find((enum reward_state)state, REWARD_EV_HOLD, MONEY_AUDITOR);

		if (hold != NULL)
			missed += row_print(coverage, hold, all, &legal);
	}
	printf("reward moves reached: %zu of %zu\n", legal - missed, legal);
	return missed + attempts_print(coverage, all);
}
