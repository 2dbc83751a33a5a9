/*
 * What a process needs of its sandbox, out of its configuration.
 */
#ifndef TIPLINE_SYS_SANDBOX_PLAN_H
#define TIPLINE_SYS_SANDBOX_PLAN_H

#include "daemon/sys/config.h"
#include "daemon/sys/sandbox.h"

struct sandbox_needs {
	const char *config_file;      /* NULL: none was read */
	const char *store;            /* "unix:/PATH" of the private Redis; NULL: there is none */
};

/*
 * Every path that an option names is in it, the directory around it where a file
 * may be replaced, and what the libraries read of the system, which is not
 * /etc as a whole. `config` may gain texts (its default paths). The plan lives in `arena`.
 */
void sandbox_plan_make(struct config *config, const struct sandbox_needs *needs, struct arena *arena, struct sandbox_plan *plan);

#endif
