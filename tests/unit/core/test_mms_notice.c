/*
 * Notices of picture messages: named however the push is written, cut anywhere without harm, and nothing else is one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/mms_notice.h"

#include <stdlib.h>

#define ALICE "+8613800138000"
#define BODY "\x8C\x82\x98t1\0\x8D\x92\x89\x1A\x80" ALICE "/TYPE=PLMN\0\x83http://mmsc.example/1\0"

static void it_is_named_however_it_is_written(void **state)
{
	static const struct span pushes[] = {
		SPAN_INIT("\x01\x06\x01\xBE" BODY),
		SPAN_INIT("\xFF\x07\x01\xBE" BODY),
		SPAN_INIT("\x01\x06\x03\xBE\xAF\x84" BODY),                                /* with a header of its own */
		SPAN_INIT("\x01\x06\x20" "application/vnd.wap.mms-message\0" BODY),
		SPAN_INIT("\x01\x06\x80\x04\x03\xBE\x81\xEA" BODY),                        /* with a character set */
		SPAN_INIT("\x01\x06\x01\xBE\x8C\x82\x98t1\0\x89\x12\x80\x10\xEA" ALICE "\0"),  /* the address with one */
		SPAN_INIT("\x01\x06\x01\xBE\x8C\x82\x98\x7Ft1\0\x89\x10\x80" ALICE "\0"),      /* quoted; no type */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pushes); i++) {
		struct mms_notice notice;

		assert_int_equal(mms_notice_read(pushes[i], &notice), MMS_NOTICE);
		assert_true(span_is(notice.transaction, "t1"));
		assert_true(span_is(notice.from, ALICE));
	}
}

static void who_hides_has_no_name(void **state)
{
	struct mms_notice notice;

	(void)state;
	assert_int_equal(mms_notice_read(SPAN("\x01\x06\x01\xBE\x8C\x82\x98t1\0\x89\x01\x81"), &notice), MMS_NOTICE);
	assert_int_equal(notice.from.len, 0);
}

static void other_pushes_are_none(void **state)
{
	static const struct {
		struct span octets;
		enum mms_push push;
	} rows[] = {
		{ SPAN_INIT(""), MMS_NO_PUSH },
		{ SPAN_INIT("\x01\x06\x01\xAE\x02\x05\x6A\x00"), MMS_NO_PUSH },             /* service indication */
		{ SPAN_INIT("\x01\x04\x01\xBE" BODY), MMS_NO_PUSH },                        /* not a push */
		{ SPAN_INIT("\x01\x06\x7F\xBE" BODY), MMS_NO_PUSH },                        /* headers past the end */
		{ SPAN_INIT("\x01\x06\xFF\xFF\xFF\xFF\xFF\xBE" BODY), MMS_NO_PUSH },        /* a length without an end */
		{ SPAN_INIT("\x01\x06\x01\xBE\x8C\x86\x98t1\0"), MMS_OTHER_PUSH },          /* delivery report */
		{ SPAN_INIT("\x01\x06\x01\xBE"), MMS_OTHER_PUSH },
		{ SPAN_INIT("\x01\x06\x01\xBE\x8C\0"), MMS_OTHER_PUSH },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct mms_notice notice;

		assert_int_equal(mms_notice_read(rows[i].octets, &notice), rows[i].push);
		assert_int_equal(notice.from.len, 0);
	}
}

/* At every octet, each in memory of its own, so that tools see a step too far. */
static void cut_anywhere(void **state)
{
	static const struct span whole = SPAN_INIT("\x01\x06\x01\xBE" BODY);
	size_t named = 0;

	(void)state;
	for (size_t n = 0; n <= whole.len; n++) {
		char *copy = malloc(n + 1);
		struct mms_notice notice;

		assert_non_null(copy);
		memcpy(copy, whole.at, n);
		copy = realloc(copy, n > 0 ? n : 1);
		assert_non_null(copy);
		if (mms_notice_read(span_from(copy, n), &notice) == MMS_NOTICE && notice.transaction.len > 0) {
			assert_true(span_is(notice.transaction, "t1"));
			named++;
		}
		free(copy);
	}
	assert_int_equal(named, whole.len - 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_named_however_it_is_written),
		cmocka_unit_test(who_hides_has_no_name),
		cmocka_unit_test(other_pushes_are_none),
		cmocka_unit_test(cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
