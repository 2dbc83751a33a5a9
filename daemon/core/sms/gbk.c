/*
 * GBK through the C library; see gbk.h.
 */
#include "daemon/core/sms/gbk.h"

#include "daemon/core/sms/character.h"

#include <errno.h>
#include <iconv.h>

#define NO_MODULE ((iconv_t)-1)
#define PIECE 256

bool gbk_ready(void)
{
	iconv_t to = iconv_open("UTF-8", "GB18030");

	if (to == NO_MODULE)
		return false;
	iconv_close(to);
	return true;
}

static void add_ascii(struct span octets, struct buf *out)
{
	for (size_t i = 0; i < octets.len; i++)
		sms_character_add(out, octets.at[i] & 0x80 ? SMS_REPLACEMENT : (uint32_t)octets.at[i]);
}

/* What the library wrote, without NUL. */
static void add_piece(struct span piece, struct buf *out)
{
	while (piece.len > 0)
		sms_character_add(out, sms_character_next(&piece));
}

void gbk_decode(struct span octets, struct buf *out)
{
	iconv_t to = iconv_open("UTF-8", "GB18030");
	/* iconv() takes the input as char **, and does not write there. */
	char *in = (char *)(uintptr_t)octets.at;
	size_t left = octets.len;

	if (to == NO_MODULE) {
		add_ascii(octets, out);
		return;
	}
	while (left > 0) {
		char piece[PIECE], *end = piece;
		size_t room = sizeof(piece), done = iconv(to, &in, &left, &end, &room);
		int why = errno;

		add_piece(span_from(piece, (size_t)(end - piece)), out);
		if (done != (size_t)-1 || why == E2BIG)
			continue;
		sms_character_add(out, SMS_REPLACEMENT);
		in++;
		left--;
	}
	iconv_close(to);
}
