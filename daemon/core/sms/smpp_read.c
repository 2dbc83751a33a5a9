/*
 * SMPP 3.4: octets to events; see smpp.h.
 *
 * Lengths of the peer are never believed: each is held against what is there.
 */
#include "daemon/core/sms/smpp_parts.h"

#include "daemon/base/table.h"
#include "daemon/core/sms/coding.h"

/* Field sizes with their NUL (4.6.1, 4.7.1). "schedule" and "validity" are unused in deliver_sm and sent by some. */
#define SERVICE_MAX 6
#define ADDRESS_MAX 21
#define DATA_ADDRESS_MAX 65
#define TIME_MAX 17
#define ID_MAX 65

enum {
	BAD_OPTIONS = 0xC0,
	BAD_OPTION_LENGTH = 0xC2,
	BAD_ADDRESS = 0x0A,
};

/* Reads on; once something did not fit, all that follows is empty and `fault` is the status that says so. */
struct cursor {
	struct span rest;
	unsigned fault;
};

/* --- octets -------------------------------------------------------------------- */

static uint32_t number_at(struct span s, size_t at, size_t octets)
{
	uint32_t n = 0;

	for (size_t i = 0; i < octets; i++)
		n = n << 8 | (unsigned char)s.at[at + i];
	return n;
}

static struct span take(struct cursor *c, size_t octets, unsigned fault)
{
	struct span out = { .at = c->rest.at, .len = octets };

	if (c->fault != 0 || octets > c->rest.len) {
		c->fault = c->fault != 0 ? c->fault : fault;
		return (struct span){ 0 };
	}
	c->rest = span_from_offset(c->rest, octets);
	return out;
}

static unsigned octet(struct cursor *c)
{
	struct span s = take(c, 1, SMPP_BAD_COMMAND_LENGTH);

	return s.len > 0 ? (unsigned char)s.at[0] : 0;
}

/* A text with its NUL, of at most `max` octets together. */
static struct span text(struct cursor *c, size_t max, unsigned fault)
{
	size_t within = c->rest.len < max ? c->rest.len : max;
	const char *end = within > 0 ? memchr(c->rest.at, 0, within) : NULL;
	struct span out;

	if (c->fault != 0 || end == NULL) {
		c->fault = c->fault != 0 ? c->fault : fault;
		return (struct span){ 0 };
	}
	out = span_from(c->rest.at, (size_t)(end - c->rest.at));
	c->rest = span_from_offset(c->rest, out.len + 1);
	return out;
}

/* --- optional parameters --------------------------------------------------------- */

static struct span without_end(struct span value)
{
	while (value.len > 0 && value.at[value.len - 1] == '\0')
		value.len--;
	return value;
}

/* True when the value has the length it must have. */
static bool read_number(struct span value, size_t octets, unsigned *number)
{
	if (value.len != octets)
		return false;
	*number = number_at(value, 0, octets);
	return true;
}

static bool read_option(unsigned tag, struct span value, struct smpp_options *out)
{
	switch (tag) {
	case TAG_RECEIPTED_ID:
		out->receipted_id = without_end(value);
		return true;
	case TAG_PAYLOAD:
		out->payload = value;
		return true;
	case TAG_NETWORK_ERROR:
		out->network_error = value;
		return true;
	case TAG_STATE:
		return out->has_state = read_number(value, 1, &out->state);
	case TAG_SAR_REFERENCE:
		return out->has_sar_reference = read_number(value, 2, &out->sar_reference);
	case TAG_SAR_TOTAL:
		return read_number(value, 1, &out->sar_total);
	case TAG_SAR_NUMBER:
		return read_number(value, 1, &out->sar_number);
	case TAG_VERSION:
		return read_number(value, 1, &out->version);
	default:   /* the rest, and what later versions and vendors add */
		return true;
	}
}

static void read_options(struct cursor *c, struct smpp_options *out)
{
	while (c->fault == 0 && c->rest.len > 0) {
		struct span head = take(c, 4, BAD_OPTIONS);
		struct span value;

		if (c->fault != 0)
			return;
		value = take(c, number_at(head, 2, 2), BAD_OPTION_LENGTH);
		if (c->fault == 0 && !read_option(number_at(head, 0, 2), value, out))
			c->fault = BAD_OPTION_LENGTH;
	}
}

/* --- messages -------------------------------------------------------------------- */

unsigned smpp_coding(const struct link_config *config, unsigned dcs)
{
	static const enum sms_coding by_class[] = { SMS_GSM7, SMS_OCTETS, SMS_UTF16, SMS_OCTETS };
	bool gsm = config->coding0 == NULL || config->coding0[0] == '\0' || strcmp(config->coding0, "gsm7") == 0;
	unsigned plain = gsm ? SMS_GSM7 : SMS_LATIN1;

	switch (dcs) {
	case 0x00:
		return plain;
	case 0x01:
	case 0x03:
		return SMS_LATIN1;
	case 0x08:
		return SMS_UTF16;
	case 0x0F:
		return SMS_GBK;   /* as CMPP numbers it; Chinese carriers do so in SMPP as well */
	default:
		break;
	}
	if (dcs < 0x10)
		return SMS_OCTETS;
	if (dcs < 0x40)   /* TS 23.038, 4: message class, the alphabet in bits 3 and 2 */
		return by_class[dcs >> 2 & 3] == SMS_GSM7 ? plain : by_class[dcs >> 2 & 3];
	if (dcs >= 0xF0)
		return dcs & 0x04 ? SMS_OCTETS : plain;
	if (dcs >= 0xE0)
		return SMS_UTF16;
	return dcs >= 0xC0 ? plain : SMS_OCTETS;
}

struct span smpp_number(unsigned ton, struct span digits, struct arena *arena)
{
	if (ton == 1 && digits.len > 0 && digits.at[0] != '+')
		return span_of(arena_printf(arena, "+%.*s", (int)digits.len, digits.at));
	return digits;
}

static void read_addresses(struct cursor *c, size_t max, struct smpp_message *m)
{
	text(c, SERVICE_MAX, SMPP_BAD_COMMAND_LENGTH);
	m->from_ton = octet(c);
	octet(c);
	m->from = text(c, max, BAD_ADDRESS);
	m->to_ton = octet(c);
	octet(c);
	m->to = text(c, max, BAD_ADDRESS + 1);
	m->esm = octet(c);
}

static void read_deliver(struct cursor *c, struct smpp_message *m)
{
	read_addresses(c, ADDRESS_MAX, m);
	m->protocol_id = octet(c);
	octet(c);
	text(c, TIME_MAX, SMPP_BAD_COMMAND_LENGTH);
	text(c, TIME_MAX, SMPP_BAD_COMMAND_LENGTH);
	octet(c);
	octet(c);
	m->dcs = octet(c);
	octet(c);
	m->octets = take(c, octet(c), SMPP_BAD_MESSAGE_LENGTH);
}

static void read_data(struct cursor *c, struct smpp_message *m)
{
	read_addresses(c, DATA_ADDRESS_MAX, m);
	octet(c);
	m->dcs = octet(c);
}

/* The header is taken off the octets. One that does not fit is none: its octets stay. */
static void split_header(const struct smpp_message *m, struct link_message *out)
{
	size_t len;

	if ((m->esm & ESM_HEADER) == 0 || m->octets.len == 0)
		return;
	len = (size_t)(unsigned char)m->octets.at[0] + 1;
	if (len > m->octets.len)
		return;
	out->header = span_from(m->octets.at, len);
	out->octets = span_from_offset(m->octets, len);
}

static void set_message(const struct link_config *config, const struct smpp_message *m, struct arena *arena,
			struct link_event *event)
{
	const struct smpp_options *o = &m->options;

	event->kind = LINK_EV_MESSAGE;
	event->message = (struct link_message){
		.key = o->receipted_id,
		.from = smpp_number(m->from_ton, m->from, arena),
		.to = smpp_number(m->to_ton, m->to, arena),
		.coding = smpp_coding(config, m->dcs),
		.dcs = m->dcs,
		.protocol_id = m->protocol_id,
		.octets = m->octets,
		.sar = o->has_sar_reference && o->sar_total > 1 && o->sar_number >= 1 && o->sar_number <= o->sar_total,
		.sar_reference = o->sar_reference,
		.sar_total = o->sar_total,
		.sar_number = o->sar_number,
	};
	split_header(m, &event->message);
}

static void read_message(const struct link_config *config, struct span pdu, struct arena *arena,
			 struct link_event *event)
{
	struct cursor c = { .rest = span_from_offset(pdu, SMPP_HEAD) };
	struct smpp_message m = { 0 };

	if (event->command == SMPP_DELIVER_SM)
		read_deliver(&c, &m);
	else
		read_data(&c, &m);
	read_options(&c, &m.options);
	if (c.fault != 0) {
		event->kind = LINK_EV_BROKEN;
		event->later = true;
		event->status = c.fault;
		return;
	}
	if (m.octets.len == 0)
		m.octets = m.options.payload;
	if (smpp_receipt_read(config, &m, arena, &event->report))
		event->kind = LINK_EV_REPORT;
	else
		set_message(config, &m, arena, event);
}

/* --- answers --------------------------------------------------------------------- */

/* What to do next, of the statuses that are not "never" (5.1.3). */
static enum link_outcome outcome_of(unsigned status)
{
	static const struct {
		unsigned first, last;
		enum link_outcome outcome;
	} rows[] = {
		{ .first = SMPP_OK, .last = SMPP_OK, .outcome = LINK_ACCEPTED },
		{ .first = SMPP_BAD_BIND_STATE, .last = SMPP_ALREADY_BOUND, .outcome = LINK_BAD },
		{ .first = SMPP_SYSTEM_ERROR, .last = SMPP_SYSTEM_ERROR, .outcome = LINK_LATER },
		{ .first = SMPP_BIND_FAILED, .last = SMPP_BAD_SYSTEM_ID, .outcome = LINK_BAD },
		{ .first = SMPP_QUEUE_FULL, .last = SMPP_QUEUE_FULL, .outcome = LINK_THROTTLED },
		{ .first = SMPP_SUBMIT_FAILED, .last = SMPP_SUBMIT_FAILED, .outcome = LINK_LATER },
		{ .first = SMPP_THROTTLED, .last = SMPP_THROTTLED, .outcome = LINK_THROTTLED },
		{ .first = SMPP_AGAIN, .last = SMPP_AGAIN, .outcome = LINK_LATER },
		/* "Unknown error", and the vendors' own. */
		{ .first = 0xFF, .last = UINT32_MAX, .outcome = LINK_LATER },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (status >= rows[i].first && status <= rows[i].last)
			return rows[i].outcome;
	return LINK_REFUSED;
}

/* Behind an error there is often no body, and behind success not always a NUL; it was taken all the same. */
static void read_submitted(struct span pdu, struct link_event *event)
{
	struct span body = span_from_offset(pdu, SMPP_HEAD);
	const char *end = body.len > 0 ? memchr(body.at, 0, body.len) : NULL;
	size_t len = end != NULL ? (size_t)(end - body.at) : body.len;

	event->kind = LINK_EV_SUBMITTED;
	event->outcome = outcome_of(event->status);
	if (event->outcome == LINK_ACCEPTED)
		event->id = span_from(body.at, len < ID_MAX ? len : ID_MAX - 1);
}

static void read_login_answer(struct span pdu, struct link_event *event)
{
	struct cursor c = { .rest = span_from_offset(pdu, SMPP_HEAD) };
	struct smpp_options options = { .version = SMPP_VERSION };

	if (event->status != SMPP_OK) {
		event->kind = LINK_EV_REFUSED;
		event->version = 0;
		event->later = event->status != SMPP_BAD_PASSWORD && event->status != SMPP_BAD_SYSTEM_ID;
		return;
	}
	/* What it says of itself is no reason to refuse it. */
	text(&c, SMPP_HEAD, SMPP_BAD_COMMAND_LENGTH);
	read_options(&c, &options);
	event->kind = LINK_EV_LOGGED_IN;
	event->version = options.version;
}

static void read_answer(struct span pdu, struct link_event *event)
{
	switch (event->command & ~SMPP_RESPONSE) {
	case SMPP_BIND_RECEIVER:
	case SMPP_BIND_TRANSMITTER:
	case SMPP_BIND_TRANSCEIVER:
		read_login_answer(pdu, event);
		return;
	case SMPP_SUBMIT_SM:
		read_submitted(pdu, event);
		return;
	case SMPP_GENERIC_NACK_BITS:   /* to whatever had that number */
		event->kind = LINK_EV_SUBMITTED;
		event->outcome = event->status == SMPP_OK ? LINK_REFUSED : outcome_of(event->status);
		return;
	case SMPP_ENQUIRE_LINK:
		event->kind = LINK_EV_ALIVE_ANSWER;
		return;
	case SMPP_UNBIND:
		event->kind = LINK_EV_CLOSED;
		return;
	default:
		event->kind = LINK_EV_NOTHING;
		return;
	}
}

/* --- the table ------------------------------------------------------------------- */

static size_t frame(struct span octets)
{
	size_t len;

	if (octets.len < 4)
		return 0;
	len = number_at(octets, 0, 4);
	return len < SMPP_HEAD || len > LINK_PDU_MAX ? SIZE_MAX : len;
}

static void read_pdu(const struct link_config *config, unsigned version, struct span pdu, struct arena *arena,
		     struct link_event *event)
{
	*event = (struct link_event){
		.command = number_at(pdu, 4, 4),
		.status = number_at(pdu, 8, 4),
		.sequence = number_at(pdu, 12, 4),
		.version = version,
	};
	if ((event->command & SMPP_RESPONSE) != 0) {
		read_answer(pdu, event);
		return;
	}
	switch (event->command) {
	case SMPP_DELIVER_SM:
	case SMPP_DATA_SM:
		read_message(config, pdu, arena, event);
		return;
	case SMPP_ENQUIRE_LINK:
		event->kind = LINK_EV_ALIVE;
		return;
	case SMPP_UNBIND:
		event->kind = LINK_EV_CLOSE;
		return;
	case SMPP_ALERT:      /* neither has an answer (4.1.7, 4.12.1) */
	case SMPP_OUTBIND:
		event->kind = LINK_EV_NOTHING;
		return;
	default:
		event->kind = LINK_EV_UNKNOWN;
		event->status = SMPP_BAD_COMMAND;
		return;
	}
}

const struct link_protocol link_smpp = {
	.name = "smpp",
	.default_port = 2775,
	.sequence_first = 1,
	.sequence_last = 0x7FFFFFFF,
	.frame = frame,
	.read = read_pdu,
	.write_login = smpp_write_login,
	.write_submit = smpp_write_submit,
	.write_answer = smpp_write_answer,
	.write_alive = smpp_write_alive,
	.write_alive_answer = smpp_write_alive_answer,
	.write_close = smpp_write_close,
	.write_close_answer = smpp_write_close_answer,
	.write_unknown = smpp_write_unknown,
};
