/*
 * How many answers a sender gets, and who wants none.
 *
 * Keeps a robot, or two robots, from talking to us for ever, and strangers
 * from earning at our answers. In memory alone, under keyed marks: a restart
 * forgets it, which costs one answer more.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_QUOTA_H
#define TIPLINE_HANDLERS_INTAKE_SMS_QUOTA_H

#include "daemon/base/span.h"
#include "daemon/core/tip/seal.h"

struct sms_quota;

/* `key` is copied. */
struct sms_quota *sms_quota_new(const struct seal_key *key, unsigned per_day);
void sms_quota_free(struct sms_quota *quota);

/* True when this sender may get one more answer today; counts it. */
bool sms_quota_take(struct sms_quota *quota, struct span sender, int64_t now_ms);

/* The answer that was counted is not sent after all. */
void sms_quota_give_back(struct sms_quota *quota, struct span sender, int64_t now_ms);

/* No more answers to this sender. */
void sms_quota_stop(struct sms_quota *quota, struct span sender);

#endif
