/*
 * Callbacks; see hooks.h.
 */
#include "handlers/payout/hooks.h"

#include "daemon/base/hex.h"
#include "daemon/base/memory.h"
#include "daemon/http/server.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "handlers/answer.h"
#include "handlers/payout/dispatch.h"
#include "handlers/payout/nonces.h"
#include "handlers/payout/rail_report.h"
#include "handlers/payout/rail_hash.h"

#include <stdlib.h>

#define NONCES 4096       /* within ten minutes */
#define WAIT_MS 5000      /* for the journal; providers wait about as long */

/* An event that waits for the journal. */
struct hook {
	struct hooks *hooks;
	struct hook *next;
	struct arena arena;
	struct rail_entry *entry;         /* held */
	struct http_exchange *exchange;   /* NULL: answered */
	struct loop_timer *late;
	struct span nonce;
	struct rail_report report;
	struct book_command command;
};

struct hooks {
	struct hooks_env env;
	struct nonces *nonces;
	struct hook *waiting;
	bool leaving;
	struct hooks_figures figures;
};

struct hooks *hooks_new(const struct hooks_env *env)
{
	struct hooks *hooks = memory_zeroes(1, sizeof(*hooks));

	hooks->env = *env;
	hooks->nonces = nonces_new(NONCES, env->key);
	return hooks;
}

const struct hooks_figures *hooks_figures(const struct hooks *hooks)
{
	return &hooks->figures;
}

/* --- answers ----------------------------------------------------------------------------- */

static void answer(struct hook *hook, bool taken)
{
	struct http_reply reply = { 0 };

	hook->entry->rail->answer_hook(taken, &reply);
	http_reply_field(&reply, "Cache-Control", SPAN("no-store"));
	http_exchange_reply(hook->exchange, &reply);
	hook->exchange = NULL;
}

static void hook_free(struct hook *hook)
{
	struct hook **at = &hook->hooks->waiting;

	while (*at != hook)
		at = &(*at)->next;
	*at = hook->next;
	if (hook->late != NULL)
		loop_timer_cancel(hook->late);
	rail_entry_drop(hook->entry);
	arena_release(&hook->arena);
	free(hook);
}

static void taken(struct hook *hook)
{
	hook->hooks->figures.taken++;
	answer(hook, true);
	hook_free(hook);
}

/* The same event may come again, with the same signature. */
static void come_again(struct hook *hook)
{
	hook->hooks->figures.not_recorded++;
	nonces_drop(hook->hooks->nonces, span_of(hook->entry->config.name), hook->nonce);
	answer(hook, false);
}

static void not_taken(struct hook *hook)
{
	come_again(hook);
	hook_free(hook);
}

/* It may still be recorded: then its repetition finds it under its key. */
static void late(void *ctx)
{
	struct hook *hook = ctx;

	hook->late = NULL;
	come_again(hook);
}

static void strange(struct hook *hook, const char *why)
{
	hook->hooks->figures.strange++;
	log_event(LOG_LEVEL_ERROR, "payout.hook_strange", "rail", hook->entry->config.name, "why", why, "event",
		  hook->report.event[0] != '\0' ? hook->report.event : NULL, NULL);
}

static void free_when_alone(struct hooks *hooks)
{
	if (!hooks->leaving || hooks->waiting != NULL)
		return;
	nonces_free(hooks->nonces);
	free(hooks);
}

void hooks_free(struct hooks *hooks)
{
	if (hooks == NULL)
		return;
	hooks->leaving = true;
	for (struct hook *hook = hooks->waiting; hook != NULL; hook = hook->next)
		if (hook->exchange != NULL)
			answer(hook, false);
	free_when_alone(hooks);
}

/* --- the journal --------------------------------------------------------------------------- */

static void recorded(void *ctx, const struct treasury_answer *said)
{
	struct hook *hook = ctx;
	struct hooks *hooks = hook->hooks;

	if (hooks->leaving) {
		hook_free(hook);
		free_when_alone(hooks);
		return;
	}
	if (hook->exchange == NULL) {
		hook_free(hook);
		return;
	}
	if (said->outcome == TREASURY_AWAY || said->outcome == TREASURY_UNKNOWN) {
		not_taken(hook);
		return;
	}
	/* What the book refuses it refuses always: an attempt that is over has nothing to be asked about. */
	if (said->outcome == TREASURY_REFUSED)
		log_event(LOG_LEVEL_NOTICE, "payout.hook_refused", "rail", hook->entry->config.name, "why",
			  said->refusal->code, NULL);
	taken(hook);
}

/* Of rail and event, so that a repetition with another signature is the same command. */
static struct span key_of(struct hook *hook)
{
	unsigned char hash[RAIL_HASH_BYTES];
	const char *name = arena_printf(&hook->arena, "%s\n%s", hook->entry->config.name, hook->report.event);

	rail_hash(span_of(name), hash);
	return span_of(arena_printf(&hook->arena, "hook:%s", hex_text(&hook->arena, hash, 16)));
}

static struct span raw_of(struct hook *hook)
{
	unsigned char hash[RAIL_HASH_BYTES];

	rail_hash(http_exchange_request(hook->exchange)->body, hash);
	return span_of(hex_text(&hook->arena, hash, sizeof(hash)));
}

static void record(struct hook *hook, struct span attempt)
{
	if (!dispatch_observation(&hook->report, attempt, key_of(hook), raw_of(hook), &hook->arena, &hook->command))
		hook->command = (struct book_command){ .kind = "attempt.query", .person = SPAN("system"),
						       .account = SPAN("system"), .roles = MONEY_SYSTEM,
						       .subject = attempt, .key = key_of(hook) };
	hook->late = loop_after(hook->hooks->env.loop, WAIT_MS, late, hook);
	treasury_submit(hook->hooks->env.treasury, &hook->command,
			(struct treasury_wait){ .done = recorded, .ctx = hook });
}

/* --- which attempt ---------------------------------------------------------------------------- */

static void match(struct hook *hook)
{
	const struct book *book = treasury_book(hook->hooks->env.treasury);
	struct span instruction = span_of(hook->report.instruction);
	const struct book_reward *reward;
	const struct book_attempt *attempt = book != NULL ? book_instruction(book, instruction, &reward) : NULL;

	if (attempt == NULL || strcmp(attempt->rail, hook->entry->config.name) != 0) {
		if (book != NULL)
			strange(hook, "it is about no payment of this rail");
		not_taken(hook);
		return;
	}
	if (!rail_report_match(&hook->report, span_of(attempt->instruction), attempt->fen))
		strange(hook, hook->report.code);
	record(hook, span_of(arena_printf(&hook->arena, "%s-%u", reward->id, attempt->number)));
}

/* --- the request -------------------------------------------------------------------------------- */

static void refuse(struct http_exchange *exchange, int status, const char *code)
{
	answer_problem(exchange, &(struct problem){ .status = status, .code = code });
}

static bool is_waiting(const struct hooks *hooks, struct span rail, struct span nonce)
{
	for (const struct hook *hook = hooks->waiting; hook != NULL; hook = hook->next)
		if (hook->exchange != NULL && span_is(rail, hook->entry->config.name) && span_eq(hook->nonce, nonce))
			return true;
	return false;
}

static int64_t now_ms(const struct hooks *hooks)
{
	return hooks->env.wall_ms != NULL ? hooks->env.wall_ms() : clock_wall_ms();
}

static void begin(struct hooks *hooks, struct rail_entry *entry, struct span nonce, struct http_exchange *exchange)
{
	struct hook *hook = memory_zeroes(1, sizeof(*hook));
	struct complaint why = { .text = "" };

	*hook = (struct hook){ .hooks = hooks, .next = hooks->waiting, .entry = rail_entry_hold(entry),
			       .exchange = exchange };
	hooks->waiting = hook;
	hook->nonce = arena_dup(&hook->arena, nonce);
	if (entry->rail->read_hook(&entry->config, http_exchange_request(exchange), &hook->arena, &hook->report, &why)) {
		match(hook);
		return;
	}
	strange(hook, why.text);
	nonces_drop(hooks->nonces, span_of(entry->config.name), hook->nonce);
	refuse(exchange, 400, "not_understood");
	hook_free(hook);
}

/* Seen before: either it was taken, or it still waits for the journal. */
static void repeat(struct hooks *hooks, struct rail_entry *entry, struct span nonce, struct http_exchange *exchange)
{
	struct http_reply reply = { 0 };

	hooks->figures.repeated++;
	entry->rail->answer_hook(!is_waiting(hooks, span_of(entry->config.name), nonce), &reply);
	http_exchange_reply(exchange, &reply);
}

void hooks_serve(struct hooks *hooks, struct span rail, struct http_exchange *exchange)
{
	struct rail_entry *entry = rail_set_find(hooks->env.rails, rail);
	const struct http_request *request = http_exchange_request(exchange);
	struct span nonce;

	if (entry == NULL || entry->rail->verify_hook == NULL) {
		refuse(exchange, 404, "no_such_rail");
		return;
	}
	if (!entry->rail->verify_hook(&entry->config, request, now_ms(hooks), &nonce)) {
		hooks->figures.unsigned_++;
		log_rarely(LOG_LEVEL_WARNING, "payout.hook_unsigned", entry->config.name);
		refuse(exchange, 401, "not_verified");
		return;
	}
	switch (nonces_take(hooks->nonces, rail, nonce, now_ms(hooks))) {
	case NONCES_NEW:
		begin(hooks, entry, nonce, exchange);
		return;
	case NONCES_SEEN:
		repeat(hooks, entry, nonce, exchange);
		return;
	case NONCES_FULL:
		answer_unavailable(exchange);
		return;
	}
}

void hook_inbound(const struct call *args, struct http_exchange *exchange)
{
	if (args->app->hooks == NULL)
		answer_unavailable(exchange);
	else
		hooks_serve(args->app->hooks, args->param[0], exchange);
}
