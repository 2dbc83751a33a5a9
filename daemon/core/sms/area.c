/*
 * Areas of messages; see area.h.
 */
#include "daemon/core/sms/area.h"

#include "daemon/base/utf8.h"
#include "daemon/core/sms/text.h"

bool sms_area_parse(struct span item, struct span *mark, struct span *region)
{
	struct span rest = span_trim(item), at;

	if (!span_cut(&rest, '=', &at))
		return false;
	*mark = span_trim(at);
	*region = span_trim(rest);
	return mark->len > 0 && region->len == SMS_REGION_DIGITS && span_digits(*region);
}

static bool is_latin(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool stands_first(struct span text, struct span word)
{
	bool latin = false;

	while (word.len > 0) {
		size_t n, m;
		uint32_t c = sms_text_plain(utf8_at(word, 0, &n));

		if (text.len == 0 || sms_text_plain(utf8_at(text, 0, &m)) != c)
			return false;
		latin = is_latin(c);
		word = span_from_offset(word, n);
		text = span_from_offset(text, m);
	}
	return !latin || text.len == 0 || !is_latin(sms_text_plain(utf8_at(text, 0, &(size_t){ 0 })));
}

static bool ends_in(struct span destination, struct span suffix)
{
	return destination.len > suffix.len &&
	       span_eq(span_from_offset(destination, destination.len - suffix.len), suffix);
}

struct span sms_area_of(struct span areas, struct span destination, struct span text)
{
	struct span item, mark, region, by_word = { 0 }, by_end = { 0 };
	size_t longest_word = 0, longest_end = 0;

	text = span_trim(text);
	while (span_cut(&areas, ',', &item)) {
		if (!sms_area_parse(item, &mark, &region))
			continue;
		if (!span_digits(mark) && mark.len > longest_word && stands_first(text, mark)) {
			longest_word = mark.len;
			by_word = region;
		} else if (span_digits(mark) && mark.len > longest_end && ends_in(destination, mark)) {
			longest_end = mark.len;
			by_end = region;
		}
	}
	return longest_word > 0 ? by_word : by_end;
}
