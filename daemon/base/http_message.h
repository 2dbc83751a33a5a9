/*
 * A request and a reply as plain values; no socket, no library.
 */
#ifndef TIPLINE_BASE_HTTP_MESSAGE_H
#define TIPLINE_BASE_HTTP_MESSAGE_H

#include "daemon/base/buf.h"

#define HTTP_FIELDS_MAX 100
#define HTTP_REPLY_FIELDS_MAX 16

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
};

const char *http_method_name(enum http_method method);

struct http_field {
	struct span name;   /* as sent */
	struct span value;  /* without blanks at the ends */
};

struct http_request {
	enum http_method method;
	unsigned minor;         /* 0 or 1 of HTTP/1.x */
	struct span path;       /* raw, before '?'; starts with '/' */
	struct span query;      /* raw, behind '?', or empty */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t nfields;
	uint64_t content_length;
	bool has_body;          /* a Content-Length above zero was given */
	bool keep_alive;
	struct span body;       /* whole, when the route collects it */
};

/* The value of the first field of that name (any case), or an empty span with at == NULL. */
struct span http_field_find(const struct http_request *request, const char *name);

/*
 * Decodes "%41" and '+' (application/x-www-form-urlencoded). `decoded` has room
 * for encoded.len bytes and gets no terminator; false when an escape is broken.
 */
bool http_urldecode(struct span encoded, char *decoded, size_t *len);

/* The decoded value of a query or urlencoded body parameter, in the buffer; false when absent or broken. */
bool http_param_find(struct span encoded, const char *name, struct buf *value);

/* A body that is sent from a file, piece by piece. */
struct http_file {
	int fd;                         /* read from where it stands; closed by who sends it, or does not */
	uint64_t bytes;
};

struct http_reply {
	int status;
	const char *type;               /* Content-Type; NULL: no body */
	struct span body;               /* borrowed until http_exchange_reply() returns */
	const struct http_file *file;   /* in place of `body`; NULL: none */
	struct {
		const char *name;       /* static text */
		struct span value;      /* borrowed likewise; no CR, LF or NUL */
	} fields[HTTP_REPLY_FIELDS_MAX];
	size_t nfields;
	bool close;                     /* close the connection afterwards */
};

void http_reply_field(struct http_reply *reply, const char *name, struct span value);

/* An answer that somebody else gave us. */
#define HTTP_RESPONSE_FIELDS_MAX 64

struct http_response {
	int status;
	struct http_field fields[HTTP_RESPONSE_FIELDS_MAX];
	size_t nfields;
	struct span body;
};

/* Takes the fields out of "Name: value" lines; lines that are none, and those beyond the limit, are passed over. */
void http_response_head(struct span head, struct http_response *response);

/* As http_field_find(). */
struct span http_response_field(const struct http_response *response, const char *name);

/* "Created" for 201; "Unknown" for what is not in the table. */
const char *http_status_text(int status);

#endif
