/*
 * Tests of people and accounts: who meets whom too often.
 */
#include "daemon/money/audit_exceptions.h"
#include "daemon/money/audit_separation.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

/* --- pairs of staff ------------------------------------------------------------------- */

static bool is_often(const struct audit_finding *finding, size_t n, size_t of)
{
	return n >= (size_t)finding->parameters[AUDIT_PAIR_MIN] &&
	       100 * n >= (size_t)finding->parameters[AUDIT_PAIR_PERCENT] * of;
}

static bool decides(enum audit_part part)
{
	return part == AUDIT_PROPOSER || part == AUDIT_APPROVER || part == AUDIT_FINANCE;
}

void audit_find_pairs(struct audit_finding *finding)
{
	const struct audit_view *view = finding->view;
	struct audit_separation all = audit_separation(view);

	finding->population = view->nrewards;
	for (size_t i = 0; i < all.npairs; i++) {
		const struct audit_pair *pair = &all.pairs[i];
		struct audit_hit *hit;

		if (!decides(pair->part) || !decides(pair->with_part) || pair->part == pair->with_part ||
		    pair->rewards < (size_t)finding->parameters[AUDIT_PAIR_MIN] ||
		    pair->percent < finding->parameters[AUDIT_PAIR_PERCENT])
			continue;
		hit = audit_hit_new(finding, NULL);
		hit->subject = audit_view_text(view, pair->person);
		hit->with = audit_view_text(view, pair->with);
		hit->note = arena_printf(view->arena, "%s-%s", audit_part_name(pair->part), audit_part_name(pair->with_part));
		hit->rewards = pair->rewards;
		hit->fen = pair->fen;
		hit->value = pair->percent;
		hit->seqs = pair->seqs;
	}
}

/* --- accounts ----------------------------------------------------------------------------- */

/* Rewards that were claimed, by payee and then as they were proposed. */
static int by_payee(const void *a, const void *b)
{
	const struct audit_reward *left = ((const struct audit_choice *)a)->reward;
	const struct audit_reward *right = ((const struct audit_choice *)b)->reward;

	if (left->payee != right->payee)
		return left->payee < right->payee ? -1 : 1;
	return left->number < right->number ? -1 : left->number > right->number;
}

static struct audit_choice *claimed(const struct audit_view *view, size_t *n)
{
	struct audit_choice *list = arena_array(view->arena, struct audit_choice, view->nrewards + 1);

	*n = 0;
	for (size_t i = 0; i < view->nrewards; i++)
		if (view->rewards[i].payee != 0)
			list[(*n)++].reward = &view->rewards[i];
	if (*n > 0)
		qsort(list, *n, sizeof(*list), by_payee);
	return list;
}

/* Cases among rewards of one payee; there are few. */
static size_t count_cases(const struct audit_choice *list, size_t n, bool *bureaus)
{
	size_t cases = 0;

	*bureaus = false;
	for (size_t i = 0; i < n; i++) {
		bool known = false;

		for (size_t k = 0; k < i && !known; k++)
			known = list[k].reward->is->case_id == list[i].reward->is->case_id;
		cases += !known;
		*bureaus = *bureaus || list[i].reward->is->region != list[0].reward->is->region;
	}
	return cases;
}

static void put_payee(struct audit_finding *finding, const struct audit_choice *list, size_t n)
{
	bool bureaus;
	size_t cases = count_cases(list, n, &bureaus);
	struct audit_hit *hit;

	if (cases < (size_t)finding->parameters[AUDIT_PAYEE_CASES])
		return;
	hit = audit_hit_new(finding, NULL);
	hit->subject = audit_view_text(finding->view, list[0].reward->payee);
	hit->is_payee = true;
	hit->note = bureaus ? "bureaus" : "";
	hit->rewards = n;
	hit->value = (int64_t)cases;
	hit->at_ms = list[0].reward->claim_ms;
	for (size_t i = 0; i < n; i++) {
		hit->fen += list[i].reward->is->fen;
		audit_hit_seq(finding, hit, list[i].reward->claim_seq);
	}
}

void audit_find_same_payee(struct audit_finding *finding)
{
	size_t n, next;
	struct audit_choice *list = claimed(finding->view, &n);

	finding->population = n;
	for (size_t i = 0; i < n; i = next) {
		for (next = i + 1; next < n && list[next].reward->payee == list[i].reward->payee;)
			next++;
		put_payee(finding, list + i, next - i);
	}
}

static int by_payee_and_fen(const void *a, const void *b)
{
	const struct audit_reward *left = ((const struct audit_choice *)a)->reward;
	const struct audit_reward *right = ((const struct audit_choice *)b)->reward;

	if (left->payee == right->payee && left->is->fen != right->is->fen)
		return left->is->fen < right->is->fen ? -1 : 1;
	if (left->payee == right->payee && left->claim_ms != right->claim_ms)
		return left->claim_ms < right->claim_ms ? -1 : 1;
	return by_payee(a, b);
}

void audit_find_duplicates(struct audit_finding *finding)
{
	size_t n;
	struct audit_choice *list = claimed(finding->view, &n);

	finding->population = n;
	if (n > 0)
		qsort(list, n, sizeof(*list), by_payee_and_fen);
	for (size_t i = 1; i < n; i++) {
		const struct audit_reward *one = list[i - 1].reward, *other = list[i].reward;
		int64_t apart = other->claim_ms - one->claim_ms;
		struct audit_hit *hit;

		if (one->payee != other->payee || one->is->fen != other->is->fen ||
		    apart > finding->parameters[AUDIT_DUPLICATE_DAYS] * DAY_MS)
			continue;
		hit = audit_hit_new(finding, other);
		hit->with = audit_view_text(finding->view, one->is->id);
		hit->value = apart / DAY_MS;
		hit->at_ms = other->claim_ms;
		audit_hit_seq(finding, hit, one->claim_seq);
		audit_hit_seq(finding, hit, other->claim_seq);
	}
}

/* --- tellers -------------------------------------------------------------------------------- */

struct teller {
	uint32_t person;
	size_t n;
	int64_t fen;
	struct audit_seqs seqs;
};

static struct teller *teller_of(struct teller *tellers, size_t *n, uint32_t person)
{
	for (size_t i = 0; i < *n; i++)
		if (tellers[i].person == person)
			return &tellers[i];
	tellers[*n].person = person;
	return &tellers[(*n)++];
}

void audit_find_counter(struct audit_finding *finding)
{
	const struct audit_view *view = finding->view;
	struct teller *tellers = arena_array(view->arena, struct teller, view->ndeeds + 1);
	size_t n = 0;

	for (size_t i = 0; i < view->ndeeds; i++) {
		struct teller *teller;

		if (view->deeds[i].part != AUDIT_CASHIER)
			continue;
		finding->population++;
		teller = teller_of(tellers, &n, view->deeds[i].person);
		teller->n++;
		teller->fen += view->rewards[view->number_of[view->deeds[i].reward] - 1].is->fen;
		audit_seqs_add(&teller->seqs, view->deeds[i].seq, view->arena);
	}
	for (size_t i = 0; i < n; i++) {
		struct audit_hit *hit;

		if (!is_often(finding, tellers[i].n, finding->population))
			continue;
		hit = audit_hit_new(finding, NULL);
		hit->subject = audit_view_text(view, tellers[i].person);
		hit->note = "teller";
		hit->rewards = tellers[i].n;
		hit->fen = tellers[i].fen;
		hit->value = (int64_t)(100 * tellers[i].n / finding->population);
		hit->seqs = tellers[i].seqs;
	}
}
