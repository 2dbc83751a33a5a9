/*
 * The treasury on a store that can fail: every command is recorded once or not
 * at all and its answer says which, whatever is lost, whoever else writes, and
 * whenever the process is killed; and a journal that does not follow is not
 * written on.
 */
#include "daemon/jobs/treasury.h"

#include "daemon/base/buf.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"
#include "tests/support/journal_sample.h"
#include "tests/support/money_book.h"
#include "tests/support/store_double.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 60000
#define ANSWERS_MAX 600

static struct loop *loop;
static struct store_double *store;
static struct arena arena;
static char dir[64];
static struct complaint why;

/* --- a process: a treasury and its mirror ------------------------------------------------ */

struct process {
	struct treasury *treasury;
	char mirror[128], name[32];
	unsigned applied, errands;
	uint64_t applied_seq;
	char last_errand[64];
};

static struct process one, two;

static void applied(void *ctx, const struct record *record)
{
	struct process *process = ctx;

	assert_int_equal(record->seq, process->applied_seq + 1);
	process->applied_seq = record->seq;
	process->applied++;
}

static void errand(void *ctx, const struct record *record)
{
	struct process *process = ctx;

	process->errands++;
	assert_int_equal(process->applied_seq, record->seq);
	snprintf(process->last_errand, sizeof(process->last_errand), "%.*s %.*s", (int)record->kind.len,
		 record->kind.at, (int)record->subject.len, record->subject.at);
}

static void begin(struct process *process, const char *name, bool timers)
{
	*process = (struct process){ .applied = 0 };
	snprintf(process->name, sizeof(process->name), "%s", name);
	snprintf(process->mirror, sizeof(process->mirror), "%s/%s/journal.jsonl", dir, name);
	process->treasury = treasury_new(&(struct treasury_env){ .loop = loop,
								 .store = &store->base,
								 .holder = span_of(process->name),
								 .instruction_key = money_book_key,
								 .mirror = process->mirror,
								 .timers = timers,
								 .poll_ms = 20,
								 .applied = applied,
								 .errand = errand,
								 .ctx = process },
					 &why);
	if (process->treasury == NULL)
		fail_msg("%s", why.text);
}

static void end(struct process *process)
{
	treasury_free(process->treasury);
	process->treasury = NULL;
}

static struct treasury_figures figures(const struct process *process)
{
	struct treasury_figures out;

	treasury_figures(process->treasury, &out);
	return out;
}

/* --- the loop ------------------------------------------------------------------------------- */

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

static void run_for(unsigned ms)
{
	loop_after(loop, ms, stop, NULL);
	loop_run(loop);
}

#define RUN_UNTIL(condition)                                                                                 \
	do {                                                                                                 \
		uint64_t began_ms = clock_steady_ms();                                                       \
		while (!(condition)) {                                                                       \
			if (clock_steady_ms() - began_ms > PATIENCE_MS)                                      \
				fail_msg("never: %s (%s)", #condition, figures(&one).why);                    \
			run_for(2);                                                                          \
		}                                                                                            \
	} while (0)

static void await_ready(const struct process *process)
{
	RUN_UNTIL(figures(process).ready);
}

/* --- commands and answers ---------------------------------------------------------------------- */

/* One command's fate; `order` counts answers. */
struct fate {
	bool answered;
	enum treasury_outcome outcome;
	bool repeated;
	uint64_t seq;
	unsigned order;
	char code[32];
	char json[2048];
};

static unsigned answers;
static bool submitting;

static void answered(void *ctx, const struct treasury_answer *answer)
{
	struct fate *fate = ctx;

	assert_false(fate->answered || submitting);
	*fate = (struct fate){ .answered = true, .outcome = answer->outcome, .repeated = answer->repeated, .order = answers++ };
	if (answer->outcome == TREASURY_DONE) {
		fate->seq = answer->record->seq;
		snprintf(fate->json, sizeof(fate->json), "%.*s", (int)answer->json.len, answer->json.at);
	}
	if (answer->outcome == TREASURY_REFUSED)
		snprintf(fate->code, sizeof(fate->code), "%s", answer->refusal->code);
}

/* Registers an account; `person` tells two commands with one key apart. */
static void submit_as(struct process *process, const char *key, const char *person, struct fate *fate)
{
	char account[40];
	struct book_command command = { .kind = "staff.set",
					.person = SPAN("system"),
					.account = SPAN("system"),
					.roles = MONEY_SYSTEM,
					.key = span_of(key),
					.fields = { { .name = "person", .value = span_of(person) },
						    { .name = "roles", .value = SPAN("[\"auditor\"]") } },
					.nfields = 2 };

	snprintf(account, sizeof(account), "a-%s", key);
	command.subject = span_of(account);
	*fate = (struct fate){ .answered = false };
	submitting = true;
	treasury_submit(process->treasury, &command, (struct treasury_wait){ .done = answered, .ctx = fate });
	submitting = false;
}

static void submit(struct process *process, const char *key, struct fate *fate)
{
	submit_as(process, key, "p-one", fate);
}

static struct fate done(struct process *process, const char *key)
{
	static struct fate fate;

	submit(process, key, &fate);
	RUN_UNTIL(fate.answered);
	return fate;
}

static void must(struct process *process, const char *key)
{
	assert_int_equal(done(process, key).outcome, TREASURY_DONE);
}

/* --- the journal behind their backs ------------------------------------------------------------------ */

static struct store_reply journal;
static bool journal_read;

static void read_answered(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	journal = *reply;
	journal.events = arena_array(&arena, struct store_event, reply->nevents);
	for (size_t i = 0; i < reply->nevents; i++)
		journal.events[i] = (struct store_event){ .number = reply->events[i].number,
							  .json = arena_dup(&arena, reply->events[i].json) };
	journal_read = true;
}

static void ask_memory(const struct store_request *request)
{
	journal_read = false;
	store->memory->up = true;
	store_submit(store->memory, request, (struct store_wait){ .done = read_answered });
	while (!journal_read)
		run_for(1);
}

/* All that was recorded: a chain that a fresh book takes. */
static uint64_t records(void)
{
	struct book *book = book_new(money_book_key, 3);

	ask_memory(&(struct store_request){ .op = STORE_MONEY_READ, .from = 1, .max = 1000 });
	assert_int_equal(journal_follows(journal.events, journal.nevents), journal.nevents);
	for (size_t i = 0; i < journal.nevents; i++) {
		struct record record;

		if (!record_read(journal.events[i].json, &arena, &record, &why) || !book_apply(book, &record, &why))
			fail_msg("%s", why.text);
	}
	book_free(book);
	return journal.nevents;
}

/* How many records there are with that key. */
static unsigned times_recorded(const char *key)
{
	unsigned times = 0;

	for (size_t i = 0; i < journal.nevents; i++) {
		struct record record;

		assert_true(record_read(journal.events[i].json, &arena, &record, &why));
		times += span_is(record.key, key);
	}
	return times;
}

static void mirror_is_the_journal(const struct process *process)
{
	struct buf file = { 0 }, wanted = { 0 };

	records();
	for (size_t i = 0; i < journal.nevents; i++) {
		buf_add_span(&wanted, journal.events[i].json);
		buf_add_byte(&wanted, '\n');
	}
	assert_true(files_read(process->mirror, 10000000, &file, &why));
	assert_int_equal(file.len, wanted.len);
	assert_true(span_eq(buf_span(&file), buf_span(&wanted)));
	buf_release(&file);
	buf_release(&wanted);
}

static void clock_to(int64_t ms)
{
	ask_memory(&(struct store_request){ .op = STORE_MONEY_READ, .from = 1, .max = 1 });
	for (int64_t left = ms - journal.now_ms; left > 0; left -= INT32_MAX)
		store_memory_advance(store->memory, (unsigned)(left < INT32_MAX ? left : INT32_MAX));
}

/* Puts the journal of a test's book into the store. */
static void seed(const struct money_book *m)
{
	for (size_t i = 0; i < m->nlines; i++) {
		struct record record;
		struct store_money money = { .seq = 0 };
		struct store_request request = journal_append(&money);

		assert_true(record_read(m->lines[i], &arena, &record, &why));
		clock_to(record.at_ms);
		money = (struct store_money){
			.seq = record.seq, .at_ms = record.at_ms, .key = record.key, .record = m->lines[i]
		};
		memcpy(money.prev, record.prev, sizeof(money.prev));
		memcpy(money.hash, record.hash, sizeof(money.hash));
		memcpy(money.print, record.print, sizeof(money.print));
		ask_memory(&request);
		assert_int_equal(journal.verdict, STORE_OK);
	}
	clock_to(m->now_ms);
}

/* --- setup ------------------------------------------------------------------------------------------- */

static int open_all(void **unused)
{
	(void)unused;
	log_open((enum log_level)0, false);
	snprintf(dir, sizeof(dir), "/tmp/tipline-treasury-XXXXXX");
	assert_non_null(mkdtemp(dir));
	loop = loop_new();
	store = store_double_new(loop);
	store->durable = true;
	store->base.links = 1;
	answers = 0;
	return 0;
}

static int close_all(void **unused)
{
	char command[96];

	(void)unused;
	end(&one);
	end(&two);
	store_free(&store->base);
	run_for(1);
	loop_free(loop);
	arena_release(&arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

/* --- what is asked is recorded ------------------------------------------------------------------------- */

static void commands_are_recorded_and_answered_in_order(void **unused)
{
	struct fate fates[5];

	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	for (unsigned i = 0; i < 5; i++)
		submit(&one, arena_printf(&arena, "k-%u", i), &fates[i]);
	assert_int_equal(answers, 0);
	RUN_UNTIL(fates[4].answered);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(fates[i].outcome, TREASURY_DONE);
		assert_int_equal(fates[i].seq, i + 1);
		assert_int_equal(fates[i].order, i);
		assert_false(fates[i].repeated);
	}
	assert_int_equal(records(), 5);
	assert_string_equal(fates[2].json, journal.events[2].json.at);
	assert_int_equal(one.applied, 5);
	assert_int_equal(figures(&one).appended, 5);
	assert_int_equal(book_seq(treasury_book(one.treasury)), 5);
	mirror_is_the_journal(&one);
}

static void a_command_again_gets_its_record_again(void **unused)
{
	struct fate first, again;

	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	first = done(&one, "k-1");
	must(&one, "k-2");
	again = done(&one, "k-1");
	assert_int_equal(again.outcome, TREASURY_DONE);
	assert_true(again.repeated);
	assert_int_equal(again.seq, first.seq);
	assert_string_equal(again.json, first.json);
	assert_int_equal(records(), 2);
}

static void the_book_refuses(void **unused)
{
	struct fate fate;

	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	must(&one, "k-1");
	submit_as(&one, "k-1", "p-two", &fate);
	RUN_UNTIL(fate.answered);
	assert_int_equal(fate.outcome, TREASURY_REFUSED);
	assert_string_equal(fate.code, "KEY_MISMATCH");
	submit_as(&one, "k-2", "system", &fate);
	RUN_UNTIL(fate.answered);
	assert_string_equal(fate.code, "WRONG_FIELD");
	assert_int_equal(figures(&one).refused, 2);
	assert_int_equal(records(), 1);
	must(&one, "k-3");
}

static void nobody_waits_for_a_store_that_is_away(void **unused)
{
	struct fate fate;

	(void)unused;
	store->base.up = false;
	begin(&one, "one", false);
	assert_null(treasury_book(one.treasury));
	assert_int_equal(done(&one, "k-1").outcome, TREASURY_AWAY);
	store->base.up = true;
	/* Not read yet. */
	submit(&one, "k-1", &fate);
	RUN_UNTIL(fate.answered);
	assert_int_equal(fate.outcome, TREASURY_AWAY);
	await_ready(&one);
	must(&one, "k-1");
	store->base.up = false;
	assert_int_equal(done(&one, "k-2").outcome, TREASURY_AWAY);
	assert_non_null(strstr(figures(&one).why, "away"));
	assert_non_null(treasury_book(one.treasury));
	store->base.up = true;
	must(&one, "k-2");
	assert_int_equal(records(), 2);
}

static void a_weak_store_gets_no_money(void **unused)
{
	(void)unused;
	store->durable = false;
	begin(&one, "one", false);
	RUN_UNTIL(treasury_book(one.treasury) != NULL);
	assert_false(figures(&one).ready);
	assert_non_null(strstr(figures(&one).why, "in memory"));
	assert_int_equal(done(&one, "k-1").outcome, TREASURY_AWAY);
	store->durable = true;
	RUN_UNTIL(figures(&one).ready);
	must(&one, "k-1");
	/* Somebody changed the settings of the running server, and it was told elsewhere. */
	store->base.weakened = true;
	assert_int_equal(done(&one, "k-2").outcome, TREASURY_AWAY);
	store->base.weakened = false;
	must(&one, "k-2");
	store->durable = false;
	RUN_UNTIL(!figures(&one).ready);
	assert_int_equal(done(&one, "k-3").outcome, TREASURY_AWAY);
	assert_int_equal(records(), 2);
}

/* --- lost answers ----------------------------------------------------------------------------------------- */

static void trouble(enum store_trouble kind, enum store_op of)
{
	store->trouble = kind;
	store->trouble_of = of;
	store->trouble_after = 0;
}

static void a_lost_answer_is_asked_for_again(void **unused)
{
	static const enum store_trouble troubles[] = { TROUBLE_LOST, TROUBLE_MUTE };

	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	for (unsigned i = 0; i < 2; i++) {
		struct fate first, second;
		const char *key = arena_printf(&arena, "k-%u", i), *next = arena_printf(&arena, "n-%u", i);
		unsigned before = store->calls[STORE_MONEY_APPEND];

		trouble(troubles[i], STORE_MONEY_APPEND);
		submit(&one, key, &first);
		submit(&one, next, &second);
		RUN_UNTIL(store->calls[STORE_MONEY_APPEND] > before + 2);
		assert_false(first.answered || second.answered);
		trouble(TROUBLE_NONE, STORE_OPS);
		RUN_UNTIL(second.answered);
		assert_int_equal(first.outcome, TREASURY_DONE);
		assert_false(first.repeated);
		assert_int_equal(second.outcome, TREASURY_DONE);
		assert_true(first.order < second.order);
		assert_int_equal(records(), 2 * (i + 1));
		assert_int_equal(times_recorded(key), 1);
		assert_int_equal(figures(&one).lost, i + 1);
	}
	mirror_is_the_journal(&one);
}

/* While nobody knows what became of it, those behind are sent away, and it learns its fate. */
static void a_lost_answer_outlives_an_outage(void **unused)
{
	struct fate lost;

	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	trouble(TROUBLE_MUTE, STORE_MONEY_APPEND);
	submit(&one, "k-1", &lost);
	RUN_UNTIL(figures(&one).lost == 1);
	store->base.up = false;
	trouble(TROUBLE_NONE, STORE_OPS);
	assert_int_equal(done(&one, "k-2").outcome, TREASURY_AWAY);
	assert_false(lost.answered);
	store->base.up = true;
	store->base.links++;
	RUN_UNTIL(lost.answered);
	assert_int_equal(lost.outcome, TREASURY_DONE);
	assert_int_equal(lost.seq, 1);
	assert_int_equal(records(), 1);
	assert_int_equal(one.applied, 1);
}

static void an_error_of_the_store_changes_nothing(void **unused)
{
	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	trouble(TROUBLE_BROKEN, STORE_MONEY_APPEND);
	assert_int_equal(done(&one, "k-1").outcome, TREASURY_AWAY);
	trouble(TROUBLE_NONE, STORE_OPS);
	must(&one, "k-1");
	assert_int_equal(records(), 1);
}

static void the_clock_is_the_stores(void **unused)
{
	int64_t before_ms;

	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	must(&one, "k-1");
	/* It jumps: the treasury learns of it by being refused. */
	store_memory_advance(store->memory, 600000);
	before_ms = treasury_now_ms(one.treasury);
	must(&one, "k-2");
	assert_true(treasury_now_ms(one.treasury) >= before_ms + 590000);
	assert_int_equal(records(), 2);
}

/* Nothing more is recorded until the mirror has what was recorded. */
static void a_full_disk_of_the_mirror_stops_money(void **unused)
{
	struct rlimit unlimited, small;
	struct stat st;

	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	must(&one, "k-1");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
	small = unlimited;
	assert_int_equal(stat(one.mirror, &st), 0);
	small.rlim_cur = (rlim_t)st.st_size + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	must(&one, "k-2");
	assert_true(figures(&one).mirror_failing);
	assert_false(figures(&one).ready);
	assert_int_equal(done(&one, "k-3").outcome, TREASURY_AWAY);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
	await_ready(&one);
	must(&one, "k-3");
	assert_int_equal(records(), 3);
	mirror_is_the_journal(&one);
}

/* --- several processes ---------------------------------------------------------------------------------- */

static void two_processes_write_one_journal(void **unused)
{
	struct fate fates[80];

	(void)unused;
	begin(&one, "one", false);
	begin(&two, "two", false);
	await_ready(&one);
	await_ready(&two);
	for (unsigned i = 0; i < 80; i++)
		submit(i % 2 == 0 ? &one : &two, arena_printf(&arena, "k-%u", i), &fates[i]);
	for (unsigned i = 0; i < 80; i++) {
		RUN_UNTIL(fates[i].answered);
		assert_int_equal(fates[i].outcome, TREASURY_DONE);
	}
	assert_int_equal(records(), 80);
	assert_true(figures(&one).conflicts + figures(&two).conflicts > 10);
	/* Each sees what the other wrote, soon. */
	RUN_UNTIL(figures(&one).seq == 80 && figures(&two).seq == 80);
	assert_int_equal(one.applied, 80);
	assert_int_equal(two.applied, 80);
	mirror_is_the_journal(&one);
	mirror_is_the_journal(&two);
}

static void one_command_at_two_doors_is_one_record(void **unused)
{
	struct fate here, there;

	(void)unused;
	begin(&one, "one", false);
	begin(&two, "two", false);
	await_ready(&one);
	await_ready(&two);
	submit(&one, "k-1", &here);
	submit(&two, "k-1", &there);
	RUN_UNTIL(here.answered && there.answered);
	assert_int_equal(here.outcome, TREASURY_DONE);
	assert_int_equal(there.outcome, TREASURY_DONE);
	assert_int_not_equal(here.repeated, there.repeated);
	assert_string_equal(here.json, there.json);
	assert_int_equal(records(), 1);
	/* Another command under that key. */
	submit_as(&two, "k-1", "p-two", &there);
	RUN_UNTIL(there.answered);
	assert_string_equal(there.code, "KEY_MISMATCH");
}

/* --- killed ------------------------------------------------------------------------------------------------ */

/* What a kill leaves of a process: its mirror and what the store has. */
static void kill_one(void)
{
	end(&one);
	store_double_fail_held(store);
	trouble(TROUBLE_NONE, STORE_OPS);
}

enum moment {
	BEFORE_DECIDING,
	BEFORE_SENDING,     /* decided, and the request got lost */
	ANSWER_UNDER_WAY,   /* recorded, and the answer not there */
	ANSWER_LOST,
	MOMENTS,
};

static void killed_at_any_moment_it_is_recorded_once(void **unused)
{
	static const enum store_trouble troubles[MOMENTS] = { TROUBLE_NONE, TROUBLE_LOST, TROUBLE_HELD, TROUBLE_MUTE };

	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	for (unsigned i = 0; i < MOMENTS; i++) {
		const char *key = arena_printf(&arena, "k-%u", i);
		unsigned sent = store->calls[STORE_MONEY_APPEND];
		bool recorded = i == ANSWER_UNDER_WAY || i == ANSWER_LOST;
		struct fate before, after;

		trouble(troubles[i], STORE_MONEY_APPEND);
		submit(&one, key, &before);
		if (i != BEFORE_DECIDING)
			RUN_UNTIL(store->calls[STORE_MONEY_APPEND] > sent);
		kill_one();
		assert_int_equal(before.outcome, i == BEFORE_DECIDING ? TREASURY_AWAY : TREASURY_UNKNOWN);
		records();
		assert_int_equal(times_recorded(key), recorded);
		begin(&one, "one", false);
		await_ready(&one);
		after = done(&one, key);
		assert_int_equal(after.outcome, TREASURY_DONE);
		assert_int_equal(after.repeated, recorded);
		assert_int_equal(records(), i + 1);
		assert_int_equal(times_recorded(key), 1);
		mirror_is_the_journal(&one);
	}
}

/* --- journals that do not follow ---------------------------------------------------------------------------- */

static void stopped_at(uint64_t seq, const char *reason)
{
	RUN_UNTIL(figures(&one).bad_seq > 0);
	if (strstr(figures(&one).why, reason) == NULL)
		fail_msg("%s", figures(&one).why);
	assert_int_equal(figures(&one).bad_seq, seq);
	assert_int_equal(done(&one, "k-more").outcome, TREASURY_AWAY);
}

static void forge(const char *key)
{
	struct store_money money = { .seq = 0 };
	struct store_request request = journal_append(&money);

	ask_memory(&(struct store_request){ .op = STORE_MONEY_READ, .from = 1, .max = 1 });
	money = journal_sample(&journal.head, journal.now_ms > journal.head.at_ms ? journal.now_ms : journal.head.at_ms,
			       key, 1, &arena);
	ask_memory(&request);
	assert_int_equal(journal.verdict, STORE_OK);
}

/* Well chained, and nothing that the book would have written. */
static void a_forged_record_stops_it(void **unused)
{
	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	must(&one, "k-1");
	forge("f-1");
	stopped_at(2, "record 2");
	/* For reading the book is there, as far as it was good. */
	assert_int_equal(book_seq(treasury_book(one.treasury)), 1);
	end(&one);
	begin(&one, "one", false);
	stopped_at(2, "record 2");
	assert_null(treasury_book(one.treasury));
}

static void somebody_waits_while_it_stops(void **unused)
{
	struct fate fate;

	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	trouble(TROUBLE_LOST, STORE_MONEY_APPEND);
	submit(&one, "k-1", &fate);
	RUN_UNTIL(figures(&one).lost == 1);
	forge("f-1");
	store->base.links++;
	RUN_UNTIL(fate.answered);
	assert_int_equal(fate.outcome, TREASURY_UNKNOWN);
	stopped_at(1, "record 1");
}

static void replace_store(void)
{
	store_free(store->memory);
	store->memory = store_memory_new(loop);
	store->base.links++;
}

static void a_store_that_lost_records_stops_it(void **unused)
{
	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	must(&one, "k-1");
	must(&one, "k-2");
	replace_store();
	stopped_at(1, "ends with record 0");
	/* And the mirror tells a process that has seen nothing of it. */
	end(&one);
	begin(&one, "one", false);
	stopped_at(1, "has more");
}

/* The store becomes an older copy of itself. */
static void restore(size_t keep)
{
	struct money_book lines = { .nlines = keep };

	assert_true(records() >= keep);
	lines.lines = arena_array(&arena, struct span, keep);
	for (size_t i = 0; i < keep; i++)
		lines.lines[i] = journal.events[i].json;
	lines.now_ms = journal.now_ms;
	replace_store();
	seed(&lines);
}

static size_t lines_of(const struct buf *file)
{
	size_t n = 0;

	for (size_t i = 0; i < file->len; i++)
		n += file->at[i] == '\n';
	return n;
}

static void a_restored_store_is_told_of_first(void **unused)
{
	char aside[160];
	struct buf file = { 0 };

	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	for (unsigned i = 0; i < 5; i++)
		must(&one, arena_printf(&arena, "k-%u", i));
	end(&one);
	restore(3);
	begin(&one, "one", false);
	await_ready(&one);
	assert_true(figures(&one).quarantine);
	assert_int_equal(figures(&one).seq, 4);
	assert_string_equal(book_quarantine(treasury_book(one.treasury))->id, "Q4");
	assert_int_equal(book_quarantine(treasury_book(one.treasury))->known, 5);
	/* What was there before is evidence, and the mirror goes on with the journal. */
	snprintf(aside, sizeof(aside), "%s.before-4", one.mirror);
	assert_true(files_read(aside, 100000, &file, &why));
	assert_int_equal(lines_of(&file), 5);
	buf_release(&file);
	must(&one, "k-9");
	mirror_is_the_journal(&one);
	end(&one);
	begin(&one, "one", false);
	await_ready(&one);
	assert_int_equal(figures(&one).seq, 5);
	assert_true(figures(&one).quarantine);
}

/* Its mirror has what the other's restore cut off: it goes the journal's way, and says nothing a second time. */
static void another_process_follows_a_restore(void **unused)
{
	(void)unused;
	begin(&one, "one", false);
	begin(&two, "two", false);
	await_ready(&one);
	for (unsigned i = 0; i < 5; i++)
		must(&one, arena_printf(&arena, "k-%u", i));
	RUN_UNTIL(figures(&two).seq == 5);
	end(&one);
	end(&two);
	restore(2);
	begin(&one, "one", false);
	await_ready(&one);
	must(&one, "k-9");
	begin(&two, "two", false);
	await_ready(&two);
	assert_int_equal(figures(&two).seq, 4);
	assert_true(figures(&two).quarantine);
	mirror_is_the_journal(&two);
}

/* Who has read what is lost does not go on with a book that is ahead of the journal. */
static void a_running_process_stops_at_a_restore(void **unused)
{
	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	for (unsigned i = 0; i < 5; i++)
		must(&one, arena_printf(&arena, "k-%u", i));
	/* It may look while the copy is being put in. */
	restore(3);
	RUN_UNTIL(figures(&one).bad_seq > 0);
	assert_non_null(strstr(figures(&one).why, "ends with record"));
}

static void another_journal_stops_it(void **unused)
{
	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	must(&one, "k-1");
	must(&one, "k-2");
	end(&one);
	replace_store();
	store_memory_advance(store->memory, 3);
	begin(&two, "two", false);
	await_ready(&two);
	must(&two, "k-1");
	must(&two, "k-2");
	must(&two, "k-3");
	begin(&one, "one", false);
	stopped_at(1, "another one");
}

/* What came back is what was there: it goes on, and folds nothing twice. */
static void a_store_that_comes_back_is_checked(void **unused)
{
	unsigned asked;

	(void)unused;
	begin(&one, "one", false);
	begin(&two, "two", false);
	await_ready(&one);
	await_ready(&two);
	for (unsigned i = 0; i < 300; i++)
		must(&one, arena_printf(&arena, "k-%u", i));
	asked = store->calls[STORE_HEALTH];
	store->base.links++;
	RUN_UNTIL(store->calls[STORE_HEALTH] >= asked + 2);
	await_ready(&two);
	must(&two, "other");
	RUN_UNTIL(figures(&one).seq == 301 && figures(&one).ready);
	assert_int_equal(one.applied, 301);
	must(&one, "k-300");
	mirror_is_the_journal(&one);
}

static void a_changed_mirror_stops_it(void **unused)
{
	struct buf file = { 0 };

	(void)unused;
	begin(&one, "one", false);
	await_ready(&one);
	must(&one, "k-1");
	must(&one, "k-2");
	end(&one);
	assert_true(files_read(one.mirror, 100000, &file, &why));
	file.at[file.len - 30] ^= 1;
	assert_true(files_replace(one.mirror, buf_span(&file), 0600, &why));
	begin(&one, "one", false);
	stopped_at(2, "another one");
	buf_release(&file);
}

/* --- what is due --------------------------------------------------------------------------------------------- */

static void what_is_due_is_done_by_one(void **unused)
{
	struct money_book m;
	const struct book_reward *reward;
	const char *id;

	(void)unused;
	money_book_begin(&m, 100000000);
	id = money_released(&m, "AAAAAAAAAA");
	seed(&m);
	begin(&one, "one", true);
	begin(&two, "two", true);
	await_ready(&one);
	await_ready(&two);
	RUN_UNTIL(one.errands + two.errands > 0);
	RUN_UNTIL(figures(&one).seq == m.nlines + 1 && figures(&two).seq == m.nlines + 1);
	run_for(30);
	assert_int_not_equal(figures(&one).leading, figures(&two).leading);
	assert_int_equal(one.errands + two.errands, 1);
	assert_string_equal(one.errands > 0 ? one.last_errand : two.last_errand,
			    arena_printf(&arena, "attempt.start %s", id));
	reward = book_reward(treasury_book(one.treasury), span_of(id));
	assert_int_equal(reward->state, REWARD_PAYING);
	assert_int_equal(reward->attempts[0].state, ATTEMPT_CREATED);
	assert_int_equal(records(), m.nlines + 1);
	money_book_release(&m);
}

/* The next one takes over when the lease ran out, and the first is refused. */
static void the_lease_goes_over(void **unused)
{
	struct money_book m;
	const char *id;

	(void)unused;
	money_book_begin(&m, 100000000);
	id = money_sent(&m, "AAAAAAAAAA");
	seed(&m);
	begin(&one, "one", true);
	RUN_UNTIL(figures(&one).leading);
	end(&one);
	begin(&two, "two", true);
	begin(&one, "three", false);
	await_ready(&two);
	run_for(30);
	assert_false(figures(&two).leading);
	store_memory_advance(store->memory, 16000);
	RUN_UNTIL(two.errands > 0);
	assert_string_equal(two.last_errand, arena_printf(&arena, "attempt.query %s-1", id));
	records();
	money_book_release(&m);
}

/* --- at random -------------------------------------------------------------------------------------------------- */

static uint64_t state = 1;

static unsigned draw(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % below;
}

static void disturb(void)
{
	static const enum store_op ops[] = { STORE_MONEY_APPEND, STORE_MONEY_APPEND, STORE_MONEY_READ, STORE_OPS };

	trouble((enum store_trouble)draw(TROUBLE_HELD), ops[draw(4)]);
	if (draw(6) == 0)
		store->base.up = false;
	if (draw(12) == 0)
		store->base.links++;
}

static void restart(struct process *process)
{
	char name[32];

	snprintf(name, sizeof(name), "%s", process->name);
	end(process);
	begin(process, name, false);
}

static void calm_down(void)
{
	trouble(TROUBLE_NONE, STORE_OPS);
	store->base.up = true;
}

static void whatever_happens_answers_are_true(void **unused)
{
	static struct fate fates[ANSWERS_MAX];
	const char *env = getenv("TIPLINE_SEED");
	unsigned outcomes[TREASURY_UNKNOWN + 1] = { 0 }, n = 0;

	(void)unused;
	state = env != NULL ? strtoull(env, NULL, 10) : 20261123;
	begin(&one, "one", false);
	begin(&two, "two", false);
	await_ready(&one);
	await_ready(&two);
	for (unsigned round = 0; round < 150; round++) {
		for (unsigned i = draw(5); i > 0 && n < ANSWERS_MAX; i--, n++)
			submit(draw(2) == 0 ? &one : &two, arena_printf(&arena, "k-%u", n), &fates[n]);
		if (draw(3) == 0)
			disturb();
		run_for(draw(3));
		if (draw(20) == 0)
			restart(draw(2) == 0 ? &one : &two);
		if (draw(2) == 0)
			calm_down();
	}
	calm_down();
	for (unsigned i = 0; i < n; i++)
		RUN_UNTIL(fates[i].answered);
	await_ready(&one);
	await_ready(&two);
	records();
	for (unsigned i = 0; i < n; i++) {
		unsigned times = times_recorded(arena_printf(&arena, "k-%u", i));

		outcomes[fates[i].outcome]++;
		if (fates[i].outcome == TREASURY_DONE)
			assert_int_equal(times, 1);
		else if (fates[i].outcome == TREASURY_UNKNOWN)
			assert_in_range(times, 0, 1);
		else
			assert_int_equal(times, 0);
	}
	assert_int_equal(outcomes[TREASURY_REFUSED], 0);
	assert_true(outcomes[TREASURY_DONE] > 20 && outcomes[TREASURY_AWAY] > 10);
	RUN_UNTIL(figures(&one).seq == journal.nevents && figures(&two).seq == journal.nevents);
	mirror_is_the_journal(&one);
	mirror_is_the_journal(&two);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(commands_are_recorded_and_answered_in_order),
		TEST(a_command_again_gets_its_record_again),
		TEST(the_book_refuses),
		TEST(nobody_waits_for_a_store_that_is_away),
		TEST(a_weak_store_gets_no_money),
		TEST(a_lost_answer_is_asked_for_again),
		TEST(a_lost_answer_outlives_an_outage),
		TEST(an_error_of_the_store_changes_nothing),
		TEST(the_clock_is_the_stores),
		TEST(a_full_disk_of_the_mirror_stops_money),
		TEST(two_processes_write_one_journal),
		TEST(one_command_at_two_doors_is_one_record),
		TEST(killed_at_any_moment_it_is_recorded_once),
		TEST(a_forged_record_stops_it),
		TEST(somebody_waits_while_it_stops),
		TEST(a_store_that_lost_records_stops_it),
		TEST(a_restored_store_is_told_of_first),
		TEST(another_process_follows_a_restore),
		TEST(a_running_process_stops_at_a_restore),
		TEST(another_journal_stops_it),
		TEST(a_store_that_comes_back_is_checked),
		TEST(a_changed_mirror_stops_it),
		TEST(what_is_due_is_done_by_one),
		TEST(the_lease_goes_over),
		TEST(whatever_happens_answers_are_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
