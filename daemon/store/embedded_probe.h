/*
 * Asking a starting Redis whether it answers, without waiting for it.
 */
#ifndef TIPLINE_STORE_EMBEDDED_PROBE_H
#define TIPLINE_STORE_EMBEDDED_PROBE_H

#include <stdbool.h>

struct embedded_probe {
	int fd;   /* -1: not connected */
};

/*
 * Called again and again: connects, sends PING, reads. True once the answer
 * was PONG; the connection is closed then. Loading or silent: false.
 */
bool embedded_probe_answers(struct embedded_probe *probe, const char *socket_path);

void embedded_probe_close(struct embedded_probe *probe);

#endif
