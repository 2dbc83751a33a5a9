/*
 * What an event may say; see verify_event.h. Members and words are tables,
 * written here once more from docs/ARCHITECTURE.md: whoever adds one adds a row.
 */
#include "daemon/cli/verify_event.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/cli/verify_letters.h"
#include "daemon/core/journal/event.h"
#include "daemon/core/tip/tip.h"

#define NUMBER_DIGITS_MAX 15
#define PERSON_MAX 64
#define WHY_MAX 64
#define DIGITS_IN_A_ROW 11
#define SENDER_DIGITS 16
#define MARK_DIGITS 32
#define RULES_MAX 64

/* --- kinds of values --------------------------------------------------------------------------- */

bool verify_betrays(struct span text)
{
	size_t row = 0;

	for (size_t i = 0; i < text.len; i++) {
		row = text.at[i] >= '0' && text.at[i] <= '9' ? row + 1 : 0;
		if (row >= DIGITS_IN_A_ROW)
			return true;
	}
	return false;
}

static bool is_id_or_region(struct span text)
{
	return verify_is_id(text) || verify_is_region(text);
}

static bool is_mark(struct span text)
{
	return verify_is_hex(text, MARK_DIGITS);
}

static bool is_sender(struct span text)
{
	return verify_is_hex(text, SENDER_DIGITS);
}

static bool is_version(struct span text)
{
	return verify_letters(text, LOWER UPPER DIGITS "._-", 32) && !verify_betrays(text);
}

static bool is_person(struct span text)
{
	return verify_letters(text, LOWER UPPER DIGITS "._-@", PERSON_MAX) && !verify_betrays(text);
}

static bool is_why(struct span text)
{
	return verify_letters(text, LOWER "_,", WHY_MAX);
}

static bool is_context(struct span text)
{
	return text.len == 0 || (verify_letters(text, DIGITS " ", WHY_MAX) && !verify_betrays(text));
}

static bool is_among(struct span text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(text, words[i]))
			return true;
	return false;
}

static bool is_event(struct span text)
{
	static const char *const words[] = {
		"accepted", "received", "claimed", "renewed", "released", "lease_expired", "transferred", "transferred_away",
		"message", "note", "supplement", "verified", "closed", "reopened", "escalated", "linked", "unlinked",
		"joined", "parted", "suggested", "declined", "rescored", "sent", "sent_maybe", "send_failed", "join_failed",
		"delivered", "undelivered", "unseal_asked", "unsealed",
		"held", "lift_asked", "hold_lifted", "erased",
	};

	return is_among(text, words, COUNT_OF(words));
}

static bool is_channel(struct span text)
{
	return verify_letters(text, LOWER DIGITS "_-", 32) && !verify_betrays(text);
}

static bool is_verdict(struct span text)
{
	static const char *const words[] = { "verified", "unfounded", "duplicate", "insufficient", "referred", "prank",
					     "transferred" };

	return is_among(text, words, COUNT_OF(words));
}

static bool is_level(struct span text)
{
	static const char *const words[] = { "county", "prefecture", "province", "nation" };

	return is_among(text, words, COUNT_OF(words));
}

/* ["a","b"], names of rules. */
static bool is_rules(struct span text)
{
	if (text.len < 2 || text.at[0] != '[' || text.at[text.len - 1] != ']')
		return false;
	text = span_from(text.at + 1, text.len - 2);
	for (size_t n = 0; text.len > 0; n++) {
		struct span name;

		if (!span_cut(&text, ',', &name)) {
			name = text;
			text = (struct span){ 0 };
		}
		if (n == RULES_MAX || name.len < 3 || name.at[0] != '"' || name.at[name.len - 1] != '"' ||
		    !verify_letters(span_from(name.at + 1, name.len - 2), LOWER UPPER DIGITS "._-", 64) || verify_betrays(name))
			return false;
	}
	return true;
}

static bool is_number(struct span text)
{
	return text.len <= NUMBER_DIGITS_MAX && span_digits(text);
}

/* Absent where it is not so. */
static bool is_true(struct span text)
{
	return span_is(text, "true");
}

/* --- of the audit trail ----------------------------------------------------------------------------- */

static bool is_trail_event(struct span text)
{
	static const char *const words[] = {
		"view", "read", "read_file", "claim", "look_up", "export", "unseal", "sign_in", "sign_in_failed", "sign_out",
		"session_ended", "started",
		"stopped", "config_loaded", "config_changed", "config_refused", "token_added", "token_revoked", "key_made",
		"key_destroyed", "account_changed", "tool", "lost", "unseal_asked", "unseal_withdrawn", "key_granted", "key_revoked", "read_original",
	};

	return is_among(text, words, COUNT_OF(words));
}

/* Digits in a row with dashes or blanks between them: so are telephone numbers and receipt codes written. */
static bool is_long_number(struct span text)
{
	size_t digits = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] >= '0' && text.at[i] <= '9')
			digits++;
		else if (text.at[i] != '-' && text.at[i] != ' ')
			digits = 0;
		if (digits >= DIGITS_IN_A_ROW - 1)
			return true;
	}
	return false;
}

/* An id of a tip may be ten digits behind its shard. */
static bool is_plain(struct span text)
{
	struct span rest = text, part;

	while (span_cut(&rest, '/', &part))
		if (!verify_is_id(part) &&
		    (is_long_number(part) || (part.len > 0 && !verify_letters(part, LOWER UPPER DIGITS "._-@:,+?", 96))))
			return false;
	return text.len <= 96;
}

/* Sixteen hex digits out of a generator; they may all be decimal. */
static bool is_drawn(struct span text)
{
	return verify_is_hex(text, SENDER_DIGITS);
}

/* A filter by name, or a word alone. The seed of a sample is a hash where nobody chose it. */
static bool is_filter(struct span word)
{
	struct span name = { 0 };

	if (span_find(word, SPAN("=")) < word.len && (!span_cut(&word, '=', &name) || !is_plain(name)))
		return false;
	return is_plain(word) || (span_is(name, "seed") && verify_is_hex(word, 64));
}

static bool is_words(struct span text)
{
	struct span rest = text, word;

	while (span_cut(&rest, ' ', &word))
		if (!is_filter(word))
			return false;
	return text.len <= 640;
}

/* A hash, or a value of the configuration: printable, no long number. */
static bool is_setting(struct span text)
{
	if (verify_is_hex(text, 64))
		return true;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < ' ' || text.at[i] > '~')
			return false;
	return text.len <= 192 && !is_long_number(text);
}

/* --- members ---------------------------------------------------------------------------------------- */

struct member_rule {
	const char *name;
	bool text;                  /* in quotes */
	bool (*fits)(struct span text);
};

static const struct member_rule members[] = {
	{ .name = "e", .text = true, .fits = is_event },
	{ .name = "id", .text = true, .fits = verify_is_id },
	{ .name = "at", .fits = is_number },
	{ .name = "region", .text = true, .fits = verify_is_region },
	{ .name = "points", .fits = is_number },
	{ .name = "via", .text = true, .fits = is_channel },
	{ .name = "why", .text = true, .fits = is_why },
	{ .name = "confidence", .fits = is_number },
	{ .name = "rules", .fits = is_rules },
	{ .name = "rules_version", .text = true, .fits = is_version },
	{ .name = "mark", .text = true, .fits = is_mark },
	{ .name = "sender", .text = true, .fits = is_sender },
	{ .name = "by", .text = true, .fits = is_person },
	{ .name = "until", .fits = is_number },
	{ .name = "since", .fits = is_number },
	{ .name = "messages", .fits = is_number },
	{ .name = "incident", .text = true, .fits = verify_is_id },
	{ .name = "score", .fits = is_number },
	{ .name = "context", .text = true, .fits = is_context },
	{ .name = "tip", .text = true, .fits = verify_is_id },
	{ .name = "received", .fits = is_number },
	{ .name = "hops", .fits = is_number },
	{ .name = "from", .text = true, .fits = is_id_or_region },
	{ .name = "to", .text = true, .fits = is_id_or_region },
	{ .name = "level", .text = true, .fits = is_level },
	{ .name = "waited", .fits = is_number },
	{ .name = "verdict", .text = true, .fits = is_verdict },
	{ .name = "outcome", .text = true, .fits = is_verdict },
	{ .name = "before", .text = true, .fits = is_person },
	{ .name = "holder", .text = true, .fits = is_person },
	{ .name = "ended", .fits = is_number },
	{ .name = "parts", .text = true, .fits = is_why },
};

/* Of the audit trail (core/journal/trail_event.h). */
static const struct member_rule trail_members[] = {
	{ .name = "event", .text = true, .fits = is_trail_event },
	{ .name = "at", .fits = is_number },
	{ .name = "by", .text = true, .fits = is_plain },
	{ .name = "token", .text = true, .fits = is_drawn },
	{ .name = "roles", .text = true, .fits = is_words },
	{ .name = "call", .text = true, .fits = is_words },
	{ .name = "id", .text = true, .fits = is_plain },
	{ .name = "region", .text = true, .fits = is_plain },
	{ .name = "query", .text = true, .fits = is_words },
	{ .name = "unattended", .fits = is_true },
	{ .name = "version", .text = true, .fits = is_plain },
	{ .name = "from", .text = true, .fits = is_setting },
	{ .name = "to", .text = true, .fits = is_setting },
	{ .name = "count", .fits = is_number },
	{ .name = "run", .text = true, .fits = is_drawn },
	{ .name = "n", .fits = is_number },
};

static const char *judge_member(const struct member_rule *rules, size_t n, const struct event_member *member, const char **name)
{
	for (size_t i = 0; i < n; i++) {
		if (!span_is(member->name, rules[i].name))
			continue;
		*name = rules[i].name;
		return member->text == rules[i].text && rules[i].fits(member->value) ? NULL :
										       "has a value that it must not have";
	}
	return "a member of an unknown name";
}

static const char *judge(const struct member_rule *rules, size_t n, struct span json, const char **name)
{
	struct event_member member;
	bool well;

	*name = NULL;
	while (event_next(&json, &member, &well)) {
		const char *why = judge_member(rules, n, &member, name);

		if (why != NULL)
			return why;
	}
	*name = NULL;
	return well && json.len == 0 ? NULL : "is not an event";
}

const char *verify_event_judge(struct span json, const char **member)
{
	return judge(members, COUNT_OF(members), json, member);
}

const char *verify_trail_judge(struct span json, const char **member)
{
	return judge(trail_members, COUNT_OF(trail_members), json, member);
}
