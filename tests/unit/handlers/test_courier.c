/*
 * The courier: every item ends once, nothing is sent twice by a living daemon,
 * and no more than eight are on the wire at a time.
 *
 * Store and HTTP client are doubles: each asked question is kept, and answered
 * when the test says so, from the loop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/buf.h"
#include "daemon/core/sms/coding.h"
#include "daemon/http/client.h"
#include "daemon/link/links.h"
#include "daemon/loop/loop.h"
#include "daemon/store/store.h"
#include "handlers/intake/gateway.h"
#include "handlers/notify/courier.h"
#include "handlers/notify/deliveries.h"
#include "handlers/notify/outbox_item.h"

#include <stdio.h>
#include <stdlib.h>

#define ITEMS_MAX 64
#define ENDS_MAX 64

static const struct seal_key key = { .bytes = { 1 } };
static const struct gateway_config gateways[] = {
	{ .name = "kannel", .driver = "kannel", .send_url = "http://127.0.0.1:1/cgi-bin/sendsms" },
	{ .name = "mute", .driver = "kannel", .send_url = "" },
	{ .name = "spare", .driver = "kannel", .send_url = "http://127.0.0.1:2/cgi-bin/sendsms" },
	{ .name = "slow", .driver = "kannel", .send_url = "http://127.0.0.1:3/cgi-bin/sendsms", .per_s = 20 },
};
static const char shards[][3] = { "11", "15" };

struct told_end {
	char shard[3], item[24], event[200];
	enum outbox_end end;
	struct tip_id tip;
	unsigned delay_ms;
};

/* One world for each test. */
static struct world {
	struct loop *loop;
	struct courier *courier;
	struct store store;
	struct store *memory;                /* for memos and intents of its own */
	enum store_outcome memo_outcome;
	unsigned memo_puts, memo_trouble_at; /* the put of that number, from 1, ends as memo_outcome */
	bool memo_applied;                   /* ...though it was written */
	int64_t wall_ms;
	struct {
		struct buf sealed;
		unsigned attempts;
		bool handed;
	} items[ITEMS_MAX];        /* of shard 15; the id is the index */
	size_t nitems;
	struct told_end ends[ENDS_MAX];
	size_t nends;
	enum store_outcome end_outcome;      /* of OUTBOX_END */
	enum store_verdict lease_verdict;
	unsigned due_asked;
	struct store_tip received;
	enum store_outcome receive_outcome;
	enum store_verdict receive_verdict;
	enum http_outcome http;
	int status;
	unsigned on_wire, most_on_wire, sent;
	bool hold;                           /* keep HTTP answers back */
	struct {
		http_answered *done;
		void *ctx;
	} held[ITEMS_MAX];
	char last_body[400], last_to[40], urls[ITEMS_MAX][80];
	struct http_answer script[8];        /* the first answers; then http and status */
	size_t nscript;
	struct {
		unsigned total, number, coding;
		char header[16];
		size_t octets;
	} submitted[ITEMS_MAX];              /* to the carrier */
	size_t nsubmitted;
	enum link_end link_ends[ITEMS_MAX];
	const char *link_ids[ITEMS_MAX];
	bool no_septets;                     /* the carrier has no GSM 7-bit alphabet */
	bool hold_links;                     /* and answer when the test says so */
	void *held_links[8];
	size_t nheld_links;
	enum store_verdict link_verdict;
	char hangs_under[TIP_ID_LEN + 1];    /* what the child's shard says */
	unsigned questions, most_questions;  /* about children, under way */
	char linked[8][200];                 /* events of STORE_LINK */
	size_t nlinked;
} *w;

static int64_t wall(void)
{
	return w->wall_ms;
}

/* --- the store's double ------------------------------------------------------------ */

struct answer {
	struct store_wait wait;
	struct store_reply reply;
	struct store_item items[ITEMS_MAX];
	char ids[ITEMS_MAX][24];
	struct store_row row;
	bool question;
};

static void give(void *ctx)
{
	struct answer *answer = ctx;

	answer->reply.items = answer->items;
	w->questions -= answer->question;
	answer->wait.done(answer->wait.ctx, &answer->reply);
	free(answer);
}

static void hand_out(const struct store_request *request, struct answer *answer)
{
	w->due_asked++;
	assert_true(request->max >= 1 && request->max <= 8);
	assert_int_equal(request->fence, 7);
	if (strcmp(request->shard, "15") != 0)
		return;
	for (size_t i = 0; i < w->nitems && answer->reply.nitems < request->max; i++) {
		if (w->items[i].handed)
			continue;
		size_t n = answer->reply.nitems++;

		w->items[i].handed = true;
		snprintf(answer->ids[n], sizeof(answer->ids[n]), "%zu", i);
		answer->items[n] = (struct store_item){ .id = span_of(answer->ids[n]),
							.payload = buf_span(&w->items[i].sealed),
							.attempts = w->items[i].attempts };
	}
}

static void copy(char *to, size_t size, struct span from)
{
	assert_true(from.len < size);
	if (from.len > 0)
		memcpy(to, from.at, from.len);
	to[from.len] = '\0';
}

static void note_end(const struct store_request *request)
{
	struct told_end *end = &w->ends[w->nends++];

	assert_true(w->nends <= ENDS_MAX);
	memcpy(end->shard, request->shard, 3);
	copy(end->item, sizeof(end->item), request->outbox_end->item);
	copy(end->event, sizeof(end->event), request->outbox_end->event);
	end->tip = request->outbox_end->tip;
	end->end = request->outbox_end->end;
	end->delay_ms = request->outbox_end->delay_ms;
}

static void read_child(struct answer *answer)
{
	answer->question = true;
	if (++w->questions > w->most_questions)
		w->most_questions = w->questions;
	answer->row.state = TIP_QUEUED;
	memcpy(answer->row.parent.text, w->hangs_under, sizeof(w->hangs_under));
	answer->reply.rows = &answer->row;
	answer->reply.nrows = 1;
}

static void note_link(const struct store_request *request, struct answer *answer)
{
	assert_true(w->nlinked < 8);
	assert_null(request->job);
	copy(w->linked[w->nlinked++], sizeof(w->linked[0]), request->link->event);
	answer->question = true;
	w->questions++;
	answer->reply.verdict = w->link_verdict;
}

static void nothing(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	(void)reply;
}

/* True: it was answered, by the store in memory or by trouble. */
static bool memo(const struct store_request *request, struct store_wait wait, struct answer *answer)
{
	bool put = request->op == STORE_MEMO_PUT;

	if (put && ++w->memo_puts == w->memo_trouble_at) {
		if (w->memo_applied)
			store_submit(w->memory, request, (struct store_wait){ .done = nothing });
		answer->reply.outcome = w->memo_outcome;
		return false;
	}
	if (!put && request->op != STORE_MEMO_GET && request->op != STORE_OUTBOX_PUT)
		return false;
	free(answer);
	store_submit(w->memory, request, wait);
	return true;
}

static void submit(struct store *store, const struct store_request *request, struct store_wait wait)
{
	struct answer *answer = calloc(1, sizeof(*answer));

	(void)store;
	answer->wait = wait;
	answer->reply.outcome = STORE_DONE;
	if (memo(request, wait, answer))
		return;
	switch ((int)request->op) {
	case STORE_MEMO_PUT:
		break;
	case STORE_JOB_LEASE:
		assert_string_equal(request->job, "courier");
		answer->reply.verdict = w->lease_verdict;
		answer->reply.fence = 7;
		break;
	case STORE_OUTBOX_DUE:
		hand_out(request, answer);
		break;
	case STORE_OUTBOX_END:
		if (w->end_outcome == STORE_DONE)
			note_end(request);
		answer->reply.outcome = w->end_outcome;
		break;
	case STORE_RECEIVE:
		w->received = *request->tips;
		assert_int_equal(request->ntips, 1);
		answer->reply.outcome = w->receive_outcome;
		answer->reply.verdict = w->receive_verdict;
		break;
	case STORE_READ:
		read_child(answer);
		break;
	case STORE_LINK:
		note_link(request, answer);
		break;
	default:
		fail();
	}
	loop_post(w->loop, give, answer);
}

static const struct store_ops store_ops = { .submit = submit };

/* --- the client's double -------------------------------------------------------------- */

static void answer_http(http_answered *done, void *ctx)
{
	struct http_answer answer = { .outcome = w->http, .status = w->status };

	w->on_wire--;
	done(ctx, &answer);
}

struct later {
	http_answered *done;
	void *ctx;
	struct http_answer answer;
};

static void answer_later(void *ctx)
{
	struct later later = *(struct later *)ctx;

	free(ctx);
	w->on_wire--;
	later.done(later.ctx, &later.answer);
}

void http_client_start(struct http_client *client, const struct http_call *call, http_answered *done, void *ctx)
{
	struct later *later = malloc(sizeof(*later));

	(void)client;
	w->sent++;
	if (++w->on_wire > w->most_on_wire)
		w->most_on_wire = w->on_wire;
	assert_true(w->sent <= ITEMS_MAX);
	snprintf(w->urls[w->sent - 1], sizeof(w->urls[0]), "%s", call->url);
	copy(w->last_body, sizeof(w->last_body), call->body);
	for (size_t i = 0; call->fields[i] != NULL; i++)
		if (strncmp(call->fields[i], "X-Kannel-To: ", 13) == 0)
			copy(w->last_to, sizeof(w->last_to), span_of(call->fields[i] + 13));
	if (w->hold) {
		w->held[w->on_wire - 1].done = done;
		w->held[w->on_wire - 1].ctx = ctx;
		free(later);
		return;
	}
	*later = (struct later){ .done = done, .ctx = ctx, .answer = { .outcome = w->http, .status = w->status } };
	if (w->sent <= w->nscript)
		later->answer = w->script[w->sent - 1];
	loop_post(w->loop, answer_later, later);
}

/* --- the carriers' double ------------------------------------------------------------------ */

static char carrier;

bool links_sends(const struct links *links, struct span link)
{
	assert_ptr_equal(links, &carrier);
	return span_is(link, "carrier");
}

bool links_fits(const struct links *links, struct span link, const struct link_submit *submit)
{
	assert_ptr_equal(links, &carrier);
	assert_true(span_is(link, "carrier"));
	return !w->no_septets || submit->coding != SMS_GSM7;
}

struct link_later {
	link_done *done;
	void *who;
	struct link_sent sent;
};

static void answer_link(void *ctx)
{
	struct link_later later = *(struct link_later *)ctx;

	free(ctx);
	later.done(later.who, &later.sent);
}

void links_submit(struct links *links, struct span link, const struct link_submit *submit, link_done *done, void *who)
{
	struct link_later *later = calloc(1, sizeof(*later));
	size_t n = w->nsubmitted++;

	assert_ptr_equal(links, &carrier);
	assert_true(span_is(link, "carrier") && n < ITEMS_MAX && submit->want_report);
	w->submitted[n].total = submit->total;
	w->submitted[n].number = submit->number;
	w->submitted[n].coding = submit->coding;
	copy(w->submitted[n].header, sizeof(w->submitted[n].header), submit->header);
	w->submitted[n].octets = submit->octets.len;
	*later = (struct link_later){ .done = done, .who = who, .sent = { .end = w->link_ends[n], .id = span_of(w->link_ids[n]) } };
	if (w->hold_links)
		w->held_links[w->nheld_links++] = later;
	else
		loop_post(w->loop, answer_link, later);
}

static void stop(void *ctx)
{
	loop_stop(ctx);
}

/* What was posted so far, and what that posts; no timer fires. */
static void settle(void)
{
	loop_post(w->loop, stop, w->loop);
	loop_run(w->loop);
}

/* --- the world --------------------------------------------------------------------------- */

static void start_courier(void)
{
	struct courier_env env = {
		.loop = w->loop,
		.store = &w->store,
		.key = &key,
		.gateways = gateways,
		.ngateways = 4,
		.links = (struct links *)&carrier,
		.route = "kannel, gone, spare,carrier",
		.shards = shards,
		.nshards = 2,
		.holder = SPAN("test"),
		.period_ms = 10,
		.wall_ms = wall,
	};

	w->courier = courier_new(&env);
}

static int set_up(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	w->loop = loop_new();
	w->store.ops = &store_ops;
	w->memory = store_memory_new(w->loop);
	w->wall_ms = 1763748000000;
	w->http = HTTP_ANSWERED;
	w->status = 202;
	w->lease_verdict = STORE_OK;
	start_courier();
	courier_set_route(w->courier, "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	courier_free(w->courier);
	settle();
	store_free(w->memory);
	loop_free(w->loop);
	for (size_t i = 0; i < w->nitems; i++)
		buf_release(&w->items[i].sealed);
	free(w);
	return 0;
}

static void put_item(const struct outbox_item *item, unsigned attempts)
{
	assert_true(w->nitems < ITEMS_MAX);
	outbox_item_seal(&key, item, &w->items[w->nitems].sealed);
	w->items[w->nitems++].attempts = attempts;
}

static void put_text(const char *gateway, const char *text)
{
	struct outbox_item item = {
		.kind = OUTBOX_SMS,
		.sms = { .tip = { .text = "15-7K3MQ2X9RD" },
			 .gateway = span_of(gateway),
			 .to = SPAN("+8613800138000"),
			 .text = span_of(text),
			 .expires_ms = 1763748000000 + 3600000 },
	};

	put_item(&item, 0);
}

static void put_sms(const char *gateway, unsigned attempts)
{
	struct outbox_item item = {
		.kind = OUTBOX_SMS,
		.sms = { .tip = { .text = "15-7K3MQ2X9RD" },
			 .gateway = span_of(gateway),
			 .to = SPAN("+8613800138000"),
			 .text = SPAN("Received."),
			 .expires_ms = 1763748000000 + 3600000 },
	};

	put_item(&item, attempts);
}

/* Lets the loop run until so many ends were told, at most half a minute. */
static void run_until_ends(size_t n)
{
	for (int i = 0; i < 3000 && w->nends < n; i++) {
		loop_after(w->loop, 10, stop, w->loop);
		loop_run(w->loop);
	}
	assert_int_equal(w->nends, n);
}

static void run_a_while(void)
{
	loop_after(w->loop, 60, stop, w->loop);
	loop_run(w->loop);
}

static void expect_end(size_t i, enum outbox_end end, const char *event)
{
	assert_int_equal(w->ends[i].end, end);
	assert_string_equal(w->ends[i].shard, "15");
	if (event != NULL)
		assert_non_null(strstr(w->ends[i].event, event));
	else
		assert_string_equal(w->ends[i].event, "");
	if (w->ends[i].event[0] != '\0') /* the event is about that tip */
		assert_true(strlen(w->ends[i].tip.text) == TIP_ID_LEN &&
			    strstr(w->ends[i].event, w->ends[i].tip.text) != NULL);
	else
		assert_string_equal(w->ends[i].tip.text, "");
}

/* --- tests --------------------------------------------------------------------------------- */

static void a_message_is_sent_once(void **state)
{
	(void)state;
	put_sms("kannel", 0);
	run_until_ends(1);
	run_a_while();
	assert_int_equal(w->sent, 1);
	expect_end(0, OUTBOX_CARRIED_OUT, "{\"e\":\"sent\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1763748000000,\"via\":\"kannel\"}");
	assert_string_equal(w->last_to, "+8613800138000");
	assert_string_equal(w->last_body, "Received.");
	assert_int_equal(courier_figures(w->courier)->open, 0);
	assert_int_equal(courier_figures(w->courier)->sent, 1);
}

static void what_is_unknown_is_not_sent_again(void **state)
{
	(void)state;
	w->http = HTTP_UNKNOWN;
	put_sms("kannel", 0);
	run_until_ends(1);
	run_a_while();
	assert_int_equal(w->sent, 1);
	expect_end(0, OUTBOX_CARRIED_OUT, "\"e\":\"sent_maybe\"");
}

static void a_refusal_is_final(void **state)
{
	(void)state;
	w->status = 400;
	put_sms("kannel", 0);
	run_until_ends(1);
	expect_end(0, OUTBOX_GIVEN_UP, "\"e\":\"send_failed\"");
	expect_end(0, OUTBOX_GIVEN_UP, "\"why\":\"refused\"");
}

static void not_now_is_later_with_growing_delays(void **state)
{
	static const unsigned tries[] = { 0, 1, 2, 6, 7, 100 };
	static const unsigned base[] = { 5000, 10000, 20000, 320000, 600000, 600000 };

	(void)state;
	w->status = 503;
	for (size_t i = 0; i < 6; i++) {
		put_sms("kannel", tries[i]);
		run_until_ends(i + 1);
		expect_end(i, OUTBOX_LATER, NULL);
		assert_in_range(w->ends[i].delay_ms, base[i] - base[i] / 4, base[i] + base[i] / 4 + 1);
	}
}

static void no_connection_is_later(void **state)
{
	(void)state;
	w->http = HTTP_NOT_SENT;
	put_sms("kannel", 0);
	run_until_ends(1);
	expect_end(0, OUTBOX_LATER, NULL);
}

static void an_old_message_is_not_sent(void **state)
{
	(void)state;
	w->wall_ms += 3600000;
	put_sms("kannel", 3);
	run_until_ends(1);
	assert_int_equal(w->sent, 0);
	expect_end(0, OUTBOX_GIVEN_UP, "\"why\":\"expired\"");
}

/* Quiet hours: it is put by until they end, and lives for an hour from then on. */
static void a_message_waits_for_its_time(void **state)
{
	struct outbox_item item = {
		.kind = OUTBOX_SMS,
		.sms = { .gateway = SPAN("kannel"),
			 .to = SPAN("+8613800138000"),
			 .text = SPAN("Received."),
			 .not_before_ms = w->wall_ms + 7200000,
			 .expires_ms = w->wall_ms + 7200000 + 3600000 },
	};

	(void)state;
	put_item(&item, 0);
	run_until_ends(1);
	assert_int_equal(w->sent, 0);
	expect_end(0, OUTBOX_LATER, NULL);
	assert_int_equal(w->ends[0].delay_ms, 7200000);
	w->wall_ms += 7200000;
	put_item(&item, 1);
	run_until_ends(2);
	assert_int_equal(w->sent, 1);
	expect_end(1, OUTBOX_CARRIED_OUT, NULL);
}

static void a_gateway_that_is_not_there_is_waited_for(void **state)
{
	(void)state;
	put_sms("gone", 0);
	put_sms("mute", 0);
	run_until_ends(2);
	assert_int_equal(w->sent, 0);
	expect_end(0, OUTBOX_LATER, NULL);
	expect_end(1, OUTBOX_LATER, NULL);
}

static void what_cannot_be_opened_is_kept(void **state)
{
	(void)state;
	buf_add_text(&w->items[0].sealed, "this is no sealed item, whatever the key");
	w->nitems = 1;
	run_until_ends(1);
	expect_end(0, OUTBOX_LATER, NULL);
	assert_int_equal(courier_figures(w->courier)->unreadable, 1);
}

/* The store is away after the message went out: it is told later, and the message does not go out again. */
static void telling_is_repeated_without_sending(void **state)
{
	(void)state;
	w->end_outcome = STORE_NOT_SENT;
	put_sms("kannel", 0);
	run_a_while();
	assert_int_equal(w->sent, 1);
	w->items[0].handed = false;
	run_a_while();
	assert_int_equal(w->sent, 1);
	w->end_outcome = STORE_DONE;
	run_until_ends(1);
	assert_int_equal(w->sent, 1);
	expect_end(0, OUTBOX_CARRIED_OUT, "\"e\":\"sent\"");
}

static void never_more_than_eight_at_once(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++)
		put_sms("kannel", 0);
	run_until_ends(40);
	assert_int_equal(w->sent, 40);
	assert_int_equal(w->most_on_wire, 8);
	for (size_t i = 0; i < 40; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(w->ends[i].item, w->ends[j].item);
}

static void without_the_lease_nothing_is_asked(void **state)
{
	(void)state;
	w->lease_verdict = STORE_FENCED;
	put_sms("kannel", 0);
	run_a_while();
	assert_int_equal(w->due_asked, 0);
	assert_int_equal(w->sent, 0);
}

static void a_kick_does_not_wait_for_the_tick(void **state)
{
	unsigned before;

	(void)state;
	run_a_while();
	before = w->due_asked;
	courier_kick(w->courier, SPAN("15"));
	courier_kick(w->courier, SPAN("15"));
	courier_kick(w->courier, SPAN("99"));
	settle();
	assert_int_equal(w->due_asked - before, 1);
}

static struct outbox_item a_transfer(void)
{
	struct outbox_item item = { .kind = OUTBOX_TRANSFER };
	struct store_tip *tip = &item.transfer.tip;

	item.transfer.from = (struct tip_id){ .text = "15-7K3MQ2X9RD" };
	tip->id = (struct tip_id){ .text = "11-7K3MQ2X9RD" };
	memcpy(tip->region, "110105", 7);
	tip->event = SPAN("{\"e\":\"received\"}");
	tip->sealed = SPAN("sealed");
	return item;
}

static void a_transfer_is_received_and_then_carried_out(void **state)
{
	struct outbox_item item = a_transfer();

	(void)state;
	put_item(&item, 0);
	run_until_ends(1);
	expect_end(0, OUTBOX_CARRIED_OUT, NULL);
	assert_string_equal(w->received.id.text, "11-7K3MQ2X9RD");
	assert_int_equal(courier_figures(w->courier)->transferred, 1);
}

static void a_transfer_that_fails_is_tried_again(void **state)
{
	struct outbox_item item = a_transfer();

	(void)state;
	w->receive_outcome = STORE_UNKNOWN;
	w->wall_ms += 1000LL * 3600 * 1000;
	put_item(&item, 0);
	run_until_ends(1);
	expect_end(0, OUTBOX_LATER, NULL);
	w->receive_outcome = STORE_DONE;
	w->receive_verdict = STORE_COLLISION;
	put_item(&item, 0);
	run_until_ends(2);
	expect_end(1, OUTBOX_LATER, NULL);
	w->receive_verdict = STORE_ALREADY;
	put_item(&item, 0);
	run_until_ends(3);
	expect_end(2, OUTBOX_CARRIED_OUT, NULL);
}

static void put_child(bool joined, unsigned attempts)
{
	struct outbox_item item = {
		.kind = OUTBOX_CHILD,
		.child = { .child = { .text = "15-7K3MQ2X9RD" },
			   .received_ms = 5,
			   .parent = { .text = "11-0000000001" },
			   .joined = joined,
			   .at_ms = 9,
			   .by = SPAN("linker") },
	};

	put_item(&item, attempts);
}

static void a_parent_in_another_shard_is_told_of_its_child(void **state)
{
	(void)state;
	snprintf(w->hangs_under, sizeof(w->hangs_under), "11-0000000001");
	put_child(true, 0);
	run_until_ends(1);
	expect_end(0, OUTBOX_CARRIED_OUT, NULL);
	assert_int_equal(w->nlinked, 1);
	assert_string_equal(w->linked[0], "{\"e\":\"joined\",\"id\":\"11-0000000001\",\"at\":9,\"by\":\"linker\","
					  "\"tip\":\"15-7K3MQ2X9RD\",\"received\":5}");
	assert_int_equal(courier_figures(w->courier)->joined, 1);
}

/* Each of them says what is so by then, one after the other. */
static void facts_about_one_child_go_one_by_one(void **state)
{
	(void)state;
	put_child(true, 3);
	put_child(false, 0);
	put_child(true, 0);
	run_until_ends(3);
	assert_int_equal(w->nlinked, 3);
	assert_int_equal(w->most_questions, 1);
	for (size_t i = 0; i < 3; i++)
		assert_non_null(strstr(w->linked[i], "\"e\":\"parted\""));
}

static void a_parent_that_is_nowhere_is_given_up_late(void **state)
{
	(void)state;
	w->link_verdict = STORE_ABSENT;
	put_child(true, 0);
	run_until_ends(1);
	expect_end(0, OUTBOX_LATER, NULL);
	put_child(true, 24);
	run_until_ends(2);
	expect_end(1, OUTBOX_GIVEN_UP, "{\"e\":\"join_failed\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1763748000000,"
				       "\"incident\":\"11-0000000001\",\"why\":\"absent\"}");
	assert_int_equal(courier_figures(w->courier)->orphaned, 1);
}

static void put_verified(unsigned attempts)
{
	struct outbox_item item = {
		.kind = OUTBOX_VERIFIED,
		.verified = { .tip = { .text = "15-7K3MQ2X9RD" }, .rev = 3, .region = "150602", .case_id = SPAN("c"),
			      .by = SPAN("wei") },
	};

	put_item(&item, attempts);
}

static void a_verified_tip_waits_for_a_journal_of_money(void **state)
{
	(void)state;
	put_verified(0);
	run_until_ends(1);
	expect_end(0, OUTBOX_LATER, NULL);
	put_verified(1000);
	run_until_ends(2);
	expect_end(1, OUTBOX_GIVEN_UP, NULL);
	assert_int_equal(courier_figures(w->courier)->unrecorded, 1);
}

/* Answers that come after the courier has gone find nothing to touch. */
static void leaves_while_messages_are_on_the_wire(void **state)
{
	(void)state;
	w->hold = true;
	put_sms("kannel", 0);
	put_sms("kannel", 0);
	run_a_while();
	assert_int_equal(w->on_wire, 2);
	courier_free(w->courier);
	w->courier = NULL;
	answer_http(w->held[0].done, w->held[0].ctx);
	answer_http(w->held[1].done, w->held[1].ctx);
	settle();
	assert_int_equal(w->nends, 0);
}

/* --- connectors, parts, crashes ------------------------------------------------------------- */

/* The daemon dies, and another comes; what was handed out is handed out again. */
static void crash(void)
{
	courier_free(w->courier);
	settle();
	for (size_t i = 0; i < w->nitems; i++)
		w->items[i].handed = false;
	start_courier();
}

static void routed(void)
{
	courier_set_route(w->courier, "kannel, gone, spare,carrier");
}

static void the_next_one_stands_in_when_it_was_surely_not_sent(void **state)
{
	(void)state;
	routed();
	w->nscript = 2;
	w->script[0] = (struct http_answer){ .outcome = HTTP_NOT_SENT };
	w->script[1] = (struct http_answer){ .outcome = HTTP_ANSWERED, .status = 503 };
	w->link_ids[0] = "1A";
	put_sms("kannel", 0);
	run_until_ends(1);
	expect_end(0, OUTBOX_CARRIED_OUT, "\"e\":\"sent\"");
	expect_end(0, OUTBOX_CARRIED_OUT, "\"via\":\"carrier\"");
	assert_int_equal(w->sent, 2);
	assert_non_null(strstr(w->urls[0], ":1/"));
	assert_non_null(strstr(w->urls[1], ":2/"));
	assert_int_equal(w->nsubmitted, 1);
}

static void nobody_stands_in_after_maybe_or_a_refusal(void **state)
{
	(void)state;
	routed();
	w->nscript = 2;
	w->script[0] = (struct http_answer){ .outcome = HTTP_UNKNOWN };
	w->script[1] = (struct http_answer){ .outcome = HTTP_ANSWERED, .status = 400 };
	put_sms("kannel", 0);
	run_until_ends(1);
	expect_end(0, OUTBOX_CARRIED_OUT, "sent_maybe");
	put_sms("kannel", 0);
	run_until_ends(2);
	expect_end(1, OUTBOX_GIVEN_UP, "refused");
	assert_int_equal(w->sent, 2);
	assert_int_equal(w->nsubmitted, 0);
}

static void a_breaker_that_is_open_sends_the_other_way(void **state)
{
	(void)state;
	w->http = HTTP_NOT_SENT;
	for (int i = 0; i < 5; i++) {
		put_sms("kannel", 0);
		run_until_ends((size_t)i + 1);
	}
	assert_int_equal(w->sent, 5);
	put_sms("kannel", 0);
	run_until_ends(6);
	assert_int_equal(w->sent, 5);
	expect_end(5, OUTBOX_LATER, NULL);
	routed();
	w->http = HTTP_ANSWERED;
	put_sms("kannel", 0);
	run_until_ends(7);
	assert_non_null(strstr(w->urls[5], ":2/"));
	expect_end(6, OUTBOX_CARRIED_OUT, "\"via\":\"spare\"");
}

/* 20 a second: those behind the first 20 wait for theirs, and keep their order. */
static void a_connector_has_its_rate(void **state)
{
	uint64_t began = loop_now_ms(w->loop);

	(void)state;
	for (int i = 0; i < 26; i++)
		put_sms("slow", 0);
	run_until_ends(26);
	assert_int_equal(w->sent, 26);
	assert_true(loop_now_ms(w->loop) - began >= 250);
	for (size_t i = 0; i < 26; i++)
		expect_end(i, OUTBOX_CARRIED_OUT, "\"e\":\"sent\"");
}

static char long_text[301];

static void put_long(void)
{
	memset(long_text, 'x', 300);
	put_text("carrier", long_text);
	w->link_ids[0] = "A1";
	w->link_ids[1] = "A2";
}

static void a_text_is_cut_for_the_carrier_s_alphabet(void **state)
{
	(void)state;
	w->no_septets = true;
	put_long();
	w->link_ids[2] = w->link_ids[3] = w->link_ids[4] = "A3";
	run_until_ends(1);
	expect_end(0, OUTBOX_CARRIED_OUT, "\"e\":\"sent\"");
	assert_int_equal(w->nsubmitted, 5);   /* of 67 characters at most */
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(w->submitted[i].coding, SMS_UTF16);
		assert_int_equal(w->submitted[i].total, 5);
		assert_int_equal(w->submitted[i].number, i + 1);
	}
}

static void a_long_text_goes_in_parts_in_order(void **state)
{
	(void)state;
	put_long();
	run_until_ends(1);
	expect_end(0, OUTBOX_CARRIED_OUT, "\"e\":\"sent\"");
	assert_int_equal(w->nsubmitted, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(w->submitted[i].total, 2);
		assert_int_equal(w->submitted[i].number, i + 1);
		assert_int_equal(w->submitted[i].coding, SMS_GSM7);
		assert_int_equal(w->submitted[i].header[5], i + 1);
	}
	assert_int_equal(w->submitted[0].header[3], w->submitted[1].header[3]);
	assert_int_equal(w->submitted[0].octets + w->submitted[1].octets, 300);
}

static void parts_go_by_http_with_their_header(void **state)
{
	(void)state;
	memset(long_text, 'x', 300);
	put_text("kannel", long_text);
	run_until_ends(1);
	assert_int_equal(w->sent, 2);
	assert_int_equal(strlen(w->last_body), 300 - 153);
}

/* The first part went one way: the second waits for it, whatever the route says. */
static void all_parts_go_the_same_way(void **state)
{
	(void)state;
	routed();
	put_long();
	w->link_ends[1] = LINK_END_LATER;
	run_until_ends(1);
	expect_end(0, OUTBOX_LATER, NULL);
	assert_int_equal(w->sent, 0);
	crash();
	w->link_ids[2] = "A2";
	run_until_ends(2);
	expect_end(1, OUTBOX_CARRIED_OUT, "\"e\":\"sent\"");
	assert_int_equal(w->nsubmitted, 3);
	assert_int_equal(w->submitted[2].number, 2);
}

/* Killed while the second part is on the wire: neither part goes again, and nobody knows of the second. */
static void a_crash_on_the_wire_sends_nothing_twice(void **state)
{
	(void)state;
	put_long();
	put_sms("carrier", 0);
	w->hold_links = true;
	run_a_while();
	assert_int_equal(w->nsubmitted, 2);   /* the first parts of both */
	w->hold_links = false;
	crash();
	run_until_ends(2);
	assert_int_equal(w->nsubmitted, 3);
	assert_int_equal(w->submitted[2].number, 2);
	for (size_t i = 0; i < 2; i++)
		expect_end(i, OUTBOX_CARRIED_OUT, "sent_maybe");
	for (size_t i = 0; i < w->nheld_links; i++)
		loop_post(w->loop, answer_link, w->held_links[i]);
	settle();
}

/* Whether the write before the message was applied or not: it is written again, then sent, once. */
static void an_unsure_write_is_written_again_before_sending(void **state)
{
	(void)state;
	for (unsigned applied = 0; applied < 2; applied++) {
		w->memo_puts = 0;
		w->memo_trouble_at = 1;
		w->memo_applied = applied != 0;
		w->memo_outcome = STORE_UNKNOWN;
		put_sms("kannel", 0);
		run_until_ends(applied + 1);
		expect_end(applied, OUTBOX_CARRIED_OUT, "\"e\":\"sent\"");
		assert_int_equal(w->sent, applied + 1);
	}
}

static void kept(void *who, bool well)
{
	*(int *)who += well ? 1 : 100;
}

/* Case 24: before the answer, twice, in another spelling. The tip's journal hears of it once. */
static void a_report_may_come_before_the_answer(void **state)
{
	struct deliveries_env env = { .store = &w->store, .key = &key, .wall_ms = wall };
	struct deliveries *deliveries = deliveries_new(&env);
	const struct sms_message report = { .kind = SMS_RECEIPT, .their_id = SPAN("0026"), .fate = SMS_DELIVERED };
	int done = 0;

	(void)state;
	deliveries_take(deliveries, SPAN("carrier"), &report, kept, &done);
	settle();
	run_a_while();
	put_sms("carrier", 0);
	w->link_ids[0] = "1A";
	run_until_ends(1);
	expect_end(0, OUTBOX_CARRIED_OUT, "\"e\":\"sent\"");
	deliveries_take(deliveries, SPAN("carrier"), &report, kept, &done);
	deliveries_take(deliveries, SPAN("carrier"), &report, kept, &done);
	run_a_while();
	assert_int_equal(done, 3);
	assert_int_equal(deliveries_figures(deliveries)->doubled, 2);
	deliveries_free(deliveries);
}

/* The store blinds the leaf with the seed of the tip that is named beside the event: each kind names it. */
static void word_of_a_message_is_about_its_tip(void **state)
{
	struct outbox_item item = { .kind = OUTBOX_REPORT,
				    .report = { .tip = { .text = "15-7K3MQ2X9RD" }, .connector = SPAN("carrier"), .delivered = true } };

	(void)state;
	put_item(&item, 0);
	item.report.delivered = false;
	put_item(&item, 0);
	run_until_ends(2);
	expect_end(0, OUTBOX_CARRIED_OUT, "{\"e\":\"delivered\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1763748000000,\"via\":\"carrier\"}");
	expect_end(1, OUTBOX_CARRIED_OUT, "\"e\":\"undelivered\"");
	assert_int_equal(courier_figures(w->courier)->reported, 2);
	assert_int_equal(w->sent + w->nsubmitted, 0);
}

/* From a link to a gateway and back, and only when it was surely not taken. */
static void links_and_gateways_stand_in_for_one_another(void **state)
{
	(void)state;
	courier_set_route(w->courier, "carrier,kannel");
	w->link_ends[0] = LINK_END_LATER;
	put_sms("carrier", 0);
	run_until_ends(1);
	expect_end(0, OUTBOX_CARRIED_OUT, "\"via\":\"kannel\"");
	w->http = HTTP_NOT_SENT;
	put_sms("kannel", 0);
	run_until_ends(2);
	expect_end(1, OUTBOX_CARRIED_OUT, "\"via\":\"carrier\"");
	w->link_ends[2] = LINK_END_UNKNOWN;
	w->link_ends[3] = LINK_END_REFUSED;
	for (unsigned n = 3; n <= 4; n++) {
		put_sms("carrier", 0);
		run_until_ends(n);
	}
	expect_end(2, OUTBOX_CARRIED_OUT, "\"e\":\"sent_maybe\"");
	expect_end(3, OUTBOX_GIVEN_UP, "\"e\":\"send_failed\"");
	assert_int_equal(w->sent, 2);
	assert_int_equal(w->nsubmitted, 4);
}

/* A link that does not answer is left alone, as a gateway is. */
static void a_link_has_a_breaker(void **state)
{
	struct connector_figures figures[4];

	(void)state;
	courier_set_route(w->courier, "carrier,kannel");
	for (unsigned i = 0; i < ITEMS_MAX; i++)
		w->link_ends[i] = LINK_END_LATER;
	for (unsigned n = 1; n <= GATE_FAILURES + 3; n++) {
		put_sms("carrier", 0);
		run_until_ends(n);
		expect_end(n - 1, OUTBOX_CARRIED_OUT, "\"via\":\"kannel\"");
	}
	assert_int_equal(w->nsubmitted, GATE_FAILURES);
	assert_int_equal(courier_connectors(w->courier, figures, 4), 2);
	assert_string_equal(figures[0].name, "carrier");
	assert_int_equal(figures[0].gate, GATE_OPEN);
	assert_int_equal(figures[0].shut, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_is_sent_once),
		TEST(what_is_unknown_is_not_sent_again),
		TEST(a_refusal_is_final),
		TEST(not_now_is_later_with_growing_delays),
		TEST(no_connection_is_later),
		TEST(an_old_message_is_not_sent),
		TEST(a_message_waits_for_its_time),
		TEST(a_gateway_that_is_not_there_is_waited_for),
		TEST(what_cannot_be_opened_is_kept),
		TEST(telling_is_repeated_without_sending),
		TEST(never_more_than_eight_at_once),
		TEST(without_the_lease_nothing_is_asked),
		TEST(a_kick_does_not_wait_for_the_tick),
		TEST(a_transfer_is_received_and_then_carried_out),
		TEST(a_transfer_that_fails_is_tried_again),
		TEST(a_parent_in_another_shard_is_told_of_its_child),
		TEST(facts_about_one_child_go_one_by_one),
		TEST(a_parent_that_is_nowhere_is_given_up_late),
		TEST(a_verified_tip_waits_for_a_journal_of_money),
		TEST(leaves_while_messages_are_on_the_wire),
		TEST(the_next_one_stands_in_when_it_was_surely_not_sent),
		TEST(nobody_stands_in_after_maybe_or_a_refusal),
		TEST(a_breaker_that_is_open_sends_the_other_way),
		TEST(a_connector_has_its_rate),
		TEST(a_text_is_cut_for_the_carrier_s_alphabet),
		TEST(a_long_text_goes_in_parts_in_order),
		TEST(parts_go_by_http_with_their_header),
		TEST(all_parts_go_the_same_way),
		TEST(a_crash_on_the_wire_sends_nothing_twice),
		TEST(an_unsure_write_is_written_again_before_sending),
		TEST(a_report_may_come_before_the_answer),
		TEST(word_of_a_message_is_about_its_tip),
		TEST(links_and_gateways_stand_in_for_one_another),
		TEST(a_link_has_a_breaker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
