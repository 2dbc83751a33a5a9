/*
 * An errand of the courier: a message to a telephone, part by part.
 *
 *   read the record -> choose a connector -> write "sent" -> submit -> answer
 *                        ^                                              |
 *                        +--- the next part, or the next connector  <---+
 *
 * A part is written down before it leaves, so it never leaves twice. When
 * nobody knows whether it went out it is not sent a second time.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/base/json_out.h"
#include "daemon/sys/log.h"

static void go_on(struct errand *errand);

/* --- the end --------------------------------------------------------------------------- */

static struct span event_of(struct errand *errand, const char *name, struct span via, const char *why)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	json_open(&json, '{');
	json_text(&json, "e", span_of(name));
	json_text(&json, "id", span_of(errand->item.sms.tip.text));
	json_i64(&json, "at", courier_wall_ms(errand->courier));
	json_text(&json, "via", via);
	if (why != NULL)
		json_text(&json, "why", span_of(why));
	json_close(&json, '}');
	struct span event = arena_dup(&errand->arena, buf_span(&text));

	buf_release(&text);
	return event;
}

static struct span via_of(const struct errand *errand)
{
	const struct parcel *parcel = errand->parcel;

	return parcel != NULL && parcel->sending.connector[0] != '\0' ? span_of(parcel->sending.connector) :
									 errand->item.sms.gateway;
}

static void end_sms(struct errand *errand, enum outbox_end end, const char *event, const char *why)
{
	bool about_tip = errand->item.sms.tip.text[0] != '\0';
	const char *via = arena_dup(&errand->arena, via_of(errand)).at;

	errand->end = end;
	if (end == OUTBOX_GIVEN_UP)
		errand->why = span_of(arena_printf(&errand->arena, "sms %s %s %s", via, why, about_tip ? errand->item.sms.tip.text : "-"));
	errand->event = about_tip ? event_of(errand, event, via_of(errand), why) : (struct span){ 0 };
	log_event(end == OUTBOX_GIVEN_UP ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "courier.sms", "id",
		  about_tip ? errand->item.sms.tip.text : NULL, "end", event, "via", via, "why", why, NULL);
	courier_tell(errand);
}

static bool any_is(const struct sending *sending, enum sending_state state)
{
	for (unsigned i = 0; i < sending->nparts; i++)
		if (sending->part[i] == state)
			return true;
	return false;
}

static void ended(struct errand *errand)
{
	const struct parcel *parcel = errand->parcel;
	struct courier_figures *figures = &errand->courier->figures;

	if (parcel->why != NULL) {
		figures->expired += strcmp(parcel->why, "expired") == 0;
		figures->refused += strcmp(parcel->why, "expired") != 0;
		end_sms(errand, OUTBOX_GIVEN_UP, "send_failed", parcel->why);
	} else if (any_is(&parcel->sending, SENDING_MAYBE)) {
		figures->maybe++;
		end_sms(errand, OUTBOX_CARRIED_OUT, "sent_maybe", NULL);
	} else {
		figures->sent++;
		end_sms(errand, OUTBOX_CARRIED_OUT, "sent", NULL);
	}
}

static void tell_early(struct errand *errand)
{
	courier_record_told(errand, ended);
}

static void give_up(struct errand *errand, const char *why)
{
	errand->parcel->why = why;
	if (sending_begun(&errand->parcel->sending))
		courier_record_write(errand, ended);
	else
		ended(errand);
}

/* Nobody took it: what was written as sent is queued again. */
static void try_later(struct errand *errand)
{
	if (sending_begun(&errand->parcel->known) || sending_begun(&errand->parcel->sending))
		courier_record_write(errand, courier_later);
	else
		courier_later(errand);
}

/* --- a part ------------------------------------------------------------------------------ */

static enum sending_state state_of(enum sms_outcome outcome)
{
	switch (outcome) {
	case SMS_SENT:
		return SENDING_ACCEPTED;
	case SMS_REFUSED:
		return SENDING_FAILED;
	case SMS_LATER:
		return SENDING_QUEUED;
	case SMS_MAYBE:
		break;
	}
	return SENDING_MAYBE;
}

void courier_submitted(struct errand *errand, enum sms_outcome outcome, struct span id)
{
	struct parcel *parcel = errand->parcel;
	enum sending_state state = state_of(outcome);

	courier_way_ended(errand, state, outcome == SMS_SENT || outcome == SMS_REFUSED);
	parcel->sending.part[parcel->part] = (unsigned char)state;
	if (outcome == SMS_REFUSED)
		parcel->why = "refused";
	courier_record_alias(errand, id, go_on);
}

static void send_part(struct errand *errand, const struct way *way)
{
	struct parcel *parcel = errand->parcel;

	memset(parcel->sending.connector, 0, sizeof(parcel->sending.connector));
	memcpy(parcel->sending.connector, way->connector->name, strlen(way->connector->name));
	if (way->gateway == NULL)
		parcel->request.url = NULL;
	parcel->sending.part[parcel->part] = SENDING_SENT;
	courier_record_write(errand, courier_submit);
}

static void next_part(struct errand *errand)
{
	struct way way;
	uint64_t wait_ms;

	switch (courier_way_next(errand, courier_fit, &way, &wait_ms)) {
	case WAY_GO:
		send_part(errand, &way);
		return;
	case WAY_WAIT:
		courier_wait(errand, wait_ms);
		return;
	case WAY_UNFIT:
		give_up(errand, sms_split_count(errand->item.sms.text) == 0 ? "too_long" : "no_template");
		return;
	case WAY_NONE:
		try_later(errand);
		return;
	}
}

static void go_on(struct errand *errand)
{
	struct parcel *parcel = errand->parcel;
	bool through = sending_next(&parcel->sending) == parcel->sending.nparts;

	if (parcel->why != NULL)
		give_up(errand, parcel->why);
	else if (through)
		courier_record_write(errand, tell_early);
	else if (courier_wall_ms(errand->courier) >= errand->item.sms.expires_ms)
		give_up(errand, "expired");
	else
		next_part(errand);
}

/* It was refused before a crash, and nobody was told. */
static void looked_up(struct errand *errand)
{
	if (any_is(&errand->parcel->sending, SENDING_FAILED) && sending_next(&errand->parcel->sending) < errand->parcel->sending.nparts)
		errand->parcel->why = "refused";
	go_on(errand);
}

void courier_carry_sms(struct errand *errand)
{
	int64_t wait_ms = errand->item.sms.not_before_ms - courier_wall_ms(errand->courier);

	if (wait_ms > 0)
		courier_after(errand, (uint64_t)wait_ms);
	else if (errand->parcel == NULL)
		courier_record_read(errand, looked_up);
	else
		go_on(errand);
}
