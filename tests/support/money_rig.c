/*
 * Handlers with money, wired for tests; see money_rig.h.
 */
#include "tests/support/money_rig.h"

#include "daemon/base/hex.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/config.h"
#include "daemon/sys/keys.h"
#include "handlers/intake/intake.h"
#include "handlers/payout/counter.h"
#include "handlers/payout/dispatch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BEGIN_MS INT64_C(1772323200000)   /* 2026-03-01 08:00 in China */
#define STEP_MS 4000000000u
#define TURNS_MAX 1000
#define TURN_MS 50           /* of the store, in one turn of the loop */

void money_rig_never(const char *condition)
{
	fprintf(stderr, "money_rig: never: %s\n", condition);
	abort();
}

static void applied(void *ctx, const struct record *record)
{
	struct money_rig *m = ctx;
	const struct app *app = &m->app.app;

	office_applied(app->office, app->treasury != NULL ? treasury_book(app->treasury) : NULL, record);
	if (app->counter != NULL)
		counter_applied(app->counter, record);
	if (app->dispatch != NULL)
		dispatch_applied(app->dispatch, record);
}

static void advance(struct money_rig *m, int64_t ms)
{
	for (int64_t left = ms; left > 0; left -= STEP_MS)
		store_memory_advance(m->app.store->memory, left > STEP_MS ? STEP_MS : (unsigned)left);
}

void money_rig_open(struct money_rig *m, const char *const *sets)
{
	struct complaint why = { .text = "" };
	struct office_env office = { .engagement = "audit of 2026", .seed = 7 };
	struct treasury_env env = { .holder = SPAN("rig"), .timers = true, .poll_ms = 10, .applied = applied, .ctx = m };

	*m = (struct money_rig){ .nkeys = 0 };
	app_rig_open(&m->app, sets);
	m->app.store->durable = true;
	advance(m, BEGIN_MS);
	office.key = keys_requests(m->app.app.keys);
	m->app.app.office = office_new(&office);
	env.loop = m->app.loop;
	env.store = m->app.app.store;
	env.instruction_key = office_instruction_key(m->app.app.office);
	env.mirror = config_money_mirror(&m->app.config);
	m->app.app.treasury = treasury_new(&env, &why);
	if (m->app.app.treasury == NULL)
		money_rig_never(why.text);
	m->demo = demo_money_new(m->app.loop, m->app.app.treasury);
	money_rig_until(m, demo_money_done(m->demo));
}

void money_rig_close(struct money_rig *m)
{
	struct office *office = m->app.app.office;

	demo_money_stop(m->demo);
	treasury_free(m->app.app.treasury);
	demo_money_free(m->demo);
	m->app.app.treasury = NULL;
	app_rig_close(&m->app);
	office_free(office);
	arena_release(&m->arena);
}

/*
 * The treasury counts on from what the store told it last, so it was ahead by
 * as long as the machine kept it waiting: the store's clock goes on meanwhile.
 */
void money_rig_pass(struct money_rig *m, int64_t ms)
{
	int64_t until_ms = treasury_now_ms(m->app.app.treasury) + ms;

	advance(m, ms);
	for (int turns = 0; treasury_now_ms(m->app.app.treasury) < until_ms; turns++) {
		if (turns > TURNS_MAX)
			money_rig_never("the treasury notices that time passed");
		app_rig_run(&m->app, 10);
		advance(m, TURN_MS);
	}
}

void money_rig_days(struct money_rig *m, unsigned days)
{
	money_rig_pass(m, (int64_t)days * RIG_DAY_MS);
}

const char *money_rig_text(struct money_rig *m, const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return arena_dup(&m->arena, span_of(text)).at;
}

/* --- calls ------------------------------------------------------------------------------- */

const char *money_rig_who(struct money_rig *m, const char *account)
{
	size_t len = strcspn(account, "-");
	unsigned role = token_role_parse(span_from(account, len));

	return money_rig_text(m, "Authorization: Bearer %s\r\n",
			      app_rig_token(&m->app, account, role, "000000", &m->arena));
}

struct rig_answer money_rig_call(struct money_rig *m, const char *account, const char *method, const char *path,
				 const char *json, const char *key)
{
	const char *fields = money_rig_who(m, account);

	if (key == NULL)
		key = money_rig_text(m, "k-%u", ++m->nkeys);
	if (key[0] != '\0')
		fields = money_rig_text(m, "%sIdempotency-Key: %s\r\n", fields, key);
	return app_rig_ask(&m->app, SITE_STAFF, method, path, fields, span_of(json));
}

static struct rig_answer must(struct money_rig *m, const char *account, const char *path, const char *json)
{
	struct rig_answer answer = money_rig_call(m, account, "POST", path, json, NULL);

	if (answer.status >= 300) {
		fprintf(stderr, "money_rig: %s %s: %d %.*s\n", account, path, answer.status, (int)answer.body.len,
			answer.body.at);
		abort();
	}
	return answer;
}

/* --- cases and rewards ----------------------------------------------------------------------- */

static void taken(void *ctx, const struct intake_result *result)
{
	struct rig_case *about = ctx;

	about->tip = result->id;
	about->code = result->receipt;
}

void money_rig_case(struct money_rig *m, struct rig_case *out)
{
	struct intake_request *request = arena_new(&m->arena, struct intake_request);

	snprintf(out->name, sizeof(out->name), "case-%u", ++m->ncases);
	request->tip = (struct tip){ .text = span_of(money_rig_text(m, "鄂尔多斯市东胜区的砖厂关着人不让走 %u", m->ncases)),
				     .lang = SPAN("zh-CN"), .channel = TIP_BY_API,
				     .received_ms = treasury_now_ms(m->app.app.treasury) };
	intake_submit(m->app.app.intake, request, taken, out);
	app_rig_settle(&m->app);
	must(m, "verifier", "/api/v1/cases",
	     money_rig_text(m, "{\"case\":\"%s\",\"bureau\":\"150600\",\"tips\":[\"%s at=%lld bands=victim_located\"]}",
			    out->name, out->tip.text, (long long)request->tip.received_ms));
}

const char *money_rig_proposed(struct money_rig *m, struct rig_case *about)
{
	struct rig_answer answer;
	struct span id;

	money_rig_case(m, about);
	answer = must(m, "proposer", "/api/v1/rewards",
		      money_rig_text(m, "{\"case\":\"%s\",\"tip\":\"%s\",\"programme\":\"" DEMO_PROGRAMME
					"\",\"external_award\":0,\"factors\":[\"%s specificity=2\"]}",
				     about->name, about->tip.text, about->tip.text));
	id = rig_member(answer.body, "subject");
	return arena_dup(&m->arena, id).at;
}

const char *money_rig_claimable(struct money_rig *m, struct rig_case *about)
{
	const char *id = money_rig_proposed(m, about);

	must(m, "proposer", money_rig_text(m, "/api/v1/rewards/%s/submit", id), "{}");
	must(m, "approver", money_rig_text(m, "/api/v1/rewards/%s/approve", id),
	     money_rig_text(m, "{\"digest\":\"%s\"}", money_rig_digest(m, id)));
	money_rig_until(m, money_rig_reward(m, id)->state == REWARD_CLAIMABLE);
	return id;
}

const struct book_reward *money_rig_reward(struct money_rig *m, const char *id)
{
	return book_reward(treasury_book(m->app.app.treasury), span_of(id));
}

const char *money_rig_digest(struct money_rig *m, const char *id)
{
	return hex_text(&m->arena, money_rig_reward(m, id)->digest, 32);
}
