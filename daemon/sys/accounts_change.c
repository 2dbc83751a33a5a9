/*
 * Changes of the register of staff; see accounts.h.
 *
 * Each locks STATE/staff.lock, reads the file, and replaces it whole, so that
 * two at once lose nothing and who reads never sees half a file.
 */
#include "daemon/sys/accounts_file.h"
#include "daemon/sys/person_keys.h"
#include "daemon/sys/setup_code.h"

#include <sodium.h>
#include <stdio.h>

/* --- one change ---------------------------------------------------------------- */

bool account_change_begin(struct account_change *change, const char *state_dir, struct complaint *why)
{
	*change = (struct account_change){ .file.lock = -1 };
	if (sodium_init() < 0)
		return complain(why, 0, "libsodium does not start");
	return file_change_begin(&change->file, state_dir, ACCOUNTS_FILE, "staff.lock", FILE_CHANGE_WAIT_MS, why) &&
	       (!file_change_there(&change->file) || account_rows_read(&change->rows, change->file.path, why));
}

bool account_change_write(struct account_change *change, struct complaint *why)
{
	struct buf text = { 0 };
	bool well;

	account_rows_print(&change->rows, &text);
	well = file_change_write(&change->file, buf_span(&text), why);
	buf_release(&text);
	return well;
}

void account_change_end(struct account_change *change)
{
	account_rows_release(&change->rows);
	file_change_end(&change->file);
}

/* Locks, reads and finds the person; NULL: it is said why. account_change_end() must follow. */
static struct account *change_of(struct account_change *change, const char *state_dir, struct span person, struct complaint *why)
{
	struct account *row;

	if (!account_change_begin(change, state_dir, why))
		return NULL;
	row = account_rows_find(&change->rows, person);
	if (row == NULL)
		complain(why, 0, "there is no account %.*s; see: tipctl user list", (int)person.len, person.at);
	return row;
}

/* Two names that differ in case alone would be two persons to every rule that asks for two. NULL: nobody is called so. */
static const struct account *namesake(const struct account_rows *rows, struct span person)
{
	for (size_t i = 0; i < rows->n; i++)
		if (span_eq_nocase(person, span_of(rows->at[i].person)))
			return &rows->at[i];
	return NULL;
}

/* The rule of all changes. */
static bool is_another(struct span by, struct span person, struct complaint *why)
{
	return !span_eq_nocase(by, person) || complain(why, 0, "nobody changes their own account; another administrator has to do it");
}

/* --- setup codes ------------------------------------------------------------------ */

static void give_code(struct account *row, int64_t now_ms, char code[ACCOUNT_SETUP_CODE_BYTES + 1])
{
	setup_code_draw(code);
	setup_code_hash(span_from(code, ACCOUNT_SETUP_CODE_BYTES), row->setup_sha256);
	row->setup_until_ms = now_ms + ACCOUNT_SETUP_MS;
}

static void end_code(struct account *row)
{
	memset(row->setup_sha256, 0, sizeof(row->setup_sha256));
	row->setup_until_ms = 0;
}

/* --- a new person ------------------------------------------------------------------- */

bool account_invite(const char *state_dir, struct span person, struct span name, int64_t now_ms, char code[ACCOUNT_SETUP_CODE_BYTES + 1],
		  struct complaint *why)
{
	struct account_change change;
	struct account *row;
	bool well;

	if (!token_person_ok(person))
		return complain(why, 0, "person: expected 1 to 64 of letters, digits and ._-@");
	if (!account_name_ok(name))
		return complain(why, 0, "name: expected 1 to %d bytes of UTF-8 without control characters", ACCOUNT_NAME_MAX);
	well = account_change_begin(&change, state_dir, why);
	if (well && namesake(&change.rows, person) != NULL)
		well = complain(why, 0, "%.*s has an account already, in these letters or in others' case", (int)person.len, person.at);
	if (well) {
		row = account_rows_add(&change.rows);
		memcpy(row->person, person.at, person.len);
		memcpy(row->name, name.at, name.len);
		row->made_ms = now_ms;
		give_code(row, now_ms, code);
		well = account_change_write(&change, why);
	}
	account_change_end(&change);
	return well;
}

/* --- the first of two words ------------------------------------------------------------ */

/* Whose account was suspended since has said nothing. */
static bool first_word_holds(const struct account_rows *rows, const char *by, int64_t at_ms, int64_t now_ms)
{
	const struct account *first = namesake(rows, span_of(by));

	return by[0] != '\0' && now_ms < at_ms + ACCOUNT_RECOVERY_MS && (first == NULL || first->state != ACCOUNT_SUSPENDED);
}

/* --- grants ------------------------------------------------------------------------- */

static bool grant_ok(const struct account_grant *grant, struct complaint *why)
{
	if (grant->role == 0 || (grant->role & (grant->role - 1)) != 0 || grant->role >= 1u << TOKEN_ROLES)
		return complain(why, 0, "role: expected one known role");
	if (!token_region_ok(span_from(grant->region, strnlen(grant->region, sizeof(grant->region)))))
		return complain(why, 0, "region: expected six digits like 150602, 150600, 150000 or 000000");
	if (grant->from_ms < 0 || grant->until_ms < 0 || (grant->until_ms != 0 && grant->until_ms <= grant->from_ms))
		return complain(why, 0, "until: expected a time after from");
	return true;
}

static bool is_of(const struct account_grant *grant, unsigned role, const char *region)
{
	return grant->role == role && memcmp(grant->region, region, sizeof(grant->region)) == 0;
}

static bool ends_before(const struct account_grant *a, const struct account_grant *b)
{
	return a->until_ms != 0 && a->until_ms <= b->from_ms;
}

static bool grant_fits(const struct account *row, const struct account_grant *grant, struct complaint *why)
{
	for (size_t i = 0; i < row->ngrants; i++) {
		const struct account_grant *other = &row->grants[i];

		if (other->asked_by[0] == '\0' && is_of(other, grant->role, grant->region) && !ends_before(other, grant) && !ends_before(grant, other))
			return complain(why, 0, "%s holds that role at %s already in that time; revoke it first", row->person,
					grant->region);
	}
	return row->ngrants < ACCOUNT_GRANTS_MAX ||
	       complain(why, 0, "%s has %d grants already; revoke those that ended", row->person, ACCOUNT_GRANTS_MAX);
}

bool account_grant_add(const char *state_dir, struct span by, struct span person, const struct account_grant *grant, struct complaint *why)
{
	struct account_change change;
	struct account *row;
	bool well;

	if (!grant_ok(grant, why) || !is_another(by, person, why))
		return false;
	row = change_of(&change, state_dir, person, why);
	well = row != NULL && grant_fits(row, grant, why);
	if (well) {
		row->grants[row->ngrants++] = *grant;
		well = account_change_write(&change, why);
	}
	account_change_end(&change);
	return well;
}

static bool is_same(const struct account_grant *a, const struct account_grant *b)
{
	return is_of(a, b->role, b->region) && a->from_ms == b->from_ms && a->until_ms == b->until_ms;
}

/* Takes out what waits for this very grant, and what waited too long; true: the word of another administrator was there. */
static bool take_first_word(const struct account_rows *rows, struct account *row, struct span by, const struct account_grant *grant,
			    int64_t now_ms)
{
	size_t kept = 0, before = row->ngrants;
	bool there = false;

	for (size_t i = 0; i < before; i++) {
		const struct account_grant *each = &row->grants[i];
		bool waits = each->asked_by[0] != '\0', holds = waits && first_word_holds(rows, each->asked_by, each->asked_ms, now_ms);

		if (holds && is_same(each, grant))
			there |= !span_eq_nocase(by, span_of(each->asked_by));
		else if (holds || !waits)
			row->grants[kept++] = *each;
	}
	row->ngrants = kept;
	return there;
}

static enum account_word say_word(struct account_change *change, struct account *row, struct span by, const struct account_grant *grant,
				int64_t now_ms, struct complaint *why)
{
	bool second = take_first_word(&change->rows, row, by, grant, now_ms);
	struct account_grant *added;

	if (!grant_fits(row, grant, why))
		return ACCOUNT_WORD_REFUSED;
	added = &row->grants[row->ngrants++];
	*added = *grant;
	if (!second) {
		memcpy(added->asked_by, by.at, by.len);
		added->asked_ms = now_ms;
	}
	if (!account_change_write(change, why))
		return ACCOUNT_WORD_REFUSED;
	return second ? ACCOUNT_WORD_DONE : ACCOUNT_WORD_WAITS;
}

enum account_word account_grant_word(const char *state_dir, struct span by, struct span person, const struct account_grant *grant, int64_t now_ms,
				 struct complaint *why)
{
	enum account_word word = ACCOUNT_WORD_REFUSED;
	struct account_change change;
	struct account *row;

	if (!token_person_ok(by)) {
		complain(why, 0, "this grant needs two administrators, each with their own token");
		return ACCOUNT_WORD_REFUSED;
	}
	if (!grant_ok(grant, why) || !is_another(by, person, why))
		return ACCOUNT_WORD_REFUSED;
	row = change_of(&change, state_dir, person, why);
	if (row != NULL)
		word = say_word(&change, row, by, grant, now_ms, why);
	account_change_end(&change);
	return word;
}

static bool drop_grants(struct account *row, unsigned role, const char *region)
{
	size_t kept = 0, before = row->ngrants;

	for (size_t i = 0; i < before; i++)
		if (!is_of(&row->grants[i], role, region))
			row->grants[kept++] = row->grants[i];
	row->ngrants = kept;
	return kept < before;
}

bool account_grant_revoke(const char *state_dir, struct span by, struct span person, unsigned role, const char region[7],
			struct complaint *why)
{
	const struct account_grant wanted = { .role = role };
	struct account_grant named = wanted;
	struct account_change change;
	struct account *row;
	bool well;

	snprintf(named.region, sizeof(named.region), "%s", region);
	if (!grant_ok(&named, why) || !is_another(by, person, why))
		return false;
	row = change_of(&change, state_dir, person, why);
	well = row != NULL && (drop_grants(row, role, named.region) ||
			       complain(why, 0, "%s does not hold that role at %s", row->person, named.region));
	well = well && account_change_write(&change, why);
	account_change_end(&change);
	return well;
}

/* --- in use or not -------------------------------------------------------------------- */

static bool set_suspended(struct account *row, bool suspended, struct complaint *why)
{
	if ((row->state == ACCOUNT_SUSPENDED) == suspended)
		return complain(why, 0, "%s is %ssuspended", row->person, suspended ? "already " : "not ");
	if (suspended)
		row->state = ACCOUNT_SUSPENDED;
	else
		row->state = row->totp_sealed.len > 0 ? ACCOUNT_ACTIVE : ACCOUNT_INVITED;
	return true;
}

bool account_suspend(const char *state_dir, struct span by, struct span person, bool suspended, struct complaint *why)
{
	struct account_change change;
	struct account *row;
	bool well;

	if (!is_another(by, person, why))
		return false;
	row = change_of(&change, state_dir, person, why);
	well = row != NULL && set_suspended(row, suspended, why) && account_change_write(&change, why);
	account_change_end(&change);
	return well;
}

bool account_sign_out(const char *state_dir, struct span person, int64_t now_ms, struct complaint *why)
{
	struct account_change change;
	struct account *row = change_of(&change, state_dir, person, why);
	bool well = row != NULL;

	if (well) {
		row->signed_out_ms = now_ms;
		well = account_change_write(&change, why);
	}
	account_change_end(&change);
	return well;
}

/* --- recovery ---------------------------------------------------------------------------- */

static void keep_first_word(struct account *row, struct span by, int64_t now_ms)
{
	memset(row->recovery_by, 0, sizeof(row->recovery_by));
	memcpy(row->recovery_by, by.at, by.len);
	row->recovery_at_ms = now_ms;
}

static void forget_first_word(struct account *row)
{
	memset(row->recovery_by, 0, sizeof(row->recovery_by));
	row->recovery_at_ms = 0;
}

/* The account as it was when it was new; its grants stay. */
static void begin_anew(struct account *row, int64_t now_ms, char code[ACCOUNT_SETUP_CODE_BYTES + 1])
{
	forget_first_word(row);
	row->totp_sealed = (struct span){ 0 };
	row->totp_step = -1;
	row->state = ACCOUNT_INVITED;
	give_code(row, now_ms, code);
}

static enum account_recovery take_word(struct account_change *change, struct account *row, const char *state_dir, struct span by,
				     int64_t now_ms, char code[ACCOUNT_SETUP_CODE_BYTES + 1], struct complaint *why)
{
	if (!first_word_holds(&change->rows, row->recovery_by, row->recovery_at_ms, now_ms) || span_eq_nocase(by, span_of(row->recovery_by))) {
		keep_first_word(row, by, now_ms);
		return account_change_write(change, why) ? ACCOUNT_RECOVERY_WAITS : ACCOUNT_RECOVERY_REFUSED;
	}
	/* The pair first: where the second write fails nobody signs in, and a recovery mends it. */
	if (!person_keys_drop(state_dir, span_of(row->person), why))
		return ACCOUNT_RECOVERY_REFUSED;
	begin_anew(row, now_ms, code);
	return account_change_write(change, why) ? ACCOUNT_RECOVERY_DONE : ACCOUNT_RECOVERY_REFUSED;
}

enum account_recovery account_recover(const char *state_dir, struct span by, struct span person, int64_t now_ms,
				  char code[ACCOUNT_SETUP_CODE_BYTES + 1], struct complaint *why)
{
	enum account_recovery outcome = ACCOUNT_RECOVERY_REFUSED;
	struct account_change change;
	struct account *row;

	if (!token_person_ok(by)) {
		complain(why, 0, "a recovery needs two administrators, each with their own token");
		return ACCOUNT_RECOVERY_REFUSED;
	}
	if (!is_another(by, person, why))
		return ACCOUNT_RECOVERY_REFUSED;
	row = change_of(&change, state_dir, person, why);
	if (row != NULL && row->state == ACCOUNT_SUSPENDED)
		complain(why, 0, "%s is suspended; restore the account first", row->person);
	else if (row != NULL)
		outcome = take_word(&change, row, state_dir, by, now_ms, code, why);
	account_change_end(&change);
	return outcome;
}

bool account_cancel_recovery(const char *state_dir, struct span by, struct span person, int64_t now_ms, struct complaint *why)
{
	struct account_change change;
	struct account *row;
	bool well;

	if (!is_another(by, person, why))
		return false;
	row = change_of(&change, state_dir, person, why);
	well = row != NULL;
	if (well && (row->recovery_by[0] == '\0' || now_ms >= row->recovery_at_ms + ACCOUNT_RECOVERY_MS))
		well = complain(why, 0, "no recovery of %s waits", row->person);
	if (well) {
		forget_first_word(row);
		well = account_change_write(&change, why);
	}
	account_change_end(&change);
	return well;
}

/* --- by the person ------------------------------------------------------------------------- */

bool account_code_fits(const struct account *row, struct span code, int64_t now_ms)
{
	unsigned char sha256[32];
	bool same;

	if (row == NULL)
		return false;
	setup_code_hash(code, sha256);
	same = sodium_memcmp(sha256, row->setup_sha256, sizeof(sha256)) == 0;
	return same && row->state == ACCOUNT_INVITED && now_ms < row->setup_until_ms;
}

bool account_set_up(const char *state_dir, struct span person, struct span code, struct span totp_sealed, int64_t now_ms,
		  struct complaint *why)
{
	struct account_change change;
	struct account *row = NULL;
	bool well = account_change_begin(&change, state_dir, why);

	if (well) {
		row = account_rows_find(&change.rows, person);
		well = row != NULL && totp_sealed.len > 0 && totp_sealed.len <= ACCOUNT_TOTP_SEALED_MAX && account_code_fits(row, code, now_ms);
		if (!well)
			complain(why, 0, "the setup code is wrong, was used, or is too old");
	}
	if (well) {
		end_code(row);
		row->totp_sealed = totp_sealed;
		row->totp_step = -1;
		row->state = ACCOUNT_ACTIVE;
		well = account_change_write(&change, why);
	}
	account_change_end(&change);
	return well;
}

bool account_take_step(const char *state_dir, struct span person, int64_t step, struct complaint *why)
{
	struct account_change change;
	struct account *row = change_of(&change, state_dir, person, why);
	bool well = row != NULL && row->state == ACCOUNT_ACTIVE && step > row->totp_step;

	if (row != NULL && !well)
		complain(why, 0, "this code of the second factor was used already");
	if (well) {
		row->totp_step = step;
		well = account_change_write(&change, why);
	}
	account_change_end(&change);
	return well;
}
