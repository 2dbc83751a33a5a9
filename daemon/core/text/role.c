/*
 * Roles of mentions; see role.h.
 */
#include "daemon/core/text/role.h"

#include "daemon/base/utf8.h"

#define HAN 3 /* bytes of a common Han character */

void cue_hits_add(struct cue_hits *cues, const struct scan_hit *hit)
{
	for (size_t i = cues->n; i > 0 && i + 4 > cues->n; i--) {
		const struct scan_hit *longer = cues->at[i - 1];

		if (longer->from <= hit->from && longer->to >= hit->to &&
		    longer->to - longer->from > hit->to - hit->from)
			return;
	}
	if (cues->n < CUE_HITS_MAX)
		cues->at[cues->n++] = hit;
}

/* --- cue and run ------------------------------------------------------------------- */

/* A run of mentions and the words that may speak of it: from the run before to the run behind. */
struct run {
	struct span text;
	struct mention *first;
	struct mention *last;
	uint32_t after_previous;
	uint32_t before_next;
};

static bool clause_ends_within(struct span text, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (strchr(",;!?", text.at[i]) != NULL || span_starts(span_from_offset(text, i), SPAN("。")))
			return true;
	return false;
}

static bool reaches(struct span text, const struct cue *cue, uint32_t from, uint32_t to)
{
	return to - from <= cue->reach && !clause_ends_within(text, from, to);
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

/* "叫 王 南京": behind a cue for names a bare name is a person's when a surname or nothing stands between. */
static bool is_person(const struct run *run, const struct scan_hit *hit)
{
	uint32_t from = run->first->from;

	return hit->to == from || (from >= HAN && surname(run->text, from - HAN));
}

/* "李延安失踪了": a thought that begins with a surname and a bare name. */
static bool begins_with_person(const struct run *run)
{
	uint32_t from = run->first->from;
	uint32_t before;

	if (from < HAN || !surname(run->text, from - HAN) ||
	    span_starts(span_from_offset(run->text, from - HAN), SPAN("于")))
		return false;
	if (from == HAN)
		return true;
	before = (uint32_t)utf8_before(run->text, from - HAN);
	return mention_separator(run->text, before) > 0 || (unsigned char)run->text.at[before] < 0x80;
}

static enum mention_role role_of_effect(enum cue_effect effect)
{
	switch (effect) {
	case CUE_EVENT:
		return MENTION_EVENT;
	case CUE_ASIDE:
		return MENTION_ASIDE;
	case CUE_ORIGIN:
		return MENTION_ORIGIN;
	case CUE_NO_PLACE:
	case CUE_NAME:
	case CUE_DENIAL:
		return MENTION_NOT;
	case CUE_NEUTRAL:
		break;
	}
	return MENTION_PLAIN;
}

/* What the cues say, each kind of answer apart: the strongest role, and who takes the place away. */
struct verdict {
	enum mention_role role;
	bool denied;   /* all of the run */
	bool no_place; /* a person's name, a dish, a make: the bare name alone */
};

static void add_role(struct verdict *v, enum mention_role role)
{
	if (role > v->role)
		v->role = role;
}

static void hear_before(const struct run *run, const struct scan_hit *hit, struct verdict *v)
{
	const struct cue *cue = cue_of(hit);
	uint32_t from = run->first->from;

	if (hit->from < run->after_previous || hit->to > from || !reaches(run->text, cue, hit->to, from))
		return;
	if (cue->effect == CUE_DENIAL)
		v->denied = true;
	else if (cue->effect == CUE_NAME)
		v->no_place = v->no_place || is_person(run, hit);
	else if (cue->effect == CUE_NO_PLACE)
		v->no_place = true;
	else
		add_role(v, role_of_effect(cue->effect));
}

static void hear_after(const struct run *run, const struct scan_hit *hit, struct verdict *v)
{
	const struct cue *cue = cue_of(hit);
	uint32_t to = run->last->to;

	if (hit->from < to || hit->to > run->before_next || !reaches(run->text, cue, to, hit->from))
		return;
	if (cue->effect == CUE_NO_PLACE)
		v->no_place = true;
	else
		add_role(v, role_of_effect(cue->effect));
}

static struct verdict hear(const struct run *run, const struct cue_hits *cues)
{
	struct verdict v = { .role = MENTION_PLAIN };

	for (size_t i = 0; i < cues->n; i++) {
		const struct scan_hit *hit = cues->at[i];

		if (cue_of(hit)->side == CUE_BEFORE)
			hear_before(run, hit, &v);
		else
			hear_after(run, hit, &v);
	}
	return v;
}

/* --- all runs ------------------------------------------------------------------------- */

static bool in_full(const struct mention *m)
{
	return m->form == FORM_KIND || mention_has(m, NAME_FULL);
}

static void apply(const struct run *run, const struct verdict *v)
{
	bool alone = run->first == run->last && run->first->form == FORM_BARE && !in_full(run->first);
	bool person =
		alone && v->role <= MENTION_ASIDE && v->role != MENTION_EVENT && begins_with_person(run);

	/* "重庆火锅" is a dish; "通辽库伦 花园路" is an address. */
	if (alone && (v->no_place || person))
		run->first->role = MENTION_NOT;
	for (struct mention *m = run->first; m <= run->last; m++)
		m->role = m->role == MENTION_NOT || v->denied ? MENTION_NOT : v->role;
}

void roles_judge(struct span text, const struct cue_hits *cues, struct mentions *mentions)
{
	struct mention *at = mentions->at;

	for (size_t i = 0, n; i < mentions->n; i += n) {
		struct run run = { .text = text, .first = &at[i] };
		struct verdict v;

		for (n = 1; i + n < mentions->n && at[i + n].run == at[i].run;)
			n++;
		run.last = &at[i + n - 1];
		run.after_previous = i > 0 ? at[i - 1].to : 0;
		run.before_next = i + n < mentions->n ? at[i + n].from : (uint32_t)text.len;
		v = hear(&run, cues);
		apply(&run, &v);
	}
}
