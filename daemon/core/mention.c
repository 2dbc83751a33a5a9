/*
 * Mentions of places; see mention.h.
 */
#include "daemon/core/mention.h"

#include "daemon/base/table.h"

#define HAN 3 /* bytes of a common Han character */
#define CUES_MAX 64
#define RUN_GAP_MAX 9 /* bytes of separators that may stand within one address */

/* --- cue words ------------------------------------------------------------------ */

enum cue_side {
	CUE_BEFORE, /* the cue stands before the place */
	CUE_AFTER,
};

enum cue_effect {
	CUE_NEUTRAL, /* hides a shorter cue: 人民 is not 人 */
	CUE_EVENT,
	CUE_ORIGIN,
	CUE_NO_PLACE,
	CUE_NAME, /* a person's name follows: one surname may stand between */
};

/* `reach`: bytes that may stand between cue and place. */
struct cue {
	const char *word;
	enum cue_side side;
	enum cue_effect effect;
	unsigned reach;
};

static const struct cue cues[] = {
	{ "在", CUE_BEFORE, CUE_EVENT, 3 },       { "住", CUE_BEFORE, CUE_EVENT, 3 },
	{ "位于", CUE_BEFORE, CUE_EVENT, 3 },     { "地址", CUE_BEFORE, CUE_EVENT, 6 },
	{ "地点", CUE_BEFORE, CUE_EVENT, 6 },     { "到", CUE_BEFORE, CUE_EVENT, 0 },
	{ "到了", CUE_BEFORE, CUE_EVENT, 0 },     { "in", CUE_BEFORE, CUE_EVENT, 5 },
	{ "near", CUE_BEFORE, CUE_EVENT, 5 },     { "at", CUE_BEFORE, CUE_EVENT, 5 },
	{ "老家", CUE_BEFORE, CUE_ORIGIN, 9 },    { "籍贯", CUE_BEFORE, CUE_ORIGIN, 9 },
	{ "户籍", CUE_BEFORE, CUE_ORIGIN, 9 },    { "祖籍", CUE_BEFORE, CUE_ORIGIN, 6 },
	{ "原籍", CUE_BEFORE, CUE_ORIGIN, 6 },    { "户口", CUE_BEFORE, CUE_ORIGIN, 6 },
	{ "来自", CUE_BEFORE, CUE_ORIGIN, 3 },    { "出生", CUE_BEFORE, CUE_ORIGIN, 6 },
	{ "自称", CUE_BEFORE, CUE_ORIGIN, 6 },    { "家是", CUE_BEFORE, CUE_ORIGIN, 0 },
	{ "从", CUE_BEFORE, CUE_ORIGIN, 0 },      { "口音", CUE_BEFORE, CUE_ORIGIN, 6 },
	{ "from", CUE_BEFORE, CUE_ORIGIN, 1 },    { "native of", CUE_BEFORE, CUE_ORIGIN, 1 },
	{ "born in", CUE_BEFORE, CUE_ORIGIN, 1 }, { "开往", CUE_BEFORE, CUE_NO_PLACE, 0 },
	{ "发往", CUE_BEFORE, CUE_NO_PLACE, 0 },  { "飞往", CUE_BEFORE, CUE_NO_PLACE, 0 },
	{ "叫", CUE_BEFORE, CUE_NAME, 3 },        { "叫做", CUE_BEFORE, CUE_NAME, 3 },
	{ "姓名", CUE_BEFORE, CUE_NAME, 6 },      { "名字是", CUE_BEFORE, CUE_NAME, 3 },
	{ "人", CUE_AFTER, CUE_ORIGIN, 0 },       { "人民", CUE_AFTER, CUE_NEUTRAL, 0 },
	{ "人行", CUE_AFTER, CUE_NEUTRAL, 0 },    { "人家", CUE_AFTER, CUE_NEUTRAL, 0 },
	{ "人才", CUE_AFTER, CUE_NEUTRAL, 0 },    { "人寿", CUE_AFTER, CUE_NEUTRAL, 0 },
	{ "人社", CUE_AFTER, CUE_NEUTRAL, 0 },    { "人和", CUE_AFTER, CUE_NEUTRAL, 0 },
	{ "籍", CUE_AFTER, CUE_ORIGIN, 0 },       { "那边的人", CUE_AFTER, CUE_ORIGIN, 0 },
	{ "那边来的", CUE_AFTER, CUE_ORIGIN, 0 }, { "来的", CUE_AFTER, CUE_ORIGIN, 0 },
	{ "口音", CUE_AFTER, CUE_ORIGIN, 6 },     { "方言", CUE_AFTER, CUE_ORIGIN, 3 },
	{ "话", CUE_AFTER, CUE_ORIGIN, 0 },       { "accent", CUE_AFTER, CUE_ORIGIN, 1 },
	{ "方向", CUE_AFTER, CUE_NO_PLACE, 0 },   { "火锅", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "羊肉", CUE_AFTER, CUE_NO_PLACE, 0 },   { "拉面", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "烤鸭", CUE_AFTER, CUE_NO_PLACE, 0 },   { "烤肉", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "大盘鸡", CUE_AFTER, CUE_NO_PLACE, 0 }, { "米粉", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "米线", CUE_AFTER, CUE_NO_PLACE, 0 },   { "小吃", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "小面", CUE_AFTER, CUE_NO_PLACE, 0 },   { "烧烤", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "菜", CUE_AFTER, CUE_NO_PLACE, 0 },     { "料理", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "板鸭", CUE_AFTER, CUE_NO_PLACE, 0 },   { "特产", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "啤酒", CUE_AFTER, CUE_NO_PLACE, 0 },   { "大众", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "通用", CUE_AFTER, CUE_NO_PLACE, 0 },   { "现代", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "牌", CUE_AFTER, CUE_NO_PLACE, 0 },     { "银行", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "卫视", CUE_AFTER, CUE_NO_PLACE, 0 },   { "晚报", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "日报", CUE_AFTER, CUE_NO_PLACE, 0 },   { "岛图案", CUE_AFTER, CUE_NO_PLACE, 0 },
	{ "是大家", CUE_AFTER, CUE_NO_PLACE, 0 },
};

static const struct cue *cue_of(const struct scan_hit *hit)
{
	return &cues[hit->meaning];
}

void mentions_add_patterns(const struct gazetteer *gazetteer, struct scan_set *set)
{
	for (uint32_t i = 0; i < gazetteer_name_count(gazetteer); i++)
		scan_set_add(set, SCAN_PLACE, i, gazetteer_name_at(gazetteer, i)->text);
	for (uint32_t i = 0; i < COUNT_OF(cues); i++)
		scan_set_add(set, SCAN_CUE, i, span_of(cues[i].word));
}

/* --- words around a name -------------------------------------------------------- */

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool latin(struct span text, size_t at)
{
	return text.at[at] >= 'a' && text.at[at] <= 'z';
}

/* Latin words must stand alone; Han characters do not separate words. */
static bool whole_word(struct span text, size_t from, size_t to)
{
	if (!latin(text, from))
		return true;
	return (from == 0 || !letter(text.at[from - 1])) && (to >= text.len || !letter(text.at[to]));
}

/* Length of the first of the words that stands at `at`, or 0. */
static size_t word_at(struct span text, size_t at, const char *const *words, size_t n)
{
	struct span rest = span_from_offset(text, at);

	for (size_t i = 0; i < n; i++)
		if (span_starts(rest, span_of(words[i])))
			return strlen(words[i]);
	return 0;
}

size_t mention_separator(struct span text, size_t at)
{
	static const char *const wide[] = { "、", "。", "·",  "的", "—",  "【",
					    "】", "「", "」", "《", "》", "》" };

	if (at >= text.len)
		return 0;
	if ((unsigned char)text.at[at] < 0x80)
		return strchr(" ,./|-_()[]:;'\"", text.at[at]) != NULL && text.at[at] != '\0' ? 1 : 0;
	return word_at(text, at, wide, COUNT_OF(wide));
}

static size_t kind_word(struct span text, const struct mention *m)
{
	static const char *const han[] = { "市", "县", "区", "旗", "州", "盟", "省", "地区" };
	static const char *const other[] = { " city",   " county",     " district",
					     " banner", " prefecture", " province" };
	size_t len;

	if (!latin(text, m->from))
		return word_at(text, m->to, han, COUNT_OF(han));
	len = word_at(text, m->to, other, COUNT_OF(other));
	return whole_word(text, m->to + (len > 0), m->to + len) ? len : 0;
}

static bool town_word(struct span text, size_t at)
{
	static const char *const words[] = { "镇", "乡", "街道", "村", "社区" };

	return word_at(text, at, words, COUNT_OF(words)) > 0;
}

/* "东二路", "大道", "街", with so many characters before the kind: what makes a road of the name before it.
 */
static bool road_word(struct span text, size_t at, int between_max)
{
	static const char *const between[] = { "东", "西", "南", "北", "中", "一", "二", "三", "四", "五",
					       "六", "七", "八", "九", "十", "大", "环", "支", "内", "外",
					       "上", "下", "新", "老", "前", "后", "横", "纵" };
	static const char *const roads[] = { "路",   "街",   "道",   "巷",   "弄",  "胡同",
					     "公路", "高速", "高架", "大桥", "立交" };

	for (int steps = 0; steps <= between_max; steps++) {
		size_t len;

		if (word_at(text, at, roads, COUNT_OF(roads)) > 0)
			return true;
		len = word_at(text, at, between, COUNT_OF(between));
		if (len == 0)
			return false;
		at += len;
	}
	return false;
}

static bool only_separators(struct span text, size_t from, size_t to)
{
	if (from + RUN_GAP_MAX < to)
		return false;
	while (from < to) {
		size_t len = mention_separator(text, from);

		if (len == 0)
			return false;
		from += len;
	}
	return true;
}

/* --- collecting ------------------------------------------------------------------- */

struct collecting {
	const struct gazetteer *gazetteer;
	struct span text;
	struct mentions *out;
	const struct scan_hit *cues[CUES_MAX];
	size_t ncues;
	uint32_t covered; /* end of the names kept so far */
};

static const struct mention *last_taken(const struct collecting *c)
{
	return c->out->n > 0 ? &c->out->at[c->out->n - 1] : NULL;
}

/* True when some region bears exactly these words as its full name. */
static bool named_in_full(const struct collecting *c, const struct mention *m)
{
	for (size_t i = 0; i < m->nnames; i++)
		if (gazetteer_name_at(c->gazetteer, m->names[i].meaning)->kind == NAME_FULL)
			return true;
	return false;
}

/*
 * A name that overlaps the one before it counts only when that one ends in
 * its kind word and this one needs the character: 济南市 + 市中区.
 */
static bool overlaps(const struct collecting *c, const struct mention *m)
{
	const struct mention *last = last_taken(c);

	if (last == NULL || m->from >= last->to)
		return false;
	return !(m->from + HAN == last->to && named_in_full(c, last) && named_in_full(c, m));
}

/*
 * Right behind its province or city a name is rather a county in front of a
 * road (石家庄平山 上上路) than the road's name, unless the road word follows at once.
 */
static bool names_road(const struct collecting *c, const struct mention *m)
{
	const struct mention *last = last_taken(c);
	bool behind =
		last != NULL && last->role != MENTION_NOT && only_separators(c->text, last->to, m->from);

	return road_word(c->text, m->to, behind ? 1 : 3);
}

/* `next_name`: another name begins where this one ends (台州 路桥), so what follows is no word about it. */
static void judge_form(struct collecting *c, struct mention *m, bool next_name)
{
	bool full = named_in_full(c, m);
	size_t len = full && !latin(c->text, m->from) ? 0 : kind_word(c->text, m);

	m->form = FORM_BARE;
	m->role = MENTION_PLAIN;
	if (len > 0 && !next_name) {
		m->form = FORM_KIND;
		m->to += (uint32_t)len;
	} else if (!full && town_word(c->text, m->to)) {
		m->form = FORM_TOWN;
	} else if (!full && !next_name && names_road(c, m)) {
		m->role = MENTION_NOT;
	}
}

/* True when one of the hits from `at` on is a name that begins at `from`. */
static bool name_begins(const struct scan_hits *hits, size_t at, uint32_t from)
{
	for (; at < hits->n && hits->at[at].from <= from; at++)
		if (hits->at[at].from == from && hits->at[at].family == SCAN_PLACE)
			return true;
	return false;
}

static void take_place(struct collecting *c, const struct scan_hits *hits, size_t first, size_t n)
{
	const struct scan_hit *hit = &hits->at[first];
	struct mention *m = &c->out->at[c->out->n];

	if (c->out->n == MENTIONS_MAX || hit->to <= c->covered || !whole_word(c->text, hit->from, hit->to))
		return;
	*m = (struct mention){ .from = hit->from, .to = hit->to, .names = hit, .nnames = n };
	if (overlaps(c, m))
		return;
	c->covered = hit->to;
	judge_form(c, m, name_begins(hits, first + n, hit->to));
	c->out->n++;
}

static void take_cue(struct collecting *c, const struct scan_hit *hit)
{
	if (c->ncues < CUES_MAX && whole_word(c->text, hit->from, hit->to))
		c->cues[c->ncues++] = hit;
}

static void collect(struct collecting *c, const struct scan_hits *hits)
{
	for (size_t i = 0, n; i < hits->n; i += n) {
		const struct scan_hit *hit = &hits->at[i];

		n = 1;
		if (hit->family == SCAN_CUE)
			take_cue(c, hit);
		if (hit->family != SCAN_PLACE)
			continue;
		while (i + n < hits->n && hits->at[i + n].family == SCAN_PLACE &&
		       hits->at[i + n].from == hit->from && hits->at[i + n].to == hit->to)
			n++;
		take_place(c, hits, i, n);
	}
}

/* --- runs and roles ----------------------------------------------------------------- */

static void number_runs(struct collecting *c)
{
	const struct mention *last = NULL;

	for (size_t i = 0; i < c->out->n; i++) {
		struct mention *m = &c->out->at[i];
		bool same = last != NULL && last->role != MENTION_NOT &&
			    only_separators(c->text, last->to, m->from);

		m->run = last == NULL ? 0 : last->run + !same;
		m->run_from = same ? last->run_from : m->from;
		last = m;
	}
}

static bool surname(struct span text, size_t at)
{
	static const char common[] =
		"李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋"
		"蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙"
		"万段雷钱汤尹黎易常武乔贺赖龚文";

	for (size_t i = 0; at + HAN <= text.len && i + HAN < sizeof(common); i += HAN)
		if (memcmp(text.at + at, common + i, HAN) == 0)
			return true;
	return false;
}

static enum mention_role role_before(const struct collecting *c, const struct scan_hit *hit, uint32_t from)
{
	const struct cue *cue = cue_of(hit);

	if (cue->side != CUE_BEFORE || hit->to > from || from - hit->to > cue->reach)
		return MENTION_PLAIN;
	if (cue->effect == CUE_EVENT)
		return MENTION_EVENT;
	if (cue->effect == CUE_ORIGIN)
		return MENTION_ORIGIN;
	if (cue->effect == CUE_NAME && (from < HAN || !surname(c->text, from - HAN)))
		return MENTION_PLAIN;
	return MENTION_NOT;
}

static enum mention_role role_after(const struct scan_hit *hit, uint32_t to)
{
	const struct cue *cue = cue_of(hit);

	if (cue->side != CUE_AFTER || hit->from < to || hit->from - to > cue->reach)
		return MENTION_PLAIN;
	switch (cue->effect) {
	case CUE_ORIGIN:
		return MENTION_ORIGIN;
	case CUE_NO_PLACE:
		return MENTION_NOT;
	case CUE_NEUTRAL:
	case CUE_EVENT:
	case CUE_NAME:
		break;
	}
	return MENTION_PLAIN;
}

/* The stronger of two opinions; the enum is in order of strength. */
static enum mention_role stronger(enum mention_role a, enum mention_role b)
{
	return a > b ? a : b;
}

/* What stands before the run and behind it; a longer cue at the same place hides a shorter one. */
static void run_roles(const struct collecting *c, uint32_t from, uint32_t to, enum mention_role *before,
		      enum mention_role *after)
{
	uint32_t hidden = UINT32_MAX;

	*before = *after = MENTION_PLAIN;
	for (size_t i = 0; i < c->ncues; i++) {
		const struct scan_hit *hit = c->cues[i];

		*before = stronger(*before, role_before(c, hit, from));
		if (cue_of(hit)->side == CUE_AFTER && cue_of(hit)->effect == CUE_NEUTRAL)
			hidden = hit->from;
		if (hit->from != hidden)
			*after = stronger(*after, role_after(hit, to));
	}
}

static void judge_run(struct collecting *c, struct mention *first, struct mention *last)
{
	enum mention_role before;
	enum mention_role after;
	enum mention_role role;

	run_roles(c, first->from, last->to, &before, &after);
	if (before == MENTION_NOT)
		first->role = named_in_full(c, first) ? first->role : MENTION_NOT;
	if (after == MENTION_NOT && !named_in_full(c, last))
		last->role = MENTION_NOT;
	role = stronger(before == MENTION_NOT ? MENTION_PLAIN : before,
			after == MENTION_NOT ? MENTION_PLAIN : after);
	for (struct mention *m = first; m <= last; m++)
		m->role = m->role == MENTION_NOT ? MENTION_NOT : role;
}

static void judge_runs(struct collecting *c)
{
	struct mention *at = c->out->at;

	for (size_t i = 0, n; i < c->out->n; i += n) {
		n = 1;
		while (i + n < c->out->n && at[i + n].run == at[i].run)
			n++;
		judge_run(c, &at[i], &at[i + n - 1]);
	}
}

void mentions_find(const struct gazetteer *gazetteer, struct span text, const struct scan_hits *hits,
		   struct mentions *out)
{
	struct collecting c;

	c.gazetteer = gazetteer;
	c.text = text;
	c.out = out;
	c.ncues = 0;
	c.covered = 0;
	out->n = 0;
	collect(&c, hits);
	number_runs(&c);
	judge_runs(&c);
}
