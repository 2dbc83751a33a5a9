/*
 * The body of an HTML form: application/x-www-form-urlencoded.
 *
 * Pure. Decodes what the web form posts into names and values that live in the
 * request's arena. Refuses rather than repairs: a broken escape, a NUL byte,
 * bytes that are no UTF-8, too many or too long fields; the complaint names
 * the field, never its value.
 */
#ifndef TIPLINE_HTTP_FORM_H
#define TIPLINE_HTTP_FORM_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"

struct form_pair {
	struct span name;   /* UTF-8 without NUL, never empty */
	struct span value;  /* UTF-8 without NUL, perhaps empty */
};

struct form {
	struct form_pair *pairs;  /* in the order of the body; a name may come again */
	size_t npairs;
};

struct form_limits {
	size_t pairs;
	size_t name_bytes;   /* decoded */
	size_t value_bytes;  /* decoded */
};

/* False with a complaint when the body is refused; `form` is then empty. The pairs live in the arena. */
bool form_decode(struct span encoded, const struct form_limits *limits, struct arena *arena, struct form *form,
		 struct complaint *complaint);

/* The first value of that name; at == NULL when there is none. */
struct span form_find(const struct form *form, const char *name);

#endif
