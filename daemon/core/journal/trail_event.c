/*
 * Events of the audit trail; see trail_event.h.
 */
#include "daemon/core/journal/trail_event.h"

#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/core/tip/tip.h"

#define HASH_DIGITS 64
#define REGION_DIGITS 6
#define TOKEN_LEAST 40   /* a staff token is "tip_" and 43 letters */

static const char *const names[TRAIL_KINDS] = {
	[TRAIL_VIEW] = "view",
	[TRAIL_READ] = "read",
	[TRAIL_READ_FILE] = "read_file",
	[TRAIL_READ_ORIGINAL] = "read_original",
	[TRAIL_CLAIM] = "claim",
	[TRAIL_LOOK_UP] = "look_up",
	[TRAIL_EXPORT] = "export",
	[TRAIL_UNSEAL] = "unseal",
	[TRAIL_SIGN_IN] = "sign_in",
	[TRAIL_SIGN_IN_FAILED] = "sign_in_failed",
	[TRAIL_SIGN_OUT] = "sign_out",
	[TRAIL_SESSION_ENDED] = "session_ended",
	[TRAIL_STARTED] = "started",
	[TRAIL_STOPPED] = "stopped",
	[TRAIL_CONFIG_LOADED] = "config_loaded",
	[TRAIL_CONFIG_CHANGED] = "config_changed",
	[TRAIL_CONFIG_REFUSED] = "config_refused",
	[TRAIL_TOKEN_ADDED] = "token_added",
	[TRAIL_TOKEN_REVOKED] = "token_revoked",
	[TRAIL_KEY_MADE] = "key_made",
	[TRAIL_KEY_DESTROYED] = "key_destroyed",
	[TRAIL_ACCOUNT_CHANGED] = "account_changed",
	[TRAIL_TOOL] = "tool",
	[TRAIL_LOST] = "lost",
	[TRAIL_UNSEAL_ASKED] = "unseal_asked",
	[TRAIL_UNSEAL_WITHDRAWN] = "unseal_withdrawn",
	[TRAIL_KEY_GRANTED] = "key_granted",
	[TRAIL_KEY_REVOKED] = "key_revoked",
};

/* Filters whose values are names, ids or numbers. */
static const char *const filters[] = {
	"account", "after", "after_days", "age", "as_of", "before", "before_minutes", "book", "bureau", "case_days", "class",
	"clock_run", "code", "duplicate_days", "escalated", "event", "format", "from", "held", "id", "kind", "lang", "late_percent",
	"limit", "margin_percent", "max", "method", "month", "n", "night_from", "night_until", "of", "order", "pair_min",
	"pair_percent", "payee_cases", "person", "seed", "seq", "soon_days", "state", "subject", "test", "to", "until",
	"within_seconds",
};

const char *trail_kind_name(enum trail_kind kind)
{
	return kind < TRAIL_KINDS ? names[kind] : NULL;
}

enum trail_kind trail_kind_find(struct span name)
{
	for (enum trail_kind kind = 0; kind < TRAIL_KINDS; kind++)
		if (names[kind] != NULL && span_is(name, names[kind]))
			return kind;
	return TRAIL_NOTHING;
}

static bool is_name_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       (byte != '\0' && strchr("._-@:,+", byte) != NULL);
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Groups of digits with dashes or blanks between them are one number: so are telephone numbers and receipt codes written. */
static bool few_digits(struct span value)
{
	size_t digits = 0;

	for (size_t i = 0; i < value.len; i++) {
		if (is_digit(value.at[i]))
			digits++;
		else if (value.at[i] != '-' && value.at[i] != ' ')
			digits = 0;
		if (digits > TRAIL_DIGITS_MAX)
			return false;
	}
	return true;
}

static bool has_token(struct span value)
{
	return value.len >= TOKEN_LEAST && span_find(value, SPAN("tip_")) < value.len;
}

static bool is_plain_part(struct span part)
{
	struct tip_id id;

	if (tip_id_parse(part, &id) || span_is(part, "?"))
		return true;
	for (size_t i = 0; i < part.len; i++)
		if (!is_name_byte(part.at[i]))
			return false;
	return few_digits(part);
}

/* A hash, as seeds of samples are that nobody chose: its digits are no number of anything. */
static bool is_hash(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (!is_digit(value.at[i]) && !(value.at[i] >= 'a' && value.at[i] <= 'f'))
			return false;
	return value.len == HASH_DIGITS;
}

static bool is_plain(struct span value)
{
	struct span rest = value, part;

	while (span_cut(&rest, '/', &part))
		if (!is_plain_part(part))
			return false;
	return value.len <= TRAIL_VALUE_MAX && !has_token(value);
}

struct span trail_plain(struct span value)
{
	return is_plain(value) ? value : SPAN("?");
}

struct span trail_plain_filter(struct span name, struct span value)
{
	return span_is(name, "seed") && is_hash(value) ? value : trail_plain(value);
}

void trail_filter(struct span name, struct span value, struct buf *to)
{
	for (size_t i = 0; i < COUNT_OF(filters); i++) {
		if (!span_is(name, filters[i]))
			continue;
		buf_add_text(to, filters[i]);
		buf_add_text(to, "=");
		buf_add_span(to, trail_plain_filter(name, value));
		buf_add_text(to, " ");
		return;
	}
	buf_add_text(to, "? ");
}

/* --- writing ------------------------------------------------------------------------ */

/* A word, or name and value of a filter. */
static bool is_plain_word(struct span word)
{
	struct span name;

	(void)span_cut(&word, '=', &name);
	return is_plain(name) && (is_plain(word) || span_eq(trail_plain_filter(name, word), word));
}

/* Words with blanks between them. */
static struct span plain_words(struct span words)
{
	struct span rest = words, word;

	while (span_cut(&rest, ' ', &word))
		if (!is_plain_word(word))
			return SPAN("?");
	return words.len <= TRAIL_WORDS_MAX ? words : SPAN("?");
}

static void put(struct json_out *json, const char *name, struct span value)
{
	if (!span_empty(value))
		json_text(json, name, value);
}

/* A value of the configuration: what the operator wrote, in print; or a hash. */
static struct span plain_state(struct span value)
{
	bool hex = value.len == HASH_DIGITS, print = value.len <= TRAIL_VALUE_MAX;

	for (size_t i = 0; i < value.len; i++) {
		hex = hex && (is_digit(value.at[i]) || (value.at[i] >= 'a' && value.at[i] <= 'f'));
		print = print && value.at[i] >= ' ' && value.at[i] <= '~';
	}
	return hex || (print && few_digits(value) && !has_token(value)) ? value : SPAN("?");
}

void trail_event_write(const struct trail_event *event, struct buf *to)
{
	struct json_out json = json_out_to(to);

	json_open(&json, '{');
	json_text(&json, "event", span_of(names[event->kind]));
	json_i64(&json, "at", event->at_ms);
	put(&json, "by", trail_plain(event->by));
	put(&json, "token", event->token);
	put(&json, "roles", plain_words(event->roles));
	put(&json, "call", plain_words(event->call));
	put(&json, "id", trail_plain(event->id));
	if (event->region.len == REGION_DIGITS && span_digits(event->region))
		put(&json, "region", event->region);
	put(&json, "query", plain_words(span_trim(event->query)));
	if (event->unattended)
		json_bool(&json, "unattended", true);
	put(&json, "version", trail_plain(event->version));
	put(&json, "from", plain_state(event->from));
	put(&json, "to", plain_state(event->to));
	if (event->count > 0)
		json_u64(&json, "count", event->count);
	put(&json, "run", event->run);
	if (event->n > 0)
		json_u64(&json, "n", event->n);
	json_close(&json, '}');
}
