/*
 * Breaks: what a statement and the book do not say alike, by class and age;
 * and the money of theirs that is in suspense.
 */
#include "daemon/jobs/treasury.h"
#include "daemon/sys/clock.h"
#include "handlers/answer.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/breaks.h"
#include "handlers/audit/reading.h"
#include "handlers/reward/told_bank.h"

#define ROWS 100
#define ROWS_MAX 1000

enum wanted { WANTED_OPEN, WANTED_RESOLVED, WANTED_ALL, WANTED_WORDS };
static const char *const wanted_words[WANTED_WORDS] = { "open", "resolved", "all" };

struct filter {
	const struct call *args;
	int64_t now_ms;
	bool any_class, any_age;
	enum break_class class;
	enum break_age age;
	enum wanted state;
	struct span account;
	uint64_t limit;
};

static bool refuse(struct http_exchange *exchange, const char *field)
{
	answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = field,
						    .detail = "There is no such class, age or state." });
	return false;
}

static bool read_age(struct span text, enum break_age *age)
{
	for (unsigned i = 0; i < BREAK_AGES; i++)
		if (span_is(text, break_age_name((enum break_age)i))) {
			*age = (enum break_age)i;
			return true;
		}
	return false;
}

static bool read_state(struct span text, enum wanted *state)
{
	*state = WANTED_OPEN;
	for (unsigned i = 0; i < WANTED_WORDS; i++)
		if (span_is(text, wanted_words[i])) {
			*state = (enum wanted)i;
			return true;
		}
	return text.len == 0;
}

static bool read_filter(const struct call *args, struct http_exchange *exchange, struct filter *filter)
{
	struct span class = reading_param(exchange, "class"), age = reading_param(exchange, "age");

	*filter = (struct filter){ .args = args, .now_ms = treasury_now_ms(args->app->treasury),
				   .any_class = class.len == 0, .any_age = age.len == 0 };
	filter->account = reading_param(exchange, "account");
	if (!filter->any_class && !break_class_parse(class, &filter->class))
		return refuse(exchange, "class");
	if (!filter->any_age && !read_age(age, &filter->age))
		return refuse(exchange, "age");
	if (!read_state(reading_param(exchange, "state"), &filter->state))
		return refuse(exchange, "state");
	return reading_number(exchange, "limit", ROWS, ROWS_MAX, &filter->limit);
}

bool breaks_are_seen(const struct staff *reader, const struct book_break *broken)
{
	return broken->ledger[0] == '\0' || reading_covers(reader, broken->ledger);
}

static bool passes(const struct filter *filter, const struct book *book, const struct book_break *broken,
		   struct arena *arena)
{
	return breaks_are_seen(filter->args->staff, broken) && (filter->any_class || broken->class == filter->class) &&
	       (filter->any_age || break_age(broken->opened_ms, filter->now_ms) == filter->age) &&
	       (filter->state == WANTED_ALL || broken->resolved == (filter->state == WANTED_RESOLVED)) &&
	       (span_empty(filter->account) || span_eq(filter->account, told_break_account(book, broken, arena)));
}

void break_list(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	struct arena *arena = http_exchange_arena(exchange);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	struct break_counts counts = { .open = 0 };
	const struct book_break *broken;
	struct filter filter;
	uint64_t n = 0;

	if (book == NULL || !read_filter(args, exchange, &filter))
		return;
	json_open(&json, '{');
	json_u64(&json, "seq", book_seq(book));
	json_open_member(&json, "breaks", '[');
	for (size_t i = 0; (broken = book_break_at(book, i)) != NULL; i++) {
		if (breaks_are_seen(args->staff, broken))
			breaks_count(broken, filter.now_ms, &counts);
		if (!passes(&filter, book, broken, arena) || n++ >= filter.limit)
			continue;
		json_open(&json, '{');
		told_break(book, broken, filter.now_ms, arena, &json);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_bool(&json, "more", n > filter.limit);
	breaks_tell(&counts, &json);
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}

/* --- counts --------------------------------------------------------------------------------- */

void breaks_count(const struct book_break *broken, int64_t now_ms, struct break_counts *counts)
{
	if (broken->resolved)
		return;
	counts->by[broken->class][break_age(broken->opened_ms, now_ms)]++;
	counts->open++;
	if (!broken->suspended || broken->cleared)
		return;
	counts->suspended++;
	*(broken->credit ? &counts->credit_fen : &counts->debit_fen) += broken->fen;
}

void breaks_tell(const struct break_counts *counts, struct json_out *json)
{
	json_u64(json, "open", counts->open);
	json_open_member(json, "ages", '{');
	for (unsigned class = BREAK_NO_LINE; class < BREAK_CLASSES; class++) {
		json_open_member(json, break_class_name((enum break_class)class), '{');
		for (unsigned age = 0; age < BREAK_AGES; age++)
			json_u64(json, break_age_name((enum break_age)age), counts->by[class][age]);
		json_close(json, '}');
	}
	json_close(json, '}');
}

/* --- suspense ---------------------------------------------------------------------------------- */

void suspense_list(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	int64_t now_ms = treasury_now_ms(args->app->treasury);
	struct break_counts counts = { .open = 0 };
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	const struct book_break *broken;

	if (book == NULL)
		return;
	json_open(&json, '{');
	json_u64(&json, "seq", book_seq(book));
	json_open_member(&json, "suspense", '[');
	for (size_t i = 0; (broken = book_break_at(book, i)) != NULL; i++) {
		if (!broken->suspended || broken->cleared || !breaks_are_seen(args->staff, broken))
			continue;
		breaks_count(broken, now_ms, &counts);
		json_open(&json, '{');
		told_break(book, broken, now_ms, http_exchange_arena(exchange), &json);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_i64(&json, "debit_fen", counts.debit_fen);
	json_i64(&json, "credit_fen", counts.credit_fen);
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}
