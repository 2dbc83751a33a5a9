/*
 * An errand of the courier: a tip to the shard where it belongs now. Tried for
 * ever, because until it arrives the tip is in no queue.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/sys/log.h"

static void received(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;
	enum store_verdict verdict = reply->verdict;

	if (!courier_answered(errand->courier))
		return;
	if (reply->outcome != STORE_DONE || (verdict != STORE_OK && verdict != STORE_ALREADY)) {
		if (reply->outcome == STORE_DONE)
			log_event(LOG_LEVEL_ERROR, "courier.transfer_refused", "id", errand->item.transfer.from.text,
				  "to", errand->item.transfer.tip.id.text, NULL);
		courier_later(errand);
		return;
	}
	errand->courier->figures.transferred++;
	errand->end = OUTBOX_CARRIED_OUT;
	log_event(LOG_LEVEL_INFO, "courier.transfer", "id", errand->item.transfer.from.text, "to",
		  errand->item.transfer.tip.id.text, NULL);
	courier_tell(errand);
}

void courier_carry_transfer(struct errand *errand)
{
	const struct outbox_transfer *transfer = &errand->item.transfer;
	struct store_request request = {
		.op = STORE_RECEIVE,
		.tips = &transfer->tip,
		.ntips = 1,
		.messages = transfer->messages,
		.nmessages = transfer->nmessages,
	};

	memcpy(request.shard, tip_id_shard(&transfer->tip.id).at, 2);
	errand->courier->outstanding++;
	store_submit(errand->courier->env.store, &request, (struct store_wait){ .done = received, .ctx = errand });
}
