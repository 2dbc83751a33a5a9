/*
 * WAP pushes of any kind: never past the end, and what is named lies within.
 */
#include "daemon/core/sms/mms_notice.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_within(struct span part, const uint8_t *data, size_t size)
{
	const uint8_t *at = (const uint8_t *)part.at;

	assert(part.len == 0 || (at >= data && at + part.len <= data + size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mms_notice notice;
	enum mms_push push = mms_notice_read(span_from(data, size), &notice);

	expect_within(notice.transaction, data, size);
	expect_within(notice.from, data, size);
	assert(push != MMS_NO_PUSH || (notice.transaction.len == 0 && notice.from.len == 0));
	return 0;
}
