/*
 * When each gateway and link last brought a message, and what went wrong last:
 * what an administrator wants to know of them. Counted since the start of the
 * process; nothing of the messages is kept. Pure.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_SEEN_H
#define TIPLINE_HANDLERS_INTAKE_SMS_SEEN_H

#include <stddef.h>
#include <stdint.h>

#define SMS_SEEN_MAX 32        /* gateways and links; beyond it the one that was not seen for longest goes */
#define SMS_SEEN_NAME_MAX 32

enum sms_fault {
	SMS_FAULT_NONE,
	SMS_FAULT_FORBIDDEN,   /* wrong secret, or from another address */
	SMS_FAULT_MALFORMED,   /* could not be read */
	SMS_FAULT_AGAIN,       /* could not be stored, or too many at once: it comes again */
	SMS_FAULTS,
};

struct sms_seen {
	char name[SMS_SEEN_NAME_MAX + 1];
	uint64_t messages, faults;
	int64_t message_ms, fault_ms;   /* of the last; 0: none */
	enum sms_fault fault;
};

/* Zeroes: none was seen. */
struct sms_sightings {
	struct sms_seen at[SMS_SEEN_MAX];
	size_t n;
};

void sms_seen_message(struct sms_sightings *all, const char *name, int64_t now_ms);
void sms_seen_fault(struct sms_sightings *all, const char *name, enum sms_fault fault, int64_t now_ms);

/* NULL: it was not seen since the start. */
const struct sms_seen *sms_seen_find(const struct sms_sightings *all, const char *name);

/* "forbidden", "malformed", "again"; NULL for none. */
const char *sms_fault_name(enum sms_fault fault);

#endif
