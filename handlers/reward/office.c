/*
 * Tokens, records by subject, first answers; see office.h.
 */
#include "handlers/reward/office.h"

#include "daemon/base/buf.h"
#include "daemon/base/hex.h"
#include "daemon/base/memory.h"
#include "daemon/base/wipe.h"
#include "handlers/reward/told.h"

#include <stdio.h>
#include <stdlib.h>

#define PAYEE_HALF 8   /* bytes of a mark in each half of a payee's token */

struct kept_answer {
	uint64_t seq;
	struct buf json;
};

struct office {
	struct seal_key key;             /* of tokens */
	struct seal_key instruction;
	struct seal_key audit;           /* of pseudonyms */
	struct money_index *index;
	struct audit_log *audit_log;
	struct tries *tries;
	struct kept_answer answers[OFFICE_ANSWERS];   /* by seq modulo their number */
	unsigned folds;
};

struct office *office_new(const struct office_env *env)
{
	struct office *office = memory_zeroes(1, sizeof(*office));

	seal_derive(env->key, "money tokens", (struct span){ 0 }, &office->key);
	seal_derive(env->key, "money instructions", (struct span){ 0 }, &office->instruction);
	seal_derive(env->key, "money audit", span_of(env->engagement), &office->audit);
	office->index = money_index_new(env->seed);
	office->audit_log = audit_log_new(env->seed);
	office->tries = tries_new(env->seed);
	return office;
}

void office_free(struct office *office)
{
	if (office == NULL)
		return;
	for (size_t i = 0; i < OFFICE_ANSWERS; i++)
		buf_release(&office->answers[i].json);
	money_index_free(office->index);
	audit_log_free(office->audit_log);
	tries_free(office->tries);
	wipe(office, sizeof(*office));
	free(office);
}

const unsigned char *office_instruction_key(const struct office *office)
{
	_Static_assert(SEAL_KEY_BYTES == 32, "as the book wants it");
	return office->instruction.bytes;
}

struct money_index *office_index(struct office *office)
{
	return office->index;
}

const struct audit_log *office_audit_log(const struct office *office)
{
	return office->audit_log;
}

struct tries *office_tries(struct office *office)
{
	return office->tries;
}

/* --- tokens ------------------------------------------------------------------------- */

/* Mark over parts, each with its length before it. */
static void mark_parts(const struct seal_key *key, const char *label, const struct span *parts, size_t n,
		       unsigned char mark[16])
{
	struct buf bytes = { 0 };

	for (size_t i = 0; i < n; i++) {
		buf_printf(&bytes, "%zu:", parts[i].len);
		buf_add_span(&bytes, parts[i]);
	}
	seal_mark(key, label, buf_span(&bytes), mark);
	buf_release(&bytes);
}

static void token_of(const char *prefix, const unsigned char mark[16], char out[OFFICE_TOKEN_MAX])
{
	size_t at = strlen(prefix);

	memcpy(out, prefix, at);
	hex_put(mark, 16, out + at);
	out[at + 32] = '\0';
}

void office_claimant(const struct office *office, const unsigned char receipt_mark[RECEIPT_MARK_BYTES], unsigned member,
		     char out[OFFICE_TOKEN_MAX])
{
	char number[16];
	struct span parts[2] = { span_from(receipt_mark, RECEIPT_MARK_BYTES) };
	unsigned char mark[16];

	snprintf(number, sizeof(number), "%u", member);
	parts[1] = span_of(number);
	mark_parts(&office->key, "claimant", parts, 2, mark);
	token_of("c-", mark, out);
}

void office_payee(const struct office *office, struct span payee, struct span claimant, struct span nonce,
		  char out[OFFICE_TOKEN_MAX])
{
	const struct span whose[] = { payee }, which[] = { payee, claimant, nonce };
	unsigned char mark[16], both[16];

	mark_parts(&office->key, "payee", whose, 1, mark);
	memcpy(both, mark, PAYEE_HALF);
	mark_parts(&office->key, "payee of a claim", which, 3, mark);
	memcpy(both + PAYEE_HALF, mark, PAYEE_HALF);
	token_of("p-", both, out);
}

void office_claim_key(const struct office *office, const char *action, struct span claimant, struct span nonce,
		      char out[OFFICE_TOKEN_MAX])
{
	const struct span parts[] = { span_of(action), claimant, nonce };
	unsigned char mark[16];

	mark_parts(&office->key, "claim", parts, 3, mark);
	token_of("n:", mark, out);
}

void office_pseudonym(const struct office *office, const char *kind, struct span token, char out[OFFICE_TOKEN_MAX])
{
	unsigned char mark[16];

	/* The half that is the same for the same account. */
	if (strcmp(kind, "payee") == 0 && token.len > 2 + 2 * PAYEE_HALF)
		token.len = 2 + 2 * PAYEE_HALF;
	seal_mark(&office->audit, kind, token, mark);
	token_of("a-", mark, out);
}

/* --- first answers -------------------------------------------------------------------- */

static bool by_staff(const struct record *record)
{
	return !span_is(record->role, money_role_name(MONEY_SYSTEM)) &&
	       !span_is(record->role, money_role_name(MONEY_CLAIMANT));
}

void office_applied(struct office *office, const struct book *book, const struct record *record)
{
	struct kept_answer *kept = &office->answers[record->seq % OFFICE_ANSWERS];

	money_index_take(office->index, record);
	audit_log_take(office->audit_log, record);
	if (book == NULL || book_seq(book) != record->seq || !by_staff(record))
		return;
	buf_clear(&kept->json);
	kept->seq = record->seq;
	told_answer(office, book, record, &kept->json);
}

struct span office_answer(const struct office *office, uint64_t seq)
{
	const struct kept_answer *kept = &office->answers[seq % OFFICE_ANSWERS];

	return kept->seq == seq ? buf_span(&kept->json) : (struct span){ 0 };
}

bool office_fold_begin(struct office *office)
{
	if (office->folds == OFFICE_FOLDS_MAX)
		return false;
	office->folds++;
	return true;
}

void office_fold_end(struct office *office)
{
	office->folds--;
}
