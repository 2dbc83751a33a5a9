/*
 * What reading and writing SMGP share.
 */
#ifndef TIPLINE_CORE_SMS_SMGP_PARTS_H
#define TIPLINE_CORE_SMS_SMGP_PARTS_H

#include "daemon/core/sms/ismg.h"
#include "daemon/core/sms/smgp.h"

enum smgp_command {
	SMGP_LOGIN = 1,
	SMGP_SUBMIT = 2,
	SMGP_DELIVER = 3,
	SMGP_ACTIVE_TEST = 4,
	SMGP_EXIT = 6,
};

enum smgp_status {
	SMGP_DONE = 0,
	SMGP_BUSY = 1,
	SMGP_TOO_MANY_CONNECTIONS = 2,
	SMGP_BAD_STRUCTURE = 10,
	SMGP_SEQUENCE_REPEATED = 12,
	SMGP_BAD_LENGTH = 36,
	SMGP_NOT_NOW = 74,           /* hours in which this SP may not send */
	SMGP_OVER_QUOTA = 75,        /* messages of a day */
};

/* Optional parameters: tag 2, length 2, value. */
enum smgp_tag {
	SMGP_TAG_PROTOCOL_ID = 1,
	SMGP_TAG_HEADER = 2,         /* TP_udhi */
	SMGP_TAG_TOTAL = 9,          /* PkTotal */
	SMGP_TAG_NUMBER = 10,        /* PkNumber */
	SMGP_TAG_FROM_TYPE = 13,     /* SrcTermType: 1, then a pseudonym: */
	SMGP_TAG_FROM_PSEUDONYM = 14,
};

#define SMGP_ID 10
#define SMGP_NUMBER 21

void smgp_read(const struct link_config *config, unsigned version, struct span pdu, struct arena *arena,
	       struct link_event *event);

#endif
