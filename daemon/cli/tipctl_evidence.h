/*
 * Evidence: a pack of files about one tip, one reward, or a region's month, that
 * others can check without us.
 *
 *   README.txt                 how to check it, with which commands
 *   manifest.json              name, size and SHA-256 of every other file; by whom, when, about what
 *   manifest.sig               signed note over the manifest's hash
 *   signer.key                 key text of who signed that
 *   LOG/events.jsonl           the entries of that journal: number, event
 *   LOG/leaves.jsonl           for each its leaf: number, index, leaf, opening
 *   LOG/proofs/INDEX           inclusion proof (tlog-proof) under one checkpoint; with the leaf in it
 *   LOG/checkpoint, LOG/key    that checkpoint, and who signed it
 *   LOG/batches.jsonl          the batches that the leaves are in
 *   LOG/chain.jsonl            money: seq, prev and hash of every record between the first and last of these
 *   policy                     the witnesses' quorum file, when it is given
 *
 * Nothing of a tip's text or person is in it, nor what would find a tip in a log.
 */
#ifndef TIPLINE_CLI_TIPCTL_EVIDENCE_H
#define TIPLINE_CLI_TIPCTL_EVIDENCE_H

#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_pack.h"
#include "daemon/cli/verify.h"

int tipctl_export_journal(int argc, char **argv);
int tipctl_export_evidence(int argc, char **argv);
int tipctl_export_check(int argc, char **argv);

#define EVIDENCE_FORMAT "tipline-evidence/v1"

/* What it is about; one of tip, reward, month with region. */
struct evidence_about {
	struct span tip;       /* an id; its other shards are followed */
	struct span reward;    /* "R7" */
	struct span month;     /* "2026-11" */
	struct span region;    /* six digits */
};

/* An entry that is concerned. */
struct evidence_entry {
	uint64_t number;
	struct span json;
};

struct evidence_log {
	char name[8];                       /* "15", "money" */
	struct evidence_entry *at;
	size_t n, room;
};

struct evidence {
	struct verify *verify;              /* store and keys */
	const char *log_dir;
	struct evidence_about about;
	struct evidence_log logs[REPLAY_SHARDS + 1];   /* money is the last */
	struct arena arena;
	struct pack pack;
	int64_t made_ms;
	char origin[256];                   /* of the first log in it, without its name */
	struct complaint lost;              /* which file of the archive could not be read */
};

/*
 * Reads the journals, those of the archive too, for what is concerned. False: the connection broke, or a file
 * is missing or changed, in which something may be that belongs here; `why` names it.
 */
bool evidence_gather(struct evidence *evidence, struct complaint *why);
bool evidence_concerns(const struct evidence_about *about, struct span log, struct span json);

/* Events, leaves, proofs, checkpoint, key and batches of a log go into the pack. False: `why`. */
bool evidence_put_log(struct evidence *evidence, const struct evidence_log *log, struct complaint *why);

/* Manifest and its signature, over all that is in the pack. */
void evidence_put_manifest(struct evidence *evidence, const struct note_signer *signer);

/* The whole text of manifest.sig without signatures. */
void evidence_signed_text(struct span manifest, struct buf *out);

/* NULL, or the name of the first file that does not fit and why. `key` may be NULL: the one in the pack. */
const char *evidence_check(const struct pack *pack, const struct note_key *key, struct complaint *why);

/* The parts of that, in their order; a later one takes for granted nothing that an earlier one has checked. */
enum evidence_part {
	EVIDENCE_SIGNATURE,
	EVIDENCE_FILES,      /* as in the manifest */
	EVIDENCE_LEAVES,     /* proofs, openings, events */
	EVIDENCE_CHAIN,      /* of the records about money */
	EVIDENCE_PARTS,
};

const char *evidence_check_part(const struct pack *pack, enum evidence_part part, const struct note_key *key,
				struct complaint *why);

extern const char evidence_readme[];

#endif
