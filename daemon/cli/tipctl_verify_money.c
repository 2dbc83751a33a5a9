/*
 * tipctl verify, money: what the auditor brings along, reading a journal into
 * the checker, telling what it found. See tipctl_verify.h.
 */
#include "daemon/cli/tipctl_verify.h"

#include "daemon/base/hex.h"
#include "daemon/base/wipe.h"
#include "daemon/cli/money_source.h"
#include "daemon/cli/tipctl_money_journal.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FILE_MAX ((size_t)4 << 20)
#define PATH_BYTES 4096
#define TELL_MS 2000

/* --- what the auditor has ---------------------------------------------------------------------- */

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

typedef bool file_taker(struct money_check *check, struct span bytes, struct complaint *why);

static bool take_file(struct money_check *check, const char *path, file_taker *taker)
{
	struct buf bytes = { 0 };
	struct complaint why = { .text = "" };
	bool read = files_read(path, FILE_MAX, &bytes, &why);
	bool well = read && taker(check, buf_span(&bytes), &why);

	if (!read)
		fprintf(stderr, "tipctl: %s\n", why.text);
	else if (!well)
		fprintf(stderr, "tipctl: %s: %s\n", path, why.text);
	buf_release(&bytes);
	return well;
}

/* Every regular file of the directory, in order of name. */
static bool take_dir(struct money_check *check, const char *dir, file_taker *taker)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_name, alphasort);
	bool well = n >= 0;

	if (n < 0)
		fprintf(stderr, "tipctl: %s: %s\n", dir, strerror(errno));
	for (int i = 0; i < n; i++) {
		char path[PATH_BYTES];
		struct stat st;

		if (snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name) < (int)sizeof(path) &&
		    stat(path, &st) == 0 && S_ISREG(st.st_mode))
			well = take_file(check, path, taker) && well;
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return well;
}

static bool take_policy(struct money_check *check, struct span bytes, struct complaint *why)
{
	(void)why;
	money_check_policy(check, bytes);
	return true;
}

/* "12 <64 hex digits>" */
static bool take_head(struct money_check *check, struct span line)
{
	struct span rest = line, digits;
	unsigned char hash[32];
	uint64_t seq;

	if (!span_cut(&rest, ' ', &digits) || !span_u64(digits, &seq) || seq == 0 ||
	    !hex_get(span_trim(rest), hash, sizeof(hash)))
		return false;
	money_check_head(check, seq, hash);
	return true;
}

static bool take_heads(struct money_check *check, struct span bytes, struct complaint *why)
{
	struct span rest = bytes, line;

	for (size_t n = 1; span_cut(&rest, '\n', &line); n++)
		if (!span_empty(span_trim(line)) && line.at[0] != '#' && !take_head(check, span_trim(line)))
			return complain(why, n, "line %zu: a number and 64 hex digits are expected", n);
	return true;
}

static bool take_key(struct money_check *check, struct span bytes, struct complaint *why)
{
	unsigned char key[32];

	while (bytes.len > 0 && bytes.at[bytes.len - 1] == '\n')
		bytes.len--;
	if (!hex_get(bytes, key, sizeof(key)))
		return complain(why, 0, "64 hex digits are expected");
	money_check_instruction_key(check, key);
	wipe(key, sizeof(key));
	return true;
}

static bool take_signer(struct money_check *check, const char *digits)
{
	unsigned char key[32];

	if (!hex_get(span_of(digits), key, sizeof(key))) {
		fprintf(stderr, "tipctl: --signer: 64 hex digits are expected\n");
		return false;
	}
	money_check_signer(check, key);
	return true;
}

bool verify_take_all(struct money_check *check, const struct verify_args *args)
{
	return (args->policy == NULL || take_dir(check, args->policy, take_policy)) &&
	       (args->statements == NULL || take_dir(check, args->statements, money_check_statement)) &&
	       (args->heads == NULL || take_file(check, args->heads, take_heads)) &&
	       (args->instruction_key == NULL || take_file(check, args->instruction_key, take_key)) &&
	       (args->signer == NULL || take_signer(check, args->signer));
}

/* --- the journal ------------------------------------------------------------------------------------ */

static void progress(const struct money_check *check, bool quiet, uint64_t started_ms, bool last)
{
	static uint64_t told_ms;
	uint64_t now_ms = clock_steady_ms();
	uint64_t n = money_check_records(check);

	if (quiet || (!last && (n % 1024 != 0 || now_ms - (told_ms > 0 ? told_ms : started_ms) < TELL_MS)))
		return;
	told_ms = now_ms;
	fprintf(stderr, "%llu records, %llu/s\n", (unsigned long long)n,
		(unsigned long long)(n * 1000 / (now_ms > started_ms ? now_ms - started_ms : 1)));
}

static bool read_journal(struct money_check *check, struct money_source *source, bool quiet)
{
	uint64_t started_ms = clock_steady_ms();
	struct complaint why = { .text = "" };
	enum money_source_answer answer;
	struct span line;
	bool whole;

	while ((answer = money_source_next(source, &line, &whole, &why)) == MONEY_SOURCE_LINE) {
		if (!money_check_line(check, line))
			break;
		progress(check, quiet, started_ms, false);
	}
	progress(check, quiet, started_ms, true);
	if (answer == MONEY_SOURCE_FAILED)
		fprintf(stderr, "tipctl: %s\n", why.text);
	money_check_end(check);
	return answer != MONEY_SOURCE_FAILED;
}

/* A record of the live journal; false: one is broken, and none behind it can be looked at. */
struct live {
	struct money_check *check;
	uint64_t started_ms;
	bool quiet;
};

static bool take_record(void *ctx, uint64_t seq, struct span json)
{
	struct live *live = ctx;
	bool well = money_check_line(live->check, json);

	(void)seq;
	progress(live->check, live->quiet, live->started_ms, false);
	return well;
}

bool verify_money_store(struct money_check *check, const char *address, bool quiet, struct complaint *why)
{
	struct live live = { .check = check, .started_ms = clock_steady_ms(), .quiet = quiet };
	bool well = money_journal_read(address, &(struct money_journal_reader){ .record = take_record, .ctx = &live }, why);

	progress(check, quiet, live.started_ms, true);
	money_check_end(check);
	return well;
}

/* --- telling ------------------------------------------------------------------------------------------- */

static void tell_text(const struct money_check *check)
{
	char head[64];
	unsigned passed_over = 0;

	for (unsigned i = 0; i < MONEY_INVARIANTS; i++) {
		const struct money_finding *finding = money_check_finding(check, i);

		passed_over += !finding->broken && !finding->looked_at;
		if (finding->broken)
			printf("%s BROKEN at %llu: %s\n     (%s)\n", money_invariant_id(i),
			       (unsigned long long)finding->seq, finding->why, money_invariant_help(i));
		else
			printf("%s %s\n", money_invariant_id(i), finding->looked_at ? "ok" : finding->why);
	}
	hex_put(money_check_last_hash(check), 32, head);
	printf("%llu records, head %.*s: %s", (unsigned long long)money_check_records(check), (int)sizeof(head), head,
	       money_check_well(check) ? "ok" : "BROKEN");
	printf(passed_over > 0 ? ", %u not looked at\n" : "\n", passed_over);
}

static void tell_finding(struct json_out *json, unsigned invariant, const struct money_finding *finding)
{
	json_open_member(json, NULL, '{');
	json_text(json, "id", span_of(money_invariant_id(invariant)));
	json_text(json, "help", span_of(money_invariant_help(invariant)));
	json_text(json, "result", span_of(finding->broken ? "broken" : finding->looked_at ? "ok" : "not_checked"));
	if (finding->broken)
		json_u64(json, "seq", finding->seq);
	if (finding->broken || !finding->looked_at)
		json_text(json, "why", span_of(finding->why));
	json_close(json, '}');
}

void verify_money_json(const struct money_check *check, struct json_out *json)
{
	char head[64];

	hex_put(money_check_last_hash(check), 32, head);
	json_text(json, "checker", span_of("tipctl " TIPLINE_VERSION));
	json_bool(json, "ok", money_check_well(check));
	json_u64(json, "records", money_check_records(check));
	json_text(json, "head", span_from(head, sizeof(head)));
	json_open_member(json, "invariants", '[');
	for (unsigned i = 0; i < MONEY_INVARIANTS; i++)
		tell_finding(json, i, money_check_finding(check, i));
	json_close(json, ']');
}

static void tell_json(const struct money_check *check)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	json_open(&json, '{');
	verify_money_json(check, &json);
	json_close(&json, '}');
	printf("%.*s\n", (int)text.len, text.at);
	buf_release(&text);
}

static bool read_file(struct money_check *check, const char *path, bool quiet)
{
	struct complaint why = { .text = "" };
	struct money_source *source = money_source_open(path, &why);
	bool well = source != NULL && read_journal(check, source, quiet);

	if (source == NULL)
		fprintf(stderr, "tipctl: %s\n", why.text);
	money_source_close(source);
	return well;
}

int verify_money_file(const struct verify_args *args)
{
	struct money_check *check = money_check_new();
	int status = CTL_USAGE;

	if (verify_take_all(check, args) && read_file(check, args->journal, args->quiet)) {
		(args->json ? tell_json : tell_text)(check);
		status = money_check_well(check) ? CTL_WELL : CTL_WRONG;
	}
	money_check_free(check);
	return status;
}
