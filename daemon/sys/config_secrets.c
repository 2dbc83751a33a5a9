/*
 * Secrets that the configuration names by file: read with the rights of the
 * daemon, in a step of their own (config_secrets() in config.h).
 */
#include "daemon/base/buf.h"
#include "daemon/base/table.h"
#include "daemon/sys/config_yaml.h"
#include "daemon/sys/files.h"
#include "daemon/sys/options.h"

/* The file's text takes the place of the value, under the same rules as if it stood there. */
static bool read_secret(struct config *config, void *section, const char *file, const char *key,
			struct complaint *why)
{
	const struct option_row *row = option_find(span_of(key));
	char expects[OPTION_EXPECTS_MAX];
	struct buf bytes = { 0 };
	bool well = true;

	if (file[0] != '\0')
		well = files_secret(file, config->state_dir, &bytes, why);
	if (well && bytes.len > 0 && !option_set(row, section, buf_span(&bytes), &config->arena)) {
		option_expects(row, expects);
		well = complain(why, 0, "%.80s does not hold %s", file, expects);
	}
	buf_release(&bytes);
	return well;
}

/* That they can be read; what they hold is for the rail. */
static void check_rail_files(const struct config *config, struct config_problems *problems)
{
	for (size_t i = 0; i < config->payout.nrails; i++) {
		const struct config_rail *r = &config->payout.rails[i];
		const struct {
			const char *key, *file;
		} files[] = {
			{ .key = "key_file", .file = r->key_file },
			{ .key = "old_key_file", .file = r->old_key_file },
			{ .key = "private_key_file", .file = r->private_key_file },
			{ .key = "api_key_file", .file = r->api_key_file },
			{ .key = "platform_file", .file = r->platform_file },
			{ .key = "old_platform_file", .file = r->old_platform_file },
		};

		for (size_t f = 0; f < COUNT_OF(files); f++) {
			struct complaint why = { 0 };
			struct buf bytes = { 0 };

			if (files[f].file[0] != '\0' && !files_secret(files[f].file, config->state_dir, &bytes, &why))
				config_problem(problems, &r->place, "payout.rails.%s.%s: %.150s", r->name,
					       files[f].key, why.text);
			buf_release(&bytes);
		}
	}
}

bool config_secrets(struct config *config, struct config_problems *problems)
{
	const struct config_place nowhere = { 0 };
	struct complaint why = { 0 };

	problems->n = 0;
	for (size_t i = 0; i < config->sms.ngateways; i++) {
		struct config_gateway *g = &config->sms.gateways[i];

		if (!read_secret(config, g, g->secret_file, "sms.gateways.*.secret", &why))
			config_problem(problems, &g->place, "sms.gateways.%s.secret_file: %.180s", g->name, why.text);
		if (!read_secret(config, g, g->send_password_file, "sms.gateways.*.send_password", &why))
			config_problem(problems, &g->place, "sms.gateways.%s.send_password_file: %.180s", g->name,
				       why.text);
	}
	for (size_t i = 0; i < config->sms.nlinks; i++) {
		struct config_link *l = &config->sms.links[i];

		if (!read_secret(config, l, l->password_file, "sms.links.*.password", &why))
			config_problem(problems, &l->place, "sms.links.%s.password_file: %.180s", l->name, why.text);
	}
	for (size_t i = 0; i < config->nnotices; i++)
		if (!read_secret(config, &config->notices[i], config->notices[i].secret_file, "notices.*.secret", &why))
			config_problem(problems, &config->notices[i].place, "notices.%s.secret_file: %.180s",
				       config->notices[i].name, why.text);
	if (!read_secret(config, config, config->mail.password_file, "mail.password", &why))
		config_problem(problems, &nowhere, "mail.password_file: %.180s", why.text);
	check_rail_files(config, problems);
	return problems->n == 0;
}
