/*
 * An account as it is told: to administrators and auditors, by HTTP and at the
 * command line. Neither hashes of codes nor sealed secrets are in it.
 */
#ifndef TIPLINE_SYS_STAFF_TOLD_H
#define TIPLINE_SYS_STAFF_TOLD_H

#include "daemon/base/json_out.h"
#include "daemon/sys/staff_register.h"

/* Opens an object, writes the members and leaves it open for more. */
void staff_told_begin(const struct staff_person *person, int64_t now_ms, struct json_out *json);

#endif
