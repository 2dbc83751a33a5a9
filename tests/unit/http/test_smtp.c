/*
 * The mail client where there is nobody, somebody who says nothing, and when it
 * is freed: what was not offered is for later. What servers say is in
 * test_smtp_talk.c, whole servers with TLS in tests/e2e/mail.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/http/smtp.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct event_base *base;
static struct smtp_client *client;
static struct smtp_answer told;
static unsigned calls;

static void answered(void *ctx, const struct smtp_answer *answer)
{
	(void)ctx;
	told = *answer;
	calls++;
	event_base_loopbreak(base);
}

/* A port of its own where nobody accepts; the socket is *fd. */
static unsigned port_of(int *fd, bool listening)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	*fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &len), 0);
	if (listening)
		assert_int_equal(listen(*fd, 4), 0);
	return ntohs(at.sin_port);
}

static void start(unsigned port, unsigned timeout_ms)
{
	static const char *const to[] = { "a@b.example", NULL };
	const struct smtp_letter letter = { .from = "t@t.example", .to = to, .message = SPAN("S: 1\r\n\r\n") };
	char url[64];

	snprintf(url, sizeof(url), "smtp://127.0.0.1:%u", port);
	calls = 0;
	smtp_client_start(client,
			  &(struct smtp_server){ .url = url, .tls = SMTP_TLS_PLAIN_LOOPBACK, .ca_file = "", .user = "", .password = "" },
			  &letter, timeout_ms, answered, NULL);
	assert_int_equal(calls, 0);
}

static int begin(void **state)
{
	(void)state;
	base = event_base_new();
	client = smtp_client_new(base);
	return 0;
}

static int end(void **state)
{
	(void)state;
	smtp_client_free(client);
	event_base_free(base);
	return 0;
}

static void nobody_is_there(void **state)
{
	int fd;

	(void)state;
	start(port_of(&fd, false), 30000);
	event_base_dispatch(base);
	assert_int_equal(calls, 1);
	assert_int_equal(told.outcome, SMTP_LATER);
	assert_int_equal(told.code, 0);
	close(fd);
}

static void a_server_that_says_nothing(void **state)
{
	int fd;

	(void)state;
	start(port_of(&fd, true), 50);
	event_base_dispatch(base);
	assert_int_equal(calls, 1);
	assert_int_equal(told.outcome, SMTP_LATER);
	assert_string_equal(told.error, "no answer in time");
	close(fd);
}

static void freed_in_the_middle(void **state)
{
	int fd;

	(void)state;
	start(port_of(&fd, true), 30000);
	smtp_client_free(client);
	client = NULL;
	assert_int_equal(calls, 1);
	assert_int_equal(told.outcome, SMTP_LATER);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_is_there),
		TEST(a_server_that_says_nothing),
		TEST(freed_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
