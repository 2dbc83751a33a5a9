/*
 * What is said by SMS; see sms_reply.h.
 */
#include "handlers/intake/sms_reply.h"

#include "daemon/base/table.h"
#include "handlers/notify/outbox_item.h"

#define EXPIRES_S 3600

#define LANGUAGES 2
#define DELETE_ZH "请删除此短信。"
#define DELETE_EN " Please delete this message."

/*
 * "#" is the number, "*" the code. tests/unit/handlers/test_sms_reply.c
 * holds all to one part and to a list of words that must not occur.
 */
static const char *const texts[SMS_LINES][LANGUAGES] = {
	[SMS_LINE_NONE] = { "", "" },
	[SMS_LINE_TAKEN] = { "已收到，编号 #。" DELETE_ZH, "Received. Number #." DELETE_EN },
	[SMS_LINE_ADDED] = { "已收到，已加入编号 #。" DELETE_ZH, "Received, added to number #." DELETE_EN },
	[SMS_LINE_WAITING] = { "编号 #：已收到。" DELETE_ZH, "Number #: received." DELETE_EN },
	[SMS_LINE_IN_HAND] = { "编号 #：处理中。" DELETE_ZH, "Number #: in progress." DELETE_EN },
	[SMS_LINE_ENDED] = { "编号 #：已结束。" DELETE_ZH, "Number #: finished." DELETE_EN },
	[SMS_LINE_NO_MORE] = { "仅凭编号不能显示更多。" DELETE_ZH, "No more can be shown for a number alone." DELETE_EN },
	[SMS_LINE_CODE] = { "回执 *。" DELETE_ZH, "Code *." DELETE_EN },
	[SMS_LINE_NO_CODE] = { "现在不能发送。" DELETE_ZH, "It cannot be sent now." DELETE_EN },
	[SMS_LINE_STOPPED] = { "不再回复。发送 恢复 可重新开始。" DELETE_ZH, "No more answers. Send START to begin again." DELETE_EN },
	[SMS_LINE_STARTED] = { "将继续回复。" DELETE_ZH, "Answers will be sent again." DELETE_EN },
	[SMS_LINE_HELP] = { "可发送：补充 加内容，查询，回执，退订，ENGLISH。" DELETE_ZH,
			    "You can send: SUPPLEMENT and your words, STATUS, CODE, STOP, CHINESE." DELETE_EN },
	[SMS_LINE_LANGUAGE] = { "将用中文回复。" DELETE_ZH, "Answers will be in English." DELETE_EN },
};

static size_t language_of(struct span lang)
{
	return span_starts(lang, SPAN("zh")) ? 0 : 1;
}

static void put_code(const struct sms_blanks *blanks, struct buf *out)
{
	char shown[30];

	receipt_show(blanks->code, shown);
	buf_add_text(out, shown);
}

void sms_reply_line(struct span lang, enum sms_line line, const struct sms_blanks *blanks, struct buf *out)
{
	for (const char *at = texts[line][language_of(lang)]; *at != '\0'; at++) {
		if (*at == '#')
			buf_add_span(out, blanks->number);
		else if (*at == '*')
			put_code(blanks, out);
		else
			buf_add_byte(out, *at);
	}
}

void sms_reply_write(struct span lang, const struct tip_id *id, const struct receipt_code *receipt,
		     struct buf *out)
{
	char shown[30];
	struct sms_blanks blanks = { .number = span_of(id->text + TIP_ID_LEN - SMS_NUMBER_LEN) };

	if (receipt != NULL) {
		receipt_show(receipt, shown);
		blanks.number = span_of(shown);
	}
	sms_reply_line(lang, SMS_LINE_TAKEN, &blanks, out);
}

/* What waits for the morning lives from then on. */
static int64_t expiry(int64_t received_ms, int64_t from_ms, unsigned expires_s)
{
	return (from_ms > received_ms ? from_ms : received_ms) + (int64_t)expires_s * 1000;
}

struct span sms_reply_intent(void *policy, const struct intake_request *request, const struct tip_id *id,
			     const struct receipt_code *receipt, struct arena *arena)
{
	const struct sms_reply_policy *p = policy;
	unsigned expires_s = p->expires_s > 0 ? p->expires_s : EXPIRES_S;
	struct buf text = { 0 }, sealed = { 0 };
	struct outbox_item item = {
		.kind = OUTBOX_SMS,
		.sms = { .gateway = request->reply_gateway,
			 .to = request->reply_to,
			 .tip = *id,
			 .not_before_ms = request->reply_from_ms,
			 .expires_ms = expiry(request->tip.received_ms, request->reply_from_ms, expires_s) },
	};

	sms_reply_write(request->tip.lang, id, p->with_code ? receipt : NULL, &text);
	item.sms.text = buf_span(&text);
	outbox_item_seal(p->courier_key, &item, &sealed);
	struct span intent = arena_dup(arena, buf_span(&sealed));

	buf_release(&text);
	buf_release(&sealed);
	return intent;
}

void sms_reply_seal(const struct seal_key *courier_key, struct span gateway, struct span to, struct span text,
		    int64_t received_ms, int64_t from_ms, struct buf *out)
{
	struct outbox_item item = {
		.kind = OUTBOX_SMS,
		.sms = { .gateway = gateway,
			 .to = to,
			 .text = text,
			 .not_before_ms = from_ms,
			 .expires_ms = expiry(received_ms, from_ms, EXPIRES_S) },
	};

	outbox_item_seal(courier_key, &item, out);
}
