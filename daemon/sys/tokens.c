/*
 * Staff tokens; see tokens.h. Making and revoking is sys/tokens_change.c.
 */
#include "daemon/sys/tokens.h"

#include "daemon/base/memory.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/sys/tokens_file.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *const role_names[TOKEN_ROLES] = {
	"officer", "verifier", "proposer", "approver", "finance", "auditor", "admin", "cashier",
};

struct tokens {
	char path[PATH_MAX];
	struct tokens_file file;
	struct stat seen;      /* of the file that was read; zero: there was none */
	struct tokens_watch watch;
};

/* --- words ---------------------------------------------------------------- */

const char *token_role_name(unsigned bit_index)
{
	return bit_index < TOKEN_ROLES ? role_names[bit_index] : NULL;
}

unsigned token_role_parse(struct span name)
{
	for (unsigned i = 0; i < TOKEN_ROLES; i++)
		if (span_is(name, role_names[i]))
			return 1u << i;
	return 0;
}

static bool zeroes(const char *pair)
{
	return pair[0] == '0' && pair[1] == '0';
}

bool token_region_covers(const char subtree[7], const char *region)
{
	for (size_t i = 0; i < 6 && !zeroes(subtree + i); i += 2)
		if (subtree[i] != region[i] || subtree[i + 1] != region[i + 1])
			return false;
	return true;
}

bool token_region_ok(struct span region)
{
	if (region.len != 6 || !span_digits(region))
		return false;
	for (size_t i = 0; i < 4; i += 2)
		if (zeroes(region.at + i) && !zeroes(region.at + i + 2))
			return false;
	return true;
}

bool token_person_ok(struct span person)
{
	for (size_t i = 0; i < person.len; i++) {
		char c = person.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    (c == '\0' || strchr("._-@", c) == NULL))
			return false;
	}
	return person.len >= 1 && person.len <= TOKEN_PERSON_MAX;
}

/* --- one line --------------------------------------------------------------- */

static bool line_wrong(struct complaint *why, size_t line, const char *member, const char *expected)
{
	return complain(why, line, TOKENS_FILE ":%zu: %s: expected %s", line, member, expected);
}

static bool hex32(const char *hex, unsigned char out[32])
{
	size_t len;

	return sodium_hex2bin(out, 32, hex, strlen(hex), NULL, &len, NULL) == 0 && len == 32;
}

static bool read_roles(const json_t *list, unsigned *roles)
{
	*roles = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		unsigned bit = token_role_parse(span_of(json_string_value(json_array_get(list, i))));

		if (bit == 0)
			return false;
		*roles |= bit;
	}
	return *roles != 0;
}

/* Absent: none. A list that is there and empty would read as "everything", so it is refused. */
static bool read_scope(const json_t *list, char scope[TOKEN_SCOPE_MAX + 1])
{
	size_t len = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		struct span word = span_of(json_string_value(json_array_get(list, i)));

		if (span_empty(word) || !token_scope_ok(word) || len + word.len + 1 > TOKEN_SCOPE_MAX)
			return false;
		if (len > 0)
			scope[len++] = ' ';
		memcpy(scope + len, word.at, word.len);
		len += word.len;
	}
	scope[len] = '\0';
	return list == NULL || len > 0;
}

/* RFC 3339; null or absent is 0. */
static bool read_time(const json_t *value, int64_t *ms)
{
	*ms = 0;
	if (value == NULL || json_is_null(value))
		return true;
	return json_is_string(value) && clock_parse(span_of(json_string_value(value)), ms);
}

static struct span text_of(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return span_of(text != NULL ? text : "");
}

static bool read_members(const json_t *object, struct token *token, size_t line, struct complaint *why)
{
	struct span id = text_of(object, "id"), person = text_of(object, "person");
	struct span region = text_of(object, "region");

	if (id.len == 0 || id.len >= sizeof(token->id))
		return line_wrong(why, line, "id", "1 to 16 letters");
	if (!hex32(text_of(object, "sha256").at, token->sha256))
		return line_wrong(why, line, "sha256", "64 hexadecimal digits");
	if (!token_person_ok(person))
		return line_wrong(why, line, "person", "1 to 64 of letters, digits and ._-@");
	if (!read_roles(json_object_get(object, "roles"), &token->roles))
		return line_wrong(why, line, "roles", "a list of known roles");
	if (!token_region_ok(region))
		return line_wrong(why, line, "region", "six digits like 150602 or 150000");
	if (!read_time(json_object_get(object, "created"), &token->created_ms))
		return line_wrong(why, line, "created", "a time like 2026-11-21T18:06:27Z");
	if (!read_time(json_object_get(object, "expires"), &token->expires_ms))
		return line_wrong(why, line, "expires", "a time like 2026-11-21T18:06:27Z, or null");
	if (!read_scope(json_object_get(object, "scope"), token->scope))
		return line_wrong(why, line, "scope", "a list of names of routes, or no such member");
	memcpy(token->id, id.at, id.len + 1);
	memcpy(token->person, person.at, person.len + 1);
	memcpy(token->region, region.at, region.len + 1);
	return true;
}

static bool read_line(struct tokens_file *file, struct span text, size_t line, struct complaint *why)
{
	struct token token = { 0 };
	json_t *object = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
	bool well = json_is_object(object) ? read_members(object, &token, line, why)
					   : line_wrong(why, line, "the line", "a JSON object");

	json_decref(object);
	if (well)
		tokens_file_add(file, &token);
	return well;
}

/* --- the file ------------------------------------------------------------------ */

void tokens_file_add(struct tokens_file *file, const struct token *token)
{
	if (file->n == file->size) {
		file->size = file->size > 0 ? file->size * 2 : 16;
		file->at = realloc(file->at, file->size * sizeof(*file->at));
		if (file->at == NULL) {
			fputs("out of memory\n", stderr);
			exit(EXIT_FAILURE);
		}
	}
	file->at[file->n++] = *token;
}

void tokens_file_release(struct tokens_file *file)
{
	free(file->at);
	*file = (struct tokens_file){ 0 };
}

bool tokens_file_parse(struct tokens_file *file, struct span bytes, struct complaint *why)
{
	struct span rest = bytes.len > 0 ? bytes : (struct span){ 0 }, line;
	size_t number = 0;

	while (span_cut(&rest, '\n', &line)) {
		number++;
		if (!span_empty(span_trim(line)) && !read_line(file, line, number, why))
			return false;
	}
	return true;
}

bool tokens_file_read(struct tokens_file *file, const char *path, struct complaint *why)
{
	struct buf bytes = { 0 };
	bool well = files_private(path, why) && files_read(path, TOKENS_FILE_MAX, &bytes, why) &&
		    tokens_file_parse(file, buf_span(&bytes), why);

	buf_release(&bytes);
	return well;
}

/* --- tokens in use ---------------------------------------------------------------- */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int by_id(const void *a, const void *b)
{
	const struct token *first = a, *second = b;

	return strcmp(first->id, second->id);
}

static struct token *sorted(const struct tokens_file *file)
{
	struct token *rows = memory_zeroes(file->n + 1, sizeof(*rows));

	if (file->n > 0)
		memcpy(rows, file->at, file->n * sizeof(*rows));
	qsort(rows, file->n, sizeof(*rows), by_id);
	return rows;
}

static bool same_token(const struct token *a, const struct token *b)
{
	return memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0 && strcmp(a->person, b->person) == 0 &&
	       a->roles == b->roles && strcmp(a->region, b->region) == 0 && a->expires_ms == b->expires_ms &&
	       strcmp(a->scope, b->scope) == 0;
}

/* Tells of what is in one of the two alone. */
static void tell_changes(const struct tokens_watch *watch, const struct tokens_file *old, const struct tokens_file *fresh)
{
	struct token *before = sorted(old), *now = sorted(fresh);
	size_t i = 0, k = 0;

	while (i < old->n || k < fresh->n) {
		int order = i == old->n ? 1 : k == fresh->n ? -1 : by_id(&before[i], &now[k]);

		if (order < 0 || (order == 0 && !same_token(&before[i], &now[k])))
			watch->changed(watch->ctx, &before[i], false);
		if (order > 0 || (order == 0 && !same_token(&before[i], &now[k])))
			watch->changed(watch->ctx, &now[k], true);
		i += order <= 0;
		k += order >= 0;
	}
	free(before);
	free(now);
}

void tokens_watch(struct tokens *tokens, struct tokens_watch watch)
{
	tokens->watch = watch;
}

bool tokens_refresh(struct tokens *tokens, struct complaint *why)
{
	struct tokens_file old;
	struct stat now = { 0 };
	struct tokens_file fresh = { 0 };

	if (stat(tokens->path, &now) != 0) {
		if (errno != ENOENT)
			return complain(why, 0, "cannot look at %s: %s", tokens->path, strerror(errno));
		now = (struct stat){ 0 };
	}
	if (same_file(&now, &tokens->seen))
		return true;
	if (now.st_ino != 0 && !tokens_file_read(&fresh, tokens->path, why)) {
		tokens_file_release(&fresh);
		return false;
	}
	old = tokens->file;
	tokens->file = fresh;
	tokens->seen = now;
	if (tokens->watch.changed != NULL)
		tell_changes(&tokens->watch, &old, &fresh);
	tokens_file_release(&old);
	return true;
}

struct tokens *tokens_load(const char *state_dir, struct complaint *why)
{
	struct tokens *tokens = calloc(1, sizeof(*tokens));

	if (tokens == NULL || sodium_init() < 0) {
		free(tokens);
		complain(why, 0, "no memory for tokens");
		return NULL;
	}
	snprintf(tokens->path, sizeof(tokens->path), "%s/" TOKENS_FILE, state_dir);
	if (tokens_refresh(tokens, why))
		return tokens;
	tokens_free(tokens);
	return NULL;
}

void tokens_free(struct tokens *tokens)
{
	if (tokens == NULL)
		return;
	tokens_file_release(&tokens->file);
	free(tokens);
}

size_t tokens_count(const struct tokens *tokens)
{
	return tokens->file.n;
}

const struct token *tokens_at(const struct tokens *tokens, size_t index)
{
	return index < tokens->file.n ? &tokens->file.at[index] : NULL;
}

static const struct token *unexpired(const struct token *token, int64_t now_ms)
{
	return token != NULL && token->expires_ms != 0 && token->expires_ms <= now_ms ? NULL : token;
}

const struct token *tokens_find(const struct tokens *tokens, struct span text, int64_t now_ms)
{
	unsigned char hash[32];
	const struct token *found = NULL;

	crypto_hash_sha256(hash, (const unsigned char *)text.at, text.len);
	for (size_t i = 0; i < tokens->file.n; i++) {
		const struct token *each = &tokens->file.at[i];

		if (sodium_memcmp(hash, each->sha256, sizeof(hash)) == 0)
			found = each;
	}
	return unexpired(found, now_ms);
}

const struct token *tokens_named(const struct tokens *tokens, struct span id, int64_t now_ms)
{
	for (size_t i = 0; i < tokens->file.n; i++)
		if (span_is(id, tokens->file.at[i].id))
			return unexpired(&tokens->file.at[i], now_ms);
	return NULL;
}
