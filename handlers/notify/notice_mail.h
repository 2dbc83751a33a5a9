/*
 * A notice as mail, in Chinese or English: how many, of what kind, in which
 * region, where the desk is; a digest with its figures. Pure.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_NOTICE_MAIL_H
#define TIPLINE_HANDLERS_NOTIFY_NOTICE_MAIL_H

#include "handlers/notify/notice.h"

/* `id` in front of the "@" of Message-ID: the same each time it is sent. The whole message, in the arena. */
struct span notice_mail(const struct notice_channel *channel, const struct notice *notice, struct span id, int64_t now_ms,
			struct arena *arena);

#endif
