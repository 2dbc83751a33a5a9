/*
 * Checksums of resident IDs and cards: every single slip of the pen is seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/entity_digits.h"

static void id_number_refuses_each_changed_digit(void **state)
{
	char number[] = "11010519491231002X";

	(void)state;
	assert_true(entity_id_number_valid(span_of(number)));
	for (size_t i = 0; i < 17; i++)
		for (char digit = '0'; digit <= '9'; digit++) {
			char kept = number[i];

			number[i] = digit;
			assert_int_equal(entity_id_number_valid(span_of(number)), digit == kept);
			number[i] = kept;
		}
}

static void id_number_has_one_check_character(void **state)
{
	char number[] = "440524188001010014";
	unsigned valid = 0;

	(void)state;
	/* 1880 is no year of a living person, whatever the check says. */
	assert_false(entity_id_number_valid(span_of(number)));
	memcpy(number + 6, "19800101", 8);
	for (const char *check = "0123456789X"; *check != '\0'; check++) {
		number[17] = *check;
		valid += entity_id_number_valid(span_of(number));
	}
	assert_int_equal(valid, 1);
}

static void luhn_refuses_changed_and_swapped_digits(void **state)
{
	char card[] = "6222020000000000000";
	size_t len = strlen(card);

	(void)state;
	assert_true(entity_luhn_valid(span_of(card)));
	for (size_t i = 0; i < len; i++) {
		char kept = card[i];

		card[i] = (char)(kept == '9' ? '0' : kept + 1);
		assert_false(entity_luhn_valid(span_of(card)));
		card[i] = kept;
	}
	card[1] = '6';
	card[0] = '2';
	assert_false(entity_luhn_valid(span_of(card)));
	assert_false(entity_luhn_valid(SPAN("")));
}

struct row {
	const char *text;
	enum entity_kind kind;
	const char *value; /* NULL: nothing is found */
};

static void forms(void **state)
{
	static const struct row rows[] = {
		{ .text = "13800138000", .kind = ENTITY_PHONE, .value = "13800138000" },
		{ .text = "138 0013 8000", .kind = ENTITY_PHONE, .value = "13800138000" },
		{ .text = "138-0013-8000", .kind = ENTITY_PHONE, .value = "13800138000" },
		{ .text = "+8613800138000", .kind = ENTITY_PHONE, .value = "13800138000" },
		{ .text = "+86 138 0013 8000", .kind = ENTITY_PHONE, .value = "13800138000" },
		{ .text = "0086-13800138000", .kind = ENTITY_PHONE, .value = "13800138000" },
		{ .text = "12800138000", .value = NULL },
		{ .text = "138001380001", .value = NULL },
		{ .text = "1380013800", .value = NULL },
		{ .text = "010-62345678", .kind = ENTITY_PHONE, .value = "01062345678" },
		{ .text = "0477-8123456", .kind = ENTITY_PHONE, .value = "04778123456" },
		{ .text = "0755 26123456", .kind = ENTITY_PHONE, .value = "075526123456" },
		{ .text = "010-6234567", .value = NULL },
		{ .text = "+44 7911 123456", .kind = ENTITY_PHONE, .value = "+447911123456" },
		{ .text = "11010519491231002x", .kind = ENTITY_ID_NUMBER, .value = "11010519491231002X" },
		{ .text = "110105 19491231 002x", .kind = ENTITY_ID_NUMBER, .value = "11010519491231002X" },
		{ .text = "11010519491231002xy", .value = NULL },
		{ .text = "110105491231002", .kind = ENTITY_ID_NUMBER, .value = "110105491231002" },
		{ .text = "6222 0200 0000 0000 000",
		  .kind = ENTITY_BANK_CARD,
		  .value = "6222020000000000000" },
		{ .text = "12岁", .kind = ENTITY_AGE, .value = "12" },
		{ .text = "8个月大", .kind = ENTITY_AGE, .value = "0" },
		{ .text = "15 years old", .kind = ENTITY_AGE, .value = "15" },
		{ .text = "9-year-old", .kind = ENTITY_AGE, .value = "9" },
		{ .text = "200岁", .value = NULL },
		{ .text = "2025年11月3日", .kind = ENTITY_TIME, .value = "2025-11-03" },
		{ .text = "2025-11-03", .kind = ENTITY_TIME, .value = "2025-11-03" },
		{ .text = "11月3号", .kind = ENTITY_TIME, .value = "--11-03" },
		{ .text = "13月3号", .value = NULL },
		{ .text = "3-4", .value = NULL },
		{ .text = "15:30", .kind = ENTITY_TIME, .value = "15:30" },
		{ .text = "25:30", .value = NULL },
		{ .text = "3点半", .kind = ENTITY_TIME, .value = "03:30" },
		{ .text = "3 pm", .kind = ENTITY_TIME, .value = "15:00" },
		{ .text = "3号楼", .value = NULL },
		{ .text = "110", .value = NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct entity found;
		bool any = entity_digits_at(span_of(rows[i].text), 0, &found);

		if (any != (rows[i].value != NULL))
			fail_msg("%s: %s", rows[i].text, any ? found.value : "nothing found");
		if (!any)
			continue;
		assert_string_equal(found.value, rows[i].value);
		assert_int_equal(found.kind, rows[i].kind);
		assert_int_equal(found.from, 0);
		assert_int_equal(found.to, strlen(rows[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(id_number_refuses_each_changed_digit),
		cmocka_unit_test(id_number_has_one_check_character),
		cmocka_unit_test(luhn_refuses_changed_and_swapped_digits),
		cmocka_unit_test(forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
