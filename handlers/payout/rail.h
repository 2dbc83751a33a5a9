/*
 * What a payout rail must do to be connected. One file a rail in rails/, one
 * constant `rail_<name>`; the Makefile builds the registry from the folder.
 *
 * A rail builds requests and reads answers; somebody else sends, keeps and
 * decides. The same job gives the same bytes: a request is repeated
 * byte-identical but for the fields that carry time and signature.
 *
 * Obligations:
 * - A rail must never touch a socket, a clock, the store, the log or a
 *   generator of randomness; it sees core, money, base and what stands in this
 *   folder for rails.
 * - instruct() must carry the instruction id in the field by which the rail
 *   tells repetitions; it must give the same body for the same instruction and
 *   configuration, and must refuse (RAIL_CANNOT) what it cannot carry whole.
 *   It must not change the id, the amount or the payee.
 * - instruct() must not put name, telephone or account of the payee anywhere
 *   but in the body, and there only what the rail demands for that amount.
 * - A rail that settles by itself (no provider) answers RAIL_TOLD with the report.
 * - read_*() must verify before it parses. What is not verified, not readable
 *   or not about this instruction, amount and currency is RAIL_UNKNOWN.
 * - read_*() must say RAIL_FAILED only for a verified code of the allow-list of
 *   the configuration (answer), or for a verified query that says it is over.
 *   Nothing else is final; a new code or state is RAIL_UNKNOWN.
 * - read_cancel() must not say RAIL_CANCELLED: accepted is not done.
 * - A callback's nonce is taken (nonces.h) after verify_hook() and given back when
 *   the journal could not take the event; 2xx goes out only behind the journal.
 * - verify_hook() must compare in constant time over the raw octets, check the
 *   time (+-300 s) and hand out the nonce; it must not parse what is not yet trusted.
 * - read_hook() must leave it to the caller whether the report is about an
 *   attempt of ours: it hands out id and amount, rail_report_match() compares.
 * - read_statement() takes a whole file or refuses it; no line is guessed.
 * - Codes and references in a report must be plain words; free text of a
 *   provider must never go in: reports are written to the journal.
 * - query, cancel, verify_hook, statement and ask_profile may be NULL where the rail has none;
 *   then the profile says so.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_RAIL_H
#define TIPLINE_HANDLERS_PAYOUT_RAIL_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"
#include "daemon/base/http_message.h"
#include "daemon/base/money.h"
#include "daemon/money/statement.h"
#include "handlers/payout/outcome.h"
#include "handlers/payout/x_sig.h"

#define RAIL_ID_MAX 36        /* instruction id with NUL */
#define RAIL_WORD_MAX 64      /* code or reference with NUL */
#define RAIL_NONCE_BYTES 16
#define RAIL_HASH_BYTES 32
#define RAIL_SKEW_MS 300000   /* between their clock and ours */

struct voucher;

/* --- settings -------------------------------------------------------------------- */

enum rail_fault {
	RAIL_FAULT_PAYEE,     /* the claimant has to look at it: CLAIMED. What is not listed is this */
	RAIL_FAULT_OURS,      /* RELEASED: a new attempt needs no claimant */
};

/* A code that was verified to be final. */
struct rail_final {
	const char *code;
	enum rail_fault fault;
};

/* A key of the provider by which answers and callbacks are verified; PEM of a public key or certificate. */
struct rail_public {
	const char *id;       /* serial or key id */
	struct span pem;
};

struct rail_info {
	const char *type, *content;
};

#define RAIL_KEYS 2           /* the one in use and the one before or after it */
#define RAIL_INFOS_MAX 4

/* Settings of one configured rail. What is not set is NULL, empty or 0. */
struct rail_config {
	const char *name;         /* section under payout.rails; in the path /hooks/<name> */
	const char *driver;       /* "http" */
	bool off;                 /* nothing new goes out on it; what is under way is asked about */
	unsigned timeout_ms;      /* of one call; 0: 30 seconds */
	const char *url;          /* "https://connector.example/base", without '/' at the end */
	const char *hook_url;     /* ours, where a request names it */
	const char *account;      /* of the statement */
	const char *method;       /* http: "voucher", "wallet" or "bank" */
	unsigned profile_version;
	int64_t min_fen, max_fen, daily_fen;   /* 0: the rail's own */
	int64_t id_retention_ms;               /* likewise */
	bool not_found_is_final;               /* http */
	const struct rail_final *finals;       /* codes of refusals that are final */
	size_t nfinals;
	struct x_sig_key keys[RAIL_KEYS];      /* http, voucher: the first one signs, each verifies */
	/* wechat */
	const char *app_id, *merchant, *scene;
	struct rail_info infos[RAIL_INFOS_MAX]; /* transfer_scene_report_infos */
	const char *serial;                    /* of our certificate */
	struct span private_key;               /* PEM; wiped by whoever loaded it */
	struct rail_public platform[RAIL_KEYS]; /* the first one seals names, each verifies */
	struct span api_key;                   /* 32 bytes, opens callbacks */
	/* iso20022 */
	const char *payer_name, *payer_account, *payer_bank;   /* ours; IBAN or number, BIC or CNAPS number */
	bool version_03;                       /* pain.001.001.03 instead of .09 */
	bool silence_means_accepted;           /* agreed: of a file accepted in part, what is not listed is under way */
};

enum rail_anonymity {
	RAIL_ANONYMOUS,           /* nobody learns who was paid */
	RAIL_KNOWN_TO_PROVIDER,   /* the payment company knows the account */
	RAIL_REAL_NAME,
};

#define RAIL_FINALS_MAX 32

/* What a rail can do. Written with the attempt, by version. */
struct rail_profile {
	unsigned version;
	int64_t id_retention_ms;      /* so long the provider knows an id again */
	bool not_found_is_final;      /* and then only to send the same id once more: rule A3 */
	int64_t min_fen, max_fen;     /* of one instruction */
	int64_t daily_fen;            /* 0: no limit known */
	int64_t name_from_fen;        /* from this amount on the real name is demanded; 0: never */
	int64_t life_ms;              /* the payee has so long to act; 0: does not apply */
	enum rail_anonymity anonymity;
	bool asks, cancels, hooks, statements;
	struct rail_final finals[RAIL_FINALS_MAX];
	size_t nfinals;
};

/* --- one instruction --------------------------------------------------------------- */

struct rail_instruction {
	struct span id;               /* 26 of [0-9A-Z], derived */
	unsigned attempt;
	int64_t fen;
	int64_t started_ms;           /* when the attempt began: the same at every repetition */
	int64_t expires_ms;
	unsigned profile_version;     /* of when the attempt began */
	struct span payee_ref;        /* opaque token of the vault */
	struct span payee_account;    /* opened for this call alone: openid, "BANK/ACCOUNT" */
	struct span payee_name;       /* likewise, where the profile demands it; else empty */
	struct span remark;           /* neutral; seen by the payee */
	const struct voucher *voucher; /* voucher: the one of this attempt */
};

/* What a call works with; everything it makes lies in the arena. */
struct rail_job {
	const struct rail_config *config;
	const struct rail_instruction *instruction;   /* NULL for statements and profile */
	int64_t now_ms;
	unsigned char random[RAIL_NONCE_BYTES];       /* fresh for every request; only for nonces */
	struct arena *arena;
};

struct rail_request {
	enum http_method method;
	const char *url;
	const char *const *fields;    /* "Name: value", NULL at the end */
	struct span body;
	struct span target;           /* path and query as signed */
	struct span nonce;            /* that it was signed with */
	struct span expect;           /* what the rail wants to know again when it reads the answer */
	unsigned char body_hash[RAIL_HASH_BYTES];   /* SHA-256; a repetition with another one must not go out */
};

enum rail_made {
	RAIL_SEND,      /* the request is to be sent */
	RAIL_TOLD,      /* nothing to send: the report is there */
	RAIL_CANNOT,    /* the complaint says why; nothing was or will be sent */
};

/* --- what came of it ------------------------------------------------------------------ */

enum rail_outcome {
	RAIL_UNKNOWN,
	RAIL_ACCEPTED,
	RAIL_NEEDS_PAYEE,   /* the payee has to confirm or to come */
	RAIL_PROCESSING,
	RAIL_CANCELLING,
	RAIL_SUCCEEDED,
	RAIL_FAILED,
	RAIL_CANCELLED,
	RAIL_RETURNED,      /* was paid and came back */
	RAIL_NOT_FOUND,     /* query alone */
	RAIL_OUTCOMES,
};

struct rail_report {
	enum rail_outcome outcome;
	enum outcome_row row;              /* of the outcome table: what follows */
	enum evidence evidence;            /* what is not verified is EVIDENCE_ANSWER */
	enum rail_fault fault;             /* RAIL_FAILED: whose */
	bool alarm;
	int64_t fen;                       /* as reported; 0: no amount was named */
	char instruction[RAIL_ID_MAX];     /* as reported, verified; "" where not */
	char code[RAIL_WORD_MAX];          /* of the rail, or ours: "BAD_SIGNATURE", "WRONG_AMOUNT" */
	char provider_ref[RAIL_WORD_MAX];
	char event[RAIL_WORD_MAX];         /* callback: its id */
	int64_t occurred_ms;               /* by their clock; 0: not said */
	int64_t retention_until_ms;        /* RAIL_NOT_FOUND: ids are known at least until then; 0: not said */
	struct span payee_action;          /* RAIL_NEEDS_PAYEE: what the payee's page needs; never for the journal */
};

/* --- statements ---------------------------------------------------------------------- */

/* As daemon/money has it: whole, checked, in the order of judging. */
enum rail_read {
	RAIL_WHOLE,      /* the statement or profile is there */
	RAIL_FETCH,      /* *next is to be sent, its answer to be read the same way */
	RAIL_LATER,      /* not ready or not reachable; ask again later */
	RAIL_REFUSED,    /* the complaint says why; nothing of it may be used */
};

/* --- the rail -------------------------------------------------------------------------- */

typedef enum rail_made rail_make(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				 struct complaint *why);
typedef void rail_read(const struct rail_job *job, const struct rail_request *asked,
		       const struct http_response *answer, struct rail_report *report);

struct rail {
	const char *driver;
	/* Whether the settings suffice. */
	bool (*check)(const struct rail_config *config, struct complaint *why);
	void (*profile)(const struct rail_config *config, struct rail_profile *out);

	rail_make *instruct;
	rail_read *read_instruct;
	rail_make *query;
	rail_read *read_query;
	rail_make *cancel;
	rail_read *read_cancel;

	bool (*verify_hook)(const struct rail_config *config, const struct http_request *request, int64_t now_ms,
			    struct span *nonce);
	bool (*read_hook)(const struct rail_config *config, const struct http_request *request, struct arena *arena,
			  struct rail_report *report, struct complaint *why);
	/* `taken`: the journal has it. */
	void (*answer_hook)(bool taken, struct http_reply *reply);

	/* `date`: "2026-11-21" */
	rail_make *ask_profile;
	enum rail_read (*read_profile)(const struct rail_job *job, const struct rail_request *asked,
				       const struct http_response *answer, struct rail_profile *out,
				       struct complaint *why);
	void (*ask_statement)(const struct rail_job *job, struct span date, struct rail_request *out);
	enum rail_read (*read_statement)(const struct rail_job *job, struct span date, const struct rail_request *asked,
					 const struct http_response *answer, struct statement *out,
					 struct rail_request *next, struct complaint *why);
};

/* The driver of that name, or NULL. */
const struct rail *rail_find(const char *driver);

#endif
