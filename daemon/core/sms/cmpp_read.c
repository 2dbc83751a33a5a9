/*
 * CMPP: octets to events; see cmpp.h.
 */
#include "daemon/core/sms/cmpp_parts.h"

#include "daemon/base/table.h"

static void set_broken(struct link_event *event, unsigned status, bool goes_on)
{
	event->kind = LINK_EV_BROKEN;
	event->status = status;
	event->later = goes_on;
}

/* --- login ----------------------------------------------------------------------- */

enum {
	LOGIN_DONE = 0,
	LOGIN_VERSION_TOO_HIGH = 4,   /* 1 structure, 2 account, 3 secret */
};

#define CONNECT_RESP_2_0 (1 + 16 + 1)
#define CONNECT_RESP_3_0 (4 + 16 + 1)

/* The size of the status tells what the peer speaks; what it calls its highest version need not be that. */
static void read_connect_resp(const struct link_config *config, struct ismg_in *in, struct link_event *event)
{
	unsigned asked = cmpp_asked(config, event->version);
	bool old = in->rest.len < CONNECT_RESP_3_0;

	event->status = old ? ismg_octet(in) : ismg_number(in);
	if (in->broken || in->rest.len < CONNECT_RESP_2_0 - 1) {
		set_broken(event, event->status, false);
	} else if (event->status == LOGIN_DONE) {
		event->kind = LINK_EV_LOGGED_IN;
		event->version = old ? CMPP_2_0 : asked;
	} else {
		event->kind = LINK_EV_REFUSED;
		event->version = event->status == LOGIN_VERSION_TOO_HIGH && asked > CMPP_2_0 ? CMPP_2_0 : 0;
		event->later = event->version != 0 || event->status > LOGIN_VERSION_TOO_HIGH;
	}
}

/* --- answers to what was sent ------------------------------------------------------ */

/*
 * 1 structure, 2 command, 3 sequence repeated, 4 length, 5 fee code, 6 too long,
 * 7 service, 8 flow control, 9 number not of this gateway (3.0; in 2.0 "other"),
 * 10 Src_Id, 11 Msg_src, 12 and 13 numbers. Those above are the carrier's own troubles.
 */
static enum link_outcome outcome_of(uint32_t result, bool old)
{
	static const enum link_outcome outcomes[] = {
		LINK_ACCEPTED, LINK_REFUSED,   LINK_REFUSED, LINK_LATER,   LINK_REFUSED, LINK_REFUSED, LINK_REFUSED,
		LINK_REFUSED,  LINK_THROTTLED, LINK_REFUSED, LINK_REFUSED, LINK_REFUSED, LINK_REFUSED, LINK_REFUSED,
	};

	if (result >= COUNT_OF(outcomes) || (old && result == CMPP_OTHER))
		return LINK_LATER;
	return outcomes[result];
}

static void read_submit_resp(struct ismg_in *in, struct arena *arena, struct link_event *event)
{
	struct span id = ismg_octets(in, CMPP_ID);
	bool old = in->rest.len < 4;

	event->kind = LINK_EV_SUBMITTED;
	event->status = old ? ismg_octet(in) : ismg_number(in);
	event->outcome = outcome_of(event->status, old);
	event->id = ismg_id(id, arena);
	if (in->broken)
		set_broken(event, 0, false);
}

/* --- DELIVER ----------------------------------------------------------------------- */

struct deliver {
	struct span id, to, from, content;
	unsigned protocol_id, has_header, format, from_type, is_report;
};

static void read_fields(unsigned version, struct ismg_in *in, struct deliver *d)
{
	d->id = ismg_octets(in, CMPP_ID);
	d->to = ismg_field(in, CMPP_NUMBER);
	ismg_octets(in, 10);   /* Service_Id */
	d->protocol_id = ismg_octet(in);
	d->has_header = ismg_octet(in);
	d->format = ismg_octet(in);
	d->from = ismg_field(in, cmpp_subscriber(version));
	d->from_type = version >= CMPP_3_0 ? ismg_octet(in) : 0;
	d->is_report = ismg_octet(in);
	d->content = ismg_octets(in, ismg_octet(in));
	ismg_octets(in, version >= CMPP_3_0 ? 20 : 8);   /* LinkID; Reserve */
}

/* Msg_Id 8, Stat 7, then times and numbers that nothing here needs and some leave out. */
static void read_report(struct ismg_in content, struct arena *arena, struct link_event *event)
{
	event->report.id = ismg_id(ismg_octets(&content, CMPP_ID), arena);
	ismg_read_state(ismg_field(&content, ISMG_STATE_LEN), &event->report);
	event->kind = LINK_EV_REPORT;
	if (content.broken)
		set_broken(event, CMPP_BAD_STRUCTURE, true);
}

static void set_message(const struct deliver *d, struct arena *arena, struct link_event *event)
{
	struct link_message *message = &event->message;

	event->kind = LINK_EV_MESSAGE;
	message->key = ismg_id(d->id, arena);
	message->from = d->from;
	message->to = d->to;
	message->pseudonym = d->from_type == 1;
	message->protocol_id = d->protocol_id;
	ismg_read_content(d->format, d->has_header != 0, d->content, message);
}

static void read_deliver(struct ismg_in *in, struct arena *arena, struct link_event *event)
{
	struct deliver d;

	read_fields(event->version, in, &d);
	ismg_keep_id(d.id, event);
	if (in->broken)
		set_broken(event, CMPP_BAD_LENGTH, true);
	else if (d.is_report == 1)
		read_report((struct ismg_in){ .rest = d.content }, arena, event);
	else
		set_message(&d, arena, event);
}

/* --- all of them -------------------------------------------------------------------- */

void cmpp_read(const struct link_config *config, unsigned version, struct span pdu, struct arena *arena,
	       struct link_event *event)
{
	struct ismg_in in = ismg_read_head(pdu, version, event);

	if (in.broken) {
		set_broken(event, 0, false);
		return;
	}
	switch (event->command) {
	case CMPP_CONNECT | ISMG_RESPONSE:
		read_connect_resp(config, &in, event);
		return;
	case CMPP_SUBMIT | ISMG_RESPONSE:
		read_submit_resp(&in, arena, event);
		return;
	case CMPP_DELIVER:
		read_deliver(&in, arena, event);
		return;
	case CMPP_ACTIVE_TEST:
		event->kind = LINK_EV_ALIVE;
		return;
	case CMPP_ACTIVE_TEST | ISMG_RESPONSE:
		event->kind = LINK_EV_ALIVE_ANSWER;
		return;
	case CMPP_TERMINATE:
		event->kind = LINK_EV_CLOSE;
		return;
	case CMPP_TERMINATE | ISMG_RESPONSE:
		event->kind = LINK_EV_CLOSED;
		return;
	default:
		event->kind = (event->command & ISMG_RESPONSE) != 0 ? LINK_EV_NOTHING : LINK_EV_UNKNOWN;
	}
}
