/*
 * The halves of the key that opens identities; see unseal_half.h.
 */
#include "handlers/bureau/unseal_half.h"

#include "daemon/base/wipe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/key_vault.h"
#include "daemon/sys/keyrings.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "daemon/sys/share_waits.h"

struct share_waits *unseal_waits(const struct app *app)
{
	struct share_waits *waits = keyrings_waits(app->keyrings);

	share_waits_sweep(waits, clock_steady_ms());
	return waits;
}

/* As unseal_half_of(), with the half itself, and whose key pair opened it. */
static unsigned own_half(const struct app *app, const struct staff *staff, unsigned char share[KEY_VAULT_SHARE_BYTES], struct span *owner)
{
	const struct person_pair *pair = keyrings_pair(app->keyrings, staff->keyring, owner);
	struct complaint why = { .text = "" };
	unsigned half = 0;

	if (pair != NULL)
		half = key_vault_open(keyrings_dir(app->keyrings), span_of(staff->person), pair, share, &why);
	if (why.text[0] != '\0')
		log_rarely(LOG_LEVEL_ERROR, "keys.box_unreadable", why.text);
	return half;
}

unsigned unseal_half_of(const struct app *app, const struct staff *staff)
{
	unsigned char share[KEY_VAULT_SHARE_BYTES];
	struct span owner;
	unsigned half = own_half(app, staff, share, &owner);

	wipe(share, sizeof(share));
	return half;
}

bool unseal_half_wait(const struct app *app, const struct staff *staff, const struct tip_id *id, unsigned half, unsigned wait_s)
{
	unsigned char share[KEY_VAULT_SHARE_BYTES];
	struct share_bringer by = { .person = span_of(staff->person) };
	bool kept = false;

	by.half = own_half(app, staff, share, &by.owner);
	if (by.half == half && share_waits_look(unseal_waits(app), id, by.person, by.half) == SHARE_NONE)
		kept = share_waits_put(keyrings_waits(app->keyrings), id, &by, share, clock_steady_ms() + wait_s * 1000ull);
	wipe(share, sizeof(share));
	return kept;
}

/* Whether the first one's half is still theirs. */
static bool first_may(const struct app *app, unsigned half, const char *first)
{
	struct key_box boxes[KEY_VAULT_HALVES];
	struct complaint why = { .text = "" };
	enum key_vault_state state;
	bool may = key_vault_read(keyrings_dir(app->keyrings), boxes, &state, &why) &&
		   key_box_row_of(&boxes[2 - half], span_of(first)) != NULL;

	for (size_t i = 0; i < KEY_VAULT_HALVES; i++)
		key_box_release(&boxes[i]);
	return may;
}

bool unseal_halves_join(const struct app *app, const struct staff *staff, const struct tip_id *id, unsigned half, const char *first,
			unsigned char secret_key[32])
{
	struct share_waits *waits = unseal_waits(app);
	unsigned char own[KEY_VAULT_SHARE_BYTES], other[KEY_VAULT_SHARE_BYTES];
	const char *waiting = share_waits_person(waits, id);
	struct span owner;
	bool well = waiting != NULL && strcmp(waiting, first) == 0 && own_half(app, staff, own, &owner) == half &&
		    share_waits_look(waits, id, span_of(staff->person), half) == SHARE_OTHER_HALF;

	if (well && !first_may(app, half, first)) {
		(void)share_waits_withdraw(waits, id, span_of(first));
		well = false;
	}
	well = well && share_waits_take(waits, id, span_of(staff->person), half, other) &&
	       key_vault_join(own, other, keys_identity_public(app->keys), secret_key);

	wipe(own, sizeof(own));
	wipe(other, sizeof(other));
	return well;
}
