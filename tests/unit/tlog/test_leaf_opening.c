/*
 * Openings: any of the fields, each alone, in one way to write it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/leaf.h"

#include "daemon/base/table.h"

static const unsigned char seed[LEAF_SEED_BYTES] = { 1 }, salt[LEAF_SALT_BYTES] = { 2 };
static const struct leaf_values some = { .at = { [LEAF_EVENT] = SPAN_INIT("closed"), [LEAF_OUTCOME] = SPAN_INIT("verified"),
						 [LEAF_PROVINCE] = SPAN_INIT("150000"), [LEAF_COUNTY] = SPAN_INIT("150621"),
						 [LEAF_ENTRY] = SPAN_INIT("reward.approve-2_x") } };

static struct leaf leaf_with(const struct leaf_values *values)
{
	struct leaf leaf = { .class = LEAF_WORK };

	memcpy(leaf.salt, salt, sizeof(salt));
	leaf_commit(seed, salt, values, leaf.commitment);
	return leaf;
}

/* Each of the 512 choices opens the leaf, shows what it is to show and nothing else. */
static void every_choice_of_fields_opens(void **state)
{
	struct leaf leaf = leaf_with(&some);
	struct buf text = { 0 };

	(void)state;
	for (unsigned open = 0; open <= LEAF_OPEN_ALL; open++) {
		struct leaf_opening opening;

		buf_clear(&text);
		leaf_opening_write(seed, salt, &some, open, &text);
		assert_true(text.len <= LEAF_OPENING_MAX);
		assert_true(leaf_opening_read(buf_span(&text), &opening));
		assert_true(leaf_opens(&leaf, &opening));
		assert_int_equal(opening.open, open);
		for (size_t i = 0; i < LEAF_FIELDS; i++) {
			bool shown = open & LEAF_OPEN(i);

			assert_true(span_eq(opening.values.at[i], shown ? some.at[i] : (struct span){ 0 }));
			if (!shown && some.at[i].len > 0)
				assert_int_equal(span_find(buf_span(&text), some.at[i]), text.len);
		}
	}
	buf_release(&text);
}

/* What a field holds changes neither length nor anything else of an opening in which it is closed. */
static void a_closed_field_may_as_well_be_empty(void **state)
{
	struct leaf_values empty = { .at = { [LEAF_EVENT] = SPAN_INIT("closed") } };
	const unsigned open = LEAF_OPEN(LEAF_EVENT) | LEAF_OPEN(LEAF_WAITED);
	struct buf one = { 0 }, other = { 0 };

	(void)state;
	leaf_opening_write(seed, salt, &some, open, &one);
	leaf_opening_write(seed, salt, &empty, open, &other);
	assert_int_equal(one.len, other.len);
	for (size_t i = 0, in = 0; i < one.len; i++) {
		in = one.at[i] == ':' ? 1 : one.at[i] == ' ' ? 0 : in;
		assert_true(in || one.at[i] == other.at[i]);
	}
	buf_release(&one);
	buf_release(&other);
}

static void one_changed_byte_opens_nothing(void **state)
{
	struct leaf leaf = leaf_with(&some);
	struct buf text = { 0 };

	(void)state;
	leaf_opening_write(seed, salt, &some, LEAF_OPEN(LEAF_EVENT) | LEAF_OPEN(LEAF_PROVINCE), &text);
	for (size_t i = 0; i < text.len; i++) {
		char kept = text.at[i];

		for (const char *c = "aA0=:* .\n"; *c != '\0'; c++) {
			struct leaf_opening opening;

			text.at[i] = *c;
			if (*c != kept && leaf_opening_read(buf_span(&text), &opening))
				assert_false(leaf_opens(&leaf, &opening));
			text.at[i] = kept;
		}
	}
	buf_release(&text);
}

static void values_are_words(void **state)
{
	static const struct span wrong[] = { SPAN_INIT("a b"), SPAN_INIT("A"), SPAN_INIT("a\0"), SPAN_INIT("\xFF"), SPAN_INIT("a=b"),
					     SPAN_INIT("a:b"), SPAN_INIT("a\n"),
					     SPAN_INIT("0123456789012345678901234567890123456789012345678901234567890123x") };

	(void)state;
	assert_true(leaf_value_valid((struct span){ 0 }));
	assert_true(leaf_value_valid(SPAN("0123456789abcdefghijklmnopqrstuvwxyz.-_6789012345678901234567890")));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(leaf_value_valid(wrong[i]));
}

#define B16 "AAAAAAAAAAAAAAAAAAAAAA=="
#define B32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void other_texts_are_refused(void **state)
{
	static const char *const right[] = { "*:" B32, "event=:" B16 " *:" B32, "event:" B32 " outcome=a:" B16 " *:" B32 };
	static const char *const wrong[] = {
		"", " ", "*", "*:", "*:" B16, "*:" B32 " ", " *:" B32, "*:" B32 "\n", "*:" B32 " *:" B32, "event=:" B16, "event=a:" B32,
		"event:" B16, "event:" B32 " *:" B32, "outcome=:" B16 " *:" B32, "event=a:" B16 " event=a:" B16 " *:" B32,
		"event=a:" B16 "  *:" B32, "event=A:" B16 " *:" B32, "event=a b:" B16 " *:" B32, "event=a" B16 " *:" B32,
		"event=a:" B16 " province=:" B16 " *:" B32, "Event=a:" B16 " *:" B32, "event a:" B16 " *:" B32,
		"event=a:" B16 " *:" B32 " outcome=:" B16, "event=a:AAAAAAAAAAAAAAAAAAAAAB== *:" B32,
	};
	struct leaf_opening opening;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(right); i++)
		assert_true(leaf_opening_read(span_of(right[i]), &opening));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (leaf_opening_read(span_of(wrong[i]), &opening))
			fail_msg("number %zu was taken", i);
	assert_false(leaf_opening_read((struct span){ 0 }, &opening));
}

/* All nine are open or the last is: there is no rest, and nothing behind. */
static void a_whole_opening_has_no_rest(void **state)
{
	struct leaf_opening opening;
	struct buf text = { 0 };

	(void)state;
	leaf_opening_write(seed, salt, &some, LEAF_OPEN_ALL, &text);
	assert_true(leaf_opening_read(buf_span(&text), &opening));
	buf_add_text(&text, " *:" B32);
	assert_false(leaf_opening_read(buf_span(&text), &opening));
	buf_clear(&text);
	leaf_opening_write(seed, salt, &some, LEAF_OPEN(LEAF_ACTOR), &text);
	assert_true(leaf_opening_read(buf_span(&text), &opening));
	assert_int_equal(span_find(buf_span(&text), SPAN("*")), text.len);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_choice_of_fields_opens),
		cmocka_unit_test(a_closed_field_may_as_well_be_empty),
		cmocka_unit_test(one_changed_byte_opens_nothing),
		cmocka_unit_test(values_are_words),
		cmocka_unit_test(other_texts_are_refused),
		cmocka_unit_test(a_whole_opening_has_no_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
