/*
 * The fold's part in retention: how tips end, legal holds, what was deleted.
 */
#include "daemon/core/journal/fold_state.h"

#include "daemon/base/table.h"

static bool lifts(struct fold_tip *tip, unsigned by, struct complaint *why)
{
	if (tip->lifter == 0 || tip->lifter == by)
		return complain(why, 0, "the hold of tip %s is lifted by one person", tip->id.text);
	tip->hold = tip->lifter = 0;
	return true;
}

bool fold_hold(struct fold *fold, struct fold_tip *tip, const struct fold_fact *fact, const struct tip_move *move,
	       struct complaint *why)
{
	bool lift = move->on == TIP_EV_ASK_LIFT || move->on == TIP_EV_LIFT;
	unsigned by;

	if (move->on == TIP_EV_TRANSFER_AWAY && tip->hold > 0)
		return complain(why, 0, "tip %s goes away under a hold", tip->id.text);
	if (!lift && move->on != TIP_EV_HOLD)
		return true;
	by = fold_person(fold, fact->by, why);
	if (by == 0)
		return false;
	if (lift != (tip->hold > 0))
		return complain(why, 0, lift ? "tip %s is not held" : "tip %s is held already", tip->id.text);
	if (move->on == TIP_EV_LIFT)
		return lifts(tip, by, why);
	if (lift)
		tip->lifter = by;
	else
		tip->hold = by;
	return true;
}

static void end_as(struct fold_tip *tip, struct span outcome, const struct fold_fact *fact)
{
	tip->end = (struct fold_end){ .erased = 0 };
	if (!fact->ended.has || outcome.len == 0 || outcome.len > FOLD_OUTCOME_MAX)
		return;
	memcpy(tip->end.outcome, outcome.at, outcome.len);
	tip->end.at_ms = (int64_t)fact->ended.value;
}

void fold_end(struct fold_tip *tip, const struct fold_fact *fact, const struct tip_move *move)
{
	if (move->on == TIP_EV_CLOSE)
		end_as(tip, fact->outcome, fact);
	else if (move->on == TIP_EV_TRANSFER_AWAY)
		end_as(tip, SPAN("transferred"), fact);
	else if (tip_state_open(move->to))
		tip->end = (struct fold_end){ .erased = 0 };
}

/* "identity,files" */
static bool parts_read(struct span text, unsigned *parts)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = { { "identity", FOLD_ERASED_IDENTITY }, { "files", FOLD_ERASED_FILES }, { "text", FOLD_ERASED_TEXT },
		      { "row", FOLD_ERASED_ROW } };
	struct span word;

	*parts = 0;
	while (span_cut(&text, ',', &word)) {
		size_t i = 0;

		while (i < COUNT_OF(words) && !span_is(word, words[i].word))
			i++;
		if (i == COUNT_OF(words))
			return false;
		*parts |= words[i].bit;
	}
	return *parts != 0;
}

static void take_away(struct fold *fold, struct fold_tip *tip, unsigned parts)
{
	tip->end.erased |= parts;
	if ((parts & FOLD_ERASED_TEXT) != 0) {
		tip->nmessages = 0;
		tip->clock = (struct clock_face){ .hand = CLOCK_STOPPED };
	}
	if ((parts & FOLD_ERASED_ROW) != 0 && tip->incident > 0) {
		struct fold_incident *incident = fold_incident_of(fold, tip);

		fold_incident_release(incident);
		*incident = (struct fold_incident){ .seed = fold->by_id.seed };
	}
}

bool fold_erased(struct fold *fold, const struct fold_fact *fact, uint64_t number, struct complaint *why)
{
	struct fold_tip *tip = fold_tip_find(fold, &fact->id.id);
	const struct tip_move *move;
	unsigned parts;

	if (tip == NULL || tip->end.outcome[0] == '\0' || tip->hold > 0)
		return complain(why, 0, "tip %s is deleted and has not ended, or is held", fact->id.id.text);
	if (!parts_read(fact->parts, &parts) || (tip->end.erased & parts) != 0)
		return complain(why, 0, "of tip %s parts are deleted that are none, or a second time", fact->id.id.text);
	move = tip_move_find(tip->state, TIP_EV_ERASE, TIP_BY_SYSTEM);
	if ((parts & FOLD_ERASED_TEXT) != 0 && move != NULL)
		tip->state = move->to;
	take_away(fold, tip, parts);
	tip->rev = number;
	tip->gone = (parts & FOLD_ERASED_ROW) != 0;
	return true;
}
