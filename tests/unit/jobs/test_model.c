/*
 * The model on disk: a restart changes nothing and teaches nothing twice, a
 * file that is no good leaves an empty model, another process's file is taken
 * over, and off means off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/jobs/model.h"

#include "daemon/sys/files.h"
#include "daemon/sys/log.h"
#include "tests/support/learn_texts.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct seal_key key = { "the key of learning" };
static const struct seal_key wrong_key = { "another key" };
static const struct tip_id id = { "15-7K3MQ2X9RD" };
static const struct tip_id other_id = { "15-7K3MQ2X9RE" };
static char dir[64];
static char path[80];
static struct loop *loop;
static struct arena arena;

static struct model *model_open(const struct seal_key *with)
{
	return model_new(&(struct model_env){ .loop = loop, .path = path, .key = with, .on = true });
}

static struct model_figures figures_of(const struct model *model)
{
	struct model_figures figures;

	model_figures(model, &figures);
	return figures;
}

/* The closed event of made text `number`, as number `number` of the shard. */
static void teach(struct model *model, const char *shard, unsigned number)
{
	struct learn_example example;

	learn_example_numbered(number, &example);
	model_teach(model, span_of(shard), number, &id, learn_text_wanted(number) ? SPAN("verified") : SPAN("prank"),
		    learn_seal(&key, &id, &example, &arena));
}

static void teach_all(struct model *model, const char *shard, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		teach(model, shard, i);
}

static double chance(const struct model *model, unsigned number)
{
	struct learn_example example;

	learn_example_numbered(number, &example);
	return learner_chance(model_learner(model), &example);
}

static int begin(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/tipline-model-XXXXXX");
	if (sodium_init() < 0 || mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/model", dir);
	log_open(LOG_LEVEL_ERROR, false);
	loop = loop_new();
	return 0;
}

static int finish(void **state)
{
	(void)state;
	loop_free(loop);
	unlink(path);
	rmdir(dir);
	arena_release(&arena);
	return 0;
}

static void a_restart_changes_nothing_and_teaches_nothing_twice(void **state)
{
	struct model *model = model_open(&key);
	double before;

	(void)state;
	teach_all(model, "15", 1, 100);
	teach_all(model, "11", 200, 220);
	before = chance(model, 500);
	model_free(model);
	model = model_open(&key);
	assert_true(chance(model, 500) == before);
	assert_int_equal(model_taught(model, SPAN("15")), 99);
	assert_int_equal(model_taught(model, SPAN("11")), 219);
	assert_int_equal(model_taught(model, SPAN("12")), 0);
	teach_all(model, "15", 1, 100);
	teach_all(model, "11", 200, 220);
	assert_true(chance(model, 500) == before);
	assert_int_equal(figures_of(model).wanted + figures_of(model).unwanted, 119);
	teach(model, "15", 100);
	assert_int_equal(figures_of(model).wanted + figures_of(model).unwanted, 120);
	model_free(model);
}

static void what_teaches_nothing_moves_the_number_on(void **state)
{
	struct model *model = model_open(&key);
	struct learn_example example;
	struct span sealed;

	(void)state;
	learn_example_numbered(1, &example);
	sealed = learn_seal(&key, &id, &example, &arena);
	model_teach(model, SPAN("15"), 7, &id, SPAN("duplicate"), sealed);
	model_teach(model, SPAN("15"), 8, &id, SPAN("verified"), SPAN(""));
	assert_int_equal(figures_of(model).unreadable, 0);
	model_teach(model, SPAN("15"), 9, &other_id, SPAN("verified"), sealed);
	model_teach(model, SPAN("15"), 10, &id, SPAN("verified"), SPAN("nothing of ours"));
	assert_int_equal(model_taught(model, SPAN("15")), 10);
	assert_int_equal(figures_of(model).unreadable, 2);
	assert_int_equal(figures_of(model).wanted, 0);
	model_teach(model, SPAN("x5"), 1, &id, SPAN("verified"), sealed);
	model_teach(model, SPAN("150"), 1, &id, SPAN("verified"), sealed);
	assert_int_equal(figures_of(model).wanted, 0);
	model_free(model);
}

static void off_learns_nothing_and_answers_nothing(void **state)
{
	struct model *model = model_open(&key);

	(void)state;
	teach_all(model, "15", 1, 50);
	model_switch(model, false);
	assert_null(model_learner(model));
	teach_all(model, "15", 50, 100);
	assert_int_equal(model_taught(model, SPAN("15")), 49);
	model_switch(model, true);
	assert_non_null(model_learner(model));
	assert_int_equal(figures_of(model).wanted + figures_of(model).unwanted, 49);
	model_free(model);
}

/* --- the file -------------------------------------------------------------------------- */

static void the_file_is_private_and_shows_no_model(void **state)
{
	struct model *model = model_open(&key);
	struct complaint why;
	struct buf bytes = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(figures_of(model).written_ms, 0);
	teach_all(model, "15", 1, 10);
	model_sync(model);
	assert_true(figures_of(model).written_ms > 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(files_read(path, 2 << 20, &bytes, &why));
	assert_int_equal(span_find(buf_span(&bytes), SPAN("TLM1")), bytes.len);
	buf_release(&bytes);
	model_free(model);
}

static void write_bytes(struct span bytes)
{
	struct complaint why;

	assert_true(files_replace(path, bytes, 0600, &why));
}

static void assert_starts_empty(const struct seal_key *with)
{
	struct model *model = model_open(with);

	assert_int_equal(figures_of(model).wanted + figures_of(model).unwanted, 0);
	assert_int_equal(model_taught(model, SPAN("15")), 0);
	assert_non_null(model_learner(model));
	model_free(model);
}

static void a_file_that_is_no_good_leaves_an_empty_model(void **state)
{
	struct model *model = model_open(&key);
	struct complaint why;
	struct buf whole = { 0 };

	(void)state;
	teach_all(model, "15", 1, 30);
	model_free(model);
	assert_true(files_read(path, 2 << 20, &whole, &why));
	assert_starts_empty(&wrong_key);
	write_bytes(span_from(whole.at, whole.len / 2));
	assert_starts_empty(&key);
	write_bytes(SPAN(""));
	assert_starts_empty(&key);
	whole.at[whole.len / 2] ^= 1;
	write_bytes(buf_span(&whole));
	assert_starts_empty(&key);
	buf_release(&whole);
}

/* A process that only asks sees what the one that links wrote. */
static void a_file_that_another_process_wrote_is_taken_over(void **state)
{
	struct model *asking = model_open(&key), *linking = model_open(&key);

	(void)state;
	teach_all(linking, "15", 1, 80);
	model_sync(linking);
	assert_int_equal(figures_of(asking).wanted, 0);
	model_sync(asking);
	assert_true(chance(asking, 500) == chance(linking, 500));
	assert_int_equal(model_taught(asking, SPAN("15")), 79);
	teach_all(linking, "15", 80, 90);
	model_sync(linking);
	model_sync(asking);
	assert_int_equal(model_taught(asking, SPAN("15")), 89);
	model_free(asking);
	assert_int_equal(model_taught(linking, SPAN("15")), 89);
	model_free(linking);
}

static void without_a_place_to_write_it_learns_on(void **state)
{
	struct model *model;

	(void)state;
	snprintf(path, sizeof(path), "%s/none/model", dir);
	model = model_open(&key);
	teach_all(model, "15", 1, 20);
	model_sync(model);
	teach_all(model, "15", 20, 40);
	assert_int_equal(figures_of(model).wanted + figures_of(model).unwanted, 39);
	model_free(model);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_restart_changes_nothing_and_teaches_nothing_twice),
		TEST(what_teaches_nothing_moves_the_number_on),
		TEST(off_learns_nothing_and_answers_nothing),
		TEST(the_file_is_private_and_shows_no_model),
		TEST(a_file_that_is_no_good_leaves_an_empty_model),
		TEST(a_file_that_another_process_wrote_is_taken_over),
		TEST(without_a_place_to_write_it_learns_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
