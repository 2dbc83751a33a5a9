/*
 * Marks of devices: for one account, one key pair, ninety days.
 */
#include "handlers/staff/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define DAY_MS INT64_C(86400000)

static const struct seal_key key = { .bytes = { 1 } }, other_key = { .bytes = { 2 } };
static const unsigned char pair[32] = { 3 }, other_pair[32] = { 4 };

static struct device_of of_now(void)
{
	return (struct device_of){ .key = &key, .account = SPAN("chen"), .pair = pair, .now_ms = 20000 * DAY_MS };
}

static bool reads(struct device_of of, const char *text, unsigned char name[DEVICE_NAME])
{
	return device_read(&of, span_of(text), name);
}

static void a_device_is_known_again(void **state)
{
	struct device_of of = of_now();
	unsigned char name[DEVICE_NAME], again[DEVICE_NAME];
	char text[DEVICE_TEXT + 1], next[DEVICE_TEXT + 1];

	(void)state;
	device_write(&of, (struct span){ 0 }, text);
	assert_int_equal(strlen(text), DEVICE_TEXT);
	assert_true(reads(of, text, name));
	of.now_ms += 80 * DAY_MS;
	device_write(&of, span_from(name, sizeof(name)), next);
	of.now_ms += 80 * DAY_MS;
	assert_false(reads(of, text, again));
	assert_true(reads(of, next, again));
	assert_memory_equal(name, again, sizeof(name));
	device_write(&of, (struct span){ 0 }, next);
	assert_true(reads(of, next, again));
	assert_memory_not_equal(name, again, sizeof(name));
}

static void for_nobody_else_and_not_for_ever(void **state)
{
	struct device_of of = of_now(), other = of;
	unsigned char name[DEVICE_NAME];
	char text[DEVICE_TEXT + 1];

	(void)state;
	device_write(&of, (struct span){ 0 }, text);
	other.account = SPAN("li");
	assert_false(reads(other, text, name));
	other = of;
	other.pair = other_pair;
	assert_false(reads(other, text, name));
	other.pair = NULL;
	assert_false(reads(other, text, name));
	other = of;
	other.key = &other_key;
	assert_false(reads(other, text, name));
	other = of;
	other.now_ms += 89 * DAY_MS;
	assert_true(reads(other, text, name));
	other.now_ms += DAY_MS;
	assert_false(reads(other, text, name));
}

static void every_letter_counts(void **state)
{
	struct device_of of = of_now();
	unsigned char name[DEVICE_NAME];
	char text[DEVICE_TEXT + 2];

	(void)state;
	device_write(&of, (struct span){ 0 }, text);
	for (size_t i = 0; i < DEVICE_TEXT; i++) {
		char was = text[i];

		text[i] = was == 'B' ? 'C' : 'B';
		assert_false(reads(of, text, name));
		text[i] = '=';
		assert_false(reads(of, text, name));
		text[i] = was;
	}
	assert_true(reads(of, text, name));
	strcpy(text + DEVICE_TEXT, "A");
	assert_false(reads(of, text, name));
	text[DEVICE_TEXT - 1] = '\0';
	assert_false(reads(of, text, name));
	assert_false(reads(of, "", name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_known_again),
		cmocka_unit_test(for_nobody_else_and_not_for_ever),
		cmocka_unit_test(every_letter_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
