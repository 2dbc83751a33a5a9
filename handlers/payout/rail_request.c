/*
 * Requests; see rail_request.h.
 */
#include "handlers/payout/rail_request.h"

#include "daemon/base/hex.h"
#include "daemon/money/book.h"

#include <assert.h>
#include <sodium.h>

struct span rail_url_target(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host != NULL ? strchr(host + 3, '/') : NULL;

	return path != NULL ? span_of(path) : SPAN("/");
}

/* "127.0.0.1", "localhost", "[::1]", with or without a port: letters after it would be another machine. */
static bool is_this_machine(struct span authority)
{
	struct span port = authority, host;

	if (memchr(authority.at, '@', authority.len) != NULL || !span_cut(&port, ':', &host))
		return false;
	if (span_starts(authority, SPAN("[::1]")))
		return authority.len == 5 || authority.at[5] == ':';
	if (span_is(host, "localhost"))
		return true;
	return span_starts(host, SPAN("127.")) && strspn(host.at, "0123456789.") >= host.len;
}

bool rail_url_safe(const char *url, const char *key, struct complaint *why)
{
	struct span rest, authority;

	if (url == NULL)
		return complain(why, 0, "%s: missing; set it to the provider's address, https://HOST/BASE", key);
	if (strncmp(url, "https://", 8) == 0 && url[8] != '\0' && url[8] != '/')
		return true;
	rest = span_from_offset(span_of(url), strlen(url) < 7 ? strlen(url) : 7);
	if (strncmp(url, "http://", 7) == 0 && span_cut(&rest, '/', &authority) && is_this_machine(authority))
		return true;
	return complain(why, 0, "%s: \"%.60s\" is not safe; https:// is expected, or http:// to this machine alone", key, url);
}

void rail_request_begin(const struct rail_job *job, enum http_method method, const char *path, struct span body,
			struct rail_request *out)
{
	*out = (struct rail_request){ .method = method, .body = body };
	out->url = arena_printf(job->arena, "%s%s", job->config->url, path);
	out->target = rail_url_target(out->url);
	out->nonce = span_of(hex_text(job->arena, job->random, sizeof(job->random)));
	crypto_hash_sha256(out->body_hash, (const unsigned char *)body.at, body.len);
}

void rail_request_fields(const struct rail_job *job, const char *const *fields, struct rail_request *out)
{
	const char **kept = arena_array(job->arena, const char *, RAIL_REQUEST_FIELDS_MAX + 1);
	size_t n = 0;

	for (; fields[n] != NULL; n++) {
		assert(n < RAIL_REQUEST_FIELDS_MAX && strpbrk(fields[n], "\r\n") == NULL);
		kept[n] = fields[n];
	}
	out->fields = kept;
}

static bool is_instruction_id(struct span id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!((id.at[i] >= '0' && id.at[i] <= '9') || (id.at[i] >= 'A' && id.at[i] <= 'Z')))
			return false;
	return id.len == INSTRUCTION_ID_LEN;
}

bool rail_instruction_fits(const struct rail_instruction *instruction, const struct rail_profile *profile,
			   struct complaint *why)
{
	if (!is_instruction_id(instruction->id))
		return complain(why, 0, "the instruction id is not %d digits and capitals", INSTRUCTION_ID_LEN);
	if (instruction->fen < profile->min_fen || instruction->fen > profile->max_fen)
		return complain(why, 0, "%lld fen lie outside of what the rail pays at once (%lld to %lld)",
				(long long)instruction->fen, (long long)profile->min_fen, (long long)profile->max_fen);
	return true;
}
