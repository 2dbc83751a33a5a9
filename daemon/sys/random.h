/*
 * Random bytes from the kernel's generator, through libsodium.
 */
#ifndef TIPLINE_SYS_RANDOM_H
#define TIPLINE_SYS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_bytes(void *at, size_t len);
uint64_t random_u64(void);

#endif
