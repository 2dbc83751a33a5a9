/*
 * tipctl retention: what would be deleted now, what was, and legal holds.
 *
 * plan reads the store by itself, with the rules of the configuration; the
 * others, run among them, ask the running daemon, so that who asked stands in the trail.
 */
#include "daemon/cli/tipctl_bank.h"
#include "daemon/cli/tipctl_money_journal.h"
#include "daemon/store/calls.h"
#include "daemon/store/replies.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/retention_file.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

#define PIECE 500
#define SHARDS 100

static const char usage[] =
	"usage: tipctl retention plan [OPTIONS]\n"
	"       tipctl retention report [OPTIONS]\n"
	"       tipctl retention run [OPTIONS]\n"
	"       tipctl retention hold TIP REASON [OPTIONS]\n"
	"       tipctl retention lift TIP REASON [OPTIONS]\n"
	"\n"
	"plan counts, by outcome, the tips of the configured store whose parts are due by the rules of\n"
	"retention.file, whether retention.enabled is true or not; tips with unfinished rewards are not\n"
	"told apart. run has the running daemon begin a round now, with an administrator's token; where the\n"
	"jobs are a process of their own, reload that one. report prints what was deleted: month, region, outcome, part, tips. hold puts a\n"
	"legal hold on a tip (court, prosecution, investigation, appeal, audit); lift asks for the end\n"
	"of it, or confirms what another person asked for (ended, mistake).\n";

/* --- what would be deleted ----------------------------------------------------------------------- */

struct planned {
	struct retention_rules rules;
	int64_t now_ms;
	uint64_t due[RETENTION_OUTCOMES][RETENTION_PARTS], ended[RETENTION_OUTCOMES], held[RETENTION_OUTCOMES];
};

static void take_row(struct planned *p, const struct store_row *row)
{
	struct retention_case tip = { .ended_ms = row->end.at_ms, .erased = row->end.erased, .held = row->hold.by.len > 0 };
	unsigned due;

	if (!retention_outcome_parse(row->end.outcome, &tip.outcome))
		return;
	due = retention_plan(&p->rules, &tip, p->now_ms).due;
	p->ended[tip.outcome]++;
	p->held[tip.outcome] += tip.held;
	for (size_t part = 0; part < RETENTION_PARTS; part++)
		p->due[tip.outcome][part] += (due & RETENTION_BIT(part)) != 0;
}

/* One piece of a shard, behind the row where the last one ended; false when the store does not answer as it should. */
static bool read_piece(redisContext *link, struct store_request *request, struct planned *p, size_t *n)
{
	struct command commands[COMMANDS_MAX];
	struct arena arena = { 0 };
	struct reply_expected expected;
	struct store_reply reply = { .outcome = STORE_DONE };
	redisReply *answer;
	bool well;

	(void)calls_build(request, &arena, commands);
	reply_expect(request, &arena, &expected);
	answer = redisCommandArgv(link, (int)commands[0].n, commands[0].words, commands[0].lens);
	well = answer != NULL && answer->type != REDIS_REPLY_ERROR && reply_decode(&expected, 0, answer, &arena, &reply);
	*n = well ? reply.nrows : 0;
	for (size_t i = 0; i < *n; i++) {
		take_row(p, &reply.rows[i]);
		request->from = (uint64_t)reply.rows[i].end.at_ms;
		request->id = reply.rows[i].id;
	}
	if (answer != NULL)
		freeReplyObject(answer);
	arena_release(&arena);
	return well;
}

static bool read_shard(redisContext *link, unsigned shard, struct planned *p)
{
	struct store_request request = { .op = STORE_ENDED, .max = PIECE, .until_ms = p->now_ms,
					 .shard = { (char)('0' + shard / 10), (char)('0' + shard % 10), '\0' } };
	size_t n = PIECE;

	while (n == PIECE)
		if (!read_piece(link, &request, p, &n))
			return false;
	return true;
}

static void print_plan(const struct planned *p)
{
	printf("%-14s %9s %9s %9s %9s %9s %9s\n", "outcome", "ended", "held", "identity", "files", "text", "row");
	for (size_t i = 0; i < RETENTION_OUTCOMES; i++) {
		printf("%-14s %9llu %9llu", retention_outcome_word((enum retention_outcome)i), (unsigned long long)p->ended[i],
		       (unsigned long long)p->held[i]);
		for (size_t part = 0; part < RETENTION_PARTS; part++)
			printf(" %9llu", (unsigned long long)p->due[i][part]);
		putchar('\n');
	}
}

static int plan_store(const char *address, struct planned *p)
{
	struct complaint why;
	redisContext *link = money_journal_link(address, &why);
	bool well = link != NULL;

	if (link == NULL)
		fprintf(stderr, "tipctl: %s\n", why.text);
	for (unsigned shard = 0; well && shard < SHARDS; shard++)
		well = read_shard(link, shard, p);
	if (link != NULL && !well)
		fputs("tipctl: the store has no functions of this version, or does not answer\n", stderr);
	if (link != NULL)
		redisFree(link);
	if (well)
		print_plan(p);
	return well ? CTL_WELL : CTL_WRONG;
}

static int plan(const struct bank_args *args)
{
	struct planned p = { .now_ms = clock_wall_ms() };
	char address[PATH_MAX];
	struct config config;
	struct complaint why;
	bool well;

	if (!ctl_load(&args->api.common, &config))
		return CTL_WRONG;
	well = retention_rules_read(config.retention.file, &p.rules, &why);
	if (!well)
		fprintf(stderr, "tipctl: %s:%zu: %s\n", config.retention.file, why.line, why.text);
	config_release(&config);
	if (!well || !ctl_store_address(&args->api.common, NULL, address))
		return CTL_WRONG;
	return plan_store(address, &p);
}

/* --- the daemon ------------------------------------------------------------------------------------ */

static int tell_rows(const json_t *root)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(root, "rows"), i, row)
		printf("%s %s %-14s %-10s %lld\n", ctl_text(row, "month"), ctl_text(row, "region"), ctl_text(row, "outcome"),
		       ctl_text(row, "part"), ctl_number(row, "tips"));
	if (json_is_string(json_object_get(root, "next")))
		puts("(more: GET /api/v1/audit/retention)");
	return CTL_WELL;
}

static int tell_hold(const json_t *root)
{
	const json_t *hold = json_object_get(root, "hold");

	if (!json_is_object(hold))
		puts("not held");
	else if (json_is_string(json_object_get(hold, "lift_asked_by")))
		printf("held by %s; %s asked to lift it, another person has to confirm\n", ctl_text(hold, "by"),
		       ctl_text(hold, "lift_asked_by"));
	else
		printf("held by %s\n", ctl_text(hold, "by"));
	return json_is_object(hold) && json_is_string(json_object_get(hold, "lift_asked_by")) ? CTL_VOTED : CTL_WELL;
}

static int act(struct bank_args *args)
{
	struct buf path = { 0 }, body = { 0 };
	struct json_out json = json_out_to(&body);
	int status;

	buf_printf(&path, "/api/v1/tips/%s/%s", args->words[1], args->words[0]);
	buf_add_byte(&path, '\0');
	json_open(&json, '{');
	json_text(&json, "reason", span_of(args->words[2]));
	json_close(&json, '}');
	status = bank_ask(args, &(struct ctl_request){ .path = path.at, .type = "application/json", .body = buf_span(&body) }, tell_hold);
	buf_release(&path);
	buf_release(&body);
	return status;
}

static int tell_run(const json_t *root)
{
	printf("a round has begun; of the one before: %lld due, %lld held%s\n", ctl_number(root, "due"), ctl_number(root, "held"),
	       json_is_true(json_object_get(root, "clock_waits")) ? "; the clock jumped and is not believed yet: nothing is deleted" : "");
	return CTL_WELL;
}

static int run(struct bank_args *args)
{
	return bank_ask(args, &(struct ctl_request){ .path = "/api/v1/retention/run", .type = "application/json", .body = SPAN("{}") }, tell_run);
}

int tipctl_retention(int argc, char **argv)
{
	struct buf path = { 0 };
	struct bank_args args;
	int status;

	bank_parse(&args, argc, argv);
	if (ctl_api_usage(&args.api, usage, &status))
		return status;
	if (bank_is(&args, "plan", 1))
		return plan(&args);
	if (bank_is(&args, "run", 1))
		return run(&args);
	if (bank_is(&args, "report", 1)) {
		buf_add_text(&path, "/api/v1/audit/retention?max=5000");
		return bank_get(&args, &path, tell_rows);
	}
	return bank_is(&args, "hold", 3) || bank_is(&args, "lift", 3) ? act(&args) : bank_wrong(usage);
}
