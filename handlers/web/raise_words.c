/*
 * Words of an escalation; see raise_words.h.
 */
#include "handlers/web/raise_words.h"

#include "daemon/base/buf.h"
#include "daemon/base/table.h"

#include <assert.h>
#include <stdio.h>

#define MINUTE_MS INT64_C(60000)

static const struct unit {
	int64_t ms;
	const char *one, *many;
} units[] = {
	{ .ms = 24 * 60 * MINUTE_MS, .one = "unit.day", .many = "unit.days" },
	{ .ms = 60 * MINUTE_MS, .one = "unit.hour", .many = "unit.hours" },
	{ .ms = MINUTE_MS, .one = "unit.minute", .many = "unit.minutes" },
};

static const char *const whys[CLOCK_WAITS] = {
	[WAIT_UNOPENED] = "raise.unopened",
	[WAIT_STALLED] = "raise.stalled",
	[WAIT_UNANSWERED] = "raise.unanswered",
};

static const char *const nexts[CLOCK_WAITS] = {
	[WAIT_UNOPENED] = "next.unopened",
	[WAIT_STALLED] = "next.stalled",
	[WAIT_UNANSWERED] = "next.unanswered",
};

static const struct level {
	const char *word, *message;
} levels[] = {
	{ .word = "nation", .message = "level.nation" },
	{ .word = "province", .message = "level.province" },
	{ .word = "prefecture", .message = "level.prefecture" },
	{ .word = "county", .message = "level.county" },
};

struct span raise_time_words(const struct catalogue *lang, int64_t ms, struct arena *arena)
{
	const struct unit *unit = units;
	int64_t n;
	struct span name;

	while (unit < &units[COUNT_OF(units) - 1] && ms < unit->ms)
		unit++;
	n = ms < unit->ms ? 1 : ms / unit->ms;
	name = catalogue_text(lang, span_of(n == 1 ? unit->one : unit->many));
	return span_of(arena_printf(arena, "%lld %.*s", (long long)n, (int)name.len, name.at));
}

static struct span level_words(const struct catalogue *lang, const char *word)
{
	const struct level *level = levels;

	while (level < &levels[COUNT_OF(levels) - 1] && strcmp(level->word, word) != 0)
		level++;
	return catalogue_text(lang, span_of(level->message));
}

/* The text with each "{name}" replaced; other braces stay. */
static struct span filled(struct span text, const char *const names[], const struct span values[], size_t n,
			  struct arena *arena)
{
	struct buf out = { 0 };
	struct span kept;

	while (text.len > 0) {
		size_t i = 0;

		while (i < n && !span_starts(text, span_of(names[i])))
			i++;
		if (i < n)
			buf_add_span(&out, values[i]);
		else
			buf_add(&out, text.at, 1);
		text = span_from_offset(text, i < n ? strlen(names[i]) : 1);
	}
	kept = arena_dup(arena, buf_span(&out));
	buf_release(&out);
	return kept;
}

static struct span said(const struct catalogue *lang, const char *message, int64_t ms, const char *level, struct arena *arena)
{
	static const char *const names[] = { "{waited}", "{level}" };
	const struct span values[] = { raise_time_words(lang, ms, arena), level_words(lang, level) };

	return filled(catalogue_text(lang, span_of(message)), names, values, COUNT_OF(names), arena);
}

struct span raise_words(const struct catalogue *lang, enum clock_wait why, int64_t waited_ms, const char *level,
			struct arena *arena)
{
	assert(why < CLOCK_WAITS);
	return said(lang, whys[why], waited_ms, level, arena);
}

struct span raise_next_words(const struct catalogue *lang, enum clock_wait why, int64_t left_ms, const char *level,
			     struct arena *arena)
{
	assert(why < CLOCK_WAITS);
	return said(lang, nexts[why], left_ms, level, arena);
}

const char *raise_message_at(size_t index)
{
	if (index < CLOCK_WAITS)
		return whys[index];
	index -= CLOCK_WAITS;
	if (index < CLOCK_WAITS)
		return nexts[index];
	index -= CLOCK_WAITS;
	if (index < COUNT_OF(levels))
		return levels[index].message;
	index -= COUNT_OF(levels);
	if (index < 2 * COUNT_OF(units))
		return index % 2 == 0 ? units[index / 2].one : units[index / 2].many;
	return NULL;
}
