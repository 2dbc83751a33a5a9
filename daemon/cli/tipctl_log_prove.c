/*
 * tipctl log prove: the proof of one leaf, made from a log's files.
 */
#include "daemon/cli/tipctl_log.h"

#include "daemon/sys/files.h"
#include "daemon/sys/tiles.h"
#include "daemon/tlog/proof.h"

#include <stdio.h>

static const char usage[] =
	"usage: tipctl log prove DIR INDEX [--key KEY] [--policy FILE] [--leaf FILE]\n"
	"\n"
	"Prints the proof (tlog-proof) that leaf INDEX, from 0, stands in the log whose files are in\n"
	"DIR, under its newest checkpoint. It can be checked anywhere with `tipctl log check`. The\n"
	"bytes of the leaf stand in it as its extra data.\n"
	"\n"
	"  --key KEY, --policy FILE   whose checkpoint it has to be; as for verify\n"
	"  --leaf FILE                writes the bytes of the leaf to a file of their own, too\n";

struct prove {
	const char *dir, *key, *policy, *leaf_file;
	struct log_trust trust;
	struct checkpoint now;
	struct proof proof;
	struct buf note, leaf, text;
};

static bool take_leaf(void *ctx, uint64_t index, struct span leaf)
{
	(void)index;
	buf_add_span(ctx, leaf);
	return true;
}

static bool make(struct prove *p, struct tiles *tiles, struct complaint *why)
{
	struct tree_reader reader = tiles_reader(tiles, p->now.head.size);
	struct merkle_hash leaf;

	if (!tiles_leaves(tiles, p->proof.index, p->proof.index + 1, take_leaf, &p->leaf) || p->leaf.len == 0 ||
	    !tree_inclusion(&reader, p->proof.index, p->now.head.size, &p->trust.arena, &p->proof.path))
		return complain(why, 0, "files of the log are missing or cut: tipctl log verify tells which");
	leaf = merkle_leaf(buf_span(&p->leaf));
	if (!merkle_verify(&leaf, p->proof.index, p->now.head.size, p->proof.path.hashes, p->proof.path.n, &p->now.head.root))
		return complain(why, 0, "files of the log are not what was signed: tipctl log verify tells where");
	p->proof.checkpoint = buf_span(&p->note);
	if (p->leaf.len <= PROOF_EXTRA_MAX)
		p->proof.extra = buf_span(&p->leaf);
	proof_write(&p->proof, &p->text);
	return true;
}

static bool prove_from_files(struct prove *p, struct complaint *why)
{
	struct tiles *tiles;
	bool well;

	if (p->proof.index >= p->now.head.size)
		return complain(why, 0, "the log has %llu leaves, the first of them is 0", (unsigned long long)p->now.head.size);
	tiles = tiles_open(p->dir, false, why);
	if (tiles == NULL)
		return false;
	well = make(p, tiles, why);
	tiles_close(tiles);
	return well;
}

static int prove(struct prove *p)
{
	struct complaint why = { .text = "" };

	if (!log_trust_load(&p->trust, p->key, p->policy, p->dir) || !log_trust_newest(&p->trust, p->dir, &p->note, &p->now))
		return CTL_WRONG;
	if (!prove_from_files(p, &why) ||
	    (p->leaf_file != NULL && !files_replace(p->leaf_file, buf_span(&p->leaf), 0644, &why))) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return CTL_WRONG;
	}
	return fwrite(p->text.at, 1, p->text.len, stdout) == p->text.len && fflush(stdout) == 0 ? CTL_WELL : CTL_WRONG;
}

int tipctl_log_prove(int argc, char **argv)
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, 'k' },  { "policy", required_argument, NULL, 'p' },
		{ "leaf", required_argument, NULL, 'l' }, { "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct prove p = { .dir = NULL };
	bool help = false, wrong = false;
	int option, status;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'k')
			p.key = optarg;
		else if (option == 'p')
			p.policy = optarg;
		else if (option == 'l')
			p.leaf_file = optarg;
		else if (option == 'h')
			help = true;
		else
			wrong = true;
	}
	if (help || wrong || argc - optind != 2 || !span_u64(span_of(argv[optind + 1]), &p.proof.index)) {
		fputs(usage, help ? stdout : stderr);
		return help ? CTL_WELL : CTL_USAGE;
	}
	p.dir = argv[optind];
	status = prove(&p);
	log_trust_release(&p.trust);
	buf_release(&p.note);
	buf_release(&p.leaf);
	buf_release(&p.text);
	return status;
}
