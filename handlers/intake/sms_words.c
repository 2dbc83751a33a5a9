/*
 * Words for us among messages; see sms_words.h.
 */
#include "handlers/intake/sms_words.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/sms/sms_fold.h"
#include "daemon/core/sms/text.h"

const char *sms_says_name(enum sms_says says)
{
	static const char *const names[SMS_SAYS] = {
		[SMS_SAYS_CLUE] = "clue",	[SMS_SAYS_SUPPLEMENT] = "supplement", [SMS_SAYS_STATUS] = "status",
		[SMS_SAYS_CODE] = "code",	[SMS_SAYS_STOP] = "stop",	      [SMS_SAYS_START] = "start",
		[SMS_SAYS_HELP] = "help",	[SMS_SAYS_CHINESE] = "chinese",	      [SMS_SAYS_ENGLISH] = "english",
	};

	return names[says];
}

/* --- whole messages ----------------------------------------------------------------- */

/* Folded. What stops answers is known to core/sms/text.c. */
static const struct {
	const char *word;
	enum sms_says says;
} whole[] = {
	{ "退訂", SMS_SAYS_STOP },
	{ "start", SMS_SAYS_START },	{ "unstop", SMS_SAYS_START },	{ "恢复", SMS_SAYS_START },
	{ "恢復", SMS_SAYS_START },	{ "help", SMS_SAYS_HELP },	{ "帮助", SMS_SAYS_HELP },
	{ "幫助", SMS_SAYS_HELP },	{ "chinese", SMS_SAYS_CHINESE }, { "中文", SMS_SAYS_CHINESE },
	{ "english", SMS_SAYS_ENGLISH }, { "英文", SMS_SAYS_ENGLISH },	{ "英语", SMS_SAYS_ENGLISH },
};

static bool read_whole(struct span folded, struct sms_words *out)
{
	if (sms_text_is_stop(folded))
		out->says = SMS_SAYS_STOP;
	for (size_t i = 0; i < COUNT_OF(whole) && out->says == SMS_SAYS_CLUE; i++)
		if (span_is(folded, whole[i].word))
			out->says = whole[i].says;
	return out->says != SMS_SAYS_CLUE;
}

/* --- numbers --------------------------------------------------------------------------- */

static uint32_t plain_at(struct span text, size_t *n)
{
	return sms_text_plain(utf8_at(text, 0, n));
}

static bool is_alnum(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

/* Crockford's characters as we write them, and what people write for them; 0: none of them. */
static char crockford(uint32_t c)
{
	if (c == 'o')
		return '0';
	if (c == 'i' || c == 'l')
		return '1';
	if (!is_alnum(c) || c == 'u')
		return '\0';
	return (char)(c >= 'a' ? c - 'a' + 'A' : c);
}

static bool is_separator(uint32_t c)
{
	return c == ' ' || c == ':' || c == ',' || c == '#' || c == '-' || c == '.' || c == 0x3001 || c == 0x3002;
}

static struct span without_separators(struct span text)
{
	size_t n;

	while (text.len > 0 && is_separator(plain_at(text, &n)))
		text = span_from_offset(text, n);
	return text;
}

/* "15-": the shard that stands in front of a tip's whole id. */
static struct span without_shard(struct span text)
{
	if (text.len > 3 && span_digits(span_from(text.at, 2)) && text.at[2] == '-')
		return span_from_offset(text, 3);
	return text;
}

/* Takes a number off the front; it ends where no letter or digit follows. */
static bool take_number(struct span *rest, struct sms_words *out)
{
	struct span text = without_shard(*rest);
	char number[SMS_NUMBER_LEN + 1] = "";
	bool sure = false;
	size_t n = 0, len;

	for (; n < SMS_NUMBER_LEN && text.len > 0; n++) {
		uint32_t c = plain_at(text, &len);

		number[n] = crockford(c);
		if (number[n] == '\0')
			return false;
		sure |= c >= '0' && c <= '9';
		text = span_from_offset(text, len);
	}
	if (n < SMS_NUMBER_LEN || (text.len > 0 && is_alnum(plain_at(text, &len))))
		return false;
	memcpy(out->number, number, sizeof(number));
	out->number_sure = sure;
	*rest = text;
	return true;
}

/* --- a word in front -------------------------------------------------------------------- */

static const struct front {
	const char *word;
	enum sms_says says;
	bool needs_sign;      /* a number or a colon must follow: it begins sentences too */
} fronts[] = {
	{ .word = "补充", .says = SMS_SAYS_SUPPLEMENT },
	{ .word = "補充", .says = SMS_SAYS_SUPPLEMENT },
	{ .word = "续报", .says = SMS_SAYS_SUPPLEMENT },
	{ .word = "續報", .says = SMS_SAYS_SUPPLEMENT },
	{ .word = "supplement", .says = SMS_SAYS_SUPPLEMENT },
	{ .word = "add", .says = SMS_SAYS_SUPPLEMENT, .needs_sign = true },
	{ .word = "more", .says = SMS_SAYS_SUPPLEMENT, .needs_sign = true },
	{ .word = "查询", .says = SMS_SAYS_STATUS },
	{ .word = "查詢", .says = SMS_SAYS_STATUS },
	{ .word = "状态", .says = SMS_SAYS_STATUS },
	{ .word = "狀態", .says = SMS_SAYS_STATUS },
	{ .word = "进度", .says = SMS_SAYS_STATUS },
	{ .word = "進度", .says = SMS_SAYS_STATUS },
	{ .word = "status", .says = SMS_SAYS_STATUS },
	{ .word = "回执", .says = SMS_SAYS_CODE },
	{ .word = "回執", .says = SMS_SAYS_CODE },
	{ .word = "code", .says = SMS_SAYS_CODE },
};

/* Takes the word off the front; a Latin one is a whole word. */
static bool take_word(struct span *rest, const char *word)
{
	struct span text = *rest;
	bool latin = is_alnum((unsigned char)word[0]);

	for (struct span w = span_of(word); w.len > 0;) {
		size_t n, m;

		if (text.len == 0 || utf8_at(w, 0, &n) != plain_at(text, &m))
			return false;
		w = span_from_offset(w, n);
		text = span_from_offset(text, m);
	}
	if (latin && text.len > 0 && is_alnum(plain_at(text, &(size_t){ 0 })))
		return false;
	*rest = text;
	return true;
}

static const struct front *take_front(struct span *rest)
{
	for (size_t i = 0; i < COUNT_OF(fronts); i++)
		if (take_word(rest, fronts[i].word))
			return &fronts[i];
	return NULL;
}

static bool colon_follows(struct span rest)
{
	size_t n;

	while (rest.len > 0 && plain_at(rest, &n) == ' ')
		rest = span_from_offset(rest, n);
	return rest.len > 0 && plain_at(rest, &n) == ':';
}

/* Where no sign parts the word from what follows ("补充一点") it belongs to the words. */
static void read_supplement(struct span text, struct span behind, const struct front *front, struct sms_words *out)
{
	struct span rest = without_separators(behind);
	bool parted = rest.len < behind.len, colon = colon_follows(behind);

	out->rest_with_number = span_trim(parted || rest.len == 0 ? rest : text);
	if (take_number(&rest, out))
		out->rest = span_trim(without_separators(rest));
	else
		out->rest = out->rest_with_number;
	if (front->needs_sign && !colon && !out->number_sure) {
		out->number[0] = '\0';
		return;
	}
	out->says = out->rest.len > 0 || (out->number[0] != '\0' && !out->number_sure) ? SMS_SAYS_SUPPLEMENT
										       : SMS_SAYS_HELP;
}

/* Nothing but a number may follow. */
static void read_question(struct span behind, const struct front *front, struct sms_words *out)
{
	struct span rest = without_separators(behind);

	if (rest.len > 0 && (!take_number(&rest, out) || without_separators(rest).len > 0)) {
		out->number[0] = '\0';
		return;
	}
	out->says = front->says;
}

void sms_words_read(struct span text, struct arena *arena, struct sms_words *out)
{
	struct span behind = span_trim(text);
	const struct front *front;

	*out = (struct sms_words){ .says = SMS_SAYS_CLUE };
	if (read_whole(sms_fold(text, arena), out))
		return;
	front = take_front(&behind);
	if (front == NULL)
		return;
	if (front->says == SMS_SAYS_SUPPLEMENT)
		read_supplement(text, behind, front, out);
	else
		read_question(behind, front, out);
}
