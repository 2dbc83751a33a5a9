/*
 * The talk about one message; see smtp_talk.h.
 */
#include "daemon/http/smtp_talk.h"

#define LINE_MAX_BYTES 2048   /* RFC 5321 says 512; some say more */

const char *smtp_outcome_name(enum smtp_outcome outcome)
{
	static const char *const names[] = {
		[SMTP_ACCEPTED] = "accepted",
		[SMTP_LATER] = "later",
		[SMTP_REFUSED] = "refused",
		[SMTP_UNKNOWN] = "unknown",
	};

	return names[outcome];
}

/* --- what is said --------------------------------------------------------------------- */

/* RFC 5321, 4.5.2: a dot in front is said twice. */
static void say_message(struct span message, struct buf *out)
{
	bool front = true;

	for (size_t i = 0; i < message.len; i++) {
		if (front && message.at[i] == '.')
			buf_add_byte(out, '.');
		buf_add_byte(out, (unsigned char)message.at[i]);
		front = message.at[i] == '\n';
	}
	buf_add_text(out, front ? ".\r\n" : "\r\n.\r\n");
}

static void say_recipient(struct smtp_talk *talk, struct buf *out)
{
	talk->stage = SMTP_AT_RCPT;
	buf_printf(out, "RCPT TO:<%s>\r\n", talk->letter->to[talk->recipient]);
}

static void decide(struct smtp_talk *talk, enum smtp_outcome outcome, int code, struct buf *out)
{
	talk->outcome = outcome;
	talk->code = code;
	talk->stage = SMTP_AT_QUIT;
	buf_add_text(out, "QUIT\r\n");
}

/* --- what is heard --------------------------------------------------------------------- */

static enum smtp_outcome refusal(int code)
{
	return code >= 500 ? SMTP_REFUSED : SMTP_LATER;
}

static void hear_recipient(struct smtp_talk *talk, int code, struct buf *out)
{
	talk->taken_to += code / 100 == 2;
	talk->refused_to += code / 100 != 2;
	talk->later_to += code / 100 == 4;
	if (talk->letter->to[++talk->recipient] != NULL) {
		say_recipient(talk, out);
	} else if (talk->taken_to > 0) {
		talk->stage = SMTP_AT_DATA;
		buf_add_text(out, "DATA\r\n");
	} else {
		decide(talk, talk->later_to > 0 ? SMTP_LATER : refusal(code), code, out);
	}
}

/* One answer, by its code. */
static void hear(struct smtp_talk *talk, int code, struct buf *out)
{
	switch (talk->stage) {
	case SMTP_AT_MAIL:
		if (code / 100 == 2)
			say_recipient(talk, out);
		else
			decide(talk, refusal(code), code, out);
		return;
	case SMTP_AT_RCPT:
		hear_recipient(talk, code, out);
		return;
	case SMTP_AT_DATA:
		if (code != 354) {
			decide(talk, refusal(code), code, out);
			return;
		}
		talk->stage = SMTP_AT_END;
		talk->outcome = SMTP_UNKNOWN;
		say_message(talk->letter->message, out);
		return;
	case SMTP_AT_END:
		decide(talk, code / 100 == 2 ? SMTP_ACCEPTED : refusal(code), code, out);
		return;
	case SMTP_AT_QUIT:
		return;
	}
}

/* "250-more" or "250 last"; false: neither. */
static bool hear_line(struct smtp_talk *talk, struct span line, struct buf *out)
{
	uint64_t code;

	if (line.len < 3 || !span_u64(span_from(line.at, 3), &code) || code < 200 || code > 599 ||
	    (line.len > 3 && line.at[3] != ' ' && line.at[3] != '-'))
		return false;
	if (line.len == 3 || line.at[3] == ' ')
		hear(talk, (int)code, out);
	return true;
}

bool smtp_talk_hear(struct smtp_talk *talk, struct span octets, struct buf *out)
{
	for (size_t i = 0; i < octets.len && talk->stage != SMTP_AT_QUIT; i++) {
		struct span line;

		if (octets.at[i] != '\n') {
			buf_add_byte(&talk->line, (unsigned char)octets.at[i]);
			if (talk->line.len > LINE_MAX_BYTES)
				return false;
			continue;
		}
		line = buf_span(&talk->line);
		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		if (!hear_line(talk, line, out))
			return false;
		buf_clear(&talk->line);
	}
	return talk->stage != SMTP_AT_QUIT;
}

void smtp_talk_begin(struct smtp_talk *talk, const struct smtp_letter *letter, struct buf *out)
{
	*talk = (struct smtp_talk){ .letter = letter, .stage = SMTP_AT_MAIL, .outcome = SMTP_LATER };
	buf_printf(out, "MAIL FROM:<%s>\r\n", letter->from);
}

void smtp_talk_release(struct smtp_talk *talk)
{
	buf_release(&talk->line);
}
