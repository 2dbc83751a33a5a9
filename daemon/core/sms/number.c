/*
 * Telephone numbers of senders; see number.h.
 */
#include "daemon/core/sms/number.h"

#define E164_DIGITS_MIN 8
#define E164_DIGITS_MAX 15
#define CHINA "86"
#define CHINA_MOBILE_DIGITS 11

static bool is_set(const char *option)
{
	return option != NULL && option[0] != '\0';
}

static bool is_china_mobile(struct span digits)
{
	return digits.len == CHINA_MOBILE_DIGITS && digits.at[0] == '1' && digits.at[1] >= '3';
}

static bool is_international(struct span digits)
{
	return digits.len >= E164_DIGITS_MIN && digits.len <= E164_DIGITS_MAX && digits.at[0] != '0' &&
	       span_digits(digits);
}

static struct span with_plus(struct arena *arena, const char *code, struct span digits)
{
	return span_of(arena_printf(arena, "+%s%.*s", code, (int)digits.len, digits.at));
}

struct span sms_number_normalize(struct span sender, const char *home, struct arena *arena)
{
	struct span s = span_trim(sender);
	bool plus = span_starts(s, SPAN("+"));
	struct span digits = plus ? span_from_offset(s, 1) : s;

	if (!span_digits(digits))
		return arena_dup(arena, s);
	if (!plus && span_starts(digits, SPAN("00"))) {
		digits = span_from_offset(digits, 2);
		plus = true;
	}
	if (plus)
		return is_international(digits) ? with_plus(arena, "", digits) : arena_dup(arena, s);
	if (span_starts(digits, SPAN(CHINA)) && is_china_mobile(span_from_offset(digits, 2)))
		return with_plus(arena, "", digits);
	if (is_set(home) && span_is(SPAN(CHINA), home) && is_china_mobile(digits))
		return with_plus(arena, home, digits);
	return arena_dup(arena, s);
}

static bool under_any(struct span sender, struct span prefixes)
{
	struct span prefix;

	while (span_cut(&prefixes, ',', &prefix)) {
		prefix = span_trim(prefix);
		if (prefix.len > 0 && span_starts(sender, prefix))
			return true;
	}
	return false;
}

static bool under_home(struct span digits, const char *home)
{
	return !is_set(home) || span_starts(digits, span_of(home));
}

bool sms_number_may_answer(struct span sender, const char *home, const char *prefixes)
{
	struct span digits = span_from_offset(sender, 1);

	if (!span_starts(sender, SPAN("+")) || !is_international(digits))
		return false;
	if (span_starts(digits, SPAN(CHINA)) && !is_china_mobile(span_from_offset(digits, 2)))
		return false;
	return is_set(prefixes) ? under_any(sender, span_of(prefixes)) : under_home(digits, home);
}
