/*
 * A tip in clear, as intake decoded it: the input of the pipeline.
 *
 * It lives in the request's arena and nowhere else; what leaves the process is
 * sealed (core/tip/seal.h). Spans are borrowed from that arena.
 */
#ifndef TIPLINE_CORE_TIP_H
#define TIPLINE_CORE_TIP_H

#include "daemon/base/span.h"

#define TIP_ID_LEN 13            /* "15-7K3MQ2X9RD" */
#define TIP_FILES_MAX 8          /* sent at once */
#define SHARD_NATIONAL "00"      /* what no province could be found for */
#define REGION_NATIONAL "000000"

/* The tip's own name inside the house: shard, dash, ten Crockford characters. No secret. */
struct tip_id {
	char text[TIP_ID_LEN + 1];
};

/* "15-7K3MQ2X9RD" and nothing else; false leaves *id untouched. */
bool tip_id_parse(struct span text, struct tip_id *id);

/* The two digits before the dash. */
static inline struct span tip_id_shard(const struct tip_id *id)
{
	return span_from(id->text, 2);
}

enum tip_channel {
	TIP_BY_WEB,
	TIP_BY_API,
	TIP_BY_SMS,
};

const char *tip_channel_name(enum tip_channel channel);

struct tip {
	struct span text;       /* UTF-8, never empty */
	struct span region;     /* GB/T 2260 code chosen by the informant: six digits, or empty */
	struct span place;      /* in the informant's words, or empty */
	struct span when;       /* likewise */
	struct span category;   /* likewise; one of the form's values or empty */
	struct span lang;       /* BCP 47 tag of the answers, "zh-CN" or "en" */
	struct span contact;    /* how the informant may be reached; identity, sealed apart */
	struct span sender;     /* telephone number of an SMS, digits with "+" where known; identity */
	struct span gateway;    /* name of the SMS gateway, or empty */
	enum tip_channel channel;
	int64_t received_ms;    /* Unix time at which the daemon had it whole */
};

#endif
