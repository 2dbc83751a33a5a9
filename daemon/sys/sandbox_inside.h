/*
 * What the files of the sandbox share; nobody else includes it.
 *
 *   sandbox.c        in which order it comes to hold
 *   sandbox_calls.c  the allow list of system calls
 *   sandbox_files.c  Landlock, by bare system calls
 *   sandbox_plan.c   what a configuration needs
 */
#ifndef TIPLINE_SYS_SANDBOX_INSIDE_H
#define TIPLINE_SYS_SANDBOX_INSIDE_H

#include "daemon/sys/sandbox.h"

bool sandbox_calls_enter(const struct sandbox_plan *plan, struct complaint *why);

/* `abi` is at least SANDBOX_LANDLOCK_LEAST. */
bool sandbox_files_enter(const struct sandbox_plan *plan, unsigned abi, struct complaint *why);

#define SANDBOX_LANDLOCK_LEAST 2   /* files may be moved between directories */

#endif
