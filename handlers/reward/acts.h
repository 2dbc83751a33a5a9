/*
 * What a person may do with a reward now, told before it is tried: the book is
 * asked about each act of that person's roles, and its own refusal is the
 * answer. So there is one place that knows the rules, and no second copy of
 * them in a page.
 */
#ifndef TIPLINE_HANDLERS_REWARD_ACTS_H
#define TIPLINE_HANDLERS_REWARD_ACTS_H

#include "daemon/base/json_out.h"
#include "daemon/money/book.h"

/*
 * As the member "acts" of the open object: [{"act":"approve","may":false,
 * "code":"SEPARATION","detail":"..."}, ...], in the order of the command table.
 * `actor` has person, account and roles (call_actor()). Acts that no role of
 * theirs has are left out. What the fields of an act decide (an amount, a
 * title of an account) is not asked: that is seen when it is done.
 */
void acts_tell(const struct book *book, const struct book_reward *reward, const struct book_command *actor, int64_t now_ms,
	       struct arena *arena, struct json_out *json);

/* As the member "votes": acts on that subject by one person that a second one may still agree to. */
void acts_tell_votes(const struct book *book, const char *subject, int64_t now_ms, struct json_out *json);

#endif
