/*
 * An account as it is told; see account_told.h.
 */
#include "daemon/sys/account_told.h"

#include "daemon/sys/clock.h"

#define DAY_LEN 10

static void put_grant(const struct account_grant *grant, int64_t now_ms, struct json_out *json)
{
	json_open_member(json, NULL, '{');
	json_text(json, "role", span_of(token_role_name((unsigned)__builtin_ctz(grant->role))));
	json_text(json, "region", span_of(grant->region));
	clock_put(json, "from", grant->from_ms);
	clock_put(json, "until", grant->until_ms);
	json_bool(json, "holds", account_grant_holds(grant, now_ms));
	if (grant->asked_by[0] != '\0')
		json_text(json, "asked_by", span_of(grant->asked_by));
	else
		json_none(json, "asked_by");
	clock_put(json, "asked_until", grant->asked_by[0] != '\0' ? grant->asked_ms + ACCOUNT_RECOVERY_MS : 0);
	json_close(json, '}');
}

/* One that waits for its second word; an older one is as good as none. */
static void put_recovery(const struct account *person, int64_t now_ms, struct json_out *json)
{
	if (person->recovery_by[0] == '\0' || now_ms >= person->recovery_at_ms + ACCOUNT_RECOVERY_MS) {
		json_none(json, "recovery");
		return;
	}
	json_open_member(json, "recovery", '{');
	json_text(json, "by", span_of(person->recovery_by));
	clock_put(json, "until", person->recovery_at_ms + ACCOUNT_RECOVERY_MS);
	json_close(json, '}');
}

/* The day alone: when somebody works is nobody's business here (token_use.h). */
static void put_last_day(const struct account *person, struct json_out *json)
{
	char text[21];

	if (person->totp_step < 0) {
		json_none(json, "signed_in_on");
		return;
	}
	clock_text(person->totp_step * TOTP_STEP_MS, text);
	json_text(json, "signed_in_on", span_from(text, DAY_LEN));
}

void account_told_grants(const struct account *person, int64_t now_ms, struct json_out *json)
{
	json_open_member(json, "grants", '[');
	for (size_t i = 0; i < person->ngrants; i++)
		put_grant(&person->grants[i], now_ms, json);
	json_close(json, ']');
}

void account_told_begin(const struct account *person, int64_t now_ms, struct json_out *json)
{
	json_open(json, '{');
	json_text(json, "person", span_of(person->person));
	json_text(json, "name", span_of(person->name));
	json_text(json, "state", span_of(account_state_name(person->state)));
	account_told_grants(person, now_ms, json);
	clock_put(json, "setup_until", person->setup_until_ms > now_ms ? person->setup_until_ms : 0);
	put_recovery(person, now_ms, json);
	put_last_day(person, json);
	clock_put(json, "made", person->made_ms);
}
