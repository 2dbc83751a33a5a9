/*
 * A journal for hledger (and ledger); see money_export.h.
 *
 * Each sub-ledger of each book is a transaction of its own, so that hledger
 * sees for itself that every one of them balances. Debits are positive. Every
 * posting asserts the balance behind it: a record left out or put in is seen
 * at once.
 */
#include "daemon/cli/money_export.h"

#include "daemon/base/money.h"

#include <stdio.h>
#include <stdlib.h>

#define BUDGET_CODES 8000

static bool plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("_-./:", c) != NULL;
}

/* What could mean something to hledger is written as %XX. */
static void put_name(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (plain(text.at[i]) && text.at[i] != '\0')
			buf_add_byte(out, text.at[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)text.at[i]);
	}
}

/* "FIN:150600/anti-trafficking/2026:2010 payable:R7" */
static void put_account(struct buf *out, const struct money_leg *leg)
{
	buf_add_text(out, leg->code < BUDGET_CODES ? "FIN:" : "BGT:");
	put_name(out, leg->book);
	buf_printf(out, ":%u %s", leg->code, money_export_account(leg->code));
	if (!span_empty(leg->detail))
		buf_add_byte(out, ':');
	put_name(out, leg->detail);
}

/* The sum of the account; a new one is declared. */
static struct money_account_sum *sum_of(struct money_export *export, struct span account)
{
	size_t index = money_map_get(&export->accounts, account, span_from("", 0));

	if (index != MONEY_MAP_NONE)
		return &export->sums[index];
	if (export->nsums % 256 == 0) {
		struct money_account_sum *more = realloc(export->sums, (export->nsums + 256) * sizeof(*more));

		if (more == NULL)
			abort();
		export->sums = more;
	}
	money_map_add(&export->accounts, account, span_from("", 0), export->nsums);
	export->sums[export->nsums] = (struct money_account_sum){ 0 };
	money_export_text(export, "account ");
	money_export_put(export, account);
	money_export_text(export, "\n");
	return &export->sums[export->nsums++];
}

static bool same_part(const struct money_leg *a, const struct money_leg *b)
{
	return span_eq(a->book, b->book) && (a->code < BUDGET_CODES) == (b->code < BUDGET_CODES);
}

/* Declares what the transaction names for the first time: directives stand between transactions. */
static void declare(struct money_export *export, const struct money_line *line, const struct money_leg *of)
{
	struct buf account = { 0 };

	for (size_t i = 0; i < line->nlegs; i++) {
		if (!same_part(&line->legs[i], of))
			continue;
		buf_clear(&account);
		put_account(&account, &line->legs[i]);
		(void)sum_of(export, buf_span(&account));
	}
	buf_release(&account);
}

static void put_posting(struct money_export *export, const struct money_leg *leg)
{
	struct buf account = { 0 };
	char amount[MONEY_TEXT_MAX], behind[MONEY_TEXT_MAX], line[96];
	struct money_account_sum *sum;
	int64_t fen = leg->debit ? leg->fen : -leg->fen;

	put_account(&account, leg);
	sum = sum_of(export, buf_span(&account));
	sum->fen += fen;
	money_export_text(export, "    ");
	money_export_put(export, buf_span(&account));
	(void)money_write_yuan(fen, amount);
	(void)money_write_yuan(sum->fen, behind);
	snprintf(line, sizeof(line), "  %s CNY = %s CNY\n", amount, behind);
	money_export_text(export, line);
	buf_release(&account);
}

static void put_head(struct money_export *export, const struct money_line *line, const struct money_leg *leg)
{
	struct buf head = { 0 };
	char date[MONEY_DATE_MAX];

	buf_printf(&head, "%s * (%llu) ", money_export_date(line->at_ms, date), (unsigned long long)line->seq);
	put_name(&head, line->entry);
	buf_add_text(&head, leg->code < BUDGET_CODES ? " FIN " : " BGT ");
	put_name(&head, leg->book);
	buf_add_text(&head, "  ; ");
	put_name(&head, line->kind);
	buf_add_byte(&head, ' ');
	put_name(&head, line->subject);
	buf_add_byte(&head, '\n');
	money_export_put(export, buf_span(&head));
	buf_release(&head);
}

static bool first_of_part(const struct money_line *line, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (same_part(&line->legs[i], &line->legs[index]))
			return false;
	return true;
}

static void record(struct money_export *export, struct span text, const struct money_line *line)
{
	(void)text;
	for (size_t i = 0; i < line->nlegs; i++) {
		if (!first_of_part(line, i))
			continue;
		declare(export, line, &line->legs[i]);
		put_head(export, line, &line->legs[i]);
		for (size_t k = i; k < line->nlegs; k++)
			if (same_part(&line->legs[k], &line->legs[i]))
				put_posting(export, &line->legs[k]);
		money_export_text(export, "\n");
		export->rows++;
	}
}

static void begin(struct money_export *export)
{
	money_export_text(export, "; debits are positive; the code of a transaction is its record's sequence number\n"
				  "commodity 1000.00 CNY\n\n");
}

const struct money_format money_format_hledger = { .name = "hledger", .prefix_only = true, .begin = begin,
						   .record = record };
