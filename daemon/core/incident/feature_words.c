/*
 * Tables of words; see feature_words.h.
 */
#include "daemon/core/incident/feature_words.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

static bool among(const uint32_t *characters, uint32_t c)
{
	for (; *characters != 0; characters++)
		if (*characters == c)
			return true;
	return false;
}

/* --- other scripts than Han ------------------------------------------------------------ */

static const struct meaning {
	struct span word;
	enum feature_kind kind;
	struct span value;
} meanings[] = {
	{ SPAN_INIT("north"), FEATURE_DIRECTION, SPAN_INIT("n") },
	{ SPAN_INIT("south"), FEATURE_DIRECTION, SPAN_INIT("s") },
	{ SPAN_INIT("east"), FEATURE_DIRECTION, SPAN_INIT("e") },
	{ SPAN_INIT("west"), FEATURE_DIRECTION, SPAN_INIT("w") },
	{ SPAN_INIT("northern"), FEATURE_DIRECTION, SPAN_INIT("n") },
	{ SPAN_INIT("southern"), FEATURE_DIRECTION, SPAN_INIT("s") },
	{ SPAN_INIT("eastern"), FEATURE_DIRECTION, SPAN_INIT("e") },
	{ SPAN_INIT("western"), FEATURE_DIRECTION, SPAN_INIT("w") },
	{ SPAN_INIT("left"), FEATURE_DIRECTION, SPAN_INIT("l") },
	{ SPAN_INIT("right"), FEATURE_DIRECTION, SPAN_INIT("r") },
	{ SPAN_INIT("man"), FEATURE_GENDER, SPAN_INIT("man") },
	{ SPAN_INIT("men"), FEATURE_GENDER, SPAN_INIT("man") },
	{ SPAN_INIT("woman"), FEATURE_GENDER, SPAN_INIT("woman") },
	{ SPAN_INIT("women"), FEATURE_GENDER, SPAN_INIT("woman") },
	{ SPAN_INIT("boy"), FEATURE_GENDER, SPAN_INIT("boy") },
	{ SPAN_INIT("boys"), FEATURE_GENDER, SPAN_INIT("boy") },
	{ SPAN_INIT("girl"), FEATURE_GENDER, SPAN_INIT("girl") },
	{ SPAN_INIT("girls"), FEATURE_GENDER, SPAN_INIT("girl") },
	{ SPAN_INIT("male"), FEATURE_GENDER, SPAN_INIT("male") },
	{ SPAN_INIT("female"), FEATURE_GENDER, SPAN_INIT("female") },
	{ SPAN_INIT("son"), FEATURE_GENDER, SPAN_INIT("son") },
	{ SPAN_INIT("daughter"), FEATURE_GENDER, SPAN_INIT("daughter") },
	{ SPAN_INIT("brother"), FEATURE_GENDER, SPAN_INIT("brother") },
	{ SPAN_INIT("sister"), FEATURE_GENDER, SPAN_INIT("sister") },
	{ SPAN_INIT("husband"), FEATURE_GENDER, SPAN_INIT("husband") },
	{ SPAN_INIT("wife"), FEATURE_GENDER, SPAN_INIT("wife") },
	{ SPAN_INIT("father"), FEATURE_GENDER, SPAN_INIT("father") },
	{ SPAN_INIT("mother"), FEATURE_GENDER, SPAN_INIT("mother") },
	{ SPAN_INIT("monday"), FEATURE_DAY, SPAN_INIT("mo") },
	{ SPAN_INIT("tuesday"), FEATURE_DAY, SPAN_INIT("tu") },
	{ SPAN_INIT("wednesday"), FEATURE_DAY, SPAN_INIT("we") },
	{ SPAN_INIT("thursday"), FEATURE_DAY, SPAN_INIT("th") },
	{ SPAN_INIT("friday"), FEATURE_DAY, SPAN_INIT("fr") },
	{ SPAN_INIT("saturday"), FEATURE_DAY, SPAN_INIT("sa") },
	{ SPAN_INIT("sunday"), FEATURE_DAY, SPAN_INIT("su") },
	{ SPAN_INIT("january"), FEATURE_DAY, SPAN_INIT("1") },
	{ SPAN_INIT("february"), FEATURE_DAY, SPAN_INIT("2") },
	{ SPAN_INIT("march"), FEATURE_DAY, SPAN_INIT("3") },
	{ SPAN_INIT("april"), FEATURE_DAY, SPAN_INIT("4") },
	{ SPAN_INIT("june"), FEATURE_DAY, SPAN_INIT("6") },
	{ SPAN_INIT("july"), FEATURE_DAY, SPAN_INIT("7") },
	{ SPAN_INIT("august"), FEATURE_DAY, SPAN_INIT("8") },
	{ SPAN_INIT("september"), FEATURE_DAY, SPAN_INIT("9") },
	{ SPAN_INIT("october"), FEATURE_DAY, SPAN_INIT("10") },
	{ SPAN_INIT("november"), FEATURE_DAY, SPAN_INIT("11") },
	{ SPAN_INIT("december"), FEATURE_DAY, SPAN_INIT("12") },
	{ SPAN_INIT("morning"), FEATURE_DAY, SPAN_INIT("am") },
	{ SPAN_INIT("afternoon"), FEATURE_DAY, SPAN_INIT("pm") },
	{ SPAN_INIT("evening"), FEATURE_DAY, SPAN_INIT("ev") },
	{ SPAN_INIT("night"), FEATURE_DAY, SPAN_INIT("ni") },
	{ SPAN_INIT("white"), FEATURE_COLOUR, SPAN_INIT("white") },
	{ SPAN_INIT("black"), FEATURE_COLOUR, SPAN_INIT("black") },
	{ SPAN_INIT("red"), FEATURE_COLOUR, SPAN_INIT("red") },
	{ SPAN_INIT("blue"), FEATURE_COLOUR, SPAN_INIT("blue") },
	{ SPAN_INIT("green"), FEATURE_COLOUR, SPAN_INIT("green") },
	{ SPAN_INIT("yellow"), FEATURE_COLOUR, SPAN_INIT("yellow") },
	{ SPAN_INIT("silver"), FEATURE_COLOUR, SPAN_INIT("silver") },
	{ SPAN_INIT("grey"), FEATURE_COLOUR, SPAN_INIT("grey") },
	{ SPAN_INIT("gray"), FEATURE_COLOUR, SPAN_INIT("grey") },
	{ SPAN_INIT("brown"), FEATURE_COLOUR, SPAN_INIT("brown") },
};

bool feature_word_meaning(struct span word, enum feature_kind *kind, struct span *value)
{
	for (size_t i = 0; i < COUNT_OF(meanings); i++) {
		if (word.at[0] != meanings[i].word.at[0] || !span_eq(word, meanings[i].word))
			continue;
		*kind = meanings[i].kind;
		*value = meanings[i].value;
		return true;
	}
	return false;
}

bool feature_word_counts(struct span word)
{
	static const struct span units[] = {
		SPAN_INIT("am"),      SPAN_INIT("pm"),    SPAN_INIT("min"),   SPAN_INIT("mins"),
		SPAN_INIT("minutes"), SPAN_INIT("hr"),    SPAN_INIT("hrs"),   SPAN_INIT("hour"),
		SPAN_INIT("hours"),   SPAN_INIT("days"),  SPAN_INIT("weeks"), SPAN_INIT("months"),
		SPAN_INIT("year"),    SPAN_INIT("years"), SPAN_INIT("kids"),  SPAN_INIT("men"),
		SPAN_INIT("women"),   SPAN_INIT("boys"),  SPAN_INIT("girls"), SPAN_INIT("people"),
	};

	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (span_eq(word, units[i]))
			return true;
	return false;
}

/* --- Han ------------------------------------------------------------------------------- */

/* clang-format off */
bool feature_han_meaning(uint32_t c, enum feature_kind *kind)
{
	switch (c) {
	case U'东': case U'南': case U'西': case U'北': case U'左': case U'右':
		*kind = FEATURE_DIRECTION;
		return true;
	case U'男': case U'女':
		*kind = FEATURE_GENDER;
		return true;
	default:
		return false;
	}
}
/* clang-format on */

/* Words that people exchange for each other (夜里, 明儿) are left out. */
bool feature_han_day(uint32_t c, uint32_t next)
{
	static const uint32_t days[][3] = { U"今天", U"昨天", U"前天", U"明天", U"后天", U"上午",
					    U"下午", U"中午", U"凌晨", U"早上", U"晚上", U"半夜" };

	for (size_t i = 0; i < COUNT_OF(days); i++)
		if (c == days[i][0] && next == days[i][1])
			return true;
	return false;
}

bool feature_han_colour(uint32_t c, uint32_t next)
{
	return next == U'色' && among(U"白黑红蓝灰银绿黄紫粉棕橙青", c);
}

bool feature_side_of_road(struct span name, uint32_t next)
{
	enum feature_kind kind;
	size_t length;

	return name.len == 6 && span_starts(name, SPAN("路")) &&
	       feature_han_meaning(utf8_at(name, 3, &length), &kind) && among(U"段侧边面方部口门头", next);
}

size_t feature_place_stem(struct span name)
{
	static const struct span kinds[] = { SPAN_INIT("省"), SPAN_INIT("市"), SPAN_INIT("区"),
					     SPAN_INIT("县"), SPAN_INIT("旗") };

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (name.len > 2 * kinds[i].len &&
		    memcmp(name.at + name.len - kinds[i].len, kinds[i].at, kinds[i].len) == 0)
			return name.len - kinds[i].len;
	return name.len;
}

bool feature_announces_name(uint64_t last, uint64_t but_one)
{
	switch (last) {
	case U'人':
		return but_one == U'寻' || but_one == U'系';
	case U'系':
		return but_one == U'联';
	case U'板':
		return but_one == U'老';
	case U'儿':
		return but_one == 1 + FEATURE_GENDER;
	case U'子':
		return but_one == U'儿' || but_one == U'妻';
	case U'名':
		return but_one == U'姓';
	default:
		return false;
	}
}

bool feature_family_name(uint32_t c)
{
	return among(U"王李张刘陈杨高黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董潘袁蔡蒋余于杜"
		     U"叶程魏苏吕丁沈任姚卢傅钟姜崔谭廖范汪陆石戴贾韦夏邱侯邹熊孟秦白江阎薛尹段雷龙史陶贺顾毛"
		     U"郝龚邵万钱严武戚莫孔汤康施牛葛",
		     c);
}
