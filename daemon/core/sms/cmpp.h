/*
 * CMPP 2.0 and 3.0, China Mobile's protocol, as a carrier's link.
 *
 * We are the SP: CONNECT, SUBMIT out; DELIVER in, as messages or as delivery
 * reports. A login that asks for 3.0 and is told that this is too high asks for
 * 2.0 from then on; an answer in the form of 2.0 means that the peer speaks
 * that. What the carrier sends of itself as proof (AuthenticatorISMG) shows that
 * it knows the secret, and no more: who stands between can pass it on, so a line
 * that needs more needs a tunnel.
 *
 * A message that cannot be stored is not answered: the protocol promises to
 * send again what has no answer, and nothing of what was answered with an error.
 */
#ifndef TIPLINE_CORE_SMS_CMPP_H
#define TIPLINE_CORE_SMS_CMPP_H

#include "daemon/core/sms/link_protocol.h"

enum cmpp_version {
	CMPP_2_0 = 0x20,
	CMPP_3_0 = 0x30,
};

extern const struct link_protocol link_cmpp;

#endif
