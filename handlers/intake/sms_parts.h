/*
 * Long SMS: parts into the store, groups out of it as tips.
 *
 * A part is durable before the gateway is answered. A group that is whole
 * becomes a tip at once; what is still there when its time is up, or when the
 * daemon died in between, is found once a second and becomes a tip with the
 * gaps shown. The request id is made of group and text, so whoever else finds
 * the same group makes no second tip of it.
 *
 * A part that comes after its tip was made waits a minute for others that would
 * make it a new message with the old reference; then it is added to the tip,
 * without an answer. Where nothing can be added any more it is a tip of its own.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_PARTS_H
#define TIPLINE_HANDLERS_INTAKE_SMS_PARTS_H

#include "daemon/core/tip/seal.h"
#include "handlers/intake/gateway.h"
#include "handlers/intake/intake.h"
#include "handlers/intake/sms_hear.h"

struct loop;
struct sms_parts;
struct store;
struct week_keys;

struct sms_parts_env {
	struct loop *loop;
	struct store *store;
	struct week_keys *weeks;
	struct sms_hear *hear;       /* outlives what is open here */
	const struct seal_key *key;
	unsigned timeout_ms;         /* how long the parts of a message are waited for */
	unsigned period_ms;          /* between two looks at the store; 0: one second */
};

struct sms_parts_figures {
	uint64_t stored;
	uint64_t joined;       /* whole texts */
	uint64_t incomplete;   /* texts with gaps */
	uint64_t late;         /* added to a tip that was made without them */
	uint64_t claims;       /* texts about a receipt code */
	uint64_t data;         /* groups that were no text */
	uint64_t unreadable;   /* groups this key does not open */
};

struct sms_parts *sms_parts_new(const struct sms_parts_env *env);
/*
 * What is open is left to the store. Memory goes with the last answer that is outstanding.
 */
void sms_parts_free(struct sms_parts *parts);

/*
 * Stores a part. `done` is called once, perhaps within this call; with false
 * the gateway has to send it again. Message and gateway stay valid until then.
 */
void sms_parts_put(struct sms_parts *parts, struct span gateway, const struct sms_message *message,
		   int64_t received_ms, void (*done)(void *ctx, bool durable), void *ctx);

const struct sms_parts_figures *sms_parts_figures(const struct sms_parts *parts);

#endif
