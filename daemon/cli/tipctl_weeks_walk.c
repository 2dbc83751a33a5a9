/*
 * Walking all tips of a store, by their fronts; see tipctl_weeks.h.
 *
 * A page of keys is taken, then asked for what they hold: never from within an
 * answer, because the words of a command live only until it is sent.
 */
#include "daemon/cli/tipctl_weeks.h"

#include "daemon/store/keys.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

#define KEYS_PAGE "500"
#define FRONT_LAST "173"

struct page_tip {
	struct week_tip tip;
	struct arena *arena;
	char region[3];          /* where it went; empty: it did not */
	bool by_identity;        /* found by that key: one with a content is found by that of its content */
};

struct walking {
	struct week_walk *walk;
	struct arena arena;      /* of a page */
	struct page_tip *tips;
	size_t n;
	char cursor[24];
};

/* --- a page of keys ---------------------------------------------------------------------------- */

/* "{15}:tip:15-0123456789" */
static bool id_of(struct span key, struct tip_id *id)
{
	return key.len > TIP_ID_LEN && tip_id_parse(span_from_offset(key, key.len - TIP_ID_LEN), id);
}

static bool is_identity(struct span key)
{
	return key.len > 5 && span_starts(span_from_offset(key, 5), SPAN("identity:"));
}

static void take_keys(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct walking *w = ctx;

	(void)at;
	(void)n;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
		return;
	snprintf(w->cursor, sizeof(w->cursor), "%s", reply->element[0]->str);
	w->tips = arena_array(&w->arena, struct page_tip, reply->element[1]->elements);
	w->n = 0;
	for (size_t i = 0; i < reply->element[1]->elements; i++) {
		struct page_tip *tip = &w->tips[w->n];

		*tip = (struct page_tip){ .arena = &w->arena, .by_identity = is_identity(pipe_text(reply->element[1]->element[i])) };
		if (id_of(pipe_text(reply->element[1]->element[i]), &tip->tip.id))
			w->n++;
	}
}

static bool ask_keys(struct walking *w)
{
	struct pipe *store = w->walk->store;
	struct pipe_words words = pipe_words(store);

	pipe_word(&words, SPAN("SCAN"));
	pipe_word(&words, arena_dup(words.arena, span_of(w->cursor)));
	pipe_word(&words, SPAN("MATCH"));
	pipe_word(&words, SPAN("{[0-9][0-9]}:[ti]*:*"));
	pipe_word(&words, SPAN("COUNT"));
	pipe_word(&words, SPAN(KEYS_PAGE));
	w->n = 0;
	snprintf(w->cursor, sizeof(w->cursor), "0"); /* where no answer comes the walk ends, and pipe_drain() says so */
	pipe_send(store, &words, take_keys, w, NULL, 0);
	return pipe_drain(store);
}

/* --- what they hold ------------------------------------------------------------------------------- */

static void take_content(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct page_tip *tip = ctx;

	(void)at;
	(void)n;
	tip->tip.content = arena_dup(tip->arena, pipe_text(reply));
}

static void take_identity(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct page_tip *tip = ctx;

	(void)at;
	(void)n;
	tip->tip.identity = arena_dup(tip->arena, pipe_text(reply));
}

static void take_state(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct page_tip *tip = ctx;
	struct span region;

	(void)at;
	(void)n;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 || !span_is(pipe_text(reply->element[0]), "transferred"))
		return;
	region = pipe_text(reply->element[1]);
	if (region.len > 2)
		snprintf(tip->region, sizeof(tip->region), "%.2s", region.at);
}

static void take_there(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct page_tip *tip = ctx;

	(void)at;
	(void)n;
	tip->tip.leaving = reply->type != REDIS_REPLY_INTEGER || reply->integer == 0;
}

static void ask_front(struct pipe *store, struct page_tip *tip, enum tip_key key, pipe_taker *taker)
{
	struct pipe_words words = pipe_words(store);

	pipe_word(&words, SPAN("GETRANGE"));
	pipe_word(&words, key_of_tip(words.arena, &tip->tip.id, key));
	pipe_word(&words, SPAN("0"));
	pipe_word(&words, SPAN(FRONT_LAST));
	pipe_send(store, &words, taker, tip, NULL, 0);
}

static void ask_state(struct pipe *store, struct page_tip *tip)
{
	struct pipe_words words = pipe_words(store);

	pipe_word(&words, SPAN("HMGET"));
	pipe_word(&words, key_of_tip(words.arena, &tip->tip.id, KEY_STATE));
	pipe_word(&words, SPAN("s"));
	pipe_word(&words, SPAN("b"));
	pipe_send(store, &words, take_state, tip, NULL, 0);
}

/* Its other half, under the tail of the same id. */
static void ask_there(struct pipe *store, struct page_tip *tip)
{
	struct pipe_words words = pipe_words(store);
	struct tip_id there = tip->tip.id;

	memcpy(there.text, tip->region, 2);
	pipe_word(&words, SPAN("EXISTS"));
	pipe_word(&words, key_of_tip(words.arena, &there, KEY_STATE));
	pipe_send(store, &words, take_there, tip, NULL, 0);
}

static bool ask_tips(struct walking *w)
{
	struct pipe *store = w->walk->store;

	for (size_t i = 0; i < w->n; i++) {
		ask_front(store, &w->tips[i], KEY_TIP, take_content);
		ask_front(store, &w->tips[i], KEY_IDENTITY, take_identity);
		ask_state(store, &w->tips[i]);
	}
	if (!pipe_drain(store))
		return false;
	for (size_t i = 0; i < w->n; i++)
		if (w->tips[i].region[0] != '\0')
			ask_there(store, &w->tips[i]);
	return pipe_drain(store);
}

static bool visit_all(struct walking *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct week_tip *tip = &w->tips[i].tip;
		bool twice = w->tips[i].by_identity && tip->content.len > 0;

		if (twice || (span_empty(tip->content) && span_empty(tip->identity))) /* or gone meanwhile */
			continue;
		if ((tip->content.len > 0 && !cover_week(tip->content, &tip->week)) ||
		    (tip->identity.len > 0 && !cover_week(tip->identity, &tip->identity_week))) {
			w->walk->broken++;
			continue;
		}
		w->walk->visit(w->walk->ctx, tip);
	}
	return pipe_drain(w->walk->store);
}

bool week_walk(struct week_walk *walk)
{
	struct walking w = { .walk = walk, .cursor = "0" };
	bool well;

	do {
		well = ask_keys(&w) && ask_tips(&w) && visit_all(&w);
		if (well && walk->page != NULL)
			walk->page(walk->ctx);
		arena_clear(&w.arena);
	} while (well && strcmp(w.cursor, "0") != 0);
	arena_release(&w.arena);
	return well;
}
