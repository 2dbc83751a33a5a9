/*
 * A daemon as far as money goes: a book, a place in the journal, calls under
 * way. It may be killed at each step of a write and of a call; what it knows
 * then is gone, and the book is built from the journal.
 */
#include "tests/sim/sim.h"

#include "daemon/base/hex.h"
#include "daemon/base/memory.h"

#include <sodium.h>
#include <stdio.h>

const unsigned char sim_key[32] = "the key of all simulated worlds";

int64_t daemon_clock(const struct sim *sim, const struct daemon *daemon)
{
	return sim->now_ms + daemon->skew_ms;
}

struct daemon *daemon_any(struct sim *sim)
{
	return &sim->daemons[random_below(&sim->random, sim->ndaemons)];
}

/* --- the journal -------------------------------------------------------------------------- */

static void take_line(struct sim *sim, struct book *book, size_t index)
{
	struct arena arena = { 0 };
	struct complaint why = { .text = "" };
	struct record record;

	if (!record_read(sim->journal.lines[index], &arena, &record, &why) || !book_apply(book, &record, &why))
		sim_fail(sim, "the book refuses record %zu of its own journal: %s", index + 1, why.text);
	arena_release(&arena);
}

void daemon_catch_up(struct sim *sim, struct daemon *daemon)
{
	while (daemon->applied < sim->journal.n)
		take_line(sim, daemon->book, daemon->applied++);
}

struct book *sim_rebuild(struct sim *sim, uint64_t seed)
{
	struct book *book = book_new(sim_key, seed);

	for (size_t i = 0; i < sim->journal.n; i++)
		take_line(sim, book, i);
	sim->figures.rebuilds++;
	return book;
}

static bool dies(struct sim *sim)
{
	return !sim->settling && random_one_in(&sim->random, sim->habits.kill);
}

static enum said die(struct sim *sim, struct daemon *daemon, const char *where)
{
	sim->figures.kills++;
	sim_trace(sim, "  killed %s", where);
	daemon_restart(sim, daemon);
	return SAID_DIED;
}

/* Its place in the table of commands; votes are told apart by the last one. */
static size_t kind_of(struct span line)
{
	size_t n;
	const struct book_command_kind *kinds = book_command_kinds(&n);
	struct span rest = span_from_offset(line, span_find(line, SPAN("\"kind\":\"")) + strlen("\"kind\":\""));

	for (size_t i = 0; i < n && i < SIM_KINDS - 1; i++)
		if (span_is(span_from(rest.at, span_find(rest, SPAN("\""))), kinds[i].kind))
			return i;
	return SIM_KINDS - 1;
}

/* The line is in the journal: everything that has to hold is asked. */
static void written(struct sim *sim, struct span line)
{
	struct complaint why = { .text = "" };

	sim->figures.records++;
	sim->figures.by_kind[kind_of(line)]++;
	sim->figures.adopted += span_find(line, SPAN("\"kind\":\"attempt.start\"")) < line.len &&
				span_find(line, SPAN("\"line\":\"S")) < line.len;
	if (!invariants_take(sim->invariants, line, sim->coverage, &why))
		sim_fail(sim, "%s\n  record: %.*s", why.text, (int)line.len, line.at);
}

static enum said append(struct sim *sim, struct daemon *daemon, struct record *record)
{
	struct span line = record_write(record, &sim->arena);
	struct complaint why = { .text = "" };

	if (dies(sim))
		return die(sim, daemon, "before the record was written");
	if (!journal_append(&sim->journal, (size_t)book_seq(daemon->book), line)) {
		sim->figures.conflicts++;
		daemon_catch_up(sim, daemon);
		return SAID_REFUSED;
	}
	written(sim, sim->journal.lines[sim->journal.n - 1]);
	if (record->at_ms > sim->now_ms)
		sim->now_ms = record->at_ms;
	if (dies(sim))
		return die(sim, daemon, "after the record was written");
	daemon_catch_up(sim, daemon);
	if (!invariants_compare(sim->invariants, daemon->book, &why))
		sim_fail(sim, "%s\n  record: %.*s", why.text, (int)line.len, line.at);
	/* The answer of the store is lost: nobody knows, so the same is said again. */
	if (!sim->settling && random_one_in(&sim->random, sim->habits.lost_append)) {
		sim->unheard = record->seq;
		return SAID_REFUSED;
	}
	return SAID_RECORD;
}

static enum said decide(struct sim *sim, struct daemon *daemon, const struct book_command *command, bool *again)
{
	struct record record;
	enum said said;

	*again = false;
	switch (book_decide(daemon->book, command, daemon_clock(sim, daemon), &sim->arena, &record, &sim->seq,
			    &sim->refusal)) {
	case BOOK_REFUSED:
		/* By a book that is behind: that is no answer yet. */
		*again = daemon->applied < sim->journal.n;
		daemon_catch_up(sim, daemon);
		return SAID_REFUSED;
	case BOOK_REPEATED:
		return SAID_REPEATED;
	case BOOK_RECORD:
		break;
	}
	sim->voted = span_is(record.kind, "vote");
	said = append(sim, daemon, &record);
	*again = said == SAID_REFUSED;
	return said;
}

/* The ledger is the last line: what is planned for a reward has to balance without it. */
static void ledger_had_to(const struct sim *sim, const struct book_command *command)
{
	static const char *const by_hand[] = { "budget.", "reward.write_off", "suspense." };

	for (size_t i = 0; i < sizeof(by_hand) / sizeof(by_hand[0]); i++)
		if (span_starts(span_of(command->kind), span_of(by_hand[i])))
			return;
	if (strcmp(sim->refusal.code, "LEDGER") == 0)
		sim_fail(sim, "only the ledger stopped %s %.*s: %s", command->kind, (int)command->subject.len,
			 command->subject.at, sim->refusal.detail);
}

enum said daemon_do(struct sim *sim, struct daemon *daemon, const struct book_command *command)
{
	bool again = true;
	enum said said = SAID_REFUSED;

	sim->unheard = 0;
	for (unsigned i = 0; i < 8 && again; i++)
		said = decide(sim, daemon, command, &again);
	/* Its own record, of which it had not heard. */
	if (said == SAID_REPEATED && sim->unheard != 0) {
		if (sim->seq != sim->unheard)
			sim_fail(sim, "record %llu is answered as %llu", (unsigned long long)sim->unheard,
				 (unsigned long long)sim->seq);
		said = SAID_RECORD;
	}
	if (said == SAID_REFUSED)
		ledger_had_to(sim, command);
	sim->figures.refused += said == SAID_REFUSED;
	sim->figures.repeated += said == SAID_REPEATED;
	sim_trace(sim, "%s %.*s by %.*s: %s%s %s", command->kind, (int)command->subject.len, command->subject.at,
		  (int)command->account.len, command->account.at,
		  said == SAID_RECORD ? "recorded" : said == SAID_REPEATED ? "repeated" : said == SAID_DIED ? "died"
		  : "refused ", said == SAID_REFUSED ? sim->refusal.code : "",
		  said == SAID_REFUSED ? sim->refusal.detail : "");
	return said;
}

/* --- after a start --------------------------------------------------------------------------- */

/* Whatever was being sent: nobody knows what became of it. */
static void forget_calls(struct sim *sim, struct daemon *daemon)
{
	bool settling = sim->settling;

	sim->settling = true;   /* a daemon that starts is not killed again at once */
	for (size_t i = 0; i < book_rewards(daemon->book); i++) {
		const struct book_reward *reward = book_reward_at(daemon->book, i);
		struct book_command *command;

		if (reward->nattempts == 0 || reward->attempts[reward->nattempts - 1].state != ATTEMPT_SENDING)
			continue;
		command = order(sim, "attempt.observe", "system", sim_text(sim, "%s-%zu", reward->id, reward->nattempts));
		order_put(sim, command, "state", "UNKNOWN");
		order_put(sim, command, "by", "answer");
		daemon_do(sim, daemon, command);
	}
	sim->settling = settling;
}

static void daemon_forget(struct sim *sim, struct daemon *daemon)
{
	book_free(daemon->book);
	daemon->book = sim_rebuild(sim, sim->event + 1);
	daemon->applied = sim->journal.n;
	daemon->njobs = 0;
}

void daemon_restart(struct sim *sim, struct daemon *daemon)
{
	daemon_forget(sim, daemon);
	forget_calls(sim, daemon);
}

/* What was owed by the journal that is lost: what was paid of it was paid by right. */
static void keep_owed(struct sim *sim)
{
	char name[INVARIANTS_NAME_MAX];
	int64_t fen;

	for (size_t i = 0; (fen = invariants_owed(sim->invariants, i, name)) >= 0; i++) {
		size_t n = sim->lost.n, at = names_add(&sim->lost, span_of(name));

		if (at == n) {
			sim->lost_fen = memory_grow(sim->lost_fen, n, sizeof(*sim->lost_fen));
			sim->lost_fen[n] = 0;
		}
		if (fen > sim->lost_fen[at])
			sim->lost_fen[at] = fen;
	}
}

int64_t sim_lost(void *ctx, const char *name)
{
	const struct sim *sim = ctx;
	size_t at = names_find(&sim->lost, span_of(name));

	return at != NAMES_NONE ? sim->lost_fen[at] : 0;
}

/* The mirror has more records than the store: that is the first thing that is written. */
static void tell_restored(struct sim *sim, size_t known)
{
	struct book_command *command = order(sim, "book.restored", "system", "");
	bool settling = sim->settling;

	sim->settling = true;
	order_put(sim, command, "reason", "the mirror has more");
	order_put(sim, command, "known", "%zu", known);
	if (daemon_do(sim, &sim->daemons[0], command) != SAID_RECORD)
		sim_fail(sim, "a restore is not recorded: %s", sim->refusal.detail);
	sim->settling = settling;
}

/* Yesterday's backup: the journal ends earlier, the provider has sent what it has sent. */
void sim_restore(struct sim *sim)
{
	struct complaint why = { .text = "" };
	size_t lost = sim->journal.n;
	size_t keep = lost - random_below(&sim->random, sim->journal.n / 4 + 1);

	/* Accounts and policies of the beginning are in every backup. */
	if (keep < 80 || sim->settling)
		return;
	sim_trace(sim, "restored: %zu of %zu records", keep, sim->journal.n);
	sim->restored = true;
	keep_owed(sim);
	sim->figures.restores++;
	journal_cut(&sim->journal, keep);
	invariants_free(sim->invariants);
	sim->invariants = invariants_new(sim_key);
	for (size_t i = 0; i < sim->journal.n; i++)
		if (!invariants_take(sim->invariants, sim->journal.lines[i], NULL, &why))
			sim_fail(sim, "after a restore: %s", why.text);
	for (size_t i = 0; i < sim->nkept; i++)
		if (sim->kept[i].seq > keep)
			sim->kept[i].seq = 0;
	for (size_t i = 0; i < sim->ndaemons; i++)
		daemon_forget(sim, &sim->daemons[i]);
	tell_restored(sim, lost);
	for (size_t i = 0; i < sim->ndaemons; i++)
		daemon_restart(sim, &sim->daemons[i]);
}

/* --- what is due --------------------------------------------------------------------------------- */

static void attempt_split(const char *attempt, char reward[32], unsigned *number)
{
	const char *dash = strchr(attempt, '-');

	snprintf(reward, 32, "%.*s", (int)(dash - attempt), attempt);
	*number = (unsigned)strtoul(dash + 1, NULL, 10);
}

static bool instruction_of(const struct daemon *daemon, const char *attempt, struct instruction *is)
{
	char reward_id[32];
	unsigned number;
	const struct book_reward *reward;

	attempt_split(attempt, reward_id, &number);
	reward = book_reward(daemon->book, span_of(reward_id));
	if (reward == NULL || number == 0 || number > reward->nattempts)
		return false;
	*is = (struct instruction){ .fen = reward->attempts[number - 1].fen };
	snprintf(is->id, sizeof(is->id), "%s", reward->attempts[number - 1].instruction);
	snprintf(is->payee, sizeof(is->payee), "%s", reward->payee);
	snprintf(is->rail, sizeof(is->rail), "%s", reward->attempts[number - 1].rail);
	return true;
}

static void body_hash(const struct instruction *is, char out[65])
{
	char text[160];
	unsigned char hash[crypto_hash_sha256_BYTES];
	int len = snprintf(text, sizeof(text), "%s %s %s %lld", is->id, is->payee, is->rail, (long long)is->fen);

	crypto_hash_sha256(hash, (const unsigned char *)text, (unsigned)len);
	hex_put(hash, sizeof(hash), out);
	out[64] = '\0';
}

static void add_job(const struct sim *sim, struct daemon *daemon, enum job_kind kind, const char *attempt, const struct instruction *is)
{
	struct job *job = &daemon->jobs[daemon->njobs < SIM_JOBS ? daemon->njobs++ : SIM_JOBS - 1];

	*job = (struct job){ .kind = kind, .is = *is, .made_ms = sim->now_ms };
	snprintf(job->attempt, sizeof(job->attempt), "%s", attempt);
}

/* The request is made before it is recorded that it goes out: its hash stands in the record. */
static void complete_send(struct sim *sim, struct book_command *command, const struct instruction *is)
{
	char hash[65];

	body_hash(is, hash);
	order_put(sim, command, "body", "%s", hash);
	order_put(sim, command, "retention_days", "%lld", (long long)(sim->provider.habits.retention_ms / SIM_DAY));
}

/* False: it is refused, a rail on hold for instance. */
static bool send(struct sim *sim, struct daemon *daemon, struct book_command *command)
{
	const char *attempt = sim_text(sim, "%.*s", (int)command->subject.len, command->subject.at);
	struct instruction is;
	enum said said;

	if (!instruction_of(daemon, attempt, &is))
		return false;
	complete_send(sim, command, &is);
	said = daemon_do(sim, daemon, command);
	if (said == SAID_RECORD)
		add_job(sim, daemon, JOB_SUBMIT, attempt, &is);
	return said != SAID_REFUSED;
}

static void query(struct sim *sim, struct daemon *daemon, struct book_command *command)
{
	const char *attempt = sim_text(sim, "%.*s", (int)command->subject.len, command->subject.at);
	struct instruction is;

	if (daemon_do(sim, daemon, command) == SAID_RECORD && instruction_of(daemon, attempt, &is))
		add_job(sim, daemon, JOB_QUERY, attempt, &is);
}

/* Whoever can make the request sends what was started: it is not among what is due. What is held up is passed over. */
static bool send_next(struct sim *sim, struct daemon *daemon)
{
	for (size_t i = 0; i < book_rewards(daemon->book); i++) {
		const struct book_reward *reward = book_reward_at(daemon->book, i);

		if (reward->state == REWARD_PAYING && reward->attempts[reward->nattempts - 1].state == ATTEMPT_CREATED &&
		    send(sim, daemon, order(sim, "attempt.send", "system", sim_text(sim, "%s-%zu", reward->id, reward->nattempts))))
			return true;
	}
	return false;
}

bool daemon_due(struct sim *sim, struct daemon *daemon, int64_t *next_ms)
{
	struct book_command command;

	daemon_catch_up(sim, daemon);
	if (!book_due(daemon->book, daemon_clock(sim, daemon), &sim->arena, &command, next_ms))
		return send_next(sim, daemon);
	if (strcmp(command.kind, "attempt.query") == 0)
		query(sim, daemon, &command);
	else if (daemon_do(sim, daemon, &command) == SAID_REFUSED)
		sim_fail(sim, "what is due is refused: %s %.*s: %s %s", command.kind, (int)command.subject.len,
			 command.subject.at, sim->refusal.code, sim->refusal.detail);
	return true;
}

/* --- the network ---------------------------------------------------------------------------------- */

static void observe(struct sim *sim, struct daemon *daemon, const char *attempt, const char *state, const char *by,
		    const struct payment *payment, const char *key)
{
	struct book_command *command = order(sim, "attempt.observe", "system", attempt);

	order_put(sim, command, "state", "%s", state);
	order_put(sim, command, "by", "%s", by);
	if (payment != NULL) {
		order_put(sim, command, "instruction", "%s", payment->is.id);
		order_put(sim, command, "provider_ref", "%s", payment->reference);
		order_put(sim, command, "fen", "%lld", (long long)payment->is.fen);
		if (strcmp(state, "FAILED") == 0)
			order_put(sim, command, "code", "NO_SUCH_PAYEE");
		if (strcmp(state, "FAILED") == 0 && payment->payee_fault)
			order_put(sim, command, "fault", "payee");
	}
	if (key != NULL)
		command->key = span_of(key);
	daemon_do(sim, daemon, command);
}

/* What is known now and, sometimes, once more under what is known now: while the rail has it, the same may go out again. */
static void send_again(struct sim *sim, struct daemon *daemon, const char *attempt)
{
	struct book_command *command = order(sim, "attempt.send", "system", attempt);

	send(sim, daemon, command);
}

/* Of what is not known: the same once more, if that is allowed. */
void daemon_send_again(struct sim *sim, struct daemon *daemon, const struct book_reward *reward)
{
	daemon_catch_up(sim, daemon);
	send_again(sim, daemon, sim_text(sim, "%s-%zu", reward->id, reward->nattempts));
}

static void told(struct sim *sim, struct daemon *daemon, const struct job *job, enum provider_answer answer,
		 const struct payment *payment)
{
	const char *by = job->kind == JOB_QUERY ? "query" : "answer";
	const char *state = answer == PROVIDER_STATE ? attempt_state_name(payment->state) : "UNKNOWN";

	if (answer == PROVIDER_CONFLICT)
		sim->figures.ids_reused++;
	if (answer == PROVIDER_NOT_FOUND)
		state = job->kind == JOB_QUERY ? "NOT_FOUND" : "UNKNOWN";
	observe(sim, daemon, job->attempt, state, by, answer == PROVIDER_STATE ? payment : NULL, NULL);
	if (answer == PROVIDER_NOT_FOUND && random_one_in(&sim->random, 2))
		send_again(sim, daemon, job->attempt);
}

static enum provider_answer call(struct sim *sim, const struct job *job, int64_t at_ms, const struct payment **payment)
{
	provider_run(&sim->provider, &sim->random, at_ms);
	switch (job->kind) {
	case JOB_SUBMIT:
		return provider_submit(&sim->provider, &sim->random, &job->is, at_ms, payment);
	case JOB_QUERY:
		return provider_query(&sim->provider, job->is.id, at_ms, payment);
	case JOB_CANCEL:
		return provider_cancel(&sim->provider, &sim->random, job->is.id, at_ms, payment);
	}
	return PROVIDER_NOT_FOUND;
}

/* Refused before a byte went out: nothing happened. The same is tried again; nothing is recorded but that it is not known. */
static bool fails_before(struct sim *sim, struct daemon *daemon, const struct job *job)
{
	if (sim->settling || !random_one_in(&sim->random, sim->habits.refused))
		return false;
	sim_trace(sim, "  %s: connection refused", job->attempt);
	if (random_one_in(&sim->random, 3))
		observe(sim, daemon, job->attempt, "UNKNOWN", "answer", NULL, NULL);
	else if (random_one_in(&sim->random, 2))
		send_again(sim, daemon, job->attempt);
	else
		add_job(sim, daemon, job->kind, job->attempt, &job->is);
	return true;
}

/* A call that took too long: given up, whether it arrived or not. */
static bool times_out(struct sim *sim, struct daemon *daemon, const struct job *job)
{
	const struct payment *payment;
	enum provider_answer answer;

	if (sim->now_ms < job->made_ms + SIM_MINUTE)
		return false;
	if (random_one_in(&sim->random, 2)) {
		answer = call(sim, job, job->made_ms, &payment);
		/* Or its answer comes when it is not waited for any more, behind better news. */
		if (random_one_in(&sim->random, 3)) {
			told(sim, daemon, job, answer, payment);
			return true;
		}
	}
	if (job->kind == JOB_SUBMIT)
		observe(sim, daemon, job->attempt, "UNKNOWN", "answer", NULL, NULL);
	return true;
}

bool daemon_network(struct sim *sim, struct daemon *daemon)
{
	const struct payment *payment = NULL;
	enum provider_answer answer;
	struct job job;
	size_t index;

	if (daemon->njobs == 0)
		return false;
	index = random_below(&sim->random, daemon->njobs);
	job = daemon->jobs[index];
	daemon->jobs[index] = daemon->jobs[--daemon->njobs];
	sim->figures.jobs++;
	if (times_out(sim, daemon, &job) || fails_before(sim, daemon, &job))
		return true;
	if (dies(sim)) {
		if (random_one_in(&sim->random, 2))
			call(sim, &job, sim->now_ms, &payment);
		die(sim, daemon, "in the middle of a request");
		return true;
	}
	answer = call(sim, &job, sim->now_ms, &payment);
	if (!sim->settling && (sim->now_ms < sim->down_until_ms || random_one_in(&sim->random, sim->habits.lost))) {
		sim_trace(sim, "  %s: the answer is lost", job.attempt);
		observe(sim, daemon, job.attempt, "UNKNOWN", "answer", NULL, NULL);
	} else if (dies(sim)) {
		die(sim, daemon, "before the answer was recorded");
	} else {
		told(sim, daemon, &job, answer, payment);
	}
	return true;
}

bool daemon_callback(struct sim *sim)
{
	struct daemon *daemon = daemon_any(sim);
	struct callback callback;
	struct payment payment;
	const struct book_reward *reward;
	const struct book_attempt *attempt;

	provider_run(&sim->provider, &sim->random, sim->now_ms);
	if (!sim->settling && sim->now_ms < sim->down_until_ms)
		return false;
	if (!provider_callback(&sim->provider, sim->now_ms, &callback))
		return false;
	payment = sim->provider.payments[callback.payment];
	daemon_catch_up(sim, daemon);
	attempt = book_instruction(daemon->book, span_of(payment.is.id), &reward);
	/* Of a payment that the book forgot with the backup: a stranger, left to the statements. */
	if (attempt == NULL)
		return true;
	observe(sim, daemon, sim_text(sim, "%s-%u", reward->id, attempt->number), attempt_state_name(callback.state),
		"webhook", &payment, sim_text(sim, "hook:%u", callback.number));
	return true;
}

void daemon_cancel(struct sim *sim, struct daemon *daemon, const struct book_reward *reward)
{
	const char *attempt = sim_text(sim, "%s-%zu", reward->id, reward->nattempts);
	bool sent = reward->attempts[reward->nattempts - 1].state != ATTEMPT_CREATED;
	struct book_command *command =
		order(sim, "attempt.cancel", random_one_in(&sim->random, 2) ? "system" : staff_with(sim, MONEY_FINANCE, NULL),
		      attempt);
	struct instruction is;

	if (daemon_do(sim, daemon, command) == SAID_RECORD && sent && instruction_of(daemon, attempt, &is))
		add_job(sim, daemon, JOB_CANCEL, attempt, &is);
}
