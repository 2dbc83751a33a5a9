/*
 * Leaves of money records; see money_leaf.h.
 */
#include "daemon/money/money_leaf.h"

#include "daemon/money/record.h"

#define REGION_DIGITS 6

static bool take_outcome(const struct record *record, struct arena *arena, struct leaf_values *values)
{
	struct span state;
	char *word;

	if (!span_is(record->kind, "attempt.observe") || record->entry.nlegs == 0)
		return true;
	if (!record_text(record, "state", arena, &state))
		return false;
	word = arena_printf(arena, "%.*s", (int)state.len, state.at);
	for (char *c = word; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	values->at[LEAF_OUTCOME] = span_of(word);
	return leaf_value_valid(values->at[LEAF_OUTCOME]);
}

/* Books are named "150600/anti-trafficking/2026". */
static bool take_region(const struct ledger_entry *entry, struct arena *arena, struct leaf_values *values)
{
	struct span book = entry->nlegs > 0 ? span_of(entry->legs[0].book) : (struct span){ 0 };

	if (book.len <= REGION_DIGITS || book.at[REGION_DIGITS] != '/')
		return true;
	return leaf_event_region(arena_dup(arena, span_from(book.at, REGION_DIGITS)), arena, values);
}

static bool take_amount(const struct ledger_entry *entry, struct arena *arena, struct leaf_values *values)
{
	int64_t fen = 0;

	for (size_t i = 0; i < entry->nlegs; i++) {
		const struct ledger_leg *leg = &entry->legs[i];
		const struct ledger_account_kind *kind = ledger_kind(leg->code);

		if (kind != NULL && kind->sub == LEDGER_FIN && leg->debit && !money_add(fen, leg->fen, &fen))
			return false;
	}
	if (fen > 0)
		values->at[LEAF_AMOUNT] = span_of(arena_printf(arena, "%lld", (long long)fen));
	return true;
}

static bool take(const struct record *record, struct arena *arena, struct leaf_event *event)
{
	*event = (struct leaf_event){ .class = LEAF_OFFICE, .at_ms = record->at_ms, .actor = record->person,
				      .values.at[LEAF_EVENT] = record->kind };
	return leaf_value_valid(record->kind) && leaf_event_day(record->at_ms) && take_outcome(record, arena, &event->values) &&
	       take_region(&record->entry, arena, &event->values) && take_amount(&record->entry, arena, &event->values);
}

bool money_leaf(struct span json, struct arena *arena, struct leaf_event *event)
{
	struct record *record = arena_new(arena, struct record);
	struct complaint why;

	if (record_read(json, arena, record, &why) && take(record, arena, event))
		return true;
	*event = leaf_event_unreadable(LEAF_OFFICE);
	return false;
}
