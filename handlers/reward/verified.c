/*
 * From the outbox to the record of a case; see verified.h.
 */
#include "handlers/reward/verified.h"

#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"
#include "daemon/base/memory.h"
#include "daemon/sys/log.h"

#include <stdlib.h>
#include <string.h>

struct asked {
	verified_done *done;
	void *ctx;
	const struct money_index *index;
	struct span case_id;
	size_t records;          /* of the case, when the command was made */
	char tip[TIP_ID_LEN + 1];
	struct arena arena;
};

/* --- whose budget ------------------------------------------------------------------------ */

static bool has_ledger(const struct book *book, const char bureau[7])
{
	struct arena arena = { 0 };
	size_t n = ledger_rows(book_ledger(book), NULL, 0);
	struct ledger_row *rows = arena_array(&arena, struct ledger_row, n + 1);
	bool found = false;

	ledger_rows(book_ledger(book), rows, n);
	for (size_t i = 0; i < n && !found; i++)
		found = strncmp(rows[i].book, bureau, 6) == 0 && rows[i].book[6] == '/';
	arena_release(&arena);
	return found;
}

void verified_bureau(const struct book *book, const char region[7], char out[7])
{
	for (size_t digits = 6; digits > 0; digits -= 2) {
		memcpy(out, region, 7);
		memset(out + digits, '0', 6 - digits);
		if (has_ledger(book, out))
			return;
	}
	memcpy(out, region, 7);
	memcpy(out + 4, "00", 3);
}

/* --- the record as it will be ------------------------------------------------------------- */

static bool is_about(struct span line, const struct tip_id *tip)
{
	return span_starts(line, span_of(tip->text)) &&
	       (line.len == TIP_ID_LEN || line.at[TIP_ID_LEN] == ' ');
}

/* Copies the lines that are there; true when one is about this tip. */
static bool copy_lines(struct span data, const struct json_object *before, const struct tip_id *tip,
		       struct arena *arena, struct json_out *json)
{
	const struct json_member *lines = json_member_find(before, "tips");
	struct json_array array;
	struct json_member line;
	bool listed = false;

	if (lines == NULL || !json_array_within(data, lines, &array))
		return false;
	while (json_array_next(&array, arena, &line)) {
		json_text(json, NULL, line.text);
		listed = listed || is_about(line.text, tip);
	}
	return listed;
}

/* The tips of the case with this one; empty when it is listed already. */
static struct span lines_with(const struct outbox_verified *verified, struct span data,
			      const struct json_object *before, struct arena *arena)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span lines = { 0 };
	bool listed;

	json_open(&json, '[');
	listed = copy_lines(data, before, &verified->tip, arena, &json);
	json_text(&json, NULL,
		  span_of(arena_printf(arena, "%s at=%lld%s%.*s", verified->tip.text, (long long)verified->received_ms,
				       verified->bands.len > 0 ? " bands=" : "", (int)verified->bands.len,
				       verified->bands.at != NULL ? verified->bands.at : "")));
	json_close(&json, ']');
	if (!listed)
		lines = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return lines;
}

static void add_field(struct book_command *command, const char *name, struct span value)
{
	if (value.len > 0)
		command->fields[command->nfields++] = (struct book_field){ .name = name, .value = value };
}

/* False: the tip is among the facts of the case already. */
static bool make_command(const struct verified_env *env, const struct book *book,
			 const struct outbox_verified *verified, struct arena *arena, struct book_command *command)
{
	struct span data = arena_dup(arena, money_index_case(office_index(env->office), verified->case_id));
	struct json_object *before = arena_new(arena, struct json_object);
	char *bureau = arena_alloc(arena, 7);
	struct span lines;

	if (data.len > 0 && !json_object_read(data, arena, before, NULL))
		before->n = 0;
	lines = lines_with(verified, data, before, arena);
	verified_bureau(book, verified->region, bureau);
	*command = (struct book_command){ .kind = "case.verified", .subject = verified->case_id,
					  .account = verified->by, .person = verified->by, .roles = MONEY_VERIFIER };
	command->key = span_of(arena_printf(arena, "case:%s:%llu", verified->tip.text,
					    (unsigned long long)verified->rev));
	add_field(command, "bureau", before->n > 0 ? json_member_text(before, "bureau") : span_of(bureau));
	add_field(command, "tips", lines);
	add_field(command, "known_at", json_member_text(before, "known_at"));
	add_field(command, "reason", json_member_text(before, "reason"));
	add_field(command, "document", json_member_text(before, "document"));
	return lines.len > 0;
}

/* --- the answer ----------------------------------------------------------------------------- */

static size_t records_of(const struct money_index *index, struct span case_id)
{
	size_t n;

	money_index_of(index, INDEX_CASE, case_id, &n);
	return n;
}

/* The record of a case is whole: made without what another courier wrote meanwhile, it would take that away. */
static bool is_as_it_was(void *ctx)
{
	const struct asked *asked = ctx;

	return records_of(asked->index, asked->case_id) == asked->records;
}

/* What may be well tomorrow: the verifier is not registered yet. */
static bool may_mend(const char *code)
{
	return strcmp(code, "NOT_STAFF") == 0 || strcmp(code, "ROLE") == 0 || strcmp(code, "REGION") == 0;
}

static enum verified_end end_of(const struct asked *asked, const struct treasury_answer *answer)
{
	switch (answer->outcome) {
	case TREASURY_DONE:
		return VERIFIED_RECORDED;
	case TREASURY_AWAY:
	case TREASURY_UNKNOWN:
		return VERIFIED_LATER;
	case TREASURY_REFUSED:
		break;
	}
	/* Recorded before other tips came to the case. */
	if (strcmp(answer->refusal->code, "KEY_MISMATCH") == 0)
		return VERIFIED_RECORDED;
	if (strcmp(answer->refusal->code, "MOVED") == 0)
		return VERIFIED_LATER;
	log_event(LOG_LEVEL_WARNING, "money.case_refused", "id", asked->tip, "code", answer->refusal->code, "why",
		  answer->refusal->detail, NULL);
	return may_mend(answer->refusal->code) ? VERIFIED_LATER : VERIFIED_REFUSED;
}

static void answered(void *ctx, const struct treasury_answer *answer)
{
	struct asked *asked = ctx;

	asked->done(asked->ctx, end_of(asked, answer));
	arena_release(&asked->arena);
	free(asked);
}

enum verified_end verified_carry(const struct verified_env *env, const struct outbox_verified *verified,
				 verified_done *done, void *ctx)
{
	const struct book *book = treasury_book(env->treasury);
	struct arena arena = { 0 };
	struct book_command command;
	const struct staff_entry *staff;
	struct asked *asked;

	if (book == NULL)
		return VERIFIED_LATER;
	if (!make_command(env, book, verified, &arena, &command)) {
		arena_release(&arena);
		return VERIFIED_RECORDED;
	}
	staff = staff_find(book_staff(book), verified->by, treasury_now_ms(env->treasury));
	if (staff != NULL)
		command.person = span_of(staff->person);
	asked = memory_zeroes(1, sizeof(*asked));
	*asked = (struct asked){ .done = done, .ctx = ctx, .index = office_index(env->office) };
	asked->case_id = arena_dup(&asked->arena, verified->case_id);
	asked->records = records_of(asked->index, asked->case_id);
	memcpy(asked->tip, verified->tip.text, sizeof(asked->tip));
	treasury_submit(env->treasury, &command,
			(struct treasury_wait){ .done = answered, .ctx = asked, .still = is_as_it_was });
	arena_release(&arena);
	return VERIFIED_ASKED;
}
