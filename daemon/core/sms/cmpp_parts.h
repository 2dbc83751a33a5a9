/*
 * What reading and writing CMPP share.
 */
#ifndef TIPLINE_CORE_SMS_CMPP_PARTS_H
#define TIPLINE_CORE_SMS_CMPP_PARTS_H

#include "daemon/core/sms/cmpp.h"
#include "daemon/core/sms/ismg.h"

enum cmpp_command {
	CMPP_CONNECT = 1,
	CMPP_TERMINATE = 2,
	CMPP_SUBMIT = 4,
	CMPP_DELIVER = 5,
	CMPP_ACTIVE_TEST = 8,
};

/* Results of DELIVER_RESP; those of SUBMIT_RESP stand in cmpp_read.c. */
enum cmpp_result {
	CMPP_DONE = 0,
	CMPP_BAD_STRUCTURE = 1,
	CMPP_BAD_LENGTH = 4,
	CMPP_OTHER = 9,
};

#define CMPP_ID 8
#define CMPP_NUMBER 21

/* Octets of a subscriber's number: 21, then 32 and a type behind it. */
static inline size_t cmpp_subscriber(unsigned version)
{
	return version >= CMPP_3_0 ? 32 : CMPP_NUMBER;
}

/* What a login asks for. */
static inline unsigned cmpp_asked(const struct link_config *config, unsigned version)
{
	if (version != 0)
		return version;
	return config->version != NULL && config->version[0] == '2' ? CMPP_2_0 : CMPP_3_0;
}

void cmpp_read(const struct link_config *config, unsigned version, struct span pdu, struct arena *arena,
	       struct link_event *event);

#endif
