/*
 * From the JSON body of a staff call to a command of the book. Pure.
 *
 * Names and types of the members are those of the command table
 * (book_command_kinds()); the book itself checks the values. Amounts, numbers
 * and times may be JSON numbers or texts of decimal digits, always whole fen
 * and milliseconds; "yes" is a boolean; a list is an array of texts; a
 * document is a text or an object.
 */
#ifndef TIPLINE_HANDLERS_REWARD_CALL_H
#define TIPLINE_HANDLERS_REWARD_CALL_H

#include "daemon/base/json_in.h"
#include "daemon/money/book.h"
#include "handlers/answer.h"
#include "handlers/endpoint.h"

/* The kind "prefix.action" that staff may give, or NULL. */
const struct book_command_kind *call_kind(const char *prefix, struct span action);

/*
 * Fills kind and fields; spans point into the body or the arena. `subject`
 * (may be NULL) names the member that is the command's subject. `hidden` (may
 * be NULL) is a field that is not taken from outside. False: *problem.
 */
struct call_form {
	const struct book_command_kind *kind;
	const char *subject, *hidden;
};
bool call_read(const struct call_form *form, const struct json_object *body, struct arena *arena,
	       struct book_command *command, struct problem *problem);

/* Whether it may name a request from outside: 1 to 64 of 0-9 A-Z a-z . _ -; those with a colon are our own. */
bool call_key_ok(struct span key);

/* money_role bits of a token's roles. */
unsigned call_roles(unsigned who);

/*
 * Person, account and roles. The account is the name on the token; which person
 * that is stands in the register of staff (`book` may be NULL: nobody is known).
 */
void call_actor(const struct staff *staff_token, const struct book *book, int64_t now_ms, struct arena *arena,
		struct book_command *command);

#endif
