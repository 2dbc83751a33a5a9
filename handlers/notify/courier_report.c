/*
 * An errand of the courier: the journal of a tip hears what became of a message
 * about it. There is nothing to carry; the event is written with the item's end.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/base/json_out.h"

void courier_carry_report(struct errand *errand)
{
	const struct outbox_report *report = &errand->item.report;
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	json_open(&json, '{');
	json_text(&json, "e", report->delivered ? SPAN("delivered") : SPAN("undelivered"));
	json_text(&json, "id", span_of(report->tip.text));
	json_i64(&json, "at", courier_wall_ms(errand->courier));
	json_text(&json, "via", report->connector);
	json_close(&json, '}');
	errand->event = arena_dup(&errand->arena, buf_span(&text));
	buf_release(&text);
	errand->end = OUTBOX_CARRIED_OUT;
	errand->courier->figures.reported++;
	courier_tell(errand);
}
