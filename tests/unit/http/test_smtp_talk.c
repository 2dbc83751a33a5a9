/*
 * The talk about one message, answer by answer: how it ends, and how it would if the connection ended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/http/smtp_talk.h"

static const char *const two[] = { "a@x", "b@x", NULL };
static const struct smtp_letter letter = { .from = "t@x", .to = two, .message = SPAN_INIT("S: 1\r\n\r\n.dot\r\n") };

/* All that is said when the server says that, one octet at a time. */
static struct smtp_talk talk_of(const char *answers, bool well, struct buf *said)
{
	struct smtp_talk talk;
	bool on = true;

	smtp_talk_begin(&talk, &letter, said);
	for (const char *at = answers; *at != '\0' && on; at++)
		on = smtp_talk_hear(&talk, span_from(at, 1), said);
	assert_int_equal(on || talk.stage == SMTP_AT_QUIT, well);
	smtp_talk_release(&talk);
	return talk;
}

static void all_goes_well(void **state)
{
	struct buf said = { 0 };
	struct smtp_talk talk = talk_of("250-yes\r\n250 yes\r\n250 a\r\n251 b\r\n354 go\r\n250 ok\r\n", true, &said);

	(void)state;
	assert_int_equal(talk.outcome, SMTP_ACCEPTED);
	assert_int_equal(talk.code, 250);
	assert_true(span_is(buf_span(&said), "MAIL FROM:<t@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nS: 1\r\n\r\n..dot\r\n.\r\nQUIT\r\n"));
	buf_release(&said);
}

static void every_end(void **state)
{
	static const struct {
		const char *answers;
		enum smtp_outcome outcome;
		unsigned refused;
	} rows[] = {
		{ "", SMTP_LATER, 0 },
		{ "450 x\r\n", SMTP_LATER, 0 },
		{ "550 x\r\n", SMTP_REFUSED, 0 },
		{ "250 x\r\n550 x\r\n550 x\r\n", SMTP_REFUSED, 2 },
		{ "250 x\r\n550 x\r\n450 x\r\n", SMTP_LATER, 2 },
		{ "250 x\r\n450 x\r\n550 x\r\n", SMTP_LATER, 2 },
		{ "250 x\r\n250 x\r\n250 x\r\n", SMTP_LATER, 0 },
		{ "250 x\r\n250 x\r\n250 x\r\n554 x\r\n", SMTP_REFUSED, 0 },
		{ "250 x\r\n250 x\r\n250 x\r\n354 x\r\n", SMTP_UNKNOWN, 0 },
		{ "250 x\r\n250 x\r\n250 x\r\n354 x\r\n250-not yet\r\n", SMTP_UNKNOWN, 0 },
		{ "250 x\r\n250 x\r\n250 x\r\n354 x\r\n452 x\r\n", SMTP_LATER, 0 },
		{ "250 x\r\n250 x\r\n250 x\r\n354 x\r\n552 x\r\n", SMTP_REFUSED, 0 },
		{ "250 x\r\n550 x\r\n250 x\r\n354 x\r\n250\r\n", SMTP_ACCEPTED, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf said = { 0 };
		struct smtp_talk talk = talk_of(rows[i].answers, true, &said);

		assert_int_equal(talk.outcome, rows[i].outcome);
		assert_int_equal(talk.refused_to, rows[i].refused);
		buf_release(&said);
	}
}

static void what_is_no_answer_ends_it(void **state)
{
	static const char *const wrong[] = { "hello\r\n", "25\r\n", "999 x\r\n", "250x\r\n", "\r\n", "100 x\r\n" };
	char endless[4000] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct buf said = { 0 };

		assert_int_equal(talk_of(wrong[i], false, &said).outcome, SMTP_LATER);
		buf_release(&said);
	}
	memset(endless, '2', sizeof(endless) - 1);
	struct buf said = { 0 };
	(void)talk_of(endless, false, &said);
	buf_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_goes_well),
		cmocka_unit_test(every_end),
		cmocka_unit_test(what_is_no_answer_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
