/*
 * Delivery reports: which message they are about, and what becomes of it.
 *
 * A report names our own id or the connector's, in any spelling
 * (core/sms/report_id.h). It moves the message on (sending.h), and when that
 * settles it the journal of its tip hears of it once, through the outbox. A
 * report that comes before the answer to its message is kept a day for it; one
 * about nothing of ours changes nothing.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_DELIVERIES_H
#define TIPLINE_HANDLERS_NOTIFY_DELIVERIES_H

#include "daemon/store/store.h"
#include "handlers/notify/sending.h"

struct deliveries;

struct deliveries_env {
	struct store *store;
	const struct seal_key *key;       /* the courier's */
	/* An intent was written to that shard's outbox; may be NULL. */
	void (*written)(void *ctx, struct span shard);
	void *ctx;
	int64_t (*wall_ms)(void);         /* NULL: clock_wall_ms */
};

struct deliveries_figures {
	uint64_t taken[SENDING_STATES];   /* parts that came to this state */
	uint64_t doubled;                 /* nothing new */
	uint64_t early;                   /* kept for an answer that may come; those about nothing of ours too */
	uint64_t senseless;               /* no id, or no state */
};

struct deliveries *deliveries_new(const struct deliveries_env *env);

/* What is open goes on without telling anybody; memory goes with the last of it. */
void deliveries_free(struct deliveries *deliveries);

/*
 * Takes one report of a connector. `done` is called once, perhaps within this
 * call: true: it is kept, or there is nothing to keep; false: the store is away
 * and the report should come again. The report's bytes are copied.
 */
void deliveries_take(struct deliveries *deliveries, struct span connector, const struct sms_message *report,
		  void (*done)(void *who, bool kept), void *who);

const struct deliveries_figures *deliveries_figures(const struct deliveries *deliveries);

/*
 * The intent that tells the tip's journal what became of the message; false:
 * there is nothing to tell yet, or no tip. `mark` is the record's.
 */
bool deliveries_intent(const struct seal_key *key, const struct sending *sending, const unsigned char mark[16],
		    struct arena *arena, struct store_outbox_put *put);

#endif
