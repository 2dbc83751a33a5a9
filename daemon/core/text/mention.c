/*
 * Mentions of places; see mention.h.
 */
#include "daemon/core/text/mention.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/text/cue.h"
#include "daemon/core/text/role.h"
#include "daemon/core/text/tight.h"

#define HAN 3               /* bytes of a common Han character */
#define TOWN_PEOPLES_MAX 30 /* bytes of the peoples' names that may stand before 乡 */
#define RUN_GAP_MAX 9       /* bytes of separators that may stand within one address */

void mentions_add_patterns(const struct gazetteer *gazetteer, struct scan_set *set)
{
	for (uint32_t i = 0; i < gazetteer_name_count(gazetteer); i++)
		scan_set_add(set, SCAN_PLACE, i, gazetteer_name_at(gazetteer, i).text);
	cues_add_patterns(set);
}

/* --- words around a name -------------------------------------------------------- */

static bool latin(struct span text, size_t at)
{
	return text.at[at] >= 'a' && text.at[at] <= 'z';
}

/* A letter that a Latin word may go on with: Han characters do not. */
static bool letter_at(struct span text, size_t at)
{
	size_t length;

	return latin(text, at) || (utf8_at(text, at, &length) >= 0xC0 && utf8_at(text, at, &length) < 0x2000);
}

static bool word_begins(struct span text, size_t at)
{
	return at == 0 || !letter_at(text, utf8_before(text, at));
}

static bool word_ends(struct span text, size_t at)
{
	return at >= text.len || !letter_at(text, at);
}

/* Latin words must stand alone; Han characters do not separate words. */
static bool whole_word(struct span text, size_t from, size_t to)
{
	return !latin(text, from) || (word_begins(text, from) && word_ends(text, to));
}

/* Length of the first of the words (three bytes or more each) that stands at `at`, or 0. */
static size_t word_at(struct span text, size_t at, const char *const *words, size_t n)
{
	struct span rest = span_from_offset(text, at);

	if (rest.len < HAN)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (words[i][1] == rest.at[1] && words[i][2] == rest.at[2] && words[i][0] == rest.at[0] &&
		    span_starts(rest, span_of(words[i])))
			return strlen(words[i]);
	return 0;
}

size_t mention_separator(struct span text, size_t at)
{
	static const char *const wide[] = { "、", "。", "的", "—", "【", "】", "「", "」", "《", "》", "》" };

	if (at >= text.len)
		return 0;
	if ((unsigned char)text.at[at] < 0x80)
		return strchr(" ,./|-_()[]:;'\"", text.at[at]) != NULL && text.at[at] != '\0' ? 1 : 0;
	return word_at(text, at, wide, COUNT_OF(wide));
}

static size_t kind_word(struct span text, const struct mention *m)
{
	static const char *const han[] = { "市",   "县",     "区",     "旗",     "州",     "盟",  "省",
					   "地区", "自治县", "自治州", "自治区", "自治旗", "新区" };
	static const char *const other[] = { " city",
					     " county",
					     " district",
					     " banner",
					     " prefecture",
					     " province",
					     " shi",
					     " xian",
					     " qu",
					     " sheng",
					     " zhou",
					     " qi",
					     "-shi",
					     "-xian",
					     "-qu",
					     " autonomous county",
					     " autonomous prefecture" };
	size_t len;

	if (!latin(text, m->from))
		return word_at(text, m->to, han, COUNT_OF(han));
	len = word_at(text, m->to, other, COUNT_OF(other));
	return len > 0 && word_ends(text, m->to + len) ? len : 0;
}

/* A town bears the name: 长安镇, 三河回族乡. */
static bool town_word(struct span text, size_t at)
{
	static const char *const words[] = { "镇",   "乡",    "街道",      "村",
					     "社区", " town", " township", " village" };
	static const struct span of_peoples = SPAN_INIT("族乡");
	struct span near = span_from_offset(text, at);

	if (word_at(text, at, words, COUNT_OF(words)) > 0)
		return true;
	if (near.len > TOWN_PEOPLES_MAX)
		near.len = TOWN_PEOPLES_MAX;
	return memmem(near.at, near.len, of_peoples.at, of_peoples.len) != NULL;
}

/* "东二路", "大道", "街", with so many characters before the kind: what makes a road of the name before it.
 */
static bool road_word(struct span text, size_t at, int between_max)
{
	static const char *const between[] = { "东", "西", "南", "北", "中", "一", "二", "三", "四", "五",
					       "六", "七", "八", "九", "十", "大", "环", "支", "内", "外",
					       "上", "下", "新", "老", "前", "后", "横", "纵" };
	static const char *const roads[] = { "路",   "街",   "大道", "巷",   "弄",  "胡同",
					     "公路", "高速", "高架", "大桥", "立交" };

	static const char *const no_roads[] = { "路边", "路过", "路人", "街头", "街边",  "道歉",
						"道路", "道理", "街坊", "街道", "街街道" };

	for (int steps = 0; steps <= between_max; steps++) {
		size_t len;

		if (word_at(text, at, no_roads, COUNT_OF(no_roads)) > 0)
			return false;
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
	const struct folded *folded;
	struct span text;
	const struct scan_hits *hits;
	struct mentions *out;
	struct cue_hits cues;
	uint32_t covered; /* end of the names kept so far */
};

static struct mention *last_taken(const struct collecting *c)
{
	return c->out->n > 0 ? &c->out->at[c->out->n - 1] : NULL;
}

static unsigned kinds_of(const struct collecting *c, const struct scan_hit *names, size_t n)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < n; i++)
		kinds |= 1u << gazetteer_name_at(c->gazetteer, names[i].meaning).kind;
	return kinds;
}

/* True when the words are no more than the short name of counties: the weakest of names. */
static bool bare_county(const struct collecting *c, const struct mention *m)
{
	for (size_t i = 0; i < m->nnames; i++) {
		struct gazetteer_name name = gazetteer_name_at(c->gazetteer, m->names[i].meaning);

		if ((name.kind != NAME_SHORT && name.kind != NAME_COMMON) ||
		    gazetteer_at(c->gazetteer, name.region)->level != REGION_COUNTY)
			return false;
	}
	return m->form == FORM_BARE;
}

static bool torn(const struct collecting *c, const struct mention *m)
{
	return tight_torn(c->folded, m->from, m->to);
}

/*
 * Of two names that overlap the first counts, unless it ends in its kind word
 * and the second needs the character (济南市 + 市中区: both), is torn and the
 * second is not (李丽 江苏省), or is a bare county against a full name
 * (在大 安徽省).
 */
enum overlap {
	OVERLAP_NONE,
	OVERLAP_REPLACES, /* the later one */
	OVERLAP_YIELDS,
};

static enum overlap overlap_of(const struct collecting *c, const struct mention *m)
{
	const struct mention *last = last_taken(c);

	if (last == NULL || m->from >= last->to)
		return OVERLAP_NONE;
	if (m->from + HAN == last->to && mention_has(last, NAME_FULL) && mention_has(m, NAME_FULL))
		return OVERLAP_NONE;
	if (m->from == last->from || mention_has(last, NAME_WORD))
		return OVERLAP_YIELDS;
	if (torn(c, last) && !torn(c, m) && (!mention_has(last, NAME_FULL) || mention_has(m, NAME_FULL)))
		return OVERLAP_REPLACES;
	return mention_has(m, NAME_FULL) && bare_county(c, last) ? OVERLAP_REPLACES : OVERLAP_YIELDS;
}

static bool lies_beneath(const struct collecting *c, const struct mention *inner, const struct mention *outer)
{
	for (size_t i = 0; i < inner->nnames; i++)
		for (size_t k = 0; k < outer->nnames; k++) {
			const struct region *a =
				gazetteer_at(c->gazetteer,
					     gazetteer_name_at(c->gazetteer, inner->names[i].meaning).region);
			const struct region *b =
				gazetteer_at(c->gazetteer,
					     gazetteer_name_at(c->gazetteer, outer->names[k].meaning).region);

			if (a != b && region_lies_within(a, b))
				return true;
		}
	return false;
}

/*
 * Right behind its province or city a name is rather a county in front of a
 * road (石家庄平山 上上路) than the road's name, unless the road word follows at
 * once; behind another name ("南京市 北京东路") it is the road's.
 */
static bool names_road(const struct collecting *c, const struct mention *m)
{
	const struct mention *last = last_taken(c);

	if (!road_word(c->text, m->to, 3))
		return false;
	if (last == NULL || last->role == MENTION_NOT || !only_separators(c->text, last->to, m->from))
		return true;
	return road_word(c->text, m->to, lies_beneath(c, m, last) ? 0 : 1);
}

/* `next_name`: another name begins where this one ends (台州 路桥), so what follows is no word about it. */
static void judge_form(struct collecting *c, struct mention *m, bool next_name)
{
	bool full = mention_has(m, NAME_FULL);
	size_t len = full && !latin(c->text, m->from) ? 0 : kind_word(c->text, m);

	m->form = FORM_BARE;
	m->role = MENTION_PLAIN;
	if (mention_has(m, NAME_WORD)) {
		m->role = MENTION_NOT;
	} else if (len > 0 && !next_name) {
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

static void take_place(struct collecting *c, size_t first, size_t n)
{
	const struct scan_hit *hit = &c->hits->at[first];
	struct mention m = { .from = hit->from, .to = hit->to, .names = hit, .nnames = n };

	if (c->out->n == MENTIONS_MAX || hit->to <= c->covered)
		return;
	m.kinds = kinds_of(c, hit, n);
	switch (overlap_of(c, &m)) {
	case OVERLAP_YIELDS:
		return;
	case OVERLAP_REPLACES:
		c->out->n--;
		break;
	case OVERLAP_NONE:
		break;
	}
	c->covered = hit->to;
	judge_form(c, &m, name_begins(c->hits, first + n, hit->to));
	c->out->at[c->out->n++] = m;
}

static size_t same_words(const struct scan_hits *hits, size_t first)
{
	const struct scan_hit *hit = &hits->at[first];
	size_t n = 1;

	while (first + n < hits->n && hits->at[first + n].family == SCAN_PLACE &&
	       hits->at[first + n].from == hit->from && hits->at[first + n].to == hit->to)
		n++;
	return n;
}

/* --- names written as one Latin word: "henanshengzhoukoushi" ----------------------------- */

#define GLUED_MAX 6
#define GLUED_MIN 4 /* letters a name needs */

struct glued {
	const struct collecting *c;
	size_t part[GLUED_MAX]; /* hits */
	size_t kind[GLUED_MAX]; /* bytes of the kind word behind each */
	size_t n;
};

static size_t glued_kind(struct span text, size_t at)
{
	static const char *const kinds[] = { "sheng", "shi", "xian", "zhou" };
	size_t len = word_at(text, at, kinds, COUNT_OF(kinds));
	struct span rest = span_from_offset(text, at);

	return len > 0 ? len : span_starts(rest, SPAN("qu")) || span_starts(rest, SPAN("qi")) ? 2 : 0;
}

/* True when names (and their kind words) make up the word from `at` to its end. */
static bool unglue(struct glued *g, size_t hit, uint32_t at)
{
	const struct scan_hits *hits = g->c->hits;
	struct span text = g->c->text;

	if (word_ends(text, at))
		return g->n > 0;
	if (g->n == GLUED_MAX)
		return false;
	for (; hit < hits->n && hits->at[hit].from <= at; hit++) {
		const struct scan_hit *h = &hits->at[hit];
		size_t kind = glued_kind(text, h->to);

		if (h->family != SCAN_PLACE || h->from != at || h->to - h->from < GLUED_MIN)
			continue;
		g->part[g->n] = hit;
		g->kind[g->n++] = kind;
		if ((kind > 0 && unglue(g, hit, h->to + (uint32_t)kind)) || unglue(g, hit, h->to))
			return true;
		g->n--;
	}
	return false;
}

static void take_glued(struct collecting *c, size_t first)
{
	struct glued g = { .c = c };

	if (c->hits->at[first].to <= c->covered || !unglue(&g, first, c->hits->at[first].from))
		return;
	for (size_t i = 0; i < g.n && c->out->n < MENTIONS_MAX; i++) {
		const struct scan_hit *hit = &c->hits->at[g.part[i]];
		bool kind = g.kind[i] > 0 && (i + 1 == g.n || c->hits->at[g.part[i + 1]].from > hit->to);

		c->out->at[c->out->n++] = (struct mention){ .from = hit->from,
							    .to = hit->to + (kind ? (uint32_t)g.kind[i] : 0),
							    .names = hit,
							    .nnames = same_words(c->hits, g.part[i]),
							    .form = kind ? FORM_KIND : FORM_BARE };
		c->covered = c->out->at[c->out->n - 1].to;
	}
}

/* --- all of them ------------------------------------------------------------------------- */

static void take_name(struct collecting *c, size_t first, size_t n)
{
	const struct scan_hit *hit = &c->hits->at[first];

	if (whole_word(c->text, hit->from, hit->to))
		take_place(c, first, n);
	else if (word_begins(c->text, hit->from))
		take_glued(c, first);
}

static void take_cue(struct collecting *c, const struct scan_hit *hit)
{
	if (whole_word(c->text, hit->from, hit->to))
		cue_hits_add(&c->cues, hit);
}

static void collect(struct collecting *c)
{
	for (size_t i = 0, n; i < c->hits->n; i += n) {
		const struct scan_hit *hit = &c->hits->at[i];

		n = 1;
		if (hit->family == SCAN_CUE)
			take_cue(c, hit);
		if (hit->family != SCAN_PLACE)
			continue;
		n = same_words(c->hits, i);
		take_name(c, i, n);
	}
}

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

void mentions_find(const struct gazetteer *gazetteer, const struct folded *text, const struct scan_hits *hits,
		   struct mentions *out)
{
	struct collecting c;

	c.gazetteer = gazetteer;
	c.folded = text;
	c.text = text->text;
	c.hits = hits;
	c.out = out;
	c.cues.n = 0;
	c.covered = 0;
	out->n = 0;
	collect(&c);
	if (out->n == 0)
		return;
	number_runs(&c);
	roles_judge(text->text, &c.cues, out);
}
