/*
 * The one thing of Exif that a picture needs to be seen as it was taken: which
 * side is up (tag 0x0112, 1 to 8). All else in it is about the camera, the
 * place and the time.
 */
#ifndef TIPLINE_CORE_EXIF_H
#define TIPLINE_CORE_EXIF_H

#include "daemon/base/buf.h"

/* Bytes that exif_orientation_write() appends. */
#define EXIF_ORIENTATION_BYTES 26

/* Of a TIFF block; 0 when it says none, or is none. */
unsigned exif_orientation(struct span tiff);

/* Whether it has to be said: 1 is how every picture is shown. */
static inline bool exif_turned(unsigned orientation)
{
	return orientation >= 2 && orientation <= 8;
}

/* Appends a TIFF block that says this and nothing else. */
void exif_orientation_write(unsigned orientation, struct buf *out);

#endif
