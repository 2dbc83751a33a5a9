/*
 * Signed notes: one that another implementation signed (golang.org/x/mod), the
 * form with all that must be refused, and what signing and checking promise
 * each other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/note.h"

#include "daemon/base/table.h"

#define TEXT "If you think cryptography is the answer to your problem,\n" \
	     "then you don't know what your problem is.\n"
#define PETER_KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PETER_SIGNER "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
#define PETER "\xE2\x80\x94 PeterNeumann " \
	      "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define ENOCH_KEY "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
#define ENOCH "\xE2\x80\x94 EnochRoot " \
	      "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"

static struct note_key key_of(const char *text)
{
	struct note_key key;

	assert_true(note_key_parse(span_of(text), &key));
	return key;
}

static void a_foreign_note_is_checked(void **state)
{
	struct note_key peter = key_of(PETER_KEY), enoch = key_of(ENOCH_KEY);
	struct note note;
	uint64_t time = 7;

	(void)state;
	assert_true(note_parse(SPAN(TEXT "\n" PETER ENOCH), &note));
	assert_true(span_is(note.text, TEXT));
	assert_int_equal(note.n, 2);
	assert_true(span_is(note.signatures[1].name, "EnochRoot") && span_is(note.signatures[1].line, ENOCH));
	assert_int_equal(note_check(&note, &peter, &time), NOTE_SIGNED);
	assert_int_equal(time, 0);
	assert_int_equal(note_check(&note, &enoch, NULL), NOTE_SIGNED);
	assert_true(note_parse(SPAN(TEXT "\n" PETER), &note));
	assert_int_equal(note_check(&note, &enoch, NULL), NOTE_ABSENT);
}

static void a_note_is_signed_alike(void **state)
{
	struct note_signer signer;
	struct buf line = { 0 };

	(void)state;
	assert_true(note_signer_parse(SPAN(PETER_SIGNER), &signer));
	note_sign(&signer, SPAN(TEXT), 12345, &line);
	assert_true(span_is(buf_span(&line), PETER));
	buf_release(&line);
	note_signer_release(&signer);
}

static void the_form_is_strict(void **state)
{
	static const struct span wrong[] = {
		SPAN_INIT(""), SPAN_INIT("\n"), SPAN_INIT("\n\n"), SPAN_INIT(TEXT), SPAN_INIT(TEXT "\n"), SPAN_INIT(TEXT PETER),
		SPAN_INIT("\n" PETER), SPAN_INIT(TEXT "\n" PETER "x"), SPAN_INIT(TEXT "\n" PETER "\n"),
		SPAN_INIT(TEXT "\n- PeterNeumann x08go/ZJ\n"), SPAN_INIT(TEXT "\n\xE2\x80\x94 PeterNeumann x08go/ZJ"),
		SPAN_INIT(TEXT "\n\xE2\x80\x94 PeterNeumann  x08go/ZJ\n"), SPAN_INIT(TEXT "\n\xE2\x80\x94 PeterNeumann x08go/ZJ \n"),
		SPAN_INIT(TEXT "\n\xE2\x80\x94 PeterNeumann x08goA==\n"), SPAN_INIT(TEXT "\n\xE2\x80\x94  x08go/ZJ\n"),
		SPAN_INIT(TEXT "\n\xE2\x80\x94 Peter+Neumann x08go/ZJ\n"), SPAN_INIT(TEXT "\n\xE2\x80\x94 Peter\xE3\x80\x80N x08go/ZJ\n"),
		SPAN_INIT("a\tb\n\n" PETER), SPAN_INIT("a\0b\n\n" PETER), SPAN_INIT("a\xFF\n\n" PETER), SPAN_INIT("a\r\n\n" PETER),
		SPAN_INIT(TEXT "\n" PETER "\r\n"),
	};
	struct note note;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (note_parse(wrong[i], &note))
			fail_msg("number %zu was taken", i);
}

static void the_last_empty_line_ends_the_text(void **state)
{
	struct note note;

	(void)state;
	assert_true(note_parse(SPAN("a\n\nb\n\n\n" PETER), &note));
	assert_true(span_is(note.text, "a\n\nb\n\n"));
}

static void changed_text_or_signature_is_forged(void **state)
{
	struct note_key peter = key_of(PETER_KEY);
	char bytes[] = TEXT "\n" PETER;
	struct note note;
	size_t parsed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
		bytes[i] ^= 1;
		if (note_parse(span_from(bytes, sizeof(bytes) - 1), &note)) {
			parsed++;
			assert_int_not_equal(note_check(&note, &peter, NULL), NOTE_SIGNED);
		}
		bytes[i] ^= 1;
	}
	assert_true(parsed > 100);
	bytes[0] = 'i';
	assert_true(note_parse(span_from(bytes, sizeof(bytes) - 1), &note));
	assert_int_equal(note_check(&note, &peter, NULL), NOTE_FORGED);
}

/* A name or an id alone is another key. */
static void others_are_ignored(void **state)
{
	struct note_key peter = key_of(PETER_KEY), other = peter;
	struct note note;

	(void)state;
	assert_true(note_parse(SPAN("other\n\n" PETER), &note));
	assert_int_equal(note_check(&note, &peter, NULL), NOTE_FORGED);
	other.id++;
	assert_int_equal(note_check(&note, &other, NULL), NOTE_ABSENT);
	other = peter;
	other.name[0] = 'p';
	assert_int_equal(note_check(&note, &other, NULL), NOTE_ABSENT);
}

/* One false line among true ones spoils the note. */
static void every_line_of_a_key_holds(void **state)
{
	struct note_key peter = key_of(PETER_KEY);
	struct note note;

	(void)state;
	assert_true(note_parse(SPAN(TEXT "\n" PETER PETER), &note));
	assert_int_equal(note_check(&note, &peter, NULL), NOTE_SIGNED);
	assert_true(note_parse(SPAN(TEXT "\n" PETER "\xE2\x80\x94 PeterNeumann x08go/ZJ\n"), &note));
	assert_int_equal(note_check(&note, &peter, NULL), NOTE_FORGED);
}

static void cosignatures_carry_a_time(void **state)
{
	static const unsigned char seed[NOTE_SEED_BYTES] = { 1, 2, 3 };
	struct note_signer witness, log;
	struct buf bytes = { 0 };
	struct note note;
	uint64_t time;

	(void)state;
	note_signer_make(SPAN("witness.example/w1"), NOTE_COSIGNATURE, seed, &witness);
	note_signer_make(SPAN("witness.example/w1"), NOTE_ED25519, seed, &log);
	assert_int_not_equal(witness.key.id, log.key.id);
	buf_add_text(&bytes, TEXT "\n");
	note_sign(&witness, SPAN(TEXT), 1679315147, &bytes);
	note_sign(&witness, SPAN(TEXT), 1679315100, &bytes);
	note_sign(&log, SPAN(TEXT), 0, &bytes);
	assert_true(note_parse(buf_span(&bytes), &note));
	assert_int_equal(note_check(&note, &witness.key, &time), NOTE_SIGNED);
	assert_int_equal(time, 1679315147);
	assert_int_equal(note_check(&note, &log.key, &time), NOTE_SIGNED);
	assert_int_equal(time, 0);
	buf_release(&bytes);
	note_signer_release(&witness);
	note_signer_release(&log);
}

/* A witness's signature over the same bytes is none over another time. */
static void a_cosignature_binds_its_time(void **state)
{
	static const unsigned char seed[NOTE_SEED_BYTES] = { 9 };
	struct note_signer witness;
	struct buf bytes = { 0 };
	struct note note;
	char *base64;

	(void)state;
	note_signer_make(SPAN("w"), NOTE_COSIGNATURE, seed, &witness);
	buf_add_text(&bytes, TEXT "\n");
	note_sign(&witness, SPAN(TEXT), 1679315147, &bytes);
	base64 = bytes.at + sizeof(TEXT) + sizeof("\xE2\x80\x94 w ") - 1;
	base64[14] = base64[14] == 'A' ? 'B' : 'A';      /* within the time, behind the key's id */
	assert_true(note_parse(buf_span(&bytes), &note));
	assert_int_equal(note_check(&note, &witness.key, NULL), NOTE_FORGED);
	buf_release(&bytes);
	note_signer_release(&witness);
}

static void limits_hold(void **state)
{
	struct buf bytes = { 0 };
	struct note note;

	(void)state;
	buf_add_text(&bytes, TEXT "\n");
	for (size_t i = 0; i < NOTE_SIGNATURES_MAX; i++)
		buf_add_text(&bytes, PETER);
	assert_true(note_parse(buf_span(&bytes), &note));
	assert_int_equal(note.n, NOTE_SIGNATURES_MAX);
	buf_add_text(&bytes, PETER);
	assert_false(note_parse(buf_span(&bytes), &note));
	buf_clear(&bytes);
	while (bytes.len <= NOTE_BYTES_MAX)
		buf_add_text(&bytes, TEXT);
	buf_add_text(&bytes, "\n" PETER);
	assert_false(note_parse(buf_span(&bytes), &note));
	buf_release(&bytes);
}

static void lines_alone_are_read(void **state)
{
	struct note_key peter = key_of(PETER_KEY);
	struct note note;

	(void)state;
	assert_true(note_parse_signatures(SPAN(TEXT), SPAN(PETER), &note));
	assert_int_equal(note_check(&note, &peter, NULL), NOTE_SIGNED);
	assert_false(note_parse_signatures(SPAN(TEXT), SPAN(""), &note));
	assert_false(note_parse_signatures(SPAN(TEXT), SPAN("<html>\n"), &note));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_foreign_note_is_checked),
		cmocka_unit_test(a_note_is_signed_alike),
		cmocka_unit_test(the_form_is_strict),
		cmocka_unit_test(the_last_empty_line_ends_the_text),
		cmocka_unit_test(changed_text_or_signature_is_forged),
		cmocka_unit_test(others_are_ignored),
		cmocka_unit_test(every_line_of_a_key_holds),
		cmocka_unit_test(cosignatures_carry_a_time),
		cmocka_unit_test(a_cosignature_binds_its_time),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(lines_alone_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
