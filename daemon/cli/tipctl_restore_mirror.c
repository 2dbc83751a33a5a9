/*
 * tipctl restore-mirror: gives a store back the records that it lost and the
 * mirror kept.
 *
 * The mirror is read twice: its chain from the first record to the last, and
 * then beside the store. Where the two differ there are two journals, and which
 * one is right is not for a program to say. Nothing is written unless told so.
 */
#include "daemon/base/civil_time.h"
#include "daemon/cli/money_source.h"
#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_money_journal.h"
#include "daemon/cli/tipctl_restore_store.h"
#include "daemon/cli/tipctl_trail.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
	"usage: tipctl restore-mirror [--config FILE] [--set KEY=VALUE]... [--state DIR] [--store ADDRESS]\n"
	"                             [--mirror FILE] [--write]\n"
	"\n"
	"Compares the mirror of the money journal with the store and tells which records the store\n"
	"has lost at its end; with --write it appends them. Refuses when the two differ, when the\n"
	"chain of the mirror is broken, and to write while a daemon holds the treasury's lease.\n"
	"Doing it again changes nothing. Look at the mirror with tipctl verify --money first.\n"
	"\n"
	"  --config FILE      configuration that names store and mirror\n"
	"  --store ADDRESS    another store, as store.address\n"
	"  --mirror FILE      another mirror, as money.mirror\n"
	"  --write            append what is missing\n"
	"\n"
	"Exit status: 0 nothing is missing, or it was told or appended; 1 refused; 2 wrong use.\n";

struct restore {
	const char *path;
	struct money_source *mirror;
	unsigned char head[MONEY_HASH_BYTES];   /* of the last record of the mirror that was read */
	uint64_t seq;                           /* its number */
	uint64_t in_store, appended;
	bool behind;                            /* the mirror ends before the store does */
	struct restore_store *store;            /* NULL: only told */
	struct complaint why;
};

static bool open_mirror(struct restore *r)
{
	money_source_close(r->mirror);
	r->seq = 0;
	memset(r->head, 0, sizeof(r->head));
	r->mirror = money_source_open(r->path, &r->why);
	return r->mirror != NULL;
}

/* The record follows the one before. */
static bool follows(struct restore *r, const struct money_line *line)
{
	if (line->seq != r->seq + 1 || memcmp(line->prev, r->head, sizeof(r->head)) != 0 || !line->hash_fits)
		return complain(&r->why, 0, "record %llu of the mirror does not follow the one before, or was changed",
				(unsigned long long)r->seq + 1);
	memcpy(r->head, line->hash, sizeof(r->head));
	r->seq++;
	return true;
}

enum next { NEXT_RECORD, NEXT_END, NEXT_WRONG };

/* The next whole line of the mirror, checked; what it says lies in the arena. */
static enum next next_record(struct restore *r, struct span *json, struct arena *arena, struct money_line *line)
{
	bool whole = true;
	struct complaint why = { .text = "" };

	switch (money_source_next(r->mirror, json, &whole, &r->why)) {
	case MONEY_SOURCE_FAILED:
		return NEXT_WRONG;
	case MONEY_SOURCE_END:
		return NEXT_END;
	case MONEY_SOURCE_LINE:
		break;
	}
	if (!whole) {
		printf("the last line of the mirror was not finished: it is left out\n");
		return NEXT_END;
	}
	if (!money_line_read(*json, arena, line, &why)) {
		complain(&r->why, 0, "record %llu of the mirror: %.180s", (unsigned long long)r->seq + 1, why.text);
		return NEXT_WRONG;
	}
	return follows(r, line) ? NEXT_RECORD : NEXT_WRONG;
}

static bool check_chain(struct restore *r)
{
	enum next next = NEXT_RECORD;

	while (next == NEXT_RECORD) {
		struct arena arena = { 0 };
		struct money_line line;
		struct span json;

		next = next_record(r, &json, &arena, &line);
		arena_release(&arena);
	}
	if (next == NEXT_END)
		printf("mirror: %llu records, each follows the one before\n", (unsigned long long)r->seq);
	return next == NEXT_END;
}

/* --- beside the store ------------------------------------------------------------------- */

static bool same_record(void *ctx, uint64_t seq, struct span stored)
{
	struct restore *r = ctx;
	struct arena arena = { 0 };
	struct money_line line;
	struct span json;
	enum next next = next_record(r, &json, &arena, &line);

	arena_release(&arena);
	r->in_store = seq;
	if (next == NEXT_END)
		r->behind = true;
	else if (next == NEXT_RECORD && !span_eq(json, stored))
		complain(&r->why, 0, "record %llu of the store is another one than in the mirror: there are two journals",
			 (unsigned long long)seq);
	return next == NEXT_RECORD && r->why.text[0] == '\0';
}

static bool compare(struct restore *r, const char *address)
{
	const struct money_journal_reader reader = { .record = same_record, .ctx = r };

	return money_journal_read(address, &reader, &r->why) && r->why.text[0] == '\0';
}

static bool give_back(struct restore *r, struct span json, const struct money_line *line)
{
	char text[CIVIL_TEXT_MAX];
	struct span at = civil_write(line->at_ms, text);

	printf("  %llu %.*s %.*s %.*s\n", (unsigned long long)line->seq, (int)at.len, at.at, (int)line->kind.len, line->kind.at,
	       (int)line->subject.len, line->subject.at);
	r->appended++;
	return r->store == NULL || restore_store_append(r->store, line, json, &r->why);
}

static bool give_all_back(struct restore *r)
{
	enum next next = NEXT_RECORD;
	bool well = true;

	while (well && next == NEXT_RECORD) {
		struct arena arena = { 0 };
		struct money_line line;
		struct span json;

		next = next_record(r, &json, &arena, &line);
		well = next == NEXT_END || (next == NEXT_RECORD && give_back(r, json, &line));
		arena_release(&arena);
	}
	return well;
}

static bool restore(struct restore *r, const char *address, bool write)
{
	if (!open_mirror(r) || !check_chain(r) ||
	    !ctl_trail(address, "restore-mirror", write ? SPAN("write") : SPAN(""), &r->why))
		return false;
	if (write && (r->store = restore_store_open(address, &r->why)) == NULL)
		return false;
	if (!open_mirror(r) || !compare(r, address))
		return false;
	printf("store: %llu records%s, the same as in the mirror\n", (unsigned long long)(r->behind ? r->seq : r->in_store),
	       r->behind ? " and more" : "");
	if (!r->behind && !give_all_back(r))
		return false;
	if (r->appended == 0)
		puts("nothing is missing in the store");
	else if (write)
		printf("%llu records were appended; restart tiplined, which checks all of it\n",
		       (unsigned long long)r->appended);
	else
		printf("%llu records are missing in the store; --write appends them\n", (unsigned long long)r->appended);
	return true;
}

static int run(const struct ctl_args *args, const char *store, const char *mirror, bool write)
{
	struct restore r = { .path = mirror };
	char address[PATH_MAX];
	struct config config = { 0 };
	bool well = ctl_store_address(args, store, address) && (mirror != NULL || ctl_load(args, &config));

	if (well && mirror == NULL)
		r.path = config_money_mirror(&config);
	if (well && !restore(&r, address, write)) {
		fprintf(stderr, "tipctl: %s\n", r.why.text);
		well = false;
	}
	restore_store_close(r.store);
	money_source_close(r.mirror);
	config_release(&config);
	return well ? CTL_WELL : CTL_WRONG;
}

int tipctl_restore_mirror(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS,
						 { "store", required_argument, NULL, 1 },
						 { "mirror", required_argument, NULL, 2 },
						 { "write", no_argument, NULL, 3 },
						 { 0 } };
	struct ctl_args args = { 0 };
	const char *store = NULL, *mirror = NULL;
	bool write = false;
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 1)
			store = optarg;
		else if (option == 2)
			mirror = optarg;
		else if (option == 3)
			write = true;
		else
			ctl_option(&args, option);
	}
	args.wrong = args.wrong || optind < argc;
	if (ctl_usage(&args, usage, &status))
		return status;
	return run(&args, store, mirror, write);
}
