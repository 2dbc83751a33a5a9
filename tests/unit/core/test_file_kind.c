/*
 * Kinds of files: the table of types, files that are two things at once, and
 * how each leaves the desk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/files/file_kind.h"

struct row {
	const char *found;
	struct span start;
	bool fine;
};

#define ROW(type, bytes, well) { .found = type, .start = SPAN_INIT(bytes), .fine = well }

static void the_bytes_decide(void **state)
{
	static const struct row rows[] = {
		ROW("image/jpeg", "\xff\xd8\xff\xe0xx", true),
		ROW("image/jpeg", "\xff\xd8", false),
		ROW("image/jpeg", "x\xff\xd8\xff", false),
		ROW("image/jpeg", "\xff\xd8\xff\xfe\0\x20<HTML><script>alert(1)</script>", false),
		ROW("image/jpeg", "\xff\xd8\xff\xe1<x:xmpmeta xmlns:x='adobe:ns:meta/'>", true),
		ROW("image/png", "\x89PNG\r\n\x1a\n", true),
		ROW("image/png", "\x89PNG\r\n\x1a\n....<SvG onload=", false),
		ROW("image/png", "\x89PNG\n\x1a\n", false),
		ROW("image/webp", "RIFF\0\0\0\0WEBPVP8 ", true),
		ROW("image/webp", "RIFF\0\0\0\0WAVE", false),
		ROW("image/gif", "GIF89a", true),
		ROW("image/gif", "GIF89a/*<!DOCTYPE html>", false),
		ROW("image/heic", "\0\0\0\x18" "ftypheic", true),
		ROW("image/heic", "heic", false),
		ROW("video/mp4", "\0\0\0\x18" "ftypmp42", true),
		ROW("video/mp4", "\0\0\0\x18" "ftypmp42 <?php system(", false),
		ROW("video/3gpp", "\0\0\0\x18" "ftyp3gp5", true),
		ROW("audio/mpeg", "ID3\3", true),
		ROW("audio/mpeg", "\xff\xfb\x90", true),
		ROW("audio/mpeg", "#!/bin/sh", false),
		ROW("audio/amr", "#!AMR\n", true),
		ROW("audio/ogg", "OggS", true),
		ROW("application/pdf", "%PDF-1.7\n", true),
		ROW("application/pdf", "\n%PDF-1.7\n", false),
		ROW("application/pdf", "%PDF-1.7\n<script>", false),
		ROW("image/jpeg", "\xff\xd8\xff\xfe\0\x20%PDF-1.4", false),
		ROW("image/jpeg", "\xff\xd8\xff\xfe\0\x20#!/usr/bin/env", false),
		/* What says by its name that it is text is refused or taken as that. */
		ROW("text/html", "<html>", true),
		ROW("image/svg+xml", "<svg>", true),
		ROW("text/x-shellscript", "#!/bin/sh", true),
		ROW("application/zip", "PK\3\4", true),
		ROW("application/x-dosexec", "MZ", true),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span kind = file_kind_judge(span_of(rows[i].found), rows[i].start);

		if (!span_is(kind, rows[i].fine ? rows[i].found : FILE_KIND_UNKNOWN))
			fail_msg("row %zu: %s became %.*s", i, rows[i].found, (int)kind.len, kind.at);
	}
}

static void a_kind_has_one_name(void **state)
{
	(void)state;
	assert_true(span_is(file_kind_judge(SPAN("audio/x-m4a"), SPAN("\0\0\0\x18" "ftypM4A ")), "audio/mp4"));
	assert_true(span_is(file_kind_judge(SPAN("video/x-m4v"), SPAN("\0\0\0\x18" "ftypM4V ")), "video/mp4"));
	assert_true(span_is(file_kind_judge(SPAN("video/3gpp2"), SPAN("\0\0\0\x18" "ftyp3g2a")), "video/3gpp"));
}

/* Programs look at the beginning; pixels further on may say anything by chance. */
static void only_the_beginning_is_looked_at(void **state)
{
	char bytes[FILE_KIND_LOOK_BYTES + 100] = "\xff\xd8\xff";

	(void)state;
	memcpy(bytes + FILE_KIND_LOOK_BYTES, "<html>", 6);
	assert_true(span_is(file_kind_judge(SPAN("image/jpeg"), span_from(bytes, sizeof(bytes))), "image/jpeg"));
	memcpy(bytes + FILE_KIND_LOOK_BYTES - 5, "<html>", 6);
	assert_true(span_is(file_kind_judge(SPAN("image/jpeg"), span_from(bytes, sizeof(bytes))), FILE_KIND_UNKNOWN));
}

static void nothing_leaves_as_what_a_browser_runs(void **state)
{
	static const char *const types[] = {
		"text/html", "image/svg+xml", "text/xml", "application/xml", "application/xhtml+xml", "text/javascript",
		"application/javascript", "text/plain", "text/css", "application/x-shockwave-flash", "application/zip",
		"application/x-dosexec", "application/octet-stream", "text/x-shellscript", "application/x-msdownload", "",
		"image/jpeg; x=text/html", "message/rfc822", "multipart/x-mixed-replace", "application/wasm", "image/x-icon" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		assert_string_equal(file_kind_of(span_of(types[i]))->type, FILE_KIND_UNKNOWN);
		assert_string_equal(file_kind_of(span_of(types[i]))->ending, ".bin");
	}
	assert_string_equal(file_kind_of(SPAN("image/jpeg"))->ending, ".jpg");
	assert_string_equal(file_kind_of(SPAN("audio/x-m4a"))->type, "audio/mp4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bytes_decide),
		cmocka_unit_test(a_kind_has_one_name),
		cmocka_unit_test(only_the_beginning_is_looked_at),
		cmocka_unit_test(nothing_leaves_as_what_a_browser_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
