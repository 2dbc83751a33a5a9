/*
 * /sms/…: hands the request to the gateways, when there are any.
 */
#include "handlers/intake/sms_call.h"

#include "handlers/answer.h"
#include "handlers/intake/sms.h"

void sms_inbound(const struct call *call, struct http_exchange *exchange)
{
	if (call->app->sms == NULL)
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "no_such_gateway",
							    .detail = "No gateway of this name is configured." });
	else
		sms_serve(call->app->sms, exchange);
}
