/*
 * The rule about sms.route; see config_route.h. A name that nobody has would be
 * passed over in silence, on the day on which it is needed.
 */
#include "daemon/sys/config_route.h"

#include "daemon/sys/config_yaml.h"

static bool is_link(const struct config *config, struct span name)
{
	for (size_t i = 0; i < config->sms.nlinks; i++)
		if (span_is(name, config->sms.links[i].name))
			return true;
	return false;
}

static void check_name(const struct config *config, struct span name, struct config_problems *problems)
{
	const struct config_place *place = &config->sms.route_place;
	const struct config_gateway *gateway = config_gateway_find(config, name);
	int shown = name.len > 60 ? 60 : (int)name.len;

	if (name.len == 0)
		config_problem(problems, place, "sms.route: a name is missing beside a comma");
	else if (gateway != NULL && gateway->send_url[0] == '\0')
		config_problem(problems, place, "sms.route: the gateway \"%.*s\" sends nothing; it has no send_url", shown,
			       name.at);
	else if (gateway == NULL && !is_link(config, name))
		config_problem(problems, place, "sms.route: no gateway and no link is named \"%.*s\"", shown, name.at);
}

void config_route_check(const struct config *config, struct config_problems *problems)
{
	struct span rest = span_of(config->sms.route), name;

	if (span_trim(rest).len == 0)
		return;
	while (span_cut(&rest, ',', &name))
		check_name(config, span_trim(name), problems);
}
