/*
 * Where a message is from, as its sender says by the number he writes to or by
 * a word in front, as 12110 does with area codes. Pure.
 */
#ifndef TIPLINE_CORE_SMS_AREA_H
#define TIPLINE_CORE_SMS_AREA_H

#include "daemon/base/span.h"

#define SMS_REGION_DIGITS 6

/* "0571=330100" and "HZ=330100": a mark and the code of a region; false: neither. */
bool sms_area_parse(struct span item, struct span *mark, struct span *region);

/*
 * The region of the first word of the text, else of the longest end of the
 * number it was sent to; empty: none says. `areas` is a comma list of such
 * items. A mark of digits is an end of our number, with more in front of it;
 * any other is a word, in capitals or not, and Latin ones are whole words.
 * Borrowed from `areas`.
 */
struct span sms_area_of(struct span areas, struct span destination, struct span text);

#endif
