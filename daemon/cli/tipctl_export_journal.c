/*
 * tipctl export --journal: a slice of a journal as JSON lines.
 */
#include "daemon/base/hex.h"
#include "daemon/cli/tipctl_evidence.h"
#include "daemon/cli/tipctl_replay.h"
#include "daemon/cli/tipctl_trail.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

#define PIECE 256

static const char usage[] =
	"usage: tipctl export --journal NAME --store ADDRESS [--from N] [--to N] [--sealed]\n"
	"\n"
	"Writes the entries of a journal (15, 00, money, audit) from a running store to standard\n"
	"output, a JSON object a line: number, event. Numbers that are missing are a mistake.\n"
	"\n"
	"  --from N, --to N  from and to this number, both with it\n"
	"  --sealed          fingerprints, commitments, seeds and examples too, in hex; a seed is as\n"
	"                    secret as the receipt code\n";

struct slice {
	struct ctl_args common;
	const char *journal, *store;
	uint64_t from, to;
	bool sealed;
	struct pipe *pipe;
	uint64_t next;       /* number that is to come */
	uint64_t taken;      /* of the last piece */
	bool broken;
	struct buf out;
};

static void take(struct slice *slice, int option)
{
	if (option == 'J')
		slice->journal = optarg;
	else if (option == 'L')
		slice->store = optarg;
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

static void put_sealed(struct slice *slice, const redisReply *name, const redisReply *value)
{
	static const struct {
		const char *field, *name;
	} names[] = { { "k", "fingerprint" }, { "c", "commitment" }, { "s", "seed" }, { "l", "example" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name->str, names[i].field) != 0)
			continue;
		buf_printf(&slice->out, ",\"%s\":\"", names[i].name);
		hex_put(value->str, value->len, buf_reserve(&slice->out, 2 * value->len));
		slice->out.len += 2 * value->len;
		buf_add_text(&slice->out, "\"");
	}
}

static void put_entry(struct slice *slice, uint64_t number, const redisReply *fields)
{
	buf_printf(&slice->out, "{\"number\":%llu,\"event\":", (unsigned long long)number);
	for (size_t i = 0; i + 1 < fields->elements; i += 2)
		if (strcmp(fields->element[i]->str, "e") == 0)
			buf_add(&slice->out, fields->element[i + 1]->str, fields->element[i + 1]->len);
	for (size_t i = 0; slice->sealed && i + 1 < fields->elements; i += 2)
		put_sealed(slice, fields->element[i], fields->element[i + 1]);
	buf_add_text(&slice->out, "}\n");
}

static void take_piece(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct slice *slice = ctx;

	(void)at;
	(void)n;
	slice->taken = reply->type == REDIS_REPLY_ARRAY ? reply->elements : 0;
	slice->broken = reply->type != REDIS_REPLY_ARRAY;
	for (size_t i = 0; i < slice->taken && !slice->broken; i++) {
		uint64_t number = strtoull(reply->element[i]->element[0]->str, NULL, 10);

		/* From 0 on the first one there is begins it: what is older may be in the archive. */
		slice->broken = slice->next > 0 && number != slice->next;
		if (!slice->broken && (slice->to == 0 || number <= slice->to))
			put_entry(slice, number, reply->element[i]->element[1]);
		slice->next = slice->broken ? slice->next : number + 1;
	}
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
	bool well;

	slice->next = slice->from;
	do {
		well = read_piece(slice);
		fwrite(slice->out.at, 1, slice->out.len, stdout);
		buf_clear(&slice->out);
	} while (well && !slice->broken && slice->taken == PIECE && (slice->to == 0 || slice->next <= slice->to));
	buf_release(&slice->out);
	if (slice->broken)
		fprintf(stderr, "tipctl: entry %llu is missing\n", (unsigned long long)slice->next);
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
	slice.pipe = is_told(&slice, address, &why) ? pipe_open(address, &why) : NULL;
	if (slice.pipe == NULL) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return CTL_USAGE;
	}
	status = run(&slice);
	pipe_free(slice.pipe);
	return status;
}
