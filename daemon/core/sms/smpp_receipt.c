/*
 * SMPP delivery reports; see smpp_parts.h.
 *
 * Appendix B of the specification is "vendor specific", and vendors made use
 * of that: upper case, blanks behind the colon, UCS-2, other orders and words.
 * So the TLVs are asked first, and then names and values anywhere before
 * "text:", behind which is the beginning of what we had sent. Of that nothing
 * is taken along.
 */
#include "daemon/core/sms/smpp_parts.h"

#include "daemon/base/table.h"
#include "daemon/core/sms/coding.h"

/* message_state (5.2.28) and the words for it. A word is known by its beginning: "DELIVRD", "DELIVERED". */
static const struct state {
	unsigned number;
	const char *word;
	enum link_fate fate;
	bool final;
} states[] = {
	{ .number = 1, .word = "ENROUTE", .fate = LINK_BUFFERED, .final = false },
	{ .number = 2, .word = "DELIV", .fate = LINK_DELIVERED, .final = true },
	{ .number = 3, .word = "EXPIRED", .fate = LINK_FAILED, .final = true },
	{ .number = 4, .word = "DELETED", .fate = LINK_FAILED, .final = true },
	{ .number = 5, .word = "UNDELIV", .fate = LINK_FAILED, .final = true },
	{ .number = 6, .word = "ACCEPT", .fate = LINK_BUFFERED, .final = false },
	{ .number = 7, .word = "UNKNOWN", .fate = LINK_FATE_UNKNOWN, .final = true },
	{ .number = 8, .word = "REJECT", .fate = LINK_FAILED, .final = true },
	{ .number = 0, .word = "BUFF", .fate = LINK_BUFFERED, .final = false },
	{ .number = 0, .word = "SENT", .fate = LINK_BUFFERED, .final = false },
	{ .number = 0, .word = "FAIL", .fate = LINK_FAILED, .final = true },
};

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_word(char c)
{
	c = upper(c);
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool begins(struct span s, const char *word)
{
	size_t len = strlen(word);

	if (s.len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (upper(s.at[i]) != word[i])
			return false;
	return true;
}

static const struct state *state_of_word(struct span word)
{
	for (size_t i = 0; i < COUNT_OF(states); i++)
		if (begins(word, states[i].word))
			return &states[i];
	return NULL;
}

static const struct state *state_of_number(unsigned number)
{
	for (size_t i = 0; i < COUNT_OF(states); i++)
		if (states[i].number == number && number != 0)
			return &states[i];
	return NULL;
}

/* --- the text -------------------------------------------------------------------- */

/* The text as ASCII, whatever it was: what is none becomes '?', which ends no word. */
static struct span as_ascii(const struct link_config *config, const struct smpp_message *m, struct arena *arena)
{
	struct span in = m->octets;
	/* UCS-2 is sent under any data_coding; no receipt in ASCII has a NUL in front. */
	bool wide = smpp_coding(config, m->dcs) == SMS_UTF16 || (in.len >= 2 && in.at[0] == '\0' && in.at[1] != '\0');
	size_t step = wide ? 2 : 1, n = in.len / step;
	char *out = arena_alloc(arena, n + 1);

	for (size_t i = 0; i < n; i++) {
		unsigned char high = wide ? (unsigned char)in.at[i * step] : 0, low = (unsigned char)in.at[i * step + step - 1];

		out[i] = high == 0 && low < 0x80 && low != 0 ? (char)low : '?';
	}
	return span_from(out, n);
}

/* Where "name:" or "name=" stands as a word of its own, behind it; s.len when nowhere. */
static size_t find_name(struct span s, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i + len < s.len; i++)
		if ((i == 0 || !is_word(s.at[i - 1])) && begins(span_from_offset(s, i), name) &&
		    (s.at[i + len] == ':' || s.at[i + len] == '='))
			return i + len + 1;
	return s.len;
}

static struct span value_of(struct span s, const char *name)
{
	struct span rest = span_from_offset(s, find_name(s, name));
	size_t len = 0;

	while (rest.len > 0 && rest.at[0] == ' ')
		rest = span_from_offset(rest, 1);
	while (len < rest.len && strchr(" \t\r\n,;|", rest.at[len]) == NULL)
		len++;
	return span_from(rest.at, len);
}

/* Up to "text:", behind which are words that are no names. */
static struct span names_of(struct span text)
{
	size_t at = find_name(text, "TEXT");

	return at < text.len ? span_from(text.at, at) : text;
}

/* --- together -------------------------------------------------------------------- */

static bool is_report(const struct smpp_message *m)
{
	unsigned type = m->esm & ESM_TYPE;

	/* 0x08: the phone itself confirms. 0x10 is a person's answer, so a text. */
	if ((type & (ESM_RECEIPT | ESM_INTERMEDIATE)) != 0 || type == 0x08)
		return true;
	return m->options.receipted_id.len > 0 && m->options.has_state;
}

/* "EXPIRED/034": letters, digits and that stroke alone, so that no text gets into a log. */
static struct span reason_of(struct span stat, struct span err, struct span network, struct arena *arena)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < stat.len && i < 16 && is_word(stat.at[i]); i++)
		buf_add_byte(&out, upper(stat.at[i]));
	if (err.len > 0)
		buf_add_byte(&out, '/');
	for (size_t i = 0; i < err.len && i < 8 && is_word(err.at[i]); i++)
		buf_add_byte(&out, err.at[i]);
	if (network.len == 3)
		buf_printf(&out, "/net%u.%u", (unsigned char)network.at[0],
			   (unsigned)(unsigned char)network.at[1] << 8 | (unsigned char)network.at[2]);
	struct span kept = arena_dup(arena, buf_span(&out));

	buf_release(&out);
	return kept;
}

bool smpp_receipt_read(const struct link_config *config, const struct smpp_message *m, struct arena *arena,
		       struct link_report *report)
{
	struct span names, stat;
	const struct state *state;

	if (!is_report(m))
		return false;
	names = names_of(as_ascii(config, m, arena));
	stat = value_of(names, "STAT");
	state = m->options.has_state ? state_of_number(m->options.state) : NULL;
	if (state == NULL)
		state = state_of_word(stat);
	*report = (struct link_report){
		.id = m->options.receipted_id.len > 0 ? m->options.receipted_id : value_of(names, "ID"),
		.fate = state != NULL ? state->fate : LINK_FATE_UNKNOWN,
		.final = state != NULL && state->final && (m->esm & ESM_INTERMEDIATE) == 0,
		.reason = reason_of(stat.len == 0 && state != NULL ? span_of(state->word) : stat, value_of(names, "ERR"),
				    m->options.network_error, arena),
	};
	if (report->id.len > LINK_ID_MAX)
		report->id.len = LINK_ID_MAX;
	return true;
}
