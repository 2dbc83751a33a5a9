/*
 * ISO 20022 messages: payments out, status and statements in.
 *
 *   pain.001  the order to the bank, one file, many payments       written
 *   pain.002  what the bank says of it: no proof of payment        read
 *   camt.053  the statement of a day: the proof                    read
 *   camt.054  notice of single bookings, returns among them        read
 *
 * Amounts pass between fen and decimal text by whole numbers alone. Pure: the
 * messages are bytes, where they come from and go to is the rail's business.
 */
#ifndef TIPLINE_MONEY_ISO20022_H
#define TIPLINE_MONEY_ISO20022_H

#include "daemon/money/statement.h"

#define ISO20022_ID_MAX 35         /* characters of an identifier */
#define ISO20022_NAME_MAX 140      /* characters of a name, and of a remittance text */
#define ISO20022_PAYMENTS_MAX 5000

/* --- pain.001 --------------------------------------------------------------------------- */

enum iso20022_version {
	ISO20022_PAIN_001_09,      /* pain.001.001.09 */
	ISO20022_PAIN_001_03,
};

/* Account with its bank. IBAN where it is one, else the bank's own number; BIC, or the number of the bank in CNAPS. */
struct iso20022_party {
	struct span name;
	struct span iban, account;     /* one of them */
	struct span bic, clearing;     /* one of them */
};

struct iso20022_payment {
	struct span id;                /* instruction id; EndToEndId and InstrId */
	int64_t fen;
	struct iso20022_party payee;
	struct span remark;            /* neutral; may be empty */
};

struct iso20022_order {
	enum iso20022_version version;
	struct span id;                /* of the message; the bank refuses one it has seen */
	int64_t created_ms;
	struct span initiator;         /* name */
	struct iso20022_party payer;
	char date[STATEMENT_DATE_LEN + 1];   /* of execution */
	const struct iso20022_payment *payments;
	size_t n;
};

/*
 * The file, the same bytes for the same order. NbOfTxs and CtrlSum are counted
 * here, once. False and a complaint, nothing written, for what the message
 * cannot carry whole: an id above 35 characters or twice in the order, a text
 * too long or with characters XML has not, an amount below one fen, a sum out
 * of range. `out` is added to; the payee's name and account are in it: the
 * caller wipes (buf_release() does).
 */
bool iso20022_write_order(const struct iso20022_order *order, struct buf *out, struct complaint *why);

/* --- pain.002 ---------------------------------------------------------------------------- */

/* ExternalPaymentTransactionStatus1Code and the like, as far as they differ for us. */
enum iso20022_status {
	ISO20022_SILENT,           /* no word */
	ISO20022_RECEIVED,         /* RCVD, ACTC, ACCP, ACSP, ACWC: under way */
	ISO20022_SETTLED,          /* ACSC, ACCC: as the bank says; the statement proves it */
	ISO20022_PENDING,          /* PDNG */
	ISO20022_PARTLY,           /* PART: of a group alone */
	ISO20022_REJECTED,         /* RJCT */
	ISO20022_OTHER,            /* a code that is not known here */
};

struct iso20022_report_line {
	struct span id;            /* OrgnlEndToEndId, else OrgnlInstrId */
	struct span group;         /* OrgnlPmtInfId it stands under */
	enum iso20022_status status;
	struct span reason;        /* "AC04"; empty: none */
	struct span reference;     /* the bank's own */
	int64_t fen;               /* OrgnlTxRef amount; 0: not repeated */
};

struct iso20022_report {
	struct span order;         /* OrgnlMsgId */
	enum iso20022_status group;
	struct span group_reason;
	enum iso20022_status batch;        /* PmtInfSts, of the one payment group that we send */
	struct span batch_reason;
	const struct iso20022_report_line *lines;
	size_t n;
};

/* Names point into the arena. */
bool iso20022_read_report(struct span file, struct arena *arena, struct iso20022_report *out, struct complaint *why);

/* What was agreed with the bank. */
struct iso20022_profile {
	bool silence_means_accepted;       /* in a group with exceptions, what is not listed is under way; never paid */
	const char *const *final_codes;    /* reasons that were verified to be final; NULL at the end; NULL: iso20022_final_codes */
};

/* Wrong or closed account, no money, not allowed: nothing was executed. Duplicates are not among them. */
extern const char *const iso20022_final_codes[];

enum iso20022_outcome {
	ISO20022_UNKNOWN,          /* ask, wait for the statement; never a reason for a new instruction */
	ISO20022_UNDER_WAY,        /* also what the bank calls settled: the statement makes it paid */
	ISO20022_FAILED,           /* rejected, for a reason that is final */
};

/*
 * What the report says of one payment. Its own line first, then its group's
 * word, then silence; a contradiction between them, an unlisted reason, and
 * an amount other than `fen` are UNKNOWN. `reason` is set to the code or NULL-empty.
 */
enum iso20022_outcome iso20022_outcome(const struct iso20022_report *report, struct span order, struct span id,
				       int64_t fen, const struct iso20022_profile *profile, struct span *reason);

/* --- camt ----------------------------------------------------------------------------------- */

/*
 * camt.053.001.02 to .08 with exactly one statement, whole (not one page of
 * many). Booked entries alone are taken; balances, counts, sums and batch
 * totals have to agree, entry by entry.
 */
bool iso20022_read_statement(struct span file, struct arena *arena, struct statement *out, struct complaint *why);

/* camt.054.001.02 to .08: lines as above, no balances, no proof by sums. */
struct iso20022_notice {
	struct span account;
	const struct statement_line *lines;
	size_t n;
	bool foreign;              /* an amount in it is of another currency: nothing of it can be taken */
};
bool iso20022_read_notice(struct span file, struct arena *arena, struct iso20022_notice *out, struct complaint *why);

/* For the readers: "8500.00", "8500", "8500.5", also with zeros behind; more than whole fen is refused. */
bool iso20022_read_amount(struct span text, int64_t *fen);

#endif
