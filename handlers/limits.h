/*
 * How often: token buckets by visitor, by network, by telephone and for all
 * together, in memory.
 *
 * Whoever it is about is a number: the keyed hash of an address or network that
 * the HTTP front gives, or of a telephone; none is kept. The tables are of fixed
 * size: where one is full the bucket that was left alone longest is given away,
 * so a flood of addresses costs no memory.
 */
#ifndef TIPLINE_HANDLERS_LIMITS_H
#define TIPLINE_HANDLERS_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limits;

/* Near: IPv4 /24, IPv6 /56. Wide: /16, /32. */
enum limit_kind {
	LIMIT_CALLS,          /* requests of one visitor, whatever they ask */
	LIMIT_MACHINES,       /* requests of one address to gateways' and providers' paths */
	LIMIT_TIPS,           /* tips of one visitor */
	LIMIT_TIPS_NEAR,      /* of a network */
	LIMIT_TIPS_WIDE,
	LIMIT_PROOFS,         /* tips of one visitor beyond those, each with work or a wait behind it */
	LIMIT_RECEIPTS,       /* tries of receipt codes of one visitor */
	LIMIT_RECEIPTS_NEAR,  /* of a network */
	LIMIT_RECEIPTS_WIDE,
	LIMIT_RECEIPTS_ALL,   /* of all visitors */
	LIMIT_CLAIMS,         /* claims of one visitor that led to nothing */
	LIMIT_CLAIMS_ALL,     /* of all visitors */
	LIMIT_CLAIM_ACTS,     /* what is done with one receipt; by its mark */
	LIMIT_SENDER,         /* messages of one telephone; by its mark */
	LIMIT_GATEWAY,        /* messages of one gateway or link */
	LIMIT_KINDS,
};

/* A burst of 0: no limit. */
struct limit_rule {
	double per_second;
	double burst;
};

/* One bucket that a request takes from. */
struct limit_want {
	enum limit_kind kind;
	uint64_t who;
};

/* Why not, and until when. */
struct limit_refusal {
	enum limit_kind kind;     /* the rule that says so; of several the one that holds longest */
	unsigned wait_s;          /* then one will be there; at least 1 */
	unsigned burst;           /* what the rule gives at most at once */
	unsigned window_s;        /* and in how many seconds it gives that much again */
};

struct limits *limits_new(const struct limit_rule rules[LIMIT_KINDS], bool enabled);
void limits_free(struct limits *limits);

/* Other rules from now on; what is in the buckets stays, as far as it fits. */
void limits_set(struct limits *limits, const struct limit_rule rules[LIMIT_KINDS], bool enabled);

/*
 * Takes one from the visitor's bucket at that time (monotonic milliseconds).
 * True: go on. False: *wait_s says after how many seconds one will be there.
 */
bool limits_take(struct limits *limits, enum limit_kind kind, uint64_t visitor, uint64_t now_ms,
		 unsigned *wait_s);

/* Takes one from each of these buckets, or from none and says why. */
bool limits_take_all(struct limits *limits, const struct limit_want *wants, size_t n, uint64_t now_ms,
		     struct limit_refusal *refusal);

/* Whether one of these buckets has less than a third left. Takes nothing. */
bool limits_low(struct limits *limits, const struct limit_want *wants, size_t n, uint64_t now_ms);

/* A word for figures and answers: "tips", "tips_near", ... */
const char *limit_name(enum limit_kind kind);

/* Requests refused so far. */
uint64_t limits_refused(const struct limits *limits, enum limit_kind kind);

/* Another one, by who decides for himself. */
void limits_refuse(struct limits *limits, enum limit_kind kind);

/* In how many seconds a rule gives its burst again. */
unsigned limits_window_s(const struct limit_rule *rule);

bool limits_enabled(const struct limits *limits);
const struct limit_rule *limits_rule(const struct limits *limits, enum limit_kind kind);

#endif
