/*
 * One try of a password or setup code: whether it is its turn, and how it ends.
 */
#ifndef TIPLINE_HANDLERS_TRY_H
#define TIPLINE_HANDLERS_TRY_H

#include "handlers/staff/device.h"
#include "handlers/staff/entry.h"

struct staff_try {
	const struct app *app;
	struct http_exchange *exchange;
	struct span account;             /* as it was typed; lives with the exchange */
	struct slowdown_try slow;        /* what it counts under; `device` empty: a new one */
	unsigned char device[DEVICE_NAME];
	bool secure;                     /* how the request came; the connection may be gone when it is answered */
};

/* False, and it was answered: nobody signs in here (503 sign_in_unavailable), or another site asks (403 cross_site). */
bool staff_try_allowed(const struct app *app, struct http_exchange *exchange);

/* False, and it was answered: it must wait (429 slow_down). */
bool staff_try_begin(struct staff_try *try, const struct app *app, struct http_exchange *exchange, struct span account);

/* The same for one who is signed in: the session is what it counts under. */
bool staff_try_begin_known(struct staff_try *try, const struct app *app, struct http_exchange *exchange, struct span account,
			   struct span session);

/* Of that account, as it is now. */
struct device_of staff_try_device(const struct staff_try *try);

/* It was right, whatever came of it; does not answer. */
void staff_try_succeeded(struct staff_try *try, enum entry_result result);

/* It was wrong: 401. */
void staff_try_refuse(struct staff_try *try, const char *code, const char *detail);

/* There was no place for it: 503 busy; it does not count. */
void staff_try_busy(struct staff_try *try);

#endif
