/*
 * Lines of input, and what they say.
 *
 * The reader holds one line and what came behind it; a line that is too long is
 * thrown away as it comes. A line is one object with an id and a text.
 */
#include "daemon/cli/tipctl_analyze.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define READ_BYTES 65536
#define ID_BYTES_MAX 4096

/* --- reading ------------------------------------------------------------------------------ */

static struct span without_end(const char *at, size_t len)
{
	return span_from(at, len > 0 && at[len - 1] == '\r' ? len - 1 : len);
}

/* The bytes up to the next line end, or up to the end of all. */
static bool find_line(const struct line_reader *r, size_t *len, size_t *end)
{
	size_t left = r->held.len - r->at;
	const char *found = left > 0 ? memchr(r->held.at + r->at, '\n', left) : NULL;

	*len = found != NULL ? (size_t)(found - (r->held.at + r->at)) : left;
	*end = found != NULL ? *len + 1 : left;
	return found != NULL || (r->ended && (left > 0 || r->skipping));
}

enum line_taken line_reader_take(struct line_reader *reader, struct span *line)
{
	bool skipped = reader->skipping;
	size_t len, end;

	if (!find_line(reader, &len, &end)) {
		if (len > ANALYZE_LINE_MAX || skipped) {
			reader->skipping = true;
			reader->at = reader->held.len;
		}
		return LINE_NONE;
	}
	*line = without_end(reader->held.at + reader->at, len);
	reader->at += end;
	reader->skipping = false;
	return skipped || line->len > ANALYZE_LINE_MAX ? LINE_TOO_LONG : LINE_WHOLE;
}

bool analyze_again(int fd, short event)
{
	struct pollfd ready = { .fd = fd, .events = event };

	if (errno == EINTR)
		return true;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return false;
	return poll(&ready, 1, -1) >= 0 || errno == EINTR;
}

bool line_reader_fill(struct line_reader *reader)
{
	char *room;
	ssize_t n;

	if (reader->ended)
		return false;
	buf_drop(&reader->held, reader->at);
	reader->at = 0;
	room = buf_reserve(&reader->held, READ_BYTES);
	do {
		n = read(reader->fd, room, READ_BYTES);
	} while (n < 0 && analyze_again(reader->fd, POLLIN));
	if (n < 0)
		return false;
	reader->held.len += (size_t)n;
	reader->ended = n == 0;
	return true;
}

void line_reader_release(struct line_reader *reader)
{
	buf_release(&reader->held);
}

/* --- understanding ------------------------------------------------------------------------ */

struct span analyze_text(const struct json_object *object, const char *name)
{
	const struct json_member *member = json_member_find(object, name);

	return member != NULL && member->kind == JSON_TEXT ? member->text : SPAN("");
}

/* The id as JSON: a number as it stands, a text in its quotes. */
static bool read_id(struct analyze *a, struct analyze_line *line)
{
	const struct json_member *member = json_member_find(&line->object, "id");
	struct buf written = { 0 };
	struct json_out json = json_out_to(&written);

	if (member == NULL || (member->kind != JSON_TEXT && member->kind != JSON_NUMBER) ||
	    member->text.len > ID_BYTES_MAX)
		return false;
	if (member->kind == JSON_TEXT)
		json_text(&json, NULL, member->text);
	else
		buf_add_span(&written, member->text);
	line->id = arena_dup(&a->arena, buf_span(&written));
	buf_release(&written);
	return true;
}

static bool read_number(const struct json_object *object, const char *name, double *number)
{
	const struct json_member *member = json_member_find(object, name);
	char digits[40];

	if (member == NULL || member->kind != JSON_NUMBER || member->text.len >= sizeof(digits))
		return false;
	memcpy(digits, member->text.at, member->text.len);
	digits[member->text.len] = '\0';
	*number = strtod(digits, NULL);
	return isfinite(*number) && fabs(*number) < 1e15;
}

static int64_t read_time(const struct json_object *object)
{
	double number;

	if (read_number(object, "received", &number) || read_number(object, "at", &number))
		return (int64_t)number;
	return read_number(object, "t", &number) && fabs(number) < 1e10 ? (int64_t)(number * 60000) : 0;
}

static void read_tip(const struct json_object *object, struct tip *tip)
{
	*tip = (struct tip){
		.text = analyze_text(object, "text"),
		.region = analyze_text(object, "region"),
		.place = analyze_text(object, "place"),
		.when = analyze_text(object, "when"),
		.category = analyze_text(object, "category"),
		.lang = analyze_text(object, "lang"),
		.sender = analyze_text(object, "sender"),
		.gateway = analyze_text(object, "gateway"),
		.received_ms = read_time(object),
	};
	tip->channel = tip->sender.len > 0 ? TIP_BY_SMS : TIP_BY_WEB;
}

/* What is missing in the line, or NULL. */
static const char *lacking(struct analyze *a, struct analyze_line *line)
{
	const struct json_member *text = json_member_find(&line->object, "text");
	struct span region = analyze_text(&line->object, "region");

	if (!read_id(a, line))
		return "\"id\" is missing, or neither a text of at most 4096 bytes nor a number";
	if (text != NULL && text->kind != JSON_TEXT)
		return "\"text\" is no text";
	if (text == NULL && !a->task->without_text)
		return "\"text\" is missing";
	if (!span_empty(region) && (region.len != 6 || !span_digits(region)))
		return "\"region\" is no code of six digits";
	return NULL;
}

/* Some programs begin a file with the mark U+FEFF. */
static struct span without_mark(struct span text, size_t number)
{
	return number == 1 && span_starts(text, SPAN("\xEF\xBB\xBF")) ? span_from_offset(text, 3) : text;
}

bool analyze_understand(struct analyze *a, const char *file, size_t number, struct span text,
			struct analyze_line *line)
{
	struct complaint why;
	const char *fault;

	line->file = file;
	line->number = number;
	if (!json_object_read(without_mark(text, number), &a->arena, &line->object, &why)) {
		/* "line 1, column 7: ..."; the line is known better here. */
		fault = strstr(why.text, "column");
		analyze_complain(a, file, number, "%s", fault != NULL ? fault : why.text);
		return false;
	}
	fault = lacking(a, line);
	if (fault != NULL) {
		analyze_complain(a, file, number, "%s", fault);
		return false;
	}
	read_tip(&line->object, &line->tip);
	return true;
}
