/*
 * Names of attached files; see file_name.h.
 */
#include "daemon/core/files/file_name.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

#define ENDING_MAX 12   /* bytes of an ending that is kept when a name is cut */

/* Not seen, or seen elsewhere than they stand: left out. */
static const struct {
	uint32_t from, to;
} unseen[] = {
	{ 0x0000, 0x001F }, { 0x007F, 0x009F }, { 0x00AD, 0x00AD }, { 0x034F, 0x034F }, { 0x061C, 0x061C },
	{ 0x115F, 0x1160 }, { 0x17B4, 0x17B5 }, { 0x180B, 0x180F }, { 0x200B, 0x200F }, { 0x2028, 0x202E },
	{ 0x2060, 0x206F }, { 0x3164, 0x3164 }, { 0xFE00, 0xFE0F }, { 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 },
	{ 0xFFF0, 0xFFFB }, { 0xE0000, 0xE0FFF },
};

static bool is_unseen(uint32_t c)
{
	for (size_t i = 0; i < COUNT_OF(unseen); i++)
		if (c >= unseen[i].from && c <= unseen[i].to)
			return true;
	return false;
}

static bool is_special(uint32_t c)
{
	return c < 0x80 && c != 0 && strchr("\"*/:<>?\\|%`$;&'", (int)c) != NULL;
}

static struct span without_path(struct span name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.at[i - 1] == '/' || name.at[i - 1] == '\\')
			return span_from_offset(name, i);
	return name;
}

static void put_characters(struct span name, struct buf *out)
{
	for (size_t at = 0, length; at < name.len; at += length) {
		uint32_t c = utf8_at(name, at, &length);

		if (!utf8_valid(span_from(name.at + at, length)) || is_special(c))
			buf_add_byte(out, '_');
		else if (!is_unseen(c))
			buf_add(out, name.at + at, length);
	}
}

static bool is_edge(char c)
{
	return c == '.' || c == ' ';
}

static struct span trimmed(struct span name)
{
	while (name.len > 0 && is_edge(name.at[0]))
		name = span_from_offset(name, 1);
	while (name.len > 0 && is_edge(name.at[name.len - 1]))
		name.len--;
	return name;
}

/* From the last dot on, when that is short; else empty. */
static struct span ending_of(struct span name)
{
	for (size_t i = name.len; i > 0 && name.len - i < ENDING_MAX; i--)
		if (name.at[i - 1] == '.')
			return span_from_offset(name, i - 1);
	return (struct span){ 0 };
}

void file_name_clean(struct span sent, struct buf *out)
{
	struct buf seen = { 0 };
	struct span name, ending, stem;

	put_characters(without_path(sent), &seen);
	name = trimmed(buf_span(&seen));
	ending = name.len > FILE_NAME_MAX ? ending_of(name) : (struct span){ 0 };
	stem = trimmed(utf8_cut(name, FILE_NAME_MAX - ending.len));
	buf_add_span(out, stem.len > 0 ? stem : SPAN("file"));
	buf_add_span(out, ending);
	buf_release(&seen);
}

/* --- for saving ----------------------------------------------------------------------------- */

static bool ends_with(struct span name, struct span ending)
{
	return name.len > ending.len && span_eq_nocase(span_from_offset(name, name.len - ending.len), ending);
}

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

/* One "_" for each character that is none of the plain ones; true when there was one outside of ASCII. */
static bool put_plain(struct span name, struct buf *out)
{
	bool more = false;

	for (size_t at = 0, length; at < name.len; at += length) {
		more |= utf8_at(name, at, &length) >= 0x80;
		buf_add_byte(out, is_plain((unsigned char)name.at[at]) ? name.at[at] : '_');
	}
	return more;
}

static void put_escaped(struct span name, struct buf *out)
{
	for (size_t i = 0; i < name.len; i++)
		if (is_plain((unsigned char)name.at[i]))
			buf_add_byte(out, name.at[i]);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)name.at[i]);
}

void file_name_disposition(struct span name, const char *ending, struct buf *out)
{
	struct buf whole = { 0 };
	bool more;

	file_name_clean(name, &whole);
	if (!ends_with(buf_span(&whole), span_of(ending)))
		buf_add_text(&whole, ending);
	buf_add_text(out, "attachment; filename=\"");
	more = put_plain(buf_span(&whole), out);
	buf_add_byte(out, '"');
	if (more) {
		buf_add_text(out, "; filename*=UTF-8''");
		put_escaped(buf_span(&whole), out);
	}
	buf_release(&whole);
}
