/*
 * The register of staff: which persons may sign in, with which roles, where and
 * from when to when.
 *
 * STATE/staff.jsonl has one JSON object a line:
 *   {"person","name","state":"invited"|"active"|"suspended","grants":[{"role","region","from","until","asked"}],
 *    "totp":{"sealed","step"},"setup":{"sha256","until"},"recovery":{"by","at"},"signed_out","made"}
 * No hash of a password is in it: a password is right when it opens the
 * person's key pair (person_keys.h). The TOTP secret (RFC 6238: SHA-1, 6 digits,
 * 30 s) is sealed under staff.key of the keys' directory. Every change locks the
 * file and replaces it as a whole; who reads looks again when it changed. The
 * money's own register of decisions (daemon/money/staff.h) is another thing.
 *
 * A person signs in *at a region*: the roles of a session are those of the
 * grants that hold now and whose subtree covers it (account_roles_at()). Who has
 * grants at one region alone need not name it.
 *
 * Rules that stand here and nowhere else: nobody changes their own grants; a
 * recovery needs two administrators who are two persons and not the one recovered;
 * and so does a grant of the roles that decide over money, identities or accounts,
 * or one administrator would approve by a second account what they proposed.
 */
#ifndef TIPLINE_SYS_ACCOUNTS_H
#define TIPLINE_SYS_ACCOUNTS_H

#include "daemon/sys/setup_code.h"
#include "daemon/sys/tokens.h"
#include "daemon/sys/totp.h"

#define ACCOUNTS_FILE "staff.jsonl"
#define ACCOUNT_NAME_MAX 128          /* bytes of a name, UTF-8 */
#define ACCOUNT_GRANTS_MAX 16         /* of one person */
#define ACCOUNT_SETUP_CODE_BYTES SETUP_CODE_LETTERS   /* as it is given out here; how it is shown: setup_code.h */
#define ACCOUNT_SETUP_MS (24 * 3600000LL)
#define ACCOUNT_RECOVERY_MS (24 * 3600000LL)   /* so long the first administrator's word waits for the second's */
#define ACCOUNT_TOTP_SEALED_MAX 256   /* bytes of the sealed secret of the second factor */

enum account_state {
	ACCOUNT_INVITED,     /* has a setup code, or had one, and no second factor yet: cannot sign in */
	ACCOUNT_ACTIVE,
	ACCOUNT_SUSPENDED,
};

struct account_grant {
	unsigned role;         /* one token_role bit */
	char region[7];        /* this subtree */
	int64_t from_ms;       /* 0: always */
	int64_t until_ms;      /* 0: without end; not included */
	char asked_by[TOKEN_PERSON_MAX + 1];   /* the first of two administrators; it does not hold until the second says so. "": it needs none */
	int64_t asked_ms;
};

#define ACCOUNT_GRANT_BY_TWO (TOKEN_APPROVER | TOKEN_FINANCE | TOKEN_ADMIN)   /* by HTTP, or with an administrator's token */

struct account {
	char person[TOKEN_PERSON_MAX + 1];
	char name[ACCOUNT_NAME_MAX + 1];
	enum account_state state;
	struct account_grant grants[ACCOUNT_GRANTS_MAX];
	size_t ngrants;
	struct span totp_sealed;       /* empty: none yet */
	int64_t totp_step;             /* the last one that was used; -1: none */
	unsigned char setup_sha256[32];
	int64_t setup_until_ms;        /* 0: no setup code is out */
	char recovery_by[TOKEN_PERSON_MAX + 1];   /* first administrator of a recovery that waits; "": none */
	int64_t recovery_at_ms;
	int64_t signed_out_ms;         /* sessions that began before have ended; 0: none was */
	int64_t made_ms;
};

struct accounts;

/* One that is missing holds nobody. NULL: `why` names line and mend. */
struct accounts *accounts_load(const char *state_dir, struct complaint *why);
void accounts_free(struct accounts *reg);

/* Reads the file again when it changed; false and `why`: it stays as it was. One stat(). */
bool accounts_refresh(struct accounts *reg, struct complaint *why);

/* Valid until the next refresh. */
const struct account *accounts_find(const struct accounts *reg, struct span person);
size_t accounts_count(const struct accounts *reg);
const struct account *accounts_at(const struct accounts *reg, size_t index);

/* Whether a grant holds at that time, whatever the state of its person; one that waits for a second word does not. */
bool account_grant_holds(const struct account_grant *grant, int64_t now_ms);

/* token_role bits of the grants that hold at that time and cover the region; 0 also for one who is not active. */
unsigned account_roles_at(const struct account *person, const char region[7], int64_t now_ms);

/*
 * The region to sign in at: `asked` when a grant covers it; with `asked` empty
 * the only region of the grants that hold. False: none, or several and none was named.
 */
bool account_region_of(const struct account *person, struct span asked, int64_t now_ms, char region[7]);

/* --- changes; `by` is the acting person, empty for the machine's operator; `now_ms` wall clock ---------------------- */

/* A new person without grants, and the setup code (ACCOUNT_SETUP_CODE_BYTES and a NUL), shown once; the caller wipes it. */
bool account_invite(const char *state_dir, struct span person, struct span name, int64_t now_ms,
		  char code[ACCOUNT_SETUP_CODE_BYTES + 1], struct complaint *why);

/* Refused where the person holds that role at that very region for a part of the time already. */
bool account_grant_add(const char *state_dir, struct span by, struct span person, const struct account_grant *grant,
		     struct complaint *why);

enum account_word {
	ACCOUNT_WORD_REFUSED,   /* `why` */
	ACCOUNT_WORD_WAITS,     /* the first word is kept, for ACCOUNT_RECOVERY_MS */
	ACCOUNT_WORD_DONE,
};

/* The same by an administrator, of two that are needed: done when another one gave their word for the very same grant. */
enum account_word account_grant_word(const char *state_dir, struct span by, struct span person, const struct account_grant *grant, int64_t now_ms,
				 struct complaint *why);

/* Takes away grants of that role at that very region, those that wait too; false when there is none. */
bool account_grant_revoke(const char *state_dir, struct span by, struct span person, unsigned role, const char region[7],
			struct complaint *why);

/* Takes the account out of use, or gives it back as it was. Grants stay. */
bool account_suspend(const char *state_dir, struct span by, struct span person, bool suspended, struct complaint *why);

/* Ends the sessions that are open at that time, in every process. One's own too. */
bool account_sign_out(const char *state_dir, struct span person, int64_t now_ms, struct complaint *why);

enum account_recovery {
	ACCOUNT_RECOVERY_REFUSED,    /* `why` */
	ACCOUNT_RECOVERY_WAITS,      /* the first word is kept */
	ACCOUNT_RECOVERY_DONE,       /* `code` is out; password, second factor and what was sealed to the old pair are gone */
};

/* `by` is never empty here, and the caller has proven that it is an administrator: two different ones, neither of them the person. */
enum account_recovery account_recover(const char *state_dir, struct span by, struct span person, int64_t now_ms,
				  char code[ACCOUNT_SETUP_CODE_BYTES + 1], struct complaint *why);

/*
 * Takes back, or refuses, a recovery that waits for its second word; false when none does. Never by the person it is
 * about: whoever holds a stolen session of theirs could hinder it for ever.
 */
bool account_cancel_recovery(const char *state_dir, struct span by, struct span person, int64_t now_ms, struct complaint *why);

/* Whether it is the setup code that is out for the person, and not too old; NULL: nobody. Takes nothing. */
bool account_code_fits(const struct account *person, struct span code, int64_t now_ms);

/* Takes the setup code (in either case, with or without dashes), which works once, and keeps the sealed TOTP secret; the person is active. False: wrong, used or too old, alike. */
bool account_set_up(const char *state_dir, struct span person, struct span code, struct span totp_sealed, int64_t now_ms,
		  struct complaint *why);

/*
 * Takes a step of the second factor for used: true for one caller, of any
 * process, when it is later than all that were used.
 */
bool account_take_step(const char *state_dir, struct span person, int64_t step, struct complaint *why);

/* --- words ------------------------------------------------------------------------------------------------------------ */

/* "invited", "active", "suspended". */
const char *account_state_name(enum account_state state);

#endif
