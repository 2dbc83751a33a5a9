/*
 * A book of money that is looked at by an auditor, for tests of the tests.
 */
#ifndef TIPLINE_TESTS_MONEY_AUDIT_H
#define TIPLINE_TESTS_MONEY_AUDIT_H

#include "daemon/money/audit_exceptions.h"
#include "tests/support/money_book.h"

struct money_audit {
	struct money_book m;
	struct audit_log *log;           /* NULL before audit_look() */
	struct audit_view view;
	int64_t parameters[AUDIT_PARAMETERS];   /* as they are preset */
};

/* A book with funds for a dozen rewards. */
void audit_begin(struct money_audit *a);
void audit_release(struct money_audit *a);

/* Looks at all that was recorded by now. */
void audit_look(struct money_audit *a);

/* Looks and runs the test of that name. */
struct audit_finding audit_run(struct money_audit *a, const char *test);

/* A reward of 8,500 yuan that the informant claims for that payee; its id. */
const char *audit_claimed(struct money_audit *a, const char *name, const char *payee);

#endif
