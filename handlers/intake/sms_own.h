/*
 * What a message by SMS does with a tip that its own sender sent: look how it
 * stands, or add words to it. A tip that moved to another shard is followed.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_OWN_H
#define TIPLINE_HANDLERS_INTAKE_SMS_OWN_H

#include "daemon/core/journal/lifecycle.h"
#include "handlers/intake/sms_memory.h"

struct loop;
struct store;
struct store_named;
struct week_keys;

struct sms_own_asked {
	struct loop *loop;
	struct store *store;
	struct week_keys *weeks;
	const struct sms_own_tip *tip;
	struct span text;        /* empty: look only */
	bool open_only;          /* add nothing to a closed one */
	int64_t now_ms;
	const struct store_named *named;   /* the message that has the text */
};

enum sms_own_end {
	SMS_OWN_READ,      /* looked at, or closed and open_only: `state` */
	SMS_OWN_ADDED,     /* durable; now, or by the same message before */
	SMS_OWN_BEFORE,    /* the same message had its effect before, and not only here: it may be a tip */
	SMS_OWN_REFUSED,   /* not in the store yet, not any more, or it takes no more words */
	SMS_OWN_AWAY,      /* the store did not say */
};

struct sms_own_answer {
	enum sms_own_end end;
	enum tip_state state;    /* with READ, ADDED */
	struct tip_id id;        /* where the tip is now */
};

/* Calls `done` once, from the loop; all that was asked stays valid until then. The answer is borrowed. */
void sms_own_ask(const struct sms_own_asked *asked, void (*done)(void *who, const struct sms_own_answer *answer),
		 void *who);

#endif
