/*
 * Links on a real loop and real sockets, with a carrier in the same loop: messages out through windows, carriers that
 * are too slow, that forget to answer or go away; messages in; changes of the settings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/sms/coding.h"
#include "daemon/link/links.h"
#include "daemon/loop/loop.h"
#include "tests/support/smpp_octets.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define MANY 400
#define PEERS 16

/* One end of a connection, at the carrier. */
struct peer {
	int fd;
	struct buf in;
	bool bound;
	uint32_t mode;
};

static struct rig {
	struct loop *loop;
	struct links *links;
	struct link_config config;
	int listening;
	struct peer peers[PEERS];
	size_t npeers;
	unsigned binds;
	/* What it does. */
	unsigned throttle_every_s;   /* takes so many a second; 0: all */
	unsigned silent;             /* so many more submits get no answer */
	unsigned refuse_status;      /* of all submits */
	uint64_t second;
	unsigned in_second;
	/* What it saw: tokens in the texts. */
	unsigned taken[MANY];
	unsigned order[MANY], ntaken, refusals;
	/* What came back. */
	unsigned ended[MANY], nended;
	enum link_end ends[MANY];
	/* In. */
	struct link_ref refs[MANY];
	unsigned nmessages, nanswers;
	uint32_t last_status;
	bool (*done)(void);
	uint64_t until_ms;
} rig;

static void say(struct peer *peer, uint32_t command, uint32_t status, uint32_t sequence, struct span body)
{
	struct buf out = { 0 };

	smpp_pdu_to(&out, command, status, sequence, body);
	(void)!send(peer->fd, out.at, out.len, MSG_NOSIGNAL);
	buf_release(&out);
}

static bool too_fast(void)
{
	uint64_t second = loop_now_ms(rig.loop) / 1000;

	if (second != rig.second)
		rig.in_second = 0;
	rig.second = second;
	return rig.throttle_every_s > 0 && rig.in_second++ >= rig.throttle_every_s;
}

static void take_submit(struct peer *peer, uint32_t sequence, struct span pdu)
{
	char digits[5] = { 0 };
	unsigned token;

	memcpy(digits, pdu.at + pdu.len - 4, 4);
	token = (unsigned)strtoul(digits, NULL, 10);

	if (rig.refuse_status != 0 || too_fast()) {
		rig.refusals++;
		say(peer, 0x80000004, rig.refuse_status != 0 ? rig.refuse_status : 0x58, sequence, SPAN(""));
		return;
	}
	rig.taken[token]++;
	rig.order[rig.ntaken++] = token;
	if (rig.silent > 0)
		rig.silent--;
	else
		say(peer, 0x80000004, 0, sequence, SPAN("id\0"));
}

static void take_pdu(struct peer *peer, struct span pdu)
{
	uint32_t command = smpp_number_of(pdu, 4), sequence = smpp_number_of(pdu, 12);

	switch (command) {
	case 1:
	case 2:
	case 9:
		rig.binds++;
		peer->bound = true;
		peer->mode = command;
		say(peer, command | 0x80000000, 0, sequence, SPAN("smsc\0"));
		return;
	case 4:
		take_submit(peer, sequence, pdu);
		return;
	case 6:
	case 0x15:
		say(peer, command | 0x80000000, 0, sequence, SPAN(""));
		return;
	case 0x80000005:
		rig.nanswers++;
		rig.last_status = smpp_number_of(pdu, 8);
		return;
	default:
		return;
	}
}

static void drop_peer(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	buf_release(&peer->in);
	*peer = (struct peer){ .fd = -1 };
}

static void look_at(struct peer *peer)
{
	char octets[4096];
	ssize_t n;

	while (peer->fd >= 0 && (n = recv(peer->fd, octets, sizeof(octets), MSG_DONTWAIT)) >= 0) {
		if (n == 0) {
			drop_peer(peer);
			return;
		}
		buf_add(&peer->in, octets, (size_t)n);
	}
	while (peer->fd >= 0 && peer->in.len >= 16) {
		size_t len = smpp_number_of(buf_span(&peer->in), 0);

		if (len > peer->in.len)
			return;
		take_pdu(peer, span_from(peer->in.at, len));
		buf_drop(&peer->in, len);
	}
}

static void carrier(void *ctx)
{
	int fd;

	(void)ctx;
	while (rig.npeers < PEERS && (fd = accept4(rig.listening, NULL, NULL, SOCK_NONBLOCK)) >= 0)
		rig.peers[rig.npeers++] = (struct peer){ .fd = fd };
	for (size_t i = 0; i < rig.npeers; i++)
		look_at(&rig.peers[i]);
	if (rig.done() || loop_now_ms(rig.loop) > rig.until_ms)
		loop_stop(rig.loop);
}

static void run_until(bool (*done)(void), unsigned seconds)
{
	struct loop_timer *timer = loop_every(rig.loop, 5, carrier, NULL);

	rig.done = done;
	rig.until_ms = loop_now_ms(rig.loop) + seconds * 1000;
	loop_run(rig.loop);
	loop_timer_cancel(timer);
	assert_true(done());
}

static void on_message(void *ctx, const struct link_config *link, const struct link_message *message, struct link_ref ref)
{
	(void)ctx;
	assert_string_equal(link->name, "carrier");
	assert_true(span_is(message->octets, "a text"));
	rig.refs[rig.nmessages++] = ref;
}

static void on_report(void *ctx, const struct link_config *link, const struct link_report *report, struct link_ref ref)
{
	(void)ctx;
	(void)link;
	(void)report;
	links_answer(rig.links, ref, LINK_TAKEN);
}

static int set_up(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	struct links_env env = { .message = on_message, .report = on_report };

	(void)state;
	rig = (struct rig){ .loop = loop_new() };
	rig.listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(rig.listening, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(rig.listening, 16), 0);
	assert_int_equal(getsockname(rig.listening, (struct sockaddr *)&at, &len), 0);
	rig.config = (struct link_config){ .name = "carrier", .protocol = "smpp", .host = "127.0.0.1", .port = ntohs(at.sin_port),
					   .tls_ca = "", .account = "tip", .password = "", .system_type = "",
					   .mode = "transceiver", .service = "", .sender = "106900", .coding0 = "gsm7",
					   .version = "", .window = 10, .sessions = 1, .keepalive_s = 30, .answer_s = 2 };
	env.loop = rig.loop;
	rig.links = links_new(&env);
	links_set(rig.links, &rig.config, 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	links_free(rig.links);
	for (size_t i = 0; i < rig.npeers; i++)
		drop_peer(&rig.peers[i]);
	if (rig.listening >= 0)
		close(rig.listening);
	loop_free(rig.loop);
	return 0;
}

static void ended(void *who, const struct link_sent *sent)
{
	size_t token = (size_t)(uintptr_t)who;

	rig.ended[token]++;
	rig.ends[token] = sent->end;
	rig.nended++;
}

static void submit(unsigned token)
{
	char text[16];
	struct link_submit one = { .to = SPAN("+8613800138000"), .coding = SMS_GSM7 };
	unsigned before = rig.nended;

	snprintf(text, sizeof(text), "%04u", token);
	one.octets = span_of(text);
	links_submit(rig.links, SPAN("carrier"), &one, ended, (void *)(uintptr_t)token);
	assert_int_equal(rig.nended, before);
}

static bool is_up(void)
{
	struct link_figures figures;

	return links_figures(rig.links, &figures, 1) == 1 && figures.up == figures.sessions;
}

static bool is_down(void)
{
	struct link_figures figures;

	return links_figures(rig.links, &figures, 1) == 1 && figures.up == 0;
}

static unsigned wanted;

static bool all_ended(void)
{
	return rig.nended >= wanted;
}

static void each_once(unsigned n, enum link_end end)
{
	for (unsigned i = 0; i < n; i++)
		assert_true(rig.ended[i] == 1 && rig.ends[i] == end && rig.taken[i] == 1);
}

/* --- out ------------------------------------------------------------------------------- */

static void two_hundred_through_a_window(void **state)
{
	(void)state;
	run_until(is_up, 10);
	for (unsigned i = 0; i < 200; i++)
		submit(i);
	wanted = 200;
	run_until(all_ended, 20);
	each_once(200, LINK_END_SENT);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(rig.order[i], i);
}

static void a_carrier_that_is_slower_than_we(void **state)
{
	(void)state;
	run_until(is_up, 10);
	rig.throttle_every_s = 20;
	for (unsigned i = 0; i < 100; i++)
		submit(i);
	wanted = 100;
	run_until(all_ended, 60);
	each_once(100, LINK_END_SENT);
	assert_in_range(rig.refusals, 1, 40);
}

static void refused_for_good(void **state)
{
	(void)state;
	rig.refuse_status = 0x0B;
	submit(0);
	wanted = 1;
	run_until(all_ended, 10);
	assert_int_equal(rig.ends[0], LINK_END_REFUSED);
	assert_int_equal(rig.refusals, 1);
}

static void for_later(void **state)
{
	(void)state;
	rig.refuse_status = 0x08;
	submit(0);
	wanted = 1;
	run_until(all_ended, 10);
	assert_int_equal(rig.ends[0], LINK_END_LATER);
}

static void an_answer_that_is_lost(void **state)
{
	(void)state;
	run_until(is_up, 10);
	rig.silent = 3;
	for (unsigned i = 0; i < 30; i++)
		submit(i);
	wanted = 30;
	run_until(all_ended, 20);
	for (unsigned i = 0; i < 30; i++) {
		assert_true(rig.ended[i] == 1 && rig.taken[i] == 1);
		assert_int_equal(rig.ends[i], i < 3 ? LINK_END_UNKNOWN : LINK_END_SENT);
	}
}

static bool some_taken(void)
{
	return rig.ntaken >= 5;
}

static void the_carrier_goes_away_in_between(void **state)
{
	(void)state;
	run_until(is_up, 10);
	rig.silent = 5;
	for (unsigned i = 0; i < 5; i++)
		submit(i);
	run_until(some_taken, 10);
	for (size_t i = 0; i < rig.npeers; i++)
		drop_peer(&rig.peers[i]);
	wanted = 5;
	run_until(all_ended, 10);
	each_once(5, LINK_END_UNKNOWN);
	/* What was not sent goes through the next connection. */
	for (unsigned i = 5; i < 20; i++)
		submit(i);
	wanted = 20;
	run_until(all_ended, 20);
	for (unsigned i = 5; i < 20; i++)
		assert_true(rig.ends[i] == LINK_END_SENT && rig.taken[i] == 1);
}

static void no_such_link_and_a_full_queue(void **state)
{
	struct link_submit one = { .to = SPAN("+8613800138000"), .octets = SPAN("0000") };

	(void)state;
	assert_false(links_sends(rig.links, SPAN("other")));
	assert_int_equal(links_room(rig.links, SPAN("other")), 0);
	links_submit(rig.links, SPAN("other"), &one, ended, (void *)(uintptr_t)399);
	wanted = 1;
	run_until(all_ended, 5);
	assert_int_equal(rig.ends[399], LINK_END_LATER);
	rig.nended = 0;
	unsigned room = (unsigned)links_room(rig.links, SPAN("carrier"));
	assert_true(room > 0 && room < MANY - 1);
	for (unsigned i = 0; i <= room; i++)
		submit(i);
	wanted = room + 1;
	run_until(all_ended, 20);
	each_once(room, LINK_END_SENT);
	assert_int_equal(rig.ends[room], LINK_END_LATER);
	assert_int_equal(rig.taken[room], 0);
}

/* So that another connector may stand in; a short break is waited for. */
static void a_link_that_is_down_gives_back_what_waits(void **state)
{
	uint64_t start;

	(void)state;
	run_until(is_up, 10);
	close(rig.listening);
	rig.listening = -1;
	for (size_t i = 0; i < rig.npeers; i++)
		drop_peer(&rig.peers[i]);
	run_until(is_down, 10);
	start = loop_now_ms(rig.loop);
	for (unsigned i = 0; i < 3; i++)
		submit(i);
	wanted = 3;
	run_until(all_ended, 20);
	assert_true(loop_now_ms(rig.loop) - start >= LINKS_DOWN_MS - 1000);
	start = loop_now_ms(rig.loop);
	submit(3);
	wanted = 4;
	run_until(all_ended, 20);
	assert_true(loop_now_ms(rig.loop) - start < LINKS_DOWN_MS);
	for (unsigned i = 0; i < 4; i++)
		assert_true(rig.ended[i] == 1 && rig.ends[i] == LINK_END_LATER && rig.taken[i] == 0);
}

static void what_waits_ends_with_the_links(void **state)
{
	(void)state;
	run_until(is_up, 10);
	rig.silent = 100;
	for (unsigned i = 0; i < 20; i++)
		submit(i);
	run_until(some_taken, 10);
	links_free(rig.links);
	rig.links = NULL;
	for (unsigned i = 0; i < 20; i++)
		assert_true(rig.ended[i] == 1 && rig.ends[i] == (i < 10 ? LINK_END_UNKNOWN : LINK_END_LATER));
}

/* --- in -------------------------------------------------------------------------------- */

static void deliver(struct peer *peer, uint32_t sequence)
{
	struct buf body = { 0 };

	smpp_deliver_to(&body, 0, 0, SPAN("a text"));
	say(peer, 5, 0, sequence, buf_span(&body));
	buf_release(&body);
}

static bool a_message_came(void)
{
	return rig.nmessages > 0;
}

static bool an_answer_came(void)
{
	return rig.nanswers > 0;
}

static bool bound_again(void)
{
	return rig.binds >= 2 && is_up();
}

static void a_message_in_is_answered_later(void **state)
{
	(void)state;
	run_until(is_up, 10);
	deliver(&rig.peers[0], 7);
	run_until(a_message_came, 10);
	assert_int_equal(rig.nanswers, 0);
	links_answer(rig.links, rig.refs[0], LINK_AGAIN);
	run_until(an_answer_came, 10);
	assert_int_equal(rig.last_status, 0x64);
}

static void an_answer_to_a_dead_connection_goes_nowhere(void **state)
{
	struct link_figures figures;

	(void)state;
	run_until(is_up, 10);
	deliver(&rig.peers[0], 7);
	run_until(a_message_came, 10);
	drop_peer(&rig.peers[0]);
	run_until(bound_again, 20);
	deliver(&rig.peers[1], 7);
	rig.nmessages = 0;
	struct link_ref old = rig.refs[0];
	run_until(a_message_came, 10);
	links_answer(rig.links, old, LINK_TAKEN);
	assert_int_equal(links_figures(rig.links, &figures, 1), 1);
	assert_int_equal(figures.in, 0);
	links_answer(rig.links, rig.refs[0], LINK_TAKEN);
	run_until(an_answer_came, 10);
	assert_int_equal(rig.nanswers, 1);
	assert_int_equal(rig.last_status, 0);
}

/* --- settings ---------------------------------------------------------------------------- */

static bool all_bound(void)
{
	return rig.binds >= wanted && is_up();
}

static void settings_change(void **state)
{
	struct link_config other = rig.config;

	(void)state;
	run_until(is_up, 10);
	links_set(rig.links, &rig.config, 1);
	assert_true(is_up());
	other.mode = "split";
	other.sessions = 2;
	links_set(rig.links, &other, 1);
	wanted = 5;
	run_until(all_bound, 10);
	unsigned modes[10] = { 0 };
	for (size_t i = 0; i < rig.npeers; i++)
		modes[rig.peers[i].mode] += rig.peers[i].fd >= 0;
	assert_true(modes[1] == 2 && modes[2] == 2);
	links_set(rig.links, NULL, 0);
	assert_false(links_sends(rig.links, SPAN("carrier")));
}

static bool nobody(void)
{
	return links_idle(rig.links);
}

static void goodbye_to_all(void **state)
{
	(void)state;
	run_until(is_up, 10);
	submit(0);
	wanted = 1;
	links_drain(rig.links);
	run_until(all_ended, 10);
	run_until(nobody, 10);
	assert_int_equal(rig.binds, 1);
}

int main(void)
{
#define LINKS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		LINKS_TEST(two_hundred_through_a_window),
		LINKS_TEST(a_carrier_that_is_slower_than_we),
		LINKS_TEST(refused_for_good),
		LINKS_TEST(for_later),
		LINKS_TEST(an_answer_that_is_lost),
		LINKS_TEST(the_carrier_goes_away_in_between),
		LINKS_TEST(no_such_link_and_a_full_queue),
		LINKS_TEST(a_link_that_is_down_gives_back_what_waits),
		LINKS_TEST(what_waits_ends_with_the_links),
		LINKS_TEST(a_message_in_is_answered_later),
		LINKS_TEST(an_answer_to_a_dead_connection_goes_nowhere),
		LINKS_TEST(settings_change),
		LINKS_TEST(goodbye_to_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
