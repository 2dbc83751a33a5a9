/*
 * Reload of rails; see rail_reload.h.
 */
#include "handlers/payout/rail_reload.h"

#include "daemon/base/table.h"

size_t rail_live_attempts(const struct book *book, const char *name)
{
	size_t live = 0;

	for (size_t i = 0; i < book_rewards(book); i++) {
		const struct book_reward *reward = book_reward_at(book, i);

		for (size_t k = 0; k < reward->nattempts; k++)
			live += attempt_live(reward->attempts[k].state) && strcmp(reward->attempts[k].rail, name) == 0;
	}
	return live;
}

static bool same(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

/* The setting that makes it another house or another account of ours; NULL: it is the same. */
static const char *moved(const struct rail_config *from, const struct rail_config *to)
{
	const struct {
		const char *name, *from, *to;
	} settings[] = {
		{ .name = "driver", .from = from->driver, .to = to->driver },
		{ .name = "url", .from = from->url, .to = to->url },
		{ .name = "method", .from = from->method, .to = to->method },
		{ .name = "app_id", .from = from->app_id, .to = to->app_id },
		{ .name = "merchant", .from = from->merchant, .to = to->merchant },
		{ .name = "payer_account", .from = from->payer_account, .to = to->payer_account },
		{ .name = "payer_bank", .from = from->payer_bank, .to = to->payer_bank },
	};

	for (size_t i = 0; i < COUNT_OF(settings); i++)
		if (!same(settings[i].from, settings[i].to))
			return settings[i].name;
	return NULL;
}

static bool fits(const struct rail_entry *from, const struct rail_entry *to, size_t live, struct complaint *why)
{
	const char *setting = live > 0 ? moved(&from->config, &to->config) : NULL;

	return setting == NULL ||
	       complain(why, 0, "payout.rails.%s.%s: it has %zu payments that are not over, which the new one would "
			"not know; give the new one another name, set enabled of this one to false and wait",
			from->config.name, setting, live);
}

/* Live ones need a place among the fresh ones. */
static bool all_fit(const struct rail_set *running, const struct rail_set *fresh, const struct book *book,
		    struct complaint *why)
{
	size_t n = fresh->n;

	for (size_t i = 0; i < running->n; i++) {
		const struct rail_entry *from = running->entries[i];
		const struct rail_entry *to = rail_set_find(fresh, span_of(from->config.name));
		size_t live = rail_live_attempts(book, from->config.name);

		if (to != NULL && !fits(from, to, live, why))
			return false;
		n += to == NULL && live > 0;
	}
	return n <= RAIL_SET_MAX || complain(why, 0, "more than %d rails with those that have payments open", RAIL_SET_MAX);
}

static void go_on(const struct rail_entry *from, struct rail_entry *to)
{
	to->breaker = from->breaker;
	memcpy(to->day, from->day, sizeof(to->day));
	to->daily_sent_fen = from->daily_sent_fen;
	to->sent = from->sent;
	to->asked = from->asked;
	to->cancelled = from->cancelled;
	to->unanswered = from->unanswered;
	to->statement_rest_ms = from->statement_rest_ms;
}

bool rail_reload(struct rail_set *running, struct rail_set *fresh, const struct book *book, struct complaint *why)
{
	if (!all_fit(running, fresh, book, why)) {
		rail_set_release(fresh);
		return false;
	}
	for (size_t i = 0; i < running->n; i++) {
		struct rail_entry *from = running->entries[i];
		struct rail_entry *to = rail_set_find(fresh, span_of(from->config.name));

		if (to != NULL) {
			go_on(from, to);
		} else if (rail_live_attempts(book, from->config.name) > 0) {
			from->gone = true;
			fresh->entries[fresh->n++] = rail_entry_hold(from);
		}
	}
	rail_set_release(running);
	*running = *fresh;
	*fresh = (struct rail_set){ 0 };
	return true;
}

size_t rail_reload_sweep(struct rail_set *running, const struct book *book)
{
	size_t swept = 0;

	for (size_t i = running->n; i > 0; i--)
		if (running->entries[i - 1]->gone && rail_live_attempts(book, running->entries[i - 1]->config.name) == 0) {
			rail_set_remove(running, i - 1);
			swept++;
		}
	return swept;
}
