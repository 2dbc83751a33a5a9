/*
 * pain.002: what the bank says of a payment is never that it was paid, and
 * failed only for reasons that are final.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/iso20022.h"

#include "tests/support/text_file.h"
#include "tests/support/xsd.h"

#define SAMPLE "tests/data/iso20022/pain002.xml"

static const struct iso20022_profile strict = { .silence_means_accepted = false };
static const struct iso20022_profile lenient = { .silence_means_accepted = true };

static enum iso20022_outcome ask(const struct iso20022_report *report, const char *id, int64_t fen,
				 const struct iso20022_profile *profile)
{
	struct span reason;

	return iso20022_outcome(report, SPAN("T20261120-1"), span_of(id), fen, profile, &reason);
}

static void is_read(void **state)
{
	struct arena arena = { 0 };
	struct span file = text_file(&arena, SAMPLE);
	struct iso20022_report report;
	struct complaint why;

	(void)state;
	assert_true(xsd_valid(file, "tests/data/xsd/subset-pain.002.001.10.xsd"));
	if (!iso20022_read_report(file, &arena, &report, &why))
		fail_msg("%s", why.text);
	assert_int_equal(report.n, 3);
	assert_int_equal(report.group, ISO20022_PARTLY);
	assert_true(span_is(report.lines[0].reason, "AC04") && report.lines[0].fen == 850000);
	assert_true(span_is(report.lines[1].reference, "BK-2"));
	assert_int_equal(ask(&report, "AAAAAAAAAAAAAAAAAAAAAAAAA1", 850000, &strict), ISO20022_FAILED);
	/* Another amount, a duplicate, silence: nobody knows. */
	assert_int_equal(ask(&report, "AAAAAAAAAAAAAAAAAAAAAAAAA1", 850001, &strict), ISO20022_UNKNOWN);
	assert_int_equal(ask(&report, "AAAAAAAAAAAAAAAAAAAAAAAAA2", 1, &strict), ISO20022_UNDER_WAY);
	assert_int_equal(ask(&report, "AAAAAAAAAAAAAAAAAAAAAAAAA3", 1, &strict), ISO20022_UNKNOWN);
	assert_int_equal(ask(&report, "AAAAAAAAAAAAAAAAAAAAAAAAA4", 1, &strict), ISO20022_UNKNOWN);
	assert_int_equal(ask(&report, "AAAAAAAAAAAAAAAAAAAAAAAAA4", 1, &lenient), ISO20022_UNDER_WAY);
	arena_release(&arena);
}

/* Every word of file, group and line together: failed only where nothing speaks against it. */
static void no_word_makes_it_failed_alone(void **state)
{
	static const enum iso20022_status words[] = { ISO20022_SILENT,  ISO20022_RECEIVED, ISO20022_SETTLED, ISO20022_PENDING,
						      ISO20022_PARTLY, ISO20022_REJECTED, ISO20022_OTHER };
	struct iso20022_report_line line = { .id = SPAN("A"), .reason = SPAN("AC04") };
	struct iso20022_report report = { .order = SPAN("T20261120-1"), .lines = &line, .n = 1 };

	(void)state;
	for (unsigned i = 0; i < 7 * 7 * 7; i++) {
		enum iso20022_outcome is;
		bool good;

		report.group = words[i % 7];
		report.batch = words[i / 7 % 7];
		line.status = words[i / 49];
		good = report.group == ISO20022_RECEIVED || report.group == ISO20022_SETTLED ||
		       report.group == ISO20022_PENDING || report.batch == ISO20022_RECEIVED ||
		       report.batch == ISO20022_SETTLED || report.batch == ISO20022_PENDING;
		is = ask(&report, "A", 5, &lenient);
		assert_int_equal(is == ISO20022_FAILED, line.status == ISO20022_REJECTED && !good);
		if (is == ISO20022_UNDER_WAY)
			assert_true(report.group != ISO20022_REJECTED && report.batch != ISO20022_REJECTED);
		line.reason = SPAN("AM05");
		assert_int_not_equal(ask(&report, "A", 5, &lenient), ISO20022_FAILED);
		line.reason = SPAN("AC04");
		/* Not listed: the group's reasons count, and it has none. */
		assert_int_not_equal(ask(&report, "B", 5, &strict), ISO20022_FAILED);
	}
}

static void whole_files(void **state)
{
	struct iso20022_report report = { .order = SPAN("T20261120-1"), .group = ISO20022_REJECTED,
					  .group_reason = SPAN("AM04") };
	struct iso20022_report_line twice[2] = { { .id = SPAN("A"), .status = ISO20022_REJECTED, .reason = SPAN("AC04") },
						 { .id = SPAN("A"), .status = ISO20022_REJECTED, .reason = SPAN("AC04") } };
	struct span reason;

	(void)state;
	assert_int_equal(ask(&report, "A", 1, &strict), ISO20022_FAILED);
	report.group_reason = SPAN("DU01");
	assert_int_equal(ask(&report, "A", 1, &strict), ISO20022_UNKNOWN);
	assert_int_equal(iso20022_outcome(&report, SPAN("other"), SPAN("A"), 1, &strict, &reason), ISO20022_UNKNOWN);
	report = (struct iso20022_report){ .order = SPAN("T20261120-1"), .group = ISO20022_PARTLY, .lines = twice, .n = 2 };
	assert_int_equal(ask(&report, "A", 1, &strict), ISO20022_UNKNOWN);
}

static void is_refused(void **state)
{
	static const struct {
		const char *what, *with;
	} bad[] = {
		{ .what = "<OrgnlMsgId>T20261120-1</OrgnlMsgId>", .with = "" },
		{ .what = "pain.002.001.10", .with = "pain.002.001.99" },
		{ .what = "<TxSts>RJCT</TxSts>", .with = "<TxSts>RJCT</TxSts><TxSts>ACSC</TxSts>" },
		{ .what = "Ccy=\"CNY\"", .with = "Ccy=\"USD\"" },
		{ .what = "8500.00", .with = "8500.001" },
		{ .what = "<GrpSts>", .with = "<x:GrpSts xmlns:x=\"urn:x\">a</x:GrpSts><GrpSts>" },
	};
	struct arena arena = { 0 };
	struct span good = text_file(&arena, SAMPLE);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct iso20022_report report;
		struct complaint why;

		if (iso20022_read_report(text_replaced(&arena, good, bad[i].what, bad[i].with), &arena, &report, &why))
			fail_msg("taken with %s", bad[i].with);
		assert_true(why.text[0] != '\0');
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_read),
		cmocka_unit_test(no_word_makes_it_failed_alone),
		cmocka_unit_test(whole_files),
		cmocka_unit_test(is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
