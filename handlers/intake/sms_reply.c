/*
 * The answer to a tip by SMS; see sms_reply.h.
 */
#include "handlers/intake/sms_reply.h"

#include "daemon/base/table.h"
#include "handlers/notify/outbox_item.h"

#define EXPIRES_S 3600

/* tests/unit/handlers/test_sms_reply.c holds these to one part and to a list of words that must not occur. */
static const struct {
	const char *lang;
	const char *before;
	const char *behind;
} texts[] = {
	{ .lang = "zh", .before = "已收到，编号 ", .behind = "。请删除此短信。" },
	{ .lang = "en", .before = "Received. Number ", .behind = ". Please delete this message." },
};

static size_t text_for(struct span lang)
{
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (span_starts(lang, span_of(texts[i].lang)))
			return i;
	return COUNT_OF(texts) - 1;
}

void sms_reply_write(struct span lang, const struct tip_id *id, const struct receipt_code *receipt,
		     struct buf *out)
{
	size_t i = text_for(lang);
	char shown[30];

	buf_add_text(out, texts[i].before);
	if (receipt != NULL) {
		receipt_show(receipt, shown);
		buf_add_text(out, shown);
	} else {
		buf_add_text(out, id->text + 3);
	}
	buf_add_text(out, texts[i].behind);
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
			 .expires_ms = request->tip.received_ms + (int64_t)expires_s * 1000 },
	};

	sms_reply_write(request->tip.lang, id, p->with_code ? receipt : NULL, &text);
	item.sms.text = buf_span(&text);
	outbox_item_seal(p->courier_key, &item, &sealed);
	struct span intent = arena_dup(arena, buf_span(&sealed));

	buf_release(&text);
	buf_release(&sealed);
	return intent;
}
