/*
 * Complaints; see complaint.h.
 */
#include "daemon/base/complaint.h"

#include <stdarg.h>
#include <stdio.h>

/* In brackets: the name alone is a macro for the analyzer. */
int (complain)(struct complaint *complaint, size_t line, const char *format, ...)
{
	va_list args;

	if (complaint == NULL)
		return 0;
	complaint->line = line;
	complaint->column = 0;
	va_start(args, format);
	vsnprintf(complaint->text, sizeof(complaint->text), format, args);
	va_end(args);
	return 0;
}
