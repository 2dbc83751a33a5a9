/*
 * The registers of staff and of tokens, of any bytes: what is read and
 * written is read again to the same text, and rights never come of what does
 * not hold.
 */
#include "daemon/sys/accounts_file.h"
#include "daemon/sys/tokens_file.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW INT64_C(1795363200000)

static void look_at_rights(const struct account *person)
{
	char region[7];

	if (person->state != ACCOUNT_ACTIVE)
		assert(account_roles_at(person, "150602", NOW) == 0 && !account_region_of(person, (struct span){ 0 }, NOW, region));
	else if (account_region_of(person, (struct span){ 0 }, NOW, region))
		assert(token_region_ok(span_of(region)) && account_roles_at(person, region, NOW) != 0);
}

static void look_at_staff(struct span text)
{
	struct account_rows rows = { 0 }, again = { 0 };
	struct buf once = { 0 }, twice = { 0 };
	struct complaint why = { .text = "" };

	if (account_rows_parse(&rows, text, &why)) {
		for (size_t i = 0; i < rows.n; i++)
			look_at_rights(&rows.at[i]);
		account_rows_print(&rows, &once);
		assert(account_rows_parse(&again, buf_span(&once), &why));
		account_rows_print(&again, &twice);
		assert(span_eq(buf_span(&once), buf_span(&twice)));
	} else {
		assert(why.line > 0 && why.text[0] != '\0');
	}
	account_rows_release(&rows);
	account_rows_release(&again);
	buf_release(&once);
	buf_release(&twice);
}

static void look_at_tokens(struct span text)
{
	struct tokens_file rows = { 0 };
	struct complaint why = { .text = "" };

	if (tokens_file_parse(&rows, text, &why))
		for (size_t i = 0; i < rows.n; i++)
			assert(token_scope_ok(span_of(rows.at[i].scope)));
	tokens_file_release(&rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	look_at_staff(span_from(data, size));
	look_at_tokens(span_from(data, size));
	return 0;
}
