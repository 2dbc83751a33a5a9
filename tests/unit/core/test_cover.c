/*
 * The cover: with the week's key the same bytes come back; without it nothing
 * opens, whatever other keys there are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/cover.h"

#include <sodium.h>

static const struct tip_id id = { "15-7K3MQ2X9RD" };
static const struct tip_id moved = { "11-7K3MQ2X9RD" };
static const struct tip_id other_id = { "15-7K3MQ2X9RE" };
static const struct seal_key tip_key = { "the tip's" }, receipt_key = { "the receipt's" };
static const struct seal_key week_key = { "the week's" }, other_week = { "another week's" };

static struct data_key data_key;

static struct buf sealed_tip(void)
{
	const struct tip_content content = { .text = SPAN_INIT("a dam is leaking"), .place = SPAN_INIT("Hohhot") };
	struct buf out = { 0 };

	seal_tip(&id, &content, &tip_key, &data_key, &receipt_key, &out);
	return out;
}

static struct buf sealed_identity(void)
{
	unsigned char public_key[32], private_key[32];
	const unsigned char random[SEAL_KEY_BYTES] = { 3 };
	struct identity_box box;
	struct buf out = { 0 };

	crypto_box_keypair(public_key, private_key);
	seal_identity_box(public_key, random, &box);
	seal_identity(&id, &box, SPAN("by post"), SPAN("+8613900000000"), &out);
	return out;
}

static void goes_there_and_back(struct buf sealed, enum cover_kind kind)
{
	struct buf stored = { 0 }, back = { 0 };
	unsigned week;

	buf_add_text(&stored, "before");
	cover_seal(&id, kind, 2967, &week_key, buf_span(&sealed), &stored);
	assert_int_equal(stored.len, 6 + sealed.len + COVER_MORE_BYTES);
	buf_drop(&stored, 6);
	assert_true(cover_week(buf_span(&stored), &week));
	assert_int_equal(week, 2967);
	assert_true(cover_open(&moved, kind, &week_key, buf_span(&stored), &back));
	assert_true(span_eq(buf_span(&back), buf_span(&sealed)));
	buf_release(&sealed);
	buf_release(&stored);
	buf_release(&back);
}

static void the_sealed_form_comes_back(void **state)
{
	(void)state;
	goes_there_and_back(sealed_tip(), COVER_CONTENT);
	goes_there_and_back(sealed_identity(), COVER_IDENTITY);
}

static void no_other_key_opens_anything(void **state)
{
	struct buf sealed = sealed_tip(), stored = { 0 }, out = { 0 };
	unsigned char any[SEAL_COMMITMENT_BYTES];
	struct seal_key key;

	(void)state;
	cover_seal(&id, COVER_CONTENT, 9, &week_key, buf_span(&sealed), &stored);
	assert_false(seal_data_key_id(buf_span(&stored), any));
	assert_false(seal_tip_key_by_bureau(&id, buf_span(&stored), &data_key, &key));
	assert_false(seal_tip_key_by_receipt(&id, buf_span(&stored), &receipt_key, &key));
	assert_false(seal_commitment(&tip_key, buf_span(&stored), any));
	assert_false(cover_open(&id, COVER_CONTENT, &other_week, buf_span(&stored), &out));
	assert_false(cover_open(&id, COVER_CONTENT, NULL, buf_span(&stored), &out));
	assert_false(cover_open(&other_id, COVER_CONTENT, &week_key, buf_span(&stored), &out));
	assert_false(cover_open(&id, COVER_IDENTITY, &week_key, buf_span(&stored), &out));
	assert_int_equal(out.len, 0);
	buf_release(&sealed);
	buf_release(&stored);
	buf_release(&out);
}

/* Neither wrap of the tip's key stands anywhere in what is stored. */
static void all_wrapped_keys_are_covered(void **state)
{
	struct buf sealed = sealed_tip(), stored = { 0 };

	(void)state;
	cover_seal(&id, COVER_CONTENT, 9, &week_key, buf_span(&sealed), &stored);
	for (size_t at = 1; at + 16 <= SEAL_CONTENT_HEAD_BYTES; at += 8)
		assert_int_equal(span_find(buf_span(&stored), span_from(sealed.at + at, 16)), stored.len);
	buf_release(&sealed);
	buf_release(&stored);
}

static void one_changed_bit_is_found(void **state)
{
	struct buf sealed = sealed_tip(), stored = { 0 }, out = { 0 };
	size_t covered = SEAL_CONTENT_HEAD_BYTES + COVER_MORE_BYTES;

	(void)state;
	cover_seal(&id, COVER_CONTENT, 9, &week_key, buf_span(&sealed), &stored);
	for (size_t bit = 0; bit < covered * 8; bit++) {
		stored.at[bit / 8] ^= (char)(1 << bit % 8);
		assert_false(cover_open(&id, COVER_CONTENT, &week_key, buf_span(&stored), &out));
		stored.at[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t len = 0; len < covered; len++)
		assert_false(cover_open(&id, COVER_CONTENT, &week_key, span_from(stored.at, len), &out));
	assert_true(cover_open(&id, COVER_CONTENT, &week_key, buf_span(&stored), &out));
	buf_release(&sealed);
	buf_release(&stored);
	buf_release(&out);
}

static void what_was_never_covered_passes(void **state)
{
	struct buf sealed = sealed_tip(), out = { 0 };
	unsigned week = 7;

	(void)state;
	assert_true(cover_week(buf_span(&sealed), &week));
	assert_int_equal(week, 0);
	assert_true(cover_open(&id, COVER_CONTENT, NULL, buf_span(&sealed), &out));
	assert_true(span_eq(buf_span(&out), buf_span(&sealed)));
	assert_false(cover_week(SPAN("\2\0\0\0\0 week nought"), &week));
	assert_false(cover_week(SPAN("\3\0\0\0\1"), &week));
	assert_false(cover_week(SPAN("\2\0\0\0"), &week));
	assert_false(cover_week((struct span){ 0 }, &week));
	buf_release(&sealed);
	buf_release(&out);
}

/* To another week and back: the words' commitment is that of before. */
static void moving_changes_nothing_inside(void **state)
{
	struct buf sealed = sealed_tip(), here = { 0 }, between = { 0 }, there = { 0 }, back = { 0 };

	(void)state;
	cover_seal(&id, COVER_CONTENT, 9, &week_key, buf_span(&sealed), &here);
	assert_true(cover_open(&id, COVER_CONTENT, &week_key, buf_span(&here), &between));
	cover_seal(&id, COVER_CONTENT, 10, &other_week, buf_span(&between), &there);
	assert_true(cover_open(&id, COVER_CONTENT, &other_week, buf_span(&there), &back));
	assert_true(span_eq(buf_span(&back), buf_span(&sealed)));
	assert_false(span_eq(buf_span(&here), buf_span(&there)));
	buf_release(&sealed);
	buf_release(&here);
	buf_release(&between);
	buf_release(&there);
	buf_release(&back);
}

/* By its front alone: of a covered one, and of one that never was. */
static void the_front_is_enough_to_move(void **state)
{
	struct buf sealed = sealed_tip(), stored = { 0 }, now = { 0 }, back = { 0 };
	struct span was;

	(void)state;
	cover_seal(&id, COVER_CONTENT, 9, &week_key, buf_span(&sealed), &stored);
	assert_false(cover_move(&id, COVER_CONTENT, &other_week, 10, &other_week, span_from(stored.at, COVER_FRONT_BYTES), &was, &now));
	assert_false(cover_move(&id, COVER_CONTENT, &week_key, 10, &other_week, span_from(stored.at, COVER_FRONT_BYTES - 1), &was, &now));
	assert_int_equal(now.len, 0);
	assert_true(cover_move(&id, COVER_CONTENT, &week_key, 10, &other_week, span_from(stored.at, COVER_FRONT_BYTES), &was, &now));
	assert_int_equal(was.len, now.len);
	buf_add_span(&now, span_from_offset(buf_span(&stored), was.len));
	assert_true(cover_open(&id, COVER_CONTENT, &other_week, buf_span(&now), &back));
	assert_true(span_eq(buf_span(&back), buf_span(&sealed)));
	buf_clear(&now);
	buf_clear(&back);
	assert_true(cover_move(&id, COVER_CONTENT, NULL, 10, &other_week, span_from(sealed.at, COVER_FRONT_BYTES), &was, &now));
	assert_int_equal(was.len + COVER_MORE_BYTES, now.len);
	buf_add_span(&now, span_from_offset(buf_span(&sealed), was.len));
	assert_true(cover_open(&id, COVER_CONTENT, &other_week, buf_span(&now), &back));
	assert_true(span_eq(buf_span(&back), buf_span(&sealed)));
	buf_release(&sealed);
	buf_release(&stored);
	buf_release(&now);
	buf_release(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sealed_form_comes_back),
		cmocka_unit_test(no_other_key_opens_anything),
		cmocka_unit_test(all_wrapped_keys_are_covered),
		cmocka_unit_test(one_changed_bit_is_found),
		cmocka_unit_test(what_was_never_covered_passes),
		cmocka_unit_test(moving_changes_nothing_inside),
		cmocka_unit_test(the_front_is_enough_to_move),
	};
	const unsigned char random[SEAL_KEY_BYTES] = { 42 };

	if (sodium_init() < 0)
		return 1;
	seal_data_key_make(random, &data_key);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
