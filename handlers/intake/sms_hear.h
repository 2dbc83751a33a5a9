/*
 * A whole message by SMS, wherever it came from: what becomes of it, what is
 * said, what is remembered.
 *
 *   limit     one from the bucket of that telephone, here and in the store waits
 *   recall    the memory of that telephone                            waits
 *   decide    the words, the table of sms_talk.h                      pure
 *   act       file a tip, add to one, look, ask the desk              waits
 *   say       at most one line, into the outbox                       waits
 *   keep      the memory, if nobody else changed it since             waits
 *
 * Messages of one telephone go one after the other. When the store is away a
 * clue is filed all the same (the spool takes it) without an answer; everything
 * else has to come again, and a wish to stop holds from then on (sms_wishes.h).
 * What a telephone writes beyond its limit has to come again too: nothing of it
 * is lost, and the carrier's queue holds the flood.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_HEAR_H
#define TIPLINE_HANDLERS_INTAKE_SMS_HEAR_H

#include "daemon/core/sms/hours.h"
#include "handlers/intake/gateway.h"
#include "handlers/intake/intake.h"
#include "handlers/intake/sms_desk.h"
#include "handlers/intake/sms_reply.h"

struct limits;
struct loop;
struct store;
struct sms_hear;

struct sms_policy {
	bool answers;            /* sms.reply is not "none" */
	unsigned per_day;        /* answers to one telephone; 0: five */
	unsigned per_minute;     /* answers to all of them, of this process; 0: no limit */
	unsigned code_s;         /* how long the receipt code may be asked for; 0: never */
	unsigned memory_s;       /* how long a telephone and its tips are remembered; 0: thirty days */
	size_t text_max;         /* bytes that a tip may have: a longer text becomes several; 0: as they come */
	struct sms_hours quiet;
	struct span areas;       /* core/sms/area.h; outlives it */
};

struct sms_hear_env {
	struct loop *loop;
	struct store *store;
	struct intake *intake;
	struct week_keys *weeks;
	struct sms_desk desk;                /* ask NULL: no text is about a receipt code */
	const struct seal_key *courier_key;  /* answers */
	const struct seal_key *requests_key; /* memory, marks */
	struct sms_policy policy;
	/* An intent of that shard is in the outbox now; may be NULL. */
	void (*outbox_written)(void *ctx, struct span shard);
	void *ctx;
	const char *wishes_file;             /* sms_wishes.h; NULL: none */
	struct limits *limits;               /* NULL: none */
	int64_t now_ms;                      /* when it begins */
};

/* Stays valid until the end. */
struct sms_heard {
	struct span text, sender, destination, gateway;
	struct span request;     /* names the message over all its deliveries */
	/*
	 * 0; or the request is made of what the message says alone, and this tells one
	 * saying of it from the next (sms_repeats.h), where the memory does not.
	 */
	uint64_t number;
	int64_t received_ms;
	bool answers;            /* a telephone that may get answers, through what can send them */
};

enum sms_heard_as {
	SMS_AS_TIP,              /* accepted, now or by the same message before */
	SMS_AS_SUPPLEMENT,
	SMS_AS_CLAIM,            /* about a receipt code; what stood beside it may be a tip */
	SMS_AS_QUESTION,         /* status, code, help, language, start */
	SMS_AS_STOP,
	SMS_AS_REPETITION,       /* it had its effect before */
	SMS_AS_NOTHING,          /* not taken */
};

const char *sms_heard_name(enum sms_heard_as as);

struct sms_heard_end {
	enum sms_result result;  /* SMS_AGAIN: nothing was done that a repetition does not find */
	enum sms_heard_as as;
	struct tip_id id;        /* of the tip that was filed; text empty: none */
	struct receipt_code code; /* of that tip; to be wiped by who copies it */
};

struct sms_hear *sms_hear_new(const struct sms_hear_env *env);
/* What is being heard goes on; memory goes with the last of it. */
void sms_hear_free(struct sms_hear *hear);

/* Calls `done` once, from the loop, never from within this call. The end is borrowed. */
void sms_hear(struct sms_hear *hear, const struct sms_heard *heard, void (*done)(void *who, const struct sms_heard_end *end),
	      void *who);

#endif
