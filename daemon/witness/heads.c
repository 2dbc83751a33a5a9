/*
 * The heads that were cosigned; see heads.h.
 */
#include "daemon/witness/heads.h"

#include "daemon/base/hex.h"
#include "daemon/base/memory.h"
#include "daemon/sys/files.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define FILE_MAX 1024
#define NAME_BYTES 16

struct heads {
	char dir[PATH_SIZE - 64];
	int lock;
	const struct quorum *known;
	struct tree_head at[QUORUM_LOGS_MAX];   /* by the first log of that name */
};

static size_t find(const struct heads *heads, struct span origin)
{
	size_t i = 0;

	while (i < heads->known->nlogs && !span_eq(note_key_name(&heads->known->logs[i].key), origin))
		i++;
	assert(i < heads->known->nlogs);
	return i;
}

/* A hash, because an origin has slashes and any length. */
static void path_of(const struct heads *heads, struct span origin, char path[PATH_SIZE])
{
	struct merkle_hash hash = merkle_leaf(origin);
	char name[2 * NAME_BYTES + 1] = "";

	hex_put(hash.bytes, NAME_BYTES, name);
	snprintf(path, PATH_SIZE, "%s/%s.head", heads->dir, name);
}

static bool load(struct heads *heads, size_t at, struct complaint *why)
{
	struct span origin = note_key_name(&heads->known->logs[at].key);
	struct checkpoint checkpoint;
	struct buf text = { 0 };
	char path[PATH_SIZE];
	bool well;

	path_of(heads, origin, path);
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	well = files_read(path, FILE_MAX, &text, why);
	if (well && (!checkpoint_parse(buf_span(&text), &checkpoint) || !span_eq(checkpoint.origin, origin)))
		well = complain(why, 0, "%.200s is not the head of this log", path);
	if (well)
		heads->at[at] = checkpoint.head;
	buf_release(&text);
	return well;
}

struct heads *heads_open(const char *dir, const struct quorum *known, struct complaint *why)
{
	struct heads *heads = memory_zeroes(1, sizeof(*heads));

	heads->known = known;
	heads->lock = -1;
	if (strlen(dir) >= sizeof(heads->dir)) {
		complain(why, 0, "the path of the state directory is too long");
		heads_close(heads);
		return NULL;
	}
	snprintf(heads->dir, sizeof(heads->dir), "%s", dir);
	heads->lock = files_open_state(dir, why);
	for (size_t i = 0; heads->lock >= 0 && i < known->nlogs; i++)
		if (find(heads, note_key_name(&known->logs[i].key)) == i && !load(heads, i, why)) {
			close(heads->lock);
			heads->lock = -1;
		}
	if (heads->lock < 0) {
		heads_close(heads);
		return NULL;
	}
	return heads;
}

void heads_close(struct heads *heads)
{
	if (heads == NULL)
		return;
	if (heads->lock >= 0)
		close(heads->lock);
	free(heads);
}

const struct tree_head *heads_find(const struct heads *heads, struct span origin)
{
	return &heads->at[find(heads, origin)];
}

bool heads_save(struct heads *heads, struct span origin, const struct tree_head *head, struct complaint *why)
{
	struct checkpoint checkpoint = { .origin = origin, .head = *head };
	struct buf text = { 0 };
	char path[PATH_SIZE];
	bool well;

	path_of(heads, origin, path);
	checkpoint_write(&checkpoint, &text);
	well = files_replace(path, buf_span(&text), 0600, why);
	if (well)
		heads->at[find(heads, origin)] = *head;
	buf_release(&text);
	return well;
}
