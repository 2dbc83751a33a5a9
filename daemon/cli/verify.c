/*
 * The table of checks of `tipctl verify`, running them, and telling; see verify.h.
 */
#include "daemon/cli/verify.h"

#include "daemon/base/table.h"

#include <stdarg.h>

static const struct {
	const char *id, *help, *things;
	verify_check *run;
} checks[VERIFY_CHECKS] = {
	[VERIFY_V1] = { .id = "V1", .things = "tips", .run = verify_places,
			.help = "acknowledged: in exactly one of queue, lease, closed, transferred, of one region" },
	[VERIFY_V2] = { .id = "V2", .things = "events", .run = verify_states,
			.help = "each change has one event; the journal folds to the state" },
	[VERIFY_V3] = { .id = "V3", .things = "records", .run = verify_money,
			.help = "the ledger's invariants hold at every record" },
	[VERIFY_V4] = { .id = "V4", .things = "ends", .run = verify_people,
			.help = "nobody acts twice in one chain of approval" },
	[VERIFY_V5] = { .id = "V5", .things = "values", .run = verify_clear,
			.help = "nothing in clear: each key and value has the shape it must have" },
	[VERIFY_V6] = { .id = "V6", .things = "batches", .run = verify_log,
			.help = "each event under a checkpoint within 60 s; checkpoints follow each other" },
	[VERIFY_V7] = { .id = "V7", .things = "keys", .run = verify_requests,
			.help = "a request that is repeated gets its first answer" },
};

bool verify_run(struct verify *verify)
{
	for (size_t i = 0; i < VERIFY_CHECKS; i++)
		if (verify->results[i].asked && !checks[i].run(verify, &verify->results[i]))
			return false;
	return true;
}

bool verify_well(const struct verify *verify)
{
	return verify_found_all(verify) == 0;
}

bool verify_unread(const struct verify *verify)
{
	for (size_t i = 0; i < VERIFY_CHECKS; i++)
		if (verify->results[i].unread > 0)
			return true;
	return false;
}

uint64_t verify_found_all(const struct verify *verify)
{
	uint64_t found = 0;

	for (size_t i = 0; i < VERIFY_CHECKS; i++)
		found += verify->results[i].found;
	return found;
}

void verify_forget(struct verify *verify)
{
	for (size_t i = 0; i < VERIFY_CHECKS; i++)
		verify->results[i] = (struct verify_result){ .asked = verify->results[i].asked };
}

bool verify_only(struct verify *verify, struct span list)
{
	struct span word;

	for (size_t i = 0; i < VERIFY_CHECKS; i++)
		verify->results[i].asked = false;
	while (list.len > 0) {
		size_t i = 0;

		if (!span_cut(&list, ',', &word)) {
			word = list;
			list = (struct span){ 0 };
		}
		while (i < VERIFY_CHECKS && !span_is(word, checks[i].id))
			i++;
		if (i == VERIFY_CHECKS)
			return false;
		verify->results[i].asked = true;
	}
	return true;
}

/* --- findings ----------------------------------------------------------------------------------- */

/* What cannot be printed as a dot: a key may hold anything in a store that is not ours. */
static size_t put_key(struct span key, char *out, size_t size)
{
	size_t n = key.len < size ? key.len : size - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(key.at[i] >= ' ' && key.at[i] < 127 ? key.at[i] : '.');
	out[n] = '\0';
	return n;
}

void verify_found(struct verify_result *result, struct span key, const char *format, ...)
{
	const size_t size = sizeof(result->first);
	va_list args;
	size_t n;

	if (result->found++ > 0)
		return;
	n = put_key(key, result->first, 128);
	n += (size_t)snprintf(result->first + n, size - n, "%s", n > 0 ? ": " : "");
	va_start(args, format);
	vsnprintf(result->first + n, size - n, format, args);
	va_end(args);
}

void verify_pass_over(struct verify_result *result, const char *why)
{
	result->passed_over = true;
	snprintf(result->first, sizeof(result->first), "%s", why);
}

void verify_lost(struct verify_result *result, const char *why)
{
	if (result->unread++ == 0)
		snprintf(result->unread_first, sizeof(result->unread_first), "%s", why);
}

/* --- telling -------------------------------------------------------------------------------------- */

static const char *word_of(const struct verify_result *result)
{
	if (result->found > 0)
		return "BROKEN";
	if (result->unread > 0)
		return "could not be checked";
	return result->passed_over ? "not looked at" : "ok";
}

void verify_tell(const struct verify *verify, FILE *out)
{
	for (size_t i = 0; i < VERIFY_CHECKS; i++) {
		const struct verify_result *result = &verify->results[i];

		if (!result->asked)
			continue;
		fprintf(out, "%s %s", checks[i].id, word_of(result));
		if (result->looked > 0)
			fprintf(out, ", %llu %s", (unsigned long long)result->looked, checks[i].things);
		if (result->found > 0)
			fprintf(out, ", %llu wrong", (unsigned long long)result->found);
		if (result->first[0] != '\0')
			fprintf(out, ": %s", result->first);
		if (result->unread > 0)
			fprintf(out, "%s %s", result->first[0] != '\0' ? ";" : ":", result->unread_first);
		fprintf(out, "\n   (%s)\n", checks[i].help);
	}
	fprintf(out, "%s\n", !verify_well(verify) ? "BROKEN" : verify_unread(verify) ? "could not be checked" : "ok");
}

static const char *json_word_of(const struct verify_result *result)
{
	if (result->found > 0)
		return "broken";
	if (result->unread > 0)
		return "unread";
	return result->passed_over ? "not_checked" : "ok";
}

static void tell_result(struct json_out *json, size_t i, const struct verify_result *result)
{
	json_open(json, '{');
	json_text(json, "id", span_of(checks[i].id));
	json_text(json, "help", span_of(checks[i].help));
	json_text(json, "result", span_of(json_word_of(result)));
	json_u64(json, "looked_at", result->looked);
	json_u64(json, "wrong", result->found);
	if (result->first[0] != '\0')
		json_text(json, result->found > 0 ? "first" : "why", span_of(result->first));
	if (result->unread > 0)
		json_text(json, "unread", span_of(result->unread_first));
	json_close(json, '}');
}

void verify_tell_json(const struct verify *verify, struct json_out *json)
{
	json_text(json, "checker", SPAN("tipctl " TIPLINE_VERSION));
	json_bool(json, "ok", verify_well(verify) && !verify_unread(verify));
	json_open_member(json, "checks", '[');
	for (size_t i = 0; i < VERIFY_CHECKS; i++)
		if (verify->results[i].asked)
			tell_result(json, i, &verify->results[i]);
	json_close(json, ']');
}
