/*
 * The chain (I13), keys (I14), and what the book says (I16); see invariants.h.
 */
#include "tests/sim/invariants_state.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* --- small things ---------------------------------------------------------------------- */

struct invariants *invariants_new(const unsigned char instruction_key[32])
{
	struct invariants *inv = memory_zeroes(1, sizeof(*inv));

	memcpy(inv->key, instruction_key, sizeof(inv->key));
	return inv;
}

void invariants_free(struct invariants *inv)
{
	struct names *names[] = { &inv->keys, &inv->entries, &inv->nonces, &inv->accounts, &inv->years, &inv->instructions };

	for (size_t i = 0; i < inv->rewards.n; i++) {
		free(inv->owed[i].dids.at);
		free(inv->owed[i].tried);
	}
	for (size_t i = 0; i < inv->cases.n; i++)
		free(inv->known[i].dids.at);
	for (size_t i = 0; i < inv->npolicies; i++)
		policy_free(inv->policies[i]);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		names_release(names[i]);
	names_release(&inv->rewards);
	names_release(&inv->cases);
	free(inv->owed);
	free(inv->known);
	free(inv->account);
	free(inv->year);
	free(inv->hired);
	free(inv->votes);
	free(inv->policies);
	arena_release(&inv->arena);
	free(inv);
}

bool inv_fail(struct invariants *inv, const char *rule, const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return complain(inv->why, 0, "%s, record %llu: %s", rule, (unsigned long long)inv->record.seq, text);
}

void inv_put(char *to, size_t size, struct span text)
{
	assert(text.len < size);
	memset(to, 0, size);
	if (text.len > 0)
		memcpy(to, text.at, text.len);
}

void *inv_room(void *at, size_t *size, size_t n, size_t each)
{
	size_t old = *size;

	if (n < *size)
		return at;
	*size = 2 * *size + 16;
	at = realloc(at, *size * each);
	assert(at != NULL);
	memset((char *)at + old * each, 0, (*size - old) * each);
	return at;
}

struct span inv_text(const struct invariants *inv, const char *name)
{
	const struct json_member *member = json_member_find(&inv->data, name);

	return member != NULL ? member->text : span_of("");
}

int64_t inv_number(const struct invariants *inv, const char *name)
{
	int64_t number = 0;
	struct span text = inv_text(inv, name);

	if (!span_empty(text) && !money_read(text, true, &number))
		return INT64_MIN;
	return number;
}

bool inv_is(const struct invariants *inv, const char *kind)
{
	return span_is(inv->record.kind, kind);
}

struct owed *inv_owed(const struct invariants *inv, struct span id)
{
	size_t index = names_find(&inv->rewards, id);

	return index != NAMES_NONE ? &inv->owed[index] : NULL;
}

/* --- chain and keys --------------------------------------------------------------------------- */

/* The hash is that of the bytes before it with their brace, and the bytes name the hash before. */
static bool chained(struct invariants *inv, struct span line)
{
	size_t body = line.len - strlen(",\"hash\":\"\"}") - 64;
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)line.at, body);
	crypto_hash_sha256_update(&state, (const unsigned char *)"}", 1);
	crypto_hash_sha256_final(&state, hash);
	if (memcmp(hash, inv->record.hash, sizeof(hash)) != 0)
		return inv_fail(inv, "I13", "the hash is another");
	if (inv->record.seq != inv->seq + 1 || memcmp(inv->record.prev, inv->head, sizeof(inv->head)) != 0)
		return inv_fail(inv, "I13", "does not follow %llu", (unsigned long long)inv->seq);
	if (inv->record.at_ms < inv->last_ms)
		return inv_fail(inv, "I13", "older than the one before");
	memcpy(inv->head, hash, sizeof(hash));
	inv->seq = inv->record.seq;
	inv->last_ms = inv->record.at_ms;
	return true;
}

static bool used_once(struct invariants *inv)
{
	size_t n = inv->keys.n;

	if (names_add(&inv->keys, inv->record.key) != n)
		return inv_fail(inv, "I14", "its key was used before");
	n = inv->entries.n;
	if (inv->record.entry.nlegs > 0 && names_add(&inv->entries, span_of(inv->record.entry.id)) != n)
		return inv_fail(inv, "I14", "its entry was posted before");
	return true;
}

static struct owed *reward_of(const struct invariants *inv)
{
	struct span subject = inv->record.subject, id = span_from(subject.at, span_find(subject, SPAN("-")));

	return inv_owed(inv, id);
}

bool invariants_take(struct invariants *inv, struct span line, struct coverage *coverage, struct complaint *why)
{
	arena_clear(&inv->arena);
	inv->why = why;
	inv->ntouched = 0;
	if (!record_read(line, &inv->arena, &inv->record, why) ||
	    !json_object_read(inv->record.data, &inv->arena, &inv->data, why))
		return false;
	inv->of = reward_of(inv);
	return chained(inv, line) && used_once(inv) && inv_who(inv) && inv_life(inv, coverage) && inv_money(inv) &&
	       (inv->of == NULL || inv_sums(inv, inv->of));
}

/* --- the book ------------------------------------------------------------------------------------- */

static bool same_attempts(const struct owed *owed, const struct book_reward *is, struct complaint *why)
{
	if (owed->ntried != is->nattempts)
		return complain(why, 0, "I16: %s has %zu attempts, the book says %zu", owed->id, owed->ntried, is->nattempts);
	for (size_t i = 0; i < owed->ntried; i++)
		if (owed->tried[i].state != is->attempts[i].state || owed->tried[i].fen != is->attempts[i].fen ||
		    owed->tried[i].overpaid != is->attempts[i].overpaid ||
		    strcmp(owed->tried[i].instruction, is->attempts[i].instruction) != 0)
			return complain(why, 0, "I16: %s-%zu is %s, the book says %s", owed->id, i + 1,
					attempt_state_name(owed->tried[i].state), attempt_state_name(is->attempts[i].state));
	return true;
}

static int64_t paid_of(const struct owed *owed)
{
	int64_t fen = owed->offset;

	for (size_t i = 0; i < owed->ntried; i++)
		if (owed->tried[i].state == ATTEMPT_SUCCEEDED && !owed->tried[i].overpaid)
			fen += owed->tried[i].fen;
	return fen;
}

static bool same_reward(const struct owed *owed, const struct book *book, struct complaint *why)
{
	const struct book_reward *is = book_reward(book, span_of(owed->id));

	if (is == NULL)
		return complain(why, 0, "I16: the book has no %s", owed->id);
	if (is->state != owed->state || is->held != owed->held)
		return complain(why, 0, "I16: %s is %s%s, the book says %s%s", owed->id, reward_state_name(owed->state),
				owed->held ? " held" : "", reward_state_name(is->state), is->held ? " held" : "");
	if (is->fen != owed->fen || is->tax_fen != owed->tax_fen || is->deadline_ms != owed->deadline_ms ||
	    is->cooling_until_ms != owed->cooling_ms)
		return complain(why, 0, "I16: amounts or times of %s are others in the book", owed->id);
	if (is->paid_fen != paid_of(owed))
		return complain(why, 0, "I16: %s was paid %lld, the book says %lld", owed->id, (long long)paid_of(owed),
				(long long)is->paid_fen);
	return same_attempts(owed, is, why);
}

static bool same_account(const struct account *account, const struct book *book, struct complaint *why)
{
	const struct ledger_account_kind *kind = ledger_kind(account->code);
	int64_t balance = account->debits - account->credits;
	int64_t says = ledger_balance(book_ledger(book), account->book, (enum ledger_code)account->code, account->detail);

	if (kind == NULL || says != (kind->debit_normal ? balance : -balance))
		return complain(why, 0, "I16: %s %u %s: the book says %lld", account->book, account->code, account->detail,
				(long long)says);
	return true;
}

bool invariants_compare(const struct invariants *inv, const struct book *book, struct complaint *why)
{
	if (book_seq(book) != inv->seq || memcmp(book_head(book), inv->head, sizeof(inv->head)) != 0)
		return complain(why, 0, "I13: the heads differ");
	for (size_t i = 0; i < inv->ntouched; i++)
		if (!same_account(&inv->account[inv->touched[i]], book, why))
			return false;
	return inv->of == NULL || same_reward(inv->of, book, why);
}

bool invariants_compare_all(const struct invariants *inv, const struct book *book, struct complaint *why)
{
	if (book_rewards(book) != inv->rewards.n || ledger_rows(book_ledger(book), NULL, 0) != inv->accounts.n)
		return complain(why, 0, "I16: the book has %zu rewards and %zu accounts, not %zu and %zu", book_rewards(book),
				ledger_rows(book_ledger(book), NULL, 0), inv->rewards.n, inv->accounts.n);
	for (size_t i = 0; i < inv->accounts.n; i++)
		if (!same_account(&inv->account[i], book, why))
			return false;
	for (size_t i = 0; i < inv->rewards.n; i++)
		if (!same_reward(&inv->owed[i], book, why))
			return false;
	return invariants_compare(inv, book, why);
}

bool invariants_timely(const struct invariants *inv, int64_t now_ms, struct complaint *why)
{
	for (size_t i = 0; i < inv->rewards.n; i++) {
		const struct owed *owed = &inv->owed[i];

		if (owed->state == REWARD_CLAIMABLE && !owed->held && now_ms >= owed->deadline_ms)
			return complain(why, 0, "I18: %s can be claimed past its deadline", owed->id);
		if (owed->state == REWARD_APPROVED && !owed->held)
			return complain(why, 0, "I18: %s is approved and not published", owed->id);
	}
	return true;
}

#define SENT_MAX 48   /* instructions for one claimant and case */

/* --- what was really sent ---------------------------------------------------------------------- */

static bool sent_once(const struct provider *provider, struct complaint *why)
{
	for (size_t i = 0; i < provider->ids.n; i++)
		if (provider->payments[i].times_sent > 1)
			return complain(why, 0, "I05: instruction %s of %lld fen was really sent %u times",
					provider->payments[i].is.id, (long long)provider->payments[i].is.fen,
					provider->payments[i].times_sent);
	return true;
}

bool inv_same_payment(const struct owed *a, const struct owed *b)
{
	return strcmp(a->case_id, b->case_id) == 0 && strcmp(a->claimant, b->claimant) == 0;
}

/* The first reward of its claimant and case answers for all of them. */
static bool is_first(const struct invariants *inv, size_t index)
{
	assert(inv->owed != NULL);
	for (size_t i = 0; i < index; i++)
		if (inv_same_payment(&inv->owed[i], &inv->owed[index]))
			return false;
	return true;
}

static bool was_paid(const struct owed *owed)
{
	for (size_t i = 0; i < owed->ntried; i++)
		if (owed->tried[i].state == ATTEMPT_SUCCEEDED)
			return true;
	return false;
}

static int64_t owed_together(const struct invariants *inv, const struct owed *of)
{
	int64_t fen = 0;

	for (size_t i = 0; i < inv->rewards.n; i++)
		if (inv_same_payment(&inv->owed[i], of) && (inv_counts(&inv->owed[i]) || was_paid(&inv->owed[i])))
			fen += inv->owed[i].fen - inv->owed[i].tax_fen;
	return fen;
}

/*
 * What was sent under any id of theirs, whether this journal knows of it or one
 * that was lost did; less what the provider had called failed before it paid.
 */
static int64_t sent_together(const struct invariants *inv, const struct provider *provider, const struct owed *of)
{
	int64_t fen = 0;

	for (unsigned ordinal = 1; ordinal <= SENT_MAX; ordinal++) {
		char id[INSTRUCTION_ID_LEN + 1];
		const struct payment *payment;

		inv_derive(inv, of, ordinal, id);
		payment = provider_payment(provider, id);
		if (payment != NULL && payment->times_sent > 0 && !payment->returned && !payment->told_failed)
			fen += payment->is.fen;
	}
	return fen;
}

int64_t invariants_owed(const struct invariants *inv, size_t index, char name[INVARIANTS_NAME_MAX])
{
	const struct owed *owed = index < inv->rewards.n ? &inv->owed[index] : NULL;

	if (owed == NULL)
		return -1;
	snprintf(name, INVARIANTS_NAME_MAX, "%s %s", owed->case_id, owed->claimant);
	return is_first(inv, index) ? owed_together(inv, owed) : 0;
}

bool invariants_provider(const struct invariants *inv, const struct provider *provider,
			 int64_t (*lost)(void *ctx, const char *name), void *ctx, struct complaint *why)
{
	if (!sent_once(provider, why))
		return false;
	for (size_t i = 0; i < inv->rewards.n; i++) {
		char name[INVARIANTS_NAME_MAX];
		int64_t owed = invariants_owed(inv, i, name), before = lost(ctx, name), sent;

		if (!is_first(inv, i))
			continue;
		sent = sent_together(inv, provider, &inv->owed[i]);
		if (sent > (owed > before ? owed : before))
			return complain(why, 0, "I05: %lld fen were really sent for %s (%s), %lld are owed and %lld were before a restore",
					(long long)sent, inv->owed[i].id, name, (long long)owed, (long long)before);
	}
	return true;
}

bool invariants_settled(const struct invariants *inv, const struct provider *provider, struct complaint *why)
{
	for (size_t i = 0; i < inv->rewards.n; i++) {
		for (size_t n = 0; n < inv->owed[i].ntried; n++) {
			const struct tried *tried = &inv->owed[i].tried[n];
			const struct payment *payment = provider_payment(provider, tried->instruction);
			bool sent = payment != NULL && payment->times_sent > 0 && !payment->returned;

			/* Cancelled before it went out, it left its id to the next one. */
			if (!tried->sent)
				continue;
			if (tried->state == ATTEMPT_SUCCEEDED && payment != NULL && payment->times_sent == 0)
				return complain(why, 0, "%s-%zu is called paid, and nothing was sent", inv->owed[i].id, n + 1);
			if (sent && tried->state != ATTEMPT_SUCCEEDED)
				return complain(why, 0, "%s-%zu was sent, and is called %s", inv->owed[i].id, n + 1,
						attempt_state_name(tried->state));
		}
	}
	return true;
}
