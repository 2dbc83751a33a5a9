/*
 * What an informant adds to a tip, by the receipt page or by SMS: may it be
 * added, was it added before, and the change that does it. Pure, given the keys.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SUPPLEMENT_H
#define TIPLINE_HANDLERS_INTAKE_SUPPLEMENT_H

#include "daemon/core/tip/all_files.h"
#include "daemon/store/store.h"

/* Words, files, or both. */
struct supplement {
	struct span text;
	const struct tip_file *files;
	size_t nfiles;
	const struct seal_key *files_key;   /* under which they are sealed; with files */
};

/* What a tip may have in all. */
struct supplement_limits {
	uint64_t files;
	uint64_t bytes;
};

/* The tip takes words of its informant, whether it is open or closed. */
bool supplement_may(const struct store_row *row);

/* ...and may be opened again by them. */
bool supplement_may_reopen(const struct store_row *row);

/* Files may come with the words: those of the tip were not deleted, or it is opened again and they stay. */
bool supplement_may_bring(const struct store_row *row, bool reopen);

/* There is room for these beside what the tip has; with none: for any at all. */
bool supplement_fits(const struct supplement *supplement, struct all_files_sum there, const struct supplement_limits *limits);

/* One of the informant's messages, since the bureau's last, has this text and these files: the same came again. */
bool supplement_said(const struct store_row *row, const struct seal_key *tip_key, const struct supplement *supplement,
		     struct arena *arena);

/*
 * The change that appends the supplement and turns the clocks; with `reopen` the tip
 * goes back into its queue. Must be allowed. Spans lie in the arena or the row.
 */
void supplement_change(const struct store_row *row, const struct seal_key *tip_key,
		       const struct supplement *supplement, bool reopen, int64_t now_ms, struct arena *arena,
		       struct store_change *out);

#endif
