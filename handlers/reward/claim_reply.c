/*
 * Answers by SMS about a receipt code; see claim_reply.h.
 */
#include "handlers/reward/claim_reply.h"

#include "daemon/base/civil_time.h"

enum about {
	ABOUT_NOTHING,
	ABOUT_OPEN,
	ABOUT_BY_PAGE,
	ABOUT_MOVING,
	ABOUT_READY,
	ABOUT_AGAIN,
	ABOUT_DONE,
	ABOUT_OVER,
	ABOUT_PANEL,
	ABOUTS,
};

/* %s stands for a day or a number. tests/unit/handlers/test_claim_reply.c holds these to one part and discreet words. */
static const char *const texts[ABOUTS][2] = {
	[ABOUT_NOTHING] = { "Received. There is nothing to do for this number now; check it and try later.",
			    "已收到。此号码目前没有可办事项，请核对，或过些日子再查。" },
	[ABOUT_OPEN] = { "It is ready until %s. To go on, send the number again with the word CLAIM.",
			 "可以办理，截止%s。如要办理，请再次发送号码并加上“领取”。" },
	[ABOUT_BY_PAGE] = { "It is ready until %s. Go on at the page, with the number.",
			    "可以办理，截止%s。请在网页上凭号码办理。" },
	[ABOUT_MOVING] = { "It is being worked on. Ask again in a few days.", "正在办理，请过几天再查。" },
	[ABOUT_READY] = { "Ready. Slip %s. The word for it is on the page, with the number.",
			  "已备好，单号%s。口令请在网页上凭号码查看。" },
	[ABOUT_AGAIN] = { "It could not be completed. Go on at the page, with the number.",
			  "未能办成，请在网页上凭号码重新办理。" },
	[ABOUT_DONE] = { "It is completed.", "已办结。" },
	[ABOUT_OVER] = { "It is closed.", "已结束。" },
	[ABOUT_PANEL] = { "Somebody else asked for it with papers. If that was not you, object at the page now.",
			  "有人凭材料提出办理。如非本人，请尽快在网页上提出异议。" },
};
static const char *const farewells[2] = { " Please delete this message.", "请删除此短信。" };

static enum about about_of(const struct claim_reply *reply)
{
	if (reply->panel)
		return ABOUT_PANEL;
	switch (reply->word) {
	case CLAIM_OPEN:
		return reply->by_page ? ABOUT_BY_PAGE : ABOUT_OPEN;
	case CLAIM_MOVING:
		return reply->voucher.len > 0 ? ABOUT_READY : ABOUT_MOVING;
	case CLAIM_RETURNED:
		return ABOUT_AGAIN;
	case CLAIM_PAID:
		return ABOUT_DONE;
	case CLAIM_DECLINED:
	case CLAIM_EXPIRED:
	case CLAIM_OVER:
		return ABOUT_OVER;
	case CLAIM_NONE:
	case CLAIM_WORDS:
		break;
	}
	return ABOUT_NOTHING;
}

void claim_reply_write(bool chinese, const struct claim_reply *reply, struct buf *out)
{
	enum about about = about_of(reply);
	char day[CIVIL_DATE_MAX];
	struct span text = span_of(texts[about][chinese]), filled = reply->voucher;
	size_t at = span_find(text, SPAN("%s"));

	if (about == ABOUT_OPEN || about == ABOUT_BY_PAGE)
		filled = civil_write_date(reply->deadline_ms, CIVIL_BEIJING_MINUTES, day);
	buf_add_span(out, span_from(text.at, at));
	if (at < text.len) {
		buf_add_span(out, filled);
		buf_add_span(out, span_from_offset(text, at + 2));
	}
	buf_add_text(out, farewells[chinese]);
}
