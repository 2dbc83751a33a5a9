/*
 * camt.053 and camt.054 of any bytes: a statement that fulfils the rules, or words.
 */
#include "daemon/money/iso20022.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct statement statement;
	struct iso20022_notice notice;
	struct complaint why = { 0 };

	if (iso20022_read_statement(span_from(data, size), &arena, &statement, &why))
		assert(statement_check(&statement, &why));
	else
		assert(why.text[0] != '\0');
	if (iso20022_read_notice(span_from(data, size), &arena, &notice, &why))
		for (size_t i = 0; i < notice.n; i++)
			assert(notice.foreign || notice.lines[i].fen > 0);
	else
		assert(why.text[0] != '\0');
	arena_release(&arena);
	return 0;
}
