/*
 * A multipart/form-data body (RFC 7578), taken in pieces as they come.
 *
 * Pure. Bytes are pushed in, events come out: a part begins, has data, ends.
 * Of a part's data nothing is ever held back but the start of what may be a
 * boundary, so an attachment passes through without being in memory.
 * Strict: no preamble, no blanks behind a boundary, no transfer encoding, no
 * part without a name, limits on everything; complaints name the part.
 */
#ifndef TIPLINE_HTTP_MULTIPART_H
#define TIPLINE_HTTP_MULTIPART_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

#define MULTIPART_BOUNDARY_MAX 70  /* RFC 2046, 5.1.1 */
#define MULTIPART_HEAD_MAX 2048

/* Spans are borrowed during the call to begin(). Names are UTF-8 without control characters. */
struct multipart_part {
	struct span name;
	struct span filename;  /* as sent, never a path to trust; at == NULL: the part is no file */
	struct span type;      /* Content-Type as sent; empty when there is none */
};

/* Each returns false to stop; multipart_feed() then returns false and leaves the complaint alone. */
struct multipart_sink {
	bool (*begin)(void *ctx, const struct multipart_part *part);
	bool (*data)(void *ctx, struct span piece);  /* never empty */
	bool (*end)(void *ctx);
	void *ctx;
};

struct multipart_limits {
	size_t parts;
	size_t head_bytes;    /* of one part, at most MULTIPART_HEAD_MAX */
	uint64_t part_bytes;  /* of one part's data */
};

enum multipart_state {
	MULTIPART_DATA,      /* in a part, or (nparts == 0) before the first boundary */
	MULTIPART_BOUNDARY,  /* behind a boundary: "\r\n" or "--" must follow */
	MULTIPART_HEAD,
	MULTIPART_EPILOGUE,  /* behind the last boundary */
	MULTIPART_FAILED,
};

/* Private, but for the caller to place. */
struct multipart {
	struct multipart_sink sink;
	struct multipart_limits limits;
	enum multipart_state state;
	char delimiter[4 + MULTIPART_BOUNDARY_MAX];  /* "\r\n--" and the boundary */
	size_t delimiter_len;
	size_t matched;        /* bytes of the delimiter that the data seen last may be */
	char tail[2];          /* what follows a boundary */
	size_t ntail;
	char head[MULTIPART_HEAD_MAX];
	size_t head_len;
	size_t nparts;         /* begun */
	uint64_t part_bytes;   /* data of the current part */
};

/* The boundary of a Content-Type value; false when it is another type or names no lawful boundary. */
bool multipart_boundary(struct span content_type, struct span *boundary);

/* `boundary` is one that multipart_boundary() gave; it is copied. */
void multipart_init(struct multipart *parser, struct span boundary, const struct multipart_limits *limits,
		    const struct multipart_sink *sink);

/* False when the body is refused (with a complaint) or the sink stopped; nothing more is taken then. */
bool multipart_feed(struct multipart *parser, struct span bytes, struct complaint *complaint);

/* The body is over: false with a complaint when the last boundary has not been seen. */
bool multipart_finish(const struct multipart *parser, struct complaint *complaint);

#endif
