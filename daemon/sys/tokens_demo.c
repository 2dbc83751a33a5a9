/*
 * Demo accounts: tokens for each role, in STATE/demo.json; see tokens.h.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/files.h"
#include "daemon/sys/tokens_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

/* One account for each role, and second persons where two have to agree. */
static const struct {
	const char *name;
	unsigned roles;
} accounts[] = {
	{ .name = "officer", .roles = TOKEN_OFFICER },	 { .name = "verifier", .roles = TOKEN_VERIFIER },
	{ .name = "proposer", .roles = TOKEN_PROPOSER }, { .name = "approver", .roles = TOKEN_APPROVER },
	{ .name = "finance", .roles = TOKEN_FINANCE },	 { .name = "auditor", .roles = TOKEN_AUDITOR },
	{ .name = "admin", .roles = TOKEN_ADMIN },	 { .name = "approver-2", .roles = TOKEN_APPROVER },
	{ .name = "finance-2", .roles = TOKEN_FINANCE }, { .name = "cashier", .roles = TOKEN_CASHIER },
};

/* The token texts in order of the accounts. */
typedef char demo_texts[COUNT_OF(accounts)][TOKEN_TEXT_BYTES + 1];

static bool demo_parse(struct span bytes, demo_texts texts, struct complaint *why)
{
	json_t *root = json_loadb(bytes.at, bytes.len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *tokens = json_object_get(root, "tokens");
	bool well = true;

	for (size_t i = 0; i < COUNT_OF(accounts) && well; i++) {
		struct span text = span_of(json_string_value(json_object_get(tokens, accounts[i].name)));

		well = text.len == TOKEN_TEXT_BYTES ||
		       complain(why, 0, DEMO_FILE ": no token for %s; remove the file to get new ones",
				accounts[i].name);
		if (well)
			memcpy(texts[i], text.at, text.len + 1);
	}
	json_decref(root);
	return well;
}

static bool demo_write(const char *path, demo_texts texts, struct complaint *why)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	bool well;

	json_open(&json, '{');
	json_open_member(&json, "tokens", '{');
	for (size_t i = 0; i < COUNT_OF(accounts); i++) {
		token_draw(texts[i]);
		json_text(&json, accounts[i].name, span_from(texts[i], TOKEN_TEXT_BYTES));
	}
	json_close(&json, '}');
	json_close(&json, '}');
	buf_add_byte(&text, '\n');
	well = files_replace(path, buf_span(&text), 0600, why);
	buf_release(&text);
	return well;
}

static bool demo_texts_get(const char *state_dir, demo_texts texts, struct complaint *why)
{
	char path[PATH_MAX];
	struct buf bytes = { 0 };
	bool well;

	snprintf(path, sizeof(path), "%s/" DEMO_FILE, state_dir);
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return demo_write(path, texts, why);
	well = files_private(path, why) && files_read(path, 65536, &bytes, why) &&
	       demo_parse(buf_span(&bytes), texts, why);
	buf_release(&bytes);
	return well;
}

static bool has_hash(const struct tokens_file *file, const unsigned char sha256[32])
{
	for (size_t i = 0; i < file->n; i++)
		if (memcmp(file->at[i].sha256, sha256, 32) == 0)
			return true;
	return false;
}

/* Adds the rows that are missing; true in `changed` when there was one. */
static void demo_rows(struct tokens_file *file, demo_texts texts, int64_t now_ms, bool *changed)
{
	for (size_t i = 0; i < COUNT_OF(accounts); i++) {
		struct token token = { .roles = accounts[i].roles, .region = "000000" };

		snprintf(token.person, sizeof(token.person), "%s", accounts[i].name);
		token_fill_in(&token, span_from(texts[i], TOKEN_TEXT_BYTES), now_ms);
		if (has_hash(file, token.sha256))
			continue;
		tokens_file_add(file, &token);
		*changed = true;
	}
}

bool demo_token(const char *state_dir, const char *account, char text[TOKEN_TEXT_BYTES + 1], struct complaint *why)
{
	char path[PATH_MAX];
	struct buf bytes = { 0 };
	demo_texts texts = { "" };
	bool well, found = false;

	snprintf(path, sizeof(path), "%s/" DEMO_FILE, state_dir);
	well = files_private(path, why) && files_read(path, 65536, &bytes, why) && demo_parse(buf_span(&bytes), texts, why);
	for (size_t i = 0; i < COUNT_OF(accounts) && well; i++) {
		if (strcmp(accounts[i].name, account) != 0)
			continue;
		memcpy(text, texts[i], TOKEN_TEXT_BYTES + 1);
		found = true;
	}
	buf_release(&bytes);
	wipe(texts, sizeof(texts));
	return found || (well && complain(why, 0, "no demo account %s", account));
}

bool demo_create(const char *state_dir, int64_t now_ms, struct complaint *why)
{
	struct tokens_change change;
	demo_texts texts;
	bool changed = false;
	bool well = tokens_change_begin(&change, state_dir, why) && demo_texts_get(state_dir, texts, why);

	if (well)
		demo_rows(&change.file, texts, now_ms, &changed);
	if (well && changed)
		well = tokens_change_write(&change, why);
	tokens_change_end(&change);
	wipe(texts, sizeof(texts));
	return well;
}
