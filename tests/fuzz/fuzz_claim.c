/*
 * Claims from anybody: the first byte chooses form or JSON, the rest is the
 * body. What is fine has a code that checks and only what may be kept.
 */
#include "handlers/payout/payee.h"
#include "handlers/reward/claim_input.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct claim_input *input)
{
	struct receipt_code again;

	assert(receipt_parse(span_of(input->code.digits), &again) == RECEIPT_FINE);
	assert(input->member < POLICY_MEMBERS_MAX && input->action < CLAIM_ACTIONS);
	if (input->action == CLAIM_LOOK)
		return;
	assert(input->nonce.len > 0 && input->nonce.len <= CLAIM_NONCE_MAX);
	if (input->action == CLAIM_DECLINE)
		return;
	assert(span_is(input->rail, "voucher") || span_is(input->rail, "wallet"));
	assert((input->account.len > 0) == span_is(input->rail, "wallet"));
	assert(input->account.len <= PAYEE_ACCOUNT_MAX && input->name.len <= PAYEE_NAME_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct claim_input input;
	enum claim_fault fault;
	struct span body;

	if (size == 0)
		return 0;
	body = span_from(data + 1, size - 1);
	fault = (data[0] & 1) != 0 ? claim_read_json(body, "voucher,wallet", &arena, &input)
				   : claim_read_form(body, "voucher,wallet", &arena, &input);
	if (fault == CLAIM_FINE)
		check(&input);
	else
		assert(claim_fault_words(fault)->code != NULL && claim_fault_words(fault)->status == 400);
	arena_release(&arena);
	return 0;
}
