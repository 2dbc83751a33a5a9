/*
 * What a carrier sends to tell that a picture message (MMS) waits: a WAP push
 * to port 2948 or 9200 (WAP-230-WSP 8.2.4.1, 8.4; OMA-MMS-ENC 6.2).
 *
 * Read as far as it names the notice: transaction and sender stand in front. The
 * address of the content is passed over and never fetched: it would tell a
 * carrier that somebody reads here. Pure; octets past the end are never read.
 */
#ifndef TIPLINE_CORE_SMS_MMS_NOTICE_H
#define TIPLINE_CORE_SMS_MMS_NOTICE_H

#include "daemon/base/span.h"

enum mms_push {
	MMS_NO_PUSH,      /* something else for a program on the telephone */
	MMS_OTHER_PUSH,   /* about an MMS, and no notice: a report */
	MMS_NOTICE,
};

struct mms_notice {
	struct span transaction;   /* the same each time the carrier tells it; or empty */
	struct span from;          /* "+8613800138000", without "/TYPE=PLMN"; or empty: the sender hides */
};

/* Spans are borrowed from the octets, which may be the first part of several. */
enum mms_push mms_notice_read(struct span octets, struct mms_notice *out);

#endif
