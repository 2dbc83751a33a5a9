/*
 * A book for tests; see money_book.h.
 */
#include "tests/support/money_book.h"

#include "daemon/base/buf.h"
#include "daemon/base/hex.h"
#include "daemon/base/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define POLICY \
	"{\"policy\":\"anti-trafficking\",\"version\":%u,\"currency\":\"CNY\",\"effective_from\":\"2026-01-01\"," \
	"\"min\":500000,\"max\":1000000,\"case_cap\":2000000,\"round_to\":10000,\"round\":\"half_up\"," \
	"\"band_rule\":\"highest_only\",\"bands\":{\"buyer_identified\":500000,\"victim_located\":800000," \
	"\"trafficker_arrested\":700000,\"gang_dismantled\":900000},\"per_point\":30000," \
	"\"factors\":{\"specificity\":[0,3],\"timeliness\":[0,2],\"evidence\":[0,3],\"partly_wrong\":[-2,0]}," \
	"\"split\":{\"rule\":\"first_plus_new_facts\",\"supplement_pool_bp\":5000,\"min_applies_to\":\"recipient\"," \
	"\"on_conflict\":\"manual\",\"remainder\":\"largest_then_lowest_index\"}," \
	"\"approval_bands\":[[500000,[\"unit_head\",\"finance_check\"]]," \
	"[null,[\"unit_head\",\"finance_check\",\"chief\"]]]," \
	"\"claim_days\":60,\"tax_bp\":%u,\"instalments_max\":4,\"external_award\":\"block\"%s}"

const unsigned char money_book_key[32] = "a key that none but tests use...";

/* Account, roles, title; the person is "p-" and the account. */
static const struct {
	const char *account, *roles, *titles;
} staff[] = {
	{ .account = "wei", .roles = "[\"verifier\"]" },
	{ .account = "lin", .roles = "[\"proposer\"]" },
	{ .account = "han", .roles = "[\"approver\"]", .titles = "[\"unit_head\"]" },
	{ .account = "fang", .roles = "[\"approver\"]", .titles = "[\"finance_check\"]" },
	{ .account = "zhao", .roles = "[\"approver\"]", .titles = "[\"chief\"]" },
	{ .account = "cai", .roles = "[\"finance\"]" },
	{ .account = "qian", .roles = "[\"finance\"]" },
	{ .account = "shen", .roles = "[\"auditor\"]" },
	{ .account = "gu", .roles = "[\"auditor\"]" },
	{ .account = "root", .roles = "[\"admin\"]" },
	{ .account = "yao", .roles = "[\"approver\"]" },
	{ .account = "yan", .roles = "[\"approver\"]" },
	{ .account = "gui", .roles = "[\"cashier\"]" },
};

void money_fail(const struct money_book *m, const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n  last refusal: %s: %s\n", file, line, what,
		m->refusal.code != NULL ? m->refusal.code : "none", m->refusal.detail);
	abort();
}

void money_book_init(struct money_book *m)
{
	*m = (struct money_book){ .book = book_new(money_book_key, 7), .now_ms = MONEY_BEGIN_MS };
}

void money_policy(struct money_book *m, unsigned version, unsigned tax_bp)
{
	money_policy_with(m, version, tax_bp, "");
}

void money_policy_with(struct money_book *m, unsigned version, unsigned tax_bp, const char *more)
{
	char text[2048];
	struct span hash;

	snprintf(text, sizeof(text), POLICY, version, tax_bp, more);
	money_must(m, "root", "policy.draft", "", "text", text);
	record_text(&m->record, "hash", &m->arena, &hash);
	money_must(m, "yao", "policy.adopt", money_text(m, "%.*s", (int)hash.len, hash.at));
}

void money_book_begin(struct money_book *m, int64_t budget_fen)
{
	char fen[MONEY_TEXT_MAX];
	struct span text;

	money_book_init(m);
	for (size_t i = 0; i < sizeof(staff) / sizeof(staff[0]); i++)
		money_must(m, "system", "staff.set", staff[i].account, "person", money_text(m, "p-%s", staff[i].account),
			   "roles", staff[i].roles, "titles", staff[i].titles != NULL ? staff[i].titles : "");
	money_policy(m, 1, 0);
	text = money_write(budget_fen, fen);
	if (budget_fen == 0) {
		money_must(m, "cai", "budget.open_year", MONEY_LEDGER);
		return;
	}
	fen[text.len] = '\0';
	money_must(m, "cai", "budget.appropriate", MONEY_LEDGER, "fen", fen, "reason", "decision 3 of 2026");
	money_must(m, "cai", "budget.receive", MONEY_LEDGER, "fen", fen, "account", "bank:main");
}

void money_book_release(struct money_book *m)
{
	for (size_t i = 0; i < m->nlines; i++)
		free((char *)(uintptr_t)m->lines[i].at);
	free(m->lines);
	book_free(m->book);
	arena_release(&m->arena);
}

/* --- commands ----------------------------------------------------------------------------- */

static void keep_line(struct money_book *m, struct span line)
{
	char *copy = memory_zeroes(line.len + 1, 1);

	memcpy(copy, line.at, line.len);
	if (m->nlines == m->size) {
		m->size = m->size > 0 ? 2 * m->size : 64;
		m->lines = realloc(m->lines, m->size * sizeof(*m->lines));
		assert(m->lines != NULL);
	}
	m->lines[m->nlines++] = span_from(copy, line.len);
}

enum book_answer money_command(struct money_book *m, const struct book_command *command)
{
	struct complaint why = { .text = "" };
	struct record decided;
	uint64_t seq;
	enum book_answer answer = book_decide(m->book, command, m->now_ms, &m->arena, &decided, &seq, &m->refusal);

	if (answer != BOOK_RECORD)
		return answer;
	keep_line(m, record_write(&decided, &m->arena));
	if (!record_read(m->lines[m->nlines - 1], &m->arena, &m->record, &why) ||
	    !book_apply(m->book, &m->record, &why)) {
		fprintf(stderr, "%s\n%.*s\n", why.text, (int)m->lines[m->nlines - 1].len, m->lines[m->nlines - 1].at);
		abort();
	}
	return answer;
}

/* Accounts that nobody signs in with are the person themselves. */
static void set_actor(struct money_book *m, struct book_command *command, const char *account)
{
	bool nobody = strcmp(account, "system") == 0 || strcmp(account, "claimant") == 0;

	command->account = span_of(account);
	command->person = span_of(nobody ? account : money_text(m, "p-%s", account));
	command->roles = strcmp(account, "system") == 0	    ? MONEY_SYSTEM
			 : strcmp(account, "claimant") == 0 ? MONEY_CLAIMANT
							    : 0x7fU;
}

enum book_answer money_do(struct money_book *m, const char *account, const char *kind, const char *subject, ...)
{
	struct book_command command = { .kind = kind, .subject = span_of(subject) };
	const char *name;
	va_list args;

	set_actor(m, &command, account);
	command.key = span_of(money_text(m, "k-%u", ++m->nkeys));
	va_start(args, subject);
	while ((name = va_arg(args, const char *)) != NULL)
		command.fields[command.nfields++] =
			(struct book_field){ .name = name, .value = span_of(va_arg(args, const char *)) };
	va_end(args);
	return money_command(m, &command);
}

bool money_unsent(const struct book *book, char attempt[BOOK_ID_MAX + 8])
{
	for (size_t i = 0; i < book_rewards(book); i++) {
		const struct book_reward *reward = book_reward_at(book, i);

		if (reward->state != REWARD_PAYING || reward->held ||
		    reward->attempts[reward->nattempts - 1].state != ATTEMPT_CREATED)
			continue;
		snprintf(attempt, BOOK_ID_MAX + 8, "%s-%zu", reward->id, reward->nattempts);
		return true;
	}
	return false;
}

static bool run_one(struct money_book *m)
{
	struct book_command command;
	char attempt[BOOK_ID_MAX + 8];
	int64_t next_ms;

	if (book_due(m->book, m->now_ms, &m->arena, &command, &next_ms)) {
		if (money_command(m, &command) != BOOK_RECORD)
			money_fail(m, __FILE__, __LINE__, command.kind);
		return true;
	}
	if (!money_unsent(m->book, attempt))
		return false;
	money_must(m, "system", "attempt.send", attempt);
	return true;
}

unsigned money_run(struct money_book *m)
{
	unsigned n = 0;

	while (run_one(m))
		n++;
	return n;
}

/* --- rewards on their way --------------------------------------------------------------------- */

const struct book_reward *money_reward(const struct money_book *m, const char *id)
{
	return book_reward(m->book, span_of(id));
}

const char *money_text(struct money_book *m, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return arena_dup(&m->arena, span_of(text)).at;
}

const char *money_digest(struct money_book *m, const char *id)
{
	return hex_text(&m->arena, money_reward(m, id)->digest, RECORD_HASH_BYTES);
}

/* Seven hundred thousand and five points: 8,500 yuan. */
const char *money_proposed(struct money_book *m, const char *name)
{
	const char *tip = money_text(m, "15-%s", name);

	money_must(m, "wei", "case.verified", money_text(m, "case-%s", name), "bureau", "150600", "tips",
		   money_text(m, "[\"%s at=%lld bands=trafficker_arrested new=1 intake=p-intake\"]", tip,
			      (long long)(m->now_ms - MONEY_DAY_MS)));
	money_must(m, "lin", "reward.propose", "", "case", money_text(m, "case-%s", name), "tip", tip, "claimant",
		   money_text(m, "c-%s", name), "programme", "anti-trafficking", "factors",
		   money_text(m, "[\"%s specificity=3 evidence=2\"]", tip), "external_award", "0");
	return money_text(m, "R%llu", (unsigned long long)m->record.seq);
}

void money_approve(struct money_book *m, const char *id)
{
	static const char *const by[] = { "han", "fang", "zhao" };
	unsigned steps = money_reward(m, id)->steps;

	for (unsigned i = money_reward(m, id)->step; i < steps; i++)
		money_must(m, by[i], "reward.approve", id, "digest", money_digest(m, id));
}

const char *money_approved(struct money_book *m, const char *name)
{
	const char *id = money_proposed(m, name);

	money_must(m, "lin", "reward.submit", id);
	money_approve(m, id);
	return id;
}

const char *money_claimed(struct money_book *m, const char *name)
{
	const char *id = money_approved(m, name);

	money_must(m, "system", "reward.publish", id);
	money_must(m, "claimant", "reward.claim", id, "payee", "payee-1", "rail", "voucher", "nonce",
		   money_text(m, "n-%s", name));
	return id;
}

const char *money_released(struct money_book *m, const char *name)
{
	const char *id = money_claimed(m, name);

	m->now_ms += MONEY_DAY_MS;
	money_must(m, "cai", "reward.release", id, "source", "bank:main");
	money_must(m, "qian", "reward.release", id, "source", "bank:main");
	return id;
}

const char *money_sent(struct money_book *m, const char *name)
{
	const char *id = money_released(m, name);

	money_must(m, "system", "attempt.start", id);
	money_must(m, "system", "attempt.send", money_text(m, "%s-1", id));
	return id;
}

const char *money_paid(struct money_book *m, const char *name)
{
	const char *id = money_sent(m, name);

	money_must(m, "system", "attempt.observe", money_text(m, "%s-1", id), "state", "SUCCEEDED", "by", "query",
		   "fen", "850000");
	return id;
}

void money_statement(struct money_book *m, const char *id)
{
	const struct book_attempt *attempt = &money_reward(m, id)->attempts[0];
	long long opening = 100000000 - 850000 * (long long)m->nstatements;
	const char *date = money_text(m, "2026-03-%02u", ++m->nstatements);

	money_must(m, "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "voucher", "date", date,
		   "opening", money_text(m, "%lld", opening), "closing",
		   money_text(m, "%lld", opening - (long long)attempt->fen), "count", "1", "file",
		   money_text(m, "%064u", m->nstatements), "lines",
		   money_text(m, "L%u Dr %lld %s payment %s -", m->nstatements, (long long)attempt->fen, date,
			      attempt->instruction));
	money_run(m);
}

/* --- the whole again ------------------------------------------------------------------------------ */

struct book *money_replay(const struct money_book *m, struct complaint *why)
{
	struct book *book = book_new(money_book_key, 99);
	struct arena arena = { 0 };
	struct record record;

	for (size_t i = 0; i < m->nlines; i++) {
		arena_clear(&arena);
		if (record_read(m->lines[i], &arena, &record, why) && book_apply(book, &record, why))
			continue;
		book_free(book);
		book = NULL;
		break;
	}
	arena_release(&arena);
	return book;
}

const char *money_balances(struct money_book *m, const struct book *book)
{
	size_t n = ledger_rows(book_ledger(book), NULL, 0);
	struct ledger_row *rows = arena_array(&m->arena, struct ledger_row, n + 1);
	struct buf text = { 0 };
	struct span copy;

	ledger_rows(book_ledger(book), rows, n);
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%s %d %s %lld %lld\n", rows[i].book, (int)rows[i].code, rows[i].detail,
			   (long long)rows[i].debits, (long long)rows[i].credits);
	copy = arena_dup(&m->arena, buf_span(&text));
	buf_release(&text);
	return copy.at != NULL ? copy.at : "";
}

/* --- for auditors ----------------------------------------------------------------------------------- */

struct audit_log *money_audit_log(const struct money_book *m)
{
	struct audit_log *log = audit_log_new(7);
	struct arena arena = { 0 };
	struct record record;
	struct complaint why;

	for (size_t i = 0; i < m->nlines; i++) {
		arena_clear(&arena);
		if (!record_read(m->lines[i], &arena, &record, &why))
			money_fail(m, __FILE__, __LINE__, why.text);
		audit_log_take(log, &record);
	}
	arena_release(&arena);
	return log;
}

static bool sees_all(void *ctx, const char *bureau)
{
	(void)ctx;
	(void)bureau;
	return true;
}

struct audit_view money_view(struct money_book *m, const struct audit_log *log, size_t n)
{
	return audit_view_make(log, n, n > 0 ? audit_log_row(log, n - 1)->at_ms : 0, sees_all, NULL, &m->arena);
}
