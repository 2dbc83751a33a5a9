/*
 * Blind leaves; see leaf.h. Openings are in leaf_opening.c.
 */
#include "daemon/tlog/leaf.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/wipe.h"
#include "daemon/tlog/line.h"

#include <assert.h>
#include <sodium.h>

#define DAY_MS INT64_C(86400000)
#define AHEAD_MS (CIVIL_BEIJING_MINUTES * INT64_C(60000))

enum {
	AT_CLASS = 1,
	AT_DAY = 2,
	AT_SALT = 4,
	AT_ID = AT_SALT + LEAF_SALT_BYTES,
	AT_COMMITMENT = AT_ID + LEAF_ID_BYTES,
};

_Static_assert(AT_COMMITMENT + LEAF_COMMITMENT_BYTES == LEAF_BYTES, "the fields fill the leaf");

/* --- what follows from secrets ------------------------------------------------------------------- */

static void add_text(crypto_generichash_state *state, struct span text)
{
	crypto_generichash_update(state, (const unsigned char *)text.at, text.len);
	crypto_generichash_update(state, (const unsigned char *)"", 1);
}

static void add_number(crypto_generichash_state *state, uint64_t number)
{
	unsigned char bytes[8];

	line_put_u64(bytes, number);
	crypto_generichash_update(state, bytes, sizeof(bytes));
}

/* Starts a hash of `len` bytes under a key (NULL: none) and a context. */
static void start(crypto_generichash_state *state, const unsigned char *key, size_t len, const char *context)
{
	crypto_generichash_init(state, key, key != NULL ? LEAF_KEY_BYTES : 0, len);
	add_text(state, span_of(context));
}

static void finish(crypto_generichash_state *state, unsigned char *out, size_t len)
{
	crypto_generichash_final(state, out, len);
	wipe(state, sizeof(*state));
}

static void add_shard(crypto_generichash_state *state, struct span shard)
{
	assert(shard.len > 0 && shard.len <= LEAF_SHARD_MAX && memchr(shard.at, '\0', shard.len) == NULL);
	add_text(state, shard);
}

void leaf_salt(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_place *place,
	       unsigned char salt[LEAF_SALT_BYTES])
{
	crypto_generichash_state state;

	start(&state, log_secret, LEAF_SALT_BYTES, "tipline leaf salt v1");
	add_shard(&state, place->shard);
	add_number(&state, place->number);
	finish(&state, salt, LEAF_SALT_BYTES);
}

void leaf_seed_of_tip(const struct receipt_code *code, unsigned char seed[LEAF_KEY_BYTES])
{
	crypto_generichash_state state;

	start(&state, NULL, LEAF_KEY_BYTES, "tipline leaf tip v1");
	crypto_generichash_update(&state, (const unsigned char *)code->digits, RECEIPT_DIGITS);
	finish(&state, seed, LEAF_KEY_BYTES);
}

void leaf_seed_of_event(const unsigned char week_key[LEAF_KEY_BYTES], const struct leaf_place *place,
			unsigned char seed[LEAF_KEY_BYTES])
{
	crypto_generichash_state state;

	start(&state, week_key, LEAF_KEY_BYTES, "tipline leaf event v1");
	add_shard(&state, place->shard);
	add_number(&state, place->number);
	finish(&state, seed, LEAF_KEY_BYTES);
}

void leaf_blinding(const unsigned char seed[LEAF_KEY_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
		   unsigned char blinding[LEAF_KEY_BYTES])
{
	crypto_generichash_state state;

	start(&state, seed, LEAF_KEY_BYTES, "tipline leaf blinding v1");
	crypto_generichash_update(&state, salt, LEAF_SALT_BYTES);
	finish(&state, blinding, LEAF_KEY_BYTES);
}

static void make_id(const unsigned char *seed, const unsigned char *salt, unsigned char id[LEAF_ID_BYTES])
{
	crypto_generichash(id, LEAF_ID_BYTES, salt, LEAF_SALT_BYTES, seed, LEAF_KEY_BYTES);
}

static void commit(const unsigned char *blinding, struct span opening, unsigned char out[LEAF_COMMITMENT_BYTES])
{
	crypto_generichash(out, LEAF_COMMITMENT_BYTES, (const unsigned char *)opening.at, opening.len, blinding,
			   LEAF_KEY_BYTES);
}

/* --- leaves ------------------------------------------------------------------------------------------ */

unsigned leaf_day(int64_t unix_ms)
{
	int64_t day = (unix_ms + AHEAD_MS) / DAY_MS;

	assert(unix_ms >= 0 && day <= LEAF_DAY_MAX);
	return (unsigned)day;
}

void leaf_make(const struct leaf_input *input, unsigned char bytes[LEAF_BYTES])
{
	unsigned char blinding[LEAF_KEY_BYTES];

	assert(input->class >= LEAF_RECEIVED && input->class < LEAF_CLASSES_END && input->day <= LEAF_DAY_MAX);
	bytes[0] = LEAF_VERSION;
	bytes[AT_CLASS] = (unsigned char)input->class;
	bytes[AT_DAY] = (unsigned char)(input->day >> 8);
	bytes[AT_DAY + 1] = (unsigned char)input->day;
	memcpy(bytes + AT_SALT, input->salt, LEAF_SALT_BYTES);
	make_id(input->seed, input->salt, bytes + AT_ID);
	leaf_blinding(input->seed, input->salt, blinding);
	commit(blinding, input->opening, bytes + AT_COMMITMENT);
	wipe(blinding, sizeof(blinding));
}

size_t leaf_dummies(size_t events)
{
	return (LEAF_BATCH - events % LEAF_BATCH) % LEAF_BATCH;
}

/* All of a dummy that is drawn: its class, its salt and its seed. */
struct dummy {
	enum leaf_class class;
	unsigned char salt[LEAF_SALT_BYTES];
	unsigned char seed[LEAF_KEY_BYTES];
};

static void draw(const unsigned char *log_secret, const char *context, const struct leaf_batch *batch, size_t place,
		 unsigned char *out, size_t len)
{
	crypto_generichash_state state;

	start(&state, log_secret, len, context);
	add_shard(&state, batch->shard);
	add_number(&state, batch->before);
	add_number(&state, place);
	finish(&state, out, len);
}

static void draw_dummy(const unsigned char *log_secret, const struct leaf_batch *batch, size_t place, struct dummy *dummy)
{
	unsigned char class[16];

	draw(log_secret, "tipline leaf dummy class v1", batch, place, class, sizeof(class));
	draw(log_secret, "tipline leaf dummy salt v1", batch, place, dummy->salt, sizeof(dummy->salt));
	draw(log_secret, "tipline leaf dummy v1", batch, place, dummy->seed, sizeof(dummy->seed));
	dummy->class = LEAF_RECEIVED + (enum leaf_class)(line_get_u64(class) % (LEAF_CLASSES_END - LEAF_RECEIVED));
}

static void add_dummy_opening(const struct leaf_batch *batch, size_t place, struct buf *opening)
{
	char value[48];
	struct buf text = { 0 };
	struct leaf_field field = { .name = SPAN("dummy") };
	bool well;

	buf_add_u64(&text, batch->before);
	buf_add_byte(&text, ' ');
	buf_add_u64(&text, place);
	assert(text.len < sizeof(value));
	memcpy(value, text.at, text.len);
	field.value = span_from(value, text.len);
	buf_release(&text);
	well = leaf_opening_write(&field, 1, opening);
	assert(well);
	(void)well;
}

void leaf_dummy(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_batch *batch, size_t place,
		unsigned char bytes[LEAF_BYTES])
{
	struct dummy dummy;
	struct buf opening = { 0 };

	draw_dummy(log_secret, batch, place, &dummy);
	add_dummy_opening(batch, place, &opening);
	leaf_make(&(struct leaf_input){ .class = dummy.class, .day = batch->day, .salt = dummy.salt, .seed = dummy.seed,
					.opening = buf_span(&opening) }, bytes);
	buf_release(&opening);
	wipe(&dummy, sizeof(dummy));
}

void leaf_dummy_opening(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_batch *batch, size_t place,
			unsigned char blinding[LEAF_KEY_BYTES], struct buf *opening)
{
	struct dummy dummy;

	draw_dummy(log_secret, batch, place, &dummy);
	leaf_blinding(dummy.seed, dummy.salt, blinding);
	add_dummy_opening(batch, place, opening);
	wipe(&dummy, sizeof(dummy));
}

int leaf_order(const unsigned char a[LEAF_BYTES], const unsigned char b[LEAF_BYTES])
{
	return memcmp(a + AT_SALT, b + AT_SALT, LEAF_SALT_BYTES);
}

bool leaf_parse(struct span bytes, struct leaf *leaf)
{
	const unsigned char *at = (const unsigned char *)bytes.at;

	if (bytes.len != LEAF_BYTES || at[0] != LEAF_VERSION || at[AT_CLASS] < LEAF_RECEIVED ||
	    at[AT_CLASS] >= LEAF_CLASSES_END)
		return false;
	leaf->class = (enum leaf_class)at[AT_CLASS];
	leaf->day = (unsigned)at[AT_DAY] << 8 | at[AT_DAY + 1];
	memcpy(leaf->salt, at + AT_SALT, LEAF_SALT_BYTES);
	memcpy(leaf->id, at + AT_ID, LEAF_ID_BYTES);
	memcpy(leaf->commitment, at + AT_COMMITMENT, LEAF_COMMITMENT_BYTES);
	return true;
}

bool leaf_is_of(const struct leaf *leaf, const unsigned char seed[LEAF_KEY_BYTES])
{
	unsigned char id[LEAF_ID_BYTES];

	make_id(seed, leaf->salt, id);
	return sodium_memcmp(id, leaf->id, sizeof(id)) == 0;
}

bool leaf_opens(const struct leaf *leaf, const unsigned char blinding[LEAF_KEY_BYTES], struct span opening)
{
	unsigned char commitment[LEAF_COMMITMENT_BYTES];

	commit(blinding, opening, commitment);
	return sodium_memcmp(commitment, leaf->commitment, sizeof(commitment)) == 0;
}
