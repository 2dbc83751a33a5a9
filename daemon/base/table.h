/*
 * Small helpers for tables.
 */
#ifndef TIPLINE_BASE_TABLE_H
#define TIPLINE_BASE_TABLE_H

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
