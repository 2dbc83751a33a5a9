/*
 * The mail client: libcurl makes the connection (TLS, login) on the daemon's
 * loop, smtp_talk.h says the rest on it.
 *
 * libcurl's own way to send a message waits within the call for the server's
 * word on it, and for that to QUIT. So it is asked for the connection alone
 * (CURLOPT_CONNECT_ONLY), and nothing here ever waits. That also tells exactly
 * how far the talk was when a connection ended.
 */
#ifndef TIPLINE_HTTP_SMTP_H
#define TIPLINE_HTTP_SMTP_H

#include "daemon/http/smtp_talk.h"

struct event_base;
struct smtp_client;

enum smtp_tls {
	SMTP_TLS_REQUIRED,         /* STARTTLS, or smtps:// */
	SMTP_TLS_PLAIN_LOOPBACK,   /* none; the configuration says where that may be */
	SMTP_TLS_PLAIN_NETWORK,
};

/* Where mail goes out. Texts are never NULL. */
struct smtp_server {
	const char *url;               /* smtp:// or smtps://, host and perhaps port */
	enum smtp_tls tls;
	const char *ca_file;           /* instead of the system's authorities; "": those */
	const char *user, *password;   /* "": no login */
};

struct smtp_answer {
	enum smtp_outcome outcome;
	int code;                      /* the server's; 0: none */
	unsigned refused_to;           /* recipients it did not take */
	char error[128];               /* for the log where no code says it; never holds an address */
};

typedef void smtp_answered(void *ctx, const struct smtp_answer *answer);

struct smtp_client *smtp_client_new(struct event_base *base);
/* Open calls end as far as they were before this returns. */
void smtp_client_free(struct smtp_client *client);

/*
 * Starts a call; all is copied. `done` is called once, never from within this
 * function. What fails before the message was offered (no connection, no TLS, a
 * login refused) is SMTP_LATER: it says nothing about the message.
 */
void smtp_client_start(struct smtp_client *client, const struct smtp_server *server, const struct smtp_letter *letter,
		       unsigned timeout_ms, smtp_answered *done, void *ctx);


#endif
