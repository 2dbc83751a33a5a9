/*
 * Words of linking: every word that the linker can say has a sentence in both languages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/text/entity.h"
#include "handlers/bureau/why.h"

static void told(const char *word)
{
	struct span zh = why_text(span_of(word), SPAN("zh-CN"));
	struct span en = why_text(span_of(word), SPAN("en"));

	assert_false(span_is(zh, word));
	assert_false(span_is(en, word));
	assert_false(span_eq(zh, en));
	assert_true((unsigned char)zh.at[0] >= 0x80);
	assert_true((unsigned char)en.at[0] < 0x80);
}

static void every_word_has_a_sentence_in_both_languages(void **state)
{
	static const char *const words[] = { "copy", "wording", "place", "officer", "name" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		told(words[i]);
	for (enum entity_kind kind = 0; kind < ENTITY_KINDS; kind++)
		told(entity_kind_name(kind));
}

static void an_unknown_word_stands_for_itself(void **state)
{
	(void)state;
	assert_true(span_is(why_text(SPAN("moon"), SPAN("en")), "moon"));
	assert_true(span_is(why_text(SPAN(""), SPAN("zh")), ""));
}

static struct span json_of(struct buf *out, const char *why, struct span lang)
{
	struct json_out json;

	buf_clear(out);
	json = json_out_to(out);
	json_open(&json, '{');
	why_json(span_of(why), lang, &json);
	json_close(&json, '}');
	return buf_span(out);
}

static void words_become_reasons_in_their_order(void **state)
{
	struct buf out = { 0 };

	(void)state;
	assert_true(span_is(json_of(&out, "place,wording", SPAN("en")),
			    "{\"why\":\"place,wording\",\"reasons\":[\"The same place, or near it\",\"Much of the "
			    "wording is alike\"]}"));
	assert_true(span_is(json_of(&out, "", SPAN("zh")), "{\"why\":\"\",\"reasons\":[]}"));
	assert_true(span_is(json_of(&out, ",moon,,", SPAN("zh")), "{\"why\":\",moon,,\",\"reasons\":[\"moon\"]}"));
	buf_release(&out);
}

static void a_word_is_found_whole(void **state)
{
	(void)state;
	assert_true(why_has(SPAN("place,copy"), "copy"));
	assert_false(why_has(SPAN("place,copying"), "copy"));
	assert_false(why_has(SPAN(""), "copy"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_has_a_sentence_in_both_languages),
		cmocka_unit_test(an_unknown_word_stands_for_itself),
		cmocka_unit_test(words_become_reasons_in_their_order),
		cmocka_unit_test(a_word_is_found_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
