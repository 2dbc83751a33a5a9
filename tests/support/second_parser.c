/*
 * http_parser on a head; see second_parser.h.
 */
#include "tests/support/second_parser.h"

#if __has_include(<http_parser.h>)
#include <http_parser.h>

struct reading {
	struct second_opinion *opinion;
	unsigned heads;
};

static int note_head(http_parser *parser)
{
	struct reading *reading = parser->data;

	reading->heads++;
	reading->opinion->length = parser->content_length == UINT64_MAX ? 0 : parser->content_length;
	reading->opinion->keep_alive = http_should_keep_alive(parser) != 0;
	return 0;
}

bool second_parser_read(struct span head, struct second_opinion *opinion)
{
	struct reading reading = { .opinion = opinion };
	http_parser_settings settings;
	http_parser parser;
	size_t parsed;

	*opinion = (struct second_opinion){ 0 };
	http_parser_settings_init(&settings);
	settings.on_headers_complete = note_head;
	http_parser_init(&parser, HTTP_REQUEST);
	parser.data = &reading;
	parsed = http_parser_execute(&parser, &settings, head.at, head.len - 1);
	if (HTTP_PARSER_ERRNO(&parser) != HPE_OK || parsed != head.len - 1 || reading.heads != 0)
		return true;
	parsed = http_parser_execute(&parser, &settings, head.at + head.len - 1, 1);
	opinion->whole = HTTP_PARSER_ERRNO(&parser) == HPE_OK && parsed == 1 && reading.heads == 1 && parser.http_major == 1;
	opinion->method = http_method_str((enum http_method)parser.method);
	opinion->minor = parser.http_minor;
	opinion->chunked = (parser.flags & F_CHUNKED) != 0;
	opinion->upgrade = parser.upgrade != 0;
	return true;
}
#else
bool second_parser_read(struct span head, struct second_opinion *opinion)
{
	(void)head;
	(void)opinion;
	return false;
}
#endif
