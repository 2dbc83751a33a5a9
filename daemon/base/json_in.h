/*
 * Reading a JSON object (RFC 8259), member by member, without building a tree.
 *
 * For the small bodies that the calls take, and for files of data. Strict: UTF-8, no doubled names,
 * nothing behind the object, numbers and escapes as the RFC has them. Values
 * that are objects or arrays are checked and handed on as they stand.
 */
#ifndef TIPLINE_BASE_JSON_IN_H
#define TIPLINE_BASE_JSON_IN_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"

#define JSON_MEMBERS_MAX 64
#define JSON_DEPTH_MAX 16

enum json_kind {
	JSON_TEXT,
	JSON_NUMBER,   /* text: as it stands */
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
	JSON_TREE,     /* an object or array; text: as it stands */
};

struct json_member {
	struct span name;   /* decoded */
	enum json_kind kind;
	struct span text;   /* decoded text (never with at == NULL), number or tree */
	size_t at;          /* where the value begins in the text it was read from */
};

struct json_object {
	struct json_member members[JSON_MEMBERS_MAX];
	size_t n;
};

/*
 * Reads the text as one object. Names and values are borrowed from it, or lie
 * in the arena where escapes had to be decoded. False and a complaint with
 * line and column.
 */
bool json_object_read(struct span text, struct arena *arena, struct json_object *object,
		      struct complaint *complaint);

/*
 * The same for a member that is an object itself; `text` is what the member was
 * read from, so that places are those of the whole.
 */
bool json_object_within(struct span text, const struct json_member *tree, struct arena *arena,
			struct json_object *object, struct complaint *complaint);

/* A walk over the elements of an array. */
struct json_array {
	struct span text;   /* to the end of the array */
	size_t at;
	bool more;
};

/* Begins it; `text` is what the member was read from. False: the member is no array. */
bool json_array_within(struct span text, const struct json_member *tree, struct json_array *array);

/* The next element, without a name; false behind the last. */
bool json_array_next(struct json_array *array, struct arena *arena, struct json_member *element);

/* The line, from 1, on which a place of the text is. */
size_t json_line(struct span text, size_t at);

/* The member of that name, or NULL; one that is null counts as absent. */
const struct json_member *json_member_find(const struct json_object *object, const char *name);

/* The text of that member; at == NULL when there is none, or it is no text. */
struct span json_member_text(const struct json_object *object, const char *name);

#endif
