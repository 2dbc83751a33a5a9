/*
 * Messages: short lines, words in other scripts, and fields that nothing breaks out of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/mail_message.h"

#include "daemon/base/base64.h"

static struct buf written(const struct mail_message *message)
{
	struct buf out = { 0 };

	mail_message_write(message, &out);
	/* Every line is ended by CRLF, has no other control character, and is short. */
	for (size_t i = 0, start = 0; i < out.len; i++) {
		if (out.at[i] == '\n') {
			assert_true(i > start && out.at[i - 1] == '\r' && i - start <= 79);
			start = i + 1;
		} else {
			assert_true(out.at[i] == '\r' ? out.at[i + 1] == '\n' : out.at[i] >= ' ' && out.at[i] <= '~');
		}
	}
	return out;
}

static const struct mail_message plain = {
	.from = SPAN_INIT("tips@example.org"),
	.to = SPAN_INIT("a@example.org , b@example.org"),
	.subject = SPAN_INIT("to look at"),
	.id = SPAN_INIT("msg_1"),
	.language = SPAN_INIT("en"),
	.at_ms = INT64_C(1763748000000),
	.body = SPAN_INIT("one\ntwo\n"),
};

static void a_message_is_whole(void **state)
{
	struct buf out = written(&plain);

	(void)state;
	assert_true(span_is(buf_span(&out),
			    "Date: Fri, 21 Nov 2025 18:00:00 +0000\r\nFrom: <tips@example.org>\r\nTo: <a@example.org>,\r\n <b@example.org>\r\n"
			    "Subject: to look at\r\nMessage-ID: <msg_1@example.org>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
			    "Content-Type: text/plain; charset=utf-8\r\nContent-Language: en\r\nContent-Transfer-Encoding: base64\r\n\r\n"
			    "b25lDQp0d28NCg==\r\n"));
	buf_release(&out);
}

/* Decoded one after the other the words are the text, and none cuts a character. */
static void long_subjects_become_words(void **state)
{
	struct mail_message message = plain;
	struct buf text = { 0 }, out, back = { 0 };
	size_t at, words = 0;

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		buf_add_text(&text, i % 7 == 0 ? "x" : "线索");
	message.subject = buf_span(&text);
	message.from_name = SPAN("线索\"<x@y>");
	out = written(&message);
	at = span_find(buf_span(&out), SPAN("Subject: "));
	for (struct span rest = span_from_offset(buf_span(&out), at + strlen("Subject: ")); span_starts(rest, SPAN("=?UTF-8?B?")); words++) {
		struct span word = span_from_offset(rest, 10);
		char bytes[64];
		size_t n, end = span_find(word, SPAN("?="));

		assert_true(end + 12 <= 75);
		assert_true(base64_get(span_from(word.at, end), bytes, sizeof(bytes), &n));
		assert_true(n == 0 || (bytes[0] & 0xC0) != 0x80);
		buf_add(&back, bytes, n);
		rest = span_from_offset(word, end + 5);   /* "?=" CRLF and a blank */
	}
	assert_true(words > 2);
	assert_true(span_eq(buf_span(&text), buf_span(&back)));
	buf_release(&text);
	buf_release(&out);
	buf_release(&back);
}

static void nothing_begins_another_field(void **state)
{
	struct mail_message message = plain;
	struct buf out;

	(void)state;
	message.subject = SPAN("x\r\nBcc: evil@example.org");
	message.from_name = SPAN("y\nX-Evil: 1");
	out = written(&message);
	assert_true(span_find(buf_span(&out), SPAN("Bcc")) == out.len);
	assert_true(span_find(buf_span(&out), SPAN("X-Evil")) == out.len);
	buf_release(&out);
}

static void only_plain_addresses_fit(void **state)
{
	static const char *const good[] = { "a@b", "desk.night+x@bureau.example.org", "1@xn--fiq228c.example" };
	static const char *const bad[] = { "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b.", ".a@b", "a..b@c", "\"a\"@b", "<a@b>", "a@[127.0.0.1]",
					   "a@b\r\n", "a@-b", "线@b", "a@b,c@d" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(mail_address_fits(span_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(mail_address_fits(span_of(bad[i])));
}

static void addresses_are_taken_one_by_one(void **state)
{
	struct span rest = SPAN(" a@b ,, c@d,"), address;

	(void)state;
	assert_true(mail_address_next(&rest, &address) && span_is(address, "a@b"));
	assert_true(mail_address_next(&rest, &address) && span_is(address, "c@d"));
	assert_false(mail_address_next(&rest, &address));
}

static void servers(void **state)
{
	static const struct {
		const char *url;
		bool fits, loopback;
	} rows[] = {
		{ "smtp://127.0.0.1:25", true, true }, { "smtps://localhost", true, true }, { "smtp://[::1]:2525", true, true },
		{ "smtp://mail.example.org:587", true, false }, { "smtp://127.evil.example", true, false }, { "smtp://[::2]", true, false },
		{ "smtp://", false, false }, { "http://a", false, false }, { "smtp://a:0", false, false }, { "smtp://a:70000", false, false },
		{ "smtp://a/b", false, false }, { "smtp://u@a", false, false }, { "smtp://a:25/x", false, false }, { "smtp://a:", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(mail_server_fits(span_of(rows[i].url)), rows[i].fits);
		if (rows[i].fits)
			assert_int_equal(mail_server_loopback(span_of(rows[i].url)), rows[i].loopback);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_whole),
		cmocka_unit_test(long_subjects_become_words),
		cmocka_unit_test(nothing_begins_another_field),
		cmocka_unit_test(only_plain_addresses_fit),
		cmocka_unit_test(addresses_are_taken_one_by_one),
		cmocka_unit_test(servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
