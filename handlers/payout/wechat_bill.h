/*
 * WeChat's fund bill: a CSV file of one day, amounts in yuan, every cell of the
 * lines behind a backtick, a summary at the end. Taken whole or refused.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_WECHAT_BILL_H
#define TIPLINE_HANDLERS_PAYOUT_WECHAT_BILL_H

#include "handlers/payout/rail.h"

/*
 * The line id is the number of the flow (column 3), the reference that of
 * WeChat (column 2); the last column is the instruction id when it has its
 * form. The opening balance is what the first line's balance was before it, the
 * closing one that of the last line; a day without lines has 0 for both.
 */
bool wechat_bill_read(struct span csv, const char *account, struct span date, struct arena *arena,
		      struct rail_statement *out, struct complaint *why);

#endif
