/*
 * The logs that are served; see logs.h.
 */
#include "handlers/log/logs.h"

#include "daemon/base/mark_ring.h"
#include "daemon/base/memory.h"
#include "daemon/sys/random.h"
#include "handlers/log/published.h"

#include <assert.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRAILS_MAX 2048      /* of tips that were looked at last */
#define TRAIL_KEY_BYTES 32

struct logs {
	struct logs_plan plan;
	char dir[TILES_PATH_MAX];
	struct sealed_log at[LOGS_MAX];
	size_t n;
	struct mark_ring known;
	struct leaf_trail *trails;
	unsigned char key[TRAIL_KEY_BYTES];
	struct published *published;
};

struct logs *logs_new(const struct logs_plan *plan)
{
	struct logs *logs = memory_zeroes(1, sizeof(*logs));

	logs->plan = *plan;
	snprintf(logs->dir, sizeof(logs->dir), "%s", plan->dir);
	logs->trails = memory_zeroes(TRAILS_MAX, sizeof(*logs->trails));
	mark_ring_init(&logs->known, TRAILS_MAX, random_u64());
	random_bytes(logs->key, sizeof(logs->key));
	logs->published = published_new();
	return logs;
}

void logs_free(struct logs *logs)
{
	if (logs == NULL)
		return;
	for (size_t i = 0; i < logs->n; i++)
		if (logs->at[i].tiles != NULL)
			tiles_close(logs->at[i].tiles);
	mark_ring_release(&logs->known);
	free(logs->trails);
	published_free(logs->published);
	free(logs);
}

void logs_add(struct logs *logs, struct span name, const struct note_key *key)
{
	struct sealed_log *log = &logs->at[logs->n];
	struct span text;

	assert(logs->n < LOGS_MAX && name.len > 0 && name.len <= LEAF_LOG_MAX);
	memcpy(log->name, name.at, name.len);
	log->key = *key;
	text = note_key_write(key, log->key_text);
	log->key_text[text.len] = '\0';
	logs->n++;
}

size_t logs_count(const struct logs *logs)
{
	return logs != NULL ? logs->n : 0;
}

struct sealed_log *logs_at(struct logs *logs, size_t n)
{
	return &logs->at[n];
}

struct sealed_log *logs_find(struct logs *logs, struct span name)
{
	for (size_t i = 0; i < logs_count(logs); i++)
		if (span_is(name, logs->at[i].name))
			return &logs->at[i];
	return NULL;
}

struct tiles *logs_tiles(struct logs *logs, struct sealed_log *log)
{
	char dir[LOGS_PATH_MAX];

	if (log->tiles != NULL)
		return log->tiles;
	snprintf(dir, sizeof(dir), "%s/%s", logs->dir, log->name);
	log->tiles = tiles_open(dir, false, NULL);
	return log->tiles;
}

bool logs_path(const struct logs *logs, const struct sealed_log *log, const char *name, char path[LOGS_PATH_MAX])
{
	int len = snprintf(path, LOGS_PATH_MAX, "%s/%s/%s", logs->dir, log->name, name);

	return len > 0 && len < LOGS_PATH_MAX;
}

struct published *logs_published(const struct logs *logs)
{
	return logs->published;
}

bool logs_open(const struct logs *logs, const struct sealed_log *log, const char *name, struct logs_file *file)
{
	char path[LOGS_PATH_MAX];
	struct stat st;

	file->fd = logs_path(logs, log, name, path) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (file->fd < 0)
		return false;
	if (fstat(file->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(file->fd);
		return false;
	}
	file->bytes = (uint64_t)st.st_size;
	/* Files are replaced whole and never changed. */
	file->version = (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec;
	return true;
}

bool logs_health(const struct logs *logs, const struct sealed_log *log, struct log_health *health)
{
	return logs->plan.health != NULL && logs->plan.health(logs->plan.ctx, span_of(log->name), health);
}

struct leaf_trail *logs_trail(struct logs *logs, const struct sealed_log *log, const unsigned char *seed)
{
	crypto_generichash_state state;
	unsigned char mark[MARK_BYTES];
	bool fresh;
	size_t place;

	crypto_generichash_init(&state, logs->key, sizeof(logs->key), sizeof(mark));
	crypto_generichash_update(&state, (const unsigned char *)log->name, sizeof(log->name));
	crypto_generichash_update(&state, seed, LEAF_SEED_BYTES);
	crypto_generichash_final(&state, mark, sizeof(mark));
	place = mark_ring_take(&logs->known, mark, &fresh);
	if (fresh)
		logs->trails[place] = (struct leaf_trail){ .next = 0 };
	return &logs->trails[place];
}
