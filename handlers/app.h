/*
 * What the handlers share: pointers to the parts, nothing of the parts.
 * main.c fills it in once; no handler changes it.
 */
#ifndef TIPLINE_HANDLERS_APP_H
#define TIPLINE_HANDLERS_APP_H

#include <stdbool.h>
#include <stdint.h>

struct app {
	struct loop *loop;
	const struct config *config;
	struct store *store;
	struct spool *spool;
	struct keys *keys;
	struct week_keys *weeks;
	struct keyrings *keyrings;    /* NULL: this process opens nothing */
	struct judge *judge;
	struct model *model;          /* what was learned from outcomes */
	struct intake *intake;
	struct commit *commit;
	struct sms *sms;              /* NULL without gateways */
	struct links *links;          /* NULL: this process has none to carriers */
	struct courier *courier;      /* NULL without the role */
	struct deliveries *deliveries;  /* NULL where no messages come in */
	struct notifier *notifier;    /* likewise */
	struct digester *digester;    /* likewise */
	struct linker *linker;        /* likewise */
	struct escalation *escalation;  /* likewise */
	struct archiver *archiver;    /* likewise */
	struct retention *retention;  /* likewise */
	struct weeks_job *weeks_job;  /* likewise */
	struct shredder *shredder;    /* of its files; NULL: this process writes none */
	const struct retention_rules *retention_rules;  /* in force, as the public is told; NULL: nothing is deleted */
	struct leavers *leavers;      /* NULL where nobody signs in and no jobs run */
	const struct clock_limits *clock_limits;  /* of escalation.*; NULL: it is switched off */
	struct treasury *treasury;    /* NULL: money is switched off */
	struct office *office;        /* likewise */
	struct dispatch *dispatch;    /* NULL: this process pays nothing out */
	struct daily *daily;          /* likewise */
	struct hooks *hooks;          /* NULL: money is switched off */
	struct counter *counter;      /* likewise */
	struct rail_set *rails;       /* likewise */
	struct sealer *sealer;        /* of the sealed log; NULL: this process does not follow it */
	struct publisher *publisher;  /* of its months; NULL likewise */
	struct witnesses *witnesses;  /* likewise */
	struct tokens *tokens;
	struct watch *watch;          /* of the queues' figures, for pages that wait for changes; NULL: this process has no desk */
	struct entry *entry;          /* of staff with passwords; NULL: this process has no desk, or no staff.key */
	struct accounts *accounts;  /* of persons; NULL where nobody signs in */
	struct token_use *token_use;  /* days on which they were used; NULL where nobody signs in */
	struct trail *trail;          /* the audit trail; never NULL where staff sign in */
	struct limits *limits;
	struct proofs *proofs;        /* of the web form; NULL where none is served */
	struct pages *pages;
	struct logs *logs;            /* of the sealed log, for reading; NULL: none is served */
	struct file_types *file_types;
	const struct tls *tls;        /* of the listeners; NULL: none speaks it */
	struct http_server *listeners[3];  /* by enum site; NULL: not open */
	const char *files_dir;        /* sealed attachments */
	const struct sandbox_state *sandbox;  /* what holds; NULL: switched off */
	struct readiness *readiness;
	int64_t started_ms;           /* wall clock */
	bool draining;
};

#endif
