/*
 * A mail server that says anything: the talk ends or goes on, says what it has to
 * in its order, and never takes a message for accepted that was not given.
 */
#include "daemon/http/smtp_talk.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const to[] = { "a@x", "b@x", NULL };
	const struct smtp_letter letter = { .from = "t@x", .to = to, .message = SPAN("Subject: 1\r\n\r\n.\r\n") };
	struct smtp_talk talk;
	struct buf said = { 0 };
	bool given;

	smtp_talk_begin(&talk, &letter, &said);
	(void)smtp_talk_hear(&talk, span_from(data, size), &said);
	given = span_find(buf_span(&said), SPAN("\r\n..\r\n.\r\n")) < said.len;
	assert(given || (talk.outcome != SMTP_ACCEPTED && talk.outcome != SMTP_UNKNOWN));
	assert(talk.outcome != SMTP_UNKNOWN || talk.stage == SMTP_AT_END);
	smtp_talk_release(&talk);
	buf_release(&said);
	return 0;
}
