/*
 * Places of the model that are not hashed: what a text looks like, whatever
 * its words. Shared by learn_features.c, which sets them, and learn.c, which
 * knows what they say before anything was learned.
 */
#ifndef TIPLINE_CORE_LEARN_SHAPE_H
#define TIPLINE_CORE_LEARN_SHAPE_H

#include "daemon/core/text/entity.h"

enum learn_shape {
	SHAPE_ALWAYS,
	SHAPE_POINTS,                            /* of the rules, in tens */
	SHAPE_LENGTH = SHAPE_POINTS + 11,        /* of the text: two steps for each doubling */
	SHAPE_CAPITALS = SHAPE_LENGTH + 40,      /* eighths of the letters */
	SHAPE_DIGITS = SHAPE_CAPITALS + 9,
	SHAPE_MARKS = SHAPE_DIGITS + 6,          /* exclamation marks and stars */
	SHAPE_SCRIPT = SHAPE_MARKS + 5,
	SHAPE_SHOUTED = SHAPE_SCRIPT + 4,        /* words in capitals */
	SHAPE_ENTITY = SHAPE_SHOUTED + 5,
	SHAPE_NUMBER = SHAPE_ENTITY + ENTITY_KINDS,  /* a number of so many digits */
	SHAPE_MIXED = SHAPE_NUMBER + 13,         /* letters and digits in one word */
	SHAPE_LINK,
	SHAPE_MONEY,                             /* a sign of a currency */
	SHAPE_BRACKET,                           /* begins with 【: how bulk SMS are signed */
	SHAPES = 128,
};

_Static_assert(SHAPE_BRACKET < SHAPES, "all shapes have a place");

#endif
