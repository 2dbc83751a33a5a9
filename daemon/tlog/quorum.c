/*
 * Whom a reader of the log believes; see quorum.h.
 */
#include "daemon/tlog/quorum.h"

#include "daemon/base/table.h"
#include "daemon/tlog/line.h"

#include <assert.h>

#define WORDS_MAX (QUORUM_WITNESSES_MAX + QUORUM_GROUPS_MAX + 4)

struct reading {
	struct quorum *quorum;
	struct arena *arena;
	struct complaint *why;
	size_t line;
	bool decided;                       /* the quorum line was there */
	bool taken[2][QUORUM_GROUPS_MAX];   /* is a member already: witnesses, groups */
	struct span words[WORDS_MAX];
	size_t n;
};

#define SHOWN(span) (int)((span).len > 60 ? 60 : (span).len), (span).at

/* --- names ----------------------------------------------------------------------------------- */

static bool find_name(const struct quorum *quorum, struct span name, struct quorum_member *member)
{
	for (size_t i = 0; i < quorum->nwitnesses; i++)
		if (span_eq(quorum->witnesses[i].name, name)) {
			*member = (struct quorum_member){ .group = false, .at = i };
			return true;
		}
	for (size_t i = 0; i < quorum->ngroups; i++)
		if (span_eq(quorum->groups[i].name, name)) {
			*member = (struct quorum_member){ .group = true, .at = i };
			return true;
		}
	return false;
}

static bool name_free(struct reading *reading, struct span name)
{
	struct quorum_member member;

	if (span_is(name, "none"))
		return complain(reading->why, reading->line, "\"none\" is not a name to give; it stands in a quorum line alone");
	if (find_name(reading->quorum, name, &member))
		return complain(reading->why, reading->line, "the name \"%.*s\" is given twice", SHOWN(name));
	return true;
}

static bool name_known(struct reading *reading, struct span name, struct quorum_member *member)
{
	if (find_name(reading->quorum, name, member))
		return true;
	return complain(reading->why, reading->line, "no line before this one defines \"%.*s\"", SHOWN(name));
}

/* --- one line ---------------------------------------------------------------------------------- */

static bool read_key(struct reading *reading, struct span text, enum note_kind kind, struct note_key *key)
{
	if (!note_key_parse(text, key))
		return complain(reading->why, reading->line, "\"%.*s\" is no key; expected NAME+ID+BASE64", SHOWN(text));
	if (key->kind != kind)
		return complain(reading->why, reading->line, "this key is of type %d; expected type %d, %s", (int)key->kind,
				(int)kind, kind == NOTE_ED25519 ? "a log's" : "a witness's");
	return true;
}

static bool same_key(const struct note_key *a, const struct note_key *b)
{
	return memcmp(a->public_key, b->public_key, NOTE_KEY_BYTES) == 0;
}

static bool read_log(struct reading *reading)
{
	struct quorum *quorum = reading->quorum;
	struct quorum_log *log = &quorum->logs[quorum->nlogs];

	if (reading->n < 2 || reading->n > 3)
		return complain(reading->why, reading->line, "expected: log KEY [URL]");
	if (quorum->nlogs == QUORUM_LOGS_MAX)
		return complain(reading->why, reading->line, "more than %d logs", QUORUM_LOGS_MAX);
	if (!read_key(reading, reading->words[1], NOTE_ED25519, &log->key))
		return false;
	for (size_t i = 0; i < quorum->nlogs; i++)
		if (same_key(&quorum->logs[i].key, &log->key) &&
		    span_eq(note_key_name(&quorum->logs[i].key), note_key_name(&log->key)))
			return complain(reading->why, reading->line, "this log's key stands on a line before");
	log->url = reading->n > 2 ? reading->words[2] : (struct span){ 0 };
	quorum->nlogs++;
	return true;
}

static bool read_witness(struct reading *reading)
{
	struct quorum *quorum = reading->quorum;
	struct quorum_witness *witness = &quorum->witnesses[quorum->nwitnesses];

	if (reading->n < 3 || reading->n > 4)
		return complain(reading->why, reading->line, "expected: witness NAME KEY [URL]");
	if (quorum->nwitnesses == QUORUM_WITNESSES_MAX)
		return complain(reading->why, reading->line, "more than %d witnesses", QUORUM_WITNESSES_MAX);
	if (!name_free(reading, reading->words[1]) || !read_key(reading, reading->words[2], NOTE_COSIGNATURE, &witness->key))
		return false;
	for (size_t i = 0; i < quorum->nwitnesses; i++)
		if (same_key(&quorum->witnesses[i].key, &witness->key))
			return complain(reading->why, reading->line, "this witness's key stands on a line before");
	witness->name = reading->words[1];
	witness->url = reading->n > 3 ? reading->words[3] : (struct span){ 0 };
	quorum->nwitnesses++;
	return true;
}

static bool read_needed(struct reading *reading, struct span word, struct quorum_group *group)
{
	uint64_t needed;

	if (span_is(word, "all"))
		needed = group->n;
	else if (span_is(word, "any"))
		needed = 1;
	else if (!line_number(word, &needed) || needed < 1 || needed > group->n)
		return complain(reading->why, reading->line, "\"%.*s\" of %zu members; expected all, any or 1 to %zu",
				SHOWN(word), group->n, group->n);
	group->needed = (size_t)needed;
	return true;
}

static bool read_members(struct reading *reading, struct quorum_group *group)
{
	group->members = arena_array(reading->arena, struct quorum_member, group->n);
	for (size_t i = 0; i < group->n; i++) {
		struct span name = reading->words[3 + i];
		bool *taken;

		if (!name_known(reading, name, &group->members[i]))
			return false;
		taken = &reading->taken[group->members[i].group][group->members[i].at];
		if (*taken)
			return complain(reading->why, reading->line, "\"%.*s\" is a member already", SHOWN(name));
		*taken = true;
	}
	return true;
}

static bool read_group(struct reading *reading)
{
	struct quorum *quorum = reading->quorum;
	struct quorum_group *group = &quorum->groups[quorum->ngroups];

	if (reading->n < 4)
		return complain(reading->why, reading->line, "expected: group NAME all|any|NUMBER MEMBER...");
	if (quorum->ngroups == QUORUM_GROUPS_MAX)
		return complain(reading->why, reading->line, "more than %d groups", QUORUM_GROUPS_MAX);
	group->n = reading->n - 3;
	group->name = reading->words[1];
	if (!name_free(reading, group->name) || !read_needed(reading, reading->words[2], group) ||
	    !read_members(reading, group))
		return false;
	quorum->ngroups++;
	return true;
}

static bool read_quorum(struct reading *reading)
{
	struct quorum *quorum = reading->quorum;

	if (reading->n != 2)
		return complain(reading->why, reading->line, "expected: quorum NAME, or quorum none");
	if (reading->decided)
		return complain(reading->why, reading->line, "a second quorum line");
	reading->decided = true;
	quorum->none = span_is(reading->words[1], "none");
	return quorum->none || name_known(reading, reading->words[1], &quorum->needed);
}

/* --- the file ------------------------------------------------------------------------------------ */

static const struct {
	const char *word;
	bool (*read)(struct reading *reading);
} kinds[] = {
	{ .word = "log", .read = read_log },
	{ .word = "witness", .read = read_witness },
	{ .word = "group", .read = read_group },
	{ .word = "quorum", .read = read_quorum },
};

/* Control characters but tab are not; what is above 0x7F is opaque. */
static bool octets_allowed(struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.at[i];

		if ((c < 0x20 && c != '\t') || c == 0x7F)
			return false;
	}
	return true;
}

/* Words of a line, between spaces and tabs; a comment has none. */
static bool split_words(struct reading *reading, struct span line)
{
	struct span part;

	reading->n = 0;
	if (!octets_allowed(line))
		return complain(reading->why, reading->line, "a control character");
	for (size_t at = 0; at < line.len; at += part.len + 1) {
		struct span rest = span_from_offset(line, at);

		part = span_from(rest.at, 0);
		while (part.len < rest.len && rest.at[part.len] != ' ' && rest.at[part.len] != '\t')
			part.len++;
		if (part.len == 0)
			continue;
		if (reading->n == 0 && part.at[0] == '#')
			return true;
		if (reading->n == WORDS_MAX)
			return complain(reading->why, reading->line, "more than %d words", WORDS_MAX);
		reading->words[reading->n++] = part;
	}
	return true;
}

static bool read_line(struct reading *reading, struct span line)
{
	if (!split_words(reading, line))
		return false;
	if (reading->n == 0)
		return true;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (span_is(reading->words[0], kinds[i].word))
			return kinds[i].read(reading);
	return complain(reading->why, reading->line, "\"%.*s\"; expected log, witness, group or quorum",
			SHOWN(reading->words[0]));
}

const struct quorum *quorum_parse(struct span file, struct arena *arena, struct complaint *why)
{
	struct reading *reading = arena_new(arena, struct reading);
	struct span rest, line;

	*reading = (struct reading){ .quorum = arena_new(arena, struct quorum), .arena = arena, .why = why };
	if (file.len > QUORUM_BYTES_MAX) {
		complain(why, 0, "more than %zu bytes", QUORUM_BYTES_MAX);
		return NULL;
	}
	rest = arena_dup(arena, file);
	while (line_next(&rest, &line)) {
		reading->line++;
		if (!read_line(reading, line))
			return NULL;
	}
	if (rest.len > 0)
		complain(why, reading->line + 1, "this line does not end in a newline: the file was cut");
	else if (!reading->decided)
		complain(why, 0, "a quorum line is missing");
	else
		return reading->quorum;
	return NULL;
}

/* --- judging --------------------------------------------------------------------------------------- */

/* Groups stand behind their members, so one pass in their order settles all. */
bool quorum_met(const struct quorum *quorum, uint64_t cosigned)
{
	bool met[QUORUM_GROUPS_MAX];

	if (quorum->none)
		return true;
	for (size_t i = 0; i < quorum->ngroups; i++) {
		const struct quorum_group *group = &quorum->groups[i];
		size_t have = 0;

		for (size_t k = 0; k < group->n; k++)
			have += group->members[k].group ? met[group->members[k].at] : cosigned >> group->members[k].at & 1;
		met[i] = have >= group->needed;
	}
	return quorum->needed.group ? met[quorum->needed.at] : cosigned >> quorum->needed.at & 1;
}

/* The log that signed; false with the verdict when none has, or one is forged. */
static bool judge_log(const struct quorum *quorum, const struct note *note, struct quorum_finding *finding)
{
	finding->verdict = QUORUM_NO_LOG;
	for (size_t i = 0; i < quorum->nlogs; i++) {
		const struct note_key *key = &quorum->logs[i].key;
		enum note_verdict signature = NOTE_ABSENT;

		if (span_eq(note_key_name(key), finding->checkpoint.origin))
			signature = note_check(note, key, NULL);
		if (signature == NOTE_FORGED) {
			finding->verdict = QUORUM_FORGED;
			return false;
		}
		if (signature == NOTE_SIGNED && finding->verdict == QUORUM_NO_LOG) {
			finding->log = i;
			finding->verdict = QUORUM_MISSING;
		}
	}
	return finding->verdict == QUORUM_MISSING;
}

static bool judge_witnesses(const struct quorum *quorum, const struct note *note, struct quorum_finding *finding)
{
	for (size_t i = 0; i < quorum->nwitnesses; i++) {
		uint64_t time;

		switch (note_check(note, &quorum->witnesses[i].key, &time)) {
		case NOTE_SIGNED:
			finding->cosigned |= UINT64_C(1) << i;
			finding->newest = time > finding->newest ? time : finding->newest;
			break;
		case NOTE_ABSENT:
			break;
		case NOTE_FORGED:
			finding->verdict = QUORUM_FORGED;
			return false;
		}
	}
	return true;
}

void quorum_judge(const struct quorum *quorum, struct span bytes, struct quorum_finding *finding)
{
	struct note note;

	*finding = (struct quorum_finding){ .verdict = QUORUM_MALFORMED };
	if (!note_parse(bytes, &note) || !checkpoint_parse(note.text, &finding->checkpoint))
		return;
	if (judge_log(quorum, &note, finding) && judge_witnesses(quorum, &note, finding) &&
	    quorum_met(quorum, finding->cosigned))
		finding->verdict = QUORUM_MET;
}
