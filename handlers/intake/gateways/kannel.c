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
#include "daemon/base/table.h"
#include "handlers/intake/gateway.h"
#include "handlers/intake/sms_sender.h"

#include <assert.h>
#include <sodium.h>

#define SENDER_MAX 64
#define KEY_MAX 128

/* What a request says, whichever style it has; all in the arena. */
struct mo {
	struct span key, from, to, stamp, charset, coding, header, octets;
	uint64_t protocol_id, dcs;
};

/* --- verify -------------------------------------------------------------------- */

static bool is_set(const char *option)
{
	return option != NULL && option[0] != '\0';
}

/* Equal, in a time that tells neither where they differ nor how long the secret is. */
static bool secret_is(struct span given, const char *secret)
{
	unsigned char a[32], b[32];

	crypto_generichash(a, sizeof(a), (const unsigned char *)given.at, given.len, NULL, 0);
	crypto_generichash(b, sizeof(b), (const unsigned char *)secret, strlen(secret), NULL, 0);
	return sodium_memcmp(a, b, sizeof(a)) == 0;
}

static struct span raw_parameter(struct span query, struct span name)
{
	struct span part;

	while (span_cut(&query, '&', &part))
		if (span_starts(part, name))
			return span_from_offset(part, name.len);
	return (struct span){ 0 };
}

static bool kannel_verify(const struct gateway_config *config, const struct http_request *request)
{
	if (!is_set(config->secret))
		return true;
	struct span field = http_field_find(request, "X-Tipline-Token");

	return secret_is(field.at != NULL ? field : raw_parameter(request->query, SPAN("token=")), config->secret);
}

/* --- decode --------------------------------------------------------------------- */

static struct span parameter(const struct http_request *request, const char *name, struct arena *arena)
{
	struct buf value = { 0 };
	struct span out = { 0 };

	if (http_param_find(request->query, name, &value))
		out = arena_dup(arena, buf_span(&value));
	buf_release(&value);
	return out;
}

static uint64_t number_of(struct span digits)
{
	uint64_t n = 0;

	return span_u64(digits, &n) ? n : 0;
}

static void read_get(const struct http_request *request, struct arena *arena, struct mo *mo)
{
	mo->from = parameter(request, "from", arena);
	mo->to = parameter(request, "to", arena);
	mo->stamp = parameter(request, "ts", arena);
	mo->coding = parameter(request, "coding", arena);
	mo->charset = parameter(request, "charset", arena);
	mo->header = parameter(request, "udh", arena);
	mo->octets = parameter(request, "bin", arena);
	if (mo->octets.at == NULL)
		mo->octets = parameter(request, "text", arena);
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

	if (sms_octets_parse(parameter(request, "dcs", arena), &octet) && octet.len == 1)
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

/* Silent messages, data for the SIM, "message waiting" to be discarded (TS 23.040 9.2.3.9, TS 23.038 4). */
static bool is_for_the_phone(const struct mo *mo)
{
	return mo->protocol_id == 0x40 || mo->protocol_id == 0x7F || (mo->dcs & 0xF0) == 0xC0;
}

static struct span decoded(enum sms_coding coding, struct span octets, struct arena *arena)
{
	struct buf text = { 0 };

	sms_text_decode(coding, octets, &text);
	struct span out = arena_dup(arena, buf_span(&text));

	buf_release(&text);
	return out;
}

/*
 * The id of a message that came without one: a repetition has the same time,
 * sender, receiver and octets.
 */
static struct span key_from(const struct mo *mo, struct arena *arena)
{
	const struct span of[] = { mo->stamp, mo->from, mo->to, mo->header, mo->octets };
	crypto_generichash_state state;
	unsigned char hash[16];
	char *hex = arena_alloc(arena, sizeof(hash) * 2 + 1);

	if (mo->key.len > 0 || mo->stamp.len == 0)
		return mo->key;
	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	for (size_t i = 0; i < COUNT_OF(of); i++) {
		uint64_t len = of[i].len;

		crypto_generichash_update(&state, (const unsigned char *)&len, sizeof(len));
		crypto_generichash_update(&state, (const unsigned char *)of[i].at, of[i].len);
	}
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(hex, sizeof(hash) * 2 + 1, hash, sizeof(hash));
	return span_of(hex);
}

static void set_content(const struct mo *mo, struct arena *arena, struct sms_message *out)
{
	enum sms_coding coding = coding_of(mo);
	struct sms_header header;

	sms_header_read(mo->header, &header);
	if (header.ports || is_for_the_phone(mo))
		return;
	if (header.part) {
		out->kind = SMS_PART;
		out->coding = coding;
		out->octets = mo->octets;
		out->part_width = header.width;
		out->part_reference = header.reference;
		out->part_total = header.total;
		out->part_number = header.number;
		return;
	}
	out->text = decoded(coding, mo->octets, arena);
	out->kind = out->text.len > 0 ? SMS_TEXT : SMS_IGNORED;
}

static bool decode_message(const struct gateway_config *config, const struct http_request *request,
			   struct arena *arena, struct sms_message *out, struct complaint *why)
{
	struct mo mo = { .key = parameter(request, "id", arena) };

	if (request->method == HTTP_GET)
		read_get(request, arena, &mo);
	else if (!read_post(request, arena, &mo, why))
		return false;
	mo.dcs = read_dcs(request, arena);
	if (mo.octets.at == NULL)
		return complain(why, 0, "neither bin nor text is there, or its percent-encoding is broken");
	if (mo.from.len > SENDER_MAX || mo.to.len > SENDER_MAX || mo.key.len > KEY_MAX)
		return complain(why, 0, "sender, receiver or id is too long");
	out->kind = SMS_IGNORED;
	out->key = key_from(&mo, arena);
	out->sender = sms_sender_normalize(decoded(SMS_UTF8, mo.from, arena), config->home, arena);
	out->destination = decoded(SMS_UTF8, mo.to, arena);
	out->may_answer = sms_sender_may_answer(out->sender, config->home, config->answer_prefixes) &&
			  !span_eq(out->sender, out->destination);
	set_content(&mo, arena, out);
	return true;
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

static bool is_receipt(struct span path)
{
	return path.len >= 4 && span_is(span_from_offset(path, path.len - 4), "/dlr");
}

static bool kannel_decode(const struct gateway_config *config, const struct http_request *request,
			  struct arena *arena, struct sms_batch *batch, struct complaint *why)
{
	batch->at[0] = (struct sms_message){ 0 };
	batch->n = 0;
	if (request->method != HTTP_GET && request->method != HTTP_POST)
		return complain(why, 0, "neither GET nor POST");
	if (is_receipt(request->path)) {
		batch->at[0].kind = SMS_RECEIPT;
		batch->at[0].receipt_id = parameter(request, "my", arena);
		batch->at[0].fate = fate_of(number_of(parameter(request, "type", arena)));
	} else if (!decode_message(config, request, arena, &batch->at[0], why)) {
		return false;
	}
	batch->n = 1;
	return true;
}

/* --- answer ----------------------------------------------------------------------- */

static void kannel_answer(enum sms_result result, struct http_reply *reply)
{
	static const int statuses[] = { [SMS_TAKEN] = 200, [SMS_AGAIN] = 503, [SMS_NEVER] = 400 };

	*reply = (struct http_reply){ .status = statuses[result], .type = "text/plain", .body = SPAN("") };
}

/* --- encode and outcome -------------------------------------------------------------- */

/* Nothing from outside may end a field or start another. */
static bool is_one_line(const char *value)
{
	return value == NULL || value[strcspn(value, "\r\n")] == '\0';
}

/* Kannel expands % in the URL of receipts itself, so an id may hold nothing that needs an escape. */
static bool is_plain_id(struct span id)
{
	for (size_t i = 0; i < id.len; i++) {
		char c = id.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'))
			return false;
	}
	return id.len > 0;
}

static const char *receipt_field(const struct gateway_config *config, struct span our_id, struct arena *arena)
{
	const char *joint = strchr(config->receipt_url, '?') != NULL ? "&" : "?";

	return arena_printf(arena, "X-Kannel-DLR-Url: %s%smy=%.*s&type=%%d", config->receipt_url, joint,
			    (int)our_id.len, our_id.at);
}

static void kannel_encode(const struct gateway_config *config, struct span to, struct span text,
			  struct span our_id, struct arena *arena, struct sms_request *out)
{
	const char **fields = arena_array(arena, const char *, 9);
	const char *number = arena_dup(arena, to).at;
	const char *coding = sms_text_is_gsm(text) ? "0" : "2";
	size_t n = 0;

	assert(config->send_url != NULL && is_one_line(number) && is_one_line(config->send_user) &&
	       is_one_line(config->send_password) && is_one_line(config->sender) &&
	       is_one_line(config->receipt_url));
	fields[n++] = "Content-Type: text/plain; charset=UTF-8";
	fields[n++] = arena_printf(arena, "X-Kannel-Username: %s", config->send_user ? config->send_user : "");
	fields[n++] = arena_printf(arena, "X-Kannel-Password: %s", config->send_password ? config->send_password : "");
	fields[n++] = arena_printf(arena, "X-Kannel-To: %s", number);
	fields[n++] = arena_printf(arena, "X-Kannel-Coding: %s", coding);
	if (is_set(config->sender))
		fields[n++] = arena_printf(arena, "X-Kannel-From: %s", config->sender);
	if (is_set(config->receipt_url) && is_plain_id(our_id)) {
		fields[n++] = "X-Kannel-DLR-Mask: 19";
		fields[n++] = receipt_field(config, our_id, arena);
	}
	*out = (struct sms_request){ .method = HTTP_POST, .url = config->send_url, .fields = fields,
				     .body = arena_dup(arena, text) };
}

/*
 * 202 "0: Accepted for delivery" or "3: Queued for later delivery". A wrong
 * password (403) or path (404) is the operator's slip, which may be mended
 * before the message expires.
 */
static enum sms_outcome kannel_outcome(int status, struct span body)
{
	if (status == 202 || (status == 200 && (span_starts(body, SPAN("0:")) || span_starts(body, SPAN("3:")))))
		return SMS_SENT;
	switch (status) {
	case 401:
	case 403:
	case 404:
	case 429:
	case 503:
		return SMS_LATER;
	default:
		return status >= 400 && status < 500 ? SMS_REFUSED : SMS_MAYBE;
	}
}

extern const struct gateway gateway_kannel;
const struct gateway gateway_kannel = {
	.driver = "kannel",
	.verify = kannel_verify,
	.decode = kannel_decode,
	.answer = kannel_answer,
	.encode = kannel_encode,
	.outcome = kannel_outcome,
};
