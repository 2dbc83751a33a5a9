/*
 * Octets of a carrier: what is framed is read without going past its end, and what is read keeps its promises. Then
 * the same octets to a whole dialog, in pieces, which never asks for more than it may and ends each submit once.
 */
#include "daemon/core/sms/smpp.h"
#include "daemon/link/dialog.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct link_config config = { .name = "carrier", .protocol = "smpp", .account = "tip", .password = "secret",
					   .system_type = "", .service = "", .sender = "106900", .coding0 = "gsm7",
					   .window = 3, .keepalive_s = 30, .answer_s = 20 };

struct talk {
	struct dialog *dialog;
	unsigned submitted, ended;
	uint64_t numbers;
};

static bool within(struct span part, struct span whole)
{
	return part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void check_event(const struct link_event *event, struct span pdu)
{
	const struct link_message *m = &event->message;

	if (event->kind == LINK_EV_MESSAGE) {
		assert(within(m->octets, pdu) && within(m->header, pdu) && within(m->key, pdu));
		assert(m->header.len == 0 || m->header.len == (size_t)(unsigned char)m->header.at[0] + 1);
		assert(!m->sar || (m->sar_total >= 2 && m->sar_number >= 1 && m->sar_number <= m->sar_total));
	}
	assert(event->kind != LINK_EV_REPORT || event->report.id.len <= LINK_ID_MAX);
	assert(event->kind != LINK_EV_BROKEN || event->status != 0);
}

static void read_alone(struct span octets)
{
	struct arena arena = { 0 };
	size_t len;

	while ((len = link_smpp.frame(octets)) != 0 && len != SIZE_MAX && len <= octets.len) {
		char *own = malloc(len);
		struct link_event event;

		assert(own != NULL);
		memcpy(own, octets.at, len);
		link_smpp.read(&config, 0, span_from(own, len), &arena, &event);
		check_event(&event, span_from(own, len));
		free(own);
		arena_clear(&arena);
		octets = span_from_offset(octets, len);
	}
	arena_release(&arena);
}

static void on_message(void *ctx, const struct link_message *message, uint64_t number)
{
	struct talk *talk = ctx;

	(void)message;
	talk->numbers = number;
	if (number % 3 != 0)
		assert(dialog_answer(talk->dialog, number, LINK_TAKEN));
}

static void on_report(void *ctx, const struct link_report *report, uint64_t number)
{
	struct talk *talk = ctx;

	(void)report;
	assert(dialog_answer(talk->dialog, number, LINK_AGAIN));
}

static void on_submitted(void *ctx, void *token, const struct dialog_result *result)
{
	struct talk *talk = ctx;

	(void)token;
	(void)result;
	talk->ended++;
}

static void on_up(void *ctx)
{
	(void)ctx;
}

static void talk_in_pieces(struct span octets, size_t piece)
{
	struct talk talk = { 0 };
	const struct dialog_env env = { .protocol = &link_smpp, .config = &config, .role = LINK_BOTH, .message = on_message,
					.report = on_report, .submitted = on_submitted, .up = on_up, .ctx = &talk };
	const struct link_submit submit = { .to = SPAN("+8613800138000"), .octets = SPAN("x") };
	uint64_t now_ms = 1000;

	talk.dialog = dialog_new(&env, now_ms, 0);
	dialog_input(talk.dialog, SPAN("\0\0\0\x11\x80\0\0\x09\0\0\0\0\0\0\0\1\0"), now_ms);
	while (octets.len > 0 && dialog_wants_input(talk.dialog)) {
		size_t n = piece < octets.len ? piece : octets.len;

		if (dialog_has_room(talk.dialog)) {
			talk.submitted++;
			dialog_submit(talk.dialog, &submit, &talk, now_ms);
		}
		dialog_input(talk.dialog, span_from(octets.at, n), now_ms);
		now_ms += 700;
		dialog_tick(talk.dialog, now_ms);
		octets = span_from_offset(octets, n);
	}
	dialog_lost(talk.dialog);
	assert(talk.submitted == talk.ended);
	dialog_free(talk.dialog);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span octets = span_from(data, size);

	if (size == 0)
		return 0;
	read_alone(octets);
	talk_in_pieces(span_from_offset(octets, 1), (size_t)data[0] + 1);
	return 0;
}
