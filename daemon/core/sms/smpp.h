/*
 * SMPP 3.4 as a carrier's link (SMPP Protocol Specification v3.4, Issue 1.2).
 *
 * We are the ESME: bind, submit_sm out; deliver_sm and data_sm in, as messages
 * or as delivery reports. All is pure; daemon/link/ has the socket.
 *
 *   smpp_read.c      octets to events
 *   smpp_write.c     values to PDUs
 *   smpp_receipt.c   delivery reports: TLVs first, then Appendix B as it is really written
 */
#ifndef TIPLINE_CORE_SMS_SMPP_H
#define TIPLINE_CORE_SMS_SMPP_H

#include "daemon/core/sms/link_protocol.h"

extern const struct link_protocol link_smpp;

#endif
