/*
 * The lists of an incident, against the plainest way to keep them: random
 * children that come, move and go, from a handful to thousands.
 */
#include "daemon/core/journal/fold_incident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST 400

static uint64_t state = 88172645463325252u;

static unsigned draw(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % below;
}

static struct tip_id random_id(unsigned of)
{
	struct tip_id id;

	snprintf(id.text, sizeof(id.text), "%s-000000%04u", draw(2) == 0 ? "15" : "44", draw(of));
	return id;
}

struct plain {
	struct fold_child at[MOST];
	size_t n;
};

static struct fold_child *plain_find(struct plain *plain, const struct tip_id *id, int64_t received_ms)
{
	for (size_t i = 0; i < plain->n; i++)
		if (strcmp(plain->at[i].id.text, id->text) == 0)
			return &plain->at[i];
	for (size_t i = 0; i < plain->n; i++)
		if (strcmp(plain->at[i].id.text + 2, id->text + 2) == 0 && plain->at[i].received_ms == received_ms)
			return &plain->at[i];
	return NULL;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct fold_child *)a)->id.text, ((const struct fold_child *)b)->id.text);
}

static void same_children(struct fold_incident *incident, struct plain *plain)
{
	assert_int_equal(incident->nchildren, plain->n);
	if (plain->n == 0)
		return;
	qsort(incident->children, incident->nchildren, sizeof(struct fold_child), by_id);
	qsort(plain->at, plain->n, sizeof(struct fold_child), by_id);
	for (size_t i = 0; i < plain->n; i++) {
		assert_string_equal(incident->children[i].id.text, plain->at[i].id.text);
		assert_int_equal(incident->children[i].received_ms, plain->at[i].received_ms);
	}
}

/* A tail has one or two times, so that children move, and others only look alike. */
static void children_are_those_that_came_and_stayed(void **unused)
{
	struct fold_incident incident = { .seed = 9 };
	static struct plain plain;

	(void)unused;
	for (int round = 0; round < 20000; round++) {
		unsigned of = round % 4000 < 2000 ? 20 : MOST / 4;
		struct tip_id id = random_id(of);
		int64_t received_ms = id.text[TIP_ID_LEN - 1] + (int64_t)draw(2);
		struct fold_child *mine = plain_find(&plain, &id, received_ms);
		struct fold_child *child = fold_child_find(&incident, &id, received_ms);

		assert_int_equal(child != NULL, mine != NULL);
		if (draw(round % 4000 < 3000 ? 3 : 1) > 0) {
			fold_child_put(&incident, &id, received_ms);
			if (mine != NULL)
				mine->id = id;
			else
				plain.at[plain.n++] = (struct fold_child){ .id = id, .received_ms = received_ms };
		} else if (mine != NULL) {
			fold_child_drop(&incident, child);
			*mine = plain.at[--plain.n];
		}
		if (round % 50 == 0)
			same_children(&incident, &plain);
	}
	same_children(&incident, &plain);
	fold_incident_release(&incident);
}

/* A hoax: the list must not be looked through for each. Quadratic, this would take minutes. */
static void many_children_are_taken_fast(void **unused)
{
	struct fold_incident incident = { .seed = 9 };

	(void)unused;
	for (unsigned i = 0; i < 300000; i++) {
		struct tip_id id;

		snprintf(id.text, sizeof(id.text), "15-%010u", i);
		fold_child_put(&incident, &id, i);
	}
	assert_int_equal(incident.nchildren, 300000);
	fold_incident_release(&incident);
	assert_int_equal(incident.nchildren, 0);
}

static void a_declined_pair_stays_one_and_finds_room(void **unused)
{
	struct fold_incident incident = { .seed = 9 };

	(void)unused;
	for (int round = 0; round < 2000; round++) {
		struct fold_pair pair = { .other = random_id(12), .score = 50, .why = "wording" };
		struct fold_pair *known = fold_pair_find(&incident, &pair.other);
		size_t before = incident.npairs;

		if (draw(3) == 0) {
			fold_pair_decline(&incident, &pair.other);
			assert_true(fold_pair_find(&incident, &pair.other)->declined);
		} else if (known != NULL && draw(4) == 0) {
			fold_pair_drop(&incident, known);
			assert_int_equal(incident.npairs, before - 1);
			assert_null(fold_pair_find(&incident, &pair.other));
		} else if (known == NULL) {
			assert_int_equal(fold_pair_suggest(&incident, &pair), before < FOLD_PAIRS_MAX);
		}
		assert_true(incident.npairs <= FOLD_PAIRS_MAX);
		for (size_t i = 0; i < incident.npairs; i++)
			assert_ptr_equal(fold_pair_find(&incident, &incident.pairs[i].other), &incident.pairs[i]);
	}
	fold_incident_release(&incident);
}

static void back_in_its_shard_it_keeps_what_was_declined(void **unused)
{
	struct fold_incident incident = { .seed = 9 };
	const struct tip_id declined = { .text = "15-0000000001" }, parent = { .text = "15-0000000002" };
	struct fold_pair open = { .other = { .text = "15-0000000003" } };

	(void)unused;
	fold_pair_decline(&incident, &declined);
	fold_pair_decline(&incident, &parent);
	assert_true(fold_pair_suggest(&incident, &open));
	fold_context_set(&incident, SPAN("1 0 0 0 0"));
	fold_child_put(&incident, &open.other, 5);
	fold_incident_back(&incident, &parent, SPAN(""));
	assert_string_equal(incident.parent.text, parent.text);
	assert_int_equal(incident.npairs, 1);
	assert_string_equal(incident.pairs[0].other.text, declined.text);
	assert_null(incident.context);
	assert_int_equal(incident.nchildren, 1);
	fold_incident_release(&incident);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_are_those_that_came_and_stayed),
		cmocka_unit_test(many_children_are_taken_fast),
		cmocka_unit_test(a_declined_pair_stays_one_and_finds_room),
		cmocka_unit_test(back_in_its_shard_it_keeps_what_was_declined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
