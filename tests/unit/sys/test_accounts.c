/*
 * The register of staff: what grants say at a time and place, and which changes
 * are refused. The file itself: test_accounts_file.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/sys/files.h"
#include "daemon/sys/person_keys.h"
#include "daemon/sys/accounts.h"
#include "daemon/sys/accounts_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW INT64_C(1795363200000)
#define HOUR INT64_C(3600000)
#define TOKEN "tip_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
#define ROOT ((struct span){ 0 })   /* the machine's operator */

static char dir[64];
static struct complaint why;

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tipline-staff-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static struct accounts *loaded(void)
{
	struct accounts *reg = accounts_load(dir, &why);

	assert_non_null(reg);
	return reg;
}

static void invite(const char *person, char code[ACCOUNT_SETUP_CODE_BYTES + 1])
{
	assert_true(account_invite(dir, span_of(person), SPAN("Somebody"), NOW, code, &why));
}

/* Invited and set up. */
static void make_active(const char *person)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	invite(person, code);
	assert_true(account_set_up(dir, span_of(person), span_of(code), SPAN("sealed"), NOW, &why));
}

static struct account_grant grant_of(unsigned role, const char *region, int64_t from_ms, int64_t until_ms)
{
	struct account_grant grant = { .role = role, .from_ms = from_ms, .until_ms = until_ms };

	snprintf(grant.region, sizeof(grant.region), "%s", region);
	return grant;
}

static bool give(struct span by, const char *person, unsigned role, const char *region, int64_t from_ms, int64_t until_ms)
{
	struct account_grant grant = grant_of(role, region, from_ms, until_ms);

	return account_grant_add(dir, by, span_of(person), &grant, &why);
}

static unsigned roles_at(const char *person, const char *region, int64_t now_ms)
{
	struct accounts *reg = loaded();
	unsigned roles = account_roles_at(accounts_find(reg, span_of(person)), region, now_ms);

	accounts_free(reg);
	return roles;
}

static const char *region_of(const char *person, struct span asked, int64_t now_ms)
{
	static char region[7];
	struct accounts *reg = loaded();
	bool found = account_region_of(accounts_find(reg, span_of(person)), asked, now_ms, region);

	accounts_free(reg);
	return found ? region : "none";
}

/* --- rights ---------------------------------------------------------------------- */

static void a_missing_file_holds_nobody(void **state)
{
	struct accounts *reg = loaded();

	(void)state;
	assert_int_equal(accounts_count(reg), 0);
	assert_null(accounts_find(reg, SPAN("li")));
	assert_null(accounts_at(reg, 0));
	accounts_free(reg);
}

static void a_grant_holds_from_and_until(void **state)
{
	(void)state;
	make_active("li");
	assert_true(give(ROOT, "li", TOKEN_OFFICER, "150000", NOW, NOW + HOUR));
	assert_int_equal(roles_at("li", "150000", NOW - 1), 0);
	assert_int_equal(roles_at("li", "150000", NOW), TOKEN_OFFICER);
	assert_int_equal(roles_at("li", "150000", NOW + HOUR - 1), TOKEN_OFFICER);
	assert_int_equal(roles_at("li", "150000", NOW + HOUR), 0);
	assert_true(give(ROOT, "li", TOKEN_VERIFIER, "150000", 0, 0));
	assert_int_equal(roles_at("li", "150000", NOW), TOKEN_OFFICER | TOKEN_VERIFIER);
	assert_int_equal(roles_at("li", "150000", NOW + HOUR), TOKEN_VERIFIER);
}

static void a_grant_covers_its_subtree(void **state)
{
	(void)state;
	make_active("li");
	assert_true(give(ROOT, "li", TOKEN_OFFICER, "150600", 0, 0));
	assert_int_equal(roles_at("li", "150600", NOW), TOKEN_OFFICER);
	assert_int_equal(roles_at("li", "150602", NOW), TOKEN_OFFICER);
	assert_int_equal(roles_at("li", "150000", NOW), 0);
	assert_int_equal(roles_at("li", "150700", NOW), 0);
	assert_int_equal(roles_at("li", "000000", NOW), 0);
}

static void the_region_is_named_or_the_only_one(void **state)
{
	(void)state;
	make_active("li");
	assert_string_equal(region_of("li", SPAN(""), NOW), "none");
	assert_true(give(ROOT, "li", TOKEN_OFFICER, "150600", 0, 0));
	assert_true(give(ROOT, "li", TOKEN_VERIFIER, "150600", 0, 0));
	assert_true(give(ROOT, "li", TOKEN_ADMIN, "110000", NOW + HOUR, 0));
	assert_string_equal(region_of("li", SPAN(""), NOW), "150600");
	assert_string_equal(region_of("li", SPAN("150602"), NOW), "150602");
	assert_string_equal(region_of("li", SPAN("110000"), NOW), "none");
	assert_string_equal(region_of("li", SPAN("000000"), NOW), "none");
	assert_string_equal(region_of("li", SPAN("15060"), NOW), "none");
	assert_string_equal(region_of("li", SPAN(""), NOW + HOUR), "none");
	assert_string_equal(region_of("li", SPAN("110000"), NOW + HOUR), "110000");
}

static void who_is_not_active_has_no_roles(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	invite("li", code);
	assert_true(give(ROOT, "li", TOKEN_OFFICER, "000000", 0, 0));
	assert_int_equal(roles_at("li", "110000", NOW), 0);
	assert_string_equal(region_of("li", SPAN(""), NOW), "none");
	assert_true(account_set_up(dir, SPAN("li"), span_of(code), SPAN("sealed"), NOW, &why));
	assert_int_equal(roles_at("li", "110000", NOW), TOKEN_OFFICER);
	assert_true(account_suspend(dir, ROOT, SPAN("li"), true, &why));
	assert_int_equal(roles_at("li", "110000", NOW), 0);
	assert_false(account_suspend(dir, ROOT, SPAN("li"), true, &why));
	assert_true(account_suspend(dir, ROOT, SPAN("li"), false, &why));
	assert_int_equal(roles_at("li", "110000", NOW), TOKEN_OFFICER);
	assert_false(account_suspend(dir, ROOT, SPAN("li"), false, &why));
}

static void a_revoked_grant_is_gone(void **state)
{
	(void)state;
	make_active("li");
	assert_true(give(ROOT, "li", TOKEN_OFFICER, "150600", 0, 0));
	assert_true(give(ROOT, "li", TOKEN_OFFICER, "110000", 0, 0));
	assert_false(account_grant_revoke(dir, ROOT, SPAN("li"), TOKEN_OFFICER, "150000", &why));
	assert_false(account_grant_revoke(dir, ROOT, SPAN("li"), TOKEN_ADMIN, "150600", &why));
	assert_true(account_grant_revoke(dir, ROOT, SPAN("li"), TOKEN_OFFICER, "150600", &why));
	assert_int_equal(roles_at("li", "150602", NOW), 0);
	assert_int_equal(roles_at("li", "110000", NOW), TOKEN_OFFICER);
}

/* --- what is refused ------------------------------------------------------------------ */

static void nobody_changes_their_own_account(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	make_active("li");
	assert_true(give(ROOT, "li", TOKEN_ADMIN, "000000", 0, 0));
	assert_false(give(SPAN("li"), "li", TOKEN_OFFICER, "000000", 0, 0));
	assert_non_null(strstr(why.text, "own"));
	assert_false(account_grant_revoke(dir, SPAN("li"), SPAN("li"), TOKEN_ADMIN, "000000", &why));
	assert_false(account_suspend(dir, SPAN("li"), SPAN("li"), true, &why));
	assert_int_equal(account_recover(dir, SPAN("li"), SPAN("li"), NOW, code, &why), ACCOUNT_RECOVERY_REFUSED);
	assert_int_equal(roles_at("li", "110000", NOW), TOKEN_ADMIN);
	assert_true(give(SPAN("wang"), "li", TOKEN_OFFICER, "000000", 0, 0));
}

static void what_is_no_grant_is_refused(void **state)
{
	(void)state;
	make_active("li");
	assert_false(give(ROOT, "nobody", TOKEN_OFFICER, "000000", 0, 0));
	assert_non_null(strstr(why.text, "tipctl user list"));
	assert_false(give(ROOT, "li", 0, "000000", 0, 0));
	assert_false(give(ROOT, "li", TOKEN_OFFICER | TOKEN_ADMIN, "000000", 0, 0));
	assert_false(give(ROOT, "li", 1u << TOKEN_ROLES, "000000", 0, 0));
	assert_false(give(ROOT, "li", TOKEN_OFFICER, "001500", 0, 0));
	assert_false(give(ROOT, "li", TOKEN_OFFICER, "15", 0, 0));
	assert_false(give(ROOT, "li", TOKEN_OFFICER, "000000", NOW, NOW));
	assert_true(give(ROOT, "li", TOKEN_OFFICER, "000000", NOW, NOW + HOUR));
	assert_false(give(ROOT, "li", TOKEN_OFFICER, "000000", NOW + HOUR / 2, 0));
	assert_non_null(strstr(why.text, "revoke it first"));
	assert_true(give(ROOT, "li", TOKEN_OFFICER, "000000", NOW + HOUR, 0));
}

static void grants_have_an_end(void **state)
{
	char region[7];

	(void)state;
	make_active("li");
	for (int i = 0; i < ACCOUNT_GRANTS_MAX; i++) {
		snprintf(region, sizeof(region), "11%02d00", i + 1);
		assert_true(give(ROOT, "li", TOKEN_OFFICER, region, 0, 0));
	}
	assert_false(give(ROOT, "li", TOKEN_OFFICER, "120000", 0, 0));
	assert_int_equal(roles_at("li", "111600", NOW), TOKEN_OFFICER);
}

static void what_is_no_person_is_refused(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	assert_false(account_invite(dir, SPAN("li wei"), SPAN("Li Wei"), NOW, code, &why));
	assert_false(account_invite(dir, SPAN(""), SPAN("Li Wei"), NOW, code, &why));
	assert_false(account_invite(dir, SPAN("li"), SPAN(""), NOW, code, &why));
	assert_false(account_invite(dir, SPAN("li"), SPAN("Li\nWei"), NOW, code, &why));
	assert_false(account_invite(dir, SPAN("li"), SPAN("Li \xff"), NOW, code, &why));
	assert_true(account_invite(dir, SPAN("li"), SPAN("李 \"威\""), NOW, code, &why));
	assert_false(account_invite(dir, SPAN("li"), SPAN("Li Wei"), NOW, code, &why));
	assert_non_null(strstr(why.text, "already"));
}

/* --- setting up ---------------------------------------------------------------------------- */

static void a_setup_code_works_once(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1], shown[SETUP_CODE_SHOWN_BYTES], typed[SETUP_CODE_SHOWN_BYTES];

	(void)state;
	invite("li", code);
	assert_int_equal(strlen(code), ACCOUNT_SETUP_CODE_BYTES);
	setup_code_shown(code, shown);
	assert_int_equal(strlen(shown), 29);
	assert_false(account_set_up(dir, SPAN("li"), SPAN("0000-0000-0000-0000-0000-0000"), SPAN("sealed"), NOW, &why));
	assert_false(account_set_up(dir, SPAN("li"), SPAN(""), SPAN("sealed"), NOW, &why));
	assert_false(account_set_up(dir, SPAN("wang"), span_of(code), SPAN("sealed"), NOW, &why));
	assert_false(account_set_up(dir, SPAN("li"), span_of(code), SPAN(""), NOW, &why));
	assert_false(account_set_up(dir, SPAN("li"), span_of(code), SPAN("sealed"), NOW + ACCOUNT_SETUP_MS, &why));
	for (size_t i = 0; i < sizeof(typed); i++)
		typed[i] = (char)(shown[i] >= 'A' ? shown[i] + 'a' - 'A' : shown[i]);
	assert_true(account_set_up(dir, SPAN("li"), span_of(typed), SPAN("sealed"), NOW + ACCOUNT_SETUP_MS - 1, &why));
	assert_false(account_set_up(dir, SPAN("li"), span_of(code), SPAN("sealed"), NOW, &why));
}

static void the_secret_of_the_second_factor_is_kept(void **state)
{
	struct accounts *reg;
	const struct account *li;

	(void)state;
	make_active("li");
	reg = loaded();
	li = accounts_find(reg, SPAN("li"));
	assert_true(span_is(li->totp_sealed, "sealed"));
	assert_int_equal(li->totp_step, -1);
	assert_int_equal(li->setup_until_ms, 0);
	assert_int_equal(li->made_ms, NOW);
	assert_string_equal(li->name, "Somebody");
	accounts_free(reg);
}

static void a_step_is_taken_once_and_never_backwards(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	make_active("li");
	assert_true(account_take_step(dir, SPAN("li"), 100, &why));
	assert_false(account_take_step(dir, SPAN("li"), 100, &why));
	assert_false(account_take_step(dir, SPAN("li"), 99, &why));
	assert_true(account_take_step(dir, SPAN("li"), 101, &why));
	assert_false(account_take_step(dir, SPAN("nobody"), 101, &why));
	invite("wang", code);
	assert_false(account_take_step(dir, SPAN("wang"), 100, &why));
}

static int take_step(void)
{
	return account_take_step(dir, SPAN("li"), 100, &why) ? 1 : 0;
}

/* One code, given to several processes at once: one of them takes it. */
static void a_step_is_taken_by_one_process(void **state)
{
	int taken = 0, status;

	(void)state;
	make_active("li");
	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			_exit(take_step());
	for (int i = 0; i < 4; i++) {
		assert_true(wait(&status) > 0);
		taken += WEXITSTATUS(status);
	}
	assert_int_equal(taken, 1);
}

/* --- recovery ----------------------------------------------------------------------------------- */

static enum account_recovery word_of(const char *by, int64_t now_ms, char code[ACCOUNT_SETUP_CODE_BYTES + 1])
{
	return account_recover(dir, span_of(by), SPAN("li"), now_ms, code, &why);
}

static void a_recovery_needs_two_administrators(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];
	struct person_keys *keys;
	struct person_pair pair;

	(void)state;
	make_active("li");
	assert_true(give(ROOT, "li", TOKEN_OFFICER, "110000", 0, 0));
	assert_true(account_take_step(dir, SPAN("li"), 100, &why));
	assert_true(person_keys_make(dir, SPAN("li"), (struct span){ 0 }, SPAN("a1"), SPAN(TOKEN), &pair, &why));
	person_pair_release(&pair);
	assert_int_equal(word_of("", NOW, code), ACCOUNT_RECOVERY_REFUSED);
	assert_int_equal(word_of("admin", NOW, code), ACCOUNT_RECOVERY_WAITS);
	assert_int_equal(word_of("admin", NOW + HOUR, code), ACCOUNT_RECOVERY_WAITS);
	assert_int_equal(roles_at("li", "110000", NOW), TOKEN_OFFICER);
	assert_int_equal(word_of("admin-2", NOW + 2 * HOUR, code), ACCOUNT_RECOVERY_DONE);
	assert_int_equal(roles_at("li", "110000", NOW), 0);
	keys = person_keys_load(dir, &why);
	assert_non_null(keys);
	assert_null(person_keys_public(keys, SPAN("li")));
	person_keys_free(keys);
	assert_false(account_take_step(dir, SPAN("li"), 101, &why));
	assert_true(account_set_up(dir, SPAN("li"), span_of(code), SPAN("new"), NOW + 3 * HOUR, &why));
	assert_int_equal(roles_at("li", "110000", NOW), TOKEN_OFFICER);
	assert_true(account_take_step(dir, SPAN("li"), 50, &why));
}

static void the_first_word_does_not_wait_for_ever(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	make_active("li");
	assert_int_equal(word_of("admin", NOW, code), ACCOUNT_RECOVERY_WAITS);
	assert_int_equal(word_of("admin-2", NOW + ACCOUNT_RECOVERY_MS, code), ACCOUNT_RECOVERY_WAITS);
	assert_int_equal(word_of("admin", NOW + ACCOUNT_RECOVERY_MS + 1, code), ACCOUNT_RECOVERY_DONE);
	assert_int_equal(word_of("admin-2", NOW + ACCOUNT_RECOVERY_MS + 2, code), ACCOUNT_RECOVERY_WAITS);
}

static void a_first_word_is_taken_back(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	make_active("li");
	assert_false(account_cancel_recovery(dir, SPAN("admin"), SPAN("li"), NOW, &why));
	assert_non_null(strstr(why.text, "no recovery of li waits"));
	assert_int_equal(word_of("admin", NOW, code), ACCOUNT_RECOVERY_WAITS);
	assert_false(account_cancel_recovery(dir, SPAN("Li"), SPAN("li"), NOW, &why));
	assert_false(account_cancel_recovery(dir, SPAN("admin"), SPAN("nobody"), NOW, &why));
	assert_false(account_cancel_recovery(dir, SPAN("admin"), SPAN("li"), NOW + ACCOUNT_RECOVERY_MS, &why));
	assert_true(account_cancel_recovery(dir, SPAN("admin-2"), SPAN("li"), NOW + HOUR, &why));
	assert_int_equal(word_of("admin-2", NOW + 2 * HOUR, code), ACCOUNT_RECOVERY_WAITS);
	assert_true(account_cancel_recovery(dir, ROOT, SPAN("li"), NOW + 3 * HOUR, &why));
	assert_int_equal(word_of("admin", NOW + 4 * HOUR, code), ACCOUNT_RECOVERY_WAITS);
	assert_true(account_cancel_recovery(dir, SPAN("admin"), SPAN("li"), NOW + 5 * HOUR, &why));
	assert_false(account_cancel_recovery(dir, SPAN("admin"), SPAN("li"), NOW + 5 * HOUR, &why));
}

static enum account_word grant_word(const char *by, unsigned role, int64_t until_ms, int64_t now_ms)
{
	struct account_grant grant = grant_of(role, "150600", 0, until_ms);

	return account_grant_word(dir, span_of(by), SPAN("li"), &grant, now_ms, &why);
}

/* Or one administrator would approve by a second account what they proposed themselves. */
static void some_grants_take_two_administrators(void **state)
{
	(void)state;
	make_active("li");
	assert_int_equal(grant_word("", TOKEN_APPROVER, 0, NOW), ACCOUNT_WORD_REFUSED);
	assert_int_equal(grant_word("li", TOKEN_APPROVER, 0, NOW), ACCOUNT_WORD_REFUSED);
	assert_int_equal(grant_word("admin", TOKEN_APPROVER, 0, NOW), ACCOUNT_WORD_WAITS);
	assert_int_equal(grant_word("admin", TOKEN_APPROVER, 0, NOW), ACCOUNT_WORD_WAITS);
	assert_int_equal(grant_word("Admin", TOKEN_APPROVER, 0, NOW), ACCOUNT_WORD_WAITS);
	assert_int_equal(roles_at("li", "150600", NOW), 0);
	assert_string_equal(region_of("li", SPAN("150600"), NOW), "none");
	/* What the second one says yes to is what the first one asked for. */
	assert_int_equal(grant_word("other", TOKEN_APPROVER, NOW + HOUR, NOW), ACCOUNT_WORD_WAITS);
	assert_int_equal(roles_at("li", "150600", NOW), 0);
	assert_int_equal(grant_word("other", TOKEN_APPROVER, 0, NOW + HOUR), ACCOUNT_WORD_DONE);
	assert_int_equal(roles_at("li", "150602", NOW), TOKEN_APPROVER);
	assert_int_equal(grant_word("third", TOKEN_APPROVER, NOW + HOUR, NOW), ACCOUNT_WORD_REFUSED);
	/* A word is for a day, and goes with the account of who gave it. */
	assert_int_equal(grant_word("admin", TOKEN_ADMIN, 0, NOW), ACCOUNT_WORD_WAITS);
	assert_int_equal(grant_word("other", TOKEN_ADMIN, 0, NOW + ACCOUNT_RECOVERY_MS), ACCOUNT_WORD_WAITS);
	make_active("other");
	assert_true(account_suspend(dir, ROOT, SPAN("other"), true, &why));
	assert_int_equal(grant_word("admin", TOKEN_ADMIN, 0, NOW + ACCOUNT_RECOVERY_MS), ACCOUNT_WORD_WAITS);
	assert_true(account_grant_revoke(dir, ROOT, SPAN("li"), TOKEN_ADMIN, "150600", &why));
	assert_int_equal(grant_word("third", TOKEN_ADMIN, 0, NOW + ACCOUNT_RECOVERY_MS), ACCOUNT_WORD_WAITS);
	assert_true(give(ROOT, "li", TOKEN_ADMIN, "150600", 0, 0));
	assert_int_equal(roles_at("li", "150600", NOW), TOKEN_APPROVER | TOKEN_ADMIN);
}

static void names_are_of_letters_that_show(void **state)
{
	static const char *const no[] = { "", "a\nb", "a\x7f", "a\xc2\x85", "a\xe2\x80\xae" "b", "\xe2\x81\xa6", "a\xe2\x80\xa8", "\xef\xbb\xbf" "a", "a\xff" };
	static const char *const yes[] = { "Li Wei", "\xe5\xbc\xa0\xe4\xb8\x89", "\xd8\xb9\xd9\x84\xd9\x8a", "\xc3\xa9" };
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(account_invite(dir, SPAN("li"), span_of(no[i]), NOW, code, &why));
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(account_name_ok(span_of(yes[i])));
}

/* What an administrator said counts no more when their account was suspended since; a capital makes no second person. */
static void the_first_word_is_of_another_who_still_has_one(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	make_active("li");
	make_active("admin");
	assert_int_equal(word_of("admin", NOW, code), ACCOUNT_RECOVERY_WAITS);
	assert_int_equal(word_of("Admin", NOW + 1, code), ACCOUNT_RECOVERY_WAITS);
	assert_int_equal(word_of("LI", NOW + 1, code), ACCOUNT_RECOVERY_REFUSED);
	assert_true(account_suspend(dir, ROOT, SPAN("admin"), true, &why));
	assert_int_equal(word_of("admin-2", NOW + 2, code), ACCOUNT_RECOVERY_WAITS);
	assert_int_equal(word_of("admin-3", NOW + 3, code), ACCOUNT_RECOVERY_DONE);
	assert_false(account_invite(dir, SPAN("Li"), SPAN("Li"), NOW, code, &why));
	assert_non_null(strstr(why.text, "already"));
}

static void signing_out_is_kept_with_its_time(void **state)
{
	struct accounts *reg;

	(void)state;
	make_active("li");
	assert_true(account_sign_out(dir, SPAN("li"), 1795363200000, &why));
	reg = loaded();
	assert_true(accounts_find(reg, SPAN("li"))->signed_out_ms == 1795363200000);
	assert_int_equal(accounts_find(reg, SPAN("li"))->state, ACCOUNT_ACTIVE);
	accounts_free(reg);
	assert_false(account_sign_out(dir, SPAN("nobody"), 1795363200000, &why));
}

static void who_is_suspended_is_not_recovered(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	make_active("li");
	assert_true(account_suspend(dir, ROOT, SPAN("li"), true, &why));
	assert_int_equal(word_of("admin", NOW, code), ACCOUNT_RECOVERY_REFUSED);
	assert_non_null(strstr(why.text, "restore"));
	assert_int_equal(account_recover(dir, SPAN("admin"), SPAN("nobody"), NOW, code, &why), ACCOUNT_RECOVERY_REFUSED);
}

/* --- several at once ------------------------------------------------------------------------------ */

static void write_some(int writer)
{
	char person[20], code[ACCOUNT_SETUP_CODE_BYTES + 1];

	for (int i = 0; i < 8; i++) {
		snprintf(person, sizeof(person), "w%d.%d", writer, i);
		if (!account_invite(dir, span_of(person), SPAN("W"), NOW, code, &why) ||
		    !give(ROOT, person, TOKEN_OFFICER, "000000", 0, 0))
			_exit(1);
	}
	_exit(0);
}

static void two_writers_lose_nothing(void **state)
{
	struct accounts *reg;
	char person[20];

	(void)state;
	for (int writer = 0; writer < 2; writer++)
		if (fork() == 0)
			write_some(writer);
	for (int writer = 0, status; writer < 2; writer++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	reg = loaded();
	assert_int_equal(accounts_count(reg), 16);
	for (int i = 0; i < 16; i++) {
		snprintf(person, sizeof(person), "w%d.%d", i / 8, i % 8);
		assert_int_equal(accounts_find(reg, span_of(person))->ngrants, 1);
	}
	accounts_free(reg);
}

static void a_refresh_sees_what_others_changed(void **state)
{
	struct accounts *reg = loaded();

	(void)state;
	make_active("li");
	assert_int_equal(accounts_count(reg), 0);
	assert_true(accounts_refresh(reg, &why));
	assert_int_equal(accounts_count(reg), 1);
	assert_string_equal(accounts_at(reg, 0)->person, "li");
	assert_true(account_suspend(dir, ROOT, SPAN("li"), true, &why));
	assert_true(accounts_refresh(reg, &why));
	assert_int_equal(accounts_find(reg, SPAN("li"))->state, ACCOUNT_SUSPENDED);
	accounts_free(reg);
}

/* Cut anywhere, the file is refused, who read it before goes on with that, and no change writes over it. */
static void a_torn_file_is_refused_and_left_alone(void **state)
{
	struct buf whole = { 0 }, now = { 0 };
	struct accounts *reg;
	char path[100], code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	make_active("li");
	make_active("wang");
	reg = loaded();
	snprintf(path, sizeof(path), "%s/" ACCOUNTS_FILE, dir);
	assert_true(files_read(path, 10000, &whole, &why));
	assert_true(files_replace(path, span_from(whole.at, whole.len - 20), 0600, &why));
	assert_false(accounts_refresh(reg, &why));
	assert_non_null(strstr(why.text, ACCOUNTS_FILE ":2"));
	assert_non_null(accounts_find(reg, SPAN("wang")));
	assert_null(accounts_load(dir, &why));
	assert_false(account_invite(dir, SPAN("zhao"), SPAN("Zhao"), NOW, code, &why));
	assert_false(give(ROOT, "li", TOKEN_OFFICER, "000000", 0, 0));
	assert_true(files_read(path, 10000, &now, &why));
	assert_true(span_eq(buf_span(&now), span_from(whole.at, whole.len - 20)));
	buf_release(&whole);
	buf_release(&now);
	accounts_free(reg);
}

#define STAFF_TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAFF_TEST(a_missing_file_holds_nobody),
		STAFF_TEST(a_grant_holds_from_and_until),
		STAFF_TEST(a_grant_covers_its_subtree),
		STAFF_TEST(the_region_is_named_or_the_only_one),
		STAFF_TEST(who_is_not_active_has_no_roles),
		STAFF_TEST(a_revoked_grant_is_gone),
		STAFF_TEST(nobody_changes_their_own_account),
		STAFF_TEST(what_is_no_grant_is_refused),
		STAFF_TEST(grants_have_an_end),
		STAFF_TEST(what_is_no_person_is_refused),
		STAFF_TEST(a_setup_code_works_once),
		STAFF_TEST(the_secret_of_the_second_factor_is_kept),
		STAFF_TEST(a_step_is_taken_once_and_never_backwards),
		STAFF_TEST(a_step_is_taken_by_one_process),
		STAFF_TEST(a_recovery_needs_two_administrators),
		STAFF_TEST(the_first_word_does_not_wait_for_ever),
		STAFF_TEST(a_first_word_is_taken_back),
		STAFF_TEST(some_grants_take_two_administrators),
		STAFF_TEST(names_are_of_letters_that_show),
		STAFF_TEST(the_first_word_is_of_another_who_still_has_one),
		STAFF_TEST(signing_out_is_kept_with_its_time),
		STAFF_TEST(who_is_suspended_is_not_recovered),
		STAFF_TEST(two_writers_lose_nothing),
		STAFF_TEST(a_refresh_sees_what_others_changed),
		STAFF_TEST(a_torn_file_is_refused_and_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
