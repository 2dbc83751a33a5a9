/*
 * Requests of any kind to each gateway's driver: decoded or refused with words;
 * what is decoded is clean text and sensible numbers. The driver is the one
 * whose name the path has: /sms/twilio/mo; two of them have two styles.
 */
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "handlers/intake/gateway.h"
#include "tests/support/http_sample.h"

#include <assert.h>

#define SECRET "0123456789abcdef0123456789abcdef"
#define NOW_MS INT64_C(1795323600000)
#define COMMON .secret = SECRET, .public_url = "https://a.example", .home = "86"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct gateway_config configs[] = {
	{ .name = "twilio", .driver = "twilio", COMMON },
	{ .name = "vonage", .driver = "vonage", .signature = "md5hash", COMMON },
	{ .name = "jwt", .driver = "vonage", .signature = "jwt", COMMON },
	{ .name = "ali", .driver = "alibaba", COMMON },
	{ .name = "qq", .driver = "tencent", COMMON },
	{ .name = "jasmin", .driver = "jasmin", COMMON },
	{ .name = "agg", .driver = "generic", COMMON,
	  .shape = { .from_field = "from", .text_field = "text", .id_field = "id", .udh_field = "udh", .coding_field = "dcs",
		     .auth = "hmac-sha256", .auth_field = "X-Sign", .auth_template = "{method}{url}{body}",
		     .receipt_field = "st", .receipt_delivered = "0", .receipt_failed = "1" } },
	{ .name = "ed", .driver = "generic", .secret = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
	  .public_url = "https://a.example", .home = "86",
	  .shape = { .from_field = "from", .text_field = "text", .id_field = "id", .auth = "ed25519", .auth_field = "X-Sign",
		     .auth_time_field = "X-Time", .auth_template = "{ts}|{body}", .auth_encoding = "base64" } },
	{ .name = "token", .driver = "generic", COMMON,
	  .shape = { .from_field = "from", .text_field = "text", .auth = "jwt" } },
	{ .name = "hex", .driver = "generic", COMMON,
	  .shape = { .array = "data.list", .from_field = "who.number", .text_field = "text", .dedupe = "a,b", .text_coding = "hex-gbk" } },
};

static void check(const struct sms_message *m)
{
	assert(utf8_valid(m->text) && utf8_valid(m->sender) && utf8_valid(m->destination));
	assert(m->text.len == 0 || memchr(m->text.at, 0, m->text.len) == NULL);
	assert(m->kind != SMS_TEXT || m->text.len > 0);
	assert(!m->may_answer || (m->sender.at[0] == '+' && span_digits(span_from_offset(m->sender, 1))));
	assert(m->kind != SMS_PART || (m->part_total >= 2 && m->part_total <= 255 && m->part_number >= 1 &&
				       m->part_number <= m->part_total));
}

static const struct gateway_config *config_for(struct span path)
{
	struct span name;

	for (unsigned i = 0; i < 3; i++)
		if (!span_cut(&path, '/', &name))
			return &configs[0];
	for (size_t i = 0; i < COUNT_OF(configs); i++)
		if (span_is(name, configs[i].name))
			return &configs[i];
	return &configs[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sms_batch batch;
	struct http_request request;
	struct arena arena = { 0 };
	struct complaint why = { 0 };
	struct span their_id;

	if (!http_sample_parse(span_from(data, size), &request))
		return 0;
	const struct gateway_config *config = config_for(request.path);
	const struct gateway *gateway = gateway_find(config->driver);

	gateway->verify(config, &request, NOW_MS);
	if (gateway->decode(config, &request, &arena, &batch, &why)) {
		for (size_t i = 0; i < batch.n; i++)
			check(&batch.at[i]);
	} else {
		assert(why.text[0] != '\0');
	}
	gateway->outcome(config, 200, request.body, &arena, &their_id);
	arena_release(&arena);
	return 0;
}
