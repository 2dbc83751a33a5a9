/*
 * Senders of any kind: normalizing twice changes nothing, spaces in front and
 * behind do not count, and who may get an answer is an international number
 * under one of the prefixes.
 *
 *   octets  home country, prefixes, sender...
 */
#include "daemon/base/table.h"
#include "daemon/core/sms/number.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const homes[] = { NULL, "", "86", "1", "852" };
	static const char *const lists[] = { NULL, "", "+86,+852", "+1 , +44", ",,+8" };
	struct arena arena = { 0 };

	if (size < 2)
		return 0;
	const char *home = homes[data[0] % COUNT_OF(homes)], *list = lists[data[1] % COUNT_OF(lists)];
	struct span sender = span_from(data + 2, size - 2);
	struct span number = sms_number_normalize(sender, home, &arena);
	struct span padded = span_of(arena_printf(&arena, " %.*s ", (int)number.len, number.len > 0 ? number.at : ""));

	assert(span_eq(sms_number_normalize(number, home, &arena), number));
	if (memchr(number.len > 0 ? number.at : "", 0, number.len) == NULL)
		assert(span_eq(sms_number_normalize(padded, home, &arena), number));
	if (sms_number_may_answer(number, home, list)) {
		assert(number.len >= 9 && number.len <= 16 && number.at[0] == '+' && number.at[1] != '0');
		assert(span_digits(span_from_offset(number, 1)));
		assert(list == NULL || list[0] == '\0' || span_starts(number, SPAN("+86")) || span_starts(number, SPAN("+852")) ||
		       span_starts(number, SPAN("+1")) || span_starts(number, SPAN("+44")) || span_starts(number, SPAN("+8")));
		assert(list != NULL && list[0] != '\0' ? true
			: home == NULL || home[0] == '\0' || span_starts(span_from_offset(number, 1), span_of(home)));
	}
	arena_release(&arena);
	return 0;
}
