/*
 * CMPP: values to PDUs, and the table of the protocol; see cmpp.h.
 */
#include "daemon/core/sms/cmpp_parts.h"

#include "daemon/base/md5.h"

#define ACCOUNT_LEN 6
#define SERVICE_LEN 10
#define TIME_LEN 17
#define SECRET_ZEROES 9
#define SP_PAYS 2          /* Fee_UserType: the SP is charged, the informant is not */

static void write_login(const struct link_config *config, enum link_role role, unsigned version, uint32_t sequence,
			int64_t now_ms, struct buf *out)
{
	size_t at = ismg_begin(out, CMPP_CONNECT, sequence);
	uint32_t stamp = ismg_stamp(now_ms);
	unsigned char digest[16];

	(void)role;   /* a connection goes both ways */
	ismg_authenticator(config, SECRET_ZEROES, stamp, digest);
	ismg_put_field(out, span_of(config->account), ACCOUNT_LEN);
	buf_add(out, digest, sizeof(digest));
	buf_add_byte(out, (int)cmpp_asked(config, version));
	ismg_put_number(out, stamp, 4);
	ismg_end(out, at);
}

/* AuthenticatorISMG. The status before it has one octet or four. */
static enum link_proof proof(const struct link_config *config, struct span login, struct span answer)
{
	struct span ours = span_from_offset(login, ISMG_HEAD + ACCOUNT_LEN);
	size_t behind = MD5_LEN + 1;   /* the digest and the version are the last two */

	if (ours.len < MD5_LEN || answer.len < ISMG_HEAD + behind)
		return LINK_PROOF_BAD;
	return ismg_proof(config, span_from(ours.at, MD5_LEN), span_from(answer.at + answer.len - behind, MD5_LEN));
}

/* Who pays, and that it is free of charge for the receiver. */
static void put_fee(const struct link_config *config, unsigned version, const struct ismg_content *content,
		    bool has_header, struct buf *out)
{
	buf_add_byte(out, SP_PAYS);
	ismg_put_zeroes(out, cmpp_subscriber(version));   /* Fee_terminal_Id, of no meaning then */
	if (version >= CMPP_3_0)
		buf_add_byte(out, 0);                     /* Fee_terminal_type */
	buf_add_byte(out, 0);                             /* TP_pId */
	buf_add_byte(out, has_header);                    /* TP_udhi */
	buf_add_byte(out, (int)content->format);
	ismg_put_field(out, span_of(config->account), ACCOUNT_LEN);
	ismg_put_field(out, SPAN("01"), 2);               /* FeeType: free */
	ismg_put_field(out, SPAN("000000"), 6);           /* FeeCode */
	ismg_put_zeroes(out, (size_t)2 * TIME_LEN);       /* ValId_Time, At_Time */
}

static void put_receiver(struct span to, unsigned version, struct buf *out)
{
	buf_add_byte(out, 1);                             /* DestUsr_tl */
	ismg_put_field(out, ismg_terminal(to), cmpp_subscriber(version));
	if (version >= CMPP_3_0)
		buf_add_byte(out, 0);                     /* Dest_terminal_type: a number, no pseudonym */
}

static void write_submit(const struct link_config *config, const struct link_submit *submit, uint32_t sequence,
			 unsigned version, struct buf *out)
{
	size_t at = ismg_begin(out, CMPP_SUBMIT, sequence);
	struct ismg_content content;

	ismg_content_of(submit, &content);
	ismg_put_zeroes(out, CMPP_ID);                    /* Msg_Id: the carrier gives it */
	buf_add_byte(out, (int)(submit->total > 1 ? submit->total : 1));
	buf_add_byte(out, (int)(submit->number > 1 ? submit->number : 1));
	buf_add_byte(out, submit->want_report);           /* Registered_Delivery */
	buf_add_byte(out, 0);                             /* Msg_level */
	ismg_put_field(out, span_of(config->service), SERVICE_LEN);
	put_fee(config, version, &content, submit->header.len > 0, out);
	ismg_put_field(out, span_of(config->sender), CMPP_NUMBER);
	put_receiver(submit->to, version, out);
	buf_add_byte(out, (int)content.octets.len);
	buf_add_span(out, buf_span(&content.octets));
	ismg_put_zeroes(out, version >= CMPP_3_0 ? 20 : 8);   /* LinkID; Reserve */
	ismg_end(out, at);
	buf_release(&content.octets);
}

static void put_deliver_resp(const struct link_event *event, unsigned result, unsigned version, struct buf *out)
{
	size_t at = ismg_begin(out, CMPP_DELIVER | ISMG_RESPONSE, event->sequence);

	buf_add(out, event->sequence_rest, CMPP_ID);
	ismg_put_number(out, result, version >= CMPP_3_0 ? 4 : 1);
	ismg_end(out, at);
}

static void write_answer(const struct link_event *event, enum link_answer answer, unsigned version, struct buf *out)
{
	switch (answer) {
	case LINK_TAKEN:
		put_deliver_resp(event, CMPP_DONE, version, out);
		return;
	case LINK_NEVER:
		put_deliver_resp(event, CMPP_OTHER, version, out);
		return;
	case LINK_AGAIN:
		return;
	}
}

static void write_alive(uint32_t sequence, struct buf *out)
{
	ismg_put_bare(out, CMPP_ACTIVE_TEST, sequence);
}

static void write_alive_answer(const struct link_event *event, struct buf *out)
{
	size_t at = ismg_begin(out, CMPP_ACTIVE_TEST | ISMG_RESPONSE, event->sequence);

	buf_add_byte(out, 0);   /* Reserved */
	ismg_end(out, at);
}

static void write_close(uint32_t sequence, struct buf *out)
{
	ismg_put_bare(out, CMPP_TERMINATE, sequence);
}

static void write_close_answer(const struct link_event *event, struct buf *out)
{
	ismg_put_bare(out, CMPP_TERMINATE | ISMG_RESPONSE, event->sequence);
}

/* There is an answer to a message that cannot be read, and none to a command that nobody knows. */
static void write_unknown(const struct link_event *event, struct buf *out)
{
	if (event->command == CMPP_DELIVER)
		put_deliver_resp(event, event->status, event->version, out);
}

const struct link_protocol link_cmpp = {
	.name = "cmpp",
	.default_port = 7890,
	.sequence_first = 1,
	.sequence_last = UINT32_MAX,
	.frame = ismg_frame,
	.read = cmpp_read,
	.write_login = write_login,
	.proof = proof,
	.fits = ismg_fits,
	.write_submit = write_submit,
	.write_answer = write_answer,
	.write_alive = write_alive,
	.write_alive_answer = write_alive_answer,
	.write_close = write_close,
	.write_close_answer = write_close_answer,
	.write_unknown = write_unknown,
};
