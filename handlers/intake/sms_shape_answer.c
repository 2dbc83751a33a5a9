/*
 * What a gateway that is described by configuration is told: "200 {"code":0}",
 * status and body; see sms_shape.h.
 */
#include "handlers/intake/sms_shape.h"

/* "200 BODY" or "200"; false for anything else. */
static bool read_answer(const char *option, struct http_reply *reply)
{
	struct span rest = span_of(option), digits;
	uint64_t status;

	if (!span_cut(&rest, ' ', &digits) || digits.len != 3 || !span_u64(digits, &status) || status < 200)
		return false;
	*reply = (struct http_reply){ .status = (int)status, .type = "text/plain", .body = SPAN("") };
	if (rest.len > 0)
		reply->body = rest;
	if (span_starts(rest, SPAN("{")) || span_starts(rest, SPAN("[")))
		reply->type = "application/json";
	else if (span_starts(rest, SPAN("<")))
		reply->type = "text/xml";
	return true;
}

void sms_shape_answer(const struct gateway_config *config, enum sms_result result, struct http_reply *reply)
{
	static const int statuses[] = { [SMS_TAKEN] = 200, [SMS_AGAIN] = 503, [SMS_NEVER] = 400 };
	const char *const options[] = { [SMS_TAKEN] = config->shape.answer_done, [SMS_AGAIN] = config->shape.answer_later,
					[SMS_NEVER] = config->shape.answer_never };

	if (!sms_is_set(options[result]) || !read_answer(options[result], reply))
		*reply = (struct http_reply){ .status = statuses[result], .type = "text/plain", .body = SPAN("") };
}

bool sms_shape_answer_fits(const struct gateway_config *config, struct complaint *why)
{
	const char *const options[] = { "answer_done", config->shape.answer_done, "answer_later", config->shape.answer_later,
					"answer_never", config->shape.answer_never };
	struct http_reply reply;

	for (size_t i = 0; i < 6; i += 2)
		if (sms_is_set(options[i + 1]) && !read_answer(options[i + 1], &reply))
			return complain(why, 0, "%s: a status, and a body behind a blank, is expected: 200 {\"code\":0}",
					options[i]);
	/* Who is told "taken" when it was not forgets the message. */
	if (sms_is_set(config->shape.answer_done) && sms_is_set(config->shape.answer_later) &&
	    strcmp(config->shape.answer_done, config->shape.answer_later) == 0)
		return complain(why, 0, "answer_later: the same as answer_done; the gateway could not tell them apart");
	return true;
}
