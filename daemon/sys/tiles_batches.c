/*
 * The record of batches; see tiles.h. Each is 80 bytes, numbers big-endian:
 *
 *   number before size journal at_ms (8 each) root (32) check (8)
 *
 * The check is SipHash over the rest. It is no secret and keeps nobody out: it
 * tells a whole record from what a power cut left at the end of the file.
 */
#include "daemon/sys/tiles_inside.h"

#include "daemon/sys/files.h"
#include "daemon/tlog/line.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD 80
#define CHECKED (RECORD - 8)
#define FILE_NAME "batches"

static bool failed(struct complaint *why, const char *what, const struct tiles *tiles)
{
	return complain(why, 0, "cannot %s %.150s/" FILE_NAME ": %s", what, tiles->dir, strerror(errno));
}

/* --- one record ------------------------------------------------------------------------------------- */

static void check_of(const unsigned char bytes[CHECKED], unsigned char check[8])
{
	static const unsigned char key[crypto_shorthash_KEYBYTES] = "tipline batch v1";

	crypto_shorthash(check, bytes, CHECKED, key);
}

static void pack(const struct tiles_batch *batch, unsigned char bytes[RECORD])
{
	line_put_u64(bytes, batch->number);
	line_put_u64(bytes + 8, batch->before);
	line_put_u64(bytes + 16, batch->size);
	line_put_u64(bytes + 24, batch->journal);
	line_put_u64(bytes + 32, (uint64_t)batch->at_ms);
	memcpy(bytes + 40, batch->root.bytes, sizeof(batch->root.bytes));
	check_of(bytes, bytes + CHECKED);
}

static bool unpack(const unsigned char bytes[RECORD], struct tiles_batch *batch)
{
	unsigned char check[8];

	check_of(bytes, check);
	if (memcmp(check, bytes + CHECKED, sizeof(check)) != 0)
		return false;
	*batch = (struct tiles_batch){ .number = line_get_u64(bytes), .before = line_get_u64(bytes + 8), .size = line_get_u64(bytes + 16),
				       .journal = line_get_u64(bytes + 24), .at_ms = (int64_t)line_get_u64(bytes + 32) };
	memcpy(batch->root.bytes, bytes + 40, sizeof(batch->root.bytes));
	return true;
}

/* --- the file ------------------------------------------------------------------------------------------ */

static int open_file(const struct tiles *tiles, int flags)
{
	char path[TILES_PATH_MAX];

	return open(tiles_path(tiles, FILE_NAME, path), flags | O_CLOEXEC, 0600);
}

/* The n-th from 0; false: it is not there or not whole. */
static bool read_at(int fd, uint64_t n, struct tiles_batch *batch)
{
	unsigned char bytes[RECORD];

	return pread(fd, bytes, RECORD, (off_t)(n * RECORD)) == RECORD && unpack(bytes, batch);
}

/* Whole records, but for those at the end that are broken. */
static uint64_t count(int fd)
{
	struct tiles_batch batch;
	struct stat st;
	uint64_t n;

	if (fstat(fd, &st) != 0)
		return 0;
	n = (uint64_t)st.st_size / RECORD;
	while (n > 0 && !read_at(fd, n - 1, &batch))
		n--;
	return n;
}

bool tiles_batches_mend(struct tiles *tiles, struct complaint *why)
{
	struct tiles_batch last = { .number = 0 };
	int fd = open_file(tiles, O_RDWR | O_CREAT);
	bool well = true;
	struct stat st;

	if (fd < 0)
		return failed(why, "open", tiles);
	tiles->recorded = count(fd);
	if (fstat(fd, &st) != 0 || (uint64_t)st.st_size != tiles->recorded * RECORD)
		well = ftruncate(fd, (off_t)(tiles->recorded * RECORD)) == 0 && fsync(fd) == 0;
	if (!well)
		failed(why, "mend", tiles);
	if (tiles->recorded > 0)
		read_at(fd, tiles->recorded - 1, &last);
	close(fd);
	tiles->last_size = last.size;
	return well && (last.number == tiles->recorded ||
			complain(why, 0, "%.150s/" FILE_NAME " ends in batch %llu and has %llu of them", tiles->dir,
				 (unsigned long long)last.number, (unsigned long long)tiles->recorded));
}

bool tiles_batches_sync(struct tiles *tiles, struct complaint *why)
{
	unsigned char bytes[TILES_PENDING_MAX * RECORD];
	size_t len = tiles->nbatches * RECORD;
	int fd;
	bool well;

	if (len == 0)
		return true;
	fd = open_file(tiles, O_WRONLY);
	if (fd < 0)
		return failed(why, "open", tiles);
	for (size_t i = 0; i < tiles->nbatches; i++)
		pack(&tiles->batches[i], bytes + i * RECORD);
	well = lseek(fd, (off_t)(tiles->recorded * RECORD), SEEK_SET) >= 0 &&
	       files_write_all(fd, span_from(bytes, len)) && fdatasync(fd) == 0;
	if (!well)
		failed(why, "write", tiles);
	close(fd);
	if (well)
		tiles->recorded += tiles->nbatches;
	if (well)
		tiles->nbatches = 0;
	return well;
}

void tiles_batches_drop(struct tiles *tiles)
{
	struct tiles_batch last = { .size = 0 };

	tiles->nbatches = 0;
	if (tiles->recorded > 0)
		tiles_batch(tiles, tiles->recorded - 1, &last);
	tiles->last_size = last.size;
}

bool tiles_put_batch(struct tiles *tiles, const struct tiles_batch *batch, struct complaint *why)
{
	assert(tiles->write);
	if (batch->number != tiles->recorded + tiles->nbatches + 1 || batch->before != tiles->last_size ||
	    batch->size < batch->before)
		return complain(why, 0, "batch %llu does not follow the last one in %.150s", (unsigned long long)batch->number,
				tiles->dir);
	if (tiles->nbatches == TILES_PENDING_MAX && !tiles_sync(tiles, why))
		return false;
	tiles->batches[tiles->nbatches++] = *batch;
	tiles->last_size = batch->size;
	return true;
}

/* --- reading -------------------------------------------------------------------------------------------- */

uint64_t tiles_batches(const struct tiles *tiles)
{
	int fd = open_file(tiles, O_RDONLY);
	uint64_t n;

	if (fd < 0)
		return 0;
	n = count(fd);
	close(fd);
	return n;
}

bool tiles_batch(const struct tiles *tiles, uint64_t n, struct tiles_batch *batch)
{
	int fd = open_file(tiles, O_RDONLY);
	bool well = fd >= 0 && read_at(fd, n, batch);

	if (fd >= 0)
		close(fd);
	return well;
}

uint64_t tiles_batch_at(const struct tiles *tiles, int64_t at_ms)
{
	int fd = open_file(tiles, O_RDONLY);
	uint64_t low = 0, n;
	struct tiles_batch batch;

	if (fd < 0)
		return 0;
	n = count(fd);
	for (uint64_t high = n; low < high;) {
		uint64_t middle = low + (high - low) / 2;

		if (!read_at(fd, middle, &batch) || batch.at_ms >= at_ms)
			high = middle;
		else
			low = middle + 1;
	}
	close(fd);
	return low;
}
