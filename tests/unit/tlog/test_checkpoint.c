/*
 * Checkpoints: both ways, and every form that is not one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/checkpoint.h"

#include "daemon/base/table.h"

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

static void texts_come_back(void **state)
{
	static const char *const texts[] = {
		"example.com/behind-the-sofa\n20852163\n" ROOT "\n",
		"an origin with spaces +\n0\n" ROOT "\n",
		"x\n9223372036854775807\n" ROOT "\nextension one\n\xE4\xBA\x8C\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct checkpoint checkpoint;
		struct buf text = { 0 };

		assert_true(checkpoint_parse(span_of(texts[i]), &checkpoint));
		checkpoint_write(&checkpoint, &text);
		assert_true(span_is(buf_span(&text), texts[i]));
		buf_release(&text);
	}
}

static void others_are_refused(void **state)
{
	static const char *const texts[] = {
		"", "\n", "x\n", "x\n1\n", "x\n1\n" ROOT, "\n1\n" ROOT "\n", "x\n\n" ROOT "\n", "x\n01\n" ROOT "\n",
		"x\n-1\n" ROOT "\n", "x\n1 \n" ROOT "\n", "x\n9223372036854775808\n" ROOT "\n",
		"x\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", "x\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx\n",
		"x\n1\n" ROOT "AAAA\n", "x\n1\n" ROOT "\n\n", "x\n1\n" ROOT "\next", "x\n1\n" ROOT "\na\n\nb\n", "x\r\n1\n" ROOT "\n",
	};
	struct checkpoint checkpoint;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (checkpoint_parse(span_of(texts[i]), &checkpoint))
			fail_msg("number %zu was taken", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
