/*
 * Rails in tests: settings of the rails `http` and `wechat` that the fake
 * provider knows, an instruction, and the provider's signatures. Run from the
 * root of the repository.
 */
#ifndef TIPLINE_TESTS_RAIL_RIG_H
#define TIPLINE_TESTS_RAIL_RIG_H

#include "handlers/payout/rail.h"
#include "handlers/payout/voucher.h"

#define RAIL_RIG_ID "R7A2B3C4D5E6F7G8H9J0K1M2N3"
#define RAIL_RIG_NOW_MS INT64_C(1763740800000)   /* 2025-11-21T16:00:00Z */

struct rail_rig {
	struct arena arena;       /* of the whole test */
	const struct rail *rail;
	struct rail_config config;
	struct rail_instruction instruction;
	struct rail_job job;
	struct rail_request asked;
	struct rail_report report;
	struct complaint why;
	struct http_response answer;
};

/* `driver`: "http", "wechat" or "voucher"; url: NULL for one that nobody listens at. */
void rail_rig_begin(struct rail_rig *rig, const char *driver, const char *url);
void rail_rig_end(struct rail_rig *rig);

/* An answer to rig->asked as the provider would sign it. */
void rail_rig_answer(struct rail_rig *rig, int status, const char *body);
void rail_rig_answer_span(struct rail_rig *rig, int status, struct span body);

/* A callback as the provider would sign it. */
void rail_rig_hook(struct rail_rig *rig, struct span body, struct http_request *request);

/* The value of a field of rig->asked, or NULL. */
const char *rail_rig_field(const struct rail_rig *rig, const char *name);

/* A file under tests/data/wechat. */
struct span rail_rig_file(struct rail_rig *rig, const char *name);

#endif
