/*
 * The handlers, wired for tests; see app_rig.h.
 */
#include "tests/support/app_rig.h"

#include "daemon/base/asset.h"
#include "daemon/core/judge.h"
#include "daemon/jobs/trail.h"
#include "handlers/bureau/watch.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/file_type.h"
#include "daemon/sys/files.h"
#include "daemon/sys/keyrings.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/week_keys.h"
#include "daemon/sys/log.h"
#include "handlers/intake/intake_env.h"
#include "handlers/intake/upload.h"
#include "handlers/intake/proofs.h"
#include "handlers/limits.h"
#include "handlers/ops/readiness.h"
#include "handlers/web/pages.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 120000
#define SPOOL_BYTES (64u << 20)
#define RULE_FILES_MAX 32

/* What takes long to make is made once. */
static struct {
	char keys_dir[64];
	struct keys *keys;
	struct keyrings *keyrings;   /* of the plain files: tests of handlers ask for words, not for whom they open */
	struct judge *judge;
	struct pages *pages;
	struct file_types *file_types;
} shared;

static _Noreturn void give_up(const char *what, const char *why)
{
	fprintf(stderr, "app_rig: %s: %s\n", what, why);
	abort();
}

static void remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char child[4096];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR)
			remove_tree(child);
		else
			unlink(child);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(path);
}

static void open_judge(struct complaint *why)
{
	struct rule_file files[RULE_FILES_MAX];
	struct judge_sources sources = { .regions_tsv = asset_find("config/regions/regions.tsv"),
					 .rule_files = files,
					 .key = *keys_fingerprint(shared.keys) };

	for (size_t i = 0; asset_name(i) != NULL && sources.nrule_files < RULE_FILES_MAX; i++)
		if (span_starts(span_of(asset_name(i)), SPAN("config/rules/")))
			files[sources.nrule_files++] =
				(struct rule_file){ .name = asset_name(i), .yaml = asset_find(asset_name(i)) };
	shared.judge = judge_new(&sources, why);
	if (shared.judge == NULL)
		give_up("judge", why->text);
}

static void open_shared(void)
{
	struct complaint why = { .text = "" };
	struct pages_settings settings = { .text_max = 5000, .files_max = 4, .file_mib_max = 10 };
	char dir[80];

	if (shared.keys != NULL)
		return;
	strcpy(shared.keys_dir, "/tmp/tipline-keys-XXXXXX");
	if (mkdtemp(shared.keys_dir) == NULL)
		give_up("keys", "no directory");
	snprintf(dir, sizeof(dir), "%s/keys", shared.keys_dir);
	shared.keys = keys_open(dir, true, &why);
	if (shared.keys == NULL)
		give_up("keys", why.text);
	shared.keyrings = keyrings_new(&(struct keyrings_plan){ .keys_dir = dir, .state_dir = shared.keys_dir, .plain = true }, &why);
	if (shared.keyrings == NULL)
		give_up("keyrings", why.text);
	open_judge(&why);
	shared.pages = pages_new(&settings, &why);
	if (shared.pages == NULL)
		give_up("pages", why.text);
}

void app_rig_done(void)
{
	if (shared.keys == NULL)
		return;
	file_types_free(shared.file_types);
	shared.file_types = NULL;
	pages_free(shared.pages);
	judge_free(shared.judge);
	keyrings_free(shared.keyrings);
	keys_free(shared.keys);
	shared.keys = NULL;
	remove_tree(shared.keys_dir);
}

static void read_config(struct app_rig *rig, const char *const *sets)
{
	struct config_problems problems = { .n = 0 };
	char state[96];
	const char *all[32] = { "limits.enabled=false", state };
	struct config_source source = { .file = "config/tipline.yaml", .sets = all, .nsets = 2 };

	snprintf(state, sizeof(state), "state_dir=%s", rig->home);
	for (; sets != NULL && *sets != NULL; sets++)
		all[source.nsets++] = *sets;
	if (!config_load(&rig->config, &source, &problems))
		give_up("config", problems.at[0].text);
}

static struct span intent(void *ctx, const struct intake_request *request, const struct tip_id *id,
			  const struct receipt_code *receipt, struct arena *arena)
{
	(void)ctx;
	return span_of(arena_printf(arena, "to %.*s: %s %s", (int)request->reply_to.len, request->reply_to.at, id->text,
				    receipt->digits));
}

static void open_intake(struct app_rig *rig)
{
	struct commit_env commit = {
		.loop = rig->loop, .store = rig->app.store, .spool = rig->app.spool, .keys = shared.keys
	};
	struct intake_env intake = {
		.loop = rig->loop,
		.judge = shared.judge,
		.keys = shared.keys,
		.weeks = rig->app.weeks,
		.text_max_bytes = rig->config.limits.text_bytes,
		.answer_ttl_s = rig->config.idempotency.keep_s,
		.reply_intent = intent,
	};

	rig->app.commit = commit_new(&commit);
	intake.commit = rig->app.commit;
	rig->app.intake = intake_new(&intake);
}

static void listen_all(struct app_rig *rig)
{
	static const char *const names[SITES] = { "public", "staff", "ops" };

	for (enum site site = 0; site < SITES; site++) {
		struct http_listener listener = {
			.name = names[site],
			.address = "127.0.0.1:0",
			.fd = -1,
			.limits = { .connections = 100, .head_bytes = 16384, .head_ms = 5000, .body_ms = 5000,
				    .idle_ms = 5000, .write_ms = 5000, .reply_ms = 15000 },
		};

		rig->owners[site] = (struct site_owner){ .app = &rig->app, .site = site };
		listener.handler = site_handler(&rig->owners[site]);
		rig->app.listeners[site] = http_server_new(loop_base(rig->loop), &listener);
		if (rig->app.listeners[site] == NULL)
			give_up("listener", names[site]);
	}
}

void app_rig_spool(struct app_rig *rig, uint64_t max_bytes)
{
	struct spool_limits limits = { .max_bytes = max_bytes, .segment_bytes = 1 << 20 };
	struct complaint why = { .text = "" };

	spool_close(rig->app.spool);
	intake_free(rig->app.intake);
	commit_free(rig->app.commit);
	rig->app.spool = spool_open(rig->spool_dir, &limits, &why);
	if (rig->app.spool == NULL)
		give_up("spool", why.text);
	open_intake(rig);
}

void app_rig_open(struct app_rig *rig, const char *const *sets)
{
	const struct limit_rule rules[LIMIT_KINDS] = {
		[LIMIT_TIPS] = { 1, 3 },   [LIMIT_RECEIPTS] = { 1, 3 },	       [LIMIT_RECEIPTS_ALL] = { 100, 100 },
		[LIMIT_CLAIMS] = { 1, 3 }, [LIMIT_CLAIMS_ALL] = { 100, 100 }, [LIMIT_CLAIM_ACTS] = { 1, 3 },
	};
	struct complaint why = { .text = "" };
	char weeks_dir[96];

	*rig = (struct app_rig){ .home = "/tmp/tipline-rig-XXXXXX" };
	log_open(LOG_LEVEL_ERROR, false);
	open_shared();
	if (mkdtemp(rig->home) == NULL)
		give_up("rig", "no directory");
	read_config(rig, sets);
	snprintf(rig->files_dir, sizeof(rig->files_dir), "%s/files", rig->home);
	snprintf(rig->spool_dir, sizeof(rig->spool_dir), "%s/spool", rig->home);
	rig->loop = loop_new();
	rig->store = store_double_new(rig->loop);
	rig->app = (struct app){ .loop = rig->loop,
				 .config = &rig->config,
				 .store = &rig->store->base,
				 .keys = shared.keys,
				 .keyrings = shared.keyrings,
				 .judge = shared.judge,
				 .pages = shared.pages,
				 .files_dir = rig->files_dir };
	snprintf(weeks_dir, sizeof(weeks_dir), "%s/weeks", rig->home);
	rig->app.weeks = week_keys_open(weeks_dir, true, &why);
	if (rig->app.weeks == NULL)
		give_up("weeks", why.text);
	if (!files_make_dir(rig->files_dir, &why) || !sealed_files_prepare(rig->files_dir, &why))
		give_up("files", why.text);
	if (shared.file_types == NULL)
		shared.file_types = file_types_new(rig->config.files.types.at, rig->config.files.types.n, &why);
	rig->app.file_types = shared.file_types;
	rig->app.tokens = tokens_load(rig->home, &why);
	if (rig->app.file_types == NULL || rig->app.tokens == NULL)
		give_up("tables", why.text);
	rig->app.limits = limits_new(rules, rig->config.limits.enabled);
	rig->app.proofs = proofs_new();
	rig->app.trail = trail_new(rig->loop, &rig->store->base);
	rig->app.watch = watch_new(rig->loop, &rig->store->base);
	rig->app.readiness = readiness_new(&rig->app);
	app_rig_spool(rig, SPOOL_BYTES);
	listen_all(rig);
}

void app_rig_close(struct app_rig *rig)
{
	for (enum site site = 0; site < SITES; site++)
		http_server_free(rig->app.listeners[site]);
	readiness_free(rig->app.readiness);
	store_free(rig->app.store);
	watch_free(rig->app.watch);
	trail_free(rig->app.trail);
	app_rig_settle(rig);
	intake_free(rig->app.intake);
	commit_free(rig->app.commit);
	limits_free(rig->app.limits);
	proofs_free(rig->app.proofs);
	week_keys_free(rig->app.weeks);
	tokens_free(rig->app.tokens);
	spool_close(rig->app.spool);
	loop_free(rig->loop);
	config_release(&rig->config);
	buf_release(&rig->answer);
	remove_tree(rig->home);
}

/* --- running ----------------------------------------------------------------------------- */

static void stop(void *ctx)
{
	loop_stop(ctx);
}

void app_rig_settle(struct app_rig *rig)
{
	loop_post_last(rig->loop, stop, rig->loop);
	loop_run(rig->loop);
}

void app_rig_run(struct app_rig *rig, unsigned ms)
{
	loop_after(rig->loop, ms, stop, rig->loop);
	loop_run(rig->loop);
}

const char *app_rig_token(struct app_rig *rig, const char *person, unsigned roles, const char *region,
			  struct arena *arena)
{
	struct token token = { .roles = roles };
	struct complaint why = { .text = "" };
	char *text = arena_alloc(arena, TOKEN_TEXT_BYTES + 1);

	snprintf(token.person, sizeof(token.person), "%s", person);
	snprintf(token.region, sizeof(token.region), "%s", region);
	if (!token_add(rig->home, &token, clock_wall_ms(), text, &why))
		give_up("token", why.text);
	return text;
}

/* --- a client -------------------------------------------------------------------------------- */

struct client {
	struct app_rig *rig;
	bool ended;
};

static void came(struct bufferevent *peer, void *ctx)
{
	struct client *client = ctx;
	struct evbuffer *input = bufferevent_get_input(peer);
	size_t len = evbuffer_get_length(input);

	evbuffer_remove(input, buf_reserve(&client->rig->answer, len), len);
	client->rig->answer.len += len;
}

static void ended(struct bufferevent *peer, short what, void *ctx)
{
	struct client *client = ctx;

	(void)peer;
	if ((what & BEV_EVENT_CONNECTED) != 0)
		return;
	client->ended = true;
	loop_stop(client->rig->loop);
}

static void waited_in_vain(void *ctx)
{
	(void)ctx;
	give_up("no answer", "the request was not answered in time");
}

static void dial(struct app_rig *rig, enum site site, struct bufferevent *peer)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const char *address = http_server_address(rig->app.listeners[site]);

	to.sin_port = htons((uint16_t)atoi(strrchr(address, ':') + 1));
	if (bufferevent_socket_connect(peer, (struct sockaddr *)&to, sizeof(to)) != 0)
		give_up("connect", address);
}

static struct rig_answer parse(const struct buf *bytes)
{
	struct span all = buf_span(bytes);
	struct rig_answer answer = { 0 };
	size_t end = all.len > 0 ? span_find(all, SPAN("\r\n\r\n")) : 0;

	if (all.len < 12 || end == all.len)
		return answer;
	answer.status = atoi(all.at + 9);
	answer.head = span_from(all.at, end + 2);
	answer.body = span_from_offset(all, end + 4);
	return answer;
}

struct rig_answer app_rig_send(struct app_rig *rig, enum site site, struct span bytes)
{
	struct client client = { .rig = rig };
	struct loop_timer *patience = loop_every(rig->loop, PATIENCE_MS, waited_in_vain, NULL);
	struct bufferevent *peer = bufferevent_socket_new(loop_base(rig->loop), -1, BEV_OPT_CLOSE_ON_FREE);

	buf_clear(&rig->answer);
	bufferevent_setcb(peer, came, NULL, ended, &client);
	dial(rig, site, peer);
	bufferevent_enable(peer, EV_READ | EV_WRITE);
	bufferevent_write(peer, bytes.at, bytes.len);
	while (!client.ended)
		loop_run(rig->loop);
	bufferevent_free(peer);
	loop_timer_cancel(patience);
	buf_reserve(&rig->answer, 1)[0] = '\0';
	return parse(&rig->answer);
}

struct rig_answer app_rig_ask(struct app_rig *rig, enum site site, const char *method, const char *path,
			      const char *fields, struct span body)
{
	struct buf bytes = { 0 };
	struct rig_answer answer;

	buf_printf(&bytes, "%s %s HTTP/1.1\r\nHost: tip.example\r\nConnection: close\r\n%s", method, path,
		   fields != NULL ? fields : "");
	if (body.at != NULL)
		buf_printf(&bytes, "Content-Length: %zu\r\n", body.len);
	buf_add_text(&bytes, "\r\n");
	buf_add_span(&bytes, body);
	answer = app_rig_send(rig, site, buf_span(&bytes));
	buf_release(&bytes);
	return answer;
}

struct span rig_member(struct span json, const char *name)
{
	char quoted[64];
	size_t at;
	struct span rest;

	snprintf(quoted, sizeof(quoted), "\"%s\":\"", name);
	at = span_find(json, span_of(quoted));
	if (at == json.len)
		return (struct span){ 0 };
	rest = span_from_offset(json, at + strlen(quoted));
	return span_from(rest.at, span_find(rest, SPAN("\"")));
}

bool rig_has(struct span text, const char *part)
{
	return span_find(text, span_of(part)) < text.len;
}
