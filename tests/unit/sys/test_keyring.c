/*
 * Keyrings: what opens for one person opens for no other, and nothing opens
 * without one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/files.h"
#include "tests/support/keys_house.h"

#include <sodium.h>
#include <sys/stat.h>

#define NOW INT64_C(1763748000000)
#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, house_make, house_remove)

static void a_ring_opens_what_intake_sealed(void **state)
{
	struct keys *intake = house_open(true);
	struct person_pair li = house_person("li");
	struct data_key key, opened;
	struct keyring *ring;
	struct span sealed;

	(void)state;
	house_lock_for("li", &li);
	ring = house_ring("li", &li);
	assert_int_equal(keyring_count(ring), 35);
	key = *keys_data_key(intake, SPAN("150602"), NOW, &sealed);
	assert_null(keyring_data_key_known(ring, key.id));
	assert_true(keyring_open_data_key(ring, key.id, sealed, &opened));
	assert_memory_equal(&key, &opened, sizeof(key));
	assert_memory_equal(keyring_data_key_known(ring, key.id)->key.bytes, key.key.bytes, SEAL_KEY_BYTES);
	key.id[0] ^= 1; /* a key that is not the one of that id */
	assert_false(keyring_open_data_key(ring, key.id, sealed, &opened));
	assert_null(keyring_data_key_known(NULL, key.id));
	keyring_free(ring);
	person_pair_release(&li);
	keys_free(intake);
}

/* What one ring has opened no other sees; who holds no row opens nothing. */
static void rings_share_nothing(void **state)
{
	struct keys *intake = house_open(true);
	struct person_pair li = house_person("li"), wang = house_person("wang");
	struct keyring *ring, *other, *forged;
	struct data_key key, opened;
	struct span sealed;

	(void)state;
	house_lock_for("li", &li);
	ring = house_ring("li", &li);
	other = house_ring("wang", &wang);
	forged = house_ring("li", &wang); /* the name of one and the pair of another */
	key = *keys_data_key(intake, SPAN("150602"), NOW, &sealed);
	assert_true(keyring_open_data_key(ring, key.id, sealed, &opened));
	assert_int_equal(keyring_count(other), 0);
	assert_int_equal(keyring_count(forged), 0);
	assert_null(keyring_data_key_known(other, key.id));
	assert_false(keyring_open_data_key(other, key.id, sealed, &opened));
	assert_false(keyring_open_data_key(forged, key.id, sealed, &opened));
	keyring_free(ring);
	keyring_free(other);
	keyring_free(forged);
	person_pair_release(&li);
	person_pair_release(&wang);
	keys_free(intake);
}

static void the_next_level_opens_and_another_bureau_does_not(void **state)
{
	struct keys *intake = house_open(true);
	struct person_pair li = house_person("li");
	struct data_key key, opened;
	struct keyring *ring;
	struct span sealed;

	(void)state;
	house_lock_for("li", &li);
	key = *keys_data_key(intake, SPAN("150602"), NOW, &sealed);
	assert_int_equal(unlink(house_path("bureau-150000.box")), 0);
	ring = house_ring("li", &li);
	assert_null(keyring_private(ring, "150000"));
	assert_true(keyring_open_data_key(ring, key.id, sealed, &opened)); /* by the nation */
	keyring_free(ring);
	assert_int_equal(unlink(house_path("bureau-000000.box")), 0);
	ring = house_ring("li", &li);
	assert_false(keyring_open_data_key(ring, key.id, sealed, &opened));
	keyring_free(ring);
	person_pair_release(&li);
	keys_free(intake);
}

static void many_opened_keys_are_kept(void **state)
{
	struct keys *intake = house_open(true);
	struct person_pair li = house_person("li");
	struct keyring *ring;
	size_t known = 0;
	unsigned char ids[200][SEAL_DATA_KEY_ID_BYTES];

	(void)state;
	house_lock_for("li", &li);
	ring = house_ring("li", &li);
	for (int64_t i = 0; i < 200; i++) {
		struct span sealed;
		struct data_key opened;
		const struct data_key *key = keys_data_key(intake, SPAN("150602"), NOW + i * KEYS_PERIOD_MS, &sealed);

		memcpy(ids[i], key->id, sizeof(ids[i]));
		assert_true(keyring_open_data_key(ring, ids[i], sealed, &opened));
	}
	for (size_t i = 0; i < 200; i++)
		known += keyring_data_key_known(ring, ids[i]) != NULL;
	assert_true(known >= 198); /* a set has eight places; more ids than that are next to impossible */
	keyring_free(ring);
	person_pair_release(&li);
	keys_free(intake);
}

static void plain_keys_make_a_ring_as_before(void **state)
{
	struct keys *intake = house_open(true);
	struct keyring *ring = keyring_new();
	struct data_key key, opened;
	struct span sealed;

	(void)state;
	assert_true(keyring_add_plain(ring, house_keys, &house_why));
	assert_int_equal(keyring_count(ring), 35);
	key = *keys_data_key(intake, SPAN("150602"), NOW, &sealed);
	assert_true(keyring_open_data_key(ring, key.id, sealed, &opened));
	keyring_free(ring);
	keys_free(intake);
}

static void wrong_files_are_named(void **state)
{
	static const char other[] = "0900000000000000000000000000000000000000000000000000000000000000\n";
	struct keyring *ring = keyring_new();
	struct person_pair li;

	(void)state;
	keys_free(house_open(true));
	assert_int_equal(chmod(house_path("bureau-150000.key"), 0644), 0);
	assert_false(keyring_add_plain(ring, house_keys, &house_why));
	assert_non_null(strstr(house_why.text, "bureau-150000.key"));
	assert_int_equal(chmod(house_path("bureau-150000.key"), 0600), 0);
	assert_true(files_replace(house_path("bureau-150000.pub"), SPAN(other), 0600, &house_why));
	assert_false(keyring_add_plain(ring, house_keys, &house_why));
	assert_non_null(strstr(house_why.text, "does not belong"));
	keyring_free(ring);
	ring = keyring_new();
	li = house_person("li");
	assert_true(files_replace(house_path("bureau-110000.box"), SPAN("{\"person\":\"li\"}\n"), 0600, &house_why));
	assert_false(keyring_add_boxes(ring, house_keys, SPAN("wang"), &li, &house_why));
	assert_non_null(strstr(house_why.text, "bureau-110000.box:1"));
	person_pair_release(&li);
	keyring_free(ring);
}

/* A box whose bureau got another public key meanwhile gives a key of no use: it is not taken. */
static void a_box_of_another_pair_is_passed_over(void **state)
{
	struct person_pair li = { .secret_key = NULL };
	unsigned char any[32] = { 9 }, public_key[32];
	struct keyring *ring;
	char hex[66];

	(void)state;
	keys_free(house_open(true));
	li = house_person("li");
	house_lock_for("li", &li);
	crypto_scalarmult_base(public_key, any);
	sodium_bin2hex(hex, 65, public_key, 32);
	hex[64] = '\n';
	assert_true(files_replace(house_path("bureau-150000.pub"), span_from(hex, 65), 0600, &house_why));
	ring = house_ring("li", &li);
	assert_int_equal(keyring_count(ring), 34);
	assert_null(keyring_private(ring, "150000"));
	assert_non_null(keyring_private(ring, "110000"));
	keyring_free(ring);
	person_pair_release(&li);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(a_ring_opens_what_intake_sealed),
		HOUSE_TEST(rings_share_nothing),
		HOUSE_TEST(the_next_level_opens_and_another_bureau_does_not),
		HOUSE_TEST(many_opened_keys_are_kept),
		HOUSE_TEST(plain_keys_make_a_ring_as_before),
		HOUSE_TEST(wrong_files_are_named),
		HOUSE_TEST(a_box_of_another_pair_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
