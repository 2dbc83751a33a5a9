/*
 * Entry bundles: the entries of one tile of level 0 in a row (C2SP tlog-tiles),
 * each behind its length in two bytes, big-endian.
 */
#ifndef TIPLINE_TLOG_BUNDLE_H
#define TIPLINE_TLOG_BUNDLE_H

#include "daemon/base/buf.h"

#define BUNDLE_ENTRY_MAX 65535

/* Appends one entry of at most BUNDLE_ENTRY_MAX bytes. */
void bundle_add(struct buf *bundle, struct span entry);

enum bundle_next {
	BUNDLE_ENTRY,
	BUNDLE_END,
	BUNDLE_BROKEN,   /* cut short */
};

/* Takes the next entry off `rest`; it is borrowed from there. */
enum bundle_next bundle_next(struct span *rest, struct span *entry);

#endif
