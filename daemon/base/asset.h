/*
 * Files that the program carries inside itself: pages, styles, Redis
 * functions, regions, rules, catalogues. scripts/embed makes the table.
 */
#ifndef TIPLINE_BASE_ASSET_H
#define TIPLINE_BASE_ASSET_H

#include "daemon/base/span.h"

/* The bytes of a file by its path in the repository ("config/regions/regions.tsv"); at == NULL: none. */
struct span asset_find(const char *name);

/* Names in order of the table; NULL past the end. */
const char *asset_name(size_t index);

#endif
