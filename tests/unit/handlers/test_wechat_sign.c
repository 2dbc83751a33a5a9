/*
 * WeChat's signatures: ours against the openssl command line, theirs with everything that may be wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/payout/wechat_sign.h"
#include "tests/support/rail_rig.h"

/* printf 'GET\n/v3/certificates\n1763740800\n<nonce>\n\n' | openssl dgst -sha256 -sign merchant.pem | base64 -w0 */
#define SIGNATURE \
	"SpiQNGOKVAqr+mkkPXdooUXBzZmkRqPUG90fJ1DEG5d/4MrQnUxpicOssaTXx0lraxDx1NQhShVEUAZcIPoQTL1x156FxC7aWy14ro4PxMNNkwBuzWqsi9yf" \
	"GKRibLV4aEuSEYWmCfWfJ7bMH5smqJvvDgNbo/yLYIE0E2nXTi9BOJAafMtUMl7vhm2r56PBSTggm7sn4Mmyw2ZZAq/OFqDITvKVo1McLCEeso/yAu0ERunr" \
	"/NyyGU68ZWwm8YdjDAflAcodJmBuUeTUQYta8ZOPY3pOkK3SDEbonX5WQ3XEXMT3VNI1vWmKV202bNlMzL5n0vFdq26XdiMCP3Sm/w=="

static struct rail_rig rig;

static int begin(void **state)
{
	(void)state;
	rail_rig_begin(&rig, "wechat", NULL);
	return 0;
}

static int end(void **state)
{
	(void)state;
	rail_rig_end(&rig);
	return 0;
}

static void our_authorization(void **state)
{
	const struct rail_request request = { .method = HTTP_GET, .target = SPAN("/v3/certificates"),
					      .nonce = SPAN("01020304050607080000000000000000") };

	(void)state;
	assert_string_equal(wechat_authorization(&rig.job, &request),
			    "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000001\",nonce_str=\"01020304050607080000000000000000\","
			    "signature=\"" SIGNATURE "\",timestamp=\"1763740800\",serial_no=\"5157F09EFDC096DE15EBE81A47057A7232F1B8E1\"");
	rig.config.private_key = SPAN("no key");
	assert_null(wechat_authorization(&rig.job, &request));
}

/* tests/data/wechat/signed.txt is such a text: "1763740800\nQ8jYH0aK2mZ1\n{...}\n". */
static struct wechat_signed known(void)
{
	return (struct wechat_signed){ .serial = SPAN("PUB_KEY_ID_0119000000012026112100"), .seconds = SPAN("1763740800"),
				       .nonce = SPAN("Q8jYH0aK2mZ1"), .signature = rail_rig_file(&rig, "signed.b64"),
				       .body = SPAN("{\"out_bill_no\":\"A\"}") };
}

static enum wechat_fault verify(struct wechat_signed what)
{
	return wechat_verify(&rig.config, &what, rig.job.now_ms);
}

static void their_signature(void **state)
{
	struct wechat_signed what = known();

	(void)state;
	assert_int_equal(verify(what), WECHAT_FINE);
	what.serial = SPAN("3BC15F3460D68672390116DB842697540ECBECBB");
	assert_int_equal(verify(what), WECHAT_FINE);
	what.serial = SPAN("OTHER");
	assert_int_equal(verify(what), WECHAT_KEY);
	what = known();
	what.body = SPAN("{\"out_bill_no\":\"B\"}");
	assert_int_equal(verify(what), WECHAT_WRONG);
	what = known();
	what.nonce = SPAN("Q8jYH0aK2mZ2");
	assert_int_equal(verify(what), WECHAT_WRONG);
	what = known();
	what.seconds = SPAN("1763740801");
	assert_int_equal(verify(what), WECHAT_WRONG);
	what.seconds = SPAN("soon");
	assert_int_equal(verify(what), WECHAT_FORM);
	assert_int_equal(verify((struct wechat_signed){ .body = SPAN("x") }), WECHAT_UNSIGNED);
	what = known();
	what.signature = SPAN("");
	assert_int_equal(verify(what), WECHAT_WRONG);
}

static void less_than_five_minutes_each_way(void **state)
{
	struct wechat_signed what = known();

	(void)state;
	assert_int_equal(wechat_verify(&rig.config, &what, rig.job.now_ms + 299999), WECHAT_FINE);
	assert_int_equal(wechat_verify(&rig.config, &what, rig.job.now_ms + 300000), WECHAT_TIME);
	assert_int_equal(wechat_verify(&rig.config, &what, rig.job.now_ms - 299000), WECHAT_FINE);
	assert_int_equal(wechat_verify(&rig.config, &what, rig.job.now_ms - 300000), WECHAT_TIME);
}

static void the_fields_are_found(void **state)
{
	struct http_response answer;
	struct http_request request;

	(void)state;
	rail_rig_answer(&rig, 200, "{}");
	answer = rig.answer;
	assert_int_equal(verify(wechat_signed_answer(&answer)), WECHAT_FINE);
	rail_rig_hook(&rig, SPAN("{}"), &request);
	assert_int_equal(verify(wechat_signed_request(&request)), WECHAT_FINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(our_authorization, begin, end),
		cmocka_unit_test_setup_teardown(their_signature, begin, end),
		cmocka_unit_test_setup_teardown(less_than_five_minutes_each_way, begin, end),
		cmocka_unit_test_setup_teardown(the_fields_are_found, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
