/*
 * Rings in use: made from a token's text, gone when they are not used, and never
 * another's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/keyrings.h"
#include "tests/support/keys_house.h"

#define T0 UINT64_C(1000)
#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, house_make, house_remove)
#define OTHER_TOKEN "tip_0123456789abcdefghijklmnopqrstuvwxyzABCDEFH"

static struct keyrings *open_rings(bool plain)
{
	struct keyrings *rings = keyrings_new(
		&(struct keyrings_plan){ .keys_dir = house_keys, .state_dir = house_dir, .plain = plain }, &house_why);

	assert_non_null(rings);
	return rings;
}

static void set_up_li(void)
{
	struct person_pair li;

	keys_free(house_open(true));
	li = house_person("li");
	house_lock_for("li", &li);
	person_pair_release(&li);
}

static struct keyring_ref of_li(struct keyrings *rings, uint64_t now_ms)
{
	return keyrings_by_token(rings, SPAN("li"), SPAN("a1"), SPAN(HOUSE_TOKEN), now_ms);
}

static void a_token_opens_its_persons_ring(void **state)
{
	struct keyrings *rings;
	struct keyring_ref ref;

	(void)state;
	set_up_li();
	rings = open_rings(false);
	ref = of_li(rings, T0);
	assert_non_null(keyrings_at(rings, ref, T0));
	assert_int_equal(keyring_count(keyrings_at(rings, ref, T0)), 35);
	assert_ptr_equal(keyrings_at(rings, of_li(rings, T0), T0), keyrings_at(rings, ref, T0));
	assert_int_equal(keyrings_count(rings), 1);
	ref = keyrings_by_token(rings, SPAN("li"), SPAN("a2"), SPAN(OTHER_TOKEN), T0);
	assert_null(keyrings_at(rings, ref, T0));
	ref = keyrings_by_token(rings, SPAN("wang"), SPAN("a1"), SPAN(HOUSE_TOKEN), T0); /* the id is another's */
	assert_null(keyrings_at(rings, ref, T0));
	assert_null(keyrings_at(rings, (struct keyring_ref){ 0 }, T0));
	assert_null(keyrings_at(NULL, ref, T0));
	keyrings_free(rings);
}

static void an_idle_ring_is_wiped(void **state)
{
	struct keyrings *rings;
	struct keyring_ref ref, later;

	(void)state;
	set_up_li();
	rings = open_rings(false);
	ref = of_li(rings, T0);
	keyrings_sweep(rings, T0 + KEYRINGS_IDLE_MS - 1);
	assert_non_null(keyrings_at(rings, ref, T0 + KEYRINGS_IDLE_MS - 1)); /* and so it is used */
	keyrings_sweep(rings, T0 + KEYRINGS_IDLE_MS);
	assert_int_equal(keyrings_count(rings), 1);
	keyrings_sweep(rings, T0 + 2 * KEYRINGS_IDLE_MS - 1);
	assert_int_equal(keyrings_count(rings), 0);
	assert_null(keyrings_at(rings, ref, T0 + 2 * KEYRINGS_IDLE_MS));
	later = of_li(rings, T0 + 3 * KEYRINGS_IDLE_MS);
	assert_non_null(keyrings_at(rings, later, T0 + 3 * KEYRINGS_IDLE_MS));
	assert_null(keyrings_at(rings, ref, T0 + 3 * KEYRINGS_IDLE_MS)); /* the same place, another generation */
	keyrings_free(rings);
}

static void a_closed_ring_is_gone(void **state)
{
	struct keyrings *rings;
	struct keyring_ref ref;

	(void)state;
	set_up_li();
	rings = open_rings(false);
	ref = of_li(rings, T0);
	keyrings_close(rings, SPAN("nobody's"));
	assert_non_null(keyrings_at(rings, ref, T0));
	keyrings_close(rings, SPAN("a1"));
	assert_null(keyrings_at(rings, ref, T0));
	keyrings_free(rings);
}

/* A session has its ring by its name, without a secret; when it was wiped it is made again from the open pair. */
static void a_session_finds_its_ring(void **state)
{
	struct keyrings *rings;
	struct keyring_ref ref;
	struct person_pair li;

	(void)state;
	keys_free(house_open(true));
	li = house_person("li");
	house_lock_for("li", &li);
	rings = open_rings(false);
	assert_int_equal(keyrings_by_session(rings, SPAN("s-1"), T0).generation, 0);
	ref = keyrings_by_pair(rings, SPAN("s-1"), SPAN("li"), &li, T0);
	assert_ptr_equal(keyrings_at(rings, keyrings_by_session(rings, SPAN("s-1"), T0), T0), keyrings_at(rings, ref, T0));
	assert_int_equal(keyring_count(keyrings_at(rings, ref, T0)), 35);
	assert_int_equal(keyrings_by_session(rings, SPAN("s-2"), T0).generation, 0);
	/* To be asked for is to be used. */
	(void)keyrings_by_session(rings, SPAN("s-1"), T0 + KEYRINGS_IDLE_MS - 1);
	keyrings_sweep(rings, T0 + KEYRINGS_IDLE_MS + 5);
	assert_non_null(keyrings_at(rings, ref, T0 + KEYRINGS_IDLE_MS + 5));
	keyrings_close(rings, SPAN("s-1"));
	assert_int_equal(keyrings_by_session(rings, SPAN("s-1"), T0).generation, 0);
	ref = keyrings_by_pair(rings, SPAN("s-1"), SPAN("li"), &li, T0);
	assert_int_equal(keyring_count(keyrings_at(rings, ref, T0)), 35);
	person_pair_release(&li);
	keyrings_free(rings);
}

static void grants_count_from_the_next_use_on(void **state)
{
	struct keyrings *rings;
	struct key_tally tally;
	struct person_pair wang;
	struct keyring_ref ref;
	const struct key_holder to = { .person = SPAN("wang"), .public_key = wang.public_key };

	(void)state;
	set_up_li();
	wang = house_person("wang");
	rings = open_rings(false);
	ref = keyrings_by_token(rings, SPAN("wang"), SPAN("a1"), SPAN(HOUSE_TOKEN), T0);
	assert_int_equal(keyring_count(keyrings_at(rings, ref, T0)), 0);
	assert_true(key_grants_give(house_keys, keyrings_at(rings, of_li(rings, T0), T0), &to, SPAN("150000"), &tally, &house_why));
	keyrings_close(rings, SPAN("a1"));
	ref = keyrings_by_token(rings, SPAN("wang"), SPAN("a1"), SPAN(HOUSE_TOKEN), T0);
	assert_int_equal(keyring_count(keyrings_at(rings, ref, T0)), 1);
	assert_true(key_grants_take(house_keys, SPAN("wang"), SPAN("150000"), &tally, &house_why));
	ref = keyrings_by_token(rings, SPAN("wang"), SPAN("a1"), SPAN(HOUSE_TOKEN), T0);
	assert_int_equal(keyring_count(keyrings_at(rings, ref, T0)), 0);
	person_pair_release(&wang);
	keyrings_free(rings);
}

static void a_sessions_ring_comes_from_its_pair(void **state)
{
	struct keyrings *rings;
	struct keyring_ref ref;
	struct person_pair li;

	(void)state;
	keys_free(house_open(true));
	li = house_person("li");
	house_lock_for("li", &li);
	rings = open_rings(false);
	ref = keyrings_by_pair(rings, SPAN("session-1"), SPAN("li"), &li, T0);
	person_pair_release(&li);
	assert_int_equal(keyring_count(keyrings_at(rings, ref, T0)), 35);
	keyrings_close(rings, SPAN("session-1"));
	assert_null(keyrings_at(rings, ref, T0));
	keyrings_free(rings);
}

/* One more than there is room for: the one that was used longest ago goes, and its reference leads nowhere. */
static void the_oldest_makes_room(void **state)
{
	struct keyrings *rings;
	struct keyring_ref first, second, last;
	struct person_pair li;
	char session[20];

	(void)state;
	keys_free(house_open(true));
	li = house_person("li");
	rings = open_rings(false);
	first = keyrings_by_pair(rings, SPAN("s0"), SPAN("li"), &li, T0);
	second = keyrings_by_pair(rings, SPAN("s1"), SPAN("li"), &li, T0 + 1);
	for (unsigned i = 2; i < KEYRINGS_MAX; i++) {
		snprintf(session, sizeof(session), "s%u", i);
		keyrings_by_pair(rings, span_of(session), SPAN("li"), &li, T0 + i);
	}
	assert_int_equal(keyrings_count(rings), KEYRINGS_MAX);
	assert_non_null(keyrings_at(rings, first, T0 + 500));
	last = keyrings_by_pair(rings, SPAN("more"), SPAN("li"), &li, T0 + 501);
	assert_non_null(keyrings_at(rings, last, T0 + 501));
	assert_non_null(keyrings_at(rings, first, T0 + 501));
	assert_null(keyrings_at(rings, second, T0 + 501));
	assert_int_equal(keyrings_count(rings), KEYRINGS_MAX);
	person_pair_release(&li);
	keyrings_free(rings);
}

static void plain_keys_serve_everybody_and_stay(void **state)
{
	struct keyrings *rings;
	struct keyring_ref ref;

	(void)state;
	keys_free(house_open(true));
	assert_int_equal(keyrings_count_plain(house_keys), 35);
	rings = open_rings(true);
	assert_true(keyrings_plain(rings));
	ref = keyrings_by_token(rings, SPAN("anybody"), SPAN("x"), SPAN("y"), T0);
	keyrings_sweep(rings, T0 + 10 * KEYRINGS_IDLE_MS);
	keyrings_close(rings, SPAN(""));
	assert_int_equal(keyring_count(keyrings_at(rings, ref, T0)), 35);
	keyrings_free(rings);
	set_up_li();
	assert_int_equal(keyrings_count_plain(house_keys), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(a_session_finds_its_ring),
		HOUSE_TEST(a_token_opens_its_persons_ring),
		HOUSE_TEST(an_idle_ring_is_wiped),
		HOUSE_TEST(a_closed_ring_is_gone),
		HOUSE_TEST(grants_count_from_the_next_use_on),
		HOUSE_TEST(a_sessions_ring_comes_from_its_pair),
		HOUSE_TEST(the_oldest_makes_room),
		HOUSE_TEST(plain_keys_serve_everybody_and_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
