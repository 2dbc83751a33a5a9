/*
 * What a name alone is worth as evidence for one of its meanings.
 *
 * A full name more than a short one, a short one with its kind word behind it
 * more than bare, a level that stands alone more than a county whose name is
 * an ordinary word. Only the order and the distances matter; what else the
 * text says is for survey.c to add.
 */
#ifndef TIPLINE_CORE_WORTH_H
#define TIPLINE_CORE_WORTH_H

#include "daemon/core/text/mention.h"

#define WORTH_NONE (-100) /* no meaning of these words at all */
#define WORTH_COMMON 0    /* a bare name that is an ordinary word */

/* `words`: what stands in the text, with the kind word. */
int worth_of_name(const struct gazetteer_name *name, const struct region *region, enum mention_form form,
		  struct span words);

#endif
