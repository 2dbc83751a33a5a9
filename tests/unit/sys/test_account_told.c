/*
 * What is told of an account, and what is not.
 */
#include "daemon/base/buf.h"
#include "daemon/sys/account_told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define NOW INT64_C(1795284387000)

static void told(const struct account *person, int64_t now_ms, struct buf *to)
{
	struct json_out json = json_out_to(to);

	buf_clear(to);
	account_told_begin(person, now_ms, &json);
	json_close(&json, '}');
}

static void an_account_is_told_without_its_secrets(void **state)
{
	const struct account person = { .person = "li",
					     .name = "Li",
					     .state = ACCOUNT_ACTIVE,
					     .grants = { { TOKEN_OFFICER, "150602", 0, NOW }, { TOKEN_ADMIN, "000000", NOW, 0, "first", NOW } },
					     .ngrants = 2,
					     .totp_sealed = SPAN("sealed"),
					     .totp_step = (NOW - 86400000) / TOTP_STEP_MS,
					     .setup_sha256 = "hash",
					     .setup_until_ms = NOW + 1000,
					     .recovery_by = "admin",
					     .recovery_at_ms = NOW,
					     .made_ms = NOW };
	struct buf text = { 0 };

	(void)state;
	told(&person, NOW, &text);
	assert_true(span_is(buf_span(&text),
			    "{\"person\":\"li\",\"name\":\"Li\",\"state\":\"active\",\"grants\":["
			    "{\"role\":\"officer\",\"region\":\"150602\",\"from\":null,\"until\":\"2026-11-21T18:06:27Z\",\"holds\":false,\"asked_by\":null,\"asked_until\":null},"
			    "{\"role\":\"admin\",\"region\":\"000000\",\"from\":\"2026-11-21T18:06:27Z\",\"until\":null,\"holds\":false,\"asked_by\":\"first\",\"asked_until\":\"2026-11-22T18:06:27Z\"}],"
			    "\"setup_until\":\"2026-11-21T18:06:28Z\","
			    "\"recovery\":{\"by\":\"admin\",\"until\":\"2026-11-22T18:06:27Z\"},\"signed_in_on\":\"2026-11-20\",\"made\":\"2026-11-21T18:06:27Z\"}"));
	told(&person, NOW + ACCOUNT_RECOVERY_MS, &text);
	assert_true(span_find(buf_span(&text), SPAN("\"setup_until\":null,\"recovery\":null")) < text.len);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(an_account_is_told_without_its_secrets) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
