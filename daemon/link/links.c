/*
 * All links; see links.h.
 */
#include "daemon/link/carrier.h"

#include "daemon/base/memory.h"
#include "daemon/loop/loop.h"

#include <event2/dns.h>
#include <stdlib.h>

#define TICK_MS 100

/* --- links --------------------------------------------------------------------------------------- */

static struct carrier *link_find(const struct links *links, struct span name)
{
	for (struct carrier *link = links->first; link != NULL; link = link->next)
		if (!link->leaving && span_is(name, link->config.name))
			return link;
	return NULL;
}

static void drop_ended(struct links *links)
{
	struct carrier **at = &links->first;

	while (*at != NULL) {
		struct carrier *link = *at;

		if (!link->leaving || link->nsessions > 0) {
			at = &link->next;
			continue;
		}
		*at = link->next;
		carrier_free(link);
	}
}

static void tell_refused(void *ctx)
{
	struct links *links = ctx;
	struct carrier_letter *e;

	links->posted = false;
	while ((e = TAILQ_FIRST(&links->refused)) != NULL) {
		TAILQ_REMOVE(&links->refused, e, at);
		carrier_letter_end(e, &(struct link_sent){ .end = LINK_END_LATER });
	}
	for (struct carrier *link = links->first; link != NULL; link = link->next)
		carrier_send(link);
}

static void tick(void *ctx)
{
	struct links *links = ctx;
	uint64_t now_ms = loop_now_ms(links->env.loop);

	for (struct carrier *link = links->first; link != NULL; link = link->next)
		carrier_tick(link, now_ms);
	drop_ended(links);
}

struct links *links_new(const struct links_env *env)
{
	struct links *links = memory_zeroes(1, sizeof(*links));

	links->env = *env;
	TAILQ_INIT(&links->refused);
	return links;
}

/* Both are there as soon as there is a link. */
static void open_tools(struct links *links)
{
	if (links->timer == NULL)
		links->timer = loop_every(links->env.loop, TICK_MS, tick, links);
	if (links->dns == NULL)
		links->dns = evdns_base_new(loop_base(links->env.loop),
					    EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	/* Without a resolver's file names are not found; addresses are all the same. */
	if (links->dns == NULL)
		links->dns = evdns_base_new(loop_base(links->env.loop), EVDNS_BASE_DISABLE_WHEN_INACTIVE);
}

static void link_add(struct links *links, const struct link_config *config)
{
	struct carrier *link = memory_zeroes(1, sizeof(*link)), **at = &links->first;

	link->links = links;
	TAILQ_INIT(&link->waiting);
	TAILQ_INIT(&link->sent);
	while (*at != NULL)
		at = &(*at)->next;
	*at = link;
	carrier_start(link, config);
}

static const struct link_config *config_find(const struct link_config *configs, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(configs[i].name, name) == 0)
			return &configs[i];
	return NULL;
}

void links_set(struct links *links, const struct link_config *configs, size_t n)
{
	for (struct carrier *link = links->first; link != NULL; link = link->next) {
		const struct link_config *config = link->leaving ? NULL : config_find(configs, n, link->config.name);

		if (config != NULL) {
			carrier_change(link, config);
			continue;
		}
		link->leaving = true;
		carrier_leave(link);
	}
	if (n > 0)
		open_tools(links);
	for (size_t i = 0; i < n; i++)
		if (link_find(links, span_of(configs[i].name)) == NULL)
			link_add(links, &configs[i]);
}

void links_drain(struct links *links)
{
	links->draining = true;
	for (struct carrier *link = links->first; link != NULL; link = link->next)
		carrier_leave(link);
}

bool links_idle(const struct links *links)
{
	for (const struct carrier *link = links->first; link != NULL; link = link->next)
		if (link->nsessions > 0)
			return false;
	return true;
}

void links_free(struct links *links)
{
	if (links == NULL)
		return;
	links->ending = true;
	if (links->timer != NULL)
		loop_timer_cancel(links->timer);
	while (links->first != NULL) {
		struct carrier *link = links->first;

		links->first = link->next;
		carrier_free(link);
	}
	loop_post_cancel(links->env.loop, tell_refused, links);
	tell_refused(links);
	if (links->dns != NULL)
		evdns_base_free(links->dns, 0);
	free(links);
}

/* --- for others ------------------------------------------------------------------------------------- */

void links_submit(struct links *links, struct span name, const struct link_submit *submit, link_done *done, void *who)
{
	struct carrier *link = link_find(links, name);
	struct carrier_letter *e = carrier_letter_new(link, submit, done, who);

	if (link == NULL || links->draining || links->ending || link->nwaiting >= CARRIER_QUEUE_MAX) {
		e->link = NULL;
		TAILQ_INSERT_TAIL(&links->refused, e, at);
	} else {
		e->serial = ++links->serials;
		e->until_ms = loop_now_ms(links->env.loop) + LINKS_WAIT_MS;
		carrier_letter_wait(link, e);
	}
	if (!links->posted)
		loop_post(links->env.loop, tell_refused, links);
	links->posted = true;
}

bool links_sends(const struct links *links, struct span name)
{
	return link_find(links, name) != NULL;
}

bool links_fits(const struct links *links, struct span name, const struct link_submit *submit)
{
	const struct carrier *link = link_find(links, name);

	return link == NULL || link->protocol == NULL || link->protocol->fits == NULL || link->protocol->fits(submit);
}

size_t links_room(const struct links *links, struct span name)
{
	const struct carrier *link = link_find(links, name);

	return link == NULL || links->draining ? 0 : CARRIER_QUEUE_MAX - link->nwaiting;
}

void links_answer(struct links *links, struct link_ref ref, enum link_answer answer)
{
	for (struct carrier *link = links->first; link != NULL; link = link->next)
		if (carrier_answer(link, ref, answer)) {
			link->figures.in += answer == LINK_TAKEN;
			link->figures.again += answer == LINK_AGAIN;
			return;
		}
}

size_t links_figures(const struct links *links, struct link_figures *figures, size_t max)
{
	size_t n = 0;

	for (const struct carrier *link = links->first; link != NULL; link = link->next)
		if (!link->leaving && n < max)
			figures[n++] = carrier_figures_of(link);
	return n;
}
