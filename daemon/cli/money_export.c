/*
 * What all exports share: filter, sums, trailer; see money_export.h.
 */
#include "daemon/cli/money_export.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/base/money.h"
#include "daemon/base/table.h"

#include <stdio.h>
#include <stdlib.h>

#define CHINA_MS INT64_C(28800000)
#define DAY_MS INT64_C(86400000)
#define BUDGET_CODES 8000

const struct money_format *money_format_find(struct span name)
{
	static const struct money_format *const formats[] = { &money_format_jsonl, &money_format_csv,
							      &money_format_hledger };

	for (size_t i = 0; i < COUNT_OF(formats); i++)
		if (span_is(name, formats[i]->name))
			return formats[i];
	return NULL;
}

void money_export_put(struct money_export *export, struct span bytes)
{
	buf_add_span(&export->out, bytes);
	crypto_hash_sha256_update(&export->sha, (const unsigned char *)bytes.at, bytes.len);
}

void money_export_text(struct money_export *export, const char *text)
{
	money_export_put(export, span_of(text));
}

/* --- names and times --------------------------------------------------------------------- */

const char *money_export_account(unsigned code)
{
	static const struct {
		unsigned code;
		const char *name;
	} names[] = {
		{ .code = 1010, .name = "bank" },
		{ .code = 1020, .name = "float" },
		{ .code = 1030, .name = "cash_at_branch" },
		{ .code = 1210, .name = "receivable:overpaid" },
		{ .code = 1220, .name = "receivable:clawback" },
		{ .code = 1310, .name = "suspense_debit" },
		{ .code = 2010, .name = "payable" },
		{ .code = 2020, .name = "inflight" },
		{ .code = 2030, .name = "tax_withheld" },
		{ .code = 2040, .name = "returned_unapplied" },
		{ .code = 2050, .name = "suspense_credit" },
		{ .code = 3010, .name = "fund_balance" },
		{ .code = 3020, .name = "prior_year_adjust" },
		{ .code = 5010, .name = "reward_expense" },
		{ .code = 5020, .name = "fees" },
		{ .code = 5030, .name = "written_off" },
		{ .code = 8010, .name = "authorised" },
		{ .code = 8020, .name = "available" },
		{ .code = 8030, .name = "encumbered" },
		{ .code = 8040, .name = "expended" },
		{ .code = 8050, .name = "lapsed" },
	};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (names[i].code == code)
			return names[i].name;
	return "unknown";
}

/* Howard Hinnant's civil_from_days, for days of 1970 and later. */
static void civil(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)((yoe + era * 400) % 10000) + (*month <= 2);
}

const char *money_export_date(int64_t at_ms, char out[MONEY_DATE_MAX])
{
	int year, month, day;

	civil((at_ms + CHINA_MS) / DAY_MS, &year, &month, &day);
	snprintf(out, MONEY_DATE_MAX, "%04d-%02d-%02d", year, month, day);
	return out;
}

const char *money_export_time(int64_t at_ms, char out[MONEY_DATE_MAX])
{
	int ms = (int)((at_ms + CHINA_MS) % DAY_MS);
	size_t len = strlen(money_export_date(at_ms, out));

	snprintf(out + len, MONEY_DATE_MAX - len, "T%02d:%02d:%02d.%03d+08:00", ms / 3600000, ms / 60000 % 60,
		 ms / 1000 % 60, ms % 1000);
	return out;
}

/* --- what is taken -------------------------------------------------------------------------- */

static void put_word(struct buf *out, const char *name, struct span value)
{
	if (out->len > 0)
		buf_add_byte(out, ' ');
	buf_add_text(out, name);
	buf_add_span(out, value);
}

static void put_bound(struct buf *out, const char *name, uint64_t bound)
{
	put_word(out, name, span_from("", 0));
	buf_add_u64(out, bound);
}

void money_export_filter(const struct money_filter *filter, struct buf *out)
{
	buf_clear(out);
	if (filter->from > 0)
		put_bound(out, "from=", filter->from);
	if (filter->to > 0)
		put_bound(out, "to=", filter->to);
	if (!span_empty(filter->kind))
		put_word(out, "kind=", filter->kind);
	if (!span_empty(filter->subject))
		put_word(out, "subject=", filter->subject);
	if (out->len == 0)
		buf_add_text(out, "all");
}

static bool wanted(const struct money_filter *filter, const struct money_line *line)
{
	return line->seq >= filter->from && (filter->to == 0 || line->seq <= filter->to) &&
	       span_starts(line->kind, filter->kind) &&
	       (span_empty(filter->subject) || span_eq(line->subject, filter->subject));
}

static bool add_sums(struct money_export *export, const struct money_line *line)
{
	for (size_t i = 0; i < line->nlegs; i++) {
		const struct money_leg *leg = &line->legs[i];
		int64_t *sum = leg->code < BUDGET_CODES ? &export->fin : &export->bgt;

		if (!money_add(leg->debit ? *sum : export->credits, leg->fen, leg->debit ? sum : &export->credits))
			return false;
	}
	return true;
}

static bool take(struct money_export *export, struct span text, const struct money_line *line, struct complaint *why)
{
	if (!line->hash_fits)
		return complain(why, 0, "record %llu is not what its hash says", (unsigned long long)line->seq);
	if (!wanted(&export->filter, line))
		return true;
	if (!add_sums(export, line))
		return complain(why, 0, "the sums at record %llu are out of range", (unsigned long long)line->seq);
	export->first = export->count == 0 ? line->seq : export->first;
	export->last = line->seq;
	export->count++;
	memcpy(export->head, line->hash, sizeof(export->head));
	export->format->record(export, text, line);
	return true;
}

bool money_export_record(struct money_export *export, struct span text, struct complaint *why)
{
	struct arena arena = { 0 };
	struct money_line *line = arena_new(&arena, struct money_line);
	bool well = money_line_read(text, &arena, line, why) && take(export, text, line, why);

	arena_release(&arena);
	return well;
}

/* --- begin and end ----------------------------------------------------------------------------- */

void money_export_begin(struct money_export *export, const struct money_format *format,
			const struct money_filter *filter, bool bom)
{
	*export = (struct money_export){ .format = format, .filter = *filter, .bom = bom };
	crypto_hash_sha256_init(&export->sha);
	if (format->begin != NULL)
		format->begin(export);
}

void money_export_release(struct money_export *export)
{
	buf_release(&export->out);
	buf_release(&export->trailer);
	money_map_release(&export->accounts);
	free(export->sums);
}

static void put_bytes(struct json_out *json, const char *name, const unsigned char *bytes, size_t n)
{
	char digits[2 * MONEY_SIGNATURE_BYTES];

	hex_put(bytes, n, digits);
	json_text(json, name, span_from(digits, 2 * n));
}

static void put_number(struct json_out *json, const char *name, uint64_t number)
{
	struct buf text = { 0 };

	buf_add_u64(&text, number);
	json_text(json, name, buf_span(&text));
	buf_release(&text);
}

static void put_trailer(const struct money_export *export, struct json_out *json)
{
	struct buf filter = { 0 };

	money_export_filter(&export->filter, &filter);
	json_open(json, '{');
	json_text(json, "trailer", SPAN(MONEY_TRAILER));
	json_text(json, "filter", buf_span(&filter));
	put_number(json, "count", export->count);
	put_number(json, "first", export->first);
	put_number(json, "last", export->last);
	put_bytes(json, "head", export->head, sizeof(export->head));
	put_number(json, "fin", (uint64_t)export->fin);
	put_number(json, "bgt", (uint64_t)export->bgt);
	put_bytes(json, "sha256", export->sha256, sizeof(export->sha256));
	buf_release(&filter);
}

static void put_signature(struct json_out *json, const unsigned char *seed)
{
	unsigned char public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	unsigned char hash[MONEY_HASH_BYTES], signature[MONEY_SIGNATURE_BYTES];
	char text[MONEY_SIGNED_TEXT_MAX];
	crypto_hash_sha256_state state;
	struct span message;

	crypto_sign_seed_keypair(public_key, secret, seed);
	put_bytes(json, "signer", public_key, sizeof(public_key));
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)json->to->at, json->to->len);
	crypto_hash_sha256_update(&state, (const unsigned char *)"}", 1);
	crypto_hash_sha256_final(&state, hash);
	message = money_trailer_signed_text(hash, text);
	crypto_sign_detached(signature, NULL, (const unsigned char *)message.at, message.len, secret);
	put_bytes(json, "signature", signature, sizeof(signature));
	sodium_memzero(secret, sizeof(secret));
}

void money_export_end(struct money_export *export, const unsigned char *seed)
{
	struct json_out json = json_out_to(&export->trailer);

	crypto_hash_sha256_final(&export->sha, export->sha256);
	put_trailer(export, &json);
	if (seed != NULL)
		put_signature(&json, seed);
	json_close(&json, '}');
	buf_add_byte(&export->trailer, '\n');
	if (export->format->carries_trailer)
		buf_add_span(&export->out, buf_span(&export->trailer));
}
