/*
 * A stream of octets as a gateway of CMPP sends it, in both versions: framed,
 * read, answered. What is read lies within the PDU, what is written is a PDU.
 */
#include "tests/support/fuzz_link.h"

#include "daemon/core/sms/cmpp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct link_config config = { .account = "900001", .password = "888888", .version = "3.0" };
	static const unsigned versions[] = { 0, CMPP_2_0, CMPP_3_0 };

	if (size > 0)
		fuzz_link_stream(&link_cmpp, &config, versions[data[0] % 3], span_from(data + 1, size - 1));
	return 0;
}
