/*
 * Kinds of attached files; see file_kind.h.
 */
#include "daemon/core/files/file_kind.h"

#include "daemon/base/table.h"

struct signature {
	const char *type;           /* as libmagic names it; kind.type is the name it gets here */
	size_t at;
	struct span bytes;          /* what stands there in each file of the kind */
	struct file_kind kind;
};

#define KIND(media, end) { .type = (media), .ending = (end) }

/* Several rows of a type: one of them must hold. */
static const struct signature signatures[] = {
	{ .type = "image/jpeg", .at = 0, .bytes = SPAN_INIT("\xff\xd8\xff"), .kind = KIND("image/jpeg", ".jpg") },
	{ .type = "image/png", .at = 0, .bytes = SPAN_INIT("\x89PNG\r\n\x1a\n"), .kind = KIND("image/png", ".png") },
	{ .type = "image/webp", .at = 8, .bytes = SPAN_INIT("WEBP"), .kind = KIND("image/webp", ".webp") },
	{ .type = "image/gif", .at = 0, .bytes = SPAN_INIT("GIF8"), .kind = KIND("image/gif", ".gif") },
	{ .type = "image/heic", .at = 4, .bytes = SPAN_INIT("ftyp"), .kind = KIND("image/heic", ".heic") },
	{ .type = "image/heif", .at = 4, .bytes = SPAN_INIT("ftyp"), .kind = KIND("image/heif", ".heif") },
	{ .type = "image/avif", .at = 4, .bytes = SPAN_INIT("ftyp"), .kind = KIND("image/avif", ".avif") },
	{ .type = "audio/mpeg", .at = 0, .bytes = SPAN_INIT("ID3"), .kind = KIND("audio/mpeg", ".mp3") },
	{ .type = "audio/mpeg", .at = 0, .bytes = SPAN_INIT("\xff"), .kind = KIND("audio/mpeg", ".mp3") },
	{ .type = "audio/mp4", .at = 4, .bytes = SPAN_INIT("ftyp"), .kind = KIND("audio/mp4", ".m4a") },
	{ .type = "audio/x-m4a", .at = 4, .bytes = SPAN_INIT("ftyp"), .kind = KIND("audio/mp4", ".m4a") },
	{ .type = "audio/ogg", .at = 0, .bytes = SPAN_INIT("OggS"), .kind = KIND("audio/ogg", ".ogg") },
	{ .type = "audio/amr", .at = 0, .bytes = SPAN_INIT("#!AMR"), .kind = KIND("audio/amr", ".amr") },
	{ .type = "video/mp4", .at = 4, .bytes = SPAN_INIT("ftyp"), .kind = KIND("video/mp4", ".mp4") },
	{ .type = "video/3gpp", .at = 4, .bytes = SPAN_INIT("ftyp"), .kind = KIND("video/3gpp", ".3gp") },
	{ .type = "video/x-m4v", .at = 4, .bytes = SPAN_INIT("ftyp"), .kind = KIND("video/mp4", ".mp4") },
	{ .type = "video/3gpp2", .at = 4, .bytes = SPAN_INIT("ftyp"), .kind = KIND("video/3gpp", ".3gp") },
	{ .type = "video/quicktime", .at = 4, .bytes = SPAN_INIT("ftyp"), .kind = KIND("video/quicktime", ".mov") },
	{ .type = "application/pdf", .at = 0, .bytes = SPAN_INIT("%PDF-"), .kind = KIND("application/pdf", ".pdf") },
};

/* What makes another program take the same bytes for its own, in small letters. */
static const struct {
	struct span bytes;
	const char *own;    /* of this type it is no sign of another one */
} others[] = {
	{ SPAN_INIT("<!doctype"), NULL }, { SPAN_INIT("<html"), NULL },   { SPAN_INIT("<head"), NULL },
	{ SPAN_INIT("<body"), NULL },     { SPAN_INIT("<script"), NULL }, { SPAN_INIT("<iframe"), NULL },
	{ SPAN_INIT("<svg"), NULL },      { SPAN_INIT("<?php"), NULL },   { SPAN_INIT("#!/bin/"), NULL },
	{ SPAN_INIT("#!/usr/bin/"), NULL }, { SPAN_INIT("%pdf-"), "application/pdf" },
};

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool stands_at(struct span bytes, size_t at, struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (at + i >= bytes.len || small(bytes.at[at + i]) != word.at[i])
			return false;
	return true;
}

static bool holds(struct span bytes, struct span word)
{
	for (size_t at = 0; at < bytes.len; at++)
		if (stands_at(bytes, at, word))
			return true;
	return false;
}

static bool is_another(struct span type, struct span start)
{
	if (start.len > FILE_KIND_LOOK_BYTES)
		start.len = FILE_KIND_LOOK_BYTES;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if ((others[i].own == NULL || !span_is(type, others[i].own)) && holds(start, others[i].bytes))
			return true;
	return false;
}

/* The row of the type whose bytes stand there; NULL: none does. */
static const struct signature *signed_by(struct span type, struct span start)
{
	for (size_t i = 0; i < COUNT_OF(signatures); i++)
		if (span_is(type, signatures[i].type) &&
		    span_starts(span_from_offset(start, signatures[i].at), signatures[i].bytes))
			return &signatures[i];
	return NULL;
}

static bool known(struct span type)
{
	for (size_t i = 0; i < COUNT_OF(signatures); i++)
		if (span_is(type, signatures[i].type))
			return true;
	return false;
}

struct span file_kind_judge(struct span found, struct span start)
{
	const struct signature *row = signed_by(found, start);

	/* What is a page or a text by its own name deceives nobody: it is refused or taken as such. */
	if (span_starts(found, SPAN("text/")) || span_starts(found, SPAN("image/svg")))
		return found;
	if (is_another(found, start))
		return SPAN(FILE_KIND_UNKNOWN);
	if (row != NULL)
		return span_of(row->kind.type);
	/* Of a type without rows nothing is known that could be missing. */
	return known(found) ? SPAN(FILE_KIND_UNKNOWN) : found;
}

const struct file_kind *file_kind_of(struct span type)
{
	static const struct file_kind unknown = { .type = FILE_KIND_UNKNOWN, .ending = ".bin" };

	for (size_t i = 0; i < COUNT_OF(signatures); i++)
		if (span_is(type, signatures[i].type))
			return &signatures[i].kind;
	return &unknown;
}
