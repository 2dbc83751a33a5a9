/*
 * Names of divisions with one wrong character.
 *
 * Looked for only where the text itself says what the name must lie beneath
 * or above, and only when one division alone fits: "广东省云浮市心兴县".
 */
#ifndef TIPLINE_CORE_MISSPELT_H
#define TIPLINE_CORE_MISSPELT_H

#include "daemon/core/text/gazetteer.h"

struct misspelt_match {
	const struct region *region; /* NULL: none, or several fit */
	size_t to;                   /* where the name ends in the text */
};

/* A division beneath `above` whose full name, but for one character, stands at `from` (separators left out). */
struct misspelt_match misspelt_child(const struct gazetteer *gazetteer, struct span text, size_t from,
				     const struct region *above);

/* The one of `of` whose parent's full name, but for one character, ends at `before`; NULL: none or several. */
const struct region *misspelt_parent(const struct gazetteer *gazetteer, struct span text, size_t before,
				     const struct region *const *of, size_t n);

#endif
