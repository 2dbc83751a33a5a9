/*
 * What single words and characters mean to the marks; part of core/incident/feature.c.
 *
 * Tables and nothing else. A character is given as its code point, so that
 * whatever else stands in a text (0, the number of a kind) matches none.
 */
#ifndef TIPLINE_CORE_FEATURE_WORDS_H
#define TIPLINE_CORE_FEATURE_WORDS_H

#include "daemon/core/incident/feature.h"

/* A direction, a day, a gender word, a colour; *value is what it says ("gray" is "grey"). */
bool feature_word_meaning(struct span word, enum feature_kind *kind, struct span *value);

/* The same for one character of Han. */
bool feature_han_meaning(uint32_t c, enum feature_kind *kind);

/* "am", "hours", "people": a number before it counts something. */
bool feature_word_counts(struct span word);

/* Two characters that say when: 昨天, 下午. */
bool feature_han_day(uint32_t c, uint32_t next);

/* A colour, and 色 behind it. */
bool feature_han_colour(uint32_t c, uint32_t next);

/* 路北 of 人民路北段: a side of the road, not the place of that name. `next` stands behind it. */
bool feature_side_of_road(struct span name, uint32_t next);

/* Bytes of a place's name without the word for its kind, when more than one character is left. */
size_t feature_place_stem(struct span name);

/* A name may follow these two ("老板", "女儿", "联系人"); 女 is told as 1 + FEATURE_GENDER. */
bool feature_announces_name(uint64_t last, uint64_t but_one);

/* Of the commonest family names, those that are hardly anything else behind a word for a person. */
bool feature_family_name(uint32_t c);

#endif
