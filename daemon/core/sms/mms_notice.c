/*
 * Notices of picture messages; see mms_notice.h.
 */
#include "daemon/core/sms/mms_notice.h"

enum {
	PDU_PUSH = 0x06,
	PDU_CONFIRMED_PUSH = 0x07,
	TYPE_MMS = 0xBE,               /* application/vnd.wap.mms-message */
	FIELD_FROM = 0x89,
	FIELD_MESSAGE_TYPE = 0x8C,
	FIELD_TRANSACTION = 0x98,
	NOTIFICATION_IND = 0x82,
	ADDRESS_PRESENT = 0x80,
	LENGTH_QUOTE = 31,
	QUOTE = 127,                   /* before a text that begins with an octet above it */
	FIELDS_MAX = 64,
};

static bool take_octet(struct span *rest, unsigned *octet)
{
	if (rest->len == 0)
		return false;
	*octet = (unsigned char)rest->at[0];
	*rest = span_from_offset(*rest, 1);
	return true;
}

static bool take_some(struct span *rest, size_t n, struct span *out)
{
	if (n > rest->len)
		return false;
	*out = span_from(rest->at, n);
	*rest = span_from_offset(*rest, n);
	return true;
}

/* uintvar: seven bits an octet, five octets at most. */
static bool take_length(struct span *rest, size_t *length)
{
	unsigned octet;

	*length = 0;
	for (int i = 0; i < 5; i++) {
		if (!take_octet(rest, &octet))
			return false;
		*length = *length << 7 | (octet & 0x7F);
		if (octet < 0x80)
			return true;
	}
	return false;
}

/* Up to its NUL, which goes too; what a first part cuts off has none. */
static bool take_text(struct span *rest, struct span *out)
{
	const char *end = rest->len > 0 ? memchr(rest->at, '\0', rest->len) : NULL;

	if (end == NULL)
		return false;
	*out = span_from(rest->at, (size_t)(end - rest->at));
	*rest = span_from_offset(*rest, out->len + 1);
	if (out->len > 0 && (unsigned char)out->at[0] == QUOTE)
		*out = span_from_offset(*out, 1);
	return true;
}

/* A value of any field, by its first octet: so many octets, a length, a text, one octet (WSP 8.4.1.2). */
static bool take_value(struct span *rest, struct span *value)
{
	unsigned first;
	size_t length;

	if (rest->len == 0)
		return false;
	first = (unsigned char)rest->at[0];
	if (first >= 0x80)
		return take_some(rest, 1, value);
	if (first > LENGTH_QUOTE)
		return take_text(rest, value);
	*rest = span_from_offset(*rest, 1);
	length = first;
	return (first < LENGTH_QUOTE || take_length(rest, &length)) && take_some(rest, length, value);
}

/* --- the push around it ---------------------------------------------------------------------- */

/* A short form, a name, or either with parameters behind it. */
static bool is_mms(struct span type)
{
	struct span name;

	if (type.len > 0 && (unsigned char)type.at[0] == TYPE_MMS)
		return true;
	return take_text(&type, &name) && span_is(name, "application/vnd.wap.mms-message");
}

static bool take_push(struct span *rest)
{
	struct span headers, before, type;
	unsigned transaction, pdu;
	size_t length;

	if (!take_octet(rest, &transaction) || !take_octet(rest, &pdu) || (pdu != PDU_PUSH && pdu != PDU_CONFIRMED_PUSH) ||
	    !take_length(rest, &length) || !take_some(rest, length, &headers))
		return false;
	before = headers;
	if (is_mms(headers))
		return true;
	return take_value(&before, &type) && is_mms(type);
}

/* --- the notice in it --------------------------------------------------------------------------- */

/* Present, then a text, perhaps behind a length and a character set; "/TYPE=" ends the address. */
static struct span address_of(struct span value)
{
	struct span inner, text = { 0 };
	unsigned token;
	size_t n;

	if (!take_octet(&value, &token) || token != ADDRESS_PRESENT)
		return text;
	if (value.len > 0 && (unsigned char)value.at[0] <= LENGTH_QUOTE) {
		if (!take_value(&value, &inner) || !take_octet(&inner, &token))
			return text;
		value = inner;
	}
	if (!take_text(&value, &text))
		text = value;
	n = span_find(text, SPAN("/TYPE="));
	return span_from(text.at, n < text.len ? n : text.len);
}

enum mms_push mms_notice_read(struct span octets, struct mms_notice *out)
{
	enum mms_push push = MMS_OTHER_PUSH;
	struct span value;
	unsigned field;

	*out = (struct mms_notice){ 0 };
	if (!take_push(&octets))
		return MMS_NO_PUSH;
	for (int i = 0; i < FIELDS_MAX && take_octet(&octets, &field) && take_value(&octets, &value); i++) {
		if (field == FIELD_MESSAGE_TYPE && value.len == 1 && (unsigned char)value.at[0] == NOTIFICATION_IND)
			push = MMS_NOTICE;
		if (field == FIELD_TRANSACTION)
			out->transaction = value;
		if (field == FIELD_FROM)
			out->from = address_of(value);
	}
	return push;
}
