/*
 * Folding the money journal up to a record; see as_of.h.
 */
#include "handlers/audit/as_of.h"

#include "daemon/base/memory.h"
#include "daemon/store/store.h"
#include "daemon/sys/random.h"

#include <stdlib.h>

#define AT_ONCE 100   /* records between two turns of the loop: some 10 ms */

struct fold {
	struct store *store;
	struct office *office;
	struct book *book;
	struct arena arena;         /* of the record taken in last */
	struct record record;
	uint64_t seq;
	as_of_done *done;
	void *ctx;
};

static void end(struct fold *fold, bool well)
{
	fold->done(fold->ctx, well ? fold->book : NULL, well ? &fold->record : NULL);
	office_fold_end(fold->office);
	book_free(fold->book);
	arena_release(&fold->arena);
	free(fold);
}

static bool take(struct fold *fold, struct span json)
{
	struct complaint why;

	arena_clear(&fold->arena);
	return record_read(arena_dup(&fold->arena, json), &fold->arena, &fold->record, &why) &&
	       book_apply(fold->book, &fold->record, &why);
}

static void ask(struct fold *fold);

static void came(void *ctx, const struct store_reply *reply)
{
	struct fold *fold = ctx;

	if (reply->outcome != STORE_DONE || reply->nevents == 0) {
		end(fold, false);
		return;
	}
	for (size_t i = 0; i < reply->nevents && book_seq(fold->book) < fold->seq; i++)
		if (!take(fold, reply->events[i].json)) {
			end(fold, false);
			return;
		}
	if (book_seq(fold->book) == fold->seq)
		end(fold, true);
	else
		ask(fold);
}

static void ask(struct fold *fold)
{
	struct store_request request = { .op = STORE_MONEY_READ, .from = book_seq(fold->book) + 1, .max = AT_ONCE };

	store_submit(fold->store, &request, (struct store_wait){ .done = came, .ctx = fold });
}

bool as_of(const struct app *app, uint64_t seq, as_of_done *done, void *ctx)
{
	struct fold *fold;

	if (seq == 0 || !office_fold_begin(app->office))
		return false;
	fold = memory_zeroes(1, sizeof(*fold));
	*fold = (struct fold){ .store = app->store, .office = app->office, .seq = seq, .done = done, .ctx = ctx };
	fold->book = book_new(office_instruction_key(app->office), random_u64());
	ask(fold);
	return true;
}
