/*
 * Payees; see payee.h. Clear form: {"token":..,"account":..,"name":..,"pad":..},
 * padded to a multiple of PAD so that its length tells little.
 */
#include "handlers/payout/payee.h"

#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"

#include <assert.h>

#define LABEL "payee"
#define PAD 128

void payee_key(const struct seal_key *courier, struct seal_key *out)
{
	seal_derive(courier, "payees of the vault", (struct span){ 0 }, out);
}

void payee_seal(const struct seal_key *key, struct span token, const struct payee *payee, struct buf *out)
{
	struct buf clear = { 0 };
	struct json_out json = json_out_to(&clear);

	assert(payee->account.len <= PAYEE_ACCOUNT_MAX && payee->name.len <= PAYEE_NAME_MAX);
	json_open(&json, '{');
	json_text(&json, "token", token);
	json_text(&json, "account", payee->account);
	json_text(&json, "name", payee->name);
	json_close(&json, '}');
	while (clear.len % PAD != 0)
		buf_add_text(&clear, " ");
	seal_blob(key, LABEL, buf_span(&clear), out);
	buf_release(&clear);
}

bool payee_open(const struct seal_key *key, struct span token, struct span sealed, struct arena *arena,
		struct payee *out)
{
	struct json_object *object = arena_new(arena, struct json_object);
	struct complaint why;
	struct span clear;

	if (!seal_open_blob(key, LABEL, sealed, arena, &clear) || !json_object_read(clear, arena, object, &why))
		return false;
	*out = (struct payee){ .account = json_member_text(object, "account"), .name = json_member_text(object, "name") };
	return span_eq(json_member_text(object, "token"), token);
}
