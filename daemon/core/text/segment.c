/*
 * Looking up number segments; see segment.h. The format stands in scripts/regions/segments.js.
 */
#include "daemon/core/text/segment.h"

#include <stdio.h>

#define MAGIC "TLSEG1"
#define HEAD 10 /* magic, regions, blocks */
#define BLOCK 1000u
#define LENGTH_BITS 7
#define MSISDN_DIGITS 11

static unsigned number_at(struct span table, size_t index)
{
	const unsigned char *at = (const unsigned char *)table.at + 2 * index;

	return at[0] | (unsigned)at[1] << 8;
}

static unsigned run_length(unsigned run)
{
	return (run & ((1u << LENGTH_BITS) - 1)) + 1;
}

/* Each block's runs must cover it, and all runs must be there. */
static bool covers(const struct segments *s)
{
	size_t run = 0;

	for (size_t block = 0; block < s->blocks.len / 4; block++) {
		unsigned covered = 0;

		for (size_t end = run + number_at(s->blocks, 2 * block + 1); run < end; run++) {
			if (2 * run >= s->runs.len)
				return false;
			covered += run_length(number_at(s->runs, run));
		}
		if (covered != BLOCK)
			return false;
	}
	return 2 * run == s->runs.len;
}

bool segments_open(struct span bytes, struct segments *out, struct complaint *why)
{
	struct segments s;
	size_t regions;
	size_t blocks;

	if (bytes.len < HEAD || bytes.len % 2 != 0 || memcmp(bytes.at, MAGIC, strlen(MAGIC)) != 0)
		return complain(why, 0, "not a table of number segments");
	regions = 2 * number_at(bytes, strlen(MAGIC) / 2);
	blocks = 4 * number_at(bytes, strlen(MAGIC) / 2 + 1);
	if (bytes.len < HEAD + regions + blocks)
		return complain(why, 0, "the table of number segments is cut short");
	s.regions = span_from(bytes.at + HEAD, regions);
	s.blocks = span_from(bytes.at + HEAD + regions, blocks);
	s.runs = span_from_offset(bytes, HEAD + regions + blocks);
	if (!covers(&s))
		return complain(why, 0, "a block of number segments does not add up");
	*out = s;
	return true;
}

/* Eleven digits beginning with 1, without the country code; false for anything else. */
static bool national(struct span number, struct span *out)
{
	if (span_starts(number, SPAN("+86")))
		number = span_from_offset(number, 3);
	else if (number.len == MSISDN_DIGITS + 2 && span_starts(number, SPAN("86")))
		number = span_from_offset(number, 2);
	*out = number;
	return number.len == MSISDN_DIGITS && number.at[0] == '1' && span_digits(number);
}

static unsigned digits(struct span number, size_t from, size_t n)
{
	unsigned value = 0;

	for (size_t i = from; i < from + n; i++)
		value = value * 10 + (unsigned)(number.at[i] - '0');
	return value;
}

/* The run that holds the segment; 0xFFFF when its block is not in the table. */
static unsigned run_of(const struct segments *s, unsigned prefix, unsigned segment)
{
	size_t run = 0;

	for (size_t block = 0; block < s->blocks.len / 4; block++) {
		unsigned covered = 0;

		if (number_at(s->blocks, 2 * block) != prefix) {
			run += number_at(s->blocks, 2 * block + 1);
			continue;
		}
		while ((covered += run_length(number_at(s->runs, run))) <= segment)
			run++;
		return number_at(s->runs, run);
	}
	return UINT16_MAX;
}

bool segments_find(const struct segments *segments, struct span number, char code[7])
{
	struct span own;
	unsigned region;

	if (!national(number, &own))
		return false;
	region = run_of(segments, digits(own, 0, 4), digits(own, 4, 3)) >> LENGTH_BITS;
	if (2 * region >= segments->regions.len)
		return false;
	snprintf(code, 7, "%04u00", number_at(segments->regions, region) % 10000);
	return true;
}
