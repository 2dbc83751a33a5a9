/*
 * Messages of links to carriers (daemon/link/links.h) on their way in: as the
 * carrier delivered them, through the one door (sms.h), and back to the carrier
 * as its answer. What came in one turn of the loop goes in together.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_LINK_H
#define TIPLINE_HANDLERS_INTAKE_SMS_LINK_H

#include "daemon/link/links.h"
#include "handlers/intake/sms.h"

#define SMS_LINK_BATCH ((size_t)64)   /* the most that goes in together */

struct sms_link;

struct sms_link_env {
	struct loop *loop;
	struct sms *sms;
	const char *home;        /* calling code of the home country, or "" */
	void (*answer)(void *ctx, struct link_ref ref, enum link_answer answer);
	void *ctx;
};

struct sms_link *sms_link_new(const struct sms_link_env *env);

/* Answers no more; memory goes with the last message that is under way. NULL does nothing. */
void sms_link_free(struct sms_link *in);

/* The message is copied. answer() follows once, never from within this call. The link's name and sender must live until then. */
void sms_link_take(struct sms_link *in, const struct link_config *link, const struct link_message *message,
		   struct link_ref ref);

/* The same for a delivery report. */
void sms_link_take_report(struct sms_link *in, const struct link_config *link, const struct link_report *report,
			  struct link_ref ref);

#endif
