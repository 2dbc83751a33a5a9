/*
 * Falsified journals; see money_journal.h.
 */
#include "tests/support/money_journal.h"

#include "daemon/base/buf.h"
#include "daemon/base/hex.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define TAIL (sizeof(",\"hash\":\"\"}") - 1 + 64)

void journal_of(struct journal *journal, const struct money_book *m)
{
	*journal = (struct journal){ .n = m->nlines };
	assert(m->nlines <= JOURNAL_MAX);
	for (size_t i = 0; i < m->nlines; i++)
		journal->lines[i] = strndup(m->lines[i].at, m->lines[i].len);
}

void journal_release(struct journal *journal)
{
	for (size_t i = 0; i < journal->n; i++)
		free(journal->lines[i]);
}

size_t journal_find(const struct journal *journal, const char *text, unsigned nth)
{
	for (size_t i = 0; i < journal->n; i++)
		if (strstr(journal->lines[i], text) != NULL && --nth == 0)
			return i + 1;
	fprintf(stderr, "no record holds %s\n", text);
	abort();
}

static void replace(struct journal *journal, size_t seq, const char *from, const char *to, bool once)
{
	const char *rest = journal->lines[seq - 1], *found;
	struct buf text = { 0 };
	unsigned n = 0;

	while ((found = strstr(rest, from)) != NULL && !(once && n > 0)) {
		buf_add(&text, rest, (size_t)(found - rest));
		buf_add_text(&text, to);
		rest = found + strlen(from);
		n++;
	}
	if (n == 0) {
		fprintf(stderr, "%s is not in %s\n", from, journal->lines[seq - 1]);
		abort();
	}
	buf_add_text(&text, rest);
	free(journal->lines[seq - 1]);
	journal->lines[seq - 1] = strndup(text.at, text.len);
	buf_release(&text);
}

void journal_replace(struct journal *journal, size_t seq, const char *from, const char *to)
{
	replace(journal, seq, from, to, false);
}

void journal_replace_once(struct journal *journal, size_t seq, const char *from, const char *to)
{
	replace(journal, seq, from, to, true);
}

/* The value of a member that stands in front of data, as it is written there. */
static const char *member(const char *line, const char *name, size_t *len)
{
	char start[32];
	const char *at;

	snprintf(start, sizeof(start), "\"%s\":\"", name);
	at = strstr(line, start) + strlen(start);
	*len = strcspn(at, "\"");
	return at;
}

static void set_member(struct journal *journal, size_t seq, const char *name, const char *value)
{
	char from[256], to[256];
	size_t len;
	const char *old = member(journal->lines[seq - 1], name, &len);

	snprintf(from, sizeof(from), "\"%s\":\"%.*s\"", name, (int)len, old);
	snprintf(to, sizeof(to), "\"%s\":\"%s\"", name, value);
	journal_replace_once(journal, seq, from, to);
}

size_t journal_again(struct journal *journal, size_t seq, const char *key, int64_t at_ms)
{
	char number[24], time[24];
	size_t len;
	const char *last = member(journal->lines[journal->n - 1], "at", &len);

	assert(journal->n < JOURNAL_MAX);
	snprintf(number, sizeof(number), "%zu", journal->n + 1);
	snprintf(time, sizeof(time), "%.*s", (int)len, last);
	if (at_ms > 0)
		snprintf(time, sizeof(time), "%lld", (long long)at_ms);
	journal->lines[journal->n++] = strdup(journal->lines[seq - 1]);
	set_member(journal, journal->n, "seq", number);
	set_member(journal, journal->n, "at", time);
	set_member(journal, journal->n, "key", key);
	return journal->n;
}

void journal_drop(struct journal *journal, size_t seq)
{
	free(journal->lines[seq - 1]);
	for (size_t i = seq; i < journal->n; i++)
		journal->lines[i - 1] = journal->lines[i];
	journal->n--;
}

static void seal(char *line)
{
	unsigned char hash[32];
	size_t len = strlen(line) - TAIL;
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)line, len);
	crypto_hash_sha256_update(&state, (const unsigned char *)"}", 1);
	crypto_hash_sha256_final(&state, hash);
	hex_put(hash, sizeof(hash), line + len + sizeof(",\"hash\":\"") - 1);
}

void journal_chain(struct journal *journal, size_t from)
{
	for (size_t i = from - 1; i < journal->n; i++) {
		char *prev = strstr(journal->lines[i], "\"prev\":\"") + sizeof("\"prev\":\"") - 1;
		const char *before = i > 0 ? journal->lines[i - 1] : NULL;

		if (before != NULL)
			memcpy(prev, before + strlen(before) - 66, 64);
		seal(journal->lines[i]);
	}
}
