/*
 * Wiring of what reads and judges texts: rules, tables of regions, the learned
 * model; and how new rules take the place of old ones while work is under way.
 */
#include "daemon/wiring_parts.h"

#include "daemon/base/asset.h"
#include "daemon/base/wipe.h"
#include "daemon/core/judge.h"
#include "daemon/jobs/linker.h"
#include "daemon/jobs/model.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "daemon/sys/rule_files.h"
#include "daemon/sys/word_cache.h"
#include "handlers/intake/intake_env.h"

/* Longer than any flow lives that still points to words of the old rules (intake.c, linker.c). */
#define OLD_JUDGE_MS 300000

void wiring_open_model(struct wiring *w)
{
	struct model_env env = { .loop = w->loop,
				 .path = config_model_file(w->config),
				 .key = keys_learning(w->app.keys),
				 .on = w->config->score.learning };

	w->app.model = model_new(&env);
}

static void reload_model(struct wiring *w)
{
	model_switch(w->app.model, w->config->score.learning);
	model_sync(w->app.model);
	judge_set_learner(w->app.judge, model_learner(w->app.model));
}

/* A judge of the rules as their files are now; NULL and a complaint. */
static struct judge *make_judge(const struct wiring *w, const struct rule_files *files, struct complaint *why)
{
	struct judge_sources sources = {
		.regions_tsv = asset_find("config/regions/regions.tsv"),
		.towns_tsv = asset_find("config/regions/towns.tsv"),
		.segments = asset_find("config/regions/segments.bin"),
		.rule_files = files->at,
		.nrule_files = files->n,
		.key = *keys_fingerprint(w->app.keys),
		.keep = w->words != NULL ? word_cache_keep(w->words) : NULL,
	};
	struct judge *judge = judge_new(&sources, why);

	wipe(&sources.key, sizeof(sources.key));
	if (judge != NULL)
		judge_set_learner(judge, model_learner(w->app.model));
	return judge;
}

static void open_words(struct wiring *w)
{
	struct complaint why;

	w->words = word_cache_open(config_cache_dir(w->config), &why);
	if (w->words == NULL)
		log_event(LOG_LEVEL_WARNING, "words.not_kept", "why", why.text, NULL);
}

bool wiring_open_judge(struct wiring *w, struct complaint *why)
{
	struct rule_files files = { 0 };

	open_words(w);
	if (rule_files_read(&files, w->config, why))
		w->app.judge = make_judge(w, &files, why);
	rule_files_release(&files);
	if (w->app.judge == NULL)
		return false;
	shards_of_region(judge_gazetteer(w->app.judge), SPAN(REGION_NATIONAL), &w->shards);
	return true;
}

/* True when the files say the same as the rules in force, or nothing that can be read. */
static bool rules_stay(const struct wiring *w, const struct rule_files *files, struct complaint *why)
{
	struct rules *rules = rules_new(files->at, files->n, why);
	bool stay = rules == NULL ||
		    strcmp(rules_version(rules), rules_version(judge_rules(w->app.judge))) == 0;

	rules_free(rules);
	return stay;
}

static void drop_old_judge(void *ctx)
{
	struct wiring *w = ctx;

	judge_free(w->old_judges[0]);
	w->nold_judges--;
	for (size_t i = 0; i < w->nold_judges; i++)
		w->old_judges[i] = w->old_judges[i + 1];
}

/*
 * Everything asks the new judge from the next turn of the loop on. The old one
 * rests until no work that began under it can be left.
 */
static void adopt_judge(struct wiring *w, struct judge *judge)
{
	w->old_judges[w->nold_judges++] = w->app.judge;
	w->app.judge = judge;
	intake_set_judge(w->app.intake, judge);
	if (w->app.linker != NULL)
		linker_set_rules(w->app.linker, judge_rules(judge));
	loop_after(w->loop, OLD_JUDGE_MS, drop_old_judge, w);
	log_event(LOG_LEVEL_NOTICE, "rules.changed", "version", rules_version(judge_rules(judge)), NULL);
}

/* Wrong files change nothing: the rules in force are better than none. */
static void reload_rules(struct wiring *w)
{
	struct rule_files files = { 0 };
	struct complaint why = { .text = "" };
	struct judge *judge = NULL;

	if (w->nold_judges == OLD_JUDGES_MAX)
		complain(&why, 0, "too many changes within %d minutes: reload again later", OLD_JUDGE_MS / 60000);
	else if (rule_files_read(&files, w->config, &why) && !rules_stay(w, &files, &why))
		judge = make_judge(w, &files, &why);
	rule_files_release(&files);
	if (judge != NULL)
		adopt_judge(w, judge);
	else if (why.text[0] != '\0')
		log_event(LOG_LEVEL_ERROR, "rules.refused", "why", why.text, NULL);
}

void wiring_reload_text(struct wiring *w)
{
	reload_rules(w);
	reload_model(w);
}

void wiring_close_text(struct wiring *w)
{
	for (size_t i = 0; i < w->nold_judges; i++)
		judge_free(w->old_judges[i]);
	if (w->app.judge != NULL)
		judge_free(w->app.judge);
	model_free(w->app.model);
	word_cache_close(w->words);
}
