/*
 * Folding; see normalize.h.
 *
 * A table knows for every code point what it becomes when nothing before it
 * matters; that is all a Chinese tip needs. Only a mark that joins what stands
 * before it (an accent, a Korean vowel) goes the long way: the character and
 * its marks are given to utf8proc together. Such a cluster keeps at most
 * MARKS_MAX marks, so that no text can make the ordering of marks slow.
 */
#include "daemon/core/text/normalize.h"

#include "daemon/base/buf.h"
#include "daemon/base/memory.h"
#include "daemon/base/table.h"

#include <assert.h>
#include <opencc/opencc.h>
#include <stdlib.h>
#include <utf8proc.h>

#define CODEPOINTS 0x110000
#define PAGE 256
#define PAGES (CODEPOINTS / PAGE)
#define MARKS_MAX 30      /* UAX 15, stream-safe text */
#define EXPANSION_MAX 18L /* code points of the longest compatibility decomposition (U+FDFA) */
#define CLUSTER_MAX ((MARKS_MAX + 1) * EXPANSION_MAX)
#define REPLACEMENT 0xFFFD

#define FOLD_OPTIONS                                                                                         \
	(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE)

/* What becomes of a code point: the low bits of its entry. */
enum fate {
	KEEP,  /* itself */
	DROP,  /* nothing */
	BLANK, /* white space */
	JOIN,  /* joins the character before it */
	MAP,   /* the string in the pool at entry >> FATE_BITS: one byte of length, then the bytes */
};

#define FATE_BITS 3
#define FATE_MASK ((1U << FATE_BITS) - 1)

struct normalizer {
	uint32_t (*pages)[PAGE]; /* distinct pages; the first is all KEEP */
	uint16_t page_of[PAGES];
	size_t npages;
	struct buf pool;
	int32_t *simplified; /* while the table is built: simplified form per code point, 0: itself */
};

/* --- building ----------------------------------------------------------------- */

static const struct {
	int32_t first;
	int32_t end;
} han_blocks[] = {
	{ 0x3400, 0x4DC0 },   /* extension A */
	{ 0x4E00, 0xA000 },   /* unified ideographs */
	{ 0x20000, 0x323B0 }, /* extensions B to H */
};

/* The dictionary offers 干 for it, but 乾 is simplified as well: 乾县, 乾坤. */
#define HAN_QIAN 0x4E7E

static void add_codepoint(struct buf *buf, int32_t c)
{
	char *at = buf_reserve(buf, 4);

	buf->len += (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)at);
}

/* The first code point of a line of OpenCC's answer, when it is alone on it. */
static int32_t lone_codepoint(const char *line, size_t len)
{
	int32_t c;
	utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)line, (utf8proc_ssize_t)len, &c);

	return used > 0 && (size_t)used == len ? c : 0;
}

/* One character a line, so that no phrase of the dictionary can match. */
static bool ask_simplified(opencc_t dictionary, int32_t first, int32_t end, int32_t *simplified)
{
	struct buf lines = { 0 };
	struct span rest;
	struct span line;
	char *answer;

	for (int32_t c = first; c < end; c++) {
		add_codepoint(&lines, c);
		buf_add_byte(&lines, '\n');
	}
	answer = opencc_convert_utf8(dictionary, lines.at, lines.len);
	buf_release(&lines);
	if (answer == NULL)
		return false;
	rest = span_of(answer);
	for (int32_t c = first; c < end && span_cut(&rest, '\n', &line); c++)
		simplified[c] = lone_codepoint(line.at, line.len);
	opencc_convert_utf8_free(answer);
	return true;
}

static bool load_simplified(struct normalizer *n)
{
	opencc_t dictionary = opencc_open(OPENCC_DEFAULT_CONFIG_TRAD_TO_SIMP);
	bool ok = true;

	if (dictionary == (opencc_t)-1)
		return false;
	for (size_t i = 0; i < COUNT_OF(han_blocks); i++)
		ok = ok && ask_simplified(dictionary, han_blocks[i].first, han_blocks[i].end, n->simplified);
	opencc_close(dictionary);
	n->simplified[HAN_QIAN] = HAN_QIAN;
	return ok;
}

/* Some simplified forms have one themselves; the dictionary has no rings, three steps are plenty. */
static int32_t simplify(const struct normalizer *n, int32_t c)
{
	for (int step = 0; step < 3 && n->simplified[c] != 0; step++)
		c = n->simplified[c];
	return c;
}

static bool joins(int32_t c, const utf8proc_property_t *property)
{
	bool korean = (c >= 0x1160 && c <= 0x11FF) || (c >= 0xD7B0 && c <= 0xD7FF);

	return korean || property->combining_class != 0 || property->category == UTF8PROC_CATEGORY_MN ||
	       property->category == UTF8PROC_CATEGORY_MC || property->category == UTF8PROC_CATEGORY_ME;
}

/* The fate of a code point that folds to itself. */
static enum fate plain_fate(int32_t c)
{
	const utf8proc_property_t *property = utf8proc_get_property(c);

	if (property->category == UTF8PROC_CATEGORY_CC)
		return (c >= '\t' && c <= '\r') || c == 0x85 ? BLANK : DROP;
	if (property->category == UTF8PROC_CATEGORY_ZS || property->category == UTF8PROC_CATEGORY_ZL ||
	    property->category == UTF8PROC_CATEGORY_ZP)
		return BLANK;
	if (property->ignorable)
		return DROP;
	return joins(c, property) ? JOIN : KEEP;
}

static bool changes(const struct normalizer *n, int32_t c)
{
	const utf8proc_property_t *property = utf8proc_get_property(c);

	return property->decomp_seqindex != UINT16_MAX || property->casefold_seqindex != UINT16_MAX ||
	       simplify(n, c) != c;
}

/* Composes decomposed code points in place, surplus marks left out. Returns how many there are. */
static size_t compose(int32_t *points, size_t len)
{
	utf8proc_ssize_t n;
	size_t marks = 0;
	size_t kept = 0;

	for (size_t i = 0; i < len; i++)
		if (plain_fate(points[i]) != JOIN || marks++ < MARKS_MAX)
			points[kept++] = points[i];
	n = utf8proc_normalize_utf32(points, (utf8proc_ssize_t)kept, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	assert(n >= 0);
	return (size_t)n;
}

/* Decomposes UTF-8 into `points` (room for CLUSTER_MAX), marks in canonical order. */
static size_t decompose(const char *bytes, size_t len, int32_t *points)
{
	utf8proc_ssize_t n = utf8proc_decompose((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)len,
						points, CLUSTER_MAX, FOLD_OPTIONS);

	assert(n >= 0 && n <= CLUSTER_MAX);
	return (size_t)n;
}

static uint32_t map_entry(struct normalizer *n, const int32_t *points, size_t len)
{
	size_t at = n->pool.len;

	buf_add_byte(&n->pool, 0);
	for (size_t i = 0; i < len; i++)
		add_codepoint(&n->pool, simplify(n, points[i]));
	assert(n->pool.len - at - 1 <= UINT8_MAX);
	n->pool.at[at] = (char)(n->pool.len - at - 1);
	return (uint32_t)(at << FATE_BITS) | MAP;
}

static uint32_t entry_of(struct normalizer *n, int32_t c)
{
	enum fate fate = plain_fate(c);
	int32_t points[CLUSTER_MAX];
	char bytes[4];
	size_t len;

	if (fate != KEEP || !changes(n, c))
		return fate;
	len = decompose(bytes, (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)bytes), points);
	len = compose(points, len);
	if (len == 0)
		return DROP;
	if (plain_fate(points[0]) == JOIN)
		return JOIN;
	if (len == 1 && plain_fate(points[0]) == BLANK)
		return BLANK;
	if (len == 1 && simplify(n, points[0]) == c)
		return KEEP;
	return map_entry(n, points, len);
}

static bool surrogate(int32_t c)
{
	return c >= 0xD800 && c <= 0xDFFF;
}

static void build_page(struct normalizer *n, size_t page)
{
	uint32_t entries[PAGE] = { 0 };
	bool all_kept = true;

	for (size_t i = 0; i < PAGE; i++) {
		int32_t c = (int32_t)(page * PAGE + i);

		entries[i] = surrogate(c) ? KEEP : entry_of(n, c);
		all_kept = all_kept && entries[i] == KEEP;
	}
	if (all_kept)
		return;
	n->page_of[page] = (uint16_t)n->npages;
	memcpy(n->pages[n->npages++], entries, sizeof(entries));
}

static void build(struct normalizer *n)
{
	n->npages = 1;
	for (size_t page = 0; page < PAGES; page++)
		build_page(n, page);
}

struct normalizer *normalizer_new(void)
{
	struct normalizer *n = memory_zeroes(1, sizeof(*n));
	void *fewer;

	n->simplified = memory_zeroes(CODEPOINTS, sizeof(*n->simplified));
	n->pages = memory_zeroes(PAGES, sizeof(*n->pages));
	if (!load_simplified(n)) {
		normalizer_free(n);
		return NULL;
	}
	build(n);
	free(n->simplified);
	n->simplified = NULL;
	fewer = realloc(n->pages, n->npages * sizeof(*n->pages));
	if (fewer != NULL)
		n->pages = fewer;
	return n;
}

void normalizer_free(struct normalizer *normalizer)
{
	if (normalizer == NULL)
		return;
	free(normalizer->simplified);
	free(normalizer->pages);
	buf_release(&normalizer->pool);
	free(normalizer);
}

static uint32_t lookup(const struct normalizer *n, int32_t c)
{
	return n->pages[n->page_of[(uint32_t)c / PAGE]][(uint32_t)c % PAGE];
}

/* --- reading -------------------------------------------------------------------- */

/* The code point at `at` and its length; U+FFFD for a byte that begins none. */
static inline int32_t decode_short(const unsigned char *at, size_t left, size_t *len)
{
	if (at[0] < 0x80) {
		*len = 1;
		return at[0];
	}
	if (left >= 3 && at[0] > 0xE0 && at[0] < 0xED && (at[1] & 0xC0) == 0x80 && (at[2] & 0xC0) == 0x80) {
		*len = 3;
		return (at[0] & 0x0F) << 12 | (at[1] & 0x3F) << 6 | (at[2] & 0x3F);
	}
	return -1;
}

static int32_t decode(const char *bytes, size_t left, size_t *len)
{
	const unsigned char *at = (const unsigned char *)bytes;
	int32_t c = decode_short(at, left, len);
	utf8proc_ssize_t used;

	if (c >= 0)
		return c;
	used = utf8proc_iterate(at, left < 4 ? (utf8proc_ssize_t)left : 4, &c);
	*len = used > 0 ? (size_t)used : 1;
	return used > 0 ? c : REPLACEMENT;
}

/* --- writing -------------------------------------------------------------------- */

struct fold_out {
	struct arena *arena;
	char *at;
	uint32_t *origin;
	size_t len;
	size_t size;
};

static void grow(struct fold_out *out, size_t size)
{
	char *at = arena_alloc(out->arena, size);
	uint32_t *origin = arena_alloc(out->arena, (size + 1) * sizeof(*origin));

	if (out->len > 0) {
		memcpy(at, out->at, out->len);
		memcpy(origin, out->origin, out->len * sizeof(*origin));
	}
	out->at = at;
	out->origin = origin;
	out->size = size;
}

static inline void put(struct fold_out *out, const char *bytes, size_t len, size_t from)
{
	if (out->size - out->len < len)
		grow(out, out->size * 2 + len);
	for (size_t i = 0; i < len; i++) {
		out->at[out->len + i] = bytes[i];
		out->origin[out->len + i] = (uint32_t)from;
	}
	out->len += len;
}

static void put_blank(struct fold_out *out, size_t from)
{
	if (out->len > 0 && out->at[out->len - 1] != ' ')
		put(out, " ", 1, from);
}

/* A string that may hold blanks of its own. */
static void put_mapped(struct fold_out *out, const char *bytes, size_t len, size_t from)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == ' ')
			put_blank(out, from);
		else
			put(out, bytes + i, 1, from);
}

/* --- folding -------------------------------------------------------------------- */

struct fold {
	const struct normalizer *normalizer;
	struct span text;
	struct fold_out out;
	size_t base;     /* where the last character that marks may join begins, in the text */
	size_t base_out; /* and in the output */
	bool has_base;
};

static void put_codepoint(struct fold *f, int32_t c, size_t from)
{
	uint32_t entry = lookup(f->normalizer, c);
	char bytes[4];
	size_t len;

	if (entry != KEEP && (entry & FATE_MASK) == MAP) {
		const char *mapped = f->normalizer->pool.at + (entry >> FATE_BITS);

		put_mapped(&f->out, mapped + 1, (unsigned char)mapped[0], from);
		return;
	}
	len = (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)bytes);
	put_mapped(&f->out, bytes, len, from);
}

/* A character and the marks that join it, from `from` on; returns where they end. */
static size_t fold_marks(struct fold *f, size_t from)
{
	int32_t points[CLUSTER_MAX];
	char bytes[(MARKS_MAX + 1) * 4];
	size_t len = 0;
	size_t at = from;
	size_t n;

	while (at < f->text.len) {
		size_t step;
		int32_t c = decode(f->text.at + at, f->text.len - at, &step);
		enum fate fate = lookup(f->normalizer, c) & FATE_MASK;

		if (at > from && fate != JOIN && fate != DROP)
			break;
		if (fate != DROP && len + 4 <= sizeof(bytes))
			len += (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)bytes + len);
		at += step;
	}
	n = compose(points, decompose(bytes, len, points));
	for (size_t i = 0; i < n; i++)
		put_codepoint(f, points[i], from);
	return at;
}

/* A mark was met at `at`: takes back the character it joins and folds both. */
static size_t fold_joined(struct fold *f, size_t at)
{
	size_t from = f->has_base ? f->base : at;

	if (f->has_base)
		f->out.len = f->base_out;
	f->has_base = false;
	return fold_marks(f, from);
}

static void remember_base(struct fold *f, size_t at)
{
	f->base = at;
	f->base_out = f->out.len;
	f->has_base = true;
}

/* Everything but a character that stays as it is; returns where the next one begins. */
static size_t fold_other(struct fold *f, int32_t c, uint32_t entry, size_t at, size_t len)
{
	switch ((enum fate)(entry & FATE_MASK)) {
	case JOIN:
		return fold_joined(f, at);
	case DROP:
		break;
	case BLANK:
		put_blank(&f->out, at);
		f->has_base = false;
		break;
	case KEEP: /* an invalid byte */
	case MAP:
		remember_base(f, at);
		put_codepoint(f, c, at);
		break;
	}
	return at + len;
}

static void fold_text(struct fold *f)
{
	size_t at = 0;

	while (at < f->text.len) {
		size_t len;
		int32_t c = decode(f->text.at + at, f->text.len - at, &len);
		uint32_t entry = lookup(f->normalizer, c);

		if (entry != KEEP || c == REPLACEMENT) {
			at = fold_other(f, c, entry, at, len);
			continue;
		}
		remember_base(f, at);
		put(&f->out, f->text.at + at, len, at);
		at += len;
	}
}

void normalize(const struct normalizer *normalizer, struct span text, struct arena *arena, struct folded *out)
{
	struct fold f = { .normalizer = normalizer, .text = text, .out = { .arena = arena } };

	assert(text.len < UINT32_MAX);
	grow(&f.out, text.len + 16);
	fold_text(&f);
	if (f.out.len > 0 && f.out.at[f.out.len - 1] == ' ')
		f.out.len--;
	f.out.origin[f.out.len] = (uint32_t)text.len;
	*out = (struct folded){ .text = span_from(f.out.at, f.out.len), .origin = f.out.origin };
}
