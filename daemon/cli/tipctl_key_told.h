/*
 * Changes of keys in the audit trail, from the command line: written down before
 * the change (sys/key_changes.h), told to the trail behind it, or left to the
 * daemon when the store is away.
 */
#ifndef TIPLINE_CLI_KEY_TOLD_H
#define TIPLINE_CLI_KEY_TOLD_H

#include "daemon/cli/tipctl_key_giving.h"
#include "daemon/core/journal/trail_event.h"
#include "daemon/sys/key_changes.h"

#define KEY_TOLD_MAX 256

struct key_told {
	const struct key_giving *giving;
	struct arena arena;
	struct span lines[KEY_TOLD_MAX];
	size_t n;
};

struct key_told_what {
	enum trail_kind kind;      /* TRAIL_KEY_... */
	const char *command;       /* "key_grant" */
	const char *token;         /* id of the token that opened it; NULL: none did */
	const char *id;            /* what opens: "bureau", "identity-share-1" */
	const char *region;        /* NULL: of none */
	struct span to;            /* the person; empty: nobody in particular */
};

/* key_told_end() must follow, whatever the result. */
void key_told_begin(struct key_told *told, const struct key_giving *giving);

/* Notes what is about to be done. False: it cannot be written down, and must not be done. */
bool key_told_note(struct key_told *told, const struct key_told_what *what, struct complaint *why);

/* `done`: what was noted has happened. Tells the trail, or on standard error that the daemon will. */
void key_told_end(struct key_told *told, bool done);

#endif
