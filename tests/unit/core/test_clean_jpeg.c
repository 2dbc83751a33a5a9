/*
 * Clean copies of JPEG: what stays, what goes, what is written anew, and that
 * whatever is not exactly a JPEG has no copy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/clean_rig.h"

#define JFIF "\xff\xe0\0\x10JFIF\0\x01\x02\x01\0\x48\0\x48\0\0"
#define DQT "\xff\xdb\0\x43\0" "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SOF "\xff\xc0\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0"
#define DHT "\xff\xc4\0\x15\0\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\x06"
#define SOS "\xff\xda\0\x08\x01\x01\0\0\x3f\0"
#define CODED "pixels\xff\0more"
#define END "\xff\xd9"
#define TABLES DQT SOF DHT
#define PLAIN "\xff\xd8" JFIF TABLES SOS CODED END
#define EXIF(orientation) "\xff\xe1\0\x28" "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" orientation "\0\0" "\0\0\0\0" "GPS!" "\0\0"
#define TURNED "\xff\xe1\0\x22" "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" "\0\0\0\0"

static void assert_copy(struct span file, struct span expected)
{
	for (size_t step = 1; step <= file.len + 1; step++) {
		struct buf out = { 0 };

		assert_true(clean_rig_copy("image/jpeg", file, step, &out));
		assert_int_equal(out.len, expected.len);
		assert_memory_equal(out.at, expected.at, expected.len);
		buf_release(&out);
	}
}

static void assert_none(struct span file)
{
	for (size_t step = 1; step <= file.len + 1; step++) {
		struct buf out = { 0 };

		assert_false(clean_rig_copy("image/jpeg", file, step, &out));
		buf_release(&out);
	}
}

#define COPY(file, expected) assert_copy(SPAN(file), SPAN(expected))
#define NONE(file) assert_none(SPAN(file))

static void what_is_needed_stays_byte_for_byte(void **state)
{
	(void)state;
	COPY(PLAIN, PLAIN);
	COPY("\xff\xd8" TABLES SOS CODED DHT SOS CODED END, "\xff\xd8" TABLES SOS CODED DHT SOS CODED END);
	COPY("\xff\xd8" TABLES "\xff\xdd\0\x04\0\x02" SOS "a\xff\xd0" "b\xff\xd1" "c" END,
	     "\xff\xd8" TABLES "\xff\xdd\0\x04\0\x02" SOS "a\xff\xd0" "b\xff\xd1" "c" END);
}

static void what_is_beside_the_pixels_goes(void **state)
{
	(void)state;
	COPY("\xff\xd8" JFIF "\xff\xfe\0\x09" "comment" "\xff\xe2\0\x0b" "ICC_PROFI" "\xff\xed\0\x04" "ps" "\xff\xef\0\x02" TABLES SOS CODED
	     "\xff\xfe\0\x02" "\xff\xe1\0\x06" "http" DHT SOS CODED END,
	     "\xff\xd8" JFIF TABLES SOS CODED DHT SOS CODED END);
	COPY(PLAIN "a film behind the picture \xff\xd8\xff\xd9", PLAIN);
	COPY(PLAIN "\xff\xe1", PLAIN);
	/* The thumbnail of JFIF, of one pixel here, and all extensions of it. */
	COPY("\xff\xd8" "\xff\xe0\0\x13JFIF\0\x01\x02\x01\0\x48\0\x48\x01\x01rgb" "\xff\xe0\0\x0aJFXX\0\x10xx" TABLES SOS CODED END, PLAIN);
	COPY("\xff\xd8" JFIF JFIF TABLES SOS CODED END, PLAIN);
	/* Bytes that fill. */
	COPY("\xff\xd8\xff" JFIF TABLES SOS "pixels\xff\xff\xff\0more" "\xff\xff" END, PLAIN);
}

static void of_exif_the_orientation_stays(void **state)
{
	(void)state;
	COPY("\xff\xd8" EXIF("\x06") TABLES SOS CODED END, "\xff\xd8" TURNED TABLES SOS CODED END);
	COPY("\xff\xd8" TURNED TABLES SOS CODED END, "\xff\xd8" TURNED TABLES SOS CODED END);
	COPY("\xff\xd8" EXIF("\x01") TABLES SOS CODED END, "\xff\xd8" TABLES SOS CODED END);
	COPY("\xff\xd8" EXIF("\x06") EXIF("\x03") TABLES SOS CODED END, "\xff\xd8" TURNED TABLES SOS CODED END);
	COPY("\xff\xd8" "\xff\xe1\0\x0a" "Exif\0\0MM" TABLES SOS CODED END, "\xff\xd8" TABLES SOS CODED END);
}

static void of_adobe_the_colours_stay(void **state)
{
	(void)state;
	COPY("\xff\xd8" "\xff\xee\0\x12" "Adobe\0\x65" "abcd" "\x02" "more" TABLES SOS CODED END,
	     "\xff\xd8" "\xff\xee\0\x0e" "Adobe\0\x64" "\0\0\0\0" "\x02" TABLES SOS CODED END);
	COPY("\xff\xd8" "\xff\xee\0\x06" "Adob" TABLES SOS CODED END, "\xff\xd8" TABLES SOS CODED END);
	NONE("\xff\xd8" "\xff\xee\0\x0e" "Adobe\0\x64" "\0\0\0\0" "\x03" TABLES SOS CODED END);
	NONE("\xff\xd8" "\xff\xee\0\x0e" "Adobe\0\x64" "\0\0\0\0" "\0" "\xff\xee\0\x0e" "Adobe\0\x64" "\0\0\0\0" "\x01" TABLES SOS CODED END);
}

static void what_is_no_whole_jpeg_has_no_copy(void **state)
{
	static const char plain[] = PLAIN;

	(void)state;
	for (size_t len = 0; len < sizeof(plain) - 1; len++)
		assert_none(span_from(plain, len));
	NONE("x" PLAIN);
	NONE("\xff\xd9");
	NONE("\xff\xd8" END);
	NONE("\xff\xd8" TABLES END);
	NONE("\xff\xd8" TABLES "x" SOS CODED END);
	NONE("\xff\xd8" SOS CODED END);
	NONE("\xff\xd8" TABLES SOF SOS CODED END);
	NONE("\xff\xd8" "\xff\xfe\0\x01" TABLES SOS CODED END);
	NONE("\xff\xd8" "\xff\x01" TABLES SOS CODED END);
	NONE("\xff\xd8" "\xff\xd0" TABLES SOS CODED END);
	NONE("\xff\xd8" "\xff\xd8" TABLES SOS CODED END);
	NONE("\xff\xd8" TABLES SOS "a\xff\xd0" "b" END);
	NONE("\xff\xd8" TABLES "\xff\xdd\0\x05\0\x02x" SOS CODED END);
	/* Arithmetic coding, lossless, hierarchical, and a height that comes later. */
	NONE("\xff\xd8" DQT "\xff\xc9\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0" DHT SOS CODED END);
	NONE("\xff\xd8" DQT "\xff\xc3\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0" DHT SOS CODED END);
	NONE("\xff\xd8" TABLES "\xff\xde\0\x04xx" SOS CODED END);
	NONE("\xff\xd8" DQT "\xff\xc0\0\x0b\x08\0\0\0\x10\x01\x01\x11\0" DHT SOS CODED END);
}

/* A segment that is kept is as long as its fields say. */
static void nothing_rides_behind_the_last_field(void **state)
{
	(void)state;
	NONE("\xff\xd8" "\xff\xdb\0\x44\0" "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef+" SOF DHT SOS CODED END);
	NONE("\xff\xd8" "\xff\xdb\0\x43\x20" "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" SOF DHT SOS CODED END);
	NONE("\xff\xd8" DQT "\xff\xc0\0\x0c\x08\0\x10\0\x10\x01\x01\x11\0+" DHT SOS CODED END);
	NONE("\xff\xd8" DQT "\xff\xc0\0\x0b\x08\0\x10\0\x10\x01\x01\x51\0" DHT SOS CODED END);
	NONE("\xff\xd8" DQT SOF "\xff\xc4\0\x16\0\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\x06+" SOS CODED END);
	NONE("\xff\xd8" DQT SOF "\xff\xc4\0\x14\0\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05" SOS CODED END);
	NONE("\xff\xd8" TABLES "\xff\xda\0\x09\x01\x01\0\0\x3f\0+" CODED END);
	NONE("\xff\xd8" TABLES "\xff\xda\0\x08\x01\x02\0\0\x3f\0" CODED END);
	NONE("\xff\xd8" TABLES "\xff\xda\0\x02" CODED END);
}

static void scans_without_end_have_no_copy(void **state)
{
	struct buf file = { 0 }, out = { 0 };

	(void)state;
	buf_add(&file, "\xff\xd8" TABLES, sizeof("\xff\xd8" TABLES) - 1);
	for (int i = 0; i < 501; i++)
		buf_add(&file, SOS "x", sizeof(SOS "x") - 1);
	buf_add(&file, END, 2);
	assert_false(clean_rig_copy("image/jpeg", buf_span(&file), file.len, &out));
	buf_release(&file);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_needed_stays_byte_for_byte),
		cmocka_unit_test(what_is_beside_the_pixels_goes),
		cmocka_unit_test(of_exif_the_orientation_stays),
		cmocka_unit_test(of_adobe_the_colours_stay),
		cmocka_unit_test(what_is_no_whole_jpeg_has_no_copy),
		cmocka_unit_test(nothing_rides_behind_the_last_field),
		cmocka_unit_test(scans_without_end_have_no_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
