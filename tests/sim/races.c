/*
 * Both daemons decide on the same journal; one of them, by chance, appends
 * first. The other finds the head moved, catches up and decides again. Money
 * and claims have one winner, whoever it is.
 */
#include "tests/sim/races.h"

#include "daemon/base/table.h"
#include "tests/sim/random.h"
#include "tests/support/money_book.h"

#include <stdio.h>

#define FEN 850000

/* Two books on one journal, and what each is about to write. */
struct race {
	struct money_book m;           /* of whoever comes first */
	struct book *other;
	size_t applied;                /* lines that the other has */
	struct random *random;
	struct book_command command[2];
	int64_t now_ms[2];
	enum book_answer answer[2];    /* in the order of writing */
	struct book_refusal refusal[2];
	size_t first;                  /* which of them came first */
};

static struct book_command *one(struct race *race, size_t which, const char *account, const char *kind, const char *subject)
{
	struct book_command *command = &race->command[which];
	bool nobody = strcmp(account, "system") == 0 || strcmp(account, "claimant") == 0;

	*command = (struct book_command){
		.kind = kind, .account = span_of(account), .subject = span_of(subject),
		.person = span_of(nobody ? account : money_text(&race->m, "p-%s", account)),
		.roles = strcmp(account, "system") == 0 ? MONEY_SYSTEM : strcmp(account, "claimant") == 0 ? MONEY_CLAIMANT : 0x7fU,
		.key = span_of(money_text(&race->m, "race-%zu", which)),
	};
	return command;
}

static void put(struct book_command *command, const char *name, const char *value)
{
	command->fields[command->nfields++] = (struct book_field){ .name = name, .value = span_of(value) };
}

/* --- the start and the finish ------------------------------------------------------------- */

static bool catch_up(struct race *race)
{
	struct complaint why;
	struct record record;

	for (; race->applied < race->m.nlines; race->applied++)
		if (!record_read(race->m.lines[race->applied], &race->m.arena, &record, &why) ||
		    !book_apply(race->other, &record, &why))
			return false;
	return true;
}

/* Both have decided that they may; false: one may not even before the race. */
static bool both_may(struct race *race)
{
	struct record record;
	uint64_t seq;
	struct book *books[2] = { race->m.book, race->other };

	for (size_t i = 0; i < 2; i++)
		if (book_decide(books[i], &race->command[i], race->now_ms[i], &race->m.arena, &record, &seq,
				&race->refusal[i]) != BOOK_RECORD) {
			fprintf(stderr, "%s: %s\n", race->command[i].kind, race->refusal[i].detail);
			return false;
		}
	return true;
}

/* The one that comes first writes; the other's append meets a head that has moved, so it decides again. */
static bool run(struct race *race)
{
	race->first = random_below(race->random, 2);
	for (size_t n = 0; n < 2; n++) {
		size_t which = n == 0 ? race->first : 1 - race->first;

		race->m.now_ms = race->now_ms[which];
		race->answer[n] = money_command(&race->m, &race->command[which]);
		race->refusal[n] = race->m.refusal;
	}
	return race->answer[0] == BOOK_RECORD && catch_up(race);
}

static bool same_books(struct race *race)
{
	return book_seq(race->m.book) == book_seq(race->other) &&
	       memcmp(book_head(race->m.book), book_head(race->other), RECORD_HASH_BYTES) == 0 &&
	       strcmp(money_balances(&race->m, race->m.book), money_balances(&race->m, race->other)) == 0;
}

static bool starts(struct race *race)
{
	struct complaint why;

	race->other = money_replay(&race->m, &why);
	race->applied = race->m.nlines;
	if (race->now_ms[0] == 0)
		race->now_ms[0] = race->now_ms[1] = race->m.now_ms;
	return race->other != NULL && both_may(race) && run(race) && same_books(race);
}

static bool refused(const struct race *race, const char *code)
{
	return race->answer[1] == BOOK_REFUSED && strcmp(race->refusal[1].code, code) == 0;
}

static int64_t total(const struct race *race, enum ledger_code code)
{
	return ledger_total(book_ledger(race->m.book), MONEY_LEDGER, code);
}

/* --- races --------------------------------------------------------------------------------- */

/* Two last approvals, funds for one: the other one waits. */
static bool short_budget(struct race *race)
{
	const char *ids[2];

	money_book_begin(&race->m, FEN + (int64_t)random_below(race->random, FEN));
	for (size_t i = 0; i < 2; i++) {
		ids[i] = money_proposed(&race->m, i == 0 ? "A" : "B");
		money_must(&race->m, "lin", "reward.submit", ids[i]);
		money_must(&race->m, "han", "reward.approve", ids[i], "digest", money_digest(&race->m, ids[i]));
		money_must(&race->m, "fang", "reward.approve", ids[i], "digest", money_digest(&race->m, ids[i]));
		put(one(race, i, "zhao", "reward.approve", ids[i]), "digest", money_digest(&race->m, ids[i]));
	}
	return starts(race) && race->answer[1] == BOOK_RECORD &&
	       money_reward(&race->m, ids[race->first])->state == REWARD_APPROVED &&
	       money_reward(&race->m, ids[1 - race->first])->state == REWARD_AWAITING_FUNDS &&
	       total(race, LEDGER_ENCUMBERED) == FEN && total(race, LEDGER_AVAILABLE) >= 0;
}

static void put_claim(struct race *race, size_t which, const char *id)
{
	struct book_command *command = one(race, which, "claimant", "reward.claim", id);

	put(command, "payee", which == 0 ? "payee-a" : "payee-b");
	put(command, "rail", "voucher");
	put(command, "nonce", which == 0 ? "n-a" : "n-b");
}

static bool two_claims(struct race *race)
{
	const char *id;

	money_book_begin(&race->m, 2 * FEN);
	id = money_approved(&race->m, "A");
	money_must(&race->m, "system", "reward.publish", id);
	put_claim(race, 0, id);
	put_claim(race, 1, id);
	return starts(race) && refused(race, "ILLEGAL_TRANSITION") &&
	       strcmp(money_reward(&race->m, id)->payee, race->first == 0 ? "payee-a" : "payee-b") == 0;
}

/* The last millisecond and the one after it. */
static bool claim_and_expiry(struct race *race)
{
	const char *id;
	const struct book_reward *reward;

	money_book_begin(&race->m, 2 * FEN);
	id = money_approved(&race->m, "A");
	money_must(&race->m, "system", "reward.publish", id);
	reward = money_reward(&race->m, id);
	put_claim(race, 0, id);
	one(race, 1, "system", "reward.expire", id);
	race->now_ms[0] = reward->deadline_ms - 1;
	race->now_ms[1] = reward->deadline_ms;
	return starts(race) && refused(race, "ILLEGAL_TRANSITION") &&
	       money_reward(&race->m, id)->state == (race->first == 0 ? REWARD_CLAIMED : REWARD_EXPIRED) &&
	       total(race, LEDGER_PAYABLE) == (race->first == 0 ? FEN : 0);
}

/* Two tellers with one voucher. */
static bool two_redemptions(struct race *race)
{
	const char *id;

	money_book_begin(&race->m, 2 * FEN);
	money_must(&race->m, "system", "staff.set", "yu", "person", "p-yu", "roles", "[\"cashier\"]");
	id = money_sent(&race->m, "A");
	for (size_t i = 0; i < 2; i++) {
		struct book_command *command = one(race, i, i == 0 ? "gui" : "yu", "attempt.observe", money_text(&race->m, "%s-1", id));

		put(command, "state", "SUCCEEDED");
		put(command, "by", "webhook");
		put(command, "fen", "850000");
	}
	return starts(race) && race->m.record.entry.nlegs == 0 && money_reward(&race->m, id)->paid_fen == FEN &&
	       total(race, LEDGER_EXPENDED) == FEN && total(race, LEDGER_INFLIGHT) == 0;
}

static bool two_attempts(struct race *race)
{
	const char *id;

	money_book_begin(&race->m, 3 * FEN);
	id = money_released(&race->m, "A");
	one(race, 0, "system", "attempt.start", id);
	one(race, 1, "system", "attempt.start", id);
	return starts(race) && refused(race, "ILLEGAL_TRANSITION") && money_reward(&race->m, id)->nattempts == 1 &&
	       total(race, LEDGER_INFLIGHT) == FEN;
}

/* Both found the same thing due: one key, one record, one answer. */
static bool both_found_due(struct race *race)
{
	const char *id;
	int64_t next_ms;

	money_book_begin(&race->m, 3 * FEN);
	id = money_released(&race->m, "A");
	for (size_t i = 0; i < 2; i++)
		if (!book_due(race->m.book, race->m.now_ms, &race->m.arena, &race->command[i], &next_ms))
			return false;
	return starts(race) && race->answer[1] == BOOK_REPEATED && money_reward(&race->m, id)->nattempts == 1;
}

/* Both are about to send: only the one whose record is there sends. */
static bool two_sends(struct race *race)
{
	const char *id;

	money_book_begin(&race->m, 3 * FEN);
	id = money_released(&race->m, "A");
	money_must(&race->m, "system", "attempt.start", id);
	one(race, 0, "system", "attempt.send", money_text(&race->m, "%s-1", id));
	one(race, 1, "system", "attempt.send", money_text(&race->m, "%s-1", id));
	return starts(race) && refused(race, "ILLEGAL_TRANSITION");
}

/* One person's approval at both daemons: it counts once. */
static bool one_approver_twice(struct race *race)
{
	const char *id;

	money_book_begin(&race->m, 3 * FEN);
	id = money_proposed(&race->m, "A");
	money_must(&race->m, "lin", "reward.submit", id);
	for (size_t i = 0; i < 2; i++)
		put(one(race, i, "han", "reward.approve", id), "digest", money_digest(&race->m, id));
	return starts(race) && refused(race, "SEPARATION") && money_reward(&race->m, id)->step == 1;
}

/* Paid, and revoked by the second of two at the same moment. */
static bool revoke_and_start(struct race *race)
{
	const char *id;

	money_book_begin(&race->m, 3 * FEN);
	id = money_released(&race->m, "A");
	money_must(&race->m, "yao", "reward.revoke", id, "reason", "fraud");
	one(race, 0, "system", "attempt.start", id);
	put(one(race, 1, "yan", "reward.revoke", id), "reason", "fraud");
	return starts(race) && refused(race, "ILLEGAL_TRANSITION") &&
	       money_reward(&race->m, id)->state == (race->first == 0 ? REWARD_PAYING : REWARD_REVOKED);
}

static const struct {
	const char *name;
	bool (*run)(struct race *race);
} races[] = {
	{ .name = "two approvals on a short budget", .run = short_budget },
	{ .name = "two claims", .run = two_claims },
	{ .name = "claim against expiry", .run = claim_and_expiry },
	{ .name = "two voucher redemptions", .run = two_redemptions },
	{ .name = "two attempts from two daemons", .run = two_attempts },
	{ .name = "the same due thing at two daemons", .run = both_found_due },
	{ .name = "two sends of one attempt", .run = two_sends },
	{ .name = "one approver at two daemons", .run = one_approver_twice },
	{ .name = "revocation against the start of a payment", .run = revoke_and_start },
};

bool races_run(uint64_t rounds, uint64_t seed)
{
	struct random random = { .state = seed };

	for (size_t i = 0; i < COUNT_OF(races); i++) {
		uint64_t won[2] = { 0, 0 };

		for (uint64_t n = 0; n < rounds; n++) {
			struct race race = { .random = &random };
			bool held = races[i].run(&race);

			won[race.first]++;
			if (!held) {
				fprintf(stderr, "race: %s, round %llu, seed %llu: %s\n", races[i].name, (unsigned long long)n,
					(unsigned long long)seed, race.refusal[1].detail);
				return false;
			}
			book_free(race.other);
			money_book_release(&race.m);
		}
		printf("race: %s: %llu rounds, first won %llu, second %llu\n", races[i].name, (unsigned long long)rounds,
		       (unsigned long long)won[0], (unsigned long long)won[1]);
	}
	return true;
}
