/*
 * Compact records: what is padded and sealed (core/tip/content.c).
 *
 *   field = tag (1 byte) length (LEB128) value
 *
 * The top bit of the tag tells that the value is UTF-16BE, which is a third
 * shorter than UTF-8 for Chinese text; the writer takes the shorter form, the
 * reader gives back the very bytes that were written. Tag 0 ends a record; all
 * behind it is zero, so padding needs no length of its own.
 */
#ifndef TIPLINE_CORE_TLV_H
#define TIPLINE_CORE_TLV_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"

#define TLV_TAG_MAX 127

/* A text field, also when it is empty. Bytes that are no UTF-8 are kept as they are. */
void tlv_text(struct buf *out, unsigned tag, struct span text);

/* The same, but an empty text is left out. */
void tlv_text_if(struct buf *out, unsigned tag, struct span text);

/* Big-endian without leading zeroes; 0 takes no value byte. */
void tlv_number(struct buf *out, unsigned tag, uint64_t number);

/*
 * Zeroes behind the record that begins at `from`, up to the next step: powers
 * of two from `first` to 16384, then multiples of 16384.
 */
void tlv_pad(struct buf *out, size_t from, size_t first);
size_t tlv_padded(size_t len, size_t first);

struct tlv_field {
	unsigned tag;       /* 1..127 */
	bool utf16;
	struct span value;  /* borrowed from the record */
};

enum tlv_next {
	TLV_FIELD,
	TLV_END,
	TLV_BROKEN,   /* cut short, or something behind the end */
};

/* Takes the next field off `rest`. */
enum tlv_next tlv_next(struct span *rest, struct tlv_field *field);

/* The text in UTF-8, in the arena; false: no well-formed UTF-16. */
bool tlv_text_of(const struct tlv_field *field, struct arena *arena, struct span *text);

/* False: not a number of at most eight bytes. */
bool tlv_number_of(const struct tlv_field *field, uint64_t *number);

#endif
