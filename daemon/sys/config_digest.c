/*
 * A configuration in one hash; see config_digest.h.
 */
#include "daemon/sys/config_digest.h"

#include "daemon/base/hex.h"
#include "daemon/sys/options.h"

#include <sodium.h>

static void put_row(const struct option_row *row, const char *name, const void *base, struct buf *to)
{
	if (row->secret)
		return;
	buf_printf(to, "%s %s=", row->key, name);
	option_show(row, base, to);
	buf_add_text(to, "\n");
}

/* The options of one item of a section, `path` being the section's with its dot. */
static void put_item(const char *path, const char *name, const void *item, struct buf *to)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	for (size_t i = 0; i < n; i++)
		if (span_starts(span_of(rows[i].key), span_of(path)))
			put_row(&rows[i], name, item, to);
}

void config_digest(const struct config *config, char digits[CONFIG_DIGEST_LEN + 1])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	struct buf text = { 0 };
	size_t n;
	const struct option_row *rows = options_table(&n);

	for (size_t i = 0; i < n; i++)
		if (strchr(rows[i].key, '*') == NULL)
			put_row(&rows[i], "", config, &text);
	for (size_t i = 0; i < config->sms.ngateways; i++)
		put_item("sms.gateways.", config->sms.gateways[i].name, &config->sms.gateways[i], &text);
	for (size_t i = 0; i < config->payout.nrails; i++)
		put_item("payout.rails.", config->payout.rails[i].name, &config->payout.rails[i], &text);
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
