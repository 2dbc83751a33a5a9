/*
 * Reading the JSON of a journal event, member by member, without memory.
 *
 * Events are written by this program (base/json_out.h and the functions of the
 * store), one flat object each; replay reads hundreds of thousands a second.
 * Not a JSON library: what is inside arrays and objects is passed over.
 */
#ifndef TIPLINE_CORE_EVENT_H
#define TIPLINE_CORE_EVENT_H

#include "daemon/base/span.h"

struct event_member {
	struct span name; /* as written, without quotes */
	struct span
		value; /* text without its quotes and still escaped; number, word or brackets as written */
	bool text;
};

/*
 * Starts at the whole object, moves *rest behind the member it returns; false
 * at the end. *well tells the end from a broken event.
 */
bool event_next(struct span *rest, struct event_member *member, bool *well);

/* The member of that name; false when there is none or the event is broken. */
bool event_find(struct span event, const char *name, struct event_member *member);

/* Text without escapes, at most `size` bytes; the length, or SIZE_MAX when it is broken or longer. */
size_t event_text(struct span escaped, char *out, size_t size);

#endif
