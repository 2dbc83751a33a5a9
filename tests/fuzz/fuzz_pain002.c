/*
 * pain.002 of any bytes: read or refused with words; what is read never says
 * paid, and failed only with a reason of the list.
 */
#include "daemon/money/iso20022.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct iso20022_profile profile = { .silence_means_accepted = true };
	struct arena arena = { 0 };
	struct iso20022_report report;
	struct complaint why = { 0 };
	struct span reason;

	if (!iso20022_read_report(span_from(data, size), &arena, &report, &why)) {
		assert(why.text[0] != '\0');
	} else {
		for (size_t i = 0; i < report.n; i++)
			if (iso20022_outcome(&report, report.order, report.lines[i].id, report.lines[i].fen, &profile,
					     &reason) == ISO20022_FAILED)
				assert(report.lines[i].status == ISO20022_REJECTED && reason.len == 4);
	}
	arena_release(&arena);
	return 0;
}
