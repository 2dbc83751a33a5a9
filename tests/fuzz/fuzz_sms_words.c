/*
 * What messages want: any text is read, nothing outside it is, and a clue has no number.
 */
#include "daemon/core/sms/area.h"
#include "handlers/intake/sms_words.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool well)
{
	if (!well)
		abort();
}

static bool within(struct span part, struct span text)
{
	return part.len == 0 || (part.at >= text.at && part.at + part.len <= text.at + text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_from(data, size), region;
	struct arena arena = { 0 };
	struct sms_words words;

	sms_words_read(text, &arena, &words);
	must(words.says < SMS_SAYS && sms_says_name(words.says) != NULL);
	must(within(words.rest, text) && within(words.rest_with_number, text));
	must(words.says != SMS_SAYS_CLUE || words.number[0] == '\0');
	must(words.number[0] == '\0' || strlen(words.number) == SMS_NUMBER_LEN);
	must(words.says != SMS_SAYS_SUPPLEMENT || words.rest_with_number.len > 0);
	region = sms_area_of(SPAN("0571=330100,HZ=330102,杭州=330103"), text, text);
	must(region.len == 0 || region.len == SMS_REGION_DIGITS);
	region = sms_area_of(text, SPAN("1069000571"), SPAN("HZ"));
	must(region.len == 0 || region.len == SMS_REGION_DIGITS);
	arena_release(&arena);
	return 0;
}
