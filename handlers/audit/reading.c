/*
 * Beginnings of reads; see reading.h.
 */
#include "handlers/audit/reading.h"

#include "daemon/core/text/gazetteer.h"
#include "daemon/jobs/treasury.h"
#include "handlers/answer.h"

const struct book *reading_book(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = NULL;

	if (args->app->treasury != NULL && args->app->office != NULL)
		book = treasury_book(args->app->treasury);
	if (book == NULL)
		answer_problem(exchange, &(struct problem){ .status = 503, .code = "money_not_read", .retry_after_s = 5,
							    .detail = "The money journal has not been read yet, or "
								      "money is switched off here." });
	return book;
}

bool reading_as_auditor(const struct staff *staff_token)
{
	return (staff_token->roles & WHO_AUDITOR) != 0;
}

bool reading_covers(const struct staff *staff_token, const char *ledger_book)
{
	struct span bureau = span_from(ledger_book, strcspn(ledger_book, "/"));

	return region_within(bureau, span_of(staff_token->region));
}

struct span reading_param(struct http_exchange *exchange, const char *name)
{
	struct buf value = { 0 };
	struct span kept = { 0 };

	if (http_param_find(http_exchange_request(exchange)->query, name, &value))
		kept = arena_dup(http_exchange_arena(exchange), buf_span(&value));
	buf_release(&value);
	return kept;
}

static bool read_number(struct http_exchange *exchange, const char *name, uint64_t preset, uint64_t low, uint64_t high,
			uint64_t *number)
{
	struct span text = reading_param(exchange, name);

	*number = preset;
	if (text.len == 0 || (span_u64(text, number) && *number >= low && *number <= high))
		return true;
	answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = name,
						    .detail = "This number is out of its range." });
	return false;
}

bool reading_number(struct http_exchange *exchange, const char *name, uint64_t preset, uint64_t high,
		    uint64_t *number)
{
	return read_number(exchange, name, preset, 0, high, number);
}

bool reading_rows(struct http_exchange *exchange, uint64_t preset, uint64_t high, uint64_t *rows)
{
	return read_number(exchange, "limit", preset, 1, high, rows);
}

bool reading_date(struct http_exchange *exchange, const char *name, struct span text)
{
	char date[STATEMENT_DATE_LEN + 1];

	if (text.len == 0 || statement_date_read(text, date))
		return true;
	answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = name,
						    .detail = "A date like 2026-11-20 is expected." });
	return false;
}

void reading_not_found(struct http_exchange *exchange)
{
	answer_problem(exchange, &(struct problem){ .status = 404, .code = "not_found",
						    .detail = "There is no such thing in your region." });
}
