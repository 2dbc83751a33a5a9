/*
 * reward.panel over HTTP: a claim for one who lost the code, or for an heir, by
 * two officers with papers. Pure, but for the keys.
 *
 *   {"cause":"heir","document":SHA-256 of the papers,"rail":"bank",
 *    "payee":{"account":"...","name":"..."}}
 *
 * Each officer types where the money goes, by himself, from the papers. It is
 * sealed into the vault and the journal gets its token, which is the same when
 * both typed the same, and only then is it the same act. No cash: the word of a
 * voucher is shown to whoever holds the code.
 */
#ifndef TIPLINE_HANDLERS_REWARD_PANEL_H
#define TIPLINE_HANDLERS_REWARD_PANEL_H

#include "daemon/base/json_in.h"
#include "daemon/store/store.h"
#include "handlers/answer.h"
#include "handlers/app.h"
#include "handlers/reward/office.h"

struct panel {
	char payee[OFFICE_TOKEN_MAX];     /* token of the vault */
	struct span sealed;               /* in the arena */
};

/*
 * Reads the body into the command, whose subject, key and actor are set, and
 * what goes into the vault first. Asks the book whether it would take it, so
 * that nothing is sealed for who may not. False: *problem.
 */
bool panel_read(const struct app *app, struct span body, const struct json_object *object, struct arena *arena,
		struct book_command *command, struct panel *out, struct problem *problem);

#endif
