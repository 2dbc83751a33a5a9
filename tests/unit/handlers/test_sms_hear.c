/*
 * The conversation on real tips, the store in memory: what becomes of a
 * message, what is said to whom, what is remembered, and what happens when the
 * store is away in the middle of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/split.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/week_keys.h"
#include "handlers/intake/intake_env.h"
#include "handlers/intake/sms_hear.h"
#include "handlers/intake/sms_memory.h"
#include "handlers/notify/outbox_item.h"
#include "handlers/limits.h"
#include "tests/support/app_rig.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ALICE "+8613800138000"
#define BOB "+8613800138001"
#define NOON 1763697600000   /* 2025-11-21 12:00 in China */
#define HOUR 3600000
#define LINES_MAX 64

static struct world {
	struct app_rig rig;
	struct sms_hear *hear, *other;
	struct limits *limits;
	struct sms_policy policy;
	struct arena arena;
	int64_t now_ms;
	uint64_t number;                /* of messages without an id; 0: they have one */
	const char *wishes;
	unsigned n;
	struct span lines[LINES_MAX];   /* said since the last look */
	int64_t from[LINES_MAX];
	size_t nlines;
	struct store_reply reply;
	bool there;
} w;

static struct sms_hear *a_hear(void)
{
	return sms_hear_new(&(struct sms_hear_env){
		.loop = w.rig.loop,
		.store = w.rig.app.store,
		.weeks = w.rig.app.weeks,
		.intake = w.rig.app.intake,
		.courier_key = keys_courier(w.rig.app.keys),
		.requests_key = keys_requests(w.rig.app.keys),
		.policy = w.policy,
		.wishes_file = w.wishes,
		.limits = w.limits,
		.now_ms = w.now_ms,
	});
}

static int begin(void **unused)
{
	(void)unused;
	w = (struct world){ .now_ms = NOON };
	app_rig_open(&w.rig, NULL);
	w.policy = (struct sms_policy){ .answers = true, .code_s = 3600 };
	w.hear = a_hear();
	return 0;
}

static int finish(void **unused)
{
	(void)unused;
	sms_hear_free(w.hear);
	sms_hear_free(w.other);
	limits_free(w.limits);
	app_rig_close(&w.rig);
	arena_release(&w.arena);
	return 0;
}

/* The daemon ends and another begins. */
static void restart(void)
{
	sms_hear_free(w.hear);
	w.hear = a_hear();
}

/* --- messages --------------------------------------------------------------------------- */

struct heard {
	struct sms_heard message;
	struct sms_heard_end end;
	bool ended;
};

static void was_heard(void *who, const struct sms_heard_end *end)
{
	struct heard *heard = who;

	assert_false(heard->ended);
	heard->end = *end;
	heard->ended = true;
}

static const char *connector = "kannel";

static struct heard *send_by(struct sms_hear *hear, const char *sender, const char *id, const char *text)
{
	struct heard *heard = arena_new(&w.arena, struct heard);

	heard->message = (struct sms_heard){
		.text = span_of(text),
		.sender = span_of(sender),
		.destination = SPAN("1069000571"),
		.gateway = span_of(connector),
		.request = span_of(id),
		.received_ms = w.now_ms,
		.number = w.number,
		.answers = sender[0] == '+',
	};
	sms_hear(hear, &heard->message, was_heard, heard);
	assert_false(heard->ended);
	return heard;
}

static void run(void)
{
	for (int i = 0; i < 40; i++)
		app_rig_settle(&w.rig);
}

static struct sms_heard_end named(const char *sender, const char *id, const char *text)
{
	struct heard *heard = send_by(w.hear, sender, id, text);

	for (int i = 0; i < 30000 && !heard->ended; i++)
		app_rig_run(&w.rig, 1);
	assert_true(heard->ended);
	return heard->end;
}

static const char *next_id(void)
{
	return arena_printf(&w.arena, "kannel:%u", ++w.n);
}

static struct sms_heard_end from(const char *sender, const char *text)
{
	return named(sender, next_id(), text);
}

static struct tip_id file(const char *sender, const char *text)
{
	struct sms_heard_end end = from(sender, text);

	assert_int_equal(end.result, SMS_TAKEN);
	assert_int_equal(end.as, SMS_AS_TIP);
	assert_int_equal(strlen(end.id.text), TIP_ID_LEN);
	return end.id;
}

static const char *number_of(const struct tip_id *id)
{
	return arena_printf(&w.arena, "%s", id->text + TIP_ID_LEN - SMS_NUMBER_LEN);
}

/* --- the store --------------------------------------------------------------------------- */

static void came(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	w.reply = *reply;
	w.reply.items = arena_array(&w.arena, struct store_item, reply->nitems + 1);
	for (size_t i = 0; i < reply->nitems; i++)
		w.reply.items[i].payload = arena_dup(&w.arena, reply->items[i].payload);
	if (reply->nrows > 0) {
		w.reply.rows = arena_new(&w.arena, struct store_row);
		w.reply.rows[0] = reply->rows[0];
		w.reply.rows[0].sealed = arena_dup(&w.arena, reply->rows[0].sealed);
		w.reply.rows[0].messages = arena_array(&w.arena, struct span, reply->rows[0].nmessages + 1);
		for (size_t i = 0; i < reply->rows[0].nmessages; i++)
			w.reply.rows[0].messages[i] = arena_dup(&w.arena, reply->rows[0].messages[i]);
	}
	w.there = true;
}

static void ask(const struct store_request *request)
{
	w.there = false;
	store_submit(w.rig.store->memory, request, (struct store_wait){ .done = came });
	while (!w.there)
		app_rig_settle(&w.rig);
}

static const struct store_row *row_of(const struct tip_id *id)
{
	ask(&(struct store_request){ .op = STORE_READ, .id = *id });
	assert_int_equal(w.reply.nrows, 1);
	return w.reply.rows;
}

static void take_line(struct span payload)
{
	struct outbox_item item;

	assert_true(w.nlines < LINES_MAX);
	/* The answer to a tip, as the rig's intake writes it. */
	if (span_starts(payload, SPAN("to "))) {
		w.lines[w.nlines++] = payload;
		return;
	}
	assert_true(outbox_item_open(keys_courier(w.rig.app.keys), payload, &w.arena, &item));
	assert_int_equal(item.kind, OUTBOX_SMS);
	w.from[w.nlines] = item.sms.not_before_ms;
	w.lines[w.nlines++] = item.sms.text;
}

static size_t look(void)
{
	static const char shards[][3] = { "00", "11", "15", "33" };

	w.nlines = 0;
	for (size_t i = 0; i < COUNT_OF(shards); i++) {
		struct store_request due = { .op = STORE_OUTBOX_DUE, .job = "courier", .max = 100, .lease_ms = 4000000000u };
		struct store_request lease = { .op = STORE_JOB_LEASE, .job = "courier", .holder = SPAN("test"), .lease_ms = 1000 };

		memcpy(due.shard, shards[i], 3);
		memcpy(lease.shard, shards[i], 3);
		ask(&lease);
		due.fence = w.reply.fence;
		ask(&due);
		for (size_t item = 0; item < w.reply.nitems; item++)
			take_line(w.reply.items[item].payload);
	}
	return w.nlines;
}

static void expect_line(const char *expected)
{
	size_t n = look();

	if (expected == NULL) {
		assert_int_equal(n, 0);
		return;
	}
	assert_int_equal(n, 1);
	if (!span_is(w.lines[0], expected))
		fail_msg("said \"%.*s\", not \"%s\"", (int)w.lines[0].len, w.lines[0].at, expected);
}

static void expect_answered_tip(const struct tip_id *id)
{
	assert_int_equal(look(), 1);
	assert_true(span_starts(w.lines[0], SPAN("to " ALICE ": ")));
	assert_true(span_find(w.lines[0], span_of(id->text)) < w.lines[0].len);
}

/* The text of the last message at the tip, opened as its informant would. */
static struct span last_words(const struct tip_id *id, const struct receipt_code *code)
{
	const struct store_row *row = row_of(id);
	struct seal_key receipt_key, tip_key;
	struct tip_message message;
	struct span sealed;

	assert_int_equal(week_keys_uncover(w.rig.app.weeks, &row->id, COVER_CONTENT, row->sealed, &w.arena, &sealed), WEEK_KEY_FOUND);
	assert_true(row->nmessages > 0);
	seal_key_from_receipt(code, &receipt_key);
	assert_true(seal_tip_key_by_receipt(&row->id, sealed, &receipt_key, &tip_key));
	assert_true(seal_open_message(&row->id, row->messages[row->nmessages - 1], &tip_key, &w.arena, &message));
	assert_int_equal(message.kind, MESSAGE_FROM_INFORMANT);
	return message.text;
}

/* From the answer as the rig's intake writes it. */
static struct receipt_code code_said(void)
{
	struct receipt_code code;

	assert_int_equal(receipt_parse(span_from_offset(w.lines[0], w.lines[0].len - RECEIPT_DIGITS), &code), RECEIPT_FINE);
	return code;
}

static unsigned messages_of(const struct tip_id *id)
{
	return row_of(id)->nmessages;
}

static void close_tip(const struct tip_id *id)
{
	const struct store_row *row = row_of(id);
	struct store_change change = { .id = *id, .expect_rev = row->rev, .state = TIP_CLOSED, .points = row->points };

	memcpy(change.region, row->region, sizeof(change.region));
	change.event = span_of(arena_printf(&w.arena, "{\"e\":\"closed\",\"id\":\"%s\",\"at\":1}", id->text));
	ask(&(struct store_request){ .op = STORE_CHANGE, .change = &change });
	assert_int_equal(w.reply.verdict, STORE_OK);
}

/* --- a clue and its supplement --------------------------------------------------------------- */

static void a_clue_is_a_tip_and_is_answered_once(void **unused)
{
	struct tip_id id = file(ALICE, "A girl was dragged into a white van");

	(void)unused;
	expect_answered_tip(&id);
	assert_int_equal(named(ALICE, "kannel:1", "A girl was dragged into a white van").as, SMS_AS_REPETITION);
	expect_line(NULL);
}

static void a_supplement_goes_to_the_latest_tip(void **unused)
{
	struct tip_id first = file(ALICE, "The first of two clues"), second;
	struct receipt_code code;

	(void)unused;
	look();
	second = file(ALICE, "The second of two clues");
	look();
	code = code_said();
	assert_int_equal(from(ALICE, "补充：车牌是蒙KA1234").as, SMS_AS_SUPPLEMENT);
	expect_line(arena_printf(&w.arena, "已收到，已加入编号 %s。请删除此短信。", number_of(&second)));
	assert_int_equal(messages_of(&first), 0);
	assert_int_equal(messages_of(&second), 1);
	assert_true(span_is(last_words(&second, &code), "车牌是蒙KA1234"));
}

static void a_supplement_goes_where_its_number_says(void **unused)
{
	struct tip_id first = file(ALICE, "The first of two clues");
	struct receipt_code code;

	(void)unused;
	look();
	code = code_said();
	file(ALICE, "The second of two clues");
	look();
	assert_int_equal(from(ALICE, arena_printf(&w.arena, "supplement %s he wore a red coat", number_of(&first))).as,
			 SMS_AS_SUPPLEMENT);
	expect_line(arena_printf(&w.arena, "Received, added to number %s. Please delete this message.", number_of(&first)));
	assert_true(span_is(last_words(&first, &code), "he wore a red coat"));
}

/* In doubt it is a clue, and no word of it is lost. */
static void a_supplement_without_a_tip_of_its_own_is_a_clue(void **unused)
{
	struct tip_id theirs = file(ALICE, "The clue of somebody else");
	const char *text = arena_printf(&w.arena, "补充 %s 车是红色的", number_of(&theirs));
	struct tip_id id;

	(void)unused;
	id = file(BOB, text);
	assert_int_equal(messages_of(&theirs), 0);
	assert_string_not_equal(id.text, theirs.text);
	file("+8613800138002", "补充 车是红色的");
}

static void a_supplement_comes_once(void **unused)
{
	struct tip_id id = file(ALICE, "A clue that gets a supplement");

	(void)unused;
	for (int i = 0; i < 3; i++)
		assert_int_equal(named(ALICE, "kannel:s", "supplement: he wore a red coat").result, SMS_TAKEN);
	assert_int_equal(messages_of(&id), 1);
	/* The daemon dies before it wrote down that it heard this. */
	w.rig.store->trouble = TROUBLE_LOST;
	w.rig.store->trouble_of = STORE_MEMO_PUT;
	assert_int_equal(named(ALICE, "kannel:t", "supplement: and a hat").result, SMS_TAKEN);
	w.rig.store->trouble = TROUBLE_NONE;
	assert_int_equal(named(ALICE, "kannel:t", "supplement: and a hat").result, SMS_TAKEN);
	assert_int_equal(messages_of(&id), 2);
}

static void a_tip_takes_its_memory_along(void **unused)
{
	struct store_double *store = w.rig.store;
	struct heard *heard;

	(void)unused;
	store->trouble = TROUBLE_HELD;
	store->trouble_of = STORE_ACCEPT;
	heard = send_by(w.hear, ALICE, next_id(), "A clue whose answer takes its time");
	run();
	assert_false(heard->ended);
	assert_int_equal(store->calls[STORE_MEMO_PUT], 1);
	store->trouble = TROUBLE_NONE;
	store_double_release(store);
	run();
	assert_true(heard->ended);
	assert_int_equal(heard->end.result, SMS_TAKEN);
	assert_int_equal(store->calls[STORE_MEMO_GET], 1);
	assert_int_equal(store->calls[STORE_MEMO_PUT], 1);
	from(ALICE, "supplement: he wore a red coat");
	assert_int_equal(messages_of(&heard->end.id), 1);
}

static void the_memory_of_a_tip_may_come_later_than_the_tip(void **unused)
{
	struct store_double *store = w.rig.store;
	struct heard *heard;

	(void)unused;
	store->trouble = TROUBLE_HELD;
	store->trouble_of = STORE_MEMO_PUT;
	heard = send_by(w.hear, ALICE, next_id(), "A clue that is there before its memory");
	run();
	assert_false(heard->ended);
	assert_int_equal(store->tips, 1);
	store->trouble = TROUBLE_NONE;
	store_double_fail_held(store);
	run();
	assert_true(heard->ended);
	assert_int_equal(heard->end.result, SMS_TAKEN);
}

static void a_tip_in_the_spool_is_remembered_too(void **unused)
{
	struct tip_id id;

	(void)unused;
	w.rig.store->trouble = TROUBLE_LOST;
	w.rig.store->trouble_of = STORE_ACCEPT;
	id = file(ALICE, "A clue that the store did not take");
	w.rig.store->trouble = TROUBLE_NONE;
	/* What went along found no tip. */
	assert_int_equal(w.rig.store->calls[STORE_MEMO_PUT], 2);
	look();
	from(ALICE, "STATUS");
	expect_line(arena_printf(&w.arena, "Number %s: received. Please delete this message.", number_of(&id)));
}

static void two_texts_under_one_id_are_two_tips_in_the_memory(void **unused)
{
	struct tip_id first = named(ALICE, "kannel:same", "The first text under an id").id;
	struct tip_id second = named(ALICE, "kannel:same", "The second text under this id").id;

	(void)unused;
	assert_string_not_equal(first.text, second.text);
	from(ALICE, "supplement: to the second one");
	assert_int_equal(messages_of(&first), 0);
	assert_int_equal(messages_of(&second), 1);
	from(ALICE, arena_printf(&w.arena, "supplement %s to the first one", number_of(&first)));
	assert_int_equal(messages_of(&first), 1);
}

static void a_lost_answer_of_the_store_adds_once(void **unused)
{
	struct tip_id id = file(ALICE, "A clue that gets a supplement");

	(void)unused;
	w.rig.store->trouble = TROUBLE_MUTE;
	w.rig.store->trouble_of = STORE_CHANGE;
	assert_int_equal(from(ALICE, "supplement: he wore a red coat").result, SMS_TAKEN);
	assert_int_equal(messages_of(&id), 1);
}

/* The words were added, the answer got lost, and the store stays away: they are filed, and that comes to nothing. */
static void what_was_added_is_no_tip_as_well(void **unused)
{
	struct tip_id id = file(ALICE, "A clue that gets a supplement");
	struct sms_heard_end end;

	(void)unused;
	w.rig.store->trouble = TROUBLE_LOST;
	w.rig.store->trouble_of = STORE_MEMO_PUT;
	assert_int_equal(named(ALICE, "kannel:s", "supplement: he wore a red coat").as, SMS_AS_SUPPLEMENT);
	/* Nobody can be recalled now. */
	w.rig.store->trouble_of = STORE_MEMO_GET;
	end = named(ALICE, "kannel:s", "supplement: he wore a red coat");
	w.rig.store->trouble = TROUBLE_NONE;
	assert_int_equal(end.result, SMS_TAKEN);
	assert_int_equal(end.as, SMS_AS_SUPPLEMENT);
	assert_string_equal(end.id.text, "");
	assert_int_equal(messages_of(&id), 1);
}

static void what_became_a_tip_is_not_added_as_well(void **unused)
{
	struct tip_id id = file(ALICE, "A clue that gets a supplement"), own;

	(void)unused;
	w.rig.store->trouble = TROUBLE_LOST;
	w.rig.store->trouble_of = STORE_MEMO_GET;
	own = named(ALICE, "kannel:s", "supplement: he wore a red coat").id;
	w.rig.store->trouble = TROUBLE_NONE;
	assert_int_equal(strlen(own.text), TIP_ID_LEN);
	look();
	assert_int_equal(named(ALICE, "kannel:s", "supplement: he wore a red coat").as, SMS_AS_REPETITION);
	assert_int_equal(messages_of(&id), 0);
	assert_int_equal(messages_of(&own), 0);
	/* The next one is another message. */
	assert_int_equal(from(ALICE, "supplement: and a hat").as, SMS_AS_SUPPLEMENT);
}

static void an_open_tip_goes_before_a_closed_one(void **unused)
{
	struct tip_id open = file(ALICE, "The first of two clues"), closed = file(ALICE, "The second of two clues");

	(void)unused;
	close_tip(&closed);
	assert_int_equal(from(ALICE, "supplement: to the open one").as, SMS_AS_SUPPLEMENT);
	assert_int_equal(messages_of(&open), 1);
	assert_int_equal(messages_of(&closed), 0);
	assert_int_equal(from(ALICE, arena_printf(&w.arena, "补充 %s 给已结束的", number_of(&closed))).as, SMS_AS_SUPPLEMENT);
	assert_int_equal(messages_of(&closed), 1);
	close_tip(&open);
	assert_int_equal(from(ALICE, "supplement: nothing is open").as, SMS_AS_SUPPLEMENT);
	assert_int_equal(messages_of(&closed), 2);
	assert_int_equal(row_of(&closed)->state, TIP_CLOSED);
}

/* --- what a telephone is told ------------------------------------------------------------------- */

static void the_sender_is_told_how_it_stands(void **unused)
{
	struct tip_id id = file(ALICE, "A clue to be asked about");

	(void)unused;
	look();
	assert_int_equal(from(ALICE, "STATUS").as, SMS_AS_QUESTION);
	expect_line(arena_printf(&w.arena, "Number %s: received. Please delete this message.", number_of(&id)));
	close_tip(&id);
	from(ALICE, arena_printf(&w.arena, "查询 %s", number_of(&id)));
	expect_line(arena_printf(&w.arena, "编号 %s：已结束。请删除此短信。", number_of(&id)));
}

/* Whoever only has the number hears the same as whoever made one up. */
static void a_number_alone_tells_nothing(void **unused)
{
	struct tip_id id = file(ALICE, "A clue to be asked about");
	const char *made_up[] = { number_of(&id), "7K3MQ2X9RD" };

	(void)unused;
	look();
	for (size_t i = 0; i < COUNT_OF(made_up); i++) {
		from(BOB, arena_printf(&w.arena, "STATUS %s", made_up[i]));
		expect_line("No more can be shown for a number alone. Please delete this message.");
		from(BOB, arena_printf(&w.arena, "回执 %s", made_up[i]));
		expect_line("现在不能发送。请删除此短信。");
	}
	assert_int_equal(w.rig.store->calls[STORE_READ], 0);
}

static void the_code_is_told_to_its_sender_for_a_while(void **unused)
{
	struct receipt_code code;
	char shown[30];

	(void)unused;
	file(ALICE, "A clue with a code");
	look();
	code = code_said();
	receipt_show(&code, shown);
	from(ALICE, "CODE");
	expect_line(arena_printf(&w.arena, "Code %s. Please delete this message.", shown));
	store_memory_advance(w.rig.store->memory, 3601 * 1000);
	from(ALICE, "回执");
	expect_line("现在不能发送。请删除此短信。");
}

static void a_code_is_never_told_where_that_is_off(void **unused)
{
	(void)unused;
	w.policy.code_s = 0;
	restart();
	file(ALICE, "A clue with a code");
	look();
	from(ALICE, "CODE");
	expect_line("It cannot be sent now. Please delete this message.");
}

static void the_language_is_kept(void **unused)
{
	struct tip_id id;

	(void)unused;
	from(ALICE, "ENGLISH");
	expect_line("Answers will be in English. Please delete this message.");
	restart();
	id = file(ALICE, "东胜区看到可疑的人");
	look();
	from(ALICE, "查询");
	expect_line(arena_printf(&w.arena, "Number %s: received. Please delete this message.", number_of(&id)));
	from(ALICE, "中文");
	expect_line("将用中文回复。请删除此短信。");
}

/* --- stop, quota, quiet hours ------------------------------------------------------------------------ */

static void stop_is_kept(void **unused)
{
	static const char *const words[] = { "STOP", " stop ", "ＴＤ", "退订" };

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		const char *sender = arena_printf(&w.arena, "+861380013801%zu", i);

		assert_int_equal(from(sender, words[i]).as, SMS_AS_STOP);
		assert_int_equal(look(), 1);
		assert_int_equal(from(sender, words[i]).as, SMS_AS_STOP);
		expect_line(NULL);
		restart();
		file(sender, "He is here again");
		from(sender, "HELP");
		from(sender, "CODE");
		from(sender, "STATUS");
		assert_int_equal(from(sender, "supplement: more of it").as, SMS_AS_SUPPLEMENT);
		expect_line(NULL);
		from(sender, "START");
		expect_line("Answers will be sent again. Please delete this message.");
		file(sender, "And again");
		assert_int_equal(look(), 1);
	}
	file(ALICE, "don't stop");
}

static void a_robot_gets_so_many(void **unused)
{
	static const char *const texts[] = { "Your parcel waits", "HELP", "STATUS", "CODE", "中文", "supplement: more" };
	size_t said = 0;

	(void)unused;
	for (unsigned i = 0; i < 30; i++) {
		if (i == 11)
			restart();
		from(ALICE, texts[i % COUNT_OF(texts)]);
		said += look();
	}
	assert_int_equal(said, 5);
	w.now_ms += 24 * HOUR;
	from(ALICE, "HELP");
	assert_int_equal(look(), 1);
}

static void many_at_once_get_no_more(void **unused)
{
	struct heard *heard[30];

	(void)unused;
	for (unsigned i = 0; i < COUNT_OF(heard); i++)
		heard[i] = send_by(w.hear, ALICE, next_id(), arena_printf(&w.arena, "parcel number %u", i));
	for (int i = 0; i < 3000 && !heard[29]->ended; i++)
		run();
	for (unsigned i = 0; i < COUNT_OF(heard); i++)
		assert_true(heard[i]->ended && heard[i]->end.result == SMS_TAKEN);
	assert_int_equal(look(), 5);
}

/* Two daemons hear one telephone at the same moment: neither forgets what the other wrote. */
static void two_daemons_remember_together(void **unused)
{
	struct heard *a, *b;

	(void)unused;
	w.other = a_hear();
	a = send_by(w.hear, ALICE, "kannel:a", "What one daemon heard");
	b = send_by(w.other, ALICE, "kannel:b", "What the other daemon heard");
	for (int i = 0; i < 3000 && !(a->ended && b->ended); i++)
		run();
	assert_int_equal(look(), 2);
	from(ALICE, arena_printf(&w.arena, "supplement %s one", number_of(&a->end.id)));
	from(ALICE, arena_printf(&w.arena, "supplement %s two", number_of(&b->end.id)));
	assert_int_equal(messages_of(&a->end.id), 1);
	assert_int_equal(messages_of(&b->end.id), 1);
	look();
	from(ALICE, "HELP");
	assert_int_equal(look(), 1);
	from(ALICE, "HELP");
	assert_int_equal(look(), 0);
}

static void one_answer_waits_for_the_morning(void **unused)
{
	(void)unused;
	assert_true(sms_hours_parse(SPAN("22:00-07:00"), &w.policy.quiet));
	restart();
	w.now_ms = NOON + 11 * HOUR;
	from(ALICE, "HELP");
	assert_int_equal(look(), 1);
	assert_int_equal(w.from[0], NOON + 19 * HOUR);
	from(ALICE, "STATUS");
	assert_int_equal(look(), 0);
	w.now_ms = NOON + 20 * HOUR;
	from(ALICE, "HELP");
	assert_int_equal(look(), 1);
	assert_int_equal(w.from[0], 0);
}

static void only_telephones_are_talked_to(void **unused)
{
	static const char *const senders[] = { "10086", "TAXI", "" };

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(senders); i++) {
		assert_int_equal(from(senders[i], "HELP").result, SMS_TAKEN);
		assert_int_equal(from(senders[i], "STOP").result, SMS_TAKEN);
		file(senders[i], "supplement: there is nothing to add to");
	}
	expect_line(NULL);
	assert_int_equal(w.rig.store->calls[STORE_MEMO_GET] + w.rig.store->calls[STORE_MEMO_PUT], 0);
}

/* --- how often ------------------------------------------------------------------------------------------- */

/* Another process: its buckets are full, the store is the same. */
static void elsewhere(void)
{
	static const struct limit_rule rules[LIMIT_KINDS] = { [LIMIT_SENDER] = { .per_second = 0.001, .burst = 3 } };

	limits_free(w.limits);
	w.limits = limits_new(rules, true);
	restart();
}

static void a_telephone_that_floods_has_to_come_again(void **unused)
{
	(void)unused;
	elsewhere();
	for (int i = 0; i < 3; i++)
		assert_int_equal(from(ALICE, "A clue among many").result, SMS_TAKEN);
	assert_int_equal(from(ALICE, "A clue too many").result, SMS_AGAIN);
	assert_int_equal(from(BOB, "A clue of another telephone").result, SMS_TAKEN);
	assert_int_equal(limits_refused(w.limits, LIMIT_SENDER), 1);
	elsewhere();
	assert_int_equal(from(ALICE, "A clue too many, elsewhere").result, SMS_AGAIN);
}

static void without_the_store_each_process_counts_alone(void **unused)
{
	(void)unused;
	elsewhere();
	for (int i = 0; i < 3; i++)
		assert_int_equal(from(ALICE, "A clue among many").result, SMS_TAKEN);
	elsewhere();
	w.rig.store->base.up = false;
	for (int i = 0; i < 3; i++)
		assert_int_equal(from(ALICE, "A clue without the store").result, SMS_TAKEN);
	assert_int_equal(from(ALICE, "A clue too many").result, SMS_AGAIN);
	w.rig.store->base.up = true;
}

/* --- the store is away ---------------------------------------------------------------------------------- */

static void a_clue_is_taken_without_the_store(void **unused)
{
	struct sms_heard_end end;

	(void)unused;
	file(ALICE, "A clue before the outage");
	look();
	w.rig.store->base.up = false;
	end = from(ALICE, "A clue while the store is away");
	assert_int_equal(end.result, SMS_TAKEN);
	assert_int_equal(end.as, SMS_AS_TIP);
	end = from(ALICE, "supplement: the words are not lost");
	assert_int_equal(end.result, SMS_TAKEN);
	assert_int_equal(end.as, SMS_AS_TIP);
	assert_int_equal(from(ALICE, "STATUS").result, SMS_AGAIN);
	assert_int_equal(from(ALICE, "HELP").result, SMS_AGAIN);
	w.rig.store->base.up = true;
	expect_line(NULL);
}

static void a_stop_is_not_forgotten_without_the_store(void **unused)
{
	(void)unused;
	w.rig.store->base.up = false;
	assert_int_equal(named(ALICE, "kannel:stop", "STOP").result, SMS_AGAIN);
	w.rig.store->base.up = true;
	/* The gateway does not repeat it. */
	file(ALICE, "A clue after the outage");
	expect_line(NULL);
	restart();
	file(ALICE, "A clue after a restart");
	expect_line(NULL);
}

static void what_cannot_be_kept_comes_again(void **unused)
{
	(void)unused;
	w.rig.store->trouble = TROUBLE_LOST;
	w.rig.store->trouble_of = STORE_MEMO_PUT;
	assert_int_equal(named(ALICE, "kannel:stop", "STOP").result, SMS_AGAIN);
	file(ALICE, "A clue is a clue");
	w.rig.store->trouble = TROUBLE_NONE;
	assert_int_equal(look(), 1);
	assert_int_equal(named(ALICE, "kannel:stop", "STOP").result, SMS_TAKEN);
	restart();
	file(ALICE, "Nothing is said to it");
	expect_line(NULL);
}

static void a_telephone_is_forgotten_after_its_time(void **unused)
{
	(void)unused;
	w.policy.memory_s = 86400;
	restart();
	file(ALICE, "A clue of long ago");
	store_memory_advance(w.rig.store->memory, 86401 * 1000);
	w.now_ms += 25 * HOUR;
	file(ALICE, "supplement: nobody knows to what");
}

/* --- a sender that is not the sender ----------------------------------------------------------------------- */

/* A gateway that writes any number as the sender reads the answers, too. */
static void another_connector_learns_nothing(void **unused)
{
	struct tip_id id = file(ALICE, "A clue that came by one connector");

	(void)unused;
	expect_answered_tip(&id);
	connector = "other";
	assert_int_equal(from(ALICE, "status").as, SMS_AS_QUESTION);
	expect_line("No more can be shown for a number alone. Please delete this message.");
	from(ALICE, arena_printf(&w.arena, "status %s", number_of(&id)));
	expect_line("No more can be shown for a number alone. Please delete this message.");
	from(ALICE, "code");
	expect_line("It cannot be sent now. Please delete this message.");
	file(ALICE, arena_printf(&w.arena, "supplement %s he is a friend of the mayor", number_of(&id)));
	assert_int_equal(messages_of(&id), 0);
	connector = "kannel";
	w.now_ms += 24 * HOUR;
	assert_int_equal(from(ALICE, "supplement he was on foot").as, SMS_AS_SUPPLEMENT);
	assert_int_equal(messages_of(&id), 1);
	/* Whoever wants no answers wants none by any. */
	from(ALICE, "stop");
	connector = "other";
	look();
	file(ALICE, "A clue after that");
	expect_line(NULL);
	connector = "kannel";
}

/* Senders can be forged, as many as somebody likes. */
static void many_telephones_get_so_many_a_minute(void **unused)
{
	(void)unused;
	w.policy.per_minute = 3;
	restart();
	for (unsigned i = 0; i < 10; i++)
		file(arena_printf(&w.arena, "+861380013%04u", i), "A clue of somebody");
	assert_int_equal(look(), 3);
	w.now_ms += 60000;
	file(BOB, "A clue in the next minute");
	assert_int_equal(look(), 1);
}

/* --- what no tip can hold -------------------------------------------------------------------------------- */

/* 255 parts hold more than a tip may have. */
static void a_long_text_is_several_tips(void **unused)
{
	struct heard *heard;
	struct tip_id id;

	(void)unused;
	w.policy.text_max = 100;
	restart();
	heard = send_by(w.hear, ALICE, "kannel:long",
			"He drove along the harbour road. He stopped at a warehouse of the shipping company at four in the morning. "
			"两个人把箱子搬上一辆没有牌照的白色货车，然后向北开走了。 He came back alone and went into the house");
	run();
	assert_true(heard->ended && heard->end.result == SMS_TAKEN && heard->end.as == SMS_AS_TIP);
	id = heard->end.id;
	expect_answered_tip(&id);
	assert_int_equal(intake_figures(w.rig.app.intake)->by_verdict[INTAKE_ACCEPTED], 3);
	assert_int_equal(named(ALICE, "kannel:long2", "补充：车牌是蒙KA1234").as, SMS_AS_SUPPLEMENT);
	assert_int_equal(messages_of(&id), 1);
}

/* A gateway that hears "no" brings it again and again, and others wait behind it. */
static void a_blank_text_is_taken_and_is_nothing(void **unused)
{
	struct sms_heard_end end = from(ALICE, " \r\n ");

	(void)unused;
	assert_int_equal(end.result, SMS_TAKEN);
	assert_int_equal(end.as, SMS_AS_NOTHING);
	expect_line(NULL);
}

/* --- a store that is put back --------------------------------------------------------------------------------- */

/* More than two years. */
static void store_forgets(void)
{
	for (int i = 0; i < 20; i++)
		store_memory_advance(w.rig.store->memory, 40u * 86400 * 1000);
	/* What was handed out before is due again. */
	look();
}

/* Not the store and not a restart: the disk. */
static void a_stop_outlives_the_store(void **unused)
{
	char path[] = "/tmp/tipline-hear-XXXXXX";
	int fd = mkstemp(path);

	(void)unused;
	assert_true(fd >= 0);
	close(fd);
	w.wishes = path;
	restart();
	from(ALICE, "STOP");
	assert_int_equal(look(), 1);
	/* As after a restore of an older copy: the store knows nobody. */
	store_forgets();
	restart();
	file(ALICE, "A clue after the restore");
	from(ALICE, "HELP");
	expect_line(NULL);
	from(ALICE, "START");
	assert_int_equal(look(), 1);
	store_forgets();
	restart();
	from(ALICE, "HELP");
	assert_int_equal(look(), 1);
	/* One heard it to stop, the other to start again, later: that holds for both. */
	from(ALICE, "STOP");
	look();
	w.wishes = NULL;
	w.other = a_hear();
	w.now_ms += 60000;
	send_by(w.other, ALICE, next_id(), "START");
	run();
	assert_int_equal(look(), 1);
	w.now_ms += 60000;
	from(ALICE, "HELP");
	assert_int_equal(look(), 1);
	assert_int_equal(unlink(path), 0);
}

/* --- messages without an id ------------------------------------------------------------------------------- */

#define SAME "kannel:the mark of what it says"

static void the_same_words_in_a_minute_are_one_message(void **unused)
{
	struct tip_id first;

	(void)unused;
	w.number = NOON;
	w.other = a_hear();
	first = named(ALICE, SAME, "somebody was there at noon").id;
	assert_int_equal(look(), 1);
	/* To another daemon, after a restart, and a minute from each. */
	for (int i = 0; i < 5; i++) {
		struct heard *again;

		w.now_ms += 50000;
		again = send_by(i % 2 ? w.hear : w.other, ALICE, SAME, "somebody was there at noon");
		run();
		assert_int_equal(again->end.as, SMS_AS_REPETITION);
		restart();
	}
	expect_line(NULL);
	/* Said once more: by whichever daemon, one message more. */
	w.now_ms += 62000;
	send_by(w.other, ALICE, SAME, "somebody was there at noon");
	assert_string_not_equal(named(ALICE, SAME, "somebody was there at noon").id.text, first.text);
	run();
	assert_int_equal(look(), 1);
	w.now_ms += 62000;
	assert_int_equal(named(ALICE, SAME, "somebody was there at noon").as, SMS_AS_TIP);
	assert_int_equal(look(), 1);
}

static void a_tip_without_its_memory_is_known_by_its_name(void **unused)
{
	struct sms_heard_end end;
	struct tip_id first;

	(void)unused;
	w.number = NOON;
	w.rig.store->trouble = TROUBLE_LOST;
	w.rig.store->trouble_of = STORE_MEMO_PUT;
	first = named(ALICE, SAME, "somebody was there at noon").id;
	w.rig.store->trouble = TROUBLE_NONE;
	restart();
	end = named(ALICE, SAME, "somebody was there at noon");
	assert_string_equal(end.id.text, first.text);
	assert_int_equal(look(), 1);
}

static void a_question_may_be_asked_again(void **unused)
{
	(void)unused;
	w.number = NOON;
	file(ALICE, "a clue that is asked about");
	look();
	for (int i = 0; i < 3; i++) {
		w.now_ms += 70000;
		assert_int_equal(named(ALICE, SAME, "STATUS").as, SMS_AS_QUESTION);
		assert_int_equal(named(ALICE, SAME, "STATUS").as, SMS_AS_REPETITION);
		assert_int_equal(look(), 1);
	}
}

/* --- places ------------------------------------------------------------------------------------------------ */

static void the_number_or_a_word_picks_the_region(void **unused)
{
	struct tip_id id;

	(void)unused;
	w.policy.areas = SPAN("0571=330100,BJ=110000");
	restart();
	id = file(ALICE, "somebody was there at noon");
	assert_string_equal(row_of(&id)->region, "330100");
	id = file(ALICE, "bj somebody was there at night");
	assert_string_equal(row_of(&id)->region, "110000");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_clue_is_a_tip_and_is_answered_once),
		TEST(a_telephone_that_floods_has_to_come_again),
		TEST(without_the_store_each_process_counts_alone),
		TEST(a_supplement_goes_to_the_latest_tip),
		TEST(a_supplement_goes_where_its_number_says),
		TEST(a_supplement_without_a_tip_of_its_own_is_a_clue),
		TEST(a_supplement_comes_once),
		TEST(a_tip_takes_its_memory_along),
		TEST(the_memory_of_a_tip_may_come_later_than_the_tip),
		TEST(a_tip_in_the_spool_is_remembered_too),
		TEST(two_texts_under_one_id_are_two_tips_in_the_memory),
		TEST(a_lost_answer_of_the_store_adds_once),
		TEST(what_was_added_is_no_tip_as_well),
		TEST(what_became_a_tip_is_not_added_as_well),
		TEST(an_open_tip_goes_before_a_closed_one),
		TEST(the_sender_is_told_how_it_stands),
		TEST(a_number_alone_tells_nothing),
		TEST(the_code_is_told_to_its_sender_for_a_while),
		TEST(a_code_is_never_told_where_that_is_off),
		TEST(the_language_is_kept),
		TEST(stop_is_kept),
		TEST(a_robot_gets_so_many),
		TEST(many_at_once_get_no_more),
		TEST(two_daemons_remember_together),
		TEST(one_answer_waits_for_the_morning),
		TEST(only_telephones_are_talked_to),
		TEST(a_clue_is_taken_without_the_store),
		TEST(a_stop_is_not_forgotten_without_the_store),
		TEST(what_cannot_be_kept_comes_again),
		TEST(a_telephone_is_forgotten_after_its_time),
		TEST(another_connector_learns_nothing),
		TEST(many_telephones_get_so_many_a_minute),
		TEST(a_long_text_is_several_tips),
		TEST(a_blank_text_is_taken_and_is_nothing),
		TEST(a_stop_outlives_the_store),
		TEST(the_same_words_in_a_minute_are_one_message),
		TEST(a_tip_without_its_memory_is_known_by_its_name),
		TEST(a_question_may_be_asked_again),
		TEST(the_number_or_a_word_picks_the_region),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	app_rig_done();
	return failed;
}
