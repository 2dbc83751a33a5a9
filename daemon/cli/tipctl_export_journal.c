/*
 * tipctl export --journal: a slice of a journal as JSON lines.
 */
#include "daemon/base/hex.h"
#include "daemon/cli/tipctl_archive.h"
#include "daemon/cli/tipctl_evidence.h"
#include "daemon/cli/tipctl_replay.h"
#include "daemon/cli/tipctl_trail.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

#define PIECE 256
#define FLUSH_BYTES ((size_t)1 << 20)

static const char usage[] =
	"usage: tipctl export --journal NAME --store ADDRESS [--archive DIR] [--from N] [--to N] [--sealed]\n"
	"\n"
	"Writes the entries of a journal (15, 00, money, audit) from a running store, and of the archive\n"
	"what it has let go of, to standard output, a JSON object a line: number, event. Numbers\n"
	"that are missing are a mistake.\n"
	"\n"
	"  --archive DIR     files of the journals; else as configured\n"
	"  --from N, --to N  from and to this number, both with it\n"
	"  --sealed          fingerprints, commitments, seeds and examples too, in hex; a seed is as\n"
	"                    secret as the receipt code\n";

struct slice {
	struct ctl_args common;
	const char *journal, *store, *archived;
	uint64_t from, to;
	bool sealed;
	struct pipe *pipe;
	struct archive *archive;
	struct ctl_segments segments;
	uint64_t next;       /* number that is to come */
	uint64_t taken;      /* of the last piece */
	bool broken;
	struct complaint why;
	struct buf out;
};

static void take(struct slice *slice, int option)
{
	if (option == 'J')
		slice->journal = optarg;
	else if (option == 'L')
		slice->store = optarg;
	else if (option == 'D')
		slice->archived = optarg;
	else if (option == 'F' || option == 'T')
		slice->common.wrong |= !span_u64(span_of(optarg), option == 'F' ? &slice->from : &slice->to);
	else if (option == 'A')
		slice->sealed = true;
	else
		ctl_option(&slice->common, option);
}

static void parse(struct slice *slice, int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS,
						 { "journal", required_argument, NULL, 'J' },
						 { "store", required_argument, NULL, 'L' },
						 { "archive", required_argument, NULL, 'D' },
						 { "from", required_argument, NULL, 'F' },
						 { "to", required_argument, NULL, 'T' },
						 { "sealed", no_argument, NULL, 'A' },
						 { 0 } };
	struct span name;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(slice, option);
	name = span_of(slice->journal);
	slice->common.wrong = slice->common.wrong || optind < argc ||
			      !((name.len == 2 && span_digits(name)) || span_is(name, "money") || span_is(name, "audit"));
}

static void put_sealed(struct slice *slice, struct span name, struct span value)
{
	static const struct {
		const char *field, *name;
	} names[] = { { "k", "fingerprint" }, { "c", "commitment" }, { "s", "seed" }, { "l", "example" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!span_is(name, names[i].field))
			continue;
		buf_printf(&slice->out, ",\"%s\":\"", names[i].name);
		hex_put(value.at, value.len, buf_reserve(&slice->out, 2 * value.len));
		slice->out.len += 2 * value.len;
		buf_add_text(&slice->out, "\"");
	}
}

static void put_entry(struct slice *slice, const struct archive_entry *entry)
{
	buf_printf(&slice->out, "{\"number\":%llu,\"event\":", (unsigned long long)entry->number);
	buf_add_span(&slice->out, archive_entry_field(entry, "e"));
	for (size_t i = 0; slice->sealed && i < entry->nfields; i++)
		put_sealed(slice, entry->fields[i].name, entry->fields[i].value);
	buf_add_text(&slice->out, "}\n");
	slice->next = entry->number + 1;
	if (slice->out.len > FLUSH_BYTES) {
		fwrite(slice->out.at, 1, slice->out.len, stdout);
		buf_clear(&slice->out);
	}
}

/* --- out of files ----------------------------------------------------------------------------------- */

static bool take_filed(void *ctx, const struct archive_entry *entry)
{
	put_entry(ctx, entry);
	return true;
}

/* Those up to before `end`, as far as they are wanted. */
static void read_files(struct slice *slice, uint64_t end)
{
	struct archive_range range = { .first = slice->next, .last = slice->to > 0 && slice->to < end ? slice->to : end - 1 };

	if (range.first > range.last || slice->broken)
		return;
	if (span_is(span_of(slice->journal), "money"))
		slice->broken = !complain(&slice->why, 0, "entry %llu is missing", (unsigned long long)range.first);
	else
		slice->broken = !ctl_archive_read(slice->archive, slice->journal, &slice->segments, range, take_filed, slice,
						  &slice->why);
}

static void take_segments(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct slice *slice = ctx;

	(void)at;
	(void)n;
	if (!ctl_segments_read(reply, &slice->segments))
		slice->broken = !complain(&slice->why, 0, "the list of its files cannot be read");
}

static bool read_segments(struct slice *slice)
{
	struct pipe_words words = pipe_words(slice->pipe);

	pipe_word(&words, SPAN("LRANGE"));
	pipe_word(&words, span_of(arena_printf(words.arena, "{%s}:archive", slice->journal)));
	pipe_word(&words, SPAN("0"));
	pipe_word(&words, SPAN("-1"));
	pipe_send(slice->pipe, &words, take_segments, slice, NULL, 0);
	return pipe_drain(slice->pipe);
}

/* --- out of the store --------------------------------------------------------------------------------- */

static void take_entry(struct slice *slice, const redisReply *reply)
{
	struct archive_entry entry = { .number = strtoull(reply->element[0]->str, NULL, 10) };
	const redisReply *fields = reply->element[1];

	for (size_t i = 0; i + 1 < fields->elements && entry.nfields < ARCHIVE_FIELDS_MAX; i += 2)
		entry.fields[entry.nfields++] = (struct archive_field){
			.name = span_from(fields->element[i]->str, fields->element[i]->len),
			.value = span_from(fields->element[i + 1]->str, fields->element[i + 1]->len) };
	read_files(slice, entry.number);
	if (!slice->broken && (slice->to == 0 || entry.number <= slice->to))
		put_entry(slice, &entry);
}

static void take_piece(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct slice *slice = ctx;

	(void)at;
	(void)n;
	slice->taken = reply->type == REDIS_REPLY_ARRAY ? reply->elements : 0;
	if (reply->type != REDIS_REPLY_ARRAY)
		slice->broken = !complain(&slice->why, 0, "the store answers something else than entries");
	for (size_t i = 0; i < slice->taken && !slice->broken; i++)
		take_entry(slice, reply->element[i]);
}

static bool read_piece(struct slice *slice)
{
	struct pipe_words words = pipe_words(slice->pipe);

	pipe_word(&words, SPAN("XRANGE"));
	pipe_word(&words, span_of(arena_printf(words.arena, "{%s}:journal", slice->journal)));
	pipe_number(&words, slice->next);
	pipe_word(&words, SPAN("+"));
	pipe_word(&words, SPAN("COUNT"));
	pipe_number(&words, PIECE);
	pipe_send(slice->pipe, &words, take_piece, slice, NULL, 0);
	return pipe_drain(slice->pipe);
}

static int run(struct slice *slice)
{
	bool well = read_segments(slice);

	slice->next = slice->from > 0 ? slice->from : 1;
	do
		well = well && read_piece(slice);
	while (well && !slice->broken && slice->taken == PIECE && (slice->to == 0 || slice->next <= slice->to));
	/* A store may have let go of all of it. */
	if (well && slice->segments.n > 0)
		read_files(slice, slice->segments.at[slice->segments.n - 1].last + 1);
	if (slice->out.len > 0)
		fwrite(slice->out.at, 1, slice->out.len, stdout);
	buf_release(&slice->out);
	ctl_segments_release(&slice->segments);
	if (slice->broken)
		fprintf(stderr, "tipctl: %s\n", slice->why.text);
	return well && !slice->broken && fflush(stdout) == 0 ? CTL_WELL : CTL_WRONG;
}

/* What is read past the daemon is told first. */
static bool is_told(const struct slice *slice, const char *address, struct complaint *why)
{
	char query[96];

	snprintf(query, sizeof(query), "book=%s from=%llu to=%llu%s", slice->journal, (unsigned long long)slice->from,
		 (unsigned long long)slice->to, slice->sealed ? " format=sealed" : "");
	return ctl_trail(address, "export", span_of(query), why);
}

int tipctl_export_journal(int argc, char **argv)
{
	struct slice slice = { .from = 0 };
	struct complaint why = { .text = "" };
	char address[PATH_MAX];
	int status;

	parse(&slice, argc, argv);
	if (ctl_usage(&slice.common, usage, &status))
		return status;
	if (!ctl_store_address(&slice.common, slice.store, address))
		return CTL_USAGE;
	slice.archive = ctl_archive_open(&slice.common, slice.archived);
	if (slice.archive == NULL)
		return CTL_USAGE;
	slice.pipe = is_told(&slice, address, &why) ? pipe_open(address, &why) : NULL;
	if (slice.pipe != NULL) {
		status = run(&slice);
		pipe_free(slice.pipe);
	} else {
		fprintf(stderr, "tipctl: %s\n", why.text);
		status = CTL_USAGE;
	}
	archive_free(slice.archive);
	return status;
}
