/*
 * The GSM 7-bit alphabet: every character of every table there and back, the
 * rules for escapes, published packed texts, and nothing but UTF-8 out of noise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/sms/character.h"
#include "daemon/core/sms/gsm7.h"
#include "daemon/core/sms/gsm7_tables.h"

static const struct sms_tables plain;

static void expect(struct sms_tables tables, struct span septets, const char *text)
{
	struct buf out = { 0 };

	gsm7_decode(septets, tables, &out);
	assert_int_equal(out.len, strlen(text));
	assert_memory_equal(out.at != NULL ? out.at : "", text, out.len);
	buf_release(&out);
}

/* TS 23.038, 6.2.1 and 6.2.1.1, as text. */
static void the_default_alphabet_is_the_standard_s(void **state)
{
	static const char text[] = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ"
				   "ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
				   "abcdefghijklmnopqrstuvwxyzäöñüà";
	char septets[127];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 128; i++)
		if (i != GSM7_ESCAPE)
			septets[n++] = (char)i;
	expect(plain, span_from(septets, n), text);
	expect(plain, SPAN("\x1B\x0A\x1B\x14\x1B\x28\x1B\x29\x1B\x2F\x1B\x3C\x1B\x3D\x1B\x3E\x1B\x40\x1B\x65"),
	       "\f^{}\\[~]|€");
}

static void escapes_follow_the_rules(void **state)
{
	(void)state;
	expect(plain, SPAN("a\x1B"), "a ");
	expect(plain, SPAN("a\x1B\x1B" "b"), "a b");
	expect(plain, SPAN("\x1B\x1B\x1B\x65"), " €");
	expect(plain, SPAN("\x1B" "a"), "a");
	expect(plain, SPAN("\x1B\x0D"), "\r");
	expect((struct sms_tables){ .locking = 3 }, SPAN("\x1B\x0C"), "ô");
	expect(plain, SPAN("\0a\0"), "@a@");
	expect(plain, SPAN("a\x80\xE9"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
	expect(plain, SPAN("\x1B\xE5"), "\xEF\xBF\xBD");
	expect(plain, SPAN(""), "");
}

static void national_tables_are_read(void **state)
{
	(void)state;
	expect((struct sms_tables){ .single = 1 }, SPAN("\x1B\x53\x1B\x73\x1B\x47\x1B\x67\x1B\x49\x1B\x69"), "ŞşĞğİı");
	expect((struct sms_tables){ .locking = 1 }, SPAN("\x04\x07\x0B\x0C\x1C\x1D\x40\x60"), "€ıĞğŞşİç");
	expect((struct sms_tables){ .single = 2 }, SPAN("\x1B\x09\x1B\x41\x1B\x55\x1B\x75"), "çÁÚú");
	expect((struct sms_tables){ .locking = 3, .single = 3 }, SPAN("\x0B\x0C\x1B\x7B\x1B\x65"), "Ôôã€");
	expect((struct sms_tables){ .locking = 6 }, SPAN("\x28\x39"), ")9");
	expect((struct sms_tables){ .locking = 6, .single = 6 }, SPAN("\x00\x01\x02\x03"), "ँंःअ");
	expect((struct sms_tables){ .locking = 13 }, SPAN("\x00\x01"), "اآ");
	expect((struct sms_tables){ .locking = 14, .single = 255 }, SPAN("\x00\x1B\x65"), "@€");
	/* A place that a table leaves empty. */
	expect((struct sms_tables){ .locking = 4 }, SPAN("\x0C"), "\xEF\xBF\xBD");
}

static void there_and_back(uint32_t c, struct sms_tables tables, unsigned septets)
{
	struct buf text = { 0 }, coded = { 0 }, back = { 0 };

	sms_character_add(&text, c);
	assert_true(gsm7_encode(buf_span(&text), tables, &coded));
	assert_true(coded.len >= 1 && coded.len <= septets);
	assert_int_equal(gsm7_septets(c, tables), coded.len);
	gsm7_decode(buf_span(&coded), tables, &back);
	assert_true(span_eq(buf_span(&text), buf_span(&back)));
	buf_release(&text);
	buf_release(&coded);
	buf_release(&back);
}

static void every_character_of_every_pair_of_tables(void **state)
{
	(void)state;
	for (unsigned char l = 0; l < GSM7_LANGUAGES; l++) {
		for (unsigned char s = 0; s < GSM7_LANGUAGES; s++) {
			struct sms_tables tables = { .locking = l, .single = s };

			for (unsigned i = 0; i < GSM7_SEPTETS; i++)
				if (gsm7_locking[l][i] != 0)
					there_and_back(gsm7_locking[l][i], tables, 1);
			for (size_t i = 0; i < gsm7_single[s].n; i++)
				there_and_back(gsm7_single[s].at[i].character, tables, 2);
		}
	}
}

static void tables_are_well_made(void **state)
{
	(void)state;
	for (unsigned l = 0; l < GSM7_LANGUAGES; l++) {
		assert_int_equal(gsm7_locking[l][GSM7_ESCAPE], 0);
		assert_int_equal(gsm7_locking[l]['\n'], '\n');
		assert_int_equal(gsm7_locking[l]['\r'], '\r');
		assert_int_equal(gsm7_locking[l][' '], ' ');
		for (unsigned c = '0'; c <= '9'; c++)
			assert_int_equal(gsm7_locking[l][c], c);
		for (unsigned i = 0; i < GSM7_SEPTETS; i++)
			for (unsigned k = 0; k < i; k++)
				assert_true(gsm7_locking[l][i] == 0 || gsm7_locking[l][i] != gsm7_locking[l][k]);
		for (size_t i = 0; i < gsm7_single[l].n; i++) {
			assert_true(gsm7_single[l].at[i].septet < GSM7_SEPTETS && gsm7_single[l].at[i].character != 0);
			assert_int_not_equal(gsm7_single[l].at[i].septet, GSM7_ESCAPE);
			assert_true(i == 0 || gsm7_single[l].at[i].septet > gsm7_single[l].at[i - 1].septet);
		}
	}
}

static void what_a_table_lacks_is_refused(void **state)
{
	struct buf out = { 0 };

	(void)state;
	buf_add_text(&out, "x");
	assert_false(gsm7_encode(SPAN("abc举"), plain, &out));
	assert_false(gsm7_encode(SPAN("abcş"), plain, &out));
	assert_false(gsm7_encode(SPAN("a`"), plain, &out));
	assert_false(gsm7_encode(SPAN("a\xFF"), plain, &out));
	assert_int_equal(out.len, 1);
	assert_int_equal(gsm7_septets(0x4E3E, plain), 0);
	assert_int_equal(gsm7_septets('[', plain), 2);
	assert_int_equal(gsm7_septets('a', plain), 1);
	buf_release(&out);
}

static void pack_and_unpack(const char *text, struct span packed)
{
	struct buf septets = { 0 }, octets = { 0 }, back = { 0 };

	assert_true(gsm7_encode(span_of(text), plain, &septets));
	gsm7_pack(buf_span(&septets), 0, &octets);
	assert_int_equal(octets.len, packed.len);
	assert_memory_equal(octets.at, packed.at, packed.len);
	gsm7_unpack(packed, 0, septets.len, &back);
	assert_true(span_eq(buf_span(&back), buf_span(&septets)));
	buf_release(&septets);
	buf_release(&octets);
	buf_release(&back);
}

/* Packed texts as they stand in public descriptions of SMS PDUs. */
static void published_packed_texts(void **state)
{
	(void)state;
	pack_and_unpack("hellohello", SPAN("\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37"));
	pack_and_unpack("How are you?", SPAN("\xC8\xF7\x1D\x14\x96\x97\x41\xF9\x77\xFD\x07"));
	pack_and_unpack("Hello", SPAN("\xC8\x32\x9B\xFD\x06"));
	pack_and_unpack("€", SPAN("\x9B\x32"));
}

static void fill_bits_lead_to_the_next_septet(void **state)
{
	static const unsigned bits[] = { 0, 6, 5, 4, 3, 2, 1, 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bits); i++) {
		assert_int_equal(gsm7_fill_bits(i), bits[i]);
		assert_int_equal((i * 8 + gsm7_fill_bits(i)) % 7, 0);
	}
}

static void packed_there_and_back(void **state)
{
	uint32_t x = 3;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct buf in = { 0 }, octets = { 0 }, out = { 0 };
		unsigned fill = round % 7;
		size_t n = round % 161;

		for (size_t i = 0; i < n; i++)
			buf_add_byte(&in, (int)((x = x * 1664525 + 1013904223) >> 25));
		gsm7_pack(buf_span(&in), fill, &octets);
		assert_int_equal(octets.len, n == 0 ? 0 : (fill + n * 7 + 7) / 8);
		gsm7_unpack(buf_span(&octets), fill, n, &out);
		assert_true(span_eq(buf_span(&in), buf_span(&out)));
		buf_release(&in);
		buf_release(&octets);
		buf_release(&out);
	}
}

/* Seven septets and seven are eight in as many octets: without a number, the empty one is none. */
static void a_missing_number_is_found(void **state)
{
	struct buf octets = { 0 }, out = { 0 };

	(void)state;
	gsm7_pack(SPAN("seven77"), 0, &octets);
	assert_int_equal(octets.len, 7);
	gsm7_unpack(buf_span(&octets), 0, GSM7_ALL, &out);
	assert_int_equal(out.len, 7);
	buf_clear(&out);
	gsm7_unpack(buf_span(&octets), 0, 8, &out);
	assert_int_equal(out.len, 8);
	buf_clear(&out);
	gsm7_unpack(buf_span(&octets), 6, 200, &out);
	assert_int_equal(out.len, 7);
	buf_clear(&out);
	gsm7_unpack(SPAN(""), 6, GSM7_ALL, &out);
	assert_int_equal(out.len, 0);
	buf_release(&octets);
	buf_release(&out);
}

static void noise_becomes_clean_text(void **state)
{
	char noise[80];
	uint32_t x = 9;
	struct buf out = { 0 };

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		size_t len = round % sizeof(noise);
		struct sms_tables tables = { .locking = (unsigned char)(round % 16), .single = (unsigned char)(round / 16 % 16) };

		for (size_t i = 0; i < len; i++)
			noise[i] = (char)((x = x * 1664525 + 1013904223) >> 24);
		buf_clear(&out);
		gsm7_decode(span_from(noise, len), tables, &out);
		assert_true(utf8_valid(buf_span(&out)));
		assert_true(out.len == 0 || memchr(out.at, 0, out.len) == NULL);
	}
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_alphabet_is_the_standard_s),
		cmocka_unit_test(escapes_follow_the_rules),
		cmocka_unit_test(national_tables_are_read),
		cmocka_unit_test(every_character_of_every_pair_of_tables),
		cmocka_unit_test(tables_are_well_made),
		cmocka_unit_test(what_a_table_lacks_is_refused),
		cmocka_unit_test(published_packed_texts),
		cmocka_unit_test(fill_bits_lead_to_the_next_septet),
		cmocka_unit_test(packed_there_and_back),
		cmocka_unit_test(a_missing_number_is_found),
		cmocka_unit_test(noise_becomes_clean_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
