/*
 * A second opinion on request heads: http_parser, where libhttp-parser-dev is
 * installed. A file of its own, since both name the methods alike.
 */
#ifndef TIPLINE_TESTS_SECOND_PARSER_H
#define TIPLINE_TESTS_SECOND_PARSER_H

#include "daemon/base/span.h"

#include <stdint.h>

struct second_opinion {
	bool whole;          /* the last octet ends the head, and none before it */
	const char *method;
	unsigned minor;
	uint64_t length;
	bool chunked;
	bool keep_alive;
	bool upgrade;
};

/* False: there is no second parser. */
bool second_parser_read(struct span head, struct second_opinion *opinion);

#endif
