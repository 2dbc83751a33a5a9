/*
 * How a tip fares: its state in words, messages both ways, its leaves in the
 * sealed log.
 */
#include "daemon/base/table.h"
#include "handlers/web/pages_inside.h"

static const struct state_words {
	const char *name;
	const char *help;
} state_messages[TIP_STATES] = {
	[TIP_QUEUED] = { .name = "state.queued", .help = "state.queued.help" },
	[TIP_CLAIMED] = { .name = "state.claimed", .help = "state.claimed.help" },
	[TIP_VERIFIED] = { .name = "state.verified", .help = "state.verified.help" },
	[TIP_CLOSED] = { .name = "state.closed", .help = "state.closed.help" },
	[TIP_ERASED] = { .name = "state.erased", .help = "state.erased.help" },
	[TIP_TRANSFERRED] = { .name = "state.transferred", .help = "state.transferred.help" },
};

static const struct class_words {
	const char *class;
	const char *message;
} class_messages[] = {
	{ .class = "received", .message = "leaf.received" },
	{ .class = "work", .message = "leaf.work" },
	{ .class = "office", .message = "leaf.office" },
};

static struct span class_message(struct span class)
{
	for (size_t i = 0; i < COUNT_OF(class_messages); i++)
		if (span_is(class, class_messages[i].class))
			return span_of(class_messages[i].message);
	return class;
}

/* What waits to be collected. */
static const struct reward_words {
	const char *word;
	const char *message;
} reward_messages[] = {
	{ .word = "open", .message = "status.reward.open" },
	{ .word = "returned", .message = "status.reward.returned" },
	{ .word = "voucher", .message = "status.reward.voucher" },
};

bool page_status_present(const struct pages *pages, struct complaint *why)
{
	for (size_t i = 0; i < TIP_STATES; i++)
		if (!pages_have(pages, &state_messages[i].name, 1, why) || !pages_have(pages, &state_messages[i].help, 1, why))
			return false;
	for (size_t i = 0; i < COUNT_OF(class_messages); i++)
		if (!pages_have(pages, &class_messages[i].message, 1, why))
			return false;
	for (size_t i = 0; i < COUNT_OF(reward_messages); i++)
		if (!pages_have(pages, &reward_messages[i].message, 1, why))
			return false;
	return true;
}

static void set_attached(struct values *row, const struct page_message *message)
{
	struct values *attached;

	if (message->nfiles == 0)
		return;
	attached = values_row(row, "attached");
	for (size_t i = 0; i < message->nfiles; i++)
		values_text(values_row(attached, "files"), "name", message->files[i]);
}

static void set_messages(struct making *making, const struct page_status *view)
{
	for (size_t i = 0; i < view->nmessages; i++) {
		struct values *row = values_row(making->values, "messages");

		values_flag(row, "from_bureau", view->messages[i].from_bureau);
		values_text(row, "message", view->messages[i].text);
		set_attached(row, &view->messages[i]);
		making_day(making, row, view->messages[i].at_ms);
	}
}

static void set_raise(struct making *making, const struct page_status *view)
{
	struct values *row;

	if (view->raise.len == 0)
		return;
	row = values_row(making->values, "raise");
	values_text(row, "raised", view->raise);
	making_day(making, row, view->raised_ms);
}

static void set_reward(struct making *making, const struct page_status *view)
{
	for (size_t i = 0; i < COUNT_OF(reward_messages); i++)
		if (span_is(view->reward, reward_messages[i].word))
			values_text(making->values, "reward", span_of(reward_messages[i].message));
	if (view->reward_until_ms > 0)
		making_day(making, values_row(making->values, "until"), view->reward_until_ms);
}

static void set_leaves(struct making *making, const struct page_status *view)
{
	for (size_t i = 0; i < view->nleaves; i++) {
		const struct page_leaf *leaf = &view->leaves[i];
		struct values *row = values_row(making->values, "leaves");

		values_text(row, "class", class_message(leaf->class));
		values_text(row, "log", leaf->log);
		values_text(row, "index", span_of(arena_printf(&making->arena, "%llu", (unsigned long long)leaf->index)));
		making_day(making, row, (int64_t)leaf->day * 86400000 - CHINA_OFFSET_S * 1000);
	}
}

static void set_log(struct making *making, const struct page_status *view)
{
	values_flag(making->values, "log_served", view->log_served);
	values_text(making->values, "proof", view->proof);
	values_flag(making->values, "log_whole", view->log_whole && !view->log_behind);
	values_flag(making->values, "log_behind", view->log_behind);
	values_flag(making->values, "log_more", !view->log_whole && !view->log_behind);
	set_leaves(making, view);
}

static void set_writing(struct making *making, const struct page_status *view)
{
	bool faulty = view->fault != PAGE_FINE || view->file_fault != PAGE_FINE;

	values_text(making->values, "text", faulty ? view->typed : SPAN(""));
	values_flag(making->values, "may_write", view->may_write);
	values_flag(making->values, "may_attach", view->may_attach);
	values_flag(making->values, "faulty", faulty);
	making_fault(making, PAGE_FIELD_TEXT, view->fault);
	making_fault(making, PAGE_FIELD_FILE, view->file_fault);
}

void page_status(const struct pages *pages, const struct page_look *look, const struct page_status *view,
		 struct buf *out)
{
	struct making making;

	making_begin(&making, pages, look, NULL);
	values_text(making.values, "code", view->code);
	values_text(making.values, "nonce", view->nonce);
	values_text(making.values, "reference", view->reference);
	values_text(making.values, "region", view->region);
	values_text(making.values, "state", span_of(state_messages[view->state].name));
	values_text(making.values, "state_help", span_of(state_messages[view->state].help));
	values_text(making.values, "state_name", span_of(tip_state_name(view->state)));
	set_log(&making, view);
	set_writing(&making, view);
	values_flag(making.values, "taken", view->taken);
	values_flag(making.values, "erased", view->erased);
	values_flag(making.values, "shredded", view->erased && view->state != TIP_ERASED);
	values_flag(making.values, "may_reopen", view->may_reopen);
	set_raise(&making, view);
	set_reward(&making, view);
	values_text(making.values, "next_raise", view->next);
	making_day(&making, making.values, view->received_ms);
	set_messages(&making, view);
	making_finish(&making, PAGE_STATUS, out);
}
