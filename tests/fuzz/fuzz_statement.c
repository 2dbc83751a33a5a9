/*
 * Statements in JSON and CSV, and lines of the journal, of any bytes.
 */
#include "daemon/money/statement.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct span file = span_from(data, size);
	struct statement statement;
	struct statement_line line;
	struct complaint why = { 0 };
	bool (*const readers[])(struct span, struct arena *, struct statement *, struct complaint *) = {
		statement_read_json, statement_read_csv };

	for (size_t i = 0; i < 2; i++)
		if (readers[i](file, &arena, &statement, &why)) {
			assert(statement_check(&statement, &why));
			for (size_t k = 0; k < statement.n; k++)
				assert(statement_line_read(statement_line_write(&statement.lines[k], &arena), &line));
		} else {
			assert(why.text[0] != '\0');
		}
	if (statement_line_read(file, &line))
		assert(span_eq(statement_line_write(&line, &arena), file));
	arena_release(&arena);
	return 0;
}
