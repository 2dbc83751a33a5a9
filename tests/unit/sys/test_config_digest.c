/*
 * A configuration in one hash: it changes with each option but secrets, and
 * no secret is a value.
 */
#include "daemon/base/table.h"
#include "daemon/sys/config_digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* One section of each list. */
#define BASE                                                                                                            \
	"sms.gateways.k.driver=x", "sms.gateways.k.secret=0", "sms.links.l.host=h", "sms.links.l.account=a",            \
		"notices.n.url=http://127.0.0.1:1/", "notices.n.secret=whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", \
		"payout.rails.r.driver=voucher"

static void load(struct config *config, const char *const *sets, size_t nsets)
{
	struct config_source source = { .file = "config/tipline.yaml", .sets = sets, .nsets = nsets };
	struct config_problems problems = { .n = 0 };

	if (!config_load(config, &source, &problems))
		fail_msg("%s", problems.at[0].text);
}

/* Whether two settings have the same hash. */
static bool alike(const char *one, const char *other)
{
	const char *first[] = { BASE, one };
	const char *second[] = { BASE, other };
	char a[CONFIG_DIGEST_LEN + 1], b[CONFIG_DIGEST_LEN + 1];
	struct config config;

	load(&config, first, COUNT_OF(first));
	config_digest(&config, a);
	config_release(&config);
	load(&config, second, COUNT_OF(second));
	config_digest(&config, b);
	config_release(&config);
	assert_int_equal(strlen(a), CONFIG_DIGEST_LEN);
	return strcmp(a, b) == 0;
}

static void each_option_counts_but_secrets(void **state)
{
	(void)state;
	assert_true(alike("limits.tips_burst=3", "limits.tips_burst=3"));
	assert_false(alike("limits.tips_burst=3", "limits.tips_burst=4"));
	assert_false(alike("listen.ops=127.0.0.1:9", "listen.ops=127.0.0.1:8"));
	assert_false(alike("sms.gateways.k.sender=1", "sms.gateways.k.sender=2"));
	assert_false(alike("sms.gateways.k.sender=1", "sms.gateways.k.sender=3"));
	assert_false(alike("sms.links.l.sender=1", "sms.links.l.sender=2"));
	assert_false(alike("notices.n.region=110000", "notices.n.region=150000"));
	assert_false(alike("payout.rails.r.driver=voucher", "payout.rails.r.driver=wechat"));
	assert_true(alike("sms.gateways.k.secret=1", "sms.gateways.k.secret=2"));
}

static void values(void **state)
{
	const char *sets[] = { "limits.tips_burst=7", "sms.gateways.k.driver=x", "sms.gateways.k.secret=sesame" };
	struct config config;
	struct buf text = { 0 };

	(void)state;
	load(&config, sets, 3);
	config_value(&config, "limits.tips_burst", &text);
	assert_true(span_is(buf_span(&text), "7"));
	buf_clear(&text);
	config_value(&config, "sms.gateways.k.secret", &text);
	config_value(&config, "sms.gateways", &text);
	config_value(&config, "nothing.here", &text);
	assert_int_equal(text.len, 0);
	buf_release(&text);
	config_release(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_counts_but_secrets),
		cmocka_unit_test(values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
