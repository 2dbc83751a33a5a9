/*
 * The spool's files; see spool.h.
 *
 * Everything that waits is also held in memory, as the very bytes of its
 * record: the spool is bounded, answers to repeated requests come from it
 * without a read, and a failing disk cannot make waiting tips unreadable.
 */
#include "daemon/store/spool.h"

#include "daemon/base/mark_map.h"
#include "daemon/store/spool_record.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECK_EVERY_MS 1000

/* One waiting tip. */
struct waiting {
	struct buf record;
	uint64_t segment;
};

struct spool {
	char dir[4000];
	struct spool_limits limits;
	struct spool_figures figures;
	struct waiting *ring;       /* oldest at head */
	size_t head;
	size_t n;
	size_t size;                /* a power of two */
	uint64_t first_number;      /* running number of the oldest waiting tip */
	struct mark_map requests;   /* request mark -> running number */
	struct mark_map ids;        /* id -> running number */
	uint64_t segment;           /* number of the segment being written */
	uint64_t oldest_segment;
	uint64_t segment_used;
	int fd;                     /* of that segment, or -1 */
	int dir_fd;
	uint64_t check_ms;          /* when the disk is tried again after a failure */
	void (*waits)(void *ctx, bool waits);
	void *waits_ctx;
};

static const unsigned char no_mark[STORE_MARK_BYTES];

static void segment_path(const struct spool *spool, uint64_t segment, const char *suffix, char path[4096])
{
	snprintf(path, 4096, "%s/%012llu.spool%s", spool->dir, (unsigned long long)segment, suffix);
}

static struct waiting *waiting_at(const struct spool *spool, size_t i)
{
	return &spool->ring[(spool->head + i) & (spool->size - 1)];
}

static void id_key(const struct tip_id *id, unsigned char key[MARK_BYTES])
{
	memset(key, 0, MARK_BYTES);
	memcpy(key, id->text, TIP_ID_LEN);
}

static void ring_grow(struct spool *spool)
{
	size_t size = spool->size > 0 ? spool->size * 2 : 64;
	struct waiting *bigger = calloc(size, sizeof(*bigger));

	assert(bigger != NULL);
	for (size_t i = 0; i < spool->n; i++)
		bigger[i] = *waiting_at(spool, i);
	free(spool->ring);
	spool->ring = bigger;
	spool->size = size;
	spool->head = 0;
}

/* Puts a tip behind the others in memory; `record` are its bytes, copied. */
static void remember(struct spool *spool, const struct store_tip *tip, struct span record, uint64_t segment)
{
	uint64_t number = spool->first_number + spool->n;
	unsigned char key[MARK_BYTES];
	struct waiting *waiting;

	if (spool->n == spool->size)
		ring_grow(spool);
	waiting = waiting_at(spool, spool->n++);
	*waiting = (struct waiting){ .segment = segment };
	buf_add_span(&waiting->record, record);
	id_key(&tip->id, key);
	mark_map_set(&spool->ids, key, number);
	if (memcmp(tip->request_mark, no_mark, sizeof(no_mark)) != 0)
		mark_map_set(&spool->requests, tip->request_mark, number);
	spool->figures.depth++;
	spool->figures.bytes += record.len;
}

static void read_waiting(const struct waiting *waiting, struct store_tip *tip)
{
	size_t length;
	enum spool_record_fault fault = spool_record_get(buf_span(&waiting->record), tip, &length);

	assert(fault == SPOOL_RECORD_FINE);
	(void)fault;
}

/* --- opening ---------------------------------------------------------------- */

static bool read_file(const char *path, struct buf *into, struct complaint *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? 1 : -1;

	while (got > 0) {
		got = read(fd, buf_reserve(into, 65536), 65536);
		if (got > 0)
			into->len += (size_t)got;
	}
	if (got < 0)
		complain(why, 0, "cannot read the spool segment %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return got == 0;
}

/* Keeps a copy of a segment with damage in it, for whoever looks into it. */
static void keep_damaged(const struct spool *spool, uint64_t segment, struct span bytes)
{
	char path[4096];
	int fd;

	segment_path(spool, segment, ".damaged", path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	log_event(LOG_LEVEL_ERROR, fd >= 0 && files_write_all(fd, bytes) ? "spool.damaged" : "spool.damaged_not_kept",
		  "segment", log_u64(segment), NULL);
	if (fd >= 0)
		close(fd);
}

/* Where the next whole record begins behind a damaged one that stands at `at`; bytes.len: nowhere. */
static size_t next_whole(struct span bytes, size_t at)
{
	while (++at < bytes.len) {
		struct span rest = span_from_offset(bytes, at);
		struct store_tip tip;
		size_t length;

		at += spool_record_find(rest);
		rest = span_from_offset(bytes, at);
		if (spool_record_get(rest, &tip, &length) == SPOOL_RECORD_FINE)
			break;
	}
	return at < bytes.len ? at : bytes.len;
}

/*
 * Takes the records of one segment; returns how many bytes of it are to stay.
 * What ends within a record at the end of the last segment is a torn write. All
 * else that cannot be read may have been acknowledged: it is counted and kept.
 */
static size_t take_records(struct spool *spool, struct span bytes, uint64_t segment)
{
	size_t at = 0;
	bool damaged = false;

	while (at < bytes.len) {
		struct store_tip tip;
		size_t length;
		enum spool_record_fault fault = spool_record_get(span_from_offset(bytes, at), &tip, &length);
		size_t next = at + length;

		if (fault == SPOOL_RECORD_FINE) {
			remember(spool, &tip, span_from(bytes.at + at, length), segment);
			at = next;
			continue;
		}
		next = next_whole(bytes, at);
		if (next == bytes.len && fault == SPOOL_RECORD_CUT && segment + 1 == spool->segment)
			break;
		spool->figures.damaged++;
		damaged = true;
		at = next;
	}
	if (damaged)
		keep_damaged(spool, segment, bytes);
	return at;
}

static bool open_segment(struct spool *spool, uint64_t segment, struct complaint *why)
{
	char path[4096];
	struct buf bytes = { 0 };
	size_t whole;
	bool fine;

	segment_path(spool, segment, "", path);
	fine = read_file(path, &bytes, why);
	whole = fine ? take_records(spool, buf_span(&bytes), segment) : 0;
	if (fine && whole < bytes.len) {
		log_event(LOG_LEVEL_WARNING, "spool.torn_record_cut", "segment", log_u64(segment), "bytes",
			  log_u64(bytes.len - whole), NULL);
		fine = truncate(path, (off_t)whole) == 0 ||
		       complain(why, 0, "cannot cut the torn end of %s: %s", path, strerror(errno));
	}
	buf_release(&bytes);
	return fine;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The numbers of the segments there are, ascending; the caller frees them. */
static size_t list_segments(const struct spool *spool, uint64_t **numbers)
{
	DIR *dir = opendir(spool->dir);
	struct dirent *entry;
	size_t n = 0;

	*numbers = NULL;
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct span name = span_of(entry->d_name);
		uint64_t number;

		if (name.len != 18 || !span_is(span_from_offset(name, 12), ".spool") ||
		    !span_u64(span_from(name.at, 12), &number))
			continue;
		*numbers = realloc(*numbers, (n + 1) * sizeof(**numbers));
		assert(*numbers != NULL);
		(*numbers)[n++] = number;
	}
	if (dir != NULL)
		closedir(dir);
	if (n > 0)
		qsort(*numbers, n, sizeof(**numbers), by_number);
	return n;
}

static bool open_segments(struct spool *spool, struct complaint *why)
{
	uint64_t *numbers;
	size_t n = list_segments(spool, &numbers);
	bool fine = true;

	spool->oldest_segment = n > 0 ? numbers[0] : 1;
	spool->segment = n > 0 ? numbers[n - 1] + 1 : 1;
	for (size_t i = 0; fine && i < n; i++)
		fine = open_segment(spool, numbers[i], why);
	free(numbers);
	return fine;
}

/* The spool's own name in the directory above must outlast a crash too. */
static bool sync_parent(const struct spool *spool)
{
	int fd = openat(spool->dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool fine = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return fine;
}

static bool open_dir(struct spool *spool, const char *dir, struct complaint *why)
{
	size_t len = strlen(dir);

	if (len >= sizeof(spool->dir))
		return complain(why, 0, "the path of the spool directory is too long");
	memcpy(spool->dir, dir, len + 1);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return complain(why, 0, "cannot make the spool directory %s: %s", dir, strerror(errno));
	spool->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (spool->dir_fd < 0)
		return complain(why, 0, "cannot open the spool directory %s: %s", dir, strerror(errno));
	return sync_parent(spool) ||
	       complain(why, 0, "cannot write the directory above %s to disk: %s", dir, strerror(errno));
}

static void drop_whole_segments(struct spool *spool);

struct spool *spool_open(const char *dir, const struct spool_limits *limits, struct complaint *why)
{
	struct spool *spool = calloc(1, sizeof(*spool));

	assert(spool != NULL);
	spool->limits = *limits;
	spool->fd = -1;
	spool->dir_fd = -1;
	mark_map_init(&spool->requests, clock_steady_ns());
	mark_map_init(&spool->ids, clock_steady_ns());
	if (!open_dir(spool, dir, why) || !open_segments(spool, why)) {
		spool_close(spool);
		return NULL;
	}
	drop_whole_segments(spool);
	return spool;
}

void spool_close(struct spool *spool)
{
	if (spool == NULL)
		return;
	for (size_t i = 0; i < spool->n; i++)
		buf_release(&waiting_at(spool, i)->record);
	if (spool->fd >= 0)
		close(spool->fd);
	if (spool->dir_fd >= 0)
		close(spool->dir_fd);
	mark_map_release(&spool->requests);
	mark_map_release(&spool->ids);
	free(spool->ring);
	free(spool);
}

void spool_watch(struct spool *spool, void (*waits)(void *ctx, bool waits), void *ctx)
{
	spool->waits = waits;
	spool->waits_ctx = ctx;
	waits(ctx, spool->n > 0);
}

static void tell(const struct spool *spool, bool waits)
{
	if (spool->waits != NULL)
		spool->waits(spool->waits_ctx, waits);
}

/* --- appending --------------------------------------------------------------- */

static void leave_segment(struct spool *spool)
{
	if (spool->fd < 0)
		return;
	close(spool->fd);
	spool->fd = -1;
	spool->segment++;
}

static bool enter_segment(struct spool *spool)
{
	char path[4096];

	if (spool->fd >= 0 && spool->segment_used < spool->limits.segment_bytes)
		return true;
	leave_segment(spool);
	segment_path(spool, spool->segment, "", path);
	spool->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	spool->segment_used = 0;
	return spool->fd >= 0 && fsync(spool->dir_fd) == 0;
}

static bool write_durably(struct spool *spool, struct span bytes)
{
	if (!enter_segment(spool) || !files_write_all(spool->fd, bytes) || fdatasync(spool->fd) != 0) {
		log_rarely(LOG_LEVEL_ERROR, "spool.write_failed", strerror(errno));
		/* What a failed fsync left behind is not known: never write behind it again. */
		if (spool->fd >= 0 && ftruncate(spool->fd, (off_t)spool->segment_used) != 0)
			log_rarely(LOG_LEVEL_ERROR, "spool.cut_failed", strerror(errno));
		leave_segment(spool);
		return false;
	}
	spool->segment_used += bytes.len;
	return true;
}

bool spool_append(struct spool *spool, const struct store_tip *tips, size_t n)
{
	struct buf bytes = { 0 };
	size_t *ends = calloc(n + 1, sizeof(*ends));
	bool fine = true;

	assert(ends != NULL);
	tell(spool, true);
	for (size_t i = 0; i < n; i++) {
		spool_record_put(&tips[i], &bytes);
		ends[i + 1] = bytes.len;
		/* More could be written, but never read again. */
		fine = fine && ends[i + 1] - ends[i] <= SPOOL_RECORD_HEAD + (size_t)SPOOL_RECORD_MAX;
	}
	fine = fine && spool->figures.bytes + bytes.len <= spool->limits.max_bytes &&
	       write_durably(spool, buf_span(&bytes));
	for (size_t i = 0; fine && i < n; i++)
		remember(spool, &tips[i], span_from(bytes.at + ends[i], ends[i + 1] - ends[i]),
			 spool->segment);
	spool->figures.failing = !fine;
	spool->figures.appended += fine ? n : 0;
	if (spool->n == 0)
		tell(spool, false);
	buf_release(&bytes);
	free(ends);
	return fine;
}

/* --- asking and draining ------------------------------------------------------- */

bool spool_find_request(const struct spool *spool, const unsigned char mark[STORE_MARK_BYTES],
			struct store_tip *tip)
{
	uint64_t number;

	if (!mark_map_get(&spool->requests, mark, &number))
		return false;
	read_waiting(waiting_at(spool, (size_t)(number - spool->first_number)), tip);
	return true;
}

bool spool_holds(const struct spool *spool, const struct tip_id *id)
{
	unsigned char key[MARK_BYTES];
	uint64_t number;

	id_key(id, key);
	return mark_map_get(&spool->ids, key, &number);
}

size_t spool_peek(struct spool *spool, struct store_tip *tips, size_t max)
{
	size_t n = spool->n < max ? spool->n : max;

	for (size_t i = 0; i < n; i++)
		read_waiting(waiting_at(spool, i), &tips[i]);
	return n;
}

static void forget_oldest(struct spool *spool)
{
	struct waiting *oldest = waiting_at(spool, 0);
	unsigned char key[MARK_BYTES];
	struct store_tip tip;
	uint64_t number;

	read_waiting(oldest, &tip);
	id_key(&tip.id, key);
	mark_map_drop(&spool->ids, key);
	if (mark_map_get(&spool->requests, tip.request_mark, &number) && number == spool->first_number)
		mark_map_drop(&spool->requests, tip.request_mark);
	spool->figures.bytes -= oldest->record.len;
	spool->figures.depth--;
	buf_release(&oldest->record);
	spool->head = (spool->head + 1) & (spool->size - 1);
	spool->n--;
	spool->first_number++;
}

/* Removes the files of segments of which nothing waits any more. */
static void drop_whole_segments(struct spool *spool)
{
	uint64_t needed = spool->n > 0 ? waiting_at(spool, 0)->segment : spool->segment + 1;
	char path[4096];

	if (spool->n == 0)
		leave_segment(spool);
	for (; spool->oldest_segment < needed && spool->oldest_segment <= spool->segment; spool->oldest_segment++) {
		segment_path(spool, spool->oldest_segment, "", path);
		if (unlink(path) != 0 && errno != ENOENT)
			log_rarely(LOG_LEVEL_WARNING, "spool.unlink_failed", strerror(errno));
	}
	if (spool->oldest_segment > spool->segment)
		spool->oldest_segment = spool->segment;
}

void spool_drop(struct spool *spool, size_t n)
{
	assert(n <= spool->n);
	for (size_t i = 0; i < n; i++)
		forget_oldest(spool);
	spool->figures.drained += n;
	/* Room again, and nothing that needs it: what failed then is no fault of now. */
	if (spool->n == 0)
		spool->figures.failing = false;
	drop_whole_segments(spool);
	if (spool->n == 0)
		tell(spool, false);
}

bool spool_set_aside(struct spool *spool, const struct store_tip *tip)
{
	struct buf record = { 0 };
	struct complaint why;
	char path[4096];
	bool fine;

	snprintf(path, sizeof(path), "%s/set-aside.records", spool->dir);
	spool_record_put(tip, &record);
	fine = files_append(path, buf_span(&record), 0600, &why);
	if (!fine)
		log_rarely(LOG_LEVEL_ERROR, "spool.set_aside_failed", why.text);
	buf_release(&record);
	return fine;
}

void spool_check(struct spool *spool)
{
	struct complaint why;
	char path[4096];

	if (!spool->figures.failing || spool->n > 0 || clock_steady_ms() < spool->check_ms)
		return;
	spool->check_ms = clock_steady_ms() + CHECK_EVERY_MS;
	snprintf(path, sizeof(path), "%s/check", spool->dir);
	spool->figures.failing = !files_replace(path, SPAN("fine\n"), 0600, &why);
}

const struct spool_figures *spool_figures(const struct spool *spool)
{
	return &spool->figures;
}
