/*
 * Rules about notices and mail; see config_notices.h.
 */
#include "daemon/sys/config_notices.h"

#include "daemon/base/mail_message.h"
#include "daemon/sys/config_yaml.h"

static const struct config_place nowhere;

enum { REQUIRED, PLAIN_LOOPBACK, PLAIN_NETWORK };   /* the words of mail.tls */

static void check_tls(const struct config_mail *mail, struct config_problems *problems)
{
	struct span server = span_of(mail->server);

	if (mail->tls == PLAIN_LOOPBACK && !mail_server_loopback(server))
		config_problem(problems, &nowhere, "mail.tls: plain-loopback is for a server on this machine; expected required");
	if (mail->tls != REQUIRED && span_starts(server, SPAN("smtps://")))
		config_problem(problems, &nowhere, "mail.tls: a server smtps:// has TLS; expected required");
	if (mail->tls == PLAIN_NETWORK && mail->user[0] != '\0')
		config_problem(problems, &nowhere, "mail.tls: no password goes over the network in clear; expected required");
}

static void check_mail(const struct config_mail *mail, struct config_problems *problems)
{
	if (mail->server[0] == '\0')
		return;
	if (!mail_server_fits(span_of(mail->server)))
		config_problem(problems, &nowhere, "mail.server: smtp://HOST:PORT or smtps://HOST:PORT is expected");
	else
		check_tls(mail, problems);
	if (mail->from[0] != '\0' && !mail_address_fits(span_of(mail->from)))
		config_problem(problems, &nowhere, "mail.from: an address like tips@example.org is expected");
	if (mail->password[0] != '\0' && mail->password_file[0] != '\0')
		config_problem(problems, &nowhere, "mail: password and password_file; expected one");
	if (mail->user[0] != '\0' && mail->password[0] == '\0' && mail->password_file[0] == '\0')
		config_problem(problems, &nowhere, "mail.password_file: missing; mail.user logs in with it");
}

static void check_letters(const struct config *config, const struct config_notice *n, struct config_problems *problems)
{
	const char *from = n->mail_from[0] != '\0' ? n->mail_from : config->mail.from;
	struct span rest = span_of(n->mail_to), address;
	size_t count = 0;

	for (; mail_address_next(&rest, &address); count++)
		if (!mail_address_fits(address))
			config_problem(problems, &n->place, "notices.%s.mail_to: the %zu. is no address like desk@example.org", n->name,
				       count + 1);
	if (count == 0 || count > CONFIG_MAIL_TO_MAX)
		config_problem(problems, &n->place, "notices.%s.mail_to: 1 to %d addresses are expected", n->name, CONFIG_MAIL_TO_MAX);
	if (config->mail.server[0] == '\0')
		config_problem(problems, &n->place, "notices.%s.mail_to: mail.server is missing", n->name);
	if (!mail_address_fits(span_of(from)))
		config_problem(problems, &n->place, "notices.%s.mail_from: an address is expected, here or in mail.from", n->name);
}

static void check_hook(const struct config_notice *n, struct config_problems *problems)
{
	if (n->url[0] == '\0')
		config_problem(problems, &n->place, "notices.%s.url: missing; url or mail_to is required", n->name);
	else if (n->secret[0] == '\0' && n->secret_file[0] == '\0')
		config_problem(problems, &n->place, "notices.%s.secret_file: missing; notices are signed", n->name);
}

void config_check_notices(const struct config *config, struct config_problems *problems)
{
	check_mail(&config->mail, problems);
	for (size_t i = 0; i < config->nnotices; i++) {
		const struct config_notice *n = &config->notices[i];

		if (strlen(n->region) != 6)
			config_problem(problems, &n->place, "notices.%s.region: six digits are expected", n->name);
		if (n->url[0] != '\0' && n->mail_to[0] != '\0')
			config_problem(problems, &n->place, "notices.%s: url and mail_to; expected one", n->name);
		else if (n->mail_to[0] != '\0')
			check_letters(config, n, problems);
		else
			check_hook(n, problems);
	}
}
