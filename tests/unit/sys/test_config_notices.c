/*
 * What has to fit together in notices and mail: each complaint names its key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/config.h"

#include <stdlib.h>
#include <unistd.h>

#define HOOK "notices.a.url=https://x.example/", "notices.a.secret=s"
#define MAIL "mail.server=smtp://m.example:587", "mail.from=t@t.example", "notices.a.mail_to=a@b.example, c@d.example"
#define SETS_MAX 8

static char empty[] = "/tmp/tipline-empty-XXXXXX";

/* NULL: all is well; else how a complaint begins. */
static void judged(const char *const sets[SETS_MAX], const char *complaint)
{
	static struct config config;
	struct config_problems problems;
	struct config_source source = { .file = empty, .sets = sets };

	while (source.nsets < SETS_MAX && sets[source.nsets] != NULL)
		source.nsets++;
	(void)config_load(&config, &source, &problems);
	for (size_t i = 0; i < problems.n && complaint == NULL; i++)
		print_error("%s\n", problems.at[i].text);
	assert_int_equal(problems.n, complaint != NULL ? 1 : 0);
	if (complaint != NULL && strstr(problems.at[0].text, complaint) == NULL)
		fail_msg("\"%s\" instead of \"%s\"", problems.at[0].text, complaint);
	config_release(&config);
}

static void each_complaint_names_its_key(void **state)
{
	static const struct {
		const char *sets[SETS_MAX];
		const char *complaint;
	} rows[] = {
		{ { HOOK }, NULL },
		{ { MAIL }, NULL },
		{ { MAIL, "notices.a.digest=08:00 +0900", "mail.user=u", "mail.password_file=p" }, NULL },
		{ { MAIL, "mail.server=smtp://127.0.0.1:25", "mail.tls=plain-loopback", "mail.user=u", "mail.password=p" }, NULL },
		{ { MAIL, "mail.tls=plain-network" }, NULL },
		{ { "notices.a.kinds=urgent" }, "notices.a.url: missing" },
		{ { "notices.a.url=https://x.example/" }, "notices.a.secret_file: missing" },
		{ { HOOK, MAIL }, "notices.a: url and mail_to" },
		{ { MAIL, "notices.a.digest=8" }, "notices.a.digest" },
		{ { MAIL, "notices.a.mail_to=a@b.example, c" }, "notices.a.mail_to: the 2." },
		{ { MAIL, "notices.a.mail_to= , " }, "notices.a.mail_to: 1 to 20" },
		{ { MAIL, "mail.from=" }, "notices.a.mail_from" },
		{ { MAIL, "notices.a.mail_from=x" }, "notices.a.mail_from" },
		{ { MAIL, "mail.server=" }, "notices.a.mail_to: mail.server" },
		{ { MAIL, "mail.server=http://x" }, "mail.server" },
		{ { MAIL, "mail.tls=plain-loopback" }, "mail.tls: plain-loopback" },
		{ { MAIL, "mail.tls=plain-network", "mail.user=u", "mail.password=p" }, "mail.tls: no password" },
		{ { MAIL, "mail.server=smtps://127.0.0.1", "mail.tls=plain-loopback" }, "mail.tls: a server smtps" },
		{ { MAIL, "mail.user=u" }, "mail.password_file" },
		{ { MAIL, "mail.password=p", "mail.password_file=p" }, "mail: password" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		judged(rows[i].sets, rows[i].complaint);
}

static int make_empty(void **state)
{
	int fd = mkstemp(empty);

	(void)state;
	return fd < 0 || close(fd) != 0;
}

static int drop_empty(void **state)
{
	(void)state;
	return unlink(empty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_complaint_names_its_key),
	};

	return cmocka_run_group_tests(tests, make_empty, drop_empty);
}
