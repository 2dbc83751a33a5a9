/*
 * All that the public functions of a book tell, as text: two books that say
 * the same are the same.
 */
#include "tests/sim/sim.h"

#include "daemon/base/hex.h"

#include <stdio.h>
#include <stdlib.h>

static void put_hex(struct buf *out, const unsigned char *bytes, size_t n)
{
	hex_put(bytes, n, buf_reserve(out, 2 * n));
	out->len += 2 * n;
}

static void put_attempt(struct buf *out, const struct book_attempt *a)
{
	buf_printf(out,
		   " attempt %u %s %s state=%d by=%d fen=%lld started=%lld changed=%lld next=%lld queries=%u ref=%s "
		   "code=%s source=%d:%s back=%d:%s ordinal=%u seen=%s sent=%lld known=%lld notfound=%u/%lld body=%s line=%s return=%s "
		   "spent=%s over=%d\n",
		   a->number, a->instruction, a->rail, (int)a->state, (int)a->by, (long long)a->fen,
		   (long long)a->started_ms, (long long)a->changed_ms, (long long)a->next_query_ms, a->queries,
		   a->provider_ref, a->code, (int)a->source.code, a->source.detail, (int)a->back.code, a->back.detail, a->ordinal, a->seen,
		   (long long)a->sent_ms,
		   (long long)a->retention_ms, a->not_found, (long long)a->not_found_ms, a->body, a->line,
		   a->return_line, a->spent_in, a->overpaid);
}

static void put_reward(struct buf *out, const struct book_reward *r)
{
	buf_printf(out,
		   "%s state=%d held=%d book=%s case=%s tip=%s claimant=%s fen=%lld tax=%lld paid=%lld step=%u/%u "
		   "deadline=%lld cooling=%lld payee=%s rail=%s first=%llu last=%llu ",
		   r->id, (int)r->state, r->held, r->book, r->case_id, r->tip, r->claimant, (long long)r->fen,
		   (long long)r->tax_fen, (long long)r->paid_fen, r->step, r->steps, (long long)r->deadline_ms,
		   (long long)r->cooling_until_ms, r->payee, r->rail, (unsigned long long)r->first_seq,
		   (unsigned long long)r->last_seq);
	put_hex(out, r->digest, sizeof(r->digest));
	put_hex(out, r->policy, sizeof(r->policy));
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < r->nattempts; i++)
		put_attempt(out, &r->attempts[i]);
}

static void put_ledger(struct buf *out, const struct ledger *ledger)
{
	size_t n = ledger_rows(ledger, NULL, 0);
	struct ledger_row *rows = calloc(n + 1, sizeof(*rows));

	ledger_rows(ledger, rows, n);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s %d %s %lld %lld\n", rows[i].book, (int)rows[i].code, rows[i].detail,
			   (long long)rows[i].debits, (long long)rows[i].credits);
	free(rows);
}

static void put_staff(struct buf *out, const struct staff_register *staff)
{
	for (size_t i = 0; i < staff->n; i++) {
		const struct staff_entry *e = &staff->entries[i];

		buf_printf(out, "staff %s %s %s roles=%u titles=%zu region=%s %lld..%lld %llu\n", e->account, e->person,
			   e->deputy_of, e->roles, e->ntitles, e->region, (long long)e->from_ms, (long long)e->until_ms,
			   (unsigned long long)e->seq);
	}
}

static void put_statements(struct buf *out, const struct book *book)
{
	const struct book_statement *s;
	const struct book_break *b;

	for (size_t i = 0; (s = book_statement_at(book, i)) != NULL; i++) {
		buf_printf(out, "%s %s %s %s %s\n", s->id, s->account_name, s->ledger, s->rail, s->date);
		for (size_t l = 0; l < s->nlines; l++)
			buf_printf(out, " %.*s taken=%llu broken=%d\n", (int)s->lines[l].is.id.len, s->lines[l].is.id.at,
				   (unsigned long long)s->lines[l].taken, s->lines[l].broken);
	}
	for (size_t i = 0; (b = book_break_at(book, i)) != NULL; i++)
		buf_printf(out, "%s %d %s %s %d:%s fen=%lld credit=%d suspended=%d cleared=%d:%s resolved=%d %lld %lld\n", b->id,
			   (int)b->class, b->about, b->ledger, (int)b->account.code, b->account.detail, (long long)b->fen,
			   b->credit, b->suspended, b->cleared, b->cleared_by, b->resolved, (long long)b->opened_ms,
			   (long long)b->resolved_ms);
}

/* What it would do next, now and in the days to come. */
static void put_due(struct buf *out, const struct book *book, int64_t now_ms)
{
	for (int64_t at_ms = now_ms; at_ms < now_ms + 100 * SIM_DAY; at_ms += 33 * SIM_DAY) {
		struct arena arena = { 0 };
		struct book_command command;
		int64_t next_ms;
		bool due = book_due(book, at_ms, &arena, &command, &next_ms);

		if (due)
			buf_printf(out, "due %s %.*s %.*s\n", command.kind, (int)command.subject.len, command.subject.at,
				   (int)command.key.len, command.key.at);
		else
			buf_printf(out, "next %lld\n", (long long)next_ms);
		arena_release(&arena);
	}
}

void state_text(const struct book *book, int64_t now_ms, struct buf *out)
{
	buf_printf(out, "seq %llu head ", (unsigned long long)book_seq(book));
	put_hex(out, book_head(book), RECORD_HASH_BYTES);
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < book_rewards(book); i++)
		put_reward(out, book_reward_at(book, i));
	put_ledger(out, book_ledger(book));
	put_staff(out, book_staff(book));
	put_statements(out, book);
	buf_printf(out, "quarantine %d %s since=%lld known=%llu until=%s\n", book_quarantine(book)->on, book_quarantine(book)->id,
		   (long long)book_quarantine(book)->since_ms, (unsigned long long)book_quarantine(book)->known,
		   book_quarantine(book)->until);
	put_due(out, book, now_ms);
}

void state_difference(const struct buf *a, const struct buf *b, char out[240])
{
	size_t at = 0, line = 0;

	while (at < a->len && at < b->len && a->at[at] == b->at[at]) {
		if (a->at[at] == '\n')
			line = at + 1;
		at++;
	}
	snprintf(out, 240, "%.100s | %.100s", line < a->len ? a->at + line : "end", line < b->len ? b->at + line : "end");
}
