/*
 * The casebook against a small world: journals of three shards, a store that
 * takes its decisions or not, and officers who link, part and decline.
 */
#include "daemon/core/incident/casebook.h"

#include "daemon/base/buf.h"
#include "daemon/base/hex.h"
#include "daemon/base/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#define SHARDS 3
#define EVENTS_MAX 30000
#define TIPS_MAX 12000

static const char shards[SHARDS][3] = { "11", "15", "44" };
static const char *const regions[SHARDS] = { "110105", "150602", "440305" };

struct entry {
	struct span json;
	struct span fingerprint;
};

struct journal {
	struct entry *at;
	size_t n;
	size_t read; /* by the casebook */
	size_t note; /* what is judged is settled up to here */
};

struct known {
	struct tip_id id;
	struct tip_id parent; /* text empty: none */
	int64_t received_ms;
	unsigned points;
	unsigned shard;
};

static struct world {
	struct arena arena;
	struct normalizer *normalizer;
	struct rules *rules;
	struct fingerprinter key;
	struct casebook_limits limits;
	struct casebook *book;
	struct journal journals[SHARDS];
	struct known tips[TIPS_MAX];
	size_t ntips;
	uint64_t random;
	int64_t now_ms;
	bool deaf;  /* the store takes no decision */
	struct casebook_decision last[64]; /* the decisions of the last event */
	size_t nlast;
	size_t decisions[4];
} w;

/* --- the world ----------------------------------------------------------------------------------- */

#define RULE(name, points, when)                                                                             \
	"  - name: " name "\n    points: " #points                                                           \
	"\n    reason: { zh-CN: 理由, en: reason }\n    when: { " when " }\n"
static const char rules_yaml[] =
	"rules:\n" RULE("told", 10, "others: 1") "    match: [{ context: { others: 1 } }]\n"
						 "    no_match: [b]\n" RULE("right", 6, "sender_verified: 1")
	"    match: [{ context: { sender_verified: 1 } }]\n    no_match: [b]\n" RULE("wrong", -5,
										     "sender_unfounded: 1")
	"    match: [{ context: { sender_unfounded: 1 } }]\n    no_match: [b]\n";

static uint64_t random_below(uint64_t n)
{
	w.random += 0x9E3779B97F4A7C15u;
	return ((w.random ^ w.random >> 31) * 0xBF58476D1CE4E5B9u >> 16) % n;
}

static struct casebook *book_new(void)
{
	return casebook_new(&w.limits, w.rules, 7);
}

static int begin(void **state)
{
	const struct fingerprint_key key = { .bytes = { 9 } };
	const struct rule_file file = { .name = "x.yaml", .yaml = SPAN(rules_yaml) };
	struct complaint why;

	(void)state;
	w = (struct world){ .random = 5, .now_ms = 1000000, .normalizer = normalizer_new() };
	w.limits = (struct casebook_limits){ .max_tips = 20000, .max_incidents = 4096, .max_senders = 100 };
	w.rules = rules_new(&file, 1, &why);
	if (w.rules == NULL)
		fail_msg("%s", why.text);
	fingerprinter_init(&w.key, &key);
	for (size_t i = 0; i < SHARDS; i++)
		w.journals[i].at = calloc(EVENTS_MAX, sizeof(struct entry));
	w.book = book_new();
	return 0;
}

static int finish(void **state)
{
	(void)state;
	casebook_free(w.book);
	rules_free(w.rules);
	normalizer_free(w.normalizer);
	for (size_t i = 0; i < SHARDS; i++)
		free(w.journals[i].at);
	arena_release(&w.arena);
	return 0;
}

static void write_event(unsigned shard, struct span fingerprint, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void write_event(unsigned shard, struct span fingerprint, const char *format, ...)
{
	struct journal *journal = &w.journals[shard];
	char json[512];
	va_list args;

	va_start(args, format);
	vsnprintf(json, sizeof(json), format, args);
	va_end(args);
	assert_true(journal->n < EVENTS_MAX);
	journal->at[journal->n++] = (struct entry){ .json = arena_dup(&w.arena, span_of(json)),
						    .fingerprint = arena_dup(&w.arena, fingerprint) };
}

static struct span fingerprint_of(const char *text)
{
	struct fingerprint_input in = { .original = span_of(text) };
	struct arena arena = { 0 };
	struct fingerprint fingerprint_;
	struct entities entities;
	struct folded folded;
	struct span packed;

	normalize(w.normalizer, in.original, &arena, &folded);
	entities_find(folded.text, &entities);
	in.text = &folded;
	in.entities = &entities;
	fingerprint(&w.key, &in, &arena, &fingerprint_);
	packed = fingerprint_pack(&fingerprint_, &w.arena);
	arena_release(&arena);
	return packed;
}

struct sent {
	unsigned shard;
	const char *text;
	const char *sender;   /* 16 hex digits, or NULL */
	int64_t late_ms;      /* received so long ago */
};

static struct known *send(const struct sent *sent)
{
	struct known *tip = &w.tips[w.ntips];
	char sender[40] = "";

	assert_true(w.ntips < TIPS_MAX);
	*tip = (struct known){ .shard = sent->shard, .points = 30, .received_ms = w.now_ms - sent->late_ms };
	snprintf(tip->id.text, sizeof(tip->id.text), "%s-%010zu", shards[sent->shard], w.ntips++);
	if (sent->sender != NULL)
		snprintf(sender, sizeof(sender), ",\"sender\":\"%s\"", sent->sender);
	write_event(sent->shard, fingerprint_of(sent->text),
		    "{\"e\":\"accepted\",\"id\":\"%s\",\"at\":%lld,\"region\":\"%s\",\"points\":%u,\"via\":\"web\"%s}",
		    tip->id.text, (long long)tip->received_ms, regions[sent->shard], tip->points, sender);
	w.now_ms += 10;
	return tip;
}

static struct known *known(const struct tip_id *id)
{
	for (size_t i = 0; i < w.ntips; i++)
		if (memcmp(w.tips[i].id.text + 3, id->text + 3, 10) == 0)
			return &w.tips[i];
	fail_msg("%s is unknown", id->text);
	return NULL;
}

/* Says so in the journal of the tip's shard. */
static void fact(const struct known *tip, const char *name, const char *more)
{
	write_event(tip->shard, (struct span){ 0 }, "{\"e\":\"%s\",\"id\":\"%s\",\"at\":%lld%s}", name, tip->id.text,
		    (long long)w.now_ms++, more);
}

static void fact_with(struct known *tip, const char *name, const struct known *other, const char *why)
{
	char more[80];

	snprintf(more, sizeof(more), ",\"by\":\"x\",\"incident\":\"%s\",\"why\":\"%s\"", other->id.text, why);
	fact(tip, name, more);
}

static bool older(const struct known *a, const struct known *b)
{
	return a->received_ms != b->received_ms ? a->received_ms < b->received_ms
						: strcmp(a->id.text, b->id.text) < 0;
}

static void link_tip(struct known *tip, const struct known *parent, const char *why)
{
	if (tip->parent.text[0] != '\0')
		return;
	assert_true(older(parent, tip));
	tip->parent = parent->id;
	fact_with(tip, "linked", parent, why);
}

static void unlink_tip(struct known *tip)
{
	fact_with(tip, "unlinked", known(&tip->parent), "");
	tip->parent.text[0] = '\0';
}

static void transfer(struct known *tip, unsigned to, unsigned hops)
{
	struct tip_id from = tip->id;
	char more[200];

	fact(tip, "transferred_away", "");
	memcpy(tip->id.text, shards[to], 2);
	tip->shard = to;
	snprintf(more, sizeof(more),
		 ",\"from\":\"%s\",\"region\":\"%s\",\"points\":30,\"hops\":%u,\"received\":%lld%s%s%s", from.text,
		 regions[to], hops, (long long)tip->received_ms, tip->parent.text[0] != '\0' ? ",\"incident\":\"" : "",
		 tip->parent.text, tip->parent.text[0] != '\0' ? "\"" : "");
	fact(tip, "received", more);
}

/* As the store does with a decision of the job. */
static void obey(const struct casebook_decision *decision)
{
	struct known *tip = known(&decision->id);
	char more[100];

	w.decisions[decision->kind]++;
	assert_int_equal(decision->received_ms, tip->received_ms);
	if (decision->kind != CASEBOOK_SCORE)
		assert_int_equal(decision->other_ms, known(&decision->other)->received_ms);
	if (w.deaf)
		return;
	switch (decision->kind) {
	case CASEBOOK_LINK:
		link_tip(tip, known(&decision->other), decision->why);
		break;
	case CASEBOOK_SUGGEST:
		fact_with(tip, "suggested", known(&decision->other), decision->why);
		break;
	case CASEBOOK_SCORE:
		snprintf(more, sizeof(more), ",\"points\":%u", decision->points);
		fact(tip, "rescored", more);
		break;
	case CASEBOOK_CHILD:
		break;
	}
}

static void keep(const struct casebook_decisions *out)
{
	for (size_t i = 0; i < out->n; i++) {
		if (w.nlast < COUNT_OF(w.last))
			w.last[w.nlast++] = out->at[i];
		obey(&out->at[i]);
	}
}

static void read_event(struct casebook *book, unsigned shard, size_t at, bool judge)
{
	static struct casebook_decisions out;
	const struct entry *entry = &w.journals[shard].at[at];
	struct complaint why = { .line = 0 };

	w.nlast = 0;
	if (!casebook_event(book, span_of(shards[shard]), entry->json, entry->fingerprint, judge, &out, &why))
		fail_msg("%.*s: %s", (int)entry->json.len, entry->json.at, why.text);
	assert_true(judge || out.n == 0);
	keep(&out);
	for (casebook_rest(book, &out); out.n > 0; casebook_rest(book, &out)) {
		assert_true(judge);
		keep(&out);
	}
}

/* Reads on until all is judged, shard after shard, with what the decisions bring about. */
static void run(void)
{
	for (bool more = true; more;) {
		more = false;
		for (unsigned s = 0; s < SHARDS; s++) {
			struct journal *journal = &w.journals[s];

			for (; journal->read < journal->n; more = true)
				read_event(w.book, s, journal->read++, true);
			journal->note = journal->read;
		}
	}
}

/* Another process: it knows the journals and how far they were judged. */
static void restart(void)
{
	casebook_free(w.book);
	w.book = book_new();
	for (unsigned s = 0; s < SHARDS; s++)
		for (w.journals[s].read = 0; w.journals[s].read < w.journals[s].note; w.journals[s].read++)
			read_event(w.book, s, w.journals[s].read, false);
}

static struct known *root_by_facts(struct known *tip)
{
	while (tip->parent.text[0] != '\0')
		tip = known(&tip->parent);
	return tip;
}

static void assert_roots(struct casebook *book)
{
	for (size_t i = 0; i < w.ntips; i++) {
		struct tip_id root;

		assert_true(casebook_root(book, &w.tips[i].id, &root));
		assert_string_equal(root.text, root_by_facts(&w.tips[i])->id.text);
	}
}

/* --- texts ---------------------------------------------------------------------------------------- */

/* Some forty Han characters that no other text has in this order. */
static char *some_text(void)
{
	struct buf text = { 0 };
	char *copy;

	for (unsigned i = 0; i < 40; i++) {
		unsigned code = 0x4e00 + (unsigned)random_below(0x4000);
		const char utf8[3] = { (char)(0xe0 | code >> 12), (char)(0x80 | (code >> 6 & 63)),
				       (char)(0x80 | (code & 63)) };

		buf_add(&text, utf8, 3);
	}
	copy = arena_printf(&w.arena, "%.*s", (int)text.len, text.at);
	buf_release(&text);
	return copy;
}

static char *copy_of(const char *text)
{
	return arena_printf(&w.arena, "转给大家看看:%.*s", (int)strlen(text) - 3 * (int)random_below(8), text);
}

static char *with_plate(const char *text, unsigned number)
{
	return arena_printf(&w.arena, "%s,车牌是蒙A%05u,", text, 10000 + number);
}

/* --- linking ---------------------------------------------------------------------------------------- */

static void a_flood_of_copies_is_one_incident(void **state)
{
	const char *text = some_text();
	struct casebook_figures figures;
	struct tip_id root;

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		send(&(struct sent){ .shard = i % SHARDS, .text = i % 7 == 0 ? copy_of(text) : text });
	run();
	for (size_t i = 0; i < w.ntips; i++) {
		assert_true(casebook_root(w.book, &w.tips[i].id, &root));
		assert_string_equal(root.text, w.tips[0].id.text);
		assert_string_equal(root_by_facts(&w.tips[i])->id.text, w.tips[0].id.text);
	}
	casebook_figures(w.book, &figures);
	assert_int_equal(figures.incidents, 1);
	assert_int_equal(w.decisions[CASEBOOK_LINK], 9999);
	assert_int_equal(w.decisions[CASEBOOK_SUGGEST], 0);
	assert_true(w.decisions[CASEBOOK_SCORE] < 20);
}

static void the_same_words_with_another_number_are_another_case(void **state)
{
	const char *text = some_text();

	(void)state;
	send(&(struct sent){ .text = with_plate(text, 1) });
	send(&(struct sent){ .text = with_plate(text, 54321) });
	run();
	assert_int_equal(w.decisions[CASEBOOK_LINK], 0);
}

static void a_shared_plate_joins_in_other_words(void **state)
{
	struct known *first = send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5) });
	struct known *other = send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5) });

	(void)state;
	run();
	assert_string_equal(other->parent.text, first->id.text);
	assert_int_equal(w.decisions[CASEBOOK_SCORE], 1);
}

static void a_shared_plate_far_away_is_only_suggested(void **state)
{
	(void)state;
	send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5) });
	send(&(struct sent){ .shard = 2, .text = with_plate(some_text(), 5) });
	run();
	assert_int_equal(w.decisions[CASEBOOK_LINK], 0);
	assert_int_equal(w.decisions[CASEBOOK_SUGGEST], 1);
	run();
	assert_int_equal(w.decisions[CASEBOOK_SUGGEST], 1);
}

/* An officer has put two cases together: the words of the one and the plate of the other. */
static void a_twin_with_a_plate_of_the_incident_is_suggested(void **state)
{
	const char *text = some_text();
	struct known *first = send(&(struct sent){ .shard = 1, .text = with_plate(text, 1) });
	struct known *second = send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 54321) }), *twin;

	(void)state;
	run();
	link_tip(second, first, "officer");
	run();
	twin = send(&(struct sent){ .shard = 1, .text = with_plate(text, 54321) });
	run();
	assert_string_equal(twin->parent.text, "");
	assert_int_equal(w.decisions[CASEBOOK_LINK], 0);
	assert_int_equal(w.decisions[CASEBOOK_SUGGEST], 1);
}

static void the_parent_is_the_older_one_whenever_it_is_read(void **state)
{
	const char *text = some_text();
	struct known *late, *first, *second, *third;

	(void)state;
	second = send(&(struct sent){ .shard = 1, .text = text });
	third = send(&(struct sent){ .shard = 2, .text = text });
	run();
	first = send(&(struct sent){ .shard = 0, .text = text, .late_ms = 500 });
	run();
	late = send(&(struct sent){ .shard = 1, .text = text });
	run();
	assert_string_equal(second->parent.text, first->id.text);
	assert_string_equal(third->parent.text, second->id.text);
	assert_string_equal(late->parent.text, first->id.text);
	assert_roots(w.book);
}

/* The store had hung the younger one elsewhere by then; the older one is not left alone. */
static void an_older_one_that_comes_late_is_not_left_alone(void **state)
{
	const char *text = some_text();
	struct known *other = send(&(struct sent){ .shard = 2, .text = some_text() });
	struct known *copy = send(&(struct sent){ .shard = 1, .text = text }), *late;

	(void)state;
	run();
	link_tip(copy, other, "officer");
	late = send(&(struct sent){ .shard = 0, .text = text, .late_ms = 500 });
	run();
	assert_string_equal(copy->parent.text, other->id.text);
	assert_ptr_equal(root_by_facts(late), root_by_facts(copy));
	assert_roots(w.book);
}

/* But what a person keeps apart stays apart. */
static void an_older_one_that_was_declined_stays_alone(void **state)
{
	const char *text = some_text();
	struct known *other = send(&(struct sent){ .shard = 2, .text = some_text() });
	struct known *copy = send(&(struct sent){ .shard = 1, .text = text }), *late;

	(void)state;
	run();
	late = send(&(struct sent){ .shard = 0, .text = text, .late_ms = 500 });
	fact_with(copy, "declined", late, "");
	link_tip(copy, other, "officer");
	run();
	assert_string_equal(late->parent.text, "");
	assert_roots(w.book);
}

static void a_new_tip_hangs_under_what_is_left_of_an_old_incident(void **state)
{
	const char *text = some_text();
	struct known *second, *last;

	(void)state;
	casebook_free(w.book);
	w.limits.max_tips = 10;
	w.book = book_new();
	send(&(struct sent){ .text = text });
	second = send(&(struct sent){ .text = text });
	for (unsigned i = 0; i < 8; i++)
		send(&(struct sent){ .text = some_text() });
	run();
	send(&(struct sent){ .text = some_text() });
	last = send(&(struct sent){ .text = text });
	run();
	assert_string_equal(last->parent.text, "");
	assert_string_not_equal(second->parent.text, "");
}

/* --- what officers say ----------------------------------------------------------------------------- */

static void what_was_declined_is_not_suggested_again(void **state)
{
	struct known *first = send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5) });
	struct known *far = send(&(struct sent){ .shard = 2, .text = with_plate(some_text(), 5) });

	(void)state;
	run();
	fact_with(far, "declined", first, "");
	run();
	/* Judged anew, as after a crash before any note. */
	for (unsigned s = 0; s < SHARDS; s++)
		w.journals[s].note = 0;
	w.deaf = true;
	restart();
	run();
	assert_int_equal(w.decisions[CASEBOOK_SUGGEST], 2);
	/* A copy of each does not bring it up again. */
	w.deaf = false;
	send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5) });
	run();
	assert_int_equal(w.decisions[CASEBOOK_SUGGEST], 2);
	assert_string_equal(far->parent.text, "");
}

static void what_was_declined_is_not_suggested_even_when_it_is_judged_later(void **state)
{
	struct known *one = send(&(struct sent){ .shard = 0, .text = with_plate(some_text(), 5) });
	struct known *other = send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5) });

	(void)state;
	/* As after a crash: what a person said of it is read first. */
	fact_with(one, "declined", other, "");
	run();
	assert_int_equal(w.decisions[CASEBOOK_SUGGEST], 0);
}

static void who_was_taken_out_stays_out_with_all_that_hang_under_him(void **state)
{
	const char *text = some_text();
	struct known *tips[5];

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		tips[i] = send(&(struct sent){ .shard = i % SHARDS, .text = i < 2 ? text : some_text() });
	run();
	link_tip(tips[2], tips[1], "");
	link_tip(tips[3], tips[2], "");
	run();
	assert_roots(w.book);
	unlink_tip(tips[1]);
	run();
	assert_roots(w.book);
	assert_string_equal(root_by_facts(tips[3])->id.text, tips[1]->id.text);
	restart();
	assert_roots(w.book);
}

static void a_person_counts_more_than_the_judgement(void **state)
{
	const char *text = some_text();
	struct known *own = send(&(struct sent){ .shard = 0, .text = some_text() });
	struct known *first = send(&(struct sent){ .shard = 1, .text = text });
	struct known *copy = send(&(struct sent){ .shard = 1, .text = text });

	(void)state;
	/* An officer was faster, and the store refuses what the casebook decides. */
	link_tip(copy, own, "officer");
	run();
	assert_string_equal(first->parent.text, "");
	assert_roots(w.book);
}

/* --- points ----------------------------------------------------------------------------------------- */

static void others_raise_the_first_tip_and_one_sender_does_not(void **state)
{
	static const char sender[] = "00112233445566aa";
	struct known *first = send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5), .sender = sender });

	(void)state;
	send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5), .sender = sender });
	run();
	assert_int_equal(w.decisions[CASEBOOK_LINK], 1);
	assert_int_equal(w.decisions[CASEBOOK_SCORE], 0);
	send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5), .sender = "00112233445566bb" });
	w.nlast = 0;
	run();
	assert_int_equal(w.decisions[CASEBOOK_SCORE], 1);
	send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5) });
	run();
	assert_int_equal(w.decisions[CASEBOOK_SCORE], 1);
	restart();
	send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5) });
	run();
	assert_int_equal(w.decisions[CASEBOOK_SCORE], 1);
	assert_roots(w.book);
	assert_string_equal(first->parent.text, "");
}

static void a_tip_that_is_worked_on_is_told_when_it_is_back(void **state)
{
	struct known *first = send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5) });

	(void)state;
	fact(first, "claimed", "");
	send(&(struct sent){ .shard = 1, .text = with_plate(some_text(), 5) });
	run();
	assert_int_equal(w.decisions[CASEBOOK_SCORE], 0);
	fact(first, "released", ",\"region\":\"150602\",\"points\":30");
	run();
	assert_int_equal(w.decisions[CASEBOOK_SCORE], 1);
}

static void a_sender_is_known_by_how_earlier_tips_ended(void **state)
{
	static const char sender[] = "00112233445566aa";
	struct known *first = send(&(struct sent){ .shard = 1, .text = some_text(), .sender = sender });

	(void)state;
	fact(first, "closed", ",\"outcome\":\"verified\"");
	send(&(struct sent){ .shard = 2, .text = some_text(), .sender = sender });
	run();
	assert_int_equal(w.decisions[CASEBOOK_SCORE], 1);
	assert_int_equal(w.last[0].points, 36);
	fact(first, "reopened", "");
	run();
	send(&(struct sent){ .shard = 1, .text = some_text(), .sender = sender });
	run();
	assert_int_equal(w.decisions[CASEBOOK_SCORE], 1);
	fact(first, "closed", ",\"outcome\":\"unfounded\"");
	run();
	send(&(struct sent){ .shard = 0, .text = some_text(), .sender = sender });
	run();
	assert_int_equal(w.decisions[CASEBOOK_SCORE], 2);
	restart();
	send(&(struct sent){ .shard = 0, .text = some_text(), .sender = sender });
	run();
	assert_int_equal(w.decisions[CASEBOOK_SCORE], 3);
}

/* --- transfers ---------------------------------------------------------------------------------------- */

static void the_children_of_a_tip_that_moved_are_told_there(void **state)
{
	const char *text = some_text();
	struct known *first = send(&(struct sent){ .shard = 1, .text = text });
	struct known *late;
	size_t children = 0;

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		send(&(struct sent){ .shard = i % SHARDS, .text = text });
	run();
	transfer(first, 2, 1);
	run();
	for (size_t i = 0; i < w.ntips; i++)
		children += memcmp(w.tips[i].parent.text + 2, first->id.text + 2, 11) == 0;
	assert_true(children > CASEBOOK_DECISIONS_MAX);
	assert_int_equal(w.decisions[CASEBOOK_CHILD], children);
	assert_roots(w.book);
	late = send(&(struct sent){ .shard = 1, .text = text });
	run();
	assert_string_equal(late->parent.text, first->id.text);
	transfer(late, 0, 1);
	run();
	assert_int_equal(w.decisions[CASEBOOK_CHILD], children + 1);
	restart();
	assert_roots(w.book);
}

/* --- properties ------------------------------------------------------------------------------------------ */

/* A few incidents, each told in a few ways; officers and transfers in between. */
static void some_day(unsigned ntips)
{
	enum { CASES = 12 };
	const char *texts[CASES];

	for (unsigned i = 0; i < CASES; i++)
		texts[i] = some_text();
	for (unsigned i = 0; i < ntips; i++) {
		unsigned about = (unsigned)random_below(CASES);
		const char *text = random_below(3) == 0 ? with_plate(some_text(), about) : copy_of(texts[about]);

		send(&(struct sent){ .shard = (unsigned)random_below(SHARDS),
				     .text = random_below(4) == 0 ? some_text() : text,
				     .late_ms = random_below(10) == 0 ? (int64_t)random_below(200) : 0 });
	}
}

static void some_officer(void)
{
	struct known *tip = &w.tips[random_below(w.ntips)], *other = &w.tips[random_below(w.ntips)];

	if (tip->parent.text[0] != '\0') {
		unlink_tip(tip);
	} else if (root_by_facts(tip) != root_by_facts(other)) {
		tip = root_by_facts(tip);
		other = root_by_facts(other);
		link_tip(older(other, tip) ? tip : other, older(other, tip) ? other : tip, "officer");
	}
}

/* Reads all journals without judging, each in order, turn by chance. */
static struct casebook *read_by_chance(void)
{
	struct casebook *book = book_new();
	size_t at[SHARDS] = { 0 };
	bool more = true;

	while (more) {
		unsigned s = (unsigned)random_below(SHARDS);

		more = false;
		for (unsigned i = random_below(50) == 0 ? 2000 : 3; i > 0 && at[s] < w.journals[s].n; i--)
			read_event(book, s, at[s]++, false);
		for (unsigned i = 0; i < SHARDS; i++)
			more = more || at[i] < w.journals[i].n;
	}
	return book;
}

static void some_weeks(void)
{
	for (unsigned day = 0; day < 20; day++) {
		some_day(20);
		run();
		for (unsigned i = 0; i < 5; i++)
			some_officer();
		if (day % 3 == 0)
			transfer(&w.tips[random_below(w.ntips)], (unsigned)random_below(SHARDS), day + 1);
		run();
	}
}

static void any_order_of_the_shards_gives_the_same_incidents(void **state)
{
	struct casebook *book;

	for (uint64_t seed = 1; seed <= 5; seed++) {
		finish(state);
		begin(state);
		w.random = seed;
		some_weeks();
		assert_roots(w.book);
		for (unsigned i = 0; i < 10; i++) {
			book = read_by_chance();
			assert_roots(book);
			casebook_free(book);
		}
	}
}

/* The same days with and without other processes taking over in between. */
static void live(bool interrupted)
{
	uint64_t chance = 99;

	for (unsigned day = 0; day < 30; day++) {
		some_day(15);
		run();
		chance = chance * 6364136223846793005u + 1442695040888963407u;
		if (interrupted && chance >> 62 == 0)
			restart();
	}
	if (interrupted)
		assert_roots(w.book);
}

static void a_restart_at_any_point_changes_nothing(void **state)
{
	static struct known without[TIPS_MAX];
	size_t n;

	live(false);
	n = w.ntips;
	memcpy(without, w.tips, n * sizeof(*without));
	finish(state);
	begin(state);
	live(true);
	assert_int_equal(w.ntips, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(w.tips[i].parent.text, without[i].parent.text);
}

static void a_crash_before_the_note_decides_the_same_again(void **state)
{
	size_t links;

	(void)state;
	some_day(200);
	run();
	links = w.decisions[CASEBOOK_LINK];
	for (unsigned s = 0; s < SHARDS; s++)
		w.journals[s].note /= 2;
	restart();
	run();
	assert_roots(w.book);
	/* The store has them already: obey() wrote none of them twice. */
	assert_true(w.decisions[CASEBOOK_LINK] > links);
	restart();
	assert_roots(w.book);
}

static void memory_is_bounded_and_the_oldest_leave(void **state)
{
	struct casebook_figures before, after;
	struct tip_id root;

	(void)state;
	casebook_free(w.book);
	w.limits = (struct casebook_limits){ .max_tips = 100, .max_incidents = 16, .max_senders = 4 };
	w.book = book_new();
	casebook_figures(w.book, &before);
	for (unsigned i = 0; i < 2000; i++)
		send(&(struct sent){ .shard = i % SHARDS,
				     .text = some_text(),
				     .sender = arena_printf(&w.arena, "%016x", i % 50) });
	run();
	casebook_figures(w.book, &after);
	assert_int_equal(after.bytes, before.bytes);
	assert_int_equal(after.tips, 100);
	assert_false(casebook_root(w.book, &w.tips[0].id, &root));
	assert_true(casebook_root(w.book, &w.tips[1997].id, &root));
}

static void the_oldest_leave_by_age(void **state)
{
	struct tip_id root;

	(void)state;
	casebook_free(w.book);
	w.limits.max_age_ms = 3600000;
	w.book = book_new();
	send(&(struct sent){ .text = some_text() });
	w.now_ms += 2 * 3600000;
	send(&(struct sent){ .text = some_text() });
	run();
	assert_false(casebook_root(w.book, &w.tips[0].id, &root));
	assert_true(casebook_root(w.book, &w.tips[1].id, &root));
}

static void what_cannot_be_read_is_passed_over(void **state)
{
	static const char *const broken[] = {
		"", "{", "[]", "{\"e\":\"accepted\"}", "{\"e\":\"linked\",\"id\":\"15-0000000001\"}",
		"{\"e\":\"accepted\",\"id\":\"15-000\"}", "{\"e\":\"accepted\",\"id\":\"11-0000000001\",\"at\":1}",
		"{\"e\":\"accepted\",\"id\":\"15-0000000001\",\"points\":101}",
		"{\"e\":\"accepted\",\"id\":\"15-0000000001\",\"at\":-5}",
		"{\"e\":\"linked\",\"id\":\"15-0000000001\",\"incident\":\"x\"}",
	};
	struct casebook_decisions out;
	struct complaint why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(broken); i++)
		assert_false(casebook_event(w.book, SPAN("15"), span_of(broken[i]), (struct span){ 0 }, true, &out,
					    &why));
	/* A tip whose words are unknown can still be linked by a person. */
	assert_false(casebook_event(w.book, SPAN("15"),
				    SPAN("{\"e\":\"accepted\",\"id\":\"15-0000000001\",\"at\":5}"), SPAN("?"), true,
				    &out, &why));
	assert_true(casebook_root(w.book, &(struct tip_id){ "15-0000000001" }, &(struct tip_id){ "" }));
	assert_true(casebook_event(w.book, SPAN("15"), SPAN("{\"e\":\"unheard\"}"), (struct span){ 0 }, true, &out,
				   &why));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_flood_of_copies_is_one_incident),
		TEST(the_same_words_with_another_number_are_another_case),
		TEST(a_shared_plate_joins_in_other_words),
		TEST(a_shared_plate_far_away_is_only_suggested),
		TEST(a_twin_with_a_plate_of_the_incident_is_suggested),
		TEST(the_parent_is_the_older_one_whenever_it_is_read),
		TEST(an_older_one_that_comes_late_is_not_left_alone),
		TEST(an_older_one_that_was_declined_stays_alone),
		TEST(a_new_tip_hangs_under_what_is_left_of_an_old_incident),
		TEST(what_was_declined_is_not_suggested_again),
		TEST(what_was_declined_is_not_suggested_even_when_it_is_judged_later),
		TEST(who_was_taken_out_stays_out_with_all_that_hang_under_him),
		TEST(a_person_counts_more_than_the_judgement),
		TEST(others_raise_the_first_tip_and_one_sender_does_not),
		TEST(a_tip_that_is_worked_on_is_told_when_it_is_back),
		TEST(a_sender_is_known_by_how_earlier_tips_ended),
		TEST(the_children_of_a_tip_that_moved_are_told_there),
		TEST(any_order_of_the_shards_gives_the_same_incidents),
		TEST(a_restart_at_any_point_changes_nothing),
		TEST(a_crash_before_the_note_decides_the_same_again),
		TEST(memory_is_bounded_and_the_oldest_leave),
		TEST(the_oldest_leave_by_age),
		TEST(what_cannot_be_read_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
