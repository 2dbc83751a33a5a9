/*
 * An auditor before a book; see money_audit.h.
 */
#include "tests/support/money_audit.h"

void audit_begin(struct money_audit *a)
{
	*a = (struct money_audit){ .log = NULL };
	money_book_begin(&a->m, 12 * 850000);
	for (size_t i = 0; i < AUDIT_PARAMETERS; i++)
		a->parameters[i] = audit_parameters[i].preset;
}

void audit_release(struct money_audit *a)
{
	audit_log_free(a->log);
	money_book_release(&a->m);
}

void audit_look(struct money_audit *a)
{
	audit_log_free(a->log);
	a->log = money_audit_log(&a->m);
	a->view = money_view(&a->m, a->log, a->m.nlines);
}

struct audit_finding audit_run(struct money_audit *a, const char *test)
{
	size_t n;
	const struct audit_test *tests = audit_tests(&n);

	audit_look(a);
	for (size_t i = 0; i < n; i++)
		if (strcmp(tests[i].name, test) == 0)
			return audit_find(&tests[i], &a->view, a->m.book, a->parameters);
	money_fail(&a->m, __FILE__, __LINE__, test);
}

const char *audit_claimed(struct money_audit *a, const char *name, const char *payee)
{
	const char *id = money_approved(&a->m, name);

	money_must(&a->m, "system", "reward.publish", id);
	money_must(&a->m, "claimant", "reward.claim", id, "payee", payee, "rail", "voucher", "nonce",
		   money_text(&a->m, "n-%s", name));
	return id;
}
