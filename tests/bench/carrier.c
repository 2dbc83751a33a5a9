/*
 * A carrier that gives load: it listens, lets everybody log in, and is told on its standard input what to do.
 *
 *   carrier smpp|cmpp PORT WINDOW TEXTS
 *
 *   run SECONDS RATE COUNT   sends messages, each of another telephone: for so long, or until so many (0: no end); so many a
 *                            second (0: as fast as the window of each connection lets it). Waits for the answers; prints
 *                            {"sent","taken","refused","per_s","p50_ms","p99_ms"}, per_s of those that were answered in time.
 *                            A latency counts from when the message was due.
 *   parts COUNT              sends so many first parts of two, each of another telephone; prints the same
 *   hold                     from now on messages out get no answer...
 *   release COUNT            ...until now; when so many more were answered, prints {"mts","per_s"}
 *   connected COUNT          waits for so many logins; prints {"connected"}
 *
 * TEXTS has one a line; "######" in it becomes the number of the message. Texts of ASCII alone go as such, others as UTF-16.
 */
#include "daemon/base/utf8.h"
#include "daemon/sys/clock.h"
#include "tests/support/carrier_pdu.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 16
#define WINDOW_MAX 1000
#define GRACE_NS UINT64_C(10000000000)

/* A message without an answer. */
struct waiting {
	uint32_t sequence;       /* 0: the place is free */
	uint64_t due_ns;
};

struct connection {
	int fd;
	bool up;
	struct buf in, out;
	size_t open;
	struct waiting waiting[WINDOW_MAX];
};

struct held {
	struct connection *connection;
	uint32_t sequence;
};

static struct {
	const struct pdu_protocol *protocol;
	int listening;
	size_t window, nconnections, at, logins;
	struct connection *connections[CONNECTIONS_MAX];
	char **texts;
	size_t ntexts;
	uint64_t serial;
	bool holds, halves;
	struct held *held;
	size_t nheld, held_room;
	uint64_t sent, taken, refused, mts;
	uint64_t *latencies_ns;
	size_t latencies_room;
} c;

static void must(bool well, const char *what)
{
	if (well)
		return;
	perror(what);
	exit(1);
}

static void *grown(void *at, size_t n, size_t *room, size_t each)
{
	if (n < *room)
		return at;
	*room = *room > 0 ? 2 * *room : 4096;
	at = realloc(at, *room * each);
	must(at != NULL, "realloc");
	return at;
}

/* --- octets ---------------------------------------------------------------------------- */

static void flush(struct connection *k)
{
	size_t at = 0;

	while (k->fd >= 0 && at < k->out.len) {
		ssize_t n = send(k->fd, k->out.at + at, k->out.len - at, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	buf_clear(&k->out);
}

static void flush_all(void)
{
	for (size_t i = 0; i < c.nconnections; i++)
		flush(c.connections[i]);
}

static void hang_up(struct connection *k)
{
	close(k->fd);
	k->fd = -1;
	k->up = false;
	k->open = 0;
	memset(k->waiting, 0, sizeof(k->waiting));
}

static void welcome(void)
{
	struct connection *k = NULL;
	int one = 1;

	for (size_t i = 0; i < c.nconnections && k == NULL; i++)
		k = c.connections[i]->fd < 0 ? c.connections[i] : NULL;
	if (k == NULL) {
		must(c.nconnections < CONNECTIONS_MAX, "connections");
		k = c.connections[c.nconnections++] = calloc(1, sizeof(*k));
		must(k != NULL, "calloc");
	}
	k->fd = accept(c.listening, NULL, NULL);
	must(k->fd >= 0, "accept");
	buf_clear(&k->in);
	setsockopt(k->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/* --- messages in ------------------------------------------------------------------------- */

/* The text with its number, as octets of the alphabet it needs. */
static bool encode(const char *line, uint64_t serial, struct buf *octets)
{
	struct buf text = { 0 };
	char *blank;
	bool wide = false;

	buf_add_text(&text, line);
	buf_add_byte(&text, '\0');
	blank = strstr(text.at, "######");
	for (size_t i = 6; blank != NULL && i-- > 0; serial /= 10)
		blank[i] = (char)('0' + serial % 10);
	for (size_t i = 0; i + 1 < text.len; i++)
		wide |= (unsigned char)text.at[i] >= 0x80;
	for (size_t i = 0, length = 1; i + 1 < text.len; i += length) {
		uint32_t character = (unsigned char)text.at[i];

		length = 1;
		if (wide) {
			character = utf8_at(span_from(text.at, text.len - 1), i, &length);
			buf_add_byte(octets, (int)(character >> 8 & 0xFF));
		}
		buf_add_byte(octets, (int)(character & 0xFF));
	}
	buf_release(&text);
	return wide;
}

static void send_message(struct connection *k, uint64_t due_ns)
{
	struct buf octets = { 0 };
	struct pdu_message message = { .serial = c.serial++ };
	size_t place = 0;

	message.sequence = (uint32_t)(message.serial % 0x70000000) + 1;
	message.wide = encode(c.texts[message.serial % c.ntexts], message.serial, &octets);
	message.octets = buf_span(&octets);
	message.part = c.halves;
	message.parts = c.halves ? 2 : 0;
	c.protocol->message(&k->out, &message);
	while (k->waiting[place].sequence != 0)
		place++;
	k->waiting[place] = (struct waiting){ .sequence = message.sequence, .due_ns = due_ns };
	k->open++;
	c.sent++;
	buf_release(&octets);
}

/* The next in turn with room, or NULL. */
static struct connection *with_room(void)
{
	for (size_t i = 0; i < c.nconnections; i++) {
		struct connection *k = c.connections[(c.at + i) % c.nconnections];

		if (!k->up || k->open >= c.window)
			continue;
		c.at = (c.at + i + 1) % c.nconnections;
		return k;
	}
	return NULL;
}

static void take_answer(struct connection *k, struct span pdu)
{
	uint32_t sequence = pdu_sequence(c.protocol, pdu);

	for (size_t i = 0; i < c.window; i++) {
		if (k->waiting[i].sequence != sequence)
			continue;
		c.latencies_ns = grown(c.latencies_ns, c.taken + c.refused, &c.latencies_room, sizeof(*c.latencies_ns));
		c.latencies_ns[c.taken + c.refused] = clock_steady_ns() - k->waiting[i].due_ns;
		k->waiting[i].sequence = 0;
		k->open--;
		if (c.protocol->taken(pdu))
			c.taken++;
		else
			c.refused++;
		return;
	}
}

/* --- what comes ---------------------------------------------------------------------------- */

static void take_submit(struct connection *k, uint32_t sequence)
{
	if (c.holds) {
		c.held = grown(c.held, c.nheld, &c.held_room, sizeof(*c.held));
		c.held[c.nheld++] = (struct held){ .connection = k, .sequence = sequence };
		return;
	}
	c.protocol->answer(&k->out, PDU_SUBMIT, sequence, c.serial++);
	c.mts++;
}

static void take_pdu(struct connection *k, struct span pdu)
{
	uint32_t command = pdu_number(pdu, 4), sequence = pdu_sequence(c.protocol, pdu);

	if (command == (PDU_RESPONSE | PDU_DELIVER)) {
		take_answer(k, pdu);
	} else if (command == PDU_SUBMIT) {
		take_submit(k, sequence);
	} else if (command < PDU_RESPONSE) {
		c.protocol->answer(&k->out, command, sequence, c.serial++);
		c.logins += !k->up;
		k->up = true;
	}
}

static void receive(struct connection *k)
{
	ssize_t n = recv(k->fd, buf_reserve(&k->in, 65536), 65536, 0);
	size_t at = 0;
	struct span pdu;

	if (n <= 0) {
		hang_up(k);
		return;
	}
	k->in.len += (size_t)n;
	while ((pdu = pdu_next(&k->in, at)).len > 0) {
		take_pdu(k, pdu);
		at += pdu.len;
	}
	buf_drop(&k->in, at);
}

/* One wait for what comes; true: there is an order on the standard input. */
static bool turn(uint64_t wait_ns)
{
	struct pollfd fds[2 + CONNECTIONS_MAX] = { { .fd = STDIN_FILENO, .events = POLLIN },
						   { .fd = c.listening, .events = POLLIN } };
	struct timespec wait = { .tv_sec = (time_t)(wait_ns / 1000000000), .tv_nsec = (long)(wait_ns % 1000000000) };
	size_t n = c.nconnections;

	flush_all();
	for (size_t i = 0; i < n; i++)
		fds[2 + i] = (struct pollfd){ .fd = c.connections[i]->fd, .events = POLLIN };
	must(ppoll(fds, 2 + n, &wait, NULL) >= 0, "poll");
	for (size_t i = 0; i < n; i++)
		if (fds[2 + i].revents != 0)
			receive(c.connections[i]);
	if (fds[1].revents != 0)
		welcome();
	return fds[0].revents != 0;
}

/* --- orders ---------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double percentile_ms(size_t n, unsigned percent)
{
	size_t at = n > 0 ? (n - 1) * percent / 100 : 0;

	return n == 0 ? 0 : (double)c.latencies_ns[at] / 1e6;
}

struct load {
	uint64_t began_ns, until_ns, count;
	double rate;
};

static uint64_t due_ns(const struct load *load)
{
	return load->rate > 0 ? load->began_ns + (uint64_t)((double)c.sent * 1e9 / load->rate) : 0;
}

static void send_due(const struct load *load)
{
	struct connection *k;
	uint64_t now = clock_steady_ns();

	while (c.sent < load->count && now < load->until_ns && due_ns(load) <= now && (k = with_room()) != NULL)
		send_message(k, load->rate > 0 ? due_ns(load) : now);
}

static uint64_t until_next_ns(const struct load *load, uint64_t limit_ns)
{
	uint64_t now = clock_steady_ns(), due = due_ns(load);

	if (load->rate > 0 && due > now && due < limit_ns)
		return due - now;
	return limit_ns > now ? limit_ns - now : 0;
}

static void run(double seconds, double rate, uint64_t count)
{
	struct load load = { .began_ns = clock_steady_ns(), .rate = rate, .count = count > 0 ? count : UINT64_MAX };
	uint64_t in_time, ended_ns, grace_ns;

	load.until_ns = load.began_ns + (uint64_t)(seconds * 1e9);
	c.sent = c.taken = c.refused = 0;
	while (clock_steady_ns() < load.until_ns && c.taken + c.refused < load.count) {
		send_due(&load);
		turn(until_next_ns(&load, load.until_ns));
	}
	in_time = c.taken;
	ended_ns = clock_steady_ns();
	for (grace_ns = ended_ns + GRACE_NS; c.taken + c.refused < c.sent && clock_steady_ns() < grace_ns;)
		turn(grace_ns - clock_steady_ns());
	qsort(c.latencies_ns, c.taken + c.refused, sizeof(*c.latencies_ns), by_size);
	printf("{\"sent\":%llu,\"taken\":%llu,\"refused\":%llu,\"per_s\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
	       (unsigned long long)c.sent, (unsigned long long)c.taken, (unsigned long long)c.refused,
	       (double)in_time * 1e9 / (double)(ended_ns - load.began_ns), percentile_ms(c.taken + c.refused, 50),
	       percentile_ms(c.taken + c.refused, 99));
}

static void release(uint64_t count)
{
	uint64_t before = c.mts, began_ns = clock_steady_ns(), ends_ns = began_ns + 6 * GRACE_NS;

	c.holds = false;
	for (size_t i = 0; i < c.nheld; i++)
		take_submit(c.held[i].connection, c.held[i].sequence);
	c.nheld = 0;
	while (c.mts - before < count && clock_steady_ns() < ends_ns)
		turn(ends_ns - clock_steady_ns());
	flush_all();
	printf("{\"mts\":%llu,\"per_s\":%.1f}\n", (unsigned long long)(c.mts - before),
	       (double)(c.mts - before) * 1e9 / (double)(clock_steady_ns() - began_ns));
}

/* The number in that place behind the word of an order; 0: it is not there. */
static double number(const char *order, unsigned place)
{
	const char *at = strchr(order, ' ');
	double n = 0;

	for (; at != NULL && place > 0; place--) {
		char *end;

		n = strtod(at, &end);
		at = end;
	}
	return n;
}

static bool is(const char *order, const char *word)
{
	return strncmp(order, word, strlen(word)) == 0;
}

static void obey(const char *order)
{
	uint64_t count = (uint64_t)number(order, 1);

	if (is(order, "run ")) {
		run(number(order, 1), number(order, 2), (uint64_t)number(order, 3));
	} else if (is(order, "parts ")) {
		c.halves = true;
		run(60, 0, count);
		c.halves = false;
	} else if (is(order, "release ")) {
		release(count);
	} else if (is(order, "hold")) {
		c.holds = true;
		printf("{}\n");
	} else if (is(order, "connected ")) {
		while (c.logins < count)
			turn(GRACE_NS);
		flush_all();
		printf("{\"connected\":%llu}\n", (unsigned long long)c.logins);
	} else {
		must(false, order);
	}
	fflush(stdout);
}

/* --- start -------------------------------------------------------------------------------------- */

static void read_texts(const char *file)
{
	FILE *in = fopen(file, "r");
	char *line = NULL;
	size_t size = 0, room = 0;
	ssize_t len;

	must(in != NULL, file);
	while ((len = getline(&line, &size, in)) > 0) {
		line[len - 1] = '\0';
		c.texts = grown(c.texts, c.ntexts, &room, sizeof(*c.texts));
		c.texts[c.ntexts++] = strdup(line);
	}
	free(line);
	fclose(in);
	must(c.ntexts > 0, "texts");
}

static void start(const char *protocol, uint16_t port, size_t window)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1;

	c.protocol = strcmp(protocol, pdu_cmpp.name) == 0 ? &pdu_cmpp : &pdu_smpp;
	must(window > 0 && window <= WINDOW_MAX, "window");
	c.window = window;
	/* Carriers on different ports have no telephone in common, for a hundred thousand messages each. */
	c.serial = port % 60000 * UINT64_C(100000);
	c.listening = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(c.listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	must(bind(c.listening, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(c.listening, CONNECTIONS_MAX) == 0, "listen");
}

int main(int argc, char **argv)
{
	char order[128];

	if (argc != 5) {
		fprintf(stderr, "usage: carrier smpp|cmpp PORT WINDOW TEXTS\n");
		return 2;
	}
	start(argv[1], (uint16_t)strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
	read_texts(argv[4]);
	setvbuf(stdin, NULL, _IONBF, 0);
	for (;;) {
		if (!turn(GRACE_NS))
			continue;
		if (fgets(order, sizeof(order), stdin) == NULL)
			return 0;
		obey(order);
	}
}
