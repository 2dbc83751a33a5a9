/*
 * Staff tokens: found by their text alone, gone when revoked or expired, and
 * no secret in the file.
 */
#include "daemon/base/table.h"
#include "daemon/sys/files.h"
#include "daemon/sys/tokens.h"
#include "daemon/sys/tokens_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW INT64_C(1795284387000)

static char dir[64];
static char file[100];
static struct complaint why;

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tipline-tokens-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/" TOKENS_FILE, dir);
	return 0;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static struct token wanted(const char *person, unsigned roles, const char *region)
{
	struct token token = { .roles = roles };

	snprintf(token.person, sizeof(token.person), "%s", person);
	snprintf(token.region, sizeof(token.region), "%s", region);
	return token;
}

static void a_scope_is_kept_with_the_token(void **state)
{
	static const char *const wrong[] = { "Tip", "ti*p", "a  b", " a", "a ", "tip/x" };
	struct token token = wanted("li", TOKEN_OFFICER, "000000");
	char text[TOKEN_TEXT_BYTES + 1];
	struct tokens *tokens;
	struct tokens_file rows = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		snprintf(token.scope, sizeof(token.scope), "%s", wrong[i]);
		assert_false(token_add(dir, &token, NOW, text, &why));
		assert_non_null(strstr(why.text, "scope"));
	}
	snprintf(token.scope, sizeof(token.scope), "queues tip*");
	assert_true(token_add(dir, &token, NOW, text, &why));
	tokens = tokens_load(dir, &why);
	assert_string_equal(tokens_at(tokens, 0)->scope, "queues tip*");
	tokens_free(tokens);
	/* A list without words would allow everything. */
	assert_false(tokens_file_parse(&rows,
				       SPAN("{\"id\":\"1\",\"sha256\":\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\","
					    "\"person\":\"li\",\"roles\":[\"officer\"],\"region\":\"000000\",\"scope\":[]}\n"),
				       &why));
	assert_non_null(strstr(why.text, "scope"));
	tokens_file_release(&rows);
}

static void an_added_token_is_found(void **state)
{
	struct token token = wanted("li.wei", TOKEN_OFFICER | TOKEN_VERIFIER, "150600");
	char text[TOKEN_TEXT_BYTES + 1];
	struct tokens *tokens;
	const struct token *found;
	struct stat st;

	(void)state;
	assert_true(token_add(dir, &token, NOW, text, &why));
	assert_int_equal(strlen(text), TOKEN_TEXT_BYTES);
	tokens = tokens_load(dir, &why);
	assert_non_null(tokens);
	found = tokens_find(tokens, span_of(text), NOW);
	assert_non_null(found);
	assert_string_equal(found->person, "li.wei");
	assert_string_equal(found->region, "150600");
	assert_string_equal(found->id, token.id);
	assert_int_equal(found->roles, TOKEN_OFFICER | TOKEN_VERIFIER);
	assert_int_equal(found->created_ms, NOW);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	tokens_free(tokens);
}

static void every_other_text_is_refused(void **state)
{
	struct token token = wanted("a", TOKEN_ADMIN, "000000");
	char text[TOKEN_TEXT_BYTES + 1];
	struct tokens *tokens;

	(void)state;
	assert_true(token_add(dir, &token, NOW, text, &why));
	tokens = tokens_load(dir, &why);
	for (size_t i = 0; i < TOKEN_TEXT_BYTES; i++) {
		text[i] ^= 1;
		assert_null(tokens_find(tokens, span_of(text), NOW));
		text[i] ^= 1;
		assert_null(tokens_find(tokens, span_from(text, i), NOW));
	}
	assert_non_null(tokens_find(tokens, span_of(text), NOW));
	assert_null(tokens_find(tokens, (struct span){ 0 }, NOW));
	tokens_free(tokens);
}

static void the_file_holds_no_token(void **state)
{
	struct token token = wanted("a", TOKEN_ADMIN, "000000");
	char text[TOKEN_TEXT_BYTES + 1];
	struct buf bytes = { 0 };

	(void)state;
	assert_true(token_add(dir, &token, NOW, text, &why));
	assert_true(files_read(file, 10000, &bytes, &why));
	assert_int_equal(span_find(buf_span(&bytes), span_of(text + 4)), bytes.len);
	buf_release(&bytes);
}

static void tokens_expire(void **state)
{
	struct token token = wanted("a", TOKEN_ADMIN, "000000");
	char text[TOKEN_TEXT_BYTES + 1];
	struct tokens *tokens;

	(void)state;
	token.expires_ms = NOW + 10000;
	assert_true(token_add(dir, &token, NOW, text, &why));
	tokens = tokens_load(dir, &why);
	assert_non_null(tokens_find(tokens, span_of(text), NOW + 9999));
	assert_null(tokens_find(tokens, span_of(text), NOW + 10000));
	assert_ptr_equal(tokens_named(tokens, span_of(token.id), NOW + 9999), tokens_at(tokens, 0));
	assert_null(tokens_named(tokens, span_of(token.id), NOW + 10000));
	assert_null(tokens_named(tokens, span_from(token.id, 15), NOW));
	assert_null(tokens_named(tokens, (struct span){ 0 }, NOW));
	tokens_free(tokens);
}

static void refresh_follows_the_file(void **state)
{
	struct token first = wanted("a", TOKEN_OFFICER, "000000"), second = wanted("b", TOKEN_ADMIN, "110000");
	char one[TOKEN_TEXT_BYTES + 1], two[TOKEN_TEXT_BYTES + 1];
	struct tokens *tokens = tokens_load(dir, &why);

	(void)state;
	assert_int_equal(tokens_count(tokens), 0);
	assert_true(token_add(dir, &first, NOW, one, &why));
	assert_null(tokens_find(tokens, span_of(one), NOW));
	assert_true(tokens_refresh(tokens, &why));
	assert_non_null(tokens_find(tokens, span_of(one), NOW));
	assert_true(token_add(dir, &second, NOW, two, &why));
	assert_true(token_revoke(dir, span_of(first.id), &why));
	assert_false(token_revoke(dir, span_of(first.id), &why));
	assert_true(tokens_refresh(tokens, &why));
	assert_null(tokens_find(tokens, span_of(one), NOW));
	assert_string_equal(tokens_find(tokens, span_of(two), NOW)->person, "b");
	unlink(file);
	assert_true(tokens_refresh(tokens, &why));
	assert_int_equal(tokens_count(tokens), 0);
	tokens_free(tokens);
}

static void a_broken_file_keeps_the_tokens_in_use(void **state)
{
	struct token token = wanted("a", TOKEN_OFFICER, "000000");
	char text[TOKEN_TEXT_BYTES + 1];
	struct tokens *tokens;

	(void)state;
	assert_true(token_add(dir, &token, NOW, text, &why));
	tokens = tokens_load(dir, &why);
	assert_true(files_append(file, SPAN("{half a li"), 0600, &why));
	assert_false(tokens_refresh(tokens, &why));
	assert_int_equal(why.line, 2);
	assert_non_null(tokens_find(tokens, span_of(text), NOW));
	assert_int_equal(chmod(file, 0644), 0);
	tokens_free(tokens);
	assert_null(tokens_load(dir, &why));
}

static void adding_at_once_loses_nothing(void **state)
{
	struct tokens *tokens;

	(void)state;
	for (int i = 0; i < 8; i++) {
		if (fork() == 0) {
			struct token token = wanted("p", TOKEN_OFFICER, "000000");
			char text[TOKEN_TEXT_BYTES + 1];
			bool well = true;

			for (int j = 0; j < 5; j++)
				well = token_add(dir, &token, NOW, text, &why) && well;
			_exit(well ? 0 : 1);
		}
	}
	for (int i = 0; i < 8; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	tokens = tokens_load(dir, &why);
	assert_int_equal(tokens_count(tokens), 40);
	tokens_free(tokens);
}

#define HASH "\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\""

static void wrong_lines_are_told(void **state)
{
	static const struct {
		const char *line;
		const char *names;
	} wrong[] = {
		{ .line = "[]", .names = "the line" },
		{ .line = "{}", .names = "id" },
		{ .line = "{\"id\":\"a\"}", .names = "sha256" },
		{ .line = "{\"id\":\"a\",\"sha256\":\"00\"}", .names = "sha256" },
		{ .line = "{\"id\":\"a\"," HASH "}", .names = "person" },
		{ .line = "{\"id\":\"a\"," HASH ",\"person\":\"a b\"}", .names = "person" },
		{ .line = "{\"id\":\"a\"," HASH ",\"person\":\"a\",\"roles\":[]}", .names = "roles" },
		{ .line = "{\"id\":\"a\"," HASH ",\"person\":\"a\",\"roles\":[\"root\"]}", .names = "roles" },
		{ .line = "{\"id\":\"a\"," HASH ",\"person\":\"a\",\"roles\":[\"admin\"]}", .names = "region" },
		{ .line = "{\"id\":\"a\"," HASH ",\"person\":\"a\",\"roles\":[\"admin\"],\"region\":\"150002\"}",
		  .names = "region" },
		{ .line = "{\"id\":\"a\"," HASH
			  ",\"person\":\"a\",\"roles\":[\"admin\"],\"region\":\"150000\",\"expires\":\"soon\"}",
		  .names = "expires" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct tokens_file rows = { 0 };

		assert_false(tokens_file_parse(&rows, span_of(wrong[i].line), &why));
		assert_int_equal(why.line, 1);
		assert_non_null(strstr(why.text, wrong[i].names));
		tokens_file_release(&rows);
	}
}

static void printing_and_parsing_are_reverse(void **state)
{
	struct tokens_file rows = { 0 }, again = { 0 };
	struct buf text = { 0 }, second = { 0 };

	(void)state;
	for (unsigned i = 1; i < 1u << TOKEN_ROLES; i++) {
		struct token token = wanted("x", i, "469001");

		snprintf(token.id, sizeof(token.id), "%u", i);
		memset(token.sha256, (int)i, sizeof(token.sha256));
		token.created_ms = NOW;
		token.expires_ms = i % 2 == 0 ? 0 : NOW + (int64_t)i * 1000;
		tokens_file_add(&rows, &token);
	}
	tokens_file_print(&rows, &text);
	assert_true(tokens_file_parse(&again, buf_span(&text), &why));
	assert_int_equal(again.n, rows.n);
	tokens_file_print(&again, &second);
	assert_true(span_eq(buf_span(&text), buf_span(&second)));
	tokens_file_release(&rows);
	tokens_file_release(&again);
	buf_release(&text);
	buf_release(&second);
}

static void what_is_wanted_is_checked(void **state)
{
	struct token wrong[] = { wanted("", TOKEN_ADMIN, "000000"), wanted("a", 0, "000000"),
				 wanted("a", TOKEN_ADMIN, "15"), wanted("a\n", TOKEN_ADMIN, "150000") };
	char text[TOKEN_TEXT_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(token_add(dir, &wrong[i], NOW, text, &why));
	assert_int_equal(access(file, F_OK), -1);
}

static void regions_are_subtrees(void **state)
{
	(void)state;
	assert_true(token_region_covers("000000", "150602"));
	assert_true(token_region_covers("150000", "150602"));
	assert_true(token_region_covers("150600", "150602"));
	assert_true(token_region_covers("150602", "150602"));
	assert_false(token_region_covers("150602", "150600"));
	assert_false(token_region_covers("150600", "150702"));
	assert_false(token_region_covers("150000", "110000"));
	assert_false(token_region_covers("150000", "000000"));
}

static void demo_accounts_are_made_once_and_put_back(void **state)
{
	char demo[100];
	struct buf before = { 0 }, after = { 0 };
	struct tokens *tokens;
	struct stat st;

	(void)state;
	snprintf(demo, sizeof(demo), "%s/" DEMO_FILE, dir);
	assert_true(demo_create(dir, NOW, &why));
	assert_int_equal(stat(demo, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(files_read(demo, 10000, &before, &why));
	unlink(file);
	assert_true(demo_create(dir, NOW, &why));
	assert_true(demo_create(dir, NOW, &why));
	assert_true(files_read(demo, 10000, &after, &why));
	assert_true(span_eq(buf_span(&before), buf_span(&after)));
	tokens = tokens_load(dir, &why);
	/* A second person where two have to agree. */
	assert_int_equal(tokens_count(tokens), TOKEN_ROLES + 2);
	for (unsigned i = 0; i < TOKEN_ROLES; i++) {
		char member[40];
		struct span text = buf_span(&after);
		const struct token *found;

		snprintf(member, sizeof(member), "\"%s\":\"", token_role_name(i));
		text = span_from_offset(text, span_find(text, span_of(member)) + strlen(member));
		text.len = TOKEN_TEXT_BYTES;
		found = tokens_find(tokens, text, NOW);
		assert_non_null(found);
		assert_int_equal(found->roles, 1u << i);
		assert_string_equal(found->region, "000000");
	}
	tokens_free(tokens);
	buf_release(&before);
	buf_release(&after);
}

/* --- who wants to know ------------------------------------------------------------ */

struct heard {
	unsigned came, went;
	char last[TOKEN_PERSON_MAX + 1];
};

static void hear(void *ctx, const struct token *token, bool came)
{
	struct heard *heard = ctx;

	heard->came += came;
	heard->went += !came;
	snprintf(heard->last, sizeof(heard->last), "%s", token->person);
}

static void rows_that_come_and_go_are_told(void **state)
{
	struct token li = wanted("li", TOKEN_OFFICER, "150600"), wang = wanted("wang", TOKEN_AUDITOR, "000000");
	char text[TOKEN_TEXT_BYTES + 1];
	struct heard heard = { 0 };
	struct tokens *tokens;
	struct buf bytes = { 0 };
	size_t at;

	(void)state;
	assert_true(token_add(dir, &li, NOW, text, &why));
	tokens = tokens_load(dir, &why);
	tokens_watch(tokens, (struct tokens_watch){ .changed = hear, .ctx = &heard });
	assert_true(tokens_refresh(tokens, &why));
	assert_int_equal(heard.came + heard.went, 0);
	assert_true(token_add(dir, &wang, NOW, text, &why));
	assert_true(tokens_refresh(tokens, &why));
	assert_int_equal(heard.came, 1);
	assert_string_equal(heard.last, "wang");
	assert_true(token_revoke(dir, span_of(li.id), &why));
	assert_true(tokens_refresh(tokens, &why));
	assert_int_equal(heard.went, 1);
	assert_string_equal(heard.last, "li");
	/* Other rights under the same id: it went and came. */
	assert_true(files_read(file, 65536, &bytes, &why));
	at = span_find(buf_span(&bytes), SPAN("000000"));
	assert_true(at < bytes.len);
	bytes.at[at] = '1';
	bytes.at[at + 1] = '5';
	assert_true(files_replace(file, buf_span(&bytes), 0600, &why));
	assert_true(tokens_refresh(tokens, &why));
	assert_int_equal(heard.came, 2);
	assert_int_equal(heard.went, 2);
	buf_release(&bytes);
	tokens_free(tokens);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_scope_is_kept_with_the_token),
		TEST(rows_that_come_and_go_are_told),
		TEST(an_added_token_is_found),
		TEST(every_other_text_is_refused),
		TEST(the_file_holds_no_token),
		TEST(tokens_expire),
		TEST(refresh_follows_the_file),
		TEST(a_broken_file_keeps_the_tokens_in_use),
		TEST(adding_at_once_loses_nothing),
		TEST(wrong_lines_are_told),
		TEST(printing_and_parsing_are_reverse),
		TEST(what_is_wanted_is_checked),
		TEST(regions_are_subtrees),
		TEST(demo_accounts_are_made_once_and_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
