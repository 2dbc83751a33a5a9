/*
 * Entities in whole texts: what is found, what is not, and in which order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/entity.h"

#include <stdio.h>

/* "plate:京A12345 phone:138..." */
static const char *found_in(const char *text)
{
	static char out[2000];
	struct entities entities;
	size_t len = 0;

	entities_find(span_of(text), &entities);
	out[0] = '\0';
	for (size_t i = 0; i < entities.n; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s=%s", i > 0 ? " " : "",
					entity_kind_name(entities.at[i].kind), entities.at[i].value);
	return out;
}

static void plates(void **state)
{
	(void)state;
	assert_string_equal(found_in("车牌京a12345的面包车"), "plate=京A12345");
	assert_string_equal(found_in("粤b·d12345"), "plate=粤BD12345");
	assert_string_equal(found_in("粤b d12345"), "plate=粤BD12345");
	assert_string_equal(found_in("沪a.df1234"), "plate=沪ADF1234");
	assert_string_equal(found_in("川a12345d"), "plate=川A12345D");
	assert_string_equal(found_in("北京a8b9c7"), "plate=京A8B9C7");
	assert_string_equal(found_in("京a1234警"), "plate=京A1234警");
	assert_string_equal(found_in("粤z1234港"), "plate=粤Z1234港");
}

static void no_plates(void **state)
{
	(void)state;
	assert_string_equal(found_in("京i12345"), "");
	assert_string_equal(found_in("京a1234"), "");
	assert_string_equal(found_in("京a1234567"), "");
	assert_string_equal(found_in("京aio345"), "");
	assert_string_equal(found_in("晋a hello"), "");
	assert_string_equal(found_in("京a123456"), "");
	assert_string_equal(found_in("京"), "");
	assert_string_equal(found_in("京a"), "");
}

static void accounts(void **state)
{
	(void)state;
	assert_string_equal(found_in("加微信号: wang_1987 聊"), "account=wechat:wang_1987");
	assert_string_equal(found_in("微信abc12345"), "account=wechat:abc12345");
	assert_string_equal(found_in("wx:hello_world"), "account=wechat:hello_world");
	assert_string_equal(found_in("他的qq是123456789"), "account=qq:123456789");
	assert_string_equal(found_in("qq群"), "");
	assert_string_equal(found_in("wechat group"), "");
	assert_string_equal(found_in("微信联系"), "");
	/* A mobile number is told as such, so that tips which name it alone meet this one. */
	assert_string_equal(found_in("微信13800138000"), "phone=13800138000");
}

static void ages_in_words(void **state)
{
	(void)state;
	assert_string_equal(found_in("十二岁"), "age=12");
	assert_string_equal(found_in("十二三岁的女孩"), "age=12");
	assert_string_equal(found_in("七八岁"), "age=7");
	assert_string_equal(found_in("二十五岁"), "age=25");
	assert_string_equal(found_in("四十多岁"), "age=40");
	assert_string_equal(found_in("十几岁"), "age=10");
	assert_string_equal(found_in("几岁"), "");
	assert_string_equal(found_in("岁月"), "");
	assert_string_equal(found_in("a girl aged 12."), "age=12");
	assert_string_equal(found_in("agent 12"), "");
	assert_string_equal(found_in("12-13岁"), "age=13");
}

static void several_in_order(void **state)
{
	(void)state;
	assert_string_equal(
		found_in("11月3号下午3点半 京a12345 13800138000 13900139000 女孩12岁"),
		"time=--11-03 time=15:30 plate=京A12345 phone=13800138000 phone=13900139000 age=12");
	assert_string_equal(found_in("3个人 tel13800138000,010-62345678"),
			    "phone=13800138000 phone=01062345678");
}

/* In order, apart from each other, within the text; the value is never empty. */
static void places_are_sound(void **state)
{
	static const char text[] = "女孩12岁 京a12345 电话+86 138-0013-8000 qq:123456 岁十岁15:3015点";
	struct entities entities;

	(void)state;
	for (size_t cut = 0; cut < sizeof(text); cut++)
		for (size_t from = 0; from <= cut; from++) {
			uint32_t end = 0;

			entities_find(span_from(text + from, cut - from), &entities);
			for (size_t i = 0; i < entities.n; i++) {
				assert_true(entities.at[i].from >= end &&
					    entities.at[i].to > entities.at[i].from);
				end = entities.at[i].to;
				assert_true(end <= cut - from && entities.at[i].value[0] != '\0');
			}
		}
}

static void never_more_than_fit(void **state)
{
	char text[ENTITIES_MAX * 2 * 12 + 1];
	struct entities entities;

	(void)state;
	for (size_t i = 0; i < ENTITIES_MAX * 2; i++)
		memcpy(text + i * 12, "13800138000 ", 12);
	entities_find(span_from(text, sizeof(text) - 1), &entities);
	assert_int_equal(entities.n, ENTITIES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plates),
		cmocka_unit_test(no_plates),
		cmocka_unit_test(accounts),
		cmocka_unit_test(ages_in_words),
		cmocka_unit_test(several_in_order),
		cmocka_unit_test(places_are_sound),
		cmocka_unit_test(never_more_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
