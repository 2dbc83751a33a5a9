/*
 * Acts of claimants as commands; see claim_act.h.
 */
#include "handlers/reward/claim_act.h"

#include "daemon/base/wipe.h"
#include "daemon/jobs/treasury.h"
#include "daemon/sys/keys.h"
#include "handlers/payout/payee.h"

struct claim_status claim_status_now(const struct app *app, const char *claimant)
{
	const struct book *book = treasury_book(app->treasury);
	struct claim_status status = { .word = CLAIM_NONE };

	if (book == NULL)
		return status;
	status = claim_status(book, span_of(claimant));
	claim_status_panel(office_index(app->office), treasury_now_ms(app->treasury), &status);
	return status;
}

bool claim_voucher(const struct app *app, const struct claim_status *status, struct voucher *voucher,
		   struct voucher_word *word)
{
	const struct book_reward *reward = status->reward;
	const struct book_attempt *last;
	struct seal_key key;

	if (reward == NULL || status->word != CLAIM_MOVING || reward->nattempts == 0)
		return false;
	last = &reward->attempts[reward->nattempts - 1];
	if (strcmp(last->rail, VOUCHER_RAIL) != 0)
		return false;
	attempt_voucher_key(keys_requests(app->keys), &key);
	attempt_voucher(&key, last, voucher, word);
	wipe(&key, sizeof(key));
	/* Not before a teller would pay it out. */
	return voucher->state == VOUCHER_OPEN && last->state == ATTEMPT_NEEDS_PAYEE;
}

/* The vault's token tells the same account apart from others; of cash it tells nothing. */
static void make_tokens(const struct office *office, const struct claim_input *input, struct claim_act *act)
{
	struct arena arena = { 0 };
	const char *account = claim_rail_is_anonymous(input->rail)
				      ? act->claimant
				      : arena_printf(&arena, "%.*s %.*s", (int)input->rail.len, input->rail.at,
						     (int)input->account.len, input->account.at);
	/* Another name for the same account is another entry of the vault. */
	const char *which = arena_printf(&arena, "%.*s %.*s", (int)input->nonce.len, input->nonce.at,
					 (int)input->name.len, input->name.at != NULL ? input->name.at : "");

	office_payee(office, span_of(account), span_of(act->claimant), span_of(which), act->payee);
	arena_release(&arena);
}

void claim_act_make(const struct office *office, const struct claim_input *input, const char *claimant,
		    const struct claim_status *status, const char *proof, struct claim_act *out)
{
	*out = (struct claim_act){ .kind = claim_kind(status, input->action),
				   .proof = proof,
				   .rail = input->rail,
				   .binds_payee = input->action == CLAIM_CLAIM || input->action == CLAIM_CHANGE };
	memcpy(out->reward, status->reward->id, sizeof(out->reward));
	memcpy(out->claimant, claimant, sizeof(out->claimant));
	if (out->binds_payee)
		make_tokens(office, input, out);
	office_claim_key(office, claim_action_name(input->action), span_of(claimant), input->nonce, out->key);
	office_claim_key(office, "nonce", span_of(claimant), input->nonce, out->nonce);
}

enum flow_next claim_act_put(struct flow *flow, const struct app *app, const struct claim_act *act,
			     const struct claim_input *input, struct store_reply *reply)
{
	struct payee payee = { .account = input->account, .name = input->name };
	struct buf sealed = { 0 };
	struct seal_key key;
	enum flow_next next;

	payee_key(keys_courier(app->keys), &key);
	payee_seal(&key, span_of(act->payee), &payee, &sealed);
	wipe(&key, sizeof(key));
	next = store_wait_flow(flow, app->store,
			       &(struct store_request){ .op = STORE_VAULT_PUT, .token = span_of(act->payee),
							.sealed = buf_span(&sealed) },
			       reply);
	buf_release(&sealed);
	return next;
}

static void add_field(struct book_command *command, const char *name, struct span value)
{
	command->fields[command->nfields++] = (struct book_field){ .name = name, .value = value };
}

void claim_act_command(const struct claim_act *act, struct book_command *out)
{
	*out = (struct book_command){ .kind = act->kind, .person = SPAN("claimant"), .account = SPAN("claimant"),
				      .roles = MONEY_CLAIMANT, .subject = span_of(act->reward),
				      .key = span_of(act->key) };
	if (strcmp(act->kind, "reward.hold") == 0) {
		/* The book knows no hold by informants; the system holds at their word, and a person lifts it. */
		out->person = out->account = SPAN("system");
		out->roles = MONEY_SYSTEM;
		add_field(out, "reason", SPAN("objection of whoever holds the receipt"));
		return;
	}
	if (act->binds_payee) {
		add_field(out, "payee", span_of(act->payee));
		add_field(out, "rail", act->rail);
	} else {
		add_field(out, "confirm", SPAN("1"));
	}
	add_field(out, "nonce", span_of(act->nonce));
	if (strcmp(act->kind, "reward.reissue") != 0)
		add_field(out, "proof", span_of(act->proof));
}
