/*
 * Compiled words (core/text/scan.h) kept as files, so that a restart does not
 * compile them again. A file is the BLAKE2b-256 of its bytes and the bytes; one that
 * is damaged counts as not there. The newest WORD_CACHE_FILES are kept.
 */
#ifndef TIPLINE_SYS_WORD_CACHE_H
#define TIPLINE_SYS_WORD_CACHE_H

#include "daemon/base/complaint.h"
#include "daemon/core/text/scan.h"

#define WORD_CACHE_FILES 4u

struct word_cache;

/* The directory is made when missing. NULL and a complaint when it is not private: what lies there is believed. */
struct word_cache *word_cache_open(const char *dir, struct complaint *why);
void word_cache_close(struct word_cache *cache);

/* What scanner_new_kept() takes; borrows the cache. */
const struct scan_keep *word_cache_keep(struct word_cache *cache);

#endif
