/*
 * What a verification keeps; see tipctl_log_state.h.
 */
#include "daemon/cli/tipctl_log_state.h"

#include "daemon/base/base64.h"
#include "daemon/sys/files.h"
#include "daemon/tlog/line.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FIRST_LINE "tipline-log-verify/v1"
#define STATE_MAX 8192

/* --- reading ------------------------------------------------------------------------------- */

/* "WORD SIZE ROOT": what stands there for people has to fit the frontier of the next line. */
static bool read_head(struct span line, const char *word, struct tree_head *head)
{
	struct span part;

	return span_cut(&line, ' ', &part) && span_is(part, word) && span_cut(&line, ' ', &part) &&
	       line_number(part, &head->size) && line_hash(line, &head->root);
}

static bool read_frontier(struct span *rest, const char *word, struct frontier *frontier)
{
	unsigned char bytes[FRONTIER_BYTES_MAX];
	struct tree_head head;
	struct merkle_hash root;
	struct span line;
	size_t len;

	if (!line_next(rest, &line) || !read_head(line, word, &head) || !line_next(rest, &line) ||
	    !line_base64(line, bytes, sizeof(bytes), &len) || !frontier_read(span_from(bytes, len), frontier))
		return false;
	root = frontier_root(frontier);
	return frontier->size == head.size && memcmp(root.bytes, head.root.bytes, sizeof(root.bytes)) == 0;
}

bool log_state_parse(struct span text, struct log_state *state)
{
	struct span rest = text, line;

	*state = (struct log_state){ .proven = { .size = 0 } };
	return line_next(&rest, &line) && span_is(line, FIRST_LINE) && line_next(&rest, &line) &&
	       note_key_parse(line, &state->key) && read_frontier(&rest, "proven", &state->proven) &&
	       read_frontier(&rest, "reached", &state->reached) && rest.len == 0 && state->proven.size <= state->reached.size;
}

enum log_state_read log_state_read(const char *path, struct log_state *state, struct complaint *why)
{
	struct buf text = { 0 };
	bool well;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return LOG_STATE_ABSENT;
	well = files_read(path, STATE_MAX, &text, why) &&
	       (log_state_parse(buf_span(&text), state) || complain(why, 0, "%.150s is not the state of a verification", path));
	buf_release(&text);
	return well ? LOG_STATE_READ : LOG_STATE_REFUSED;
}

/* --- writing ------------------------------------------------------------------------------- */

static void add_frontier(struct buf *text, const char *word, const struct frontier *frontier)
{
	struct merkle_hash root = frontier_root(frontier);
	struct buf bytes = { 0 };

	buf_printf(text, "%s %llu ", word, (unsigned long long)frontier->size);
	line_add_hash(text, &root);
	frontier_write(frontier, &bytes);
	base64_add(text, bytes.at, bytes.len);
	buf_add_byte(text, '\n');
	buf_release(&bytes);
}

bool log_state_write(const char *path, const struct log_state *state, struct complaint *why)
{
	char key[NOTE_KEY_TEXT_MAX];
	struct buf text = { 0 };
	bool well;

	buf_add_text(&text, FIRST_LINE "\n");
	buf_add_span(&text, note_key_write(&state->key, key));
	buf_add_byte(&text, '\n');
	add_frontier(&text, "proven", &state->proven);
	add_frontier(&text, "reached", &state->reached);
	well = files_replace(path, buf_span(&text), 0644, why);
	buf_release(&text);
	return well;
}

/* --- notes one behind the other ---------------------------------------------------------------- */

bool log_notes_next(struct span *rest, struct span *note)
{
	static const struct span dash = SPAN_INIT("\xe2\x80\x94 ");
	struct span ahead = *rest, line;
	bool signatures = false;

	*note = span_from(rest->at, 0);
	while (line_next(&ahead, &line)) {
		bool signature = span_starts(line, dash);

		if (signatures && !signature)
			break;
		signatures = signature;
		note->len = rest->len - ahead.len;
	}
	if (!signatures || note->len == 0)
		*note = *rest;
	*rest = span_from_offset(*rest, note->len);
	return note->len > 0;
}
