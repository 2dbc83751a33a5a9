/*
 * A table of number segments of any bytes: refused, or no lookup leaves it.
 */
#include "daemon/core/text/segment.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct segments segments;
	char code[7];

	if (!segments_open(span_from(data, size), &segments, NULL))
		return 0;
	for (unsigned prefix = 1300; prefix < 1400; prefix++) {
		char number[16];

		snprintf(number, sizeof(number), "%u%03u0000", prefix, prefix * 7 % 1000);
		(void)segments_find(&segments, span_of(number), code);
	}
	return 0;
}
