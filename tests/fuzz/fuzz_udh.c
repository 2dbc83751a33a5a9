/*
 * User data headers of any kind: never past the end, parts that make sense,
 * and what is written from it is read back.
 */
#include "daemon/core/sms/udh.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sms_header header, again;
	struct buf octets = { 0 };

	sms_header_read(span_from(data, size), &header);
	assert(header.octets <= size);
	assert(header.part == (header.total > 0));
	assert(!header.part || (header.total >= 2 && header.number >= 1 && header.number <= header.total && header.total <= 255));
	assert(!header.part || ((header.width == 8 || header.width == 16) && header.reference < 1u << header.width));
	sms_header_write(&header, &octets);
	sms_header_read(buf_span(&octets), &again);
	assert(again.part == header.part && again.reference == header.reference && again.number == header.number &&
	       again.total == header.total && again.width == header.width);
	assert(again.tables.locking == header.tables.locking && again.tables.single == header.tables.single);
	buf_release(&octets);
	return 0;
}
