/*
 * Making key pairs of persons and wrapping them anew; see person_keys.h.
 *
 * Wraps are made before the file is locked (Argon2id takes tens of
 * milliseconds) and put into what it holds then.
 */
#include "daemon/base/memory.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/password_rule.h"
#include "daemon/sys/person_keys_file.h"

#include <sodium.h>
#include <stdlib.h>

#define TOKEN_MIN 32   /* bytes; ours have 47 */

/* --- what may open ---------------------------------------------------------------- */

/* One way to open a pair: of which kind, and the secret. */
struct way {
	char by[PERSON_WRAP_BY_MAX + 1];
	struct span secret;
};

static bool way_password(struct span person, struct span password, struct way *way, struct complaint *why)
{
	*way = (struct way){ .by = PERSON_WRAP_PASSWORD, .secret = password };
	return password_rule(person, password, why);
}

static bool way_token(struct span id, struct span token, struct way *way, struct complaint *why)
{
	*way = (struct way){ .secret = token };
	if (token.len < TOKEN_MIN || !person_wrap_name(id, way->by))
		return complain(why, 0, "token: expected its id and its whole text");
	return true;
}

static bool make_wrap(struct span person, const struct person_pair *pair, const struct way *way, struct person_wrap *wrap,
		      struct complaint *why)
{
	const struct person_wrap_of of = { .person = person, .public_key = pair->public_key };

	return person_wrap_seal(&of, span_of(way->by), way->secret, pair->secret_key, wrap) ||
	       complain(why, 0, "no memory for %d KiB of password hashing", PERSON_WRAP_MEM_KIB);
}

/* --- a new pair ---------------------------------------------------------------------- */

static bool pair_draw(struct person_pair *pair, struct complaint *why)
{
	*pair = (struct person_pair){ .secret_key = sodium_init() < 0 ? NULL : sodium_malloc(PERSON_KEY_BYTES) };
	if (pair->secret_key == NULL)
		return complain(why, 0, "no guarded memory for a key; look at the limit of locked memory (ulimit -l)");
	crypto_box_keypair(pair->public_key, pair->secret_key);
	return true;
}

static bool add_row(const char *state_dir, struct span person, const struct person_pair *pair, const struct person_wrap *wrap,
		    struct complaint *why)
{
	struct person_row row = { .made_ms = clock_wall_ms() };
	struct person_change change;
	bool well = person_change_begin(&change, state_dir, why);

	if (well && person_rows_find(&change.rows, person) != NULL)
		well = complain(why, 0, "%.*s has a key pair already", (int)person.len, person.at);
	if (well) {
		memcpy(row.person, person.at, person.len);
		memcpy(row.public_key, pair->public_key, sizeof(row.public_key));
		row.wraps = memory_grow(NULL, 0, sizeof(*row.wraps));
		row.wraps[row.nwraps++] = *wrap;
		person_rows_add(&change.rows, row);
		well = person_change_write(&change, why);
	}
	person_change_end(&change);
	return well;
}

static bool make_pair(const char *state_dir, struct span person, const struct way *way, struct person_pair *out,
		      struct complaint *why)
{
	struct person_wrap wrap;

	if (!token_person_ok(person))
		return complain(why, 0, "person: expected 1 to 64 of letters, digits and ._-@");
	if (!pair_draw(out, why))
		return false;
	if (make_wrap(person, out, way, &wrap, why) && add_row(state_dir, person, out, &wrap, why))
		return true;
	person_pair_release(out);
	return false;
}

bool person_keys_make(const char *state_dir, struct span person, struct span password, struct span token_id, struct span token,
		      struct person_pair *out, struct complaint *why)
{
	struct way way;

	*out = (struct person_pair){ .secret_key = NULL };
	if (span_empty(password) == span_empty(token))
		return complain(why, 0, "a key pair is made with a password or a token, one of the two");
	if (span_empty(token) ? !way_password(person, password, &way, why) : !way_token(token_id, token, &way, why))
		return false;
	return make_pair(state_dir, person, &way, out, why);
}

/* --- one way more or less --------------------------------------------------------------- */

static bool put_wrap(struct person_row *row, const struct person_wrap *wrap, struct complaint *why)
{
	struct person_wrap *old = person_row_wrap(row, span_of(wrap->by));

	if (old != NULL) {
		*old = *wrap;
		return true;
	}
	if (row->nwraps == PERSON_WRAPS_MAX)
		return complain(why, 0, "%s has %d ways to open the key already; take away tokens that are not used", row->person,
				PERSON_WRAPS_MAX);
	row->wraps = memory_grow(row->wraps, row->nwraps, sizeof(*row->wraps));
	row->wraps[row->nwraps++] = *wrap;
	return true;
}

static bool add_wrap(const char *state_dir, struct span person, const struct person_pair *pair, const struct way *way,
		     struct complaint *why)
{
	struct person_change change;
	struct person_wrap wrap;
	struct person_row *row;
	bool well;

	if (!make_wrap(person, pair, way, &wrap, why))
		return false;
	well = person_change_begin(&change, state_dir, why);
	row = well ? person_rows_find(&change.rows, person) : NULL;
	if (well && (row == NULL || memcmp(row->public_key, pair->public_key, sizeof(row->public_key)) != 0))
		well = complain(why, 0, "%.*s has another key pair, or none", (int)person.len, person.at);
	well = well && put_wrap(row, &wrap, why) && person_change_write(&change, why);
	person_change_end(&change);
	return well;
}

bool person_keys_wrap_password(const char *state_dir, struct span person, const struct person_pair *pair, struct span password,
			       struct complaint *why)
{
	struct way way;

	return way_password(person, password, &way, why) && add_wrap(state_dir, person, pair, &way, why);
}

bool person_keys_wrap_token(const char *state_dir, struct span person, const struct person_pair *pair, struct span token_id,
			    struct span token, struct complaint *why)
{
	struct way way;

	return way_token(token_id, token, &way, why) && add_wrap(state_dir, person, pair, &way, why);
}

/* The last one takes its place. */
static bool drop_wrap(struct person_row *row, struct span by)
{
	struct person_wrap *wrap = person_row_wrap(row, by);

	if (wrap == NULL)
		return false;
	*wrap = row->wraps[--row->nwraps];
	return true;
}

bool person_keys_unwrap(const char *state_dir, struct span person, struct span by, struct complaint *why)
{
	struct person_change change;
	bool well = person_change_begin(&change, state_dir, why);
	struct person_row *row = well ? person_rows_find(&change.rows, person) : NULL;

	if (row != NULL && drop_wrap(row, by))
		well = person_change_write(&change, why);
	person_change_end(&change);
	return well;
}

bool person_keys_drop(const char *state_dir, struct span person, struct complaint *why)
{
	struct person_change change;
	bool well = person_change_begin(&change, state_dir, why);
	struct person_row *row = well ? person_rows_find(&change.rows, person) : NULL;

	if (row != NULL) {
		person_rows_drop(&change.rows, row);
		well = person_change_write(&change, why);
	}
	person_change_end(&change);
	return well;
}
