/*
 * Any bytes as an exported journal: no crash, and what is read stays within
 * its bytes. Lines whose hash does not fit are looked at all the same, so that
 * every rule sees nonsense.
 */
#include "daemon/cli/money_check.h"
#include "daemon/cli/money_export.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void export(struct span text)
{
	static const struct money_format *const formats[] = { &money_format_jsonl, &money_format_csv,
							      &money_format_hledger };
	struct money_filter all = { 0 };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct money_export export;
		struct span rest = text, line;
		struct complaint why;

		money_export_begin(&export, formats[i], &all, true);
		while (span_cut(&rest, '\n', &line))
			(void)money_export_record(&export, line, &why);
		money_export_end(&export, NULL);
		money_export_release(&export);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char key[32] = "instruction key";
	struct money_check *check = money_check_new();
	struct span rest = span_from(data, size), line;
	struct complaint why;

	money_check_instruction_key(check, key);
	(void)money_check_statement(check, rest, &why);
	while (span_cut(&rest, '\n', &line))
		if (!money_check_line(check, line))
			break;
	money_check_end(check);
	for (unsigned i = 0; i < MONEY_INVARIANTS; i++)
		if (money_check_finding(check, i)->broken && money_check_finding(check, i)->why[0] == '\0')
			abort();
	money_check_free(check);
	export(span_from(data, size));
	return 0;
}
