/*
 * Notices as mail; see notice_mail.h.
 */
#include "handlers/notify/notice_mail.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/mail_message.h"

/* What it says, in one language. */
struct wording {
	const char *tag;
	const char *subject_told;      /* region, how many */
	const char *subject_test, *subject_digest;   /* region */
	const char *told;              /* region */
	const char *test;              /* region */
	const char *digest;            /* region, from, to */
	const char *row;               /* name, number */
	const char *desk;              /* address */
	const char *end;
	const char *kinds[NOTICE_TOLD];
	const char *figures[DIGEST_FIGURES];
};

static const struct wording english = {
	.tag = "en",
	.subject_told = "[Tipline] %s: %llu to look at",
	.subject_test = "[Tipline] %s: a test",
	.subject_digest = "[Tipline] %s: digest",
	.told = "There is something to look at in region %s or beneath it.\n\n",
	.test = "This is a test of the channel for region %s. There is nothing to do.\n",
	.digest = "Region %s and all beneath it,\nfrom %s to %s:\n\n",
	.row = "%s: %llu\n",
	.desk = "\nThe desk: %s\n",
	.end = "\nSent by a machine. It says nothing of the tips themselves, and nobody reads answers.\n"
	       "The same message may come twice; its Message-ID is the same then.\n",
	.kinds = { [NOTICE_IMMEDIATE] = "Immediate tips", [NOTICE_URGENT] = "Urgent tips",
		   [NOTICE_ESCALATED] = "Tips that were escalated to it" },
	.figures = { [DIGEST_NEW] = "Came in", [DIGEST_OPEN] = "Open now", [DIGEST_UNSEEN] = "Nobody has opened yet",
		     [DIGEST_OVERDUE] = "Beyond their limit", [DIGEST_ESCALATED] = "Escalated to it",
		     [DIGEST_VERIFIED] = "Verified", [DIGEST_CLOSED] = "Closed" },
};

static const struct wording chinese = {
	.tag = "zh-CN",
	.subject_told = "【线索】%s：%llu 条待查看",
	.subject_test = "【线索】%s：测试",
	.subject_digest = "【线索】%s：每日摘要",
	.told = "地区 %s（含下级）有线索待查看。\n\n",
	.test = "这是地区 %s 通知渠道的测试，无需处理。\n",
	.digest = "地区 %s（含下级）\n%s 至 %s：\n\n",
	.row = "%s：%llu\n",
	.desk = "\n工作台：%s\n",
	.end = "\n本邮件由系统自动发送，不含线索内容，请勿回复。\n同一通知可能重复送达，其 Message-ID 相同。\n",
	.kinds = { [NOTICE_IMMEDIATE] = "特急线索", [NOTICE_URGENT] = "紧急线索", [NOTICE_ESCALATED] = "上报至本级的线索" },
	.figures = { [DIGEST_NEW] = "新收", [DIGEST_OPEN] = "当前未结", [DIGEST_UNSEEN] = "尚未查看", [DIGEST_OVERDUE] = "已超时限",
		     [DIGEST_ESCALATED] = "上报至本级", [DIGEST_VERIFIED] = "已核实", [DIGEST_CLOSED] = "已办结" },
};

/* The wordings are ours, with what each of them takes noted above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static const char *subject_of(const struct wording *words, const struct notice *notice, struct arena *arena)
{
	if (notice->kind == NOTICE_TEST)
		return arena_printf(arena, words->subject_test, notice->region);
	if (notice->kind == NOTICE_DIGEST)
		return arena_printf(arena, words->subject_digest, notice->region);
	return arena_printf(arena, words->subject_told, notice->region, (unsigned long long)notice_count(notice));
}

static void add_told(const struct wording *words, const struct notice *notice, struct buf *out)
{
	buf_printf(out, words->told, notice->region);
	for (unsigned i = 0; i < NOTICE_TOLD; i++)
		if (notice->count[i] > 0)
			buf_printf(out, words->row, words->kinds[i], (unsigned long long)notice->count[i]);
}

static void add_digest(const struct wording *words, const struct notice *notice, struct buf *out)
{
	char from[CIVIL_TEXT_MAX], to[CIVIL_TEXT_MAX];

	civil_write(notice->from_ms, from);
	civil_write(notice->at_ms, to);
	buf_printf(out, words->digest, notice->region, from, to);
	for (unsigned i = 0; i < DIGEST_FIGURES; i++)
		buf_printf(out, words->row, words->figures[i], (unsigned long long)notice->count[i]);
}

static void add_body(const struct wording *words, const struct notice_channel *channel, const struct notice *notice, struct buf *out)
{
	if (notice->kind == NOTICE_TEST)
		buf_printf(out, words->test, notice->region);
	else if (notice->kind == NOTICE_DIGEST)
		add_digest(words, notice, out);
	else
		add_told(words, notice, out);
	if (channel->desk_url != NULL && channel->desk_url[0] != '\0')
		buf_printf(out, words->desk, channel->desk_url);
	buf_add_text(out, words->end);
}

#pragma GCC diagnostic pop

struct span notice_mail(const struct notice_channel *channel, const struct notice *notice, struct span id, int64_t now_ms,
			struct arena *arena)
{
	const struct wording *words = channel->english ? &english : &chinese;
	struct buf body = { 0 }, out = { 0 };
	struct span whole;

	add_body(words, channel, notice, &body);
	mail_message_write(&(struct mail_message){ .from = span_of(channel->mail_from),
						   .from_name = span_of(channel->mail_name),
						   .to = span_of(channel->mail_to),
						   .subject = span_of(subject_of(words, notice, arena)),
						   .id = id,
						   .language = span_of(words->tag),
						   .at_ms = now_ms,
						   .body = buf_span(&body) },
			   &out);
	whole = arena_dup(arena, buf_span(&out));
	buf_release(&body);
	buf_release(&out);
	return whole;
}
