/*
 * Reading one file of config/rules/ into the rules. Between core/score/rules.c and
 * core/score/rule_file.c; nobody else includes it.
 */
#ifndef TIPLINE_CORE_RULE_FILE_H
#define TIPLINE_CORE_RULE_FILE_H

#include "daemon/core/score/rules.h"

struct rules {
	struct arena arena; /* owns all spans and names */
	struct rule at[RULES_MAX];
	size_t n;
	struct rule_term *terms;
	size_t nterms;
	struct rule_sample *samples;
	size_t nsamples;
	char version[9];
};

/*
 * Adds what the file says. False with a complaint at the first thing that is
 * wrong; the rules are then good for nothing but rules_free().
 */
bool rule_file_read(struct rules *rules, const struct rule_file *file, struct complaint *why);

#endif
