/*
 * Parts join to the text they were cut from, in any order, wherever the cut
 * was; gaps show; no part opens in another's place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/intake/sms_part.h"

static const struct seal_key key = { .bytes = { 4 } };

#define PARTS_MAX 255

/* A long message as it lies in the store. */
struct kept {
	struct store_parts parts;
	struct store_item items[PARTS_MAX];
	struct buf sealed[PARTS_MAX];
};

static struct sms_message a_part(enum sms_coding coding, unsigned total, unsigned number, struct span octets)
{
	return (struct sms_message){
		.kind = SMS_PART,
		.sender = SPAN("+8613800138000"),
		.destination = SPAN("106900"),
		.coding = coding,
		.octets = octets,
		.part_width = 8,
		.part_reference = 42,
		.part_total = total,
		.part_number = number,
		.may_answer = true,
	};
}

static void keep(struct kept *kept, const struct sms_message *m, int64_t received_ms)
{
	size_t i = kept->parts.nparts++;

	kept->parts.parts = kept->items;
	kept->parts.total = m->part_total;
	sms_part_group(&key, SPAN("kannel"), m, 0, kept->parts.group);
	sms_part_seal(&key, kept->parts.group, SPAN("kannel"), m, received_ms, &kept->sealed[i]);
	kept->items[i] = (struct store_item){ .number = m->part_number, .payload = buf_span(&kept->sealed[i]) };
}

static void forget(struct kept *kept)
{
	for (size_t i = 0; i < kept->parts.nparts; i++)
		buf_release(&kept->sealed[i]);
	*kept = (struct kept){ 0 };
}

static void keep_octets(struct kept *kept, enum sms_coding coding, unsigned total, unsigned number, struct span octets)
{
	struct sms_message m = a_part(coding, total, number, octets);

	keep(kept, &m, 1000 + number);
}

/* "a😀b" in UTF-16, cut in two at every octet. */
static void a_character_may_be_cut(void **state)
{
	static const char octets[] = "\x00\x61\xD8\x3D\xDE\x00\x00\x62";
	static struct kept kept;
	struct arena arena = { 0 };
	struct sms_joined out;

	(void)state;
	for (size_t cut = 1; cut < 8; cut++) {
		keep_octets(&kept, SMS_UTF16, 2, 2, span_from(octets + cut, 8 - cut));
		keep_octets(&kept, SMS_UTF16, 2, 1, span_from(octets, cut));
		assert_true(sms_parts_join(&key, &kept.parts, &arena, &out));
		assert_true(span_is(out.text, "a😀b"));
		assert_true(out.whole && out.may_answer);
		assert_int_equal(out.received_ms, 1001);
		assert_true(span_is(out.sender, "+8613800138000") && span_is(out.gateway, "kannel"));
		forget(&kept);
	}
	arena_release(&arena);
}

static void gaps_show(void **state)
{
	static struct kept kept;
	struct arena arena = { 0 };
	struct sms_joined out;

	(void)state;
	keep_octets(&kept, SMS_UTF8, 5, 4, SPAN("four"));
	keep_octets(&kept, SMS_UTF8, 5, 2, SPAN("two"));
	assert_true(sms_parts_join(&key, &kept.parts, &arena, &out));
	assert_true(span_is(out.text, "[…]two[…]four[…]"));
	assert_false(out.whole);
	assert_false(out.may_answer);
	forget(&kept);
	arena_release(&arena);
}

static void codings_may_differ(void **state)
{
	static struct kept kept;
	struct arena arena = { 0 };
	struct sms_joined out;

	(void)state;
	keep_octets(&kept, SMS_UTF8, 3, 1, SPAN("plate "));
	keep_octets(&kept, SMS_UTF16, 3, 2, SPAN("\x84\x99"));
	keep_octets(&kept, SMS_LATIN1, 3, 3, SPAN("K1"));
	assert_true(sms_parts_join(&key, &kept.parts, &arena, &out));
	assert_true(span_is(out.text, "plate 蒙K1"));
	forget(&kept);
	arena_release(&arena);
}

static void data_makes_no_text(void **state)
{
	static struct kept kept;
	struct arena arena = { 0 };
	struct sms_joined out;

	(void)state;
	keep_octets(&kept, SMS_OCTETS, 3, 1, SPAN("\x01\x02\xFF"));
	keep_octets(&kept, SMS_OCTETS, 3, 2, SPAN("\x00\xFE"));
	assert_true(sms_parts_join(&key, &kept.parts, &arena, &out));
	assert_int_equal(out.text.len, 0);
	forget(&kept);
	arena_release(&arena);
}

static void two_hundred_and_fifty_five(void **state)
{
	static struct kept kept;
	static char octets[PARTS_MAX][2];
	struct arena arena = { 0 };
	struct sms_joined out;

	(void)state;
	for (unsigned i = 0; i < PARTS_MAX; i++) {
		unsigned number = (i * 101) % PARTS_MAX;   /* 101 and 255 have no common divisor */

		octets[number][0] = (char)('a' + number % 26);
		keep_octets(&kept, SMS_UTF8, PARTS_MAX, number + 1, span_from(octets[number], 1));
	}
	assert_true(sms_parts_join(&key, &kept.parts, &arena, &out));
	assert_true(out.whole);
	assert_int_equal(out.text.len, PARTS_MAX);
	for (unsigned i = 0; i < PARTS_MAX; i++)
		assert_int_equal(out.text.at[i], 'a' + i % 26);
	forget(&kept);
	arena_release(&arena);
}

/* A part that the store put elsewhere, or changed, counts as missing. */
static void a_part_opens_in_its_own_place_alone(void **state)
{
	static struct kept kept;
	struct arena arena = { 0 };
	struct sms_joined out;

	(void)state;
	keep_octets(&kept, SMS_UTF8, 2, 1, SPAN("one"));
	keep_octets(&kept, SMS_UTF8, 2, 2, SPAN("two"));
	kept.items[1].number = 1;
	kept.items[0].number = 2;
	assert_false(sms_parts_join(&key, &kept.parts, &arena, &out));
	kept.items[0].number = 1;
	kept.items[1].number = 2;
	kept.sealed[1].at[20] = (char)(kept.sealed[1].at[20] ^ 1);
	assert_true(sms_parts_join(&key, &kept.parts, &arena, &out));
	assert_true(span_is(out.text, "one[…]"));
	assert_int_equal(out.unreadable, 1);
	kept.parts.group[0] ^= 1;
	assert_false(sms_parts_join(&key, &kept.parts, &arena, &out));
	forget(&kept);
	arena_release(&arena);
}

static bool same_group(const struct sms_message *a, const struct sms_message *b, const char *gateway_b,
		       unsigned variant_b)
{
	unsigned char ga[STORE_MARK_BYTES], gb[STORE_MARK_BYTES];

	sms_part_group(&key, SPAN("kannel"), a, 0, ga);
	sms_part_group(&key, span_of(gateway_b), b, variant_b, gb);
	return memcmp(ga, gb, sizeof(ga)) == 0;
}

static void a_group_is_all_that_names_it(void **state)
{
	struct sms_message a = a_part(SMS_UTF8, 2, 1, SPAN("x")), b = a_part(SMS_UTF16, 2, 2, SPAN("y"));

	(void)state;
	assert_true(same_group(&a, &b, "kannel", 0));
	assert_false(same_group(&a, &b, "kannel", 1));
	b.sender = SPAN("+8613800138001");
	assert_false(same_group(&a, &b, "kannel", 0));
	b = a;
	b.destination = SPAN("106901");
	assert_false(same_group(&a, &b, "kannel", 0));
	b = a;
	b.part_width = 16;
	assert_false(same_group(&a, &b, "kannel", 0));
	b = a;
	b.part_reference++;
	assert_false(same_group(&a, &b, "kannel", 0));
	b = a;
	b.part_total++;
	assert_false(same_group(&a, &b, "kannel", 0));
}

/* A carrier spreads the parts over its links; who hides a number, or says not who it is for, is another matter. */
static void links_share_groups_of_telephones(void **state)
{
	struct sms_message a = a_part(SMS_UTF8, 2, 1, SPAN("x"));

	(void)state;
	assert_true(same_group(&a, &a, "other", 0));
	a.destination = SPAN("");
	assert_true(same_group(&a, &a, "kannel", 0));
	assert_false(same_group(&a, &a, "other", 0));
	a = a_part(SMS_UTF8, 2, 1, SPAN("x"));
	a.sender = SPAN("13800138000");
	assert_true(same_group(&a, &a, "kannel", 0));
	assert_false(same_group(&a, &a, "other", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_character_may_be_cut),
		cmocka_unit_test(gaps_show),
		cmocka_unit_test(codings_may_differ),
		cmocka_unit_test(data_makes_no_text),
		cmocka_unit_test(two_hundred_and_fifty_five),
		cmocka_unit_test(a_part_opens_in_its_own_place_alone),
		cmocka_unit_test(a_group_is_all_that_names_it),
		cmocka_unit_test(links_share_groups_of_telephones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
