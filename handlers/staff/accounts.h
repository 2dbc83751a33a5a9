/*
 * Accounts of staff for administrators, and for auditors to read.
 */
#ifndef TIPLINE_HANDLERS_STAFF_ACCOUNTS_H
#define TIPLINE_HANDLERS_STAFF_ACCOUNTS_H

#include "handlers/endpoint.h"

/* GET /api/v1/accounts: those with a part in the caller's region, or in none yet. */
void account_list(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/accounts/{person} */
void account_read(const struct call *args, struct http_exchange *exchange);

/* POST /api/v1/accounts {person, name}: 201 with the setup code, shown once. */
void account_post(const struct call *args, struct http_exchange *exchange);

/*
 * POST /api/v1/accounts/{person}/{action}: grant {role, region, from, until},
 * revoke {role, region}, suspend, restore, recover, cancel_recovery, sign_out. What may be ordered by whom:
 * daemon/sys/account_order.h.
 */
void account_act(const struct call *args, struct http_exchange *exchange);

#endif
