/*
 * Requests that were recorded from real peers, for tests. Run from the root of
 * the repository.
 */
#ifndef TIPLINE_TESTS_HTTP_SAMPLE_H
#define TIPLINE_TESTS_HTTP_SAMPLE_H

#include "daemon/base/arena.h"
#include "daemon/base/http_message.h"

/*
 * Cuts head and body apart; far more lenient than the daemon's own gate, so
 * that what lies behind the gate is tested by itself. False: no request. The
 * bytes live as long as the request is used.
 */
bool http_sample_parse(struct span bytes, struct http_request *request);

/* The file of that path, in the arena; at == NULL when it cannot be read. */
struct span http_sample_read(const char *path, struct arena *arena);

#endif
