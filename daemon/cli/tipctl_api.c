/*
 * Calls to the staff API; see tipctl_api.h.
 */
#include "daemon/cli/tipctl_api.h"

#include "daemon/base/arena.h"
#include "daemon/base/hex.h"
#include "daemon/base/money.h"
#include "daemon/base/utf8.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/files.h"
#include "daemon/sys/random.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#define SECONDS_MAX 60
#define TOKEN_BYTES_MAX 256
#define KEY_BYTES 12

const char ctl_api_help[] =
	"\n"
	"  --server ADDRESS   host:port or unix:/PATH of listen.staff, or an https URL;\n"
	"                     nothing: as configured (--config, --set, --state)\n"
	"  --token-file FILE  the token, in a file that nobody else may read;\n"
	"                     nothing: the file that TIPLINE_TOKEN_FILE names\n"
	"  --key KEY          repeats a change whose answer got lost: it was told with it\n"
	"  --json             the answer as it came, for programs\n"
	"  --yes              ask no question\n"
	"\n"
	"Exit status: 0 done; 1 refused, or something is open (with --json that is 0); 2 wrong\n"
	"use; 3 recorded, and a second, different person has to do the same; 4 no answer, or not\n"
	"now: repeat it with the same key.\n";

/* --- options ------------------------------------------------------------------------------- */

void ctl_api_begin(struct ctl_api *api)
{
	unsigned char drawn[KEY_BYTES];

	*api = (struct ctl_api){ .token_file = getenv("TIPLINE_TOKEN_FILE") };
	random_bytes(drawn, sizeof(drawn));
	hex_put(drawn, sizeof(drawn), api->key);
}

static void take_key(struct ctl_api *api)
{
	if (strlen(optarg) < sizeof(api->key))
		snprintf(api->key, sizeof(api->key), "%s", optarg);
	else
		api->common.wrong = true;
}

void ctl_api_option(struct ctl_api *api, int option)
{
	switch (option) {
	case 256:
		api->server = optarg;
		return;
	case 257:
		api->token_file = optarg;
		return;
	case 258:
		take_key(api);
		return;
	case 259:
		api->json = true;
		return;
	case 260:
		api->yes = true;
		return;
	default:
		ctl_option(&api->common, option);
	}
}

bool ctl_api_usage(const struct ctl_api *api, const char *usage, int *status)
{
	if (!ctl_usage(&api->common, usage, status))
		return false;
	fputs(ctl_api_help, api->common.help ? stdout : stderr);
	return true;
}

/* --- where and as whom ------------------------------------------------------------------------ */

static bool is_of_this_machine(struct span host)
{
	return span_starts(host, SPAN("127.")) || span_starts(host, SPAN("localhost:")) || span_starts(host, SPAN("[::1]"));
}

/* The URL without a path; *socket (may stay NULL) is where it is reached. In the arena. */
static bool find_server(struct ctl_api *api, struct arena *arena, const char **base, const char **socket)
{
	struct config config;
	const char *address = api->server;

	if (address == NULL) {
		bool well = ctl_load(&api->common, &config);

		address = well ? arena_dup(arena, span_of(config.listen.staff)).at : NULL;
		config_release(&config);
	}
	if (address == NULL || address[0] == '\0') {
		fputs("tipctl: where is the daemon? Say --server, or --config with listen.staff\n", stderr);
		return false;
	}
	*base = address;
	if (strncmp(address, "https://", 8) == 0)
		return true;
	if (strncmp(address, "unix:", 5) == 0) {
		*socket = address + 5;
		address = "localhost";
	} else if (!is_of_this_machine(span_of(address))) {
		fprintf(stderr, "tipctl: %s is not on this machine: a token goes there by https alone\n", address);
		return false;
	}
	*base = arena_printf(arena, "http://%s", address);
	return true;
}

static bool read_token(const char *path, char token[TOKEN_BYTES_MAX])
{
	struct complaint why = { .text = "" };
	struct buf text = { 0 };
	struct span word;
	bool well;

	if (path == NULL) {
		fputs("tipctl: no token: say --token-file FILE, or name one in TIPLINE_TOKEN_FILE\n", stderr);
		return false;
	}
	well = files_private(path, &why) && files_read(path, TOKEN_BYTES_MAX, &text, &why);
	word = span_trim(buf_span(&text));
	while (word.len > 0 && (word.at[word.len - 1] == '\n' || word.at[word.len - 1] == '\r'))
		word.len--;
	if (well && (word.len == 0 || word.len >= TOKEN_BYTES_MAX || memchr(word.at, '\n', word.len) != NULL))
		well = complain(&why, 0, "%s: one token is expected", path);
	if (well)
		snprintf(token, TOKEN_BYTES_MAX, "%.*s", (int)word.len, word.at);
	else
		fprintf(stderr, "tipctl: %s\n", why.text);
	wipe(text.at, text.len);
	buf_release(&text);
	return well;
}

/* --- the request --------------------------------------------------------------------------------- */

static size_t keep_body(char *bytes, size_t size, size_t n, void *to)
{
	buf_add(to, bytes, size * n);
	return size * n;
}

static struct curl_slist *fields_of(const struct ctl_api *api, const struct ctl_request *request, const char *token)
{
	char line[TOKEN_BYTES_MAX + 64];
	struct curl_slist *fields;

	snprintf(line, sizeof(line), "Authorization: Bearer %s", token);
	fields = curl_slist_append(NULL, line);
	wipe(line, sizeof(line));
	if (request->type == NULL)
		return fields;
	snprintf(line, sizeof(line), "Content-Type: %s", request->type);
	fields = curl_slist_append(fields, line);
	snprintf(line, sizeof(line), "Idempotency-Key: %s", api->key);
	return curl_slist_append(fields, line);
}

static void set_options(CURL *curl, const struct ctl_request *request, const char *socket, struct curl_slist *fields,
			struct buf *body)
{
	if (socket != NULL)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	if (request->type != NULL) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.at != NULL ? request->body.at : "");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
	}
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SECONDS_MAX);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
}

static long send_request(const struct ctl_api *api, const struct ctl_request *request, const char *base,
			 const char *socket, const char *token, struct ctl_answer *answer)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *fields = fields_of(api, request, token);
	struct buf url = { 0 };
	CURLcode code = CURLE_FAILED_INIT;

	buf_add_text(&url, base);
	buf_add_text(&url, request->path);
	buf_add_byte(&url, '\0');
	if (curl != NULL) {
		set_options(curl, request, socket, fields, &answer->body);
		curl_easy_setopt(curl, CURLOPT_URL, url.at);
		code = curl_easy_perform(curl);
		if (code == CURLE_OK)
			curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
	}
	if (code != CURLE_OK)
		fprintf(stderr, "tipctl: no answer from %s: %s\n", base, curl_easy_strerror(code));
	for (struct curl_slist *field = fields; field != NULL; field = field->next)
		wipe(field->data, strlen(field->data));
	curl_slist_free_all(fields);
	curl_easy_cleanup(curl);
	buf_release(&url);
	return answer->status;
}

/* --- the answer ---------------------------------------------------------------------------------- */

static void tell_problem(const struct ctl_answer *answer)
{
	const char *code = ctl_text(answer->root, "code"), *field = ctl_text(answer->root, "field");

	fprintf(stderr, "tipctl: %ld %s%s%s%s: %s\n", answer->status, code, field[0] != '\0' ? " (" : "", field,
		field[0] != '\0' ? ")" : "", ctl_text(answer->root, "detail"));
}

/* Controls, and signs that turn the direction of what stands behind them. */
static bool moves_terminal(uint32_t c)
{
	return c < ' ' || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
	       (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static void make_text_plain(json_t *text)
{
	struct span from = span_from(json_string_value(text), json_string_length(text));
	struct buf to = { 0 };

	for (size_t at = 0, len; at < from.len; at += len) {
		if (moves_terminal(utf8_at(from, at, &len)))
			buf_add_byte(&to, '?');
		else
			buf_add(&to, from.at + at, len);
	}
	if (to.len > 0)
		json_string_setn(text, to.at, to.len);
	buf_release(&to);
}

void ctl_make_plain(json_t *value)
{
	const char *name;
	json_t *inner;
	size_t i;

	if (json_is_string(value))
		make_text_plain(value);
	json_object_foreach(value, name, inner) ctl_make_plain(inner);
	json_array_foreach(value, i, inner) ctl_make_plain(inner);
}

static int judge(const struct ctl_api *api, const struct ctl_request *request, const struct ctl_answer *answer)
{
	if (answer->status >= 200 && answer->status < 300 && answer->root != NULL)
		return answer->status == 202 ? CTL_VOTED : CTL_WELL;
	if (answer->status != 0)
		tell_problem(answer);
	if (answer->status >= 400 && answer->status < 500 && answer->status != 429)
		return CTL_WRONG;
	if (request->type != NULL)
		fprintf(stderr, "tipctl: nothing is known of it; repeat it with --key %s\n", api->key);
	return CTL_SILENT;
}

int ctl_api_call(struct ctl_api *api, const struct ctl_request *request, struct ctl_answer *answer)
{
	char token[TOKEN_BYTES_MAX];
	const char *base, *socket = NULL;
	struct arena arena = { 0 };
	int status = CTL_USAGE;

	*answer = (struct ctl_answer){ 0 };
	if (find_server(api, &arena, &base, &socket) && read_token(api->token_file, token)) {
		send_request(api, request, base, socket, token, answer);
		wipe(token, sizeof(token));
		answer->root = json_loadb(answer->body.at != NULL ? answer->body.at : "", answer->body.len, 0, NULL);
		ctl_make_plain(answer->root);
		status = judge(api, request, answer);
	}
	arena_release(&arena);
	return status;
}

void ctl_answer_release(struct ctl_answer *answer)
{
	json_decref(answer->root);
	buf_release(&answer->body);
}

void ctl_answer_print(const struct ctl_answer *answer)
{
	printf("%.*s\n", (int)answer->body.len, answer->body.at);
}

void ctl_api_query(struct buf *path, const char *name, const char *value)
{
	char *escaped = value != NULL ? curl_easy_escape(NULL, value, 0) : NULL;

	if (escaped == NULL)
		return;
	buf_add_byte(path, memchr(path->at, '?', path->len) == NULL ? '?' : '&');
	buf_add_text(path, name);
	buf_add_byte(path, '=');
	buf_add_text(path, escaped);
	curl_free(escaped);
}

bool ctl_api_words(char **words, int n, struct json_out *json)
{
	for (int i = 0; i < n; i++) {
		struct span value = span_of(words[i]), name;
		char member[64];

		if (!span_cut(&value, '=', &name) || value.at == NULL || name.len == 0 || name.len >= sizeof(member)) {
			fprintf(stderr, "tipctl: NAME=VALUE is expected, not %s\n", words[i]);
			return false;
		}
		snprintf(member, sizeof(member), "%.*s", (int)name.len, name.at);
		json_text(json, member, value);
	}
	return true;
}

const char *ctl_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

long long ctl_number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

const char *ctl_yuan(const json_t *object, const char *name, char text[32])
{
	char yuan[MONEY_TEXT_MAX];

	(void)money_write_yuan(ctl_number(object, name), yuan);
	snprintf(text, 32, "%.31s", yuan);
	return text;
}
