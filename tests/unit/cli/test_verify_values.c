/*
 * V5, values: what is sealed may stand under its week's cover or, from before
 * there were weeks, without; anything else in its place is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/verify_values.h"

#include "daemon/base/table.h"
#include "daemon/core/tip/cover.h"

#include <sodium.h>

#define SEALED 400

static struct tip_id id;
static char sealed[SEALED];
static struct buf content, identity;

static int begin(void **state)
{
	struct seal_key key;

	(void)state;
	if (sodium_init() < 0)
		return -1;
	randombytes_buf(sealed, sizeof(sealed));
	randombytes_buf(&key, sizeof(key));
	sealed[0] = 1;
	sealed[1] = (char)0xff;   /* no text, however the dice fall */
	assert_true(tip_id_parse(SPAN("15-7K3MQ2X9RD"), &id));
	buf_clear(&content);
	buf_clear(&identity);
	cover_seal(&id, COVER_CONTENT, 2967, &key, span_from(sealed, SEALED), &content);
	cover_seal(&id, COVER_IDENTITY, 2967, &key, span_from(sealed, SEALED), &identity);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	buf_release(&content);
	buf_release(&identity);
	return 0;
}

static bool is_content(struct span bytes)
{
	return verify_content(bytes, (struct span){ 0 }) == NULL;
}

static bool is_identity(struct span bytes)
{
	return verify_identity(bytes, (struct span){ 0 }) == NULL;
}

static void both_versions_are_known(void **state)
{
	(void)state;
	assert_true(is_content(span_from(sealed, SEALED)));
	assert_true(is_identity(span_from(sealed, SEALED)));
	assert_true(is_content(buf_span(&content)));
	assert_true(is_identity(buf_span(&identity)));
}

static void what_is_neither_is_told(void **state)
{
	static const struct span others[] = {
		SPAN_INIT(""),
		SPAN_INIT("{\"text\":\"Zhang San\"}"),
		SPAN_INIT("\1"),
		SPAN_INIT("\2"),
		SPAN_INIT("\2\0\0\0\1 and then words"),
		SPAN_INIT("13800138000"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		assert_false(is_content(others[i]));
		assert_false(is_identity(others[i]));
	}
}

static void another_version_is_told(void **state)
{
	(void)state;
	for (int version = 0; version < 256; version++) {
		sealed[0] = content.at[0] = identity.at[0] = (char)version;
		assert_true(is_content(span_from(sealed, SEALED)) == (version == 1));
		if (version > 2 || version == 0) {
			assert_false(is_content(buf_span(&content)));
			assert_false(is_identity(buf_span(&identity)));
		}
	}
}

/* Text that begins like a cover, a cover of no week, of a week that no key has, one that was cut. */
static void what_only_looks_like_a_cover_is_told(void **state)
{
	char text[SEALED];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "\2\0\0\13\27", 5);
	assert_false(is_content(span_from(text, sizeof(text))));
	for (size_t n = 0; n < COVER_FRONT_BYTES; n++)
		assert_false(is_content(span_from(content.at, n)));
	memcpy(content.at + 1, "\0\0\0\0", 4);
	assert_false(is_content(buf_span(&content)));
	memcpy(content.at + 1, "\0\0\x27\x10", 4);   /* 10000 */
	assert_false(is_content(buf_span(&content)));
	memcpy(content.at + 1, "\0\0\x27\x0f", 4);
	assert_true(is_content(buf_span(&content)));
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(both_versions_are_known), TEST(what_is_neither_is_told), TEST(another_version_is_told),
					    TEST(what_only_looks_like_a_cover_is_told) };

	return cmocka_run_group_tests(tests, NULL, finish);
}
