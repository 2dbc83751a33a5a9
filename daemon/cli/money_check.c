/*
 * The checker: findings, the chain, idempotency, the trailer; see
 * money_check.h. What a record means is looked at by its parts.
 */
#include "daemon/cli/money_check_parts.h"

#include "daemon/base/memory.h"
#include "daemon/base/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *id, *help;
	const char *wants;      /* what has to be given to look at it; NULL: the journal is enough */
} invariants[MONEY_INVARIANTS] = {
	[MONEY_I01_BALANCE] = { .id = "I01", .help = "each entry balances in each sub-ledger" },
	[MONEY_I02_LIMITS] = { .id = "I02", .help = "trial balance zero, no account beyond its limit, at every record" },
	[MONEY_I03_BUDGET] = { .id = "I03", .help = "authorised = available + encumbered + expended + lapsed" },
	[MONEY_I04_REWARD] = { .id = "I04", .help = "what was accrued for a reward is somewhere, once" },
	[MONEY_I05_PAID_ONCE] = { .id = "I05", .help = "no more was paid than was due, or it is told as overpaid" },
	[MONEY_I06_ONE_ATTEMPT] = { .id = "I06", .help = "one live attempt of a reward at most" },
	[MONEY_I07_INFLIGHT] = { .id = "I07", .help = "money under way is that of live attempts" },
	[MONEY_I08_ENCUMBERED] = { .id = "I08", .help = "encumbered is what is owed, under way, returned, or tax" },
	[MONEY_I09_STATEMENTS] = { .id = "I09", .help = "the bank's statements say the same", .wants = "--statements" },
	[MONEY_I10_SEPARATION] = { .id = "I10", .help = "approvals, bands, separation by the staff of that time" },
	[MONEY_I11_AMOUNT] = { .id = "I11", .help = "amounts are those of the policy, or overridden as such" },
	[MONEY_I12_TRANSITIONS] = { .id = "I12", .help = "only listed transitions, none after a terminal state" },
	[MONEY_I13_CHAIN] = { .id = "I13", .help = "no gap, no fork, time never back, heads as published" },
	[MONEY_I14_IDEMPOTENCY] = { .id = "I14", .help = "no idempotency key and no entry twice" },
	[MONEY_I15_CAPS] = { .id = "I15", .help = "one reward of a case and claimant, caps kept" },
	[MONEY_I16_SUMS] = { .id = "I16", .help = "count, sums and head of the trailer are those of the records",
			     .wants = "a journal with a trailer" },
	[MONEY_I17_PRIVACY] = { .id = "I17", .help = "no person, number, secret or text of a tip" },
	[MONEY_I18_EXPIRY] = { .id = "I18", .help = "nothing is claimed or open past its deadline" },
	[MONEY_I19_KNOWN] = { .id = "I19", .help = "tips came before the police knew, or tell more" },
	[MONEY_I20_INSTRUCTIONS] = { .id = "I20", .help = "instruction ids are the derived ones",
				     .wants = "--instruction-key" },
};

const char *money_invariant_id(enum money_invariant invariant)
{
	return invariants[invariant].id;
}

const char *money_invariant_help(enum money_invariant invariant)
{
	return invariants[invariant].help;
}

/* --- small things ------------------------------------------------------------------------- */

void *money_list_add(struct money_list *list, size_t each)
{
	if (list->n == list->size) {
		size_t size = list->size > 0 ? 2 * list->size : 16;
		char *at = memory_zeroes(size, each);

		if (list->n > 0)
			memcpy(at, list->at, list->n * each);
		free(list->at);
		list->at = at;
		list->size = size;
	}
	return (char *)list->at + each * list->n++;
}

void money_list_push(struct money_list *list, void *pointer)
{
	*(void **)money_list_add(list, sizeof(void *)) = pointer;
}

void money_list_release(struct money_list *list)
{
	free(list->at);
	*list = (struct money_list){ 0 };
}

struct span money_keep(struct money_check *check, struct span text)
{
	return arena_dup(&check->store, text);
}

void money_broken(struct money_check *check, enum money_invariant invariant, const char *format, ...)
{
	struct money_finding *finding = &check->findings[invariant];
	va_list args;

	if (finding->broken)
		return;
	*finding = (struct money_finding){ .looked_at = true, .broken = true, .seq = check->seq };
	va_start(args, format);
	vsnprintf(finding->why, sizeof(finding->why), format, args);
	va_end(args);
}

#define REASON_FEN INT64_C(100000000000)   /* a billion yuan */

bool money_fen(struct money_check *check, const char *name, int64_t *fen)
{
	*fen = 0;
	if (!money_line_number(check->line, name, fen))
		return false;
	if (*fen > REASON_FEN) {
		money_broken(check, MONEY_I02_LIMITS, "%s of %lld fen", name, (long long)*fen);
		*fen = 0;
	}
	return true;
}

/* --- life ------------------------------------------------------------------------------------ */

struct money_check *money_check_new(void)
{
	struct money_check *check = memory_zeroes(1, sizeof(*check));

	crypto_hash_sha256_init(&check->sha);
	for (size_t i = 0; i < MONEY_INVARIANTS; i++)
		check->findings[i].looked_at = invariants[i].wants == NULL;
	return check;
}

static void free_inner_lists(struct money_check *check)
{
	for (size_t i = 0; i < check->cases.n; i++) {
		money_list_release(&money_case_at(check, i)->did);
		money_list_release(&money_case_at(check, i)->rewards);
		free(money_case_at(check, i));
	}
	for (size_t i = 0; i < check->rewards.n; i++) {
		money_list_release(&money_reward_at(check, i)->did);
		money_list_release(&money_reward_at(check, i)->attempts);
		free(money_reward_at(check, i));
	}
}

void money_check_free(struct money_check *check)
{
	struct money_list *lists[] = { &check->published, &check->staff, &check->cases, &check->rewards, &check->attempts,
				       &check->votes, &check->drafts, &check->ledger.accounts, &check->ledger.books,
				       &check->statements, &check->lines, &check->imports, &check->overdue,
				       &check->deadlines, &check->sums };
	struct money_map *maps[] = { &check->heads, &check->known_policies, &check->keys, &check->by_case,
				     &check->by_reward, &check->by_attempt, &check->by_instruction, &check->by_debit,
				     &check->by_nonce, &check->by_vote, &check->by_detail, &check->by_account, &check->by_claimant,
				     &check->ledger.by_account, &check->ledger.by_book,
				     &check->ledger.entries, &check->by_statement, &check->by_line, &check->breaks, &check->by_break };

	free_inner_lists(check);
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		money_list_release(lists[i]);
	for (size_t i = 0; i < COUNT_OF(maps); i++)
		money_map_release(maps[i]);
	arena_release(&check->arena);
	arena_release(&check->store);
	sodium_memzero(check->instruction_key, sizeof(check->instruction_key));
	free(check);
}

/* --- what else is known ----------------------------------------------------------------------- */

static struct span seq_name(struct money_check *check, uint64_t seq)
{
	return span_of(arena_printf(&check->arena, "%llu", (unsigned long long)seq));
}

void money_check_head(struct money_check *check, uint64_t seq, const unsigned char hash[32])
{
	memcpy(money_list_add(&check->published, MONEY_HASH_BYTES), hash, MONEY_HASH_BYTES);
	money_map_set(&check->heads, seq_name(check, seq), NO_SPAN, check->published.n - 1);
	check->last_published = seq > check->last_published ? seq : check->last_published;
}

void money_check_policy(struct money_check *check, struct span bytes)
{
	unsigned char hash[MONEY_HASH_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)bytes.at, bytes.len);
	money_map_set(&check->known_policies, span_from(hash, sizeof(hash)), NO_SPAN, 1);
	check->has_policies = true;
}

void money_check_instruction_key(struct money_check *check, const unsigned char key[32])
{
	memcpy(check->instruction_key, key, sizeof(check->instruction_key));
	check->has_instruction_key = true;
	check->findings[MONEY_I20_INSTRUCTIONS].looked_at = true;
}

void money_check_signer(struct money_check *check, const unsigned char key[32])
{
	memcpy(check->signer, key, sizeof(check->signer));
	check->has_signer = true;
	check->findings[MONEY_I16_SUMS].looked_at = true;
}

/* --- I13 ----------------------------------------------------------------------------------------- */

static void check_published(struct money_check *check)
{
	size_t index = check->published.n > 0 ? money_map_get(&check->heads, seq_name(check, check->line->seq), NO_SPAN)
					      : MONEY_MAP_NONE;

	if (index != MONEY_MAP_NONE && memcmp((char *)check->published.at + index * MONEY_HASH_BYTES, check->line->hash,
					      MONEY_HASH_BYTES) != 0)
		money_broken(check, MONEY_I13_CHAIN, "another hash was published for this record");
}

static void check_chain(struct money_check *check)
{
	const struct money_line *line = check->line;

	check->seq = line->seq;
	if (line->seq != check->n + 1)
		money_broken(check, MONEY_I13_CHAIN, "record %llu stands where %llu is expected",
			     (unsigned long long)line->seq, (unsigned long long)check->n + 1);
	if (!line->hash_fits)
		money_broken(check, MONEY_I13_CHAIN, "the record is not what its hash says");
	if (memcmp(line->prev, check->head, sizeof(check->head)) != 0)
		money_broken(check, MONEY_I13_CHAIN, "it does not follow the record before it");
	if (line->at_ms < check->last_ms)
		money_broken(check, MONEY_I13_CHAIN, "its time is before that of the record before it");
	check_published(check);
}

/* --- I14 ------------------------------------------------------------------------------------------- */

static void check_key(struct money_check *check)
{
	const struct money_line *line = check->line;
	size_t before;

	if (money_map_add(&check->keys, line->key, NO_SPAN, (size_t)line->seq))
		return;
	before = money_map_get(&check->keys, line->key, NO_SPAN);
	money_broken(check, MONEY_I14_IDEMPOTENCY, "its key was used by record %zu", before);
}

/* --- lines -------------------------------------------------------------------------------------------- */

static void take_record(struct money_check *check)
{
	check_chain(check);
	check_key(check);
	money_privacy_look(check);
	money_look_expired(check);
	money_ledger_take(check);
	money_record_take(check);
	check->n++;
	check->last_ms = check->line->at_ms > check->last_ms ? check->line->at_ms : check->last_ms;
	memcpy(check->head, check->line->hash, sizeof(check->head));
}

static bool unreadable(struct money_check *check, const struct complaint *why)
{
	check->seq = check->n + 1;
	money_broken(check, MONEY_I13_CHAIN, "%.200s", why->text);
	check->unreadable = true;
	return false;
}

static bool take_trailer(struct money_check *check, struct span text)
{
	struct complaint why = { .text = "" };

	if (!money_trailer_read(text, &check->store, &check->trailer, &why))
		return unreadable(check, &why);
	check->trailer.filter = money_keep(check, check->trailer.filter);
	check->trailer_seen = true;
	return true;
}

bool money_check_line(struct money_check *check, struct span text)
{
	struct complaint why = { .text = "nothing may stand behind the trailer" };

	if (check->unreadable)
		return false;
	if (check->trailer_seen)
		return unreadable(check, &why);
	if (money_trailer_begins(text))
		return take_trailer(check, text);
	crypto_hash_sha256_update(&check->sha, (const unsigned char *)text.at, text.len);
	crypto_hash_sha256_update(&check->sha, (const unsigned char *)"\n", 1);
	arena_clear(&check->arena);
	check->line = arena_new(&check->arena, struct money_line);
	if (!money_line_read(text, &check->arena, check->line, &why))
		return unreadable(check, &why);
	take_record(check);
	return true;
}

/* --- the end -------------------------------------------------------------------------------------------- */

static void check_trailer(struct money_check *check)
{
	const struct money_trailer *trailer = &check->trailer;
	unsigned char hash[MONEY_HASH_BYTES];

	check->findings[MONEY_I16_SUMS].looked_at = true;
	crypto_hash_sha256_final(&check->sha, hash);
	if (!span_is(trailer->filter, "all"))
		money_broken(check, MONEY_I16_SUMS, "the export is not the whole journal: %.*s", (int)trailer->filter.len,
			     trailer->filter.at);
	if (trailer->count != check->n || trailer->last != check->n || trailer->first != (check->n > 0))
		money_broken(check, MONEY_I16_SUMS, "the trailer tells of %llu records, there are %llu",
			     (unsigned long long)trailer->count, (unsigned long long)check->n);
	if (memcmp(trailer->head, check->head, sizeof(check->head)) != 0)
		money_broken(check, MONEY_I16_SUMS, "the trailer's head is not the last record's hash");
	if (trailer->fin != check->ledger.fin || trailer->bgt != check->ledger.bgt)
		money_broken(check, MONEY_I16_SUMS, "the trailer's sums are not those of the records");
	if (memcmp(trailer->sha256, hash, sizeof(hash)) != 0)
		money_broken(check, MONEY_I16_SUMS, "the trailer's hash is not that of the lines before it");
	if (trailer->is_signed && !trailer->signature_fits)
		money_broken(check, MONEY_I16_SUMS, "the trailer's signature does not fit");
}

static void check_signer(struct money_check *check)
{
	if (!check->has_signer)
		return;
	if (!check->trailer_seen || !check->trailer.is_signed)
		money_broken(check, MONEY_I16_SUMS, "the journal is not signed");
	else if (memcmp(check->trailer.signer, check->signer, sizeof(check->signer)) != 0)
		money_broken(check, MONEY_I16_SUMS, "somebody else signed the journal");
}

static void tell_what_is_missing(struct money_check *check)
{
	for (size_t i = 0; i < MONEY_INVARIANTS; i++)
		if (!check->findings[i].looked_at)
			snprintf(check->findings[i].why, sizeof(check->findings[i].why), "not looked at; that takes %s",
				 invariants[i].wants);
}

void money_check_end(struct money_check *check)
{
	if (check->ended)
		return;
	check->ended = true;
	check->seq = check->n;
	if (!check->unreadable) {
		if (check->last_published > check->n)
			money_broken(check, MONEY_I13_CHAIN, "record %llu was published, the journal ends with %llu",
				     (unsigned long long)check->last_published, (unsigned long long)check->n);
		if (check->trailer_seen)
			check_trailer(check);
		check_signer(check);
		money_statement_end(check);
	}
	tell_what_is_missing(check);
}

uint64_t money_check_records(const struct money_check *check)
{
	return check->n;
}

const unsigned char *money_check_last_hash(const struct money_check *check)
{
	return check->head;
}

const struct money_finding *money_check_finding(const struct money_check *check, enum money_invariant invariant)
{
	return &check->findings[invariant];
}

bool money_check_well(const struct money_check *check)
{
	for (size_t i = 0; i < MONEY_INVARIANTS; i++)
		if (check->findings[i].broken)
			return false;
	return true;
}
