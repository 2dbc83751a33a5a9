/*
 * A stream of octets as a gateway of SMGP sends it: framed, read, answered.
 * What is read lies within the PDU, what is written is a PDU.
 */
#include "tests/support/fuzz_link.h"

#include "daemon/core/sms/smgp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct link_config config = { .account = "31000001", .password = "s3cret" };

	fuzz_link_stream(&link_smgp, &config, 0, span_from(data, size));
	return 0;
}
