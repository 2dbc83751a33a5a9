/*
 * People, pairs, conflicts; see audit_separation.h.
 */
#include "daemon/money/audit_separation.h"

#include "daemon/base/mark_map.h"

#include <stdlib.h>

/* What somebody did on one reward, once. */
struct role {
	uint32_t person;
	enum audit_part part;
	uint64_t last;
};

struct work {
	const struct audit_view *view;
	struct audit_separation out;
	struct mark_map people, pairs;
	size_t room_people, room_pairs, room_conflicts;
	struct role *roles;              /* of the reward at hand */
	size_t nroles;
};

/* Room for one more behind the n of an array in the arena. */
static void *grow(struct arena *arena, void *array, size_t n, size_t *room, size_t size)
{
	void *more;

	if (n < *room)
		return array;
	*room = *room > 0 ? 2 * *room : 64;
	more = arena_alloc(arena, *room * size);
	if (n > 0)
		memcpy(more, array, n * size);
	return more;
}

/* Whoever took the tip in, or verified the case, may propose; else everybody does one thing. */
bool audit_parts_exclude(enum audit_part a, enum audit_part b)
{
	enum audit_part earlier = a < b ? a : b, later = a < b ? b : a;

	return earlier != later && later != AUDIT_PROPOSER;
}

/* --- people -------------------------------------------------------------------------- */

static void mark_of(uint32_t a, unsigned a_part, uint32_t b, unsigned b_part, unsigned char mark[MARK_BYTES])
{
	const uint32_t words[4] = { a, a_part, b, b_part };

	_Static_assert(sizeof(words) == MARK_BYTES, "a key as it stands");
	memcpy(mark, words, sizeof(words));
}

static struct audit_person *person_of(struct work *w, const struct role *role)
{
	unsigned char mark[MARK_BYTES];
	uint64_t at;

	mark_of(role->person, role->part, 0, 0, mark);
	if (mark_map_get(&w->people, mark, &at))
		return &w->out.people[at];
	w->out.people = grow(w->view->arena, w->out.people, w->out.npeople, &w->room_people, sizeof(*w->out.people));
	mark_map_set(&w->people, mark, w->out.npeople);
	w->out.people[w->out.npeople] = (struct audit_person){ .person = role->person, .part = role->part };
	return &w->out.people[w->out.npeople++];
}

/* --- pairs ----------------------------------------------------------------------------- */

static struct audit_pair *pair_of(struct work *w, const struct role *a, const struct role *b)
{
	unsigned char mark[MARK_BYTES];
	uint64_t at;

	mark_of(a->person, a->part, b->person, b->part, mark);
	if (mark_map_get(&w->pairs, mark, &at))
		return &w->out.pairs[at];
	w->out.pairs = grow(w->view->arena, w->out.pairs, w->out.npairs, &w->room_pairs, sizeof(*w->out.pairs));
	mark_map_set(&w->pairs, mark, w->out.npairs);
	w->out.pairs[w->out.npairs] = (struct audit_pair){ .person = a->person, .part = a->part, .with = b->person,
							    .with_part = b->part };
	return &w->out.pairs[w->out.npairs++];
}

static void put_conflict(struct work *w, const struct audit_reward *reward, const struct role *a, const struct role *b)
{
	struct audit_conflict *conflict;

	w->out.conflicts = grow(w->view->arena, w->out.conflicts, w->out.nconflicts, &w->room_conflicts, sizeof(*conflict));
	conflict = &w->out.conflicts[w->out.nconflicts++];
	*conflict = (struct audit_conflict){ .reward = reward->number, .person = a->person, .part = a->part,
					     .with_part = b->part };
	audit_seqs_add(&conflict->seqs, a->last, w->view->arena);
	audit_seqs_add(&conflict->seqs, b->last, w->view->arena);
}

static void take_pair(struct work *w, const struct audit_reward *reward, const struct role *a, const struct role *b)
{
	struct audit_pair *pair;
	bool turned = a->part > b->part || (a->part == b->part && a->person > b->person);
	const struct role *one = turned ? b : a, *other = turned ? a : b;

	if (one->person == other->person) {
		if (audit_parts_exclude(one->part, other->part))
			put_conflict(w, reward, one, other);
		return;
	}
	pair = pair_of(w, one, other);
	pair->rewards++;
	pair->fen += reward->is->fen;
	audit_seqs_add(&pair->seqs, one->last, w->view->arena);
	audit_seqs_add(&pair->seqs, other->last, w->view->arena);
}

/* --- a reward ---------------------------------------------------------------------------- */

/* Approvals that were sent back are void. */
static bool counts(const struct audit_reward *reward, const struct audit_deed *deed)
{
	return deed->part != AUDIT_APPROVER || deed->round == reward->round;
}

static void take_deed(struct work *w, const struct audit_deed *deed)
{
	for (size_t i = 0; i < w->nroles; i++)
		if (w->roles[i].person == deed->person && w->roles[i].part == deed->part) {
			w->roles[i].last = deed->seq;
			return;
		}
	w->roles[w->nroles++] = (struct role){ .person = deed->person, .part = deed->part, .last = deed->seq };
}

static void take_reward(struct work *w, const struct audit_reward *reward)
{
	for (size_t i = 0; i < w->nroles; i++) {
		struct audit_person *person = person_of(w, &w->roles[i]);

		person->rewards++;
		person->fen += reward->is->fen;
		audit_seqs_add(&person->seqs, w->roles[i].last, w->view->arena);
		for (size_t k = 0; k < i; k++)
			take_pair(w, reward, &w->roles[k], &w->roles[i]);
	}
}

static int by_reward(const void *a, const void *b)
{
	const struct audit_deed *left = a, *right = b;

	if (left->reward != right->reward)
		return left->reward < right->reward ? -1 : 1;
	return left->seq < right->seq ? -1 : left->seq > right->seq;
}

static void take_all(struct work *w)
{
	const struct audit_view *view = w->view;
	struct audit_deed *deeds = arena_array(view->arena, struct audit_deed, view->ndeeds + 1);

	w->roles = arena_array(view->arena, struct role, view->ndeeds + 1);
	if (view->ndeeds > 0)
		memcpy(deeds, view->deeds, view->ndeeds * sizeof(*deeds));
	qsort(deeds, view->ndeeds, sizeof(*deeds), by_reward);
	for (size_t i = 0; i < view->ndeeds;) {
		const struct audit_reward *reward = &view->rewards[view->number_of[deeds[i].reward] - 1];

		w->nroles = 0;
		for (; i < view->ndeeds && deeds[i].reward == reward->number; i++)
			if (counts(reward, &deeds[i]))
				take_deed(w, &deeds[i]);
		take_reward(w, reward);
	}
}

/* --- in order -------------------------------------------------------------------------------- */

static int by_part(const void *a, const void *b)
{
	const struct audit_person *left = a, *right = b;

	if (left->part != right->part)
		return left->part < right->part ? -1 : 1;
	return left->person < right->person ? -1 : left->person > right->person;
}

static int by_rewards(const void *a, const void *b)
{
	const struct audit_pair *left = a, *right = b;
	const uint32_t l[] = { left->part, left->person, left->with_part, left->with };
	const uint32_t r[] = { right->part, right->person, right->with_part, right->with };

	if (left->rewards != right->rewards)
		return left->rewards > right->rewards ? -1 : 1;
	for (size_t i = 0; i < 4; i++)
		if (l[i] != r[i])
			return l[i] < r[i] ? -1 : 1;
	return 0;
}

static void reckon_percents(struct work *w)
{
	for (size_t i = 0; i < w->out.npairs; i++) {
		struct audit_pair *pair = &w->out.pairs[i];
		struct role first = { .person = pair->person, .part = pair->part };

		size_t of = person_of(w, &first)->rewards;

		pair->percent = of > 0 ? (unsigned)(100 * pair->rewards / of) : 0;
	}
}

struct audit_separation audit_separation(const struct audit_view *view)
{
	struct work w = { .view = view };

	mark_map_init(&w.people, 0);
	mark_map_init(&w.pairs, 0);
	take_all(&w);
	reckon_percents(&w);
	if (w.out.npeople > 0)
		qsort(w.out.people, w.out.npeople, sizeof(*w.out.people), by_part);
	if (w.out.npairs > 0)
		qsort(w.out.pairs, w.out.npairs, sizeof(*w.out.pairs), by_rewards);
	mark_map_release(&w.people);
	mark_map_release(&w.pairs);
	return w.out;
}
