/*
 * SMGP written: logins for each direction, submits with their optional parameters, answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/coding.h"
#include "tests/support/ismg_pdu.h"

static struct buf out;
static const struct link_config config = {
	.account = "31000001", .password = "s3cret", .service = "HELP", .sender = "106591234",
};

static int clean(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

/* 2026-11-22 18:06:27 in Beijing; the digest is by Python's hashlib. */
static void logins(void **state)
{
	static const struct {
		enum link_role role;
		int mode;
	} rows[] = { { .role = LINK_OUT, .mode = 0 }, { .role = LINK_IN, .mode = 1 }, { .role = LINK_BOTH, .mode = 2 } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_clear(&out);
		link_smgp.write_login(&config, rows[i].role, 0, 1, INT64_C(1795341987000), &out);
		assert_int_equal(out.len, 42);
		assert_memory_equal(out.at, "\0\0\0\x2A\0\0\0\x01\0\0\0\x01" "31000001"
					    "\xEF\x46\x11\xC0\x80\x80\x2E\xD7\x85\xCE\xC5\x26\x2F\x8D\x65\xFB", 36);
		assert_int_equal(out.at[36], rows[i].mode);
		assert_memory_equal(out.at + 37, "\x42\xE3\x1E\x13\x30", 5);
	}
}

/* Where the fields lie: SMGP 3.0.3, 7.2.2.1. */
static void a_part(void **state)
{
	const struct link_submit submit = { .to = SPAN("+8618900000001"), .coding = SMS_UTF16,
					    .header = SPAN("\x05\0\x03\x2A\x02\x02"), .octets = SPAN("\x4F\x60"),
					    .want_report = true, .total = 2, .number = 2 };

	(void)state;
	link_smgp.write_submit(&config, &submit, 5, 0, &out);
	assert_int_equal(link_smgp.frame(buf_span(&out)), out.len);
	assert_int_equal(out.len, 138 + 1 + 8 + 8 + 15);
	assert_memory_equal(out.at + 4, "\0\0\0\x02\0\0\0\x05\x06\x01\x01" "HELP\0\0\0\0\0\0" "00" "000000" "000000" "\x08", 36);
	assert_memory_equal(out.at + 74, "106591234\0", 10);
	assert_memory_equal(out.at + 95, "\0\0", 2);
	assert_memory_equal(out.at + 116, "\x01" "8618900000001\0", 15);
	assert_memory_equal(out.at + 138, "\x08\x05\0\x03\x2A\x02\x02\x4F\x60" "\0\0\0\0\0\0\0\0"
					  "\0\x02\0\x01\x01" "\0\x09\0\x01\x02" "\0\x0A\0\x01\x02", 32);
}

static void a_single_text(void **state)
{
	const struct link_submit submit = { .to = SPAN("18900000001"), .coding = SMS_GSM7, .octets = SPAN("ok") };

	(void)state;
	link_smgp.write_submit(&config, &submit, 5, 0, &out);
	assert_int_equal(out.len, 149);
	assert_int_equal(out.at[13], 0);   /* no report */
	assert_int_equal(out.at[39], 0);   /* ASCII */
	assert_memory_equal(out.at + 138, "\x02ok\0\0\0\0\0\0\0\0", 11);
}

static void answers(void **state)
{
	struct link_event event = { .command = SMGP_DELIVER, .sequence = 99 };

	(void)state;
	memcpy(event.sequence_rest, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x10", 10);
	link_smgp.write_answer(&event, LINK_TAKEN, 0, &out);
	assert_int_equal(out.len, 26);
	assert_memory_equal(out.at, "\0\0\0\x1A\x80\0\0\x03\0\0\0\x63\x01\x02\x03\x04\x05\x06\x07\x08\x09\x10\0\0\0\0", 26);
	link_smgp.write_answer(&event, LINK_AGAIN, 0, &out);
	assert_int_equal(out.len, 26);
	link_smgp.write_answer(&event, LINK_NEVER, 0, &out);
	assert_int_equal(out.at[51], 10);
	event.status = 36;
	link_smgp.write_unknown(&event, &out);
	assert_int_equal(out.at[77], 36);
	event.command = 5;
	link_smgp.write_unknown(&event, &out);
	assert_int_equal(out.len, 78);
}

static void the_others(void **state)
{
	const struct link_event event = { .sequence = 7 };

	(void)state;
	link_smgp.write_alive(1, &out);
	link_smgp.write_alive_answer(&event, &out);
	link_smgp.write_close(2, &out);
	link_smgp.write_close_answer(&event, &out);
	assert_int_equal(out.len, 48);
	assert_memory_equal(out.at, "\0\0\0\x0C\0\0\0\x04\0\0\0\x01" "\0\0\0\x0C\x80\0\0\x04\0\0\0\x07"
				    "\0\0\0\x0C\0\0\0\x06\0\0\0\x02" "\0\0\0\x0C\x80\0\0\x06\0\0\0\x07", 48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(logins, clean),
		cmocka_unit_test_teardown(a_part, clean),
		cmocka_unit_test_teardown(a_single_text, clean),
		cmocka_unit_test_teardown(answers, clean),
		cmocka_unit_test_teardown(the_others, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
