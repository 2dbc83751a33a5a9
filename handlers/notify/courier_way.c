/*
 * Connectors of the courier, and which one a message takes next.
 *
 * The one that the message names, then those of the route in their order. As
 * soon as a part may have left, all the others go the same way.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/link/links.h"
#include "daemon/loop/loop.h"

#include <stdio.h>

static const struct gateway_config *gateway_of(const struct courier *courier, struct span name)
{
	for (size_t i = 0; i < courier->env.ngateways; i++)
		if (span_is(name, courier->env.gateways[i].name))
			return &courier->env.gateways[i];
	return NULL;
}

/* NULL when there are too many. */
static struct connector *connector_of(struct courier *courier, struct span name)
{
	struct connector *connector;

	for (size_t i = 0; i < courier->nconnectors; i++)
		if (span_is(name, courier->connectors[i].name))
			return &courier->connectors[i];
	if (courier->nconnectors == CONNECTORS_MAX || name.len > SENDING_CONNECTOR_MAX)
		return NULL;
	connector = &courier->connectors[courier->nconnectors++];
	memcpy(connector->name, name.at, name.len);
	return connector;
}

bool courier_way(struct courier *courier, struct span name, struct way *way)
{
	const struct gateway_config *config = gateway_of(courier, name);

	*way = (struct way){ 0 };
	if (config != NULL) {
		way->gateway = gateway_find(config->driver);
		if (way->gateway == NULL || config->send_url == NULL || config->send_url[0] == '\0')
			return false;
		way->config = config;
	} else if (courier->env.links == NULL || !links_sends(courier->env.links, name)) {
		return false;
	}
	way->connector = connector_of(courier, name);
	if (way->connector == NULL)
		return false;
	way->connector->gate.per_s = config != NULL ? config->per_s : 0;
	return true;
}

/* --- choosing ---------------------------------------------------------------------- */

struct choice {
	struct errand *errand;
	bool (*fit)(struct errand *errand, const struct way *way);
	bool unfit, fitted;
	uint64_t wait_ms;
};

/* WAY_NONE: not this one. */
static enum way_next try_one(struct choice *choice, struct span name, struct way *way)
{
	struct errand *errand = choice->errand;
	struct courier *courier = errand->courier;

	if (!courier_way(courier, name, way) || errand->parcel->tried[way->connector - courier->connectors])
		return WAY_NONE;
	if (!choice->fit(errand, way)) {
		choice->unfit = true;
		return WAY_NONE;
	}
	choice->fitted = true;
	switch (gate_ask(&way->connector->gate, loop_now_ms(courier->env.loop), &choice->wait_ms)) {
	case GATE_GO:
		return WAY_GO;
	case GATE_WAIT:
		return WAY_WAIT;
	case GATE_SHUT:
		way->connector->shut++;
		break;
	}
	return WAY_NONE;
}

enum way_next courier_way_next(struct errand *errand, bool (*fit)(struct errand *errand, const struct way *way),
			       struct way *way, uint64_t *wait_ms)
{
	struct span rest = span_of(errand->courier->env.route), name;
	struct choice choice = { .errand = errand, .fit = fit };
	bool begun = sending_begun(&errand->parcel->sending);
	enum way_next next = try_one(&choice, begun ? span_of(errand->parcel->sending.connector) : errand->item.sms.gateway, way);

	while (next == WAY_NONE && !begun && span_cut(&rest, ',', &name))
		if (!span_eq(errand->item.sms.gateway, span_trim(name)))
			next = try_one(&choice, span_trim(name), way);
	*wait_ms = choice.wait_ms;
	return next == WAY_NONE && choice.unfit && !choice.fitted ? WAY_UNFIT : next;
}

void courier_way_ended(struct errand *errand, enum sending_state end, bool answered)
{
	struct courier *courier = errand->courier;
	struct connector *connector = connector_of(courier, span_of(errand->parcel->sending.connector));

	if (connector == NULL)
		return;
	connector->ends[end]++;
	gate_ended(&connector->gate, answered, loop_now_ms(courier->env.loop));
	if (end == SENDING_QUEUED)
		errand->parcel->tried[connector - courier->connectors] = true;
}

size_t courier_connectors(const struct courier *courier, struct connector_figures *figures, size_t max)
{
	for (size_t i = 0; i < courier->nconnectors && i < max; i++) {
		const struct connector *from = &courier->connectors[i];

		figures[i].name = from->name;
		figures[i].gate = gate_state(&from->gate, loop_now_ms(courier->env.loop));
		figures[i].shut = from->shut;
		memcpy(figures[i].ends, from->ends, sizeof(from->ends));
	}
	return courier->nconnectors;
}
