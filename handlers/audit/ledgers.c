/*
 * Ledgers: which there are, and the trial balance of one, now or as it was
 * after a record of the journal.
 */
#include "daemon/base/hex.h"
#include "handlers/answer.h"
#include "handlers/audit/as_of.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/reading.h"
#include "handlers/reward/told.h"

static struct ledger_row *rows_of(const struct book *book, struct arena *arena, size_t *n)
{
	struct ledger_row *rows;

	*n = ledger_rows(book_ledger(book), NULL, 0);
	rows = arena_array(arena, struct ledger_row, *n + 1);
	ledger_rows(book_ledger(book), rows, *n);
	return rows;
}

static bool is_posted(const struct ledger_row *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].book, name) == 0)
			return true;
	return false;
}

static void put_ledger(const struct book *book, const char *name, struct json_out *json)
{
	json_open(json, '{');
	told_totals(book_ledger(book), name, json);
	json_close(json, '}');
}

/* Years that were opened and have no entry yet: a budget is appropriated there next. */
static void put_empty(const struct call *args, const struct book *book, const struct ledger_row *rows, size_t n, struct json_out *json)
{
	struct book_year year;

	for (size_t i = 0; book_year_at(book, i, &year); i++)
		if (!is_posted(rows, n, year.book) && reading_covers(args->staff, year.book))
			put_ledger(book, year.book, json);
}

void ledger_list(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	struct ledger_row *rows;
	size_t n;

	if (book == NULL)
		return;
	rows = rows_of(book, http_exchange_arena(exchange), &n);
	json_open(&json, '{');
	json_u64(&json, "seq", book_seq(book));
	told_hash(&json, "head", book_head(book));
	json_open_member(&json, "ledgers", '[');
	for (size_t i = 0; i < n; i++) {
		if ((i > 0 && strcmp(rows[i].book, rows[i - 1].book) == 0) || !reading_covers(args->staff, rows[i].book))
			continue;
		put_ledger(book, rows[i].book, &json);
	}
	put_empty(args, book, rows, n, &json);
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}

/* --- a trial balance --------------------------------------------------------------------- */

struct sums {
	int64_t debits[LEDGER_SUBS], credits[LEDGER_SUBS];
	size_t n;
};

static void put_row(const struct ledger_row *row, struct sums *sums, struct json_out *json)
{
	const struct ledger_account_kind *kind = ledger_kind((unsigned)row->code);
	int64_t balance = row->debits - row->credits;

	sums->debits[kind->sub] += row->debits;
	sums->credits[kind->sub] += row->credits;
	sums->n++;
	json_open(json, '{');
	json_u64(json, "code", (uint64_t)row->code);
	json_text(json, "name", span_of(kind->name));
	json_text(json, "sub", kind->sub == LEDGER_FIN ? SPAN("FIN") : SPAN("BGT"));
	json_text(json, "detail", span_of(row->detail));
	json_i64(json, "debits", row->debits);
	json_i64(json, "credits", row->credits);
	json_text(json, "normal", kind->debit_normal ? SPAN("Dr") : SPAN("Cr"));
	json_i64(json, "balance", kind->debit_normal ? balance : -balance);
	json_close(json, '}');
}

static void put_sums(const struct sums *sums, struct json_out *json)
{
	static const char *const names[LEDGER_SUBS] = { [LEDGER_FIN] = "FIN", [LEDGER_BGT] = "BGT" };

	json_open_member(json, "sums", '{');
	for (int sub = 0; sub < LEDGER_SUBS; sub++) {
		json_open_member(json, names[sub], '{');
		json_i64(json, "debits", sums->debits[sub]);
		json_i64(json, "credits", sums->credits[sub]);
		json_close(json, '}');
	}
	json_close(json, '}');
}

static bool is_year(const struct book *book, const char *name)
{
	struct book_year year;

	for (size_t i = 0; book_year_at(book, i, &year); i++)
		if (strcmp(year.book, name) == 0)
			return true;
	return false;
}

static void answer_balance(const struct book *book, const char *name, struct http_exchange *exchange)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	struct sums sums = { .n = 0 };
	size_t n;
	struct ledger_row *rows = rows_of(book, http_exchange_arena(exchange), &n);

	json_open(&json, '{');
	json_u64(&json, "seq", book_seq(book));
	told_hash(&json, "head", book_head(book));
	told_totals(book_ledger(book), name, &json);
	json_open_member(&json, "accounts", '[');
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].book, name) == 0)
			put_row(&rows[i], &sums, &json);
	json_close(&json, ']');
	put_sums(&sums, &json);
	json_close(&json, '}');
	if (sums.n > 0 || is_year(book, name))
		answer_json(exchange, 200, buf_span(&body));
	else
		reading_not_found(exchange);
	buf_release(&body);
}

struct earlier {
	struct http_exchange *exchange;
	const char *name;
};

static void folded(void *ctx, const struct book *book, const struct record *record)
{
	struct earlier *earlier = ctx;

	if (book == NULL || record == NULL)
		answer_unavailable(earlier->exchange);
	else
		answer_balance(book, earlier->name, earlier->exchange);
}

static void answer_earlier(const struct call *args, struct http_exchange *exchange, const char *name, uint64_t seq)
{
	struct earlier *earlier = arena_new(http_exchange_arena(exchange), struct earlier);

	*earlier = (struct earlier){ .exchange = exchange, .name = name };
	if (!as_of(args->app, seq, folded, earlier))
		answer_problem(exchange, &(struct problem){ .status = 503, .code = "busy", .retry_after_s = 5,
							    .detail = "The journal is being read for others." });
}

void ledger_read(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	const struct span *part = args->param;
	uint64_t seq;
	const char *name;

	if (book == NULL || !reading_number(exchange, "seq", 0, book_seq(book), &seq))
		return;
	name = arena_printf(http_exchange_arena(exchange), "%.*s/%.*s/%.*s", (int)part[0].len, part[0].at,
			    (int)part[1].len, part[1].at, (int)part[2].len, part[2].at);
	if (!reading_covers(args->staff, name))
		reading_not_found(exchange);
	else if (seq > 0 && seq < book_seq(book))
		answer_earlier(args, exchange, name, seq);
	else
		answer_balance(book, name, exchange);
}
