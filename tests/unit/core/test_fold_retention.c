/*
 * The fold of ends, legal holds and deletions.
 */
#include "daemon/core/journal/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define ID "\"id\":\"15-0000000001\""
#define BIRTH "{\"e\":\"accepted\"," ID ",\"at\":1,\"region\":\"150602\",\"points\":5,\"mark\":\"00112233445566778899aabbccddeeff\"}"
#define CLAIM "{\"e\":\"claimed\"," ID ",\"at\":2,\"by\":\"o\",\"until\":9}"
#define NOTE "{\"e\":\"note\"," ID ",\"at\":2,\"by\":\"o\",\"messages\":1}"
#define CLOSE "{\"e\":\"closed\"," ID ",\"at\":3,\"by\":\"o\",\"outcome\":\"prank\",\"ended\":5000}"
#define OLD_CLOSE "{\"e\":\"closed\"," ID ",\"at\":3,\"by\":\"o\",\"outcome\":\"prank\"}"
#define REOPEN "{\"e\":\"reopened\"," ID ",\"at\":4,\"by\":\"v\"}"
#define HOLD(event, by) "{\"e\":\"" event "\"," ID ",\"at\":4,\"by\":\"" by "\",\"why\":\"court\"}"
#define ERASE(parts) "{\"e\":\"erased\"," ID ",\"at\":6,\"region\":\"150602\",\"outcome\":\"prank\",\"parts\":\"" parts "\"}"
#define AWAY "{\"e\":\"transferred_away\"," ID ",\"at\":7,\"by\":\"o\",\"to\":\"11-0000000001\",\"region\":\"110105\"}"

static struct fold *fold;
static uint64_t number;
static struct complaint why;

static int begin(void **unused)
{
	(void)unused;
	fold = fold_new(1);
	number = 0;
	return 0;
}

static int finish(void **unused)
{
	(void)unused;
	fold_free(fold);
	return 0;
}

static void must(const char *event)
{
	if (!fold_event(fold, SPAN("15"), ++number, span_of(event), &why))
		fail_msg("%s: %s", event, why.text);
}

static void refused(const char *event, const char *words)
{
	assert_false(fold_event(fold, SPAN("15"), ++number, span_of(event), &why));
	if (strstr(why.text, words) == NULL)
		fail_msg("%s: %s", event, why.text);
}

static const struct fold_tip *tip(void)
{
	struct tip_id id = { .text = "15-0000000001" };

	return fold_find(fold, &id);
}

static void close_it(void)
{
	must(BIRTH);
	must(CLAIM);
	must(NOTE);
	must(CLOSE);
}

static void an_end_is_told_and_taken_back(void **unused)
{
	(void)unused;
	close_it();
	assert_string_equal(tip()->end.outcome, "prank");
	assert_int_equal(tip()->end.at_ms, 5000);
	must(REOPEN);
	assert_string_equal(tip()->end.outcome, "");
}

static void an_end_of_before_is_not_known(void **unused)
{
	(void)unused;
	must(BIRTH);
	must(CLAIM);
	must(OLD_CLOSE);
	assert_string_equal(tip()->end.outcome, "");
	refused(ERASE("identity"), "has not ended");
}

static void parts_go_once(void **unused)
{
	(void)unused;
	close_it();
	must(ERASE("identity,files"));
	assert_int_equal(tip()->state, TIP_CLOSED);
	refused(ERASE("files"), "second time");
	refused(ERASE("words"), "that are none");
	refused(ERASE(""), "that are none");
	must(ERASE("text"));
	assert_int_equal(tip()->state, TIP_ERASED);
	assert_int_equal(tip()->nmessages, 0);
	refused(REOPEN, "when erased");
	must(ERASE("row"));
	assert_null(tip());
	refused(NOTE, "never accepted");
}

static void what_is_gone_may_begin_again(void **unused)
{
	size_t n;

	(void)unused;
	close_it();
	must(ERASE("identity,files,text,row"));
	must(BIRTH);
	assert_int_equal(tip()->state, TIP_QUEUED);
	assert_int_equal(tip()->end.erased, 0);
	fold_tips(fold, &n);
	assert_int_equal(n, 1);
}

static void a_hold_takes_two_to_lift(void **unused)
{
	(void)unused;
	close_it();
	refused(HOLD("lift_asked", "v"), "is not held");
	must(HOLD("held", "v"));
	refused(HOLD("held", "w"), "held already");
	refused(ERASE("identity"), "is held");
	refused(HOLD("hold_lifted", "w"), "by one person");
	must(HOLD("lift_asked", "v"));
	refused(HOLD("hold_lifted", "v"), "by one person");
	must(HOLD("hold_lifted", "w"));
	assert_int_equal(tip()->hold, 0);
	must(ERASE("identity"));
}

static void what_is_held_does_not_go_away(void **unused)
{
	(void)unused;
	must(BIRTH);
	must(HOLD("held", "v"));
	refused(AWAY, "under a hold");
	must(HOLD("lift_asked", "v"));
	must(HOLD("hold_lifted", "w"));
	must(AWAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_end_is_told_and_taken_back, begin, finish),
		cmocka_unit_test_setup_teardown(an_end_of_before_is_not_known, begin, finish),
		cmocka_unit_test_setup_teardown(parts_go_once, begin, finish),
		cmocka_unit_test_setup_teardown(what_is_gone_may_begin_again, begin, finish),
		cmocka_unit_test_setup_teardown(a_hold_takes_two_to_lift, begin, finish),
		cmocka_unit_test_setup_teardown(what_is_held_does_not_go_away, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
