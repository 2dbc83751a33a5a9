/*
 * Journals from files; see money_source.h.
 */
#include "daemon/cli/money_source.h"

#include "daemon/base/memory.h"
#include "daemon/cli/money_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define BUFFER_BYTES (1 << 20)

struct money_source {
	FILE *file;
	char *buffer;   /* of stdio; a journal may be a gigabyte */
	char *line;
	size_t size;
	const char *path;
};

struct money_source *money_source_open(const char *path, struct complaint *why)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct money_source *source;

	if (file == NULL) {
		complain(why, 0, "%s: %s", path, strerror(errno));
		return NULL;
	}
	source = memory_zeroes(1, sizeof(*source));
	source->file = file;
	source->path = path;
	source->buffer = memory_zeroes(1, BUFFER_BYTES);
	(void)setvbuf(file, source->buffer, _IOFBF, BUFFER_BYTES);
	return source;
}

void money_source_close(struct money_source *source)
{
	if (source == NULL)
		return;
	if (source->file != stdin)
		fclose(source->file);
	else
		(void)setvbuf(stdin, NULL, _IONBF, 0);
	free(source->buffer);
	free(source->line);
	free(source);
}

enum money_source_answer money_source_next(struct money_source *source, struct span *line, bool *whole,
					   struct complaint *why)
{
	ssize_t len;

	errno = 0;
	len = getline(&source->line, &source->size, source->file);
	if (len < 0) {
		if (feof(source->file) && !ferror(source->file))
			return MONEY_SOURCE_END;
		complain(why, 0, "%s: %s", source->path, strerror(errno));
		return MONEY_SOURCE_FAILED;
	}
	*whole = source->line[len - 1] == '\n';
	*line = span_from(source->line, (size_t)len - (*whole ? 1 : 0));
	return MONEY_SOURCE_LINE;
}
