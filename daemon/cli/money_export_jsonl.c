/*
 * The journal as it is, one record a line; see money_export.h.
 */
#include "daemon/cli/money_export.h"

static void record(struct money_export *export, struct span text, const struct money_line *line)
{
	(void)line;
	money_export_put(export, text);
	money_export_text(export, "\n");
	export->rows++;
}

const struct money_format money_format_jsonl = { .name = "jsonl", .carries_trailer = true, .record = record };
