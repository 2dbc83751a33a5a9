/*
 * The call under /sms/ as the route table knows it.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_CALL_H
#define TIPLINE_HANDLERS_INTAKE_SMS_CALL_H

#include "handlers/endpoint.h"

void sms_inbound(const struct call *call, struct http_exchange *exchange);

#endif
