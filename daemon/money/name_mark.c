/*
 * Marks of names; see name_mark.h.
 */
#include "daemon/money/name_mark.h"

#include <sodium.h>
#include <string.h>

void name_mark(const char *use, struct span name, unsigned char mark[MARK_BYTES])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, MARK_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)use, strlen(use) + 1);
	crypto_generichash_update(&state, (const unsigned char *)name.at, name.len);
	crypto_generichash_final(&state, mark, MARK_BYTES);
}
