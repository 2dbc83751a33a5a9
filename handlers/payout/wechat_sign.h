/*
 * Signatures of WeChat Pay v3: the Authorization of our requests, and the
 * fields by which its answers and callbacks are verified.
 *
 *   ours:   METHOD\nTARGET\nSECONDS\nNONCE\nBODY\n     with our key
 *   theirs: SECONDS\nNONCE\nBODY\n                     with the platform's
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_WECHAT_SIGN_H
#define TIPLINE_HANDLERS_PAYOUT_WECHAT_SIGN_H

#include "handlers/payout/rail.h"

/* "WECHATPAY2-SHA256-RSA2048 mchid=..." in the arena; NULL: our key is none. */
const char *wechat_authorization(const struct rail_job *job, const struct rail_request *request);

/* The four fields of an answer or callback, and its body. */
struct wechat_signed {
	struct span serial, seconds, nonce, signature, body;
};

enum wechat_fault {
	WECHAT_FINE,
	WECHAT_UNSIGNED,   /* none of the fields is there */
	WECHAT_FORM,
	WECHAT_TIME,
	WECHAT_KEY,        /* of no key we know */
	WECHAT_WRONG,
};
enum wechat_fault wechat_verify(const struct rail_config *config, const struct wechat_signed *what, int64_t now_ms);

struct wechat_signed wechat_signed_answer(const struct http_response *answer);
struct wechat_signed wechat_signed_request(const struct http_request *request);

#endif
