/*
 * A configuration in one hash; see config_digest.h.
 */
#include "daemon/sys/config_digest.h"

#include "daemon/base/hex.h"
#include "daemon/sys/options.h"

#include <sodium.h>

static void put_row(void *to, const struct option_row *row, const char *name, const void *base)
{
	if (row->secret)
		return;
	buf_printf(to, "%s %s=", row->key, name);
	option_show(row, base, to);
	buf_add_text(to, "\n");
}

void config_digest(const struct config *config, char digits[CONFIG_DIGEST_LEN + 1])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	struct buf text = { 0 };

	config_each(config, put_row, &text);
	crypto_hash_sha256(hash, (const unsigned char *)text.at, text.len);
	hex_put(hash, sizeof(hash), digits);
	digits[CONFIG_DIGEST_LEN] = '\0';
	buf_release(&text);
}

void config_value(const struct config *config, const char *key, struct buf *to)
{
	const struct option_row *row = option_find(span_of(key));

	if (row != NULL && !row->secret && strchr(row->key, '*') == NULL)
		option_show(row, config, to);
}
