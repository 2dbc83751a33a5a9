/*
 * Readiness: what stands between this daemon and its promises right now.
 *
 * Asks the store every two seconds how it is (durable settings can be changed
 * under a running server), and looks at the spool and at draining when asked.
 */
#ifndef TIPLINE_HANDLERS_OPS_READINESS_H
#define TIPLINE_HANDLERS_OPS_READINESS_H

#include "daemon/base/buf.h"
#include "daemon/store/store.h"
#include "handlers/app.h"

struct readiness;

struct readiness *readiness_new(struct app *app);
void readiness_free(struct readiness *readiness);

struct readiness_view {
	bool store_up;
	bool store_durable;
	char weakness[160];        /* which setting is weaker, when not durable */
	uint64_t store_memory_bytes;
	bool checked;              /* the store has answered at least once */
};

const struct readiness_view *readiness_view(const struct readiness *readiness);

/* Appends {"ready":bool,"faults":[...],"warnings":[...]} and says whether it is ready. */
bool readiness_json(const struct readiness *readiness, struct buf *out);

#endif
