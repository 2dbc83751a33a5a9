/*
 * Names of attached files: what a stranger sent, made safe to be shown, stored
 * and offered for saving.
 */
#ifndef TIPLINE_CORE_FILE_NAME_H
#define TIPLINE_CORE_FILE_NAME_H

#include "daemon/base/buf.h"

#define FILE_NAME_MAX 120   /* bytes */

/*
 * Appends the name without its path, without control characters and those
 * that are not seen or turn the direction of writing, with "_" for what file
 * systems and shells read otherwise and for bytes that are no UTF-8, without
 * dots and blanks at its ends, cut to FILE_NAME_MAX bytes between characters
 * with its ending kept. "file" when nothing is left. Cleaning twice changes nothing.
 */
void file_name_clean(struct span sent, struct buf *out);

/*
 * Appends a Content-Disposition (RFC 6266) that has the file saved, never
 * shown: `attachment` with a plain ASCII name and, where `name` has more, the
 * same in UTF-8 (RFC 8187). The name ends as the type says, whatever it was:
 * "photo.exe" with ".jpg" is "photo.exe.jpg".
 */
void file_name_disposition(struct span name, const char *ending, struct buf *out);

#endif
