/*
 * Actions on a tip; see actions.h.
 */
#include "handlers/bureau/actions.h"

#include "daemon/base/table.h"

#define REASON_MAX 500
#define TEXT_MAX 4000
#define CASE_MAX 63
#define BANDS_MAX 200
#define LEASE_MAX_S (30 * UINT64_C(86400))   /* as lease.max_s may be; work.c holds it to what it is */

static bool is_one_of(struct span value, const char *const *words)
{
	for (; *words != NULL; words++)
		if (span_is(value, *words))
			return true;
	return false;
}

static bool refuse(struct problem *problem, const char *field, const char *detail)
{
	*problem = (struct problem){ .status = 400, .code = "field_invalid", .detail = detail, .field = field };
	return false;
}

static bool read_renew(const struct json_object *body, struct action_wish *wish,
		       struct problem *problem)
{
	return body_number(body, "lease_s", 1, LEASE_MAX_S, &wish->lease_s, problem);
}

static bool read_release(const struct json_object *body, struct action_wish *wish,
			 struct problem *problem)
{
	return body_text(body, "reason", false, REASON_MAX, &wish->reason, problem);
}

static bool read_transfer(const struct json_object *body, struct action_wish *wish,
			  struct problem *problem)
{
	if (!body_text(body, "region", true, 6, &wish->region, problem) ||
	    !body_text(body, "reason", true, REASON_MAX, &wish->reason, problem))
		return false;
	if (wish->region.len != 6 || !span_digits(wish->region))
		return refuse(problem, "region", "A region is a code of six digits.");
	return true;
}

static bool read_text(const struct json_object *body, struct action_wish *wish,
		      struct problem *problem)
{
	return body_text(body, "text", true, TEXT_MAX, &wish->text, problem);
}

static bool read_verify(const struct json_object *body, struct action_wish *wish,
			struct problem *problem)
{
	static const char *const verdicts[] = { "verified", "unfounded", NULL };

	if (!body_text(body, "verdict", true, 32, &wish->verdict, problem) ||
	    !body_text(body, "note", false, TEXT_MAX, &wish->text, problem))
		return false;
	return is_one_of(wish->verdict, verdicts) ||
	       refuse(problem, "verdict", "A verdict is one of: verified, unfounded.");
}

static bool only(struct span text, const char *allowed)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr(allowed, text.at[i]) == NULL || text.at[i] == '\0')
			return false;
	return true;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* What rewards need to know of a verified tip. */
static bool read_case(const struct json_object *body, struct action_wish *wish, struct problem *problem)
{
	if (!body_text(body, "case", false, CASE_MAX, &wish->case_id, problem) ||
	    !body_text(body, "bands", false, BANDS_MAX, &wish->bands, problem))
		return false;
	if (!only(wish->case_id, LOWER UPPER DIGITS "._:-"))
		return refuse(problem, "case", "A case is named by letters, digits and . _ : -");
	return only(wish->bands, LOWER DIGITS "_+") ||
	       refuse(problem, "bands", "Bands are names of the policy, joined by +.");
}

static bool read_close(const struct json_object *body, struct action_wish *wish,
		       struct problem *problem)
{
	static const char *const outcomes[] = { "verified", "unfounded", "duplicate", "insufficient",
						"referred", "prank",     NULL };

	if (!body_text(body, "outcome", true, 32, &wish->outcome, problem) ||
	    !body_text(body, "note", false, TEXT_MAX, &wish->text, problem))
		return false;
	if (!is_one_of(wish->outcome, outcomes))
		return refuse(problem, "outcome",
			      "An outcome is one of: verified, unfounded, duplicate, insufficient, referred, prank.");
	if (span_is_blank(wish->text))
		return refuse(problem, "note", "To close a tip takes a reason in words, for those who come after.");
	return read_case(body, wish, problem);
}

static bool read_reopen(const struct json_object *body, struct action_wish *wish,
			struct problem *problem)
{
	return body_text(body, "reason", true, REASON_MAX, &wish->reason, problem);
}

/* A word, so that it can stand in the journal; what else there is to say goes into a note. */
static bool read_hold(const struct json_object *body, struct action_wish *wish, struct problem *problem)
{
	static const char *const bases[] = { "court", "prosecution", "investigation", "appeal", "audit", NULL };

	if (!body_text(body, "reason", true, 32, &wish->basis, problem) ||
	    !body_text(body, "note", false, TEXT_MAX, &wish->text, problem))
		return false;
	return is_one_of(wish->basis, bases) ||
	       refuse(problem, "reason", "A reason is one of: court, prosecution, investigation, appeal, audit.");
}

static bool read_lift(const struct json_object *body, struct action_wish *wish, struct problem *problem)
{
	static const char *const bases[] = { "ended", "mistake", NULL };

	if (!body_text(body, "reason", true, 32, &wish->basis, problem) ||
	    !body_text(body, "note", false, TEXT_MAX, &wish->text, problem))
		return false;
	return is_one_of(wish->basis, bases) || refuse(problem, "reason", "A reason is one of: ended, mistake.");
}

static const struct action table[] = {
	{ .name = "renew", .event = TIP_EV_RENEW, .journal = "renewed", .read = read_renew },
	{ .name = "release", .event = TIP_EV_RELEASE, .journal = "released", .read = read_release },
	{ .name = "transfer", .event = TIP_EV_TRANSFER, .journal = "transferred", .read = read_transfer },
	{ .name = "message", .event = TIP_EV_MESSAGE, .journal = "message", .text = ACTION_MESSAGE, .read = read_text },
	{ .name = "note", .event = TIP_EV_NOTE, .journal = "note", .text = ACTION_NOTE, .read = read_text },
	{ .name = "verify", .event = TIP_EV_VERIFY, .journal = "verified", .text = ACTION_NOTE, .read = read_verify },
	{ .name = "close", .event = TIP_EV_CLOSE, .journal = "closed", .text = ACTION_NOTE, .read = read_close },
	{ .name = "reopen", .event = TIP_EV_REOPEN, .journal = "reopened", .read = read_reopen },
	{ .name = "hold", .event = TIP_EV_HOLD, .journal = "held", .text = ACTION_NOTE, .read = read_hold },
	/* The first person asks, the second one does it: work.c. */
	{ .name = "lift", .event = TIP_EV_ASK_LIFT, .journal = "lift_asked", .text = ACTION_NOTE, .read = read_lift },
};

const struct action *action_find(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (span_is(name, table[i].name))
			return &table[i];
	return NULL;
}

const struct action *actions(size_t *n)
{
	*n = COUNT_OF(table);
	return table;
}
