/*
 * In words for the informant: how long nothing happened, and where the tip
 * went because of it.
 */
#ifndef TIPLINE_HANDLERS_WEB_RAISE_WORDS_H
#define TIPLINE_HANDLERS_WEB_RAISE_WORDS_H

#include "daemon/base/arena.h"
#include "daemon/core/journal/clock.h"
#include "handlers/web/catalogue.h"

/*
 * "Not opened for 3 days, so it was passed on to the prefecture's level." The
 * time is told in whole days, else hours, else minutes, one at least. `level`
 * is a word of region_level_word(). Lives in the arena.
 */
struct span raise_words(const struct catalogue *lang, enum clock_wait why, int64_t waited_ms, const char *level,
			struct arena *arena);

/* "If nobody opens it for 3 more hours, it passes to the province's level.": what comes next; `level` is that one. */
struct span raise_next_words(const struct catalogue *lang, enum clock_wait why, int64_t left_ms, const char *level,
			     struct arena *arena);

/* "3 days", rounded down. */
struct span raise_time_words(const struct catalogue *lang, int64_t ms, struct arena *arena);

/* Messages that it takes, in turn; NULL past the last. */
const char *raise_message_at(size_t index);

#endif
