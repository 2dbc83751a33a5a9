/*
 * Settings of rails; see rail_settings.h. The counter's rail is there even when
 * nothing is configured: it needs no settings.
 */
#include "handlers/payout/rail_settings.h"

#include "daemon/sys/config.h"
#include "daemon/sys/files.h"
#include "handlers/payout/attempt_voucher.h"

#include <stdio.h>

#define HOUR_MS INT64_C(3600000)

struct reading {
	const struct config *config;
	struct arena *arena;
	struct complaint *why;
};

/* A text that is not set is NULL for a rail. */
static const char *set_text(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static bool read_key(const struct reading *r, const char *option, const char *file, struct span *key)
{
	struct buf bytes = { 0 };
	struct complaint why = { .text = "" };
	bool well = file[0] == '\0' || files_secret(file, r->config->state_dir, &bytes, &why) ||
		    complain(r->why, 0, "%s: %.180s", option, why.text);

	if (well && bytes.len > 0)
		*key = arena_dup(r->arena, buf_span(&bytes));
	buf_release(&bytes);
	return well;
}

static bool read_keys(const struct reading *r, const struct config_rail *from, struct rail_config *to)
{
	to->keys[0].id = set_text(from->key_id);
	to->keys[1].id = set_text(from->old_key_id);
	to->platform[0].id = set_text(from->platform_id);
	to->platform[1].id = set_text(from->old_platform_id);
	return read_key(r, "key_file", from->key_file, &to->keys[0].secret) &&
	       read_key(r, "old_key_file", from->old_key_file, &to->keys[1].secret) &&
	       read_key(r, "private_key_file", from->private_key_file, &to->private_key) &&
	       read_key(r, "api_key_file", from->api_key_file, &to->api_key) &&
	       read_key(r, "platform_file", from->platform_file, &to->platform[0].pem) &&
	       read_key(r, "old_platform_file", from->old_platform_file, &to->platform[1].pem);
}

/* "ACCOUNT_CLOSED, CHANNEL_OFF=ours" */
static bool read_finals(const struct reading *r, const struct config_rail *from, struct rail_config *to)
{
	struct rail_final *finals = arena_array(r->arena, struct rail_final, RAIL_FINALS_MAX);
	struct span rest = span_of(from->finals), item;

	to->finals = finals;
	while (rest.len > 0 && span_cut(&rest, ',', &item)) {
		struct span fault = span_trim(item), code;

		if (to->nfinals == RAIL_FINALS_MAX || !span_cut(&fault, '=', &code) || code.len == 0 ||
		    (fault.len > 0 && !span_is(fault, "ours")))
			return complain(r->why, 0, "finals: at most %d of CODE or CODE=ours", RAIL_FINALS_MAX);
		finals[to->nfinals++] = (struct rail_final){ .code = arena_dup(r->arena, code).at,
							     .fault = fault.len > 0 ? RAIL_FAULT_OURS : RAIL_FAULT_PAYEE };
	}
	return true;
}

/* "TYPE=CONTENT; TYPE=CONTENT" */
static bool read_infos(const struct reading *r, const struct config_rail *from, struct rail_config *to)
{
	struct span rest = span_of(from->scene_infos), item;
	size_t n = 0;

	while (rest.len > 0 && span_cut(&rest, ';', &item)) {
		struct span content = span_trim(item), type;

		if (n == RAIL_INFOS_MAX || !span_cut(&content, '=', &type) || content.len == 0)
			return complain(r->why, 0, "scene_infos: at most %d of TYPE=CONTENT", RAIL_INFOS_MAX);
		to->infos[n++] = (struct rail_info){ .type = arena_dup(r->arena, type).at,
						     .content = arena_dup(r->arena, content).at };
	}
	return true;
}

static bool read_rail(const struct reading *r, const struct config_rail *from, struct rail_config *to)
{
	*to = (struct rail_config){
		.name = from->name,
		.driver = from->driver,
		.off = !from->enabled,
		.timeout_ms = from->timeout_s * 1000,
		.url = set_text(from->url),
		.hook_url = set_text(from->hook_url),
		.account = set_text(from->account),
		.method = set_text(from->method),
		.profile_version = from->profile_version,
		.min_fen = (int64_t)from->min_fen,
		.max_fen = (int64_t)from->max_fen,
		.daily_fen = (int64_t)from->daily_fen,
		.id_retention_ms = from->id_retention_h * HOUR_MS,
		.not_found_is_final = from->not_found_is_final,
		.app_id = set_text(from->app_id),
		.merchant = set_text(from->merchant),
		.scene = set_text(from->scene),
		.serial = set_text(from->serial),
		.payer_name = set_text(from->payer_name),
		.payer_account = set_text(from->payer_account),
		.payer_bank = set_text(from->payer_bank),
		.version_03 = from->version_03,
		.silence_means_accepted = from->silence_means_accepted,
	};
	return read_keys(r, from, to) && read_finals(r, from, to) && read_infos(r, from, to);
}

static bool add(const struct config *settings, const struct config_rail *from, struct rail_set *set,
		struct complaint *why)
{
	struct rail_config config;
	struct arena arena = { 0 };
	struct complaint inner = { .text = "" };
	char place[CONFIG_PLACE_BYTES];
	const struct reading r = { .config = settings, .arena = &arena, .why = &inner };

	if (!read_rail(&r, from, &config) || !rail_set_add(set, &config, &inner)) {
		arena_release(&arena);
		return complain(why, from->place.line, "%spayout.rails.%s.%s", config_place_text(&from->place, place), from->name,
				inner.text);
	}
	set->entries[set->n - 1]->ledger = from->ledger;
	set->entries[set->n - 1]->statement_account = from->ledger_account;
	set->entries[set->n - 1]->arena = arena;
	return true;
}

bool rail_settings_read(const struct config *config, struct rail_set *set, struct complaint *why)
{
	const struct rail_config counter = { .name = VOUCHER_RAIL, .driver = VOUCHER_RAIL, .profile_version = 1 };

	for (size_t i = 0; i < config->payout.nrails; i++)
		if (!add(config, &config->payout.rails[i], set, why))
			return false;
	return rail_set_find(set, SPAN(VOUCHER_RAIL)) != NULL || rail_set_add(set, &counter, why);
}

bool rail_settings_check(const struct config *config, size_t index, struct complaint *why)
{
	struct rail_set set = { 0 };
	bool well = add(config, &config->payout.rails[index], &set, why);

	rail_set_release(&set);
	return well;
}
