/*
 * Payments in tests; see payout_rig.h.
 */
#include "tests/support/payout_rig.h"

#include "daemon/base/hex.h"
#include "daemon/http/client.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "handlers/payout/attempt_voucher.h"
#include "handlers/payout/payee.h"
#include "tests/support/journal_sample.h"

#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 60000
#define TURN_MS 5
#define SILENCE_MS 1500   /* of the provider, until its answer counts as lost */

static const struct rail_final finals[] = {
	{ .code = "ACCOUNT_CLOSED", .fault = RAIL_FAULT_PAYEE },
	{ .code = "CHANNEL_OFF", .fault = RAIL_FAULT_OURS },
};

static const struct seal_key test_key = { "a key that no house has but this" };

/* --- the provider ---------------------------------------------------------------------------- */

static void run_provider(const int to[2], const int from[2])
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(to[0], 0);
	dup2(from[1], 1);
	close(to[1]);
	close(from[0]);
	execl("/usr/bin/python3", "/usr/bin/python3", "tests/support/fake_provider.py", (char *)NULL);
	_exit(127);
}

static void start_provider(struct payout_rig *rig)
{
	int to[2], from[2], n;
	FILE *out;

	n = pipe2(to, O_CLOEXEC) + pipe2(from, O_CLOEXEC);
	assert(n == 0);
	rig->provider = fork();
	if (rig->provider == 0)
		run_provider(to, from);
	close(to[0]);
	close(from[1]);
	rig->provider_input = to[1];
	out = fdopen(from[0], "r");
	n = fscanf(out, "%u %u", &rig->port, &rig->control);
	assert(n == 2);
	fclose(out);
	snprintf(rig->url, sizeof(rig->url), "http://127.0.0.1:%u", rig->port);
}

const char *payout_rig_control(struct payout_rig *rig, const char *path, const char *body)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)rig->control),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct buf answer = { 0 };
	const char *request = arena_printf(&rig->arena, "POST %s HTTP/1.0\r\nContent-Length: %zu\r\n\r\n%s", path,
					   strlen(body), body);
	size_t head;
	ssize_t n = connect(fd, (struct sockaddr *)&at, sizeof(at));

	assert(n == 0);
	n = write(fd, request, strlen(request));
	assert(n == (ssize_t)strlen(request));
	while ((n = read(fd, buf_reserve(&answer, 4096), 4096)) > 0)
		answer.len += (size_t)n;
	close(fd);
	head = span_find(buf_span(&answer), SPAN("\r\n\r\n"));
	const char *text = arena_dup(&rig->arena, span_from_offset(buf_span(&answer), head + 4)).at;

	buf_release(&answer);
	return text;
}

unsigned payout_rig_sent(struct payout_rig *rig, const char *instruction)
{
	const char *at = payout_rig_control(rig, "/sent", "{}");
	unsigned sum = 0;

	if (instruction != NULL)
		at = strstr(at, instruction);
	while (at != NULL && (at = strstr(at, "\"times\": ")) != NULL) {
		at += strlen("\"times\": ");
		sum += (unsigned)strtoul(at, NULL, 10);
		if (instruction != NULL)
			break;
	}
	return sum;
}

/* --- the journal ------------------------------------------------------------------------------- */

static struct record read_line(struct payout_rig *rig, struct span line)
{
	struct complaint why;
	struct record record;
	bool well = record_read(line, &rig->arena, &record, &why);

	assert(well);
	return record;
}

/* As money_append leaves it; the past is not timely, so it is put there by hand. */
static void seed_redis(struct payout_rig *rig)
{
	redisContext *link = redisConnectUnix(rig->redis.socket);

	for (size_t i = 0; i < rig->money.nlines; i++) {
		struct record r = read_line(rig, rig->money.lines[i]);
		const char *seq = arena_printf(&rig->arena, "%llu", (unsigned long long)r.seq);
		const char *hash = hex_text(&rig->arena, r.hash, 32), *print = hex_text(&rig->arena, r.print, 32);

		freeReplyObject(redisCommand(link, "XADD {money}:journal %s-0 e %b", seq, rig->money.lines[i].at,
					     rig->money.lines[i].len));
		freeReplyObject(redisCommand(link, "HSET {money}:head seq %s hash %s at %lld", seq, hash,
					     (long long)r.at_ms));
		freeReplyObject(redisCommand(link, "HSET {money}:idem:%b print %s seq %s", r.key.at, r.key.len, print,
					     seq));
	}
	redisFree(link);
}

static void ignore(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	assert(reply->outcome == STORE_DONE && reply->verdict == STORE_OK);
}

void payout_daemon_pass(struct payout_daemon *daemon, int64_t ms)
{
	for (; ms > 0; ms -= INT32_MAX)
		store_memory_advance(daemon->twin->memory, (unsigned)(ms < INT32_MAX ? ms : INT32_MAX));
}

static void seed_memory(struct payout_daemon *daemon)
{
	struct payout_rig *rig = daemon->rig;
	int64_t now_ms = 0;

	for (size_t i = 0; i < rig->money.nlines; i++) {
		struct record r = read_line(rig, rig->money.lines[i]);
		struct store_money money = { .seq = r.seq, .at_ms = r.at_ms, .key = r.key, .record = rig->money.lines[i] };
		struct store_request request = journal_append(&money);

		payout_daemon_pass(daemon, r.at_ms - now_ms);
		now_ms = r.at_ms;
		memcpy(money.prev, r.prev, sizeof(money.prev));
		memcpy(money.hash, r.hash, sizeof(money.hash));
		memcpy(money.print, r.print, sizeof(money.print));
		store_submit(&daemon->twin->base, &request, (struct store_wait){ .done = ignore });
		payout_daemon_run(daemon, 1);
	}
	payout_daemon_pass(daemon, rig->money.now_ms - now_ms);
}

void payout_rig_open(struct payout_rig *rig, bool memory, const char *driver, unsigned rewards)
{
	*rig = (struct payout_rig){ .memory = memory };
	log_open((enum log_level)0, false);
	snprintf(rig->dir, sizeof(rig->dir), "/tmp/tipline-payout-XXXXXX");
	if (mkdtemp(rig->dir) == NULL)
		abort();
	money_book_begin(&rig->money, INT64_C(100000000));
	for (unsigned i = 0; i < rewards; i++)
		money_released(&rig->money, money_text(&rig->money, "TIP%u", i));
	if (strcmp(driver, "http") == 0)
		start_provider(rig);
	if (memory)
		return;
	private_redis_start(&rig->redis);
	seed_redis(rig);
}

void payout_rig_close(struct payout_rig *rig)
{
	if (rig->provider > 0) {
		close(rig->provider_input);
		waitpid(rig->provider, NULL, 0);
	}
	if (!rig->memory)
		private_redis_stop(&rig->redis);
	money_book_release(&rig->money);
	for (unsigned i = 1; i <= rig->mirrors; i++) {
		unlink(arena_printf(&rig->arena, "%s/%u/journal.jsonl", rig->dir, i));
		rmdir(arena_printf(&rig->arena, "%s/%u", rig->dir, i));
	}
	rmdir(rig->dir);
	arena_release(&rig->arena);
}

/* --- a daemon ------------------------------------------------------------------------------------- */

static void applied(void *ctx, const struct record *record)
{
	struct payout_daemon *daemon = ctx;

	if (daemon->dispatch != NULL)
		dispatch_applied(daemon->dispatch, record);
}

static void errand(void *ctx, const struct record *record)
{
	struct payout_daemon *daemon = ctx;

	dispatch_errand(daemon->dispatch, record);
}

static void stepped(void *ctx, enum dispatch_step step, struct span attempt)
{
	struct payout_daemon *daemon = ctx;

	(void)attempt;
	daemon->steps[step]++;
	if (step == daemon->die_at)
		kill(getpid(), SIGKILL);
}

static void open_rail(struct payout_daemon *daemon, const char *driver)
{
	struct rail_config config = { .name = "voucher", .driver = driver, .url = daemon->rig->url, .profile_version = 1,
				      .method = "wallet", .finals = finals, .nfinals = 2, .not_found_is_final = true, .account = "main" };
	struct complaint why = { .text = "" };
	bool well;

	config.keys[0] = (struct x_sig_key){ .id = "test-1", .secret = SPAN("0123456789abcdef0123456789abcdef") };
	well = rail_set_add(&daemon->rails, &config, &why);
	assert(well);
}

static void open_store(struct payout_daemon *daemon)
{
	struct payout_rig *rig = daemon->rig;

	if (!rig->memory) {
		daemon->store = store_redis_new(daemon->loop, rig->redis.address, 1000);
		return;
	}
	daemon->twin = store_double_new(daemon->loop);
	daemon->twin->durable = true;
	daemon->twin->base.links = 1;
	daemon->store = &daemon->twin->base;
	seed_memory(daemon);
}

static void open_dispatch(struct payout_daemon *daemon)
{
	struct dispatch_env env = { .loop = daemon->loop, .store = daemon->store, .http = daemon->http,
				    .treasury = daemon->treasury, .rails = &daemon->rails, .payees = &daemon->payees,
				    .vouchers = &daemon->vouchers, .remark = "thanks", .period_ms = 5, .timeout_ms = SILENCE_MS,
				    .stepped = stepped, .ctx = daemon };

	daemon->dispatch = dispatch_new(&env);
}

void payout_daemon_open(struct payout_daemon *daemon, struct payout_rig *rig, const char *driver, const char *holder)
{
	struct complaint why = { .text = "" };
	struct treasury_env env = { .holder = span_of(holder), .instruction_key = money_book_key, .timers = true,
				    .applied = applied, .errand = errand, .ctx = daemon };

	*daemon = (struct payout_daemon){ .rig = rig, .loop = loop_new(), .die_at = DISPATCH_STEPS };
	payee_key(&test_key, &daemon->payees);
	attempt_voucher_key(&test_key, &daemon->vouchers);
	open_store(daemon);
	open_rail(daemon, driver);
	daemon->http = http_client_new(loop_base(daemon->loop));
	env.loop = daemon->loop;
	env.store = daemon->store;
	env.mirror = arena_printf(&rig->arena, "%s/%u/journal.jsonl", rig->dir, ++rig->mirrors);
	daemon->treasury = treasury_new(&env, &why);
	if (daemon->treasury == NULL) {
		fprintf(stderr, "%s\n", why.text);
		abort();
	}
	open_dispatch(daemon);
}

void payout_daemon_close(struct payout_daemon *daemon)
{
	dispatch_free(daemon->dispatch);
	treasury_free(daemon->treasury);
	store_free(daemon->store);
	http_client_free(daemon->http);
	rail_set_release(&daemon->rails);
	loop_free(daemon->loop);
}

static void stop(void *ctx)
{
	loop_stop(ctx);
}

void payout_daemon_run(struct payout_daemon *daemon, unsigned ms)
{
	uint64_t now_ms = clock_steady_ms();

	if (daemon->twin != NULL && daemon->moved_ms > 0)
		payout_daemon_pass(daemon, (int64_t)(now_ms - daemon->moved_ms));
	daemon->moved_ms = now_ms;
	/* In several turns: what comes every few milliseconds comes, however long the machine leaves us waiting in one of them. */
	for (unsigned turn = 0; turn < ms; turn += TURN_MS) {
		loop_after(daemon->loop, TURN_MS, stop, daemon->loop);
		loop_run(daemon->loop);
	}
}

bool payout_daemon_until(struct payout_daemon *daemon, bool (*so)(struct payout_daemon *daemon))
{
	uint64_t end_ms = clock_steady_ms() + PATIENCE_MS;

	while (!so(daemon)) {
		if (clock_steady_ms() > end_ms)
			return false;
		payout_daemon_run(daemon, 5);
	}
	return true;
}

static bool never(struct payout_daemon *daemon)
{
	(void)daemon;
	return false;
}

int payout_rig_die(struct payout_rig *rig, const char *driver, const char *holder, enum dispatch_step at)
{
	struct payout_daemon daemon;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		payout_daemon_open(&daemon, rig, driver, holder);
		daemon.die_at = at;
		payout_daemon_until(&daemon, never);
		_exit(0);
	}
	rig->mirrors++;
	waitpid(pid, &status, 0);
	return status;
}

const struct book_attempt *payout_daemon_attempt(const struct payout_daemon *daemon, size_t n)
{
	const struct book *book = treasury_book(daemon->treasury);
	const struct book_reward *reward = book != NULL ? book_reward_at(book, n) : NULL;

	return reward != NULL && reward->nattempts > 0 ? &reward->attempts[0] : NULL;
}
