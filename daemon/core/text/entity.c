/*
 * The walk that finds entities; see entity.h.
 *
 * One pass over the bytes. Most characters can start no entity and are passed
 * by their first byte or by one look at a switch; what can start one is tried
 * against the forms that start so. Numbers are in entity_digits.c.
 */
#include "daemon/core/text/entity_digits.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/text/han_numeral.h"

#include <assert.h>
#include <stdio.h>

const char *entity_kind_name(enum entity_kind kind)
{
	static const char *const names[ENTITY_KINDS] = {
		[ENTITY_PLATE] = "plate",         [ENTITY_PHONE] = "phone",
		[ENTITY_ID_NUMBER] = "id_number", [ENTITY_BANK_CARD] = "bank_card",
		[ENTITY_ACCOUNT] = "account",     [ENTITY_AGE] = "age",
		[ENTITY_TIME] = "time",
	};

	assert(kind < ENTITY_KINDS);
	return names[kind];
}

/* --- vehicle plates: GA 36-2018 ------------------------------------------------ */

static size_t plate_gap(struct span text, size_t at)
{
	static const struct span gaps[] = {
		SPAN_INIT("·"), SPAN_INIT("•"), SPAN_INIT("・"),
		SPAN_INIT("."), SPAN_INIT("-"), SPAN_INIT(" "),
	};

	for (size_t i = 0; i < COUNT_OF(gaps); i++)
		if (entity_says(text, at, gaps[i]))
			return gaps[i].len;
	return 0;
}

/* I and O are not used behind the first letter: they look like 1 and 0. */
static bool plate_char(char c)
{
	return entity_is_alnum(c) && c != 'i' && c != 'o';
}

/* New energy: D12345 or DF1234 (small), 12345D (large); the letters A-K but I. */
static bool new_energy(const char *tail)
{
	bool small = tail[0] >= 'a' && tail[0] <= 'k' && span_digits(span_from(tail + 2, 4));
	bool large = tail[5] >= 'a' && tail[5] <= 'k' && span_digits(span_from(tail, 5));

	return small || large;
}

/* Police, learner, trailer, and cars of Hong Kong and Macao end in a word instead of a character. */
static size_t plate_suffix(struct span text, size_t at)
{
	static const struct span suffixes[] = {
		SPAN_INIT("警"), SPAN_INIT("学"), SPAN_INIT("挂"), SPAN_INIT("港"), SPAN_INIT("澳"),
	};

	for (size_t i = 0; i < COUNT_OF(suffixes); i++)
		if (entity_says(text, at, suffixes[i]))
			return suffixes[i].len;
	return 0;
}

/* Length of the serial at `at`, 0 when it is none. */
static size_t plate_serial(struct span text, size_t at)
{
	size_t n = 0, digits = 0;

	for (; n < 7 && plate_char(entity_byte(text, at + n)); n++)
		digits += entity_is_digit(text.at[at + n]);
	if (n == 4 && digits >= 2 && plate_suffix(text, at + n) > 0)
		return n + plate_suffix(text, at + n);
	if (entity_is_alnum(entity_byte(text, at + n)))
		return 0;
	if (n == 5)
		return digits >= 2 ? n : 0;
	return n == 6 && new_energy(text.at + at) ? n : 0;
}

static void upper_add(struct entity *found, size_t *n, struct span bytes)
{
	for (size_t i = 0; i < bytes.len && *n < sizeof(found->value) - 1; i++) {
		char c = bytes.at[i];

		found->value[(*n)++] = (char)(entity_is_letter(c) ? c - 'a' + 'A' : c);
	}
	found->value[*n] = '\0';
}

/* At a province's character (three bytes). */
static bool plate_at(struct span text, size_t at, struct entity *found)
{
	size_t letter = at + 3, serial, len, n = 0;
	char c = entity_byte(text, letter);

	if (!entity_is_letter(c) || c == 'i')
		return false;
	serial = letter + 1 + plate_gap(text, letter + 1);
	len = plate_serial(text, serial);
	if (len == 0)
		return false;
	found->kind = ENTITY_PLATE;
	found->from = (uint32_t)at;
	found->to = (uint32_t)(serial + len);
	upper_add(found, &n, span_from(text.at + at, 4));
	upper_add(found, &n, span_from(text.at + serial, len));
	return true;
}

/* --- accounts: an id behind the name of a service --------------------------------- */

static const struct account_word {
	struct span word;
	const char *service;
	bool digits_only;
} account_words[] = {
	{ .word = SPAN_INIT("微信"), .service = "wechat" },
	{ .word = SPAN_INIT("wechat"), .service = "wechat" },
	{ .word = SPAN_INIT("weixin"), .service = "wechat" },
	{ .word = SPAN_INIT("wx"), .service = "wechat" },
	{ .word = SPAN_INIT("vx"), .service = "wechat" },
	{ .word = SPAN_INIT("qq"), .service = "qq", .digits_only = true },
	{ .word = SPAN_INIT("抖音"), .service = "douyin" },
	{ .word = SPAN_INIT("快手"), .service = "kuaishou" },
	{ .word = SPAN_INIT("支付宝"), .service = "alipay" },
	{ .word = SPAN_INIT("telegram"), .service = "telegram" },
	{ .word = SPAN_INIT("whatsapp"), .service = "whatsapp" },
};

static bool account_char(char c)
{
	return entity_is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '@';
}

/* Passes "号: ", " id ", "账号是" and the like; true when something said that an id follows. */
static bool account_cue(struct span text, size_t *at)
{
	static const struct span cues[] = {
		SPAN_INIT("号码"), SPAN_INIT("账号"), SPAN_INIT("帐号"), SPAN_INIT("群"),
		SPAN_INIT("号"),   SPAN_INIT("是"),   SPAN_INIT("为"),   SPAN_INIT(":"),
		SPAN_INIT("id "),  SPAN_INIT("id:"),  SPAN_INIT(" "),
	};
	bool said = false;

	for (size_t i = 0; i < COUNT_OF(cues);) {
		if (!entity_says(text, *at, cues[i])) {
			i++;
			continue;
		}
		*at += cues[i].len;
		said = said || !span_is(cues[i], " ");
		i = 0;
	}
	return said;
}

/* An id of 5 to 30 characters; without a cue it must hold a digit, or any word would do. */
static size_t account_id(struct span text, size_t at, bool said, bool digits_only)
{
	size_t n = 0, digits = 0;

	for (; n <= 30 && account_char(entity_byte(text, at + n)); n++)
		digits += entity_is_digit(text.at[at + n]);
	while (n > 0 && !entity_is_alnum(text.at[at + n - 1]) && text.at[at + n - 1] != '_')
		n--;
	if (n < 5 || n > 30 || !entity_is_alnum(text.at[at]) || (digits_only && digits != n))
		return 0;
	return said || digits > 0 ? n : 0;
}

/* A service's id that is a mobile number is told as the number, which other tips may carry too. */
static bool is_mobile(struct span id)
{
	return id.len == 11 && span_digits(id) && id.at[0] == '1' && id.at[1] >= '3';
}

static bool account_of(struct span text, size_t at, const struct account_word *word, struct entity *found)
{
	size_t id = at + word->word.len;
	bool said = account_cue(text, &id);
	size_t n = account_id(text, id, said, word->digits_only);

	if (n == 0 || is_mobile(span_from(text.at + id, n)))
		return false;
	found->kind = ENTITY_ACCOUNT;
	found->from = (uint32_t)at;
	found->to = (uint32_t)(id + n);
	snprintf(found->value, sizeof(found->value), "%s:%.*s", word->service, (int)n, text.at + id);
	return true;
}

static bool account_at(struct span text, size_t at, struct entity *found)
{
	for (size_t i = 0; i < COUNT_OF(account_words); i++)
		if (entity_says(text, at, account_words[i].word))
			return account_of(text, at, &account_words[i], found);
	return false;
}

/* --- ages in words ------------------------------------------------------------------ */

static bool age_found(size_t from, size_t to, unsigned years, struct entity *found)
{
	found->kind = ENTITY_AGE;
	found->from = (uint32_t)from;
	found->to = (uint32_t)to;
	snprintf(found->value, sizeof(found->value), "%u", years);
	return years <= 120;
}

/* "aged 12", "age: 12" */
static bool english_age_at(struct span text, size_t at, struct entity *found)
{
	size_t i = at + 3;
	unsigned years = 0;

	if (!entity_says(text, at, SPAN("age")))
		return false;
	i += entity_byte(text, i) == 'd';
	i += entity_byte(text, i) == ':';
	i += entity_byte(text, i) == ' ';
	for (size_t n = 0; n < 3 && entity_is_digit(entity_byte(text, i)); n++, i++)
		years = years * 10 + (unsigned)(text.at[i] - '0');
	if (!entity_is_digit(entity_byte(text, i - 1)) || entity_is_alnum(entity_byte(text, i)))
		return false;
	return age_found(at, i, years, found);
}

/* 1 to 10 for a Han numeral, 0 for another character. */
static unsigned han_number(uint32_t c)
{
	int value = han_numeral(c);

	return value >= 1 && value <= 10 ? (unsigned)value : 0;
}

/* 十二 is 12, 二十 is 20, 七八 (seven or eight) is 7, 十二三 is 12. */
static unsigned han_years(const unsigned *numerals, size_t n)
{
	if (n == 0)
		return 0;
	if (numerals[0] == 10)
		return 10 + (n > 1 ? numerals[1] : 0);
	if (n > 1 && numerals[1] == 10)
		return numerals[0] * 10 + (n > 2 ? numerals[2] : 0);
	return numerals[0];
}

/* At 岁: the numerals stand before it, with 多, 来 or 几 perhaps between. */
static bool han_age_before(struct span text, size_t sui, struct entity *found)
{
	unsigned numerals[4];
	size_t n = 0, from = sui, length;

	while (from > 0 && n < COUNT_OF(numerals)) {
		size_t before = utf8_before(text, from);
		uint32_t c = utf8_at(text, before, &length);
		unsigned number = han_number(c);

		if (number == 0 && (n > 0 || from != sui || (c != U'多' && c != U'来' && c != U'几')))
			break;
		from = before;
		if (number == 0)
			continue;
		memmove(numerals + 1, numerals, n * sizeof(*numerals));
		numerals[0] = number;
		n++;
	}
	return n > 0 && age_found(from, sui + 3, han_years(numerals, n), found);
}

/* --- the walk ------------------------------------------------------------------------- */

/* clang-format off */
/* At a Han character: nearly all of them start nothing. */
static bool han_at(struct span text, size_t at, uint32_t c, struct entity *found)
{
	switch (c) {
	case U'京': case U'津': case U'冀': case U'晋': case U'蒙': case U'辽': case U'吉': case U'黑':
	case U'沪': case U'苏': case U'浙': case U'皖': case U'闽': case U'赣': case U'鲁': case U'豫':
	case U'鄂': case U'湘': case U'粤': case U'桂': case U'琼': case U'渝': case U'川': case U'贵':
	case U'云': case U'藏': case U'陕': case U'甘': case U'青': case U'宁': case U'新':
		return plate_at(text, at, found);
	case U'微': case U'抖': case U'快': case U'支':
		return account_at(text, at, found);
	case U'岁':
		return han_age_before(text, at, found);
	default:
		return false;
	}
}
/* clang-format on */

/* What starts at `at`; *step is the way to go when nothing does. */
static bool entity_at(struct span text, size_t at, struct entity *found, size_t *step)
{
	unsigned char first = (unsigned char)text.at[at];
	size_t n = 1;

	*step = 1;
	if (first >= 0xE4 && first <= 0xE9) {
		uint32_t c = utf8_at(text, at, step);

		return han_at(text, at, c, found);
	}
	if (entity_is_digit((char)first)) {
		while (entity_is_digit(entity_byte(text, at + n)))
			n++;
		*step = n;
		return entity_digits_at(text, at, found);
	}
	if (entity_is_letter((char)first)) {
		while (entity_is_letter(entity_byte(text, at + n)))
			n++;
		*step = n;
		return account_at(text, at, found) || english_age_at(text, at, found);
	}
	return first == '+' && entity_is_digit(entity_byte(text, at + 1)) &&
	       entity_digits_at(text, at, found);
}

void entities_find(struct span folded, struct entities *out)
{
	size_t at = 0, step;

	out->n = 0;
	while (at < folded.len && out->n < ENTITIES_MAX) {
		struct entity *found = &out->at[out->n];

		if (entity_at(folded, at, found, &step)) {
			out->n++;
			at = found->to;
		} else {
			at += step;
		}
	}
}
