/*
 * All handlers wired as in the daemon, but on the store in memory, for tests:
 * real keys, real tables, real listeners on free ports of the loopback.
 */
#ifndef TIPLINE_TESTS_APP_RIG_H
#define TIPLINE_TESTS_APP_RIG_H

#include "daemon/sys/config.h"
#include "daemon/store/spool.h"
#include "daemon/sys/tokens.h"
#include "handlers/endpoint.h"
#include "tests/support/store_double.h"

struct app_rig {
	struct loop *loop;
	struct config config;
	struct app app;
	struct store_double *store;
	struct site_owner owners[SITES];
	char home[64];
	char files_dir[96];
	char spool_dir[96];
	struct buf answer;       /* of the last app_rig_ask() */
};

/* `sets` are "KEY=VALUE" of the configuration, ended by NULL; or NULL. Aborts when something fails. */
void app_rig_open(struct app_rig *rig, const char *const *sets);
void app_rig_close(struct app_rig *rig);

/* Frees what all rigs of the process share: keys, tables, pages. */
void app_rig_done(void);

/* Runs the loop until nothing is posted any more. */
void app_rig_settle(struct app_rig *rig);

/* Runs the loop for that long. */
void app_rig_run(struct app_rig *rig, unsigned ms);

/* Opens the spool anew with these limits. */
void app_rig_spool(struct app_rig *rig, uint64_t max_bytes);

/* A token for a person with these roles over that region; text in the arena. */
const char *app_rig_token(struct app_rig *rig, const char *person, unsigned roles, const char *region,
			  struct arena *arena);

struct rig_answer {
	int status;          /* 0: the connection ended without one */
	struct span head;
	struct span body;
};

/*
 * Sends these bytes over a connection of their own and runs the loop until the
 * server closes it. Valid until the next call. The request should say
 * "Connection: close".
 */
struct rig_answer app_rig_send(struct app_rig *rig, enum site site, struct span bytes);

/* A request with fields ("A: b\r\n..."; NULL: none) and a body; Host, length and close are put. */
struct rig_answer app_rig_ask(struct app_rig *rig, enum site site, const char *method, const char *path,
			      const char *fields, struct span body);

/* The value of a text member of a flat JSON answer, as it stands; empty when absent. */
struct span rig_member(struct span json, const char *name);

bool rig_has(struct span text, const char *part);

#endif
