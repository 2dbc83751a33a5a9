/*
 * The commands of the book, one row each: who, which fields, what is checked.
 *
 * To add one: write its row here, `bool guard_x(struct plan *)` in a file
 * book_<topic>.c, and declare it in book_state.h. The guard reads fields with
 * plan_field(), refuses with plan_refuse(), tells what follows from them with
 * plan_put(), moves the reward with plan_to(), posts with plan_post(). What is
 * neither reward, attempt nor entry goes into `made` and is made true by a
 * function take_x(), which cannot fail. `persons = 2` makes it an act of two:
 * the first call becomes a record "vote". A guard may not look at anything but
 * the plan: it runs once when the command is decided on and once when its
 * record is taken in, and has to come to the same.
 *
 * `apart`: nobody who did one of these before may. `part`: what one did then.
 */
#include "daemon/base/table.h"
#include "daemon/money/book_state.h"

#define RULE(...) .rule = &(const struct command_rule){ __VA_ARGS__ }
#define NEEDS(field, of, told) { .name = (field), .type = (of), .help = (told), .required = true }
#define TAKES(field, of, told) { .name = (field), .type = (of), .help = (told) }

#define ALL_BEFORE (PART_INTAKE | PART_VERIFIER | PART_PROPOSER | PART_APPROVER | PART_FINANCE | PART_PANEL)
/* Who decides afterwards what becomes of a reward may have approved it, and nothing else. */
#define DECIDED_BEFORE (PART_INTAKE | PART_VERIFIER | PART_PROPOSER | PART_FINANCE | PART_PANEL)

/* Finance neither proposes nor approves what it settles. */
#define DECIDED (PART_PROPOSER | PART_APPROVER)

static const struct book_command_kind kinds[] = {
	/* --- staff and policies --- */
	{ .kind = "staff.set", .by = MONEY_ADMIN | MONEY_SYSTEM, .help = "register an account: person, roles, titles",
	  .fields = { NEEDS("person", "id", "who signs in with it"), TAKES("deputy_of", "id", "person whose place is taken"),
		      NEEDS("roles", "list", "proposer, approver, finance, cashier, auditor, admin, verifier; [] ends it"),
		      TAKES("titles", "list", "as policies name them: unit_head, chief ..."),
		      TAKES("region", "id", "division code; nothing: everywhere"),
		      TAKES("from", "ms", "since when; nothing: now"), TAKES("until", "ms", "over at this time") },
	  RULE(.guard = guard_staff_set, .take = take_staff_set) },
	{ .kind = "policy.draft", .by = MONEY_ADMIN | MONEY_APPROVER, .help = "put a policy before others",
	  .fields = { NEEDS("text", "document", "the whole file") },
	  RULE(.guard = guard_policy_draft, .take = take_policy_draft) },
	{ .kind = "policy.adopt", .by = MONEY_ADMIN | MONEY_APPROVER, .help = "bring a draft into force",
	  .fields = { TAKES("from", "ms", "since when; nothing: now"),
		      TAKES("dry_run", "hash", "SHA-256 of the dry run over the last year's cases") },
	  RULE(.subject = SUBJECT_POLICY, .apart = PART_DRAFTER, .guard = guard_policy_adopt,
	       .take = take_policy_adopt) },

	/* --- budget and money by hand --- */
	{ .kind = "budget.appropriate", .by = MONEY_FINANCE, .help = "authorise a budget (L01)",
	  .fields = { NEEDS("fen", "fen", "how much"), NEEDS("reason", "text", "the decision it rests on") },
	  RULE(.subject = SUBJECT_LEDGER, .guard = guard_appropriate, .take = take_by_hand) },
	{ .kind = "budget.receive", .by = MONEY_FINANCE, .help = "money came to a bank account (L02)",
	  .fields = { NEEDS("fen", "fen", "how much"), NEEDS("account", "account", "bank:NAME"),
		      TAKES("reason", "text", "from whom, by which document") },
	  RULE(.subject = SUBJECT_LEDGER, .guard = guard_receive, .take = take_by_hand) },
	{ .kind = "budget.fund", .by = MONEY_FINANCE, .help = "move money to a counter or wallet channel (L17)",
	  .fields = { NEEDS("fen", "fen", "how much"), NEEDS("from", "account", "bank:NAME"),
		      NEEDS("to", "account", "cash:BRANCH, float:CHANNEL"), TAKES("reason", "text", "what for") },
	  RULE(.subject = SUBJECT_LEDGER, .guard = guard_fund, .take = take_by_hand) },
	{ .kind = "budget.fee", .by = MONEY_FINANCE, .help = "a fee of a bank or channel (L15)",
	  .fields = { NEEDS("fen", "fen", "how much"), NEEDS("account", "account", "where it was taken"),
		      TAKES("reason", "text", "what for") },
	  RULE(.subject = SUBJECT_LEDGER, .guard = guard_fee, .take = take_by_hand) },
	{ .kind = "budget.tax", .by = MONEY_FINANCE, .help = "remit the tax withheld of a paid reward (L16)",
	  .fields = { NEEDS("account", "account", "paid from") },
	  RULE(.subject = SUBJECT_REWARD, .apart = DECIDED, .guard = guard_tax) },
	{ .kind = "budget.open_year", .by = MONEY_FINANCE, .help = "open a ledger for a year",
	  .fields = { TAKES("reason", "text", "the decision it rests on") },
	  RULE(.subject = SUBJECT_LEDGER, .guard = guard_open_year, .take = take_open_year) },
	{ .kind = "budget.close_year", .by = MONEY_FINANCE, .help = "close a year; what is open goes to the next (L20)",
	  .fields = { NEEDS("next", "long id", "ledger of the later year, open") },
	  RULE(.subject = SUBJECT_LEDGER, .persons = 2, .guard = guard_close_year, .take = take_close_year) },
	{ .kind = "budget.correct", .by = MONEY_FINANCE, .help = "reverse an entry that was posted by hand",
	  .fields = { NEEDS("reason", "text", "what was wrong") },
	  RULE(.subject = SUBJECT_ENTRY, .persons = 2, .guard = guard_correct, .take = take_correct) },

	/* --- cases and review --- */
	{ .kind = "case.verified", .by = MONEY_VERIFIER, .help = "record a verified case and its tips; again: anew",
	  .fields = { NEEDS("bureau", "id", "division code of the bureau that solved it"),
		      NEEDS("tips", "list", "lines: TIP at=MS bands=A+B new=1 detailed=1 offender=1 victim=1 duty=1 "
					    "members=N ratio=BP+BP intake=PERSON"),
		      TAKES("known_at", "ms", "when the police knew of it by themselves"),
		      TAKES("reason", "text", "why a tip was more detailed than what was known"),
		      TAKES("document", "hash", "SHA-256 of the file") },
	  RULE(.subject = SUBJECT_CASE, .apart = PART_INTAKE | PART_PROPOSER, .guard = guard_case_verified,
	       .take = take_case_verified) },
	{ .kind = "reward.propose", .by = MONEY_PROPOSER, .help = "E01: a reward for a tip of a verified case",
	  .fields = { NEEDS("case", "long id", "the case"), NEEDS("tip", "id", "whose share"),
		      NEEDS("claimant", "id", "token of the informant"),
		      NEEDS("programme", "title", "name of the policy"),
		      TAKES("member", "number", "of a joint tip, from 0"),
		      TAKES("factors", "list", "lines: TIP weight=BP FACTOR=POINTS ..."),
		      NEEDS("external_award", "number", "fen paid by another department; 0: none"),
		      TAKES("override_fen", "fen", "set by hand, for all shares together"),
		      TAKES("override_reason", "text", "why"), TAKES("reason", "text", "what the reward is for") },
	  RULE(.subject = SUBJECT_NEW_REWARD, .apart = PART_FINANCE, .guard = guard_propose, .take = take_propose) },
	{ .kind = "reward.submit", .by = MONEY_PROPOSER, .help = "E02: for review",
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_SUBMIT, .apart = PART_APPROVER | PART_FINANCE,
	       .part = PART_PROPOSER, .guard = guard_submit) },
	{ .kind = "reward.approve", .by = MONEY_APPROVER, .help = "E03, E04: one step; the last reserves the budget (L03)",
	  .fields = { NEEDS("digest", "hash", "what is approved, as it was shown"), TAKES("note", "text", "") },
	  RULE(.subject = SUBJECT_REWARD, .apart = ALL_BEFORE, .part = PART_APPROVER, .guard = guard_approve) },
	{ .kind = "reward.return", .by = MONEY_APPROVER, .help = "E06: back to the proposer; all approvals are void",
	  .fields = { NEEDS("reason", "text", "what is to be changed") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_RETURN, .apart = PART_INTAKE | PART_VERIFIER | PART_PROPOSER,
	       .guard = guard_return) },
	{ .kind = "reward.reject", .by = MONEY_APPROVER, .help = "E07: no reward",
	  .fields = { NEEDS("reason", "text", "why") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_REJECT, .apart = PART_INTAKE | PART_VERIFIER | PART_PROPOSER,
	       .guard = guard_reject) },
	{ .kind = "reward.withdraw", .by = MONEY_PROPOSER, .help = "E08: taken back by the proposer",
	  .fields = { TAKES("reason", "text", "why") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_WITHDRAW, .guard = guard_withdraw) },
	{ .kind = "reward.funds", .by = MONEY_SYSTEM, .help = "E05: money for the first in line (L03)",
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_FUNDS, .guard = guard_funds) },

	/* --- claim --- */
	{ .kind = "reward.publish", .by = MONEY_SYSTEM, .help = "E09: the claim window opens",
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_PUBLISH, .guard = guard_publish) },
	{ .kind = "reward.claim", .by = MONEY_CLAIMANT, .help = "E10: by whoever proved the secret",
	  .fields = { NEEDS("payee", "id", "token of the vault"), NEEDS("rail", "name", "how to pay"),
		      NEEDS("nonce", "long id", "of this proof, used once"), TAKES("proof", "name", "receipt, sms ...") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_CLAIM, .guard = guard_claim, .take = take_nonce) },
	{ .kind = "reward.change_payee", .by = MONEY_CLAIMANT, .help = "E11: another payee; a release is void",
	  .fields = { NEEDS("payee", "id", "token of the vault"), NEEDS("rail", "name", "how to pay"),
		      NEEDS("nonce", "long id", "of this proof, used once"), TAKES("proof", "name", "receipt, sms ...") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_CHANGE_PAYEE, .guard = guard_claim, .take = take_nonce) },
	{ .kind = "reward.panel", .by = MONEY_APPROVER, .help = "a claim for one who lost the secret, or for an heir",
	  .fields = { NEEDS("cause", "name", "heir, lost_secret"), NEEDS("document", "hash", "SHA-256 of the papers"),
		      NEEDS("payee", "id", "token of the vault"), NEEDS("rail", "name", "how to pay"),
		      NEEDS("nonce", "long id", "of these papers, used once") },
	  RULE(.subject = SUBJECT_REWARD, .apart = ALL_BEFORE | PART_CASHIER, .part = PART_PANEL, .guard = guard_panel,
	       .take = take_nonce) },
	{ .kind = "reward.decline", .by = MONEY_CLAIMANT, .help = "E12: the informant wants no money (L07)",
	  .fields = { NEEDS("confirm", "yes", "1: said twice"), NEEDS("nonce", "long id", "of this proof, used once"),
		      TAKES("proof", "name", "receipt, sms ...") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_DECLINE, .guard = guard_decline, .take = take_nonce) },
	{ .kind = "reward.expire", .by = MONEY_SYSTEM, .help = "E13: not claimed in time (L07)",
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_EXPIRE, .guard = guard_expire) },
	{ .kind = "reward.extend", .by = MONEY_APPROVER, .help = "E14: more time, once",
	  .fields = { NEEDS("days", "number", "at most the first window again"), NEEDS("reason", "text", "why") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_EXTEND, .apart = PART_PROPOSER, .guard = guard_extend) },
	{ .kind = "reward.reinstate", .by = MONEY_APPROVER, .help = "E15: after it expired, with new funds (L03)",
	  .fields = { NEEDS("reason", "text", "why") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_REINSTATE, .apart = DECIDED_BEFORE,
	       .part = PART_APPROVER, .guard = guard_reinstate) },
	{ .kind = "reward.hold", .by = MONEY_AUDITOR | MONEY_APPROVER | MONEY_SYSTEM, .help = "E25: nothing goes on",
	  .fields = { NEEDS("reason", "text", "why") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_HOLD, .guard = guard_hold) },
	{ .kind = "reward.lift", .by = MONEY_AUDITOR | MONEY_APPROVER, .help = "E25: goes on; by a different person",
	  .fields = { NEEDS("reason", "text", "why") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_HOLD, .apart = PART_HOLDER, .guard = guard_lift) },

	/* --- payment --- */
	{ .kind = "reward.release", .by = MONEY_FINANCE, .help = "E16: may be paid; above the policy's limit by two persons",
	  .fields = { NEEDS("source", "account", "paid from"),
		      TAKES("instalment", "fen", "at most so much at once, where the policy allows it") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_RELEASE,
	       .apart = PART_INTAKE | PART_VERIFIER | PART_PROPOSER | PART_APPROVER | PART_PANEL | PART_CASHIER,
	       .part = PART_FINANCE, .guard = guard_release) },
	{ .kind = "attempt.start", .by = MONEY_SYSTEM, .help = "E17: the intent to pay (L04)",
	  .fields = { TAKES("line", "id", "debit of a statement that is this payment: it was sent, and is not sent again") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_START, .guard = guard_start, .take = take_start) },
	{ .kind = "attempt.send", .by = MONEY_SYSTEM, .help = "the request goes out next; again only the same",
	  .fields = { TAKES("body", "hash", "SHA-256 of the request"),
		      TAKES("retention_days", "number", "how long the rail knows the id; nothing: 30") },
	  RULE(.subject = SUBJECT_ATTEMPT, .guard = guard_send) },
	{ .kind = "attempt.query", .by = MONEY_SYSTEM, .help = "the rail is asked next",
	  RULE(.subject = SUBJECT_ATTEMPT, .guard = guard_query) },
	{ .kind = "attempt.observe", .by = MONEY_SYSTEM | MONEY_CASHIER | MONEY_FINANCE,
	  .help = "E18 to E21, E26: what is reported of it (L05, L06, L08, L10, L11)",
	  .fields = { NEEDS("state", "title", "ACCEPTED, NEEDS_PAYEE, PROCESSING, UNKNOWN, FAILED, CANCELLED, "
					      "SUCCEEDED, RETURNED, NOT_FOUND"),
		      NEEDS("by", "name", "answer, webhook, query, statement"),
		      TAKES("instruction", "id", "as reported; has to be this one"),
		      TAKES("fen", "fen", "as reported; of a success or return"),
		      TAKES("code", "id", "of the rail"), TAKES("provider_ref", "long id", "of the rail"),
		      TAKES("fault", "name", "payee: the informant has to do something; nothing: ours"),
		      TAKES("source", "account", "where it was really paid from or came back to"),
		      TAKES("line", "id", "of the statement"), TAKES("raw", "hash", "SHA-256 of what was received") },
	  RULE(.subject = SUBJECT_ATTEMPT, .apart = DECIDED | PART_CASHIER, .guard = guard_observe, .take = take_observe) },
	{ .kind = "attempt.cancel", .by = MONEY_SYSTEM | MONEY_FINANCE, .help = "ask that it be stopped",
	  .fields = { TAKES("reason", "text", "why") },
	  RULE(.subject = SUBJECT_ATTEMPT, .apart = DECIDED, .guard = guard_attempt_cancel) },
	{ .kind = "reward.reissue", .by = MONEY_CLAIMANT | MONEY_FINANCE,
	  .help = "E22: what came back goes out again (L09); the informant says where to, finance agrees",
	  .fields = { TAKES("payee", "id", "token of the vault; by the informant"),
		      TAKES("rail", "name", "how to pay; by the informant"),
		      TAKES("nonce", "long id", "of the informant's proof") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_REISSUE,
	       .apart = PART_INTAKE | PART_VERIFIER | PART_PROPOSER | PART_APPROVER | PART_PANEL | PART_CASHIER | PART_IMPORTER,
	       .part = PART_FINANCE, .guard = guard_reissue, .voted = take_reissue_vote) },
	{ .kind = "rail.hold", .by = MONEY_AUDITOR | MONEY_FINANCE | MONEY_SYSTEM, .help = "start nothing on a rail",
	  .fields = { NEEDS("reason", "text", "why") },
	  RULE(.subject = SUBJECT_RAIL, .guard = guard_rail_hold, .take = take_rail) },
	{ .kind = "rail.lift", .by = MONEY_AUDITOR | MONEY_FINANCE, .help = "go on; by a different person",
	  .fields = { NEEDS("reason", "text", "why") },
	  RULE(.subject = SUBJECT_RAIL, .apart = PART_HOLDER, .guard = guard_rail_lift, .take = take_rail) },

	/* --- afterwards --- */
	{ .kind = "reward.revoke", .by = MONEY_APPROVER, .help = "E23: before it is paid (L07)",
	  .fields = { NEEDS("reason", "text", "why") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_REVOKE, .apart = PART_PROPOSER | PART_FINANCE | PART_CASHIER,
	       .guard = guard_revoke) },
	{ .kind = "reward.void", .by = MONEY_APPROVER, .help = "E24: after it was paid; it is claimed back (L12)",
	  .fields = { NEEDS("code", "name", "fraud, error, ineligible ..."),
		      NEEDS("document", "hash", "SHA-256 of the decision"), TAKES("reason", "text", "why") },
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_VOID, .apart = PART_PROPOSER | PART_FINANCE | PART_CASHIER,
	       .guard = guard_void) },
	{ .kind = "reward.recover", .by = MONEY_FINANCE, .help = "money came back to us (L13)",
	  .fields = { NEEDS("of", "name", "overpaid, clawback"), NEEDS("fen", "fen", "how much"),
		      NEEDS("account", "account", "where it came to") },
	  RULE(.subject = SUBJECT_REWARD, .apart = DECIDED | PART_CASHIER, .guard = guard_recover) },
	{ .kind = "reward.write_off", .by = MONEY_APPROVER, .help = "it will not come back (L14); two persons",
	  .fields = { NEEDS("of", "name", "overpaid, clawback"), NEEDS("fen", "fen", "how much"),
		      NEEDS("document", "hash", "SHA-256 of the decision") },
	  RULE(.subject = SUBJECT_REWARD, .persons = 2, .apart = PART_PROPOSER | PART_FINANCE | PART_CASHIER,
	       .guard = guard_write_off) },
	{ .kind = "reward.offset", .by = MONEY_SYSTEM, .help = "an overpayment is taken for what is owed (L21)",
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_LATE_SUCCESS, .guard = guard_offset) },
	{ .kind = "reward.close", .by = MONEY_SYSTEM, .help = "E27: matched, and 30 days old",
	  RULE(.subject = SUBJECT_REWARD, .event = REWARD_EV_CLOSE, .guard = guard_close) },

	/* --- statements --- */
	{ .kind = "statement.import", .by = MONEY_FINANCE | MONEY_SYSTEM,
	  .help = "take in the bank's statement of a day; its subject is the ledger of what cannot be matched",
	  .fields = { NEEDS("account", "account", "whose statement"), NEEDS("rail", "name", "which pays from it"),
		      NEEDS("date", "id", "2026-11-20"), TAKES("sequence", "number", "of the bank"),
		      NEEDS("opening", "balance", "fen; below zero: overdrawn"), NEEDS("closing", "balance", "fen"),
		      NEEDS("count", "number", "lines"), NEEDS("file", "hash", "SHA-256 of the file"),
		      TAKES("lines", "lines", "ID Dr|Cr FEN DATE KIND INSTRUCTION|- REFERENCE|-, one a line") },
	  RULE(.subject = SUBJECT_LEDGER, .guard = guard_import, .take = take_import) },
	{ .kind = "break.open", .by = MONEY_SYSTEM | MONEY_FINANCE,
	  .help = "what a statement and the book do not say alike, R1 to R10; its money goes to suspense (L18)",
	  .fields = { NEEDS("class", "title", "R1 to R10"), TAKES("file", "hash", "R9, R10: SHA-256 of the file refused") },
	  RULE(.subject = SUBJECT_FREE, .guard = guard_break_open, .take = take_break_open) },
	{ .kind = "break.resolve", .by = MONEY_FINANCE, .help = "a break is explained; two persons",
	  .fields = { NEEDS("reason", "text", "what it was"), TAKES("document", "hash", "SHA-256 of the papers") },
	  RULE(.subject = SUBJECT_FREE, .persons = 2, .guard = guard_break_resolve, .take = take_break_resolve) },
	{ .kind = "suspense.clear", .by = MONEY_FINANCE,
	  .help = "the money of a break leaves suspense (L19), for what it was; two persons",
	  .fields = { TAKES("entry", "long id", "the entry that it is: L02:..., L15:..., L13:..."),
		      TAKES("attempt", "id", "the payment that it is"),
		      TAKES("against", "id", "the break that takes it back: B46"), NEEDS("reason", "text", "why") },
	  RULE(.subject = SUBJECT_FREE, .persons = 2, .guard = guard_suspense_clear, .take = take_suspense_clear) },

	/* --- after a restore --- */
	{ .kind = "book.restored", .by = MONEY_SYSTEM | MONEY_FINANCE | MONEY_ADMIN,
	  .help = "the journal is an older copy: nothing is started or sent, all that is open is unknown",
	  .fields = { NEEDS("reason", "text", "how one knows"),
		      TAKES("known", "number", "records that there had been") },
	  RULE(.subject = SUBJECT_FREE, .guard = guard_restored, .take = take_restored) },
	{ .kind = "book.reconciled", .by = MONEY_FINANCE,
	  .help = "what was paid meanwhile is known, payments go on; two persons",
	  .fields = { NEEDS("until", "id", "last day whose statements were held against the book: 2026-11-20"),
		      NEEDS("reason", "text", "what was compared"), TAKES("document", "hash", "SHA-256 of the papers") },
	  RULE(.subject = SUBJECT_FREE, .persons = 2, .guard = guard_reconciled, .take = take_reconciled) },

	{ .kind = "audit.export", .by = MONEY_AUDITOR | MONEY_SYSTEM, .help = "records that something was handed out",
	  .fields = { NEEDS("what", "id", "journal, csv, hledger, report ..."), TAKES("filter", "text", "of which part"),
		      NEEDS("rows", "number", "how many"), TAKES("sum", "number", "fen"),
		      NEEDS("hash", "hash", "SHA-256 of the file") },
	  RULE(.subject = SUBJECT_FREE) },
};

const struct book_command_kind *book_command_kinds(size_t *n)
{
	*n = COUNT_OF(kinds);
	return kinds;
}
