/*
 * The treasury on a private Redis with the durable settings: records a second,
 * one at a time and with many waiting, and how fast a journal is checked at
 * the start and when the store comes back.
 *
 *   treasury_bench [records]
 */
#include "daemon/jobs/treasury.h"

#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "tests/support/private_redis.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const unsigned char key[32] = "a key that none but tests use...";
static struct private_redis server;
static struct loop *loop;
static struct store *store;
static struct treasury *treasury;
static unsigned submitted, answered, wanted;

static void open_treasury(const char *mirror)
{
	struct complaint why;
	char path[128];

	snprintf(path, sizeof(path), "%.60s/%s", server.dir, mirror);
	treasury = treasury_new(&(struct treasury_env){ .loop = loop,
							.store = store,
							.holder = SPAN("bench"),
							.instruction_key = key,
							.mirror = path },
				&why);
	assert(treasury != NULL);
}

static void look(void *ctx)
{
	struct treasury_figures figures;

	(void)ctx;
	treasury_figures(treasury, &figures);
	if (figures.ready)
		loop_stop(loop);
}

static double until_ready(void)
{
	uint64_t began_ns = clock_steady_ns();
	struct loop_timer *timer = loop_every(loop, 1, look, NULL);

	loop_run(loop);
	loop_timer_cancel(timer);
	return (double)(clock_steady_ns() - began_ns) / 1e9;
}

static void submit(void);

static void done(void *ctx, const struct treasury_answer *answer)
{
	(void)ctx;
	assert(answer->outcome == TREASURY_DONE);
	if (++answered == wanted)
		loop_stop(loop);
	else if (submitted < wanted)
		submit();
}

static void submit(void)
{
	static unsigned number;
	char name[32];
	struct book_command command = {
		.kind = "audit.export",
		.person = SPAN("system"),
		.account = SPAN("system"),
		.roles = MONEY_SYSTEM,
		.fields = { { .name = "what", .value = SPAN("journal") },
			    { .name = "rows", .value = SPAN("1000") },
			    { .name = "hash",
			      .value = SPAN("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f") } },
		.nfields = 3
	};

	snprintf(name, sizeof(name), "k-%u", ++number);
	command.key = span_of(name);
	submitted++;
	treasury_submit(treasury, &command, (struct treasury_wait){ .done = done });
}

static double append(unsigned n, unsigned at_once)
{
	uint64_t began_ns = clock_steady_ns();

	submitted = answered = 0;
	wanted = n;
	for (unsigned i = 0; i < at_once; i++)
		submit();
	loop_run(loop);
	return n / ((double)(clock_steady_ns() - began_ns) / 1e9);
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 5000;
	double seconds;

	log_open(LOG_LEVEL_ERROR, false);
	private_redis_start(&server);
	loop = loop_new();
	store = store_redis_new(loop, server.address, 5000);
	open_treasury("one.jsonl");
	until_ready();
	printf("appends/s, one at a time  %10.0f\n", append(n / 5, 1));
	printf("appends/s, 64 waiting     %10.0f\n", append(n - n / 5, 64));
	treasury_free(treasury);
	open_treasury("one.jsonl");
	seconds = until_ready();
	printf("start, records/s          %10.0f   (%u records, %.0f ms)\n", n / seconds, n, seconds * 1e3);
	treasury_free(treasury);
	open_treasury("two.jsonl");
	seconds = until_ready();
	printf("start without a mirror    %10.0f\n", n / seconds);
	store->links++;
	look(NULL);
	seconds = until_ready();
	printf("check again, records/s    %10.0f\n", n / seconds);
	treasury_free(treasury);
	store_free(store);
	loop_free(loop);
	private_redis_stop(&server);
	return 0;
}
