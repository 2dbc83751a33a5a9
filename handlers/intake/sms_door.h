/*
 * What the gateways' drivers have in common: secrets, paths, fields of forms
 * and JSON, and a message made of what was read.
 *
 * Pure. Every driver keeps to these, so that a secret is compared, an id made
 * and a number read in one way.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_DOOR_H
#define TIPLINE_HANDLERS_INTAKE_SMS_DOOR_H

#include "daemon/core/sms/link_protocol.h"
#include "handlers/intake/gateway.h"

#define SMS_PATH_SECRET_MIN 22   /* letters: 128 bits in base 64 */
#define SMS_FIELDS_MAX 128
#define SMS_SIGNED_WINDOW_MS INT64_C(300000)   /* how old or early a signed request may be */

/* --- settings -------------------------------------------------------------- */

bool sms_is_set(const char *option);

/* Letters, digits, '-', '_', '.' and '~' alone. */
bool sms_needs_no_escape(const char *text);

/* At least so many letters, none that needs an escape in a URL. False: `why` says what to do. */
bool sms_path_secret_fits(const struct gateway_config *config, struct complaint *why);

/* What a gateway that sends needs: whether all of these options are set, NULL at the end: name, value, name, value. */
bool sms_settings_fit(struct complaint *why, const char *for_what, const char *const *options);

/* --- secrets and paths ------------------------------------------------------- */

/* Equal, in a time that tells neither where they differ nor how long the secret is. */
bool sms_secret_is(struct span given, const char *secret);

/* "/sms/NAME/dlr" and what stands behind: a delivery report. */
bool sms_path_is_receipt(struct span path);

/* Whether the path ends in the secret: "/sms/NAME/mo/SECRET". */
bool sms_path_verify(const struct gateway_config *config, const struct http_request *request, int64_t now_ms);

/* "/sms/NAME/dlr/SECRET" and "/sms/NAME/dlr": struct gateway.receipts_at. */
struct span sms_receipts_in_path(const struct gateway_config *config, struct arena *arena);
struct span sms_receipts_plain(const struct gateway_config *config, struct arena *arena);

/* The request's time lies within the window; `seconds` as the gateway wrote it. */
bool sms_time_fits(struct span seconds, int64_t now_ms);

/* --- fields ------------------------------------------------------------------- */

struct sms_field {
	struct span name, value;
};

struct sms_fields {
	struct sms_field at[SMS_FIELDS_MAX];
	size_t n;
};

/* "a=1&b=%20", decoded, in order; false when it is broken or has too many. */
bool sms_fields_of_form(struct span encoded, struct arena *arena, struct sms_fields *out);

/*
 * Members of an object; what lies deeper is named "message.content.text" and
 * "messages.0.status". Nulls, names of more than five steps and elements from the
 * seventeenth on are left out.
 */
bool sms_fields_of_json(struct span text, struct arena *arena, struct sms_fields *out);

/* The query, the form or the object in the body: as method and Content-Type say. */
bool sms_fields_of_request(const struct http_request *request, struct arena *arena, struct sms_fields *out);

/* The first of that name; at == NULL when there is none. */
struct span sms_field(const struct sms_fields *fields, const char *name);

/* A decoded parameter of a query; at == NULL when there is none. */
struct span sms_parameter(struct span query, const char *name, struct arena *arena);

/*
 * Walks the objects of a JSON array, which is the text itself. False: the text
 * is no array. An element that is no object gives fields.n == 0.
 */
struct sms_list;
struct sms_list *sms_list_of_json(struct span text, struct arena *arena);
/* The same for an array within an object: "data.list". NULL: there is none. */
struct sms_list *sms_list_of_member(struct span text, const char *path, struct arena *arena);
bool sms_list_next(struct sms_list *list, struct sms_fields *out);

enum sms_list_step {
	SMS_LIST_ONE,
	SMS_LIST_END,
	SMS_LIST_TOO_MANY,   /* and a complaint */
};

/* The next object, in the arena, and an empty message of the batch for it. */
enum sms_list_step sms_list_message(struct sms_list *list, struct arena *arena, struct sms_batch *batch,
				    const struct sms_fields **fields, struct sms_message **out, struct complaint *why);

/* --- a message ------------------------------------------------------------------ */

/* An id of what has none: a hash of these, each with its length. */
struct span sms_key_of(const struct span *of, size_t n, struct arena *arena);

/* False, and a complaint, when sender, receiver or key is too long. */
bool sms_door_message(const struct gateway_config *config, const struct link_message *raw, struct arena *arena,
		      struct sms_message *out, struct complaint *why);

/* One more message of the batch, empty; NULL when there are too many. */
struct sms_message *sms_batch_add(struct sms_batch *batch);

struct sms_status {
	const char *word;
	enum sms_fate fate;
};

/* What a gateway's word in a delivery report means; SMS_FATE_UNKNOWN: it is not in the table. */
enum sms_fate sms_fate_of(const struct sms_status *table, size_t n, struct span word);

/* --- what is sent --------------------------------------------------------------- */

/* An empty list with room for so many "Name: value". */
struct sms_head {
	const char **fields;
	size_t n, max;
	struct arena *arena;
};

struct sms_head sms_head_new(struct arena *arena, size_t max);
/* The value must be one line: asserted. */
void sms_head_add(struct sms_head *head, const char *name, struct span value);
/* "Authorization: Basic ..." */
void sms_head_basic(struct sms_head *head, const char *user, const char *password);

/* Appends "name=value" with escapes, and an '&' before it when it is not the first. */
void sms_form_add(struct buf *form, const char *name, struct span value);
void sms_escape_add(struct buf *to, struct span value);

/* receipt_url with "my=<our id>"; empty when none is to be asked for. */
struct span sms_receipt_url(const struct gateway_config *config, struct span our_id, struct arena *arena);

/* What an HTTP status that is no success says, where the gateway gives it no meaning of its own. */
enum sms_outcome sms_outcome_of(int status);

/* "a.example:8080" of "http://a.example:8080/x". */
struct span sms_url_host(const char *url);

/* The digits of "+8613800138000". */
struct span sms_digits(struct span number);

/* The longest run of capitals, digits, '-' and blanks between digits in a text: its number, for templates; empty when it has none. */
struct span sms_number_in(struct span text);

/* `format` with {number} and {text} filled in, in the arena; false when the text has no number and the format wants one. */
bool sms_fill(const char *format, struct span text, struct arena *arena, struct span *out);

#endif
