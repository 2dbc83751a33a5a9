/*
 * Profiles and statements; see daily.h. One request at a time.
 */
#include "handlers/payout/daily.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/memory.h"
#include "daemon/http/client.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"

#include <stdlib.h>

#define PERIOD_MS 1000
#define AGAIN_MS 1800000u           /* of what was not there yet */
#define TIMEOUT_MS 60000
#define STATEMENT_MAX_BYTES 8388608
#define DAYS_BACK 7
#define DAY_MS INT64_C(86400000)

struct daily {
	struct daily_env env;
	struct loop_timer *timer;
	bool busy, leaving;
	struct daily_figures figures;

	/* The request that is under way. */
	struct arena arena;
	struct rail_entry *entry;        /* held */
	struct rail_job job;
	struct rail_request asked;
	char date[CIVIL_DATE_MAX];       /* of the statement; empty: the profile */
	struct book_command command;
};

static void rest(struct daily *daily)
{
	arena_release(&daily->arena);
	rail_entry_drop(daily->entry);
	daily->entry = NULL;
	daily->busy = false;
}

static void end(struct daily *daily)
{
	rest(daily);
	if (daily->leaving)
		free(daily);
}

static uint64_t loop_ms(const struct daily *daily)
{
	return loop_now_ms(daily->env.loop);
}

static void refused(struct daily *daily, const struct complaint *why)
{
	daily->figures.refused++;
	log_event(LOG_LEVEL_ERROR, "payout.not_usable", "rail", daily->entry->config.name, "date",
		  daily->date[0] != '\0' ? daily->date : NULL, "why", why->text, NULL);
}

/* --- a statement to the book ---------------------------------------------------------------- */

static void imported(void *ctx, const struct treasury_answer *answer)
{
	struct daily *daily = ctx;
	struct complaint why = { .text = "" };

	if (answer->outcome == TREASURY_DONE) {
		daily->figures.statements++;
		daily->entry->statement_rest_ms = 0;
		log_event(LOG_LEVEL_NOTICE, "payout.statement", "rail", daily->entry->config.name, "date", daily->date, NULL);
	} else if (answer->outcome == TREASURY_REFUSED) {
		complain(&why, 0, "%s: %s", answer->refusal->code, answer->refusal->detail);
		refused(daily, &why);
	}
	end(daily);
}

static void import(struct daily *daily, struct statement *taken)
{
	const struct rail_entry *entry = daily->entry;
	struct complaint why = { .text = "" };
	struct span account = span_of(entry->statement_account);

	book_statement_carry(treasury_book(daily->env.treasury), account, taken);
	if (!book_import_command(taken, account, span_of(entry->config.name), span_of(entry->ledger), &daily->arena,
				 &daily->command, &why)) {
		refused(daily, &why);
		end(daily);
		return;
	}
	daily->command.person = daily->command.account = SPAN("system");
	daily->command.roles = MONEY_SYSTEM;
	treasury_submit(daily->env.treasury, &daily->command, (struct treasury_wait){ .done = imported, .ctx = daily });
}

/* --- answers --------------------------------------------------------------------------------------- */

static void call(struct daily *daily);

static void read_profile(struct daily *daily, const struct http_response *response)
{
	struct complaint why = { .text = "" };
	struct rail_profile theirs;
	enum rail_read read = daily->entry->rail->read_profile(&daily->job, &daily->asked, response, &theirs, &why);

	if (read == RAIL_WHOLE) {
		daily->entry->profile = theirs;
		daily->entry->profile_ms = treasury_now_ms(daily->env.treasury);
		daily->figures.profiles++;
	} else if (read == RAIL_REFUSED) {
		refused(daily, &why);
	}
	end(daily);
}

static void read_statement(struct daily *daily, const struct http_response *response)
{
	struct complaint why = { .text = "" };
	struct statement statement;
	struct rail_request next = { 0 };
	enum rail_read read = daily->entry->rail->read_statement(&daily->job, span_of(daily->date), &daily->asked, response,
								 &statement, &next, &why);

	switch (read) {
	case RAIL_WHOLE:
		import(daily, &statement);
		return;
	case RAIL_FETCH:
		daily->asked = next;
		call(daily);
		return;
	case RAIL_REFUSED:
		refused(daily, &why);
		break;
	case RAIL_LATER:
		break;
	}
	end(daily);
}

static void answered(void *ctx, const struct http_answer *answer)
{
	struct daily *daily = ctx;
	struct http_response response = { .status = answer->status };

	if (daily->leaving || answer->outcome != HTTP_ANSWERED) {
		end(daily);
		return;
	}
	http_response_head(answer->head, &response);
	response.body = arena_dup(&daily->arena, answer->body);
	daily->job.now_ms = daily->env.wall_ms != NULL ? daily->env.wall_ms() : clock_wall_ms();
	if (daily->date[0] != '\0')
		read_statement(daily, &response);
	else
		read_profile(daily, &response);
}

static void call(struct daily *daily)
{
	struct http_call request = { .url = daily->asked.url,
				     .method = daily->asked.method,
				     .fields = daily->asked.fields,
				     .body = daily->asked.body,
				     .timeout_ms = TIMEOUT_MS,
				     .answer_max_bytes = STATEMENT_MAX_BYTES };

	http_client_start(daily->env.http, &request, answered, daily);
}

/* --- what is wanted ------------------------------------------------------------------------------------ */

static void begin(struct daily *daily, struct rail_entry *entry)
{
	daily->busy = true;
	daily->entry = rail_entry_hold(entry);
	daily->job = (struct rail_job){ .config = &entry->config,
					.now_ms = daily->env.wall_ms != NULL ? daily->env.wall_ms() : clock_wall_ms(),
					.arena = &daily->arena };
	random_bytes(daily->job.random, sizeof(daily->job.random));
}

static bool wants_profile(struct daily *daily, struct rail_entry *entry)
{
	struct complaint why = { .text = "" };
	struct rail_report report;

	if (entry->rail->ask_profile == NULL || loop_ms(daily) < entry->profile_rest_ms ||
	    (entry->profile_ms > 0 && treasury_now_ms(daily->env.treasury) < entry->profile_ms + DAY_MS))
		return false;
	entry->profile_rest_ms = loop_ms(daily) + AGAIN_MS;
	begin(daily, entry);
	daily->date[0] = '\0';
	if (entry->rail->ask_profile(&daily->job, &daily->asked, &report, &why) == RAIL_SEND) {
		call(daily);
		return true;
	}
	rest(daily);
	return false;
}

/*
 * The oldest day behind the last statement of the account, as far back as a
 * week; yesterday when there is none yet. False: yesterday's is there.
 */
static bool missing_day(struct daily *daily, const struct rail_entry *entry, char date[CIVIL_DATE_MAX])
{
	const struct book *book = treasury_book(daily->env.treasury);
	int64_t now_ms = treasury_now_ms(daily->env.treasury);
	unsigned back = 1;

	for (; back <= DAYS_BACK; back++) {
		civil_write_date(now_ms - back * DAY_MS, CIVIL_BEIJING_MINUTES, date);
		if (book_statement_find(book, span_of(entry->statement_account), span_of(date)) != NULL)
			break;
	}
	if (back == 1)
		return false;
	/* None in a week: the rail is new, or a person has to look at what was missed. */
	civil_write_date(now_ms - (back > DAYS_BACK ? 1 : back - 1) * DAY_MS, CIVIL_BEIJING_MINUTES, date);
	return true;
}

static bool wants_statement(struct daily *daily, struct rail_entry *entry)
{
	char date[CIVIL_DATE_MAX];

	if (!entry->profile.statements || entry->ledger[0] == '\0' || loop_ms(daily) < entry->statement_rest_ms ||
	    !missing_day(daily, entry, date))
		return false;
	entry->statement_rest_ms = loop_ms(daily) + AGAIN_MS;
	begin(daily, entry);
	memcpy(daily->date, date, sizeof(date));
	entry->rail->ask_statement(&daily->job, span_of(daily->date), &daily->asked);
	call(daily);
	return true;
}

static void tick(void *ctx)
{
	struct daily *daily = ctx;
	struct rail_set *rails = daily->env.rails;
	struct treasury_figures figures;

	if (daily->busy)
		return;
	treasury_figures(daily->env.treasury, &figures);
	if (!figures.leading || !figures.ready)
		return;
	for (size_t i = 0; i < rails->n; i++)
		if (wants_profile(daily, rails->entries[i]) || wants_statement(daily, rails->entries[i]))
			return;
}

struct daily *daily_new(const struct daily_env *env)
{
	struct daily *daily = memory_zeroes(1, sizeof(*daily));

	daily->env = *env;
	daily->timer = loop_every(env->loop, env->period_ms > 0 ? env->period_ms : PERIOD_MS, tick, daily);
	return daily;
}

void daily_free(struct daily *daily)
{
	if (daily == NULL)
		return;
	loop_timer_cancel(daily->timer);
	daily->leaving = true;
	if (!daily->busy)
		free(daily);
}

const struct daily_figures *daily_figures(const struct daily *daily)
{
	return &daily->figures;
}
