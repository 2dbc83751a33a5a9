/*
 * Records by what they are about; see money_index.h.
 */
#include "handlers/reward/money_index.h"

#include "daemon/base/mark_map.h"
#include "daemon/base/memory.h"

#include <sodium.h>
#include <stdlib.h>

struct entry {
	uint64_t *seqs;
	size_t n;
	char *data;       /* of a case */
	size_t data_len;
	struct index_panel panel;   /* of a reward */
};

struct money_index {
	struct mark_map by_subject;
	struct entry *entries;
	size_t n;
	struct index_policy *policies;
	size_t npolicies;
	uint64_t seq;
};

struct money_index *money_index_new(uint64_t seed)
{
	struct money_index *index = memory_zeroes(1, sizeof(*index));

	mark_map_init(&index->by_subject, seed);
	return index;
}

void money_index_free(struct money_index *index)
{
	if (index == NULL)
		return;
	for (size_t i = 0; i < index->n; i++) {
		free(index->entries[i].seqs);
		free(index->entries[i].data);
	}
	free(index->entries);
	free(index->policies);
	mark_map_release(&index->by_subject);
	free(index);
}

uint64_t money_index_seq(const struct money_index *index)
{
	return index->seq;
}

/* --- subjects ---------------------------------------------------------------------- */

static void mark_of(enum index_subject kind, struct span subject, unsigned char mark[MARK_BYTES])
{
	crypto_generichash_state state;
	unsigned char first = (unsigned char)kind;

	crypto_generichash_init(&state, NULL, 0, MARK_BYTES);
	crypto_generichash_update(&state, &first, 1);
	crypto_generichash_update(&state, (const unsigned char *)subject.at, subject.len);
	crypto_generichash_final(&state, mark, MARK_BYTES);
}

static struct entry *entry_find(const struct money_index *index, enum index_subject kind, struct span subject)
{
	unsigned char mark[MARK_BYTES];
	uint64_t at;

	mark_of(kind, subject, mark);
	return mark_map_get(&index->by_subject, mark, &at) ? &index->entries[at] : NULL;
}

static struct entry *entry_make(struct money_index *index, enum index_subject kind, struct span subject)
{
	unsigned char mark[MARK_BYTES];
	struct entry *entry = entry_find(index, kind, subject);

	if (entry != NULL)
		return entry;
	mark_of(kind, subject, mark);
	index->entries = memory_grow(index->entries, index->n, sizeof(*entry));
	index->entries[index->n] = (struct entry){ 0 };
	mark_map_set(&index->by_subject, mark, index->n);
	return &index->entries[index->n++];
}

static struct entry *add_seq(struct money_index *index, enum index_subject kind, struct span subject, uint64_t seq)
{
	struct entry *entry = entry_make(index, kind, subject);

	entry->seqs = memory_grow(entry->seqs, entry->n, sizeof(*entry->seqs));
	entry->seqs[entry->n++] = seq;
	return entry;
}

/* "R7" of "R7-1". */
static struct span reward_of(struct span subject)
{
	return span_from(subject.at, span_find(subject, SPAN("-")));
}

static void take_case(struct money_index *index, const struct record *record)
{
	struct entry *entry = add_seq(index, INDEX_CASE, record->subject, record->seq);

	free(entry->data);
	entry->data = memory_zeroes(record->data.len + 1, 1);
	memcpy(entry->data, record->data.at, record->data.len);
	entry->data_len = record->data.len;
}

static bool binds_anew(struct span kind)
{
	return span_is(kind, "reward.claim") || span_is(kind, "reward.change_payee") || span_is(kind, "reward.reissue") ||
	       span_is(kind, "reward.decline");
}

/* A record of the reward itself voids what one officer alone confirmed. */
static void take_reward(struct money_index *index, const struct record *record, struct span act)
{
	struct index_panel *panel = &add_seq(index, INDEX_REWARD, reward_of(record->subject), record->seq)->panel;
	bool votes = span_is(record->kind, "vote");

	if (votes || !span_starts(act, SPAN("reward."))) {
		if (span_is(act, "reward.panel") && record->person.len < sizeof(panel->asker)) {
			panel->asked_ms = record->at_ms;
			memset(panel->asker, 0, sizeof(panel->asker));
			memcpy(panel->asker, record->person.at, record->person.len);
		}
		return;
	}
	panel->asked_ms = 0;
	if (span_is(act, "reward.panel"))
		panel->bound_ms = record->at_ms;
	else if (binds_anew(act))
		panel->bound_ms = 0;
}

struct index_panel money_index_panel(const struct money_index *index, struct span reward)
{
	const struct entry *entry = entry_find(index, INDEX_REWARD, reward);

	return entry != NULL ? entry->panel : (struct index_panel){ 0 };
}

/* --- policies ------------------------------------------------------------------------ */

static void put_text(const struct record *record, const char *name, char out[INDEX_NAME_MAX], struct arena *arena)
{
	struct span text;

	if (record_text(record, name, arena, &text) && text.len < INDEX_NAME_MAX)
		memcpy(out, text.at, text.len);
}

static void put_name(char out[INDEX_NAME_MAX], struct span name)
{
	if (name.len < INDEX_NAME_MAX)
		memcpy(out, name.at, name.len);
}

static void take_draft(struct money_index *index, const struct record *record)
{
	struct arena arena = { 0 };
	struct index_policy *policy;
	struct span hash;

	index->policies = memory_grow(index->policies, index->npolicies, sizeof(*policy));
	policy = &index->policies[index->npolicies++];
	*policy = (struct index_policy){ .drafted_seq = record->seq };
	if (record_text(record, "hash", &arena, &hash) && hash.len < INDEX_HASH_MAX)
		memcpy(policy->hash, hash.at, hash.len);
	put_text(record, "policy", policy->name, &arena);
	put_text(record, "version", policy->version, &arena);
	put_name(policy->drafter, record->person);
	arena_release(&arena);
}

static void take_adoption(struct money_index *index, const struct record *record)
{
	struct arena arena = { 0 };
	struct span since;
	uint64_t since_ms;

	for (size_t i = 0; i < index->npolicies; i++) {
		struct index_policy *policy = &index->policies[i];

		if (!span_is(record->subject, policy->hash))
			continue;
		policy->adopted_seq = record->seq;
		put_name(policy->adopter, record->person);
		if (record_text(record, "since", &arena, &since) && span_u64(since, &since_ms))
			policy->since_ms = (int64_t)since_ms;
	}
	arena_release(&arena);
}

const struct index_policy *money_index_policies(const struct money_index *index, size_t *n)
{
	*n = index->npolicies;
	return index->policies;
}

const struct index_policy *money_index_policy(const struct money_index *index, struct span name)
{
	const struct index_policy *found = NULL;

	for (size_t i = 0; i < index->npolicies; i++) {
		const struct index_policy *policy = &index->policies[i];

		if (span_eq(name, span_from(policy->hash, strnlen(policy->hash, sizeof(policy->hash)))) ||
		    span_eq(name, span_from(policy->name, strnlen(policy->name, sizeof(policy->name)))))
			found = policy;
	}
	return found;
}

/* --- records --------------------------------------------------------------------------- */

/* What a vote is about: its act. */
static struct span act_of(const struct record *record, struct arena *arena)
{
	struct span act;

	if (!span_is(record->kind, "vote") || !record_text(record, "act", arena, &act))
		return record->kind;
	return act;
}

void money_index_take(struct money_index *index, const struct record *record)
{
	struct arena arena = { 0 };
	struct span act = act_of(record, &arena);

	if (record->seq <= index->seq)
		return;
	index->seq = record->seq;
	if (span_starts(act, SPAN("reward.")) || span_starts(act, SPAN("attempt.")) || span_is(act, "budget.tax"))
		take_reward(index, record, act);
	else if (span_is(record->kind, "case.verified"))
		take_case(index, record);
	else if (span_is(record->kind, "policy.draft"))
		take_draft(index, record);
	else if (span_is(record->kind, "policy.adopt"))
		take_adoption(index, record);
	arena_release(&arena);
}

const uint64_t *money_index_of(const struct money_index *index, enum index_subject kind, struct span subject,
			       size_t *n)
{
	const struct entry *entry = entry_find(index, kind, subject);

	*n = entry != NULL ? entry->n : 0;
	return entry != NULL ? entry->seqs : NULL;
}

struct span money_index_case(const struct money_index *index, struct span case_id)
{
	const struct entry *entry = entry_find(index, INDEX_CASE, case_id);

	return entry != NULL ? span_from(entry->data, entry->data_len) : (struct span){ 0 };
}
