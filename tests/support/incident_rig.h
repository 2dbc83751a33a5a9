/*
 * The handlers wired for tests (app_rig.h), with what tests about incidents
 * need: tips of known order, the officer's calls, the linker's facts, rows,
 * journal and outbox as they lie in the store.
 */
#ifndef TIPLINE_TESTS_INCIDENT_RIG_H
#define TIPLINE_TESTS_INCIDENT_RIG_H

#include "tests/support/app_rig.h"

#define ORDOS "鄂尔多斯市东胜区的砖厂关着人不让走，有个孩子在哭"
#define BEIJING "北京市东城区的饭店有人被打"

struct incident_rig {
	struct app_rig rig;
	struct arena arena;
	const char *officer;   /* fields with a token, whole country */
	uint64_t fence;        /* of the linker's lease in the shard asked last */
};

void incident_rig_open(struct incident_rig *r);
void incident_rig_close(struct incident_rig *r);

/* A tip with these words; `second` orders them. */
struct tip_id incident_rig_tip(struct incident_rig *r, const char *text, unsigned second);

/* The same while the loop runs: from a timer of a test, say. Nobody waits for its answer. */
void incident_rig_tip_later(struct incident_rig *r, const char *text);

const char *incident_rig_bearer(struct incident_rig *r, const char *person, unsigned roles, const char *region);

/* POST /api/v1/tips/{id}/{action} with {"tip":other}, with no body when other is NULL, or with this body. */
struct rig_answer incident_rig_say(struct incident_rig *r, const char *who, const struct tip_id *id,
				   const char *action, const struct tip_id *other);
struct rig_answer incident_rig_post(struct incident_rig *r, const char *who, const struct tip_id *id,
				    const char *action, const char *body);

/* GET /api/v1/{what}/{id}; fields may say more than the token. */
struct rig_answer incident_rig_get(struct incident_rig *r, const char *who, const char *what,
				   const struct tip_id *id);

/* The linker's fact about two tips ("place,wording", 61 percent), under its lease. */
enum store_verdict incident_rig_linker(struct incident_rig *r, enum store_link_kind kind, const struct tip_id *id,
				       const struct tip_id *other);

/* The same by nobody's lease, and past the double. */
enum store_verdict incident_rig_link_now(struct incident_rig *r, const struct tip_id *id, const struct tip_id *other);

/* The linker has other points for a tip: what is in `context` (score_context.h). */
enum store_verdict incident_rig_score(struct incident_rig *r, const struct tip_id *id, unsigned points,
				      const char *context);

/* `child`, of another shard, hangs under the tip: what the courier brings. */
void incident_rig_child(struct incident_rig *r, const struct tip_id *id, const struct tip_id *child);

/* The officer claims all and transfers this one to another shard; it does not arrive there. */
void incident_rig_send_away(struct incident_rig *r, const struct tip_id *id, const char *region);

/* ...and now it does. */
struct tip_id incident_rig_arrive(struct incident_rig *r, const struct tip_id *from, const char *region);

/* The tip passes to that region, a level above its own, since nobody opened it; from its queue. */
void incident_rig_raise(struct incident_rig *r, const struct tip_id *id, const char *region);

/* Asks the store, past the double: what it answers is valid until the rig closes. Aborts when it is not done. */
const struct store_reply *incident_rig_ask(struct incident_rig *r, const struct store_request *request);

/* As the store has it; fails when there is none. Valid until the rig closes. */
const struct store_row *incident_rig_row(struct incident_rig *r, const struct tip_id *id);

/* Up by the rows' parents. */
struct tip_id incident_rig_root(struct incident_rig *r, const struct tip_id *id);

size_t incident_rig_events(struct incident_rig *r, const char *shard);

/* True when an event of the shard has both parts. */
bool incident_rig_journal(struct incident_rig *r, const char *shard, const char *part, const char *other);

/* The newest intent in the outbox of a shard; not given out before. */
struct span incident_rig_intent(struct incident_rig *r, const char *shard);

#endif
