/*
 * GBK, the alphabet of mainland carriers (Msg_Fmt 15), by way of the C library.
 *
 * The C library reads its module for GB 18030, of which GBK is a part, from
 * /usr/lib/<triplet>/gconv (Debian's libc6) at the first call and keeps it.
 */
#ifndef TIPLINE_CORE_SMS_GBK_H
#define TIPLINE_CORE_SMS_GBK_H

#include "daemon/base/buf.h"

/* The module is there, and from now on in memory. The daemon asks once before it locks itself in. */
bool gbk_ready(void);

/*
 * Appends the text as UTF-8; an octet that begins no character becomes U+FFFD,
 * as does every octet above 0x7F without the module. NUL is left out.
 */
void gbk_decode(struct span octets, struct buf *out);

#endif
