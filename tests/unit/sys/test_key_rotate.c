/*
 * A bureau's new pair: whoever opened the old one opens both, whatever it was cut
 * short at, and who is gone gets nothing; the earlier half goes when it may.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/wipe.h"
#include "daemon/sys/files.h"
#include "daemon/sys/key_recovery.h"
#include "daemon/sys/key_rotate.h"
#include "tests/support/keys_house.h"

#include <sodium.h>

#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, house_make, house_remove)
#define NOW_MS INT64_C(1795363200000)
#define BUREAU "150000"

static struct person_pair li, wang;

/* All bureaus are li's and wang's. */
static void people(void)
{
	struct key_tally tally;
	struct keyring *ring;
	struct key_holder of_wang;

	keys_free(house_open(true));
	li = house_person("li");
	wang = house_person("wang");
	house_lock_for("li", &li);
	ring = house_ring("li", &li);
	of_wang = (struct key_holder){ .person = SPAN("wang"), .public_key = wang.public_key };
	assert_true(key_grants_give(house_keys, ring, &of_wang, SPAN("000000"), &tally, &house_why));
	keyring_free(ring);
}

static void people_go(void)
{
	person_pair_release(&li);
	person_pair_release(&wang);
}

static bool rotate_by(const char *person, const struct person_pair *pair, int64_t now_ms, struct key_rotate_tally *tally)
{
	struct person_keys *persons = person_keys_load(house_dir, &house_why);
	const struct key_rotate_by by = { .persons = persons, .person = span_of(person), .pair = pair };
	bool well;

	assert_non_null(persons);
	well = key_rotate(house_keys, BUREAU, &by, now_ms, tally, &house_why);
	person_keys_free(persons);
	return well;
}

static void rotate(int64_t now_ms)
{
	struct key_rotate_tally tally;

	assert_true(rotate_by("li", &li, now_ms, &tally));
	assert_int_equal(tally.dropped, 0);
}

/* A data key as a process that has just read the directory makes it. */
struct made {
	struct data_key key;
	struct buf sealed;
};

static struct made make_key(void)
{
	struct keys *keys = house_open(false);
	struct made made = { .sealed = { 0 } };
	struct span sealed;

	made.key = *keys_data_key(keys, SPAN("150600"), NOW_MS, &sealed);
	/* without the entry for the nation, which opens all the same */
	buf_add(&made.sealed, sealed.at, 89);
	keys_free(keys);
	return made;
}

static bool opens(const char *person, const struct person_pair *pair, const struct made *made)
{
	struct keyring *ring = house_ring(person, pair);
	struct data_key out;
	bool well = keyring_open_data_key(ring, made->key.id, buf_span(&made->sealed), &out);

	assert_true(!well || memcmp(&out, &made->key, sizeof(out)) == 0);
	assert_int_equal(keyring_count(ring), 35);   /* bureaus, not keys */
	keyring_free(ring);
	return well;
}

static void old_and_new_open(void **state)
{
	struct made old, fresh, third;

	(void)state;
	people();
	old = make_key();
	rotate(NOW_MS);
	fresh = make_key();
	assert_memory_not_equal(old.sealed.at + 1, fresh.sealed.at + 1, 8);   /* another public key */
	assert_true(opens("li", &li, &old) && opens("li", &li, &fresh));
	assert_true(opens("wang", &wang, &old) && opens("wang", &wang, &fresh));
	rotate(NOW_MS + 1);
	third = make_key();
	assert_true(opens("wang", &wang, &old) && opens("wang", &wang, &fresh) && opens("wang", &wang, &third));
	buf_release(&old.sealed);
	buf_release(&fresh.sealed);
	buf_release(&third.sealed);
	people_go();
}

static void who_left_gets_nothing_new(void **state)
{
	struct key_tally tally;
	struct made old, fresh;

	(void)state;
	people();
	old = make_key();
	assert_true(key_grants_take(house_keys, SPAN("wang"), SPAN("000000"), &tally, &house_why));
	rotate(NOW_MS);
	fresh = make_key();
	assert_true(opens("li", &li, &old) && opens("li", &li, &fresh));
	{
		struct keyring *ring = house_ring("wang", &wang);
		struct data_key out;

		assert_false(keyring_open_data_key(ring, old.key.id, buf_span(&old.sealed), &out));
		assert_false(keyring_open_data_key(ring, fresh.key.id, buf_span(&fresh.sealed), &out));
		keyring_free(ring);
	}
	buf_release(&old.sealed);
	buf_release(&fresh.sealed);
	people_go();
}

static void keep(const char *name, struct buf *bytes)
{
	assert_true(files_read(house_path(name), 1 << 20, bytes, &house_why));
}

static void bring_back(const char *name, struct buf *bytes)
{
	assert_true(files_replace(house_path(name), buf_span(bytes), 0600, &house_why));
}

/* Its files as they are between the three writes: none, the first, the first two. */
static void cut_short_anywhere(void **state)
{
	struct buf box = { 0 }, public_key = { 0 }, beside = { 0 }, fresh_public = { 0 };
	struct key_box of_beside = { .n = 0 };
	struct key_box_pair rows, also;
	struct made old, fresh;
	struct key_dir dir;

	(void)state;
	people();
	old = make_key();
	keep("bureau-" BUREAU ".box", &box);
	keep("bureau-" BUREAU ".pub", &public_key);
	/* What lies there behind the first write: the old rows, and the new half sealed to the old pair. */
	assert_true(key_box_parse(&of_beside, "box", buf_span(&box), &house_why));
	assert_true(key_box_open_pair(&of_beside, SPAN("li"), &li, &rows));
	crypto_box_keypair(also.public_key, also.private_key);
	key_box_add_also(&of_beside, &also, NOW_MS, rows.public_key);
	key_box_print(&of_beside, &beside);
	for (int written = 1; written <= 2; written++) {
		bring_back("bureau-" BUREAU ".box", &beside);
		bring_back("bureau-" BUREAU ".pub", &public_key);
		if (written == 2) {
			assert_true(key_dir_open(&dir, house_keys, true, &house_why));
			assert_true(key_file_write(&dir, "bureau-" BUREAU ".pub", also.public_key, &house_why));
			key_dir_close(&dir);
		}
		fresh = make_key();
		assert_true(opens("li", &li, &old) && opens("wang", &wang, &old));
		assert_true(opens("li", &li, &fresh) && opens("wang", &wang, &fresh));
		{
			size_t destroyed;

			assert_int_equal(key_rotate_finish(house_keys, BUREAU, NOW_MS + 2 * KEY_ROTATE_REST_MS, &destroyed, &house_why),
					 written == 1);   /* never the one in use */
		}
		if (written == 1)
			bring_back("bureau-" BUREAU ".box", &beside);
		rotate(NOW_MS);   /* once more: all of it opens, with a pair of its own */
		assert_true(opens("li", &li, &old) && opens("wang", &wang, &fresh));
		buf_release(&fresh.sealed);
	}
	wipe(&rows, sizeof(rows));
	key_box_release(&of_beside);
	buf_release(&old.sealed);
	buf_release(&box);
	buf_release(&public_key);
	buf_release(&beside);
	buf_release(&fresh_public);
	people_go();
}

static void the_recovery_key_stays(void **state)
{
	struct key_shares shares;
	struct key_tally tally;
	struct keyring *ring;
	struct made old, fresh;
	struct data_key out;

	(void)state;
	people();
	ring = house_ring("li", &li);
	assert_true(key_recovery_make(house_keys, ring, &shares, &tally, &house_why));
	keyring_free(ring);
	old = make_key();
	rotate(NOW_MS);
	fresh = make_key();
	ring = key_recovery_open(house_keys, &shares, &house_why);
	assert_non_null(ring);
	assert_true(keyring_open_data_key(ring, old.key.id, buf_span(&old.sealed), &out));
	assert_true(keyring_open_data_key(ring, fresh.key.id, buf_span(&fresh.sealed), &out));
	keyring_free(ring);
	buf_release(&old.sealed);
	buf_release(&fresh.sealed);
	people_go();
}

static void sealed_anew_and_destroyed(void **state)
{
	struct key_successor *list;
	size_t n, destroyed;
	struct made old;
	struct buf again = { 0 };

	(void)state;
	people();
	assert_true(key_rotate_successors(house_keys, &list, &n, &house_why));
	assert_int_equal(n, 0);
	free(list);
	old = make_key();
	rotate(NOW_MS);
	assert_true(key_rotate_successors(house_keys, &list, &n, &house_why));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].code, BUREAU);
	assert_true(list[0].since_ms == NOW_MS);
	assert_true(seal_data_key_for(buf_span(&old.sealed), list[0].earlier));
	assert_false(seal_data_key_for(buf_span(&old.sealed), list[0].now));
	assert_false(seal_data_key_again(buf_span(&old.sealed), &old.key.key, list[0].now, list[0].earlier, &again));
	assert_true(seal_data_key_again(buf_span(&old.sealed), &old.key.key, list[0].earlier, list[0].now, &again));
	assert_int_equal(again.len, old.sealed.len);
	free(list);
	assert_false(key_rotate_finish(house_keys, BUREAU, NOW_MS + KEY_ROTATE_REST_MS - 1, &destroyed, &house_why));
	assert_true(opens("li", &li, &old));
	assert_true(key_rotate_finish(house_keys, BUREAU, NOW_MS + KEY_ROTATE_REST_MS, &destroyed, &house_why));
	assert_int_equal(destroyed, 1);
	assert_false(opens("li", &li, &old));
	buf_clear(&old.sealed);
	buf_add_span(&old.sealed, buf_span(&again));
	assert_true(opens("li", &li, &old) && opens("wang", &wang, &old));
	assert_true(key_rotate_finish(house_keys, BUREAU, NOW_MS + KEY_ROTATE_REST_MS, &destroyed, &house_why));
	assert_int_equal(destroyed, 0);
	buf_release(&old.sealed);
	buf_release(&again);
	people_go();
}

static void who_may_not(void **state)
{
	struct key_rotate_tally tally;
	struct person_pair zhao;
	struct made old;

	(void)state;
	people();
	old = make_key();
	zhao = house_person("zhao");
	assert_false(rotate_by("zhao", &zhao, NOW_MS, &tally));
	assert_false(rotate_by("li", &zhao, NOW_MS, &tally));
	assert_true(opens("li", &li, &old));
	assert_int_equal(unlink(house_path("bureau-" BUREAU ".box")), 0);
	assert_false(rotate_by("li", &li, NOW_MS, &tally));
	person_pair_release(&zhao);
	buf_release(&old.sealed);
	people_go();
}

static void running_processes_see_it(void **state)
{
	struct keys *keys;
	struct span sealed;
	unsigned char before[16];

	(void)state;
	people();
	keys = house_open(false);
	(void)keys_data_key(keys, SPAN("150600"), NOW_MS, &sealed);
	memcpy(before, sealed.at, sizeof(before));
	assert_int_equal(keys_refresh_bureaus(keys, house_keys, &house_why), 0);
	rotate(NOW_MS);
	(void)keys_data_key(keys, SPAN("150600"), NOW_MS, &sealed);
	assert_memory_equal(before, sealed.at, 9);
	assert_int_equal(keys_refresh_bureaus(keys, house_keys, &house_why), 1);
	(void)keys_data_key(keys, SPAN("150600"), NOW_MS, &sealed);
	assert_memory_not_equal(before, sealed.at, 9);
	keys_free(keys);
	people_go();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(old_and_new_open),
		HOUSE_TEST(who_left_gets_nothing_new),
		HOUSE_TEST(cut_short_anywhere),
		HOUSE_TEST(the_recovery_key_stays),
		HOUSE_TEST(sealed_anew_and_destroyed),
		HOUSE_TEST(who_may_not),
		HOUSE_TEST(running_processes_see_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
