/*
 * tipctl analyze: what its parts share.
 *
 * A line of input becomes a tip in clear; a task says what is told of it. One
 * line is judged at a time, and all that belongs to it lives in one arena.
 */
#ifndef TIPLINE_CLI_TIPCTL_ANALYZE_H
#define TIPLINE_CLI_TIPCTL_ANALYZE_H

#include "daemon/base/buf.h"
#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"
#include "daemon/core/judge.h"

#define ANALYZE_LINE_MAX (1u << 20)
#define ANALYZE_TEXTS_MAX (1u << 20)   /* that the tasks with a memory hold at once; the oldest leave */

struct analyze_task;

struct analyze {
	const struct analyze_task *task;
	const char *rules_dir;       /* NULL: the rules in the program */
	const char *campaigns_dir;   /* NULL: none */
	const char *keys_dir;        /* NULL: a key of this run's own */
	bool pretty;
	bool timing;
	bool english;                /* reasons in English, else in Chinese */

	struct fingerprint_key key;
	struct judge *judge;
	struct arena arena;          /* of the line at hand */
	struct buf out;              /* told, not written yet */
	bool wrong;                  /* a line or a file was not understood */
};

/* One line of input, understood. Lives as long as the line. */
struct analyze_line {
	const char *file;
	size_t number;               /* from 1 */
	struct json_object object;
	struct span id;              /* as JSON */
	struct tip tip;
};

/*
 * What is told of each line. `state` is the task's own. The answer goes to
 * a->out and is written before the next line is waited for.
 */
struct analyze_task {
	const char *name;            /* of --task; NULL: what is told without it */
	bool without_text;           /* lines need no text: the task looks itself */
	void *(*start)(struct analyze *a);
	void (*line)(struct analyze *a, void *state, const struct analyze_line *line);
	void (*stop)(void *state);
};

extern const struct analyze_task analyze_tip;
extern const struct analyze_task analyze_routing;
extern const struct analyze_task analyze_neardup;
extern const struct analyze_task analyze_cluster;
extern const struct analyze_task analyze_triage;

/* Reads the files, or standard input when there are none; returns the exit status. */
int analyze_run(struct analyze *a, char **files);

/* Builds the judge from the program's own tables or the directories named; false: told why. */
bool analyze_load(struct analyze *a);

/* Tells on standard error what is wrong with a line; the run ends with status 1 then. */
void analyze_complain(struct analyze *a, const char *file, size_t line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Reads one line as JSON; false: told why. */
bool analyze_understand(struct analyze *a, const char *file, size_t number, struct span text,
			struct analyze_line *line);

/* The text of a member; empty when it is absent or no text. */
struct span analyze_text(const struct json_object *object, const char *name);

/* Microseconds of a steady clock, for --timing. */
double analyze_clock_us(void);

/* {"id":..., ; then the members, then "us" when it is asked for, and the end of the line. */
struct json_out analyze_answer(struct analyze *a, const struct analyze_line *line);
void analyze_answered(struct analyze *a, struct json_out *json, double began_us);

/* A share with six digits behind the point: what differs is not told as equal. */
void analyze_share(struct json_out *json, const char *name, double value);

/* A well-formed line of JSON without blanks, written over several lines. */
void analyze_indent(struct span json, struct buf *out);

/* --- lines of a file that may never end ------------------------------------------ */

struct line_reader {
	int fd;
	struct buf held;
	size_t at;        /* what is taken already */
	bool skipping;    /* in a line that is too long */
	bool ended;
};

enum line_taken {
	LINE_WHOLE,
	LINE_TOO_LONG,    /* told once, when its end is reached */
	LINE_NONE,        /* no whole line is held: fill */
};

/* The next line that is held, without its end (LF or CR LF); good until the next call of fill. */
enum line_taken line_reader_take(struct line_reader *reader, struct span *line);

/* Waits for more; false: nothing more will come (errno tells of a failure, 0: the end). */
bool line_reader_fill(struct line_reader *reader);

/*
 * After a read or write that failed: true when it is worth another try. A pipe
 * that somebody else has made non-blocking is waited for until it is ready for `event` (poll(2)).
 */
bool analyze_again(int fd, short event);

void line_reader_release(struct line_reader *reader);

/* --- ids by the number of a text ---------------------------------------------------- */

/* The ids of the texts that an index holds, by their numbers; as bounded as the index. */
struct id_ring {
	struct id_kept *kept;
	size_t size;
};

struct id_ring id_ring_new(size_t size);
void id_ring_release(struct id_ring *ring);
void id_ring_put(struct id_ring *ring, uint32_t number, struct span id);

/* The id put under that number; empty when another took its place. */
struct span id_ring_get(const struct id_ring *ring, uint32_t number);

#endif
