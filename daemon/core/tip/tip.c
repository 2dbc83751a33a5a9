/*
 * The names of tips and of the ways they come in; see tip.h.
 */
#include "daemon/core/tip/tip.h"

#define SHARD_LEN 2

/* Crockford's base 32 as it is written out: upper case, without I, L, O, U. */
static bool crockford(char c)
{
	return (c >= '0' && c <= '9') ||
	       (c >= 'A' && c <= 'Z' && c != 'I' && c != 'L' && c != 'O' && c != 'U');
}

bool tip_id_parse(struct span text, struct tip_id *id)
{
	if (text.len != TIP_ID_LEN || !span_digits(span_from(text.at, SHARD_LEN)) ||
	    text.at[SHARD_LEN] != '-')
		return false;
	for (size_t i = SHARD_LEN + 1; i < TIP_ID_LEN; i++)
		if (!crockford(text.at[i]))
			return false;
	memcpy(id->text, text.at, TIP_ID_LEN);
	id->text[TIP_ID_LEN] = '\0';
	return true;
}

const char *tip_channel_name(enum tip_channel channel)
{
	static const char *const names[] = {
		[TIP_BY_WEB] = "web",
		[TIP_BY_API] = "api",
		[TIP_BY_SMS] = "sms",
	};

	return names[channel];
}
