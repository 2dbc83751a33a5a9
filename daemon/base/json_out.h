/*
 * Writing JSON (RFC 8259) into a buffer, one member after the other.
 *
 *   json_open(&j, '{'); json_text(&j, "id", id); json_close(&j, '}');
 *
 * Commas are put by the writer. A member's name is NULL inside an array. Text
 * must be UTF-8; control characters, quotes and "</" are escaped, so that the
 * result may stand inside a page as well.
 */
#ifndef TIPLINE_BASE_JSON_OUT_H
#define TIPLINE_BASE_JSON_OUT_H

#include "daemon/base/buf.h"

struct json_out {
	struct buf *to;
	bool comma;  /* the next member needs one */
};

struct json_out json_out_to(struct buf *to);

void json_open(struct json_out *json, char bracket);
void json_open_member(struct json_out *json, const char *name, char bracket);
void json_close(struct json_out *json, char bracket);

void json_text(struct json_out *json, const char *name, struct span value);
void json_u64(struct json_out *json, const char *name, uint64_t value);
void json_i64(struct json_out *json, const char *name, int64_t value);
void json_bool(struct json_out *json, const char *name, bool value);
void json_none(struct json_out *json, const char *name);

/* `value` is JSON already. */
void json_raw(struct json_out *json, const char *name, struct span value);

#endif
