/*
 * Sealed records; see content.h. The tags are stored for ever: numbers are
 * never given a new meaning.
 */
#include "daemon/core/tip/content.h"

#include "daemon/core/tip/tlv.h"

#include <assert.h>

#define CONTENT_STEP 256u
#define IDENTITY_STEP 128u

enum content_tag {
	CONTENT_TEXT = 1,
	CONTENT_PLACE = 2,
	CONTENT_WHEN = 3,
	CONTENT_CATEGORY = 4,
	CONTENT_LANG = 5,
	CONTENT_FILE = 6,      /* name; begins a file */
	CONTENT_FILE_TYPE = 7, /* of the file begun last */
	CONTENT_FILE_BYTES = 8,
	CONTENT_FILE_STORED = 9,
	CONTENT_REGION = 10,
	CONTENT_FILE_CLEAN = 11,       /* since 0.2.0; a file without it has no clean copy */
	CONTENT_FILE_CLEAN_BYTES = 12,
	CONTENT_FILE_CLEAN_LEAD = 13,
	CONTENT_FILE_SUM = 14,
};

/* A message's files have the tags of the content's. */
enum message_tag {
	MESSAGE_KIND = 1,
	MESSAGE_AT = 2,
	MESSAGE_AUTHOR = 3,
	MESSAGE_TEXT = 4,
	MESSAGE_FILES_KEY = 5,         /* since 0.2.0 */
};

enum identity_tag {
	IDENTITY_CONTACT = 1,
	IDENTITY_SENDER = 2,
};

static size_t finish(struct buf *out, size_t from, size_t step)
{
	size_t len = out->len - from;

	tlv_pad(out, from, step);
	return len;
}

static void file_write(const struct tip_file *file, struct buf *out)
{
	tlv_text(out, CONTENT_FILE, file->name);
	tlv_text_if(out, CONTENT_FILE_TYPE, file->type);
	tlv_number(out, CONTENT_FILE_BYTES, file->bytes);
	tlv_text_if(out, CONTENT_FILE_STORED, file->stored);
	tlv_text_if(out, CONTENT_FILE_SUM, file->sum);
	if (file->clean.len == 0)
		return;
	tlv_text(out, CONTENT_FILE_CLEAN, file->clean);
	tlv_number(out, CONTENT_FILE_CLEAN_BYTES, file->clean_bytes);
	tlv_number(out, CONTENT_FILE_CLEAN_LEAD, file->clean_lead);
}

size_t content_write(const struct tip_content *content, struct buf *out)
{
	size_t from = out->len;

	assert(content->nfiles <= TIP_FILES_MAX);
	tlv_text_if(out, CONTENT_TEXT, content->text);
	tlv_text_if(out, CONTENT_PLACE, content->place);
	tlv_text_if(out, CONTENT_WHEN, content->when);
	tlv_text_if(out, CONTENT_CATEGORY, content->category);
	tlv_text_if(out, CONTENT_LANG, content->lang);
	tlv_text_if(out, CONTENT_REGION, content->region);
	for (size_t i = 0; i < content->nfiles; i++)
		file_write(&content->files[i], out);
	return finish(out, from, CONTENT_STEP);
}

static bool is_file_tag(unsigned tag)
{
	return (tag >= CONTENT_FILE && tag <= CONTENT_FILE_STORED) || (tag >= CONTENT_FILE_CLEAN && tag <= CONTENT_FILE_SUM);
}

static bool file_field(const struct tlv_field *field, struct arena *arena, struct tip_file *file)
{
	switch (field->tag) {
	case CONTENT_FILE:
		return tlv_text_of(field, arena, &file->name);
	case CONTENT_FILE_TYPE:
		return tlv_text_of(field, arena, &file->type);
	case CONTENT_FILE_STORED:
		return tlv_text_of(field, arena, &file->stored);
	case CONTENT_FILE_CLEAN:
		return tlv_text_of(field, arena, &file->clean);
	case CONTENT_FILE_CLEAN_BYTES:
		return tlv_number_of(field, &file->clean_bytes);
	case CONTENT_FILE_CLEAN_LEAD:
		return tlv_number_of(field, &file->clean_lead);
	case CONTENT_FILE_SUM:
		return tlv_text_of(field, arena, &file->sum);
	}
	return tlv_number_of(field, &file->bytes);
}

/* Into the first of TIP_FILES_MAX that has room, or the one that was begun last. */
static bool file_read(const struct tlv_field *field, struct arena *arena, struct tip_file *files, size_t *n)
{
	if (field->tag == CONTENT_FILE && (*n)++ == TIP_FILES_MAX)
		return false;
	return *n > 0 && file_field(field, arena, &files[*n - 1]);
}

static bool content_field(const struct tlv_field *field, struct arena *arena, struct tip_content *content)
{
	switch (field->tag) {
	case CONTENT_TEXT:
		return tlv_text_of(field, arena, &content->text);
	case CONTENT_PLACE:
		return tlv_text_of(field, arena, &content->place);
	case CONTENT_WHEN:
		return tlv_text_of(field, arena, &content->when);
	case CONTENT_CATEGORY:
		return tlv_text_of(field, arena, &content->category);
	case CONTENT_LANG:
		return tlv_text_of(field, arena, &content->lang);
	case CONTENT_REGION:
		return tlv_text_of(field, arena, &content->region);
	}
	return !is_file_tag(field->tag) || file_read(field, arena, content->files, &content->nfiles);
}

bool content_read(struct span record, struct arena *arena, struct tip_content *content)
{
	struct tlv_field field;
	enum tlv_next next;

	*content = (struct tip_content){ 0 };
	while ((next = tlv_next(&record, &field)) == TLV_FIELD)
		if (!content_field(&field, arena, content))
			return false;
	return next == TLV_END;
}

static void message_files_write(const struct tip_message *message, struct buf *out)
{
	assert(message->nfiles <= TIP_FILES_MAX);
	if (message->nfiles > 0)
		tlv_text(out, MESSAGE_FILES_KEY, span_from(message->files_key.bytes, SEAL_KEY_BYTES));
	for (size_t i = 0; i < message->nfiles; i++)
		file_write(&message->files[i], out);
}

size_t message_write(const struct tip_message *message, struct buf *out)
{
	size_t from = out->len;

	tlv_number(out, MESSAGE_KIND, message->kind);
	tlv_number(out, MESSAGE_AT, (uint64_t)message->at_ms);
	tlv_text_if(out, MESSAGE_AUTHOR, message->author);
	tlv_text_if(out, MESSAGE_TEXT, message->text);
	message_files_write(message, out);
	return finish(out, from, CONTENT_STEP);
}

static bool kind_read(const struct tlv_field *field, enum message_kind *kind)
{
	uint64_t number;

	if (!tlv_number_of(field, &number) || number < MESSAGE_FROM_BUREAU || number > MESSAGE_NOTE)
		return false;
	*kind = (enum message_kind)number;
	return true;
}

static bool at_read(const struct tlv_field *field, int64_t *at_ms)
{
	uint64_t number;

	if (!tlv_number_of(field, &number))
		return false;
	*at_ms = (int64_t)number;
	return true;
}

static bool files_key_read(const struct tlv_field *field, struct arena *arena, struct seal_key *key)
{
	struct span bytes;

	if (!tlv_text_of(field, arena, &bytes) || bytes.len != SEAL_KEY_BYTES)
		return false;
	memcpy(key->bytes, bytes.at, SEAL_KEY_BYTES);
	return true;
}

/* Most messages have none, and get no room for them. */
static bool message_file_read(const struct tlv_field *field, struct arena *arena, struct tip_message *message,
			      struct tip_file **files)
{
	if (*files == NULL)
		message->files = *files = arena_array(arena, struct tip_file, TIP_FILES_MAX);
	return file_read(field, arena, *files, &message->nfiles);
}

static bool message_field(const struct tlv_field *field, struct arena *arena, struct tip_message *message,
			  struct tip_file **files)
{
	switch (field->tag) {
	case MESSAGE_KIND:
		return kind_read(field, &message->kind);
	case MESSAGE_AT:
		return at_read(field, &message->at_ms);
	case MESSAGE_AUTHOR:
		return tlv_text_of(field, arena, &message->author);
	case MESSAGE_TEXT:
		return tlv_text_of(field, arena, &message->text);
	case MESSAGE_FILES_KEY:
		return files_key_read(field, arena, &message->files_key);
	}
	return !is_file_tag(field->tag) || message_file_read(field, arena, message, files);
}

bool message_read(struct span record, struct arena *arena, struct tip_message *message)
{
	struct tip_file *files = NULL;
	struct tlv_field field;
	enum tlv_next next;

	*message = (struct tip_message){ 0 };
	while ((next = tlv_next(&record, &field)) == TLV_FIELD)
		if (!message_field(&field, arena, message, &files))
			return false;
	return next == TLV_END && message->kind != 0;
}

size_t identity_write(struct span contact, struct span sender, struct buf *out)
{
	size_t from = out->len;

	tlv_text_if(out, IDENTITY_CONTACT, contact);
	tlv_text_if(out, IDENTITY_SENDER, sender);
	return finish(out, from, IDENTITY_STEP);
}

bool identity_read(struct span record, struct arena *arena, struct span *contact, struct span *sender)
{
	struct tlv_field field;
	enum tlv_next next;

	*contact = *sender = (struct span){ 0 };
	while ((next = tlv_next(&record, &field)) == TLV_FIELD) {
		if (field.tag == IDENTITY_CONTACT && !tlv_text_of(&field, arena, contact))
			return false;
		if (field.tag == IDENTITY_SENDER && !tlv_text_of(&field, arena, sender))
			return false;
	}
	return next == TLV_END;
}

static void add_name(struct buf *names, struct span name)
{
	if (names->len > 0 && name.len > 0)
		buf_add_byte(names, ' ');
	buf_add_span(names, name);
}

struct span content_file_names(const struct tip_file *files, size_t n, struct arena *arena)
{
	struct buf names = { 0 };
	struct span kept;

	for (size_t i = 0; i < n; i++) {
		add_name(&names, files[i].stored);
		add_name(&names, files[i].clean);
	}
	kept = arena_dup(arena, buf_span(&names));
	buf_release(&names);
	return kept;
}
