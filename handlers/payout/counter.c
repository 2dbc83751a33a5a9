/*
 * The counter; see counter.h.
 */
#include "handlers/payout/counter.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"
#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/log.h"
#include "handlers/answer.h"
#include "handlers/payout/attempt_voucher.h"
#include "handlers/payout/rail_hash.h"

#include <stdlib.h>

#define BRANCH "branch-"
#define KEY_MAX 64
#define WRONG_PERIOD_S 2592000u  /* longer than a voucher lives */
#define CLOCK_BEHIND_MS 10000   /* the store's clock is as far as it is known: who was registered this moment counts */

/* A voucher that there is or was. */
struct known {
	char number[VOUCHER_NUMBER_LEN + 1];
	char reward[BOOK_ID_MAX];
	unsigned attempt;
	unsigned failures;                 /* wrong words, as far as this process knows */
};

/* A teller at work: the call and what it is about. */
struct teller {
	struct counter *counter;
	struct teller *next;
	struct arena arena;
	struct http_exchange *exchange;    /* NULL: nobody waits */
	char account[STAFF_NAME_MAX], person[STAFF_NAME_MAX], branch[STAFF_TITLE_MAX];
	struct span number, word;
	int64_t fen;
	struct known *known;               /* NULL: no such number */
	struct voucher voucher;
	const char *instruction;
	struct book_command command;
};

struct counter {
	struct counter_env env;
	struct known *known;
	size_t n;
	struct teller *waiting;
	bool leaving;
};

struct counter *counter_new(const struct counter_env *env)
{
	struct counter *counter = memory_zeroes(1, sizeof(*counter));

	counter->env = *env;
	return counter;
}

static void free_when_alone(struct counter *counter)
{
	if (!counter->leaving || counter->waiting != NULL)
		return;
	free(counter->known);
	free(counter);
}

void counter_free(struct counter *counter)
{
	if (counter == NULL)
		return;
	counter->leaving = true;
	free_when_alone(counter);
}

/* --- the vouchers --------------------------------------------------------------------------- */

static void add(struct counter *counter, struct span attempt, struct span instruction)
{
	struct book_attempt made = { .fen = 1 };
	struct voucher voucher;
	struct known *known;
	size_t dash = span_find(attempt, SPAN("-"));
	uint64_t number;

	if (instruction.len != INSTRUCTION_ID_LEN || dash >= BOOK_ID_MAX ||
	    !span_u64(span_from_offset(attempt, dash + 1), &number))
		return;
	memcpy(made.instruction, instruction.at, instruction.len);
	attempt_voucher(counter->env.key, &made, &voucher, NULL);
	counter->known = memory_grow(counter->known, counter->n, sizeof(*counter->known));
	known = &counter->known[counter->n++];
	*known = (struct known){ .attempt = (unsigned)number };
	memcpy(known->number, voucher.number, sizeof(known->number));
	memcpy(known->reward, attempt.at, dash);
}

void counter_applied(struct counter *counter, const struct record *record)
{
	struct arena arena = { 0 };
	struct span rail, attempt, instruction;

	if (span_is(record->kind, "attempt.start") && record_text(record, "rail", &arena, &rail) &&
	    span_is(rail, VOUCHER_RAIL) && record_text(record, "attempt", &arena, &attempt) &&
	    record_text(record, "instruction", &arena, &instruction))
		add(counter, attempt, instruction);
	arena_release(&arena);
}

/* The newest first; numbers are random and long, so two are never open at a time. */
static struct known *find(struct counter *counter, const char *number)
{
	for (size_t i = counter->n; i-- > 0;)
		if (strcmp(counter->known[i].number, number) == 0)
			return &counter->known[i];
	return NULL;
}

static const struct book_attempt *attempt_of(const struct counter *counter, const struct known *known,
					     const struct book_reward **reward)
{
	const struct book *book = treasury_book(counter->env.treasury);

	*reward = book != NULL && known != NULL ? book_reward(book, span_of(known->reward)) : NULL;
	return *reward != NULL && known->attempt <= (*reward)->nattempts ? &(*reward)->attempts[known->attempt - 1] : NULL;
}

bool counter_voucher(const struct counter *counter, const struct book_reward *reward, int64_t now_ms,
		     struct voucher *voucher, struct voucher_word *word)
{
	const struct book_attempt *last = reward->nattempts > 0 ? &reward->attempts[reward->nattempts - 1] : NULL;

	if (last == NULL || strcmp(last->rail, VOUCHER_RAIL) != 0 || last->state != ATTEMPT_NEEDS_PAYEE || reward->held)
		return false;
	attempt_voucher(counter->env.key, last, voucher, word);
	if (voucher_state_at(voucher, now_ms) == VOUCHER_OPEN)
		return true;
	wipe(word, sizeof(*word));
	return false;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* The first row is all that is said to whoever does not bring the word. */
static const struct {
	int status;
	const char *code, *detail;
} refusals[VOUCHER_VERDICTS] = {
	[VOUCHER_WRONG] = { 404, "not_payable", "Number and word do not belong together, or nothing can be paid for them." },
	[VOUCHER_LOCKED] = { 404, "not_payable", "Number and word do not belong together, or nothing can be paid for them." },
	[VOUCHER_SPENT] = { 409, "spent", "It was paid out before." },
	[VOUCHER_VOIDED] = { 409, "void", "It was withdrawn." },
	[VOUCHER_LATE] = { 409, "expired", "Its time is over; the reward can still be claimed another way." },
	[VOUCHER_PARTIAL] = { 400, "whole_amount", "A voucher is paid out whole: amount_fen is another amount." },
	[VOUCHER_NO_CASH] = { 409, "no_cash", "The branch has not been given enough cash for it." },
};

static void teller_free(struct teller *teller)
{
	arena_release(&teller->arena);
	wipe(teller, sizeof(*teller));
	free(teller);
}

static void refuse(struct teller *teller, int status, const char *code, const char *detail)
{
	answer_problem(teller->exchange, &(struct problem){ .status = status, .code = code, .detail = detail });
	teller_free(teller);
}

static void say(struct teller *teller, const struct treasury_answer *paid)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_text(&json, "number", span_of(teller->voucher.number));
	json_i64(&json, "amount_fen", teller->voucher.fen);
	json_text(&json, "state", paid != NULL ? SPAN("redeemed") : SPAN("payable"));
	json_text(&json, "branch", span_of(teller->branch));
	if (paid != NULL) {
		json_u64(&json, "seq", paid->record->seq);
		json_i64(&json, "paid_ms", paid->record->at_ms);
	} else {
		json_i64(&json, "expires_ms", teller->voucher.expires_ms);
		json_u64(&json, "tries_left", VOUCHER_FAILURES_MAX - teller->voucher.failures);
	}
	json_close(&json, '}');
	answer_json(teller->exchange, 200, buf_span(&body));
	buf_release(&body);
	teller_free(teller);
}

/* --- who --------------------------------------------------------------------------------------- */

/* The one branch of a teller's titles. */
static bool read_branch(const struct staff_entry *entry, char branch[STAFF_TITLE_MAX])
{
	size_t len = strlen(BRANCH), n = 0;

	for (size_t i = 0; i < entry->ntitles; i++) {
		if (strncmp(entry->titles[i], BRANCH, len) != 0)
			continue;
		memcpy(branch, entry->titles[i] + len, strlen(entry->titles[i] + len) + 1);
		n++;
	}
	return n == 1 && branch[0] != '\0';
}

static bool read_who(const struct call *args, struct teller *teller)
{
	const struct treasury *treasury = teller->counter->env.treasury;
	const struct staff_entry *entry = staff_find(book_staff(treasury_book(treasury)), span_of(args->staff->person),
						     treasury_now_ms(treasury) + CLOCK_BEHIND_MS);

	if (entry == NULL || (entry->roles & MONEY_CASHIER) == 0 || !read_branch(entry, teller->branch))
		return false;
	memcpy(teller->account, entry->account, sizeof(teller->account));
	memcpy(teller->person, entry->person, sizeof(teller->person));
	return true;
}

/* --- what -------------------------------------------------------------------------------------- */

static bool member(const struct json_object *body, const char *name, struct span *out)
{
	const struct json_member *found = json_member_find(body, name);

	*out = found != NULL ? found->text : (struct span){ 0 };
	return found != NULL && found->kind == JSON_TEXT;
}

static bool read_body(struct teller *teller, bool redeem)
{
	struct json_object *body = arena_new(&teller->arena, struct json_object);
	const struct json_member *fen;
	struct complaint why;

	if (!json_object_read(http_exchange_request(teller->exchange)->body, &teller->arena, body, &why) ||
	    !member(body, "number", &teller->number) || !member(body, "word", &teller->word))
		return false;
	fen = json_member_find(body, "amount_fen");
	return !redeem || (fen != NULL && fen->kind == JSON_NUMBER && money_read(fen->text, false, &teller->fen));
}

/* Judges against a voucher that nobody has when there is none of that number: it takes as long. */
static enum voucher_verdict judge(struct teller *teller, bool redeem)
{
	struct counter *counter = teller->counter;
	static const struct book_attempt nobodys = { .instruction = "NOBODYS", .fen = 1 };
	char number[VOUCHER_NUMBER_LEN + 1];
	const struct book_reward *reward = NULL;
	const struct book_attempt *attempt;
	struct voucher_claim claim = { .number = teller->number, .word = teller->word, .branch_fen = MONEY_MAX };
	enum voucher_verdict verdict;

	teller->known = voucher_number_parse(teller->number, number) ? find(counter, number) : NULL;
	attempt = attempt_of(counter, teller->known, &reward);
	attempt_voucher(counter->env.key, attempt != NULL ? attempt : &nobodys, &teller->voucher, NULL);
	teller->voucher.failures = teller->known != NULL ? teller->known->failures : 0;
	claim.fen = redeem ? teller->fen : teller->voucher.fen;
	if (redeem && reward != NULL)
		claim.branch_fen = ledger_balance(book_ledger(treasury_book(counter->env.treasury)), reward->book,
						  LEDGER_CASH_AT_BRANCH, teller->branch);
	verdict = voucher_judge(&teller->voucher, counter->env.key->bytes, &claim, treasury_now_ms(counter->env.treasury));
	if (attempt == NULL)
		return VOUCHER_WRONG;
	teller->instruction = arena_dup(&teller->arena, span_of(attempt->instruction)).at;
	/* Not shown to anybody yet, or on hold. */
	if (verdict == VOUCHER_PAY && (attempt->state != ATTEMPT_NEEDS_PAYEE || reward->held))
		return VOUCHER_VOIDED;
	return verdict;
}

/* --- wrong words --------------------------------------------------------------------------------- */

static void wait(struct teller *teller)
{
	teller->next = teller->counter->waiting;
	teller->counter->waiting = teller;
}

static void wait_no_more(struct teller *teller)
{
	struct teller **at = &teller->counter->waiting;

	while (*at != teller)
		at = &(*at)->next;
	*at = teller->next;
}

static void locked(void *ctx, const struct treasury_answer *answer)
{
	struct teller *teller = ctx;
	struct counter *counter = teller->counter;

	(void)answer;
	wait_no_more(teller);
	teller_free(teller);
	free_when_alone(counter);
}

static void submit(struct teller *teller, void (*done)(void *ctx, const struct treasury_answer *answer))
{
	wait(teller);
	treasury_submit(teller->counter->env.treasury, &teller->command,
			(struct treasury_wait){ .done = done, .ctx = teller });
}

static struct span attempt_id(struct teller *teller)
{
	return span_of(arena_printf(&teller->arena, "%s-%u", teller->known->reward, teller->known->attempt));
}

/* Nobody can use it any more; another attempt makes another one. */
static void lock(struct counter *counter, struct known *known)
{
	struct teller *nobody = memory_zeroes(1, sizeof(*nobody));

	*nobody = (struct teller){ .counter = counter, .known = known };
	log_event(LOG_LEVEL_ERROR, "counter.locked", "reward", known->reward, NULL);
	nobody->command = (struct book_command){
		.kind = "attempt.cancel", .person = SPAN("system"), .account = SPAN("system"), .roles = MONEY_SYSTEM,
		.subject = attempt_id(nobody), .nfields = 1, .fields = { { "reason", SPAN("too many wrong words") } },
	};
	nobody->command.key = span_of(arena_printf(&nobody->arena, "lock:%s-%u", known->reward, known->attempt));
	submit(nobody, locked);
}

/* Other processes and the time before the last start have been counted too. */
static void counted(void *ctx, const struct store_reply *reply)
{
	struct teller *nobody = ctx;
	struct counter *counter = nobody->counter;
	struct known *known = find(counter, nobody->voucher.number);

	wait_no_more(nobody);
	if (!counter->leaving && reply->outcome == STORE_DONE && known->failures < VOUCHER_FAILURES_MAX) {
		if (reply->count > known->failures)
			known->failures = reply->count < VOUCHER_FAILURES_MAX ? (unsigned)reply->count : VOUCHER_FAILURES_MAX;
		if (known->failures == VOUCHER_FAILURES_MAX)
			lock(counter, known);
	}
	teller_free(nobody);
	free_when_alone(counter);
}

static void count_in_store(struct counter *counter, const struct known *known)
{
	struct teller *nobody = memory_zeroes(1, sizeof(*nobody));
	struct store_try try = { .free = VOUCHER_FAILURES_MAX, .max = VOUCHER_FAILURES_MAX, .period_s = WRONG_PERIOD_S };

	nobody->counter = counter;
	memcpy(nobody->voucher.number, known->number, sizeof(known->number));
	seal_mark(counter->env.key, "wrong words", span_of(known->number), try.mark);
	wait(nobody);
	store_submit(counter->env.store, &(struct store_request){ .op = STORE_TRY, .try = &try },
		     (struct store_wait){ .done = counted, .ctx = nobody });
}

/* The teller does not wait for the count. */
static void count_failure(struct teller *teller)
{
	struct known *known = teller->known;

	log_event(LOG_LEVEL_WARNING, "counter.wrong", "teller", teller->account, "branch", teller->branch, NULL);
	if (known == NULL || known->failures >= VOUCHER_FAILURES_MAX)
		return;
	if (++known->failures == VOUCHER_FAILURES_MAX)
		lock(teller->counter, known);
	count_in_store(teller->counter, known);
}

/* --- paying ------------------------------------------------------------------------------------------ */

static void paid(void *ctx, const struct treasury_answer *answer)
{
	struct teller *teller = ctx;
	struct counter *counter = teller->counter;

	wait_no_more(teller);
	if (answer->outcome == TREASURY_AWAY || answer->outcome == TREASURY_UNKNOWN) {
		answer_unavailable(teller->exchange);
		teller_free(teller);
	} else if (answer->outcome == TREASURY_REFUSED) {
		refuse(teller, answer->refusal->status, answer->refusal->code, NULL);
	} else if (answer->record->entry.nlegs == 0) {
		/* Somebody else's record is the payment: this one only says the same once more. */
		refuse(teller, 409, "spent", "It was paid out before.");
	} else {
		say(teller, answer);
	}
	free_when_alone(counter);
}

static void put(struct teller *teller, const char *name, struct span value)
{
	teller->command.fields[teller->command.nfields++] = (struct book_field){ .name = name, .value = value };
}

static void redeem(struct teller *teller, struct span key)
{
	unsigned char hash[RAIL_HASH_BYTES];
	const char *whole = arena_printf(&teller->arena, "%s\n%.*s", teller->account, (int)key.len, key.at);

	rail_hash(span_of(whole), hash);
	teller->command = (struct book_command){
		.kind = "attempt.observe", .person = span_of(teller->person), .account = span_of(teller->account),
		.roles = MONEY_CASHIER, .subject = attempt_id(teller),
		.key = span_of(arena_printf(&teller->arena, "cash:%s", hex_text(&teller->arena, hash, 16))),
	};
	put(teller, "state", SPAN("SUCCEEDED"));
	put(teller, "by", SPAN("query"));
	put(teller, "instruction", span_of(teller->instruction));
	put(teller, "fen", span_of(arena_printf(&teller->arena, "%lld", (long long)teller->fen)));
	put(teller, "code", SPAN("VOUCHER_REDEEMED"));
	put(teller, "provider_ref", span_of(teller->voucher.number));
	put(teller, "source", span_of(arena_printf(&teller->arena, "cash:%s", teller->branch)));
	submit(teller, paid);
}

/* --- the calls ----------------------------------------------------------------------------------------- */

static bool key_fits(struct span key)
{
	for (size_t i = 0; i < key.len; i++)
		if (key.at[i] <= ' ' || key.at[i] > '~')
			return false;
	return key.len > 0 && key.len <= KEY_MAX;
}

/* The same call again gets the same answer, though the voucher is spent by then. */
static bool may_be_again(enum voucher_verdict verdict, const struct teller *teller)
{
	return verdict == VOUCHER_SPENT && teller->fen == teller->voucher.fen;
}

static void decide(struct teller *teller, bool redeems, struct span key)
{
	enum voucher_verdict verdict = judge(teller, redeems);

	if (verdict == VOUCHER_WRONG)
		count_failure(teller);
	if (redeems && (verdict == VOUCHER_PAY || may_be_again(verdict, teller)))
		redeem(teller, key);
	else if (verdict == VOUCHER_PAY)
		say(teller, NULL);
	else
		refuse(teller, refusals[verdict].status, refusals[verdict].code, refusals[verdict].detail);
}

static void serve(const struct call *args, struct http_exchange *exchange, bool redeems)
{
	struct counter *counter = args->app->counter;
	struct span key = http_field_find(http_exchange_request(exchange), "Idempotency-Key");
	struct teller *teller;

	if (counter == NULL || treasury_book(counter->env.treasury) == NULL) {
		answer_unavailable(exchange);
		return;
	}
	teller = memory_zeroes(1, sizeof(*teller));
	*teller = (struct teller){ .counter = counter, .exchange = exchange };
	if (!read_who(args, teller))
		refuse(teller, 403, "no_teller", "A teller is registered with the role cashier and one title branch-NAME.");
	else if (!read_body(teller, redeems))
		refuse(teller, 400, "field_invalid", redeems ? "number, word and amount_fen are needed." : "number and word are needed.");
	else if (redeems && !key_fits(key))
		refuse(teller, 400, "idempotency_key_missing", "Idempotency-Key: 1 to 64 printable letters.");
	else
		decide(teller, redeems, key);
}

void counter_lookup(const struct call *args, struct http_exchange *exchange)
{
	serve(args, exchange, false);
}

void counter_redeem(const struct call *args, struct http_exchange *exchange)
{
	serve(args, exchange, true);
}
