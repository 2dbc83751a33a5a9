/*
 * Kannel (bearerbox and smsbox, 1.4.5): both ways over HTTP.
 *
 * Inbound: an sms-service with get-url or post-url. The names of the query
 * parameters are the ones in docs/OPERATIONS.md: id=%I from=%p to=%P ts=%T
 * coding=%c charset=%C udh=%u dcs=%O bin=%b; with post-url the text is the
 * body and sender, receiver and coding stand in X-Kannel fields. A path that
 * ends in /dlr is a delivery report with my=<our id> and type=%d.
 *
 * Two facts rule the answers: Kannel counts 200 and 202 alone as success, and
 * it texts any body to the sender's phone. So it is 200 without a body, or an
 * error without a body.
 * Outbound: POST to sendsms with everything in fields, so that neither text
 * nor password stand in a URL.
 */
#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/core/sms/split.h"
#include "handlers/intake/sms_door.h"

#include <assert.h>

/* What a request says, whichever style it has; all in the arena. */
struct mo {
	struct span key, from, to, stamp, charset, coding, header, octets;
	uint64_t protocol_id, dcs;
};

/* --- verify -------------------------------------------------------------------- */

static struct span raw_parameter(struct span query, struct span name)
{
	struct span part;

	while (span_cut(&query, '&', &part))
		if (span_starts(part, name))
			return span_from_offset(part, name.len);
	return (struct span){ 0 };
}

static bool kannel_verify(const struct gateway_config *config, const struct http_request *request, int64_t now_ms)
{
	(void)now_ms;
	if (!sms_is_set(config->secret))
		return true;
	struct span field = http_field_find(request, "X-Tipline-Token");

	return sms_secret_is(field.at != NULL ? field : raw_parameter(request->query, SPAN("token=")), config->secret);
}

/* --- decode --------------------------------------------------------------------- */

static uint64_t number_of(struct span digits)
{
	uint64_t n = 0;

	return span_u64(digits, &n) ? n : 0;
}

static void read_get(const struct http_request *request, struct arena *arena, struct mo *mo)
{
	mo->from = sms_parameter(request->query, "from", arena);
	mo->to = sms_parameter(request->query, "to", arena);
	mo->stamp = sms_parameter(request->query, "ts", arena);
	mo->coding = sms_parameter(request->query, "coding", arena);
	mo->charset = sms_parameter(request->query, "charset", arena);
	mo->header = sms_parameter(request->query, "udh", arena);
	mo->octets = sms_parameter(request->query, "bin", arena);
	if (mo->octets.at == NULL)
		mo->octets = sms_parameter(request->query, "text", arena);
}

/* The charset parameter of a Content-Type, without its quotes. */
static struct span charset_of(struct span type)
{
	size_t at = span_find(type, SPAN("charset="));
	struct span value = span_trim(span_from_offset(type, at + strlen("charset=")));

	if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
		value = span_from(value.at + 1, value.len - 2);
	return at < type.len ? value : (struct span){ 0 };
}

static bool read_post(const struct http_request *request, struct arena *arena, struct mo *mo,
		      struct complaint *why)
{
	struct span header = http_field_find(request, "X-Kannel-UDH");
	struct buf octets = { 0 };
	bool well = sms_octets_parse(header, &octets);

	mo->header = arena_dup(arena, buf_span(&octets));
	buf_release(&octets);
	mo->from = http_field_find(request, "X-Kannel-From");
	mo->to = http_field_find(request, "X-Kannel-To");
	mo->stamp = http_field_find(request, "X-Kannel-Time");
	mo->coding = http_field_find(request, "X-Kannel-Coding");
	mo->charset = charset_of(http_field_find(request, "Content-Type"));
	mo->protocol_id = number_of(http_field_find(request, "X-Kannel-PID"));
	mo->octets = request->body.at != NULL ? request->body : SPAN("");
	return well || complain(why, 0, "X-Kannel-UDH is not percent-encoded");
}

static uint64_t read_dcs(const struct http_request *request, struct arena *arena)
{
	struct buf octet = { 0 };
	uint64_t dcs = 0;

	if (sms_octets_parse(sms_parameter(request->query, "dcs", arena), &octet) && octet.len == 1)
		dcs = (unsigned char)octet.at[0];
	buf_release(&octet);
	return dcs;
}

/* The charset decides; where it is missing or unknown, Kannel's coding number. */
static enum sms_coding coding_of(const struct mo *mo)
{
	static const struct {
		const char *name;
		enum sms_coding coding;
	} charsets[] = {
		{ .name = "UTF-8", .coding = SMS_UTF8 },        { .name = "US-ASCII", .coding = SMS_UTF8 },
		{ .name = "UTF-16BE", .coding = SMS_UTF16 },    { .name = "UTF-16", .coding = SMS_UTF16 },
		{ .name = "UCS-2", .coding = SMS_UTF16 },       { .name = "UCS-2BE", .coding = SMS_UTF16 },
		{ .name = "ISO-8859-1", .coding = SMS_LATIN1 }, { .name = "8-BIT", .coding = SMS_OCTETS },
	};

	for (size_t i = 0; i < COUNT_OF(charsets); i++)
		if (span_eq_nocase(mo->charset, span_of(charsets[i].name)))
			return charsets[i].coding;
	if (span_is(mo->coding, "1"))
		return SMS_OCTETS;
	return span_is(mo->coding, "2") ? SMS_UTF16 : SMS_UTF8;
}

/*
 * The id of a message that came without one: a repetition has the same time,
 * sender, receiver and octets.
 */
static struct span key_from(const struct mo *mo, struct arena *arena)
{
	const struct span of[] = { mo->stamp, mo->from, mo->to, mo->header, mo->octets };

	return mo->key.len > 0 || mo->stamp.len == 0 ? mo->key : sms_key_of(of, COUNT_OF(of), arena);
}

static bool decode_message(const struct gateway_config *config, const struct http_request *request,
			   struct arena *arena, struct sms_message *out, struct complaint *why)
{
	struct mo mo = { .key = sms_parameter(request->query, "id", arena) };

	if (request->method == HTTP_GET)
		read_get(request, arena, &mo);
	else if (!read_post(request, arena, &mo, why))
		return false;
	mo.dcs = read_dcs(request, arena);
	if (mo.octets.at == NULL)
		return complain(why, 0, "neither bin nor text is there, or its percent-encoding is broken");
	const struct link_message raw = { .key = key_from(&mo, arena), .from = mo.from, .to = mo.to,
					  .coding = coding_of(&mo), .dcs = (unsigned)mo.dcs,
					  .protocol_id = (unsigned)mo.protocol_id, .header = mo.header,
					  .octets = mo.octets };

	return sms_door_message(config, &raw, arena, out, why);
}

/* The type is a set of bits: 1 delivered, 2 failed, 4 buffered, 8 accepted, 16 refused, 32 expired. */
static enum sms_fate fate_of(uint64_t type)
{
	if (type & 1)
		return SMS_DELIVERED;
	if (type & (2 | 16 | 32))
		return SMS_FAILED;
	return type & (4 | 8) ? SMS_BUFFERED : SMS_FATE_UNKNOWN;
}

static bool kannel_decode(const struct gateway_config *config, const struct http_request *request,
			  struct arena *arena, struct sms_batch *batch, struct complaint *why)
{
	batch->at[0] = (struct sms_message){ 0 };
	batch->n = 0;
	if (request->method != HTTP_GET && request->method != HTTP_POST)
		return complain(why, 0, "neither GET nor POST");
	if (sms_path_is_receipt(request->path)) {
		batch->at[0].kind = SMS_RECEIPT;
		batch->at[0].receipt_id = sms_parameter(request->query, "my", arena);
		batch->at[0].fate = fate_of(number_of(sms_parameter(request->query, "type", arena)));
	} else if (!decode_message(config, request, arena, &batch->at[0], why)) {
		return false;
	}
	batch->n = 1;
	return true;
}

/* --- answer ----------------------------------------------------------------------- */

static bool kannel_fits(const struct gateway_config *config, struct complaint *why)
{
	const char *const sending[] = { "send_user", config->send_user, "send_password_file", config->send_password, NULL };

	if (!sms_is_set(config->secret))
		return complain(why, 0, "secret_file: missing; without a secret anybody could send");
	if (!sms_needs_no_escape(config->secret))
		return complain(why, 0, "secret: it stands in addresses; letters, digits, '-', '_', '.' and '~' are expected");
	return !sms_is_set(config->send_url) || sms_settings_fit(why, "sendsms", sending);
}

/* In the query, as with messages. */
static struct span kannel_receipts(const struct gateway_config *config, struct arena *arena)
{
	return span_of(arena_printf(arena, "/sms/%s/dlr?token=%s", config->name, config->secret));
}

static void kannel_answer(const struct gateway_config *config, enum sms_result result, struct http_reply *reply)
{
	(void)config;
	static const int statuses[] = { [SMS_TAKEN] = 200, [SMS_AGAIN] = 503, [SMS_NEVER] = 400 };

	*reply = (struct http_reply){ .status = statuses[result], .type = "text/plain", .body = SPAN("") };
}

/* --- encode and outcome -------------------------------------------------------------- */

/* All parts of a text in one coding. */
static bool is_gsm(const struct sms_outgoing *sms)
{
	return sms->header.len > 0 ? sms->coding == SMS_GSM7 : sms_text_is_gsm(sms->text);
}

static bool kannel_encode(const struct gateway_config *config, const struct sms_outgoing *sms, struct arena *arena,
			  struct sms_request *out)
{
	struct sms_head head = sms_head_new(arena, 9);
	struct span receipts = sms_receipt_url(config, sms->our_id, arena);

	assert(sms_is_set(config->send_url));
	sms_head_add(&head, "Content-Type", SPAN("text/plain; charset=UTF-8"));
	sms_head_add(&head, "X-Kannel-Username", span_of(config->send_user));
	sms_head_add(&head, "X-Kannel-Password", span_of(config->send_password));
	sms_head_add(&head, "X-Kannel-To", sms->to);
	sms_head_add(&head, "X-Kannel-Coding", is_gsm(sms) ? SPAN("0") : SPAN("2"));
	if (sms->header.len > 0)
		sms_head_add(&head, "X-Kannel-UDH", span_of(hex_text(arena, sms->header.at, sms->header.len)));
	if (sms_is_set(config->sender))
		sms_head_add(&head, "X-Kannel-From", span_of(config->sender));
	if (receipts.len > 0) {
		sms_head_add(&head, "X-Kannel-DLR-Mask", SPAN("19"));
		/* Kannel fills %d in. */
		sms_head_add(&head, "X-Kannel-DLR-Url",
			     span_of(arena_printf(arena, "%.*s&type=%%d", (int)receipts.len, receipts.at)));
	}
	*out = (struct sms_request){ .method = HTTP_POST, .url = config->send_url, .fields = head.fields,
				     .body = arena_dup(arena, sms->text) };
	return true;
}

/*
 * 202 "0: Accepted for delivery" or "3: Queued for later delivery". A wrong
 * password (403) or path (404) is the operator's slip, which may be mended
 * before the message expires.
 */
static enum sms_outcome kannel_outcome(const struct gateway_config *config, int status, struct span body,
				       struct arena *arena, struct span *their_id)
{
	(void)config;
	(void)arena;
	*their_id = (struct span){ 0 };   /* Kannel tells none */
	if (status == 202 || (status == 200 && (span_starts(body, SPAN("0:")) || span_starts(body, SPAN("3:")))))
		return SMS_SENT;
	return sms_outcome_of(status);
}

extern const struct gateway gateway_kannel;
const struct gateway gateway_kannel = {
	.driver = "kannel",
	.parts = true,
	.fits = kannel_fits,
	.receipts_at = kannel_receipts,
	.verify = kannel_verify,
	.decode = kannel_decode,
	.answer = kannel_answer,
	.encode = kannel_encode,
	.outcome = kannel_outcome,
};
