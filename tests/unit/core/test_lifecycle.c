/*
 * Every triple of state, event and actor against tests/unit/core/lifecycle.golden.
 *
 * `test_lifecycle --print` writes the file anew; read the difference before
 * committing it.
 */
#include "daemon/core/journal/lifecycle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define GOLDEN "tests/unit/core/lifecycle.golden"

static const struct {
	unsigned bit;
	const char *name;
} actors[] = {
	{ TIP_BY_OFFICER, "officer" }, { TIP_BY_VERIFIER, "verifier" }, { TIP_BY_INFORMANT, "informant" },
	{ TIP_BY_SYSTEM, "system" },   { TIP_BY_ADMIN, "admin" },
	{ TIP_BY_APPROVER, "approver" },
};

#define ACTORS (sizeof(actors) / sizeof(actors[0]))

static void print_triple(FILE *out, size_t state, size_t event, size_t actor)
{
	const struct tip_move *move =
		tip_move_find((enum tip_state)state, (enum tip_event)event, actors[actor].bit);

	fprintf(out, "%-12s %-14s %-10s %s%s\n", tip_state_name((enum tip_state)state),
		tip_event_name((enum tip_event)event), actors[actor].name,
		move != NULL ? tip_state_name(move->to) : "-",
		move != NULL && move->holder_only ? " (holder)" : "");
}

static void print_all(FILE *out)
{
	for (size_t state = 0; state < TIP_STATES; state++)
		for (size_t event = 0; event < TIP_EVENTS; event++)
			for (size_t actor = 0; actor < ACTORS; actor++)
				print_triple(out, state, event, actor);
}

static void every_triple_is_as_written_down(void **unused)
{
	char *text = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&text, &len);
	FILE *golden = fopen(GOLDEN, "r");
	char want[128], *line;

	(void)unused;
	assert_non_null(golden);
	print_all(memory);
	fclose(memory);
	line = text;
	while (fgets(want, sizeof(want), golden) != NULL) {
		char *end = strchr(line, '\n');

		assert_non_null(end);
		assert_memory_equal(line, want, (size_t)(end - line) + 1);
		line = end + 1;
	}
	assert_int_equal(*line, '\0');
	fclose(golden);
	free(text);
}

static void every_row_can_be_found(void **unused)
{
	size_t n;
	const struct tip_move *moves = tip_moves(&n);

	(void)unused;
	for (size_t i = 0; i < n; i++) {
		assert_int_not_equal(moves[i].by, TIP_BY_NOBODY);
		assert_ptr_equal(tip_move_find(moves[i].from, moves[i].on, moves[i].by), &moves[i]);
	}
}

/* No tip can be buried: from every state but the end of the line a way leads back to a queue or on. */
static void nobody_may_do_nothing_and_the_transferred_rest(void **unused)
{
	(void)unused;
	for (size_t event = 0; event < TIP_EVENTS; event++) {
		assert_null(tip_move_find(TIP_TRANSFERRED, (enum tip_event)event, ~0u));
		for (size_t state = 0; state < TIP_STATES; state++)
			assert_null(
				tip_move_find((enum tip_state)state, (enum tip_event)event, TIP_BY_NOBODY));
	}
}

static void what_is_under_a_lease_can_expire(void **unused)
{
	(void)unused;
	assert_int_equal(tip_move_find(TIP_CLAIMED, TIP_EV_LEASE_EXPIRED, TIP_BY_SYSTEM)->to, TIP_QUEUED);
	assert_int_equal(tip_move_find(TIP_VERIFIED, TIP_EV_LEASE_EXPIRED, TIP_BY_SYSTEM)->to, TIP_QUEUED);
	assert_null(tip_move_find(TIP_QUEUED, TIP_EV_LEASE_EXPIRED, TIP_BY_SYSTEM));
}

static void names_go_both_ways(void **unused)
{
	enum tip_state parsed = TIP_CLOSED;

	(void)unused;
	for (size_t state = 0; state < TIP_STATES; state++) {
		assert_true(tip_state_parse(span_of(tip_state_name((enum tip_state)state)), &parsed));
		assert_int_equal(parsed, state);
	}
	assert_false(tip_state_parse(SPAN("queue"), &parsed));
	assert_false(tip_state_parse(SPAN(""), &parsed));
	assert_null(tip_state_name(TIP_STATES));
	assert_null(tip_event_name(TIP_EVENTS));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_triple_is_as_written_down),
		cmocka_unit_test(every_row_can_be_found),
		cmocka_unit_test(nobody_may_do_nothing_and_the_transferred_rest),
		cmocka_unit_test(what_is_under_a_lease_can_expire),
		cmocka_unit_test(names_go_both_ways),
	};

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		print_all(stdout);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
