/*
 * Septets of any kind, packed and not, under any tables: clean UTF-8, and what
 * can be written is read back the same.
 *
 *   octets  locking table, single table, fill bits, number of septets, octets...
 */
#include "daemon/base/utf8.h"
#include "daemon/core/sms/gsm7.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct span septets, struct sms_tables tables)
{
	struct buf text = { 0 }, coded = { 0 }, again = { 0 };

	gsm7_decode(septets, tables, &text);
	assert(utf8_valid(buf_span(&text)));
	assert(text.len == 0 || memchr(text.at, 0, text.len) == NULL);
	if (gsm7_encode(buf_span(&text), tables, &coded)) {
		gsm7_decode(buf_span(&coded), tables, &again);
		assert(span_eq(buf_span(&text), buf_span(&again)));
	}
	buf_release(&text);
	buf_release(&coded);
	buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf septets = { 0 }, packed = { 0 };

	if (size < 4)
		return 0;
	struct sms_tables tables = { .locking = data[0], .single = data[1] };
	struct span octets = span_from(data + 4, size - 4);
	unsigned fill = data[2] % 8;

	check_text(octets, tables);
	gsm7_unpack(octets, fill, data[3] == 0 ? GSM7_ALL : data[3], &septets);
	assert(septets.len * 7 <= octets.len * 8);
	check_text(buf_span(&septets), tables);
	gsm7_pack(buf_span(&septets), fill, &packed);
	assert(packed.len <= octets.len);
	buf_release(&septets);
	buf_release(&packed);
	return 0;
}
