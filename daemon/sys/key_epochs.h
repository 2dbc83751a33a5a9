/*
 * The peppers of the sender marks as time goes on: one serves 30 days, and is
 * destroyed when the epoch after the next one begins. The next one is a hash
 * of it, so nothing is drawn and no copy is needed for that.
 */
#ifndef TIPLINE_SYS_KEY_EPOCHS_H
#define TIPLINE_SYS_KEY_EPOCHS_H

#include "daemon/sys/keys.h"

/* The epoch whose pepper is the oldest that may be there at that time: the one before the present, since tips of the spool come late. */
int64_t key_epochs_oldest(int64_t now_ms);

/* "sender-NNNN.key" is of an epoch; false: another name. */
bool key_epochs_of(const char *name, int64_t *epoch);

/* When the pepper of an epoch is to go. */
int64_t key_epochs_end(int64_t epoch);

/*
 * Brings the peppers of a running process and of its directory to that time:
 * older ones leave memory and disk. Cheap when nothing is due. A directory of
 * credentials is never written; there they leave memory only. Also where
 * keys.create is false: nothing is made that does not follow from what is
 * there. False: `why`; it is tried again at the next call.
 */
bool keys_age(struct keys *keys, const char *dir, int64_t now_ms, struct complaint *why);

#endif
