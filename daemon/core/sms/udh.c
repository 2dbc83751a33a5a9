/*
 * User data headers; see udh.h.
 */
#include "daemon/core/sms/udh.h"

#include <assert.h>

/* --- reading ------------------------------------------------------------------- */

static unsigned octet(struct span s, size_t i)
{
	return (unsigned char)s.at[i];
}

static unsigned two_octets(struct span s, size_t i)
{
	return octet(s, i) << 8 | octet(s, i + 1);
}

bool udh_next(struct span *rest, struct udh_element *element)
{
	if (rest->len < 2 || octet(*rest, 1) > rest->len - 2)
		return false;
	element->id = octet(*rest, 0);
	element->data = span_from(rest->at + 2, octet(*rest, 1));
	*rest = span_from_offset(*rest, 2 + element->data.len);
	return true;
}

static void set_part(struct sms_header *out, unsigned width, unsigned reference, struct span rest)
{
	unsigned total = octet(rest, 0), number = octet(rest, 1);

	if (total < 2 || number < 1 || number > total)
		return;
	out->part = true;
	out->width = width;
	out->reference = reference;
	out->total = total;
	out->number = number;
}

static void set_ports(struct sms_header *out, unsigned to, unsigned from)
{
	out->ports = true;
	out->to_port = to;
	out->from_port = from;
}

static void read_element(const struct udh_element *e, struct sms_header *out)
{
	struct span data = e->data;

	switch (e->id) {
	case UDH_CONCAT_8:
		if (data.len == 3)
			set_part(out, 8, octet(data, 0), span_from_offset(data, 1));
		break;
	case UDH_CONCAT_16:
		if (data.len == 4)
			set_part(out, 16, two_octets(data, 0), span_from_offset(data, 2));
		break;
	case UDH_SPECIAL_INDICATION:
		out->waiting |= data.len == 2;
		break;
	case UDH_PORT_8:
		if (data.len == 2)
			set_ports(out, octet(data, 0), octet(data, 1));
		break;
	case UDH_PORT_16:
		if (data.len == 4)
			set_ports(out, two_octets(data, 0), two_octets(data, 2));
		break;
	case UDH_SINGLE_SHIFT:
		if (data.len == 1)
			out->tables.single = (unsigned char)data.at[0];
		break;
	case UDH_LOCKING_SHIFT:
		if (data.len == 1)
			out->tables.locking = (unsigned char)data.at[0];
		break;
	}
}

void sms_header_read(struct span header, struct sms_header *out)
{
	struct udh_element element;

	*out = (struct sms_header){ 0 };
	if (header.len < 1)
		return;
	out->octets = octet(header, 0) + 1;
	if (out->octets > header.len)
		out->octets = header.len;
	for (struct span rest = span_from(header.at + 1, out->octets - 1); udh_next(&rest, &element);)
		read_element(&element, out);
}

/* --- writing --------------------------------------------------------------------- */

static void write_part(const struct sms_header *header, struct buf *out)
{
	bool wide = header->width == 16;

	assert((wide || header->width == 8) && header->reference < 1u << header->width);
	assert(header->total <= 255 && header->number >= 1 && header->number <= header->total);
	buf_add_byte(out, wide ? UDH_CONCAT_16 : UDH_CONCAT_8);
	buf_add_byte(out, wide ? 4 : 3);
	if (wide)
		buf_add_byte(out, (int)(header->reference >> 8));
	buf_add_byte(out, (int)(header->reference & 0xFF));
	buf_add_byte(out, (int)header->total);
	buf_add_byte(out, (int)header->number);
}

static void write_table(enum udh_element_id id, unsigned char table, struct buf *out)
{
	if (table == 0)
		return;
	buf_add_byte(out, (int)id);
	buf_add_byte(out, 1);
	buf_add_byte(out, table);
}

void sms_header_write(const struct sms_header *header, struct buf *out)
{
	size_t start = out->len;

	buf_add_byte(out, 0);
	if (header->part)
		write_part(header, out);
	write_table(UDH_SINGLE_SHIFT, header->tables.single, out);
	write_table(UDH_LOCKING_SHIFT, header->tables.locking, out);
	size_t octets = out->len - start - 1;

	if (octets == 0)
		out->len = start;
	else
		out->at[start] = (char)octets;
}
