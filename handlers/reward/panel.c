/*
 * Panels; see panel.h.
 */
#include "handlers/reward/panel.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/base/wipe.h"
#include "daemon/jobs/treasury.h"
#include "daemon/sys/config.h"
#include "daemon/sys/keys.h"
#include "handlers/payout/payee.h"
#include "handlers/reward/claim_input.h"

/* As it was sent. */
struct papers {
	struct span cause, document, rail, account, name;
};

static bool refuse(struct problem *problem, const char *code, const char *field, const char *detail)
{
	*problem = (struct problem){ .status = 400, .code = code, .field = field, .detail = detail };
	return false;
}

static bool is_text(struct span text, size_t max)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ')
			return false;
	return text.len >= 1 && text.len <= max && utf8_valid(text);
}

/* --- the body ------------------------------------------------------------------------- */

static bool take(const struct json_member *member, const char *name, struct span *out, struct problem *problem)
{
	if (member->kind != JSON_TEXT)
		return refuse(problem, "WRONG_FIELD", name, "This member must be a text.");
	*out = span_trim(member->text);
	return true;
}

static bool read_payee(struct span body, const struct json_member *member, struct arena *arena, struct papers *papers,
		       struct problem *problem)
{
	struct json_object *payee = arena_new(arena, struct json_object);

	if (member->kind != JSON_TREE || !json_object_within(body, member, arena, payee, NULL))
		return refuse(problem, "WRONG_FIELD", "payee", "payee: an object with account and name");
	for (size_t i = 0; i < payee->n; i++) {
		const struct json_member *m = &payee->members[i];
		bool is_account = span_is(m->name, "account");

		if (!is_account && !span_is(m->name, "name"))
			return refuse(problem, "UNKNOWN_FIELD", "payee", "payee: account and name, and nothing else");
		if (!take(m, "payee", is_account ? &papers->account : &papers->name, problem))
			return false;
	}
	return true;
}

static bool read_member(struct span body, const struct json_member *member, struct arena *arena, struct papers *papers,
			struct problem *problem)
{
	const struct {
		const char *name;
		struct span *to;
	} texts[] = { { "cause", &papers->cause }, { "document", &papers->document }, { "rail", &papers->rail } };

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (span_is(member->name, texts[i].name))
			return take(member, texts[i].name, texts[i].to, problem);
	if (span_is(member->name, "payee"))
		return read_payee(body, member, arena, papers, problem);
	return refuse(problem, "UNKNOWN_FIELD", arena_dup(arena, member->name).at, "This call has no such member.");
}

static bool check(const struct app *app, const struct papers *papers, struct problem *problem)
{
	struct span rest = span_of(app->config->money.rails), rail = { 0 };
	bool offered = false;

	while (!offered && claim_next_rail(&rest, &rail))
		offered = span_eq(rail, papers->rail);
	if (!offered || claim_rail_is_anonymous(papers->rail))
		return refuse(problem, "WRONG_FIELD", "rail", "rail: one that pays into an account in somebody's name");
	if (!is_text(papers->account, PAYEE_ACCOUNT_MAX))
		return refuse(problem, "WRONG_FIELD", "payee", "payee.account: 1 to 128 bytes of text");
	if (!is_text(papers->name, PAYEE_NAME_MAX))
		return refuse(problem, "WRONG_FIELD", "payee", "payee.name: 1 to 140 bytes of text");
	return true;
}

/* --- the command ------------------------------------------------------------------------- */

static void add_field(struct book_command *command, const char *name, struct span value)
{
	if (value.len > 0)
		command->fields[command->nfields++] = (struct book_field){ .name = name, .value = value };
}

static void make_command(const struct app *app, const struct papers *papers, struct arena *arena,
			 struct book_command *command, struct panel *panel)
{
	const struct book_reward *reward = book_reward(treasury_book(app->treasury), command->subject);
	struct span claimant = span_of(reward != NULL ? reward->claimant : "");
	const char *account = arena_printf(arena, "%.*s %.*s", (int)papers->rail.len, papers->rail.at,
					   (int)papers->account.len, papers->account.at);
	char nonce[OFFICE_TOKEN_MAX];   /* of these papers */
	const char *which = arena_printf(arena, "panel %.*s %.*s", (int)papers->document.len, papers->document.at,
					 (int)papers->name.len, papers->name.at);

	office_payee(app->office, span_of(account), claimant, span_of(which), panel->payee);
	office_claim_key(app->office, "panel", claimant, papers->document, nonce);
	command->kind = "reward.panel";
	add_field(command, "cause", papers->cause);
	add_field(command, "document", papers->document);
	add_field(command, "payee", arena_dup(arena, span_of(panel->payee)));
	add_field(command, "rail", papers->rail);
	add_field(command, "nonce", arena_dup(arena, span_of(nonce)));
}

static void seal(const struct app *app, const struct papers *papers, struct arena *arena, struct panel *panel)
{
	struct payee payee = { .account = papers->account, .name = papers->name };
	struct buf sealed = { 0 };
	struct seal_key key;

	payee_key(keys_courier(app->keys), &key);
	payee_seal(&key, span_of(panel->payee), &payee, &sealed);
	panel->sealed = arena_dup(arena, buf_span(&sealed));
	wipe(&key, sizeof(key));
	buf_release(&sealed);
}

/* Another officer's word stands, and this is not the same. */
static bool differs(const struct app *app, const struct book_command *command, const struct record *record)
{
	struct index_panel panel = money_index_panel(office_index(app->office), command->subject);

	return span_is(record->kind, "vote") && panel.asked_ms > 0 && !span_is(command->person, panel.asker) &&
	       treasury_now_ms(app->treasury) < panel.asked_ms + INDEX_PANEL_MS;
}

static bool book_would(const struct app *app, const struct book_command *command, struct arena *arena,
		       struct problem *problem)
{
	struct book_refusal *refusal = arena_new(arena, struct book_refusal);
	struct record *record = arena_new(arena, struct record);
	uint64_t seq;
	enum book_answer answer = book_decide(treasury_book(app->treasury), command, treasury_now_ms(app->treasury), arena,
					      record, &seq, refusal);

	if (answer == BOOK_REFUSED)
		*problem = (struct problem){ .status = refusal->status, .code = refusal->code, .detail = refusal->detail,
					     .field = refusal->field };
	else if (answer == BOOK_RECORD && differs(app, command, record))
		*problem = (struct problem){ .status = 409, .code = "PANEL_DIFFERS",
					     .detail = "Another officer confirmed other papers or another payee." };
	else
		return true;
	return false;
}

bool panel_read(const struct app *app, struct span body, const struct json_object *object, struct arena *arena,
		struct book_command *command, struct panel *out, struct problem *problem)
{
	struct papers papers = { 0 };

	for (size_t i = 0; i < object->n; i++)
		if (!read_member(body, &object->members[i], arena, &papers, problem))
			return false;
	if (treasury_book(app->treasury) == NULL) {
		*problem = (struct problem){ .status = 503, .code = "store_unavailable", .retry_after_s = 5,
					     .detail = "The journal was not read yet." };
		return false;
	}
	if (!check(app, &papers, problem))
		return false;
	make_command(app, &papers, arena, command, out);
	seal(app, &papers, arena, out);
	return book_would(app, command, arena, problem);
}
