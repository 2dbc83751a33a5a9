/*
 * Walking a store; see verify_scan.h.
 *
 * A page of keys is taken, then asked for what they hold, round after round
 * until nothing of the page has more: never from within an answer, because the
 * words of a command live only until it is sent.
 */
#include "daemon/cli/verify_scan.h"

#include "daemon/cli/tipctl_archive.h"

#include <hiredis/hiredis.h>

#define KEYS_PAGE "1000"
#define ITEMS_PAGE 200

struct open_key {
	struct scan *scan;
	struct span key;
	enum verify_type type;
	char cursor[48];      /* where the next piece begins */
	uint64_t done;        /* items of a list */
	bool more;
	/* Of a journal that is read whole: */
	bool whole;
	char journal[ARCHIVE_JOURNAL_MAX + 1];
	struct ctl_segments segments;
	uint64_t next;        /* number that is to come */
};

struct scan {
	const struct verify_walk *walk;
	struct pipe *store;
	struct arena arena;   /* of a page */
	struct open_key *keys;
	size_t n;
	char cursor[24];
};

static void give(const struct open_key *key, uint64_t number, struct span a, struct span b)
{
	const struct verify_piece piece = { .key = key->key, .number = number, .a = a, .b = b };

	key->scan->walk->piece(key->scan->walk->ctx, &piece);
}

/* --- what a key holds ---------------------------------------------------------------------------- */

static void take_pairs(struct open_key *key, const redisReply *items)
{
	size_t step = key->type == VERIFY_SET ? 1 : 2;

	for (size_t i = 0; i + step <= items->elements; i += step)
		give(key, 0, pipe_text(items->element[i]), step == 2 ? pipe_text(items->element[i + 1]) : (struct span){ 0 });
}

static void take_cursor(struct open_key *key, const redisReply *reply)
{
	if (reply->elements != 2 || reply->element[0]->type != REDIS_REPLY_STRING)
		return;
	snprintf(key->cursor, sizeof(key->cursor), "%s", reply->element[0]->str);
	key->more = strcmp(key->cursor, "0") != 0;
	take_pairs(key, reply->element[1]);
}

static void take_list(struct open_key *key, const redisReply *reply)
{
	for (size_t i = 0; i < reply->elements; i++)
		give(key, key->done++, pipe_text(reply->element[i]), (struct span){ 0 });
	key->more = reply->elements == ITEMS_PAGE;
	snprintf(key->cursor, sizeof(key->cursor), "%llu", (unsigned long long)key->done);
}

/* --- entries that lie in files ---------------------------------------------------------------------- */

static bool take_filed(void *ctx, const struct archive_entry *entry)
{
	const struct open_key *key = ctx;

	for (size_t i = 0; i < entry->nfields; i++)
		give(key, entry->number, entry->fields[i].name, entry->fields[i].value);
	return true;
}

/* Those up to before `end`. */
static void read_files(struct open_key *key, uint64_t end)
{
	const struct verify_walk *walk = key->scan->walk;
	struct complaint why;

	if (key->whole && key->next < end &&
	    !ctl_archive_read(walk->archive, key->journal, &key->segments, (struct archive_range){ key->next, end - 1 }, take_filed,
			      key, &why))
		walk->lost(walk->ctx, why.text);
	key->next = end;
}

/* A store may have let go of all of a journal. */
static void read_rest(struct open_key *key)
{
	if (key->whole && key->segments.n > 0)
		read_files(key, key->segments.at[key->segments.n - 1].last + 1 > key->next ?
					key->segments.at[key->segments.n - 1].last + 1 :
					key->next);
}

static void take_segments(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct open_key *key = ctx;

	(void)at;
	(void)n;
	if (!ctl_segments_read(reply, &key->segments))
		key->scan->walk->refused(key->scan->walk->ctx, key->key, "the list of its files cannot be read");
}

static void ask_segments(struct scan *scan, struct open_key *key)
{
	struct pipe_words words = pipe_words(scan->store);

	pipe_word(&words, SPAN("LRANGE"));
	pipe_word(&words, span_of(arena_printf(words.arena, "{%s}:archive", key->journal)));
	pipe_word(&words, SPAN("0"));
	pipe_word(&words, SPAN("-1"));
	pipe_send(scan->store, &words, take_segments, key, NULL, 0);
}

/* "{15}:journal" and the audit trail's; the journal of money stays in the store. */
static void open_journal(struct open_key *key)
{
	const struct span end = SPAN("}:journal");
	struct span name = key->key;

	if (key->scan->walk->lost == NULL || key->type != VERIFY_STREAM || name.len <= end.len + 1 || name.at[0] != '{' ||
	    name.len - end.len - 1 > ARCHIVE_JOURNAL_MAX || !span_eq(span_from_offset(name, name.len - end.len), end))
		return;
	name = span_from(name.at + 1, name.len - end.len - 1);
	key->whole = !span_is(name, "money");
	key->next = 1;
	snprintf(key->journal, sizeof(key->journal), "%.*s", (int)name.len, name.at);
}

/* --- streams ------------------------------------------------------------------------------------------ */

static void take_entry(struct open_key *key, const redisReply *entry)
{
	const redisReply *fields;
	struct span id, digits;
	uint64_t number = 0;

	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2)
		return;
	id = pipe_text(entry->element[0]);
	fields = entry->element[1];
	snprintf(key->cursor, sizeof(key->cursor), "(%.*s", (int)id.len, id.at);
	if (span_cut(&id, '-', &digits))
		(void)span_u64(digits, &number);
	if (number > key->next)
		read_files(key, number);
	key->next = number + 1;
	for (size_t i = 0; fields->type == REDIS_REPLY_ARRAY && i + 1 < fields->elements; i += 2)
		give(key, number, pipe_text(fields->element[i]), pipe_text(fields->element[i + 1]));
}

static void take_stream(struct open_key *key, const redisReply *reply)
{
	for (size_t i = 0; i < reply->elements; i++)
		take_entry(key, reply->element[i]);
	key->more = reply->elements == ITEMS_PAGE;
	if (!key->more)
		read_rest(key);
}

static void take(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct open_key *key = ctx;

	(void)at;
	(void)n;
	key->more = false;
	if (reply->type == REDIS_REPLY_ERROR)
		key->scan->walk->refused(key->scan->walk->ctx, key->key, reply->str);
	else if (reply->type == REDIS_REPLY_STRING)
		give(key, 0, pipe_text(reply), (struct span){ 0 });
	else if (reply->type != REDIS_REPLY_ARRAY)
		return;
	else if (key->type == VERIFY_LIST)
		take_list(key, reply);
	else if (key->type == VERIFY_STREAM)
		take_stream(key, reply);
	else
		take_cursor(key, reply);
}

static void ask(struct scan *scan, struct open_key *key)
{
	static const char *const commands[] = {
		[VERIFY_STRING] = "GET", [VERIFY_HASH] = "HSCAN",   [VERIFY_ZSET] = "ZSCAN",
		[VERIFY_SET] = "SSCAN",	 [VERIFY_LIST] = "LRANGE", [VERIFY_STREAM] = "XRANGE",
	};
	struct pipe_words words;

	if (key->whole && strcmp(key->cursor, "-") == 0)
		ask_segments(scan, key);
	words = pipe_words(scan->store);
	pipe_word(&words, span_of(commands[key->type]));
	pipe_word(&words, key->key);
	if (key->type != VERIFY_STRING)
		pipe_word(&words, span_of(key->cursor));
	if (key->type == VERIFY_LIST)
		pipe_number(&words, key->done + ITEMS_PAGE - 1);
	if (key->type == VERIFY_STREAM)
		pipe_word(&words, SPAN("+"));
	if (key->type != VERIFY_STRING && key->type != VERIFY_LIST) {
		pipe_word(&words, SPAN("COUNT"));
		pipe_number(&words, ITEMS_PAGE);
	}
	pipe_send(scan->store, &words, take, key, NULL, 0);
}

/* All of the page, round after round. */
static bool look_into(struct scan *scan)
{
	bool more = scan->n > 0;

	while (more) {
		for (size_t i = 0; i < scan->n; i++)
			if (scan->keys[i].more)
				ask(scan, &scan->keys[i]);
		if (!pipe_drain(scan->store))
			return false;
		more = false;
		for (size_t i = 0; i < scan->n; i++)
			more = more || scan->keys[i].more;
	}
	return true;
}

/* --- keys --------------------------------------------------------------------------------------------- */

static void take_key(struct scan *scan, struct span name)
{
	const struct verify_walk *walk = scan->walk;
	struct open_key *key = &scan->keys[scan->n];

	*key = (struct open_key){ .scan = scan, .more = true };
	if (!walk->key(walk->ctx, name, &key->type))
		return;
	key->key = arena_dup(&scan->arena, name);
	snprintf(key->cursor, sizeof(key->cursor), "%s", key->type == VERIFY_STREAM ? "-" : "0");
	open_journal(key);
	scan->n++;
}

static void take_page(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct scan *scan = ctx;

	(void)at;
	(void)n;
	snprintf(scan->cursor, sizeof(scan->cursor), "0");
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
		return;
	snprintf(scan->cursor, sizeof(scan->cursor), "%s", reply->element[0]->str);
	scan->keys = arena_array(&scan->arena, struct open_key, reply->element[1]->elements + 1);
	for (size_t i = 0; i < reply->element[1]->elements; i++)
		take_key(scan, pipe_text(reply->element[1]->element[i]));
}

static bool read_page(struct scan *scan)
{
	struct pipe_words words = pipe_words(scan->store);

	pipe_word(&words, SPAN("SCAN"));
	pipe_word(&words, span_of(arena_printf(words.arena, "%s", scan->cursor)));
	if (scan->walk->match != NULL) {
		pipe_word(&words, SPAN("MATCH"));
		pipe_word(&words, span_of(scan->walk->match));
	}
	pipe_word(&words, SPAN("COUNT"));
	pipe_word(&words, SPAN(KEYS_PAGE));
	scan->n = 0;
	pipe_send(scan->store, &words, take_page, scan, NULL, 0);
	return pipe_drain(scan->store) && look_into(scan);
}

bool verify_scan(struct pipe *store, const struct verify_walk *walk)
{
	struct scan scan = { .walk = walk, .store = store, .cursor = "0" };
	bool well;

	do {
		well = read_page(&scan);
		for (size_t i = 0; i < scan.n; i++)
			ctl_segments_release(&scan.keys[i].segments);
		arena_release(&scan.arena);
	} while (well && strcmp(scan.cursor, "0") != 0);
	return well;
}
