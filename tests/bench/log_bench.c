/*
 * How fast the sealer is: a journal of so many tips, sealed from its first event
 * to its last, in batches of 4,096, over a store that answers at once.
 *
 *   log_bench [LEAVES [DIR]]      1000000, a directory of its own below /tmp; a named one stays
 *
 * Every part but the store is the real one: leaves, hashes, tiles, fsync, two
 * turns per batch. The line says leaves a second, the longest time that the loop
 * was held, and how long the proof of a leaf takes from the files.
 */
#include "daemon/base/memory.h"
#include "daemon/jobs/sealer.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/leaves.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PROOFS 1000

struct bench_store {
	struct store base;
	struct loop *loop;
	uint64_t events;
	struct store_batch last;
	struct buf note;
};

struct answer {
	struct store_wait wait;
	struct arena arena;
	struct store_reply reply;
};

static struct loop *loop;
static struct sealer *sealer;
static uint64_t want, longest_ns, turn_ns;

static void give(void *ctx)
{
	struct answer *answer = ctx;

	answer->wait.done(answer->wait.ctx, &answer->reply);
	arena_release(&answer->arena);
	free(answer);
}

static void journal(const struct bench_store *store, const struct store_request *request, struct answer *answer)
{
	struct store_reply *reply = &answer->reply;

	reply->events = arena_array(&answer->arena, struct store_event, request->max);
	for (uint64_t number = request->from; number <= store->events && reply->nevents < request->max; number++) {
		char *json = arena_printf(&answer->arena,
					  "{\"e\":\"accepted\",\"id\":\"15-%010llu\",\"at\":1763748000000,\"region\":\"150602\","
					  "\"points\":40,\"via\":\"web\",\"why\":\"place\",\"confidence\":90,\"rules\":[\"waste\"],"
					  "\"rules_version\":7,\"mark\":\"%032llx\"}",
					  (unsigned long long)number, (unsigned long long)number);
		char *seed = arena_alloc(&answer->arena, STORE_SEED_BYTES);

		memcpy(seed, &number, sizeof(number));
		reply->events[reply->nevents++] = (struct store_event){ .number = number, .json = span_of(json),
									.seed = span_from(seed, STORE_SEED_BYTES) };
	}
}

static void log_read(struct bench_store *store, const struct store_request *request, struct answer *answer)
{
	answer->reply.rev = store->events;
	answer->reply.count = store->last.number;
	answer->reply.batches = &store->last;
	answer->reply.nbatches = store->last.number > 0 && request->from <= store->last.number;
}

static void submit(struct store *base, const struct store_request *request, struct store_wait wait)
{
	struct bench_store *store = (struct bench_store *)base;
	struct answer *answer = memory_zeroes(1, sizeof(*answer));
	bool ours = strcmp(request->shard, "15") == 0;

	answer->wait = wait;
	answer->reply.fence = 1;
	if (request->op == STORE_JOURNAL && ours)
		journal(store, request, answer);
	else if (request->op == STORE_LOG_READ && ours)
		log_read(store, request, answer);
	if (request->op == STORE_LOG_SEAL && ours) {
		store->last = *request->batch;
		buf_clear(&store->note);
		buf_add_span(&store->note, request->batch->note);
		store->last.note = buf_span(&store->note);
	} else if (request->op == STORE_LOG_SEAL) {
		answer->reply.verdict = STORE_FENCED;
	}
	loop_post(store->loop, give, answer);
}

/* Comes as often as the loop comes round: what lies between was one turn, or two. */
static void watch(void *ctx)
{
	uint64_t now_ns = clock_steady_ns();
	struct sealer_log log;

	(void)ctx;
	if (turn_ns != 0 && now_ns - turn_ns > longest_ns)
		longest_ns = now_ns - turn_ns;
	turn_ns = now_ns;
	sealer_find(sealer, SPAN("15"), &log);
	if (log.size >= want)
		loop_stop(loop);
	else
		loop_after(loop, 0, watch, NULL);
}

static double prove(const struct sealer_log *log)
{
	struct tree_reader reader = tiles_reader(log->tiles, log->size);
	uint64_t began_ns = clock_steady_ns();

	for (int i = 0; i < PROOFS; i++) {
		struct arena arena = { 0 };
		struct tree_proof proof;

		if (!tree_inclusion(&reader, random_u64() % log->size, log->size, &arena, &proof))
			exit(1);
		arena_release(&arena);
	}
	return (double)(clock_steady_ns() - began_ns) / PROOFS / 1e6;
}

int main(int argc, char **argv)
{
	static const char shards[][3] = { "15" };
	static const struct store_ops ops = { .submit = submit };
	struct bench_store store = { .base = { .ops = &ops, .up = true } };
	char dir[400], keys_dir[420], command[440];
	struct sealer_figures figures;
	struct sealer_log log;
	struct complaint why;
	uint64_t began_ns;
	double seconds;

	want = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	snprintf(dir, sizeof(dir), "%s", argc > 2 ? argv[2] : "/tmp/tipline-log-bench-XXXXXX");
	if (argc <= 2 && mkdtemp(dir) == NULL)
		return 1;
	log_open(LOG_LEVEL_WARNING, false);
	store.loop = loop = loop_new();
	store.events = want;
	snprintf(keys_dir, sizeof(keys_dir), "%s/keys", dir);
	sealer = sealer_new(&(struct sealer_env){ .loop = loop, .store = &store.base,
						  .keys = keys_open(keys_dir, true, &why), .shards = shards,
						  .nshards = 1, .holder = SPAN("bench"), .dir = dir,
						  .origin = SPAN("bench.invalid"), .interval_ms = 100, .look_ms = 8,
						  .lead = true },
			    &why);
	if (sealer == NULL) {
		fprintf(stderr, "log_bench: %s\n", why.text);
		return 1;
	}
	began_ns = clock_steady_ns();
	loop_after(loop, 0, watch, NULL);
	loop_run(loop);
	seconds = (double)(clock_steady_ns() - began_ns) / 1e9;
	sealer_find(sealer, SPAN("15"), &log);
	sealer_figures(sealer, &figures);
	printf("%llu leaves in %.1f s: %.0f a second, %llu batches; writing and syncing %.1f ms each, longest turn %.1f ms; "
	       "proof %.3f ms\n",
	       (unsigned long long)log.size, seconds, (double)log.size / seconds, (unsigned long long)log.batches,
	       (double)figures.write_ns / 1e6 / (double)figures.followed, (double)longest_ns / 1e6, prove(&log));
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return argc <= 2 ? system(command) : 0;
}
