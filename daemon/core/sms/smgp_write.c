/*
 * SMGP: values to PDUs, and the table of the protocol; see smgp.h.
 */
#include "daemon/core/sms/smgp_parts.h"

#include "daemon/base/md5.h"

#define ACCOUNT_LEN 8
#define SERVICE_LEN 10
#define TIME_LEN 17
#define SECRET_ZEROES 7
#define TO_A_PHONE 6       /* MsgType: from the SP to a telephone */
#define NORMAL 1           /* Priority */

enum login_mode {
	MODE_OUT = 0,
	MODE_IN = 1,
	MODE_BOTH = 2,
};

static enum login_mode mode_of(enum link_role role)
{
	if (role == LINK_BOTH)
		return MODE_BOTH;
	return role == LINK_IN ? MODE_IN : MODE_OUT;
}

static void write_login(const struct link_config *config, enum link_role role, unsigned version, uint32_t sequence,
			int64_t now_ms, struct buf *out)
{
	size_t at = ismg_begin(out, SMGP_LOGIN, sequence);
	uint32_t stamp = ismg_stamp(now_ms);
	unsigned char digest[16];

	(void)version;   /* there is one */
	ismg_authenticator(config, SECRET_ZEROES, stamp, digest);
	ismg_put_field(out, span_of(config->account), ACCOUNT_LEN);
	buf_add(out, digest, sizeof(digest));
	buf_add_byte(out, (int)mode_of(role));
	ismg_put_number(out, stamp, 4);
	buf_add_byte(out, SMGP_3_0);
	ismg_end(out, at);
}

/* AuthenticatorServer. */
static enum link_proof proof(const struct link_config *config, struct span login, struct span answer)
{
	struct span ours = span_from_offset(login, ISMG_HEAD + ACCOUNT_LEN);
	size_t behind = MD5_LEN + 1;   /* the digest and the version are the last two */

	if (ours.len < MD5_LEN || answer.len < ISMG_HEAD + behind)
		return LINK_PROOF_BAD;
	return ismg_proof(config, span_from(ours.at, MD5_LEN), span_from(answer.at + answer.len - behind, MD5_LEN));
}

static void put_option(struct buf *out, enum smgp_tag tag, unsigned octet)
{
	ismg_put_number(out, tag, 2);
	ismg_put_number(out, 1, 2);
	ismg_put_number(out, octet, 1);
}

static void put_options(const struct link_submit *submit, struct buf *out)
{
	if (submit->header.len > 0)
		put_option(out, SMGP_TAG_HEADER, 1);
	if (submit->total > 1) {
		put_option(out, SMGP_TAG_TOTAL, submit->total);
		put_option(out, SMGP_TAG_NUMBER, submit->number);
	}
}

static void write_submit(const struct link_config *config, const struct link_submit *submit, uint32_t sequence,
			 unsigned version, struct buf *out)
{
	size_t at = ismg_begin(out, SMGP_SUBMIT, sequence);
	struct ismg_content content;

	(void)version;
	ismg_content_of(submit, &content);
	buf_add_byte(out, TO_A_PHONE);
	buf_add_byte(out, submit->want_report);
	buf_add_byte(out, NORMAL);
	ismg_put_field(out, span_of(config->service), SERVICE_LEN);
	ismg_put_field(out, SPAN("00"), 2);               /* FeeType: free */
	ismg_put_field(out, SPAN("000000"), 6);           /* FeeCode */
	ismg_put_field(out, SPAN("000000"), 6);           /* FixedFee */
	buf_add_byte(out, (int)content.format);
	ismg_put_zeroes(out, (size_t)2 * TIME_LEN);       /* ValidTime, AtTime */
	ismg_put_field(out, span_of(config->sender), SMGP_NUMBER);
	ismg_put_zeroes(out, SMGP_NUMBER);                /* ChargeTermID: nobody's */
	buf_add_byte(out, 1);                             /* DestTermIDCount */
	ismg_put_field(out, ismg_terminal(submit->to), SMGP_NUMBER);
	buf_add_byte(out, (int)content.octets.len);
	buf_add_span(out, buf_span(&content.octets));
	ismg_put_zeroes(out, 8);                          /* Reserve */
	put_options(submit, out);
	ismg_end(out, at);
	buf_release(&content.octets);
}

static void put_deliver_resp(const struct link_event *event, unsigned status, struct buf *out)
{
	size_t at = ismg_begin(out, SMGP_DELIVER | ISMG_RESPONSE, event->sequence);

	buf_add(out, event->sequence_rest, SMGP_ID);
	ismg_put_number(out, status, 4);
	ismg_end(out, at);
}

static void write_answer(const struct link_event *event, enum link_answer answer, unsigned version, struct buf *out)
{
	(void)version;
	switch (answer) {
	case LINK_TAKEN:
		put_deliver_resp(event, SMGP_DONE, out);
		return;
	case LINK_NEVER:
		put_deliver_resp(event, SMGP_BAD_STRUCTURE, out);
		return;
	case LINK_AGAIN:
		return;
	}
}

static void write_alive(uint32_t sequence, struct buf *out)
{
	ismg_put_bare(out, SMGP_ACTIVE_TEST, sequence);
}

static void write_alive_answer(const struct link_event *event, struct buf *out)
{
	ismg_put_bare(out, SMGP_ACTIVE_TEST | ISMG_RESPONSE, event->sequence);
}

static void write_close(uint32_t sequence, struct buf *out)
{
	ismg_put_bare(out, SMGP_EXIT, sequence);
}

static void write_close_answer(const struct link_event *event, struct buf *out)
{
	ismg_put_bare(out, SMGP_EXIT | ISMG_RESPONSE, event->sequence);
}

/* There is an answer to a message that cannot be read, and none to a command that nobody knows. */
static void write_unknown(const struct link_event *event, struct buf *out)
{
	if (event->command == SMGP_DELIVER)
		put_deliver_resp(event, event->status, out);
}

const struct link_protocol link_smgp = {
	.name = "smgp",
	.default_port = 8890,
	.sequence_first = 1,
	.sequence_last = UINT32_MAX,
	.frame = ismg_frame,
	.read = smgp_read,
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
