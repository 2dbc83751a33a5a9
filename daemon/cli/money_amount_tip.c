/*
 * Facts of a tip out of a line of text; see money_amount.h.
 */
#include "daemon/cli/money_amount.h"

#include "daemon/base/money.h"

static bool read_flag(struct span value, bool *flag)
{
	*flag = span_is(value, "1");
	return *flag || span_is(value, "0");
}

static bool read_bands(struct span value, struct money_tip *tip)
{
	struct span rest = value, band;

	while (span_cut(&rest, '+', &band)) {
		if (span_empty(band) || tip->nbands == MONEY_BANDS_MAX)
			return false;
		tip->bands[tip->nbands++] = band;
	}
	return true;
}

static bool read_ratio(struct span value, struct money_tip *tip)
{
	struct span rest = value, part;

	while (span_cut(&rest, '+', &part))
		if (tip->nratio == MONEY_MEMBERS_MAX || !money_read(part, false, &tip->ratio[tip->nratio++]))
			return false;
	return true;
}

static bool read_point(struct span name, struct span value, struct money_tip *tip)
{
	for (size_t i = 0; i < tip->npoints; i++)
		if (span_eq(tip->points[i].name, name))
			return false;
	if (tip->npoints == MONEY_FACTORS_MAX)
		return false;
	tip->points[tip->npoints].name = name;
	return money_read(value, true, &tip->points[tip->npoints++].most);
}

static bool read_fact(struct span name, struct span value, struct money_tip *tip)
{
	if (span_is(name, "at"))
		return money_read(value, false, &tip->decisive_ms);
	if (span_is(name, "bands"))
		return read_bands(value, tip);
	if (span_is(name, "new"))
		return read_flag(value, &tip->new_facts);
	if (span_is(name, "detailed"))
		return read_flag(value, &tip->more_detailed);
	if (span_is(name, "offender"))
		return read_flag(value, &tip->offender);
	if (span_is(name, "victim"))
		return read_flag(value, &tip->victim);
	if (span_is(name, "duty"))
		return read_flag(value, &tip->duty);
	if (span_is(name, "members"))
		return money_read(value, false, &tip->members) && tip->members <= MONEY_MEMBERS_MAX;
	if (span_is(name, "ratio"))
		return read_ratio(value, tip);
	if (span_is(name, "weight"))
		return money_read(value, false, &tip->weight_bp) && tip->weight_bp <= MONEY_WHOLE_BP;
	if (span_is(name, "intake")) {
		tip->intake = value;
		return true;
	}
	return read_point(name, value, tip);
}

bool money_tip_read(struct span text, struct money_tip *tip)
{
	struct span rest = text, word;

	*tip = (struct money_tip){ 0 };
	if (!span_cut(&rest, ' ', &tip->id) || span_empty(tip->id))
		return false;
	while (span_cut(&rest, ' ', &word)) {
		size_t is = span_find(word, SPAN("="));

		if (is == 0 || is + 1 >= word.len ||
		    !read_fact(span_from(word.at, is), span_from_offset(word, is + 1), tip))
			return false;
	}
	return true;
}

bool money_tip_known_before(const struct money_tip *tip, int64_t known_at_ms)
{
	return known_at_ms > 0 && tip->decisive_ms >= known_at_ms && !tip->more_detailed;
}
