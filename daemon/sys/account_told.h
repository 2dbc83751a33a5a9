/*
 * An account as it is told: to administrators, auditors and its owner, by HTTP and at the
 * command line. Neither hashes of codes nor sealed secrets are in it.
 */
#ifndef TIPLINE_SYS_ACCOUNT_TOLD_H
#define TIPLINE_SYS_ACCOUNT_TOLD_H

#include "daemon/base/json_out.h"
#include "daemon/sys/accounts.h"

/* The member "grants" alone: an array of them, those too that do not hold. */
void account_told_grants(const struct account *person, int64_t now_ms, struct json_out *json);

/* Opens an object, writes the members and leaves it open for more. */
void account_told_begin(const struct account *person, int64_t now_ms, struct json_out *json);

#endif
