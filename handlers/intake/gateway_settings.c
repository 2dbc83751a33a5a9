/*
 * Settings of gateways; see gateway_settings.h.
 */
#include "handlers/intake/gateway_settings.h"

#include "daemon/sys/config.h"

#include <stdio.h>

/* Stands for a secret that nobody has read yet, whichever form a driver wants. */
#define SOME_SECRET "secret:0123456789abcdef0123456789abcdef"
#define SOME_LETTERS "0123456789abcdef0123456789abcdef"

static struct gateway_shape shape_of(const struct config_gateway *from)
{
	return (struct gateway_shape){
		.id_field = from->id_field,
		.from_field = from->from_field,
		.to_field = from->to_field,
		.text_field = from->text_field,
		.time_field = from->time_field,
		.udh_field = from->udh_field,
		.coding_field = from->coding_field,
		.text_coding = from->text_coding,
		.array = from->array,
		.dedupe = from->dedupe,
		.auth = from->auth,
		.auth_field = from->auth_field,
		.auth_time_field = from->auth_time_field,
		.auth_template = from->auth_template,
		.auth_claim = from->auth_claim,
		.auth_encoding = from->auth_encoding,
		.answer_done = from->answer_done,
		.answer_later = from->answer_later,
		.answer_never = from->answer_never,
		.receipt_id_field = from->receipt_id_field,
		.receipt_field = from->receipt_field,
		.receipt_delivered = from->receipt_delivered,
		.receipt_failed = from->receipt_failed,
		.send_method = from->send_method,
		.send_type = from->send_type,
		.send_fields = from->send_fields,
		.send_body = from->send_body,
		.send_done = from->send_done,
		.send_id_field = from->send_id_field,
	};
}

static struct gateway_config settings_of(const struct config *config, const struct config_gateway *from)
{
	return (struct gateway_config){
		.name = from->name,
		.driver = from->driver,
		.secret = from->secret,
		.send_url = from->send_url,
		.send_user = from->send_user,
		.send_password = from->send_password,
		.sender = from->sender,
		.per_s = from->per_s,
		.public_url = from->public_url,
		.webhook_url = from->webhook_url,
		.networks = from->networks,
		.signature = from->signature,
		.send_app = from->send_app,
		.send_region = from->send_region,
		.send_sign = from->send_sign,
		.send_template = from->send_template,
		.send_params = from->send_params,
		.receipt_url = "",
		.home = config->sms.home_country,
		.answer_prefixes = "",
		.shape = shape_of(from),
	};
}

/* "https://tips.example.org/" and "https://tips.example.org" are one. */
static int base_len(const char *url)
{
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	return (int)len;
}

void gateway_settings_read(const struct config *config, size_t index, struct arena *arena, struct gateway_config *out)
{
	const struct config_gateway *from = &config->sms.gateways[index];
	const struct gateway *gateway = gateway_find(from->driver);

	*out = settings_of(config, from);
	if (from->public_url[0] == '\0' || gateway == NULL)
		return;
	struct span path = gateway->receipts_at(out, arena);

	out->public_url = arena_printf(arena, "%.*s", base_len(from->public_url), from->public_url);
	out->receipt_url = arena_printf(arena, "%s%.*s", out->public_url, (int)path.len, path.at);
}

/* Secrets in files count as there, in a form that fits, until they are read. */
static void suppose_secrets(const struct config_gateway *from, struct gateway_config *settings)
{
	bool pair = strcmp(from->auth, "basic") == 0;

	if (from->secret_file[0] != '\0' && from->secret[0] == '\0')
		settings->secret = pair ? SOME_SECRET : SOME_LETTERS;
	if (from->send_password_file[0] != '\0' && from->send_password[0] == '\0')
		settings->send_password = SOME_LETTERS;
}

bool gateway_settings_check(const struct config *config, size_t index, bool secrets, struct complaint *why)
{
	const struct config_gateway *from = &config->sms.gateways[index];
	const struct gateway *gateway = gateway_find(from->driver);
	struct gateway_config settings = settings_of(config, from);
	struct complaint inner = { .text = "" };
	char place[CONFIG_PLACE_BYTES];

	if (!secrets)
		suppose_secrets(from, &settings);
	if (gateway == NULL)
		complain(&inner, 0, "driver: \"%.32s\" is none of kannel, twilio, vonage, alibaba, tencent, jasmin, generic",
			 from->driver);
	else if (gateway->fits(&settings, &inner))
		return true;
	return complain(why, from->place.line, "%ssms.gateways.%s.%s", config_place_text(&from->place, place), from->name, inner.text);
}
