/*
 * Compiled catalogues: what is read from a good file, that no broken one is
 * taken, and which language a visitor gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/asset.h"
#include "daemon/base/buf.h"
#include "daemon/base/table.h"
#include "handlers/web/catalogue.h"

#include <stdlib.h>

struct pair {
	const char *id;
	const char *text;
};

#define HEAD "Content-Type: text/plain; charset=UTF-8\n"

static const struct pair good[] = {
	{ .id = "", .text = HEAD },
	{ .id = "a", .text = "first" },
	{ .id = "a.b", .text = "\xe4\xba\x8c" },
	{ .id = "b", .text = "" },
	{ .id = "zz", .text = "last" },
};

static void add_number(struct buf *mo, size_t number, bool swapped)
{
	uint32_t n = (uint32_t)number;

	if (swapped)
		n = __builtin_bswap32(n);
	buf_add(mo, &n, sizeof(n));
}

/* An MO file of the pairs as they stand: the reader is told nothing that is not in the bytes. */
static void write_mo(struct buf *mo, const struct pair *pairs, size_t n, bool swapped)
{
	size_t at = 28 + n * 16;

	buf_clear(mo);
	for (size_t i = 0; i < 7; i++)
		add_number(mo, (size_t[]){ 0x950412de, 0, n, 28, 28 + n * 8, 0, 0 }[i], swapped);
	for (int texts = 0; texts < 2; texts++)
		for (size_t i = 0; i < n; i++) {
			size_t len = strlen(texts ? pairs[i].text : pairs[i].id);

			add_number(mo, len, swapped);
			add_number(mo, at, swapped);
			at += len + 1;
		}
	for (int texts = 0; texts < 2; texts++)
		for (size_t i = 0; i < n; i++)
			buf_add(mo, texts ? pairs[i].text : pairs[i].id, strlen(texts ? pairs[i].text : pairs[i].id) + 1);
}

static void test_reads_both_byte_orders(void **state)
{
	struct buf mo = { 0 };

	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		struct catalogue c;
		struct complaint why = { 0 };

		write_mo(&mo, good, COUNT_OF(good), swapped);
		assert_true(catalogue_read("xx", buf_span(&mo), &c, &why));
		for (size_t i = 1; i < COUNT_OF(good); i++) {
			assert_true(span_is(catalogue_text(&c, span_of(good[i].id)), good[i].text));
			assert_true(span_is(catalogue_id_at(&c, i - 1), good[i].id));
		}
		assert_null(catalogue_id_at(&c, COUNT_OF(good) - 1).at);
	}
	buf_release(&mo);
}

static void test_absent_message_is_its_id(void **state)
{
	const char *const absent[] = { "", "0", "a.", "a.a", "aa", "b.", "zzz" };
	struct buf mo = { 0 };
	struct catalogue c;
	struct complaint why = { 0 };

	(void)state;
	write_mo(&mo, good, COUNT_OF(good), false);
	assert_true(catalogue_read("xx", buf_span(&mo), &c, &why));
	for (size_t i = 0; i < COUNT_OF(absent); i++)
		assert_true(span_is(catalogue_text(&c, span_of(absent[i])), absent[i]));
	assert_false(catalogue_has(&c, SPAN("zzz")));
	assert_false(catalogue_has(&c, SPAN("b")));
	assert_true(catalogue_has(&c, SPAN("a")));
	buf_release(&mo);
}

static void refused(struct span mo, const char *words)
{
	struct catalogue c;
	struct complaint why = { 0 };

	assert_false(catalogue_read("xx", mo, &c, &why));
	assert_non_null(strstr(why.text, "locale xx"));
	if (strstr(why.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
}

static void test_bad_files_are_refused(void **state)
{
	const struct pair unordered[] = { good[0], good[2], good[1] };
	const struct pair twice[] = { good[0], good[1], good[1] };
	const struct pair headless[] = { good[1], good[2] };
	const struct pair latin[] = { { .id = "", .text = "Content-Type: text/plain; charset=ISO-8859-1\n" } };
	struct buf mo = { 0 };
	char revision = 1;

	(void)state;
	refused(SPAN(""), "shorter");
	refused(SPAN("not an MO file, but as long as the head of one"), "not an MO file");
	write_mo(&mo, unordered, COUNT_OF(unordered), false);
	refused(buf_span(&mo), "not in order");
	write_mo(&mo, twice, COUNT_OF(twice), false);
	refused(buf_span(&mo), "not in order");
	write_mo(&mo, headless, COUNT_OF(headless), false);
	refused(buf_span(&mo), "charset");
	write_mo(&mo, latin, COUNT_OF(latin), false);
	refused(buf_span(&mo), "charset");
	write_mo(&mo, NULL, 0, false);
	refused(buf_span(&mo), "tables");
	write_mo(&mo, good, COUNT_OF(good), false);
	memcpy(mo.at + 4, &revision, 1);
	refused(buf_span(&mo), "revision");
	buf_release(&mo);
}

/* A file cut short anywhere is refused: each string must end in its NUL inside the file. */
static void test_cut_files_are_refused(void **state)
{
	struct buf mo = { 0 };

	(void)state;
	write_mo(&mo, good, COUNT_OF(good), false);
	for (size_t len = 0; len < mo.len; len++) {
		/* A copy of its own, so that a sanitizer sees a read behind the end. */
		char *copy = len > 0 ? malloc(len) : NULL;

		if (len > 0)
			memcpy(copy, mo.at, len);
		refused(span_from(copy, len), "");
		free(copy);
	}
	buf_release(&mo);
}

/* Whatever the bytes: refused, or readable without leaving the file. */
static void test_damaged_files_stay_inside(void **state)
{
	struct buf mo = { 0 };

	(void)state;
	srand(11);
	write_mo(&mo, good, COUNT_OF(good), false);
	for (int round = 0; round < 20000; round++) {
		struct span copy = span_from(malloc(mo.len), mo.len);
		struct catalogue c;
		struct complaint why;

		memcpy((void *)(uintptr_t)copy.at, mo.at, mo.len);
		((char *)(uintptr_t)copy.at)[4 + (size_t)rand() % (mo.len - 4)] = (char)rand();
		if (catalogue_read("xx", copy, &c, &why))
			for (size_t i = 0; catalogue_id_at(&c, i).at != NULL; i++) {
				struct span text = catalogue_text(&c, catalogue_id_at(&c, i));

				assert_true(text.at >= copy.at && text.at + text.len < copy.at + copy.len);
			}
		free((void *)(uintptr_t)copy.at);
	}
	buf_release(&mo);
}

/* --- the choice ---------------------------------------------------------------- */

static const struct catalogues three = {
	.at = { { .tag = "zh-CN" }, { .tag = "en" }, { .tag = "mn" } },
	.n = 3,
};

static const struct choice {
	const char *accept;
	const char *wanted;
	const char *tag;
} choices[] = {
	{ .accept = "", .wanted = "", .tag = "zh-CN" },
	{ .accept = "en", .wanted = "", .tag = "en" },
	{ .accept = "EN-us", .wanted = "", .tag = "en" },
	{ .accept = "zh-TW", .wanted = "", .tag = "zh-CN" },
	{ .accept = "fr, de;q=0.9", .wanted = "", .tag = "zh-CN" },
	{ .accept = "fr, en;q=0.5", .wanted = "", .tag = "en" },
	{ .accept = "en;q=0.5, mn;q=0.6, zh;q=0.4", .wanted = "", .tag = "mn" },
	{ .accept = "en;q=0.8, zh-CN;q=0.8", .wanted = "", .tag = "en" },
	{ .accept = "en;q=0", .wanted = "", .tag = "zh-CN" },
	{ .accept = "en;q=0.000, mn;q=0.001", .wanted = "", .tag = "mn" },
	{ .accept = "*, en;q=0.9", .wanted = "", .tag = "zh-CN" },
	{ .accept = "en , *;q=0.1", .wanted = "", .tag = "en" },
	{ .accept = "mn ; q=0.3 , en;Q=1.000", .wanted = "", .tag = "en" },
	{ .accept = "en;q=2, mn;q=0.1", .wanted = "", .tag = "mn" },
	{ .accept = "en;q=1.001, mn;q=0.1", .wanted = "", .tag = "mn" },
	{ .accept = "en;q=, mn;q=0.1", .wanted = "", .tag = "mn" },
	{ .accept = "en;q=0x1, ;;;,,, mn;q=0.1", .wanted = "", .tag = "mn" },
	{ .accept = "en;level=1, mn;q=0.1", .wanted = "", .tag = "mn" },
	{ .accept = "english", .wanted = "", .tag = "zh-CN" },
	{ .accept = "zh-CN", .wanted = "en", .tag = "en" },
	{ .accept = "en", .wanted = "zh-cn", .tag = "zh-CN" },
	{ .accept = "en", .wanted = "zh", .tag = "zh-CN" },
	{ .accept = "en", .wanted = "tlh", .tag = "en" },
	{ .accept = "en", .wanted = "<script>", .tag = "en" },
};

static void test_choice(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(choices); i++) {
		const struct catalogue *c = catalogue_choose(&three, span_of(choices[i].accept), span_of(choices[i].wanted));

		if (strcmp(c->tag, choices[i].tag) != 0)
			fail_msg("\"%s\" and \"%s\" give %s", choices[i].accept, choices[i].wanted, c->tag);
	}
}

/* The choice is one of the languages, whatever is sent. */
static void test_choice_always_answers(void **state)
{
	static const char signs[] = "enzhm-CN*;q=01.9, ";
	char text[40];

	(void)state;
	srand(13);
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)rand() % sizeof(text);
		const struct catalogue *c;

		for (size_t i = 0; i < len; i++)
			text[i] = rand() % 8 ? signs[(size_t)rand() % (sizeof(signs) - 1)] : (char)rand();
		c = catalogue_choose(&three, span_from(text, len), span_from(text, len / 4));
		assert_true(c >= three.at && c < three.at + three.n);
	}
}

static void test_languages_of_the_program(void **state)
{
	struct catalogues all;
	struct complaint why = { 0 };

	(void)state;
	assert_true(catalogues_load("zh-CN", &all, &why));
	assert_true(all.n >= 2);
	assert_string_equal(all.at[0].tag, "zh-CN");
	assert_non_null(catalogue_find(&all, SPAN("en")));
	assert_true(catalogues_load("en", &all, &why));
	assert_string_equal(all.at[0].tag, "en");
	assert_false(catalogues_load("tlh", &all, &why));
	assert_non_null(strstr(why.text, "tlh"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_both_byte_orders),
		cmocka_unit_test(test_absent_message_is_its_id),
		cmocka_unit_test(test_bad_files_are_refused),
		cmocka_unit_test(test_cut_files_are_refused),
		cmocka_unit_test(test_damaged_files_stay_inside),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_choice_always_answers),
		cmocka_unit_test(test_languages_of_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
