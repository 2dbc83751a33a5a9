/*
 * As of when; see moment.h.
 */
#include "handlers/audit/moment.h"

#include "daemon/base/civil_time.h"
#include "daemon/jobs/treasury.h"
#include "daemon/sys/clock.h"
#include "handlers/answer.h"
#include "handlers/audit/reading.h"
#include "handlers/reward/told.h"

#define DAY_MS INT64_C(86400000)

static bool refuse(struct http_exchange *exchange, const char *field, const char *detail)
{
	answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = field, .detail = detail });
	return false;
}

bool moment_word(struct http_exchange *exchange, const char *name, const char *const *words, size_t *index)
{
	struct span text = reading_param(exchange, name);

	*index = 0;
	if (text.len == 0)
		return true;
	for (; words[*index] != NULL; (*index)++)
		if (span_is(text, words[*index]))
			return true;
	return refuse(exchange, name, "There is no such choice.");
}

static bool read_time(struct span text, int64_t *at_ms)
{
	if (civil_read(text, at_ms))
		return true;
	if (!civil_read_date(text, CIVIL_BEIJING_MINUTES, at_ms))
		return false;
	*at_ms += DAY_MS - 1;
	return true;
}

/* Before its time has come (a day's is its end) the answer would not be the one that is given afterwards. */
static bool take_time(struct http_exchange *exchange, struct span text, int64_t now_ms, struct moment *moment)
{
	int64_t at_ms;

	if (!read_time(text, &at_ms))
		return refuse(exchange, "as_of", "A number of the journal, a time or a day is expected.");
	if (at_ms > now_ms)
		return refuse(exchange, "as_of", "This time has not come yet.");
	moment->n = audit_log_until(moment->log, at_ms);
	moment->reckoned_ms = at_ms;
	return true;
}

static bool take_as_of(struct http_exchange *exchange, int64_t now_ms, struct moment *moment)
{
	struct span text = reading_param(exchange, "as_of");
	uint64_t seq = audit_log_n(moment->log);

	if (text.len > 0 && !span_digits(text))
		return take_time(exchange, text, now_ms, moment);
	if (text.len > 0 && (!span_u64(text, &seq) || seq > audit_log_n(moment->log)))
		return refuse(exchange, "as_of", "The journal has no such record yet.");
	moment->n = (size_t)seq;
	moment->reckoned_ms = seq > 0 ? audit_log_row(moment->log, (size_t)seq - 1)->at_ms : 0;
	return true;
}

bool moment_read(const struct call *args, struct http_exchange *exchange, struct moment *moment)
{
	static const char *const formats[] = { "json", "csv", "jsonl", NULL };
	static const char *const boms[] = { "0", "1", NULL };
	size_t format, bom;

	*moment = (struct moment){ .book = reading_book(args, exchange) };
	if (moment->book == NULL)
		return false;
	moment->log = office_audit_log(args->app->office);
	if (!moment_word(exchange, "format", formats, &format) || !moment_word(exchange, "bom", boms, &bom))
		return false;
	moment->format = (enum sheet_format)format;
	moment->bom = bom == 1;
	return take_as_of(exchange, treasury_now_ms(args->app->treasury), moment);
}

static bool sees(void *ctx, const char *bureau)
{
	return reading_covers(ctx, bureau);
}

struct audit_view moment_view(const struct call *args, struct http_exchange *exchange, const struct moment *moment)
{
	struct staff *who = arena_new(http_exchange_arena(exchange), struct staff);

	memcpy(who->region, args->staff->region, sizeof(who->region));
	return audit_view_make(moment->log, moment->n, moment->reckoned_ms, sees, who, http_exchange_arena(exchange));
}

void moment_tell(const struct moment *moment, struct json_out *json)
{
	static const unsigned char none[RECORD_HASH_BYTES];
	const struct audit_row *last = moment->n > 0 ? audit_log_row(moment->log, moment->n - 1) : NULL;

	json_open_member(json, "as_of", '{');
	json_u64(json, "seq", moment->n);
	told_hash(json, "head", last != NULL ? last->hash : none);
	clock_put(json, "at", last != NULL ? last->at_ms : 0);
	clock_put(json, "reckoned_at", moment->reckoned_ms);
	json_close(json, '}');
}

const char *moment_pseudonym(const struct call *args, struct http_exchange *exchange, const char *kind, const char *token)
{
	char out[OFFICE_TOKEN_MAX];

	if (token[0] == '\0')
		return "";
	office_pseudonym(args->app->office, kind, span_of(token), out);
	return arena_dup(http_exchange_arena(exchange), span_of(out)).at;
}
