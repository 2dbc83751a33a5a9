/*
 * tipctl promise: checks a signed promise offline.
 *
 * What is needed is the promise as the API gave it and the public key of the
 * house, from elsewhere than the promise itself. No store, no daemon, no network.
 */
#include "daemon/base/base64.h"
#include "daemon/core/tip/promise.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"

#include <getopt.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX 65536

int tipctl_promise(int argc, char **argv);

static int usage(void)
{
	fputs("usage: tipctl promise --key KEY [FILE]\n"
	      "Checks the promise in FILE (or standard input): the JSON value alone or the answer that holds "
	      "it.\n"
	      "KEY is the public key in hex or base64, or a file with it (tipctl key export-public).\n"
	      "Ends with 0 when the promise holds, 1 when it does not, 2 when it cannot be checked.\n",
	      stderr);
	return 2;
}

/* --- reading ------------------------------------------------------------------------ */

static bool bytes_of(const json_t *value, unsigned char *out, size_t len)
{
	const char *text = json_string_value(value);
	size_t got;

	return text != NULL && base64_get(span_from(text, json_string_length(value)), out, len, &got) && got == len;
}

static bool count_of(const json_t *value, uint64_t *out)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*out = (uint64_t)json_integer_value(value);
	return true;
}

static bool path_of(const json_t *value, struct promise *promise)
{
	promise->npath = json_array_size(value);
	if (!json_is_array(value) || promise->npath > MERKLE_PATH_MAX)
		return false;
	for (size_t i = 0; i < promise->npath; i++)
		if (!bytes_of(json_array_get(value, i), promise->path[i].bytes, MERKLE_HASH_BYTES))
			return false;
	return true;
}

static bool received_of(const json_t *value, int64_t *out)
{
	*out = json_integer_value(value);
	return json_is_integer(value);
}

/* NULL when all is there, else the member that is not. */
static const char *promise_of(const json_t *value, struct promise *promise)
{
	if (json_integer_value(json_object_get(value, "v")) != PROMISE_VERSION)
		return "v";
	if (!bytes_of(json_object_get(value, "leaf"), promise->leaf.commitment, PROMISE_COMMITMENT_BYTES))
		return "leaf";
	if (!received_of(json_object_get(value, "received"), &promise->leaf.received_ms))
		return "received";
	if (!count_of(json_object_get(value, "index"), &promise->index))
		return "index";
	if (!count_of(json_object_get(value, "count"), &promise->count))
		return "count";
	if (!path_of(json_object_get(value, "path"), promise))
		return "path";
	if (!bytes_of(json_object_get(value, "signature"), promise->signature, PROMISE_SIGNATURE_BYTES))
		return "signature";
	if (!bytes_of(json_object_get(value, "key"), promise->key, PROMISE_KEY_BYTES))
		return "key";
	return NULL;
}

static bool read_promise(struct span text, struct promise *promise)
{
	json_error_t error;
	json_t *whole = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &error);
	const json_t *inner = json_object_get(whole, "promise");
	const char *fault;

	if (whole == NULL) {
		fprintf(stderr, "tipctl: the promise is no JSON: %s (line %d)\n", error.text, error.line);
		return false;
	}
	fault = promise_of(inner != NULL ? inner : whole, promise);
	if (fault != NULL)
		fprintf(stderr, "tipctl: the promise's member \"%s\" is missing or malformed\n", fault);
	json_decref(whole);
	return fault == NULL;
}

static bool read_input(const char *file, struct buf *text)
{
	struct complaint why;
	size_t n;

	if (file != NULL && strcmp(file, "-") != 0) {
		if (files_read(file, INPUT_MAX, text, &why))
			return true;
		fprintf(stderr, "tipctl: %s\n", why.text);
		return false;
	}
	n = fread(buf_reserve(text, INPUT_MAX), 1, INPUT_MAX, stdin);
	text->len += n;
	if (!ferror(stdin) && feof(stdin))
		return true;
	fprintf(stderr, "tipctl: standard input cannot be read or has more than %d bytes\n", INPUT_MAX);
	return false;
}

static bool decode_key(struct span text, unsigned char key[PROMISE_KEY_BYTES])
{
	size_t len;

	while (text.len > 0 && (text.at[text.len - 1] == '\n' || text.at[text.len - 1] == '\r'))
		text.len--;
	if (sodium_hex2bin(key, PROMISE_KEY_BYTES, text.at, text.len, NULL, &len, NULL) == 0 &&
	    len == PROMISE_KEY_BYTES)
		return true;
	return base64_get(text, key, PROMISE_KEY_BYTES, &len) && len == PROMISE_KEY_BYTES;
}

static bool read_key(const char *argument, unsigned char key[PROMISE_KEY_BYTES])
{
	struct buf text = { 0 };
	bool well;

	if (decode_key(span_of(argument), key))
		return true;
	well = files_read(argument, 1024, &text, NULL) && decode_key(buf_span(&text), key);
	buf_release(&text);
	if (!well)
		fprintf(stderr, "tipctl: %s is neither a public key in hex or base64 nor a file with one\n",
			argument);
	return well;
}

/* --- telling ------------------------------------------------------------------------- */

static int tell(const struct promise *promise, enum promise_verdict verdict)
{
	static const char *const words[] = {
		[PROMISE_HOLDS] = "the promise holds",
		[PROMISE_OTHER_KEY] = "the promise was made with another key than the one given",
		[PROMISE_PATH] = "the promise does not hold: its path does not fit its place in the tree",
		[PROMISE_SIGNATURE] = "the promise does not hold: the signature does not fit what it says",
	};
	char received[21];

	printf("%s\n", words[verdict]);
	if (verdict != PROMISE_HOLDS)
		return 1;
	clock_text(promise->leaf.received_ms, received);
	printf("received %s, tip %llu of %llu written together\n", received,
	       (unsigned long long)promise->index + 1, (unsigned long long)promise->count);
	return 0;
}

static int check(const char *key_argument, const char *file)
{
	unsigned char key[PROMISE_KEY_BYTES];
	struct promise promise = { 0 };
	struct buf text = { 0 };
	int code = 2;

	if (read_key(key_argument, key) && read_input(file, &text) && read_promise(buf_span(&text), &promise))
		code = tell(&promise, promise_verify(&promise, key));
	buf_release(&text);
	return code;
}

int tipctl_promise(int argc, char **argv)
{
	static const struct option options[] = {
		{ .name = "key", .has_arg = required_argument, .val = 'k' },
		{ .name = NULL },
	};
	const char *key = NULL;
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "k:", options, NULL)) != -1) {
		if (option != 'k')
			return usage();
		key = optarg;
	}
	if (key == NULL || argc - optind > 1 || sodium_init() < 0)
		return usage();
	return check(key, argc > optind ? argv[optind] : NULL);
}
