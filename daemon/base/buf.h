/*
 * A growing byte buffer that owns its memory.
 *
 * The bytes are wiped when the buffer grows out of its memory and when it is
 * released. Out of memory ends the process, as in arena.h.
 */
#ifndef TIPLINE_BASE_BUF_H
#define TIPLINE_BASE_BUF_H

#include "daemon/base/span.h"

/* A buffer of zeroes is empty and ready for use. */
struct buf {
	char *at;
	size_t len;
	size_t size;
};

void buf_release(struct buf *buf);

/* Empty, memory kept. */
void buf_clear(struct buf *buf);

/* Room for `more` bytes behind the end; returns where they go. */
char *buf_reserve(struct buf *buf, size_t more);

void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_add_span(struct buf *buf, struct span bytes);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_byte(struct buf *buf, int byte);
void buf_add_u64(struct buf *buf, uint64_t number);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Drops the first `len` bytes. */
void buf_drop(struct buf *buf, size_t len);

static inline struct span buf_span(const struct buf *buf)
{
	return span_from(buf->at, buf->len);
}

#endif
