/*
 * How far a sealed log is and whether it is well: read from its files, and
 * asked of who seals and witnesses it.
 */
#ifndef TIPLINE_HANDLERS_LOG_LOG_STATE_H
#define TIPLINE_HANDLERS_LOG_LOG_STATE_H

#include "daemon/base/json_out.h"
#include "handlers/log/logs.h"

struct log_state {
	bool any;                   /* there is a checkpoint: */
	uint64_t size;              /* leaves; 0 without one */
	struct merkle_hash root;
	bool is_signed;             /* by the log's key */
	bool dated;                 /* its batch is on record: */
	int64_t sealed_ms;
	bool known;                 /* this process knows of */
	struct log_health health;
};

void log_state_read(struct logs *logs, struct sealed_log *log, struct log_state *state);

/* "sealed", "refusing", "quorum", "quorum_missing_since"; null for what is not known. */
void log_state_put(const struct log_state *state, struct json_out *json);

#endif
