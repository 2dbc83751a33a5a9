/*
 * Cookies and marks of devices as anybody may send them: whatever is found
 * stands in what was sent, once, and no mark that we did not make is ours.
 */
#include "handlers/staff/cookies.h"
#include "handlers/staff/device.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct http_request *request, enum cookie cookie, bool secure)
{
	static const struct seal_key key = { .bytes = { 1 } };
	static const unsigned char pair[32] = { 2 };
	const struct device_of of = { .key = &key, .account = SPAN("chen"), .pair = pair, .now_ms = 1 };
	struct span text = request->fields[0].value, value = { 0 };
	unsigned char name[DEVICE_NAME];

	switch (cookie_find(request, cookie, secure, &value)) {
	case COOKIE_FOUND:
		assert(value.at >= text.at && value.at + value.len <= text.at + text.len);
		assert(memchr(value.at, ';', value.len) == NULL);
		assert(!device_read(&of, value, name));
		break;
	case COOKIE_NONE:
	case COOKIE_REFUSED:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_request request = { .nfields = 1 };

	request.fields[0] = (struct http_field){ .name = SPAN("Cookie"), .value = span_from(data, size) };
	for (int secure = 0; secure < 2; secure++) {
		look(&request, COOKIE_SESSION, secure != 0);
		look(&request, COOKIE_DEVICE, secure != 0);
	}
	return 0;
}
