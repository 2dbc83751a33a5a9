/*
 * Claims as they come in; see claim_input.h.
 */
#include "handlers/reward/claim_input.h"

#include "daemon/base/json_in.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/http/form.h"
#include "handlers/payout/payee.h"

static const struct claim_fault_words words[CLAIM_FAULTS] = {
	[CLAIM_UNREADABLE] = { 400, "not_json", NULL, "The body cannot be read." },
	[CLAIM_CODE_ABSENT] = { 400, "missing", "receipt", "The receipt code is needed." },
	[CLAIM_CODE_DIGITS] = { 400, "not_digits", "receipt", "A receipt code has digits only." },
	[CLAIM_CODE_LENGTH] = { 400, "wrong_length", "receipt", "A receipt code has 24 digits." },
	[CLAIM_CODE_CHECK] = { 400, "check_failed", "receipt", "A digit is wrong: the check digits do not fit." },
	[CLAIM_NO_ACTION] = { 400, "field_invalid", "action", "An action is one of: look, claim, change, decline, object." },
	[CLAIM_NO_RAIL] = { 400, "field_invalid", "rail", "This way of payment cannot be chosen." },
	[CLAIM_NO_ACCOUNT] = { 400, "field_invalid", "payee", "payee.account: 1 to 128 bytes of text." },
	[CLAIM_NO_NAME] = { 400, "field_invalid", "payee", "payee.name: at most 140 bytes of text." },
	[CLAIM_NO_NONCE] = { 400, "field_invalid", "nonce", "A nonce has 1 to 64 characters; a new one for each." },
	[CLAIM_UNCONFIRMED] = { 400, "not_confirmed", "confirm", "To decline for good, send confirm: true." },
	[CLAIM_NO_MEMBER] = { 400, "field_invalid", "member", "There is no such member." },
};

const struct claim_fault_words *claim_fault_words(enum claim_fault fault)
{
	return &words[fault];
}

/* --- checks ----------------------------------------------------------------------------- */

/* Everything as it was sent. */
struct sent {
	struct span code, action, rail, account, name, nonce, confirm, member;
};

static enum claim_fault read_code(struct span typed, struct receipt_code *code)
{
	if (span_trim(typed).len == 0)
		return CLAIM_CODE_ABSENT;
	switch (receipt_parse(typed, code)) {
	case RECEIPT_FINE:
		return CLAIM_FINE;
	case RECEIPT_NOT_DIGITS:
		return CLAIM_CODE_DIGITS;
	case RECEIPT_LENGTH:
		return CLAIM_CODE_LENGTH;
	case RECEIPT_CHECK:
		return CLAIM_CODE_CHECK;
	}
	return CLAIM_CODE_DIGITS;
}

bool claim_next_rail(struct span *rest, struct span *rail)
{
	while (span_cut(rest, ',', rail)) {
		*rail = span_trim(*rail);
		if (rail->len > 0)
			return true;
	}
	return false;
}

static bool is_offered(struct span rail, const char *rails)
{
	struct span rest = span_of(rails), one;

	while (claim_next_rail(&rest, &one))
		if (span_eq(rail, one))
			return true;
	return false;
}

bool claim_rail_is_anonymous(struct span rail)
{
	return span_is(rail, "voucher");
}

static bool is_text(struct span text, size_t max)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ')
			return false;
	return text.len <= max && utf8_valid(text);
}

static enum claim_fault check_payee(const char *rails, struct claim_input *input)
{
	if (!is_offered(input->rail, rails))
		return CLAIM_NO_RAIL;
	if (claim_rail_is_anonymous(input->rail)) {
		input->account = (struct span){ 0 };
		input->name = (struct span){ 0 };
		return CLAIM_FINE;
	}
	if (input->account.len == 0 || !is_text(input->account, PAYEE_ACCOUNT_MAX))
		return CLAIM_NO_ACCOUNT;
	return is_text(input->name, PAYEE_NAME_MAX) ? CLAIM_FINE : CLAIM_NO_NAME;
}

static enum claim_fault check(const struct sent *sent, const char *rails, struct claim_input *input)
{
	enum claim_fault fault = read_code(sent->code, &input->code);
	uint64_t member = 0;

	if (fault != CLAIM_FINE)
		return fault;
	if (sent->action.len > 0 && !claim_action_parse(sent->action, &input->action))
		return CLAIM_NO_ACTION;
	if (sent->member.len > 0 && (!span_u64(sent->member, &member) || member >= POLICY_MEMBERS_MAX))
		return CLAIM_NO_MEMBER;
	input->member = (unsigned)member;
	input->rail = span_trim(sent->rail);
	input->account = span_trim(sent->account);
	input->name = span_trim(sent->name);
	input->nonce = sent->nonce;
	if (input->action == CLAIM_LOOK)
		return CLAIM_FINE;
	if (input->nonce.len == 0 || input->nonce.len > CLAIM_NONCE_MAX)
		return CLAIM_NO_NONCE;
	if (input->action == CLAIM_OBJECT)
		return CLAIM_FINE;
	if (input->action == CLAIM_DECLINE)
		return span_is(sent->confirm, "1") ? CLAIM_FINE : CLAIM_UNCONFIRMED;
	return check_payee(rails, input);
}

/* --- forms and JSON -------------------------------------------------------------------------- */

enum claim_fault claim_read_form(struct span body, const char *rails, struct arena *arena, struct claim_input *input)
{
	static const struct form_limits limits = { .pairs = 16, .name_bytes = 64, .value_bytes = 4096 };
	struct complaint why;
	struct form form;
	struct sent sent;

	*input = (struct claim_input){ 0 };
	if (!form_decode(body, &limits, arena, &form, &why))
		return CLAIM_UNREADABLE;
	input->lang = form_find(&form, "lang");
	input->size = form_find(&form, "size");
	sent = (struct sent){ .code = form_find(&form, "code"),	      .action = form_find(&form, "action"),
			      .rail = form_find(&form, "rail"),	      .account = form_find(&form, "account"),
			      .name = form_find(&form, "name"),	      .nonce = form_find(&form, "nonce"),
			      .confirm = form_find(&form, "confirm"), .member = form_find(&form, "member") };
	return check(&sent, rails, input);
}

static struct span text_of(const struct json_object *object, const char *name)
{
	const struct json_member *member = json_member_find(object, name);

	return member != NULL && (member->kind == JSON_TEXT || member->kind == JSON_NUMBER) ? member->text
											     : (struct span){ 0 };
}

static bool read_payee(struct span body, const struct json_object *object, struct arena *arena, struct sent *sent)
{
	const struct json_member *payee = json_member_find(object, "payee");
	struct json_object *inside = arena_new(arena, struct json_object);

	if (payee == NULL)
		return true;
	if (!json_object_within(body, payee, arena, inside, NULL))
		return false;
	sent->account = text_of(inside, "account");
	sent->name = text_of(inside, "name");
	return true;
}

enum claim_fault claim_read_json(struct span body, const char *rails, struct arena *arena, struct claim_input *input)
{
	struct json_object *object = arena_new(arena, struct json_object);
	const struct json_member *confirm;
	struct sent sent = { 0 };

	*input = (struct claim_input){ 0 };
	if (!json_object_read(body, arena, object, NULL))
		return CLAIM_UNREADABLE;
	sent = (struct sent){ .code = text_of(object, "receipt"),   .action = text_of(object, "action"),
			      .rail = text_of(object, "rail"),	    .nonce = text_of(object, "nonce"),
			      .member = text_of(object, "member") };
	confirm = json_member_find(object, "confirm");
	if (confirm != NULL && confirm->kind == JSON_TRUE)
		sent.confirm = SPAN("1");
	return read_payee(body, object, arena, &sent) ? check(&sent, rails, input) : CLAIM_NO_ACCOUNT;
}
