/*
 * What the files of the courier share; nobody else includes it.
 *
 *   courier.c            rounds, errands, and how their end is told
 *   courier_sms.c        a message to a gateway
 *   courier_transfer.c   a tip to its new shard
 *   courier_child.c      a child to its parent's shard
 *   courier_verified.c   a verified tip to the money journal
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_COURIER_INSIDE_H
#define TIPLINE_HANDLERS_NOTIFY_COURIER_INSIDE_H

#include "daemon/store/store.h"
#include "handlers/notify/child_errand.h"
#include "handlers/notify/courier.h"

#define ITEM_ID_MAX 64

enum errand_stage {
	ERRAND_WAITING,  /* behind the first eight */
	ERRAND_CARRIED,  /* on the wire */
	ERRAND_TELLING,  /* the store is being told */
	ERRAND_UNTOLD,   /* the store could not be told: again on the next tick, without sending */
};

struct errand {
	struct errand *next;
	struct courier *courier;
	struct arena arena;
	enum errand_stage stage;
	char shard[3];
	char id[ITEM_ID_MAX];
	unsigned attempts;
	struct outbox_item item;
	const struct gateway *gateway;   /* of an SMS that is on the wire */
	struct child_errand child;
	enum outbox_end end;
	unsigned delay_ms;
	struct span event;
};

struct courier {
	struct courier_env env;
	struct loop_timer *timer;
	struct round *rounds;
	struct errand *errands;  /* in order of arrival */
	size_t turn;             /* the shard that is asked first next time */
	size_t outstanding;      /* answers still to come */
	bool kicked;
	bool leaving;
	struct courier_figures figures;
};

/* --- courier.c ----------------------------------------------------------------------- */

/* First in every answer; false: the courier is gone or going, touch nothing. */
bool courier_answered(struct courier *courier);
int64_t courier_wall_ms(const struct courier *courier);
/* The errand ends as errand->end and errand->event say. */
void courier_tell(struct errand *errand);
/* It is tried again after a while. */
void courier_later(struct errand *errand);

/* --- one file each: begins the errand, which does not end within this call -------------- */

void courier_carry_sms(struct errand *errand);
void courier_carry_transfer(struct errand *errand);
void courier_carry_child(struct errand *errand);
void courier_carry_verified(struct errand *errand);

#endif
