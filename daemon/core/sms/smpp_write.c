/*
 * SMPP 3.4: values to PDUs; see smpp.h. Fields that are too long for the
 * protocol are cut to it; the configuration is held to the same limits.
 */
#include "daemon/core/sms/smpp_parts.h"

#include "daemon/core/sms/coding.h"

#define SYSTEM_ID_MAX 16
#define PASSWORD_MAX 65      /* the specification says 9; carriers give longer ones */
#define SYSTEM_TYPE_MAX 13
#define SERVICE_MAX 6
#define ADDRESS_MAX 21

enum {
	TON_UNKNOWN = 0,
	TON_INTERNATIONAL = 1,
	TON_ALPHANUMERIC = 5,
	NPI_UNKNOWN = 0,
	NPI_ISDN = 1,
};

static void put_number(struct buf *out, uint32_t number, unsigned octets)
{
	for (unsigned i = octets; i > 0; i--)
		buf_add_byte(out, (int)(number >> (i - 1) * 8 & 0xFF));
}

/* With its NUL at most `max` octets. */
static void put_text(struct buf *out, struct span text, size_t max)
{
	buf_add(out, text.at != NULL ? text.at : "", text.len < max ? text.len : max - 1);
	buf_add_byte(out, 0);
}

/* Returns where the PDU begins, for finish(). */
static size_t start(struct buf *out, uint32_t command, uint32_t status, uint32_t sequence)
{
	size_t at = out->len;

	put_number(out, 0, 4);
	put_number(out, command, 4);
	put_number(out, status, 4);
	put_number(out, sequence, 4);
	return at;
}

static void finish(struct buf *out, size_t at)
{
	size_t len = out->len - at;

	for (unsigned i = 0; i < 4; i++)
		out->at[at + i] = (char)(unsigned char)(len >> (3 - i) * 8 & 0xFF);
}

static void put_bare(struct buf *out, uint32_t command, uint32_t status, uint32_t sequence)
{
	finish(out, start(out, command, status, sequence));
}

void smpp_write_login(const struct link_config *config, enum link_role role, unsigned version, uint32_t sequence,
		      int64_t now_ms, struct buf *out)
{
	static const uint32_t commands[] = {
		[LINK_BOTH] = SMPP_BIND_TRANSCEIVER,
		[LINK_IN] = SMPP_BIND_RECEIVER,
		[LINK_OUT] = SMPP_BIND_TRANSMITTER,
	};
	size_t at = start(out, commands[role], SMPP_OK, sequence);

	(void)now_ms;
	(void)version;   /* there is one */
	put_text(out, span_of(config->account), SYSTEM_ID_MAX);
	put_text(out, span_of(config->password), PASSWORD_MAX);
	put_text(out, span_of(config->system_type), SYSTEM_TYPE_MAX);
	buf_add_byte(out, SMPP_VERSION);
	buf_add_byte(out, TON_UNKNOWN);
	buf_add_byte(out, NPI_UNKNOWN);
	put_text(out, SPAN(""), 1);
	finish(out, at);
}

static void put_address(struct buf *out, struct span number)
{
	bool plus = number.len > 0 && number.at[0] == '+';
	struct span digits = span_from_offset(number, plus);
	bool name = !span_digits(digits);

	buf_add_byte(out, name ? TON_ALPHANUMERIC : plus ? TON_INTERNATIONAL : TON_UNKNOWN);
	buf_add_byte(out, name ? NPI_UNKNOWN : NPI_ISDN);
	put_text(out, digits, ADDRESS_MAX);
}

static void put_option(struct buf *out, unsigned tag, struct span header, struct span octets)
{
	put_number(out, tag, 2);
	put_number(out, (uint32_t)(header.len + octets.len), 2);
	buf_add_span(out, header);
	buf_add_span(out, octets);
}

static void put_octets(struct buf *out, const struct link_submit *submit)
{
	size_t len = submit->header.len + submit->octets.len;

	if (len > SMPP_SHORT_MAX) {
		buf_add_byte(out, 0);
		put_option(out, TAG_PAYLOAD, submit->header, submit->octets);
		return;
	}
	buf_add_byte(out, (int)len);
	buf_add_span(out, submit->header);
	buf_add_span(out, submit->octets);
}

void smpp_write_submit(const struct link_config *config, const struct link_submit *submit, uint32_t sequence,
		       unsigned version, struct buf *out)
{
	size_t at = start(out, SMPP_SUBMIT_SM, SMPP_OK, sequence);

	(void)version;
	put_text(out, span_of(config->service), SERVICE_MAX);
	if (config->sender != NULL && config->sender[0] != '\0') {
		put_address(out, span_of(config->sender));
	} else {
		buf_add_byte(out, TON_UNKNOWN);
		buf_add_byte(out, NPI_UNKNOWN);
		buf_add_byte(out, 0);
	}
	put_address(out, submit->to);
	buf_add_byte(out, submit->header.len > 0 ? ESM_HEADER : 0);
	buf_add_byte(out, 0);   /* protocol_id */
	buf_add_byte(out, 0);   /* priority_flag */
	put_text(out, SPAN(""), 1);
	put_text(out, SPAN(""), 1);
	buf_add_byte(out, submit->want_report);
	buf_add_byte(out, 0);   /* replace_if_present_flag */
	buf_add_byte(out, submit->coding == SMS_UTF16 ? 8 : submit->coding == SMS_LATIN1 ? 3 : 0);
	buf_add_byte(out, 0);   /* sm_default_msg_id */
	put_octets(out, submit);
	finish(out, at);
}

void smpp_write_answer(const struct link_event *event, enum link_answer answer, unsigned version, struct buf *out)
{
	static const uint32_t statuses[] = {
		[LINK_TAKEN] = SMPP_OK,
		[LINK_AGAIN] = SMPP_AGAIN,
		[LINK_NEVER] = SMPP_NEVER,
	};
	size_t at = start(out, event->command | SMPP_RESPONSE, statuses[answer], event->sequence);

	(void)version;
	buf_add_byte(out, 0);   /* message_id, unused */
	finish(out, at);
}

void smpp_write_alive(uint32_t sequence, struct buf *out)
{
	put_bare(out, SMPP_ENQUIRE_LINK, SMPP_OK, sequence);
}

void smpp_write_alive_answer(const struct link_event *event, struct buf *out)
{
	put_bare(out, SMPP_ENQUIRE_LINK | SMPP_RESPONSE, SMPP_OK, event->sequence);
}

void smpp_write_close(uint32_t sequence, struct buf *out)
{
	put_bare(out, SMPP_UNBIND, SMPP_OK, sequence);
}

void smpp_write_close_answer(const struct link_event *event, struct buf *out)
{
	put_bare(out, SMPP_UNBIND | SMPP_RESPONSE, SMPP_OK, event->sequence);
}

void smpp_write_unknown(const struct link_event *event, struct buf *out)
{
	bool message = event->command == SMPP_DELIVER_SM || event->command == SMPP_DATA_SM;
	size_t at = start(out, message ? event->command | SMPP_RESPONSE : SMPP_RESPONSE, event->status, event->sequence);

	if (message)
		buf_add_byte(out, 0);
	finish(out, at);
}
