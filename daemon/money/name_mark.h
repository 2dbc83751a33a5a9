/*
 * Names as keys of a mark_map: the BLAKE2b hash (RFC 7693) of a word for what
 * the name is used for, and the name. The book and the auditors' log use it.
 */
#ifndef TIPLINE_MONEY_NAME_MARK_H
#define TIPLINE_MONEY_NAME_MARK_H

#include "daemon/base/mark_map.h"
#include "daemon/base/span.h"

/* The same `use` and name give the same mark; another use of the same name gives another. Pure. */
void name_mark(const char *use, struct span name, unsigned char mark[MARK_BYTES]);

#endif
