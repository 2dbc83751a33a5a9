/*
 * What was seen of gateways and links; see sms_seen.h.
 */
#include "handlers/intake/sms_seen.h"

#include <stdio.h>
#include <string.h>

const char *sms_fault_name(enum sms_fault fault)
{
	static const char *const names[SMS_FAULTS] = {
		[SMS_FAULT_FORBIDDEN] = "forbidden",
		[SMS_FAULT_MALFORMED] = "malformed",
		[SMS_FAULT_AGAIN] = "again",
	};

	return fault < SMS_FAULTS ? names[fault] : NULL;
}

const struct sms_seen *sms_seen_find(const struct sms_sightings *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->at[i].name, name) == 0)
			return &all->at[i];
	return NULL;
}

static int64_t last_of(const struct sms_seen *seen)
{
	return seen->message_ms > seen->fault_ms ? seen->message_ms : seen->fault_ms;
}

static struct sms_seen *room(struct sms_sightings *all)
{
	struct sms_seen *oldest = &all->at[0];

	if (all->n < SMS_SEEN_MAX)
		return &all->at[all->n++];
	for (size_t i = 1; i < all->n; i++)
		if (last_of(&all->at[i]) < last_of(oldest))
			oldest = &all->at[i];
	return oldest;
}

static struct sms_seen *seen_of(struct sms_sightings *all, const char *name)
{
	const struct sms_seen *known = sms_seen_find(all, name);
	struct sms_seen *seen;

	if (known != NULL)
		return &all->at[known - all->at];
	seen = room(all);
	*seen = (struct sms_seen){ .messages = 0 };
	snprintf(seen->name, sizeof(seen->name), "%s", name);
	return seen;
}

void sms_seen_message(struct sms_sightings *all, const char *name, int64_t now_ms)
{
	struct sms_seen *seen = seen_of(all, name);

	seen->messages++;
	seen->message_ms = now_ms;
}

void sms_seen_fault(struct sms_sightings *all, const char *name, enum sms_fault fault, int64_t now_ms)
{
	struct sms_seen *seen = seen_of(all, name);

	seen->faults++;
	seen->fault = fault;
	seen->fault_ms = now_ms;
}
