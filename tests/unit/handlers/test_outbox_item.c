/*
 * What is decoded is what was encoded; everything else is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/notify/outbox_item.h"

static const struct seal_key key = { .bytes = { 1, 2, 3 } };

static struct outbox_item an_sms(void)
{
	return (struct outbox_item){
		.kind = OUTBOX_SMS,
		.sms = { .tip = { .text = "15-7K3MQ2X9RD" },
			 .gateway = SPAN("kannel"),
			 .to = SPAN("+8613800138000"),
			 .text = SPAN("已收到，编号 7K3MQ2X9RD。请删除此短信。"),
			 .expires_ms = 1763751600000,
			 .not_before_ms = 1763750000000 },
	};
}

static struct outbox_item a_transfer(const struct span messages[3])
{
	struct outbox_item item = { .kind = OUTBOX_TRANSFER };
	struct store_tip *tip = &item.transfer.tip;

	item.transfer.from = (struct tip_id){ .text = "15-7K3MQ2X9RD" };
	item.transfer.messages = messages;
	item.transfer.nmessages = 3;
	tip->id = (struct tip_id){ .text = "11-7K3MQ2X9RD" };
	memset(tip->receipt_mark, 9, sizeof(tip->receipt_mark));
	memcpy(tip->region, "110105", 7);
	tip->points = 72;
	tip->hops = 3;
	tip->received_ms = 1763748000000;
	tip->event = SPAN("{\"e\":\"received\"}");
	tip->fingerprint = SPAN("\x01\x02\x00\xFF");
	tip->commitment = SPAN("0123456789abcdef0123456789abcdef");
	tip->sealed = SPAN("sealed \x80 content");
	tip->identity = SPAN("");
	memset(tip->data_key.id, 5, sizeof(tip->data_key.id));
	tip->data_key.sealed = SPAN("sealed key");
	tip->parent = (struct tip_id){ .text = "44-7K3MQ2X9RE" };
	tip->context = SPAN("3 0 1 0 0");
	tip->seed = SPAN("sixteen bytes \0\xFF");
	return item;
}

static struct outbox_item a_child(void)
{
	return (struct outbox_item){
		.kind = OUTBOX_CHILD,
		.child = { .child = { .text = "15-7K3MQ2X9RD" },
			   .received_ms = 1763748000000,
			   .parent = { .text = "11-0000000001" },
			   .joined = true,
			   .at_ms = 1763748000999,
			   .by = SPAN("of\"ficer 李") },
	};
}

static struct outbox_item a_verified(void)
{
	return (struct outbox_item){
		.kind = OUTBOX_VERIFIED,
		.verified = { .tip = { .text = "15-7K3MQ2X9RD" },
			      .rev = 17,
			      .received_ms = 1763748000000,
			      .region = "150602",
			      .case_id = SPAN("A-2026.7"),
			      .bands = SPAN("victim_located+buyer_identified"),
			      .by = SPAN("wei") },
	};
}

static void sms_comes_back(void **state)
{
	struct arena arena = { 0 };
	struct buf out = { 0 };
	struct outbox_item item, sms = an_sms();

	(void)state;
	outbox_item_encode(&sms, &out);
	assert_true(outbox_item_decode(buf_span(&out), &arena, &item));
	assert_int_equal(item.kind, OUTBOX_SMS);
	assert_string_equal(item.sms.tip.text, sms.sms.tip.text);
	assert_true(span_eq(item.sms.gateway, sms.sms.gateway));
	assert_true(span_eq(item.sms.to, sms.sms.to));
	assert_true(span_eq(item.sms.text, sms.sms.text));
	assert_int_equal(item.sms.expires_ms, sms.sms.expires_ms);
	assert_int_equal(item.sms.not_before_ms, sms.sms.not_before_ms);
	buf_release(&out);
	arena_release(&arena);
}

static void reports_and_notices_come_back(void **state)
{
	const struct outbox_item items[] = {
		{ .kind = OUTBOX_REPORT, .report = { .tip = { .text = "15-7K3MQ2X9RD" }, .connector = SPAN("kannel"), .delivered = true } },
		{ .kind = OUTBOX_NOTICE,
		  .notice = { .channel = SPAN("ordos"), .expires_ms = 8, .notice = { .kind = NOTICE_ESCALATED, .region = "150602", .at_ms = 7 } } },
	};
	struct outbox_item back[2];
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf out = { 0 };

		outbox_item_encode(&items[i], &out);
		assert_true(outbox_item_decode(buf_span(&out), &arena, &back[i]));
		assert_int_equal(back[i].kind, items[i].kind);
		buf_release(&out);
	}
	assert_true(back[0].report.delivered && span_is(back[0].report.connector, "kannel"));
	assert_string_equal(back[0].report.tip.text, "15-7K3MQ2X9RD");
	assert_true(span_is(back[1].notice.channel, "ordos") && back[1].notice.expires_ms == 8);
	assert_true(back[1].notice.notice.kind == NOTICE_ESCALATED && back[1].notice.notice.at_ms == 7);
	assert_string_equal(back[1].notice.notice.region, "150602");
	arena_release(&arena);
}

static void verified_comes_back(void **state)
{
	struct arena arena = { 0 };
	struct buf out = { 0 };
	struct outbox_item item, sent = a_verified();

	(void)state;
	outbox_item_encode(&sent, &out);
	assert_true(outbox_item_decode(buf_span(&out), &arena, &item));
	assert_int_equal(item.kind, OUTBOX_VERIFIED);
	assert_string_equal(item.verified.tip.text, sent.verified.tip.text);
	assert_int_equal(item.verified.rev, 17);
	assert_int_equal(item.verified.received_ms, sent.verified.received_ms);
	assert_string_equal(item.verified.region, "150602");
	assert_true(span_eq(item.verified.case_id, sent.verified.case_id));
	assert_true(span_eq(item.verified.bands, sent.verified.bands));
	assert_true(span_eq(item.verified.by, sent.verified.by));
	buf_clear(&out);
	sent.verified.bands = (struct span){ 0 };
	outbox_item_encode(&sent, &out);
	assert_true(outbox_item_decode(buf_span(&out), &arena, &item));
	assert_int_equal(item.verified.bands.len, 0);
	buf_clear(&out);
	sent.verified.case_id = (struct span){ 0 };
	outbox_item_encode(&sent, &out);
	assert_false(outbox_item_decode(buf_span(&out), &arena, &item));
	buf_release(&out);
	arena_release(&arena);
}

static void transfer_comes_back(void **state)
{
	const struct span messages[] = { SPAN("one\0sealed"), SPAN(""), SPAN("\xFF\xFEthree") };
	struct outbox_item sent = a_transfer(messages), item;
	const struct store_tip *a = &sent.transfer.tip, *b = &item.transfer.tip;
	struct arena arena = { 0 };
	struct buf out = { 0 };

	(void)state;
	outbox_item_encode(&sent, &out);
	assert_true(outbox_item_decode(buf_span(&out), &arena, &item));
	assert_int_equal(item.kind, OUTBOX_TRANSFER);
	assert_string_equal(item.transfer.from.text, sent.transfer.from.text);
	assert_string_equal(b->id.text, a->id.text);
	assert_memory_equal(b->receipt_mark, a->receipt_mark, sizeof(a->receipt_mark));
	assert_string_equal(b->region, a->region);
	assert_int_equal(b->points, a->points);
	assert_int_equal(b->hops, a->hops);
	assert_int_equal(b->received_ms, a->received_ms);
	assert_true(span_eq(b->event, a->event) && span_eq(b->fingerprint, a->fingerprint));
	assert_true(span_eq(b->commitment, a->commitment) && span_eq(b->sealed, a->sealed));
	assert_true(span_eq(b->identity, a->identity) && span_eq(b->data_key.sealed, a->data_key.sealed));
	assert_memory_equal(b->data_key.id, a->data_key.id, sizeof(a->data_key.id));
	assert_string_equal(b->parent.text, a->parent.text);
	assert_true(span_eq(b->context, a->context) && span_eq(b->seed, a->seed));
	assert_int_equal(item.transfer.nmessages, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(span_eq(item.transfer.messages[i], messages[i]));
	buf_release(&out);
	arena_release(&arena);
}

/* A tip that hangs under none: nothing is carried, and so it was before there were parents. */
static void a_transfer_without_parent_comes_back(void **state)
{
	const struct span messages[3] = { SPAN("one") };
	struct outbox_item sent = a_transfer(messages), item;
	struct arena arena = { 0 };
	struct buf out = { 0 };

	(void)state;
	sent.transfer.tip.parent.text[0] = '\0';
	sent.transfer.tip.context = SPAN("");
	sent.transfer.tip.seed = SPAN("");
	outbox_item_encode(&sent, &out);
	assert_true(outbox_item_decode(buf_span(&out), &arena, &item));
	assert_string_equal(item.transfer.tip.parent.text, "");
	assert_true(span_empty(item.transfer.tip.context));
	assert_true(span_empty(item.transfer.tip.seed));
	buf_release(&out);
	arena_release(&arena);
}

static void child_comes_back(void **state)
{
	struct arena arena = { 0 };
	struct outbox_item item, sent = a_child();

	(void)state;
	for (int joined = 0; joined < 2; joined++) {
		struct buf out = { 0 };

		sent.child.joined = joined == 1;
		outbox_item_encode(&sent, &out);
		assert_true(outbox_item_decode(buf_span(&out), &arena, &item));
		assert_int_equal(item.kind, OUTBOX_CHILD);
		assert_string_equal(item.child.child.text, sent.child.child.text);
		assert_string_equal(item.child.parent.text, sent.child.parent.text);
		assert_int_equal(item.child.received_ms, sent.child.received_ms);
		assert_int_equal(item.child.at_ms, sent.child.at_ms);
		assert_int_equal(item.child.joined, sent.child.joined);
		assert_true(span_eq(item.child.by, sent.child.by));
		buf_release(&out);
	}
	arena_release(&arena);
}

/* What a link says of itself becomes the intent for its parent. */
static void a_link_becomes_an_intent(void **state)
{
	struct store_link link = {
		.kind = STORE_LINK_NO_CHILD,
		.id = { .text = "11-0000000001" },
		.other = { .text = "15-7K3MQ2X9RD" },
		.received_ms = 7,
		.event = SPAN("{\"e\":\"unlinked\",\"id\":\"15-7K3MQ2X9RD\",\"at\":12,\"by\":\"of\\\"ficer\"}"),
	};
	struct arena arena = { 0 };
	struct outbox_item item;

	(void)state;
	assert_true(outbox_item_open(&key, child_intent(&key, &link, &arena), &arena, &item));
	assert_int_equal(item.kind, OUTBOX_CHILD);
	assert_string_equal(item.child.child.text, "15-7K3MQ2X9RD");
	assert_string_equal(item.child.parent.text, "11-0000000001");
	assert_int_equal(item.child.received_ms, 7);
	assert_int_equal(item.child.at_ms, 12);
	assert_false(item.child.joined);
	assert_true(span_is(item.child.by, "of\"ficer"));
	link.kind = STORE_LINK_CHILD;
	link.event = SPAN("");
	assert_true(outbox_item_open(&key, child_intent(&key, &link, &arena), &arena, &item));
	assert_true(item.child.joined);
	assert_true(span_is(item.child.by, "linker"));
	arena_release(&arena);
}

/* Cut anywhere within its fields, or any bit of its sealed form changed: no item. */
static void what_is_damaged_is_refused(void **state)
{
	struct arena arena = { 0 };
	struct buf out = { 0 };
	struct outbox_item item, sms = an_sms();

	(void)state;
	outbox_item_seal(&key, &sms, &out);
	assert_true(outbox_item_open(&key, buf_span(&out), &arena, &item));
	for (size_t i = 0; i < out.len * 8; i++) {
		out.at[i / 8] = (char)(out.at[i / 8] ^ (1 << i % 8));
		assert_false(outbox_item_open(&key, buf_span(&out), &arena, &item));
		out.at[i / 8] = (char)(out.at[i / 8] ^ (1 << i % 8));
	}
	for (size_t n = 0; n < out.len; n++)
		assert_false(outbox_item_open(&key, span_from(out.at, n), &arena, &item));
	buf_release(&out);
	arena_release(&arena);
}

static void what_is_something_else_is_refused(void **state)
{
	struct arena arena = { 0 };
	struct outbox_item item, half = an_sms();
	struct buf out = { 0 };

	(void)state;
	assert_false(outbox_item_decode(SPAN(""), &arena, &item));
	assert_false(outbox_item_decode(SPAN("\x01\x01\x07"), &arena, &item));
	assert_false(outbox_item_decode(SPAN("\x01\x01\x01"), &arena, &item));
	assert_false(outbox_item_decode(SPAN("\x01\x01\x01\x01\x01\x01"), &arena, &item));
	half.sms.to = SPAN("");
	outbox_item_encode(&half, &out);
	assert_false(outbox_item_decode(buf_span(&out), &arena, &item));
	for (int i = 0; i < 3; i++) {
		half = a_child();
		half.child.by = i == 0 ? SPAN("") : half.child.by;
		half.child.parent.text[0] = i == 1 ? 'x' : '1';
		half.child.at_ms = i == 2 ? -1 : 1;
		buf_clear(&out);
		outbox_item_encode(&half, &out);
		assert_false(outbox_item_decode(buf_span(&out), &arena, &item));
	}
	buf_release(&out);
	arena_release(&arena);
}

/* The length tells neither number nor gateway. */
static void lengths_are_padded(void **state)
{
	struct outbox_item sms = an_sms(), longer = an_sms();
	struct buf a = { 0 }, b = { 0 };

	(void)state;
	longer.sms.to = SPAN("+861380013800012");
	outbox_item_seal(&key, &sms, &a);
	outbox_item_seal(&key, &longer, &b);
	assert_int_equal(a.len, b.len);
	buf_release(&a);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sms_comes_back),
		cmocka_unit_test(verified_comes_back),
		cmocka_unit_test(reports_and_notices_come_back),
		cmocka_unit_test(transfer_comes_back),
		cmocka_unit_test(a_transfer_without_parent_comes_back),
		cmocka_unit_test(child_comes_back),
		cmocka_unit_test(a_link_becomes_an_intent),
		cmocka_unit_test(what_is_damaged_is_refused),
		cmocka_unit_test(what_is_something_else_is_refused),
		cmocka_unit_test(lengths_are_padded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
