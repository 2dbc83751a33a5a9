/*
 * Predictions of the linker for a stream of texts, one line a text.
 *
 *   link_eval neardup TEXTS.jsonl > predictions.jsonl
 *   link_eval cluster TEXTS.jsonl [SUGGEST_FROM MERGE_FROM] > predictions.jsonl
 *
 * TEXTS: one object a line with "id" and "text", perhaps "t" (minutes), in
 * order of arrival; each is judged before the next is read. neardup tells
 * {"id","dup_of","score"}, cluster tells {"id","cluster"} once the stream has
 * ended (groups may be joined later).
 */
#include "daemon/base/buf.h"
#include "daemon/core/incident/incident.h"
#include "daemon/core/incident/report.h"
#include "daemon/core/text/route.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define REGIONS "config/regions/regions.tsv"

struct engine {
	struct normalizer *normalizer;
	struct gazetteer *gazetteer;
	struct scanner *scanner;
	struct scan_scratch *scratch;
	struct fingerprinter key;
	double seconds; /* in which features were made and judged */
	size_t packed;  /* bytes of all features */
	struct link *link;
};

struct text {
	char *id;
	char *text;
	int64_t minute;
};

struct texts {
	struct text *at;
	size_t n;
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void read_all(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL) {
		fprintf(stderr, "cannot read %s; run from the top of the repository\n", path);
		exit(EXIT_FAILURE);
	}
	while ((n = fread(buf_reserve(out, 65536), 1, 65536, f)) > 0)
		out->len += n;
	fclose(f);
}

static void engine_start(struct engine *e, const struct link_limits *limits)
{
	struct buf tsv = { 0 };
	struct scan_set *set = scan_set_new();
	const struct fingerprint_key key = { .bytes = { 1, 2, 3 } };
	struct complaint why;
	const char *problem;

	*e = (struct engine){ .normalizer = normalizer_new(), .link = link_new(limits) };
	read_all(REGIONS, &tsv);
	e->gazetteer = gazetteer_new(buf_span(&tsv), &why);
	assert(e->normalizer != NULL && e->gazetteer != NULL);
	route_add_patterns(e->gazetteer, set);
	e->scanner = scanner_new(set, &problem);
	assert(e->scanner != NULL);
	e->scratch = scan_scratch_new(e->scanner);
	fingerprinter_init(&e->key, &key);
	scan_set_free(set);
	buf_release(&tsv);
}

static void engine_stop(struct engine *e)
{
	scan_scratch_free(e->scratch);
	scanner_free(e->scanner);
	gazetteer_free(e->gazetteer);
	normalizer_free(e->normalizer);
	link_free(e->link);
}

static void read_texts(const char *path, struct texts *out)
{
	struct buf file = { 0 };
	struct span rest, line;

	*out = (struct texts){ 0 };
	read_all(path, &file);
	rest = buf_span(&file);
	while (span_cut(&rest, '\n', &line)) {
		json_t *row = json_loadb(line.at, line.len, 0, NULL);

		if (row == NULL)
			continue;
		out->at = realloc(out->at, (out->n + 1) * sizeof(*out->at));
		assert(out->at != NULL);
		out->at[out->n++] =
			(struct text){ .id = strdup(json_string_value(json_object_get(row, "id"))),
				       .text = strdup(json_string_value(json_object_get(row, "text"))),
				       .minute = json_integer_value(json_object_get(row, "t")) };
		json_decref(row);
	}
	buf_release(&file);
}

static void free_texts(struct texts *texts)
{
	for (size_t i = 0; i < texts->n; i++) {
		free(texts->at[i].id);
		free(texts->at[i].text);
	}
	free(texts->at);
}

static void read_feature(struct engine *e, const char *text, struct feature *out)
{
	struct arena arena = { 0 };
	struct folded folded;
	struct scan_hits hits;
	double start;

	normalize(e->normalizer, span_of(text), &arena, &folded);
	scan(e->scanner, e->scratch, folded.text, &arena, &hits);
	start = seconds();
	feature_extract(&e->key,
			&(struct feature_input){ .original = span_of(text), .text = &folded, .hits = &hits },
			&arena, out);
	e->seconds += seconds() - start;
	e->packed += feature_pack(out, &arena).len;
	arena_release(&arena);
}

/* --- neardup ------------------------------------------------------------------------- */

static void tell_neardup(const struct texts *texts, size_t i, const struct incident_judgement *j)
{
	if (j->text == 0)
		printf("{\"id\":\"%s\",\"dup_of\":null,\"score\":0}\n", texts->at[i].id);
	else
		printf("{\"id\":\"%s\",\"dup_of\":\"%s\",\"score\":%.4f,\"why\":\"%s w%.2f a%u c%u\"}\n",
		       texts->at[i].id, texts->at[j->text - 1].id, j->score, incident_kind_name(j->kind),
		       j->wording, j->agree, j->conflict);
}

static void neardup(struct engine *e, const struct texts *texts)
{
	size_t empty = link_used(e->link);

	for (size_t i = 0; i < texts->n; i++) {
		struct feature feature;
		struct incident_judgement judgement;
		int64_t at_ms = texts->at[i].minute * 60000;

		read_feature(e, texts->at[i].text, &feature);
		incident_judge(e->link, &feature, &incident_policy_default, &judgement);
		link_insert(e->link, &feature, at_ms, judgement.kind == INCIDENT_COPY ? judgement.text : 0);
		tell_neardup(texts, i, &judgement);
	}
	fprintf(stderr, "features: %.1f us and %.0f bytes a text, %.0f in the index beside its postings\n",
		e->seconds * 1e6 / (double)texts->n, (double)e->packed / (double)texts->n,
		(double)(link_used(e->link) - empty) / (double)texts->n);
}

/* --- cluster ------------------------------------------------------------------------- */

static uint32_t incident_of(struct engine *e, struct reports *reports, struct report *report,
			    const struct report_policy *policy)
{
	struct incident_judgement words;
	struct report_judgement matter;

	incident_judge(e->link, &report->fingerprint->feature, &incident_policy_default, &words);
	if (words.kind == INCIDENT_COPY)
		return words.text;
	report->not_group = words.kind == INCIDENT_TWIN ? words.group : 0;
	reports_judge(reports, report, policy, &matter);
	return matter.text;
}

static void cluster(struct engine *e, const struct texts *texts, const struct report_policy *policy)
{
	struct reports *reports = reports_new(1 << 14);

	for (size_t i = 0; i < texts->n; i++) {
		struct fingerprint print = { .nmarks = 0 };
		struct report report = { .fingerprint = &print, .at_ms = texts->at[i].minute * 60000 };
		uint32_t group, other;

		read_feature(e, texts->at[i].text, &print.feature);
		report.text = link_insert(e->link, &print.feature, report.at_ms,
					  incident_of(e, reports, &report, policy));
		group = link_group(e->link, report.text);
		other = reports_add(reports, &report, group, policy);
		if (other != 0) {
			uint32_t joined = link_join(e->link, report.text, reports_text(reports, other));

			reports_join(reports, joined, joined == group ? other : group);
		}
	}
	for (size_t i = 0; i < texts->n; i++)
		printf("{\"id\":\"%s\",\"cluster\":\"g%u\"}\n", texts->at[i].id,
		       link_group(e->link, (uint32_t)i + 1));
	reports_free(reports);
}

int main(int argc, char **argv)
{
	const struct link_limits limits = { .max_texts = 1 << 20, .bytes_per_text = 80 };
	struct report_policy policy = report_policy_default;
	struct engine engine;
	struct texts texts;

	if (argc < 3) {
		fprintf(stderr, "link_eval neardup|cluster TEXTS.jsonl\n");
		return EXIT_FAILURE;
	}
	if (argc > 4) {
		policy.suggest_from = strtod(argv[3], NULL);
		policy.merge_from = strtod(argv[4], NULL);
	}
	engine_start(&engine, &limits);
	read_texts(argv[2], &texts);
	if (strcmp(argv[1], "neardup") == 0)
		neardup(&engine, &texts);
	else if (strcmp(argv[1], "cluster") == 0)
		cluster(&engine, &texts, &policy);
	free_texts(&texts);
	engine_stop(&engine);
	return EXIT_SUCCESS;
}
