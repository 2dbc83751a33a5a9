/*
 * tipctl archive: what files there are, and whether each is as it was written,
 * follows the one before, and is the one the store knows.
 */
#include "daemon/cli/tipctl_archive.h"
#include "daemon/cli/tipctl_replay.h"

#include "daemon/base/hex.h"
#include "daemon/store/keys.h"
#include "daemon/sys/clock.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#define JOURNALS 101

static const char usage[] =
	"usage: tipctl archive list|verify [--archive DIR] [--store ADDRESS | --offline] [--state DIR] [--config FILE]\n"
	"\n"
	"  list     one line a file: journal, first and last event, bytes, digest\n"
	"  verify   reads every file: digests, entries, that each follows the one before; and with the\n"
	"           store, that all it has let go of is here, in the files it knows, up to where it begins.\n"
	"           Names the first bad file of each journal, with offset and events.\n"
	"\n"
	"  --archive DIR    files of the journals; else as configured\n"
	"  --store ADDRESS  unix:/path or host:port; else as configured\n"
	"  --offline        verify the files alone, without the store\n"
	"\n"
	"Exit status: 0 well, 1 something is missing or changed, 2 wrong use or no connection.\n";

struct archive_args {
	struct ctl_args common;
	const char *archive, *store, *command;
	bool offline;
};

/* A journal as it is checked. */
struct checked {
	const struct archive *archive;
	char shard[3];
	struct ctl_segments segments;  /* of the store */
	uint64_t begins;               /* of the store; 0: it has no event, or was not asked */
	uint64_t files, events, bytes;
	uint64_t next;                 /* event that comes next */
	struct archive_digest before;
};

static void parse(struct archive_args *args, int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS,
						 { "archive", required_argument, NULL, 'a' },
						 { "store", required_argument, NULL, 'r' },
						 { "offline", no_argument, NULL, 'o' },
						 { 0 } };
	int option;

	*args = (struct archive_args){ 0 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'a')
			args->archive = optarg;
		else if (option == 'r')
			args->store = optarg;
		else if (option == 'o')
			args->offline = true;
		else
			ctl_option(&args->common, option);
	}
	args->command = optind + 1 == argc ? argv[optind] : "";
	if (strcmp(args->command, "list") != 0 && strcmp(args->command, "verify") != 0)
		args->common.wrong = true;
}

/* The hundred shards and the audit trail. */
static struct checked journal_number(const struct archive *archive, unsigned i)
{
	struct checked c = { .archive = archive, .next = 1 };

	memcpy(c.shard, STORE_AUDIT_SHARD, sizeof(c.shard));
	if (i < JOURNALS - 1) {
		c.shard[0] = (char)('0' + i / 10);
		c.shard[1] = (char)('0' + i % 10);
	}
	return c;
}

static const char *name_of(const struct checked *c)
{
	return strcmp(c->shard, STORE_AUDIT_SHARD) == 0 ? "audit" : c->shard;
}

/* --- list -------------------------------------------------------------------------------------- */

static bool list_file(const struct checked *c, struct archive_range range)
{
	struct archive_head head;
	struct arena arena = { 0 };
	struct complaint why;
	bool well = archive_head_of(c->archive, name_of(c), range, &head, &why);

	if (well)
		printf("%-5s %15llu %15llu %10llu %s\n", name_of(c), (unsigned long long)head.first,
		       (unsigned long long)head.last, (unsigned long long)head.bytes,
		       hex_text(&arena, head.digest.bytes, sizeof(head.digest)));
	else
		fprintf(stderr, "tipctl: %s\n", why.text);
	arena_release(&arena);
	archive_head_release(&head);
	return well;
}

static int list(const struct archive *archive)
{
	bool well = true;

	for (unsigned i = 0; i < JOURNALS; i++) {
		struct checked c = journal_number(archive, i);
		size_t n;
		struct archive_range *ranges = archive_ranges(archive, name_of(&c), &n);

		for (size_t f = 0; f < n; f++)
			well = list_file(&c, ranges[f]) && well;
		free(ranges);
	}
	return well ? CTL_WELL : CTL_WRONG;
}

/* --- verify: one file -------------------------------------------------------------------------------- */

static bool count_entry(void *ctx, const struct archive_entry *entry)
{
	struct checked *c = ctx;

	(void)entry;
	c->events++;
	return true;
}

static bool verify_file(struct checked *c, struct archive_range range, struct complaint *why)
{
	struct archive_head head = { .nframes = 0 };
	char path[4096];
	bool well;

	archive_path(c->archive, name_of(c), range, path);
	if (range.first > c->next)
		return complain(why, 0, "events %llu to %llu: their file is missing", (unsigned long long)c->next,
				(unsigned long long)(range.first - 1));
	if (range.first < c->next)
		return complain(why, 0, "%s: its events are in the file before it, too", path);
	well = archive_head_of(c->archive, name_of(c), range, &head, why);
	if (well && memcmp(&head.before, &c->before, sizeof(head.before)) != 0)
		well = complain(why, 0, "%s: it does not follow the file before it", path);
	if (well && ctl_archive_read(c->archive, name_of(c), &c->segments, range, count_entry, c, why)) {
		c->files++;
		c->bytes += head.bytes;
		c->before = head.digest;
		c->next = head.last + 1;
	} else {
		well = false;
	}
	archive_head_release(&head);
	return well;
}

/* All that the store has let go of is here. */
static bool verify_end(const struct checked *c, struct complaint *why)
{
	uint64_t let_go = c->begins > 0 ? c->begins - 1 : 0;

	if (c->segments.n > 0 && c->segments.at[c->segments.n - 1].last > let_go)
		let_go = c->segments.at[c->segments.n - 1].last;
	return c->next > let_go || complain(why, 0, "events %llu to %llu: their file is missing", (unsigned long long)c->next,
					    (unsigned long long)let_go);
}

static bool verify_journal(struct checked *c)
{
	struct complaint why = { .text = "" };
	size_t n;
	struct archive_range *ranges = archive_ranges(c->archive, name_of(c), &n);
	bool well = true;

	for (size_t i = 0; well && i < n; i++)
		well = verify_file(c, ranges[i], &why);
	well = well && verify_end(c, &why);
	free(ranges);
	if (!well)
		printf("%s: %s\n", name_of(c), why.text);
	return well;
}

/* --- verify: with the store ---------------------------------------------------------------------------- */

static void take_segments(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct checked *c = ctx;

	(void)at;
	(void)n;
	if (!ctl_segments_read(reply, &c->segments))
		fprintf(stderr, "tipctl: {%s}:archive cannot be read\n", name_of(c));
}

static void take_first(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct checked *c = ctx;
	struct span id, digits;

	(void)at;
	(void)n;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1)
		return;
	id = span_from(reply->element[0]->element[0]->str, (size_t)reply->element[0]->element[0]->len);
	if (!span_cut(&id, '-', &digits) || !span_u64(digits, &c->begins))
		c->begins = 0;
}

static bool ask_store(struct pipe *store, struct checked *c)
{
	struct pipe_words words = pipe_words(store);

	pipe_word(&words, SPAN("LRANGE"));
	pipe_word(&words, key_of_shard(words.arena, span_of(c->shard), KEY_ARCHIVE));
	pipe_word(&words, SPAN("0"));
	pipe_word(&words, SPAN("-1"));
	pipe_send(store, &words, take_segments, c, NULL, 0);
	words = pipe_words(store);
	pipe_word(&words, SPAN("XRANGE"));
	pipe_word(&words, key_of_shard(words.arena, span_of(c->shard), KEY_JOURNAL));
	pipe_word(&words, SPAN("-"));
	pipe_word(&words, SPAN("+"));
	pipe_word(&words, SPAN("COUNT"));
	pipe_word(&words, SPAN("1"));
	pipe_send(store, &words, take_first, c, NULL, 0);
	return pipe_drain(store);
}

static void tell(const struct checked *sum, unsigned bad, uint64_t ms)
{
	printf("%llu files, %llu events, %llu bytes: ", (unsigned long long)sum->files, (unsigned long long)sum->events,
	       (unsigned long long)sum->bytes);
	if (bad == 0)
		printf("each is as it was written\n");
	else
		printf("%u journals with a file that is missing or changed\n", bad);
	if (ms > 0)
		fprintf(stderr, "read in %llu ms: %llu events/s\n", (unsigned long long)ms,
			(unsigned long long)(sum->events * 1000 / ms));
}

static int verify(const struct archive *archive, struct pipe *store)
{
	uint64_t started_ms = clock_steady_ms();
	struct checked sum = { .files = 0 };
	unsigned bad = 0;

	for (unsigned i = 0; i < JOURNALS; i++) {
		struct checked c = journal_number(archive, i);

		if (store != NULL && !ask_store(store, &c))
			return CTL_USAGE;
		bad += !verify_journal(&c);
		sum.files += c.files;
		sum.events += c.events;
		sum.bytes += c.bytes;
		ctl_segments_release(&c.segments);
	}
	tell(&sum, bad, clock_steady_ms() - started_ms);
	return bad == 0 ? CTL_WELL : CTL_WRONG;
}

static int verify_with_store(const struct archive_args *args, const struct archive *archive)
{
	struct complaint why = { .text = "" };
	char address[PATH_MAX];
	struct pipe *store;
	int status;

	if (args->offline)
		return verify(archive, NULL);
	if (!ctl_store_address(&args->common, args->store, address))
		return CTL_USAGE;
	store = pipe_open(address, &why);
	if (store == NULL) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return CTL_USAGE;
	}
	status = verify(archive, store);
	pipe_free(store);
	return status;
}

int tipctl_archive(int argc, char **argv)
{
	struct archive_args args;
	struct archive *archive;
	int status;

	parse(&args, argc, argv);
	if (ctl_usage(&args.common, usage, &status))
		return status;
	archive = ctl_archive_open(&args.common, args.archive);
	if (archive == NULL)
		return CTL_USAGE;
	status = strcmp(args.command, "list") == 0 ? list(archive) : verify_with_store(&args, archive);
	archive_free(archive);
	return status;
}
