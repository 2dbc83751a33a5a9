/*
 * Messages that come again and have no id: an SMSC repeats what it got no
 * answer for, and SMPP gives it no number of its own.
 *
 * The same octets of the same sender within a minute are one message. Its id
 * is made of them and of a number, which is the same for all its repetitions.
 *
 *   in a process   it is remembered by the octets
 *   a restart      the number stands in a file, changes with the hour only, and
 *                  never in the first minute of a process
 *   other daemons  the hour is the same for all; and what had its effect stands
 *                  in the memory of its telephone (sms_memory.h), which is read
 *                  first, so that no question more goes to the store
 *
 * What that leaves: a repetition that comes to another daemon in another hour,
 * when the first one died between the tip and the memory of it.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_REPEATS_H
#define TIPLINE_HANDLERS_INTAKE_SMS_REPEATS_H

#include <stdint.h>

#define SMS_REPEATS_WINDOW_MS 60000
#define SMS_REPEATS_CHANGE_MS 3600000

struct sms_repeats;

/* `file` is read now and written when the number changes; NULL: nothing outlives the process. */
struct sms_repeats *sms_repeats_new(const char *file, int64_t now_ms);
void sms_repeats_free(struct sms_repeats *repeats);

/* The number for a message with this keyed mark that comes now. */
uint64_t sms_repeats_number(struct sms_repeats *repeats, const unsigned char mark[16], int64_t now_ms);

#endif
