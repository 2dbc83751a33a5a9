/*
 * Why two tips are, or may be, about the same thing, in words for an officer.
 *
 * The linker and the journal say it with short words ("copy", "place,wording");
 * here stand the sentences, as the rules have theirs in their files.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_WHY_H
#define TIPLINE_HANDLERS_BUREAU_WHY_H

#include "daemon/base/json_out.h"

/* True for a tag of the Chinese language; all others are told in English. */
bool why_chinese(struct span lang);

/* The sentence for one word; an unknown word stands for itself. */
struct span why_text(struct span word, struct span lang);

/* Members `why` (the words as they are) and `reasons` (their sentences). */
void why_json(struct span why, struct span lang, struct json_out *json);

/* True when `why` has this word. */
bool why_has(struct span why, const char *word);

#endif
