/*
 * Making and revoking staff tokens.
 *
 * Each change locks STATE/tokens.lock, reads the file, and replaces it whole,
 * so that two commands at once lose nothing and a daemon never sees half a file.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/tokens_file.h"

#include <sodium.h>
#include <stdio.h>

#define SECRET_BYTES 32
#define PREFIX "tip_"

/* --- text of the rows ------------------------------------------------------- */

static void print_scope(struct json_out *json, struct span scope)
{
	struct span word;

	if (span_empty(scope))
		return;
	json_open_member(json, "scope", '[');
	while (span_cut(&scope, ' ', &word))
		json_text(json, NULL, word);
	json_close(json, ']');
}

static void print_row(const struct token *token, struct buf *to)
{
	struct json_out json = json_out_to(to);
	char hex[65];

	json_open(&json, '{');
	json_text(&json, "id", span_of(token->id));
	json_text(&json, "sha256", span_of(sodium_bin2hex(hex, sizeof(hex), token->sha256, sizeof(token->sha256))));
	json_text(&json, "person", span_of(token->person));
	json_open_member(&json, "roles", '[');
	for (unsigned i = 0; i < TOKEN_ROLES; i++)
		if ((token->roles >> i & 1) != 0)
			json_text(&json, NULL, span_of(token_role_name(i)));
	json_close(&json, ']');
	json_text(&json, "region", span_of(token->region));
	clock_put(&json, "created", token->created_ms);
	clock_put(&json, "expires", token->expires_ms);
	print_scope(&json, span_of(token->scope));
	json_close(&json, '}');
	buf_add_byte(to, '\n');
}

void tokens_file_print(const struct tokens_file *file, struct buf *to)
{
	for (size_t i = 0; i < file->n; i++)
		print_row(&file->at[i], to);
}

/* --- one change ---------------------------------------------------------------- */

/* Waits for the lock: changes take milliseconds. */
bool tokens_change_begin(struct tokens_change *change, const char *state_dir, struct complaint *why)
{
	*change = (struct tokens_change){ .disk.lock = -1 };
	if (sodium_init() < 0)
		return complain(why, 0, "libsodium does not start");
	return file_change_begin(&change->disk, state_dir, TOKENS_FILE, "tokens.lock", -1, why) &&
	       (!file_change_there(&change->disk) || tokens_file_read(&change->file, change->disk.path, why));
}

bool tokens_change_write(struct tokens_change *change, struct complaint *why)
{
	struct buf text = { 0 };
	bool well;

	tokens_file_print(&change->file, &text);
	well = file_change_write(&change->disk, buf_span(&text), why);
	buf_release(&text);
	return well;
}

void tokens_change_end(struct tokens_change *change)
{
	tokens_file_release(&change->file);
	file_change_end(&change->disk);
}

void token_draw(char text[TOKEN_TEXT_BYTES + 1])
{
	unsigned char secret[SECRET_BYTES];

	randombytes_buf(secret, sizeof(secret));
	memcpy(text, PREFIX, strlen(PREFIX));
	sodium_bin2base64(text + strlen(PREFIX), TOKEN_TEXT_BYTES + 1 - strlen(PREFIX), secret, sizeof(secret),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	wipe(secret, sizeof(secret));
}

void token_fill_in(struct token *token, struct span text, int64_t now_ms)
{
	unsigned char id[8];

	randombytes_buf(id, sizeof(id));
	sodium_bin2hex(token->id, sizeof(token->id), id, sizeof(id));
	crypto_hash_sha256(token->sha256, (const unsigned char *)text.at, text.len);
	token->created_ms = now_ms;
}

static bool wanted_ok(const struct token *wanted, struct complaint *why)
{
	if (!token_person_ok(span_of(wanted->person)))
		return complain(why, 0, "person: expected 1 to 64 of letters, digits and ._-@");
	if (wanted->roles == 0 || wanted->roles >= 1u << TOKEN_ROLES)
		return complain(why, 0, "roles: expected at least one");
	if (!token_region_ok(span_of(wanted->region)))
		return complain(why, 0, "region: expected six digits like 150602, 150600, 150000 or 000000");
	if (!token_scope_ok(span_of(wanted->scope)))
		return complain(why, 0, "scope: expected names of routes of a-z, 0-9 and _, perhaps with * at the end");
	return true;
}

bool token_add(const char *state_dir, struct token *wanted, int64_t now_ms, char text[TOKEN_TEXT_BYTES + 1],
	       struct complaint *why)
{
	struct tokens_change change;
	bool well;

	if (!wanted_ok(wanted, why))
		return false;
	well = tokens_change_begin(&change, state_dir, why);
	if (well) {
		token_draw(text);
		token_fill_in(wanted, span_from(text, TOKEN_TEXT_BYTES), now_ms);
		tokens_file_add(&change.file, wanted);
		well = tokens_change_write(&change, why);
	}
	tokens_change_end(&change);
	return well;
}

bool token_revoke(const char *state_dir, struct span id, struct complaint *why)
{
	struct tokens_change change;
	size_t kept = 0, before;
	bool well = tokens_change_begin(&change, state_dir, why);

	before = change.file.n;
	for (size_t i = 0; i < before; i++)
		if (!span_is(id, change.file.at[i].id))
			change.file.at[kept++] = change.file.at[i];
	change.file.n = kept;
	if (well && kept == before)
		well = complain(why, 0, "no token with id %.*s; see: tipctl token list", (int)id.len, id.at);
	well = well && tokens_change_write(&change, why);
	tokens_change_end(&change);
	return well;
}
