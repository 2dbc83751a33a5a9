/*
 * Tips of the casebook: ids, records, who hangs under whom.
 *
 * The table of names finds a tip by the tail of its id, which it keeps when it
 * moves to another shard. A slot holds 8 bits of the tail's hash beside the
 * record's place, so that a search looks at one record and not at all that
 * stand on its way; so the table may be nearly full.
 */
#include "daemon/core/incident/casebook_inside.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <stdlib.h>

#define NAMES_LOAD_PERCENT 90
#define PLACE_BITS 24
#define PLACE_MASK ((1u << PLACE_BITS) - 1)
#define TAIL_CHARS 10
#define TIME_BITS 42
#define SENDER_BITS 17

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* --- ids ------------------------------------------------------------------------------------ */

static uint64_t digit_of(char c)
{
	const char *at = memchr(crockford, c, sizeof(crockford) - 1);

	assert(at != NULL);
	return (uint64_t)(at - crockford);
}

uint64_t tip_tail(const struct tip_id *id)
{
	uint64_t tail = 0;

	for (size_t i = TIP_ID_LEN - TAIL_CHARS; i < TIP_ID_LEN; i++)
		tail = tail << 5 | digit_of(id->text[i]);
	return tail;
}

unsigned tip_shard(const struct tip_id *id)
{
	return (unsigned)(id->text[0] - '0') * 10 + (unsigned)(id->text[1] - '0');
}

void tip_name(const struct tip_facts *facts, struct tip_id *id)
{
	uint64_t tail = facts->tail;

	id->text[0] = (char)('0' + facts->shard / 10);
	id->text[1] = (char)('0' + facts->shard % 10);
	id->text[2] = '-';
	for (size_t i = TIP_ID_LEN; i > TIP_ID_LEN - TAIL_CHARS; i--, tail >>= 5)
		id->text[i - 1] = crockford[tail & 31];
	id->text[TIP_ID_LEN] = '\0';
}

/* --- records ---------------------------------------------------------------------------------- */

static struct tip_record *record_of(const struct casebook *book, uint32_t text)
{
	return &book->records[text % book->limits.max_tips];
}

static uint64_t joined(const uint32_t halves[2])
{
	return (uint64_t)halves[0] << 32 | halves[1];
}

static void split(uint64_t whole, uint32_t halves[2])
{
	halves[0] = (uint32_t)(whole >> 32);
	halves[1] = (uint32_t)whole;
}

bool tip_held(const struct casebook *book, uint32_t text)
{
	return text >= book->oldest && text <= book->newest && text > 0;
}

static struct tip_facts read_record(const struct tip_record *record)
{
	uint64_t name = joined(record->name), facts = joined(record->facts);

	return (struct tip_facts){
		.tail = name >> 14,
		.shard = name >> 7 & 0x7F,
		.points = name & 0x7F,
		.received_ms = (int64_t)(facts >> (64 - TIME_BITS)),
		.sender = (uint32_t)(facts >> 5) & ((1u << SENDER_BITS) - 1),
		.part = (enum tip_part)(facts >> 3 & 3),
		.end = (enum tip_end)(facts >> 1 & 3),
		.away = facts & 1,
	};
}

static void write_record(struct tip_record *record, const struct tip_facts *facts)
{
	uint64_t time = facts->received_ms > 0 ? (uint64_t)facts->received_ms : 0;

	if (time >= UINT64_C(1) << TIME_BITS)
		time = (UINT64_C(1) << TIME_BITS) - 1;
	split(facts->tail << 14 | (uint64_t)facts->shard << 7 | facts->points, record->name);
	split(time << (64 - TIME_BITS) | (uint64_t)facts->sender << 5 | (uint64_t)facts->part << 3 |
		      (uint64_t)facts->end << 1 | facts->away,
	      record->facts);
}

struct tip_facts tip_facts(const struct casebook *book, uint32_t text)
{
	assert(tip_held(book, text));
	return read_record(record_of(book, text));
}

void tip_set(struct casebook *book, uint32_t text, const struct tip_facts *facts)
{
	assert(tip_held(book, text));
	write_record(record_of(book, text), facts);
}

/* --- names ------------------------------------------------------------------------------------ */

static size_t names_of(size_t max_tips)
{
	return max_tips * 100 / NAMES_LOAD_PERCENT + 2;
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	return x ^ x >> 32;
}

static size_t home_of(const struct casebook *book, uint64_t hash)
{
	return (size_t)((hash >> 32) * book->nnames >> 32);
}

static uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)(hash & 0xFF) << PLACE_BITS;
}

static size_t next_slot(const struct casebook *book, size_t at)
{
	return at + 1 < book->nnames ? at + 1 : 0;
}

static uint64_t tail_at(const struct casebook *book, uint32_t slot)
{
	return joined(book->records[(slot & PLACE_MASK) - 1].name) >> 14;
}

/* The slot of a tail, or the free one where its search ends. */
static size_t slot_of(const struct casebook *book, uint64_t tail)
{
	uint64_t hash = mix(tail ^ book->seed);
	size_t at = home_of(book, hash);

	while (book->names[at] != 0 &&
	       ((book->names[at] & ~PLACE_MASK) != tag_of(hash) || tail_at(book, book->names[at]) != tail))
		at = next_slot(book, at);
	return at;
}

/* The only text in the window that has its record at that place. */
static uint32_t text_at(const struct casebook *book, size_t place)
{
	size_t max = book->limits.max_tips, first = book->oldest % max;

	return book->oldest + (uint32_t)((place + max - first) % max);
}

uint32_t tip_find(const struct casebook *book, uint64_t tail)
{
	uint32_t slot = book->names[slot_of(book, tail)];

	return slot != 0 ? text_at(book, (slot & PLACE_MASK) - 1) : 0;
}

/* Knuth, TAOCP 3, 6.4, algorithm R: those behind move up where they may. */
static void forget_name(struct casebook *book, uint64_t tail)
{
	size_t hole = slot_of(book, tail);

	if (book->names[hole] == 0)
		return;
	for (size_t i = next_slot(book, hole); book->names[i] != 0; i = next_slot(book, i)) {
		size_t home = home_of(book, mix(tail_at(book, book->names[i]) ^ book->seed));
		size_t n = book->nnames;

		if ((i + n - home) % n < (i + n - hole) % n)
			continue;
		book->names[hole] = book->names[i];
		hole = i;
	}
	book->names[hole] = 0;
}

void tip_add(struct casebook *book, uint32_t text, const struct tip_facts *facts)
{
	struct tip_record *record = record_of(book, text);
	uint32_t oldest = link_oldest(book->link);

	for (; book->newest > 0 && book->oldest < oldest && book->oldest <= book->newest; book->oldest++)
		forget_name(book, joined(record_of(book, book->oldest)->name) >> 14);
	book->oldest = oldest;
	book->newest = text;
	write_record(record, facts);
	record->parent = 0;
	book->names[slot_of(book, facts->tail)] =
		tag_of(mix(facts->tail ^ book->seed)) | ((uint32_t)(text % book->limits.max_tips) + 1);
}

void tips_init(struct casebook *book)
{
	book->nnames = names_of(book->limits.max_tips);
	book->records = memory_zeroes(book->limits.max_tips, sizeof(*book->records));
	book->names = memory_zeroes(book->nnames, sizeof(*book->names));
	book->oldest = 1;
}

void tips_release(struct casebook *book)
{
	free(book->records);
	free(book->names);
}

size_t tips_bytes(const struct casebook_limits *limits)
{
	return limits->max_tips * sizeof(struct tip_record) + names_of(limits->max_tips) * sizeof(uint32_t);
}

/* --- who hangs under whom ------------------------------------------------------------------------ */

uint32_t tip_parent(const struct casebook *book, uint32_t text)
{
	uint32_t parent = tip_held(book, text) ? record_of(book, text)->parent : 0;

	return tip_held(book, parent) ? parent : 0;
}

void tip_set_parent(struct casebook *book, uint32_t text, uint32_t parent)
{
	assert(tip_held(book, text));
	record_of(book, text)->parent = parent;
}

uint32_t tip_root(const struct casebook *book, uint32_t text)
{
	uint32_t parent;

	while ((parent = tip_parent(book, text)) != 0)
		text = parent;
	return text;
}

bool tip_within(const struct casebook *book, uint32_t text, uint32_t above)
{
	for (; text != 0; text = tip_parent(book, text))
		if (text == above)
			return true;
	return false;
}

bool tip_older(const struct casebook *book, uint32_t a, uint32_t b)
{
	struct tip_facts one = tip_facts(book, a), other = tip_facts(book, b);

	if (one.received_ms != other.received_ms)
		return one.received_ms < other.received_ms;
	return one.shard != other.shard ? one.shard < other.shard : one.tail < other.tail;
}
