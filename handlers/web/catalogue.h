/*
 * Languages: the texts of one language, and which language a visitor gets.
 *
 * A catalogue is a compiled gettext file (config/locale/<tag>.po through
 * msgfmt) that the program carries inside. It is read where it lies: nothing is
 * copied, nothing of the process's locale is touched, any number of languages
 * serve at the same time.
 * Source: GNU gettext manual, "The Format of GNU MO Files"; RFC 9110, 12.5.4
 * (Accept-Language); RFC 4647, 3.4 (lookup).
 */
#ifndef TIPLINE_HANDLERS_WEB_CATALOGUE_H
#define TIPLINE_HANDLERS_WEB_CATALOGUE_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

#define CATALOGUE_TAG_MAX 15
#define CATALOGUES_MAX 8

struct catalogue {
	char tag[CATALOGUE_TAG_MAX + 1];  /* BCP 47, "zh-CN" */
	struct span mo;
	bool swapped;                     /* written on a machine of the other byte order */
	uint32_t count;                   /* messages, the head entry included */
	uint32_t ids;                     /* offsets of the two tables */
	uint32_t texts;
};

/*
 * Reads the bytes of a .mo file; they are borrowed as long as the catalogue is
 * used. False with a complaint that names the language: not an MO file, another
 * revision, a table or string outside the file or without its NUL, messages out
 * of order, not in UTF-8. What was accepted is read without further checks.
 */
bool catalogue_read(const char *tag, struct span mo, struct catalogue *catalogue, struct complaint *why);

/* The text of a message; the id itself where there is none. Borrowed from the file. */
struct span catalogue_text(const struct catalogue *catalogue, struct span id);

/* True when the catalogue has a text for the message. */
bool catalogue_has(const struct catalogue *catalogue, struct span id);

/* The message in order of its id, the head entry ("") left out; at == NULL past the end. */
struct span catalogue_id_at(const struct catalogue *catalogue, size_t index);

/* All languages of the program; the first is what a visitor gets who asks for none of them. */
struct catalogues {
	struct catalogue at[CATALOGUES_MAX];
	size_t n;
};

/* Reads all "locale/<tag>.mo" of the program, `first` in front. False with a complaint. */
bool catalogues_load(const char *first, struct catalogues *catalogues, struct complaint *why);

/* The language of that tag, or of the same language elsewhere ("en-GB" finds "en"); NULL when there is none. */
const struct catalogue *catalogue_find(const struct catalogues *catalogues, struct span tag);

/*
 * What a visitor gets: `wanted` (a link's or form's ?lang=) when there is such
 * a language, else the best of the Accept-Language field by its quality
 * values, the earlier of equal ones, else the first. Anything malformed in the
 * field is passed over. Never NULL as long as there is a language.
 */
const struct catalogue *catalogue_choose(const struct catalogues *catalogues, struct span accept_language,
					 struct span wanted);

#endif
