/*
 * What there is to know before and after: how it works and how long what is
 * kept; which rewards are offered. Figures come from what is in force, words
 * from the catalogues.
 */
#include "handlers/web/pages_inside.h"
#include "handlers/web/raise_words.h"

static void set_days(struct making *making, struct values *row, const char *name, const char *for_ever, int days)
{
	if (days == PAGE_FOR_EVER)
		values_flag(row, for_ever, true);
	else
		values_text(row, name, making_number(making, (unsigned)days));
}

static void set_kept(struct making *making, const struct page_about *view)
{
	for (size_t i = 0; i < view->nkept; i++) {
		const struct page_kept *kept = &view->kept[i];
		struct values *row = values_row(making->values, "kept");

		values_text(row, "outcome", span_of(arena_printf(&making->arena, "outcome.%s", kept->outcome)));
		set_days(making, row, "identity", "identity_ever", kept->identity);
		set_days(making, row, "files", "files_ever", kept->files);
		set_days(making, row, "words", "words_ever", kept->text);
		set_days(making, row, "row", "row_ever", kept->row);
	}
}

void page_about(const struct pages *pages, const struct page_look *look, const struct page_about *view, struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, "/about");
	values_flag(making.values, "any_kept", view->nkept > 0);
	set_kept(&making, view);
	if (view->unopened_first_ms > 0 && view->unopened_last_ms > 0) {
		struct values *row = values_row(making.values, "unopened");

		values_text(row, "first", raise_time_words(look->lang, view->unopened_first_ms, &making.arena));
		values_text(row, "last", raise_time_words(look->lang, view->unopened_last_ms, &making.arena));
	}
	if (view->sms_days > 0)
		values_text(making.values, "sms_days", making_number(&making, view->sms_days));
	making_finish(&making, PAGE_ABOUT, out);
}

void page_rewards(const struct pages *pages, const struct page_look *look, const struct page_rewards *view, struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, "/rewards");
	values_flag(making.values, "off", view->off);
	values_flag(making.values, "unread", view->unread);
	values_flag(making.values, "none", !view->off && !view->unread && view->noffers == 0);
	for (size_t i = 0; i < view->noffers; i++) {
		const struct page_offer *offer = &view->offers[i];
		struct values *row = values_row(making.values, "offers");

		values_text(row, "offer", offer->name);
		values_text(row, "title", offer->title);
		values_text(row, "words", offer->text);
		values_text(row, "min", offer->min);
		values_text(row, "max", offer->max);
		values_text(row, "cap", offer->cap);
		values_text(row, "since", offer->since);
		values_text(row, "claim_days", making_number(&making, offer->claim_days));
		values_flag(row, "shared", offer->shared);
	}
	making_rails(&making, view->rails);
	making_finish(&making, PAGE_REWARDS, out);
}
