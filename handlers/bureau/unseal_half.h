/*
 * The two halves of the key that opens identities, as far as one call for one
 * tip touches them: the half of who asks, the first one's half that waits, and
 * both together for the moment of opening.
 *
 * A half is in clear within these functions alone, and in the memory where it
 * waits (daemon/sys/share_waits.h). The caller has keyrings.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_UNSEAL_HALF_H
#define TIPLINE_HANDLERS_BUREAU_UNSEAL_HALF_H

#include "daemon/core/tip/tip.h"
#include "handlers/app.h"
#include "handlers/endpoint.h"

struct share_waits;

/* Those that wait; what is too old is wiped first. */
struct share_waits *unseal_waits(const struct app *app);

/* 1 or 2; 0: the person has no half, or what they came in with does not open it. */
unsigned unseal_half_of(const struct app *app, const struct staff *staff);

/* The person's half waits for the other one, `wait_s` at most. False: it is another by now, or somebody's waits already. */
bool unseal_half_wait(const struct app *app, const struct staff *staff, const struct tip_id *id, unsigned half, unsigned wait_s);

/*
 * The private key of identities, out of the person's half and the one of
 * `first` that waits, which is wiped there. False, and no key: it waits no more
 * or is another one's, or one of the two has lost the half meanwhile. The
 * caller wipes the key.
 */
bool unseal_halves_join(const struct app *app, const struct staff *staff, const struct tip_id *id, unsigned half, const char *first,
			unsigned char secret_key[32]);

#endif
