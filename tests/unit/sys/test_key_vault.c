/*
 * The vault of identities: disjoint groups, both halves or none, nothing plain
 * left behind, and an end that can be reached from wherever it was cut short.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/files.h"
#include "daemon/sys/key_vault.h"
#include "tests/support/keys_house.h"

#include <sodium.h>

#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, house_make, house_remove)

static struct person_pair an, bo, cai;
static struct key_holder of_an, of_bo, of_cai;

static void people(void)
{
	keys_free(house_open(true));
	an = house_person("an");
	bo = house_person("bo");
	cai = house_person("cai");
	of_an = (struct key_holder){ .person = SPAN("an"), .public_key = an.public_key };
	of_bo = (struct key_holder){ .person = SPAN("bo"), .public_key = bo.public_key };
	of_cai = (struct key_holder){ .person = SPAN("cai"), .public_key = cai.public_key };
}

static void people_go(void)
{
	person_pair_release(&an);
	person_pair_release(&bo);
	person_pair_release(&cai);
}

static bool init(const struct key_holder *first, const struct key_holder *second)
{
	const struct key_vault_group groups[KEY_VAULT_HALVES] = { { .at = first, .n = 1 }, { .at = second, .n = 1 } };

	return key_vault_init(house_keys, groups, &house_why);
}

static bool there(const char *name)
{
	return access(house_path(name), F_OK) == 0;
}

static void copy(const char *from, const char *to)
{
	struct buf bytes = { 0 };

	assert_true(files_read(house_path(from), 4096, &bytes, &house_why));
	assert_true(files_replace(house_path(to), buf_span(&bytes), 0600, &house_why));
	buf_release(&bytes);
}

static unsigned opened(const char *person, const struct person_pair *pair, unsigned char share[KEY_VAULT_SHARE_BYTES])
{
	return key_vault_open(house_keys, span_of(person), pair, share, &house_why);
}

/* Whether the two open what is sealed to identity.pub. */
static bool open_together(void)
{
	unsigned char one[KEY_VAULT_SHARE_BYTES], two[KEY_VAULT_SHARE_BYTES], secret_key[32], public_key[32];
	struct key_dir dir;

	assert_true(key_dir_open(&dir, house_keys, false, &house_why));
	assert_int_equal(key_file_read(&dir, "identity.pub", public_key, &house_why), KEY_READ);
	key_dir_close(&dir);
	return opened("an", &an, one) == 1 && opened("bo", &bo, two) == 2 && key_vault_join(one, two, public_key, secret_key) &&
	       !key_vault_join(one, one, public_key, secret_key);
}

static void two_groups(void **state)
{
	unsigned char share[KEY_VAULT_SHARE_BYTES];

	(void)state;
	people();
	assert_int_equal(opened("an", &an, share), 0);
	assert_false(init(&of_an, &of_an));
	assert_false(key_vault_init(house_keys, (struct key_vault_group[2]){ { .at = &of_an, .n = 1 }, { .n = 0 } }, &house_why));
	assert_true(there("identity-share-1.key") && there("identity-share-2.key") && !there("identity-share-1.box"));
	assert_true(init(&of_an, &of_bo));
	assert_false(there("identity-share-1.key") || there("identity-share-2.key"));
	assert_true(open_together());
	assert_int_equal(opened("cai", &cai, share), 0);
	assert_int_equal(opened("an", &bo, share), 0);   /* a name alone opens nothing */
	assert_true(init(&of_an, &of_bo));               /* once more */
	assert_false(init(&of_an, &of_cai));
	assert_false(init(&of_bo, &of_an));
	assert_true(open_together());
	people_go();
}

static void cut_short_anywhere(void **state)
{
	(void)state;
	people();
	copy("identity-share-1.key", "kept-1");
	copy("identity-share-2.key", "kept-2");
	assert_true(init(&of_an, &of_bo));
	for (unsigned left = 1; left < 16; left++) {   /* which of the four files are there */
		bool boxes[2] = { (left & 4) != 0, (left & 8) != 0 }, plain[2] = { (left & 1) != 0, (left & 2) != 0 };
		bool reachable = (plain[0] && plain[1]) || (boxes[0] && boxes[1]);

		copy("kept-1", "identity-share-1.key");
		copy("kept-2", "identity-share-2.key");
		assert_true(init(&of_an, &of_bo));
		for (int i = 0; i < 2; i++) {
			const char *const plains[] = { "identity-share-1.key", "identity-share-2.key" };
			const char *const boxed[] = { "identity-share-1.box", "identity-share-2.box" };
			const char *const kept[] = { "kept-1", "kept-2" };

			if (plain[i])
				copy(kept[i], plains[i]);
			if (!boxes[i])
				assert_int_equal(unlink(house_path(boxed[i])), 0);
		}
		assert_int_equal(init(&of_an, &of_bo), reachable);
		assert_int_equal(reachable && open_together(), reachable);
		if (!reachable)   /* nothing was destroyed */
			assert_true(there("identity-share-1.key") == plain[0] && there("identity-share-2.key") == plain[1]);
	}
	people_go();
}

static void halves_of_another_house(void **state)
{
	(void)state;
	people();
	copy("receipt.key", "identity-share-2.key");
	assert_false(init(&of_an, &of_bo));
	assert_true(there("identity-share-1.key") && there("identity-share-2.key") && !there("identity-share-1.box"));
	people_go();
}

static void given_and_taken(void **state)
{
	unsigned char share[KEY_VAULT_SHARE_BYTES];
	struct key_box boxes[KEY_VAULT_HALVES];
	enum key_vault_state at;
	unsigned half;

	(void)state;
	people();
	assert_false(key_vault_grant(house_keys, SPAN("an"), &an, &of_cai, &half, &house_why));   /* not made yet */
	assert_true(init(&of_an, &of_bo));
	assert_false(key_vault_grant(house_keys, SPAN("cai"), &cai, &of_cai, &half, &house_why));
	assert_false(key_vault_grant(house_keys, SPAN("an"), &an, &of_bo, &half, &house_why));   /* would have both */
	assert_true(key_vault_grant(house_keys, SPAN("bo"), &bo, &of_cai, &half, &house_why));
	assert_int_equal(half, 2);
	assert_int_equal(opened("cai", &cai, share), 2);
	assert_false(key_vault_grant(house_keys, SPAN("an"), &an, &of_cai, &half, &house_why));
	assert_true(key_vault_read(house_keys, boxes, &at, &house_why));
	assert_int_equal(at, KEY_VAULT_CLOSED);
	assert_int_equal(boxes[0].n, 1);
	assert_int_equal(boxes[1].n, 2);
	key_box_release(&boxes[0]);
	key_box_release(&boxes[1]);
	assert_false(key_vault_revoke(house_keys, SPAN("an"), &house_why));   /* the last of its half */
	assert_true(key_vault_revoke(house_keys, SPAN("bo"), &house_why));
	assert_int_equal(opened("bo", &bo, share), 0);
	assert_false(key_vault_revoke(house_keys, SPAN("bo"), &house_why));
	assert_true(key_vault_grant(house_keys, SPAN("an"), &an, &of_bo, &half, &house_why));
	assert_int_equal(half, 1);
	people_go();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(two_groups),
		HOUSE_TEST(cut_short_anywhere),
		HOUSE_TEST(halves_of_another_house),
		HOUSE_TEST(given_and_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
