/*
 * What went wrong, in words that depend on its status.
 */
#include "daemon/base/table.h"
#include "handlers/web/pages_inside.h"

/* The last row is for every other status. */
static const struct error_words {
	int status;
	const char *title;
	const char *text;
} error_messages[] = {
	{ .status = 404, .title = "error.404", .text = "error.404.text" },
	{ .status = 405, .title = "error.405", .text = "error.405.text" },
	{ .status = 408, .title = "error.408", .text = "error.408.text" },
	{ .status = 413, .title = "error.413", .text = "error.413.text" },
	{ .status = 429, .title = "error.429", .text = "error.429.text" },
	{ .status = 503, .title = "error.503", .text = "error.503.text" },
	{ .status = 500, .title = "error.500", .text = "error.500.text" },
	{ .status = 0, .title = "error.400", .text = "error.400.text" },
};

static const struct error_words *error_words(int status)
{
	const struct error_words *row = error_messages;

	while (row->status != 0 && row->status != status && !(row->status == 500 && status > 500))
		row++;
	return row;
}

bool page_error_present(const struct pages *pages, struct complaint *why)
{
	for (size_t i = 0; i < COUNT_OF(error_messages); i++)
		if (!pages_have(pages, &error_messages[i].title, 1, why) || !pages_have(pages, &error_messages[i].text, 1, why))
			return false;
	return true;
}

static void set_retry(struct making *making, unsigned seconds)
{
	if (seconds == 0)
		return;
	values_flag(making->values, "retry", true);
	values_flag(making->values, "retry_minutes", seconds > 120);
	values_text(making->values, "retry_count", making_number(making, seconds > 120 ? (seconds + 59) / 60 : seconds));
}

void page_error(const struct pages *pages, const struct page_look *look, const struct page_error *view,
		struct buf *out)
{
	const struct error_words *words = error_words(view->status);
	struct making making;

	making_begin(&making, pages, look, NULL);
	values_text(making.values, "error_title", span_of(words->title));
	values_text(making.values, "error_text", span_of(words->text));
	values_text(making.values, "detail", view->text);
	values_text(making.values, "error_code", view->code);
	values_text(making.values, "status", making_number(&making, (unsigned)view->status));
	values_flag(making.values, "unavailable", view->status >= 500);
	set_retry(&making, view->retry_after_s);
	making_finish(&making, PAGE_ERROR, out);
}
