/*
 * Blind leaves; see leaf.h. Their fields and openings are in leaf_opening.c.
 */
#include "daemon/tlog/leaf.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/hex.h"
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

static void add_log(crypto_generichash_state *state, struct span log)
{
	assert(log.len > 0 && log.len <= LEAF_LOG_MAX && memchr(log.at, '\0', log.len) == NULL);
	add_text(state, log);
}

void leaf_salt(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_place *place,
	       unsigned char salt[LEAF_SALT_BYTES])
{
	crypto_generichash_state state;

	start(&state, log_secret, LEAF_SALT_BYTES, "tipline leaf salt v1");
	add_log(&state, place->log);
	add_number(&state, place->number);
	finish(&state, salt, LEAF_SALT_BYTES);
}

void leaf_seed_of_tip(const struct receipt_code *code, unsigned char seed[LEAF_SEED_BYTES])
{
	crypto_generichash_state state;

	start(&state, NULL, LEAF_SEED_BYTES, "tipline leaf tip v1");
	crypto_generichash_update(&state, (const unsigned char *)code->digits, RECEIPT_DIGITS);
	finish(&state, seed, LEAF_SEED_BYTES);
}

void leaf_seed_of_event(const unsigned char week_key[LEAF_KEY_BYTES], const struct leaf_place *place,
			unsigned char seed[LEAF_SEED_BYTES])
{
	crypto_generichash_state state;

	start(&state, week_key, LEAF_SEED_BYTES, "tipline leaf event v1");
	add_log(&state, place->log);
	add_number(&state, place->number);
	finish(&state, seed, LEAF_SEED_BYTES);
}

/* Bytes that only the week's key leads to, as lower-case digits. */
static struct span keyed(const unsigned char *week_key, const char *context, const unsigned char *salt, struct span bytes,
			 size_t len, struct arena *arena)
{
	unsigned char mark[LEAF_VALUE_MAX / 2];
	crypto_generichash_state state;

	assert(len <= sizeof(mark));
	start(&state, week_key, len, context);
	crypto_generichash_update(&state, salt, LEAF_SALT_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)bytes.at, bytes.len);
	finish(&state, mark, len);
	return span_from(hex_text(arena, mark, len), 2 * len);
}

struct span leaf_entry(const unsigned char week_key[LEAF_KEY_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
		       struct span entry, struct arena *arena)
{
	return keyed(week_key, "tipline leaf entry v1", salt, entry, 32, arena);
}

struct span leaf_actor(const unsigned char week_key[LEAF_KEY_BYTES], const unsigned char salt[LEAF_SALT_BYTES],
		       struct span actor, struct arena *arena)
{
	if (actor.len == 0)
		return (struct span){ 0 };
	return keyed(week_key, "tipline leaf actor v1", salt, actor, 16, arena);
}

static void make_id(const unsigned char *seed, const unsigned char *salt, unsigned char id[LEAF_ID_BYTES])
{
	crypto_generichash(id, LEAF_ID_BYTES, salt, LEAF_SALT_BYTES, seed, LEAF_SEED_BYTES);
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
	assert(input->class >= LEAF_RECEIVED && input->class < LEAF_CLASSES_END && input->day <= LEAF_DAY_MAX);
	bytes[0] = LEAF_VERSION;
	bytes[AT_CLASS] = (unsigned char)input->class;
	bytes[AT_DAY] = (unsigned char)(input->day >> 8);
	bytes[AT_DAY + 1] = (unsigned char)input->day;
	memcpy(bytes + AT_SALT, input->salt, LEAF_SALT_BYTES);
	make_id(input->seed, input->salt, bytes + AT_ID);
	leaf_commit(input->seed, input->salt, input->values, bytes + AT_COMMITMENT);
}

/* --- dummies ------------------------------------------------------------------------------------------ */

const struct leaf_values leaf_dummy_values = { .at = { [LEAF_EVENT] = SPAN_INIT("dummy") } };

static void draw(const unsigned char *log_secret, const char *context, const struct leaf_batch *batch, size_t place,
		 unsigned char *out, size_t len)
{
	crypto_generichash_state state;

	start(&state, log_secret, len, context);
	add_log(&state, batch->log);
	add_number(&state, batch->before);
	add_number(&state, place);
	finish(&state, out, len);
}

void leaf_dummy_seed(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_batch *batch, size_t place,
		     unsigned char seed[LEAF_SEED_BYTES])
{
	draw(log_secret, "tipline leaf dummy v1", batch, place, seed, LEAF_SEED_BYTES);
}

static size_t draw_number(const unsigned char *log_secret, const char *context, const struct leaf_batch *batch, size_t place,
			  size_t of)
{
	unsigned char drawn[16];

	assert(of > 0);
	draw(log_secret, context, batch, place, drawn, sizeof(drawn));
	return line_get_u64(drawn) % of;
}

size_t leaf_dummy_draw(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_batch *batch, size_t place, size_t of)
{
	return draw_number(log_secret, "tipline leaf dummy day v1", batch, place, of);
}

void leaf_dummy(const unsigned char log_secret[LEAF_KEY_BYTES], const struct leaf_batch *batch, size_t place,
		unsigned char bytes[LEAF_BYTES])
{
	unsigned char salt[LEAF_SALT_BYTES], seed[LEAF_SEED_BYTES];
	size_t class = draw_number(log_secret, "tipline leaf dummy class v1", batch, place, LEAF_CLASSES_END - LEAF_RECEIVED);

	draw(log_secret, "tipline leaf dummy salt v1", batch, place, salt, sizeof(salt));
	leaf_dummy_seed(log_secret, batch, place, seed);
	leaf_make(&(struct leaf_input){ .class = LEAF_RECEIVED + (enum leaf_class)class, .day = batch->day, .salt = salt,
					.seed = seed, .values = &leaf_dummy_values }, bytes);
	wipe(seed, sizeof(seed));
}

/* --- reading ----------------------------------------------------------------------------------------------- */

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

bool leaf_is_of(const struct leaf *leaf, const unsigned char seed[LEAF_SEED_BYTES])
{
	unsigned char id[LEAF_ID_BYTES];

	make_id(seed, leaf->salt, id);
	return sodium_memcmp(id, leaf->id, sizeof(id)) == 0;
}

bool leaf_opens(const struct leaf *leaf, const struct leaf_opening *opening)
{
	return sodium_memcmp(opening->commitment, leaf->commitment, LEAF_COMMITMENT_BYTES) == 0;
}
