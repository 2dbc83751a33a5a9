/*
 * What there is to collect, how it is paid, and what came of it.
 */
#include "daemon/base/table.h"
#include "handlers/web/pages_inside.h"

static const struct claim_words {
	const char *word;
	const char *name;
	const char *help;
} claim_messages[] = {
	{ .word = "none", .name = "claim.none", .help = "claim.none.help" },
	{ .word = "open", .name = "claim.open", .help = "claim.open.help" },
	{ .word = "in_progress", .name = "claim.moving", .help = "claim.moving.help" },
	{ .word = "ready", .name = "claim.ready", .help = "claim.ready.help" },   /* its voucher is there */
	{ .word = "returned", .name = "claim.returned", .help = "claim.returned.help" },
	{ .word = "paid", .name = "claim.paid", .help = "claim.paid.help" },
	{ .word = "declined", .name = "claim.declined", .help = "claim.declined.help" },
	{ .word = "expired", .name = "claim.expired", .help = "claim.expired.help" },
	{ .word = "taken_back", .name = "claim.over", .help = "claim.over.help" },
};

static const char *const claim_faults[PAGE_CLAIM_FAULTS] = {
	[PAGE_CLAIM_RAIL] = "claim.fault.rail",		  [PAGE_CLAIM_ACCOUNT] = "claim.fault.account",
	[PAGE_CLAIM_NAME] = "claim.fault.name",		  [PAGE_CLAIM_CONFIRM] = "claim.fault.confirm",
	[PAGE_CLAIM_REFUSED] = "claim.fault.refused",	  [PAGE_CLAIM_OFTEN] = "ask.fault.often",
	[PAGE_CLAIM_IN_PERSON] = "claim.fault.in_person", [PAGE_CLAIM_OTHER] = "fault.other",
};

/* Ways of payment that have words of their own; of others the name is shown. */
static const struct {
	const char *rail;
	const char *message;
} claim_rails[] = {
	{ .rail = "voucher", .message = "claim.rail.voucher" },
	{ .rail = "wechat", .message = "claim.rail.wechat" },
	{ .rail = "bank", .message = "claim.rail.bank" },
};

static const char *const panel_messages[] = { "claim.panel.asked", "claim.panel.bound" };

bool page_claim_present(const struct pages *pages, struct complaint *why)
{
	for (size_t i = 0; i < COUNT_OF(claim_messages); i++)
		if (!pages_have(pages, &claim_messages[i].name, 1, why) || !pages_have(pages, &claim_messages[i].help, 1, why))
			return false;
	for (size_t i = 0; i < COUNT_OF(claim_rails); i++)
		if (!pages_have(pages, &claim_rails[i].message, 1, why))
			return false;
	return pages_have(pages, claim_faults, PAGE_CLAIM_FAULTS, why) &&
	       pages_have(pages, panel_messages, COUNT_OF(panel_messages), why);
}

static void set_claim_words(struct making *making, struct span word)
{
	const struct claim_words *words = &claim_messages[0];

	for (size_t i = 0; i < COUNT_OF(claim_messages); i++)
		if (span_is(word, claim_messages[i].word))
			words = &claim_messages[i];
	values_text(making->values, "status", span_of(words->name));
	values_text(making->values, "status_help", span_of(words->help));
}

void making_rails(struct making *making, struct span rails)
{
	struct span rail;
	bool first = true;

	while (span_cut(&rails, ',', &rail)) {
		struct values *row = values_row(making->values, "rails");

		rail = span_trim(rail);
		values_text(row, "rail", rail);
		values_text(row, "rail_name", rail);
		values_flag(row, "first", first);
		for (size_t i = 0; i < COUNT_OF(claim_rails); i++)
			if (span_is(rail, claim_rails[i].rail))
				values_text(row, "rail_text", span_of(claim_rails[i].message));
		if (!span_is(rail, "voucher"))
			values_flag(making->values, "accounts", true);
		first = false;
	}
}

static void set_voucher(struct making *making, const struct page_claim *view)
{
	struct values *row;

	if (view->voucher_number.len == 0)
		return;
	row = values_row(making->values, "voucher");
	values_text(row, "voucher_number", view->voucher_number);
	values_text(row, "voucher_word", view->voucher_word);
	making_day(making, row, view->voucher_until_ms);
}

void page_claim(const struct pages *pages, const struct page_look *look, const struct page_claim *view,
		struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, NULL);
	values_text(making.values, "code", view->code);
	values_text(making.values, "nonce", view->nonce);
	values_text(making.values, "amount", view->amount);
	values_flag(making.values, "done", view->done);
	values_flag(making.values, "payable", view->may_claim || view->may_change);
	values_text(making.values, "action", view->may_claim ? SPAN("claim") : SPAN("change"));
	values_flag(making.values, "may_claim", view->may_claim);
	values_flag(making.values, "may_decline", view->may_decline);
	values_flag(making.values, "may_object", view->may_object);
	if (view->panel.len > 0)
		values_text(making.values, "panel", span_is(view->panel, "bound") ? SPAN("claim.panel.bound")
										    : SPAN("claim.panel.asked"));
	values_flag(making.values, "confirming", view->fault == PAGE_CLAIM_CONFIRM);
	if (view->fault != PAGE_CLAIM_FINE)
		values_text(making.values, "fault", span_of(claim_faults[view->fault]));
	if (view->deadline_ms > 0)
		making_day(&making, values_row(making.values, "until"), view->deadline_ms);
	set_claim_words(&making, view->voucher_number.len > 0 ? SPAN("ready") : view->word);
	making_rails(&making, view->rails);
	set_voucher(&making, view);
	making_finish(&making, PAGE_CLAIM, out);
}
