/*
 * Keys of notes: the texts of another implementation, and those to refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/note.h"

#include "daemon/base/table.h"

#define PETER_KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PETER_SIGNER "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"

static void foreign_keys_come_back(void **state)
{
	char text[NOTE_KEY_TEXT_MAX];
	struct note_signer signer;
	struct note_key key;

	(void)state;
	assert_true(note_key_parse(SPAN(PETER_KEY), &key));
	assert_int_equal(key.kind, NOTE_ED25519);
	assert_int_equal(key.id, 0xc74f20a3);
	assert_true(span_is(note_key_name(&key), "PeterNeumann"));
	assert_true(span_is(note_key_write(&key, text), PETER_KEY));
	assert_true(note_signer_parse(SPAN(PETER_SIGNER), &signer));
	assert_memory_equal(&signer.key, &key, sizeof(key));
	assert_true(span_is(note_signer_write(&signer, text), PETER_SIGNER));
	note_signer_release(&signer);
}

static void wrong_texts_are_refused(void **state)
{
	static const char *const wrong[] = {
		"", "+", "++", "PeterNeumann", "PeterNeumann+c74f20a3", "PeterNeumann+c74f20a3+",
		"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumanN+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20g3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW=",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
		"PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
		" PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
		PETER_SIGNER,
	};
	struct note_signer signer;
	struct note_key key;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (note_key_parse(span_of(wrong[i]), &key))
			fail_msg("%s was taken", wrong[i]);
	assert_false(note_signer_parse(SPAN(PETER_KEY), &signer));
	assert_false(note_signer_parse(SPAN("PRIVATE+KEY+PeterNeumann+c74f20a4+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"),
				       &signer));
}

static void names_are_judged(void **state)
{
	static const char *const wrong[] = { "", " ", "a b", "a+b", "a\xC2\xA0z", "a\xE2\x80\x83", "\xE3\x80\x80", "a\tb",
					     "a\nb", "\xFF", "a\xC2\x85" };
	char longest[NOTE_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (note_name_valid(span_of(wrong[i])))
			fail_msg("name %zu was taken", i);
	assert_true(note_name_valid(SPAN("tips.example/log/15")));
	assert_true(note_name_valid(SPAN("\xE8\xAF\x81\xE4\xBA\xBA")));
	memset(longest, 'x', sizeof(longest));
	assert_true(note_name_valid(span_from(longest, NOTE_NAME_MAX)));
	assert_false(note_name_valid(span_from(longest, NOTE_NAME_MAX + 1)));
}

static void the_longest_key_has_room(void **state)
{
	static const unsigned char seed[NOTE_SEED_BYTES] = { 3 };
	char longest[NOTE_NAME_MAX], text[NOTE_KEY_TEXT_MAX];
	struct note_signer signer, again;
	struct note_key key;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	note_signer_make(span_from(longest, sizeof(longest)), NOTE_COSIGNATURE, seed, &signer);
	assert_true(note_key_parse(note_key_write(&signer.key, text), &key));
	assert_memory_equal(&key, &signer.key, sizeof(key));
	assert_true(note_signer_parse(note_signer_write(&signer, text), &again));
	assert_memory_equal(&again, &signer, sizeof(again));
	note_signer_release(&signer);
	note_signer_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_keys_come_back),
		cmocka_unit_test(wrong_texts_are_refused),
		cmocka_unit_test(names_are_judged),
		cmocka_unit_test(the_longest_key_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
