/*
 * Statements: what the accounts really did, day by day, with fees and lines
 * of strangers among it; and what finance makes of the breaks.
 */
#include "tests/sim/sim.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/hex.h"
#include "daemon/base/table.h"

#include <sodium.h>
#include <stdio.h>

#define CHINA_MS (8 * SIM_HOUR)
#define OPENING INT64_C(1000000000000)
#define LINES_MAX 500

static const struct {
	const char *account, *rail;
} accounts[] = {
	{ .account = "bank:main", .rail = "bank" },
	{ .account = "float:wallet", .rail = "wallet" },
	{ .account = "cash:b1", .rail = "voucher" },
};

static int64_t day_of(int64_t ms)
{
	return (ms + CHINA_MS) / SIM_DAY;
}

/* --- lines --------------------------------------------------------------------------------- */

struct day {
	struct statement_line *lines;
	size_t n;
	int64_t sum;
};

static void add_line(struct sim *sim, struct day *day, bool credit, int64_t fen, enum statement_kind kind,
		     const char *instruction, const char *reference)
{
	struct statement_line *line = &day->lines[day->n];

	day->sum += credit ? fen : -fen;
	if (day->n + 1 < LINES_MAX)
		day->n++;
	*line = (struct statement_line){ .id = span_of(sim_text(sim, "L%zu", day->n)), .credit = credit, .fen = fen,
					 .kind = kind, .instruction = span_of(instruction),
					 .reference = span_of(reference) };
}

/* Fees, strangers, money from elsewhere; always the same for an account and a day, whenever it is asked for. */
struct odd {
	int64_t fee, stranger, other;
};

static struct odd odd_of(const struct sim *sim, size_t account, int64_t number)
{
	struct random odd = { .state = sim->options.seed * 1000003 + (uint64_t)number * 3 + account };
	int64_t fee = random_one_in(&odd, 20) ? random_between(&odd, 1, 900) : 0;
	int64_t stranger = random_one_in(&odd, 90) ? random_between(&odd, 1, 90000) : 0;

	return (struct odd){ .fee = fee, .stranger = stranger,
			     .other = random_one_in(&odd, 90) ? random_between(&odd, 1, 90000) : 0 };
}

static void odd_lines(struct sim *sim, struct day *day, size_t account, int64_t number)
{
	struct odd odd = odd_of(sim, account, number);

	if (odd.fee > 0)
		add_line(sim, day, false, odd.fee, STATEMENT_FEE, "", "");
	if (odd.stranger > 0)
		add_line(sim, day, false, odd.stranger, STATEMENT_PAYMENT, "STRANGER", "");
	if (odd.other > 0)
		add_line(sim, day, true, odd.other, STATEMENT_OTHER, "", "other");
}

/* What the account held when the day began. */
static int64_t opening_of(const struct sim *sim, size_t account, int64_t number)
{
	int64_t fen = OPENING;

	for (size_t i = 0; i < sim->provider.ids.n; i++) {
		const struct payment *payment = &sim->provider.payments[i];

		if (strcmp(payment->account, accounts[account].account) != 0)
			continue;
		fen -= payment->sent_day >= 0 && payment->sent_day < number ? payment->is.fen : 0;
		fen += payment->return_day >= 0 && payment->return_day < number ? payment->is.fen : 0;
	}
	for (int64_t day = day_of(SIM_BEGIN); day < number; day++) {
		struct odd odd = odd_of(sim, account, day);

		fen += odd.other - odd.fee - odd.stranger;
	}
	return fen;
}

static void collect(struct sim *sim, struct day *day, size_t account, int64_t number)
{
	*day = (struct day){ .lines = arena_array(&sim->arena, struct statement_line, LINES_MAX) };
	for (size_t i = 0; i < sim->provider.ids.n; i++) {
		const struct payment *payment = &sim->provider.payments[i];

		if (strcmp(payment->account, accounts[account].account) != 0)
			continue;
		if (payment->sent_day == number)
			add_line(sim, day, false, payment->is.fen, STATEMENT_PAYMENT, payment->is.id, payment->reference);
		if (payment->return_day == number)
			add_line(sim, day, true, payment->is.fen, STATEMENT_RETURN, payment->is.id, payment->reference);
	}
	odd_lines(sim, day, account, number);
}

static const char *lines_text(struct sim *sim, struct day *day, const char *date)
{
	struct statement sorted = { .lines = day->lines, .n = day->n };
	struct buf text = { 0 };
	const char *copy;

	for (size_t i = 0; i < day->n; i++)
		memcpy(day->lines[i].booked, date, STATEMENT_DATE_LEN);
	statement_sort(&sorted, &sim->arena);
	for (size_t i = 0; i < sorted.n; i++) {
		if (i > 0)
			buf_add_byte(&text, '\n');
		buf_add_span(&text, statement_line_write(&sorted.lines[i], &sim->arena));
	}
	copy = arena_dup(&sim->arena, buf_span(&text)).at;
	buf_release(&text);
	return copy;
}

/* --- import ------------------------------------------------------------------------------------ */

static void put_file(struct sim *sim, struct book_command *command, const char *lines, size_t account, const char *date)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	const char *file = arena_printf(&sim->arena, "%s %s %s", accounts[account].account, date, lines);

	crypto_hash_sha256(hash, (const unsigned char *)file, strlen(file));
	order_put(sim, command, "file", "%s", hex_text(&sim->arena, hash, sizeof(hash)));
}

static void import(struct sim *sim, size_t account, int64_t number)
{
	struct book_command *command;
	struct day day;
	char date[CIVIL_DATE_MAX];
	const char *lines;
	int64_t opening = opening_of(sim, account, number);

	collect(sim, &day, account, number);
	/* A day without movement is asked for only where it matters that nothing moved. */
	if (day.n == 0 && !book_quarantine(sim->daemons[0].book)->on)
		return;
	civil_write_date(number * SIM_DAY, 0, date);
	lines = lines_text(sim, &day, date);
	command = order(sim, "statement.import", random_one_in(&sim->random, 2) ? "system" : staff_with(sim, MONEY_FINANCE, NULL),
			sim_text(sim, "%s/%s/2026", sim->bureaus[0], sim->programmes[0].name));
	order_put(sim, command, "account", "%s", accounts[account].account);
	order_put(sim, command, "rail", "%s", accounts[account].rail);
	order_put(sim, command, "date", "%s", date);
	order_put(sim, command, "opening", "%lld", (long long)opening);
	order_put(sim, command, "closing", "%lld", (long long)(opening + day.sum));
	order_put(sim, command, "count", "%zu", day.n);
	put_file(sim, command, lines, account, date);
	command->fields[command->nfields++] = (struct book_field){ .name = "lines", .value = span_of(lines) };
	if (daemon_do(sim, daemon_any(sim), command) == SAID_RECORD)
		sim->figures.statements++;
}

/* After a restore the book has forgotten some days; the bank has not. */
static bool known(struct sim *sim, size_t account, int64_t number)
{
	char date[CIVIL_DATE_MAX];

	civil_write_date(number * SIM_DAY, 0, date);
	return book_statement_find(sim->daemons[0].book, span_of(accounts[account].account), span_of(date)) != NULL;
}

/* Of all days that are over and not yet known; now and then one comes late, or a second time. */
void bank_statement(struct sim *sim)
{
	int64_t today = day_of(sim->now_ms);

	provider_run(&sim->provider, &sim->random, sim->now_ms);
	daemon_catch_up(sim, &sim->daemons[0]);
	if (sim->statement_day == 0 || sim->restored)
		sim->statement_day = day_of(SIM_BEGIN) - 1;
	for (int64_t number = sim->statement_day + 1; number < today; number++)
		for (size_t i = 0; i < COUNT_OF(accounts); i++)
			if (!known(sim, i, number) && (sim->settling || !random_one_in(&sim->random, 12)))
				import(sim, i, number);
	if (!sim->settling && random_one_in(&sim->random, 4) && today > day_of(SIM_BEGIN))
		import(sim, random_below(&sim->random, COUNT_OF(accounts)),
		       random_between(&sim->random, day_of(SIM_BEGIN), today - 1));
	if (sim->settling)
		sim->statement_day = today - 1;
}

/* Every day that is over, of every account; then what the lines say is taken in, and two of finance say so. */
void people_reconcile(struct sim *sim)
{
	struct daemon *daemon = &sim->daemons[0];
	struct book_command *command;
	char date[CIVIL_DATE_MAX];
	int64_t next_ms, today = day_of(sim->now_ms);

	daemon_catch_up(sim, daemon);
	if (!book_quarantine(daemon->book)->on || day_of(book_quarantine(daemon->book)->since_ms) >= today)
		return;
	provider_run(&sim->provider, &sim->random, sim->now_ms);
	for (int64_t number = day_of(SIM_BEGIN); number < today; number++)
		for (size_t i = 0; i < COUNT_OF(accounts); i++) {
			if (!known(sim, i, number))
				import(sim, i, number);
			daemon_catch_up(sim, daemon);
		}
	for (size_t n = 0; n < 4000 && daemon_due(sim, daemon, &next_ms); n++)
		;
	civil_write_date((today - 1) * SIM_DAY, 0, date);
	command = order(sim, "book.reconciled", staff_with(sim, MONEY_FINANCE, NULL),
			sim_text(sim, "%s", book_quarantine(daemon->book)->id));
	order_put(sim, command, "until", "%s", date);
	order_put(sim, command, "reason", "all statements are there");
	order_both(sim, command, MONEY_FINANCE);
	daemon_catch_up(sim, daemon);
	sim->figures.reconciled += !book_quarantine(daemon->book)->on;
}

/* --- breaks ---------------------------------------------------------------------------------------- */

static const struct book_break *any_break(struct sim *sim)
{
	struct daemon *daemon = &sim->daemons[0];
	size_t n = 0;

	daemon_catch_up(sim, daemon);
	while (book_break_at(daemon->book, n) != NULL)
		n++;
	return n > 0 ? book_break_at(daemon->book, random_below(&sim->random, n)) : NULL;
}

static void clear(struct sim *sim, const struct book_break *broken, const char *by, const char *what)
{
	struct book_command *command = order(sim, "suspense.clear", staff_with(sim, MONEY_FINANCE, NULL), broken->id);

	order_put(sim, command, by, "%s", what);
	order_put(sim, command, "reason", "looked up");
	order_both(sim, command, MONEY_FINANCE);
}

/* It was a fee, or money received: that is posted, and is what the line tells. */
static void was_entry(struct sim *sim, const struct book_break *broken, const char *account)
{
	struct book_command *command = order(sim, broken->credit ? "budget.receive" : "budget.fee",
					     staff_with(sim, MONEY_FINANCE, NULL), broken->ledger);
	const char *line, *end;
	struct span rest;

	order_put(sim, command, "fen", "%lld", (long long)broken->fen);
	order_put(sim, command, "account", "%s", account);
	if (daemon_do(sim, daemon_any(sim), command) != SAID_RECORD)
		return;
	line = sim->journal.lines[sim->seq - 1].at;
	rest = span_from_offset(span_of(line), span_find(span_of(line), SPAN("\"entry\":\"")) + strlen("\"entry\":\""));
	end = memchr(rest.at, '"', rest.len);
	clear(sim, broken, "entry", sim_text(sim, "%.*s", (int)(end - rest.at), rest.at));
}

static const struct statement_line *line_of(const struct daemon *daemon, const char *about)
{
	const struct book_statement *statement;
	size_t len = strcspn(about, ":");
	uint64_t number;

	for (size_t i = 0; (statement = book_statement_at(daemon->book, i)) != NULL; i++)
		if (strlen(statement->id) == len && strncmp(statement->id, about, len) == 0 &&
		    span_u64(span_of(about[len] != '\0' ? about + len + 1 : ""), &number) && number <= statement->nlines)
			return &statement->lines[number - 1].is;
	return NULL;
}

static const char *account_of_break(const struct daemon *daemon, const char *about)
{
	const struct book_statement *statement;

	for (size_t i = 0; (statement = book_statement_at(daemon->book, i)) != NULL; i++)
		if (strncmp(statement->id, about, strlen(statement->id)) == 0 && about[strlen(statement->id)] == ':')
			return statement->account_name;
	return accounts[0].account;
}

/* It was a payment of ours, or one that came back: finance says so on the strength of the line. */
static void was_payment(struct sim *sim, const struct book_break *broken)
{
	struct daemon *daemon = &sim->daemons[0];
	const struct statement_line *line = line_of(daemon, broken->about);
	const struct book_reward *reward;
	const struct book_attempt *attempt = line != NULL ? book_instruction(daemon->book, line->instruction, &reward) : NULL;
	struct book_command *command;
	const char *id;

	if (attempt == NULL)
		return;
	id = sim_text(sim, "%s-%u", reward->id, attempt->number);
	command = order(sim, "attempt.observe", staff_with(sim, MONEY_FINANCE, NULL), id);
	order_put(sim, command, "state", line->credit ? "RETURNED" : "SUCCEEDED");
	order_put(sim, command, "by", "statement");
	order_put(sim, command, "fen", "%lld", (long long)line->fen);
	order_put(sim, command, "line", "%s", broken->about);
	if (sim->settling || random_one_in(&sim->random, 2))
		order_put(sim, command, "source", "%s", account_of_break(daemon, broken->about));
	daemon_do(sim, daemon_any(sim), command);
	clear(sim, broken, "attempt", id);
}

/* Of another account than finance had named: the system does not take that for the payment, people do. */
void people_find(struct sim *sim)
{
	struct daemon *daemon = &sim->daemons[0];
	const struct book_break *found;

	daemon_catch_up(sim, daemon);
	for (size_t i = 0; (found = book_break_at(daemon->book, i)) != NULL; i++) {
		struct book_break broken = *found;
		const struct statement_line *line = line_of(daemon, broken.about);
		const struct book_reward *reward;
		const struct book_attempt *attempt =
			line != NULL ? book_instruction(daemon->book, line->instruction, &reward) : NULL;

		if (attempt != NULL && !broken.credit && broken.class == BREAK_STRANGER &&
		    attempt->state != ATTEMPT_SUCCEEDED && attempt->state != ATTEMPT_RETURNED)
			was_payment(sim, &broken);
		daemon_catch_up(sim, daemon);
	}
}

void people_breaks(struct sim *sim)
{
	const struct book_break *found = any_break(sim);
	struct book_break broken;
	struct book_command *command;

	if (found == NULL)
		return;
	broken = *found;
	if (broken.suspended && !broken.cleared && random_one_in(&sim->random, 3)) {
		clear(sim, &broken, "against", any_break(sim)->id);
	} else if (broken.suspended && !broken.cleared) {
		was_payment(sim, &broken);
		was_entry(sim, &broken, accounts[random_below(&sim->random, COUNT_OF(accounts))].account);
	} else {
		command = order(sim, "break.resolve", staff_with(sim, MONEY_FINANCE, NULL), broken.id);
		order_put(sim, command, "reason", "looked up");
		order_both(sim, command, MONEY_FINANCE);
	}
}
