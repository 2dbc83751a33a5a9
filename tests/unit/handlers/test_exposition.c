/*
 * Figures in the Prometheus text format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/ops/exposition.h"

static void samples_stand_behind_their_head(void **state)
{
	struct buf out = { 0 };

	(void)state;
	metric_head(&out, "tipline_a_total", METRIC_COUNTER, "What a is.");
	metric_sample(&out, "tipline_a_total", "kind", "x", 1);
	metric_sample(&out, "tipline_a_total", "kind", "y", 0.5);
	metric_one(&out, "tipline_b", METRIC_GAUGE, "What b is.", 9007199254740993.0);
	assert_true(span_is(buf_span(&out), "# HELP tipline_a_total What a is.\n"
					    "# TYPE tipline_a_total counter\n"
					    "tipline_a_total{kind=\"x\"} 1\n"
					    "tipline_a_total{kind=\"y\"} 0.5\n"
					    "# HELP tipline_b What b is.\n"
					    "# TYPE tipline_b gauge\n"
					    "tipline_b 9007199254740992\n"));
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_stand_behind_their_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
