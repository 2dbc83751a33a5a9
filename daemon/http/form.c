/*
 * Decoding of posted forms; see form.h and the URL Standard, section 5.1.
 */
#include "daemon/http/form.h"

#include "daemon/base/http_message.h"
#include "daemon/base/utf8.h"

#include <assert.h>

#define SHOWN_NAME_BYTES 40

static bool decode_part(struct span encoded, struct arena *arena, struct span *decoded)
{
	char *to = arena_alloc(arena, encoded.len + 1);
	size_t len;

	if (!http_urldecode(encoded, to, &len))
		return false;
	*decoded = span_from(to, len);
	return true;
}

/* NULL when the text may be taken, else what is wrong with it. */
static const char *fault_of(struct span text, size_t max_bytes)
{
	if (text.len > max_bytes)
		return "is too long";
	if (text.len > 0 && memchr(text.at, '\0', text.len) != NULL)
		return "holds a NUL byte";
	return utf8_valid(text) ? NULL : "is not UTF-8 text";
}

/* A name is shown only when it cannot disturb a page or a terminal. */
static bool showable(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] > '~' || strchr("<>&\"'", name.at[i]) != NULL)
			return false;
	return name.len > 0 && name.len <= SHOWN_NAME_BYTES;
}

static bool complain_of(struct complaint *complaint, const struct form *form, struct span name,
			const char *fault)
{
	if (showable(name))
		return complain(complaint, 0, "field '%.*s' %s", (int)name.len, name.at, fault);
	return complain(complaint, 0, "field %zu %s", form->npairs + 1, fault);
}

static bool take_pair(struct span encoded, const struct form_limits *limits, struct arena *arena,
		      struct form *form, struct complaint *complaint)
{
	struct form_pair *pair = &form->pairs[form->npairs];
	struct span name = { 0 };
	const char *fault;

	span_cut(&encoded, '=', &name);
	if (!decode_part(name, arena, &pair->name))
		return complain_of(complaint, form, (struct span){ 0 }, "has a broken escape in its name");
	if (pair->name.len == 0)
		return complain_of(complaint, form, pair->name, "has no name");
	fault = fault_of(pair->name, limits->name_bytes);
	if (fault != NULL)
		return complain(complaint, 0, "the name of field %zu %s", form->npairs + 1, fault);
	if (!decode_part(encoded, arena, &pair->value))
		return complain_of(complaint, form, pair->name, "has a broken escape");
	fault = fault_of(pair->value, limits->value_bytes);
	if (fault != NULL)
		return complain_of(complaint, form, pair->name, fault);
	form->npairs++;
	return true;
}

/* Pieces between '&' that are not empty. */
static size_t count_pieces(struct span encoded)
{
	struct span piece;
	size_t n = 0;

	while (span_cut(&encoded, '&', &piece))
		n += piece.len > 0;
	return n;
}

bool form_decode(struct span encoded, const struct form_limits *limits, struct arena *arena,
		 struct form *form, struct complaint *complaint)
{
	size_t npieces = count_pieces(encoded);
	struct span piece;

	*form = (struct form){ 0 };
	if (npieces > limits->pairs)
		return complain(complaint, 0, "the form has %zu fields; at most %zu are taken", npieces,
				limits->pairs);
	form->pairs = arena_array(arena, struct form_pair, npieces);
	while (span_cut(&encoded, '&', &piece)) {
		if (piece.len == 0 || take_pair(piece, limits, arena, form, complaint))
			continue;
		*form = (struct form){ 0 };
		return false;
	}
	return true;
}

struct span form_find(const struct form *form, const char *name)
{
	struct span wanted = span_of(name);

	for (size_t i = 0; i < form->npairs; i++)
		if (span_eq(form->pairs[i].name, wanted))
			return form->pairs[i].value;
	return (struct span){ 0 };
}
