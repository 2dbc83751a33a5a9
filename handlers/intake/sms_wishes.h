/*
 * Who wants no answers, on this machine's disk: what the memory of a telephone
 * (sms_memory.h) says too, kept where an older copy of the store cannot undo it.
 *
 * A telephone that wrote STOP is not answered after a restore, nor while the
 * store is away, nor after a restart in between. Of what file and memory say
 * the later wish holds, so a START that another daemon heard holds as well.
 * A row is a keyed mark of the number, which leads to nothing else that is
 * stored, a time and the wish; it goes two years after it was written.
 * Errors: what cannot be written is logged and holds in this process.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_WISHES_H
#define TIPLINE_HANDLERS_INTAKE_SMS_WISHES_H

#include <stdbool.h>
#include <stdint.h>

#define SMS_WISH_KEPT_S 63072000u   /* two years */

struct sms_wishes;

struct sms_wish {
	int64_t at_ms;
	bool stopped;
};

/* `file` is read now and written with every wish, synced; NULL: nothing outlives the process. */
struct sms_wishes *sms_wishes_new(const char *file, int64_t now_ms);
void sms_wishes_free(struct sms_wishes *wishes);

/* False: nothing is known of that mark. */
bool sms_wishes_get(const struct sms_wishes *wishes, const unsigned char mark[16], struct sms_wish *out);

void sms_wishes_set(struct sms_wishes *wishes, const unsigned char mark[16], const struct sms_wish *wish);

#endif
