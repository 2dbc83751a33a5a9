/*
 * WeChat Pay, merchant transfer (API v3, /v3/fund-app/mch-transfer).
 *
 * The payee confirms in WeChat within a day, else the transfer is closed. Only
 * a verified query, callback or bill says how it ended: an HTTP status other
 * than 200, SYSTEM_ERROR or a code nobody knows means "same number again, or
 * ask", never "failed". From 2,000 yuan on WeChat wants the payee's real name,
 * encrypted to its own key; below it is not told.
 *
 * The name's encryption takes its randomness from the API key, the instruction
 * and the name: a repetition of the request is the same, octet by octet.
 */
#include "daemon/base/civil_time.h"
#include "daemon/base/hex.h"
#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "handlers/payout/rail_report.h"
#include "handlers/payout/rail_request.h"
#include "handlers/payout/rail_statement.h"
#include "handlers/payout/wechat_crypt.h"
#include "handlers/payout/wechat_sign.h"

#include <sodium.h>

#define TRANSFERS "/v3/fund-app/mch-transfer/transfer-bills"
#define DAY_MS INT64_C(86400000)
#define RETENTION_MS (30 * DAY_MS)   /* queries reach that far; afterwards the bill decides */
#define MIN_FEN 10
#define MAX_FEN 20000                /* unless the scene was granted more: max_fen */
#define NAME_FROM_FEN 200000
#define REMARK_MAX 32                /* characters */
#define PLATFORM 0                   /* the platform key that texts are encrypted to */

/* --- settings ---------------------------------------------------------------------------------- */

static bool is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* Stands between quotes in a field of the request. */
static bool is_plain(const char *text)
{
	char word[RAIL_WORD_MAX];

	return text != NULL && rail_word(span_of(text), word, sizeof(word));
}

static bool hook_fits(const char *url)
{
	return url == NULL || (strncmp(url, "https://", 8) == 0 && strchr(url, '?') == NULL);
}

/* All that stands between quotes in what we sign and send. */
static bool words_fit(const struct rail_config *config, struct complaint *why)
{
	const struct {
		const char *key, *value;
	} words[] = {
		{ .key = "app_id", .value = config->app_id },
		{ .key = "merchant", .value = config->merchant },
		{ .key = "scene", .value = config->scene },
		{ .key = "serial", .value = config->serial },
	};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (!is_plain(words[i].value))
			return complain(why, 0, "%s: %s; letters, digits and ._:- are expected, as in the merchant's page",
					words[i].key, words[i].value == NULL ? "missing" : "it does not fit");
	return true;
}

/* A certificate goes by its serial number: under another name no signature would ever be found to be its own. */
static bool certificate_fits(const struct rail_public *key, const char *prefix, struct complaint *why)
{
	char serial[WECHAT_SERIAL_MAX];

	return !wechat_certificate_serial(key->pem, serial) || strcmp(serial, key->id) == 0 ||
	       complain(why, 0, "%splatform_id: the certificate in %splatform_file has serial number %s", prefix, prefix,
			serial);
}

static bool platform_fits(const struct rail_public *key, const char *prefix, struct complaint *why)
{
	if (!is_plain(key->id))
		return complain(why, 0, "%splatform_id: missing; the serial number or PUB_KEY_ID_... of %splatform_file",
				prefix, prefix);
	if (!wechat_key_fits(key->pem, false))
		return complain(why, 0, "%splatform_file: an RSA key or certificate of 2048 bits or more, in PEM, is "
				"expected; fetch it anew from the merchant's page", prefix);
	return certificate_fits(key, prefix, why);
}

static bool wechat_check(const struct rail_config *config, struct complaint *why)
{
	const struct rail_public *old = &config->platform[PLATFORM + 1];

	if (!rail_url_safe(config->url, "url", why) || !words_fit(config, why))
		return false;
	if (!wechat_key_fits(config->private_key, true))
		return complain(why, 0, "private_key_file: an RSA private key of 2048 bits or more, in PEM and without a "
				"passphrase, is expected (apiclient_key.pem)");
	if (!platform_fits(&config->platform[PLATFORM], "", why) ||
	    ((old->id != NULL || old->pem.len > 0) && !platform_fits(old, "old_", why)))
		return false;
	if (config->api_key.len != WECHAT_API_KEY_BYTES)
		return complain(why, 0, "api_key_file: %d bytes are expected, it has %zu; it is the API v3 key",
				WECHAT_API_KEY_BYTES, config->api_key.len);
	return hook_fits(config->hook_url) || complain(why, 0, "hook_url: https:// without a query is expected");
}

static void wechat_profile(const struct rail_config *config, struct rail_profile *out)
{
	*out = (struct rail_profile){
		.id_retention_ms = RETENTION_MS,
		.not_found_is_final = true,   /* within the 30 days: then the same number may go out once more */
		.min_fen = MIN_FEN,
		.max_fen = config->max_fen > 0 ? config->max_fen : MAX_FEN,
		.name_from_fen = NAME_FROM_FEN,
		.life_ms = DAY_MS,
		.anonymity = RAIL_KNOWN_TO_PROVIDER,
		.asks = true,
		.cancels = true,
		.hooks = true,
		.statements = true,
	};
	rail_profile_configure(out, config);
}

/* --- what goes out -------------------------------------------------------------------------------- */

/* A signed request; false: our key is none. `sealed`: the body holds something encrypted to the platform's key. */
static bool request(const struct rail_job *job, enum http_method method, const char *path, struct span body, bool sealed,
		    struct rail_request *out)
{
	const char *fields[RAIL_REQUEST_FIELDS_MAX] = { "Accept: application/json", "User-Agent: tipline" };
	const char *authorization;
	size_t n = 2;

	rail_request_begin(job, method, path, body, out);
	authorization = wechat_authorization(job, out);
	if (authorization == NULL)
		return false;
	fields[n++] = arena_printf(job->arena, "Authorization: %s", authorization);
	if (method == HTTP_POST)
		fields[n++] = "Content-Type: application/json";
	if (sealed)
		fields[n++] = arena_printf(job->arena, "Wechatpay-Serial: %s", job->config->platform[PLATFORM].id);
	rail_request_fields(job, fields, out);
	return true;
}

static enum rail_made made(bool fine, struct complaint *why)
{
	if (fine)
		return RAIL_SEND;
	complain(why, 0, "the request cannot be signed: private_key is no RSA key");
	return RAIL_CANNOT;
}

/* OAEP's seed: secret, different for every instruction and name, the same for a repetition. */
static void seed_of(const struct rail_job *job, unsigned char seed[WECHAT_SEED_BYTES])
{
	static const char domain[] = "tipline wechat user_name";
	const struct rail_instruction *in = job->instruction;
	crypto_generichash_state state;

	crypto_generichash_init(&state, (const unsigned char *)job->config->api_key.at, job->config->api_key.len,
				WECHAT_SEED_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)domain, sizeof(domain));
	crypto_generichash_update(&state, (const unsigned char *)in->id.at, in->id.len);
	crypto_generichash_update(&state, (const unsigned char *)in->payee_name.at, in->payee_name.len);
	crypto_generichash_final(&state, seed, WECHAT_SEED_BYTES);
	sodium_memzero(&state, sizeof(state));
}

static bool seal_name(const struct rail_job *job, struct span *sealed)
{
	unsigned char seed[WECHAT_SEED_BYTES];
	bool fine;

	seed_of(job, seed);
	fine = wechat_encrypt(job->config->platform[PLATFORM].pem, job->instruction->payee_name, seed, job->arena, sealed);
	sodium_memzero(seed, sizeof(seed));
	return fine;
}

static void put_scene(struct json_out *j, const struct rail_config *config)
{
	json_text(j, "transfer_scene_id", span_of(config->scene));
	json_open_member(j, "transfer_scene_report_infos", '[');
	for (size_t i = 0; i < RAIL_INFOS_MAX && config->infos[i].type != NULL; i++) {
		json_open_member(j, NULL, '{');
		json_text(j, "info_type", span_of(config->infos[i].type));
		json_text(j, "info_content", span_of(config->infos[i].content));
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* `name`: encrypted, or empty. */
static struct span transfer_body(const struct rail_job *job, struct span name)
{
	const struct rail_instruction *in = job->instruction;
	struct buf body = { 0 };
	struct json_out j = json_out_to(&body);

	json_open(&j, '{');
	json_text(&j, "appid", span_of(job->config->app_id));
	json_text(&j, "out_bill_no", in->id);
	json_text(&j, "openid", in->payee_account);
	if (name.len > 0)
		json_text(&j, "user_name", name);
	json_i64(&j, "transfer_amount", in->fen);
	json_text(&j, "transfer_remark", in->remark);
	if (is_set(job->config->hook_url))
		json_text(&j, "notify_url", span_of(job->config->hook_url));
	put_scene(&j, job->config);
	json_close(&j, '}');
	struct span kept = arena_dup(job->arena, buf_span(&body));

	buf_release(&body);
	return kept;
}

static bool transfer_fits(const struct rail_job *job, struct complaint *why)
{
	const struct rail_instruction *in = job->instruction;
	struct rail_profile profile;
	char word[RAIL_WORD_MAX];

	wechat_profile(job->config, &profile);
	if (!rail_instruction_fits(in, &profile, why))
		return false;
	if (!rail_word(in->payee_account, word, sizeof(word)))
		return complain(why, 0, "no openid is bound");
	if (in->fen >= NAME_FROM_FEN && (in->payee_name.len == 0 || !utf8_valid(in->payee_name)))
		return complain(why, 0, "from 2,000 yuan on WeChat pays only to a real name");
	if (!utf8_valid(in->remark) || in->remark.len == 0 || utf8_count(in->remark) > REMARK_MAX)
		return complain(why, 0, "the remark has 1 to %d characters", REMARK_MAX);
	return true;
}

static enum rail_made wechat_instruct(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				      struct complaint *why)
{
	struct span name = { 0 };

	(void)report;
	if (!transfer_fits(job, why))
		return RAIL_CANNOT;
	if (job->instruction->fen >= NAME_FROM_FEN && !seal_name(job, &name)) {
		complain(why, 0, "the name cannot be encrypted to the platform's key");
		return RAIL_CANNOT;
	}
	return made(request(job, HTTP_POST, TRANSFERS, transfer_body(job, name), name.len > 0, out), why);
}

static enum rail_made wechat_query(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				   struct complaint *why)
{
	const struct rail_instruction *in = job->instruction;

	(void)report;
	return made(request(job, HTTP_GET, arena_printf(job->arena, TRANSFERS "/out-bill-no/%.*s", (int)in->id.len, in->id.at),
			    (struct span){ 0 }, false, out),
		    why);
}

static enum rail_made wechat_cancel(const struct rail_job *job, struct rail_request *out, struct rail_report *report,
				    struct complaint *why)
{
	const struct rail_instruction *in = job->instruction;

	(void)report;
	return made(request(job, HTTP_POST,
			    arena_printf(job->arena, TRANSFERS "/out-bill-no/%.*s/cancel", (int)in->id.len, in->id.at),
			    (struct span){ 0 }, false, out),
		    why);
}

/* --- what comes back --------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum rail_outcome outcome;
} states[] = {
	{ .name = "ACCEPTED", .outcome = RAIL_ACCEPTED },
	{ .name = "PROCESSING", .outcome = RAIL_PROCESSING },
	{ .name = "WAIT_USER_CONFIRM", .outcome = RAIL_NEEDS_PAYEE },
	{ .name = "TRANSFERING", .outcome = RAIL_PROCESSING },
	{ .name = "SUCCESS", .outcome = RAIL_SUCCEEDED },
	{ .name = "FAIL", .outcome = RAIL_FAILED },
	{ .name = "CANCELING", .outcome = RAIL_CANCELLING },
	{ .name = "CANCELLED", .outcome = RAIL_CANCELLED },
};

/* A bill as answers and callbacks tell it. */
struct bill {
	struct span number, reference, merchant, state, reason, code, action;
	bool has_amount;
	int64_t fen;
	int64_t changed_ms;
};

static bool bill_read(struct span body, struct arena *arena, struct bill *out)
{
	struct json_object *object = arena_new(arena, struct json_object);
	const struct json_member *amount;

	*out = (struct bill){ 0 };
	if (!json_object_read(body, arena, object, NULL))
		return false;
	out->number = json_member_text(object, "out_bill_no");
	out->reference = json_member_text(object, "transfer_bill_no");
	out->merchant = json_member_text(object, "mch_id");
	out->state = json_member_text(object, "state");
	out->reason = json_member_text(object, "fail_reason");
	out->code = json_member_text(object, "code");
	out->action = json_member_text(object, "package_info");
	if (!civil_read(json_member_text(object, "update_time"), &out->changed_ms))
		civil_read(json_member_text(object, "create_time"), &out->changed_ms);
	amount = json_member_find(object, "transfer_amount");
	out->has_amount = amount != NULL;
	return amount == NULL || (amount->kind == JSON_NUMBER && money_read(amount->text, false, &out->fen));
}

static void keep_words(const struct bill *bill, struct rail_report *report)
{
	*report = (struct rail_report){ .fen = bill->fen, .occurred_ms = bill->changed_ms, .payee_action = bill->action };
	rail_word(bill->number, report->instruction, sizeof(report->instruction));
	rail_word(bill->reference, report->provider_ref, sizeof(report->provider_ref));
	rail_word(bill->reason, report->code, sizeof(report->code));
}

static void report_bill(const struct bill *bill, const struct rail_config *config, enum rail_call call,
			struct rail_report *report)
{
	enum rail_outcome said = RAIL_UNKNOWN;

	keep_words(bill, report);
	for (size_t i = 0; i < COUNT_OF(states); i++)
		if (span_is(bill->state, states[i].name))
			said = states[i].outcome;
	/* A state that is new to us: noted, and somebody looks. */
	report->alarm = said == RAIL_UNKNOWN;
	rail_report_state(report, config, call, said, true);
}

static const char *wrong_with(const struct rail_job *job, const struct bill *bill)
{
	if (!span_eq(bill->number, job->instruction->id))
		return "WRONG_ID";
	if (bill->merchant.len > 0 && !span_is(bill->merchant, job->config->merchant))
		return "WRONG_MERCHANT";
	if (bill->has_amount && bill->fen != job->instruction->fen)
		return "WRONG_AMOUNT";
	return NULL;
}

static void read_told(const struct rail_job *job, const struct bill *bill, enum rail_call call,
		      struct rail_report *report)
{
	const char *wrong = wrong_with(job, bill);

	if (wrong != NULL)
		rail_report_unknown(report, OUTCOME_UNREADABLE, wrong);
	else
		report_bill(bill, job->config, call, report);
}

/* {"code":"NOT_FOUND","message":"..."}: the message is for people and stays outside. */
static void read_refusal(const struct rail_job *job, int status, const struct bill *bill, enum rail_call call,
			 struct rail_report *report)
{
	*report = (struct rail_report){ 0 };
	rail_word(bill->code, report->code, sizeof(report->code));
	if (call == RAIL_CALL_QUERY && status == 404 && span_is(bill->code, "NOT_FOUND")) {
		report->row = OUTCOME_NOT_FOUND;
		report->outcome = RAIL_NOT_FOUND;
		report->evidence = EVIDENCE_QUERY;
	} else if (call == RAIL_CALL_INSTRUCT && (status == 409 || span_is(bill->code, "ALREADY_EXISTS"))) {
		rail_report_unknown(report, OUTCOME_MISMATCH, "ALREADY_EXISTS");
	} else {
		rail_report_refusal(report, job->config, call);
	}
}

static void read_answer(const struct rail_job *job, const struct http_response *answer, enum rail_call call,
			struct rail_report *report)
{
	const struct wechat_signed what = wechat_signed_answer(answer);
	enum outcome_row row = outcome_of_status(answer->status);
	enum wechat_fault fault;
	struct bill bill;

	if (row == OUTCOME_WEAK_STATUS) {
		rail_report_unknown(report, row, "WEAK_STATUS");
		return;
	}
	fault = wechat_verify(job->config, &what, job->now_ms);
	if (fault == WECHAT_UNSIGNED && row != OUTCOME_STATE)
		rail_report_unknown(report, OUTCOME_OTHER_4XX, "NOT_SIGNED");
	else if (fault != WECHAT_FINE)
		rail_report_unknown(report, OUTCOME_UNREADABLE, "BAD_SIGNATURE");
	else if (!bill_read(answer->body, job->arena, &bill))
		rail_report_unknown(report, row == OUTCOME_STATE ? OUTCOME_UNREADABLE : OUTCOME_OTHER_4XX, "BAD_BODY");
	else if (row == OUTCOME_STATE)
		read_told(job, &bill, call, report);
	else
		read_refusal(job, answer->status, &bill, call, report);
}

static void wechat_read_instruct(const struct rail_job *job, const struct rail_request *asked,
				 const struct http_response *answer, struct rail_report *report)
{
	(void)asked;
	read_answer(job, answer, RAIL_CALL_INSTRUCT, report);
}

static void wechat_read_query(const struct rail_job *job, const struct rail_request *asked,
			      const struct http_response *answer, struct rail_report *report)
{
	(void)asked;
	read_answer(job, answer, RAIL_CALL_QUERY, report);
}

static void wechat_read_cancel(const struct rail_job *job, const struct rail_request *asked,
			       const struct http_response *answer, struct rail_report *report)
{
	(void)asked;
	read_answer(job, answer, RAIL_CALL_CANCEL, report);
}

/* --- callbacks ------------------------------------------------------------------------------------------ */

static bool wechat_verify_hook(const struct rail_config *config, const struct http_request *request, int64_t now_ms,
			       struct span *nonce)
{
	const struct wechat_signed what = wechat_signed_request(request);

	*nonce = what.nonce;
	return wechat_verify(config, &what, now_ms) == WECHAT_FINE;
}

/* The resource of an event, opened. */
static bool open_resource(const struct rail_config *config, struct span tree, struct arena *arena, struct span *opened,
			  struct complaint *why)
{
	struct json_object *resource = arena_new(arena, struct json_object);

	if (!json_object_read(tree, arena, resource, why))
		return false;
	if (!span_is(json_member_text(resource, "algorithm"), "AEAD_AES_256_GCM"))
		return complain(why, 0, "the resource is sealed with another algorithm");
	return wechat_open(config->api_key, json_member_text(resource, "nonce"), json_member_text(resource, "associated_data"),
			   json_member_text(resource, "ciphertext"), arena, opened) ||
	       complain(why, 0, "the resource does not open with our key");
}

static bool wechat_read_hook(const struct rail_config *config, const struct http_request *request, struct arena *arena,
			     struct rail_report *report, struct complaint *why)
{
	struct json_object *event = arena_new(arena, struct json_object);
	const struct json_member *resource;
	struct span opened;
	struct bill bill;

	if (!json_object_read(request->body, arena, event, why))
		return false;
	resource = json_member_find(event, "resource");
	if (!span_is(json_member_text(event, "event_type"), "MCHTRANSFER.BILL.FINISHED") || resource == NULL ||
	    resource->kind != JSON_TREE)
		return complain(why, 0, "the event is not of a transfer");
	if (!open_resource(config, resource->text, arena, &opened, why))
		return false;
	if (!bill_read(opened, arena, &bill) || !span_is(bill.merchant, config->merchant))
		return complain(why, 0, "the resource is no transfer of ours");
	report_bill(&bill, config, RAIL_CALL_HOOK, report);
	return rail_word(json_member_text(event, "id"), report->event, sizeof(report->event)) && report->instruction[0] != '\0' ? true
		: complain(why, 0, "the event has no id, or names no bill");
}

static void wechat_answer_hook(bool taken, struct http_reply *reply)
{
	*reply = (struct http_reply){ .status = taken ? 204 : 503 };
	if (taken)
		return;
	reply->type = "application/json";
	reply->body = SPAN("{\"code\":\"FAIL\",\"message\":\"later\"}");
}

/* --- the fund bill -------------------------------------------------------------------------------------- */

static void wechat_ask_statement(const struct rail_job *job, struct span date, struct rail_request *out)
{
	const char *account = is_set(job->config->account) ? job->config->account : "BASIC";

	request(job, HTTP_GET, arena_printf(job->arena, "/v3/bill/fundflowbill?bill_date=%.*s&account_type=%s", (int)date.len,
					    date.at, account),
		(struct span){ 0 }, false, out);
}

/* Where the file is; only at the host we asked. out->expect is its SHA-1. */
static bool follow_link(const struct rail_job *job, const struct json_object *link, struct rail_request *out,
			struct complaint *why)
{
	struct span url = arena_dup(job->arena, json_member_text(link, "download_url"));
	struct span base = span_of(job->config->url);
	unsigned char *hash = arena_alloc(job->arena, WECHAT_SHA1_BYTES);

	if (!span_is(json_member_text(link, "hash_type"), "SHA1") || !hex_get(json_member_text(link, "hash_value"), hash, WECHAT_SHA1_BYTES))
		return complain(why, 0, "the bill's SHA-1 is missing");
	if (!span_starts(url, base) || url.len == base.len || url.at[base.len] != '/' || strlen(url.at) != url.len)
		return complain(why, 0, "the bill lies at another host");
	if (!request(job, HTTP_GET, url.at + base.len, (struct span){ 0 }, false, out))
		return complain(why, 0, "the request cannot be signed");
	out->expect = span_from(hash, WECHAT_SHA1_BYTES);
	return true;
}

static enum rail_read read_link(const struct rail_job *job, const struct http_response *answer,
				struct rail_request *next, struct complaint *why)
{
	struct json_object *link = arena_new(job->arena, struct json_object);
	const struct wechat_signed what = wechat_signed_answer(answer);

	if (wechat_verify(job->config, &what, job->now_ms) != WECHAT_FINE) {
		complain(why, 0, "the signature of the answer is not right");
		return RAIL_REFUSED;
	}
	if (!json_object_read(answer->body, job->arena, link, why) || !follow_link(job, link, next, why))
		return RAIL_REFUSED;
	return RAIL_FETCH;
}

/* The file itself is not signed; its hash was. */
static enum rail_read wechat_read_statement(const struct rail_job *job, struct span date,
					    const struct rail_request *asked, const struct http_response *answer,
					    struct statement *out, struct rail_request *next, struct complaint *why)
{
	const char *account = is_set(job->config->account) ? job->config->account : "BASIC";
	unsigned char hash[WECHAT_SHA1_BYTES];

	if (answer->status != 200)
		return RAIL_LATER;
	if (asked->expect.len == 0)
		return read_link(job, answer, next, why);
	wechat_sha1(answer->body, hash);
	if (memcmp(hash, asked->expect.at, sizeof(hash)) != 0) {
		complain(why, 0, "the bill is not the one whose SHA-1 was told");
		return RAIL_REFUSED;
	}
	return rail_statement_read(answer->body,
				   &(struct statement_wish){ .format = STATEMENT_WECHAT, .date = date,
							     .account = span_of(account) },
				   job->arena, out, why);
}

extern const struct rail rail_wechat;
const struct rail rail_wechat = {
	.driver = "wechat",
	.check = wechat_check,
	.profile = wechat_profile,
	.instruct = wechat_instruct,
	.read_instruct = wechat_read_instruct,
	.query = wechat_query,
	.read_query = wechat_read_query,
	.cancel = wechat_cancel,
	.read_cancel = wechat_read_cancel,
	.verify_hook = wechat_verify_hook,
	.read_hook = wechat_read_hook,
	.answer_hook = wechat_answer_hook,
	.ask_statement = wechat_ask_statement,
	.read_statement = wechat_read_statement,
};
