/*
 * What a leaf commits to, field by field, and openings of some of them; see leaf.h.
 */
#include "daemon/tlog/leaf.h"

#include "daemon/base/base64.h"
#include "daemon/base/wipe.h"
#include "daemon/tlog/line.h"

#include <assert.h>
#include <sodium.h>

/* closed(i) and rest(i) */
struct hash {
	unsigned char bytes[LEAF_COMMITMENT_BYTES];
};

static const struct span names[LEAF_FIELDS] = {
	[LEAF_EVENT] = SPAN_INIT("event"),
	[LEAF_OUTCOME] = SPAN_INIT("outcome"),
	[LEAF_PROVINCE] = SPAN_INIT("province"),
	[LEAF_PREFECTURE] = SPAN_INIT("prefecture"),
	[LEAF_COUNTY] = SPAN_INIT("county"),
	[LEAF_WAITED] = SPAN_INIT("waited"),
	[LEAF_AMOUNT] = SPAN_INIT("amount"),
	[LEAF_ENTRY] = SPAN_INIT("entry"),
	[LEAF_ACTOR] = SPAN_INIT("actor"),
};

struct span leaf_field_name(enum leaf_field field)
{
	assert(field < LEAF_FIELDS);
	return names[field];
}

bool leaf_value_valid(struct span value)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-'))
			return false;
	}
	return value.len <= LEAF_VALUE_MAX;
}

/* --- hashes --------------------------------------------------------------------------------------- */

static void add_text(crypto_generichash_state *state, struct span text)
{
	crypto_generichash_update(state, (const unsigned char *)text.at, text.len);
	crypto_generichash_update(state, (const unsigned char *)"", 1);
}

void leaf_blinding(const unsigned char seed[LEAF_SEED_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
		   enum leaf_field field, unsigned char blinding[LEAF_BLINDING_BYTES])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, seed, LEAF_SEED_BYTES, LEAF_BLINDING_BYTES);
	add_text(&state, SPAN("tipline leaf blinding v1"));
	crypto_generichash_update(&state, salt, LEAF_SALT_BYTES);
	add_text(&state, leaf_field_name(field));
	crypto_generichash_final(&state, blinding, LEAF_BLINDING_BYTES);
	wipe(&state, sizeof(state));
}

static void close_field(const unsigned char *blinding, struct span value, struct hash *closed)
{
	crypto_generichash(closed->bytes, sizeof(closed->bytes), (const unsigned char *)value.at, value.len, blinding,
			   LEAF_BLINDING_BYTES);
}

/* rest[from] from the fields on from `from` and rest[to]. */
static void fold(const struct hash *closed, size_t from, size_t to, struct hash *rest)
{
	for (size_t i = to; i-- > from;) {
		crypto_generichash_state state;

		crypto_generichash_init(&state, NULL, 0, sizeof(rest[i].bytes));
		add_text(&state, SPAN("tipline leaf rest v1"));
		add_text(&state, names[i]);
		crypto_generichash_update(&state, closed[i].bytes, sizeof(closed[i].bytes));
		crypto_generichash_update(&state, rest[i + 1].bytes, sizeof(rest[i + 1].bytes));
		crypto_generichash_final(&state, rest[i].bytes, sizeof(rest[i].bytes));
	}
}

static void close_all(const unsigned char *seed, const unsigned char *salt, const struct leaf_values *values,
		      struct hash closed[LEAF_FIELDS], struct hash rest[LEAF_FIELDS + 1])
{
	unsigned char blinding[LEAF_BLINDING_BYTES];

	for (size_t i = 0; i < LEAF_FIELDS; i++) {
		assert(leaf_value_valid(values->at[i]));
		leaf_blinding(seed, salt, (enum leaf_field)i, blinding);
		close_field(blinding, values->at[i], &closed[i]);
	}
	wipe(blinding, sizeof(blinding));
	rest[LEAF_FIELDS] = (struct hash){ { 0 } };
	fold(closed, 0, LEAF_FIELDS, rest);
}

void leaf_commit(const unsigned char seed[LEAF_SEED_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
		 const struct leaf_values *values, unsigned char commitment[LEAF_COMMITMENT_BYTES])
{
	struct hash closed[LEAF_FIELDS], rest[LEAF_FIELDS + 1];

	close_all(seed, salt, values, closed, rest);
	memcpy(commitment, rest[0].bytes, LEAF_COMMITMENT_BYTES);
}

/* --- writing ---------------------------------------------------------------------------------------- */

static void add_open(const unsigned char *seed, const unsigned char *salt, enum leaf_field field, struct span value,
		     struct buf *out)
{
	unsigned char blinding[LEAF_BLINDING_BYTES];

	leaf_blinding(seed, salt, field, blinding);
	buf_add_span(out, names[field]);
	buf_add_byte(out, '=');
	buf_add_span(out, value);
	buf_add_byte(out, ':');
	base64_add(out, blinding, sizeof(blinding));
}

static void add_closed(struct span name, const struct hash *hash, struct buf *out)
{
	buf_add_span(out, name);
	buf_add_byte(out, ':');
	base64_add(out, hash->bytes, sizeof(hash->bytes));
}

void leaf_opening_write(const unsigned char seed[LEAF_SEED_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
			const struct leaf_values *values, unsigned open, struct buf *out)
{
	struct hash closed[LEAF_FIELDS], rest[LEAF_FIELDS + 1];

	assert((open & ~LEAF_OPEN_ALL) == 0);
	close_all(seed, salt, values, closed, rest);
	for (unsigned i = 0; i < LEAF_FIELDS; i++) {
		if (i > 0)
			buf_add_byte(out, ' ');
		if (open >> i == 0) {
			add_closed(SPAN("*"), &rest[i], out);
			return;
		}
		if (open & LEAF_OPEN(i))
			add_open(seed, salt, (enum leaf_field)i, values->at[i], out);
		else
			add_closed(names[i], &closed[i], out);
	}
}

/* --- reading -------------------------------------------------------------------------------------------- */

static bool exactly(struct span text, void *bytes, size_t wanted)
{
	size_t len;

	return line_base64(text, bytes, wanted, &len) && len == wanted;
}

/* "=VALUE:BLINDING" or ":CLOSED", what stands behind the name. */
static bool read_field(struct span text, enum leaf_field field, struct leaf_opening *opening, struct hash *closed)
{
	unsigned char blinding[LEAF_BLINDING_BYTES];
	struct span value;

	if (text.len > 0 && text.at[0] == ':')
		return exactly(span_from_offset(text, 1), closed->bytes, sizeof(closed->bytes));
	if (text.len == 0 || text.at[0] != '=')
		return false;
	text = span_from_offset(text, 1);
	value = span_from(text.at, span_find(text, SPAN(":")));
	if (!leaf_value_valid(value) || !exactly(span_from_offset(text, value.len + 1), blinding, sizeof(blinding)))
		return false;
	close_field(blinding, value, closed);
	opening->open |= LEAF_OPEN(field);
	opening->values.at[field] = value;
	return true;
}

/* Reads up to the first field that is not named; `n` of them are. */
static bool read_fields(struct span rest, struct leaf_opening *opening, struct hash *closed, struct hash *end, size_t *n)
{
	struct span part;

	for (*n = 0; span_cut(&rest, ' ', &part); (*n)++) {
		if (span_starts(part, SPAN("*:")))
			return rest.at == NULL && *n < LEAF_FIELDS && exactly(span_from_offset(part, 2), end->bytes, sizeof(end->bytes));
		if (*n == LEAF_FIELDS || !span_starts(part, names[*n]) ||
		    !read_field(span_from_offset(part, names[*n].len), (enum leaf_field)*n, opening, &closed[*n]))
			return false;
	}
	*end = (struct hash){ { 0 } };
	return *n == LEAF_FIELDS;
}

bool leaf_opening_read(struct span text, struct leaf_opening *opening)
{
	struct hash closed[LEAF_FIELDS], rest[LEAF_FIELDS + 1];
	size_t n;

	*opening = (struct leaf_opening){ 0 };
	if (text.len > LEAF_OPENING_MAX || !read_fields(text, opening, closed, &rest[0], &n))
		return false;
	/* Closed fields at the end are one rest. */
	if (n > 0 && !(opening->open & LEAF_OPEN(n - 1)))
		return false;
	rest[n] = rest[0];
	fold(closed, 0, n, rest);
	memcpy(opening->commitment, rest[0].bytes, LEAF_COMMITMENT_BYTES);
	return true;
}
