/*
 * The configuration: typed values, loaded from YAML and from --set KEY=VALUE.
 *
 * What may be set, with which default, range and help, is the table in
 * sys/options.c alone. A configuration with any mistake is refused as a whole,
 * and every mistake is told at once, each with file, line, column, key and
 * what was expected there.
 */
#ifndef TIPLINE_SYS_CONFIG_H
#define TIPLINE_SYS_CONFIG_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"
#include "daemon/sys/log.h"

#define CONFIG_FILE "/etc/tipline/tipline.yaml"
#define CONFIG_NOTICES_MAX 64
#define CONFIG_MAIL_TO_MAX 20
#define CONFIG_GATEWAYS_MAX 16
#define CONFIG_RAILS_MAX 16
#define CONFIG_LINKS_MAX 16
#define CONFIG_PROBLEMS_MAX 32

/* Bits of config.roles, in the order of the option's words. */
enum config_role {
	ROLE_INTAKE = 1 << 0,   /* form, API, SMS */
	ROLE_DESK = 1 << 1,     /* queues and tips for officers */
	ROLE_COURIER = 1 << 2,  /* carries the outbox out */
	ROLE_JOBS = 1 << 3,     /* timers and the linker */
};

enum config_sms_reply {
	SMS_REPLY_REFERENCE,    /* reference number without the secret */
	SMS_REPLY_RECEIPT,      /* the whole receipt code */
	SMS_REPLY_NONE,
};

struct config_list {
	const char *const *at;
	size_t n;
};

/* In the order of the option's words. */
enum config_sandbox {
	SANDBOX_OFF,
	SANDBOX_ON,             /* what is not allowed fails */
	SANDBOX_STRICT,         /* what is not allowed ends the process; no start without all of it */
};

struct config_said;
struct option_row;

/* Where something was written, for complaints that can only be made later. */
struct config_place {
	const char *source;              /* file name, or "--set"; as it was told, not copied. NULL: nowhere */
	size_t line;                     /* from 1; 0: none */
	size_t column;
};

/* "FILE:LINE: ", to stand before a complaint; "" for nowhere. Returns `text`. */
#define CONFIG_PLACE_BYTES 100
const char *config_place_text(const struct config_place *place, char text[CONFIG_PLACE_BYTES]);

/* One section under sms.gateways. Empty texts are "". */
struct config_gateway {
	const char *name;
	struct config_place place;       /* of its first key */
	const char *driver;
	const char *secret;              /* after config_secrets(): from the file, when one is named */
	const char *secret_file;
	const char *send_url;
	const char *send_user;
	const char *send_password;       /* likewise */
	const char *send_password_file;
	const char *sender;
	unsigned per_s;                  /* 0: no limit */
	const char *public_url, *webhook_url, *networks, *signature;
	const char *send_app, *send_region, *send_sign, *send_template, *send_params;
	/* Of the driver generic. */
	const char *id_field, *from_field, *to_field, *text_field, *time_field, *udh_field, *coding_field;
	const char *text_coding, *array, *dedupe;
	const char *auth, *auth_field, *auth_time_field, *auth_template, *auth_claim, *auth_encoding;
	const char *answer_done, *answer_later, *answer_never;
	const char *receipt_id_field, *receipt_field, *receipt_delivered, *receipt_failed;
	const char *send_method, *send_type, *send_fields, *send_body, *send_done, *send_id_field;
};

/* One section under sms.links: what daemon/core/sms/link_protocol.h wants to know. Empty texts are "". */
struct config_link {
	const char *name;
	struct config_place place;       /* of its first key */
	unsigned protocol, mode, coding0, proof;  /* index of the word */
	const char *host;
	unsigned port;                   /* 0: the protocol's own */
	bool tls;
	const char *tls_ca;
	const char *account;
	const char *password;            /* after config_secrets(): from the file, when one is named */
	const char *password_file;
	const char *system_type, *service, *sender, *version;
	unsigned window, per_s, sessions, keepalive_s, answer_s;
};

/* Where mail goes out. */
struct config_mail {
	const char *server;              /* "": none */
	unsigned tls;                    /* as in enum smtp_tls */
	const char *ca_file;
	const char *user;
	const char *password;            /* after config_secrets(): from the file, when one is named */
	const char *password_file;
	const char *from, *from_name;
};

/* One section under notices: a bureau's webhook, or where it gets mail. */
struct config_notice {
	const char *name;
	struct config_place place;       /* of its first key */
	const char *region;
	const char *url;
	const char *secret;              /* after config_secrets(): from the file, when one is named */
	const char *secret_file;
	unsigned kinds;                  /* bits: immediate, urgent, escalated */
	const char *desk_url;
	const char *mail_to;             /* addresses, joined by commas; "": the webhook */
	const char *mail_from;           /* "": config_mail.from */
	unsigned language;               /* 0 zh-CN, 1 en */
	unsigned pause_s;                /* from one to the next */
	const char *digest;              /* "08:00 +0800"; "": none */
};

/* One section under payout.rails: what handlers/payout/rail.h wants to know. Keys are named by file and never stand here. */
struct config_rail {
	const char *name;
	struct config_place place;       /* of its first key */
	const char *driver;
	bool enabled;                    /* false: nothing new goes out on it */
	unsigned timeout_s;
	const char *url;
	const char *hook_url;
	const char *account;             /* of the statement, as the provider names it */
	const char *ledger;              /* book of statement lines that nothing of ours explains */
	const char *ledger_account;      /* "bank:main" */
	const char *method;
	const char *finals;              /* "ACCOUNT_CLOSED, CHANNEL_OFF=ours" */
	unsigned profile_version;
	uint64_t min_fen, max_fen, daily_fen;
	unsigned id_retention_h;
	bool not_found_is_final;
	const char *key_id, *key_file, *old_key_id, *old_key_file;
	const char *app_id, *merchant, *scene, *scene_infos, *serial;
	const char *private_key_file, *api_key_file;
	const char *platform_id, *platform_file, *old_platform_id, *old_platform_file;
	const char *payer_name, *payer_account, *payer_bank;
	bool version_03, silence_means_accepted;
};

/* Texts are never NULL and live as long as the configuration. */
struct config {
	struct arena arena;
	const char *state_dir;
	unsigned roles;                  /* config_role bits */
	unsigned sandbox;                /* enum config_sandbox */
	struct {
		const char *public;      /* "": not opened */
		const char *staff;
		const char *ops;
		const char *trusted_proxies;  /* "10.0.0.0/8,::1/128" or "" */
		unsigned tls;            /* bits: public, staff, ops */
		const char *tls_certificate;
		const char *tls_key;
		unsigned tls_hsts_days;
	} listen;
	struct {
		const char *address;     /* "": embedded */
		unsigned timeout_ms;
	} store;
	struct {
		bool enabled;            /* of the limits per visitor */
		uint64_t body_bytes;
		uint64_t text_bytes;
		uint64_t file_bytes;
		unsigned files;
		unsigned tip_files;      /* of a tip in all */
		uint64_t tip_file_bytes;
		uint64_t upload_bytes;
		unsigned tips_per_minute;
		unsigned tips_burst;
		unsigned near_times;
		unsigned wide_times;
		unsigned proof_bits;     /* 0: nobody is asked for work */
		unsigned proof_wait_s;
		unsigned proofs_per_minute;
		unsigned requests_per_second;
		unsigned sms_per_minute;
		unsigned sms_burst;
		unsigned gateway_per_second;
		unsigned receipt_tries_per_minute;
		unsigned receipt_tries_per_second;
		unsigned connections;
		unsigned connections_per_address;  /* use config_per_address() */
		uint64_t head_bytes;
		unsigned head_ms;
		unsigned body_ms;
		unsigned idle_ms;
		unsigned write_ms;
		unsigned reply_ms;
	} limits;
	struct {
		uint64_t max_bytes;
	} spool;
	struct {
		unsigned default_s;
		unsigned max_s;
	} lease;
	struct {
		bool enabled;
		struct {
			unsigned unopened_s, unanswered_s, stalled_s;   /* 0: never */
		} immediate, urgent, standard, low;
	} escalation;
	struct {
		unsigned wait_max_s;
	} claim;
	struct {
		unsigned session_idle_s;
	} staff;
	struct {
		unsigned keep_s;
	} idempotency;
	struct {
		unsigned level;          /* enum log_level */
		unsigned interval_s;     /* of the sealed log */
		unsigned openings_after_days;
		const char *origin;      /* its logs are called ORIGIN/NAME */
		const char *policy;      /* file of witnesses and quorum; "": none */
		unsigned witness_wait_s;
	} log;
	struct {
		bool learning;
		const char *model_file;  /* "": use config_model_file() */
		const char *cache_dir;   /* "": use config_cache_dir() */
	} score;
	struct {
		unsigned max_tips;
		unsigned max_age_days;   /* 0: none is too old */
		unsigned max_incidents;
		unsigned max_senders;
	} linker;
	struct {
		bool enabled;
		const char *directory;   /* "": use config_archive_dir() */
		unsigned segment_events;
		unsigned keep_events;
		unsigned keep_days;
	} archive;
	struct {
		bool enabled;
		const char *file;        /* "": the rules that are built in */
		unsigned interval_s;
		unsigned settle_s;
		unsigned rewrap_weeks;   /* 0: never */
		unsigned rewrap_tips;
	} retention;
	struct {
		bool enabled;
		const char *mirror;      /* "": use config_money_mirror() */
		const char *rails;       /* names that informants may choose, joined by commas */
		const char *engagement;  /* of the audit under way */
	} money;
	struct {
		const char *exit_url;    /* "": the page of ours that says nothing */
		const char *sms_number;  /* "": none is told */
		const char *telephone;   /* likewise */
	} web;
	struct {
		const char *remark;
		struct config_rail rails[CONFIG_RAILS_MAX];
		size_t nrails;
	} payout;
	struct {
		const char *dir;         /* "": use config_keys_dir() */
		const char *weeks_dir;   /* "": use config_weeks_dir() */
		bool create;
		bool plain;
		unsigned unseal_s;
	} keys;
	struct {
		const char *dir;         /* "": those inside the program */
	} rules;
	struct {
		const char *dir;         /* "": none */
	} campaigns;
	struct {
		const char *dir;         /* "": use config_files_dir() */
		struct config_list types;
	} files;
	struct {
		unsigned reply;          /* enum config_sms_reply */
		unsigned answers_per_day, answers_per_minute;
		unsigned code_minutes;   /* 0: never told */
		unsigned memory_days;
		const char *quiet;       /* core/sms/hours.h */
		const char *areas;       /* core/sms/area.h */
		unsigned parts_timeout_s;
		const char *home_country;  /* digits */
		const char *route;         /* "kannel, carrier": the order in which connectors stand in for one another; "": none does */
		struct config_place route_place;
		struct config_gateway gateways[CONFIG_GATEWAYS_MAX];
		size_t ngateways;
		struct config_link links[CONFIG_LINKS_MAX];
		size_t nlinks;
	} sms;
	struct config_mail mail;
	struct config_notice notices[CONFIG_NOTICES_MAX];
	size_t nnotices;
	struct config_said *said;        /* where options were set: config_said.h */
};

struct config_source {
	const char *file;                /* NULL: CONFIG_FILE when it is there, else defaults alone */
	const char *const *sets;         /* "KEY=VALUE"; stronger than the file, the last one wins */
	size_t nsets;
};

struct config_problems {
	struct complaint at[CONFIG_PROBLEMS_MAX];
	size_t n;
};

/* Fills `config` (owned by the caller, to be released whatever the result); false: see the problems. */
bool config_load(struct config *config, const struct config_source *source, struct config_problems *problems);

/* Wipes and frees all texts. */
void config_release(struct config *config);

/* Reads the files that hold the secrets of gateways and links. Needs the rights of the daemon, so it is a step of its own. */
bool config_secrets(struct config *config, struct config_problems *problems);

/* An option that differs between two configurations. */
struct config_change {
	const char *key;                 /* from the option table: static */
	bool restart;                    /* takes effect after a restart only */
};

/* Fills up to `max` changes, in table order; returns how many there are. */
size_t config_diff(const struct config *running, const struct config *fresh, struct config_change *changes,
		   size_t max);

/*
 * A reload: `running` takes over those values of `fresh` that need no restart.
 * Old texts stay valid until `running` is released, because work under way may
 * still point at them. `fresh` may be released afterwards.
 */
void config_adopt(struct config *running, const struct config *fresh);

/* Directory of the keys: keys.dir, or STATE/keys. In the configuration's memory. */
const char *config_keys_dir(struct config *config);

/* Where the weekly keys are: keys.weeks_dir, or STATE/weeks. In the configuration's memory. */
const char *config_weeks_dir(struct config *config);

/* The learned model's file: score.model_file, or STATE/model. In the configuration's memory. */
const char *config_model_file(struct config *config);

/* Where compiled words are kept: score.cache_dir, or STATE/cache. In the configuration's memory. */
const char *config_cache_dir(struct config *config);
/* Where the archive is: archive.directory, or STATE/archive. In the configuration's memory. */
const char *config_archive_dir(struct config *config);

/* Where sealed attachments are: files.dir, or STATE/files. In the configuration's memory. */
const char *config_files_dir(struct config *config);

/* The mirror of the money journal: money.mirror, or STATE/money/journal.jsonl. In the configuration's memory. */
const char *config_money_mirror(struct config *config);

/* Connections one address may hold; all of them when the limits are switched off. */
unsigned config_per_address(const struct config *config);

/*
 * Tells every value, in the order of the options' table: a plain option once, with "" and the
 * configuration as its base; one of a list of sections for each section there is, with its name.
 */
void config_each(const struct config *config,
		 void (*one)(void *ctx, const struct option_row *row, const char *name, const void *base), void *ctx);

/* The gateway section of that name, or NULL. */
const struct config_gateway *config_gateway_find(const struct config *config, struct span name);

#endif
