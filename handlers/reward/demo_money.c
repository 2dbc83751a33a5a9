/*
 * Demo staff, policy and budget; see demo_money.h.
 */
#include "handlers/reward/demo_money.h"

#include "daemon/base/asset.h"
#include "daemon/base/civil_time.h"
#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/sys/log.h"

#include <stdio.h>
#include <stdlib.h>

#define AGAIN_MS 500
#define FIELDS_MAX 4
#define BUDGET_FEN "10000000"   /* 100,000 yuan */
#define COUNTER_FEN "5000000"   /* of it in cash at the demo branch */

/* "@" stands for the ledger of this year, "#" for the policy's text, "%" for its hash. */
struct step {
	const char *account;
	unsigned roles;
	const char *kind, *subject;
	struct {
		const char *name, *value;
	} fields[FIELDS_MAX];
};

#define STAFF(who, what, title) \
	{ .account = "system", .roles = MONEY_SYSTEM, .kind = "staff.set", .subject = (who), \
	  .fields = { { "person", (who) }, { "roles", "[\"" what "\"]" }, { "titles", (title) } } }

static const struct step steps[] = {
	STAFF("verifier", "verifier", "[]"),
	STAFF("proposer", "proposer", "[]"),
	STAFF("approver", "approver", "[\"approver\"]"),
	STAFF("approver-2", "approver", "[\"approver\"]"),
	STAFF("finance", "finance", "[]"),
	STAFF("finance-2", "finance", "[]"),
	STAFF("auditor", "auditor", "[]"),
	STAFF("admin", "admin", "[]"),
	STAFF("cashier", "cashier", "[\"branch-demo\"]"),
	{ .account = "admin", .roles = MONEY_ADMIN, .kind = "policy.draft", .subject = "", .fields = { { "text", "#" } } },
	{ .account = "approver", .roles = MONEY_APPROVER, .kind = "policy.adopt", .subject = "%" },
	{ .account = "finance", .roles = MONEY_FINANCE, .kind = "budget.appropriate", .subject = "@",
	  .fields = { { "fen", BUDGET_FEN }, { "reason", "demo" } } },
	{ .account = "finance", .roles = MONEY_FINANCE, .kind = "budget.receive", .subject = "@",
	  .fields = { { "fen", BUDGET_FEN }, { "account", "bank:main" }, { "reason", "demo" } } },
	{ .account = "finance", .roles = MONEY_FINANCE, .kind = "budget.fund", .subject = "@",
	  .fields = { { "fen", COUNTER_FEN }, { "from", "bank:main" }, { "to", "cash:demo" }, { "reason", "demo" } } },
};

struct demo_money {
	struct loop *loop;
	struct treasury *treasury;
	struct loop_timer *timer;
	size_t at;
	bool stopped;
	char ledger[LEDGER_BOOK_MAX];
	char hash[2 * POLICY_HASH_BYTES + 1];
};

static void go(void *ctx);

static void later(struct demo_money *demo)
{
	if (!demo->stopped)
		demo->timer = loop_after(demo->loop, AGAIN_MS, go, demo);
}

/* The hash of the draft is what is adopted next. */
static void keep_hash(struct demo_money *demo, const struct record *record)
{
	struct arena arena = { 0 };
	struct span hash;

	if (span_is(record->kind, "policy.draft") && record_text(record, "hash", &arena, &hash) &&
	    hash.len < sizeof(demo->hash))
		memcpy(demo->hash, hash.at, hash.len);
	arena_release(&arena);
}

static void answered(void *ctx, const struct treasury_answer *answer)
{
	struct demo_money *demo = ctx;

	if (demo->stopped)
		return;
	switch (answer->outcome) {
	case TREASURY_AWAY:
	case TREASURY_UNKNOWN:
		later(demo);
		return;
	case TREASURY_REFUSED:
		log_event(LOG_LEVEL_WARNING, "demo.money_refused", "kind", steps[demo->at].kind, "why",
			  answer->refusal->detail, NULL);
		break;
	case TREASURY_DONE:
		keep_hash(demo, answer->record);
		break;
	}
	demo->at++;
	go(demo);
}

static struct span value_of(const struct demo_money *demo, const char *value)
{
	if (strcmp(value, "#") == 0)
		return asset_find("config/policy/demo.json");
	if (strcmp(value, "%") == 0)
		return span_of(demo->hash);
	return strcmp(value, "@") == 0 ? span_of(demo->ledger) : span_of(value);
}

static void name_ledger(struct demo_money *demo)
{
	char day[CIVIL_DATE_MAX];

	civil_write_date(treasury_now_ms(demo->treasury), CIVIL_BEIJING_MINUTES, day);
	snprintf(demo->ledger, sizeof(demo->ledger), DEMO_BUREAU "/" DEMO_PROGRAMME "/%.4s", day);
}

static void go(void *ctx)
{
	struct demo_money *demo = ctx;
	const struct step *step = &steps[demo->at];
	struct book_command command = { 0 };
	char key[STORE_MONEY_KEY_MAX + 1];

	demo->timer = NULL;
	if (demo_money_done(demo))
		return;
	if (treasury_now_ms(demo->treasury) == 0) {
		later(demo);
		return;
	}
	name_ledger(demo);
	command = (struct book_command){ .kind = step->kind, .person = span_of(step->account),
					 .account = span_of(step->account), .roles = step->roles,
					 .subject = value_of(demo, step->subject) };
	for (size_t i = 0; i < FIELDS_MAX && step->fields[i].name != NULL; i++)
		command.fields[command.nfields++] =
			(struct book_field){ .name = step->fields[i].name, .value = value_of(demo, step->fields[i].value) };
	snprintf(key, sizeof(key), "demo:%s:%.30s", step->kind,
		 strcmp(step->subject, "@") == 0 ? strrchr(demo->ledger, '/') + 1 : step->subject);
	command.key = span_from(key, strlen(key) - (key[strlen(key) - 1] == '%'));
	treasury_submit(demo->treasury, &command, (struct treasury_wait){ .done = answered, .ctx = demo });
}

struct demo_money *demo_money_new(struct loop *loop, struct treasury *treasury)
{
	struct demo_money *demo = memory_zeroes(1, sizeof(*demo));

	demo->loop = loop;
	demo->treasury = treasury;
	later(demo);
	return demo;
}

void demo_money_stop(struct demo_money *demo)
{
	if (demo == NULL)
		return;
	demo->stopped = true;
	if (demo->timer != NULL)
		loop_timer_cancel(demo->timer);
	demo->timer = NULL;
}

void demo_money_free(struct demo_money *demo)
{
	free(demo);
}

bool demo_money_done(const struct demo_money *demo)
{
	return demo->at == COUNT_OF(steps);
}
