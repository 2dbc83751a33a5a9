/*
 * Proofs in the form; see form_proof.h.
 */
#include "handlers/intake/form_proof.h"

#include "daemon/loop/loop.h"
#include "daemon/sys/config.h"
#include "handlers/limited.h"

#define KEEP_S 14400u   /* a form may lie open for so long */

static struct proof_rule rule_of(const struct app *app)
{
	return (struct proof_rule){ .wait_s = app->config->limits.proof_wait_s, .keep_s = KEEP_S };
}

static uint64_t now_s(const struct app *app)
{
	return loop_now_ms(app->loop) / 1000;
}

/* A telephone may have another address by now, and is in the same network still. */
static enum proof_verdict check(const struct app *app, const struct http_exchange *exchange, const struct tip_input *in,
				struct span request, unsigned *left_s)
{
	struct proof_rule rule = rule_of(app);

	return proofs_check(app->proofs, &rule, http_exchange_marks(exchange).wide, now_s(app),
			    &(struct proof_brought){ .challenge = in->challenge,
						     .solution = in->solution,
						     .request = request },
			    left_s);
}

static bool runs_low(const struct app *app, const struct http_exchange *exchange)
{
	struct limit_want wants[LIMITED_WANTS_MAX];
	size_t n = limited_wants(LIMITED_TIP, exchange, wants);

	/* The first one counts requests. */
	return limits_low(app->limits, wants + 1, n - 1, loop_now_ms(app->loop));
}

void form_proof_ask(const struct app *app, struct http_exchange *exchange, const struct tip_input *typed,
		    struct page_form *view)
{
	unsigned bits = app->config->limits.proof_bits;
	unsigned left_s = 0;

	if (app->proofs == NULL || (!view->busy && !runs_low(app, exchange)))
		return;
	view->proof_script = bits > 0;
	if (typed != NULL && check(app, exchange, typed, (struct span){ 0 }, &left_s) != PROOF_NONE) {
		view->challenge = typed->challenge;
		view->proof_wait_s = left_s;
		return;
	}
	view->proof_wait_s = app->config->limits.proof_wait_s;
	view->challenge = proofs_ask(app->proofs, http_exchange_marks(exchange).wide, now_s(app), bits,
				     http_exchange_arena(exchange));
}

bool form_proof_brought(const struct app *app, const struct http_exchange *exchange, const struct tip_input *in)
{
	unsigned left_s;

	return app->proofs != NULL && check(app, exchange, in, (struct span){ 0 }, &left_s) == PROOF_DONE;
}

bool form_proof_take(const struct app *app, const struct http_exchange *exchange, const struct tip_input *in,
		     struct span request, struct limit_refusal *refusal)
{
	const struct limit_want want = { .kind = LIMIT_PROOFS, .who = http_exchange_peer(exchange) };
	const struct proof_brought brought = { .challenge = in->challenge, .solution = in->solution, .request = request };
	struct limit_refusal more;
	unsigned left_s = 0;

	if (app->proofs == NULL)
		return false;
	if (check(app, exchange, in, request, &left_s) != PROOF_DONE) {
		proofs_refuse(app->proofs);
		refusal->wait_s = left_s > 0 ? left_s : app->config->limits.proof_wait_s;
		return false;
	}
	if (!limits_take_all(app->limits, &want, 1, loop_now_ms(app->loop), &more)) {
		*refusal = more;
		return false;
	}
	proofs_use(app->proofs, &brought);
	return true;
}
