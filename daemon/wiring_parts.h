/*
 * What the files of the wiring share; nobody else includes it.
 *
 *   wiring.c         state, store, listeners; up, down and reload in order
 *   wiring_text.c    what reads and judges texts: rules, tables, learned model
 *   wiring_tips.c    the way of a tip: intake, SMS, linker, courier, their leases
 *   wiring_links.c   links to carriers
 *   wiring_clocks.c  what keeps a tip moving: escalation, officers who left
 *   wiring_log.c     the sealed logs: sealer and files
 *   wiring_archive.c what of the journals lies in files
 *   wiring_serve.c   what the public listener serves of the sealed logs
 *   wiring_witnesses.c  who cosigns the sealed log, and what is published of it
 *   wiring_money.c   treasury, office, rails and who pays out
 *   wiring_tls.c     certificate and key of the listeners
 *   wiring_staff.c   how staff come in with passwords
 *   wiring_trail.c   the audit trail, and what the process itself tells it
 *   wiring_keys.c    keys that change while it runs
 */
#ifndef TIPLINE_DAEMON_WIRING_PARTS_H
#define TIPLINE_DAEMON_WIRING_PARTS_H

#include "daemon/core/retention.h"
#include "daemon/core/tip/seal.h"
#include "daemon/http/smtp.h"
#include "daemon/jobs/sealer.h"
#include "daemon/sys/key_names.h"
#include "daemon/wiring.h"
#include "handlers/bureau/rights.h"
#include "handlers/endpoint.h"
#include "handlers/intake/gateway.h"
#include "handlers/intake/sms_reply.h"
#include "handlers/notify/notice.h"
#include "handlers/payout/rail_set.h"

#define OLD_JUDGES_MAX 4

struct wiring {
	struct loop *loop;
	struct config *config;
	struct app app;
	struct embedded *embedded;
	struct http_client *http;
	struct drain *drain;
	struct leases *leases;
	struct archive *archive;
	char (*archive_shards)[3];
	struct retention_rules retention_rules;
	struct clock_limits clock_limits;
	struct demo_money *demo_money;
	struct rail_set rails;
	struct rail_profile counter_profile;       /* of the rail of counters: the counter's pointer stays good */
	struct loop_timer *rails_later;            /* reload again: the journal was not read yet */
	struct seal_key payees, vouchers;
	struct shard_list shards;
	struct gateway_config gateways[CONFIG_GATEWAYS_MAX];
	struct sms_link *sms_link;             /* NULL: no SMS comes in here */
	struct sms_reply_policy reply_policy;
	struct smtp_client *smtp;              /* NULL: no courier here */
	struct smtp_server mail;
	struct notice_channel channels[CONFIG_NOTICES_MAX];
	struct site_owner owners[SITES];
	struct tls *tls;                           /* NULL: no listener speaks it */
	struct key_names key_names;                /* as they were when last looked at */
	struct loop_timer *key_timer;
	struct loop_timer *forget_timer;           /* of keys that are over */
	struct loop_timer *files_timer;    /* NULL without intake */
	struct week_mark *spool_mark;
	unsigned key_changes_open;                 /* lines that are being told to the trail */
	bool key_changes_seen;
	struct loop_timer *key_changes_timer;
	bool stopped_noted;
	char files_dir[4096];
	char log_dir[4096];
	char holder[64];
	int state_lock;
	struct word_cache *words;              /* NULL: its directory cannot be used, and words are compiled at each start */
	struct arena policy;                       /* of witnesses; what is in force */
	struct loop_timer *witnesses_later;
	struct judge *old_judges[OLD_JUDGES_MAX];  /* oldest first */
	size_t nold_judges;
};

/* --- wiring_text.c ------------------------------------------------------------------ */

void wiring_open_model(struct wiring *w);
bool wiring_open_judge(struct wiring *w, struct complaint *why);
/* Rules and model as their files are now; wrong files change nothing. */
void wiring_reload_text(struct wiring *w);
void wiring_close_text(struct wiring *w);

/* --- wiring_tips.c ------------------------------------------------------------------ */

bool wiring_open_intake(struct wiring *w, struct complaint *why);
void wiring_open_courier(struct wiring *w);
void wiring_open_jobs(struct wiring *w);
void wiring_reload_tips(struct wiring *w);
/* Before the store goes: they ask it no more. */
void wiring_stop_tips(struct wiring *w);
/* Behind the store: its last answers have come. */
void wiring_close_tips(struct wiring *w);

/* --- wiring_links.c ----------------------------------------------------------------- */

void wiring_open_links(struct wiring *w);
/* Links as the configuration is now; those that did not change stay connected. */
void wiring_reload_links(struct wiring *w);
void wiring_stop_links(struct wiring *w);

/* --- wiring_clocks.c ---------------------------------------------------------------- */

void wiring_open_clocks(struct wiring *w);
/* Limits as the configuration is now; officers as their tokens are. */
void wiring_reload_clocks(struct wiring *w);
void wiring_stop_clocks(struct wiring *w);

/* --- wiring_retention.c ------------------------------------------------------------- */

void wiring_open_retention(struct wiring *w);
/* Rules as their file is now. */
void wiring_reload_retention(struct wiring *w);
void wiring_stop_retention(struct wiring *w);

/* --- wiring_log.c ------------------------------------------------------------------- */

bool wiring_open_log(struct wiring *w, struct complaint *why);
void wiring_reload_log(struct wiring *w);
/* Before the store goes: nothing is asked any more; what serves the logs' files is gone by then. */
void wiring_stop_log(struct wiring *w);

/* --- wiring_witnesses.c ------------------------------------------------------------- */

/* `dir`: of the logs. The policy is read; what is wrong in it is a complaint. */
bool wiring_open_witnesses(struct wiring *w, const char *dir, struct complaint *why);
/* sealer_env.publish, with the wiring as its ctx. */
void wiring_publish(void *ctx, const struct sealer_checkpoint *checkpoint);
/* Behind sealer_new(): what was published before the start is shown to the witnesses again. */
void wiring_resume_witnesses(struct wiring *w);
/* The policy as its file is now; a wrong one changes nothing. */
void wiring_reload_witnesses(struct wiring *w);
/* Before the sealer goes. */
void wiring_stop_witnesses(struct wiring *w);
/* Behind the HTTP client. */
void wiring_close_witnesses(struct wiring *w);

/* --- wiring_archive.c --------------------------------------------------------------- */

/* Right behind the store, before anybody asks it. */
void wiring_attach_archive(struct wiring *w);
void wiring_open_archiver(struct wiring *w);
void wiring_stop_archiver(struct wiring *w);
/* Behind the store. */
void wiring_close_archive(struct wiring *w);

/* --- wiring_tls.c ------------------------------------------------------------------- */

/* Before the listeners. */
bool wiring_open_tls(struct wiring *w, struct complaint *why);
/* What the listener of the site speaks; NULL: plain. */
const struct tls *wiring_tls_of(const struct wiring *w, enum site site);
/* Certificate and key as their files are now, for new connections; wrong ones change nothing. */
void wiring_reload_tls(struct wiring *w);
/* Behind the listeners. */
void wiring_close_tls(struct wiring *w);

/* --- wiring_money.c ----------------------------------------------------------------- */

/* Nothing when money is switched off. */
bool wiring_open_money(struct wiring *w, bool demo, struct complaint *why);
/* Rails as the configuration and their key files are now. */
void wiring_reload_money(struct wiring *w);
void wiring_stop_money(struct wiring *w);
void wiring_close_money(struct wiring *w);

/* --- wiring_trail.c ----------------------------------------------------------------- */

/* Behind the store. Tells that the process started, and which keys it made. */
void wiring_open_trail(struct wiring *w);
/* Tells that it stops; true when that is written, or cannot be. */
bool wiring_trail_rests(struct wiring *w);
void wiring_stop_trail(struct wiring *w);
/* Behind the store. */
void wiring_close_trail(struct wiring *w);

/* --- wiring_keys.c ------------------------------------------------------------------ */

/* Behind the trail: what tipctl changed of keys and could not tell it is told, now and as it comes. */
void wiring_open_key_changes(struct wiring *w);
void wiring_stop_key_changes(struct wiring *w);
/* The bureaus' public keys as their files are now. */
void wiring_reload_keys(struct wiring *w);

/* --- wiring_staff.c ----------------------------------------------------------------- */

/* Behind the trail, before the listeners. Nothing where there is no desk. */
bool wiring_open_staff(struct wiring *w, struct complaint *why);
/* Behind the listeners and the jobs, before the trail and the keyrings. */
void wiring_close_staff(struct wiring *w);

/* --- wiring_serve.c ----------------------------------------------------------------- */

/* Behind the sealer; nothing when there is none. */
void wiring_open_serve(struct wiring *w);
void wiring_close_serve(struct wiring *w);

/* --- wiring.c ----------------------------------------------------------------------- */

/* The client of all calls to other hosts; made when it is first wanted. */
struct http_client *wiring_http(struct wiring *w);

#endif
