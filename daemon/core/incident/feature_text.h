/*
 * A folded text as the linker reads it: letters, and tokens with what they are.
 *
 * Part of core/incident/feature.c. Punctuation, blanks, emoji and their names in
 * brackets ("[泪]") are gone, so that they cannot tell two copies apart; digits
 * that only those parted are one number, and a masked number in Han digits
 * (〇一〇六) reads as digits.
 */
#ifndef TIPLINE_CORE_FEATURE_TEXT_H
#define TIPLINE_CORE_FEATURE_TEXT_H

#include "daemon/base/arena.h"

enum token_kind {
	TOKEN_HAN,    /* one character */
	TOKEN_WORD,   /* letters of another script */
	TOKEN_NUMBER, /* digits, or a Han numeral as digits */
};

struct token {
	enum token_kind kind;
	uint32_t from;      /* bytes in the folded text */
	uint32_t to;
	struct span value;  /* in the arena: the letters or digits */
	uint32_t c;         /* TOKEN_HAN: the character */
	bool stopped;       /* punctuation that ends a sentence stands behind it */
	bool cut;           /* a full stop or dots stand behind it: there may have been more */
	bool masked;        /* stars in it or behind it */
	bool han;           /* a number written in Han numerals */
};

struct feature_text {
	char *letters;      /* bytes */
	uint32_t *starts;   /* of each letter, and the end */
	size_t nletters;
	size_t nhan;        /* letters that are Han */
	struct token *tokens;
	size_t ntokens;
};

void feature_text_read(struct span folded, struct arena *arena, struct feature_text *out);

#endif
