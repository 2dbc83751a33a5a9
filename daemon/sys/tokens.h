/*
 * Staff tokens: who may do what, where.
 *
 * STATE/tokens.jsonl has one JSON object a line:
 *   {"id","sha256","person","roles":[...],"region","created","expires","scope":[...]}
 * The file holds the SHA-256 of a token and never the token: that is shown
 * once, when it is made. A token has 256 random bits, so a plain hash is enough.
 */
#ifndef TIPLINE_SYS_TOKENS_H
#define TIPLINE_SYS_TOKENS_H

#include "daemon/base/buf.h"
#include "daemon/base/complaint.h"

#define TOKEN_TEXT_BYTES 47   /* "tip_" and 43 letters */
#define TOKEN_PERSON_MAX 64   /* as STORE_ACTOR_MAX */
#define TOKEN_SCOPE_MAX 255   /* bytes of a scope, the blanks between its words included */
#define TOKENS_FILE "tokens.jsonl"
#define DEMO_FILE "demo.json"

/* Bits, in the order of token_role_name(). */
enum token_role {
	TOKEN_OFFICER = 1 << 0,
	TOKEN_VERIFIER = 1 << 1,
	TOKEN_PROPOSER = 1 << 2,
	TOKEN_APPROVER = 1 << 3,
	TOKEN_FINANCE = 1 << 4,
	TOKEN_AUDITOR = 1 << 5,
	TOKEN_ADMIN = 1 << 6,
	TOKEN_CASHIER = 1 << 7,
};
#define TOKEN_ROLES 8

struct token {
	char id[17];                     /* names the row; no secret */
	unsigned char sha256[32];
	char person[TOKEN_PERSON_MAX + 1];  /* acting person: a-z, A-Z, 0-9, '.', '_', '-', '@' */
	unsigned roles;                  /* token_role bits, at least one */
	char region[7];                  /* rights hold for this subtree; "000000": the whole country */
	int64_t created_ms;
	int64_t expires_ms;              /* 0: never */
	char scope[TOKEN_SCOPE_MAX + 1]; /* names of routes, or beginnings of names and a "*", a blank between; empty: all that the roles allow */
};

struct tokens;

/* Reads the file; one that is missing holds no tokens. NULL: see `why` (line and what is expected). */
struct tokens *tokens_load(const char *state_dir, struct complaint *why);
void tokens_free(struct tokens *tokens);
size_t tokens_count(const struct tokens *tokens);
const struct token *tokens_at(const struct tokens *tokens, size_t index);

/*
 * Reads the file again when it changed since (size, time or inode). A file
 * that cannot be read leaves the tokens as they were: false and `why`.
 * Cheap enough for each request: one stat().
 */
bool tokens_refresh(struct tokens *tokens, struct complaint *why);

/*
 * Who wants to know of rows that came or went is told of each at the refresh
 * that found it, not of those of the load; a row that was changed went and
 * came. `token` is valid during the call.
 */
struct tokens_watch {
	void (*changed)(void *ctx, const struct token *token, bool came);
	void *ctx;
};

void tokens_watch(struct tokens *tokens, struct tokens_watch watch);

/*
 * The valid, unexpired token with this text, or NULL. Takes the same time
 * whatever the text: every row is compared. Valid until the next refresh.
 */
const struct token *tokens_find(const struct tokens *tokens, struct span text, int64_t now_ms);

/* The unexpired token of that id, or NULL: for one that was found before. Valid until the next refresh. */
const struct token *tokens_named(const struct tokens *tokens, struct span id, int64_t now_ms);

/* --- changing the file; each call locks it, and replaces it as a whole ----------- */

/*
 * Makes a token with the person, roles, region, expiry and scope of `wanted`, fills in
 * id, hash and time, and writes its secret text. Wipe the text after showing it.
 */
bool token_add(const char *state_dir, struct token *wanted, int64_t now_ms, char text[TOKEN_TEXT_BYTES + 1],
	       struct complaint *why);

/* Removes the token of that id; false when there is none. */
bool token_revoke(const char *state_dir, struct span id, struct complaint *why);

/*
 * Demo accounts: makes STATE/demo.json (0600) with one token for each role over
 * the whole country, and a second approver and finance officer, once; on later starts puts back rows that are missing.
 * For trying out on one machine only.
 */
bool demo_create(const char *state_dir, int64_t now_ms, struct complaint *why);

/* The token text of a demo account; false: there are none here, or none of that name. Wipe it. */
bool demo_token(const char *state_dir, const char *account, char text[TOKEN_TEXT_BYTES + 1], struct complaint *why);

/* --- words ------------------------------------------------------------------------ */

/* "officer" for bit 0, ... NULL past the last. */
const char *token_role_name(unsigned bit_index);

/* The bit of a role's name; 0: unknown. */
unsigned token_role_parse(struct span name);

/* True when a right over `subtree` covers `region` (six digits; trailing pairs of zeroes take all below). */
bool token_region_covers(const char subtree[7], const char *region);

/* Six digits in pairs where nothing stands behind a pair of zeroes: "150602", "150600", "150000", "000000". */
bool token_region_ok(struct span region);

bool token_person_ok(struct span person);

/* Words as in the member `scope`, with one blank between them; empty is one too. */
bool token_scope_ok(struct span scope);

/* Whether a scope reaches the route of that name; an empty one reaches all. Roles are another question. */
bool token_scope_reaches(struct span scope, const char *route_name);
bool token_scope_allows(const struct token *token, const char *route_name);

#endif
