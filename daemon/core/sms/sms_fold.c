/*
 * Folding of short messages; see sms_fold.h.
 */
#include "daemon/core/sms/sms_fold.h"

#include "daemon/base/buf.h"

#include <utf8proc.h>

#include <stdlib.h>

static void add_without_blanks(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		bool blank = (unsigned char)text.at[i] <= ' ';

		if (!blank)
			buf_add_byte(out, text.at[i]);
		else if (out->len > 0 && out->at[out->len - 1] != ' ')
			buf_add_byte(out, ' ');
	}
}

struct span sms_fold(struct span text, struct arena *arena)
{
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
				      UTF8PROC_IGNORE | UTF8PROC_STRIPCC;
	utf8proc_uint8_t *mapped = NULL;
	struct buf out = { 0 };
	utf8proc_ssize_t n = -1;
	struct span folded;

	if (text.len > 0 && text.len <= SMS_FOLD_MAX)
		n = utf8proc_map((const utf8proc_uint8_t *)text.at, (utf8proc_ssize_t)text.len, &mapped, how);
	if (n > 0)
		add_without_blanks(span_from(mapped, (size_t)n), &out);
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): utf8proc's map is from malloc() */
	free(mapped);
	folded = arena_dup(arena, span_trim(buf_span(&out)));
	buf_release(&out);
	return folded;
}
