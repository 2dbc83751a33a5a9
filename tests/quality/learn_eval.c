/*
 * How well outcomes teach: labelled texts, each scored before its label is
 * known, which is told DELAY texts later.
 *
 *   learn_eval TEXTS.jsonl KEY.jsonl [ORDERS]
 *
 * TEXTS: objects with "id" and "text" (others are passed over). KEY: "id" and
 * "label", 1 = wanted. Prints, as the mean of ORDERS shuffles (10) of the
 * texts: area under the curve, share of the unwanted that is kept out where
 * one wanted text in a hundred is lost, calibration error in ten bins; for all
 * texts and for the second half; then CPU time. Run from the repository's root.
 */
#include "tests/support/judge_files.h"

#include "daemon/core/score/learn.h"

#include <jansson.h>
#include <math.h>
#include <time.h>

#define DELAY 100
#define BINS 10

struct row {
	struct learn_example example;
	bool wanted;
};

struct rows {
	struct row *at;
	size_t n;
	double features_us;
};

struct scored {
	double chance;
	bool wanted;
};

struct figures {
	double area, kept_out, calibration;
};

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* --- reading -------------------------------------------------------------------------- */

static json_t *read_key(const char *path, struct arena *arena)
{
	struct span rest = judge_file_read(arena, path), line;
	json_t *key = json_object();

	while (span_cut(&rest, '\n', &line)) {
		json_t *row = json_loadb(line.at, line.len, 0, NULL);

		if (row != NULL)
			json_object_set(key, json_string_value(json_object_get(row, "id")), json_object_get(row, "label"));
		json_decref(row);
	}
	return key;
}

static void add_row(struct rows *rows, struct judge *judge, const struct fingerprinter *key, const char *text,
		    bool wanted)
{
	struct tip tip = { .text = span_of(text) };
	struct arena arena = { 0 };
	struct judgement judged;
	struct learn_input in = { .original = tip.text, .text = &judged.text, .entities = &judged.entities };
	double from;

	rows->at = realloc(rows->at, (rows->n + 1) * sizeof(*rows->at));
	judge_tip(judge, &tip, &arena, &judged);
	in.points = judged.score.points;
	from = cpu_us();
	learn_features(key, &in, &rows->at[rows->n].example);
	rows->features_us += cpu_us() - from;
	rows->at[rows->n++].wanted = wanted;
	arena_release(&arena);
}

static void read_rows(struct rows *rows, struct judge *judge, const struct fingerprinter *key, char **paths)
{
	struct arena arena = { 0 };
	struct span rest = judge_file_read(&arena, paths[0]), line;
	json_t *labels = read_key(paths[1], &arena);

	while (span_cut(&rest, '\n', &line)) {
		json_t *row = json_loadb(line.at, line.len, 0, NULL);
		const char *text = json_string_value(json_object_get(row, "text"));
		const json_t *label = json_object_get(labels, json_string_value(json_object_get(row, "id")));

		if (text != NULL && label != NULL)
			add_row(rows, judge, key, text, json_integer_value(label) == 1);
		json_decref(row);
	}
	json_decref(labels);
	arena_release(&arena);
}

/* --- one order --------------------------------------------------------------------------- */

static void shuffle(size_t *order, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t j, kept = order[i - 1];

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		j = (size_t)((seed >> 33) % i);
		order[i - 1] = order[j];
		order[j] = kept;
	}
}

static double stream(const struct rows *rows, const size_t *order, struct scored *out)
{
	struct learner *learner = learner_new();
	double from = cpu_us();

	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->at[order[i]];

		out[i] = (struct scored){ learner_chance(learner, &row->example), row->wanted };
		if (i >= DELAY)
			learner_learn(learner, &rows->at[order[i - DELAY]].example, rows->at[order[i - DELAY]].wanted);
	}
	from = cpu_us() - from;
	learner_free(learner);
	return from;
}

static int by_chance(const void *a, const void *b)
{
	double x = ((const struct scored *)a)->chance, y = ((const struct scored *)b)->chance;

	return (x > y) - (x < y);
}

static double calibration(const struct scored *at, size_t n)
{
	double off[BINS] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		off[(size_t)(at[i].chance * BINS)] += at[i].chance - at[i].wanted;
	for (size_t i = 0; i < BINS; i++)
		sum += fabs(off[i]);
	return sum / (double)n;
}

/* Sorts them. Ties count half. */
static void measure(struct scored *at, size_t n, struct figures *out)
{
	double wanted = 0, unwanted = 0, pairs = 0, below = 0, lost;
	size_t tie;

	for (size_t i = 0; i < n; i++)
		wanted += at[i].wanted;
	lost = floor(wanted / 100);
	out->calibration += calibration(at, n);
	qsort(at, n, sizeof(*at), by_chance);
	wanted = 0;
	for (size_t i = 0; i < n; i = tie) {
		double good = 0, bad = 0;

		for (tie = i; tie < n && at[tie].chance == at[i].chance; tie++)
			*(at[tie].wanted ? &good : &bad) += 1;
		pairs += good * (unwanted + bad / 2);
		if (wanted <= lost)
			below = unwanted;
		wanted += good;
		unwanted += bad;
	}
	out->area += pairs / (wanted * unwanted);
	out->kept_out += below / unwanted;
}

static void print(const char *name, const struct figures *figures, double orders)
{
	printf("%-12s area %.4f  kept out at 1 %% loss %.3f  calibration error %.3f\n", name, figures->area / orders,
	       figures->kept_out / orders, figures->calibration / orders);
}

static void evaluate(const struct rows *rows, unsigned orders)
{
	struct figures all = { 0 }, second = { 0 };
	struct scored *scored = calloc(rows->n, sizeof(*scored));
	size_t *order = calloc(rows->n, sizeof(*order));
	double us = 0;

	for (unsigned i = 0; i < orders; i++) {
		shuffle(order, rows->n, i + 1);
		us += stream(rows, order, scored);
		measure(scored + rows->n / 2, rows->n - rows->n / 2, &second);
		us += stream(rows, order, scored);
		measure(scored, rows->n, &all);
	}
	print("all", &all, orders);
	print("second half", &second, orders);
	printf("%zu texts, features %.2f us, chance and learning %.2f us a text\n", rows->n,
	       rows->features_us / (double)rows->n, us / 2 / orders / (double)rows->n);
	free(scored);
	free(order);
}

int main(int argc, char **argv)
{
	struct judge_files files;
	struct complaint why = { .text = "" };
	struct fingerprinter key;
	struct rows rows = { 0 };
	struct judge *judge;

	if (argc < 3) {
		fprintf(stderr, "usage: learn_eval TEXTS.jsonl KEY.jsonl [ORDERS]\n");
		return 2;
	}
	judge_files_read(&files);
	judge = judge_new(&files.sources, &why);
	if (judge == NULL) {
		fprintf(stderr, "%s\n", why.text);
		return 1;
	}
	fingerprinter_init(&key, &files.sources.key);
	read_rows(&rows, judge, &key, argv + 1);
	if (rows.n > DELAY)
		evaluate(&rows, argc > 3 ? (unsigned)atoi(argv[3]) : 10);
	free(rows.at);
	judge_free(judge);
	judge_files_release(&files);
	return 0;
}
