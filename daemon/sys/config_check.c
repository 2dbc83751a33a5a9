/*
 * Rules on the configuration; see config_check.h.
 */
#include "daemon/sys/config_check.h"

#include "daemon/base/table.h"
#include "daemon/sys/config_notices.h"
#include "daemon/sys/config_route.h"
#include "daemon/sys/config_yaml.h"
#include "daemon/sys/options.h"
#include "daemon/tlog/note.h"

static const struct {
	const char *less, *more;
} relations[] = {
	{ .less = "limits.text_bytes", .more = "limits.body_bytes" },
	{ .less = "limits.file_bytes", .more = "limits.upload_bytes" },
	{ .less = "limits.connections_per_address", .more = "limits.connections" },
	{ .less = "lease.default_s", .more = "lease.max_s" },
};

static uint64_t value_of(const struct config *config, const struct option_row *row)
{
	const char *field = (const char *)config + row->at;

	return row->type == OPTION_BYTES ? *(const uint64_t *)(const void *)field
					 : *(const unsigned *)(const void *)field;
}

static void check_relations(const struct config *config, struct config_problems *problems)
{
	const struct config_place nowhere = { 0 };

	for (size_t i = 0; i < COUNT_OF(relations); i++) {
		uint64_t less = value_of(config, option_find(span_of(relations[i].less)));
		uint64_t more = value_of(config, option_find(span_of(relations[i].more)));

		if (less > more)
			config_problem(problems, &nowhere, "%s (%llu) must not be above %s (%llu)", relations[i].less,
				       (unsigned long long)less, relations[i].more, (unsigned long long)more);
	}
	if (config->limits.reply_ms / 1000 <= config->claim.wait_max_s)
		config_problem(problems, &nowhere, "limits.reply_ms (%u) must be longer than claim.wait_max_s (%u s)",
			       config->limits.reply_ms, config->claim.wait_max_s);
	if (!note_name_valid(span_of(config->log.origin)) || strchr(config->log.origin, '/') == config->log.origin)
		config_problem(problems, &nowhere, "log.origin (%s): a name without spaces and plus signs is expected",
			       config->log.origin);
}

static bool same_listener(const char *a, const char *b)
{
	size_t len = strlen(a);

	/* Port 0 asks for any free port, so two of them are not the same. */
	return len > 0 && strcmp(a, b) == 0 && (len < 2 || strcmp(a + len - 2, ":0") != 0);
}

static void check_listeners(const struct config *config, struct config_problems *problems)
{
	const struct config_place nowhere = { 0 };

	if (same_listener(config->listen.public, config->listen.staff) ||
	    same_listener(config->listen.public, config->listen.ops) ||
	    same_listener(config->listen.staff, config->listen.ops))
		config_problem(problems, &nowhere, "listen.public, listen.staff and listen.ops must differ");
	if (config->listen.tls != 0 && config->listen.tls_certificate[0] == '\0')
		config_problem(problems, &nowhere, "listen.tls_certificate: missing; listen.tls asks for it");
	if (config->listen.tls != 0 && config->listen.tls_key[0] == '\0')
		config_problem(problems, &nowhere, "listen.tls_key: missing; listen.tls asks for it");
}

static void check_gateways(const struct config *config, struct config_problems *problems)
{
	for (size_t i = 0; i < config->sms.ngateways; i++) {
		const struct config_gateway *g = &config->sms.gateways[i];

		if (g->driver[0] == '\0')
			config_problem(problems, &g->place, "sms.gateways.%s.driver: missing; it is required", g->name);
		if (g->secret[0] == '\0' && g->secret_file[0] == '\0')
			config_problem(problems, &g->place,
				       "sms.gateways.%s.secret_file: missing; without a secret anybody could send",
				       g->name);
		if (g->secret[0] != '\0' && g->secret_file[0] != '\0')
			config_problem(problems, &g->place, "sms.gateways.%s: secret and secret_file; expected one",
				       g->name);
	}
}

/* What does not fit into its field is left out of a login, which then fails; better said here. */
static void check_account(const struct config_link *link, struct config_problems *problems)
{
	static const struct {
		const char *protocol;
		size_t max;
	} protocols[] = {   /* in the order of the option's words */
		{ .protocol = "smpp", .max = 15 },
		{ .protocol = "cmpp", .max = 6 },
		{ .protocol = "smgp", .max = 8 },
	};

	if (strlen(link->account) > protocols[link->protocol].max)
		config_problem(problems, &link->place, "sms.links.%s.account: too long; %s has %zu characters", link->name,
			       protocols[link->protocol].protocol, protocols[link->protocol].max);
	if (link->version[0] != '\0' && link->protocol == 1 && strcmp(link->version, "2.0") != 0 &&
	    strcmp(link->version, "3.0") != 0)
		config_problem(problems, &link->place, "sms.links.%s.version: expected 2.0 or 3.0", link->name);
}

static void check_links(const struct config *config, struct config_problems *problems)
{
	for (size_t i = 0; i < config->sms.nlinks; i++) {
		const struct config_link *l = &config->sms.links[i];

		if (l->host[0] == '\0')
			config_problem(problems, &l->place, "sms.links.%s.host: missing; it is required", l->name);
		if (l->account[0] == '\0')
			config_problem(problems, &l->place, "sms.links.%s.account: missing; it is required", l->name);
		check_account(l, problems);
		if (l->password[0] != '\0' && l->password_file[0] != '\0')
			config_problem(problems, &l->place, "sms.links.%s: password and password_file; expected one", l->name);
		if (config_gateway_find(config, span_of(l->name)) != NULL)
			config_problem(problems, &l->place, "sms.links.%s: a gateway has this name", l->name);
	}
}

static void check_rails(const struct config *config, struct config_problems *problems)
{
	for (size_t i = 0; i < config->payout.nrails; i++) {
		const struct config_rail *r = &config->payout.rails[i];

		if (r->driver[0] == '\0')
			config_problem(problems, &r->place, "payout.rails.%s.driver: missing; it is required", r->name);
		if (strlen(r->name) > 15)
			config_problem(problems, &r->place, "payout.rails.%s: a name of at most 15 letters is expected",
				       r->name);
		if (r->account[0] != '\0' && (r->ledger[0] == '\0' || r->ledger_account[0] == '\0'))
			config_problem(problems, &r->place,
				       "payout.rails.%s.account: ledger and ledger_account are needed with it", r->name);
		if (r->max_fen > 0 && r->min_fen > r->max_fen)
			config_problem(problems, &r->place, "payout.rails.%s.min_fen: it must not be above max_fen", r->name);
	}
}

void config_check(const struct config *config, struct config_problems *problems)
{
	check_relations(config, problems);
	check_listeners(config, problems);
	check_gateways(config, problems);
	check_links(config, problems);
	config_route_check(config, problems);
	config_check_notices(config, problems);
	check_rails(config, problems);
}
