/*
 * Limits of the routes; see limited.h.
 */
#include "handlers/limited.h"

#include "daemon/base/table.h"
#include "daemon/core/tip/seal.h"
#include "daemon/loop/loop.h"
#include "handlers/app.h"

/* Whose bucket it is: what the HTTP front tells of the peer. */
enum whose {
	WHOSE_HOST,
	WHOSE_NEAR,
	WHOSE_WIDE,
	WHOSE_ALL,
};

static const struct {
	enum whose whose;
	const char *detail;
} kinds[LIMIT_KINDS] = {
	[LIMIT_CALLS] = { WHOSE_HOST, "Too many requests from here in a short time." },
	[LIMIT_MACHINES] = { WHOSE_HOST, "Too many requests from here in a short time." },
	[LIMIT_TIPS] = { WHOSE_HOST, "Too many tips from here in a short time." },
	[LIMIT_TIPS_NEAR] = { WHOSE_NEAR, "Too many tips from this network in a short time." },
	[LIMIT_TIPS_WIDE] = { WHOSE_WIDE, "Too many tips from this provider's network in a short time." },
	[LIMIT_PROOFS] = { WHOSE_HOST, "Too many tips from here in a short time, even with work behind each." },
	[LIMIT_RECEIPTS] = { WHOSE_HOST, "Too many tries from here in a short time." },
	[LIMIT_RECEIPTS_NEAR] = { WHOSE_NEAR, "Too many tries from this network in a short time." },
	[LIMIT_RECEIPTS_WIDE] = { WHOSE_WIDE, "Too many tries from this provider's network in a short time." },
	[LIMIT_RECEIPTS_ALL] = { WHOSE_ALL, "Too many tries of all visitors together." },
	[LIMIT_CLAIMS] = { WHOSE_HOST, "Too many tries from here in a short time." },
	[LIMIT_CLAIMS_ALL] = { WHOSE_ALL, "Too many tries of all visitors together." },
	[LIMIT_CLAIM_ACTS] = { WHOSE_HOST, "Too much was done with this code in a short time." },
	[LIMIT_SENDER] = { WHOSE_HOST, "Too many messages of this telephone in a short time." },
	[LIMIT_GATEWAY] = { WHOSE_ALL, "Too many messages of this gateway in a short time." },
};

static const struct {
	enum limit_kind kinds[LIMITED_WANTS_MAX];
	size_t n;
	bool itself;
} sets[LIMIT_SETS] = {
	/* What counts requests stands first. */
	[LIMITED_UNSAID] = { .n = 0 },
	[LIMITED_PAGE] = { .kinds = { LIMIT_CALLS }, .n = 1 },
	[LIMITED_FORM] = { .kinds = { LIMIT_CALLS }, .n = 1 },
	[LIMITED_TIP] = { .kinds = { LIMIT_CALLS, LIMIT_TIPS, LIMIT_TIPS_NEAR, LIMIT_TIPS_WIDE }, .n = 4, .itself = true },
	[LIMITED_RECEIPT] = { .kinds = { LIMIT_CALLS, LIMIT_RECEIPTS, LIMIT_RECEIPTS_NEAR, LIMIT_RECEIPTS_WIDE,
					 LIMIT_RECEIPTS_ALL },
			      .n = 5,
			      .itself = true },
	[LIMITED_CLAIM] = { .kinds = { LIMIT_CALLS }, .n = 1 },
	[LIMITED_MACHINE] = { .kinds = { LIMIT_MACHINES }, .n = 1 },
};

static uint64_t who(enum whose whose, const struct address_marks *marks)
{
	switch (whose) {
	case WHOSE_HOST:
		return marks->host;
	case WHOSE_NEAR:
		return marks->near;
	case WHOSE_WIDE:
		return marks->wide;
	case WHOSE_ALL:
		break;
	}
	return 0;
}

size_t limited_wants(enum limit_set set, const struct http_exchange *exchange,
		     struct limit_want wants[LIMITED_WANTS_MAX])
{
	struct address_marks marks = http_exchange_marks(exchange);

	for (size_t i = 0; i < sets[set].n; i++) {
		enum limit_kind kind = sets[set].kinds[i];

		wants[i] = (struct limit_want){ .kind = kind, .who = who(kinds[kind].whose, &marks) };
	}
	return sets[set].n;
}

bool limited_take(const struct app *app, enum limit_set set, const struct http_exchange *exchange,
		  struct limit_refusal *refusal)
{
	struct limit_want wants[LIMITED_WANTS_MAX];
	size_t n = limited_wants(set, exchange, wants);
	size_t first = n > 0 ? 1 : 0;
	uint64_t now_ms = loop_now_ms(app->loop);

	/* A request that is refused for what it asks was a request all the same. */
	return limits_take_all(app->limits, wants, first, now_ms, refusal) &&
	       limits_take_all(app->limits, wants + first, n - first, now_ms, refusal);
}

bool limited_shared(const struct limits *limits, enum limit_kind kind, const struct seal_key *key, struct span who,
		    struct store_bucket *bucket)
{
	const struct limit_rule *rule = limits_rule(limits, kind);

	if (!limits_enabled(limits) || rule->burst < 1)
		return false;
	*bucket = (struct store_bucket){ .burst = (unsigned)rule->burst,
					 .per_hour = (unsigned)(rule->per_second * 3600 + 0.5) };
	seal_mark(key, limit_name(kind), who, bucket->mark);
	return true;
}

bool limited_shared_refusal(struct limits *limits, enum limit_kind kind, const struct store_reply *reply,
			    struct limit_refusal *refusal)
{
	const struct limit_rule *rule = limits_rule(limits, kind);

	if (reply->outcome != STORE_DONE || reply->verdict != STORE_UNTIMELY)
		return false;
	limits_refuse(limits, kind);
	*refusal = (struct limit_refusal){ .kind = kind,
					   .wait_s = (unsigned)((reply->wait_ms + 999) / 1000),
					   .burst = (unsigned)rule->burst,
					   .window_s = limits_window_s(rule) };
	return true;
}

bool limited_answers_itself(enum limit_set set, const struct limit_refusal *refusal)
{
	return sets[set].itself && refusal->kind != LIMIT_CALLS;
}

const char *limited_reason(enum limit_kind kind)
{
	static const char *const reasons[] = {
		[WHOSE_HOST] = "visitor",
		[WHOSE_NEAR] = "network",
		[WHOSE_WIDE] = "wider_network",
		[WHOSE_ALL] = "all",
	};

	return reasons[kinds[kind].whose];
}

struct problem limited_problem(const struct limit_refusal *refusal, const char *code)
{
	return (struct problem){
		.status = 429,
		.code = code,
		.detail = kinds[refusal->kind].detail,
		.reason = limited_reason(refusal->kind),
		.retry_after_s = refusal->wait_s,
		.limit = refusal,
	};
}
