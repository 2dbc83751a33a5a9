/* The near-duplicate index: what it finds, what it forgets, what it costs. */
#include "daemon/core/incident/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#define MINUTE 60000

/* A feature of its own for each number: 30 grams, 10 keys, one mark. */
static struct feature feature_number(uint32_t number)
{
	struct feature f = { .nkeys = FEATURE_KEYS_MAX, .ngrams = 30, .nmarks = 1 };
	uint32_t state = number * 2654435761u + 1;

	for (size_t i = 0; i < f.ngrams; i++) {
		state = state * 1664525u + 1013904223u;
		f.grams[i] = (uint16_t)(i * 136 + (state >> 16) % 136);
	}
	for (size_t i = 0; i < f.nkeys; i++) {
		state = state * 1664525u + 1013904223u;
		f.keys[i] = state >> 8;
	}
	f.marks[0] = (struct feature_mark){
		.kind = FEATURE_NUMBER, .digits = 3, .context = 1, .head = (uint8_t)number
	};
	return f;
}

static struct link *small_link(size_t max_texts, int64_t max_age_ms)
{
	return link_new(&(struct link_limits){
		.max_texts = max_texts, .bytes_per_text = 80, .max_age_ms = max_age_ms });
}

static size_t find(const struct link *link, uint32_t number, struct link_match *out)
{
	struct feature f = feature_number(number);

	return link_find(link, &f, out);
}

static void every_text_finds_itself(void **state)
{
	struct link *link = small_link(1000, 0);
	struct link_match found[LINK_MATCHES_MAX];

	(void)state;
	for (uint32_t i = 1; i <= 1000; i++) {
		struct feature f = feature_number(i);

		assert_int_equal(link_insert(link, &f, 0, 0), i);
	}
	for (uint32_t i = 1; i <= 1000; i++) {
		assert_true(find(link, i, found) >= 1);
		assert_int_equal(found[0].text, i);
		assert_int_equal(found[0].group, i);
		assert_true(found[0].wording >= 1);
		assert_int_equal(found[0].nmarks, 1);
		assert_int_equal(found[0].marks[0].head, (uint8_t)i);
	}
	assert_int_equal(find(link, 5000, found), 0);
	link_free(link);
}

static void finding_changes_nothing_and_the_best_comes_first(void **state)
{
	struct link *link = small_link(100, 0);
	struct link_match first[LINK_MATCHES_MAX], again[LINK_MATCHES_MAX];
	struct feature whole = feature_number(1), part = whole;

	(void)state;
	part.ngrams = 12;
	link_insert(link, &part, 0, 0);
	link_insert(link, &whole, 0, 0);
	link_insert(link, &whole, 0, 0);
	assert_int_equal(link_find(link, &whole, first), 3);
	assert_int_equal(link_find(link, &whole, again), 3);
	assert_int_equal(first[0].text, 2);
	assert_int_equal(first[1].text, 3);
	assert_int_equal(first[2].text, 1);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(first[i].text, again[i].text);
	link_free(link);
}

static void the_oldest_leave_when_there_are_too_many(void **state)
{
	struct link *link = small_link(50, 0);
	struct link_match found[LINK_MATCHES_MAX];
	size_t bytes = link_bytes(link);

	(void)state;
	for (uint32_t i = 1; i <= 5000; i++) {
		struct feature f = feature_number(i);

		link_insert(link, &f, 0, 0);
		assert_true(link_count(link) <= 50);
	}
	assert_int_equal(link_bytes(link), bytes);
	assert_int_equal(find(link, 4900, found), 0);
	assert_int_equal(find(link, 5000, found), 1);
	link_free(link);
}

static void long_texts_take_the_place_of_more_old_ones(void **state)
{
	struct link *link = link_new(&(struct link_limits){ .max_texts = 100, .bytes_per_text = 20 });
	struct link_match found[LINK_MATCHES_MAX];

	(void)state;
	for (uint32_t i = 1; i <= 1000; i++) {
		struct feature f = feature_number(i);

		link_insert(link, &f, 0, 0);
		assert_int_equal(find(link, i, found), 1);
	}
	assert_true(link_count(link) < 100);
	link_free(link);
}

static void texts_leave_with_age(void **state)
{
	struct link *link = small_link(100, 60 * MINUTE);
	struct link_match found[LINK_MATCHES_MAX];
	struct feature one = feature_number(1), other = feature_number(2);

	(void)state;
	link_insert(link, &one, 1000 * MINUTE, 0);
	link_insert(link, &other, 1060 * MINUTE, 0);
	assert_int_equal(find(link, 1, found), 1);
	link_insert(link, &other, 1061 * MINUTE, 0);
	assert_int_equal(find(link, 1, found), 0);
	link_insert(link, &one, 5 * MINUTE, 0);
	assert_int_equal(find(link, 1, found), 1);
	link_free(link);
}

static void a_common_key_does_not_crowd_out_the_others(void **state)
{
	struct link *link = small_link(2000, 0);
	struct link_match found[LINK_MATCHES_MAX];
	unsigned lost = 0;

	(void)state;
	for (uint32_t i = 1; i <= 2000; i++) {
		struct feature f = feature_number(i);

		f.keys[0] = 77;
		f.keys[1] = 78;
		f.grams[0] = 1;
		f.grams[1] = 137;
		link_insert(link, &f, 0, 0);
	}
	for (uint32_t i = 1; i <= 2000; i++)
		lost += find(link, i, found) == 0 || found[0].text != i;
	assert_int_equal(lost, 0);
	link_free(link);
}

static void groups_join_under_the_oldest(void **state)
{
	struct link *link = small_link(100, 0);

	(void)state;
	for (uint32_t i = 1; i <= 6; i++) {
		struct feature f = feature_number(i);

		link_insert(link, &f, 0, i == 3 ? 1 : i == 5 ? 4 : 0);
	}
	assert_int_equal(link_next(link, 6), 6);
	assert_int_equal(link_group(link, 3), 1);
	assert_int_equal(link_group(link, 5), 4);
	assert_int_equal(link_join(link, 5, 3), 1);
	assert_int_equal(link_group(link, 4), 1);
	assert_int_equal(link_group(link, 5), 1);
	assert_int_equal(link_group(link, 6), 6);
	link_free(link);
}

static void numbered(struct link *link, uint32_t from, uint32_t to, uint32_t beside)
{
	for (uint32_t i = from; i <= to; i++) {
		struct feature f = feature_number(i);

		link_insert(link, &f, 0, beside);
	}
}

static size_t ring_size(const struct link *link, uint32_t text)
{
	size_t n = 1;

	for (uint32_t at = link_next(link, text); at != text; at = link_next(link, at))
		n++;
	return n;
}

static void a_group_keeps_its_name_when_the_first_leaves(void **state)
{
	struct link *link = small_link(100, 0);
	uint32_t own;

	(void)state;
	numbered(link, 1, 1, 0);
	numbered(link, 2, 4, 1);
	own = link_move(link, 1, 0);
	assert_true(own != 0 && own != 1);
	assert_int_equal(link_group(link, 1), own);
	for (uint32_t i = 2; i <= 4; i++)
		assert_int_equal(link_group(link, i), 1);
	assert_int_equal(ring_size(link, 2), 3);
	assert_int_equal(link_move(link, 1, 0), own);
	assert_int_equal(link_move(link, 1, 1), own);
	assert_int_not_equal(link_move(link, 3, 0), own);
	assert_int_equal(link_move(link, 3, 1), own);
	assert_int_equal(link_move(link, 1, 4), 1);
	assert_int_equal(ring_size(link, 3), 1);
	assert_int_equal(link_move(link, 500, 4), 500);
	assert_int_equal(link_join(link, 500, 4), 1);
	assert_int_equal(link_join(link, 4, 500), 1);
	link_free(link);
}

/* Any moves, joins and arrivals against a plain array of what belongs together. */
static void groups_are_what_was_said_of_them(void **state)
{
	enum { TEXTS = 400, HELD = 60 };
	struct link *link = small_link(HELD, 0);
	unsigned said[TEXTS + 1] = { 0 }, fresh = 1, seed = 7;

	(void)state;
	for (uint32_t next = 1; next <= TEXTS;) {
		uint32_t oldest = link_oldest(link);
		uint32_t a = next > 1 ? oldest + (uint32_t)rand_r(&seed) % (next - oldest) : 0;
		uint32_t b = next > 1 ? oldest + (uint32_t)rand_r(&seed) % (next - oldest) : 0;

		switch (next == 1 ? 0 : rand_r(&seed) % 4) {
		case 0:
			numbered(link, next, next, b);
			said[next] = b >= link_oldest(link) && b != 0 ? said[b] : fresh++;
			next++;
			break;
		case 1:
			link_move(link, a, b);
			said[a] = a == b ? fresh++ : said[b];
			break;
		case 2:
			link_move(link, a, 0);
			said[a] = fresh++;
			break;
		default:
			link_join(link, a, b);
			for (uint32_t i = 1, old = said[a]; i < next; i++)
				said[i] = said[i] == old ? said[b] : said[i];
			break;
		}
		for (uint32_t i = link_oldest(link); i < next; i++)
			for (uint32_t j = link_oldest(link); j < next; j++)
				assert_int_equal(link_group(link, i) == link_group(link, j),
						 said[i] == said[j]);
		a = link_oldest(link);
		assert_int_equal(link_group(link, link_next(link, a)), link_group(link, a));
	}
	link_free(link);
}

static void the_ring_of_a_group_holds_all_of_it(void **state)
{
	struct link *link = small_link(50, 0);

	(void)state;
	numbered(link, 1, 1, 0);
	numbered(link, 2, 40, 1);
	assert_int_equal(ring_size(link, 1), 40);
	numbered(link, 41, 80, 0);
	assert_int_equal(link_oldest(link), 31);
	assert_int_equal(ring_size(link, 35), 10);
	assert_int_equal(link_group(link, 40), 1);
	link_free(link);
}

static void what_is_used_grows_to_what_is_allowed(void **state)
{
	struct link *link = small_link(1000, 0);
	size_t empty = link_used(link), full;

	(void)state;
	numbered(link, 1, 1, 0);
	assert_true(link_used(link) > empty);
	numbered(link, 2, 1000, 0);
	full = link_used(link);
	numbered(link, 1001, 5000, 0);
	assert_in_range(link_used(link), full - 1000, full + 1000);
	assert_true(link_used(link) <= link_bytes(link));
	assert_true(link_bytes(link) <= 1000 * 146 + 1024);
	link_free(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_finds_itself),
		cmocka_unit_test(finding_changes_nothing_and_the_best_comes_first),
		cmocka_unit_test(the_oldest_leave_when_there_are_too_many),
		cmocka_unit_test(long_texts_take_the_place_of_more_old_ones),
		cmocka_unit_test(texts_leave_with_age),
		cmocka_unit_test(a_common_key_does_not_crowd_out_the_others),
		cmocka_unit_test(groups_join_under_the_oldest),
		cmocka_unit_test(a_group_keeps_its_name_when_the_first_leaves),
		cmocka_unit_test(groups_are_what_was_said_of_them),
		cmocka_unit_test(the_ring_of_a_group_holds_all_of_it),
		cmocka_unit_test(what_is_used_grows_to_what_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
