/*
 * One tip in the spool file: everything that STORE_ACCEPT needs to know.
 *
 *   magic "TS1\n"  length u32  checksum u64 (XXH3 of the payload)  payload
 *
 * Numbers little-endian. The payload is a row of fields, each length and
 * bytes, in the order of the table in spool_record.c. Nothing in it is in
 * clear: the content was sealed before.
 */
#ifndef TIPLINE_STORE_SPOOL_RECORD_H
#define TIPLINE_STORE_SPOOL_RECORD_H

#include "daemon/base/buf.h"
#include "daemon/store/store.h"

#define SPOOL_RECORD_HEAD 16
#define SPOOL_RECORD_MAX (1u << 20)

void spool_record_put(const struct store_tip *tip, struct buf *out);

enum spool_record_fault {
	SPOOL_RECORD_FINE,
	SPOOL_RECORD_CUT,      /* the bytes end within the record */
	SPOOL_RECORD_DAMAGED,  /* they do not, and it is not what was written */
};

/*
 * Reads the record at the start of `bytes`; spans of *tip point into them.
 * *length is the whole record's length, also when it is damaged and the
 * length can still be believed; else 0.
 */
enum spool_record_fault spool_record_get(struct span bytes, struct store_tip *tip, size_t *length);

/* Where bytes that may be a record begin: bytes.len when nowhere. */
size_t spool_record_find(struct span bytes);

#endif
