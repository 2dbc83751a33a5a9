/*
 * Who did what with whom: on rewards, by person.
 *
 * A pair is two people with a part each in the same reward. A conflict is one
 * person with two parts that exclude each other: the book lets none through,
 * so one that is found says that something else wrote the journal. Deputies
 * are persons of their own here.
 */
#ifndef TIPLINE_MONEY_AUDIT_SEPARATION_H
#define TIPLINE_MONEY_AUDIT_SEPARATION_H

#include "daemon/money/audit_view.h"

struct audit_person {
	uint32_t person;
	enum audit_part part;
	size_t rewards;
	int64_t fen;
	struct audit_seqs seqs;
};

struct audit_pair {
	uint32_t person, with;
	enum audit_part part, with_part;   /* in the order of the work; of two of one part in that of their names' numbers */
	size_t rewards;
	int64_t fen;
	unsigned percent;                  /* of the rewards of the first in that part */
	struct audit_seqs seqs;
};

struct audit_conflict {
	uint32_t reward, person;           /* reward: its number in the log */
	enum audit_part part, with_part;
	struct audit_seqs seqs;
};

struct audit_separation {
	struct audit_person *people;       /* by part, then name */
	struct audit_pair *pairs;          /* most rewards first */
	struct audit_conflict *conflicts;
	size_t npeople, npairs, nconflicts;
};

/* All of it in the arena of the view. */
struct audit_separation audit_separation(const struct audit_view *view);

/* Whether one person may not have both parts in one reward. */
bool audit_parts_exclude(enum audit_part a, enum audit_part b);

#endif
