/*
 * The policy of who cosigns: lines that are ours, witnesses that can be asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/log_policy.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct note_signer ours, other;
static struct arena arena;
static struct complaint why;

static const char *key_text(const char *name, enum note_kind kind, const unsigned char *public_key)
{
	char *text = arena_alloc(&arena, NOTE_KEY_TEXT_MAX + 1);
	struct note_key key;

	note_key_make(span_of(name), kind, public_key, &key);
	text[note_key_write(&key, text).len] = '\0';
	return text;
}

static const char *log_line(const char *name, const struct note_signer *signer)
{
	return arena_printf(&arena, "log %s\n", key_text(name, NOTE_ED25519, signer->key.public_key));
}

static const char *witness_line(const char *name, int n, const char *url)
{
	unsigned char public_key[NOTE_KEY_BYTES] = { (unsigned char)n };

	return arena_printf(&arena, "witness %s %s %s\n", name, key_text(name, NOTE_COSIGNATURE, public_key), url);
}

static const struct quorum *parse(const char *text)
{
	why = (struct complaint){ .line = 0 };
	return log_policy_parse(span_of(text), SPAN("tips.example"), ours.key.public_key, &arena, &why);
}

static void refused(const char *text, size_t line, const char *words)
{
	assert_null(parse(text));
	if (why.line != line || strstr(why.text, words) == NULL)
		fail_msg("%zu: %s", why.line, why.text);
}

static const char *all(const char *a, const char *b, const char *c, const char *d)
{
	return arena_printf(&arena, "%s%s%s%s", a, b, c, d);
}

static void good_ones(void **state)
{
	const struct quorum *quorum;

	(void)state;
	quorum = parse(all(log_line("tips.example/15", &ours), log_line("tips.example/money", &ours),
			   witness_line("w", 1, "https://w.example/a"), "quorum w\n"));
	assert_non_null(quorum);
	assert_int_equal(quorum->nlogs, 2);
	assert_non_null(parse(all(log_line("tips.example/15", &ours), "", "", "quorum none\n")));
	/* One that is not asked may cosign by itself; the quorum does without. */
	assert_non_null(parse(all(log_line("tips.example/15", &ours), witness_line("w", 1, ""), witness_line("v", 2, "http://v.example"),
				  "group g any w v\nquorum g\n")));
}

static void lines_that_are_not_ours(void **state)
{
	(void)state;
	refused(all("# ours\n\n", log_line("tops.example/15", &ours), "", "quorum none\n"), 3, "no log of this house");
	refused(all(log_line("tips.example/15", &ours), log_line("tips.example/00", &other), "", "quorum none\n"), 2, "not our key");
	refused(all(log_line("tips.example", &ours), "", "", "quorum none\n"), 1, "no log of this house");
	refused(all(log_line("tips.example/15/x", &ours), "", "", "quorum none\n"), 1, "no log of this house");
	refused("quorum none\n", 0, "no line names a log");
	refused(all("  ", log_line("tips.example/15", &other), "", "quorum none\n"), 1, "not our key");
}

static void witnesses_that_cannot_be_asked(void **state)
{
	const char *log = log_line("tips.example/15", &ours);

	(void)state;
	refused(all(log, witness_line("w", 1, "ftp://w.example"), "", "quorum w\n"), 2, "http or https");
	refused(all(log, witness_line("w", 1, ""), "", "quorum w\n"), 0, "cannot be met");
	refused(all(log, witness_line("w", 1, ""), witness_line("v", 2, "http://v"), "group g all w v\nquorum g\n"), 0, "cannot be met");
	refused(all(log, "witness w\n", "", "quorum w\n"), 2, "expected: witness");
}

static void from_a_file(void **state)
{
	char path[] = "/tmp/tipline-policy-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	(void)state;
	assert_non_null(file);
	fputs("log x\n", file);
	fclose(file);
	assert_null(log_policy_read(path, SPAN("tips.example"), NULL, &arena, &why));
	assert_int_equal(why.line, 1);
	file = fopen(path, "w");
	fputs(all(log_line("other.example/15", &other), "", "", "quorum none\n"), file);
	fclose(file);
	/* Without keys its form alone. */
	assert_non_null(log_policy_read(path, SPAN("tips.example"), NULL, &arena, &why));
	unlink(path);
	assert_null(log_policy_read(path, SPAN("tips.example"), NULL, &arena, &why));
	assert_int_equal(why.line, 0);
}

static int begin(void **state)
{
	static const unsigned char seeds[2][NOTE_SEED_BYTES] = { { 1 }, { 2 } };

	(void)state;
	if (sodium_init() < 0)
		return -1;
	note_signer_make(SPAN("tips.example"), NOTE_ED25519, seeds[0], &ours);
	note_signer_make(SPAN("tips.example"), NOTE_ED25519, seeds[1], &other);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones),
		cmocka_unit_test(lines_that_are_not_ours),
		cmocka_unit_test(witnesses_that_cannot_be_asked),
		cmocka_unit_test(from_a_file),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
