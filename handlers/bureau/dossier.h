/*
 * A tip opened for an officer: what the store's row and the bureau's key give.
 *
 * Opening needs the data key of the tip, and that a private key on the keyring
 * of the person who asks. Data keys that were opened before are with the ring;
 * others are fetched from the store by dossier_keys_fetch(), a wait of the
 * calling flow. A ring goes by what `struct staff` remembers of it and may be
 * gone after a wait: then nothing is readable.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_DOSSIER_H
#define TIPLINE_HANDLERS_BUREAU_DOSSIER_H

#include "daemon/base/json_out.h"
#include "daemon/core/judge.h"
#include "daemon/core/tip/all_files.h"
#include "daemon/loop/flow.h"
#include "daemon/store/store.h"
#include "daemon/sys/week_keys.h"
#include "handlers/app.h"
#include "handlers/endpoint.h"

struct problem;

struct dossier {
	const struct store_row *row;
	struct seal_key tip_key;        /* valid when readable */
	struct tip_content content;
	struct span sealed;             /* without its week's cover */
	enum week_key_outcome week;     /* of its cover; readable only with FOUND */
	bool readable;                  /* the key fitted; else only the row is known */
	bool hidden;                    /* the words are not for this person: dossier_json() leaves them out */
};

/* Room for the data keys of one shard that a flow must fetch. */
#define DOSSIER_KEYS_MAX 64
struct dossier_keys {
	char shard[3];
	unsigned char ids[DOSSIER_KEYS_MAX][STORE_DATA_KEY_ID_BYTES];
	size_t n;
	struct store_reply reply;
};

/*
 * Notes which data keys of the rows of a shard are not known yet; false when
 * none is missing. At most DOSSIER_KEYS_MAX: ask again after opening them.
 */
bool dossier_keys_missing(const struct app *app, const struct staff *staff, struct span shard, const struct store_row *rows, size_t n,
			  struct dossier_keys *missing);

/*
 * Asks the store for them; then dossier_keys_open() with what came. True: some
 * were opened and more than these may have been missing, so ask again.
 */
enum flow_next dossier_keys_fetch(const struct app *app, struct flow *flow, struct dossier_keys *missing);
bool dossier_keys_open(const struct app *app, const struct staff *staff, const struct dossier_keys *fetched);

/* Opens the row; spans of the content live in the arena. */
void dossier_open(const struct app *app, const struct staff *staff, const struct store_row *row, struct arena *arena,
		  struct dossier *out);

/* All files of the tip, numbered through; none unless it is readable. Borrows the dossier and its row. */
struct all_files dossier_files(const struct dossier *dossier);

/*
 * Why the words of a tip are not to be had, for a call that needs them: 410
 * erased where its week's key was destroyed, 503 week_key_missing where it has
 * to be brought back; false: neither. The detail lies in the arena.
 */
bool dossier_unreadable(const struct dossier *dossier, struct arena *arena, struct problem *problem);

/*
 * The tip as JSON (DESIGN 6): id, region, priority, score, reasons, text,
 * received, lease_until and more. Reasons and route are judged again from the
 * words, so that they can be told in `lang` ("zh-CN", "en"); what the linker
 * found out since stands behind them.
 */
void dossier_json(const struct app *app, const struct dossier *dossier, struct span lang, struct arena *arena,
		  struct json_out *json);

#endif
