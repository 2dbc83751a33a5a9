/*
 * Statements of providers; see rail_statement.h.
 */
#include "handlers/payout/rail_statement.h"

enum rail_read rail_statement_read(struct span file, const struct statement_wish *wish, struct arena *arena,
				   struct statement *out, struct complaint *why)
{
	if (!statement_read(file, wish, arena, out, why))
		return RAIL_REFUSED;
	if (!out->foreign)
		return RAIL_WHOLE;
	complain(why, 0, "an amount is not in CNY");
	return RAIL_REFUSED;
}
