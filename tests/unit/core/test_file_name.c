/*
 * Names of files: made safe, kept readable, and offered for saving.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/files/file_name.h"

static void assert_clean(struct span sent, const char *expected)
{
	struct buf once = { 0 }, twice = { 0 };

	file_name_clean(sent, &once);
	if (!span_is(buf_span(&once), expected))
		fail_msg("%.*s, not %s", (int)once.len, once.at, expected);
	file_name_clean(buf_span(&once), &twice);
	assert_true(span_eq(buf_span(&once), buf_span(&twice)));
	buf_release(&once);
	buf_release(&twice);
}

#define CLEAN(sent, expected) assert_clean(SPAN(sent), expected)

static void names_are_made_safe(void **state)
{
	(void)state;
	CLEAN("photo.jpg", "photo.jpg");
	CLEAN("车站 旁边.jpg", "车站 旁边.jpg");
	CLEAN("C:\\fakepath\\gate.png", "gate.png");
	CLEAN("../../etc/passwd", "passwd");
	CLEAN("/", "file");
	CLEAN("", "file");
	CLEAN("...", "file");
	CLEAN(" . .hidden", "hidden");
	CLEAN("a.jpg. ", "a.jpg");
	CLEAN("a\0b\r\nc\x7f\x1b[2J.jpg", "abc[2J.jpg");
	CLEAN("a\xc2\x85" "b.jpg", "ab.jpg");
	CLEAN("a\"b:c*d?e<f>g|h%i.jpg", "a_b_c_d_e_f_g_h_i.jpg");
	CLEAN("$(reboot)`x`;&'.jpg", "_(reboot)_x____.jpg");
	/* Right to left: "annexe.jpg" would be seen as "ann" and "gpj.exe". */
	CLEAN("ann\xe2\x80\xae" "gpj.exe", "anngpj.exe");
	CLEAN("\xe2\x81\xa6" "a\xe2\x81\xa9\xe2\x80\x8f\xd8\x9c" "b", "ab");
	CLEAN("a\xe2\x80\x8b\xef\xbb\xbf\xe2\x80\xa8" "b", "ab");
	CLEAN("\xff\xfe" "a\xc3.jpg", "__a_.jpg");
	CLEAN("\xed\xa0\x80.jpg", "_.jpg");
	CLEAN("\xe2\x80\xae", "file");
}

static void a_long_name_is_cut_between_characters_and_keeps_its_ending(void **state)
{
	(void)state;
	for (size_t before = 0; before < 4; before++) {
		struct buf name = { 0 }, out = { 0 };

		for (size_t i = 0; i < before; i++)
			buf_add_byte(&name, 'x');
		for (int i = 0; i < 100; i++)
			buf_add_text(&name, "照");
		buf_add_text(&name, ".jpeg");
		file_name_clean(buf_span(&name), &out);
		assert_in_range(out.len, FILE_NAME_MAX - 3, FILE_NAME_MAX);
		assert_true(utf8_valid(buf_span(&out)));
		assert_true(span_is(span_from_offset(buf_span(&out), out.len - 5), ".jpeg"));
		assert_clean(buf_span(&name), (buf_add_byte(&out, 0), out.at));
		buf_release(&name);
		buf_release(&out);
	}
}

static void assert_saved(struct span name, const char *ending, const char *expected)
{
	struct buf out = { 0 };

	file_name_disposition(name, ending, &out);
	if (!span_is(buf_span(&out), expected))
		fail_msg("%.*s, not %s", (int)out.len, out.at, expected);
	buf_release(&out);
}

static void it_is_saved_as_what_it_is(void **state)
{
	(void)state;
	assert_saved(SPAN("photo.jpg"), ".jpg", "attachment; filename=\"photo.jpg\"");
	assert_saved(SPAN("PHOTO.JPG"), ".jpg", "attachment; filename=\"PHOTO.JPG\"");
	assert_saved(SPAN("photo.exe"), ".jpg", "attachment; filename=\"photo.exe.jpg\"");
	assert_saved(SPAN("page.html"), ".bin", "attachment; filename=\"page.html.bin\"");
	assert_saved(SPAN(".jpg"), ".jpg", "attachment; filename=\"jpg.jpg\"");
	assert_saved(SPAN("a\"\r\nSet-Cookie: x"), ".jpg", "attachment; filename=\"a_Set-Cookie__x.jpg\"");
	assert_saved(SPAN("照片 1.jpg"), ".jpg",
		     "attachment; filename=\"___1.jpg\"; filename*=UTF-8''%E7%85%A7%E7%89%87%201.jpg");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_made_safe),
		cmocka_unit_test(a_long_name_is_cut_between_characters_and_keeps_its_ending),
		cmocka_unit_test(it_is_saved_as_what_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
