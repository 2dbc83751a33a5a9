/*
 * The route table: every call there is, for whom, and who answers.
 */
#include "daemon/base/table.h"
#include "handlers/bureau/bureau.h"
#include "handlers/endpoint.h"
#include "handlers/intake/sms_call.h"
#include "handlers/intake/visitor.h"
#include "handlers/intake/web.h"
#include "handlers/ops/ops.h"

static const struct endpoint table[] = {
	/* --- the public -------------------------------------------------------------- */
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/", .who = WHO_ANYONE, .name = "form",
	  .run = web_form },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/tips", .who = WHO_ANYONE, .name = "tip_form",
	  .body = BODY_OWN, .head = submission_head, .run = submission_run },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/api/v1/tips", .who = WHO_ANYONE, .name = "tip_api",
	  .body = BODY_OWN, .head = submission_head, .run = submission_run },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/receipt", .who = WHO_ANYONE, .name = "receipt_ask",
	  .run = receipt_ask },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/receipt", .who = WHO_ANYONE, .name = "receipt_form",
	  .body = BODY_SMALL, .run = receipt_post },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/api/v1/receipt", .who = WHO_ANYONE,
	  .name = "receipt_api", .body = BODY_SMALL, .run = receipt_post },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/style.css", .who = WHO_ANYONE, .name = "style",
	  .run = visitor_file },

	/* --- SMS gateways: each carries its own secret ------------------------------- */
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/sms/{gateway}", .who = WHO_ANYONE, .name = "sms",
	  .run = sms_inbound },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/sms/{gateway}", .who = WHO_ANYONE, .name = "sms",
	  .body = BODY_SMALL, .run = sms_inbound },
	{ .site = SITE_PUBLIC, .method = HTTP_GET, .path = "/sms/{gateway}/{kind}", .who = WHO_ANYONE, .name = "sms",
	  .run = sms_inbound },
	{ .site = SITE_PUBLIC, .method = HTTP_POST, .path = "/sms/{gateway}/{kind}", .who = WHO_ANYONE,
	  .name = "sms", .body = BODY_SMALL, .run = sms_inbound },

	/* --- the bureau's desk --------------------------------------------------------- */
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/", .who = WHO_ANYONE, .name = "desk", .run = desk_file },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/{file}", .who = WHO_ANYONE, .name = "desk_file",
	  .run = desk_file },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/queues", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "queues", .run = queue_list },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/queues/{region}/claim",
	  .who = WHO_OFFICER | WHO_VERIFIER, .name = "claim", .body = BODY_SMALL, .run = queue_claim },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/tips", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "held", .run = tips_held },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/tips/{id}", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "tip", .run = tip_read },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/tips/{id}/files/{number}",
	  .who = WHO_OFFICER | WHO_VERIFIER, .name = "tip_file", .run = tip_file },
	{ .site = SITE_STAFF, .method = HTTP_GET, .path = "/api/v1/incidents/{id}", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "incident", .run = incident_read },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tips/{id}/link", .who = WHO_OFFICER | WHO_VERIFIER,
	  .name = "link", .body = BODY_SMALL, .run = tip_link },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tips/{id}/unlink",
	  .who = WHO_OFFICER | WHO_VERIFIER, .name = "unlink", .body = BODY_SMALL, .run = tip_unlink },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tips/{id}/decline",
	  .who = WHO_OFFICER | WHO_VERIFIER, .name = "decline", .body = BODY_SMALL, .run = tip_decline },
	{ .site = SITE_STAFF, .method = HTTP_POST, .path = "/api/v1/tips/{id}/{action}",
	  .who = WHO_OFFICER | WHO_VERIFIER | WHO_ADMIN, .name = "work", .body = BODY_SMALL, .run = tip_work },

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
