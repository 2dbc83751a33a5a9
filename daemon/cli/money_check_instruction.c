/*
 * I20: instruction ids follow from what is owed, so that a journal restored
 * from a backup names a payment again as it did before. And what statements
 * tell of such an id before the book has an attempt of it: that attempt is
 * begun for the debit, or not at all.
 */
#include "daemon/cli/money_check_parts.h"

#define AHEAD 16

/* RFC 4648 base32 of HMAC-SHA256(key, case LF claimant LF ordinal), cut to 26 characters. */
static void derive(const unsigned char key[32], const struct money_reward *reward, unsigned ordinal, char out[27])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	char tail[16];
	int len = snprintf(tail, sizeof(tail), "\n%u", ordinal);

	crypto_auth_hmacsha256_init(&state, key, 32);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)reward->case_id.at, reward->case_id.len);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)"\n", 1);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)reward->claimant.at, reward->claimant.len);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)tail, (unsigned)len);
	crypto_auth_hmacsha256_final(&state, mac);
	for (unsigned i = 0; i < 26; i++) {
		unsigned bit = 5 * i;
		unsigned pair = (unsigned)mac[bit / 8] << 8 | mac[bit / 8 + 1];

		out[i] = digits[pair >> (11 - bit % 8) & 31];
	}
	out[26] = '\0';
}

/* The last one that may have gone out, of all rewards of the claimant for the case. */
static unsigned last_ordinal(struct money_check *check, const struct money_reward *reward)
{
	size_t at = money_map_get(&check->by_claimant, reward->claimant, NO_SPAN);
	unsigned last = 0;

	for (; at != MONEY_MAP_NONE; at = money_reward_at(check, at)->next_of_claimant) {
		const struct money_reward *other = money_reward_at(check, at);

		for (size_t i = 0; i < other->attempts.n && span_eq(other->case_id, reward->case_id); i++) {
			const struct money_attempt *attempt =
				money_attempt_at(check, ((size_t *)other->attempts.at)[i]);

			if (attempt->sent && attempt->ordinal > last)
				last = attempt->ordinal;
		}
	}
	return last;
}

/* The ordinal that an id of this payment has; 0: none up to `max`. */
static unsigned ordinal_of(struct money_check *check, const struct money_reward *reward, struct span id, unsigned max)
{
	char derived[27];

	for (unsigned ordinal = 1; ordinal <= max; ordinal++) {
		derive(check->instruction_key, reward, ordinal, derived);
		if (span_is(id, derived))
			return ordinal;
	}
	return 0;
}

/* --- debits that came first ------------------------------------------------------------------ */

static bool is_debited(struct money_check *check, struct span id)
{
	size_t index = money_map_get(&check->by_instruction, id, NO_SPAN);
	struct money_debit debit;

	return (index == MONEY_MAP_NONE || !money_attempt_at(check, index)->sent) && money_debit_find(check, id, &debit);
}

/* Nothing is started for a payment that a statement tells of. */
static void check_no_debit(struct money_check *check, const struct money_reward *reward, unsigned next)
{
	char derived[27];

	for (unsigned ordinal = 1; ordinal < next + AHEAD; ordinal++) {
		derive(check->instruction_key, reward, ordinal, derived);
		if (is_debited(check, span_of(derived))) {
			money_broken(check, MONEY_I05_PAID_ONCE, "started, and a debit %s is that payment", derived);
			return;
		}
	}
}

/* Begun for a debit: it is that payment, in every respect, and counts as sent. */
static void adopt(struct money_check *check, struct money_attempt *attempt, struct span line)
{
	struct money_debit debit;

	if (!money_debit_find(check, attempt->instruction, &debit) || !span_eq(debit.id, line) || debit.fen != attempt->fen ||
	    !span_eq(debit.account, attempt->source))
		money_broken(check, MONEY_I09_STATEMENTS, "line %.*s is no debit for this attempt", (int)line.len, line.at);
	attempt->seen = money_keep(check, line);
	attempt->state = SPAN("UNKNOWN");
	attempt->sent = true;
}

/* --- a new attempt ------------------------------------------------------------------------------ */

/* An id is used again only where it never went out. */
static void check_new(struct money_check *check, const struct money_attempt *attempt)
{
	size_t before = money_map_get(&check->by_instruction, attempt->instruction, NO_SPAN);

	if (before != MONEY_MAP_NONE && (money_attempt_at(check, before)->sent ||
					 !span_is(money_attempt_at(check, before)->state, "CANCELLED")))
		money_broken(check, MONEY_I14_IDEMPOTENCY, "the instruction id was used before");
}

static void check_derived(struct money_check *check, const struct money_reward *reward, struct money_attempt *attempt)
{
	unsigned next = last_ordinal(check, reward) + 1;
	bool adopted = !span_empty(attempt->seen);

	attempt->ordinal = next;
	if (!check->has_instruction_key)
		return;
	attempt->ordinal = ordinal_of(check, reward, attempt->instruction, adopted ? next + AHEAD - 1 : next);
	if (attempt->ordinal == 0 || (!adopted && attempt->ordinal != next))
		money_broken(check, MONEY_I20_INSTRUCTIONS, "the instruction of %.*s is not the derived one",
			     (int)attempt->id.len, attempt->id.at);
	if (!adopted)
		check_no_debit(check, reward, next);
}

void money_instruction_look(struct money_check *check, const struct money_reward *reward, struct money_attempt *attempt)
{
	struct span line = money_line_text(check->line, "line");

	check_new(check, attempt);
	if (!span_empty(line))
		adopt(check, attempt, line);
	else if (is_debited(check, attempt->instruction))
		money_broken(check, MONEY_I05_PAID_ONCE, "started, and a statement has a debit for it");
	check_derived(check, reward, attempt);
	money_map_set(&check->by_instruction, attempt->instruction, NO_SPAN, check->attempts.n);
}
