/*
 * Wiring of the money side: treasury, office, rails, and who pays out.
 */
#include "daemon/wiring_parts.h"

#include "daemon/base/wipe.h"
#include "daemon/jobs/treasury.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"
#include "handlers/payout/attempt_voucher.h"
#include "handlers/payout/counter.h"
#include "handlers/payout/daily.h"
#include "handlers/payout/dispatch.h"
#include "handlers/payout/hooks.h"
#include "handlers/payout/payee.h"
#include "handlers/payout/rail_reload.h"
#include "handlers/payout/rail_settings.h"
#include "handlers/reward/demo_money.h"
#include "handlers/reward/office.h"

#define RAILS_AGAIN_MS 1000

static void money_applied(void *ctx, const struct record *record)
{
	struct wiring *w = ctx;

	office_applied(w->app.office, w->app.treasury != NULL ? treasury_book(w->app.treasury) : NULL, record);
	if (w->app.dispatch != NULL)
		dispatch_applied(w->app.dispatch, record);
	if (w->app.counter != NULL)
		counter_applied(w->app.counter, record);
}

/* What the treasury's timers recorded that they do next. */
static void money_errand(void *ctx, const struct record *record)
{
	struct wiring *w = ctx;

	if (w->app.dispatch != NULL)
		dispatch_errand(w->app.dispatch, record);
}

/* Who holds the treasury's lease pays out; callbacks and tellers may come to any process. */
static void open_payout(struct wiring *w)
{
	struct dispatch_env dispatch = { .loop = w->loop, .store = w->app.store, .treasury = w->app.treasury,
					 .rails = &w->rails, .payees = &w->payees, .vouchers = &w->vouchers, .trail = w->app.trail,
					 .remark = w->config->payout.remark };
	struct hooks_env hooks = { .loop = w->loop, .treasury = w->app.treasury, .rails = &w->rails };
	struct counter_env counter = { .loop = w->loop, .treasury = w->app.treasury, .store = w->app.store,
				       .key = &w->vouchers,
				       .profile = &w->counter_profile };

	w->counter_profile = rail_set_find(&w->rails, SPAN(VOUCHER_RAIL))->profile;
	w->app.rails = &w->rails;
	random_bytes(hooks.key, sizeof(hooks.key));
	w->app.hooks = hooks_new(&hooks);
	w->app.counter = counter_new(&counter);
	if ((w->config->roles & ROLE_JOBS) == 0)
		return;
	dispatch.http = wiring_http(w);
	w->app.dispatch = dispatch_new(&dispatch);
	w->app.daily = daily_new(&(struct daily_env){ .loop = w->loop, .http = dispatch.http, .treasury = w->app.treasury,
						      .rails = &w->rails });
}

bool wiring_open_money(struct wiring *w, bool demo, struct complaint *why)
{
	struct office_env office = { .key = keys_requests(w->app.keys),
				     .engagement = w->config->money.engagement,
				     .seed = random_u64() };
	struct treasury_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.holder = span_of(w->holder),
		.mirror = config_money_mirror(w->config),
		.timers = (w->config->roles & ROLE_JOBS) != 0,
		.applied = money_applied,
		.errand = money_errand,
		.ctx = w,
	};

	if (!w->config->money.enabled)
		return true;
	w->app.office = office_new(&office);
	env.instruction_key = office_instruction_key(w->app.office);
	payee_key(keys_courier(w->app.keys), &w->payees);
	attempt_voucher_key(keys_requests(w->app.keys), &w->vouchers);
	if (!rail_settings_read(w->config, &w->rails, why))
		return false;
	w->app.treasury = treasury_new(&env, why);
	if (w->app.treasury != NULL)
		open_payout(w);
	if (w->app.treasury != NULL && demo)
		w->demo_money = demo_money_new(w->loop, w->app.treasury);
	return w->app.treasury != NULL;
}

static void adopt_rails(struct wiring *w)
{
	w->counter_profile = rail_set_find(&w->rails, SPAN(VOUCHER_RAIL))->profile;
	if (w->app.dispatch != NULL)
		dispatch_rails_changed(w->app.dispatch);
	for (size_t i = 0; i < w->rails.n; i++)
		if (w->rails.entries[i]->gone)
			log_event(LOG_LEVEL_WARNING, "payout.rail_gone", "rail", w->rails.entries[i]->config.name, NULL);
	log_event(LOG_LEVEL_NOTICE, "payout.rails_read", "rails", log_u64(w->rails.n), NULL);
}

static void reload_rails(void *ctx)
{
	struct wiring *w = ctx;
	const struct book *book = treasury_book(w->app.treasury);
	struct rail_set fresh = { 0 };
	struct complaint why = { .text = "" };

	w->rails_later = NULL;
	/* Without the journal nobody can say what is under way. */
	if (book == NULL) {
		w->rails_later = loop_after(w->loop, RAILS_AGAIN_MS, reload_rails, w);
	} else if (rail_settings_read(w->config, &fresh, &why) && rail_reload(&w->rails, &fresh, book, &why)) {
		adopt_rails(w);
	} else {
		rail_set_release(&fresh);
		log_event(LOG_LEVEL_ERROR, "payout.rails_refused", "why", why.text, NULL);
	}
}

void wiring_reload_money(struct wiring *w)
{
	if (w->app.treasury != NULL && w->rails_later == NULL)
		reload_rails(w);
}

void wiring_stop_money(struct wiring *w)
{
	if (w->rails_later != NULL)
		loop_timer_cancel(w->rails_later);
	dispatch_free(w->app.dispatch);
	daily_free(w->app.daily);
	hooks_free(w->app.hooks);
	counter_free(w->app.counter);
	w->app.dispatch = NULL;
	w->app.counter = NULL;
	demo_money_stop(w->demo_money);
	treasury_free(w->app.treasury);
	demo_money_free(w->demo_money);
}

void wiring_close_money(struct wiring *w)
{
	office_free(w->app.office);
	rail_set_release(&w->rails);
	wipe(&w->payees, sizeof(w->payees));
	wipe(&w->vouchers, sizeof(w->vouchers));
}
