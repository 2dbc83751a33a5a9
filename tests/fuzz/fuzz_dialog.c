/*
 * Octets of a carrier to a whole dialog in each protocol, in pieces and with
 * time in between: each message and report is answered once, each submit ends
 * once, what goes out is whole PDUs, and what came is read as a message.
 *
 *   octets  protocol and version, size of the pieces, what we do, octets...
 */
#include "tests/support/fuzz_link.h"

#include "daemon/base/table.h"
#include "daemon/core/sms/cmpp.h"
#include "daemon/core/sms/smgp.h"
#include "daemon/core/sms/smpp.h"
#include "daemon/link/dialog.h"

#define OPEN_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct link_config config = { .name = "carrier", .account = "tip", .password = "secret", .system_type = "",
					   .service = "", .sender = "106900", .coding0 = "gsm7", .version = "",
					   .window = 3, .keepalive_s = 30, .answer_s = 20 };

#define ZEROES "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const struct {
	const struct link_protocol *protocol;
	unsigned version;
	struct span login;   /* the answer that takes ours */
} kinds[] = {
	{ &link_smpp, 0, SPAN_INIT("\0\0\0\x11\x80\0\0\x09\0\0\0\0\0\0\0\1\0") },
	{ &link_cmpp, CMPP_2_0, SPAN_INIT("\0\0\0\x1E\x80\0\0\1\0\0\0\1\0" ZEROES "\x20") },
	{ &link_cmpp, CMPP_3_0, SPAN_INIT("\0\0\0\x21\x80\0\0\1\0\0\0\1\0\0\0\0" ZEROES "\x30") },
	{ &link_smgp, 0, SPAN_INIT("\0\0\0\x21\x80\0\0\1\0\0\0\1\0\0\0\0" ZEROES "\x30") },
	{ &link_smpp, 0, SPAN_INIT("") },
	{ &link_cmpp, 0, SPAN_INIT("") },
	{ &link_smgp, 0, SPAN_INIT("") },
};

struct talk {
	struct dialog *dialog;
	const struct link_protocol *protocol;
	uint64_t open[OPEN_MAX];   /* to be answered later */
	size_t nopen;
	unsigned acts, submitted, ended;
};

static void answer(struct talk *talk, uint64_t number)
{
	enum link_answer given = (enum link_answer)((number + talk->acts) % 3);

	if (number % 4 != 0 || talk->nopen == OPEN_MAX)
		assert(dialog_answer(talk->dialog, number, given) && !dialog_answer(talk->dialog, number, given));
	else
		talk->open[talk->nopen++] = number;
}

static void on_message(void *ctx, const struct link_message *message, uint64_t number)
{
	struct arena arena = { 0 };

	fuzz_message(message, &arena);
	arena_release(&arena);
	answer(ctx, number);
}

static void on_report(void *ctx, const struct link_report *report, uint64_t number)
{
	fuzz_touch(report->id);
	fuzz_touch(report->reason);
	answer(ctx, number);
}

static void on_submitted(void *ctx, void *token, const struct dialog_result *result)
{
	struct talk *talk = ctx;

	assert(token == talk);
	fuzz_touch(result->id);
	talk->ended++;
	assert(talk->ended <= talk->submitted);
}

static void on_up(void *ctx)
{
	(void)ctx;
}

static void take_out(struct talk *talk)
{
	struct span out = buf_span(dialog_out(talk->dialog));

	while (out.len > 0) {
		size_t len = talk->protocol->frame(out);

		assert(len > 0 && len <= out.len);
		out = span_from_offset(out, len);
	}
	buf_clear(dialog_out(talk->dialog));
}

static void act(struct talk *talk, uint64_t now_ms)
{
	const struct link_submit submit = { .to = SPAN("+8613800138000"), .octets = SPAN("x") };

	if ((talk->acts & 1) != 0 && dialog_has_room(talk->dialog)) {
		talk->submitted++;
		dialog_submit(talk->dialog, &submit, talk, now_ms);
	}
	if ((talk->acts & 2) != 0 && talk->nopen > 0)
		dialog_answer(talk->dialog, talk->open[--talk->nopen], LINK_TAKEN);
	if ((talk->acts & 0xFC) == 0x40)
		dialog_close(talk->dialog, now_ms);
	dialog_tick(talk->dialog, now_ms);
	take_out(talk);
	talk->acts = talk->acts >> 1 | (talk->acts & 1) << 7;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	const size_t kind = data[0] % COUNT_OF(kinds), piece = (size_t)data[1] + 1;
	struct talk talk = { .protocol = kinds[kind].protocol, .acts = data[2] };
	const struct dialog_env env = { .protocol = talk.protocol, .config = &config, .role = LINK_BOTH,
					.version = kinds[kind].version, .message = on_message, .report = on_report,
					.submitted = on_submitted, .up = on_up, .ctx = &talk };
	struct span octets = span_from(data + 3, size - 3);
	uint64_t now_ms = 1000;

	talk.dialog = dialog_new(&env, now_ms, INT64_C(1795341987000));
	take_out(&talk);
	dialog_input(talk.dialog, kinds[kind].login, now_ms);
	assert(kinds[kind].login.len == 0 || dialog_state(talk.dialog) == DIALOG_UP);
	while (octets.len > 0 && dialog_state(talk.dialog) != DIALOG_ENDED) {
		size_t n = piece < octets.len ? piece : octets.len;

		dialog_input(talk.dialog, span_from(octets.at, n), now_ms);
		octets = span_from_offset(octets, n);
		now_ms += (uint64_t)data[2] * 16;
		act(&talk, now_ms);
	}
	dialog_lost(talk.dialog);
	assert(talk.submitted == talk.ended && dialog_open(talk.dialog) == 0);
	dialog_free(talk.dialog);
	return 0;
}
