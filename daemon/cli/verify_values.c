/*
 * What values look like; see verify_values.h.
 *
 * Sealed bytes are known by their version, their least length, and by not
 * being text: a ciphertext of this length that is whole UTF-8 does not happen.
 */
#include "daemon/cli/verify_values.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/cli/verify_event.h"
#include "daemon/core/incident/fingerprint.h"
#include "daemon/core/tip/cover.h"
#include "daemon/sys/archive_file.h"
#include "daemon/tlog/note.h"

#define VERSION 1
#define BOX_LEAST 41                       /* version, nonce, tag */
#define CONTENT_LEAST (1 + SEAL_DATA_KEY_ID_BYTES + 24 + 48 + 48 + 16)
#define IDENTITY_LEAST (1 + SEAL_BOX_BYTES + BOX_LEAST)
#define MARK_BYTES 16
#define DATA_KEY_ENTRY ((size_t)8 + SEAL_BOX_BYTES)   /* of a bureau: which key, the sealed one */
#define DIGEST_BYTES 8
#define WEEK_MAX 9999                      /* four digits in the name of its key */

/* --- names and numbers ----------------------------------------------------------------------------- */

#define LETTER_WORDS LOWER UPPER DIGITS " _-.:,"
#define LETTER_WHY_MAX 200

bool verify_is_word(struct span text)
{
	return verify_letters(text, LOWER "_", 32);
}

bool verify_is_name(struct span text)
{
	return verify_letters(text, LOWER UPPER DIGITS "._:-", 64);
}

static bool is_number(struct span text)
{
	return text.len <= 15 && span_digits(text);
}

static bool is_person(struct span text)
{
	return verify_letters(text, LOWER UPPER DIGITS "._-@", 64) && !verify_betrays(text);
}

/* The number of an event, or the mark of an intent that none caused. */
static bool is_item(struct span text)
{
	return is_number(text) || verify_is_hex(text, 2 * MARK_BYTES);
}

static bool is_sealed(struct span bytes, size_t least)
{
	return bytes.len >= least && bytes.at[0] == VERSION && !utf8_valid(bytes);
}

/* Words that are parted by one blank each; how many, or 0 when one is not of these characters. */
static size_t words(struct span text, const char *allowed)
{
	size_t n = 0;

	while (text.len > 0) {
		struct span word;

		if (!span_cut(&text, ' ', &word)) {
			word = text;
			text = (struct span){ 0 };
		}
		if (word.len > 0 && !verify_letters(word, allowed, 64))
			return 0;
		n++;
	}
	return n;
}

static const char *unless(bool well, const char *why)
{
	return well ? NULL : why;
}

/* --- sealed things ------------------------------------------------------------------------------------- */

const char *verify_box(struct span a, struct span b)
{
	(void)b;
	return unless(is_sealed(a, BOX_LEAST), "is not sealed");
}

/* Under its week's cover, or sealed before there were weeks. */
static bool is_covered(struct span bytes, size_t least)
{
	unsigned week;

	if (bytes.len == 0 || bytes.at[0] == VERSION)
		return is_sealed(bytes, least);
	return cover_week(bytes, &week) && week <= WEEK_MAX && bytes.len >= least + COVER_MORE_BYTES && !utf8_valid(bytes);
}

const char *verify_content(struct span a, struct span b)
{
	(void)b;
	return unless(is_covered(a, CONTENT_LEAST), "is no sealed content");
}

const char *verify_identity(struct span a, struct span b)
{
	(void)b;
	return unless(is_covered(a, IDENTITY_LEAST), "is no sealed identity");
}

const char *verify_data_key(struct span a, struct span b)
{
	bool sealed = b.len == 1 + DATA_KEY_ENTRY || b.len == 1 + 2 * DATA_KEY_ENTRY;

	return unless(a.len == SEAL_DATA_KEY_ID_BYTES && sealed && is_sealed(b, BOX_LEAST), "is no sealed data key");
}

const char *verify_intent(struct span a, struct span b)
{
	return unless(is_item(a) && is_sealed(b, BOX_LEAST), "is no sealed intent");
}

/* "<why>", a zero, the intent */
const char *verify_letter(struct span a, struct span b)
{
	struct span why;

	return unless(is_item(a) && span_cut(&b, '\0', &why) && (why.len == 0 || verify_letters(why, LETTER_WORDS, LETTER_WHY_MAX)) &&
			      !verify_betrays(why) && is_sealed(b, BOX_LEAST),
		      "is no reason with a sealed intent");
}

const char *verify_answer(struct span a, struct span b)
{
	(void)b;
	if (a.len == MARK_BYTES) /* words that went into a tip */
		return NULL;
	return unless(a.len >= MARK_BYTES + BOX_LEAST && is_sealed(span_from_offset(a, MARK_BYTES), BOX_LEAST),
		      "is no digest with a sealed answer");
}

static bool is_sender_parts(struct span key)
{
	static const struct span head = SPAN_INIT("{00}:parts-of:");

	return span_starts(key, head) && verify_is_hex(span_from_offset(key, head.len), 2 * MARK_BYTES);
}

const char *verify_part(struct span a, struct span b)
{
	if (span_is(a, "total"))
		return unless(is_number(b), "total is no number");
	if (span_is(a, "done"))
		return unless(b.len == 0 || verify_is_id(b), "done is no id"); /* words for us, data, a repetition: no tip */
	if (span_is(a, "prev"))
		return unless(verify_is_hex(b, 2 * MARK_BYTES), "prev is no group");
	if (span_is(a, "of"))
		return unless(is_sender_parts(b), "of is no sender's key");
	if (span_is(a, "next") || span_is(a, "late"))
		return unless(span_is(b, "1"), "is no 1");
	if (span_is(a, "note"))
		return unless(is_sealed(b, BOX_LEAST), "is no sealed note");
	return unless(is_number(a) && (b.len == DIGEST_BYTES ||
				       (b.len > DIGEST_BYTES && is_sealed(span_from_offset(b, DIGEST_BYTES), BOX_LEAST))),
		      "is no sealed part");
}

/* --- a tip's state ---------------------------------------------------------------------------------------- */

static bool is_state(struct span value)
{
	static const char *const names[] = { "queued", "claimed", "verified", "closed", "erased", "transferred" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (span_is(value, names[i]))
			return true;
	return false;
}

/* "<region> <points> <received ms> <mark, 16 bytes>" */
static bool is_base(struct span value)
{
	if (value.len < MARK_BYTES + 4 || value.at[value.len - MARK_BYTES - 1] != ' ')
		return false;
	return words(span_from(value.at, value.len - MARK_BYTES - 1), DIGITS) == 3 && value.at[6] == ' ';
}

/* "<id>" or "<id> <percent> <words>" */
static bool is_parent(struct span value)
{
	return verify_is_id(span_from(value.at, value.len < TIP_ID_LEN ? value.len : TIP_ID_LEN)) && value.len <= 64 &&
	       words(value, LOWER UPPER DIGITS "_,-") > 0;
}

static bool is_pairs(struct span value)
{
	while (value.len > 0) {
		struct span pair;

		if (!span_cut(&value, ';', &pair)) {
			pair = value;
			value = (struct span){ 0 };
		}
		if (!is_parent(pair))
			return false;
	}
	return true;
}

static bool is_numbers(struct span value)
{
	return value.len <= 64 && words(value, DIGITS) > 0 && !verify_betrays(value);
}

static bool is_clock(struct span value)
{
	return value.len <= 40 && words(value, LOWER DIGITS "-") == 3;
}

static bool is_raise(struct span value)
{
	return value.len <= 80 && words(value, LOWER DIGITS) == 5;
}

static bool is_review(struct span value)
{
	struct span times;

	return span_cut(&value, ' ', &times) && is_number(times) && (value.len == 0 || is_person(value));
}

/* "<ended ms> <outcome> <erased>" */
static bool is_end(struct span value)
{
	struct span at, outcome;

	return span_cut(&value, ' ', &at) && is_number(at) && span_cut(&value, ' ', &outcome) &&
	       verify_letters(outcome, LOWER, 16) && value.len <= 2 && is_number(value);
}

/* "<who holds it> <who asked to lift that, or ->" */
static bool is_hold(struct span value)
{
	struct span by;

	return span_cut(&value, ' ', &by) && is_person(by) && is_person(value);
}

static bool is_mark(struct span value)
{
	return value.len == MARK_BYTES;
}

const char *verify_state_field(struct span a, struct span b)
{
	static const struct {
		const char *name;
		bool (*fits)(struct span value);
	} fields[] = {
		{ "s", is_state }, { "v", is_number },	{ "b", is_base },  { "h", is_person }, { "u", is_number },
		{ "n", is_number }, { "g", is_number }, { "i", is_parent }, { "m", is_number }, { "o", is_pairs },
		{ "c", is_numbers }, { "k", is_clock }, { "l", is_raise }, { "x", is_review }, { "z", is_mark },
		{ "e", is_end }, { "y", is_hold },
	};

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (span_is(a, fields[i].name))
			return unless(fields[i].fits(b), "has a field of another shape");
	return "has a field of an unknown name";
}

/* --- retention ----------------------------------------------------------------------------------------------- */

/* Random names of sealed files, a blank between them. */
const char *verify_files(struct span a, struct span b)
{
	struct span name;

	(void)b;
	while (span_cut(&a, ' ', &name))
		if (!verify_letters(name, LOWER DIGITS, 64))
			return "holds what is no name of a file";
	return NULL;
}

const char *verify_doomed(struct span a, struct span b)
{
	return verify_is_id(a) ? verify_files(b, a) : "is of what is no id";
}

/* "<month> <region> <outcome> <part>" */
const char *verify_erased(struct span a, struct span b)
{
	struct span month, region, outcome;

	return unless(span_cut(&a, ' ', &month) && verify_letters(month, DIGITS "-", 7) && span_cut(&a, ' ', &region) &&
			      verify_is_region(region) && span_cut(&a, ' ', &outcome) && verify_letters(outcome, LOWER, 16) &&
			      verify_letters(a, LOWER, 16) && is_number(b),
		      "counts what is no part of a month, region and outcome");
}

/* --- journals ------------------------------------------------------------------------------------------------ */

static bool is_fingerprint(struct span value)
{
	struct fingerprint fingerprint;

	return fingerprint_unpack(value, &fingerprint);
}

const char *verify_entry_field(struct span a, struct span b)
{
	const char *member;

	if (span_is(a, "e"))
		return verify_event_judge(b, &member);
	if (span_is(a, "k"))
		return unless(is_fingerprint(b), "has a fingerprint that is none");
	if (span_is(a, "c"))
		return unless(b.len == SEAL_COMMITMENT_BYTES, "has a commitment of another length");
	if (span_is(a, "s"))
		return unless(is_mark(b), "has a seed of another length");
	if (span_is(a, "l"))
		return unless(is_sealed(b, BOX_LEAST), "has an example that is not sealed");
	return "has a field of an unknown name";
}

/* What a record says is looked at by the checker of money: I17. */
const char *verify_record_field(struct span a, struct span b)
{
	return unless(span_is(a, "e") && b.len > 2 && b.at[0] == '{' && b.at[b.len - 1] == '}', "is no record");
}

const char *verify_head_field(struct span a, struct span b)
{
	if (span_is(a, "seq") || span_is(a, "at"))
		return unless(is_number(b), "is no number");
	return unless(span_is(a, "hash") && verify_is_hex(b, 64), "is no hash");
}

const char *verify_idem_field(struct span a, struct span b)
{
	if (span_is(a, "seq"))
		return unless(is_number(b), "is no number");
	return unless(span_is(a, "print") && verify_is_hex(b, 64), "is no hash");
}

const char *verify_trail_field(struct span a, struct span b)
{
	const char *member;

	return span_is(a, "e") ? verify_trail_judge(b, &member) : "has a field of an unknown name";
}

/* "<before> <size> <journal> <at> <root>", and a signed note, which is text that anybody may read. */
const char *verify_batch_field(struct span a, struct span b)
{
	struct note note;

	if (span_is(a, "b"))
		return unless(b.len > 65 && words(span_from(b.at, b.len - 65), DIGITS) == 4 && b.at[b.len - 65] == ' ' &&
				      verify_is_hex(span_from_offset(b, b.len - 64), 64),
			      "has a batch that cannot be read");
	return unless(span_is(a, "n") && b.len <= 1024 && note_parse(b, &note), "has a note that is none");
}

/* "<first> <last> <digest of the file, 32 bytes>" */
const char *verify_segment(struct span a, struct span b)
{
	struct span first, last;

	(void)b;
	return unless(span_cut(&a, ' ', &first) && span_cut(&a, ' ', &last) && is_number(first) && is_number(last) &&
			      a.len == ARCHIVE_DIGEST_BYTES,
		      "names no file");
}

/* --- lists and counts ------------------------------------------------------------------------------------------ */

const char *verify_id_member(struct span a, struct span b)
{
	(void)b;
	return unless(verify_is_id(a), "holds what is no id");
}

const char *verify_region_member(struct span a, struct span b)
{
	(void)b;
	return unless(verify_is_region(a), "holds what is no region");
}

const char *verify_region_count(struct span a, struct span b)
{
	return unless(verify_is_region(a) && is_number(b), "holds what is no count of a region");
}

const char *verify_item_member(struct span a, struct span b)
{
	(void)b;
	return unless(is_item(a), "holds what is no item");
}

const char *verify_item_count(struct span a, struct span b)
{
	return unless(is_item(a) && is_number(b), "holds what is no count of an item");
}

const char *verify_mark_member(struct span a, struct span b)
{
	(void)b;
	return unless(verify_is_hex(a, 2 * MARK_BYTES), "holds what is no mark");
}

/* "holder NUL id" */
const char *verify_holder_member(struct span a, struct span b)
{
	(void)b;
	return unless(a.len > TIP_ID_LEN + 1 && a.at[a.len - TIP_ID_LEN - 1] == '\0' &&
			      verify_is_id(span_from_offset(a, a.len - TIP_ID_LEN)) &&
			      is_person(span_from(a.at, a.len - TIP_ID_LEN - 1)),
		      "holds what is no holder and id");
}

/* "region id" */
const char *verify_escalated_member(struct span a, struct span b)
{
	(void)b;
	return unless(a.len == 6 + 1 + TIP_ID_LEN && a.at[6] == ' ' && verify_is_region(span_from(a.at, 6)) &&
			      verify_is_id(span_from_offset(a, 7)),
		      "holds what is no region and id");
}

const char *verify_job_field(struct span a, struct span b)
{
	if (span_is(a, "holder"))
		return unless(verify_letters(b, LOWER UPPER DIGITS "._:-@", 80), "has a holder that is none");
	return unless((span_is(a, "until") || span_is(a, "fence") || span_is(a, "note")) && is_number(b),
		      "has a field of another shape");
}

const char *verify_one(struct span a, struct span b)
{
	(void)b;
	return unless(span_is(a, "1"), "is something else than 1");
}

const char *verify_moment(struct span a, struct span b)
{
	(void)b;
	return unless(a.len > 0 && a.len <= 17 && span_digits(a), "is no time");
}

/* "<failures> <first> <last>" */
const char *verify_failures(struct span a, struct span b)
{
	return unless(verify_is_hex(a, 2 * MARK_BYTES) && words(b, DIGITS) == 3 && b.len <= 48, "is no count of failures");
}
