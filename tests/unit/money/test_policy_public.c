/* What the public is told of a policy: by language, and nothing that is too long or no text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/money/policy_sample.h"

#include "daemon/base/buf.h"
#include "daemon/base/table.h"

#define WHOLE                                                                                                        \
	"{\"policy\":\"p\",\"version\":1,\"currency\":\"CNY\",\"effective_from\":\"2026-01-01\",\"min\":1,"         \
	"\"max\":2,\"case_cap\":3,\"round_to\":1,\"round\":\"half_up\",\"band_rule\":\"highest_only\","              \
	"\"per_point\":0,\"claim_days\":60,\"tax_bp\":0,\"instalments_max\":1,\"external_award\":\"net\","           \
	"\"bands\":{\"a\":1},\"factors\":{},\"approval_bands\":[[null,[\"x\"]]],\"split\":" SPLIT_FIRST_ONLY

static struct policy *load(const char *members, struct complaint *why)
{
	struct buf text = { 0 };
	struct policy *policy;

	buf_printf(&text, WHOLE "%s}", members);
	policy = policy_load("p.json", buf_span(&text), why);
	buf_release(&text);
	return policy;
}

static void assert_said(struct span said, const char *text)
{
	assert_int_equal(said.len, strlen(text));
	assert_memory_equal(said.at, text, said.len);
}

static void it_is_told_by_language(void **state)
{
	struct complaint why = { .text = "" };
	struct policy *policy = load(",\"public_title\":{\"zh-CN\":\"奖励\",\"en\":\"Reward <b>\"},\"public_text\":{\"en\":\"One\\ntwo\"}", &why);

	(void)state;
	assert_non_null(policy);
	assert_said(policy_public_title(policy, "zh-CN"), "奖励");
	assert_said(policy_public_title(policy, "zh-TW"), "奖励");
	assert_said(policy_public_title(policy, "en"), "Reward <b>");
	assert_said(policy_public_title(policy, "mn"), "");
	assert_said(policy_public_title(policy, "e"), "");
	assert_said(policy_public_text(policy, "en"), "One\ntwo");
	assert_said(policy_public_text(policy, "zh-CN"), "");
	policy_free(policy);
}

static void nothing_need_be_said(void **state)
{
	struct complaint why = { .text = "" };
	struct policy *policy = load("", &why);

	(void)state;
	assert_non_null(policy);
	assert_said(policy_public_title(policy, "en"), "");
	assert_said(policy_public_text(policy, "en"), "");
	policy_free(policy);
}

static void what_is_no_text_is_refused(void **state)
{
	static const struct {
		const char *members, *complaint;
	} rows[] = {
		{ ",\n\"public_title\":\"x\"", "p.json:2: public_title: expected an object" },
		{ ",\n\"public_title\":{\"en\":7}", "p.json:2: public_title: expected one line" },
		{ ",\n\"public_title\":{\"en\":\" \"}", "public_title: expected one line" },
		{ ",\n\"public_title\":{\"en\":\"a\\nb\"}", "public_title: expected one line" },
		{ ",\n\"public_text\":{\"en\":\"a\\tb\"}", "public_text: expected a text" },
		{ ",\n\"public_text\":{\"en\":\"a\\u007fb\"}", "public_text: expected a text" },
		{ ",\n\"public_text\":{\"\":\"a\"}", "public_text: expected a language tag" },
		{ ",\n\"public_text\":{\"e\":\"a\"}", "expected a language tag" },
		{ ",\n\"public_text\":{\"en-\":\"a\"}", "expected a language tag" },
		{ ",\n\"public_text\":{\"en--x\":\"a\"}", "expected a language tag" },
		{ ",\n\"public_text\":{\"e1\":\"a\"}", "expected a language tag" },
		{ ",\n\"public_text\":{\"en_US\":\"a\"}", "expected a language tag" },
		{ ",\n\"public_text\":{\"abcdefghi\":\"a\"}", "expected a language tag" },
		{ ",\n\"public_text\":{\"zh-Hans-CN-x-a-b-c-d-e-f-g\":\"a\"}", "expected a language tag" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct complaint why = { .text = "" };

		assert_null(load(rows[i].members, &why));
		if (strstr(why.text, rows[i].complaint) == NULL)
			fail_msg("%s: %s", rows[i].members, why.text);
	}
}

/* `n` letters as the title, or as the text. */
static struct policy *long_one(const char *member, int n)
{
	struct complaint why = { .text = "" };
	struct buf members = { 0 };
	struct policy *policy;

	buf_printf(&members, ",\"%s\":{\"en\":\"%0*d\"}", member, n, 0);
	buf_add_byte(&members, '\0');
	policy = load(members.at, &why);
	buf_release(&members);
	return policy;
}

static void lengths_have_an_end(void **state)
{
	static const struct {
		const char *member;
		int most;
	} rows[] = { { "public_title", 200 }, { "public_text", 2000 } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct policy *policy = long_one(rows[i].member, rows[i].most);

		assert_non_null(policy);
		policy_free(policy);
		assert_null(long_one(rows[i].member, rows[i].most + 1));
	}
}

static void languages_have_an_end(void **state)
{
	(void)state;
	for (int n = 16; n <= 17; n++) {
		struct complaint why = { .text = "" };
		struct buf members = { 0 };
		struct policy *policy;

		buf_add_text(&members, ",\"public_title\":{");
		for (int i = 0; i < n; i++)
			buf_printf(&members, "%s\"en-%d\":\"a\"", i > 0 ? "," : "", i);
		buf_add_text(&members, "}");
		buf_add_byte(&members, '\0');
		policy = load(members.at, &why);
		assert_int_equal(policy != NULL, n == 16);
		policy_free(policy);
		buf_release(&members);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_by_language),
		cmocka_unit_test(nothing_need_be_said),
		cmocka_unit_test(what_is_no_text_is_refused),
		cmocka_unit_test(lengths_have_an_end),
		cmocka_unit_test(languages_have_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
