/*
 * The table of logs: names that are known, files that come later, and what is
 * remembered of a search.
 */
#include "handlers/log/logs.h"
#include "tests/support/log_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

static char dir[64];
static struct logs *logs;

static int begin(void **state)
{
	struct note_signer signer;
	static const unsigned char seed[NOTE_SEED_BYTES] = { 7 };

	(void)state;
	strcpy(dir, "/tmp/tipline-logs-XXXXXX");
	assert_non_null(mkdtemp(dir));
	logs = logs_new(&(struct logs_plan){ .dir = dir });
	note_signer_make(SPAN("tips.example/15"), NOTE_ED25519, seed, &signer);
	logs_add(logs, SPAN("15"), &signer.key);
	note_signer_make(SPAN("tips.example/money"), NOTE_ED25519, seed, &signer);
	logs_add(logs, SPAN("money"), &signer.key);
	note_signer_release(&signer);
	return 0;
}

static int finish(void **state)
{
	char command[128];

	(void)state;
	logs_free(logs);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void a_log_is_found_by_its_whole_name(void **state)
{
	static const char *const none[] = { "", "1", "150", "mone", "money/", "..", "../log", "15\n", "MONEY", "*" };

	(void)state;
	assert_int_equal(logs_count(logs), 2);
	assert_ptr_equal(logs_find(logs, SPAN("15")), logs_at(logs, 0));
	assert_ptr_equal(logs_find(logs, SPAN("money")), logs_at(logs, 1));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_null(logs_find(logs, span_of(none[i])));
	assert_null(logs_find(logs, span_from("15\0x", 4)));
	assert_null(logs_find(NULL, SPAN("15")));
	assert_int_equal(logs_count(NULL), 0);
}

static void its_key_is_a_key_text_of_its_origin(void **state)
{
	struct note_key key;

	(void)state;
	assert_true(note_key_parse(span_of(logs_at(logs, 1)->key_text), &key));
	assert_true(span_is(note_key_name(&key), "tips.example/money"));
}

/* A log that nobody has sealed has no files; they are seen as soon as they are there. */
static void files_may_come_later(void **state)
{
	struct sealed_log *log = logs_at(logs, 0);
	struct log_sample sample;
	struct logs_file file;
	char path[96];

	(void)state;
	assert_null(logs_tiles(logs, log));
	snprintf(path, sizeof(path), "%s/15", dir);
	log_sample_open(&sample, path, "15");
	log_sample_dummies(&sample, 8);
	log_sample_batch(&sample, true);
	assert_non_null(logs_tiles(logs, log));
	assert_ptr_equal(logs_tiles(logs, log), logs_tiles(logs, log));
	assert_int_equal(tiles_batches(logs_tiles(logs, log)), 1);
	log_sample_dummies(&sample, 8);
	log_sample_batch(&sample, true);
	assert_int_equal(tiles_batches(logs_tiles(logs, log)), 2);
	assert_true(logs_open(logs, log, "checkpoint", &file));
	assert_true(file.bytes > 50);
	close(file.fd);
	assert_false(logs_open(logs, log, "openings/2026-11", &file));
	assert_false(logs_open(logs, log, "tile", &file));
	log_sample_close(&sample);
}

static void a_search_is_remembered_by_log_and_seed(void **state)
{
	unsigned char one[LEAF_SEED_BYTES] = { 1 };
	unsigned char two[LEAF_SEED_BYTES] = { 2 };

	(void)state;
	logs_trail(logs, logs_at(logs, 0), one)->next = 77;
	assert_int_equal(logs_trail(logs, logs_at(logs, 0), two)->next, 0);
	assert_int_equal(logs_trail(logs, logs_at(logs, 1), one)->next, 0);
	assert_int_equal(logs_trail(logs, logs_at(logs, 0), one)->next, 77);
}

/* However many are looked for, memory is bounded, and who gave way begins anew. */
static void old_searches_give_way(void **state)
{
	unsigned char seed[LEAF_SEED_BYTES] = { 0 };

	(void)state;
	logs_trail(logs, logs_at(logs, 0), seed)->next = 77;
	for (unsigned i = 1; i < 5000; i++) {
		unsigned char other[LEAF_SEED_BYTES] = { (unsigned char)i, (unsigned char)(i >> 8), 1 };

		logs_trail(logs, logs_at(logs, 0), other)->n = 3;
	}
	assert_int_equal(logs_trail(logs, logs_at(logs, 0), seed)->next, 0);
	assert_int_equal(logs_trail(logs, logs_at(logs, 0), seed)->n, 0);
}

static bool ill(void *ctx, struct span log, struct log_health *health)
{
	(void)ctx;
	*health = (struct log_health){ .refusing = true };
	return span_is(log, "15");
}

static void health_is_asked_of_whoever_knows(void **state)
{
	struct logs *asked = logs_new(&(struct logs_plan){ .dir = dir, .health = ill });
	struct log_health health;

	(void)state;
	assert_false(logs_health(logs, logs_at(logs, 0), &health));
	logs_add(asked, SPAN("15"), &logs_at(logs, 0)->key);
	logs_add(asked, SPAN("money"), &logs_at(logs, 1)->key);
	assert_true(logs_health(asked, logs_at(asked, 0), &health));
	assert_true(health.refusing);
	assert_false(logs_health(asked, logs_at(asked, 1), &health));
	logs_free(asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_log_is_found_by_its_whole_name, begin, finish),
		cmocka_unit_test_setup_teardown(its_key_is_a_key_text_of_its_origin, begin, finish),
		cmocka_unit_test_setup_teardown(files_may_come_later, begin, finish),
		cmocka_unit_test_setup_teardown(a_search_is_remembered_by_log_and_seed, begin, finish),
		cmocka_unit_test_setup_teardown(old_searches_give_way, begin, finish),
		cmocka_unit_test_setup_teardown(health_is_asked_of_whoever_knows, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
