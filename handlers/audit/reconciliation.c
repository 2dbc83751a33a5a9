/*
 * Reconciliation account by account: how far the bank's statements and the
 * ledger say the same. And the rails, those that are on hold with the reason.
 */
#include "daemon/jobs/treasury.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "handlers/answer.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/breaks.h"
#include "handlers/audit/reading.h"
#include "handlers/reward/claim_input.h"
#include "handlers/reward/told.h"
#include "handlers/reward/told_bank.h"

struct reconciled {
	const struct book_statement *last;   /* of the latest day */
	uint64_t statements, lines, matched, waiting;
	uint64_t unmatched;                  /* payments that no line was found for yet */
	int64_t unmatched_fen;
	struct break_counts breaks;
};

/* The first statement of its account, of those that the person may see. */
static bool is_first(const struct call *args, const struct book *book, size_t index)
{
	const struct book_statement *statement = book_statement_at(book, index);

	for (size_t i = 0; i < index; i++) {
		const struct book_statement *other = book_statement_at(book, i);

		if (strcmp(other->account_name, statement->account_name) == 0 && reading_covers(args->staff, other->ledger))
			return false;
	}
	return reading_covers(args->staff, statement->ledger);
}

static void count_statements(const struct book *book, const char *name, struct reconciled *account)
{
	const struct book_statement *statement;

	for (size_t i = 0; (statement = book_statement_at(book, i)) != NULL; i++) {
		struct told_counts counts;

		if (strcmp(statement->account_name, name) != 0)
			continue;
		counts = told_counts(statement);
		account->statements++;
		account->lines += statement->nlines;
		account->matched += counts.matched;
		account->waiting += counts.waiting;
		if (account->last == NULL || account->last->ends.day < statement->ends.day)
			account->last = statement;
	}
}

static void count_breaks(const struct book *book, const char *name, int64_t now_ms, struct arena *arena,
			 struct reconciled *account)
{
	const struct book_break *broken;

	for (size_t i = 0; (broken = book_break_at(book, i)) != NULL; i++)
		if (span_is(told_break_account(book, broken, arena), name))
			breaks_count(broken, now_ms, &account->breaks);
}

static void count_payments(const struct book *book, const struct posting_account *of, struct reconciled *account)
{
	for (size_t i = 0; i < book_rewards(book); i++) {
		const struct book_reward *reward = book_reward_at(book, i);

		for (size_t k = 0; k < reward->nattempts; k++) {
			const struct book_attempt *attempt = &reward->attempts[k];
			bool paid = attempt->state == ATTEMPT_SUCCEEDED || attempt->state == ATTEMPT_RETURNED;

			if (!paid || attempt->line[0] != '\0' || attempt->source.code != of->code ||
			    strcmp(attempt->source.detail, of->detail) != 0)
				continue;
			account->unmatched++;
			account->unmatched_fen += attempt->fen;
		}
	}
}

/* What all books together say of the account. */
static int64_t ledger_fen(const struct book *book, const struct posting_account *of, struct arena *arena)
{
	const struct ledger *ledger = book_ledger(book);
	size_t n = ledger_rows(ledger, NULL, 0);
	struct ledger_row *rows = arena_array(arena, struct ledger_row, n + 1);
	int64_t sum = 0;

	ledger_rows(ledger, rows, n);
	for (size_t i = 0; i < n; i++)
		if (rows[i].code == of->code && strcmp(rows[i].detail, of->detail) == 0)
			sum += rows[i].debits - rows[i].credits;
	return sum;
}

static void put_account(const struct book *book, const struct reconciled *account, struct arena *arena,
			struct json_out *json)
{
	int64_t balance = ledger_fen(book, &account->last->account, arena);

	json_open(json, '{');
	json_text(json, "account", span_of(account->last->account_name));
	json_u64(json, "statements", account->statements);
	json_text(json, "last_date", span_of(account->last->date));
	json_i64(json, "closing", account->last->ends.closing);
	json_i64(json, "ledger", balance);
	json_i64(json, "difference", account->last->ends.closing - balance);
	json_u64(json, "lines", account->lines);
	json_u64(json, "matched", account->matched);
	json_u64(json, "waiting", account->waiting);
	json_u64(json, "unmatched", account->unmatched);
	json_i64(json, "unmatched_fen", account->unmatched_fen);
	json_i64(json, "suspense_debit_fen", account->breaks.debit_fen);
	json_i64(json, "suspense_credit_fen", account->breaks.credit_fen);
	breaks_tell(&account->breaks, json);
	json_close(json, '}');
}

void reconciliation_read(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	struct arena *arena = http_exchange_arena(exchange);
	const struct book_statement *statement;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (book == NULL)
		return;
	json_open(&json, '{');
	json_u64(&json, "seq", book_seq(book));
	told_hash(&json, "head", book_head(book));
	json_open_member(&json, "accounts", '[');
	for (size_t i = 0; (statement = book_statement_at(book, i)) != NULL; i++) {
		struct reconciled account = { .last = NULL };

		if (!is_first(args, book, i))
			continue;
		count_statements(book, statement->account_name, &account);
		count_breaks(book, statement->account_name, treasury_now_ms(args->app->treasury), arena, &account);
		count_payments(book, &statement->account, &account);
		put_account(book, &account, arena, &json);
	}
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}

/* --- rails ------------------------------------------------------------------------------------ */

/* Ways that informants may choose now. */
static void put_offered(const struct app *app, struct json_out *json)
{
	struct span rest = span_of(app->config->money.rails), rail;

	json_open_member(json, "offered", '[');
	while (claim_next_rail(&rest, &rail))
		json_text(json, NULL, rail);
	json_close(json, ']');
}

void rail_list(const struct call *args, struct http_exchange *exchange)
{
	const struct book *book = reading_book(args, exchange);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	struct book_hold hold;

	if (book == NULL)
		return;
	json_open(&json, '{');
	json_u64(&json, "seq", book_seq(book));
	json_open_member(&json, "rails", '[');
	for (size_t i = 0; book_hold_at(book, i, &hold); i++) {
		json_open(&json, '{');
		json_text(&json, "rail", span_of(hold.rail));
		json_bool(&json, "held", hold.held);
		json_text(&json, "person", span_of(hold.person));
		clock_put(&json, "since", hold.since_ms);
		json_text(&json, "why", hold.why);
		json_u64(&json, "by_seq", hold.seq);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	put_offered(args->app, &json);
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}
