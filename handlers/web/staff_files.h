/*
 * The files of the staff's program in the browser, as scripts/bundle made them.
 *
 * One page stands at "/" and at every address within a face (/desk, /desk/...,
 * /money, /audit, /admin): which part it shows is the program's matter.
 */
#ifndef TIPLINE_HANDLERS_WEB_STAFF_FILES_H
#define TIPLINE_HANDLERS_WEB_STAFF_FILES_H

#include "handlers/web/pages.h"

/* False when there is no such file. `file` borrows from the program itself. */
bool staff_file_find(struct span path, struct page_file *file);

#endif
