/*
 * Sessions: how long they live, how many there are, and who is told.
 */
#include "handlers/staff/sessions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <sodium.h>
#include <string.h>

#define MINUTE UINT64_C(60000)
#define IDLE (15 * MINUTE)

static struct sessions *sessions;
static char told[4096];
static const unsigned char mark[PERSON_PASSWORD_MARK_BYTES] = { 7 };

static void ended(void *ctx, const struct session *session, const char *why)
{
	(void)ctx;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s %s;", session->person, why);
}

static int begin(void **state)
{
	(void)state;
	assert_true(sodium_init() >= 0);
	told[0] = '\0';
	sessions = sessions_new(IDLE, (struct sessions_watch){ .ended = ended });
	return 0;
}

static int finish(void **state)
{
	(void)state;
	sessions_free(sessions);
	return 0;
}

static struct session *enter(const char *person, uint64_t now_ms, char text[SESSION_TEXT + 1])
{
	unsigned char secret[PERSON_KEY_BYTES] = { 9 };
	struct person_pair pair = { .secret_key = secret };

	return sessions_begin(sessions, &(struct session_begin){ .person = span_of(person), .region = "150600", .password_mark = mark,
								   .pair = &pair, .now_ms = now_ms }, text);
}

static bool lives(const char *text, uint64_t now_ms)
{
	return sessions_find(sessions, span_of(text), now_ms) != NULL;
}

static void it_is_found_by_its_cookie_alone(void **state)
{
	char text[SESSION_TEXT + 1], other[SESSION_TEXT + 1];
	struct session *session = enter("chen", 1000, text);

	(void)state;
	assert_ptr_equal(sessions_find(sessions, span_of(text), 1000), session);
	assert_string_equal(session->person, "chen");
	assert_string_equal(session->region, "150600");
	assert_int_equal(session->pair.secret_key[0], 9);
	assert_int_equal(strlen(session->name), SESSION_NAME);
	assert_ptr_equal(sessions_named(sessions, span_of(session->name)), session);
	strcpy(other, text);
	other[5] = other[5] == 'a' ? 'b' : 'a';
	assert_false(lives(other, 1000));
	assert_false(lives(session->name, 1000));
	assert_false(lives("", 1000));
	assert_null(strstr((const char *)session->csrf, text));
	/* What is kept is no cookie. */
	assert_null(memmem(session, sizeof(*session), text, SESSION_TEXT));
}

static void the_word_against_other_pages(void **state)
{
	char text[SESSION_TEXT + 1], word[SESSION_TEXT + 1];
	struct session *session = enter("chen", 1000, text);

	(void)state;
	strcpy(word, session->csrf);
	assert_true(session_csrf_is(session, span_of(word)));
	assert_false(session_csrf_is(session, span_of(text)));
	word[SESSION_TEXT - 1] ^= 1;
	assert_false(session_csrf_is(session, span_of(word)));
	assert_false(session_csrf_is(session, (struct span){ 0 }));
}

static void who_rests_too_long_is_out(void **state)
{
	char text[SESSION_TEXT + 1];

	(void)state;
	enter("chen", 1000, text);
	assert_true(lives(text, 1000 + IDLE - 1));
	assert_true(lives(text, 1000 + 2 * IDLE - 2));
	assert_false(lives(text, 1000 + 3 * IDLE - 2));
	assert_string_equal(told, "chen idle;");
	assert_int_equal(sessions_count(sessions), 0);
}

static void eight_hours_are_the_end(void **state)
{
	char text[SESSION_TEXT + 1];
	uint64_t at = 1000;

	(void)state;
	enter("chen", at, text);
	for (; at < 1000 + SESSION_TOTAL_MS; at += 10 * MINUTE)
		assert_true(lives(text, at));
	assert_false(lives(text, 1000 + SESSION_TOTAL_MS));
	assert_string_equal(told, "chen over;");
}

static void one_person_displaces_only_own_sessions(void **state)
{
	char li[SESSION_TEXT + 1], chen[SESSIONS_OF_PERSON + 2][SESSION_TEXT + 1];

	(void)state;
	enter("li", 1, li);
	for (uint64_t i = 0; i < SESSIONS_OF_PERSON; i++)
		enter("chen", 10 + i, chen[i]);
	assert_true(lives(chen[0], 50));
	enter("chen", 60, chen[SESSIONS_OF_PERSON]);
	assert_false(lives(chen[1], 60));
	assert_true(lives(chen[0], 60));
	assert_true(lives(li, 60));
	assert_string_equal(told, "chen room;");
}

static void all_together_are_bounded(void **state)
{
	char text[SESSION_TEXT + 1], first[SESSION_TEXT + 1], person[16];

	(void)state;
	enter("first", 1, first);
	for (unsigned i = 1; i < SESSIONS_MAX + 3; i++) {
		snprintf(person, sizeof(person), "p%u", i);
		enter(person, 10 + i, text);
	}
	assert_int_equal(sessions_count(sessions), SESSIONS_MAX);
	assert_false(lives(first, 500));
	assert_string_equal(told, "first room;p1 room;p2 room;");
}

static bool not_of_li(void *ctx, const struct session *session, const char **why)
{
	(void)ctx;
	*why = "account";
	return strcmp(session->person, "li") != 0;
}

static void others_end_them(void **state)
{
	char one[SESSION_TEXT + 1], two[SESSION_TEXT + 1], li[SESSION_TEXT + 1];
	struct session *session;

	(void)state;
	session = enter("chen", 1, one);
	enter("chen", 2, two);
	enter("li", 3, li);
	assert_int_equal(sessions_count_of(sessions, SPAN("chen")), 2);
	assert_int_equal(sessions_count_of(sessions, SPAN("li")), 1);
	assert_int_equal(sessions_count_of(sessions, SPAN("nobody")), 0);
	sessions_end_of(sessions, SPAN("chen"), session, "password");
	assert_true(lives(one, 4));
	assert_false(lives(two, 4));
	assert_int_equal(sessions_count_of(sessions, SPAN("chen")), 1);
	sessions_sweep(sessions, 5, not_of_li, NULL);
	assert_false(lives(li, 5));
	sessions_end(sessions, session, "sign_out");
	sessions_end(sessions, session, "sign_out");
	assert_string_equal(told, "chen password;li account;chen sign_out;");
	enter("chen", 6, one);
	sessions_sweep(sessions, 6 + IDLE, not_of_li, NULL);
	assert_int_equal(sessions_count(sessions), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_found_by_its_cookie_alone, begin, finish),
		cmocka_unit_test_setup_teardown(the_word_against_other_pages, begin, finish),
		cmocka_unit_test_setup_teardown(who_rests_too_long_is_out, begin, finish),
		cmocka_unit_test_setup_teardown(eight_hours_are_the_end, begin, finish),
		cmocka_unit_test_setup_teardown(one_person_displaces_only_own_sessions, begin, finish),
		cmocka_unit_test_setup_teardown(all_together_are_bounded, begin, finish),
		cmocka_unit_test_setup_teardown(others_end_them, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
