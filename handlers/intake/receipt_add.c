/*
 * A supplement by receipt code: judged by what the tip is now, its files put in
 * their place, and the change that adds both; see receipt.c.
 */
#include "daemon/base/utf8.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "handlers/intake/receipt_inside.h"
#include "handlers/intake/supplement.h"

static struct supplement supplement_of(const struct receipt_flow *r)
{
	struct supplement supplement = { .text = r->text };

	if (r->upload == NULL)
		return supplement;
	supplement.files = upload_files(r->upload, &supplement.nfiles);
	supplement.files_key = upload_key(r->upload);
	return supplement;
}

bool receipt_adds(const struct receipt_flow *r)
{
	return r->text.at != NULL || r->problem.status != 0 || supplement_of(r).nfiles > 0;
}

bool receipt_may_write(const struct receipt_flow *r)
{
	return !r->waiting && !r->erased && supplement_may(&r->read.rows[0]);
}

bool receipt_may_reopen(const struct receipt_flow *r)
{
	return !r->waiting && !r->erased && supplement_may_reopen(&r->read.rows[0]);
}

static bool fits(const struct receipt_flow *r, const struct supplement *supplement, struct arena *arena)
{
	const struct store_row *row = &r->read.rows[0];
	const struct config *config = r->app->config;
	struct supplement_limits limits = { .files = config->limits.tip_files, .bytes = config->limits.tip_file_bytes };
	struct all_files files = { .id = &row->id, .tip_key = &r->tip_key, .content = r->content, .messages = row->messages,
				   .nmessages = row->nmessages };

	return supplement_fits(supplement, all_files_sum(&files, arena), &limits);
}

bool receipt_may_attach(const struct receipt_flow *r, struct arena *arena)
{
	return receipt_may_write(r) && r->app->config->limits.files > 0 && r->content != NULL &&
	       supplement_may_bring(&r->read.rows[0], receipt_may_reopen(r)) && fits(r, &(struct supplement){ .nfiles = 0 }, arena);
}

static enum page_fault words_fault(const struct receipt_flow *r, const struct supplement *supplement)
{
	if (r->problem.field != NULL && strcmp(r->problem.field, "text") == 0)
		return PAGE_TOO_LONG;
	if (r->problem.status == 0 && supplement->nfiles == 0 && span_is_blank(r->text))
		return PAGE_ABSENT;
	if (r->text.len > r->app->config->limits.text_bytes)
		return PAGE_TOO_LONG;
	if (!utf8_valid(r->text))
		return PAGE_UNREADABLE;
	if (receipt_hidden_in(r->text))
		return PAGE_HOLDS_CODE;
	return receipt_may_write(r) ? PAGE_FINE : PAGE_UNKNOWN;
}

/* What came of them was fine by itself; whether it is for this tip. */
static void judge_files(struct receipt_flow *r, const struct supplement *supplement, struct arena *arena)
{
	if (r->problem.status != 0 || supplement->nfiles == 0)
		return;
	if (r->content == NULL)
		r->problem = (struct problem){ .status = 503, .code = "files_unavailable", .field = "file",
					       .detail = "What this tip has cannot be read at the moment; words can be added, files cannot." };
	else if (!supplement_may_bring(&r->read.rows[0], r->again && receipt_may_reopen(r)))
		r->problem = (struct problem){ .status = 409, .code = "not_in_this_state", .field = "file",
					       .detail = "The files of this tip were deleted after their time; words can be added, files cannot." };
	else if (!fits(r, supplement, arena))
		r->problem = (struct problem){ .status = 413, .code = "tip_files_full", .field = "file",
					       .detail = "With these the tip would have more files, or larger ones in all, than it may have." };
}

bool receipt_add_judge(struct receipt_flow *r, struct arena *arena)
{
	struct supplement supplement = supplement_of(r);

	r->fault = words_fault(r, &supplement);
	if (r->fault != PAGE_FINE || r->problem.status != 0)
		return false;
	/* The same informant pressed the button twice, or the browser did. */
	r->added = !(r->again && receipt_may_reopen(r)) &&
		   supplement_said(&r->read.rows[0], &r->tip_key, &supplement, arena);
	if (r->added)
		return false;
	judge_files(r, &supplement, arena);
	return r->problem.status == 0;
}

enum flow_next receipt_add(struct flow *flow, struct receipt_flow *r)
{
	struct supplement supplement = supplement_of(r);
	struct store_change change;

	if (r->upload != NULL && !r->placed && !upload_keep(r->upload)) {
		r->problem = *upload_problem(r->upload);
		return FLOW_FAIL;
	}
	r->placed = true;
	r->reopened = r->again && receipt_may_reopen(r);
	supplement_change(&r->read.rows[0], &r->tip_key, &supplement, r->reopened, clock_wall_ms(), flow_arena(flow), &change);
	/* From here to the answer nobody knows whether the store names these files. */
	r->keep = true;
	return store_wait_flow(flow, r->app->store, &(struct store_request){ .op = STORE_CHANGE, .change = &change },
			       &r->changed);
}

void receipt_add_told(struct receipt_flow *r)
{
	bool done = r->changed.outcome == STORE_DONE;

	r->added = done && (r->changed.verdict == STORE_OK || r->changed.verdict == STORE_ALREADY);
	r->reopened = r->reopened && r->added;
	r->keep = r->added || r->changed.outcome == STORE_UNKNOWN;
}

void receipt_drop_files(struct receipt_flow *r)
{
	if (r->upload != NULL)
		upload_end(r->upload, r->keep);
	r->upload = NULL;
}
