/*
 * Who may what: the rows of the staff's listener against
 * tests/unit/handlers/routes.golden (--print writes it anew), which
 * tests/e2e/rights.py holds a running daemon to; and rules that hold whatever
 * the rows are.
 */
#include "daemon/sys/tokens.h"
#include "handlers/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define GOLDEN "tests/unit/handlers/routes.golden"

static void print_who(unsigned who, FILE *out)
{
	if (who == WHO_ANYONE)
		fprintf(out, " anyone");
	for (unsigned i = 0; i < TOKEN_ROLES; i++)
		if ((who & 1u << i) != 0)
			fprintf(out, " %s", token_role_name(i));
	fprintf(out, "\n");
}

static void print_all(FILE *out)
{
	size_t n;
	const struct endpoint *table = routes(&n);

	for (size_t i = 0; i < n; i++) {
		if (table[i].site != SITE_STAFF)
			continue;
		fprintf(out, "%-6s %-56s %-18s", http_method_name(table[i].method), table[i].path, table[i].name);
		print_who(table[i].who, out);
	}
}

static void every_row_is_as_written_down(void **state)
{
	static char golden[65536];
	char *text = NULL;
	size_t len = 0, n;
	FILE *memory = open_memstream(&text, &len), *file = fopen(GOLDEN, "r");

	(void)state;
	assert_non_null(file);
	print_all(memory);
	fclose(memory);
	n = fread(golden, 1, sizeof(golden) - 1, file);
	golden[n] = '\0';
	fclose(file);
	assert_string_equal(text, golden);
	free(text);
}

/* What needs no rights on the staff's listener: pages, and coming in. */
static bool is_open_to_all(const struct endpoint *row)
{
	static const char *const names[] = { "desk", "desk_file", "desk_page", "money_page", "audit_page", "admin_page", "session_begin",
					     "session_set_up" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(row->name, names[i]) == 0)
			return true;
	return false;
}

static void no_row_breaks_a_rule(void **state)
{
	size_t n;
	const struct endpoint *table = routes(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct endpoint *row = &table[i];

		assert_int_not_equal(row->who, WHO_NOBODY);
		if (row->site != SITE_STAFF) {
			assert_int_equal(row->who, WHO_ANYONE);
			assert_int_equal(row->trail, TRAIL_NOTHING);
			continue;
		}
		assert_int_equal(row->who == WHO_ANYONE, is_open_to_all(row));
		assert_true(row->who == WHO_ANYONE || (row->who & ~(unsigned)WHO_STAFF) == 0);
		/* Only POST and DELETE change something, and those are what the word against other sites is asked for. */
		assert_true(row->method == HTTP_GET || row->method == HTTP_POST || row->method == HTTP_DELETE);
	}
}

/* Tokens are made for calls by their names: one that two rows have would mean both. */
static void names_of_staff_are_of_one_row(void **state)
{
	size_t n;
	const struct endpoint *table = routes(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(table[i].site == SITE_STAFF && table[j].site == SITE_STAFF && strcmp(table[i].name, table[j].name) == 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_as_written_down),
		cmocka_unit_test(no_row_breaks_a_rule),
		cmocka_unit_test(names_of_staff_are_of_one_row),
	};

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		FILE *out = fopen(GOLDEN, "w");

		print_all(out);
		return fclose(out);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
