/*
 * tipctl log check: does a proof hold? Offline, with the keys alone.
 */
#include "daemon/cli/tipctl_log.h"

#include "daemon/base/table.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/tlog/bundle.h"
#include "daemon/tlog/leaf.h"
#include "daemon/tlog/proof.h"

#include <stdio.h>

static const char usage[] =
	"usage: tipctl log check PROOF --key KEY | --policy FILE [--leaf FILE] [--opening FILE]\n"
	"\n"
	"Checks a proof (tlog-proof; `-`: standard input): that the leaf stands at its place in the\n"
	"log, under a checkpoint that the log and, with a policy, enough witnesses have signed.\n"
	"\n"
	"  --key KEY      the log's key (NAME+ID+BASE64) or a file with it\n"
	"  --policy FILE  logs and witnesses that are believed, and how many must have cosigned\n"
	"  --leaf FILE    the bytes of the leaf; nothing: those that stand in the proof\n"
	"  --opening FILE what opens the leaf (`-`: standard input): shows the fields that it opens\n"
	"\n"
	"Exit status: 0 the proof, and the opening, hold; 1 they do not; 2 wrong use.\n";

struct check {
	const char *file, *key, *policy, *leaf_file, *opening_file;
	struct log_trust trust;
	struct buf text, leaf, opening;
	struct proof proof;
};

static bool read_text(const char *file, size_t max, struct buf *text, struct complaint *why)
{
	size_t n;

	if (strcmp(file, "-") != 0)
		return files_read(file, max, text, why);
	n = fread(buf_reserve(text, max + 1), 1, max + 1, stdin);
	text->len += n;
	return (!ferror(stdin) && n <= max) || complain(why, 0, "standard input cannot be read or has more than %zu bytes", max);
}

static bool read_leaf(struct check *c, struct complaint *why)
{
	if (c->leaf_file != NULL)
		return read_text(c->leaf_file, BUNDLE_ENTRY_MAX, &c->leaf, why);
	buf_add_span(&c->leaf, c->proof.extra);
	return c->leaf.len > 0 || complain(why, 0, "the leaf does not stand in the proof: say --leaf");
}

/* A key by itself is a policy that asks for no witness. */
static const struct quorum *believed(struct check *c)
{
	struct quorum *quorum;

	if (c->trust.quorum != NULL)
		return c->trust.quorum;
	quorum = arena_new(&c->trust.arena, struct quorum);
	quorum->logs[0].key = c->trust.key;
	quorum->nlogs = 1;
	quorum->none = true;
	return quorum;
}

static void tell_leaf(struct span bytes)
{
	static const char *const classes[] = { [LEAF_RECEIVED] = "received", [LEAF_WORK] = "work", [LEAF_OFFICE] = "office" };
	struct leaf leaf;
	char day[21];

	if (!leaf_parse(bytes, &leaf) || (size_t)leaf.class >= COUNT_OF(classes))
		return;
	clock_text((int64_t)leaf.day * 86400000, day);
	printf("class %s, day %.10s\n", classes[leaf.class], day);
}

/* What an opening shows of the leaf; nothing was asked: well. */
static bool tell_opening(const struct check *c)
{
	struct span text = buf_span(&c->opening);
	struct leaf_opening opening;
	struct leaf leaf;

	if (c->opening_file == NULL)
		return true;
	if (text.len > 0 && text.at[text.len - 1] == '\n')
		text.len--;
	if (!leaf_parse(buf_span(&c->leaf), &leaf) || !leaf_opening_read(text, &opening) || !leaf_opens(&leaf, &opening)) {
		puts("the opening is not one of this leaf");
		return false;
	}
	for (enum leaf_field field = 0; field < LEAF_FIELDS; field++) {
		struct span name = leaf_field_name(field), value = opening.values.at[field];

		if ((opening.open & LEAF_OPEN(field)) != 0)
			printf("%.*s: %.*s\n", (int)name.len, name.at, (int)value.len, value.at != NULL ? value.at : "");
	}
	return true;
}

static int tell(const struct check *c, enum proof_verdict verdict, const struct quorum_finding *finding)
{
	const struct checkpoint *checkpoint = &finding->checkpoint;

	switch (verdict) {
	case PROOF_HOLDS:
		printf("the proof holds: leaf %llu of %llu in %.*s\n", (unsigned long long)c->proof.index,
		       (unsigned long long)checkpoint->head.size, (int)checkpoint->origin.len, checkpoint->origin.at);
		tell_leaf(buf_span(&c->leaf));
		return tell_opening(c) ? CTL_WELL : CTL_WRONG;
	case PROOF_PATH:
		puts("the proof does not hold: this leaf does not stand there");
		return CTL_WRONG;
	case PROOF_QUORUM:
		puts("the proof does not hold: too few witnesses have cosigned the checkpoint");
		return CTL_WRONG;
	case PROOF_CHECKPOINT:
		break;
	}
	puts(finding->verdict == QUORUM_NO_LOG ? "the proof does not hold: no log that is believed has signed the checkpoint" :
						 "the proof does not hold: a signature of the checkpoint is false");
	return CTL_WRONG;
}

static int check(struct check *c)
{
	struct complaint why = { .text = "" };
	struct quorum_finding finding;
	struct merkle_hash leaf;

	if (!log_trust_load(&c->trust, c->key, c->policy, NULL))
		return CTL_WRONG;
	if (!read_text(c->file, PROOF_BYTES_MAX, &c->text, &why) ||
	    (!proof_parse(buf_span(&c->text), &c->trust.arena, &c->proof) && !complain(&why, 0, "%.150s is no tlog-proof", c->file)) ||
	    !read_leaf(c, &why) ||
	    (c->opening_file != NULL && !read_text(c->opening_file, LEAF_OPENING_MAX + 1, &c->opening, &why))) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return CTL_WRONG;
	}
	leaf = merkle_leaf(buf_span(&c->leaf));
	return tell(c, proof_verify(&c->proof, &leaf, believed(c), &finding), &finding);
}

int tipctl_log_check(int argc, char **argv)
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, 'k' },  { "policy", required_argument, NULL, 'p' },
		{ "leaf", required_argument, NULL, 'l' }, { "opening", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },	  { 0 },
	};
	struct check c = { .file = NULL };
	bool help = false, wrong = false;
	int option, status;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'k')
			c.key = optarg;
		else if (option == 'p')
			c.policy = optarg;
		else if (option == 'l')
			c.leaf_file = optarg;
		else if (option == 'o')
			c.opening_file = optarg;
		else if (option == 'h')
			help = true;
		else
			wrong = true;
	}
	if (help || wrong || argc - optind != 1 || (c.key == NULL) == (c.policy == NULL)) {
		fputs(usage, help ? stdout : stderr);
		return help ? CTL_WELL : CTL_USAGE;
	}
	c.file = argv[optind];
	status = check(&c);
	log_trust_release(&c.trust);
	buf_release(&c.text);
	buf_release(&c.leaf);
	buf_release(&c.opening);
	return status;
}
