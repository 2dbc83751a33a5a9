/*
 * What the book does not keep: which records of the money journal are about
 * which reward or case, what a verifier recorded last, and the policies with
 * who drafted and who adopted them. A fold of the same records, for reading.
 */
#ifndef TIPLINE_HANDLERS_REWARD_MONEY_INDEX_H
#define TIPLINE_HANDLERS_REWARD_MONEY_INDEX_H

#include "daemon/money/book.h"

#define INDEX_NAME_MAX 36
#define INDEX_HASH_MAX 65

struct money_index;

/* `seed` should be random. */
struct money_index *money_index_new(uint64_t seed);
void money_index_free(struct money_index *index);

/* The next record; one that was taken in before is passed over. */
void money_index_take(struct money_index *index, const struct record *record);
uint64_t money_index_seq(const struct money_index *index);

enum index_subject {
	INDEX_REWARD,     /* "R7"; records of its attempts too */
	INDEX_CASE,
};

/* Numbers of its records, oldest first; good until the next record. */
const uint64_t *money_index_of(const struct money_index *index, enum index_subject kind, struct span subject,
			       size_t *n);

/* `data` of the case as it was recorded last; empty: never. Good until the next record. */
struct span money_index_case(const struct money_index *index, struct span case_id);

#define INDEX_PANEL_MS INT64_C(2592000000)   /* how long the word of one officer holds */

/* Somebody who lost the code, or an heir, asks for a reward with papers (reward.panel). */
struct index_panel {
	int64_t asked_ms;     /* the first of two officers confirmed it; 0: nobody, or it is void */
	char asker[INDEX_NAME_MAX];   /* who that was, by person */
	int64_t bound_ms;     /* both did, and it goes to that payee; 0: no, or somebody with the code changed it since */
};
struct index_panel money_index_panel(const struct money_index *index, struct span reward);

struct index_policy {
	char hash[INDEX_HASH_MAX];
	char name[INDEX_NAME_MAX], version[INDEX_NAME_MAX];
	char drafter[INDEX_NAME_MAX], adopter[INDEX_NAME_MAX];
	uint64_t drafted_seq, adopted_seq;   /* adopted_seq 0: a draft */
	int64_t since_ms;                    /* in force from then on */
};
const struct index_policy *money_index_policies(const struct money_index *index, size_t *n);

/* By its hash in hex, or the latest draft of that name; NULL. */
const struct index_policy *money_index_policy(const struct money_index *index, struct span name);

#endif
