/*
 * Clean copies of pictures: the same pixels without what the camera, the
 * telephone or a program wrote beside them (place, time, serial numbers,
 * thumbnails, comments, colour profiles, films behind the picture).
 *
 * Nothing is decoded: a copy keeps the parts that a decoder needs, byte for
 * byte, and drops all others. Of Exif the orientation alone is kept, written
 * anew. What does not parse exactly gets no copy; the parsers repair nothing.
 * Parts that are kept are held against their own lengths, so that nothing
 * rides along behind the last field of one. What stands inside of compressed
 * pixel data is not looked at.
 *
 * A copy is made from pieces of any size with at most 70 KiB of memory. Pure.
 * JPEG: ITU T.81 (baseline, extended and progressive), JFIF 1.02, Exif 2.32;
 * PNG: W3C PNG, second edition, without animation; WebP: RFC 9649.
 * tests/unit/core/test_clean_*.c and tests/e2e/files.py hold it against others.
 */
#ifndef TIPLINE_CORE_CLEAN_H
#define TIPLINE_CORE_CLEAN_H

#include "daemon/base/buf.h"

struct clean;

/* By the type that the bytes were found to be; NULL: there are no clean copies of such. */
struct clean *clean_new(struct span type);

/*
 * Takes the next piece and appends what stays of it and of what was held back:
 * at most 70 KiB more than the piece. False: no copy can be made of this file;
 * what was appended is worth nothing, and nothing more may be fed.
 */
bool clean_feed(struct clean *clean, struct span piece, struct buf *out);

/*
 * The file has ended. False: it is not whole, as above. The last *lead bytes of
 * all that was appended belong in front of the rest: a WebP begins with a length
 * that is known only now.
 */
bool clean_finish(struct clean *clean, struct buf *out, size_t *lead);

/* Wipes what it held. NULL is fine. */
void clean_free(struct clean *clean);

#endif
