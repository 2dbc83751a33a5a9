/*
 * multipart/form-data: the same events however the bytes are cut, data byte
 * for byte, strict refusals that name the part.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/buf.h"
#include "daemon/base/table.h"
#include "daemon/http/multipart.h"

#include <stdio.h>
#include <stdlib.h>

#define B "----form7MA4"
#define PART(fields, data) "--" B "\r\n" fields "\r\n\r\n" data "\r\n"
#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\""
#define END "--" B "--\r\n"

/* What came out, as text: "<name|filename|type>data</>". */
static bool note_begin(void *ctx, const struct multipart_part *part)
{
	buf_add_byte(ctx, '<');
	buf_add_span(ctx, part->name);
	buf_add_byte(ctx, '|');
	buf_add_span(ctx, part->filename.at != NULL ? part->filename : SPAN("-"));
	buf_add_byte(ctx, '|');
	buf_add_span(ctx, part->type);
	buf_add_byte(ctx, '>');
	return true;
}

static bool note_data(void *ctx, struct span piece)
{
	assert_true(piece.len > 0);
	buf_add_span(ctx, piece);
	return true;
}

static bool note_end(void *ctx)
{
	buf_add_text(ctx, "</>");
	return true;
}

/* Feeds pieces of `step` bytes, each in memory of its own. */
static bool parse(struct span body, size_t step, struct buf *events, struct complaint *complaint)
{
	static const struct multipart_limits limits = { .parts = 3, .head_bytes = 256, .part_bytes = 4096 };
	struct multipart_sink sink = { .begin = note_begin, .data = note_data, .end = note_end, .ctx = events };
	static struct multipart parser;
	bool good = true;

	memset(&parser, 0xa5, sizeof(parser));
	*complaint = (struct complaint){ 0 };
	multipart_init(&parser, SPAN(B), &limits, &sink);
	while (good && body.len > 0) {
		size_t n = body.len < step ? body.len : step;
		char *copy = malloc(n);

		memcpy(copy, body.at, n);
		good = multipart_feed(&parser, span_from(copy, n), complaint);
		free(copy);
		body = span_from_offset(body, n);
	}
	return good && multipart_finish(&parser, complaint);
}

static void check_events(struct span body, struct span expected)
{
	for (size_t step = 1; step <= body.len; step++) {
		struct buf events = { 0 };
		struct complaint complaint;

		if (!parse(body, step, &events, &complaint))
			fail_msg("step %zu: %s", step, complaint.text);
		assert_int_equal(events.len, expected.len);
		if (expected.len > 0)
			assert_memory_equal(events.at, expected.at, expected.len);
		buf_release(&events);
	}
}

static void events_do_not_depend_on_the_cuts(void **state)
{
	(void)state;
	check_events(SPAN(PART(FIELD("text"), "hello") PART(FIELD("file") "; filename=\"a.jpg\"\r\nContent-Type: image/jpeg",
							    "\xff\xd8\r\n\r\n--\r\n--" "----form7MA5\r\r\n-\0x") END),
		     SPAN("<text|-|>hello</><file|a.jpg|image/jpeg>\xff\xd8\r\n\r\n--\r\n------form7MA5\r\r\n-\0x</>"));
	check_events(SPAN(PART(FIELD("a"), "") END), SPAN("<a|-|></>"));
	check_events(SPAN(PART(FIELD("a"), "\r\n") "--" B "--"), SPAN("<a|-|>\r\n</>"));
	check_events(SPAN(END), SPAN(""));
}

static void names_are_read_as_clients_write_them(void **state)
{
	(void)state;
	check_events(SPAN(PART("content-disposition:form-data ;name=a; x=y ; FileName=\"\"", "") END), SPAN("<a||></>"));
	check_events(SPAN(PART(FIELD("a") "; filename=\"C:\\dir\\\\a\\\"b%22.txt\"", "") END),
		     SPAN("<a|C:\\dir\\a\"b%22.txt|></>"));
	check_events(SPAN(PART("X-Other: 1\r\nContent-Transfer-Encoding: binary\r\n" FIELD("\xe6\x96\x87"), "") END),
		     SPAN("<\xe6\x96\x87|-|></>"));
}

static const struct {
	struct span body;
	const char *text;
} refused[] = {
#define REFUSED(body_, text_) { .body = { .at = (body_), .len = sizeof(body_) - 1 }, .text = (text_) }
	REFUSED("", "the body ends in part 0, before its last boundary"),
	REFUSED("preamble\r\n" END, "the body does not begin with its boundary"),
	REFUSED(PART(FIELD("a"), "x"), "the body ends in part 1, before its last boundary"),
	REFUSED(PART(FIELD("a"), "x") "--" B "--\r", "the body ends in part 1, before its last boundary"),
	REFUSED(PART(FIELD("a"), "x") "--" B "-x", "the boundary behind part 1 is malformed"),
	REFUSED(PART(FIELD("a"), "x") "--" B " \r\n", "the boundary behind part 1 is malformed"),
	REFUSED(END "more", "the body goes on behind its last boundary"),
	REFUSED(END "\r\n", "the body goes on behind its last boundary"),
	REFUSED("--" B "\r\n\r\nx\r\n" END, "part 1 has no name"),
	REFUSED(PART("Content-Disposition: form-data", "x") END, "part 1 has no name"),
	REFUSED(PART("Content-Disposition: form-data; name=\"\"", "x") END, "part 1 has no name"),
	REFUSED(PART("Content-Disposition: attachment; name=a", "x") END, "part 1 is no form-data"),
	REFUSED(PART("Content-Disposition: form-data; name=\"a", "x") END, "part 1 has a malformed Content-Disposition"),
	REFUSED(PART(FIELD("a") "; name=b", "x") END, "part 1 has two names"),
	REFUSED(PART(FIELD("a") "\r\n" FIELD("a"), "x") END, "part 1 has two Content-Disposition fields"),
	REFUSED(PART(FIELD("a\xff"), "x") END, "part 1 has a name that is not plain UTF-8 text"),
	REFUSED(PART(FIELD("a\x01"), "x") END, "part 1 has a name that is not plain UTF-8 text"),
	REFUSED(PART(FIELD("a") "\r\n folded", "x") END, "part 1 has a malformed field"),
	REFUSED(PART(FIELD("a") "\nX: y", "x") END, "part 1 has a line that does not end in CR LF"),
	REFUSED(PART(FIELD("a") "\r\nContent-Transfer-Encoding: base64", "x") END, "part 1 has a transfer encoding"),
	REFUSED(PART(FIELD("a"), "") PART(FIELD("b"), "") PART(FIELD("c"), "") PART(FIELD("d"), "") END,
		"the body has more than 3 parts"),
};

static void a_refusal_names_the_part(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		for (size_t step = 1; step <= refused[i].body.len + 1; step += 6) {
			struct buf events = { 0 };
			struct complaint complaint;

			assert_false(parse(refused[i].body, step, &events, &complaint));
			assert_string_equal(complaint.text, refused[i].text);
			buf_release(&events);
		}
}

static void limits_hold(void **state)
{
	struct buf body = { 0 }, events = { 0 };
	struct complaint complaint;

	(void)state;
	for (size_t len = 4096; len <= 4097; len++) {
		buf_clear(&body);
		buf_add_text(&body, "--" B "\r\n" FIELD("a") "\r\n\r\n");
		memset(buf_reserve(&body, len), '\r', len);
		body.len += len;
		buf_add_text(&body, "\r\n" END);
		assert_int_equal(parse(buf_span(&body), 1000, &events, &complaint), len == 4096);
	}
	assert_string_equal(complaint.text, "part 1 is longer than 4096 bytes");
	buf_clear(&body);
	buf_add_text(&body, "--" B "\r\nX: ");
	memset(buf_reserve(&body, 300), 'x', 300);
	body.len += 300;
	assert_false(parse(buf_span(&body), 7, &events, &complaint));
	assert_string_equal(complaint.text, "part 1 has fields of more than 256 bytes");
	buf_release(&body);
	buf_release(&events);
}

static bool stop_begin(void *ctx, const struct multipart_part *part)
{
	(void)part;
	++*(int *)ctx;
	return false;
}

static void the_sink_can_stop(void **state)
{
	static const struct multipart_limits limits = { .parts = 3, .head_bytes = 256, .part_bytes = 4096 };
	int calls = 0;
	struct multipart_sink sink = { .begin = stop_begin, .ctx = &calls };
	struct complaint complaint = { .text = "mine" };
	static struct multipart parser;

	(void)state;
	multipart_init(&parser, SPAN(B), &limits, &sink);
	assert_false(multipart_feed(&parser, SPAN(PART(FIELD("a"), "x")), &complaint));
	assert_false(multipart_feed(&parser, SPAN(END), &complaint));
	assert_false(multipart_finish(&parser, &complaint));
	assert_string_equal(complaint.text, "mine");
	assert_int_equal(calls, 1);
}

static void boundaries_are_found(void **state)
{
	struct span b;
	char text[200];

	(void)state;
	assert_true(multipart_boundary(SPAN("multipart/form-data; boundary=abc"), &b) && span_is(b, "abc"));
	assert_true(multipart_boundary(SPAN("Multipart/Form-Data ; x=y;BOUNDARY=\"a:b\" "), &b) && span_is(b, "a:b"));
	assert_false(multipart_boundary(SPAN("multipart/mixed; boundary=abc"), &b));
	assert_false(multipart_boundary(SPAN("multipart/form-data"), &b));
	assert_false(multipart_boundary(SPAN("multipart/form-data; boundary="), &b));
	assert_false(multipart_boundary(SPAN("multipart/form-data; boundary=\"\""), &b));
	assert_false(multipart_boundary(SPAN("multipart/form-data; boundary=a b"), &b));
	assert_false(multipart_boundary(SPAN("multipart/form-data; boundary=a; boundary=b"), &b));
	assert_false(multipart_boundary((struct span){ 0 }, &b));
	snprintf(text, sizeof(text), "multipart/form-data; boundary=%070d", 1);
	assert_true(multipart_boundary(span_of(text), &b));
	snprintf(text, sizeof(text), "multipart/form-data; boundary=%071d", 1);
	assert_false(multipart_boundary(span_of(text), &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_do_not_depend_on_the_cuts),
		cmocka_unit_test(names_are_read_as_clients_write_them),
		cmocka_unit_test(a_refusal_names_the_part),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(the_sink_can_stop),
		cmocka_unit_test(boundaries_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
