/*
 * Other rails while payments are open: what is under way is asked where it
 * went, nothing is sent on what is gone, and no live payment is asked elsewhere.
 */
#include "handlers/payout/rail_reload.h"

#include "tests/support/money_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct money_book m;
static struct rail_set running, fresh;
static struct complaint why;
static const char *reward;

static void add(struct rail_set *set, const char *name, const char *url)
{
	const struct rail_config config = { .name = name, .driver = "http", .url = url, .method = "wallet",
					    .profile_version = 1,
					    .keys = { { .id = "k", .secret = SPAN("0123456789abcdef0123456789abcdef") } } };
	struct complaint wrong = { .text = "" };

	assert_true(rail_set_add(set, &config, &wrong));
}

/* A payment is SENDING on the rail "voucher". */
static void begin(void)
{
	money_book_begin(&m, INT64_C(100000000));
	reward = money_sent(&m, "TIP1");
	add(&running, "voucher", "https://one.example");
	add(&running, "idle", "https://idle.example");
	why = (struct complaint){ .text = "" };
}

static void end(void)
{
	rail_set_release(&running);
	assert_int_equal(fresh.n, 0);
	money_book_release(&m);
}

static void it_ends(void)
{
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", reward), "state", "FAILED", "by", "query",
		   "code", "CLOSED");
}

static void live_attempts_are_counted(void **unused)
{
	(void)unused;
	begin();
	assert_int_equal(rail_live_attempts(m.book, "voucher"), 1);
	assert_int_equal(rail_live_attempts(m.book, "idle"), 0);
	it_ends();
	assert_int_equal(rail_live_attempts(m.book, "voucher"), 0);
	end();
}

static void settings_change_and_figures_go_on(void **unused)
{
	struct rail_entry *before;

	(void)unused;
	begin();
	running.entries[0]->sent = 7;
	running.entries[0]->breaker.failures = 3;
	before = rail_entry_hold(running.entries[0]);
	add(&fresh, "voucher", "https://one.example");
	fresh.entries[0]->config.off = true;
	add(&fresh, "new", "https://new.example");
	assert_true(rail_reload(&running, &fresh, m.book, &why));
	assert_int_equal(running.n, 2);
	assert_ptr_not_equal(running.entries[0], before);
	assert_false(rail_entry_sends(running.entries[0]));
	assert_int_equal(running.entries[0]->sent, 7);
	assert_int_equal(running.entries[0]->breaker.failures, 3);
	assert_null(rail_set_find(&running, SPAN("idle")));
	/* A request that is on its way is read by the settings it went out with. */
	assert_true(rail_entry_sends(before));
	rail_entry_drop(before);
	end();
}

static void one_that_is_gone_is_asked_until_its_payments_are_over(void **unused)
{
	struct rail_entry *gone;

	(void)unused;
	begin();
	assert_true(rail_reload(&running, &fresh, m.book, &why));
	gone = rail_set_find(&running, SPAN("voucher"));
	assert_non_null(gone);
	assert_false(rail_entry_sends(gone));
	assert_int_equal(running.n, 1);
	assert_int_equal(rail_reload_sweep(&running, m.book), 0);
	/* Once more changes nothing; configured again it sends again. */
	assert_true(rail_reload(&running, &fresh, m.book, &why));
	assert_true(rail_set_find(&running, SPAN("voucher"))->gone);
	add(&fresh, "voucher", "https://one.example");
	assert_true(rail_reload(&running, &fresh, m.book, &why));
	assert_true(rail_entry_sends(rail_set_find(&running, SPAN("voucher"))));
	assert_true(rail_reload(&running, &fresh, m.book, &why));
	it_ends();
	assert_int_equal(rail_reload_sweep(&running, m.book), 1);
	assert_int_equal(running.n, 0);
	end();
}

/* "Not found" from another house would let the same money go out again. */
static void a_live_payment_is_not_asked_elsewhere(void **unused)
{
	(void)unused;
	begin();
	add(&fresh, "voucher", "https://two.example");
	assert_false(rail_reload(&running, &fresh, m.book, &why));
	assert_non_null(strstr(why.text, "payout.rails.voucher.url: "));
	assert_string_equal(running.entries[0]->config.url, "https://one.example");
	assert_int_equal(running.n, 2);
	/* Where nothing is open it may move, and so may this one when it is over. */
	add(&fresh, "voucher", "https://one.example");
	add(&fresh, "idle", "https://two.example");
	assert_true(rail_reload(&running, &fresh, m.book, &why));
	it_ends();
	add(&fresh, "voucher", "https://two.example");
	assert_true(rail_reload(&running, &fresh, m.book, &why));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(live_attempts_are_counted),
		cmocka_unit_test(settings_change_and_figures_go_on),
		cmocka_unit_test(one_that_is_gone_is_asked_until_its_payments_are_over),
		cmocka_unit_test(a_live_payment_is_not_asked_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
