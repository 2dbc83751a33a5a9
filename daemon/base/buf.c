/*
 * Growing buffers; see buf.h.
 */
#include "daemon/base/buf.h"

#include "daemon/base/wipe.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_release(struct buf *buf)
{
	wipe(buf->at, buf->size);
	free(buf->at);
	*buf = (struct buf){ 0 };
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
}

static void buf_grow(struct buf *buf, size_t need)
{
	size_t size = buf->size > 0 ? buf->size : 1024;
	char *bigger;

	while (size < need)
		size *= 2;
	bigger = malloc(size);
	if (bigger == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	if (buf->at != NULL)
		memcpy(bigger, buf->at, buf->len);
	wipe(buf->at, buf->size);
	free(buf->at);
	buf->at = bigger;
	buf->size = size;
}

char *buf_reserve(struct buf *buf, size_t more)
{
	assert(more <= SIZE_MAX / 4 && buf->len <= SIZE_MAX / 4);
	if (buf->at == NULL || buf->size - buf->len < more)
		buf_grow(buf, buf->len + more);
	return buf->at + buf->len;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (len == 0)
		return;
	memcpy(buf_reserve(buf, len), bytes, len);
	buf->len += len;
}

void buf_add_span(struct buf *buf, struct span bytes)
{
	buf_add(buf, bytes.at, bytes.len);
}

void buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_add_byte(struct buf *buf, int byte)
{
	char c = (char)byte;

	buf_add(buf, &c, 1);
}

void buf_add_u64(struct buf *buf, uint64_t number)
{
	char digits[20];
	size_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	buf_add(buf, digits + n, sizeof(digits) - n);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);
	buf_reserve(buf, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(buf->at + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

void buf_drop(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	if (len > 0)
		memmove(buf->at, buf->at + len, buf->len - len);
	buf->len -= len;
}
