/*
 * Jasmin: messages and receipts by its HTTP throwers, answers by its HTTP API.
 *
 * `binary`, hex, is read before `content`, because bytes do not survive the
 * form's encoding. Jasmin joins what has an 8-bit header or SAR parameters; a
 * part with a 16-bit reference comes raw with its header in front, which is
 * known by its first octets 06 08 04.
 *
 * It wants 200 and exactly "ACK/Jasmin". A 404 makes it drop the message at
 * once, so a wrong secret is 403, and it tries again three times after 30 s.
 */
#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/core/sms/split.h"
#include "handlers/intake/sms_door.h"

/* --- decode --------------------------------------------------------------------- */

/* SMPP's data_coding; 0 is the alphabet of the SMSC, nearly always GSM 7-bit, one septet an octet. */
static enum sms_coding coding_of(struct span dcs)
{
	uint64_t n = 0;

	if (!span_u64(dcs, &n))
		return SMS_GSM7;
	switch (n) {
	case 1:
		return SMS_UTF8;
	case 2:
	case 4:
		return SMS_OCTETS;
	case 3:
		return SMS_LATIN1;
	case 8:
		return SMS_UTF16;
	default:
		return (n & 0xF4) == 0xF4 ? SMS_OCTETS : SMS_GSM7;
	}
}

/* A header of a part with a 16-bit reference, as the carrier sent it. */
static void cut_header(struct link_message *raw)
{
	if (!span_starts(raw->octets, SPAN("\x06\x08\x04")) || raw->octets.len < 7)
		return;
	raw->header = span_from(raw->octets.at, 7);
	raw->octets = span_from_offset(raw->octets, 7);
}

static bool read_octets(const struct sms_fields *fields, struct arena *arena, struct link_message *raw)
{
	struct span hex = sms_field(fields, "binary");
	unsigned char *octets = arena_alloc(arena, hex.len / 2 + 1);

	if (hex.len == 0) {
		raw->octets = sms_field(fields, "content");
		/* Without its octets a text of the alphabet 0 has been made characters already. */
		if (raw->coding == SMS_GSM7)
			raw->coding = SMS_UTF8;
		return raw->octets.at != NULL;
	}
	raw->octets = span_from(octets, hex.len / 2);
	if (hex.len % 2 != 0 || !hex_get(hex, octets, hex.len / 2))
		return false;
	cut_header(raw);
	return true;
}

static bool decode_text(const struct gateway_config *config, const struct sms_fields *fields, struct arena *arena,
			struct sms_message *out, struct complaint *why)
{
	struct link_message raw = { .key = sms_field(fields, "id"),
				    .from = sms_field(fields, "from"),
				    .to = sms_field(fields, "to"),
				    .coding = coding_of(sms_field(fields, "coding")) };

	if (raw.key.len == 0 || raw.from.at == NULL)
		return complain(why, 0, "id or from is missing");
	if (!read_octets(fields, arena, &raw))
		return complain(why, 0, "neither binary (hex) nor content is there");
	return sms_door_message(config, &raw, arena, out, why);
}

static enum sms_fate fate_of(struct span status)
{
	static const struct sms_status fates[] = {
		{ .word = "DELIVRD", .fate = SMS_DELIVERED },	{ .word = "ESME_ROK", .fate = SMS_BUFFERED },
		{ .word = "ACCEPTD", .fate = SMS_BUFFERED },	{ .word = "ENROUTE", .fate = SMS_BUFFERED },
		{ .word = "UNDELIV", .fate = SMS_FAILED },	{ .word = "EXPIRED", .fate = SMS_FAILED },
		{ .word = "REJECTD", .fate = SMS_FAILED },	{ .word = "DELETED", .fate = SMS_FAILED },
	};
	enum sms_fate fate = sms_fate_of(fates, COUNT_OF(fates), status);

	return fate == SMS_FATE_UNKNOWN && span_starts(status, SPAN("ESME_")) ? SMS_FAILED : fate;
}

static bool jasmin_decode(const struct gateway_config *config, const struct http_request *request,
			  struct arena *arena, struct sms_batch *batch, struct complaint *why)
{
	struct sms_fields *fields = arena_new(arena, struct sms_fields);
	struct sms_message *out;

	batch->n = 0;
	if (!sms_fields_of_request(request, arena, fields))
		return complain(why, 0, "neither a query nor a form");
	out = sms_batch_add(batch);
	if (!sms_path_is_receipt(request->path))
		return decode_text(config, fields, arena, out, why);
	out->kind = SMS_RECEIPT;
	out->receipt_id = sms_parameter(request->query, "my", arena);
	out->their_id = sms_field(fields, "id");
	out->fate = fate_of(sms_field(fields, "message_status"));
	return true;
}

/* --- answer ----------------------------------------------------------------------- */

static void jasmin_answer(const struct gateway_config *config, enum sms_result result, struct http_reply *reply)
{
	static const struct http_reply replies[] = {
		[SMS_TAKEN] = { .status = 200, .body = SPAN_INIT("ACK/Jasmin") },
		[SMS_AGAIN] = { .status = 503, .body = SPAN_INIT("") },
		[SMS_NEVER] = { .status = 400, .body = SPAN_INIT("") },
	};

	(void)config;
	*reply = replies[result];
	reply->type = "text/plain";
}

/* --- encode and outcome -------------------------------------------------------------- */

/* As octets, so that nobody guesses what the characters are; Jasmin cuts what is too long itself. */
static bool add_text(struct buf *form, struct span text, struct arena *arena)
{
	struct sms_split split;
	struct buf hex = { 0 };

	if (!sms_split(text, &(struct sms_split_how){ 0 }, arena, &split))
		return false;
	for (size_t i = 0; i < split.n; i++)
		buf_add_text(&hex, hex_text(arena, split.at[i].octets.at, split.at[i].octets.len));
	sms_form_add(form, "coding", split.coding == SMS_GSM7 ? SPAN("0") : SPAN("8"));
	sms_form_add(form, "hex-content", buf_span(&hex));
	buf_release(&hex);
	return true;
}

static void add_receipts(struct buf *form, struct span url)
{
	if (url.len == 0)
		return;
	sms_form_add(form, "dlr", SPAN("yes"));
	sms_form_add(form, "dlr-level", SPAN("2"));   /* the end of it */
	sms_form_add(form, "dlr-method", SPAN("POST"));
	sms_form_add(form, "dlr-url", url);
}

static bool jasmin_encode(const struct gateway_config *config, const struct sms_outgoing *sms, struct arena *arena,
			  struct sms_request *out)
{
	struct sms_head head = sms_head_new(arena, 1);
	struct buf form = { 0 };
	bool well;

	sms_form_add(&form, "username", span_of(config->send_user));
	sms_form_add(&form, "password", span_of(config->send_password));
	sms_form_add(&form, "to", sms_digits(sms->to));
	if (sms_is_set(config->sender))
		sms_form_add(&form, "from", span_of(config->sender));
	well = add_text(&form, sms->text, arena);
	add_receipts(&form, sms_receipt_url(config, sms->our_id, arena));
	sms_head_add(&head, "Content-Type", SPAN("application/x-www-form-urlencoded"));
	*out = (struct sms_request){ .method = HTTP_POST, .url = config->send_url, .fields = head.fields,
				     .body = arena_dup(arena, buf_span(&form)) };
	buf_release(&form);
	return well;
}

/* Success "07033084-5cfd-4812-90a4-e4d24ffb6e3d" */
static enum sms_outcome jasmin_outcome(const struct gateway_config *config, int status, struct span body,
				       struct arena *arena, struct span *their_id)
{
	struct span id = span_from_offset(body, strlen("Success \""));

	(void)config;
	*their_id = (struct span){ 0 };
	switch (status) {
	case 200:
		if (!span_starts(body, SPAN("Success \"")))
			return SMS_MAYBE;
		*their_id = arena_dup(arena, span_from(id.at, span_find(id, SPAN("\""))));
		return SMS_SENT;
	case 412:   /* no route, or a quota */
		return SMS_LATER;
	default:
		return sms_outcome_of(status);
	}
}

static bool jasmin_fits(const struct gateway_config *config, struct complaint *why)
{
	const char *const sending[] = { "send_user", config->send_user, "send_password_file", config->send_password, NULL };

	return sms_path_secret_fits(config, why) &&
	       (!sms_is_set(config->send_url) || sms_settings_fit(why, "sending", sending));
}

extern const struct gateway gateway_jasmin;
const struct gateway gateway_jasmin = {
	.driver = "jasmin",
	.fits = jasmin_fits,
	.receipts_at = sms_receipts_in_path,
	.verify = sms_path_verify,
	.decode = jasmin_decode,
	.answer = jasmin_answer,
	.encode = jasmin_encode,
	.outcome = jasmin_outcome,
};
