/*
 * Replies of CONFIG GET and INFO: is the store there, and durable? Part of replies.c.
 */
#include "daemon/base/table.h"
#include "daemon/store/reply_parts.h"

#include <stdio.h>

static void weak(struct store_reply *out, struct span setting, struct span value)
{
	size_t used = strlen(out->health.weakness);
	char *at = out->health.weakness + used;
	size_t room = sizeof(out->health.weakness) - used;

	out->health.durable = false;
	snprintf(at, room, "%s%.*s %.*s", used > 0 ? ", " : "", (int)setting.len, setting.at, (int)value.len,
		 value.at);
}

/* Pairs of setting and value as CONFIG GET gives them, against what durability needs. */
bool decode_health_config(const struct decoding *d, const struct redisReply *reply)
{
	static const char *const wanted[][2] = {
		{ "appendonly", "yes" },
		{ "appendfsync", "always" },
		{ "maxmemory-policy", "noeviction" },
		{ "aof-load-truncated", "no" },
		{ "no-appendfsync-on-rewrite", "no" },
	};
	size_t found = 0;

	if (!is_array(reply, 0))
		return false;
	d->out->health.durable = true;
	for (size_t i = 0; i + 1 < reply->elements; i += 2) {
		struct span name = text_of(reply->element[i]), value = text_of(reply->element[i + 1]);

		for (size_t w = 0; w < COUNT_OF(wanted); w++) {
			if (!span_is(name, wanted[w][0]))
				continue;
			found++;
			if (!span_is(value, wanted[w][1]))
				weak(d->out, name, value);
		}
	}
	return found == COUNT_OF(wanted);
}

/* The value behind "name:" in INFO's lines; empty when there is none. */
static struct span info_value(struct span info, const char *name)
{
	struct span line, wanted = span_of(name);

	while (span_cut(&info, '\n', &line)) {
		if (!span_starts(line, wanted) || line.len <= wanted.len || line.at[wanted.len] != ':')
			continue;
		line = span_from_offset(line, wanted.len + 1);
		if (!span_empty(line) && line.at[line.len - 1] == '\r')
			line.len--;
		return line;
	}
	return (struct span){ 0 };
}

bool decode_health_info(const struct decoding *d, const struct redisReply *reply)
{
	struct span info = text_of(reply);
	struct span version = info_value(info, "redis_version"),
		    status = info_value(info, "aof_last_write_status");

	if (!span_u64(info_value(info, "used_memory"), &d->out->health.memory_bytes) || span_empty(version))
		return false;
	snprintf(d->out->health.version, sizeof(d->out->health.version), "%.*s", (int)version.len,
		 version.at);
	if (!span_empty(status) && !span_is(status, "ok"))
		weak(d->out, SPAN("aof_last_write_status"), status);
	return true;
}
