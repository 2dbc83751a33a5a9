/*
 * V5, shapes and values: each kind of key is known, and text in the place of
 * what has to be sealed is not taken for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/verify_shape.h"

#include "daemon/base/table.h"

#define MARK "00112233445566778899aabbccddeeff"

static void test_names(void **state)
{
	static const char *const known[] = {
		"{15}:state:15-7K3MQ2X9RD", "{15}:journal", "{15}:log", "{15}:queue:150602", "{15}:job:sealer", "{00}:parts",
		"{00}:parts:" MARK, "{00}:queues", "{15}:said:" MARK, "{money}:journal", "{money}:idem:case.verified:15-7K3MQ2X9RD",
		"{money}:failures:0af", "{audit}:journal", "{audit}:log", "{15}:archive", "{00}:archive", "{audit}:archive", "{15}:job:archiver",
		("request:" MARK), ("{00}:parts-of:" MARK), ("{00}:memo:" MARK),
	};
	static const char *const unknown[] = {
		"", "x", "{15}:", "{15}:state:", "{15}:state:zhang", "{1}:journal", "{15}:parts", "{15}:journal2", "{15}:queue:1506",
		"{money}:state:15-7K3MQ2X9RD", "request:13800138000", "{15}:job:Zhang San", "{money}:failures:xyz", "{other}:journal",
		"{money}:archive", "{15}:archive2", "{00}:memo:8613800138000", "{00}:parts-of:", ("{15}:memo:" MARK),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(known); i++)
		assert_non_null(verify_shape_of(span_of(known[i])));
	for (size_t i = 0; i < COUNT_OF(unknown); i++)
		assert_null(verify_shape_of(span_of(unknown[i])));
	assert_int_equal(verify_shape_type(verify_shape_of(SPAN("{15}:journal"))), VERIFY_STREAM);
	assert_int_equal(verify_shape_type(verify_shape_of(SPAN("{15}:messages:15-7K3MQ2X9RD"))), VERIFY_LIST);
}

static const char *judge(const char *key, struct span a, struct span b)
{
	const struct verify_piece piece = { .key = span_of(key), .a = a, .b = b };

	return verify_shape_judge(verify_shape_of(piece.key), &piece);
}

/* Bytes as a cipher makes them: no UTF-8. */
static struct span sealed(size_t n)
{
	static char bytes[512];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(0x80 + i * 37 % 64);
	bytes[0] = 1;
	return span_from(bytes, n);
}

static void test_sealed_things(void **state)
{
	static const char *const keys[] = { "{15}:tip:15-7K3MQ2X9RD", "{15}:identity:15-7K3MQ2X9RD", "{15}:messages:15-7K3MQ2X9RD",
					    "{money}:vault:c-1" };
	static char text[400];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		assert_null(judge(keys[i], sealed(300), SPAN("")));
		assert_non_null(judge(keys[i], sealed(40), SPAN("")));
		assert_non_null(judge(keys[i], span_from(text, sizeof(text)), SPAN("")));
		text[0] = 1;
		assert_non_null(judge(keys[i], span_from(text, sizeof(text)), SPAN("")));
		text[0] = 'x';
	}
	assert_null(judge("{15}:outbox", SPAN("17"), sealed(60)));
	assert_non_null(judge("{15}:outbox", SPAN("17"), SPAN("send it to 13800138000, as he wished, please")));
	assert_null(judge("{15}:datakeys", span_from("\1\2\3\4\5\6\7\10", 8), sealed(1 + 88)));
	assert_non_null(judge("{15}:datakeys", span_from("\1\2\3\4\5\6\7\10", 8), sealed(88)));
}

static void test_a_state(void **state)
{
	const char *key = "{15}:state:15-7K3MQ2X9RD";

	(void)state;
	assert_null(judge(key, SPAN("s"), SPAN("queued")));
	assert_null(judge(key, SPAN("b"), SPAN("150602 55 1763748000000 0123456789abcdef")));
	assert_null(judge(key, SPAN("i"), SPAN("15-7K3MQ2X9RE 97 copy")));
	assert_null(judge(key, SPAN("o"), SPAN("15-7K3MQ2X9RE 61 place,wording;15-7K3MQ2X9RF -")));
	assert_null(judge(key, SPAN("x"), SPAN("1 zhang.san")));
	assert_null(judge(key, SPAN("x"), SPAN("0 ")));
	assert_null(judge(key, SPAN("z"), SPAN("0123456789abcdef")));
	assert_non_null(judge(key, SPAN("s"), SPAN("missing")));
	assert_non_null(judge(key, SPAN("b"), SPAN("150602 55 telephone 0123456789abcdef")));
	assert_non_null(judge(key, SPAN("h"), SPAN("13800138000")));
	assert_non_null(judge(key, SPAN("x"), SPAN("1 \xe5\xbc\xa0")));
	assert_non_null(judge(key, SPAN("z"), SPAN("short")));
	assert_null(judge(key, SPAN("e"), SPAN("1764000000000 prank 7")));
	assert_non_null(judge(key, SPAN("e"), SPAN("1764000000000 prank")));
	assert_non_null(judge(key, SPAN("e"), SPAN("soon prank 7")));
	assert_null(judge(key, SPAN("y"), SPAN("li.wei -")));
	assert_non_null(judge(key, SPAN("y"), SPAN("13800138000 -")));
	assert_non_null(judge(key, SPAN("name"), SPAN("x")));
}

static void test_lists(void **state)
{
	(void)state;
	assert_null(judge("{15}:holders", span_from("officer\00015-7K3MQ2X9RD", 21), SPAN("0")));
	assert_non_null(judge("{15}:holders", span_from("13800138000\00015-7K3MQ2X9RD", 25), SPAN("0")));
	assert_null(judge("{15}:escalated", SPAN("150602 15-7K3MQ2X9RD"), SPAN("0")));
	assert_non_null(judge("{15}:escalated", SPAN("zhangs 15-7K3MQ2X9RD"), SPAN("0")));
	assert_null(judge("{15}:held", SPAN("150602"), SPAN("3")));
	assert_non_null(judge("{15}:queue:150602", SPAN("13800138000"), SPAN("3")));
	assert_non_null(judge("{15}:journal", SPAN("x"), SPAN("{}")));
	assert_non_null(judge("{15}:log", SPAN("n"), SPAN("a note of somebody")));
	assert_null(judge("{15}:archive", SPAN("1 4096 0123456789abcdef0123456789abcdef"), SPAN("")));
	assert_non_null(judge("{15}:archive", SPAN("1 4096 0123456789abcdef"), SPAN("")));
	assert_non_null(judge("{15}:archive", SPAN("1 zhang 0123456789abcdef0123456789abcdef"), SPAN("")));
	assert_non_null(judge("{15}:archive", SPAN("13800138000"), SPAN("")));
	assert_non_null(judge("{15}:said:" MARK, SPAN("13800138000"), SPAN("")));
}

static void test_dead_letters(void **state)
{
	static char letter[80];
	size_t n = strlen("refused") + 1;

	(void)state;
	memcpy(letter, "refused", n);
	memcpy(letter + n, sealed(60).at, 60);
	assert_null(judge("{15}:letters", SPAN("17"), span_from(letter, n + 60)));
	assert_non_null(judge("{15}:letters", SPAN("13800138000 Zhang"), span_from(letter, n + 60)));
	assert_non_null(judge("{15}:letters", SPAN("17"), SPAN("refused by 13800138000")));
	assert_non_null(judge("{15}:letters", SPAN("17"), SPAN("refused\0what he wrote, in clear, so that anybody may read it all")));
	assert_null(judge("{15}:dead", SPAN("17"), SPAN("")));
	assert_non_null(judge("{15}:dead", SPAN("Zhang"), SPAN("")));
}

/* What waits of short messages, and what is remembered of a telephone. */
static void test_short_messages(void **state)
{
	const char *key = "{00}:parts:" MARK;

	(void)state;
	assert_null(judge(key, SPAN("prev"), SPAN(MARK)));
	assert_null(judge(key, SPAN("of"), SPAN("{00}:parts-of:" MARK)));
	assert_null(judge(key, SPAN("next"), SPAN("1")));
	assert_null(judge(key, SPAN("note"), sealed(60)));
	assert_non_null(judge(key, SPAN("prev"), SPAN("13800138000")));
	assert_non_null(judge(key, SPAN("of"), SPAN("13800138000")));
	assert_non_null(judge(key, SPAN("late"), SPAN("13800138000")));
	assert_non_null(judge(key, SPAN("note"), SPAN("123456789012345678901234, the receipt code of somebody")));
	assert_null(judge("{00}:memo:" MARK, sealed(60), SPAN("")));
	assert_non_null(judge("{00}:memo:" MARK, SPAN("a tip by 13800138000, who wishes to hear nothing"), SPAN("")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names), cmocka_unit_test(test_sealed_things), cmocka_unit_test(test_a_state),
		cmocka_unit_test(test_lists), cmocka_unit_test(test_dead_letters), cmocka_unit_test(test_short_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
