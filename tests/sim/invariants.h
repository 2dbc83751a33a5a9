/*
 * What has to hold behind every record, told once more from the journal.
 *
 * A second, plain account of the world: records are read one by one and
 * folded into sums and states by rules written down here again (the chart of
 * accounts, the legal moves, who must not do what), then compared with what
 * the book says of itself. It decides nothing and knows nothing of how the
 * book decides. The numbers are those of the specification's invariants.
 */
#ifndef TIPLINE_TESTS_SIM_INVARIANTS_H
#define TIPLINE_TESTS_SIM_INVARIANTS_H

#include "daemon/money/book.h"
#include "tests/sim/coverage.h"
#include "tests/sim/provider.h"

struct invariants;

struct invariants *invariants_new(const unsigned char instruction_key[32]);
void invariants_free(struct invariants *inv);

/* The next record of the journal. False: it breaks a rule, `why` names it. Coverage is counted where it is not NULL. */
bool invariants_take(struct invariants *inv, struct span line, struct coverage *coverage, struct complaint *why);

/* The book says the same of what the last record was about. */
bool invariants_compare(const struct invariants *inv, const struct book *book, struct complaint *why);
/* And of everything. */
bool invariants_compare_all(const struct invariants *inv, const struct book *book, struct complaint *why);

/* Nothing stands open past its time, given that what was due was done (I18). */
bool invariants_timely(const struct invariants *inv, int64_t now_ms, struct complaint *why);

#define INVARIANTS_NAME_MAX 112

/*
 * What is owed to a claimant for a case, all rewards together, under its name;
 * 0 where an earlier reward answers for it. By index; -1 behind the last.
 */
int64_t invariants_owed(const struct invariants *inv, size_t index, char name[INVARIANTS_NAME_MAX]);

/*
 * Money that was really sent: no instruction twice; for each claimant and case
 * no more than is owed, but for what the provider had called failed before it
 * paid. `lost` tells what was owed in a journal that a restore cut off: it may
 * have been another amount.
 */
bool invariants_provider(const struct invariants *inv, const struct provider *provider,
			 int64_t (*lost)(void *ctx, const char *name), void *ctx, struct complaint *why);
/* When everything was told: what the book calls paid was sent, and the other way round. */
bool invariants_settled(const struct invariants *inv, const struct provider *provider, struct complaint *why);

#endif
