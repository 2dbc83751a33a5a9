/*
 * Quorum files: what they decide, over all sets of witnesses, and the line that
 * a complaint names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tlog/keys.h"

#include "daemon/base/table.h"
#include "daemon/tlog/quorum.h"

#include <stdio.h>

struct file {
	struct arena arena;
	struct buf text;
	struct complaint why;
};

static void add_witnesses(struct buf *text, unsigned char n)
{
	for (unsigned char i = 1; i <= n; i++) {
		struct note_signer witness = keys_witness(i);
		char before[] = "witness w0";

		before[9] = (char)('0' + i);
		keys_line(text, before, &witness.key);
	}
}

/* Line 1: a log; lines 2 to 7: six witnesses; then `more`. */
static const struct quorum *parse(struct file *file, const char *more)
{
	struct note_signer log = keys_log(1);

	*file = (struct file){ .text = { 0 } };
	keys_line(&file->text, "log", &log.key);
	add_witnesses(&file->text, 6);
	buf_add_text(&file->text, more);
	return quorum_parse(buf_span(&file->text), &file->arena, &file->why);
}

static void release(struct file *file)
{
	arena_release(&file->arena);
	buf_release(&file->text);
}

static size_t count(uint64_t set)
{
	size_t n = 0;

	for (; set > 0; set &= set - 1)
		n++;
	return n;
}

/* The example of the C2SP text: two of three, and one of three. */
static void groups_of_groups(void **state)
{
	struct file file;
	const struct quorum *quorum = parse(&file, "group X 2 w1 w2 w3\ngroup Y any w4 w5 w6\ngroup XY all X Y\nquorum XY\n");

	(void)state;
	assert_non_null(quorum);
	for (uint64_t set = 0; set < 64; set++)
		assert_int_equal(quorum_met(quorum, set), count(set & 7) >= 2 && count(set >> 3) >= 1);
	release(&file);
}

static void simple_ones(void **state)
{
	struct file file;

	(void)state;
	for (uint64_t set = 0; set < 64; set++) {
		assert_true(quorum_met(parse(&file, "quorum none\n"), set));
		release(&file);
		assert_int_equal(quorum_met(parse(&file, "quorum w3\n"), set), set >> 2 & 1);
		release(&file);
		assert_int_equal(quorum_met(parse(&file, " # which\n\n\tgroup  g\tall w1 w2 w3 w4 w5 w6 \nquorum g\n"), set), set == 63);
		release(&file);
	}
}

static void complaints_name_the_line(void **state)
{
	static const struct {
		const char *more, *text;
		size_t line;
	} wrong[] = {
		{ .more = "", .line = 0, .text = "missing" },
		{ .more = "quorum w1\nquorum w1\n", .line = 9, .text = "second" },
		{ .more = "quorum w7\n", .line = 8, .text = "w7" },
		{ .more = "quorum\n", .line = 8, .text = "expected" },
		{ .more = "quorum w1", .line = 8, .text = "newline" },
		{ .more = "group g 4 w1 w2 w3\nquorum g\n", .line = 8, .text = "members" },
		{ .more = "group g 0 w1\nquorum g\n", .line = 8, .text = "members" },
		{ .more = "group g 02 w1 w2\nquorum g\n", .line = 8, .text = "members" },
		{ .more = "group g most w1 w2\nquorum g\n", .line = 8, .text = "most" },
		{ .more = "group g any\nquorum g\n", .line = 8, .text = "expected" },
		{ .more = "group g any g\nquorum g\n", .line = 8, .text = "defines" },
		{ .more = "group g any none\nquorum g\n", .line = 8, .text = "defines" },
		{ .more = "group none any w1\nquorum none\n", .line = 8, .text = "none" },
		{ .more = "group w1 any w2\nquorum w1\n", .line = 8, .text = "twice" },
		{ .more = "group g 1 w1 w1\nquorum g\n", .line = 8, .text = "member" },
		{ .more = "\ngroup g any w1 w2\ngroup h any w1\nquorum g\n", .line = 10, .text = "member" },
		{ .more = "# a\nwitness w7 abc\nquorum none\n", .line = 9, .text = "no key" },
		{ .more = "logs x\nquorum none\n", .line = 8, .text = "expected log" },
		{ .more = "quorum\rnone\n", .line = 8, .text = "control" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct file file;

		assert_null(parse(&file, wrong[i].more));
		if (file.why.line != wrong[i].line || strstr(file.why.text, wrong[i].text) == NULL)
			fail_msg("%zu: line %zu: %s", i, file.why.line, file.why.text);
		release(&file);
	}
}

static void a_key_stands_once_and_in_its_place(void **state)
{
	struct note_signer log = keys_log(1), witness = keys_witness(1);
	char log_key[NOTE_KEY_TEXT_MAX], witness_key[NOTE_KEY_TEXT_MAX], more[1024];
	static const char *const forms[] = { "log", "witness x" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct span key = i / 2 == 0 ? note_key_write(&log.key, log_key) : note_key_write(&witness.key, witness_key);
		struct file file;

		snprintf(more, sizeof(more), "%s %.*s\n", forms[i % 2], (int)key.len, key.at);
		assert_null(parse(&file, more));
		assert_int_equal(file.why.line, 8);
		assert_non_null(strstr(file.why.text, i / 2 == i % 2 ? "before" : "type"));
		release(&file);
	}
}

static void many_are_supported_and_bounded(void **state)
{
	struct buf text = { 0 };
	struct arena arena = { 0 };
	struct complaint why;
	char before[32];

	(void)state;
	for (unsigned i = 0; i <= QUORUM_WITNESSES_MAX; i++) {
		struct note_signer witness = keys_make("w", NOTE_COSIGNATURE, (unsigned char)i);

		snprintf(before, sizeof(before), "witness n%u", i);
		keys_line(&text, before, &witness.key);
		snprintf(before, sizeof(before), "group g%u any n%u\n", i, i);
		buf_add_text(&text, before);
		if (i + 1 < QUORUM_WITNESSES_MAX)
			continue;
		buf_add_text(&text, "quorum g63\n");
		if (i < QUORUM_WITNESSES_MAX)
			assert_non_null(quorum_parse(buf_span(&text), &arena, &why));
		else
			assert_null(quorum_parse(buf_span(&text), &arena, &why));
		text.len -= sizeof("quorum g63\n") - 1;
	}
	arena_release(&arena);
	buf_release(&text);
}

/* --- judging a checkpoint ----------------------------------------------------------------------- */

struct trial {
	const char *name;
	unsigned log, witnesses;        /* who signs: key number of the log (0: none), bits of witnesses */
	unsigned spoil;                 /* a byte of this witness's line is changed */
	enum quorum_verdict verdict;
};

static void judge(const struct trial *trial)
{
	struct file file;
	const struct quorum *quorum = parse(&file, "group g 2 w1 w2 w3\nquorum g\n");
	struct tree_head head = { .size = 1234 };
	struct quorum_finding finding;
	struct buf note = { 0 };

	keys_checkpoint(&head, &note);
	if (trial->log > 0) {
		struct note_signer log = keys_log((unsigned char)trial->log);

		keys_sign(&note, &log, 0);
	}
	for (unsigned i = 1; i <= 9; i++)
		if (trial->witnesses >> i & 1) {
			struct note_signer witness = keys_witness((unsigned char)i);

			keys_sign(&note, &witness, 1000 + i);
			if (trial->spoil == i)
				note.at[note.len - 8] ^= 1;
		}
	quorum_judge(quorum, buf_span(&note), &finding);
	if (finding.verdict != trial->verdict)
		fail_msg("%s: verdict %d", trial->name, (int)finding.verdict);
	if (finding.verdict == QUORUM_MET) {
		assert_int_equal(finding.cosigned, (trial->witnesses >> 1) & 63);
		assert_int_equal(finding.checkpoint.head.size, 1234);
		assert_true(finding.newest > 1000);
	}
	buf_release(&note);
	release(&file);
}

static void checkpoints_are_judged(void **state)
{
	static const struct trial trials[] = {
		{ .name = "two of three", .log = 1, .witnesses = 0x6, .verdict = QUORUM_MET },
		{ .name = "all and strangers", .log = 1, .witnesses = 0x3FE, .verdict = QUORUM_MET },
		{ .name = "one", .log = 1, .witnesses = 0x2, .verdict = QUORUM_MISSING },
		{ .name = "one and strangers", .log = 1, .witnesses = 0x3F2, .verdict = QUORUM_MISSING },
		{ .name = "none", .log = 1, .verdict = QUORUM_MISSING },
		{ .name = "a log of that name with another key", .log = 2, .witnesses = 0x6, .verdict = QUORUM_NO_LOG },
		{ .name = "witnesses alone", .witnesses = 0x6, .verdict = QUORUM_NO_LOG },
		{ .name = "nobody", .verdict = QUORUM_MALFORMED },
		{ .name = "a forged witness", .log = 1, .witnesses = 0xE, .spoil = 2, .verdict = QUORUM_FORGED },
		{ .name = "a forged stranger", .log = 1, .witnesses = 0x206, .spoil = 9, .verdict = QUORUM_MET },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(trials); i++)
		judge(&trials[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_of_groups),
		cmocka_unit_test(simple_ones),
		cmocka_unit_test(complaints_name_the_line),
		cmocka_unit_test(a_key_stands_once_and_in_its_place),
		cmocka_unit_test(many_are_supported_and_bounded),
		cmocka_unit_test(checkpoints_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
