/*
 * Events of the audit trail: their JSON, and what does not get into them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "daemon/core/journal/event.h"
#include "daemon/core/journal/trail_event.h"

static struct buf out;

static const char *written(const struct trail_event *event)
{
	buf_clear(&out);
	trail_event_write(event, &out);
	buf_add_byte(&out, '\0');
	out.len--;
	return out.at;
}

static int wipe_out(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

static void an_event_is_written(void **state)
{
	const struct trail_event event = { .kind = TRAIL_READ, .at_ms = 1795363200000, .by = SPAN("zhang@county"),
					   .token = SPAN("0123456789abcdef"), .roles = SPAN("officer verifier"),
					   .call = SPAN("tip"), .id = SPAN("15-0123456789"), .region = SPAN("150602"),
					   .query = SPAN("held=me ? "), .count = 3, .run = SPAN("00ff"), .n = 7 };

	(void)state;
	assert_string_equal(written(&event),
			    "{\"event\":\"read\",\"at\":1795363200000,\"by\":\"zhang@county\",\"token\":\"0123456789abcdef\","
			    "\"roles\":\"officer verifier\",\"call\":\"tip\",\"id\":\"15-0123456789\",\"region\":\"150602\","
			    "\"query\":\"held=me ?\",\"count\":3,\"run\":\"00ff\",\"n\":7}");
	assert_string_equal(written(&(struct trail_event){ .kind = TRAIL_STOPPED }), "{\"event\":\"stopped\",\"at\":0}");
	assert_string_equal(written(&(struct trail_event){ .kind = TRAIL_VIEW, .call = SPAN("queue_tips"), .unattended = true }),
			    "{\"event\":\"view\",\"at\":0,\"call\":\"queue_tips\",\"unattended\":true}");
}

static void every_kind_has_a_name_of_its_own(void **state)
{
	(void)state;
	assert_null(trail_kind_name(TRAIL_NOTHING));
	assert_null(trail_kind_name(TRAIL_KINDS));
	for (enum trail_kind kind = TRAIL_NOTHING + 1; kind < TRAIL_KINDS; kind++) {
		assert_non_null(trail_kind_name(kind));
		assert_int_equal(trail_kind_find(span_of(trail_kind_name(kind))), kind);
	}
	assert_int_equal(trail_kind_find(SPAN("")), TRAIL_NOTHING);
	assert_int_equal(trail_kind_find(SPAN("reads")), TRAIL_NOTHING);
}

static void assert_plain(const char *value)
{
	struct span plain = trail_plain(span_of(value));

	if (!span_is(plain, value))
		fail_msg("%s is not plain", value);
}

static void assert_hidden(const char *value)
{
	if (!span_is(trail_plain(span_of(value)), "?"))
		fail_msg("%s is plain", value);
}

static void names_and_ids_pass(void **state)
{
	static const char *const values[] = { "", "R7", "R1-1", "S12", "B3:4", "15-0123456789", "15-0123456789/2", "150602", "zhang@x.gov",
					      "150600/ordos-anti-trafficking/2026", "2026-11-20", "unix:/run/tipline/redis.sock",
					      "127.0.0.1:6379", "me", "0-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_plain(values[i]);
}

static void all_else_is_hidden(void **state)
{
	static const char *const values[] = { "13800138000", "+8613800138000", "138-0013-8000", "tel:13800138000",
					      "1512-3456-7890-1234-5678-9012", "151234567890123456789012",
					      "tip_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ", "张三", "a b", "%E5", "a\"b", "a\nb",
					      "15-0123456789/13800138000", "x/tip_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ" };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_hidden(values[i]);
}

static void no_member_lets_it_through(void **state)
{
	static const char *const canaries[] = { "13800138000", "张三", "tip_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct span c = span_of(canaries[i]);
		char filter[80];

		written(&(struct trail_event){ .kind = TRAIL_TOOL, .by = c, .roles = c, .call = c, .id = c, .region = c,
					       .query = c, .version = c, .from = c, .to = c });
		assert_int_equal(span_find(buf_span(&out), c), out.len);
		snprintf(filter, sizeof(filter), "id=R1 to=%s", canaries[i]);
		written(&(struct trail_event){ .kind = TRAIL_VIEW, .query = span_of(filter) });
		assert_int_equal(span_find(buf_span(&out), c), out.len);
	}
}

static void a_region_is_one_or_none(void **state)
{
	static const char *const none[] = { "15060", "1506022", "15060x", "nation", "" };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(written(&(struct trail_event){ .kind = TRAIL_CLAIM, .region = span_of(none[i]) }), "{\"event\":\"claim\",\"at\":0}");
}

static void filters(void **state)
{
	struct buf to = { 0 };

	(void)state;
	trail_filter(SPAN("held"), SPAN("me"), &to);
	trail_filter(SPAN("name"), SPAN("zhang"), &to);
	trail_filter(SPAN("from"), SPAN("13800138000"), &to);
	assert_true(span_is(buf_span(&to), "held=me ? from=? "));
	buf_release(&to);
}

/* The seed of a sample is told so that it can be drawn again; only there, and only a whole hash. */
static void a_hash_passes_as_a_seed(void **state)
{
	static const char hash[] = "0123456789012345678901234567890123456789012345678901234567890123";
	struct buf to = { 0 };

	(void)state;
	trail_filter(SPAN("seed"), SPAN(hash), &to);
	trail_filter(SPAN("from"), SPAN(hash), &to);
	trail_filter(SPAN("seed"), SPAN("13800138000"), &to);
	trail_filter(SPAN("seed"), span_from(hash, 63), &to);
	assert_true(span_is(buf_span(&to), "seed=0123456789012345678901234567890123456789012345678901234567890123 from=? seed=? seed=? "));
	written(&(struct trail_event){ .kind = TRAIL_EXPORT, .query = buf_span(&to) });
	assert_true(span_find(buf_span(&out), SPAN(hash)) < out.len);
	buf_clear(&to);
	buf_printf(&to, "of=%s", hash);
	written(&(struct trail_event){ .kind = TRAIL_EXPORT, .query = buf_span(&to) });
	assert_int_equal(span_find(buf_span(&out), SPAN(hash)), out.len);
	buf_release(&to);
}

static void a_hash_passes_as_a_state(void **state)
{
	static const char hash[] = "0123456789012345678901234567890123456789012345678901234567890123";

	(void)state;
	written(&(struct trail_event){ .kind = TRAIL_CONFIG_LOADED, .from = SPAN(hash), .to = SPAN("10 MiB") });
	assert_true(span_find(buf_span(&out), SPAN(hash)) < out.len);
	assert_true(span_find(buf_span(&out), SPAN("\"to\":\"10 MiB\"")) < out.len);
}

/* As long as all members can be, it stays within its bound and can be read. */
static void the_longest(void **state)
{
	char long_value[TRAIL_VALUE_MAX + 1];
	char long_words[TRAIL_WORDS_MAX];
	struct span l = span_from(long_value, TRAIL_VALUE_MAX), w = span_from(long_words, sizeof(long_words)), rest;
	struct event_member member;
	bool well = true;
	unsigned n = 0;

	(void)state;
	memset(long_value, 'x', sizeof(long_value));
	for (size_t i = 0; i < sizeof(long_words); i++)
		long_words[i] = i % 64 == 0 ? ' ' : 'x';
	assert_int_equal(trail_plain(span_from(long_value, sizeof(long_value))).len, 1);
	written(&(struct trail_event){ .kind = TRAIL_SIGN_IN_FAILED, .at_ms = INT64_MIN, .by = l, .token = SPAN("0123456789abcdef"), .roles = w,
				       .call = w, .id = l, .region = SPAN("150602"), .query = w, .version = l, .from = l, .to = l,
				       .count = UINT64_MAX, .run = SPAN("0123456789abcdef"), .n = UINT64_MAX });
	assert_in_range(out.len, TRAIL_WORDS_MAX * 3 - 3, TRAIL_EVENT_MAX);
	rest = buf_span(&out);
	while (event_next(&rest, &member, &well))
		n++;
	assert_true(well);
	assert_int_equal(n, 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_written),	  cmocka_unit_test(every_kind_has_a_name_of_its_own),
		cmocka_unit_test(names_and_ids_pass),	  cmocka_unit_test(all_else_is_hidden),
		cmocka_unit_test(no_member_lets_it_through), cmocka_unit_test(filters),
		cmocka_unit_test(a_region_is_one_or_none), cmocka_unit_test(a_hash_passes_as_a_seed),
		cmocka_unit_test(a_hash_passes_as_a_state), cmocka_unit_test(the_longest),
	};

	return cmocka_run_group_tests(tests, NULL, wipe_out);
}
