/*
 * The judge of tipctl analyze: the program's own tables, or directories in
 * their place, so that a rule can be tried before it is installed.
 */
#include "daemon/cli/tipctl_analyze.h"

#include "daemon/base/asset.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/random.h"
#include "daemon/sys/rule_files.h"

#include <stdio.h>

static bool take_rules(const struct analyze *a, struct rule_files *files, struct complaint *why)
{
	if (a->rules_dir == NULL)
		rule_files_add_own(files);
	else if (!rule_files_add_dir(files, a->rules_dir, why))
		return false;
	if (files->n == 0)
		return complain(why, 0, "%s: no file NAME.yaml is there", a->rules_dir);
	return a->campaigns_dir == NULL || rule_files_add_dir(files, a->campaigns_dir, why);
}

/*
 * A fingerprint is printed under a key of this run alone, so it can be matched
 * with nothing. A task prints none; a fixed key gives the same answers again.
 */
static bool take_key(struct analyze *a, struct complaint *why)
{
	struct keys *keys;

	if (a->keys_dir == NULL) {
		if (a->task->name == NULL)
			random_bytes(&a->key, sizeof(a->key));
		return true;
	}
	keys = keys_open(a->keys_dir, false, why);
	if (keys == NULL)
		return false;
	a->key = *keys_fingerprint(keys);
	keys_free(keys);
	return true;
}

static bool build(struct analyze *a, const struct rule_files *files, struct complaint *why)
{
	struct judge_sources sources = {
		.regions_tsv = asset_find("config/regions/regions.tsv"),
		.towns_tsv = asset_find("config/regions/towns.tsv"),
		.segments = asset_find("config/regions/segments.bin"),
		.rule_files = files->at,
		.nrule_files = files->n,
		.key = a->key,
	};

	a->judge = judge_new(&sources, why);
	wipe(&sources.key, sizeof(sources.key));
	return a->judge != NULL;
}

bool analyze_load(struct analyze *a)
{
	struct rule_files files = { .n = 0 };
	struct complaint why;
	bool well = take_rules(a, &files, &why) && take_key(a, &why) && build(a, &files, &why);

	if (!well)
		fprintf(stderr, "tipctl: %s\n", why.text);
	rule_files_release(&files);
	return well;
}
