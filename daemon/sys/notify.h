/*
 * The service manager: readiness, watchdog, and the sockets it opened for us.
 *
 * All of it does nothing when no service manager is there.
 */
#ifndef TIPLINE_SYS_NOTIFY_H
#define TIPLINE_SYS_NOTIFY_H

#include <stdbool.h>

/* One line for `systemctl status`; no personal data. */
void notify_status(const char *text);

/* Ready: listening, store reachable. Also the end of a reload. */
void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

/* Milliseconds between two calls of notify_alive(): half of what the manager allows; 0: none wanted. */
unsigned notify_watchdog_ms(void);
void notify_alive(void);

/*
 * The inherited listening socket with that FileDescriptorName, or -1. Each is
 * handed out once. Sockets nobody asked for stay open until notify_close_unused().
 */
int notify_listener(const char *name);

/* Closes inherited sockets that were not asked for; returns how many. */
unsigned notify_close_unused(void);

/* Standard error goes to the journal, which reads priority prefixes. */
bool notify_journald(void);

#endif
