/*
 * Which rewards are offered: the policies in force, as the public is told.
 *
 * Out of the money book; what officers look for just now (campaigns) is no
 * offer and is not told here.
 */
#include "daemon/jobs/treasury.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "handlers/intake/visitor.h"
#include "handlers/reward/money_index.h"
#include "handlers/reward/office.h"
#include "handlers/reward/reward.h"

#define OFFERS_MAX 32u

static struct span yuan(struct arena *arena, int64_t fen)
{
	char text[MONEY_TEXT_MAX];

	return arena_dup(arena, money_write_yuan(fen, text));
}

static struct page_offer offer_of(const struct policy *policy, const char *lang, struct arena *arena)
{
	return (struct page_offer){
		.name = span_of(policy_name(policy)),
		.title = policy_public_title(policy, lang),
		.text = policy_public_text(policy, lang),
		.min = yuan(arena, policy_min(policy)),
		.max = yuan(arena, policy_max(policy)),
		.cap = yuan(arena, policy_case_cap(policy)),
		.since = span_of(policy_effective_from(policy)),
		.claim_days = policy_claim_days(policy),
		.shared = strcmp(policy_split_rule(policy), "first_only") != 0,
	};
}

/* Each name once: of its versions the one in force. */
static size_t offers_of(const struct app *app, const struct book *book, const char *lang, struct arena *arena,
			struct page_offer offers[OFFERS_MAX])
{
	size_t npolicies, n = 0;
	const struct index_policy *policies = money_index_policies(office_index(app->office), &npolicies);

	for (size_t i = 0; i < npolicies && n < OFFERS_MAX; i++) {
		const struct policy *policy = book_policy_in_force(book, span_of(policies[i].name), clock_wall_ms());
		size_t known = 0;

		while (known < n && !span_is(offers[known].name, policies[i].name))
			known++;
		if (policy != NULL && known == n)
			offers[n++] = offer_of(policy, lang, arena);
	}
	return n;
}

void reward_offers(const struct call *args, struct http_exchange *exchange)
{
	const struct app *app = args->app;
	struct page_look look = visitor_look(app, http_exchange_request(exchange), (struct span){ 0 }, (struct span){ 0 });
	const struct book *book = app->treasury != NULL && app->office != NULL ? treasury_book(app->treasury) : NULL;
	struct page_offer offers[OFFERS_MAX];
	struct page_rewards view = { .offers = offers, .rails = span_of(app->config->money.rails) };
	struct buf html = { 0 };

	view.off = !app->config->money.enabled;
	view.unread = !view.off && book == NULL;
	if (book != NULL)
		view.noffers = offers_of(app, book, look.lang->tag, http_exchange_arena(exchange), offers);
	page_rewards(app->pages, &look, &view, &html);
	answer_page(exchange, 200, buf_span(&html), PAGES_CSP, 0);
	buf_release(&html);
}
