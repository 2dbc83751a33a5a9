/*
 * The checker: a good journal passes, and each thing that can be falsified is
 * found, at the record where it was and under the invariant it breaks. What is
 * falsified is chained anew, as somebody would who holds the store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/money_check.h"
#include "tests/support/money_journal.h"
#include "tests/support/money_statement.h"

#include <sodium.h>
#include <stdio.h>

static struct journal good;

static void observe(struct money_book *m, const char *id, unsigned number, const char *what, const char *by)
{
	money_must(m, "system", "attempt.observe", money_text(m, "%s-%u", id, number), "state", what, "by", by, "fen",
		   "850000", "code", "C1");
}

/* Rewards through most of their states; the last one, G, is open to be claimed. */
static void tell(struct money_book *m)
{
	const char *b, *d, *e, *g;

	money_book_begin(m, 9000000);
	money_must(m, "cai", "budget.fund", MONEY_LEDGER, "fen", "1000000", "from", "bank:main", "to", "cash:150600-1");
	money_paid(m, "A");
	b = money_approved(m, "B");
	money_must(m, "system", "reward.publish", b);
	money_sent(m, "C");
	d = money_paid(m, "D");
	observe(m, d, 1, "RETURNED", "query");
	e = money_sent(m, "E");
	observe(m, e, 1, "FAILED", "query");
	m->now_ms += MONEY_HOUR_MS;
	money_must(m, "system", "attempt.start", e);
	money_must(m, "system", "attempt.send", money_text(m, "%s-2", e));
	observe(m, e, 2, "SUCCEEDED", "query");
	observe(m, e, 1, "SUCCEEDED", "query");
	m->now_ms = money_reward(m, b)->deadline_ms;
	money_must(m, "system", "reward.expire", b);
	money_must(m, "shen", "audit.export", "", "what", "journal", "rows", "1", "hash",
		   "0000000000000000000000000000000000000000000000000000000000000000");
	g = money_approved(m, "G");
	money_must(m, "shen", "reward.hold", g, "reason", "a question");
	money_must(m, "gu", "reward.lift", g, "reason", "answered");
	money_must(m, "system", "reward.publish", g);
}

static int set_up(void **state)
{
	struct money_book m;

	(void)state;
	tell(&m);
	journal_of(&good, &m);
	money_book_release(&m);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	journal_release(&good);
	return 0;
}

static void copy(struct journal *journal)
{
	*journal = (struct journal){ .n = good.n };
	for (size_t i = 0; i < good.n; i++)
		journal->lines[i] = strdup(good.lines[i]);
}

static struct money_check *checked(const struct journal *journal)
{
	struct money_check *check = money_check_new();

	money_check_instruction_key(check, money_book_key);
	for (size_t i = 0; i < journal->n; i++)
		if (!money_check_line(check, span_of(journal->lines[i])))
			break;
	money_check_end(check);
	return check;
}

/* Found there, under that invariant; releases the journal. */
static void found(struct journal *journal, enum money_invariant invariant, size_t seq)
{
	struct money_check *check = checked(journal);
	const struct money_finding *finding = money_check_finding(check, invariant);

	if (!finding->broken || finding->seq != seq) {
		fprintf(stderr, "%s is expected at %zu, but is at %llu: %s\n", money_invariant_id(invariant), seq,
			(unsigned long long)finding->seq, finding->why);
		for (unsigned i = 0; i < MONEY_INVARIANTS; i++)
			if (money_check_finding(check, i)->broken)
				fprintf(stderr, "  %s at %llu: %s\n", money_invariant_id(i),
					(unsigned long long)money_check_finding(check, i)->seq,
					money_check_finding(check, i)->why);
	}
	assert_true(finding->broken);
	assert_int_equal(finding->seq, seq);
	assert_false(money_check_well(check));
	/* Nothing is found before the place that was falsified. */
	for (unsigned i = 0; i < MONEY_INVARIANTS; i++)
		if (money_check_finding(check, i)->broken && money_check_finding(check, i)->seq < seq)
			fail_msg("%s at %llu: %s", money_invariant_id(i),
				 (unsigned long long)money_check_finding(check, i)->seq,
				 money_check_finding(check, i)->why);
	money_check_free(check);
	journal_release(journal);
}

/* --- nothing ------------------------------------------------------------------------------- */

static void a_good_journal_passes(void **state)
{
	struct money_check *check = checked(&good);

	(void)state;
	for (unsigned i = 0; i < MONEY_INVARIANTS; i++) {
		const struct money_finding *finding = money_check_finding(check, i);

		if (finding->broken)
			fprintf(stderr, "%s at %llu: %s\n", money_invariant_id(i), (unsigned long long)finding->seq,
				finding->why);
		assert_false(finding->broken);
		assert_int_equal(finding->looked_at, i != MONEY_I09_STATEMENTS && i != MONEY_I16_SUMS);
	}
	assert_int_equal(money_check_records(check), good.n);
	money_check_free(check);
}

static void every_prefix_passes(void **state)
{
	(void)state;
	for (size_t n = 0; n <= good.n; n++) {
		struct journal prefix = good;
		struct money_check *check;

		prefix.n = n;
		check = checked(&prefix);
		assert_true(money_check_well(check));
		money_check_free(check);
	}
}

/* --- I13: the chain ---------------------------------------------------------------------------- */

static void a_changed_record_is_seen(void **state)
{
	(void)state;
	for (size_t seq = 1; seq <= good.n; seq++) {
		struct journal j;

		copy(&j);
		journal_replace_once(&j, seq, "\"key\":\"", "\"key\":\"x");
		found(&j, MONEY_I13_CHAIN, seq);
	}
}

static void a_removed_record_is_seen(void **state)
{
	(void)state;
	for (size_t seq = 1; seq < good.n; seq++) {
		struct journal j;
		struct money_check *check;

		copy(&j);
		journal_drop(&j, seq);
		if (seq % 2 == 0)
			journal_chain(&j, seq);
		check = checked(&j);
		assert_true(money_check_finding(check, MONEY_I13_CHAIN)->broken);
		assert_int_equal(money_check_finding(check, MONEY_I13_CHAIN)->seq, seq + 1);
		money_check_free(check);
		journal_release(&j);
	}
}

static void swapped_records_are_seen(void **state)
{
	struct journal j;
	char *swap;

	(void)state;
	copy(&j);
	swap = j.lines[30];
	j.lines[30] = j.lines[31];
	j.lines[31] = swap;
	found(&j, MONEY_I13_CHAIN, 32);
}

static void a_fork_is_seen(void **state)
{
	struct journal j;

	(void)state;
	copy(&j);
	free(j.lines[40]);
	j.lines[40] = strdup(j.lines[39]);
	journal_replace_once(&j, 41, "\"seq\":\"40\"", "\"seq\":\"41\"");
	found(&j, MONEY_I13_CHAIN, 41);
}

static void time_never_goes_back(void **state)
{
	struct journal j;

	(void)state;
	copy(&j);
	journal_replace_once(&j, 50, "\"at\":\"17", "\"at\":\"16");
	journal_chain(&j, 50);
	found(&j, MONEY_I13_CHAIN, 50);
}

/* Whoever chains a whole journal anew cannot change what was published. */
static void a_published_head_is_seen(void **state)
{
	struct money_check *check = money_check_new();
	unsigned char hash[32];
	struct journal j;

	(void)state;
	sodium_hex2bin(hash, sizeof(hash), good.lines[59] + strlen(good.lines[59]) - 66, 64, NULL, NULL, NULL);
	copy(&j);
	journal_replace_once(&j, 16, "decision 3", "decision 4");
	journal_chain(&j, 16);
	money_check_head(check, 60, hash);
	for (size_t i = 0; i < j.n; i++)
		assert_true(money_check_line(check, span_of(j.lines[i])));
	money_check_end(check);
	assert_int_equal(money_check_finding(check, MONEY_I13_CHAIN)->seq, 60);
	money_check_free(check);
	journal_release(&j);
}

static void a_journal_cut_short_is_seen(void **state)
{
	struct money_check *check = money_check_new();
	unsigned char hash[32];

	(void)state;
	sodium_hex2bin(hash, sizeof(hash), good.lines[59] + strlen(good.lines[59]) - 66, 64, NULL, NULL, NULL);
	money_check_head(check, 60, hash);
	for (size_t i = 0; i < 50; i++)
		assert_true(money_check_line(check, span_of(good.lines[i])));
	money_check_end(check);
	assert_true(money_check_finding(check, MONEY_I13_CHAIN)->broken);
	money_check_free(check);
}

/* --- one change of one record, chained anew ----------------------------------------------------- */

static const struct falsification {
	const char *record;      /* a text that the record holds ... */
	unsigned nth;            /* ... the nth time */
	const char *from, *to;   /* everywhere in the record */
	const char *from2, *to2; /* then this; may be NULL */
	enum money_invariant invariant;
} falsifications[] = {
	/* I01: one leg of two */
	{ "budget.receive", 1, "\"Dr\",\"9000000\"", "\"Dr\",\"9000001\"", NULL, NULL, MONEY_I01_BALANCE },
	{ "budget.receive", 1, "\"9000000\"]", "\"0\"]", NULL, NULL, MONEY_I01_BALANCE },
	{ "budget.receive", 1, "\"3010\"", "\"3011\"", NULL, NULL, MONEY_I01_BALANCE },
	{ "\"L03:", 1, "\"8020\",\"\",\"Dr\",\"850000\"", "\"8020\",\"\",\"Dr\",\"85000\"", NULL, NULL,
	  MONEY_I01_BALANCE },
	/* I02: more than there is */
	{ "budget.fund", 1, "1000000", "9100000", NULL, NULL, MONEY_I02_LIMITS },
	{ "budget.appropriate", 1, "\"9000000\"", "\"19007199254740992\"", NULL, NULL, MONEY_I13_CHAIN },
	/* I03: the budget */
	{ "\"L03:", 1, "\"8030\",\"\",\"Cr\",\"850000\"", "\"8030\",\"\",\"Cr\",\"85000\"", NULL, NULL,
	  MONEY_I03_BUDGET },
	/* I04: another amount is reserved than was approved, or for another reward */
	{ "\"L03:", 1, "\"850000\"", "\"860000\"", NULL, NULL, MONEY_I04_REWARD },
	{ "\"L03:", 2, "\"2010\",\"R33\"", "\"2010\",\"R20\"", NULL, NULL, MONEY_I04_REWARD },
	{ "reward.expire", 1, "\"cancelled\":\"850000\"", "\"cancelled\":\"840000\"", NULL, NULL, MONEY_I04_REWARD },
	/* I05: more goes out than is owed */
	{ "attempt.start", 1, "\"850000\"", "\"860000\"", NULL, NULL, MONEY_I05_PAID_ONCE },
	{ "\"SUCCEEDED\"", 1, "\"fen\":\"850000\"", "\"fen\":\"850001\"", NULL, NULL, MONEY_I05_PAID_ONCE },
	{ "\"incident\":\"overpaid\"", 1, "\"1210\"", "\"1220\"", NULL, NULL, MONEY_I05_PAID_ONCE },
	/* I07: under way */
	{ "\"L06:", 1, "-1\",\"Dr\"", "-2\",\"Dr\"", NULL, NULL, MONEY_I07_INFLIGHT },
	{ "\"L04:", 1, "voucher:", "airtime:", NULL, NULL, MONEY_I07_INFLIGHT },
	/* I08: reserved and owed drift apart */
	{ "\"L03:", 1, "\"8020\",\"\",\"Dr\",\"850000\"", "\"8020\",\"\",\"Dr\",\"840000\"",
	  "\"8030\",\"\",\"Cr\",\"850000\"", "\"8030\",\"\",\"Cr\",\"840000\"", MONEY_I08_ENCUMBERED },
	/* I10: who */
	{ "reward.approve", 1, "\"p-han\"", "\"p-lin\"", NULL, NULL, MONEY_I10_SEPARATION },
	{ "reward.approve", 1, "\"p-han\",\"account\":\"han\"", "\"p-wei\",\"account\":\"wei\"", NULL, NULL,
	  MONEY_I10_SEPARATION },
	{ "reward.approve", 2, "\"p-fang\",\"account\":\"fang\"", "\"p-han\",\"account\":\"han\"", NULL, NULL,
	  MONEY_I10_SEPARATION },
	{ "reward.approve", 1, "\"role\":\"approver\"", "\"role\":\"finance\"", NULL, NULL, MONEY_I10_SEPARATION },
	{ "reward.approve", 3, "\"title\":\"chief\"", "\"title\":\"leader\"", NULL, NULL, MONEY_I10_SEPARATION },
	{ "reward.approve", 1, "\"digest\":\"", "\"digest\":\"00", NULL, NULL, MONEY_I10_SEPARATION },
	{ "reward.approve", 2, "\"IN_REVIEW\"", "\"APPROVED\"", NULL, NULL, MONEY_I10_SEPARATION },
	{ "reward.submit", 1, "\"steps\":\"3\"", "\"steps\":\"1\"", NULL, NULL, MONEY_I10_SEPARATION },
	{ "\"kind\":\"reward.release\"", 1, "\"p-qian\",\"account\":\"qian\"", "\"p-cai\",\"account\":\"cai\"", NULL,
	  NULL, MONEY_I10_SEPARATION },
	{ "\"kind\":\"reward.release\"", 1, "\"vote\":\"", "\"vote\":\"9", NULL, NULL, MONEY_I10_SEPARATION },
	{ "\"kind\":\"reward.release\"", 1, "bank:main", "bank:other", NULL, NULL, MONEY_I10_SEPARATION },
	{ "\"act\":\"reward.release\"", 1, "bank:main", "bank:other", NULL, NULL, MONEY_I10_SEPARATION },
	{ "policy.adopt", 1, "\"p-yao\",\"account\":\"yao\",\"role\":\"approver\"",
	  "\"p-root\",\"account\":\"root\",\"role\":\"admin\"", NULL, NULL, MONEY_I10_SEPARATION },
	{ "reward.lift", 1, "\"p-gu\",\"account\":\"gu\"", "\"p-shen\",\"account\":\"shen\"", NULL, NULL,
	  MONEY_I10_SEPARATION },
	{ "reward.publish", 1, "\"system\"", "\"claimant\"", NULL, NULL, MONEY_I10_SEPARATION },
	{ "case.verified", 1, "intake=p-intake", "intake=p-wei", NULL, NULL, MONEY_I10_SEPARATION },
	/* I11: how much */
	{ "reward.propose", 1, "\"fen\":\"850000\"", "\"fen\":\"860000\"", NULL, NULL, MONEY_I11_AMOUNT },
	{ "reward.propose", 1, "new=1 specificity=3", "new=1 specificity=2", NULL, NULL, MONEY_I11_AMOUNT },
	{ "reward.propose", 1, "\"tax\":\"0\"", "\"tax\":\"1\"", NULL, NULL, MONEY_I11_AMOUNT },
	{ "reward.propose", 1, "\"paid_in_case\":\"0\"", "\"paid_in_case\":\"5\"", NULL, NULL, MONEY_I11_AMOUNT },
	{ "reward.propose", 1, "\"policy\":\"", "\"policy\":\"00", NULL, NULL, MONEY_I11_AMOUNT },
	{ "policy.draft", 1, "trafficker_arrested\\\":700000", "trafficker_arrested\\\":710000", NULL, NULL,
	  MONEY_I11_AMOUNT },
	/* I12: what may follow what */
	{ "reward.claim", 1, "\"CLAIMED\"", "\"RELEASED\"", NULL, NULL, MONEY_I12_TRANSITIONS },
	{ "reward.claim", 1, "reward.claim", "reward.panic", NULL, NULL, MONEY_I12_TRANSITIONS },
	{ "attempt.send", 1, "-1\",\"data\"", "-9\",\"data\"", NULL, NULL, MONEY_I12_TRANSITIONS },
	{ "\"state\":\"FAILED\"", 1, "\"attempt_to\":\"FAILED\"", "\"attempt_to\":\"RETURNED\"", NULL, NULL,
	  MONEY_I12_TRANSITIONS },
	{ "\"state\":\"FAILED\"", 1, "\"to\":\"RELEASED\"", "\"to\":\"PAID\"", NULL, NULL, MONEY_I12_TRANSITIONS },
	{ "reward.claim", 1, "\"cooling_until\":\"17", "\"cooling_until\":\"16", NULL, NULL, MONEY_I12_TRANSITIONS },
	/* I14: twice */
	{ "reward.claim", 2, "\"nonce\":\"n-C\"", "\"nonce\":\"n-A\"", NULL, NULL, MONEY_I14_IDEMPOTENCY },
	{ "\"L03:", 2, "\"L03:R33:1\"", "\"L03:R20:1\"", NULL, NULL, MONEY_I14_IDEMPOTENCY },
	/* I17: what has no place here */
	{ "budget.appropriate", 1, "decision 3 of 2026", "ask 13812345678", NULL, NULL, MONEY_I17_PRIVACY },
	{ "budget.appropriate", 1, "decision 3 of 2026", "ask +86 138-1234-5678", NULL, NULL, MONEY_I17_PRIVACY },
	{ "budget.appropriate", 1, "decision 3 of 2026", "id 11010519491231002X", NULL, NULL, MONEY_I17_PRIVACY },
	{ "budget.appropriate", 1, "decision 3 of 2026", "card 6222020000000000000", NULL, NULL, MONEY_I17_PRIVACY },
	{ "reward.claim", 1, "\"payee\":\"payee-1\"", "\"payee\":\"150120000111122223333444\"", NULL, NULL,
	  MONEY_I17_PRIVACY },
	{ "reward.claim", 1, "\"payee\":\"payee-1\"", "\"payee\":\"\xE6\x9D\x8E\xE4\xBC\x9F\"", NULL, NULL,
	  MONEY_I17_PRIVACY },
	{ "case.verified", 1, "\"person\":\"p-wei\"", "\"person\":\"\xE6\x9D\x8E\xE4\xBC\x9F\"", NULL, NULL,
	  MONEY_I17_PRIVACY },
	/* I18: deadlines */
	{ "reward.publish", 1, "\"deadline\":\"17", "\"deadline\":\"18", NULL, NULL, MONEY_I18_EXPIRY },
	/* I20: instruction ids */
	{ "attempt.start", 1, "\"instruction\":\"", "\"instruction\":\"A", NULL, NULL, MONEY_I20_INSTRUCTIONS },
};

static void each_falsification_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(falsifications) / sizeof(falsifications[0]); i++) {
		const struct falsification *f = &falsifications[i];
		struct journal j;
		size_t seq;

		copy(&j);
		seq = journal_find(&j, f->record, f->nth);
		journal_replace(&j, seq, f->from, f->to);
		if (f->from2 != NULL)
			journal_replace(&j, seq, f->from2, f->to2);
		journal_chain(&j, seq);
		found(&j, f->invariant, seq);
	}
}

/* --- one record more -------------------------------------------------------------------------------- */

static void a_second_live_attempt(void **state)
{
	struct journal j;
	size_t seq;
	char entry[64], from[64];
	char *start;

	(void)state;
	copy(&j);
	/* C is in flight until the end. */
	start = j.lines[journal_find(&j, "\"kind\":\"attempt.start\"", 2) - 1];
	seq = journal_again(&j, journal_find(&j, "\"kind\":\"attempt.start\"", 2), "k-second", 0);
	snprintf(from, sizeof(from), "%.*s", (int)strcspn(strstr(start, "\"L04:"), ","), strstr(start, "\"L04:"));
	snprintf(entry, sizeof(entry), "%.*s:2\"", (int)(strrchr(from, ':') - from), from);
	journal_replace(&j, seq, from, entry);
	journal_replace(&j, seq, "-1\"", "-2\"");
	journal_chain(&j, seq);
	found(&j, MONEY_I06_ONE_ATTEMPT, seq);
}

static void nothing_follows_the_end(void **state)
{
	struct journal j;
	size_t seq;

	(void)state;
	copy(&j);
	seq = journal_again(&j, journal_find(&j, "reward.expire", 1), "k-again", 0);
	journal_chain(&j, seq);
	found(&j, MONEY_I12_TRANSITIONS, seq);
}

static void a_key_counts_once(void **state)
{
	struct journal j;
	size_t seq;

	(void)state;
	copy(&j);
	seq = journal_again(&j, journal_find(&j, "audit.export", 1), "k-20", 0);
	journal_chain(&j, seq);
	found(&j, MONEY_I14_IDEMPOTENCY, seq);
}

static void one_reward_of_case_and_claimant(void **state)
{
	struct journal j;
	size_t first, seq;
	char old[16], new[16];

	(void)state;
	copy(&j);
	first = journal_find(&j, "\"kind\":\"reward.propose\"", 1);
	seq = journal_again(&j, first, "k-propose", 0);
	snprintf(old, sizeof(old), "\"R%zu\"", first);
	snprintf(new, sizeof(new), "\"R%zu\"", seq);
	journal_replace(&j, seq, old, new);
	journal_chain(&j, seq);
	found(&j, MONEY_I15_CAPS, seq);
}

static int64_t deadline_of_the_last(const struct journal *journal)
{
	const char *line = journal->lines[journal_find(journal, "\"kind\":\"reward.publish\"", 6) - 1];

	return strtoll(strstr(line, "\"deadline\":\"") + 12, NULL, 10);
}

static void a_claim_at_the_deadline_is_late(void **state)
{
	struct journal j;
	size_t seq, publish;
	char subject[24], from[24];
	const char *old;

	(void)state;
	copy(&j);
	publish = journal_find(&j, "\"kind\":\"reward.publish\"", 6);
	seq = journal_again(&j, journal_find(&j, "\"kind\":\"reward.claim\"", 1), "k-late", deadline_of_the_last(&j));
	old = strstr(j.lines[seq - 1], "\"subject\":\"");
	snprintf(from, sizeof(from), "%.*s", (int)strcspn(old + 11, "\"") + 12, old);
	old = strstr(j.lines[publish - 1], "\"subject\":\"");
	snprintf(subject, sizeof(subject), "%.*s", (int)strcspn(old + 11, "\"") + 12, old);
	journal_replace(&j, seq, from, subject);
	journal_replace(&j, seq, "n-A", "n-late");
	journal_replace(&j, seq, "\"cooling_until\":\"1", "\"cooling_until\":\"9");
	journal_chain(&j, seq);
	found(&j, MONEY_I18_EXPIRY, seq);
}

#define TEN_MINUTES_MS (MONEY_HOUR_MS / 6)

/* So many records past the deadline, the first one at it, that far from each other; number of the first. */
static size_t past_the_deadline(struct journal *j, unsigned n, int64_t apart_ms)
{
	size_t first = 0;

	for (unsigned i = 0; i < n; i++) {
		char key[16];
		size_t seq;

		snprintf(key, sizeof(key), "past-%u", i);
		seq = journal_again(j, journal_find(j, "audit.export", 1), key, deadline_of_the_last(j) + i * apart_ms);
		first = first > 0 ? first : seq;
	}
	journal_chain(j, first);
	return first;
}

/* The daemon was at work for longer than a tick, and left it open: seldom or often, it wrote. */
static void nothing_stays_open_past_its_deadline(void **state)
{
	struct journal j;
	size_t first;

	(void)state;
	copy(&j);
	first = past_the_deadline(&j, 8, TEN_MINUTES_MS);
	found(&j, MONEY_I18_EXPIRY, first + 7);
	copy(&j);
	first = past_the_deadline(&j, 8, MONEY_DAY_MS);
	found(&j, MONEY_I18_EXPIRY, first + 7);
	copy(&j);
	first = past_the_deadline(&j, 63, MONEY_HOUR_MS / 60);
	found(&j, MONEY_I18_EXPIRY, first + 61);
}

/* It was away when the deadline came, and again after its first record: that is no fault of what it writes then. */
static void an_outage_is_no_lateness(void **state)
{
	struct money_check *check;
	struct journal j;

	(void)state;
	copy(&j);
	past_the_deadline(&j, 7, 3 * MONEY_DAY_MS);
	check = checked(&j);
	assert_false(money_check_finding(check, MONEY_I18_EXPIRY)->broken);
	money_check_free(check);
	journal_release(&j);
}

static void the_police_knew_first(void **state)
{
	struct journal j;
	size_t kase, propose;

	(void)state;
	copy(&j);
	kase = journal_find(&j, "\"kind\":\"case.verified\"", 1);
	propose = journal_find(&j, "\"kind\":\"reward.propose\"", 1);
	journal_replace(&j, kase, "intake=p-intake\"]", "intake=p-intake\"],\"known_at\":\"1000000000000\"");
	journal_replace(&j, propose, "\"known_at\":\"0\"", "\"known_at\":\"1000000000000\"");
	journal_chain(&j, kase);
	found(&j, MONEY_I19_KNOWN, propose);
}

/* --- what else the auditor has ------------------------------------------------------------------------- */

static void policies_of_the_auditor(void **state)
{
	struct money_check *check = money_check_new();

	(void)state;
	money_check_policy(check, SPAN("{\"policy\":\"another\"}"));
	for (size_t i = 0; i < good.n; i++)
		assert_true(money_check_line(check, span_of(good.lines[i])));
	money_check_end(check);
	assert_int_equal(money_check_finding(check, MONEY_I11_AMOUNT)->seq, journal_find(&good, "policy.draft", 1));
	money_check_free(check);
}

static void what_cannot_be_read_ends_it(void **state)
{
	struct journal j;

	(void)state;
	copy(&j);
	j.lines[9][12] = ' ';
	found(&j, MONEY_I13_CHAIN, 10);
}

/* --- stories of their own ------------------------------------------------------------------------------ */

/* Passes as it is; a copy to falsify. */
static void passes(struct money_book *m, struct journal *journal)
{
	struct money_check *check;

	journal_of(journal, m);
	check = checked(journal);
	for (unsigned i = 0; i < MONEY_INVARIANTS; i++)
		if (money_check_finding(check, i)->broken)
			fail_msg("%s at %llu: %s", money_invariant_id(i),
				 (unsigned long long)money_check_finding(check, i)->seq, money_check_finding(check, i)->why);
	money_check_free(check);
	money_book_release(m);
}

static void waits_and_limits_are_the_policy_s(void **state)
{
	struct money_book m;
	struct journal j;
	const char *id;
	char least[24], less[24];

	(void)state;
	money_book_begin(&m, 4000000);
	money_policy_with(&m, 2, 0, ",\"payee_cooling_hours\":2,\"release_two_persons_above\":850000");
	id = money_claimed(&m, "A");
	snprintf(least, sizeof(least), "\"%lld\"", (long long)m.now_ms + 2 * MONEY_HOUR_MS);
	snprintf(less, sizeof(less), "\"%lld\"", (long long)m.now_ms + 2 * MONEY_HOUR_MS - 1);
	m.now_ms += 2 * MONEY_HOUR_MS;
	money_must(&m, "cai", "reward.release", id, "source", "bank:main");
	assert_int_equal(money_reward(&m, id)->state, REWARD_RELEASED);
	passes(&m, &j);
	journal_replace(&j, journal_find(&j, "\"kind\":\"reward.claim\"", 1), least, less);
	journal_chain(&j, journal_find(&j, "\"kind\":\"reward.claim\"", 1));
	found(&j, MONEY_I12_TRANSITIONS, journal_find(&j, "\"kind\":\"reward.claim\"", 1));
}

/* Above the limit of the policy one person alone is not enough. */
static void a_release_by_one_above_the_limit(void **state)
{
	struct money_book m;
	struct journal j;
	const char *id;
	char with[64];
	size_t seq;

	(void)state;
	money_book_begin(&m, 4000000);
	money_policy_with(&m, 2, 0, ",\"release_two_persons_above\":849999");
	id = money_claimed(&m, "A");
	m.now_ms += MONEY_DAY_MS;
	money_must(&m, "cai", "reward.release", id, "source", "bank:main");
	money_must(&m, "qian", "reward.release", id, "source", "bank:main");
	assert_int_equal(money_reward(&m, id)->state, REWARD_RELEASED);
	passes(&m, &j);
	seq = journal_find(&j, "\"kind\":\"reward.release\"", 1);
	snprintf(with, sizeof(with), ",\"with\":\"p-cai\",\"vote\":\"%zu\"", seq - 1);
	journal_replace(&j, seq, with, "");
	journal_chain(&j, seq);
	found(&j, MONEY_I10_SEPARATION, seq);
}

/* An instalment was paid, the rest revoked; then it came back. */
static void what_came_back_of_what_is_over(void **state)
{
	struct money_book m;
	struct journal j;
	const char *id;
	size_t seq;

	(void)state;
	money_book_begin(&m, 4000000);
	money_policy(&m, 2, 2000);
	id = money_claimed(&m, "A");
	m.now_ms += MONEY_DAY_MS;
	money_must(&m, "cai", "reward.release", id, "source", "bank:main", "instalment", "340000");
	money_must(&m, "qian", "reward.release", id, "source", "bank:main", "instalment", "340000");
	money_run(&m);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED", "by", "query", "fen",
		   "340000");
	money_must(&m, "zhao", "reward.revoke", id, "reason", "fraud");
	money_must(&m, "han", "reward.revoke", id, "reason", "fraud");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "RETURNED", "by", "webhook", "fen",
		   "340000");
	money_must(&m, "system", "attempt.query", money_text(&m, "%s-1", id));
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "RETURNED", "by", "query", "fen",
		   "340000");
	passes(&m, &j);
	seq = journal_find(&j, "\"entry\":\"L22:", 1);
	journal_replace(&j, seq, "\"cancelled\":\"425000\"", "\"cancelled\":\"340000\"");
	journal_chain(&j, seq);
	found(&j, MONEY_I04_REWARD, seq);
}

static void what_was_voided_came_back(void **state)
{
	static const char document[] = "2222222222222222222222222222222222222222222222222222222222222222";
	struct money_book m;
	struct journal j;
	const char *id;
	size_t seq;

	(void)state;
	money_book_begin(&m, 4000000);
	id = money_paid(&m, "A");
	money_must(&m, "zhao", "reward.void", id, "code", "fraud", "document", document);
	money_must(&m, "han", "reward.void", id, "code", "fraud", "document", document);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "RETURNED", "by", "query", "fen",
		   "850000");
	passes(&m, &j);
	seq = journal_find(&j, "\"state\":\"RETURNED\"", 1);
	journal_replace(&j, seq, "\"1220\"", "\"1210\"");
	journal_chain(&j, seq);
	found(&j, MONEY_I02_LIMITS, seq);
}

/* Another account of an approver makes him the deputy of the proposer. */
static void deputies_by_whatever_account(void **state)
{
	struct money_book m;
	struct journal j;
	const char *id;
	size_t dep, far;

	(void)state;
	money_book_begin(&m, 4000000);
	money_must(&m, "root", "staff.set", "dep", "person", "p-han", "deputy_of", "p-abc", "roles", "[\"proposer\"]");
	money_must(&m, "root", "staff.set", "far", "person", "p-abc", "deputy_of", "p-xyz", "roles", "[\"proposer\"]");
	id = money_proposed(&m, "A");
	money_must(&m, "lin", "reward.submit", id);
	money_must(&m, "han", "reward.approve", id, "digest", money_digest(&m, id));
	passes(&m, &j);
	dep = journal_find(&j, "\"subject\":\"dep\"", 1);
	journal_replace(&j, dep, "p-abc", "p-lin");
	journal_chain(&j, dep);
	found(&j, MONEY_I10_SEPARATION, journal_find(&j, "\"kind\":\"reward.approve\"", 1));

	money_book_begin(&m, 4000000);
	money_must(&m, "root", "staff.set", "dep", "person", "p-han", "deputy_of", "p-abc", "roles", "[\"proposer\"]");
	money_must(&m, "root", "staff.set", "far", "person", "p-abc", "deputy_of", "p-xyz", "roles", "[\"proposer\"]");
	id = money_proposed(&m, "A");
	money_must(&m, "lin", "reward.submit", id);
	money_must(&m, "han", "reward.approve", id, "digest", money_digest(&m, id));
	passes(&m, &j);
	far = journal_find(&j, "\"subject\":\"far\"", 1);
	journal_replace(&j, far, "p-xyz", "p-lin");
	journal_chain(&j, far);
	found(&j, MONEY_I10_SEPARATION, journal_find(&j, "\"kind\":\"reward.approve\"", 1));
}

/* An auditor until next week, as another account says; and roles that are set for a time that overlaps. */
static void roles_that_stand_alone(void **state)
{
	struct money_book m;
	struct journal j;
	size_t seq;

	(void)state;
	money_book_begin(&m, 4000000);
	money_must(&m, "root", "staff.set", "gu", "person", "p-gu", "roles", "[]", "from",
		   money_text(&m, "%lld", (long long)(m.now_ms + 7 * MONEY_DAY_MS)));
	money_refused(&m, "ROLES_CONFLICT", "root", "staff.set", "gu-2", "person", "p-gu", "roles", "[\"finance\"]");
	money_must(&m, "root", "staff.set", "gu-2", "person", "p-gu", "roles", "[\"finance\"]", "from",
		   money_text(&m, "%lld", (long long)(m.now_ms + 7 * MONEY_DAY_MS)));
	money_must(&m, "root", "staff.set", "gu-3", "person", "p-gv", "roles", "[\"finance\"]");
	passes(&m, &j);
	seq = journal_find(&j, "\"subject\":\"gu-3\"", 1);
	journal_replace(&j, seq, "p-gv", "p-gu");
	journal_chain(&j, seq);
	found(&j, MONEY_I10_SEPARATION, seq);
}

/* One clerk brings a file that says it came back, another one sends it out again. */
static void own_statement_pays_nothing(void **state)
{
	struct money_book m;
	struct journal j;
	struct bank_day day = { .date = "2026-03-03", .opening = 4000000 };
	const char *id;
	size_t seq;

	(void)state;
	money_book_begin(&m, 4000000);
	id = money_paid(&m, "A");
	bank_paid(&m, &day, id, 1);
	bank_returned(&m, &day, id, 1);
	assert_int_equal(bank_import(&m, &day), BOOK_RECORD);
	money_run(&m);
	money_must(&m, "claimant", "reward.reissue", id, "payee", "payee-2", "rail", "bank", "nonce", "n2");
	money_must(&m, "qian", "reward.reissue", id);
	passes(&m, &j);
	seq = journal_find(&j, "\"kind\":\"reward.reissue\"", 1);
	journal_replace(&j, seq, "\"p-qian\",\"account\":\"qian\"", "\"p-cai\",\"account\":\"cai\"");
	journal_chain(&j, seq);
	found(&j, MONEY_I10_SEPARATION, seq);
}

/* Whoever approved it has become a teller, and pays it out. */
static void a_teller_had_no_part_before(void **state)
{
	struct money_book m;
	struct journal j;
	const char *id;
	size_t staff, paid;

	(void)state;
	money_book_begin(&m, 4000000);
	id = money_sent(&m, "A");
	money_must(&m, "root", "staff.set", "han", "person", "p-han", "roles", "[]");
	money_must(&m, "root", "staff.set", "abc", "person", "p-abc", "roles", "[\"cashier\"]");
	money_must(&m, "abc", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED", "by", "query", "fen",
		   "850000");
	passes(&m, &j);
	staff = journal_find(&j, "\"subject\":\"abc\"", 1);
	paid = journal_find(&j, "\"role\":\"cashier\"", 1);
	journal_replace(&j, staff, "p-abc", "p-han");
	journal_replace(&j, paid, "p-abc", "p-han");
	journal_chain(&j, staff);
	found(&j, MONEY_I10_SEPARATION, paid);
}

/* An overdrawn account is a fact like any other, and is counted as one. */
static void balances_below_zero(void **state)
{
	struct money_book m;
	struct journal j;
	size_t seq;

	(void)state;
	money_book_begin(&m, 4000000);
	money_must(&m, "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "bank", "date", "2026-03-02",
		   "opening", "-100", "closing", "-350", "count", "1", "file",
		   "0000000000000000000000000000000000000000000000000000000000000001", "lines",
		   "1 Dr 250 2026-03-02 fee - -");
	passes(&m, &j);
	seq = journal_find(&j, "\"kind\":\"statement.import\"", 1);
	journal_replace(&j, seq, "\"closing\":\"-350\"", "\"closing\":\"-351\"");
	journal_chain(&j, seq);
	found(&j, MONEY_I09_STATEMENTS, seq);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_journal_passes),
		cmocka_unit_test(every_prefix_passes),
		cmocka_unit_test(a_changed_record_is_seen),
		cmocka_unit_test(a_removed_record_is_seen),
		cmocka_unit_test(swapped_records_are_seen),
		cmocka_unit_test(a_fork_is_seen),
		cmocka_unit_test(time_never_goes_back),
		cmocka_unit_test(a_published_head_is_seen),
		cmocka_unit_test(a_journal_cut_short_is_seen),
		cmocka_unit_test(each_falsification_is_found),
		cmocka_unit_test(a_second_live_attempt),
		cmocka_unit_test(nothing_follows_the_end),
		cmocka_unit_test(a_key_counts_once),
		cmocka_unit_test(one_reward_of_case_and_claimant),
		cmocka_unit_test(a_claim_at_the_deadline_is_late),
		cmocka_unit_test(nothing_stays_open_past_its_deadline),
		cmocka_unit_test(an_outage_is_no_lateness),
		cmocka_unit_test(the_police_knew_first),
		cmocka_unit_test(policies_of_the_auditor),
		cmocka_unit_test(what_cannot_be_read_ends_it),
		cmocka_unit_test(waits_and_limits_are_the_policy_s),
		cmocka_unit_test(a_release_by_one_above_the_limit),
		cmocka_unit_test(what_came_back_of_what_is_over),
		cmocka_unit_test(what_was_voided_came_back),
		cmocka_unit_test(deputies_by_whatever_account),
		cmocka_unit_test(roles_that_stand_alone),
		cmocka_unit_test(own_statement_pays_nothing),
		cmocka_unit_test(a_teller_had_no_part_before),
		cmocka_unit_test(balances_below_zero),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
