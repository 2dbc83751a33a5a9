/*
 * Overwriting what must not stay in memory, in a way the compiler keeps.
 */
#ifndef TIPLINE_BASE_WIPE_H
#define TIPLINE_BASE_WIPE_H

#include <stddef.h>

/* Sets `len` bytes to zero even when nothing reads them afterwards. */
void wipe(void *at, size_t len);

#endif
