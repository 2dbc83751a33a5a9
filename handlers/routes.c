/*
 * The route table: every call there is, for whom, and who answers.
 *
 * Rows without a trail are those of the public and of operations; of the desk
 *   desk, desk_file, ..._page   pages and programs, the same for all
 *   queues, changes        counts alone, and where they changed
 *   session...             the caller's own; sign-ins and changes are events that the handlers write
 *   all that changes       the change is an event of the tip's journal or a record of the money journal;
 *                          not so link, unlink and decline, which show the tip also where nothing changed
 *   account_add, account_act   the change is an event of the audit trail, whole, by its handler
 */
#include "daemon/base/table.h"
#include "handlers/admin/admin.h"
#include "handlers/audit/audit.h"
#include "handlers/bureau/bureau.h"
#include "handlers/endpoint.h"
#include "handlers/intake/report.h"
#include "handlers/intake/retype.h"
#include "handlers/intake/sms_call.h"
#include "handlers/intake/visitor.h"
#include "handlers/intake/web.h"
#include "handlers/log/log.h"
#include "handlers/log/transparency.h"
#include "handlers/ops/ops.h"
#include "handlers/payout/counter.h"
#include "handlers/payout/hooks.h"
#include "handlers/reward/reward.h"
#include "handlers/staff/accounts.h"
#include "handlers/staff/staff.h"

static const struct endpoint table[] = {
	/* --- the public -------------------------------------------------------------- */
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/", .who = WHO_ANYONE, .name = "start", .limit = LIMITED_PAGE,
	  .run = report_start },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/report", .who = WHO_ANYONE, .name = "form",
	  .limit = LIMITED_PAGE, .run = report_form },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/report", .who = WHO_ANYONE, .name = "form_again",
	  .limit = LIMITED_FORM, .body = BODY_OWN, .head = report_head, .run = report_again },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/report/check", .who = WHO_ANYONE, .name = "form_check",
	  .limit = LIMITED_FORM, .body = BODY_OWN, .head = report_head, .run = report_check },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/exit", .who = WHO_ANYONE, .name = "exit",
	  .limit = LIMITED_PAGE, .run = report_exit },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/about", .who = WHO_ANYONE, .name = "about",
	  .limit = LIMITED_PAGE, .run = report_about },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/rewards", .who = WHO_ANYONE, .name = "offers",
	  .limit = LIMITED_PAGE, .run = reward_offers },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/tips", .who = WHO_ANYONE, .name = "tip_form", .limit = LIMITED_TIP,
	  .body = BODY_OWN, .head = submission_head, .run = submission_run },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/api/v1/tips", .who = WHO_ANYONE, .name = "tip_api", .limit = LIMITED_TIP,
	  .body = BODY_OWN, .head = submission_head, .run = submission_run },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/receipt", .who = WHO_ANYONE, .name = "receipt_ask", .limit = LIMITED_PAGE,
	  .run = receipt_ask },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/receipt", .who = WHO_ANYONE, .name = "receipt_form", .limit = LIMITED_RECEIPT,
	  .body = BODY_OWN, .head = receipt_head, .run = receipt_post },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/receipt/confirm", .who = WHO_ANYONE, .name = "receipt_confirm",
	  .limit = LIMITED_RECEIPT, .body = BODY_SMALL, .run = receipt_confirm },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/api/v1/receipt", .who = WHO_ANYONE,
	  .name = "receipt_api", .limit = LIMITED_RECEIPT, .body = BODY_OWN, .head = receipt_head, .run = receipt_post },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/receipt/proof", .who = WHO_ANYONE,
	  .name = "receipt_proof", .limit = LIMITED_RECEIPT, .body = BODY_SMALL, .run = receipt_proof },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/claims", .who = WHO_ANYONE, .name = "claim_form", .limit = LIMITED_CLAIM,
	  .body = BODY_SMALL, .run = claim_post },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/api/v1/claims", .who = WHO_ANYONE, .name = "claim_api", .limit = LIMITED_CLAIM,
	  .body = BODY_SMALL, .run = claim_post },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/exit.js", .who = WHO_ANYONE, .name = "exit_script",
	  .limit = LIMITED_PAGE, .run = visitor_file },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/form.js", .who = WHO_ANYONE, .name = "form_script",
	  .limit = LIMITED_PAGE, .run = visitor_file },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/proof.js", .who = WHO_ANYONE, .name = "proof",
	  .limit = LIMITED_PAGE, .run = visitor_file },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/style.css", .who = WHO_ANYONE, .name = "style", .limit = LIMITED_PAGE,
	  .run = visitor_file },

	/* --- the sealed log: public data ---------------------------------------------- */
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/log", .who = WHO_ANYONE, .name = "logs", .limit = LIMITED_PAGE, .run = log_list },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/log/{log}/checkpoint", .who = WHO_ANYONE,
	  .name = "log_checkpoint", .limit = LIMITED_PAGE, .run = log_checkpoint },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/log/{log}/key", .who = WHO_ANYONE, .name = "log_key", .limit = LIMITED_PAGE,
	  .run = log_key },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/log/{log}/status", .who = WHO_ANYONE, .name = "log_status", .limit = LIMITED_PAGE,
	  .run = log_status },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/log/{log}/tile/{rest...}", .who = WHO_ANYONE,
	  .name = "log_tile", .limit = LIMITED_PAGE, .run = log_tile },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/log/{log}/openings", .who = WHO_ANYONE,
	  .name = "log_openings", .limit = LIMITED_PAGE, .run = log_openings },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/log/{log}/openings/{month}", .who = WHO_ANYONE,
	  .name = "log_opening", .limit = LIMITED_PAGE, .run = log_opening },

	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/transparency", .who = WHO_ANYONE, .name = "transparency", .limit = LIMITED_PAGE,
	  .run = transparency_page },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/api/v1/transparency", .who = WHO_ANYONE,
	  .name = "transparency_api", .limit = LIMITED_PAGE, .run = transparency_api },

	/* --- SMS gateways: each carries its own secret ------------------------------- */
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/sms/{gateway}", .who = WHO_ANYONE, .name = "sms", .limit = LIMITED_MACHINE,
	  .run = sms_inbound },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/sms/{gateway}", .who = WHO_ANYONE, .name = "sms", .limit = LIMITED_MACHINE,
	  .body = BODY_SMALL, .run = sms_inbound },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/sms/{gateway}/{kind}", .who = WHO_ANYONE, .name = "sms", .limit = LIMITED_MACHINE,
	  .run = sms_inbound },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/sms/{gateway}/{kind}", .who = WHO_ANYONE,
	  .name = "sms", .limit = LIMITED_MACHINE, .body = BODY_SMALL, .run = sms_inbound },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/sms/{gateway}/{kind}/{secret}", .who = WHO_ANYONE,
	  .name = "sms", .limit = LIMITED_MACHINE, .run = sms_inbound },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/sms/{gateway}/{kind}/{secret}", .who = WHO_ANYONE,
	  .name = "sms", .limit = LIMITED_MACHINE, .body = BODY_SMALL, .run = sms_inbound },

	/* --- payout providers: each signs what it sends -------------------------------- */
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/hooks/{rail}", .who = WHO_ANYONE, .name = "hook", .limit = LIMITED_MACHINE,
	  .body = BODY_SMALL, .run = hook_inbound },

	/* --- the bureau's desk --------------------------------------------------------- */
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/", .who = WHO_ANYONE, .name = "desk", .run = desk_file },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/{file}", .who = WHO_ANYONE, .name = "desk_file",
	  .run = desk_file },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/desk/{rest...}", .who = WHO_ANYONE, .name = "desk_page", .run = desk_file },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/money/{rest...}", .who = WHO_ANYONE, .name = "money_page", .run = desk_file },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/audit/{rest...}", .who = WHO_ANYONE, .name = "audit_page", .run = desk_file },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/admin/{rest...}", .who = WHO_ANYONE, .name = "admin_page", .run = desk_file },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/session", .who = WHO_ANYONE, .name = "session_begin",
	  .body = BODY_SMALL, .run = session_begin },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/session", .who = WHO_STAFF, .name = "session",
	  .run = session_read },
	{ .site = SITE_STAFF, .method = HTTP_DELETE, .path = "/api/v1/session", .who = WHO_STAFF, .name = "session_leave",
	  .run = session_leave },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/session/setup", .who = WHO_ANYONE,
	  .name = "session_set_up", .body = BODY_SMALL, .run = session_set_up },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/session/password", .who = WHO_STAFF,
	  .name = "session_password", .body = BODY_SMALL, .run = session_password },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/queues", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "queues", .may_be_unattended = true, .run = queue_list },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/changes", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "changes", .unattended = true, .run = queue_changes },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/queues/{region}/claim",
	  .who = WHO_OFFICER | WHO_VERIFIER, .name = "claim", .trail = TRAIL_CLAIM, .body = BODY_SMALL, .run = queue_claim },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/queues/{region}/tips",
	  .who = WHO_OFFICER | WHO_VERIFIER, .name = "queue_tips", .trail = TRAIL_VIEW, .may_be_unattended = true,
	  .run = queue_tips },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/tips", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "held", .trail = TRAIL_VIEW, .run = tips_held },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/tips/{id}", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "tip", .trail = TRAIL_READ, .run = tip_read },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/tips/{id}/files/{number}",
	  .who = WHO_OFFICER | WHO_VERIFIER, .name = "tip_file", .trail = TRAIL_READ_FILE, .run = tip_file },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/tips/{id}/files/{number}/original",
	  .who = WHO_OFFICER | WHO_VERIFIER, .name = "tip_file_original", .trail = TRAIL_READ_ORIGINAL,
	  .run = tip_file_original },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/incidents/{id}", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "incident", .trail = TRAIL_READ, .run = incident_read },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/incidents/{id}/copies", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "copies", .trail = TRAIL_READ, .body = BODY_SMALL, .run = incident_copies },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tips/{id}/claim", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "claim_tip", .trail = TRAIL_CLAIM, .body = BODY_SMALL, .run = tip_claim },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tips/{id}/link", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "link", .trail = TRAIL_READ, .body = BODY_SMALL, .run = tip_link },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tips/{id}/unlink",
	  .who = WHO_OFFICER | WHO_VERIFIER, .name = "unlink", .trail = TRAIL_READ, .body = BODY_SMALL, .run = tip_unlink },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tips/{id}/decline",
	  .who = WHO_OFFICER | WHO_VERIFIER, .name = "decline", .trail = TRAIL_READ, .body = BODY_SMALL, .run = tip_decline },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tips/{id}/unseal", .who = WHO_APPROVER,
	  .name = "unseal", .trail = TRAIL_UNSEAL_ASKED, .body = BODY_SMALL, .run = tip_unseal },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tips/{id}/unseal/cancel", .who = WHO_APPROVER,
	  .name = "unseal_cancel", .trail = TRAIL_UNSEAL_WITHDRAWN, .body = BODY_SMALL, .run = tip_unseal_cancel },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tips/{id}/{action}",
	  .who = WHO_OFFICER | WHO_VERIFIER | WHO_ADMIN, .name = "work", .body = BODY_SMALL, .run = tip_work },

	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/outbox", .who = WHO_ADMIN, .name = "outbox",
	  .trail = TRAIL_VIEW, .run = outbox_list },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/outbox/{item}/{action}", .who = WHO_ADMIN,
	  .name = "outbox_act", .trail = TRAIL_READ, .body = BODY_SMALL, .run = outbox_act },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/notices/{region}/test", .who = WHO_ADMIN,
	  .name = "notice_test", .trail = TRAIL_READ, .body = BODY_SMALL, .run = notice_test },

	/* --- money ----------------------------------------------------------------------- */
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/rewards",
	  .who = WHO_MONEY, .name = "rewards", .trail = TRAIL_VIEW, .run = reward_list },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/rewards",
	  .who = WHO_PROPOSER, .name = "reward_propose", .body = BODY_SMALL, .run = reward_post },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/rewards/{id}",
	  .who = WHO_MONEY, .name = "reward", .trail = TRAIL_READ, .run = reward_read },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/rewards/{id}/{action}",
	  .who = WHO_MONEY, .name = "reward_act", .body = BODY_SMALL, .run = reward_act },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/payouts",
	  .who = WHO_MONEY, .name = "payouts", .trail = TRAIL_VIEW, .run = payout_list },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/payouts/{attempt}/{action}",
	  .who = WHO_FINANCE, .name = "payout_act", .body = BODY_SMALL, .run = payout_act },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/statements",
	  .who = WHO_FINANCE | WHO_AUDITOR, .name = "statements", .trail = TRAIL_VIEW, .run = statement_list },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/statements",
	  .who = WHO_FINANCE, .name = "statement_import", .body = BODY_OWN, .head = statement_head,
	  .run = statement_post },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/statements/{id}",
	  .who = WHO_FINANCE | WHO_AUDITOR, .name = "statement", .trail = TRAIL_READ, .run = statement_file },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/breaks",
	  .who = WHO_FINANCE | WHO_AUDITOR, .name = "breaks", .trail = TRAIL_VIEW, .run = break_list },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/breaks/{id}",
	  .who = WHO_FINANCE | WHO_AUDITOR, .name = "break", .trail = TRAIL_READ, .run = break_read },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/breaks/{id}/resolve",
	  .who = WHO_FINANCE, .name = "break_resolve", .body = BODY_SMALL, .run = break_resolve },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/suspense",
	  .who = WHO_FINANCE | WHO_AUDITOR, .name = "suspense", .trail = TRAIL_VIEW, .run = suspense_list },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/suspense/{id}/clear",
	  .who = WHO_FINANCE, .name = "suspense_clear", .body = BODY_SMALL, .run = suspense_clear },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/reconciliation",
	  .who = WHO_FINANCE | WHO_AUDITOR, .name = "reconciliation", .trail = TRAIL_VIEW, .run = reconciliation_read },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/rails",
	  .who = WHO_MONEY, .name = "rails", .trail = TRAIL_VIEW, .run = rail_list },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/rails/{rail}/{action}",
	  .who = WHO_MONEY, .name = "rail_act", .body = BODY_SMALL, .run = rail_act },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/ledger",
	  .who = WHO_MONEY, .name = "ledgers", .trail = TRAIL_VIEW, .run = ledger_list },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/ledger/{bureau}/{programme}/{year}",
	  .who = WHO_MONEY, .name = "ledger", .trail = TRAIL_READ, .run = ledger_read },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/ledger/{bureau}/{programme}/{year}/{action}",
	  .who = WHO_FINANCE, .name = "ledger_act", .body = BODY_SMALL, .run = ledger_act },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/money/by_hand",
	  .who = WHO_FINANCE | WHO_AUDITOR, .name = "by_hand", .trail = TRAIL_VIEW, .run = by_hand_list },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/policies",
	  .who = WHO_MONEY | WHO_ADMIN, .name = "policies", .trail = TRAIL_VIEW, .run = policy_list },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/policies",
	  .who = WHO_ADMIN | WHO_APPROVER, .name = "policy_draft", .body = BODY_SMALL, .run = policy_post },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/policies/{policy}",
	  .who = WHO_MONEY | WHO_ADMIN, .name = "policy", .trail = TRAIL_READ, .run = policy_read },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/policies/{policy}/adopt",
	  .who = WHO_ADMIN | WHO_APPROVER, .name = "policy_adopt", .body = BODY_SMALL, .run = policy_adopt },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/cases",
	  .who = WHO_VERIFIER, .name = "case_verified", .body = BODY_SMALL, .run = case_post },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/staff",
	  .who = WHO_AUDITOR | WHO_ADMIN, .name = "staff", .trail = TRAIL_VIEW, .run = staff_list },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/staff",
	  .who = WHO_ADMIN, .name = "staff_set", .body = BODY_SMALL, .run = staff_post },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/money/journal",
	  .who = WHO_AUDITOR, .name = "money_journal", .trail = TRAIL_EXPORT, .run = money_journal },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/money/exports",
	  .who = WHO_AUDITOR, .name = "money_export", .body = BODY_SMALL, .run = export_post },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/money/{action}",
	  .who = WHO_FINANCE | WHO_ADMIN, .name = "money_act", .body = BODY_SMALL, .run = money_act },

	/* --- who was shown what ------------------------------------------------------------ */
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/trail",
	  .who = WHO_AUDITOR, .name = "audit_trail", .trail = TRAIL_EXPORT, .run = audit_trail },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/summary",
	  .who = WHO_AUDITOR, .name = "audit_summary", .trail = TRAIL_EXPORT, .run = audit_call_summary },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/separation",
	  .who = WHO_AUDITOR, .name = "audit_separation", .trail = TRAIL_EXPORT, .run = audit_call_separation },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/exceptions",
	  .who = WHO_AUDITOR, .name = "audit_exceptions", .trail = TRAIL_EXPORT, .run = audit_call_exceptions },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/unclaimed",
	  .who = WHO_AUDITOR, .name = "audit_unclaimed", .trail = TRAIL_EXPORT, .run = audit_call_unclaimed },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/sample",
	  .who = WHO_AUDITOR, .name = "audit_sample", .trail = TRAIL_EXPORT, .run = audit_call_sample },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/integrity",
	  .who = WHO_AUDITOR, .name = "audit_integrity", .trail = TRAIL_EXPORT, .run = audit_call_integrity },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/rewards",
	  .who = WHO_AUDITOR, .name = "audit_register", .trail = TRAIL_EXPORT, .run = audit_call_register },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/entries",
	  .who = WHO_AUDITOR, .name = "audit_entries", .trail = TRAIL_EXPORT, .run = audit_call_entries },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/breaks",
	  .who = WHO_AUDITOR, .name = "audit_breaks", .trail = TRAIL_EXPORT, .run = audit_call_breaks },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/rewards/{id}",
	  .who = WHO_AUDITOR, .name = "audit_reward", .trail = TRAIL_READ, .run = audit_call_reward },

	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/audit/retention",
	  .who = WHO_AUDITOR | WHO_ADMIN, .name = "audit_retention", .trail = TRAIL_EXPORT, .run = audit_retention },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/retention/run", .who = WHO_ADMIN, .name = "retention_run",
	  .trail = TRAIL_VIEW, .body = BODY_SMALL, .run = audit_retention_run },

	/* --- accounts of staff: each change is an event that its handler writes first ------- */
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/accounts",
	  .who = WHO_AUDITOR | WHO_ADMIN, .name = "accounts", .trail = TRAIL_VIEW, .run = account_list },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/accounts",
	  .who = WHO_ADMIN, .name = "account_add", .body = BODY_SMALL, .run = account_post },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/accounts/{person}",
	  .who = WHO_AUDITOR | WHO_ADMIN, .name = "account", .trail = TRAIL_READ, .run = account_read },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/accounts/{person}/{action}",
	  .who = WHO_ADMIN, .name = "account_act", .body = BODY_SMALL, .run = account_act },

	/* --- the installation, for administrators ------------------------------------------ */
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/tokens",
	  .who = WHO_AUDITOR | WHO_ADMIN, .name = "tokens", .trail = TRAIL_VIEW, .run = token_list },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tokens/{token}/revoke",
	  .who = WHO_ADMIN, .name = "token_revoke", .trail = TRAIL_READ, .body = BODY_SMALL, .run = token_revoke_one },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/keys",
	  .who = WHO_ADMIN, .name = "keys", .trail = TRAIL_VIEW, .run = key_status },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/gateways",
	  .who = WHO_ADMIN, .name = "gateways", .trail = TRAIL_VIEW, .run = gateway_health },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/configuration",
	  .who = WHO_ADMIN, .name = "configuration", .trail = TRAIL_VIEW, .run = configuration_read },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/about",
	  .who = WHO_ADMIN, .name = "about_installation", .trail = TRAIL_VIEW, .run = about_read },

	/* --- the bank counter ----------------------------------------------------------- */
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/counter/vouchers/lookup", .who = WHO_CASHIER,
	  .name = "voucher_lookup", .trail = TRAIL_LOOK_UP, .body = BODY_SMALL, .run = counter_lookup },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/counter/vouchers/redeem", .who = WHO_CASHIER,
	  .name = "voucher_redeem", .body = BODY_SMALL, .run = counter_redeem },

	/* --- operations ------------------------------------------------------------------ */
	{ .site = SITE_OPS, .method = HTTP_GET, .path = "/healthz", .who = WHO_ANYONE, .name = "healthz",
	  .run = ops_health },
	{ .site = SITE_OPS, .method = HTTP_GET, .path = "/readyz", .who = WHO_ANYONE, .name = "readyz",
	  .run = ops_ready },
	{ .site = SITE_OPS, .method = HTTP_GET, .path = "/metrics", .who = WHO_ANYONE, .name = "metrics",
	  .run = ops_metrics },
};

const struct endpoint *routes(size_t *n)
{
	*n = COUNT_OF(table);
	return table;
}
