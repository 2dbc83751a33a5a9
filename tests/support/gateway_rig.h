/*
 * A gateway's driver with one request in its hands, for tests of drivers.
 */
#ifndef TIPLINE_TESTS_GATEWAY_RIG_H
#define TIPLINE_TESTS_GATEWAY_RIG_H

#include "handlers/intake/gateway.h"

struct gateway_rig {
	const struct gateway *gateway;
	const struct gateway_config *config;
	struct arena arena;
	struct http_request request;
	struct sms_batch batch;
	struct complaint why;
	struct sms_request sent;
};

/* Finds the config's driver; the rig is released by gateway_rig_down(). */
void gateway_rig_up(struct gateway_rig *rig, const struct gateway_config *config);
void gateway_rig_down(struct gateway_rig *rig);

/* Takes a request: "POST /sms/x/mo HTTP/1.1", fields with "\r\n" between them (or ""), body. */
void gateway_rig_take(struct gateway_rig *rig, const char *line, const char *fields, struct span body);

bool gateway_rig_verify(struct gateway_rig *rig, int64_t now_ms);

/* Decodes it; asserts that it can be, to one message, and gives that. */
const struct sms_message *gateway_rig_one(struct gateway_rig *rig);
bool gateway_rig_decode(struct gateway_rig *rig);

/* The reply to a result; its body is borrowed from the config. */
struct http_reply gateway_rig_answer(struct gateway_rig *rig, enum sms_result result);

bool gateway_rig_encode(struct gateway_rig *rig, const char *to, const char *text, int64_t now_ms);

/* What stands behind "Name: " among the fields of what is sent, or NULL. */
const char *gateway_rig_field(const struct gateway_rig *rig, const char *name);

/* The decoded parameter of a form that is sent; "" when there is none. */
const char *gateway_rig_form(struct gateway_rig *rig, const char *name);

/* What the gateway's answer means; *id is its id of the message, or "". */
enum sms_outcome gateway_rig_outcome(struct gateway_rig *rig, int status, const char *body, const char **id);

/* The complaint about the settings, or NULL when they fit. */
const char *gateway_rig_fits(struct gateway_rig *rig, const struct gateway_config *config);

#endif
