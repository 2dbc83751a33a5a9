/*
 * Who did what with whom, and the register of staff as it held then.
 */
#include "daemon/money/audit_separation.h"

#include "daemon/money/book.h"
#include "handlers/audit/audit.h"
#include "handlers/audit/moment.h"

static const char *const columns[] = { "row",	  "person",  "part",   "with",	 "with_part", "reward",	   "account",
				       "deputy_of", "roles",   "titles", "region", "from",      "until",	   "rewards",
				       "fen",	  "percent", "records", "journal", NULL };

static void put_people(struct sheet *sheet, const struct audit_view *view, const struct audit_separation *all)
{
	sheet_list(sheet, "people");
	for (size_t i = 0; i < all->npeople; i++) {
		const struct audit_person *person = &all->people[i];

		sheet_row(sheet, "person");
		sheet_text(sheet, "person", audit_view_text(view, person->person));
		sheet_text(sheet, "part", audit_part_name(person->part));
		sheet_number(sheet, "rewards", (int64_t)person->rewards);
		sheet_fen(sheet, "fen", person->fen);
		sheet_seqs(sheet, &person->seqs);
		sheet_row_end(sheet);
	}
	sheet_list_end(sheet);
}

static void put_pairs(struct sheet *sheet, const struct audit_view *view, const struct audit_separation *all)
{
	sheet_list(sheet, "pairs");
	for (size_t i = 0; i < all->npairs; i++) {
		const struct audit_pair *pair = &all->pairs[i];

		sheet_row(sheet, "pair");
		sheet_text(sheet, "person", audit_view_text(view, pair->person));
		sheet_text(sheet, "part", audit_part_name(pair->part));
		sheet_text(sheet, "with", audit_view_text(view, pair->with));
		sheet_text(sheet, "with_part", audit_part_name(pair->with_part));
		sheet_number(sheet, "rewards", (int64_t)pair->rewards);
		sheet_fen(sheet, "fen", pair->fen);
		sheet_number(sheet, "percent", pair->percent);
		sheet_seqs(sheet, &pair->seqs);
		sheet_row_end(sheet);
	}
	sheet_list_end(sheet);
}

static void put_conflicts(struct sheet *sheet, const struct audit_view *view, const struct audit_separation *all)
{
	sheet_list(sheet, "conflicts");
	for (size_t i = 0; i < all->nconflicts; i++) {
		const struct audit_conflict *conflict = &all->conflicts[i];

		sheet_row(sheet, "conflict");
		sheet_text(sheet, "reward", audit_view_text(view, audit_log_proposal(view->log, conflict->reward)->id));
		sheet_text(sheet, "person", audit_view_text(view, conflict->person));
		sheet_text(sheet, "part", audit_part_name(conflict->part));
		sheet_text(sheet, "with_part", audit_part_name(conflict->with_part));
		sheet_seqs(sheet, &conflict->seqs);
		sheet_row_end(sheet);
	}
	sheet_list_end(sheet);
}

/* --- the register --------------------------------------------------------------------- */

static const char *roles_of(const struct staff_entry *entry, struct arena *arena)
{
	const char *text = "";

	for (unsigned role = MONEY_PROPOSER; role <= MONEY_VERIFIER; role <<= 1)
		if ((entry->roles & role) != 0)
			text = arena_printf(arena, "%s%s%s", text, text[0] != '\0' ? " " : "",
					    money_role_name((enum money_role)role));
	return text;
}

static const char *titles_of(const struct staff_entry *entry, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < entry->ntitles; i++)
		text = arena_printf(arena, "%s%s%s", text, i > 0 ? " " : "", entry->titles[i]);
	return text;
}

/* What was said of the account last, by then; later entries take the place of earlier ones. */
static bool holds(const struct staff_register *staff, size_t index, const struct moment *moment)
{
	const struct staff_entry *entry = &staff->entries[index];

	if (entry->seq > moment->n || (entry->until_ms != 0 && entry->until_ms <= moment->reckoned_ms))
		return false;
	for (size_t i = index + 1; i < staff->n && staff->entries[i].seq <= moment->n; i++)
		if (strcmp(staff->entries[i].account, entry->account) == 0 &&
		    staff->entries[i].from_ms <= moment->reckoned_ms)
			return false;
	return entry->roles != 0;
}

static void put_permission(struct sheet *sheet, const struct staff_entry *entry, struct arena *arena)
{
	struct audit_seqs seqs = { .n = 0 };

	audit_seqs_add(&seqs, entry->seq, arena);
	sheet_row(sheet, "permission");
	sheet_text(sheet, "account", entry->account);
	sheet_text(sheet, "person", entry->person);
	sheet_text(sheet, "deputy_of", entry->deputy_of);
	sheet_text(sheet, "roles", roles_of(entry, arena));
	sheet_text(sheet, "titles", titles_of(entry, arena));
	sheet_text(sheet, "region", entry->region);
	sheet_time(sheet, "from", entry->from_ms);
	sheet_time(sheet, "until", entry->until_ms);
	sheet_seqs(sheet, &seqs);
	sheet_row_end(sheet);
}

static void put_permissions(struct sheet *sheet, const struct moment *moment, struct arena *arena)
{
	const struct staff_register *staff = book_staff(moment->book);

	sheet_list(sheet, "permissions");
	for (size_t i = 0; i < staff->n; i++)
		if (holds(staff, i, moment))
			put_permission(sheet, &staff->entries[i], arena);
	sheet_list_end(sheet);
}

void audit_call_separation(const struct call *args, struct http_exchange *exchange)
{
	struct moment moment;
	struct audit_view view;
	struct audit_separation all;
	struct sheet sheet;

	if (!moment_read(args, exchange, &moment))
		return;
	view = moment_view(args, exchange, &moment);
	all = audit_separation(&view);
	sheet_begin(&sheet, moment.format, moment.bom, columns);
	if (moment.format == SHEET_JSON)
		moment_tell(&moment, &sheet.json);
	put_people(&sheet, &view, &all);
	put_pairs(&sheet, &view, &all);
	put_conflicts(&sheet, &view, &all);
	put_permissions(&sheet, &moment, http_exchange_arena(exchange));
	sheet_answer(&sheet, args, exchange);
}
