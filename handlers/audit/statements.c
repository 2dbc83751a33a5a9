/*
 * Statements that were imported: which, and what became of each line.
 */
#include "handlers/answer.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/reading.h"
#include "handlers/reward/told_bank.h"

#define ROWS 50
#define ROWS_MAX 500

struct filter {
	struct span account, from, until;   /* dates compare as texts */
	uint64_t limit;
};

static bool read_filter(struct http_exchange *exchange, struct filter *filter)
{
	filter->account = reading_param(exchange, "account");
	filter->from = reading_param(exchange, "from");
	filter->until = reading_param(exchange, "until");
	return reading_date(exchange, "from", filter->from) && reading_date(exchange, "until", filter->until) &&
	       reading_number(exchange, "limit", ROWS, ROWS_MAX, &filter->limit);
}

static bool passes(const struct call *args, const struct filter *filter, const struct book_statement *statement)
{
	return reading_covers(args->staff, statement->ledger) &&
	       (span_empty(filter->account) || span_is(filter->account, statement->account_name)) &&
	       (span_empty(filter->from) || memcmp(statement->date, filter->from.at, STATEMENT_DATE_LEN) >= 0) &&
	       (span_empty(filter->until) || memcmp(statement->date, filter->until.at, STATEMENT_DATE_LEN) <= 0);
}

static size_t count(const struct book *book)
{
	size_t n = 0;

	while (book_statement_at(book, n) != NULL)
		n++;
	return n;
}

/* Those imported last come first. */
void statement_list(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	struct filter filter;
	uint64_t n = 0;

	if (book == NULL || !read_filter(exchange, &filter))
		return;
	json_open(&json, '{');
	json_u64(&json, "seq", book_seq(book));
	json_open_member(&json, "statements", '[');
	for (size_t i = count(book); i > 0 && n <= filter.limit; i--) {
		const struct book_statement *statement = book_statement_at(book, i - 1);

		if (!passes(args, &filter, statement) || n++ == filter.limit)
			continue;
		json_open(&json, '{');
		told_statement(statement, &json);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_bool(&json, "more", n > filter.limit);
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}

static const struct book_statement *find(const struct call *args, const struct book *book)
{
	const struct book_statement *statement;

	for (size_t i = 0; (statement = book_statement_at(book, i)) != NULL; i++)
		if (span_is(args->param[0], statement->id))
			return reading_covers(args->staff, statement->ledger) ? statement : NULL;
	return NULL;
}

void statement_file(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	const struct book_statement *statement = book != NULL ? find(args, book) : NULL;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (book == NULL)
		return;
	if (statement == NULL) {
		reading_not_found(exchange);
		return;
	}
	json_open(&json, '{');
	json_open_member(&json, "statement", '{');
	told_statement(statement, &json);
	json_close(&json, '}');
	json_open_member(&json, "lines", '[');
	for (size_t i = 0; i < statement->nlines; i++)
		told_line(statement, i, NULL, &json);
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}
