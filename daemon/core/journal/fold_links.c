/*
 * What facts about incidents do to the fold; see fold_state.h. The rules are
 * those of the store (store/store.h, struct store_link).
 */
#include "daemon/core/journal/fold_state.h"

/* Numbers and blanks. */
bool fold_is_context(struct span context)
{
	for (size_t i = 0; i < context.len; i++)
		if (context.at[i] != ' ' && (context.at[i] < '0' || context.at[i] > '9'))
			return false;
	return context.len <= FOLD_CONTEXT_MAX;
}

static bool same_id(const struct tip_id *a, const struct tip_id *b)
{
	return memcmp(a->text, b->text, TIP_ID_LEN) == 0;
}

static bool is_near(const struct fold_fact *fact)
{
	return memcmp(fact->id.id.text, fact->incident.id.text, 2) == 0;
}

/* The tip that a fact about another one is about; NULL and a complaint when there can be none. */
static struct fold_tip *tip_of_pair(const struct fold *fold, const struct fold_fact *fact,
				    struct complaint *why)
{
	struct fold_tip *tip = fold_tip_find(fold, &fact->id.id);

	if (tip == NULL)
		complain(why, 0, "tip %s was never accepted", fact->id.id.text);
	else if (!fact->incident.has || same_id(&fact->id.id, &fact->incident.id))
		complain(why, 0, "tip %s: under whom?", fact->id.id.text);
	else if (tip->state == TIP_TRANSFERRED)
		complain(why, 0, "tip %s went away", fact->id.id.text);
	else
		return tip;
	return NULL;
}

static bool is_older(const struct fold_tip *tip, const struct fold_tip *than)
{
	if (tip->received_ms != than->received_ms)
		return tip->received_ms < than->received_ms;
	return memcmp(tip->id.text, than->id.text, TIP_ID_LEN) < 0;
}

bool fold_linked(struct fold *fold, const struct fold_fact *fact, uint64_t number,
			 struct complaint *why)
{
	struct fold_tip *tip = tip_of_pair(fold, fact, why);
	struct fold_tip *parent = is_near(fact) ? fold_tip_find(fold, &fact->incident.id) : NULL;
	struct fold_incident *incident;
	struct fold_pair *pair;

	if (tip == NULL)
		return false;
	if (fold_incident(fold, tip)->parent.text[0] != '\0')
		return complain(why, 0, "tip %s hangs under another one", tip->id.text);
	if (fact->why.len > FOLD_WHY_MAX)
		return complain(why, 0, "tip %s: words of the link", tip->id.text);
	if (is_near(fact) && (parent == NULL || !is_older(parent, tip)))
		return complain(why, 0, "tip %s cannot hang under %s", tip->id.text, fact->incident.id.text);
	incident = fold_incident_of(fold, tip);
	fold_parent_set(incident, &fact->incident.id);
	fold_parent_told(incident, (unsigned char)fact->score.value, fact->why);
	pair = fold_pair_find(incident, &fact->incident.id);
	if (pair != NULL)
		fold_pair_drop(incident, pair);
	if (parent != NULL)
		fold_child_put(fold_incident_of(fold, parent), &tip->id, tip->received_ms);
	tip->rev = number;
	return true;
}

static void child_gone(struct fold *fold, struct fold_tip *parent, const struct tip_id *id, int64_t received_ms)
{
	struct fold_incident *incident = fold_incident_of(fold, parent);
	struct fold_child *child = fold_child_find(incident, id, received_ms);

	if (child != NULL)
		fold_child_drop(incident, child);
}

bool fold_unlinked(struct fold *fold, const struct fold_fact *fact, uint64_t number,
			   struct complaint *why)
{
	struct fold_tip *tip = tip_of_pair(fold, fact, why);
	struct fold_tip *parent = is_near(fact) ? fold_tip_find(fold, &fact->incident.id) : NULL;

	if (tip == NULL)
		return false;
	if (!same_id(&fold_incident(fold, tip)->parent, &fact->incident.id))
		return complain(why, 0, "tip %s does not hang under %s", tip->id.text,
				fact->incident.id.text);
	fold_parent_set(fold_incident_of(fold, tip), &(struct tip_id){ .text = "" });
	fold_pair_decline(fold_incident_of(fold, tip), &fact->incident.id);
	if (parent != NULL)
		child_gone(fold, parent, &tip->id, tip->received_ms);
	tip->rev = number;
	return true;
}

/* A parent that went away keeps its list. */
bool fold_listed(struct fold *fold, const struct fold_fact *fact, uint64_t number, struct complaint *why)
{
	struct fold_tip *tip = fold_tip_find(fold, &fact->id.id);
	const struct fold_child *child;
	bool joined = fact->word->kind == FOLD_JOINED, listed;

	if (tip == NULL || !fact->tip.has || !fact->received.has || same_id(&fact->id.id, &fact->tip.id))
		return complain(why, 0, "tip %s: not there, or which child?", fact->id.id.text);
	child = fold_child_find(fold_incident(fold, tip), &fact->tip.id, (int64_t)fact->received.value);
	listed = child != NULL && (!joined || same_id(&child->id, &fact->tip.id));
	if (listed == joined)
		return complain(why, 0, "tip %s: child %s is %s", tip->id.text, fact->tip.id.text,
				joined ? "listed already" : "not listed");
	if (joined)
		fold_child_put(fold_incident_of(fold, tip), &fact->tip.id, (int64_t)fact->received.value);
	else
		child_gone(fold, tip, &fact->tip.id, (int64_t)fact->received.value);
	tip->rev = number;
	return true;
}

bool fold_suggested(struct fold *fold, const struct fold_fact *fact, uint64_t number,
			    struct complaint *why)
{
	struct fold_tip *tip = tip_of_pair(fold, fact, why);
	struct fold_pair pair = { .other = fact->incident.id, .score = (unsigned char)fact->score.value };

	if (tip == NULL)
		return false;
	if (!fact->score.has || fact->why.len > FOLD_WHY_MAX)
		return complain(why, 0, "tip %s: percent or words of the suggestion", tip->id.text);
	if (same_id(&fold_incident(fold, tip)->parent, &pair.other) ||
	    fold_pair_find(fold_incident(fold, tip), &pair.other) != NULL)
		return complain(why, 0, "tip %s: %s was suggested before", tip->id.text, pair.other.text);
	if (fact->why.len > 0)
		memcpy(pair.why, fact->why.at, fact->why.len);
	if (!fold_pair_suggest(fold_incident_of(fold, tip), &pair))
		return complain(why, 0, "tip %s: one suggestion too many", tip->id.text);
	tip->rev = number;
	return true;
}

bool fold_declined(struct fold *fold, const struct fold_fact *fact, uint64_t number,
			   struct complaint *why)
{
	struct fold_tip *tip = tip_of_pair(fold, fact, why);
	const struct fold_pair *pair;

	if (tip == NULL)
		return false;
	pair = fold_pair_find(fold_incident(fold, tip), &fact->incident.id);
	if ((pair != NULL && pair->declined) ||
	    same_id(&fold_incident(fold, tip)->parent, &fact->incident.id))
		return complain(why, 0, "tip %s: %s cannot be declined", tip->id.text,
				fact->incident.id.text);
	fold_pair_decline(fold_incident_of(fold, tip), &fact->incident.id);
	tip->rev = number;
	return true;
}

bool fold_rescored(struct fold *fold, const struct fold_fact *fact, uint64_t number,
			   struct complaint *why)
{
	struct fold_tip *tip = fold_tip_find(fold, &fact->id.id);

	if (tip == NULL || tip->state != TIP_QUEUED)
		return complain(why, 0, "tip %s does not wait", fact->id.id.text);
	if (!fact->points.has || !fold_is_context(fact->context))
		return complain(why, 0, "tip %s: points or context", tip->id.text);
	tip->points = (unsigned)fact->points.value;
	if (tip->incident > 0 || fact->context.len > 0)
		fold_context_set(fold_incident_of(fold, tip), fact->context);
	tip->rev = number;
	return true;
}
