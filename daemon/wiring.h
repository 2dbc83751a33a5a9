/*
 * Building the parts of a daemon from its configuration, in order, and taking
 * them down in the other order. main.c runs what stands here.
 */
#ifndef TIPLINE_DAEMON_WIRING_H
#define TIPLINE_DAEMON_WIRING_H

#include "daemon/base/complaint.h"
#include "daemon/sys/config.h"
#include "daemon/sys/sandbox.h"
#include "handlers/app.h"

struct wiring;

/*
 * Opens keys, tables, spool and store, and the listeners last. `config`
 * outlives the wiring. NULL and a complaint naming what is wrong and its mend;
 * nothing stays open then.
 */
struct wiring *wiring_up(struct loop *loop, struct config *config, bool demo, struct complaint *why);

struct app *wiring_app(struct wiring *wiring);

/* "unix:/PATH" of the Redis that this process started; NULL: it started none. */
const char *wiring_private_store(const struct wiring *wiring);

/* What holds for this process, for its figures; borrowed as long as the wiring lives. */
void wiring_note_sandbox(struct wiring *wiring, const struct sandbox_state *state);

/* The store answers and is of our version. */
bool wiring_store_up(const struct wiring *wiring);

/* No new connections; what is open is answered. */
void wiring_drain(struct wiring *wiring);

/* Nothing is open and nothing is under way any more; the audit trail has been told so. */
bool wiring_idle(struct wiring *wiring);

void wiring_down(struct wiring *wiring);

/*
 * For the audit trail, before `running` adopts them: the changes that a reload
 * found, or that it was refused (`fresh` NULL).
 */
void wiring_note_reload(struct wiring *wiring, const struct config *running, const struct config *fresh);

/* After a reload of the configuration: gateways, limits, tokens and rules as they are now. */
void wiring_reload(struct wiring *wiring);

#endif
