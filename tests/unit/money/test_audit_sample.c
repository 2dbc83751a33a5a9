/*
 * Samples: the same from the same, drawn as the method says; monetary units
 * over all seeds hit each reward as often as its money is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>

#include "daemon/money/audit_sample.h"
#include "tests/support/money_audit.h"

#define N 40

/* A view of rewards with these amounts, "R1" to "R40", without a journal. */
struct made {
	struct arena arena;
	struct audit_log *log;
	struct audit_view view;
	struct audit_proposal proposals[N];
};

static bool sees(void *ctx, const char *bureau)
{
	(void)ctx;
	return bureau != NULL;
}

static void make(struct made *made, int64_t (*fen_of)(unsigned number))
{
	struct money_book m;

	*made = (struct made){ .log = NULL };
	money_book_begin(&m, 80 * INT64_C(1000000));
	for (unsigned i = 0; i < N; i++)
		money_proposed(&m, money_text(&m, "A%u", i));
	made->log = money_audit_log(&m);
	made->view = audit_view_make(made->log, audit_log_n(made->log), 0, sees, NULL, &made->arena);
	money_book_release(&m);
	for (unsigned i = 0; i < N; i++) {
		made->proposals[i] = *made->view.rewards[i].is;
		made->proposals[i].fen = fen_of(i);
		made->view.rewards[i].is = &made->proposals[i];
		made->view.rewards[i].state = REWARD_PAID;
		made->view.rewards[i].paid_fen = fen_of(i);
	}
}

static void made_release(struct made *made)
{
	audit_log_free(made->log);
	arena_release(&made->arena);
}

static int64_t mixed(unsigned number)
{
	return number == 0 ? 0 : number == 7 ? 5000000 : 400000 + number * 20000;
}

static int64_t all_of(const struct made *made)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < N; i++)
		sum += made->proposals[i].fen;
	return sum;
}

static void lowest_hashes_of_seed_and_reward(void **state)
{
	struct made made;
	struct audit_sample sample;
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[64];

	(void)state;
	make(&made, mixed);
	sample = audit_sample_draw(&made.view, AUDIT_PAID, AUDIT_RANDOM, SPAN("spring"), 10);
	assert_int_equal(sample.population, N - 1);
	assert_int_equal(sample.population_fen, all_of(&made));
	assert_int_equal(sample.nitems, 10);
	for (size_t i = 0; i < sample.nitems; i++) {
		snprintf(text, sizeof(text), "spring:%s", audit_text(made.log, sample.items[i].reward->is->id));
		crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
		assert_memory_equal(hash, sample.items[i].rank, sizeof(hash));
		assert_true(i == 0 || memcmp(sample.items[i - 1].rank, sample.items[i].rank, sizeof(hash)) < 0);
	}
	/* Nobody else has a lower one. */
	for (size_t i = sample.nitems; i < sample.population; i++)
		assert_true(memcmp(sample.items[i].rank, sample.items[sample.nitems - 1].rank, sizeof(hash)) > 0);
	assert_int_equal(audit_sample_draw(&made.view, AUDIT_PAID, AUDIT_RANDOM, SPAN("spring"), 100).nitems, N - 1);
	made_release(&made);
}

static void the_same_from_the_same(void **state)
{
	struct made made;

	(void)state;
	make(&made, mixed);
	for (unsigned method = 0; method < AUDIT_METHODS; method++) {
		struct audit_sample one = audit_sample_draw(&made.view, AUDIT_PAID, method, SPAN("s"), 9);
		struct audit_sample two = audit_sample_draw(&made.view, AUDIT_PAID, method, SPAN("s"), 9);
		struct audit_sample other = audit_sample_draw(&made.view, AUDIT_PAID, method, SPAN("t"), 9);
		bool differs = one.nitems != other.nitems;

		assert_int_equal(one.nitems, two.nitems);
		for (size_t i = 0; i < one.nitems; i++) {
			assert_ptr_equal(one.items[i].reward, two.items[i].reward);
			differs = differs || i >= other.nitems || one.items[i].reward != other.items[i].reward;
		}
		assert_true(differs);
		assert_true(strlen(audit_sample_how(method)) > 40);
	}
	made_release(&made);
}

/* With an interval of 1,000 and start s, the points are s, s + 1000, ...: reckoned here anew. */
static void fixed_intervals(void **state)
{
	struct made made;
	struct audit_sample sample;
	size_t hits = 0;
	bool large = false;

	(void)state;
	make(&made, mixed);
	sample = audit_sample_draw(&made.view, AUDIT_PAID, AUDIT_MUS, SPAN("2026-spring"), 12);
	assert_int_equal(sample.interval, all_of(&made) / 12);
	assert_in_range(sample.start, 1, sample.interval);
	for (size_t i = 0; i < sample.nitems; i++) {
		const struct audit_item *item = &sample.items[i];
		int64_t before = 0;

		for (unsigned k = 0; &made.view.rewards[k] != item->reward; k++)
			before += made.view.rewards[k].paid_fen;
		assert_true(item->point > before && item->point <= before + item->fen);
		assert_int_equal((item->point - sample.start) % sample.interval, 0);
		hits += item->hits;
		large = large || item->fen == 5000000;
	}
	assert_int_equal(hits, 12);
	assert_true(large);
	made_release(&made);
}

/* Over many seeds a reward is hit in proportion to its money: 4,000 draws of 12, within a tenth or so. */
static void money_decides(void **state)
{
	struct made made;
	size_t hits[N] = { 0 };
	char seed[16];

	(void)state;
	make(&made, mixed);
	for (unsigned draw = 0; draw < 4000; draw++) {
		struct audit_sample sample;

		snprintf(seed, sizeof(seed), "s%u", draw);
		sample = audit_sample_draw(&made.view, AUDIT_PAID, AUDIT_MUS, span_of(seed), 12);
		for (size_t i = 0; i < sample.nitems; i++)
			hits[sample.items[i].reward - made.view.rewards] += sample.items[i].hits;
	}
	assert_int_equal(hits[0], 0);
	for (unsigned i = 1; i < N; i++) {
		int64_t wanted = made.proposals[i].fen * 12 * 4000 / all_of(&made);

		assert_in_range(hits[i], wanted * 85 / 100, wanted * 115 / 100);
	}
	made_release(&made);
}

static int64_t two_strata(unsigned number)
{
	return number < 4 ? 1000000 : 500000;
}

static void strata_get_their_part(void **state)
{
	struct made made;
	struct audit_sample sample;
	size_t low = 0;

	(void)state;
	make(&made, two_strata);
	sample = audit_sample_draw(&made.view, AUDIT_DECIDED, AUDIT_STRATIFIED, SPAN("s"), 11);
	assert_int_equal(sample.nstrata, 2);
	assert_int_equal(sample.strata[0].from_fen, 500000);
	assert_int_equal(sample.strata[0].to_fen, 600000);
	assert_int_equal(sample.strata[0].rewards, 36);
	assert_int_equal(sample.strata[0].taken, 9);
	assert_int_equal(sample.strata[1].to_fen, 0);
	assert_int_equal(sample.strata[1].taken, 2);
	assert_int_equal(sample.nitems, 11);
	for (size_t i = 0; i < sample.nitems; i++)
		low += sample.items[i].fen == 500000;
	assert_int_equal(low, 9);
	sample = audit_sample_draw(&made.view, AUDIT_DECIDED, AUDIT_STRATIFIED, SPAN("s"), 1);
	assert_int_equal(sample.nitems, 1);
	sample = audit_sample_draw(&made.view, AUDIT_DECIDED, AUDIT_STRATIFIED, SPAN("s"), 500);
	assert_int_equal(sample.nitems, N);
	made_release(&made);
}

static void of_nothing_nothing_is_drawn(void **state)
{
	struct money_audit a;

	(void)state;
	audit_begin(&a);
	money_proposed(&a.m, "A");
	audit_look(&a);
	for (unsigned method = 0; method < AUDIT_METHODS; method++) {
		struct audit_sample sample = audit_sample_draw(&a.view, AUDIT_DECIDED, method, SPAN("s"), 5);

		assert_int_equal(sample.nitems, 0);
		assert_int_equal(sample.population_fen, 0);
	}
	audit_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lowest_hashes_of_seed_and_reward), cmocka_unit_test(the_same_from_the_same),
		cmocka_unit_test(fixed_intervals),                  cmocka_unit_test(money_decides),
		cmocka_unit_test(strata_get_their_part),            cmocka_unit_test(of_nothing_nothing_is_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
