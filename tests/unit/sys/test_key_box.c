/*
 * Boxes of private keys: a row for each person, none for anybody else, and what
 * is torn is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/sys/key_box.h"

#include <sodium.h>

static struct person_pair draw(unsigned char secret[32])
{
	struct person_pair pair = { .secret_key = secret };

	crypto_box_keypair(pair.public_key, secret);
	return pair;
}

static void names_say_which_bureau(void **state)
{
	char code[7];

	(void)state;
	assert_true(key_box_name("bureau-150600.box", code));
	assert_string_equal(code, "150600");
	assert_true(key_box_plain_name("bureau-110000.key", code));
	assert_string_equal(code, "110000");
	assert_false(key_box_name("bureau-150600.key", code));
	assert_false(key_box_name("bureau-15060.box", code));
	assert_false(key_box_plain_name("courier.key", code));
}

static void rows_come_back_from_text(void **state)
{
	unsigned char s1[32], s2[32], s3[32], private_key[32] = { 7 }, public_key[32], out[32];
	struct person_pair li = draw(s1), recovery = draw(s2), stranger = draw(s3);
	struct key_box box = { .n = 0 }, again = { .n = 0 };
	struct complaint why;
	struct buf text = { 0 };

	(void)state;
	crypto_scalarmult_base(public_key, private_key);
	key_box_seal(&box, SPAN("li"), stranger.public_key, private_key);
	key_box_seal(&box, SPAN("li"), li.public_key, private_key); /* takes the place of the first */
	key_box_seal(&box, KEY_BOX_RECOVERY, recovery.public_key, private_key);
	assert_int_equal(box.n, 2);
	key_box_print(&box, &text);
	assert_true(key_box_parse(&again, "b", buf_span(&text), &why));
	assert_int_equal(again.n, 2);
	assert_true(key_box_open(&again, SPAN("li"), &li, public_key, out));
	assert_memory_equal(out, private_key, 32);
	assert_true(key_box_open(&again, KEY_BOX_RECOVERY, &recovery, public_key, out));
	assert_false(key_box_open(&again, SPAN("li"), &stranger, public_key, out));
	assert_false(key_box_open(&again, SPAN("wang"), &li, public_key, out));
	assert_false(key_box_open(&again, SPAN("li"), &li, li.public_key, out)); /* not of that bureau */
	again.rows[0].sealed[0] ^= 3; /* of a version that is not known here */
	assert_false(key_box_open(&again, SPAN("li"), &li, public_key, out));
	assert_true(key_box_drop(&again, SPAN("li")));
	assert_false(key_box_drop(&again, SPAN("li")));
	assert_int_equal(again.n, 1);
	key_box_release(&box);
	key_box_release(&again);
	buf_release(&text);
}

static void cut_text_is_refused(void **state)
{
	unsigned char secret[32];
	struct person_pair li = draw(secret);
	struct key_box box = { .n = 0 };
	struct complaint why;
	struct buf text = { 0 };

	(void)state;
	key_box_seal(&box, SPAN("li"), li.public_key, secret);
	key_box_seal(&box, SPAN("wang"), li.public_key, secret);
	key_box_print(&box, &text);
	for (size_t cut = 1; cut < text.len; cut++) {
		struct key_box part = { .n = 0 };

		assert_int_equal(key_box_parse(&part, "b", span_from(text.at, cut), &why), text.at[cut - 1] == '\n');
		key_box_release(&part);
	}
	key_box_release(&box);
	buf_release(&text);
}

static void wrong_lines_are_refused(void **state)
{
	static const char *const texts[] = {
		"[]\n", "{}\n", "{\"person\":\"li\",\"sealed\":\"00\"}\n", "{\"person\":\"a b\"}\n", "{\"recovery\":false}\n",
		"{\"person\":\"li\",\"recovery\":true}\n",
	};
	struct complaint why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct key_box box = { .n = 0 };

		assert_false(key_box_parse(&box, "bureau-150000.box", span_of(texts[i]), &why));
		assert_non_null(strstr(why.text, "bureau-150000.box:1"));
		assert_int_equal(box.n, 0);
		key_box_release(&box);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_say_which_bureau),
		cmocka_unit_test(rows_come_back_from_text),
		cmocka_unit_test(cut_text_is_refused),
		cmocka_unit_test(wrong_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
