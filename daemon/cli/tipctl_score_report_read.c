/*
 * Tips with their outcomes, from the journals of a store or from a file.
 */
#include "daemon/cli/tipctl_replay.h"
#include "daemon/cli/tipctl_score_report.h"
#include "daemon/sys/random.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

/* --- a store --------------------------------------------------------------------------- */

struct watching {
	struct gather *gather;
	uint64_t unread;
};

static void see(void *ctx, struct span json)
{
	struct watching *w = ctx;
	struct complaint why;

	w->unread += !gather_event(w->gather, json, &why);
}

static bool read_journals(struct replay *replay, struct watching *w)
{
	bool well;

	replay->fold = fold_new(random_u64());
	replay->also = see;
	replay->also_ctx = w;
	well = replay_read(replay, stderr);
	fold_free(replay->fold);
	if (w->unread > 0)
		fprintf(stderr, "tipctl: %llu events could not be read and are passed over\n",
			(unsigned long long)w->unread);
	return well;
}

bool score_report_from_store(const char *address, const struct archive *archive, int64_t since_ms, int64_t until_ms,
			     bool quiet, struct outcomes *out)
{
	struct complaint why = { .text = "" };
	struct replay replay = { .store = pipe_open(address, &why), .archive = archive, .quiet = quiet };
	struct watching w = { 0 };
	bool well;

	if (replay.store == NULL) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return false;
	}
	w.gather = gather_new(random_u64());
	well = read_journals(&replay, &w);
	gather_finish(w.gather, since_ms, until_ms, out);
	gather_free(w.gather);
	pipe_free(replay.store);
	return well;
}

/* --- a file ---------------------------------------------------------------------------- */

static bool take_rules(const json_t *list, struct outcomes *out, uint64_t rules[OUTCOME_RULE_WORDS])
{
	if (!json_is_array(list))
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *name = json_array_get(list, i);

		if (!json_is_string(name) ||
		    !outcomes_add_rule(out, rules,
				       span_from(json_string_value(name), json_string_length(name))))
			return false;
	}
	return true;
}

static bool take_row(const json_t *line, enum outcome_kind kind, struct outcomes *out)
{
	const json_t *points = json_object_get(line, "points"), *delay = json_object_get(line, "delay_ms");
	const char *region = json_string_value(json_object_get(line, "region"));
	struct outcome *row;

	if (!json_is_integer(points) || json_integer_value(points) < 0 || json_integer_value(points) > 100)
		return false;
	if (region != NULL && (strlen(region) != 6 || !span_digits(span_of(region))))
		return false;
	row = outcomes_add(out);
	row->points = (unsigned)json_integer_value(points);
	row->good = kind == OUTCOME_GOOD;
	memcpy(row->region, region != NULL ? region : "", region != NULL ? 7 : 1);
	if (json_is_integer(delay) && json_integer_value(delay) >= 0)
		row->delay_ms = json_integer_value(delay);
	return take_rules(json_object_get(line, "rules"), out, row->rules);
}

static bool take_line(const char *text, size_t len, struct outcomes *out)
{
	json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *word = json_object_get(line, "outcome");
	enum outcome_kind kind = OUTCOME_NONE;
	bool well;

	if (json_is_string(word))
		kind = outcome_kind_of(span_of(json_string_value(word)));
	well = kind != OUTCOME_NONE;
	out->tips += well;
	out->left_out += kind == OUTCOME_OTHER;
	if (kind == OUTCOME_GOOD || kind == OUTCOME_BAD)
		well = take_row(line, kind, out);
	json_decref(line);
	return well;
}

static bool read_lines(const char *path, FILE *file, struct outcomes *out)
{
	char *text = NULL;
	size_t size = 0, number = 0;
	bool well = true;
	ssize_t len;

	while (well && (len = getline(&text, &size, file)) >= 0) {
		number++;
		if (span_empty(span_trim(span_from(text, (size_t)len - (text[len - 1] == '\n')))))
			continue;
		well = take_line(text, (size_t)len, out);
	}
	if (!well)
		fprintf(stderr,
			"tipctl: %s:%zu: expected "
			"{\"points\":0..100,\"rules\":[names],\"outcome\":\"verified\" or "
			"another outcome}\n",
			path, number);
	free(text);
	return well;
}

bool score_report_from_file(const char *path, struct outcomes *out)
{
	bool input = strcmp(path, "-") == 0;
	FILE *file = input ? stdin : fopen(path, "re");
	bool well;

	if (file == NULL) {
		fprintf(stderr, "tipctl: cannot open %s: %s\n", path, strerror(errno));
		return false;
	}
	well = read_lines(path, file, out);
	if (well && ferror(file)) {
		fprintf(stderr, "tipctl: cannot read %s: %s\n", path, strerror(errno));
		well = false;
	}
	if (!input)
		fclose(file);
	return well;
}
