/*
 * Our reader and writer against another's: libsmpp34 reads what we write, and
 * we read what it packs, thousands of legal PDUs with values by chance. Without
 * the library (scripts/deps test) the tests are skipped.
 *
 * It is a witness, not a judge: it refuses legal PDUs. A deliver_sm with
 * schedule or validity, and any TLV above 1,024 octets, it neither packs nor
 * reads, and a text of 254 octets it reads but does not pack; those stand in
 * test_smpp_read.c alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/coding.h"
#include "daemon/core/sms/smpp.h"
#include "tests/support/smpp_octets.h"

#if __has_include(<libsmpp34/smpp34_structs.h>)

#include <libsmpp34/smpp34.h>
#include <libsmpp34/smpp34_structs.h>
#include <libsmpp34/smpp34_params.h>
#include <libsmpp34/smpp34_heap.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 3000
#define ITS_TLV_MAX 1024
#define SHORT_MAX 254
#define ITS_SHORT_MAX 253

static const struct link_config config = { .name = "carrier", .account = "tip", .password = "secret", .system_type = "type",
					   .service = "HELP", .sender = "106900", .coding0 = "gsm7" };
static uint32_t state_of_chance = 34;

static unsigned chance(unsigned below)
{
	state_of_chance = state_of_chance * 1664525u + 1013904223u;
	return (state_of_chance >> 8) % below;
}

static struct span octets_by_chance(char *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (char)chance(256);
	return span_from(to, n);
}

static const char *digits_by_chance(char *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (char)('0' + chance(10));
	to[n] = '\0';
	return to;
}

/* --- what we write, it reads ------------------------------------------------- */

static void unpacks(void *into, const struct buf *pdu)
{
	if (smpp34_unpack2(into, (const uint8_t *)pdu->at, (int)pdu->len) != 0)
		fail_msg("%s", smpp34_strerror);
}

static void our_logins(void **state)
{
	static const enum link_role roles[] = { LINK_BOTH, LINK_IN, LINK_OUT };
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		bind_transceiver_t bind = { 0 };   /* the three are alike */

		buf_clear(&out);
		link_smpp.write_login(&config, roles[i], 0, 77, 0, &out);
		unpacks(&bind, &out);
		assert_int_equal(bind.command_length, out.len);
		assert_int_equal(bind.sequence_number, 77);
		assert_string_equal((const char *)bind.system_id, "tip");
		assert_string_equal((const char *)bind.password, "secret");
		assert_string_equal((const char *)bind.system_type, "type");
		assert_int_equal(bind.interface_version, SMPP_VERSION);
	}
	buf_release(&out);
}

static void same_submit(const submit_sm_t *theirs, const struct link_submit *ours)
{
	struct buf whole = { 0 };
	struct span read = span_from((const char *)theirs->short_message, theirs->sm_length);

	buf_add_span(&whole, ours->header);
	buf_add_span(&whole, ours->octets);
	if (whole.len > SHORT_MAX) {
		assert_non_null(theirs->tlv);
		assert_int_equal(theirs->tlv->tag, TLVID_message_payload);
		read = span_from((const char *)theirs->tlv->value.octet, theirs->tlv->length);
	}
	assert_true(span_eq(read, buf_span(&whole)));
	assert_int_equal(theirs->esm_class, ours->header.len > 0 ? 0x40 : 0);
	assert_int_equal(theirs->data_coding, ours->coding == SMS_UTF16 ? 8 : 0);
	assert_int_equal(theirs->registered_delivery, ours->want_report);
	assert_string_equal((const char *)theirs->service_type, "HELP");
	assert_string_equal((const char *)theirs->source_addr, "106900");
	assert_true(span_is(span_from_offset(ours->to, ours->to.at[0] == '+'), (const char *)theirs->destination_addr));
	assert_int_equal(theirs->dest_addr_ton, ours->to.at[0] == '+');
	assert_int_equal(theirs->dest_addr_npi, 1);
	buf_release(&whole);
}

static void our_submits(void **state)
{
	static char octets[ITS_TLV_MAX], number[32];
	struct buf out = { 0 };

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		bool plus = chance(2);
		struct link_submit submit = {
			.coding = chance(2) ? SMS_UTF16 : SMS_GSM7,
			.header = chance(2) ? SPAN("\5\0\3\1\2\1") : SPAN(""),
			.want_report = chance(2),
		};
		submit_sm_t theirs = { 0 };

		number[0] = '+';
		digits_by_chance(number + 1, 1 + chance(20));
		submit.to = span_of(plus ? number : number + 1);
		submit.octets = octets_by_chance(octets, chance(2) ? chance(SHORT_MAX + 1) : chance(ITS_TLV_MAX - 6));
		buf_clear(&out);
		link_smpp.write_submit(&config, &submit, i + 1, 0x34, &out);
		unpacks(&theirs, &out);
		assert_int_equal(theirs.sequence_number, i + 1);
		same_submit(&theirs, &submit);
		destroy_tlv(theirs.tlv);
	}
	buf_release(&out);
}

static void our_answers(void **state)
{
	static const enum link_answer answers[] = { LINK_TAKEN, LINK_AGAIN, LINK_NEVER };
	static const uint32_t statuses[] = { ESME_ROK, ESME_RX_T_APPN, ESME_RX_P_APPN };
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		const struct link_event event = { .command = DELIVER_SM, .sequence = 0x7FFFFFFF };
		deliver_sm_resp_t theirs = { 0 };

		buf_clear(&out);
		link_smpp.write_answer(&event, answers[i], 0x34, &out);
		unpacks(&theirs, &out);
		assert_int_equal(theirs.command_id, DELIVER_SM_RESP);
		assert_int_equal(theirs.command_status, statuses[i]);
		assert_int_equal(theirs.sequence_number, 0x7FFFFFFF);
	}
	buf_clear(&out);
	link_smpp.write_alive(9, &out);
	enquire_link_t alive = { 0 };

	unpacks(&alive, &out);
	assert_int_equal(alive.command_id, ENQUIRE_LINK);
	buf_release(&out);
}

/* --- what it packs, we read ---------------------------------------------------- */

static struct arena arena;
static uint8_t packed[8192];

static struct link_event event_of(void *theirs)
{
	struct link_event event;
	int len = 0;

	if (smpp34_pack2(packed, sizeof(packed), &len, theirs) != 0)
		fail_msg("%s", smpp34_strerror);
	struct span pdu = span_from((const char *)packed, (size_t)len);

	assert_int_equal(link_smpp.frame(pdu), len);
	link_smpp.read(&config, 0x34, pdu, &arena, &event);
	return event;
}

static void add_number(tlv_t **list, uint16_t tag, unsigned value, unsigned octets)
{
	tlv_t one = { .tag = tag, .length = (uint16_t)octets };

	if (octets == 1)
		one.value.val08 = (uint8_t)value;
	else
		one.value.val16 = (uint16_t)value;
	assert_int_equal(build_tlv(list, &one), 0);
}

static void add_octets(tlv_t **list, uint16_t tag, struct span octets)
{
	static tlv_t one;

	one = (tlv_t){ .tag = tag, .length = (uint16_t)octets.len };
	memcpy(one.value.octet, octets.at, octets.len);
	assert_int_equal(build_tlv(list, &one), 0);
}

static void same_number(struct span ours, unsigned ton, const uint8_t *theirs)
{
	assert_int_equal(ours.len > 0 && ours.at[0] == '+', ton == TON_International);
	assert_true(span_is(span_from_offset(ours, ton == TON_International), (const char *)theirs));
}

static void its_deliveries(void **state)
{
	static const unsigned dcs[] = { 0, 3, 8 };
	static const enum sms_coding codings[] = { SMS_GSM7, SMS_LATIN1, SMS_UTF16 };
	static char octets[ITS_TLV_MAX];

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned k = chance(COUNT_OF(dcs)), reference = chance(65536), total = 2 + chance(254), form = chance(4);
		deliver_sm_t theirs = { .command_id = DELIVER_SM, .sequence_number = i + 1, .source_addr_ton = (uint8_t)chance(2),
					.source_addr_npi = 1, .dest_addr_ton = (uint8_t)chance(2), .dest_addr_npi = 1,
					.priority_flag = (uint8_t)chance(4), .data_coding = (uint8_t)dcs[k] };
		struct span text = octets_by_chance(octets, form == 3 ? 1 + chance(ITS_TLV_MAX) : 1 + chance(ITS_SHORT_MAX));

		digits_by_chance((char *)theirs.source_addr, 1 + chance(20));
		digits_by_chance((char *)theirs.destination_addr, 1 + chance(20));
		if (form == 3) {
			add_octets(&theirs.tlv, TLVID_message_payload, text);
		} else {
			memcpy(theirs.short_message, text.at, text.len);
			theirs.sm_length = (uint8_t)text.len;
		}
		if (form == 1) {
			add_number(&theirs.tlv, TLVID_sar_msg_ref_num, reference, 2);
			add_number(&theirs.tlv, TLVID_sar_total_segments, total, 1);
			add_number(&theirs.tlv, TLVID_sar_segment_seqnum, total - 1, 1);
		}
		if (chance(2))
			add_number(&theirs.tlv, TLVID_user_message_reference, chance(65536), 2);
		if (chance(2))
			add_octets(&theirs.tlv, 0x1403, SPAN("of a vendor"));
		struct link_event event = event_of(&theirs);

		assert_int_equal(event.kind, LINK_EV_MESSAGE);
		assert_int_equal(event.sequence, i + 1);
		assert_int_equal(event.message.coding, codings[k]);
		assert_true(span_eq(event.message.octets, text));
		same_number(event.message.from, theirs.source_addr_ton, theirs.source_addr);
		same_number(event.message.to, theirs.dest_addr_ton, theirs.destination_addr);
		assert_int_equal(event.message.sar, form == 1);
		if (form == 1)
			assert_true(event.message.sar_reference == reference && event.message.sar_total == total &&
				    event.message.sar_number == total - 1);
		destroy_tlv(theirs.tlv);
		arena_clear(&arena);
	}
}

static void its_data(void **state)
{
	static char octets[ITS_TLV_MAX];

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		data_sm_t theirs = { .command_id = DATA_SM, .sequence_number = i + 1, .source_addr_ton = TON_International,
				     .source_addr_npi = 1, .data_coding = 8 };
		struct span text = octets_by_chance(octets, 1 + chance(ITS_TLV_MAX));

		digits_by_chance((char *)theirs.source_addr, 1 + chance(20));
		digits_by_chance((char *)theirs.destination_addr, 1 + chance(20));
		add_octets(&theirs.tlv, TLVID_message_payload, text);
		struct link_event event = event_of(&theirs);

		assert_int_equal(event.kind, LINK_EV_MESSAGE);
		assert_true(span_eq(event.message.octets, text));
		same_number(event.message.from, TON_International, theirs.source_addr);
		destroy_tlv(theirs.tlv);
		arena_clear(&arena);
	}
}

static void its_receipts(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		deliver_sm_t theirs = { .command_id = DELIVER_SM, .sequence_number = i + 1, .esm_class = 4 };
		char id[65];
		struct span name = span_of(digits_by_chance(id, 1 + chance(sizeof(id) - 2)));

		digits_by_chance((char *)theirs.source_addr, 11);
		add_octets(&theirs.tlv, TLVID_receipted_message_id, span_from(name.at, name.len + 1));
		add_number(&theirs.tlv, TLVID_message_state, 2, 1);
		struct link_event event = event_of(&theirs);

		assert_int_equal(event.kind, LINK_EV_REPORT);
		assert_true(span_eq(event.report.id, name));
		assert_int_equal(event.report.fate, LINK_DELIVERED);
		destroy_tlv(theirs.tlv);
		arena_clear(&arena);
	}
}

static void its_answers(void **state)
{
	submit_sm_resp_t sent = { .command_id = SUBMIT_SM_RESP, .sequence_number = 5, .message_id = "0A1b-77" };
	enquire_link_t alive = { .command_id = ENQUIRE_LINK, .sequence_number = 6 };
	unbind_t goodbye = { .command_id = UNBIND, .sequence_number = 7 };
	struct link_event event = event_of(&sent);

	(void)state;
	assert_int_equal(event.kind, LINK_EV_SUBMITTED);
	assert_int_equal(event.outcome, LINK_ACCEPTED);
	assert_true(span_is(event.id, "0A1b-77"));
	assert_int_equal(event_of(&alive).kind, LINK_EV_ALIVE);
	assert_int_equal(event_of(&goodbye).kind, LINK_EV_CLOSE);
}

static int prepare(void **state)
{
	static const struct smpp34_memory_functions memory = { .malloc_fun = malloc, .realloc_fun = realloc, .free_fun = free };

	(void)state;
	smpp34_set_memory_functions(&memory);
	return 0;
}

static int release(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_logins),
		cmocka_unit_test(our_submits),
		cmocka_unit_test(our_answers),
		cmocka_unit_test(its_deliveries),
		cmocka_unit_test(its_data),
		cmocka_unit_test(its_receipts),
		cmocka_unit_test(its_answers),
	};

	return cmocka_run_group_tests(tests, prepare, release);
}

#else

static void no_oracle(void **state)
{
	(void)state;
	print_message("libsmpp34-dev is not installed (scripts/deps test)\n");
	skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_oracle) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
