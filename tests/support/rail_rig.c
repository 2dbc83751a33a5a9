/*
 * Rails in tests; see rail_rig.h. The constants are those of fake_provider.py.
 */
#include "tests/support/rail_rig.h"

#include "handlers/payout/wechat_crypt.h"
#include "tests/support/http_sample.h"

#include <assert.h>
#include <stdio.h>

#define NOWHERE "http://127.0.0.1:1"
#define PLATFORM_ID "PUB_KEY_ID_0119000000012026112100"

static const struct rail_final finals[] = {
	{ .code = "ACCOUNT_CLOSED", .fault = RAIL_FAULT_PAYEE },
	{ .code = "CHANNEL_OFF", .fault = RAIL_FAULT_OURS },
};

struct span rail_rig_file(struct rail_rig *rig, const char *name)
{
	struct span bytes = http_sample_read(arena_printf(&rig->arena, "tests/data/wechat/%s", name), &rig->arena);

	assert(bytes.at != NULL);
	return bytes;
}

static void configure_wechat(struct rail_rig *rig)
{
	struct rail_config *c = &rig->config;

	c->app_id = "wx0123456789abcdef";
	c->merchant = "1900000001";
	c->scene = "1000";
	c->infos[0] = (struct rail_info){ .type = "活动名称", .content = "奖励" };
	c->serial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
	c->hook_url = "https://tips.example/hooks/wallet";
	c->private_key = rail_rig_file(rig, "merchant.pem");
	c->platform[0] = (struct rail_public){ .id = PLATFORM_ID, .pem = rail_rig_file(rig, "platform.pub") };
	c->platform[1] = (struct rail_public){ .id = "3BC15F3460D68672390116DB842697540ECBECBB",
					      .pem = rail_rig_file(rig, "platform.crt") };
	c->api_key = SPAN("abcdef0123456789ABCDEF0123456789");
	c->max_fen = 2000000;
}

static void configure_connector(struct rail_rig *rig)
{
	struct rail_config *c = &rig->config;

	c->method = "wallet";
	c->account = "main";
	c->finals = finals;
	c->nfinals = 2;
	c->not_found_is_final = true;
	c->keys[0] = (struct x_sig_key){ .id = "test-1", .secret = SPAN("0123456789abcdef0123456789abcdef") };
	c->keys[1] = (struct x_sig_key){ .id = "test-0", .secret = SPAN("the key that was in use before it") };
}

void rail_rig_begin(struct rail_rig *rig, const char *driver, const char *url)
{
	*rig = (struct rail_rig){ .rail = rail_find(driver) };
	assert(rig->rail != NULL);
	rig->config = (struct rail_config){ .name = "wallet", .driver = rig->rail->driver, .url = url != NULL ? url : NOWHERE,
					    .profile_version = 3 };
	if (strcmp(driver, "wechat") == 0)
		configure_wechat(rig);
	else
		configure_connector(rig);
	rig->instruction = (struct rail_instruction){
		.id = SPAN(RAIL_RIG_ID), .attempt = 1, .fen = 850000, .expires_ms = RAIL_RIG_NOW_MS + 86400000,
		.profile_version = 3, .payee_ref = SPAN("pt_7f3a9c"), .payee_account = SPAN("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
		.payee_name = SPAN("张三"), .remark = SPAN("感谢"),
	};
	rig->job = (struct rail_job){ .config = &rig->config, .instruction = &rig->instruction, .now_ms = RAIL_RIG_NOW_MS,
				      .random = { 1, 2, 3, 4, 5, 6, 7, 8 }, .arena = &rig->arena };
}

void rail_rig_end(struct rail_rig *rig)
{
	arena_release(&rig->arena);
}

static void add_field(struct http_field *fields, size_t *n, const char *name, const char *value)
{
	fields[(*n)++] = (struct http_field){ .name = span_of(name), .value = span_of(value) };
}

static void sign_wechat(struct rail_rig *rig, struct span body, struct http_field *fields, size_t *n)
{
	const char *seconds = arena_printf(&rig->arena, "%lld", (long long)(rig->job.now_ms / 1000));
	const char *text = arena_printf(&rig->arena, "%s\nnonce-of-theirs\n%.*s\n", seconds, (int)body.len, body.at);
	struct span signature;
	bool fine = wechat_sign_text(rail_rig_file(rig, "platform.pem"), span_of(text), &rig->arena, &signature);

	assert(fine);
	add_field(fields, n, "Wechatpay-Serial", PLATFORM_ID);
	add_field(fields, n, "Wechatpay-Timestamp", seconds);
	add_field(fields, n, "Wechatpay-Nonce", "nonce-of-theirs");
	add_field(fields, n, "Wechatpay-Signature", signature.at);
}

static bool is_wechat(const struct rail_rig *rig)
{
	return strcmp(rig->config.driver, "wechat") == 0;
}

void rail_rig_answer_span(struct rail_rig *rig, int status, struct span body)
{
	const char *first = arena_printf(&rig->arena, "%d", status);
	struct x_sig_parts parts = { .first = span_of(first), .path = rig->asked.target, .nonce = rig->asked.nonce, .body = body };

	rig->answer = (struct http_response){ .status = status, .body = body };
	if (is_wechat(rig))
		sign_wechat(rig, body, rig->answer.fields, &rig->answer.nfields);
	else
		add_field(rig->answer.fields, &rig->answer.nfields, "X-Sig",
			  x_sig_write(&rig->config.keys[0], &parts, rig->job.now_ms, &rig->arena));
}

void rail_rig_answer(struct rail_rig *rig, int status, const char *body)
{
	rail_rig_answer_span(rig, status, span_of(body));
}

void rail_rig_hook(struct rail_rig *rig, struct span body, struct http_request *request)
{
	struct x_sig_parts parts = { .first = SPAN("POST"), .path = SPAN("/hooks/wallet"), .nonce = SPAN("0123456789abcdef"),
				     .body = body };

	*request = (struct http_request){ .method = HTTP_POST, .path = parts.path, .body = body };
	if (is_wechat(rig))
		sign_wechat(rig, body, request->fields, &request->nfields);
	else
		add_field(request->fields, &request->nfields, "X-Sig",
			  x_sig_write(&rig->config.keys[0], &parts, rig->job.now_ms, &rig->arena));
}

const char *rail_rig_field(const struct rail_rig *rig, const char *name)
{
	size_t len = strlen(name);

	for (const char *const *field = rig->asked.fields; field != NULL && *field != NULL; field++)
		if (strncmp(*field, name, len) == 0 && strncmp(*field + len, ": ", 2) == 0)
			return *field + len + 2;
	return NULL;
}
