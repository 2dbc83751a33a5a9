/*
 * The book: deciding on a command, taking the next record in; see book.h.
 *
 * A record is taken in only when deciding on its own command, at its time, on
 * the book as it is, gives the very same record.
 */
#include "daemon/money/book.h"

#include "daemon/base/memory.h"
#include "daemon/money/book_state.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* --- life ------------------------------------------------------------------------------ */

struct book *book_new(const unsigned char instruction_key[32], uint64_t seed)
{
	struct book *book = memory_zeroes(1, sizeof(*book));
	struct mark_map *maps[] = { &book->by_key, &book->by_case, &book->by_claimant, &book->by_instruction,
				    &book->nonces, &book->lines, &book->by_reference, &book->debits };

	memcpy(book->instruction_key, instruction_key, sizeof(book->instruction_key));
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		mark_map_init(maps[i], seed);
	book->ledger = ledger_new(seed);
	return book;
}

static void free_lists(struct book *book)
{
	struct list *lists[] = { &book->keys, &book->dossiers, &book->due, &book->waiting, &book->cases,
				 &book->fiscals, &book->reserves, &book->votes, &book->drafts, &book->rails,
				 &book->by_hand, &book->statements, &book->breaks, &book->bank_entries,
				 &book->unmatched, &book->adopted };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		free(lists[i]->at);
}

void book_free(struct book *book)
{
	struct draft *drafts;

	if (book == NULL)
		return;
	drafts = book->drafts.at;
	for (size_t i = 0; i < book->drafts.n; i++)
		policy_free(drafts[i].policy);
	for (size_t i = 0; i < book->dossiers.n; i++) {
		free(dossier_at(book, i)->attempts);
		free(dossier_at(book, i));
	}
	for (size_t i = 0; i < book->cases.n; i++)
		free(((struct book_case **)book->cases.at)[i]);
	mark_map_release(&book->by_key);
	mark_map_release(&book->by_case);
	mark_map_release(&book->by_claimant);
	mark_map_release(&book->by_instruction);
	mark_map_release(&book->nonces);
	mark_map_release(&book->lines);
	mark_map_release(&book->by_reference);
	mark_map_release(&book->debits);
	statements_free(book);
	free_lists(book);
	staff_free(&book->staff);
	ledger_free(book->ledger);
	arena_release(&book->store);
	sodium_memzero(book->instruction_key, sizeof(book->instruction_key));
	free(book);
}

/* --- deciding ---------------------------------------------------------------------------- */

static void plan_record(const struct plan *plan, struct record *record)
{
	*record = (struct record){
		.seq = plan->seq,
		.at_ms = plan->now_ms,
		.kind = plan->voting ? SPAN("vote") : span_of(plan->kind->kind),
		.key = arena_dup(plan->arena, plan->command->key),
		.person = arena_dup(plan->arena, plan->command->person),
		.account = arena_dup(plan->arena, plan->command->account),
		.role = span_of(money_role_name((enum money_role)plan->role)),
		.subject = arena_dup(plan->arena, span_of(plan->subject)),
		.data = plan_data(plan),
		.entry = plan->entry,
	};
	memcpy(record->prev, plan->book->head, sizeof(record->prev));
	memcpy(record->print, plan->print, sizeof(record->print));
}

enum book_answer book_decide(const struct book *book, const struct book_command *command, int64_t now_ms,
			     struct arena *arena, struct record *record, uint64_t *seq,
			     struct book_refusal *refusal)
{
	struct plan *plan = arena_new(arena, struct plan);
	int64_t at_ms = book_now_ms(book, now_ms);
	enum book_answer answer = plan_make(plan, book, command, at_ms, arena, refusal);

	*seq = plan->repeated;
	if (answer == BOOK_RECORD) {
		plan_record(plan, record);
		*seq = record->seq;
		if (record_write(record, arena).len > RECORD_BYTES_MAX) {
			plan_refuse(plan, 400, "TOO_LARGE", "more than a record holds");
			answer = BOOK_REFUSED;
		}
	}
	plan_release(plan);
	return answer;
}

/* --- taking in ------------------------------------------------------------------------------ */

static void add_field(struct book_command *command, const struct book_command_kind *kind,
		      const struct json_object *data)
{
	for (size_t i = 0; i < BOOK_FIELDS_MAX && kind->fields[i].name != NULL; i++) {
		const struct json_member *member = json_member_find(data, kind->fields[i].name);

		if (member != NULL)
			command->fields[command->nfields++] =
				(struct book_field){ .name = kind->fields[i].name, .value = member->text };
	}
}

/* The command that made the record; false when there is no such command. */
static bool command_of(const struct record *record, struct arena *arena, struct book_command *command,
		       struct complaint *why)
{
	struct json_object *data = arena_new(arena, struct json_object);
	const struct book_command_kind *kind;
	const struct json_member *act;

	if (!json_object_read(record->data, arena, data, why))
		return false;
	act = span_is(record->kind, "vote") ? json_member_find(data, "act") : NULL;
	kind = command_find(act != NULL ? act->text : record->kind);
	if (kind == NULL)
		return complain(why, 0, "record %llu: no such command", (unsigned long long)record->seq);
	*command = (struct book_command){ .kind = kind->kind, .person = record->person, .account = record->account,
					  .roles = staff_role(record->role), .key = record->key };
	if (kind->rule->subject != SUBJECT_NEW_REWARD)
		command->subject = record->subject;
	add_field(command, kind, data);
	return true;
}

static bool follows_chain(const struct book *book, const struct record *record, struct complaint *why)
{
	unsigned long long seq = record->seq;

	if (record->seq != book->seq + 1)
		return complain(why, 0, "record %llu does not follow %llu", seq, (unsigned long long)book->seq);
	if (memcmp(record->prev, book->head, sizeof(book->head)) != 0)
		return complain(why, 0, "record %llu does not name the hash of the one before", seq);
	if (record->at_ms < book->last_ms)
		return complain(why, 0, "record %llu is older than the one before", seq);
	return true;
}

/* Written again from the plan it has to be the same bytes, hash included. */
static bool same_record(const struct plan *plan, const struct record *record, struct complaint *why)
{
	struct record *again = arena_new(plan->arena, struct record);

	plan_record(plan, again);
	record_write(again, plan->arena);
	if (memcmp(again->hash, record->hash, sizeof(again->hash)) != 0)
		return complain(why, 0, "record %llu says something else than follows from its command",
				(unsigned long long)record->seq);
	return true;
}

static bool plan_of_record(struct plan *plan, const struct book *book, const struct record *record,
			   struct arena *arena, struct complaint *why)
{
	struct book_command *command = arena_new(arena, struct book_command);
	struct book_refusal *refusal = arena_new(arena, struct book_refusal);
	enum book_answer answer;

	if (!follows_chain(book, record, why) || !command_of(record, arena, command, why))
		return false;
	answer = plan_make(plan, book, command, record->at_ms, arena, refusal);
	if (answer == BOOK_REPEATED)
		return complain(why, 0, "record %llu uses the key of record %llu", (unsigned long long)record->seq,
				(unsigned long long)plan->repeated);
	if (answer == BOOK_REFUSED)
		return complain(why, 0, "record %llu, %s: %s: %s", (unsigned long long)record->seq, command->kind,
				refusal->code, refusal->detail);
	return same_record(plan, record, why);
}

bool book_apply(struct book *book, const struct record *record, struct complaint *why)
{
	struct arena arena = { 0 };
	struct plan *plan = arena_new(&arena, struct plan);
	bool follows = plan_of_record(plan, book, record, &arena, why);

	if (follows) {
		book_take(book, plan);
		memcpy(book->head, record->hash, sizeof(book->head));
	}
	plan_release(plan);
	arena_release(&arena);
	return follows;
}

void book_instruction_id(const unsigned char key[32], struct span case_id, struct span claimant, unsigned ordinal,
			 char out[INSTRUCTION_ID_LEN + 1])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	char name[CASE_ID_MAX + CLAIMANT_MAX + 16];
	unsigned bits = 0, left = 0;
	int len = snprintf(name, sizeof(name), "%.*s\n%.*s\n%u", (int)case_id.len, case_id.at, (int)claimant.len,
			   claimant.at, ordinal);
	const unsigned char *next = mac;

	assert(len > 0 && (size_t)len < sizeof(name));
	crypto_auth_hmacsha256(mac, (const unsigned char *)name, (unsigned)len, key);
	for (size_t i = 0; i < INSTRUCTION_ID_LEN; i++) {
		if (left < 5) {
			bits = (bits << 8 | *next++) & 0xffffU;
			left += 8;
		}
		left -= 5;
		out[i] = digits[bits >> left & 31];
	}
	out[INSTRUCTION_ID_LEN] = '\0';
}
