/*
 * Facts of tips as lines of text, one tip each:
 *
 *   15-7K3MQ2X9RD at=1763748000000 bands=victim_located+fugitive_located new=1 members=2 ratio=6000+4000
 *   15-7K3MQ2X9RD weight=6000 specificity=3 partly_wrong=-2
 *
 * The first kind is what a verifier records of a case, the second what a
 * proposer adds: weight and points. Put together they are the inputs of the
 * calculation, written into the proposal.
 */
#include "daemon/money/book_state.h"

#include <assert.h>
#include <stdlib.h>

#define TIP_ID_MAX 15

static bool wrong(struct plan *plan, const char *field, const char *expected)
{
	plan->refusal->field = field;
	return plan_refuse(plan, 400, "WRONG_FIELD", "%s: %s", field, expected);
}

/* --- words ----------------------------------------------------------------------------- */

static bool next_word(struct span *rest, struct span *word)
{
	return !span_empty(*rest) && span_cut(rest, ' ', word) && !span_empty(*word);
}

static bool cut_word(struct span word, struct span *name, struct span *value)
{
	struct span rest = word;

	if (!span_cut(&rest, '=', name) || span_empty(*name) || span_empty(rest))
		return false;
	*value = rest;
	return true;
}

static bool is_tip_id(struct span id)
{
	if (id.len == 0 || id.len > TIP_ID_MAX)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if ((id.at[i] < '0' || id.at[i] > '9') && (id.at[i] < 'A' || id.at[i] > 'Z') && id.at[i] != '-')
			return false;
	return true;
}

static bool read_yes(struct span value, bool *out)
{
	*out = span_is(value, "1");
	return *out || span_is(value, "0");
}

static bool read_small(struct span value, unsigned max, unsigned *out)
{
	int64_t number;

	if (!money_read(value, false, &number) || number > (int64_t)max)
		return false;
	*out = (unsigned)number;
	return true;
}

/* --- what the verifier says ---------------------------------------------------------------- */

static bool read_bands(struct span value, struct policy_tip *tip)
{
	struct span rest = value, band;

	while (span_cut(&rest, '+', &band)) {
		if (tip->nbands == POLICY_BANDS_MAX || span_empty(band))
			return false;
		tip->bands[tip->nbands++] = band;
	}
	return true;
}

static bool read_ratio(struct span value, struct policy_tip *tip)
{
	struct span rest = value, part;
	size_t n = 0;

	while (span_cut(&rest, '+', &part))
		if (n == POLICY_MEMBERS_MAX || !read_small(part, POLICY_BP, &tip->member_bp[n++]))
			return false;
	return true;
}

static bool read_fact(struct span name, struct span value, struct policy_tip *tip, struct span *intake)
{
	if (span_is(name, "at"))
		return money_read(value, false, &tip->decisive_ms);
	if (span_is(name, "bands"))
		return read_bands(value, tip);
	if (span_is(name, "new"))
		return read_yes(value, &tip->new_facts);
	if (span_is(name, "detailed"))
		return read_yes(value, &tip->more_detailed);
	if (span_is(name, "offender"))
		return read_yes(value, &tip->offender);
	if (span_is(name, "victim"))
		return read_yes(value, &tip->victim);
	if (span_is(name, "duty"))
		return read_yes(value, &tip->duty);
	if (span_is(name, "members"))
		return read_small(value, POLICY_MEMBERS_MAX, &tip->members);
	if (span_is(name, "ratio"))
		return read_ratio(value, tip);
	if (span_is(name, "intake") && intake != NULL && value.len < STAFF_NAME_MAX) {
		*intake = value;
		return true;
	}
	return false;
}

static bool read_tip(struct span line, struct policy_tip *tip, struct span *intake)
{
	struct span rest = line, word, name, value;

	if (!next_word(&rest, &word) || !is_tip_id(word))
		return false;
	*tip = (struct policy_tip){ .tip = word };
	while (!span_empty(rest))
		if (!next_word(&rest, &word) || !cut_word(word, &name, &value) || !read_fact(name, value, tip, intake))
			return false;
	return tip->decisive_ms > 0;
}

static struct policy_tip *find_tip(struct policy_tip *tips, size_t n, struct span id)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(tips[i].tip, id))
			return &tips[i];
	return NULL;
}

bool facts_tips(struct plan *plan, const char *field, struct policy_tip *tips, struct span *intake, size_t *n)
{
	size_t nlines;
	struct span *lines = plan_list(plan, field, &nlines);

	*n = 0;
	if (nlines == 0 || nlines > POLICY_SHARES_MAX)
		return wrong(plan, field, "1 to 32 tips");
	for (size_t i = 0; i < nlines; i++) {
		if (!read_tip(lines[i], &tips[i], &intake[i]))
			return wrong(plan, field, "\"TIP at=MS bands=A+B new=1 ...\"");
		if (find_tip(tips, i, tips[i].tip) != NULL)
			return wrong(plan, field, "a tip stands once");
		*n = i + 1;
	}
	return true;
}

/* --- what the proposer adds ------------------------------------------------------------------ */

static bool read_points(struct span name, struct span value, struct policy_tip *tip)
{
	if (span_is(name, "weight"))
		return read_small(value, POLICY_BP, &tip->weight_bp);
	if (tip->nfactors == POLICY_FACTORS_MAX)
		return false;
	tip->factors[tip->nfactors].name = name;
	return money_read(value, true, &tip->factors[tip->nfactors++].points);
}

static bool read_factors(struct span line, struct policy_tip *tips, size_t n)
{
	struct span rest = line, word, name, value;
	struct policy_tip *tip;

	if (!next_word(&rest, &word))
		return false;
	tip = find_tip(tips, n, word);
	if (tip == NULL || tip->nfactors > 0 || tip->weight_bp > 0)
		return false;
	while (!span_empty(rest))
		if (!next_word(&rest, &word) || !cut_word(word, &name, &value) || !read_points(name, value, tip))
			return false;
	return true;
}

bool facts_factors(struct plan *plan, const char *field, struct policy_tip *tips, size_t n)
{
	size_t nlines;
	struct span *lines = plan_list(plan, field, &nlines);

	for (size_t i = 0; i < nlines; i++)
		if (!read_factors(lines[i], tips, n))
			return wrong(plan, field, "\"TIP weight=BP factor=POINTS ...\" of a tip of this case, once");
	return true;
}

/* --- written and kept --------------------------------------------------------------------------- */

static void put_bands(struct buf *line, const struct policy_tip *tip)
{
	for (size_t i = 0; i < tip->nbands; i++)
		buf_printf(line, "%s%.*s", i > 0 ? "+" : " bands=", (int)tip->bands[i].len, tip->bands[i].at);
}

static void put_members(struct buf *line, const struct policy_tip *tip)
{
	unsigned last = POLICY_MEMBERS_MAX;

	if (tip->members > 0)
		buf_printf(line, " members=%u", tip->members);
	while (last > 0 && tip->member_bp[last - 1] == 0)
		last--;
	for (unsigned i = 0; i < last; i++)
		buf_printf(line, "%s%u", i > 0 ? "+" : " ratio=", tip->member_bp[i]);
}

static void put_tip(struct buf *line, const struct policy_tip *tip)
{
	buf_printf(line, "%.*s at=%lld", (int)tip->tip.len, tip->tip.at, (long long)tip->decisive_ms);
	put_bands(line, tip);
	buf_add_text(line, tip->new_facts ? " new=1" : "");
	buf_add_text(line, tip->more_detailed ? " detailed=1" : "");
	buf_add_text(line, tip->offender ? " offender=1" : "");
	buf_add_text(line, tip->victim ? " victim=1" : "");
	buf_add_text(line, tip->duty ? " duty=1" : "");
	put_members(line, tip);
	if (tip->weight_bp > 0)
		buf_printf(line, " weight=%u", tip->weight_bp);
	for (size_t i = 0; i < tip->nfactors; i++)
		buf_printf(line, " %.*s=%lld", (int)tip->factors[i].name.len, tip->factors[i].name.at,
			   (long long)tip->factors[i].points);
}

void facts_put(struct plan *plan, const char *name, const struct policy_tip *tips, size_t n)
{
	struct buf line = { 0 };

	json_open_member(&plan->out, name, '[');
	for (size_t i = 0; i < n; i++) {
		buf_clear(&line);
		put_tip(&line, &tips[i]);
		json_text(&plan->out, NULL, buf_span(&line));
	}
	json_close(&plan->out, ']');
	buf_release(&line);
}

struct policy_tip *facts_keep(struct arena *store, const struct policy_tip *tips, size_t n)
{
	struct policy_tip *kept = arena_array(store, struct policy_tip, n);

	for (size_t i = 0; i < n; i++) {
		kept[i] = tips[i];
		kept[i].tip = arena_dup(store, tips[i].tip);
		for (size_t j = 0; j < tips[i].nbands; j++)
			kept[i].bands[j] = arena_dup(store, tips[i].bands[j]);
		for (size_t j = 0; j < tips[i].nfactors; j++)
			kept[i].factors[j].name = arena_dup(store, tips[i].factors[j].name);
	}
	return kept;
}
