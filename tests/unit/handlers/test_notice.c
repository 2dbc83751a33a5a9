/*
 * Notices: who hears of what, nothing of a tip in it, and signatures as
 * Standard Webhooks has them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/notify/notice.h"

#include <string.h>

static const struct notice_channel channel = {
	.name = "ordos",
	.region = "150600",
	.url = "http://127.0.0.1:1/",
	.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	.kinds = 1u << NOTICE_IMMEDIATE | 1u << NOTICE_ESCALATED,
	.desk_url = "https://desk.example.org/",
};

/* The example of the specification, checked with Python's hmac as well. */
static void the_signature_is_that_of_the_specification(void **state)
{
	struct arena arena = { 0 };
	const char *fields[NOTICE_FIELDS + 1];

	(void)state;
	notice_sign(channel.secret, SPAN("msg_p5jXN8AQM9LWM0D4loKWxJek"), INT64_C(1614265330000), SPAN("{\"test\": 2432232314}"), &arena,
		    fields);
	assert_string_equal(fields[1], "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek");
	assert_string_equal(fields[2], "webhook-timestamp: 1614265330");
	assert_string_equal(fields[3], "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_null(fields[4]);
	arena_release(&arena);
}

static void a_secret_is_long_enough_and_well_written(void **state)
{
	(void)state;
	assert_true(notice_secret_fits(channel.secret));
	assert_false(notice_secret_fits("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
	assert_false(notice_secret_fits("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"));
	assert_false(notice_secret_fits("whsec_MfKQ9r8G"));
	assert_false(notice_secret_fits(""));
}

static void events_that_matter_are_told(void **state)
{
	struct notice notice;

	(void)state;
	assert_true(notice_of_event(SPAN("{\"e\":\"accepted\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1000,\"region\":\"150602\",\"points\":80}"), &notice));
	assert_int_equal(notice.kind, NOTICE_IMMEDIATE);
	assert_string_equal(notice.region, "150602");
	assert_true(notice_for(&channel, &notice));
	assert_true(notice_of_event(SPAN("{\"e\":\"received\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1000,\"region\":\"150602\",\"points\":60}"), &notice));
	assert_int_equal(notice.kind, NOTICE_URGENT);
	assert_false(notice_for(&channel, &notice));
	assert_true(notice_of_event(SPAN("{\"e\":\"escalated\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1000,\"from\":\"150602\",\"to\":\"150600\"}"), &notice));
	assert_int_equal(notice.kind, NOTICE_ESCALATED);
	assert_string_equal(notice.region, "150600");
	assert_true(notice_for(&channel, &notice));
}

static void all_else_is_not(void **state)
{
	static const char *const events[] = {
		"{\"e\":\"accepted\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1000,\"region\":\"150602\",\"points\":54}",
		"{\"e\":\"claimed\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1000,\"by\":\"x\"}",
		"{\"e\":\"accepted\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1000,\"points\":80}",
		"{\"e\":\"escalated\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1000,\"to\":\"15-7K3MQ2X9RD\"}",
		"{\"e\":\"new\"}", "", "nothing",
	};
	struct notice notice;

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		assert_false(notice_of_event(span_of(events[i]), &notice));
	notice = (struct notice){ .kind = NOTICE_IMMEDIATE, .region = "150702" };
	assert_false(notice_for(&channel, &notice));
}

static void a_body_has_kind_region_and_link(void **state)
{
	const struct notice notice = { .kind = NOTICE_IMMEDIATE, .region = "150602", .at_ms = INT64_C(1763748000000), .count = { 1, 2 } };
	struct arena arena = { 0 };

	(void)state;
	assert_true(span_is(notice_body(&channel, &notice, &arena),
			    "{\"type\":\"tip.immediate\",\"timestamp\":\"2025-11-21T18:00:00Z\",\"data\":{\"region\":\"150602\","
			    "\"count\":3,\"counts\":{\"immediate\":1,\"urgent\":2,\"escalated\":0},\"link\":\"https://desk.example.org/\"}}"));
	arena_release(&arena);
}

static void a_digest_has_its_figures(void **state)
{
	const struct notice notice = { .kind = NOTICE_DIGEST, .region = "150600", .at_ms = INT64_C(1763748000000),
				       .from_ms = INT64_C(1763661600000), .count = { 1, 2, 3, 4, 5, 6, 7 } };
	struct arena arena = { 0 };

	(void)state;
	assert_true(notice_for(&channel, &notice));
	assert_true(span_is(notice_body(&channel, &notice, &arena),
			    "{\"type\":\"tipline.digest\",\"timestamp\":\"2025-11-21T18:00:00Z\",\"data\":{\"region\":\"150600\","
			    "\"since\":\"2025-11-20T18:00:00Z\",\"new\":1,\"open\":2,\"unseen\":3,\"overdue\":4,\"escalated\":5,"
			    "\"verified\":6,\"closed\":7,\"link\":\"https://desk.example.org/\"}}"));
	arena_release(&arena);
}

static void regions_are_joined(void **state)
{
	static const char *const rows[][3] = {
		{ "150602", "150602", "150602" }, { "150602", "150621", "150600" }, { "150602", "150702", "150000" },
		{ "150602", "110105", "000000" }, { "150600", "150602", "150600" }, { "150602", "150600", "150600" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char region[7];

		memcpy(region, rows[i][0], sizeof(region));
		notice_join_region(region, rows[i][1]);
		assert_string_equal(region, rows[i][2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_signature_is_that_of_the_specification),
		cmocka_unit_test(a_secret_is_long_enough_and_well_written),
		cmocka_unit_test(events_that_matter_are_told),
		cmocka_unit_test(all_else_is_not),
		cmocka_unit_test(a_body_has_kind_region_and_link),
		cmocka_unit_test(a_digest_has_its_figures),
		cmocka_unit_test(regions_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
