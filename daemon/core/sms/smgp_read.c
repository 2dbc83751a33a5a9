/*
 * SMGP: octets to events; see smgp.h.
 */
#include "daemon/core/sms/smgp_parts.h"

static void set_broken(struct link_event *event, unsigned status, bool goes_on)
{
	event->kind = LINK_EV_BROKEN;
	event->status = status;
	event->later = goes_on;
}

/* --- answers ----------------------------------------------------------------------- */

static void read_login_resp(struct ismg_in *in, struct link_event *event)
{
	event->status = ismg_number(in);
	ismg_octets(in, 16 + 1);   /* AuthenticatorServer, ServerVersion */
	if (in->broken) {
		set_broken(event, event->status, false);
	} else if (event->status == SMGP_DONE) {
		event->kind = LINK_EV_LOGGED_IN;
		event->version = SMGP_3_0;
	} else {
		event->kind = LINK_EV_REFUSED;
		event->version = 0;
		event->later = event->status == SMGP_BUSY || event->status == SMGP_TOO_MANY_CONNECTIONS;
	}
}

/* The list ends at 76; what is above is the carrier's own. */
static enum link_outcome outcome_of(uint32_t status)
{
	switch (status) {
	case SMGP_DONE:
		return LINK_ACCEPTED;
	case SMGP_BUSY:
		return LINK_THROTTLED;
	case SMGP_TOO_MANY_CONNECTIONS:
	case SMGP_SEQUENCE_REPEATED:
	case SMGP_NOT_NOW:
	case SMGP_OVER_QUOTA:
		return LINK_LATER;
	default:
		return status <= 76 ? LINK_REFUSED : LINK_LATER;
	}
}

static void read_submit_resp(struct ismg_in *in, struct arena *arena, struct link_event *event)
{
	event->kind = LINK_EV_SUBMITTED;
	event->id = ismg_id(ismg_octets(in, SMGP_ID), arena);
	event->status = ismg_number(in);
	event->outcome = outcome_of(event->status);
	if (in->broken)
		set_broken(event, 0, false);
}

/* --- Deliver ----------------------------------------------------------------------- */

struct deliver {
	struct span id, from, to, content, pseudonym;
	unsigned is_report, format, protocol_id, has_header, total, number, from_type;
};

static void read_fields(struct ismg_in *in, struct deliver *d)
{
	d->id = ismg_octets(in, SMGP_ID);
	d->is_report = ismg_octet(in);
	d->format = ismg_octet(in);
	ismg_octets(in, 14);   /* RecvTime */
	d->from = ismg_field(in, SMGP_NUMBER);
	d->to = ismg_field(in, SMGP_NUMBER);
	d->content = ismg_octets(in, ismg_octet(in));
	ismg_octets(in, 8);    /* Reserve */
}

/* One optional parameter; those that are not ours are passed over. */
static void read_option(struct ismg_in *in, struct deliver *d)
{
	unsigned tag = ismg_pair(in);
	struct span value = ismg_octets(in, ismg_pair(in));
	struct ismg_in at = { .rest = value };

	switch (tag) {
	case SMGP_TAG_PROTOCOL_ID:
		d->protocol_id = ismg_octet(&at);
		break;
	case SMGP_TAG_HEADER:
		d->has_header = ismg_octet(&at);
		break;
	case SMGP_TAG_TOTAL:
		d->total = ismg_octet(&at);
		break;
	case SMGP_TAG_NUMBER:
		d->number = ismg_octet(&at);
		break;
	case SMGP_TAG_FROM_TYPE:
		d->from_type = ismg_octet(&at);
		break;
	case SMGP_TAG_FROM_PSEUDONYM:
		d->pseudonym = ismg_field(&at, value.len);
		break;
	default:
		break;
	}
	in->broken = in->broken || at.broken;
}

/*
 * Parts are told by the header. PkTotal without one has no reference: parts of
 * two texts are then told apart by their sender alone.
 */
static void set_message(const struct deliver *d, struct arena *arena, struct link_event *event)
{
	struct link_message *message = &event->message;

	event->kind = LINK_EV_MESSAGE;
	message->key = ismg_id(d->id, arena);
	message->pseudonym = d->from_type == 1 && d->pseudonym.len > 0;
	message->from = message->pseudonym ? d->pseudonym : d->from;
	message->to = d->to;
	message->protocol_id = d->protocol_id;
	ismg_read_content(d->format, d->has_header != 0, d->content, message);
	message->sar = d->total > 1 && message->header.len == 0;
	message->sar_total = message->sar ? d->total : 0;
	message->sar_number = message->sar ? d->number : 0;
}

/* --- delivery reports --------------------------------------------------------------- */

/* What stands behind a word like " stat:", up to the next blank; as long as a state can be. */
static struct span word_after(struct span text, struct span name)
{
	struct span value = { 0 };

	for (size_t at = 0; at + name.len <= text.len; at++)
		if (span_eq_nocase(span_from(text.at + at, name.len), name)) {
			value = span_from_offset(text, at + name.len);
			value.len = span_find(value, SPAN(" "));
			value.len = value.len < ISMG_STATE_LEN ? value.len : ISMG_STATE_LEN;
			return value;
		}
	return value;
}

/*
 * "id:" and ten octets that are no text, then " sub:001 dlvrd:001 Submit date:...
 * stat:DELIVRD err:000 text:...". Some write the id as its twenty digits.
 */
static void read_report(struct span content, struct arena *arena, struct link_event *event)
{
	struct span id = span_from_offset(content, strlen("id:"));
	struct span rest = span_from_offset(id, SMGP_ID);
	struct span state = word_after(rest, SPAN(" stat:"));
	size_t digits = span_find(id, SPAN(" "));

	if (state.len == 0 || digits > LINK_ID_MAX || !span_eq_nocase(span_from(content.at, 3), SPAN("id:"))) {
		set_broken(event, SMGP_BAD_STRUCTURE, true);
		return;
	}
	event->kind = LINK_EV_REPORT;
	event->report.id = rest.at[0] == ' ' ? ismg_id(span_from(id.at, SMGP_ID), arena) : span_from(id.at, digits);
	ismg_read_state(state, &event->report);
}

static void read_deliver(struct ismg_in *in, struct arena *arena, struct link_event *event)
{
	struct deliver d = { 0 };

	read_fields(in, &d);
	ismg_keep_id(d.id, event);
	while (!in->broken && in->rest.len > 0)
		read_option(in, &d);
	if (in->broken)
		set_broken(event, SMGP_BAD_STRUCTURE, true);
	else if (d.is_report == 1)
		read_report(d.content, arena, event);
	else
		set_message(&d, arena, event);
}

/* --- all of them -------------------------------------------------------------------- */

void smgp_read(const struct link_config *config, unsigned version, struct span pdu, struct arena *arena,
	       struct link_event *event)
{
	struct ismg_in in = ismg_read_head(pdu, version, event);

	(void)config;
	if (in.broken) {
		set_broken(event, 0, false);
		return;
	}
	switch (event->command) {
	case SMGP_LOGIN | ISMG_RESPONSE:
		read_login_resp(&in, event);
		return;
	case SMGP_SUBMIT | ISMG_RESPONSE:
		read_submit_resp(&in, arena, event);
		return;
	case SMGP_DELIVER:
		read_deliver(&in, arena, event);
		return;
	case SMGP_ACTIVE_TEST:
		event->kind = LINK_EV_ALIVE;
		return;
	case SMGP_ACTIVE_TEST | ISMG_RESPONSE:
		event->kind = LINK_EV_ALIVE_ANSWER;
		return;
	case SMGP_EXIT:
		event->kind = LINK_EV_CLOSE;
		return;
	case SMGP_EXIT | ISMG_RESPONSE:
		event->kind = LINK_EV_CLOSED;
		return;
	default:
		event->kind = (event->command & ISMG_RESPONSE) != 0 ? LINK_EV_NOTHING : LINK_EV_UNKNOWN;
	}
}
