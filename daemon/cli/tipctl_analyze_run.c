/*
 * tipctl analyze: the files in turn, and one line after the other: read,
 * understand, let the task tell, write.
 *
 * What was told is written before more is waited for, so a program on the
 * other end of a pipe can answer line by line.
 */
#include "daemon/cli/tipctl_analyze.h"

#include "daemon/cli/tipctl.h"
#include "daemon/sys/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OUT_MAX 65536 /* bytes that are told before they are written in any case */

/* --- telling ----------------------------------------------------------------------------- */

void analyze_complain(struct analyze *a, const char *file, size_t line, const char *format, ...)
{
	va_list list;

	fprintf(stderr, "%s:%zu: ", file, line);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	a->wrong = true;
}

double analyze_clock_us(void)
{
	return (double)clock_steady_ns() * 1e-3;
}

void analyze_share(struct json_out *json, const char *name, double value)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%.6f", value);
	json_raw(json, name, span_of(digits));
}

struct json_out analyze_answer(struct analyze *a, const struct analyze_line *line)
{
	struct json_out json = json_out_to(&a->out);

	json_open(&json, '{');
	json_raw(&json, "id", line->id);
	return json;
}

void analyze_answered(struct analyze *a, struct json_out *json, double began_us)
{
	char digits[32];

	if (a->timing) {
		snprintf(digits, sizeof(digits), "%.1f", analyze_clock_us() - began_us);
		json_raw(json, "us", span_of(digits));
	}
	json_close(json, '}');
	buf_add_byte(&a->out, '\n');
}

/* All that was told; without a reader the run is over. */
static void flush(struct analyze *a)
{
	size_t at = 0;

	while (at < a->out.len) {
		ssize_t n = write(STDOUT_FILENO, a->out.at + at, a->out.len - at);

		if (n < 0 && analyze_again(STDOUT_FILENO, POLLOUT))
			continue;
		if (n <= 0) {
			fprintf(stderr, "tipctl: standard output: %s\n", strerror(errno));
			exit(CTL_WRONG);
		}
		at += (size_t)n;
	}
	buf_clear(&a->out);
}

/* The answer at `from` once more, indented. */
static void make_pretty(struct analyze *a, size_t from)
{
	struct span line = arena_dup(&a->arena, span_from(a->out.at + from, a->out.len - from - 1));

	a->out.len = from;
	analyze_indent(line, &a->out);
	buf_add_byte(&a->out, '\n');
}

/* --- lines ---------------------------------------------------------------------------------- */

static void judge_line(struct analyze *a, void *state, const char *file, size_t number, struct span text)
{
	struct analyze_line line;
	size_t told = a->out.len;

	if (span_empty(span_trim(text)))
		return;
	if (analyze_understand(a, file, number, text, &line))
		a->task->line(a, state, &line);
	if (a->pretty && a->out.len > told)
		make_pretty(a, told);
	if (a->out.len >= OUT_MAX)
		flush(a);
	arena_clear(&a->arena);
}

static void read_lines(struct analyze *a, void *state, const char *file, int fd)
{
	struct line_reader reader = { .fd = fd };
	enum line_taken taken;
	struct span line;
	size_t number = 0;

	do {
		while ((taken = line_reader_take(&reader, &line)) != LINE_NONE) {
			number++;
			if (taken == LINE_TOO_LONG)
				analyze_complain(a, file, number, "the line is longer than %u bytes",
						 ANALYZE_LINE_MAX);
			else
				judge_line(a, state, file, number, line);
		}
		flush(a);
		errno = 0;
	} while (line_reader_fill(&reader));
	if (errno != 0)
		analyze_complain(a, file, number + 1, "%s", strerror(errno));
	line_reader_release(&reader);
}

static void read_file(struct analyze *a, void *state, const char *name)
{
	int fd;

	if (strcmp(name, "-") == 0) {
		read_lines(a, state, "standard input", STDIN_FILENO);
		return;
	}
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		a->wrong = true;
		return;
	}
	read_lines(a, state, name, fd);
	close(fd);
}

int analyze_run(struct analyze *a, char **files)
{
	static char dash[] = "-";
	static char *standard_input[] = { dash, NULL };
	void *state;

	if (!analyze_load(a))
		return CTL_WRONG;
	state = a->task->start != NULL ? a->task->start(a) : NULL;
	for (char **file = files[0] != NULL ? files : standard_input; *file != NULL; file++)
		read_file(a, state, *file);
	if (a->task->stop != NULL)
		a->task->stop(state);
	judge_free(a->judge);
	arena_release(&a->arena);
	buf_release(&a->out);
	return a->wrong ? CTL_WRONG : CTL_WELL;
}
