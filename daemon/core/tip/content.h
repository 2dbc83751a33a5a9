/*
 * The records that are sealed: a tip's content, a message, an identity.
 *
 * Each is a record of fields (core/tip/tlv.h) padded with zeroes, so that the
 * length in the store tells little: content and messages to 256, 512, ...
 * 16384 bytes and then to multiples of 16384; identities to 128 and up. A
 * Chinese tip of a hundred characters with place, time and category needs 256.
 * Reading gives back what was written, byte for byte; unknown fields are
 * skipped, so that an older daemon reads what a newer one wrote.
 */
#ifndef TIPLINE_CORE_CONTENT_H
#define TIPLINE_CORE_CONTENT_H

#include "daemon/core/tip/seal.h"

/* Appends the padded record. Empty spans are left out. Returns the length before padding. */
size_t content_write(const struct tip_content *content, struct buf *out);
size_t message_write(const struct tip_message *message, struct buf *out);
size_t identity_write(struct span contact, struct span sender, struct buf *out);

/* The stored names of files and of their clean copies, a blank between them; in the arena, empty when there are none. */
struct span content_file_names(const struct tip_file *files, size_t n, struct arena *arena);

/* False: no such record. The spans point into the arena. */
bool content_read(struct span record, struct arena *arena, struct tip_content *content);
bool message_read(struct span record, struct arena *arena, struct tip_message *message);
bool identity_read(struct span record, struct arena *arena, struct span *contact, struct span *sender);

#endif
