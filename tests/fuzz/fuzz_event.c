/*
 * Journal events: the reader ends, stays inside, and folds nothing it cannot read.
 */
#include "daemon/core/journal/event.h"
#include "daemon/core/journal/fold.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_from(data, size), line;
	struct fold *fold = fold_new(1);
	struct complaint why;
	uint64_t number = 0;
	char text[32];
	size_t n;

	while (span_cut(&rest, '\n', &line)) {
		struct event_member member;
		struct span json = line;
		bool well;

		while (event_next(&json, &member, &well)) {
			size_t len = event_text(member.value, text, sizeof(text));

			if (len != SIZE_MAX && len > sizeof(text))
				abort();
		}
		fold_event(fold, SPAN("15"), ++number, line, &why);
	}
	fold_tips(fold, &n);
	if (n > number)
		abort();
	fold_free(fold);
	return 0;
}
