/*
 * The receipt: the code that is shown once, and the page that asks for it.
 */
#include "daemon/base/table.h"
#include "handlers/web/pages_inside.h"

static const char *const ask_messages[PAGE_ASK_FAULTS] = {
	[PAGE_ASK_ABSENT] = "ask.fault.absent",   [PAGE_ASK_DIGITS] = "ask.fault.digits",
	[PAGE_ASK_LENGTH] = "ask.fault.length",   [PAGE_ASK_CHECK] = "ask.fault.check",
	[PAGE_ASK_UNFOUND] = "ask.fault.unfound", [PAGE_ASK_OFTEN] = "ask.fault.often",
};

static const char *const retype_messages[PAGE_RETYPE_FAULTS] = {
	[PAGE_RETYPE_ABSENT] = "retype.fault.absent", [PAGE_RETYPE_WRONG] = "retype.fault.wrong",
	[PAGE_RETYPE_OFTEN] = "ask.fault.often",
};

bool page_receipt_present(const struct pages *pages, struct complaint *why)
{
	return pages_have(pages, ask_messages, COUNT_OF(ask_messages), why) &&
	       pages_have(pages, retype_messages, COUNT_OF(retype_messages), why);
}

void page_receipt(const struct pages *pages, const struct page_look *look, const struct page_receipt *view,
		  struct buf *out)
{
	struct span rest = view->code;
	struct span group;
	struct making making;

	making_begin(&making, pages, look, NULL);
	while (span_cut(&rest, ' ', &group))
		values_text(values_row(making.values, "groups"), "group", group);
	values_text(making.values, "reference", view->reference);
	values_text(making.values, "promise", view->promise);
	values_text(making.values, "code", view->code);
	values_text(making.values, "seal", view->seal);
	values_text(making.values, "at", span_of(arena_printf(&making.arena, "%lld", (long long)view->received_ms)));
	if (view->fault != PAGE_RETYPE_FINE)
		values_text(making.values, "fault", span_of(retype_messages[view->fault]));
	values_flag(making.values, "faulty", view->fault != PAGE_RETYPE_FINE);
	making_day(&making, making.values, view->received_ms);
	making_finish(&making, PAGE_RECEIPT, out);
}

void page_receipt_ask(const struct pages *pages, const struct page_look *look,
		      const struct page_receipt_ask *view, struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, "/receipt");
	values_text(making.values, "typed", view->typed);
	if (view->fault != PAGE_ASK_FINE)
		values_text(making.values, "fault", span_of(ask_messages[view->fault]));
	values_flag(making.values, "faulty", view->fault != PAGE_ASK_FINE);
	making_finish(&making, PAGE_RECEIPT_ASK, out);
}
