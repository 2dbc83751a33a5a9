/*
 * The log; see log.h.
 *
 * Each line is one write(2), so that lines of several processes do not mix and
 * nothing is lost in a buffer when the process ends. A log that cannot be
 * written is no reason to stop taking tips: errors are ignored.
 */
#include "daemon/sys/log.h"

#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/sys/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define NUMBERS 8
#define RARE_EVENTS 64
#define RARE_MS 60000
#define VALUE_MAX 1000

static struct {
	enum log_level level;
	bool journald;
} out = { .level = LOG_LEVEL_NOTICE };

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
	[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};

void log_open(enum log_level level, bool journald)
{
	out.level = level;
	out.journald = journald;
}

enum log_level log_level(void)
{
	return out.level;
}

/* ASCII alone: names, ids and messages of libraries; a line must be valid JSON whatever came in. */
static void put_value(struct json_out *json, const char *name, const char *value)
{
	char clean[VALUE_MAX];
	size_t n = 0;

	for (; n < sizeof(clean) && value[n] != '\0'; n++)
		clean[n] = (value[n] & 0x80) != 0 ? '?' : value[n];
	json_text(json, name, span_from(clean, n));
}

static void begin_line(struct buf *line, struct json_out *json, enum log_level level, const char *event)
{
	char at[21];

	if (out.journald)
		buf_printf(line, "<%d>", (int)level);
	*json = json_out_to(line);
	json_open(json, '{');
	clock_text(clock_wall_ms(), at);
	json_text(json, "at", span_of(at));
	json_text(json, "level", span_of(level_names[level]));
	put_value(json, "event", event);
}

static void end_line(struct buf *line, struct json_out *json)
{
	ssize_t ignored;

	json_close(json, '}');
	buf_add_byte(line, '\n');
	ignored = write(STDERR_FILENO, line->at, line->len);
	(void)ignored;
	buf_release(line);
}

void log_event(enum log_level level, const char *event, ...)
{
	struct buf line = { 0 };
	struct json_out json;
	const char *name;
	va_list pairs;

	if (level > out.level)
		return;
	begin_line(&line, &json, level, event);
	va_start(pairs, event);
	while ((name = va_arg(pairs, const char *)) != NULL) {
		const char *value = va_arg(pairs, const char *);

		if (value != NULL)
			put_value(&json, name, value);
	}
	va_end(pairs);
	end_line(&line, &json);
}

const char *log_u64(uint64_t number)
{
	static char texts[NUMBERS][21];
	static unsigned next;
	char *text = texts[next++ % NUMBERS];

	snprintf(text, sizeof(texts[0]), "%llu", (unsigned long long)number);
	return text;
}

struct rare {
	char event[48];
	uint64_t told_ms;
	uint64_t held_back;
};

/* The event's row; when all are taken, the one told longest ago. */
static struct rare *rare_row(const char *event, bool *known)
{
	static struct rare rows[RARE_EVENTS];
	struct rare *oldest = &rows[0];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		*known = strncmp(rows[i].event, event, sizeof(rows[i].event) - 1) == 0;
		if (*known)
			return &rows[i];
		if (rows[i].told_ms < oldest->told_ms)
			oldest = &rows[i];
	}
	*oldest = (struct rare){ 0 };
	snprintf(oldest->event, sizeof(oldest->event), "%s", event);
	return oldest;
}

void log_rarely(enum log_level level, const char *event, const char *reason)
{
	uint64_t now = clock_steady_ms();
	struct rare *row;
	bool known;

	if (level > out.level)
		return;
	row = rare_row(event, &known);
	if (known && now - row->told_ms < RARE_MS) {
		row->held_back++;
		return;
	}
	log_event(level, event, "reason", reason, "held_back",
		  row->held_back > 0 ? log_u64(row->held_back) : NULL, NULL);
	row->told_ms = now;
	row->held_back = 0;
}
