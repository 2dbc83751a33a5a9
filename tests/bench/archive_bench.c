/*
 * What the archive costs on one core: events a second written to files (packed,
 * synced) and read back (hashed, unpacked, cut), bytes a file takes for an
 * event; and the fold of what was read, which is what a replay does with it.
 *
 * usage: archive_bench [EVENTS]
 */
#include "daemon/core/journal/fold.h"
#include "daemon/sys/archive.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SEGMENT 4096u
#define TIPS 4u          /* of so many events one is an acceptance */

static char dir[64] = "/tmp/tipline-bench-XXXXXX";
static struct archive *archive;
static uint64_t seed = 1;

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void draw_bytes(unsigned char *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		at[i] = (unsigned char)draw();
}

struct sample {
	struct archive_entry entry;
	char json[400];
	unsigned char fingerprint[120], commitment[32], mark[16];
};

static void accepted(struct sample *s, uint64_t tip, int64_t at)
{
	draw_bytes(s->fingerprint, sizeof(s->fingerprint));
	draw_bytes(s->commitment, sizeof(s->commitment));
	snprintf(s->json, sizeof(s->json),
		 "{\"e\":\"accepted\",\"id\":\"15-%010" PRIu64 "\",\"at\":%" PRId64 ",\"region\":\"150602\",\"points\":%u,\"via\":\"web\","
		 "\"why\":\"place\",\"confidence\":97,\"rules\":[\"minor\",\"place_named\"],\"rules_version\":\"%08x\","
		 "\"mark\":\"%016" PRIx64 "%016" PRIx64 "\"}",
		 tip, at, (unsigned)(draw() % 100), 0x5eedu, draw(), draw());
	s->entry.nfields = 4;
	s->entry.fields[1] = (struct archive_field){ SPAN("k"), span_from(s->fingerprint, sizeof(s->fingerprint)) };
	s->entry.fields[2] = (struct archive_field){ SPAN("c"), span_from(s->commitment, sizeof(s->commitment)) };
}

static void noted(struct sample *s, uint64_t tip, int64_t at)
{
	snprintf(s->json, sizeof(s->json),
		 "{\"e\":\"rescored\",\"id\":\"15-%010" PRIu64 "\",\"at\":%" PRId64 ",\"by\":\"linker\",\"points\":%u,\"rules\":\"copies\","
		 "\"context\":\"3 0 1 0 0\"}",
		 tip, at, (unsigned)(draw() % 100));
	s->entry.nfields = 2;
}

static const struct archive_entry *sample(struct sample *s, uint64_t number)
{
	uint64_t tip = (number + TIPS - 1) / TIPS;
	int64_t at = INT64_C(1763748000000) + (int64_t)number * 37;

	s->entry.number = number;
	if (number % TIPS == 1)
		accepted(s, tip, at);
	else
		noted(s, tip, at);
	draw_bytes(s->mark, sizeof(s->mark));
	s->entry.fields[0] = (struct archive_field){ SPAN("e"), span_of(s->json) };
	s->entry.fields[s->entry.nfields - 1] = (struct archive_field){ SPAN("s"), span_from(s->mark, sizeof(s->mark)) };
	return &s->entry;
}

static size_t write_all(uint64_t events, size_t *plain)
{
	struct archive_digest before = { .bytes = { 0 } };
	size_t bytes = 0;

	for (uint64_t first = 1; first <= events; first += SEGMENT) {
		struct archive_writer *writer = archive_writer_new("15", first, &before);
		struct archive_range range = { first, first + SEGMENT - 1 };
		struct buf file = { 0 };
		struct complaint why;
		struct sample s;

		for (uint64_t n = range.first; n <= range.last; n++)
			if (!archive_writer_add(writer, sample(&s, n), &why))
				abort();
		*plain += archive_writer_bytes(writer);
		archive_writer_end(writer, &file, &before);
		archive_writer_free(writer);
		if (archive_put(archive, "15", range, buf_span(&file), &why) != ARCHIVE_PUT_DONE)
			abort();
		bytes += file.len;
		buf_release(&file);
	}
	return bytes;
}

/* Reads all; with a fold, folds them too. How many there were. */
static uint64_t read_all(struct fold *fold)
{
	struct archive_reader *reader = archive_reader_new(archive, "15", 1);
	struct archive_entry entry;
	struct complaint why = { .text = "" };
	uint64_t n = 0;

	while (archive_reader_next(reader, &entry, &why) == ARCHIVE_ENTRY) {
		n++;
		if (fold != NULL &&
		    !fold_event(fold, SPAN("15"), entry.number, archive_entry_field(&entry, "e"), &why)) {
			fprintf(stderr, "%" PRIu64 ": %s\n", entry.number, why.text);
			abort();
		}
	}
	archive_reader_free(reader);
	return n;
}

int main(int argc, char **argv)
{
	uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000, n;
	struct fold *fold = fold_new(7);
	size_t bytes, plain = 0;
	double started, wrote, read, folded;
	char command[100];

	if (sodium_init() < 0 || mkdtemp(dir) == NULL)
		return 1;
	archive = archive_new(dir);
	started = now_s();
	bytes = write_all(events, &plain);
	wrote = now_s() - started;
	started = now_s();
	n = read_all(NULL);
	read = now_s() - started;
	started = now_s();
	read_all(fold);
	folded = now_s() - started;
	printf("%" PRIu64 " events, %zu bytes each, %zu in a file\n", n, plain / n, bytes / n);
	printf("written, made up too: %.0f events/s; read: %.0f; read and folded: %.0f\n", (double)n / wrote, (double)n / read,
	       (double)n / folded);
	fold_free(fold);
	archive_free(archive);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? 0 : 1;
}
