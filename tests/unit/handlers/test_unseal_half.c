/*
 * The halves of the key of identities in one call: whose half it is, that one
 * waits for the other, and that both together open, once, for those two alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/clock.h"
#include "daemon/sys/key_vault.h"
#include "handlers/bureau/unseal_half.h"
#include "tests/support/keys_house.h"

#include <sodium.h>

#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)

static struct person_pair an, bo;
static struct app app;
static struct staff of_an, of_bo, of_cai;
static struct tip_id tip, other_tip;
static unsigned char key[32];

/* A session of that person; nobody's pair: a session that opens nothing. */
static struct staff signed_in(const char *person, const struct person_pair *pair)
{
	struct staff staff = { .roles = WHO_APPROVER };

	snprintf(staff.person, sizeof(staff.person), "%s", person);
	if (pair != NULL)
		staff.keyring = keyrings_by_pair(app.keyrings, span_of(person), span_of(person), pair, clock_steady_ms());
	return staff;
}

static int open_house(void **state)
{
	struct key_holder first, second;
	const struct key_vault_group groups[KEY_VAULT_HALVES] = { { .at = &first, .n = 1 }, { .at = &second, .n = 1 } };

	if (house_make(state) != 0)
		return -1;
	app.keys = house_open(true);
	an = house_person("an");
	bo = house_person("bo");
	first = (struct key_holder){ .person = SPAN("an"), .public_key = an.public_key };
	second = (struct key_holder){ .person = SPAN("bo"), .public_key = bo.public_key };
	assert_true(key_vault_init(house_keys, groups, &house_why));
	app.keyrings = keyrings_new(&(struct keyrings_plan){ .keys_dir = house_keys, .state_dir = house_dir }, &house_why);
	assert_non_null(app.keyrings);
	of_an = signed_in("an", &an);
	of_bo = signed_in("bo", &bo);
	of_cai = signed_in("cai", NULL);
	return tip_id_parse(SPAN("15-6JPDKAD45C"), &tip) && tip_id_parse(SPAN("15-7K3MQ2X9RD"), &other_tip) ? 0 : -1;
}

static int close_house(void **state)
{
	keyrings_free(app.keyrings);
	keys_free(app.keys);
	person_pair_release(&an);
	person_pair_release(&bo);
	return house_remove(state);
}

/* Whether the key is the one whose public half is published. */
static bool is_the_key(void)
{
	unsigned char made[32];

	crypto_scalarmult_base(made, key);
	return memcmp(made, keys_identity_public(app.keys), sizeof(made)) == 0;
}

static bool join(const struct staff *staff, const struct tip_id *id, unsigned half, const char *first)
{
	return unseal_halves_join(&app, staff, id, half, first, key);
}

static void each_has_their_half(void **state)
{
	(void)state;
	assert_int_equal(unseal_half_of(&app, &of_an), 1);
	assert_int_equal(unseal_half_of(&app, &of_bo), 2);
	assert_int_equal(unseal_half_of(&app, &of_cai), 0);
	keyrings_close(app.keyrings, SPAN("an"));
	assert_int_equal(unseal_half_of(&app, &of_an), 0);
}

static void two_open_once(void **state)
{
	(void)state;
	assert_true(unseal_half_wait(&app, &of_an, &tip, 1, 3600));
	assert_false(unseal_half_wait(&app, &of_bo, &tip, 2, 3600));   /* somebody's waits already */
	assert_true(join(&of_bo, &tip, 2, "an"));
	assert_true(is_the_key());
	assert_int_equal(share_waits_count(unseal_waits(&app)), 0);
	assert_false(join(&of_bo, &tip, 2, "an"));
}

static void nobody_else_and_nothing_else(void **state)
{
	(void)state;
	assert_false(unseal_half_wait(&app, &of_an, &tip, 2, 3600));   /* not the half that was found */
	assert_false(unseal_half_wait(&app, &of_cai, &tip, 1, 3600));
	assert_true(unseal_half_wait(&app, &of_an, &tip, 1, 3600));
	assert_false(join(&of_bo, &other_tip, 2, "an"));
	assert_false(join(&of_bo, &tip, 2, "cai"));
	assert_false(join(&of_cai, &tip, 2, "an"));
	assert_false(join(&of_an, &tip, 1, "an"));
	assert_true(join(&of_bo, &tip, 2, "an"));
	assert_true(is_the_key());
}

static void a_half_that_was_taken_back_opens_nothing(void **state)
{
	struct person_pair di = house_person("di");
	const struct key_holder of_di = { .person = SPAN("di"), .public_key = di.public_key };

	(void)state;
	assert_true(key_vault_grant(house_keys, SPAN("an"), &an, &of_di, NULL, &house_why));
	assert_true(unseal_half_wait(&app, &of_an, &tip, 1, 3600));
	assert_true(key_vault_revoke(house_keys, SPAN("an"), &house_why));
	assert_false(join(&of_bo, &tip, 2, "an"));
	person_pair_release(&di);
}

static void its_hour_ends(void **state)
{
	(void)state;
	assert_true(unseal_half_wait(&app, &of_an, &tip, 1, 0));
	assert_int_equal(share_waits_count(unseal_waits(&app)), 0);
	assert_false(join(&of_bo, &tip, 2, "an"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(each_has_their_half),
		HOUSE_TEST(two_open_once),
		HOUSE_TEST(nobody_else_and_nothing_else),
		HOUSE_TEST(a_half_that_was_taken_back_opens_nothing),
		HOUSE_TEST(its_hour_ends),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
