/*
 * Messages a second over one SMPP bind.
 *
 *   smpp_bench smsc PORT WINDOW SECONDS   listens, waits for a bind, keeps WINDOW deliver_sm without an answer for so
 *                                         long; prints {"sent":..,"taken":..,"refused":..,"per_s":..}
 *   smpp_bench sink PORT                  binds there and answers each deliver_sm at once, until the end of the connection
 */
#include "daemon/sys/clock.h"
#include "tests/support/smpp_octets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const places[] = { "\x4e\x1c\x80\xdc\x53\x3a", "\x67\x1d\x96\x33\x53\x3a", "\x59\x29\x6c\xb3\x53\x3a" };

static void must(bool well, const char *what)
{
	if (well)
		return;
	perror(what);
	exit(1);
}

static void send_all(int fd, struct buf *out)
{
	size_t at = 0;

	while (at < out->len) {
		ssize_t n = send(fd, out->at + at, out->len - at, MSG_NOSIGNAL);

		must(n > 0, "send");
		at += (size_t)n;
	}
	buf_clear(out);
}

/* Reads more; false at the end. */
static bool read_more(int fd, struct buf *in)
{
	ssize_t n = recv(fd, buf_reserve(in, 65536), 65536, 0);

	if (n <= 0)
		return false;
	in->len += (size_t)n;
	return true;
}

/* The first whole PDU in `in`, behind `at`; empty: there is none yet. */
static struct span next_pdu(const struct buf *in, size_t at)
{
	struct span rest = span_from_offset(buf_span(in), at);
	size_t len = rest.len >= 16 ? smpp_number_of(rest, 0) : 0;

	return len == 0 || len > rest.len ? (struct span){ 0 } : span_from(rest.at, len);
}

/* Sixty Chinese characters with a place and a number, no two the same. */
static void add_message(struct buf *out, uint32_t sequence)
{
	struct buf text = { 0 }, body = { 0 };
	char digits[12];

	buf_add(&text, places[sequence % 3], 6);
	for (int i = 0; i < 47; i++) {
		buf_add_byte(&text, 0x4e + (int)((sequence >> i % 8) % 64));
		buf_add_byte(&text, (int)((sequence * 7 + (uint32_t)i * 13) % 251 + 1));
	}
	snprintf(digits, sizeof(digits), "%010u", sequence);
	for (const char *c = digits; *c != '\0'; c++) {
		buf_add_byte(&text, 0);
		buf_add_byte(&text, *c);
	}
	smpp_deliver_to(&body, 0, 8, buf_span(&text));
	smpp_pdu_to(out, 5, 0, sequence, buf_span(&body));
	buf_release(&text);
	buf_release(&body);
}

struct count {
	uint64_t sent, taken, refused;
};

static size_t take_answers(int fd, struct buf *in, struct buf *out, struct count *count)
{
	size_t at = 0, answers = 0;
	struct span pdu;

	while ((pdu = next_pdu(in, at)).len > 0) {
		uint32_t command = smpp_number_of(pdu, 4);

		if (command == 0x80000005) {
			answers++;
			count->taken += smpp_number_of(pdu, 8) == 0;
			count->refused += smpp_number_of(pdu, 8) != 0;
		} else if (command < 0x80000000) {
			smpp_pdu_to(out, command | 0x80000000, 0, smpp_number_of(pdu, 12), command < 10 ? SPAN("smsc\0") : SPAN(""));
			send_all(fd, out);
		}
		at += pdu.len;
	}
	buf_drop(in, at);
	return answers;
}

static int listen_and_accept(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, listening = socket(AF_INET, SOCK_STREAM, 0), fd;

	setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	must(bind(listening, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(listening, 1) == 0, "listen");
	fd = accept(listening, NULL, NULL);
	must(fd >= 0, "accept");
	close(listening);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void smsc(uint16_t port, unsigned window, unsigned seconds)
{
	int fd = listen_and_accept(port);
	struct buf in = { 0 }, out = { 0 };
	struct count count = { 0 };
	uint32_t sequence = (uint32_t)(clock_wall_ms() / 1000) << 20;
	uint64_t began, ends;

	must(read_more(fd, &in), "bind");
	take_answers(fd, &in, &out, &count);
	began = clock_steady_ms();
	ends = began + seconds * UINT64_C(1000);
	for (size_t room = window; clock_steady_ms() < ends;) {
		for (; room > 0; room--, count.sent++)
			add_message(&out, sequence++);
		send_all(fd, &out);
		must(read_more(fd, &in), "answers");
		room += take_answers(fd, &in, &out, &count);
	}
	ends = clock_steady_ms();
	printf("{\"sent\":%llu,\"taken\":%llu,\"refused\":%llu,\"per_s\":%.0f}\n", (unsigned long long)count.sent,
	       (unsigned long long)count.taken, (unsigned long long)count.refused, (double)count.taken * 1000 / (double)(ends - began));
	close(fd);
	buf_release(&in);
	buf_release(&out);
}

static void sink(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	struct buf in = { 0 }, out = { 0 };
	struct span pdu;

	must(connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0, "connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	smpp_pdu_to(&out, 9, 0, 1, SPAN("tip\0secret\0\0\x34\0\0\0"));
	send_all(fd, &out);
	while (read_more(fd, &in)) {
		size_t done = 0;

		while ((pdu = next_pdu(&in, done)).len > 0) {
			if (smpp_number_of(pdu, 4) == 5)
				smpp_pdu_to(&out, 0x80000005, 0, smpp_number_of(pdu, 12), SPAN("\0"));
			done += pdu.len;
		}
		buf_drop(&in, done);
		send_all(fd, &out);
	}
	close(fd);
	buf_release(&in);
	buf_release(&out);
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "smsc") == 0)
		smsc((uint16_t)atoi(argv[2]), (unsigned)atoi(argv[3]), (unsigned)atoi(argv[4]));
	else if (argc == 3 && strcmp(argv[1], "sink") == 0)
		sink((uint16_t)atoi(argv[2]));
	else
		return 2;
	return 0;
}
