/*
 * Requests of any kind as Kannel's: decoded or refused with words; what is
 * decoded is clean text and sensible numbers.
 */
#include "daemon/base/utf8.h"
#include "handlers/intake/gateway.h"
#include "tests/support/http_sample.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct sms_message *m)
{
	assert(utf8_valid(m->text) && utf8_valid(m->sender) && utf8_valid(m->destination));
	assert(m->text.len == 0 || memchr(m->text.at, 0, m->text.len) == NULL);
	assert(m->kind != SMS_TEXT || m->text.len > 0);
	assert(!m->may_answer || (m->sender.at[0] == '+' && span_digits(span_from_offset(m->sender, 1))));
	assert(m->kind != SMS_PART || (m->part_total >= 2 && m->part_total <= 255 && m->part_number >= 1 &&
				       m->part_number <= m->part_total));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct gateway_config config = { .name = "kannel", .secret = "s3cret", .home = "86" };
	const struct gateway *gateway = gateway_find("kannel");
	struct http_request request;
	struct arena arena = { 0 };
	struct complaint why = { 0 };
	static struct sms_batch batch;

	if (!http_sample_parse(span_from(data, size), &request))
		return 0;
	gateway->verify(&config, &request, 0);
	if (gateway->decode(&config, &request, &arena, &batch, &why)) {
		for (size_t i = 0; i < batch.n; i++)
			check(&batch.at[i]);
	} else {
		assert(why.text[0] != '\0');
	}
	arena_release(&arena);
	return 0;
}
