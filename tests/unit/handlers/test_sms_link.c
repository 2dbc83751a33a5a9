/*
 * Messages of a carrier on their way in: what came in one turn goes in together, each message has its own answer, and
 * after the way in is closed nobody is answered any more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/loop/loop.h"
#include "handlers/intake/sms_link.h"

#define MANY 200

static const struct link_config carrier = { .name = "carrier", .sender = "106900" }, other = { .name = "other", .sender = "" };

static struct world {
	struct loop *loop;
	struct sms_link *in;
	/* What came through the door. */
	size_t batches, messages;
	struct sms_batch *batch[MANY];
	sms_delivered *done[MANY];
	void *ctx[MANY];
	struct sms_connector connectors[MANY];
	/* What was answered. */
	size_t answers;
	struct link_ref refs[MANY];
	enum link_answer given[MANY];
} w;

/* The one door's double: keeps what it gets until the test says how it ended. */
void sms_deliver(struct sms *sms, const struct sms_connector *connector, struct sms_batch *batch, sms_delivered *done, void *ctx)
{
	(void)sms;
	w.connectors[w.batches] = *connector;
	w.batch[w.batches] = batch;
	w.done[w.batches] = done;
	w.ctx[w.batches++] = ctx;
	w.messages += batch->n;
}

static void on_answer(void *ctx, struct link_ref ref, enum link_answer answer)
{
	(void)ctx;
	w.refs[w.answers] = ref;
	w.given[w.answers++] = answer;
}

static void stop(void *ctx)
{
	loop_stop(ctx);
}

static void turn(void)
{
	loop_after(w.loop, 1, stop, w.loop);
	loop_run(w.loop);
}

static int set_up(void **state)
{
	(void)state;
	w = (struct world){ .loop = loop_new() };
	struct sms_link_env env = { .loop = w.loop, .home = "86", .answer = on_answer };

	w.in = sms_link_new(&env);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sms_link_free(w.in);
	loop_free(w.loop);
	return 0;
}

static void take(const struct link_config *link, uint64_t number, const char *text)
{
	char own[64];
	struct link_message message = { .from = SPAN("8613800138000"), .to = SPAN("106900"), .coding = SMS_LATIN1 };

	/* What the caller has is gone when the call returns. */
	memcpy(own, text, strlen(text));
	message.octets = span_from(own, strlen(text));
	sms_link_take(w.in, link, &message, (struct link_ref){ .session = 1, .message = number });
	memset(own, '!', sizeof(own));
}

static void a_turn_is_a_batch(void **state)
{
	const enum sms_result results[] = { SMS_AGAIN, SMS_TAKEN, SMS_NEVER };

	(void)state;
	take(&carrier, 1, "one");
	take(&carrier, 2, "two");
	take(&carrier, 3, "three");
	assert_int_equal(w.batches, 0);
	turn();
	assert_int_equal(w.batches, 1);
	assert_int_equal(w.batch[0]->n, 3);
	assert_string_equal(w.connectors[0].name, "carrier");
	assert_string_equal(w.connectors[0].sender, "106900");
	assert_true(w.connectors[0].sends);
	assert_int_equal(w.batch[0]->at[2].kind, SMS_TEXT);
	assert_true(span_is(w.batch[0]->at[2].text, "three"));
	assert_true(span_is(w.batch[0]->at[2].sender, "+8613800138000"));
	assert_int_equal(w.answers, 0);
	w.done[0](w.ctx[0], results, 3);
	assert_int_equal(w.answers, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(w.refs[i].message, i + 1);
	assert_true(w.given[0] == LINK_AGAIN && w.given[1] == LINK_TAKEN && w.given[2] == LINK_NEVER);
}

static void no_batch_is_too_long_or_of_two_links(void **state)
{
	enum sms_result results[SMS_LINK_BATCH] = { SMS_TAKEN };

	(void)state;
	for (uint64_t i = 0; i < SMS_LINK_BATCH + 10; i++)
		take(&carrier, i, "text");
	take(&other, 100, "text");
	take(&carrier, 101, "text");
	turn();
	assert_int_equal(w.batches, 4);
	assert_int_equal(w.messages, SMS_LINK_BATCH + 12);
	assert_string_equal(w.connectors[2].name, "other");
	for (size_t i = 0; i < w.batches; i++)
		w.done[i](w.ctx[i], results, w.batch[i]->n);
	assert_int_equal(w.answers, SMS_LINK_BATCH + 12);
}

static void nobody_is_answered_after_the_end(void **state)
{
	const enum sms_result taken = SMS_TAKEN;

	(void)state;
	take(&carrier, 1, "under way");
	turn();
	take(&carrier, 2, "not yet");
	sms_link_free(w.in);
	w.in = NULL;
	turn();
	assert_int_equal(w.batches, 1);
	w.done[0](w.ctx[0], &taken, 1);
	assert_int_equal(w.answers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_turn_is_a_batch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_batch_is_too_long_or_of_two_links, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_is_answered_after_the_end, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
