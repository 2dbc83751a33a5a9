/*
 * Calls to a generic connector; see connector_call.h.
 */
#include "handlers/payout/connector_call.h"

#include "handlers/payout/connector.h"
#include "handlers/payout/rail_report.h"
#include "handlers/payout/rail_request.h"
#include "handlers/payout/rail_statement.h"

#include <assert.h>
#include <stdio.h>

#define SECRET_MIN 32

void connector_request(const struct rail_job *job, enum http_method method, const char *path, const char *media,
		       struct span body, struct rail_request *out)
{
	struct x_sig_parts parts = { .first = span_of(http_method_name(method)), .body = body };
	const char *fields[] = { arena_printf(job->arena, "Accept: %s", media), NULL, NULL, NULL };

	rail_request_begin(job, method, path, body, out);
	parts.path = out->target;
	parts.nonce = out->nonce;
	fields[1] = arena_printf(job->arena, "X-Sig: %s",
				 x_sig_write(&job->config->keys[0], &parts, job->now_ms, job->arena));
	if (body.len > 0)
		fields[2] = arena_printf(job->arena, "Content-Type: %s", media);
	rail_request_fields(job, fields, out);
}

enum x_sig_fault connector_verify(const struct rail_job *job, const struct rail_request *asked,
				  const struct http_response *answer)
{
	char status[12];
	struct x_sig_parts parts = { .path = asked->target, .nonce = asked->nonce, .body = answer->body };

	snprintf(status, sizeof(status), "%d", answer->status);
	parts.first = span_of(status);
	return x_sig_check(job->config->keys, RAIL_KEYS, http_response_field(answer, "X-Sig"), &parts, job->now_ms, NULL);
}

bool connector_keys_fit(const struct rail_config *config, struct complaint *why)
{
	static const char *const names[RAIL_KEYS] = { "key", "old_key" };

	if (config->keys[0].id == NULL)
		return complain(why, 0, "key_id: missing; name the key in key_file that signs requests");
	for (size_t i = 0; i < RAIL_KEYS; i++) {
		if (config->keys[i].id == NULL && config->keys[i].secret.len > 0)
			return complain(why, 0, "%s_id: missing; name the key in %s_file", names[i], names[i]);
		if (config->keys[i].id != NULL && config->keys[i].secret.len < SECRET_MIN)
			return complain(why, 0, "%s_file: %d bytes or more are expected; it has %zu", names[i], SECRET_MIN,
					config->keys[i].secret.len);
	}
	return true;
}

bool connector_statements_fit(const struct rail_config *config, struct complaint *why)
{
	char word[RAIL_WORD_MAX];

	if (config->account == NULL)
		return true;
	if (!rail_word(span_of(config->account), word, sizeof(word)))
		return complain(why, 0, "account: letters, digits and ._:- are expected");
	return rail_url_safe(config->url, "url", why) && connector_keys_fit(config, why);
}

void connector_ask_statement(const struct rail_job *job, struct span date, struct rail_request *out)
{
	const char *path = arena_printf(job->arena, "/v1/statements/%s/%.*s", job->config->account, (int)date.len, date.at);

	assert(job->config->account != NULL && date.len == 10);
	connector_request(job, HTTP_GET, path, CONNECTOR_JSON, (struct span){ 0 }, out);
}

/* A day that is not closed yet answers 404 or 425; what else is no 200 is the weather. */
enum rail_read connector_read_statement(const struct rail_job *job, struct span date, const struct rail_request *asked,
					const struct http_response *answer, struct statement *out,
					struct rail_request *next, struct complaint *why)
{
	enum x_sig_fault fault;

	(void)next;
	if (answer->status != 200)
		return RAIL_LATER;
	fault = connector_verify(job, asked, answer);
	if (fault != X_SIG_FINE) {
		complain(why, 0, "the signature of the statement is not right: %s", x_sig_fault_name(fault));
		return RAIL_REFUSED;
	}
	return rail_statement_read(answer->body,
				   &(struct statement_wish){ .format = STATEMENT_JSON, .sealed = true, .date = date,
							     .account = span_of(job->config->account) },
				   job->arena, out, why);
}
