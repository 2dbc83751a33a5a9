/*
 * What holds for every protocol of a link, whatever the octets: for its fuzz target.
 */
#ifndef TIPLINE_TESTS_FUZZ_LINK_H
#define TIPLINE_TESTS_FUZZ_LINK_H

#include "daemon/core/sms/link_protocol.h"
#include "daemon/core/sms/message.h"

#include <assert.h>
#include <stdlib.h>

/* Within the PDU, when it is not in the arena: the sanitizer sees to what is read of it. */
static inline void fuzz_touch(struct span s)
{
	unsigned sum = 0;

	for (size_t i = 0; i < s.len; i++)
		sum += (unsigned char)s.at[i];
	assert(sum <= s.len * 255);
}

static inline void fuzz_whole(const struct link_protocol *protocol, struct buf *out)
{
	assert(out->len == 0 || protocol->frame(buf_span(out)) == out->len);
	buf_clear(out);
}

static inline void fuzz_message(const struct link_message *m, struct arena *arena)
{
	static const struct sms_numbers numbers = { .home = "86" };
	struct sms_message message;

	fuzz_touch(m->key);
	fuzz_touch(m->from);
	fuzz_touch(m->to);
	fuzz_touch(m->header);
	fuzz_touch(m->octets);
	assert(m->coding < SMS_CODINGS);
	sms_message_read(m, &numbers, arena, &message);
	assert(!m->pseudonym || !message.may_answer);
}

static inline void fuzz_event(const struct link_protocol *protocol, const struct link_event *event, struct arena *arena)
{
	struct buf out = { 0 };

	if (event->kind == LINK_EV_MESSAGE || event->kind == LINK_EV_REPORT) {
		for (enum link_answer answer = LINK_TAKEN; answer <= LINK_NEVER; answer++) {
			protocol->write_answer(event, answer, event->version, &out);
			assert(answer != LINK_TAKEN || out.len > 0);
			fuzz_whole(protocol, &out);
		}
		if (event->kind == LINK_EV_MESSAGE)
			fuzz_message(&event->message, arena);
		fuzz_touch(event->report.id);
		fuzz_touch(event->report.reason);
		assert(event->report.id.len <= LINK_ID_MAX);
	}
	fuzz_touch(event->id);
	assert(event->id.len <= LINK_ID_MAX);
	if (protocol->write_unknown != NULL)
		protocol->write_unknown(event, &out);
	fuzz_whole(protocol, &out);
	protocol->write_alive_answer(event, &out);
	fuzz_whole(protocol, &out);
	buf_release(&out);
}

/* Each PDU is read from memory of its own, so that the sanitizer sees every step past its end. */
static inline void fuzz_link_stream(const struct link_protocol *protocol, const struct link_config *config,
				    unsigned version, struct span stream)
{
	size_t len;

	while ((len = protocol->frame(stream)) != 0 && len != SIZE_MAX && len <= stream.len) {
		struct arena arena = { 0 };
		struct link_event event;
		char *copy = malloc(len);

		assert(copy != NULL && len <= LINK_PDU_MAX);
		memcpy(copy, stream.at, len);
		protocol->read(config, version, span_from(copy, len), &arena, &event);
		fuzz_event(protocol, &event, &arena);
		arena_release(&arena);
		free(copy);
		stream = span_from_offset(stream, len);
	}
}

#endif
