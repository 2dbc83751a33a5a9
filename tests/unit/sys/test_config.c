/*
 * Configuration: the table is sound, every mistake is told with its place, and
 * a reload takes over exactly what needs no restart.
 */
#include "daemon/base/table.h"
#include "daemon/sys/config.h"
#include "daemon/sys/config_yaml.h"
#include "daemon/sys/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct config config;
static struct config_problems problems;
static char path[64];

/* A file of that content; its name is in `path`. */
static void write_file(const char *yaml)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/tipline-config-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, yaml, strlen(yaml)), (ssize_t)strlen(yaml));
	close(fd);
}

static bool load(const char *yaml, const char *const *sets, size_t nsets)
{
	struct config_source source = { .file = path, .sets = sets, .nsets = nsets };
	bool well;

	config_release(&config);
	write_file(yaml);
	well = config_load(&config, &source, &problems);
	unlink(path);
	return well;
}

static int release(void **state)
{
	(void)state;
	config_release(&config);
	return 0;
}

/* Exactly one problem, at this place, with all these words. */
static void assert_refused(const char *yaml, size_t line, size_t column, const char *key, const char *words)
{
	char place[100];

	assert_false(load(yaml, NULL, 0));
	assert_int_equal(problems.n, 1);
	assert_int_equal(problems.at[0].line, line);
	assert_int_equal(problems.at[0].column, column);
	if (line > 0) {
		snprintf(place, sizeof(place), "%s:%zu:%zu: ", path, line, column);
		assert_memory_equal(problems.at[0].text, place, strlen(place));
	}
	assert_non_null(strstr(problems.at[0].text, key));
	assert_non_null(strstr(problems.at[0].text, words));
}

/* --- the table ------------------------------------------------------------ */

static void every_row_is_complete(void **state)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct option_row *row = &rows[i];

		assert_non_null(row->preset);
		assert_true(strlen(row->key) < OPTION_KEY_MAX);
		assert_true(strlen(row->help) > 10 && row->help[strlen(row->help) - 1] == '.');
		assert_ptr_equal(option_find(span_of(row->key)), row);
		if (row->type == OPTION_NUMBER || row->type == OPTION_BYTES)
			assert_true(row->unit != NULL && row->min < row->max);
		if (row->type == OPTION_CHOICE || row->type == OPTION_FLAGS)
			assert_non_null(row->words);
		for (size_t j = 0; j < i; j++)
			assert_true(strcmp(rows[j].key, row->key) != 0);
	}
}

/* The structs that offsets count from: the configuration, a gateway, a rail. */
static bool same_struct(const char *a, const char *b)
{
	const char *star = strchr(a, '*');

	if (star == NULL)
		return strchr(b, '*') == NULL;
	return strncmp(a, b, (size_t)(star - a) + 1) == 0;
}

static void fields_do_not_overlap(void **state)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (same_struct(rows[i].key, rows[j].key))
				assert_true(rows[i].at != rows[j].at);
}

static void every_default_fits_and_reads_back(void **state)
{
	size_t n;
	const struct option_row *rows = options_table(&n);
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < n; i++) {
		/* Enough room for either base. */
		struct config *base = arena_new(&arena, struct config);
		struct buf shown = { 0 }, again = { 0 };

		assert_true(option_set(&rows[i], base, span_of(rows[i].preset), &arena));
		option_show(&rows[i], base, &shown);
		assert_true(option_set(&rows[i], base, buf_span(&shown), &arena));
		option_show(&rows[i], base, &again);
		assert_true(span_eq(buf_span(&shown), buf_span(&again)));
		buf_release(&shown);
		buf_release(&again);
	}
	arena_release(&arena);
}

static void ranges_hold_at_both_ends(void **state)
{
	size_t n;
	const struct option_row *rows = options_table(&n);
	struct arena arena = { 0 };
	char text[32];

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const uint64_t inside[] = { rows[i].min, rows[i].max };
		const uint64_t outside[] = { rows[i].min - 1, rows[i].max + 1 };
		struct config base = { 0 };

		if (rows[i].type != OPTION_NUMBER && rows[i].type != OPTION_BYTES)
			continue;
		for (size_t e = 0; e < 2; e++) {
			snprintf(text, sizeof(text), "%llu", (unsigned long long)inside[e]);
			assert_true(option_set(&rows[i], &base, span_of(text), &arena));
			snprintf(text, sizeof(text), "%llu", (unsigned long long)outside[e]);
			assert_false(option_set(&rows[i], &base, span_of(text), &arena));
		}
	}
	arena_release(&arena);
}

/* --- values ------------------------------------------------------------------ */

static void defaults_alone_are_a_configuration(void **state)
{
	(void)state;
	assert_true(load("", NULL, 0));
	assert_string_equal(config.listen.public, "127.0.0.1:8080");
	assert_string_equal(config.store.address, "");
	assert_true(config.limits.enabled);
	assert_int_equal(config.limits.file_bytes, 10 * 1024 * 1024);
	assert_int_equal(config.limits.upload_bytes, 32 * 1024 * 1024);
	assert_int_equal(config.spool.max_bytes, 256 * 1024 * 1024);
	assert_int_equal(config.lease.default_s, 900);
	assert_int_equal(config.idempotency.keep_s, 691200);
	assert_int_equal(config.log.level, LOG_LEVEL_NOTICE);
	assert_int_equal(config.roles, ROLE_INTAKE | ROLE_DESK | ROLE_COURIER | ROLE_JOBS);
	assert_int_equal(config.sms.reply, SMS_REPLY_REFERENCE);
	assert_string_equal(config.sms.home_country, "86");
	assert_string_equal(config.files.types.at[0], "image/jpeg");
	assert_int_equal(config.sms.ngateways, 0);
}

static const char whole[] = "# comment\n"
			    "state_dir: /srv/tip line\n"
			    "roles: [intake, jobs]\n"
			    "listen:\n"
			    "  public: '[::1]:80'\n"
			    "  staff: unix:/run/tipline/staff\n"
			    "  ops: ''\n"
			    "  trusted_proxies:\n"
			    "    - 127.0.0.1\n"
			    "    - fd00::/8\n"
			    "limits: { enabled: false, files: 0, file_bytes: 1 GiB, upload_bytes: 2GiB }\n"
			    "log:\n"
			    "  level: debug\n"
			    "sms:\n"
			    "  reply: none\n"
			    "  gateways:\n"
			    "    kannel:\n"
			    "      driver: kannel\n"
			    "      secret: s3cret\n"
			    "    second-one: { driver: x, secret_file: k, send_url: 'http://127.0.0.1:13013/send' }\n"
			    "claim:\n";

static void a_whole_file_is_read(void **state)
{
	(void)state;
	assert_true(load(whole, NULL, 0));
	assert_string_equal(config.state_dir, "/srv/tip line");
	assert_int_equal(config.roles, ROLE_INTAKE | ROLE_JOBS);
	assert_string_equal(config.listen.public, "[::1]:80");
	assert_string_equal(config.listen.ops, "");
	assert_string_equal(config.listen.trusted_proxies, "127.0.0.1,fd00::/8");
	assert_false(config.limits.enabled);
	assert_int_equal(config.limits.files, 0);
	assert_int_equal(config.limits.upload_bytes, UINT64_C(2) << 30);
	assert_int_equal(config.log.level, LOG_LEVEL_DEBUG);
	assert_int_equal(config.sms.reply, SMS_REPLY_NONE);
	assert_int_equal(config.sms.ngateways, 2);
	assert_string_equal(config_gateway_find(&config, SPAN("kannel"))->secret, "s3cret");
	assert_string_equal(config_gateway_find(&config, SPAN("second-one"))->secret_file, "k");
	assert_string_equal(config_gateway_find(&config, SPAN("second-one"))->sender, "");
	assert_null(config_gateway_find(&config, SPAN("third")));
	assert_int_equal(config.claim.wait_max_s, 60);
}

static void set_is_stronger_than_the_file(void **state)
{
	static const char *const sets[] = { "limits.files=7", "roles=desk", "limits.files=8",
					    "sms.gateways.g.driver=d", "sms.gateways.g.secret=a=b",
					    "files.types=image/png, audio/ogg" };

	(void)state;
	assert_true(load("limits: {files: 3}\nroles: intake, desk\n", sets, COUNT_OF(sets)));
	assert_int_equal(config.limits.files, 8);
	assert_int_equal(config.roles, ROLE_DESK);
	assert_string_equal(config.sms.gateways[0].secret, "a=b");
	assert_int_equal(config.files.types.n, 2);
	assert_string_equal(config.files.types.at[1], "audio/ogg");
}

static void addresses_per_address_follow_the_switch(void **state)
{
	(void)state;
	assert_true(load("", NULL, 0));
	assert_int_equal(config_per_address(&config), 64);
	assert_true(load("limits: {enabled: false}", NULL, 0));
	assert_int_equal(config_per_address(&config), config.limits.connections);
	assert_string_equal(config_keys_dir(&config), "/var/lib/tipline/keys");
}

/* --- mistakes -------------------------------------------------------------------- */

static void mistakes_are_told_with_place_and_expectation(void **state)
{
	(void)state;
	assert_refused("limits:\n  files: 500\n", 2, 10, "limits.files", "from 0 to 8 (files)");
	assert_refused("limits:\n  file: 5\n", 2, 3, "limits.file:", "did you mean limits.files?");
	assert_refused("limit:\n  files: 5\n  x: {y: [z]}\n", 1, 1, "limit", "did you mean limits?");
	assert_refused("sms: {gateways: {k: {drivr: kannel}}}", 1, 22, "sms.gateways.k.drivr",
		       "did you mean sms.gateways.k.driver?");
	assert_refused("completely_else: 1\n", 1, 1, "completely_else", "unknown key; see");
	assert_refused("log:\n  level: loud\n", 2, 10, "log.level", "one of: error warning notice info debug");
	assert_refused("limits: {enabled: yes}\n", 1, 19, "limits.enabled", "true or false");
	assert_refused("limits: {body_bytes: 1 MB}\n", 1, 22, "limits.body_bytes", "1 KiB to 16 MiB");
	assert_refused("listen: {public: localhost:80}\n", 1, 18, "listen.public", "127.0.0.1:8080");
	assert_refused("listen: {trusted_proxies: [10.0.0.0/33]}\n", 1, 27, "trusted_proxies", "10.0.0.0/8");
	assert_refused("files: {types: [image/png, '*']}\n", 1, 16, "files.types", "media types");
	assert_refused("roles: []\n", 1, 8, "roles", "intake desk courier jobs");
	assert_refused("store: {address: [a]}\n", 1, 18, "store.address", "HOST:PORT");
	assert_refused("limits: 5\n", 1, 9, "limits", "a section");
	assert_refused("hello\n", 1, 1, "the file", "a section");
	assert_refused("- a\n", 1, 1, "the file", "a section");
	assert_refused("state_dir:\n", 1, 11, "state_dir", "the path");
	assert_refused("limits: {files: 1}\nlimits: {files: 2}\n", 2, 1, "limits", "given twice, first in line 1");
	assert_refused("limits:\n  files: 1\n  files: 1\n", 3, 3, "limits.files", "given twice, first in line 2");
	assert_refused("a: &x 1\n", 1, 1, "a", "unknown");
	assert_refused("limits: &x\n  files: 1\n", 1, 9, "limits", "anchors");
	assert_refused("limits: !!map {files: 1}\n", 1, 9, "limits", "tags");
	assert_refused("limits: {files: 1}\n---\nlimits: {files: 1}\n", 2, 1, "second document", "expected one");
	assert_refused("limits:\n\tfiles: 1\n", 2, 1, "not YAML", "cannot start any token");
	assert_refused("limits: {files: 1\n", 2, 1, "not YAML", "flow mapping");
	assert_refused("? [a]\n: 1\n", 1, 3, "a key must be a word", "");
	assert_refused("sms: {gateways: {Bad Name: {driver: x}}}\n", 1, 37, "Bad Name", "a-z, 0-9");
	assert_refused("listen: {public: \"127.0.0.1\\0:80\"}\n", 1, 18, "listen.public", "");
}

static void rules_between_values_hold(void **state)
{
	(void)state;
	assert_refused("limits: {file_bytes: 64 MiB}\n", 0, 0, "limits.file_bytes", "limits.upload_bytes");
	assert_refused("lease: {default_s: 86401}\n", 0, 0, "lease.default_s (86401)", "lease.max_s (86400)");
	assert_refused("claim: {wait_max_s: 75}\n", 0, 0, "limits.reply_ms", "claim.wait_max_s");
	assert_refused("listen: {staff: '127.0.0.1:8080'}\n", 0, 0, "listen.staff", "differ");
	assert_refused("sms: {links: {m: {protocol: cmpp, host: h, account: '9000011'}}}\n", 1, 29, "sms.links.m.account",
		       "cmpp has 6 characters");
	assert_refused("sms: {links: {m: {protocol: smgp, host: h, account: '900001123'}}}\n", 1, 29, "sms.links.m.account",
		       "smgp has 8 characters");
	assert_refused("sms: {links: {m: {protocol: cmpp, host: h, account: '900001', version: '3'}}}\n", 1, 29,
		       "sms.links.m.version", "2.0 or 3.0");
	assert_refused("sms: {gateways: {k: {driver: x}}}\n", 1, 30, "sms.gateways.k.secret_file", "anybody");
	assert_refused("sms: {gateways: {k: {secret: x}}}\n", 1, 30, "sms.gateways.k.driver", "required");
	assert_refused("sms: {gateways: {k: {driver: x, secret: x, secret_file: y}}}\n", 1, 30, "sms.gateways.k",
		       "expected one");
	assert_true(load("listen: {staff: '127.0.0.1:0', ops: '127.0.0.1:0'}\n", NULL, 0));
}

static void tls_needs_a_certificate_and_its_key(void **state)
{
	(void)state;
	assert_refused("listen: {tls: public, tls_key: /k}\n", 0, 0, "listen.tls_certificate", "missing");
	assert_refused("listen: {tls: public, tls_certificate: /c}\n", 0, 0, "listen.tls_key", "missing");
	assert_refused("listen: {tls: everywhere}\n", 1, 15, "listen.tls", "public");
	assert_true(load("listen: {tls: [public, staff], tls_certificate: /c, tls_key: /k}\n", NULL, 0));
	assert_int_equal(config.listen.tls, 3);
	assert_true(load("listen: {tls_certificate: /c}\n", NULL, 0));
}

static void all_mistakes_are_told_at_once(void **state)
{
	static const char *const sets[] = { "x", "limits.fils=1", "store.timeout_ms=1" };

	(void)state;
	assert_false(load("limits: {files: -1, body_bytes: 0}\nx: 1\n", sets, COUNT_OF(sets)));
	assert_int_equal(problems.n, 6);
	assert_string_equal(problems.at[3].text, "--set: \"x\": KEY=VALUE is expected");
	assert_non_null(strstr(problems.at[4].text, "did you mean limits.files?"));
	assert_non_null(strstr(problems.at[5].text, "from 50 to 10000 (milliseconds)"));
}

static void a_flood_of_mistakes_is_cut(void **state)
{
	char yaml[20000] = "";

	(void)state;
	for (int i = 0; i < 1000; i++)
		snprintf(yaml + strlen(yaml), sizeof(yaml) - strlen(yaml), "k%d: [[[\n]]]\n", i);
	assert_false(load(yaml, NULL, 0));
	assert_int_equal(problems.n, CONFIG_PROBLEMS_MAX);
}

static void secrets_are_not_repeated_in_complaints(void **state)
{
	(void)state;
	assert_refused("sms: {gateways: {k: {driver: x, secret: \"can\\tary\"}}}\n", 1, 41, "sms.gateways.k.secret",
		       "expected");
	assert_null(strstr(problems.at[0].text, "ary"));
}

static void a_named_file_must_be_there(void **state)
{
	struct config_source source = { .file = "/nonexistent/tipline.yaml" };

	(void)state;
	config_release(&config);
	assert_false(config_load(&config, &source, &problems));
	assert_non_null(strstr(problems.at[0].text, "/nonexistent/tipline.yaml"));
}

static void secrets_are_read_from_files(void **state)
{
	char secret[] = "/tmp/tipline-secret-XXXXXX", set[100];
	const char *const sets[] = { "sms.gateways.k.driver=x", set };
	int fd = mkstemp(secret);

	(void)state;
	snprintf(set, sizeof(set), "sms.gateways.k.secret_file=%s", secret);
	assert_true(load("", sets, 2));
	assert_false(config_secrets(&config, &problems));
	assert_int_equal(write(fd, "open sesame\n", 12), 12);
	close(fd);
	assert_true(config_secrets(&config, &problems));
	assert_string_equal(config.sms.gateways[0].secret, "open sesame");
	unlink(secret);
	assert_false(config_secrets(&config, &problems));
	assert_non_null(strstr(problems.at[0].text, "sms.gateways.k.secret_file"));
}

/* --- reload ------------------------------------------------------------------------ */

static void reload_takes_what_needs_no_restart(void **state)
{
	struct config fresh;
	struct config_change changes[8];
	struct config_source source = { .file = path };

	(void)state;
	assert_true(load("limits: {tips_burst: 1}\nsms: {gateways: {k: {driver: x, secret: old}}}\n", NULL, 0));
	write_file("limits: {tips_burst: 2, connections: 100}\nlog: {level: info}\n"
		   "sms: {gateways: {j: {driver: x, secret: a}, k: {driver: x, secret: new}}}\n");
	assert_true(config_load(&fresh, &source, &problems));
	unlink(path);
	assert_int_equal(config_diff(&config, &fresh, changes, COUNT_OF(changes)), 4);
	assert_string_equal(changes[0].key, "limits.tips_burst");
	assert_false(changes[0].restart);
	assert_string_equal(changes[1].key, "limits.connections");
	assert_true(changes[1].restart);
	assert_string_equal(changes[2].key, "log.level");
	assert_string_equal(changes[3].key, "sms.gateways");
	config_adopt(&config, &fresh);
	assert_int_equal(config_diff(&config, &fresh, changes, COUNT_OF(changes)), 1);
	assert_string_equal(changes[0].key, "limits.connections");
	config_release(&fresh);
	assert_int_equal(config.limits.tips_burst, 2);
	assert_int_equal(config.limits.connections, 4096);
	assert_string_equal(config_gateway_find(&config, SPAN("k"))->secret, "new");
	assert_string_equal(config_gateway_find(&config, SPAN("j"))->name, "j");
}

static void the_same_file_changes_nothing(void **state)
{
	struct config fresh;
	struct config_source source = { .file = path };

	(void)state;
	assert_true(load(whole, NULL, 0));
	write_file(whole);
	assert_true(config_load(&fresh, &source, &problems));
	unlink(path);
	assert_int_equal(config_diff(&config, &fresh, NULL, 0), 0);
	config_release(&fresh);
}

#define TEST(function) cmocka_unit_test_teardown(function, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_row_is_complete),
		TEST(fields_do_not_overlap),
		TEST(every_default_fits_and_reads_back),
		TEST(ranges_hold_at_both_ends),
		TEST(defaults_alone_are_a_configuration),
		TEST(a_whole_file_is_read),
		TEST(set_is_stronger_than_the_file),
		TEST(addresses_per_address_follow_the_switch),
		TEST(mistakes_are_told_with_place_and_expectation),
		TEST(rules_between_values_hold),
		TEST(tls_needs_a_certificate_and_its_key),
		TEST(all_mistakes_are_told_at_once),
		TEST(a_flood_of_mistakes_is_cut),
		TEST(secrets_are_not_repeated_in_complaints),
		TEST(a_named_file_must_be_there),
		TEST(secrets_are_read_from_files),
		TEST(reload_takes_what_needs_no_restart),
		TEST(the_same_file_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
