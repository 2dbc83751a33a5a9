/*
 * The table of protocols: each row is whole, and found by its name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/link_protocol.h"

static void rows_are_whole(void **state)
{
	static const struct {
		const char *name;
		unsigned port;
	} rows[] = { { .name = "smpp", .port = 2775 }, { .name = "cmpp", .port = 7890 }, { .name = "smgp", .port = 8890 } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct link_protocol *p = link_protocol_find(rows[i].name);

		assert_non_null(p);
		assert_string_equal(p->name, rows[i].name);
		assert_int_equal(p->default_port, rows[i].port);
		assert_true(p->sequence_first < p->sequence_last);
		assert_true(p->frame != NULL && p->read != NULL && p->write_login != NULL && p->write_submit != NULL);
		assert_true(p->write_answer != NULL && p->write_alive != NULL && p->write_alive_answer != NULL);
		assert_true(p->write_close != NULL && p->write_close_answer != NULL);
	}
}

static void others_are_not_there(void **state)
{
	(void)state;
	assert_null(link_protocol_find("sgip"));
	assert_null(link_protocol_find(""));
	assert_null(link_protocol_find("cmpp3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(others_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
