/*
 * Notices to bureaus; see notice.h.
 */
#include "handlers/notify/notice.h"

#include "daemon/base/base64.h"
#include "daemon/base/civil_time.h"
#include "daemon/base/json_out.h"
#include "daemon/base/wipe.h"
#include "daemon/core/journal/fold_fact.h"
#include "daemon/core/text/gazetteer.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#define PREFIX "whsec_"
#define KEY_MIN 24

const char *notice_kind_name(enum notice_kind kind)
{
	static const char *const names[NOTICE_KINDS] = {
		[NOTICE_IMMEDIATE] = "immediate",
		[NOTICE_URGENT] = "urgent",
		[NOTICE_ESCALATED] = "escalated",
		[NOTICE_TEST] = "test",
		[NOTICE_DIGEST] = "digest",
	};

	return names[kind];
}

const char *digest_figure_name(enum digest_figure figure)
{
	static const char *const names[DIGEST_FIGURES] = {
		[DIGEST_NEW] = "new",
		[DIGEST_OPEN] = "open",
		[DIGEST_UNSEEN] = "unseen",
		[DIGEST_OVERDUE] = "overdue",
		[DIGEST_ESCALATED] = "escalated",
		[DIGEST_VERIFIED] = "verified",
		[DIGEST_CLOSED] = "closed",
	};

	return names[figure];
}

uint64_t notice_count(const struct notice *notice)
{
	uint64_t sum = 0;

	if (notice->kind >= NOTICE_TOLD)
		return 1;
	for (unsigned i = 0; i < NOTICE_TOLD; i++)
		sum += notice->count[i];
	return sum;
}

/* --- what is told, and to whom ----------------------------------------------------- */

static bool kind_of(const struct fold_fact *fact, enum notice_kind *kind)
{
	if (span_is(fact->word->word, "escalated")) {
		*kind = NOTICE_ESCALATED;
		return true;
	}
	if (fact->word->kind != FOLD_BIRTH || !fact->points.has || priority_of((unsigned)fact->points.value) > PRIORITY_URGENT)
		return false;
	*kind = priority_of((unsigned)fact->points.value) == PRIORITY_URGENT ? NOTICE_URGENT : NOTICE_IMMEDIATE;
	return true;
}

bool notice_of_event(struct span event, struct notice *out)
{
	struct complaint why = { 0 };
	struct fold_fact fact;
	struct span region;

	*out = (struct notice){ 0 };
	if (!fold_fact_read(event, &fact, &why) || !kind_of(&fact, &out->kind))
		return false;
	region = out->kind == NOTICE_ESCALATED ? fact.to : fact.region;
	if (region.len != sizeof(out->region) - 1 || !span_digits(region) || !fact.at.has)
		return false;
	memcpy(out->region, region.at, region.len);
	out->at_ms = (int64_t)fact.at.value;
	out->count[out->kind] = 1;
	return true;
}

void notice_counts_write(const struct notice *notice, char text[NOTICE_COUNTS_TEXT])
{
	int n = 0;

	for (unsigned i = 0; i < NOTICE_COUNTS; i++)
		n += snprintf(text + n, NOTICE_COUNTS_TEXT - (size_t)n, "%s%u", i > 0 ? " " : "", (unsigned)notice->count[i]);
}

bool notice_counts_read(struct span text, struct notice *notice)
{
	struct span part;
	uint64_t number;

	for (unsigned i = 0; i < NOTICE_COUNTS; i++) {
		if (!span_cut(&text, ' ', &part) || !span_u64(part, &number) || number > UINT32_MAX)
			return false;
		notice->count[i] = (uint32_t)number;
	}
	return text.len == 0;
}

void notice_join_region(char into[7], const char other[7])
{
	/* A code loses its last pair of digits until the other one is beneath it. */
	for (size_t pair = 3; pair-- > 0 && !region_within(span_of(other), span_of(into));)
		memset(into + 2 * pair, '0', 2);
}

bool notice_for(const struct notice_channel *channel, const struct notice *notice)
{
	return (notice->kind >= NOTICE_TOLD || (channel->kinds & 1u << notice->kind) != 0) &&
	       region_within(span_of(notice->region), span_of(channel->region));
}

/* --- the webhook -------------------------------------------------------------------- */

static const char *type_of(const struct notice *notice, struct arena *arena)
{
	if (notice->kind == NOTICE_DIGEST)
		return "tipline.digest";
	return arena_printf(arena, "%s.%s", notice->kind == NOTICE_TEST ? "notice" : "tip", notice_kind_name(notice->kind));
}

static void add_counts(struct json_out *json, const struct notice *notice)
{
	char at[CIVIL_TEXT_MAX];

	if (notice->kind == NOTICE_DIGEST) {
		json_text(json, "since", civil_write(notice->from_ms, at));
		for (unsigned i = 0; i < DIGEST_FIGURES; i++)
			json_u64(json, digest_figure_name((enum digest_figure)i), notice->count[i]);
		return;
	}
	json_u64(json, "count", notice_count(notice));
	if (notice->kind == NOTICE_TEST)
		return;
	json_open_member(json, "counts", '{');
	for (unsigned i = 0; i < NOTICE_TOLD; i++)
		json_u64(json, notice_kind_name((enum notice_kind)i), notice->count[i]);
	json_close(json, '}');
}

struct span notice_body(const struct notice_channel *channel, const struct notice *notice, struct arena *arena)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	char at[CIVIL_TEXT_MAX];
	struct span body;

	json_open(&json, '{');
	json_text(&json, "type", span_of(type_of(notice, arena)));
	json_text(&json, "timestamp", civil_write(notice->at_ms, at));
	json_open_member(&json, "data", '{');
	json_text(&json, "region", span_of(notice->region));
	add_counts(&json, notice);
	if (channel->desk_url != NULL && channel->desk_url[0] != '\0')
		json_text(&json, "link", span_of(channel->desk_url));
	json_close(&json, '}');
	json_close(&json, '}');
	body = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return body;
}

static bool key_of(const char *secret, unsigned char key[NOTICE_SECRET_MAX], size_t *n)
{
	struct span text = span_of(secret);

	return span_starts(text, SPAN(PREFIX)) && base64_get(span_from_offset(text, strlen(PREFIX)), key, NOTICE_SECRET_MAX, n) &&
	       *n >= KEY_MIN;
}

bool notice_secret_fits(const char *secret)
{
	unsigned char key[NOTICE_SECRET_MAX];
	size_t n;
	bool fits = key_of(secret, key, &n);

	wipe(key, sizeof(key));
	return fits;
}

void notice_sign(const char *secret, struct span id, int64_t now_ms, struct span body, struct arena *arena,
		 const char *fields[NOTICE_FIELDS + 1])
{
	const char *head = arena_printf(arena, "%.*s.%lld.", (int)id.len, id.at, (long long)(now_ms / 1000));
	unsigned char key[NOTICE_SECRET_MAX], hash[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	struct buf signature = { 0 };
	size_t n = 0;
	bool fits = key_of(secret, key, &n);

	assert(fits);
	crypto_auth_hmacsha256_init(&state, key, n);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)head, strlen(head));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.at, body.len);
	crypto_auth_hmacsha256_final(&state, hash);
	wipe(key, sizeof(key));
	base64_add(&signature, hash, sizeof(hash));
	fields[0] = "Content-Type: application/json";
	fields[1] = arena_printf(arena, "webhook-id: %.*s", (int)id.len, id.at);
	fields[2] = arena_printf(arena, "webhook-timestamp: %lld", (long long)(now_ms / 1000));
	fields[3] = arena_printf(arena, "webhook-signature: v1,%.*s", (int)signature.len, signature.at);
	fields[4] = NULL;
	buf_release(&signature);
}
