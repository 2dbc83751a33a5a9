/*
 * Bodies of the generic connector; see connector.h.
 */
#include "handlers/payout/connector.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/json_in.h"
#include "daemon/base/table.h"
#include "handlers/payout/rail_report.h"

/* --- members ------------------------------------------------------------------------------ */

/* The text of that name, or an empty span; false when the member is something else than a text. */
static bool text_member(const struct json_object *object, const char *name, struct span *out)
{
	const struct json_member *member = json_member_find(object, name);

	*out = member != NULL ? member->text : (struct span){ 0 };
	return member == NULL || member->kind == JSON_TEXT;
}

static bool time_member(const struct json_object *object, const char *name, int64_t *ms)
{
	struct span text;

	*ms = 0;
	return text_member(object, name, &text) && (text.len == 0 || civil_read(text, ms));
}

static bool number_member(const struct json_object *object, const char *name, int64_t *number)
{
	const struct json_member *member = json_member_find(object, name);

	return member != NULL && member->kind == JSON_NUMBER && money_read(member->text, false, number);
}

static bool flag_member(const struct json_object *object, const char *name, bool *flag)
{
	const struct json_member *member = json_member_find(object, name);

	*flag = member != NULL && member->kind == JSON_TRUE;
	return member == NULL || member->kind == JSON_TRUE || member->kind == JSON_FALSE;
}

/* *yuan: the currency is ours. False: no amount at all. */
static bool amount_read(struct span tree, bool negative, struct arena *arena, int64_t *fen, bool *yuan)
{
	struct json_object *amount = arena_new(arena, struct json_object);
	const struct json_member *minor;
	struct span currency;

	if (!json_object_read(tree, arena, amount, NULL) || !text_member(amount, "currency", &currency))
		return false;
	*yuan = span_is(currency, "CNY");
	minor = json_member_find(amount, "minor");
	return minor != NULL && minor->kind == JSON_NUMBER && money_read(minor->text, negative, fen);
}

bool connector_amount_read(struct span tree, bool negative, struct arena *arena, int64_t *fen)
{
	bool yuan;

	return amount_read(tree, negative, arena, fen, &yuan) && yuan;
}

static bool amount_member(const struct json_object *object, const char *name, bool negative, struct arena *arena,
			  int64_t *fen)
{
	const struct json_member *member = json_member_find(object, name);

	return member != NULL && member->kind == JSON_TREE && connector_amount_read(member->text, negative, arena, fen);
}

/* --- payout object ------------------------------------------------------------------------- */

static bool payout_amount(const struct json_object *object, struct arena *arena, struct connector_payout *out)
{
	const struct json_member *member = json_member_find(object, "amount");

	out->has_amount = member != NULL;
	return member == NULL || (member->kind == JSON_TREE &&
				  amount_read(member->text, false, arena, &out->fen, &out->yuan));
}

static bool payout_members(const struct json_object *object, struct arena *arena, struct connector_payout *out)
{
	struct span state;
	int64_t as_of;

	if (!text_member(object, "state", &state) || !text_member(object, "instruction_id", &out->instruction) ||
	    !text_member(object, "provider_ref", &out->provider_ref) || !text_member(object, "code", &out->code) ||
	    !text_member(object, "event_id", &out->event) || !text_member(object, "payee_action", &out->action))
		return false;
	if (!time_member(object, "occurred_at", &out->occurred_ms) || !time_member(object, "as_of", &as_of) ||
	    !time_member(object, "retention_until", &out->retention_until_ms) ||
	    !flag_member(object, "final", &out->final) || !payout_amount(object, arena, out))
		return false;
	if (out->occurred_ms == 0)
		out->occurred_ms = as_of;
	if (!rail_outcome_parse(state, &out->state))
		out->state = RAIL_UNKNOWN;
	return state.len > 0;
}

bool connector_payout_read(struct span body, struct arena *arena, struct connector_payout *out)
{
	struct json_object *object = arena_new(arena, struct json_object);

	*out = (struct connector_payout){ 0 };
	return json_object_read(body, arena, object, NULL) && payout_members(object, arena, out);
}

/* --- profile ---------------------------------------------------------------------------------- */

static bool profile_codes(struct span body, const struct json_object *object, struct arena *arena,
			  struct rail_profile *out)
{
	const struct json_member *member = json_member_find(object, "final_codes");
	struct json_array array;
	struct json_member code;

	if (member == NULL)
		return true;
	if (!json_array_within(body, member, &array))
		return false;
	while (out->nfinals < RAIL_FINALS_MAX && json_array_next(&array, arena, &code)) {
		if (code.kind != JSON_TEXT)
			return false;
		out->finals[out->nfinals++].code = arena_dup(arena, code.text).at;
	}
	return true;
}

static bool profile_anonymity(const struct json_object *object, struct rail_profile *out)
{
	static const char *const names[] = {
		[RAIL_ANONYMOUS] = "anonymous",
		[RAIL_KNOWN_TO_PROVIDER] = "known_to_provider",
		[RAIL_REAL_NAME] = "real_name",
	};
	struct span name;

	if (!text_member(object, "anonymity", &name))
		return false;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (span_is(name, names[i])) {
			out->anonymity = (enum rail_anonymity)i;
			return true;
		}
	}
	return false;
}

bool connector_profile_read(struct span body, struct arena *arena, struct rail_profile *out, struct complaint *why)
{
	struct json_object *object = arena_new(arena, struct json_object);
	int64_t seconds;

	*out = (struct rail_profile){ 0 };
	if (!json_object_read(body, arena, object, why))
		return false;
	if (!number_member(object, "id_retention", &seconds) || seconds > INT32_MAX ||
	    !flag_member(object, "not_found_is_final", &out->not_found_is_final) ||
	    !flag_member(object, "cancel", &out->cancels) || !amount_member(object, "min", false, arena, &out->min_fen) ||
	    !amount_member(object, "max", false, arena, &out->max_fen) || !profile_anonymity(object, out) ||
	    !profile_codes(body, object, arena, out))
		return complain(why, 0, "the profile lacks id_retention, min, max or anonymity, or one of them is not as it should be");
	if (json_member_find(object, "daily") != NULL && !amount_member(object, "daily", false, arena, &out->daily_fen))
		return complain(why, 0, "daily is no amount");
	out->id_retention_ms = seconds * 1000;
	return true;
}
