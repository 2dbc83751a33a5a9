/*
 * SMGP 3.0.3, China Telecom's protocol, as a carrier's link.
 *
 * We are the SP: Login, Submit out; Deliver in, as messages or as delivery
 * reports. A link may be logged in for one direction (LoginMode). Like CMPP it
 * sends again what has no answer, so a message that cannot be stored gets none.
 */
#ifndef TIPLINE_CORE_SMS_SMGP_H
#define TIPLINE_CORE_SMS_SMGP_H

#include "daemon/core/sms/link_protocol.h"

#define SMGP_3_0 0x30

extern const struct link_protocol link_smgp;

#endif
