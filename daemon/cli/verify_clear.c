/*
 * V5: no personal data in clear. Every key of the store is looked up, each of
 * its values held against the shape it must have; of money also I17.
 */
#include "daemon/cli/verify.h"
#include "daemon/cli/verify_event.h"
#include "daemon/cli/verify_shape.h"

struct clear {
	struct verify *verify;
	struct verify_result *result;
};

/* The name of an unknown key is printed up to its first part alone: it may be what somebody wrote. */
static void tell_unknown(struct clear *clear, struct span key)
{
	size_t tag = key.len > 0 && key.at[0] == '{' ? span_find(key, SPAN("}:")) : 0;
	struct span shown = tag > 0 && tag < 8 ? span_from(key.at, tag + 1) : (struct span){ 0 };

	verify_found(clear->result, shown, "a key of %zu bytes is none of ours%s", key.len,
		     verify_betrays(key) ? ", and holds a long number" : "");
}

static bool wanted(void *ctx, struct span key, enum verify_type *type)
{
	struct clear *clear = ctx;
	const struct verify_shape *shape = verify_shape_of(key);

	if (shape == NULL)
		tell_unknown(clear, key);
	else
		*type = verify_shape_type(shape);
	return shape != NULL;
}

static void look(void *ctx, const struct verify_piece *piece)
{
	struct clear *clear = ctx;
	const struct verify_shape *shape = verify_shape_of(piece->key);
	const char *why = verify_shape_judge(shape, piece);

	clear->result->looked++;
	replay_progress(&clear->verify->replay, "values", clear->result->looked, clear->result->looked);
	if (why != NULL && verify_shape_type(shape) == VERIFY_STREAM)
		verify_found(clear->result, piece->key, "event %llu %s", (unsigned long long)piece->number, why);
	else if (why != NULL)
		verify_found(clear->result, piece->key, "%s", why);
}

static void refused(void *ctx, struct span key, const char *why)
{
	struct clear *clear = ctx;

	(void)why;
	verify_found(clear->result, key, "is of another type than it must be");
}

static void lost(void *ctx, const char *why)
{
	struct clear *clear = ctx;

	verify_lost(clear->result, why);
}

bool verify_clear(struct verify *verify, struct verify_result *result)
{
	struct clear clear = { .verify = verify, .result = result };
	const struct verify_walk walk = { .key = wanted, .piece = look, .refused = refused, .ctx = &clear, .lost = lost,
					  .archive = verify->replay.archive };

	verify_money_invariant(verify, result, MONEY_I17_PRIVACY);
	return verify_scan(verify->store, &walk);
}
