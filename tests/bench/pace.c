/*
 * A load generator with a fixed rate, for latencies (wrk has no rate).
 *
 * Open loop: request i is due at start + i / rate, whatever became of those
 * before it, and its latency counts from when it was due. So a server that
 * stalls for 100 ms shows it in all requests that came due meanwhile.
 *
 * usage: pace PORT PATH RATE SECONDS CONNECTIONS BODIES
 * BODIES has one request body a line. Prints one JSON object.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPLY_MAX 65536
#define GRACE_NS 5000000000ull

struct connection {
	int fd;
	bool busy;
	uint64_t due_ns;
	char reply[REPLY_MAX];
	size_t len;
};

struct bodies {
	char **at;
	size_t n;
};

struct run {
	const char *path;
	struct bodies bodies;
	struct connection *connections;
	size_t nconnections;
	uint64_t *latencies_ns;
	size_t ndone;
	size_t nbad;
	int epoll;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "pace: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void read_bodies(const char *file, struct bodies *out)
{
	FILE *in = fopen(file, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (in == NULL)
		die(file);
	while ((len = getline(&line, &size, in)) > 0) {
		line[len - 1] = '\0';
		out->at = realloc(out->at, (out->n + 1) * sizeof(*out->at));
		assert(out->at != NULL);
		out->at[out->n++] = strdup(line);
	}
	free(line);
	fclose(in);
	assert(out->n > 0);
}

static int connect_to(unsigned short port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void open_all(struct run *run, unsigned short port)
{
	run->epoll = epoll_create1(0);
	run->connections = calloc(run->nconnections, sizeof(*run->connections));
	assert(run->connections != NULL);
	for (size_t i = 0; i < run->nconnections; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &run->connections[i] };

		run->connections[i].fd = connect_to(port);
		epoll_ctl(run->epoll, EPOLL_CTL_ADD, run->connections[i].fd, &event);
	}
}

static struct connection *idle_one(struct run *run)
{
	static size_t next;

	for (size_t i = 0; i < run->nconnections; i++) {
		struct connection *c = &run->connections[(next + i) % run->nconnections];

		if (c->busy)
			continue;
		next = (next + i + 1) % run->nconnections;
		return c;
	}
	return NULL;
}

static void send_one(struct run *run, struct connection *c, size_t number, uint64_t due_ns)
{
	const char *body = run->bodies.at[number % run->bodies.n];
	char text[REPLY_MAX];
	int len = snprintf(text, sizeof(text),
			   "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
			   "Content-Length: %zu\r\n\r\n%s",
			   run->path, strlen(body), body);

	c->busy = true;
	c->due_ns = due_ns;
	c->len = 0;
	if (send(c->fd, text, (size_t)len, MSG_NOSIGNAL) != len)
		die("send");
}

/* The whole length of the reply in the buffer, or 0 when its head is not whole. */
static size_t reply_len(struct connection *c)
{
	char *end;
	char *field;

	c->reply[c->len] = '\0';
	end = strstr(c->reply, "\r\n\r\n");
	field = strcasestr(c->reply, "\r\nContent-Length:");
	if (end == NULL || field == NULL)
		return 0;
	return (size_t)(end + 4 - c->reply) + strtoul(field + 17, NULL, 10);
}

static void take(struct run *run, struct connection *c)
{
	ssize_t got = recv(c->fd, c->reply + c->len, sizeof(c->reply) - 1 - c->len, 0);

	if (got <= 0)
		die("the server closed a connection");
	c->len += (size_t)got;
	if (reply_len(c) == 0 || c->len < reply_len(c))
		return;
	c->busy = false;
	run->nbad += strncmp(c->reply + 9, "201", 3) != 0;
	run->latencies_ns[run->ndone++] = now_ns() - c->due_ns;
}

static void take_replies(struct run *run, uint64_t until_ns)
{
	struct epoll_event events[64];
	uint64_t now = now_ns();
	uint64_t wait_ns = until_ns > now ? until_ns - now : 0;
	struct timespec wait = { .tv_sec = (time_t)(wait_ns / 1000000000), .tv_nsec = (long)(wait_ns % 1000000000) };
	/* It sleeps, and takes no core from the server. */
	int n = epoll_pwait2(run->epoll, events, 64, &wait, NULL);

	for (int i = 0; i < n; i++)
		take(run, events[i].data.ptr);
}

static void send_all(struct run *run, double rate, size_t total)
{
	uint64_t start = now_ns();
	uint64_t end;
	size_t sent = 0;

	while (sent < total) {
		uint64_t due = start + (uint64_t)((double)sent * 1e9 / rate);
		bool late = now_ns() >= due;
		struct connection *c = late ? idle_one(run) : NULL;

		/* Without an idle connection the next reply is waited for. */
		if (c != NULL)
			send_one(run, c, sent++, due);
		else
			take_replies(run, late ? due + GRACE_NS : due);
	}
	for (end = now_ns() + GRACE_NS; run->ndone < total && now_ns() < end;)
		take_replies(run, end);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double percentile_ms(const struct run *run, double percent)
{
	if (run->ndone == 0)
		return 0;
	return (double)run->latencies_ns[(size_t)((double)(run->ndone - 1) * percent / 100)] / 1e6;
}

int main(int argc, char **argv)
{
	struct run run = { 0 };
	double rate;
	size_t total;

	if (argc != 7) {
		fprintf(stderr, "usage: pace PORT PATH RATE SECONDS CONNECTIONS BODIES\n");
		return 2;
	}
	rate = atof(argv[3]);
	total = (size_t)(rate * atof(argv[4]));
	run.path = argv[2];
	run.nconnections = strtoul(argv[5], NULL, 10);
	run.latencies_ns = calloc(total + 1, sizeof(*run.latencies_ns));
	assert(rate > 0 && total > 0 && run.latencies_ns != NULL);
	read_bodies(argv[6], &run.bodies);
	open_all(&run, (unsigned short)strtoul(argv[1], NULL, 10));
	send_all(&run, rate, total);
	qsort(run.latencies_ns, run.ndone, sizeof(*run.latencies_ns), by_size);
	printf("{\"sent\":%zu,\"answered\":%zu,\"bad\":%zu,\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}\n",
	       total, run.ndone, run.nbad, percentile_ms(&run, 50), percentile_ms(&run, 90), percentile_ms(&run, 99),
	       percentile_ms(&run, 100));
	return 0;
}
