/*
 * The gateways' doors: secrets, paths, and a message made of what was read;
 * see sms_door.h.
 */
#include "handlers/intake/sms_door.h"

#include <sodium.h>

#define SENDER_MAX 64
#define KEY_MAX 128

/* --- settings -------------------------------------------------------------- */

bool sms_is_set(const char *option)
{
	return option != NULL && option[0] != '\0';
}

bool sms_needs_no_escape(const char *text)
{
	for (; *text != '\0'; text++)
		if (strchr("-_.~", *text) == NULL && !(*text >= '0' && *text <= '9') && !(*text >= 'a' && *text <= 'z') &&
		    !(*text >= 'A' && *text <= 'Z'))
			return false;
	return true;
}

bool sms_path_secret_fits(const struct gateway_config *config, struct complaint *why)
{
	if (!sms_is_set(config->secret))
		return complain(why, 0, "secret_file: missing; the gateway signs nothing, so its path must carry a secret");
	if (strlen(config->secret) < SMS_PATH_SECRET_MIN)
		return complain(why, 0, "secret: too short for a path; %d letters are 128 bits (openssl rand -hex 16)",
				SMS_PATH_SECRET_MIN);
	return sms_needs_no_escape(config->secret) ||
	       complain(why, 0, "secret: letters, digits, '-', '_', '.' and '~' alone can stand in a path");
}

bool sms_settings_fit(struct complaint *why, const char *for_what, const char *const *options)
{
	for (; options[0] != NULL; options += 2)
		if (!sms_is_set(options[1]))
			return complain(why, 0, "%s: missing; %s needs it", options[0], for_what);
	return true;
}

/* --- secrets and paths ------------------------------------------------------- */

bool sms_secret_is(struct span given, const char *secret)
{
	unsigned char a[32], b[32];

	crypto_generichash(a, sizeof(a), (const unsigned char *)given.at, given.len, NULL, 0);
	crypto_generichash(b, sizeof(b), (const unsigned char *)secret, strlen(secret), NULL, 0);
	return sodium_memcmp(a, b, sizeof(a)) == 0;
}

/* "/sms/NAME/KIND/REST" */
static struct span segment(struct span path, unsigned number)
{
	struct span part = { 0 };

	for (unsigned i = 0; i <= number; i++)
		if (!span_cut(&path, '/', &part))
			return (struct span){ 0 };
	return part;
}

bool sms_path_is_receipt(struct span path)
{
	return span_is(segment(path, 3), "dlr");
}

bool sms_path_verify(const struct gateway_config *config, const struct http_request *request, int64_t now_ms)
{
	(void)now_ms;
	return sms_is_set(config->secret) && sms_secret_is(segment(request->path, 4), config->secret);
}

struct span sms_receipts_in_path(const struct gateway_config *config, struct arena *arena)
{
	return span_of(arena_printf(arena, "/sms/%s/dlr/%s", config->name, config->secret));
}

struct span sms_receipts_plain(const struct gateway_config *config, struct arena *arena)
{
	return span_of(arena_printf(arena, "/sms/%s/dlr", config->name));
}

bool sms_time_fits(struct span seconds, int64_t now_ms)
{
	uint64_t s;

	if (!span_u64(seconds, &s) || s > INT64_MAX / 1000)
		return false;
	int64_t age = now_ms - (int64_t)s * 1000;

	return age <= SMS_SIGNED_WINDOW_MS && age >= -SMS_SIGNED_WINDOW_MS;
}

/* --- a message ------------------------------------------------------------------ */

struct span sms_key_of(const struct span *of, size_t n, struct arena *arena)
{
	crypto_generichash_state state;
	unsigned char hash[16];
	char *hex = arena_alloc(arena, sizeof(hash) * 2 + 1);

	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	for (size_t i = 0; i < n; i++) {
		uint64_t len = of[i].len;

		crypto_generichash_update(&state, (const unsigned char *)&len, sizeof(len));
		crypto_generichash_update(&state, (const unsigned char *)of[i].at, of[i].len);
	}
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(hex, sizeof(hash) * 2 + 1, hash, sizeof(hash));
	return span_of(hex);
}

bool sms_door_message(const struct gateway_config *config, const struct link_message *raw, struct arena *arena,
		      struct sms_message *out, struct complaint *why)
{
	if (raw->from.len > SENDER_MAX || raw->to.len > SENDER_MAX || raw->key.len > KEY_MAX)
		return complain(why, 0, "sender, receiver or id is too long");
	sms_message_read(raw, &(struct sms_numbers){ .home = config->home, .prefixes = config->answer_prefixes }, arena, out);
	out->may_answer &= !span_eq(out->sender, out->destination);
	return true;
}

struct sms_message *sms_batch_add(struct sms_batch *batch)
{
	if (batch->n == SMS_BATCH_MAX)
		return NULL;
	struct sms_message *message = &batch->at[batch->n++];

	*message = (struct sms_message){ 0 };
	return message;
}

enum sms_fate sms_fate_of(const struct sms_status *table, size_t n, struct span word)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(word, table[i].word))
			return table[i].fate;
	return SMS_FATE_UNKNOWN;
}
