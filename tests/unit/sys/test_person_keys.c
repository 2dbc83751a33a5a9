/*
 * Key pairs of persons: opened by the right password or token alone, at the
 * same cost for whoever guesses; the file never loses a row.
 */
#include "daemon/base/table.h"
#include "daemon/sys/files.h"
#include "daemon/sys/person_keys.h"
#include "daemon/sys/person_keys_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TOKEN "tip_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
#define OTHER_TOKEN "tip_0123456789abcdefghijklmnopqrstuvwxyzABCDEFH"
#define PASSWORD "correct horse battery"
#define NONE ((struct span){ 0 })

static char dir[64];
static char file[100];
static struct complaint why;

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tipline-person-keys-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/" PERSON_KEYS_FILE, dir);
	return 0;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void make_by_token(const char *person)
{
	struct person_pair pair;

	assert_true(person_keys_make(dir, span_of(person), NONE, SPAN("a1"), SPAN(TOKEN), &pair, &why));
	person_pair_release(&pair);
}

static struct person_keys *loaded(void)
{
	struct person_keys *keys = person_keys_load(dir, &why);

	assert_non_null(keys);
	return keys;
}

static enum person_key_outcome by_token(const struct person_keys *keys, const char *person, const char *id, const char *token)
{
	struct person_pair pair;
	enum person_key_outcome outcome = person_keys_open_token(keys, span_of(person), span_of(id), span_of(token), &pair);

	assert_int_equal(pair.secret_key != NULL, outcome == PERSON_KEY_OPENED);
	person_pair_release(&pair);
	return outcome;
}

static enum person_key_outcome by_password(const struct person_keys *keys, const char *person, const char *password)
{
	struct person_pair pair;
	enum person_key_outcome outcome = person_keys_open_password(keys, span_of(person), span_of(password), &pair);

	assert_int_equal(pair.secret_key != NULL, outcome == PERSON_KEY_OPENED);
	person_pair_release(&pair);
	return outcome;
}

/* --- opening -------------------------------------------------------------------- */

static void a_missing_file_holds_nobody(void **state)
{
	struct person_keys *keys = loaded();

	(void)state;
	assert_null(person_keys_public(keys, SPAN("li.wei")));
	assert_int_equal(by_token(keys, "li.wei", "a1", TOKEN), PERSON_KEY_WRONG);
	person_keys_free(keys);
}

static void a_password_opens_what_was_made_with_it(void **state)
{
	struct person_pair made, again;
	struct person_keys *keys;
	unsigned char box[crypto_box_SEALBYTES + 5], clear[5];
	struct stat st;

	(void)state;
	assert_true(person_keys_make(dir, SPAN("li.wei"), SPAN(PASSWORD), NONE, NONE, &made, &why));
	keys = loaded();
	assert_memory_equal(person_keys_public(keys, SPAN("li.wei")), made.public_key, PERSON_KEY_BYTES);
	assert_int_equal(person_keys_open_password(keys, SPAN("li.wei"), SPAN(PASSWORD), &again), PERSON_KEY_OPENED);
	assert_memory_equal(again.secret_key, made.secret_key, PERSON_KEY_BYTES);
	crypto_box_seal(box, (const unsigned char *)"words", 5, made.public_key);
	assert_int_equal(crypto_box_seal_open(clear, box, sizeof(box), again.public_key, again.secret_key), 0);
	assert_memory_equal(clear, "words", 5);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	person_pair_release(&made);
	person_pair_release(&again);
	person_keys_free(keys);
}

static void nothing_else_opens(void **state)
{
	struct person_pair pair;
	struct person_keys *keys;

	(void)state;
	assert_true(person_keys_make(dir, SPAN("li.wei"), SPAN(PASSWORD), NONE, NONE, &pair, &why));
	person_pair_release(&pair);
	make_by_token("wang");
	keys = loaded();
	assert_int_equal(by_password(keys, "li.wei", "correct horse batterz"), PERSON_KEY_WRONG);
	assert_int_equal(by_password(keys, "li.wei", ""), PERSON_KEY_WRONG);
	assert_int_equal(by_password(keys, "wang", PASSWORD), PERSON_KEY_WRONG);
	assert_int_equal(by_password(keys, "nobody", PASSWORD), PERSON_KEY_WRONG);
	assert_int_equal(by_token(keys, "wang", "a1", TOKEN), PERSON_KEY_OPENED);
	assert_int_equal(by_token(keys, "wang", "a2", TOKEN), PERSON_KEY_WRONG);
	assert_int_equal(by_token(keys, "wang", "a1", OTHER_TOKEN), PERSON_KEY_WRONG);
	assert_int_equal(by_token(keys, "wang", "a1", ""), PERSON_KEY_WRONG);
	assert_int_equal(by_token(keys, "li.wei", "a1", TOKEN), PERSON_KEY_WRONG);
	assert_int_equal(by_token(keys, "wang", "12345678901234567", TOKEN), PERSON_KEY_WRONG);
	person_keys_free(keys);
}

static double cpu_seconds(const struct person_keys *keys, const char *person)
{
	double least = 1e9;

	for (int i = 0; i < 3; i++) {
		struct timespec from, to;
		double took;

		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
		assert_int_equal(by_password(keys, person, "not the one at all"), PERSON_KEY_WRONG);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
		took = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
		least = took < least ? took : least;
	}
	return least;
}

/* Who guesses does not learn from the time whether there is such a person, or a password. */
static void every_wrong_password_costs_the_same(void **state)
{
	struct person_pair pair;
	struct person_keys *keys;
	double with, without, nobody;

	(void)state;
	assert_true(person_keys_make(dir, SPAN("li.wei"), SPAN(PASSWORD), NONE, NONE, &pair, &why));
	person_pair_release(&pair);
	make_by_token("wang");
	keys = loaded();
	with = cpu_seconds(keys, "li.wei");
	without = cpu_seconds(keys, "wang");
	nobody = cpu_seconds(keys, "nobody");
	assert_true(with > 0.004);
	assert_true(without > with * 0.5 && without < with * 2);
	assert_true(nobody > with * 0.5 && nobody < with * 2);
	person_keys_free(keys);
}

/* A wrap moved to another person, another kind or other costs does not open. */
static void a_wrap_is_bound_to_its_row(void **state)
{
	struct person_change change;
	struct person_keys *keys;
	struct person_row *li, *wang;

	(void)state;
	make_by_token("li");
	make_by_token("wang");
	assert_true(person_change_begin(&change, dir, &why));
	li = person_rows_find(&change.rows, SPAN("li"));
	wang = person_rows_find(&change.rows, SPAN("wang"));
	memcpy(wang->public_key, li->public_key, PERSON_KEY_BYTES);
	wang->wraps[0] = li->wraps[0];
	assert_true(person_change_write(&change, &why));
	person_change_end(&change);
	keys = loaded();
	assert_int_equal(by_token(keys, "li", "a1", TOKEN), PERSON_KEY_OPENED);
	assert_int_equal(by_token(keys, "wang", "a1", TOKEN), PERSON_KEY_WRONG);
	person_keys_free(keys);
}

/* A public half that somebody exchanged gets nothing sealed to it unseen: the pair does not open any more. */
static void an_exchanged_public_half_is_noticed(void **state)
{
	struct person_change change;
	struct person_keys *keys;

	(void)state;
	make_by_token("li");
	assert_true(person_change_begin(&change, dir, &why));
	change.rows.at[0].public_key[5] ^= 1;
	assert_true(person_change_write(&change, &why));
	person_change_end(&change);
	keys = loaded();
	assert_int_equal(by_token(keys, "li", "a1", TOKEN), PERSON_KEY_WRONG);
	person_keys_free(keys);
}

/* --- wrapping anew -------------------------------------------------------------- */

static void further_ways_open_the_same_pair(void **state)
{
	struct person_pair pair;
	struct person_keys *keys;

	(void)state;
	assert_true(person_keys_make(dir, SPAN("li"), NONE, SPAN("a1"), SPAN(TOKEN), &pair, &why));
	assert_true(person_keys_wrap_token(dir, SPAN("li"), &pair, SPAN("a2"), SPAN(OTHER_TOKEN), &why));
	assert_true(person_keys_wrap_password(dir, SPAN("li"), &pair, SPAN(PASSWORD), &why));
	keys = loaded();
	assert_int_equal(by_token(keys, "li", "a1", TOKEN), PERSON_KEY_OPENED);
	assert_int_equal(by_token(keys, "li", "a2", OTHER_TOKEN), PERSON_KEY_OPENED);
	assert_int_equal(by_password(keys, "li", PASSWORD), PERSON_KEY_OPENED);
	assert_true(person_keys_wrap_password(dir, SPAN("li"), &pair, SPAN("another long password"), &why));
	assert_true(person_keys_unwrap(dir, SPAN("li"), SPAN("token:a1"), &why));
	assert_true(person_keys_unwrap(dir, SPAN("li"), SPAN("token:a1"), &why));
	assert_true(person_keys_unwrap(dir, SPAN("nobody"), SPAN("password"), &why));
	assert_true(person_keys_refresh(keys, &why));
	assert_int_equal(by_password(keys, "li", PASSWORD), PERSON_KEY_WRONG);
	assert_int_equal(by_password(keys, "li", "another long password"), PERSON_KEY_OPENED);
	assert_int_equal(by_token(keys, "li", "a1", TOKEN), PERSON_KEY_WRONG);
	assert_int_equal(by_token(keys, "li", "a2", OTHER_TOKEN), PERSON_KEY_OPENED);
	person_pair_release(&pair);
	person_keys_free(keys);
}

/* By it a session knows that another password was chosen, or that the account was recovered. */
static void the_mark_is_that_of_the_password(void **state)
{
	unsigned char first[PERSON_PASSWORD_MARK_BYTES], second[PERSON_PASSWORD_MARK_BYTES];
	struct person_pair pair;
	struct person_keys *keys;

	(void)state;
	make_by_token("wang");
	assert_true(person_keys_make(dir, SPAN("li"), SPAN(PASSWORD), NONE, NONE, &pair, &why));
	keys = loaded();
	assert_false(person_keys_password_mark(keys, SPAN("wang"), first));
	assert_false(person_keys_password_mark(keys, SPAN("nobody"), first));
	assert_true(person_keys_password_mark(keys, SPAN("li"), first));
	assert_true(person_keys_wrap_token(dir, SPAN("li"), &pair, SPAN("a2"), SPAN(OTHER_TOKEN), &why));
	assert_true(person_keys_refresh(keys, &why));
	assert_true(person_keys_password_mark(keys, SPAN("li"), second));
	assert_memory_equal(first, second, sizeof(first));
	assert_true(person_keys_wrap_password(dir, SPAN("li"), &pair, SPAN(PASSWORD), &why));   /* the same one, chosen anew */
	assert_true(person_keys_refresh(keys, &why));
	assert_true(person_keys_password_mark(keys, SPAN("li"), second));
	assert_memory_not_equal(first, second, sizeof(first));
	assert_true(person_keys_unwrap(dir, SPAN("li"), SPAN("password"), &why));
	assert_true(person_keys_refresh(keys, &why));
	assert_false(person_keys_password_mark(keys, SPAN("li"), second));
	person_pair_release(&pair);
	person_keys_free(keys);
}

static void what_is_not_allowed_is_said(void **state)
{
	struct person_pair pair, other;

	(void)state;
	assert_false(person_keys_make(dir, SPAN("li"), SPAN("elevenchars"), NONE, NONE, &pair, &why));
	assert_non_null(strstr(why.text, "12 characters"));
	assert_null(pair.secret_key);
	assert_false(person_keys_make(dir, SPAN("li"), SPAN("twelve bytes\xff"), NONE, NONE, &pair, &why));
	assert_false(person_keys_make(dir, SPAN("li"), NONE, NONE, NONE, &pair, &why));
	assert_false(person_keys_make(dir, SPAN("li"), SPAN(PASSWORD), SPAN("a1"), SPAN(TOKEN), &pair, &why));
	assert_false(person_keys_make(dir, SPAN("li"), NONE, SPAN("a1"), SPAN("short"), &pair, &why));
	assert_false(person_keys_make(dir, SPAN("li wei"), SPAN(PASSWORD), NONE, NONE, &pair, &why));
	assert_int_not_equal(access(file, F_OK), 0);
	assert_true(person_keys_make(dir, SPAN("li"), NONE, SPAN("a1"), SPAN(TOKEN), &pair, &why));
	assert_false(person_keys_make(dir, SPAN("li"), NONE, SPAN("a1"), SPAN(TOKEN), &other, &why));
	assert_non_null(strstr(why.text, "already"));
	assert_false(person_keys_wrap_token(dir, SPAN("wang"), &pair, SPAN("a1"), SPAN(TOKEN), &why));
	assert_true(person_keys_make(dir, SPAN("wang"), NONE, SPAN("a1"), SPAN(TOKEN), &other, &why));
	assert_false(person_keys_wrap_token(dir, SPAN("li"), &other, SPAN("a1"), SPAN(TOKEN), &why));
	assert_non_null(strstr(why.text, "another key pair"));
	person_pair_release(&pair);
	person_pair_release(&other);
}

/* --- the file --------------------------------------------------------------------- */

static void secrets_are_not_in_the_file(void **state)
{
	struct person_pair pair;
	struct buf bytes = { 0 };
	char hex[2 * PERSON_KEY_BYTES + 1];

	(void)state;
	assert_true(person_keys_make(dir, SPAN("li"), SPAN(PASSWORD), NONE, NONE, &pair, &why));
	assert_true(person_keys_wrap_token(dir, SPAN("li"), &pair, SPAN("a1"), SPAN(TOKEN), &why));
	assert_true(files_read(file, 10000, &bytes, &why));
	sodium_bin2hex(hex, sizeof(hex), pair.secret_key, PERSON_KEY_BYTES);
	assert_int_equal(span_find(buf_span(&bytes), span_of(hex)), bytes.len);
	assert_int_equal(span_find(buf_span(&bytes), SPAN("battery")), bytes.len);
	assert_int_equal(span_find(buf_span(&bytes), SPAN("0123456789abcdefghijkl")), bytes.len);
	buf_release(&bytes);
	person_pair_release(&pair);
}

/* Cut anywhere, the file is refused and no change writes over it. */
static void a_torn_file_is_refused_and_left_alone(void **state)
{
	struct person_keys *keys;
	struct buf whole = { 0 }, now = { 0 };
	struct person_pair pair;

	(void)state;
	make_by_token("li");
	make_by_token("wang");
	keys = loaded();
	assert_true(files_read(file, 10000, &whole, &why));
	for (size_t cut = 1; cut < whole.len; cut += 7) {
		struct person_rows rows = { 0 };
		struct span part = span_from(whole.at, cut);

		assert_int_equal(person_rows_parse(&rows, part, &why), part.at[cut - 1] == '\n');
		person_rows_release(&rows);
	}
	assert_true(files_replace(file, span_from(whole.at, whole.len - 20), 0600, &why));
	assert_false(person_keys_refresh(keys, &why));
	assert_non_null(strstr(why.text, PERSON_KEYS_FILE ":2"));
	assert_int_equal(by_token(keys, "wang", "a1", TOKEN), PERSON_KEY_OPENED);
	assert_null(person_keys_load(dir, &why));
	assert_false(person_keys_make(dir, SPAN("zhao"), NONE, SPAN("a1"), SPAN(TOKEN), &pair, &why));
	assert_false(person_keys_unwrap(dir, SPAN("li"), SPAN("token:a1"), &why));
	assert_true(files_read(file, 10000, &now, &why));
	assert_true(span_eq(buf_span(&now), span_from(whole.at, whole.len - 20)));
	buf_release(&whole);
	buf_release(&now);
	person_keys_free(keys);
}

static void wrong_lines_are_named(void **state)
{
	static const char *const lines[] = {
		"[]\n",
		"{}\n",
		"{\"person\":\"a b\"}\n",
		"{\"person\":\"a\",\"public\":\"00\"}\n",
		"{\"person\":\"a\",\"public\":\"0000000000000000000000000000000000000000000000000000000000000000\"}\n",
		"{\"person\":\"a\",\"public\":\"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"made\":\"2026-11-21T18:06:27Z\"}\n",
		"{\"person\":\"a\",\"public\":\"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"made\":\"2026-11-21T18:06:27Z\",\"wraps\":[1]}\n",
		"{\"person\":\"a\",\"public\":\"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"made\":\"2026-11-21T18:06:27Z\",\"wraps\":[{\"by\":\"token:\"}]}\n",
		"{\"person\":\"a\",\"public\":\"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"made\":\"2026-11-21T18:06:27Z\",\"wraps\":[{\"by\":\"password\","
		"\"salt\":\"00000000000000000000000000000000\",\"ops\":2,\"mem\":99999999}]}\n",
		"{\"person\":\"a\",\"public\":\"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"made\":\"2026-11-21T18:06:27Z\",\"wraps\":[{\"by\":\"token:1\","
		"\"salt\":\"00000000000000000000000000000000\",\"box\":\"00\"}]}\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct person_rows rows = { 0 };

		assert_false(person_rows_parse(&rows, span_of(lines[i]), &why));
		assert_int_equal(why.line, 1);
		assert_int_equal(rows.n, 0);
		person_rows_release(&rows);
	}
}

static void write_some(int writer)
{
	char person[20];
	struct person_pair pair;

	for (int i = 0; i < 8; i++) {
		snprintf(person, sizeof(person), "w%d.%d", writer, i);
		if (!person_keys_make(dir, span_of(person), NONE, SPAN("a1"), SPAN(TOKEN), &pair, &why) ||
		    !person_keys_wrap_token(dir, span_of(person), &pair, SPAN("a2"), SPAN(OTHER_TOKEN), &why))
			_exit(1);
		person_pair_release(&pair);
	}
	_exit(0);
}

static void two_writers_lose_nothing(void **state)
{
	struct person_keys *keys;
	char person[20];

	(void)state;
	for (int writer = 0; writer < 2; writer++)
		if (fork() == 0)
			write_some(writer);
	for (int writer = 0, status; writer < 2; writer++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	keys = loaded();
	for (int i = 0; i < 16; i++) {
		snprintf(person, sizeof(person), "w%d.%d", i / 8, i % 8);
		assert_int_equal(by_token(keys, person, "a1", TOKEN), PERSON_KEY_OPENED);
		assert_int_equal(by_token(keys, person, "a2", OTHER_TOKEN), PERSON_KEY_OPENED);
	}
	person_keys_free(keys);
}

static void *open_many(void *keys)
{
	struct person_pair pair;
	intptr_t opened = 0;

	for (int i = 0; i < 4; i++) {
		opened += person_keys_open_password(keys, SPAN("li"), SPAN(PASSWORD), &pair) == PERSON_KEY_OPENED;
		person_pair_release(&pair);
	}
	return (void *)opened;
}

/* A password is tried in a worker while the loop's thread reads the file again. */
static void a_refresh_may_fall_into_a_trial(void **state)
{
	struct person_pair pair;
	struct person_keys *keys;
	pthread_t thread;
	void *opened;

	(void)state;
	assert_true(person_keys_make(dir, SPAN("li"), SPAN(PASSWORD), NONE, NONE, &pair, &why));
	keys = loaded();
	assert_int_equal(pthread_create(&thread, NULL, open_many, keys), 0);
	for (int i = 0; i < 20; i++) {
		assert_true(person_keys_wrap_token(dir, SPAN("li"), &pair, SPAN("a1"), SPAN(TOKEN), &why));
		assert_true(person_keys_refresh(keys, &why));
	}
	assert_int_equal(pthread_join(thread, &opened), 0);
	assert_int_equal((intptr_t)opened, 4);
	person_pair_release(&pair);
	person_keys_free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_missing_file_holds_nobody, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_password_opens_what_was_made_with_it, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(nothing_else_opens, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(every_wrong_password_costs_the_same, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_wrap_is_bound_to_its_row, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(an_exchanged_public_half_is_noticed, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(further_ways_open_the_same_pair, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(the_mark_is_that_of_the_password, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(what_is_not_allowed_is_said, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(secrets_are_not_in_the_file, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_torn_file_is_refused_and_left_alone, make_dir, remove_dir),
		cmocka_unit_test(wrong_lines_are_named),
		cmocka_unit_test_setup_teardown(two_writers_lose_nothing, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_refresh_may_fall_into_a_trial, make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
