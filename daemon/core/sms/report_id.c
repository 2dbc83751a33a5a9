/*
 * Spellings of a carrier's id; see report_id.h.
 */
#include "daemon/core/sms/report_id.h"

#include "daemon/base/hex.h"

#include <inttypes.h>

#define UUID_DIGITS 32
#define UUID_LEN 36
#define WORD_DIGITS 16   /* of 64 bits */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_hex(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (hex_digit(s.at[i]) < 0)
			return false;
	return s.len > 0;
}

static struct span without_zeros(struct span digits)
{
	while (digits.len > 1 && digits.at[0] == '0')
		digits = span_from_offset(digits, 1);
	return digits;
}

/* "f81d4fae-7dec-11d0-a765-00a0c91e6bf6" without its dashes; as it is when it is none. */
static struct span without_dashes(struct span id, struct arena *arena)
{
	char *digits;
	size_t n = 0;

	if (id.len != UUID_LEN)
		return id;
	digits = arena_alloc(arena, UUID_LEN);
	for (size_t i = 0; i < id.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (id.at[i] == '-'))
			return id;
		if (!dash)
			digits[n++] = id.at[i];
	}
	return n == UUID_DIGITS && is_hex(span_from(digits, n)) ? span_from(digits, n) : id;
}

static struct span lowered(struct span id, struct arena *arena)
{
	char *copy = arena_alloc(arena, id.len + 1);

	for (size_t i = 0; i < id.len; i++)
		copy[i] = lower(id.at[i]);
	return span_from(copy, id.len);
}

struct span report_id_normal(struct span id, struct arena *arena)
{
	id = span_trim(id);
	if (id.len >= 2 && id.at[0] == '{' && id.at[id.len - 1] == '}')
		id = span_from(id.at + 1, id.len - 2);
	if (id.len == 0 || id.len > REPORT_ID_MAX)
		return (struct span){ 0 };
	id = without_dashes(id, arena);
	if (id.len > 2 && id.at[0] == '0' && lower(id.at[1]) == 'x' && is_hex(span_from_offset(id, 2)))
		id = span_from_offset(id, 2);
	if (is_hex(id))
		id = without_zeros(id);
	return lowered(id, arena);
}

static bool hex_u64(struct span digits, uint64_t *number)
{
	*number = 0;
	if (!is_hex(digits) || digits.len > WORD_DIGITS)
		return false;
	for (size_t i = 0; i < digits.len; i++)
		*number = *number << 4 | (uint64_t)hex_digit(digits.at[i]);
	return true;
}

static void add_form(struct report_id *out, struct span form)
{
	for (size_t i = 0; i < out->n; i++)
		if (span_eq(out->form[i], form))
			return;
	out->form[out->n++] = form;
}

void report_id_read(struct span id, struct arena *arena, struct report_id *out)
{
	struct span normal = report_id_normal(id, arena);
	uint64_t number;

	*out = (struct report_id){ 0 };
	if (normal.len == 0)
		return;
	add_form(out, normal);
	if (span_u64(normal, &number))
		add_form(out, span_of(arena_printf(arena, "%" PRIx64, number)));
	if (hex_u64(normal, &number))
		add_form(out, span_of(arena_printf(arena, "%" PRIu64, number)));
}
