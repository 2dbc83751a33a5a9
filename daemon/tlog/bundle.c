/*
 * Entry bundles; see bundle.h.
 */
#include "daemon/tlog/bundle.h"

#include <assert.h>

void bundle_add(struct buf *bundle, struct span entry)
{
	assert(entry.len <= BUNDLE_ENTRY_MAX);
	buf_add_byte(bundle, (int)(entry.len >> 8));
	buf_add_byte(bundle, (int)(entry.len & 0xFF));
	buf_add_span(bundle, entry);
}

enum bundle_next bundle_next(struct span *rest, struct span *entry)
{
	size_t len;

	if (rest->len == 0)
		return BUNDLE_END;
	if (rest->len < 2)
		return BUNDLE_BROKEN;
	len = (size_t)(unsigned char)rest->at[0] << 8 | (unsigned char)rest->at[1];
	if (rest->len - 2 < len)
		return BUNDLE_BROKEN;
	*entry = span_from(rest->at + 2, len);
	*rest = span_from_offset(*rest, 2 + len);
	return BUNDLE_ENTRY;
}
