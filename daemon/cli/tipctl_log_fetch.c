/*
 * tipctl log fetch: mirrors a log, file by file, what is there already left alone.
 *
 * The checkpoint is written last: the mirror has all the files of the one that
 * stands in it, whenever this is cut short. What is served is bounded file by file
 * and checked for its length alone; whether it is true says `tipctl log verify`.
 */
#include "daemon/cli/tipctl_log.h"

#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/sys/tiles.h"
#include "daemon/tlog/bundle.h"
#include "daemon/tlog/figures.h"

#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#define SECONDS_MAX 60L
#define CONNECT_SECONDS_MAX 15L
#define ROUNDS_MAX 4            /* a log that grows takes its narrow tiles away */
#define TELL_EVERY_MS 2000
#define MONTHS_BYTES_MAX ((size_t)65536)
#define OPENINGS_BYTES_MAX ((size_t)1 << 30)
#define FIGURES_BYTES_MAX ((size_t)1 << 26)

static const char usage[] =
	"usage: tipctl log fetch URL DIR [--key KEY] [--quiet]\n"
	"\n"
	"Mirrors the log that is served under URL (https://HOST/log/15) into DIR: its key, its newest\n"
	"checkpoint, all tiles and entries that are missing in DIR, and what was opened of past months.\n"
	"Run it again to go on, after an interruption or when the log has grown. Then: tipctl log verify\n"
	"DIR, and tipctl log recount DIR.\n"
	"\n"
	"A key other than the one in DIR (or KEY), a checkpoint that it did not sign and a log with\n"
	"fewer leaves than the mirror are refused, and DIR stays as it is.\n"
	"\n"
	"  --key KEY   the log's key (NAME+ID+BASE64) or a file with it\n"
	"  --quiet     no progress\n"
	"\n"
	"Exit status: 0 the mirror is complete; 1 it is not, and why; 2 wrong use.\n";

struct fetch {
	const char *url, *dir, *key;
	bool quiet;
	CURL *curl;
	struct buf body, note, key_text;
	size_t max;                   /* of the body */
	struct log_trust trust;
	struct checkpoint now;
	struct tiles *tiles;
	uint64_t files, months, told_ms;
};

/* --- one file ------------------------------------------------------------------------------------ */

enum got {
	GOT,
	GOT_ABSENT,
	GOT_NOTHING,   /* `why` */
};

static size_t keep(char *bytes, size_t size, size_t n, void *ctx)
{
	struct fetch *f = ctx;

	if (f->body.len + size * n > f->max)
		return 0;
	buf_add(&f->body, bytes, size * n);
	return size * n;
}

static enum got get(struct fetch *f, struct span path, size_t max, struct complaint *why)
{
	char url[2048];
	long status = 0;
	CURLcode code;

	snprintf(url, sizeof(url), "%s%s%.*s", f->url, f->url[strlen(f->url) - 1] == '/' ? "" : "/", (int)path.len, path.at);
	buf_clear(&f->body);
	f->max = max;
	curl_easy_setopt(f->curl, CURLOPT_URL, url);
	code = curl_easy_perform(f->curl);
	curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK && status == 200)
		return GOT;
	if (status == 404 || status == 410) {
		complain(why, 0, "%.*s is not served", (int)path.len, path.at);
		return GOT_ABSENT;
	}
	if (code == CURLE_WRITE_ERROR)
		complain(why, 0, "%.*s has more than %zu bytes", (int)path.len, path.at, max);
	else if (code == CURLE_OK || code == CURLE_HTTP_RETURNED_ERROR)
		complain(why, 0, "%.*s: answered with status %ld", (int)path.len, path.at, status);
	else
		complain(why, 0, "%.*s: %s", (int)path.len, path.at, curl_easy_strerror(code));
	return GOT_NOTHING;
}

static bool open_curl(struct fetch *f)
{
	f->curl = curl_easy_init();
	if (f->curl == NULL)
		return false;
	curl_easy_setopt(f->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(f->curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(f->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(f->curl, CURLOPT_TIMEOUT, SECONDS_MAX);
	curl_easy_setopt(f->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS_MAX);
	curl_easy_setopt(f->curl, CURLOPT_USERAGENT, "tipctl/" TIPLINE_VERSION);
	curl_easy_setopt(f->curl, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(f->curl, CURLOPT_WRITEDATA, f);
	return true;
}

/* --- key and checkpoint ---------------------------------------------------------------------------- */

static bool same_key(const struct note_key *a, const struct note_key *b)
{
	return memcmp(a->public_key, b->public_key, NOTE_KEY_BYTES) == 0 && span_eq(note_key_name(a), note_key_name(b));
}

/* The key that was there before decides, or the one that is given; a first mirror takes what is served. */
static bool fetch_key(struct fetch *f, struct complaint *why)
{
	char path[PATH_MAX];
	struct note_key served;
	struct span text;

	if (get(f, SPAN("key"), NOTE_KEY_TEXT_MAX, why) != GOT)
		return false;
	text = buf_span(&f->body);
	while (text.len > 0 && text.at[text.len - 1] == '\n')
		text.len--;
	if (!note_key_parse(text, &served) || served.kind != NOTE_ED25519)
		return complain(why, 0, "what is served as key is no key of a log");
	snprintf(path, sizeof(path), "%s/key", f->dir);
	f->trust.key = served;
	if (access(path, F_OK) == 0 && (!log_key_read(path, &f->trust.key, why) || !same_key(&f->trust.key, &served)))
		return complain(why, 0, "the key that is served is not the one in %.150s", f->dir);
	if (f->key != NULL && (!log_key_read(f->key, &f->trust.key, why) || !same_key(&f->trust.key, &served)))
		return complain(why, 0, "the key that is served is not the one that was given");
	buf_clear(&f->key_text);
	buf_add_span(&f->key_text, buf_span(&f->body));
	return true;
}

/* Held against the mirror's own: a log only grows. */
static bool check_growth(struct fetch *f, struct complaint *why)
{
	char path[PATH_MAX];
	struct buf text = { 0 };
	struct checkpoint old;
	bool well;

	snprintf(path, sizeof(path), "%s/checkpoint", f->dir);
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	well = files_read(path, NOTE_BYTES_MAX, &text, why) && log_trust_judge(&f->trust, buf_span(&text), true, &old, why);
	if (well && old.head.size > f->now.head.size)
		well = complain(why, 0, "rolled back: the mirror has %llu leaves, and %llu are served", (unsigned long long)old.head.size,
				(unsigned long long)f->now.head.size);
	if (well && old.head.size == f->now.head.size && memcmp(&old.head.root, &f->now.head.root, sizeof(old.head.root)) != 0)
		well = complain(why, 0, "forked: of %llu leaves, the mirror has another root", (unsigned long long)old.head.size);
	buf_release(&text);
	return well;
}

static bool fetch_checkpoint(struct fetch *f, struct complaint *why)
{
	char told[sizeof(why->text)];

	if (get(f, SPAN("checkpoint"), NOTE_BYTES_MAX, why) != GOT)
		return false;
	buf_clear(&f->note);
	buf_add_span(&f->note, buf_span(&f->body));
	if (log_trust_judge(&f->trust, buf_span(&f->note), false, &f->now, why)) {
		if (f->now.head.size <= LOG_SIZE_MAX)
			return check_growth(f, why);
		return complain(why, 0, "a log of that many leaves has no tiles");
	}
	snprintf(told, sizeof(told), "%s", why->text);
	return complain(why, 0, "checkpoint: %.200s", told);
}

/* --- tiles -------------------------------------------------------------------------------------------- */

static size_t most(const struct tile *tile)
{
	return tile->width * (tile->kind == TILE_ENTRIES ? (size_t)BUNDLE_ENTRY_MAX + 2 : MERKLE_HASH_BYTES);
}

static bool is_whole(const struct tile *tile, struct span bytes)
{
	struct span rest = bytes, entry;

	if (tile->kind == TILE_HASHES)
		return bytes.len == tile->width * (size_t)MERKLE_HASH_BYTES;
	for (unsigned i = 0; i < tile->width; i++)
		if (bundle_next(&rest, &entry) != BUNDLE_ENTRY)
			return false;
	return rest.len == 0;
}

static enum got fetch_as(struct fetch *f, const struct tile *tile, struct complaint *why)
{
	char path[TILE_PATH_MAX];
	struct span name = tile_path(tile, path);
	enum got got = get(f, name, most(tile), why);

	if (got != GOT)
		return got;
	f->files++;
	if (!is_whole(tile, buf_span(&f->body))) {
		complain(why, 0, "%.*s is cut, or has more than it should", (int)name.len, name.at);
		return GOT_NOTHING;
	}
	return tiles_put(f->tiles, tile, buf_span(&f->body), why) ? GOT : GOT_NOTHING;
}

/* Where a narrow tile is gone, the full one may be there by now. */
static enum got fetch_tile(struct fetch *f, const struct tile *tile, struct complaint *why)
{
	enum got got = fetch_as(f, tile, why);
	struct tile full = *tile;

	full.width = TILE_WIDTH;
	return got == GOT_ABSENT && tile->width < TILE_WIDTH ? fetch_as(f, &full, why) : got;
}

static void tell(struct fetch *f, const struct tile *tile)
{
	uint64_t now_ms = clock_steady_ms();

	if (f->quiet || now_ms - f->told_ms < TELL_EVERY_MS)
		return;
	f->told_ms = now_ms;
	fprintf(stderr, "tipctl: %llu files fetched; level %u, leaf %llu of %llu\n", (unsigned long long)f->files, tile->level,
		(unsigned long long)tile_first_leaf(tile), (unsigned long long)f->now.head.size);
}

static enum got fetch_tiles(struct fetch *f, struct complaint *why)
{
	struct tile_walk walk = { .from = 0, .to = f->now.head.size };
	struct buf there = { 0 };
	struct tile tile;
	enum got got = GOT;

	while (got == GOT && tile_walk_next(&walk, &tile)) {
		buf_clear(&there);
		if (!tiles_read(f->tiles, &tile, &there))
			got = fetch_tile(f, &tile, why);
		tell(f, &tile);
	}
	buf_release(&there);
	if (!tiles_sync(f->tiles, why))
		return GOT_NOTHING;
	return got;
}

/* --- openings ------------------------------------------------------------------------------------------ */

static bool fetch_part(struct fetch *f, const char *month, const char *suffix, size_t max, struct complaint *why)
{
	char name[64];

	snprintf(name, sizeof(name), "openings/%s%s", month, suffix);
	if (get(f, span_of(name), max, why) != GOT || !tiles_put_file(f->tiles, name, buf_span(&f->body), why))
		return false;
	f->files++;
	return true;
}

/* The note last: a month with its note is whole, and never changes. */
static bool fetch_month(struct fetch *f, const char *month, struct complaint *why)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/openings/%s.note", f->dir, month);
	if (access(path, F_OK) == 0)
		return true;
	f->months++;
	return fetch_part(f, month, "", OPENINGS_BYTES_MAX, why) && fetch_part(f, month, ".figures", FIGURES_BYTES_MAX, why) &&
	       fetch_part(f, month, ".note", NOTE_BYTES_MAX, why);
}

static bool fetch_months(struct fetch *f, const json_t *list, struct complaint *why)
{
	const json_t *months = json_object_get(list, "months");

	if (!json_is_array(months))
		return complain(why, 0, "openings is no list of months");
	for (size_t i = 0; i < json_array_size(months); i++) {
		const char *month = json_string_value(json_array_get(months, i));

		if (month == NULL || !figures_month_valid(span_of(month)))
			return complain(why, 0, "openings is no list of months");
		if (!fetch_month(f, month, why))
			return false;
	}
	return true;
}

/* Who serves tiles alone has no list: then there is nothing to take. */
static bool fetch_openings(struct fetch *f, struct complaint *why)
{
	enum got got = get(f, SPAN("openings"), MONTHS_BYTES_MAX, why);
	json_t *list;
	bool well;

	if (got != GOT)
		return got == GOT_ABSENT;
	list = json_loadb(f->body.at, f->body.len, 0, NULL);
	well = fetch_months(f, list, why);
	json_decref(list);
	return well && tiles_sync(f->tiles, why);
}

/* --- the whole ------------------------------------------------------------------------------------------- */

static bool put_newest(struct fetch *f, struct complaint *why)
{
	return tiles_put_file(f->tiles, "key", buf_span(&f->key_text), why) &&
	       tiles_put_checkpoint(f->tiles, buf_span(&f->note), why) && tiles_sync(f->tiles, why);
}

static bool fetch_all(struct fetch *f, struct complaint *why)
{
	enum got got = GOT_ABSENT;

	if (!fetch_key(f, why))
		return false;
	for (unsigned round = 0; got == GOT_ABSENT && round < ROUNDS_MAX; round++) {
		if (!fetch_checkpoint(f, why))
			return false;
		if (f->tiles == NULL)
			f->tiles = tiles_open(f->dir, true, why);
		if (f->tiles == NULL)
			return false;
		got = fetch_tiles(f, why);
	}
	return got == GOT && put_newest(f, why) && fetch_openings(f, why);
}

static int fetch(struct fetch *f)
{
	struct complaint why = { .text = "no memory" };
	bool well = open_curl(f) && fetch_all(f, &why);

	if (well)
		printf("complete: %llu leaves, %llu files fetched, %llu months among them\n", (unsigned long long)f->now.head.size,
		       (unsigned long long)f->files, (unsigned long long)f->months);
	else
		fprintf(stderr, "tipctl: %s\n", why.text);
	tiles_close(f->tiles);
	curl_easy_cleanup(f->curl);
	buf_release(&f->body);
	buf_release(&f->note);
	buf_release(&f->key_text);
	log_trust_release(&f->trust);
	return well ? CTL_WELL : CTL_WRONG;
}

int tipctl_log_fetch(int argc, char **argv)
{
	static const struct option options[] = { { "key", required_argument, NULL, 'k' },
						 { "quiet", no_argument, NULL, 'q' },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	struct fetch f = { .url = NULL };
	bool help = false, wrong = false;
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'k')
			f.key = optarg;
		else if (option == 'q')
			f.quiet = true;
		else if (option == 'h')
			help = true;
		else
			wrong = true;
	}
	if (help || wrong || argc - optind != 2 || argv[optind][0] == '\0') {
		fputs(usage, help ? stdout : stderr);
		return help ? CTL_WELL : CTL_USAGE;
	}
	f.url = argv[optind];
	f.dir = argv[optind + 1];
	f.told_ms = clock_steady_ms();
	return fetch(&f);
}
