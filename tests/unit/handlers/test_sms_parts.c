/*
 * Long messages: parts from any side become one text each, whatever order,
 * reference or daemon they come by; what comes late is added; nothing is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/sms/gsm7.h"
#include "daemon/loop/loop.h"
#include "handlers/intake/sms_parts.h"
#include "handlers/intake/sms_late.h"
#include "tests/support/store_double.h"

#include <stdio.h>
#include <stdlib.h>

#define TIPS_MAX 300
#define PERIOD_MS 20
#define TIMEOUT_MS 600000
#define LATE_MS 60000
#define RECEIVED_MS 1763748000000
#define DAEMONS 2

static const struct seal_key key = { .bytes = { 1 } };

struct taken {
	char id[160], text[1200], reply_to[40];
	struct tip_id tip;
	struct receipt_code code;
};

struct added {
	char text[1000];
	struct tip_id tip;
	char code[RECEIPT_DIGITS + 1];
};

static struct world {
	struct loop *loop;
	struct store_double *store;
	struct sms_parts *daemons[DAEMONS];
	struct taken tips[TIPS_MAX];
	size_t ntips;
	struct added added[TIPS_MAX];
	size_t nadded, nasked;
	enum sms_late_end ends;      /* how additions end */
	bool busy;                     /* neither store nor spool takes a tip */
	struct arena arena;
} *w;

/* --- doubles ------------------------------------------------------------------------------ */

struct hearing {
	const struct sms_heard *heard;
	void (*done)(void *who, const struct sms_heard_end *end);
	void *who;
};

static void copy(char *to, size_t size, struct span from)
{
	assert_true(from.len < size);
	if (from.len > 0)
		memcpy(to, from.at, from.len);
	to[from.len] = '\0';
}

static const struct taken *find(const struct sms_heard *heard)
{
	for (size_t i = 0; i < w->ntips; i++)
		if (span_is(heard->request, w->tips[i].id) && span_is(heard->text, w->tips[i].text))
			return &w->tips[i];
	return NULL;
}

static const struct taken *take(const struct sms_heard *heard)
{
	struct taken *tip = &w->tips[w->ntips];
	unsigned char random[16] = { (unsigned char)w->ntips, 7 };

	assert_true(w->ntips < TIPS_MAX);
	copy(tip->id, sizeof(tip->id), heard->request);
	copy(tip->text, sizeof(tip->text), heard->text);
	copy(tip->reply_to, sizeof(tip->reply_to), heard->answers ? heard->sender : SPAN(""));
	snprintf(tip->tip.text, sizeof(tip->tip.text), "15-%010zu", w->ntips);
	receipt_make("15", random, &tip->code);
	w->ntips++;
	return tip;
}

static void decide(void *ctx)
{
	struct hearing *h = ctx;
	struct sms_heard_end end = { .result = SMS_AGAIN, .as = SMS_AS_NOTHING };

	if (!w->busy) {
		const struct taken *tip = find(h->heard);

		if (tip == NULL)
			tip = take(h->heard);
		end = (struct sms_heard_end){ .result = SMS_TAKEN, .as = SMS_AS_TIP, .id = tip->tip, .code = tip->code };
	}
	h->done(h->who, &end);
	free(h);
}

void sms_hear(struct sms_hear *hear, const struct sms_heard *heard, void (*done)(void *who, const struct sms_heard_end *end),
	      void *who)
{
	struct hearing *h = malloc(sizeof(*h));

	(void)hear;
	assert_non_null(h);
	*h = (struct hearing){ .heard = heard, .done = done, .who = who };
	loop_post(w->loop, decide, h);
}

struct addition {
	void (*done)(void *ctx, enum sms_late_end end);
	void *ctx;
};

static void add(void *ctx)
{
	struct addition *a = ctx;

	a->done(a->ctx, w->ends);
	free(a);
}

void sms_late_add(const struct sms_late *late, void (*done)(void *ctx, enum sms_late_end end), void *ctx)
{
	struct addition *a = malloc(sizeof(*a));
	struct added *added = &w->added[w->nadded];

	assert_non_null(a);
	assert_true(w->nadded < TIPS_MAX);
	assert_int_equal(late->at_ms, RECEIVED_MS);
	w->nasked++;
	if (w->ends == SMS_LATE_ADDED) {
		copy(added->text, sizeof(added->text), late->text);
		added->tip = late->id;
		memcpy(added->code, late->code.digits, sizeof(added->code));
		w->nadded++;
	}
	*a = (struct addition){ .done = done, .ctx = ctx };
	loop_post(w->loop, add, a);
}

/* --- the world ------------------------------------------------------------------------------ */

static void start_daemon(size_t i)
{
	struct sms_parts_env env = { .loop = w->loop, .store = &w->store->base, .key = &key,
				     .timeout_ms = TIMEOUT_MS, .period_ms = PERIOD_MS };

	w->daemons[i] = sms_parts_new(&env);
}

static int set_up(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	w->loop = loop_new();
	w->store = store_double_new(w->loop);
	for (size_t i = 0; i < DAEMONS; i++)
		start_daemon(i);
	return 0;
}

static void stop(void *ctx)
{
	loop_stop(ctx);
}

static void run_ms(unsigned ms)
{
	loop_after(w->loop, ms, stop, w->loop);
	loop_run(w->loop);
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < DAEMONS; i++)
		sms_parts_free(w->daemons[i]);
	run_ms(10);
	store_free(&w->store->base);
	loop_free(w->loop);
	arena_release(&w->arena);
	free(w);
	return 0;
}

/* The store's clock goes on, and somebody looks. */
static void let_pass(unsigned ms)
{
	store_memory_advance(w->store->memory, ms);
	run_ms(4 * PERIOD_MS);
}

static const struct sms_message plain = {
	.kind = SMS_PART,
	.sender = { .at = "+8613800138000", .len = 14 },
	.destination = { .at = "106900", .len = 6 },
	.part_width = 8,
	.part_reference = 7,
	.may_answer = true,
};

static struct sms_message numbered(unsigned total, unsigned number, const char *words)
{
	struct sms_message m = plain;

	m.part_total = total;
	m.part_number = number;
	m.octets = span_of(words);
	return m;
}

static void stored(void *ctx, bool durable)
{
	*(int *)ctx = durable ? 1 : 0;
}

/* 1: durable, 0: again. */
static int put_at(size_t daemon, const struct sms_message *m)
{
	int how = -1;

	sms_parts_put(w->daemons[daemon], SPAN("kannel"), m, RECEIVED_MS, stored, &how);
	for (int i = 0; i < 30000 && how < 0; i++)
		run_ms(1);
	return how;
}

static void put(unsigned total, unsigned number, const char *words)
{
	struct sms_message m = numbered(total, number, words);

	assert_int_equal(put_at(0, &m), 1);
}

static bool has_tip(const char *text)
{
	for (size_t i = 0; i < w->ntips; i++)
		if (strcmp(w->tips[i].text, text) == 0)
			return true;
	return false;
}

/* --- one text of many ------------------------------------------------------------------------- */

static void shuffled_and_doubled(void **state)
{
	(void)state;
	put(3, 3, "three");
	put(3, 1, "one ");
	put(3, 1, "one ");
	put(3, 2, "two ");
	put(3, 2, "two ");
	run_ms(5);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "one two three");
	put(3, 3, "three");
	let_pass(TIMEOUT_MS + LATE_MS);
	assert_int_equal(w->ntips, 1);
	assert_int_equal(w->nadded, 0);
}

static void two_hundred_and_fifty_five_parts(void **state)
{
	char words[300] = "", number[4];

	(void)state;
	for (unsigned i = 0; i < 255; i++) {
		unsigned at = i * 73 % 255;

		snprintf(number, sizeof(number), "%c", 'a' + (int)(at % 26));
		put(255, at + 1, number);
	}
	for (unsigned i = 0; i < 255; i++)
		words[i] = (char)('a' + i % 26);
	run_ms(5);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, words);
}

static void many_senders_with_one_reference(void **state)
{
	char senders[256][20], words[2][256][20];

	(void)state;
	for (unsigned n = 0; n < 2; n++) {
		for (unsigned i = 0; i < 256; i++) {
			snprintf(senders[i], sizeof(senders[i]), "+86138%08u", i);
			snprintf(words[n][i], sizeof(words[n][i]), "%u.%u ", i, n);
			struct sms_message m = numbered(2, n == 0 ? 2 : 1, words[n][i]);

			m.sender = span_of(senders[i]);
			assert_int_equal(put_at(i % DAEMONS, &m), 1);
		}
	}
	run_ms(20);
	assert_int_equal(w->ntips, 256);
	for (unsigned i = 0; i < 256; i++)
		assert_true(has_tip(arena_printf(&w->arena, "%u.1 %u.0 ", i, i)));
}

/* References of 8 bits, of 16, beside the header, and of the gateway: four messages. */
static void kinds_of_references_are_apart(void **state)
{
	static const char *const halves[][2] = { { "a1", "a2" }, { "b1", "b2" }, { "c1", "c2" }, { "d1", "d2" } };

	(void)state;
	for (unsigned number = 1; number <= 2; number++) {
		for (unsigned k = 0; k < 4; k++) {
			struct sms_message m = numbered(2, number, halves[k][number - 1]);

			m.part_width = k == 0 ? 8 : 16;
			m.part_kind = k < 2 ? SMS_BY_HEADER : k == 2 ? SMS_BY_SAR : SMS_BY_GATEWAY;
			assert_int_equal(put_at(0, &m), 1);
		}
	}
	run_ms(5);
	assert_int_equal(w->ntips, 4);
	for (unsigned k = 0; k < 4; k++)
		assert_true(has_tip(arena_printf(&w->arena, "%s%s", halves[k][0], halves[k][1])));
}

static void other_receivers_and_totals_are_apart(void **state)
{
	struct sms_message other = numbered(2, 2, "x2");

	(void)state;
	other.destination = SPAN("106901");
	put(2, 1, "a1");
	assert_int_equal(put_at(0, &other), 1);
	put(3, 2, "b2");
	run_ms(5);
	assert_int_equal(w->ntips, 0);
	put(2, 2, "a2");
	run_ms(5);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "a1a2");
}

/* Both tables of Turkish in one part, an escape cut off from its septet in the default ones. */
static void national_tables_belong_to_their_part(void **state)
{
	struct sms_message first = numbered(3, 1, "a\x1B"), second = numbered(3, 2, "e "), third = numbered(3, 3, "\x1B\x73\x07");

	(void)state;
	first.coding = second.coding = third.coding = SMS_GSM7;
	third.tables = (struct sms_tables){ .locking = 1, .single = 1 };
	assert_int_equal(put_at(0, &third), 1);
	assert_int_equal(put_at(0, &first), 1);
	assert_int_equal(put_at(0, &second), 1);
	run_ms(5);
	assert_string_equal(w->tips[0].text, "a€ şı");
}

/* --- references that are used again -------------------------------------------------------------- */

static void a_reference_again_before_the_first_is_whole(void **state)
{
	(void)state;
	put(3, 1, "A1");
	put(3, 1, "N1");
	put(3, 2, "N2");
	put(3, 3, "N3");
	run_ms(5);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "N1N2N3");
	let_pass(TIMEOUT_MS + 1);
	assert_int_equal(w->ntips, 2);
	assert_true(has_tip("A1[…]"));
}

/* The parts of the second message come by another daemon, which knows nothing of the first. */
static void a_reference_again_through_two_daemons(void **state)
{
	struct sms_message first = numbered(2, 1, "A1"), again = numbered(2, 1, "N1"), rest = numbered(2, 2, "N2");

	(void)state;
	assert_int_equal(put_at(0, &first), 1);
	assert_int_equal(put_at(1, &again), 1);
	assert_int_equal(put_at(0, &rest), 1);
	run_ms(5);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "N1N2");
}

static void one_reference_for_every_message(void **state)
{
	char words[2][8];

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		snprintf(words[0], sizeof(words[0]), "%u.1 ", i);
		snprintf(words[1], sizeof(words[1]), "%u.2", i);
		put(2, 1 + i % 2, words[i % 2]);
		put(2, 2 - i % 2, words[1 - i % 2]);
	}
	run_ms(5);
	assert_int_equal(w->ntips, 30);
	assert_string_equal(w->tips[29].text, "29.1 29.2");
}

/* --- late parts ------------------------------------------------------------------------------------ */

static void a_part_is_missing(void)
{
	put(3, 1, "one");
	put(3, 3, "three");
	let_pass(TIMEOUT_MS + 1);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "one[…]three");
	assert_string_equal(w->tips[0].reply_to, "+8613800138000");
}

static void what_is_late_is_added(void **state)
{
	(void)state;
	a_part_is_missing();
	put(3, 2, "two");
	assert_int_equal(w->nadded, 0);
	let_pass(LATE_MS + 1);
	assert_int_equal(w->ntips, 1);
	assert_int_equal(w->nadded, 1);
	assert_string_equal(w->added[0].text, "[…]two[…]");
	assert_string_equal(w->added[0].tip.text, w->tips[0].tip.text);
	assert_string_equal(w->added[0].code, w->tips[0].code.digits);
	/* Delivered again, it is known. */
	put(3, 2, "two");
	let_pass(TIMEOUT_MS + LATE_MS);
	assert_int_equal(w->nasked, 1);
	assert_int_equal(w->ntips, 1);
	assert_int_equal(sms_parts_figures(w->daemons[0])->late + sms_parts_figures(w->daemons[1])->late, 1);
}

/* Its first part comes last: an answer was given already. */
static void a_late_beginning_gets_no_second_answer(void **state)
{
	(void)state;
	put(2, 2, "end");
	let_pass(TIMEOUT_MS + 1);
	put(2, 1, "beginning ");
	let_pass(LATE_MS + 1);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->added[0].text, "beginning […]");
}

static void what_seems_late_may_be_a_new_message(void **state)
{
	(void)state;
	a_part_is_missing();
	put(3, 2, "N2");
	put(3, 1, "N1");
	let_pass(LATE_MS + 1);
	assert_int_equal(w->nadded, 0);
	put(3, 3, "N3");
	run_ms(5);
	assert_int_equal(w->ntips, 2);
	assert_string_equal(w->tips[1].text, "N1N2N3");
}

static void two_late_parts_are_added_each(void **state)
{
	(void)state;
	put(4, 1, "one");
	let_pass(TIMEOUT_MS + 1);
	put(4, 4, "four");
	let_pass(LATE_MS + 1);
	put(4, 3, "three");
	put(4, 2, "two");
	let_pass(LATE_MS + 1);
	assert_int_equal(w->ntips, 1);
	assert_int_equal(w->nadded, 2);
	assert_string_equal(w->added[0].text, "[…]four");
	assert_string_equal(w->added[1].text, "[…]twothree[…]");
	/* All is there: this is somebody's next message. */
	put(4, 2, "TWO");
	let_pass(TIMEOUT_MS + 1);
	assert_int_equal(w->nadded, 2);
	assert_int_equal(w->ntips, 2);
	assert_string_equal(w->tips[1].text, "[…]TWO[…]");
}

/* The tip was superseded before its time was up; its part comes after the other message. */
static void late_behind_another_message(void **state)
{
	(void)state;
	put(2, 1, "A1");
	let_pass(1000);
	put(2, 1, "N1");
	put(2, 2, "N2");
	put(2, 2, "A2");
	let_pass(TIMEOUT_MS - 500);
	assert_int_equal(w->ntips, 2);
	assert_true(has_tip("N1N2"));
	assert_true(has_tip("A1[…]"));
	let_pass(1000);
	assert_int_equal(w->ntips, 2);
	assert_int_equal(w->nadded, 1);
	assert_string_equal(w->added[0].text, "[…]A2");
}

static void where_nothing_can_be_added_it_is_a_tip(void **state)
{
	(void)state;
	a_part_is_missing();
	w->ends = SMS_LATE_REFUSED;
	put(3, 2, "two");
	let_pass(LATE_MS + 1);
	assert_int_equal(w->nasked, 1);
	assert_int_equal(w->ntips, 2);
	assert_string_equal(w->tips[1].text, "[…]two[…]");
	assert_string_equal(w->tips[1].reply_to, "");
}

static void an_addition_that_failed_is_tried_again(void **state)
{
	(void)state;
	a_part_is_missing();
	w->ends = SMS_LATE_AGAIN;
	put(3, 2, "two");
	let_pass(LATE_MS + 1);
	assert_int_equal(w->nadded, 0);
	w->ends = SMS_LATE_ADDED;
	let_pass(LATE_MS + 1);
	assert_int_equal(w->nadded, 1);
	let_pass(TIMEOUT_MS);
	assert_int_equal(w->nadded, 1);
	assert_int_equal(w->ntips, 1);
}

/* --- bad times --------------------------------------------------------------------------------------- */

static void a_store_that_is_away_means_again(void **state)
{
	struct sms_message m = numbered(2, 1, "one ");

	(void)state;
	w->store->base.up = false;
	assert_int_equal(put_at(0, &m), 0);
	w->store->base.up = true;
	assert_int_equal(put_at(0, &m), 1);
	put(2, 2, "two");
	run_ms(5);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "one two");
}

/* The last two parts at once, by two daemons. */
static void two_daemons_make_one_tip(void **state)
{
	struct sms_message parts[] = { numbered(3, 1, "one "), numbered(3, 2, "two "), numbered(3, 3, "three") };
	int how[2] = { -1, -1 };

	(void)state;
	assert_int_equal(put_at(0, &parts[1]), 1);
	sms_parts_put(w->daemons[0], SPAN("kannel"), &parts[0], RECEIVED_MS, stored, &how[0]);
	sms_parts_put(w->daemons[1], SPAN("kannel"), &parts[2], RECEIVED_MS, stored, &how[1]);
	let_pass(LATE_MS);
	assert_true(how[0] == 1 && how[1] == 1);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "one two three");
}

static void a_daemon_dies_between_parts(void **state)
{
	(void)state;
	put(3, 1, "one ");
	put(3, 2, "two ");
	w->busy = true;
	put(3, 3, "three");
	run_ms(5);
	sms_parts_free(w->daemons[0]);
	sms_parts_free(w->daemons[1]);
	w->daemons[1] = NULL;
	w->busy = false;
	start_daemon(0);
	put(3, 2, "two ");
	let_pass(LATE_MS + 1);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "one two three");
}

/* Twenty messages of one sender may wait; the oldest of more is taken as it is. */
static void the_oldest_of_too_many_is_a_tip(void **state)
{
	char words[21][8];

	(void)state;
	for (unsigned i = 0; i < 21; i++) {
		struct sms_message m;

		assert_int_equal(w->ntips, 0);
		snprintf(words[i], sizeof(words[i]), "%u.1", i);
		m = numbered(2, 1, words[i]);
		m.part_reference = i;
		assert_int_equal(put_at(0, &m), 1);
		run_ms(2 * PERIOD_MS * (i == 19));
	}
	run_ms(4 * PERIOD_MS);
	assert_int_equal(w->ntips, 1);
	assert_string_equal(w->tips[0].text, "0.1[…]");
	struct sms_message late = numbered(2, 2, "0.2");

	late.part_reference = 0;
	assert_int_equal(put_at(0, &late), 1);
	let_pass(LATE_MS + 1);
	assert_string_equal(w->added[0].text, "[…]0.2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shuffled_and_doubled),
		TEST(two_hundred_and_fifty_five_parts),
		TEST(many_senders_with_one_reference),
		TEST(kinds_of_references_are_apart),
		TEST(other_receivers_and_totals_are_apart),
		TEST(national_tables_belong_to_their_part),
		TEST(a_reference_again_before_the_first_is_whole),
		TEST(a_reference_again_through_two_daemons),
		TEST(one_reference_for_every_message),
		TEST(what_is_late_is_added),
		TEST(a_late_beginning_gets_no_second_answer),
		TEST(what_seems_late_may_be_a_new_message),
		TEST(two_late_parts_are_added_each),
		TEST(late_behind_another_message),
		TEST(where_nothing_can_be_added_it_is_a_tip),
		TEST(an_addition_that_failed_is_tried_again),
		TEST(a_store_that_is_away_means_again),
		TEST(two_daemons_make_one_tip),
		TEST(a_daemon_dies_between_parts),
		TEST(the_oldest_of_too_many_is_a_tip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
