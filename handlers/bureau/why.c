/*
 * Words of linking; see why.h.
 */
#include "handlers/bureau/why.h"

#include "daemon/base/table.h"

static const struct {
	const char *word;
	struct span zh;
	struct span en;
} table[] = {
	{ "copy", SPAN_INIT("内容相同：转发或改动很少"), SPAN_INIT("The same message, forwarded or little changed") },
	{ "plate", SPAN_INIT("车牌号相同"), SPAN_INIT("The same number plate") },
	{ "phone", SPAN_INIT("电话号码相同"), SPAN_INIT("The same telephone number") },
	{ "id_number", SPAN_INIT("身份证号码相同"), SPAN_INIT("The same ID number") },
	{ "bank_card", SPAN_INIT("银行卡号相同"), SPAN_INIT("The same bank card") },
	{ "account", SPAN_INIT("账号相同"), SPAN_INIT("The same account") },
	{ "age", SPAN_INIT("年龄相同"), SPAN_INIT("The same age") },
	{ "time", SPAN_INIT("时间相同"), SPAN_INIT("The same time") },
	{ "name", SPAN_INIT("姓名相同"), SPAN_INIT("The same name") },
	{ "place", SPAN_INIT("地点相同或相近"), SPAN_INIT("The same place, or near it") },
	{ "wording", SPAN_INIT("说法相近"), SPAN_INIT("Much of the wording is alike") },
	{ "officer", SPAN_INIT("由办案人员确认"), SPAN_INIT("Said by an officer") },
};

bool why_chinese(struct span lang)
{
	return span_starts(lang, SPAN("zh"));
}

struct span why_text(struct span word, struct span lang)
{
	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (span_is(word, table[i].word))
			return why_chinese(lang) ? table[i].zh : table[i].en;
	return word;
}

void why_json(struct span why, struct span lang, struct json_out *json)
{
	struct span rest = why;
	struct span word;

	json_text(json, "why", why);
	json_open_member(json, "reasons", '[');
	while (span_cut(&rest, ',', &word))
		if (word.len > 0)
			json_text(json, NULL, why_text(word, lang));
	json_close(json, ']');
}

bool why_has(struct span why, const char *word)
{
	struct span part;

	while (span_cut(&why, ',', &part))
		if (span_is(part, word))
			return true;
	return false;
}
