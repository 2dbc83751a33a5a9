/*
 * pain.001; see iso20022.h. The order of elements is that of the schema; the
 * two versions differ in four places, which are told where they stand.
 */
#include "daemon/money/iso20022.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/memory.h"
#include "daemon/base/utf8.h"

#include <stdlib.h>

struct writer {
	const struct iso20022_order *order;
	struct buf *out;
	unsigned depth;
};

/* --- XML ---------------------------------------------------------------------------------- */

static void put_escaped(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		switch (text.at[i]) {
		case '&':
			buf_add_text(out, "&amp;");
			break;
		case '<':
			buf_add_text(out, "&lt;");
			break;
		case '>':
			buf_add_text(out, "&gt;");
			break;
		default:
			buf_add_byte(out, text.at[i]);
		}
}

static void put_indent(struct writer *w)
{
	for (unsigned i = 0; i < w->depth; i++)
		buf_add_byte(w->out, '\t');
}

static void open_element(struct writer *w, const char *name)
{
	put_indent(w);
	buf_printf(w->out, "<%s>\n", name);
	w->depth++;
}

static void close_element(struct writer *w, const char *name)
{
	w->depth--;
	put_indent(w);
	buf_printf(w->out, "</%s>\n", name);
}

static void put_leaf(struct writer *w, const char *name, struct span text)
{
	put_indent(w);
	buf_printf(w->out, "<%s>", name);
	put_escaped(w->out, text);
	buf_printf(w->out, "</%s>\n", name);
}

static void put_count(struct writer *w, const char *name, size_t n)
{
	put_indent(w);
	buf_printf(w->out, "<%s>%zu</%s>\n", name, n, name);
}

static bool is_03(const struct writer *w)
{
	return w->order->version == ISO20022_PAIN_001_03;
}

/* --- parties -------------------------------------------------------------------------------- */

static void put_named(struct writer *w, const char *element, struct span name)
{
	open_element(w, element);
	put_leaf(w, "Nm", name);
	close_element(w, element);
}

static void put_account(struct writer *w, const char *element, const struct iso20022_party *party)
{
	open_element(w, element);
	open_element(w, "Id");
	if (!span_empty(party->iban)) {
		put_leaf(w, "IBAN", party->iban);
	} else {
		open_element(w, "Othr");
		put_leaf(w, "Id", party->account);
		close_element(w, "Othr");
	}
	close_element(w, "Id");
	close_element(w, element);
}

static void put_agent(struct writer *w, const char *element, const struct iso20022_party *party)
{
	open_element(w, element);
	open_element(w, "FinInstnId");
	if (!span_empty(party->bic)) {
		put_leaf(w, is_03(w) ? "BIC" : "BICFI", party->bic);
	} else {
		open_element(w, "ClrSysMmbId");
		open_element(w, "ClrSysId");
		put_leaf(w, "Cd", SPAN("CNAPS"));
		close_element(w, "ClrSysId");
		put_leaf(w, "MmbId", party->clearing);
		close_element(w, "ClrSysMmbId");
	}
	close_element(w, "FinInstnId");
	close_element(w, element);
}

/* --- the message ------------------------------------------------------------------------------- */

static void put_payment(struct writer *w, const struct iso20022_payment *payment)
{
	char yuan[MONEY_TEXT_MAX];

	open_element(w, "CdtTrfTxInf");
	open_element(w, "PmtId");
	put_leaf(w, "InstrId", payment->id);
	put_leaf(w, "EndToEndId", payment->id);
	close_element(w, "PmtId");
	open_element(w, "Amt");
	money_write_yuan(payment->fen, yuan);
	put_indent(w);
	buf_printf(w->out, "<InstdAmt Ccy=\"CNY\">%s</InstdAmt>\n", yuan);
	close_element(w, "Amt");
	put_agent(w, "CdtrAgt", &payment->payee);
	put_named(w, "Cdtr", payment->payee.name);
	put_account(w, "CdtrAcct", &payment->payee);
	if (!span_empty(payment->remark)) {
		open_element(w, "RmtInf");
		put_leaf(w, "Ustrd", payment->remark);
		close_element(w, "RmtInf");
	}
	close_element(w, "CdtTrfTxInf");
}

static void put_totals(struct writer *w, int64_t sum)
{
	char yuan[MONEY_TEXT_MAX];

	put_count(w, "NbOfTxs", w->order->n);
	put_leaf(w, "CtrlSum", money_write_yuan(sum, yuan));
}

static void put_header(struct writer *w, int64_t sum)
{
	char created[CIVIL_TEXT_MAX];

	open_element(w, "GrpHdr");
	put_leaf(w, "MsgId", w->order->id);
	put_leaf(w, "CreDtTm", civil_write(w->order->created_ms, created));
	put_totals(w, sum);
	put_named(w, "InitgPty", w->order->initiator);
	close_element(w, "GrpHdr");
}

static void put_date(struct writer *w)
{
	struct span date = span_of(w->order->date);

	if (is_03(w)) {
		put_leaf(w, "ReqdExctnDt", date);
		return;
	}
	open_element(w, "ReqdExctnDt");
	put_leaf(w, "Dt", date);
	close_element(w, "ReqdExctnDt");
}

static void put_group(struct writer *w, int64_t sum)
{
	const struct iso20022_order *order = w->order;

	open_element(w, "PmtInf");
	put_leaf(w, "PmtInfId", order->id);
	put_leaf(w, "PmtMtd", SPAN("TRF"));
	/* One booking a payment, so that the statement names each. */
	put_leaf(w, "BtchBookg", SPAN("false"));
	put_totals(w, sum);
	put_date(w);
	put_named(w, "Dbtr", order->payer.name);
	put_account(w, "DbtrAcct", &order->payer);
	put_agent(w, "DbtrAgt", &order->payer);
	for (size_t i = 0; i < order->n; i++)
		put_payment(w, &order->payments[i]);
	close_element(w, "PmtInf");
}

static void put_message(struct writer *w, int64_t sum)
{
	buf_add_text(w->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	buf_printf(w->out, "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.%s\">\n",
		   is_03(w) ? "03" : "09");
	w->depth = 1;
	open_element(w, "CstmrCdtTrfInitn");
	put_header(w, sum);
	put_group(w, sum);
	close_element(w, "CstmrCdtTrfInitn");
	buf_add_text(w->out, "</Document>\n");
}

/* --- what the message can carry ----------------------------------------------------------------- */

/* Characters of XML that no bank has to guess about: no control characters. */
static bool plain(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7F)
			return false;
	/* U+FFFE and U+FFFF are no characters of XML. */
	return utf8_valid(text) && span_find(text, SPAN("\xEF\xBF\xBE")) == text.len &&
	       span_find(text, SPAN("\xEF\xBF\xBF")) == text.len;
}

static bool text_fits(struct span text, size_t max)
{
	return !span_empty(text) && plain(text) && utf8_count(text) <= max && text.at[0] != ' ' &&
	       text.at[text.len - 1] != ' ';
}

/* Identifiers are of the characters that every bank takes. */
static bool id_fits(struct span id, size_t max)
{
	if (id.len == 0 || id.len > max)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.at[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && c != '-' && c != '.')
			return false;
	}
	return true;
}

static bool upper_or_digit(struct span text, size_t from, size_t to, bool digits)
{
	for (size_t i = from; i < to; i++)
		if (!(text.at[i] >= 'A' && text.at[i] <= 'Z') && !(digits && text.at[i] >= '0' && text.at[i] <= '9'))
			return false;
	return true;
}

/* BICFIDec2014Identifier without digits in the first four, which is what banks have. */
static bool bic_fits(struct span bic)
{
	return (bic.len == 8 || bic.len == 11) && upper_or_digit(bic, 0, 6, false) && upper_or_digit(bic, 6, bic.len, true);
}

/* [A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}, and the check digits (ISO 7064, mod 97). */
static bool iban_fits(struct span iban)
{
	unsigned rest = 0;

	if (iban.len < 5 || iban.len > 34 || !upper_or_digit(iban, 0, 2, false) || !id_fits(iban, 34))
		return false;
	for (size_t i = 0; i < iban.len; i++) {
		char c = iban.at[(i + 4) % iban.len];

		if (c >= '0' && c <= '9')
			rest = (rest * 10 + (unsigned)(c - '0')) % 97;
		else if (c >= 'A' && c <= 'Z')
			rest = (rest * 100 + (unsigned)(c - 'A') + 10) % 97;
		else
			return false;
	}
	return rest == 1;
}

static bool party_fits(const struct iso20022_party *party, const char *who, struct complaint *why)
{
	if (!text_fits(party->name, ISO20022_NAME_MAX))
		return complain(why, 0, "%s: the name is missing, longer than 140 characters or not plain", who);
	if (span_empty(party->iban) == span_empty(party->account) || span_empty(party->bic) == span_empty(party->clearing))
		return complain(why, 0, "%s: one account and one bank are needed", who);
	if (!span_empty(party->iban) ? !iban_fits(party->iban) : !id_fits(party->account, 34))
		return complain(why, 0, "%s: the account number is none", who);
	if (!span_empty(party->bic) ? !bic_fits(party->bic) : !id_fits(party->clearing, ISO20022_ID_MAX))
		return complain(why, 0, "%s: the number of the bank is none", who);
	return true;
}

static bool payment_fits(const struct iso20022_payment *payment, struct complaint *why)
{
	if (!id_fits(payment->id, ISO20022_ID_MAX))
		return complain(why, 0, "an instruction id is missing, longer than 35 characters or not plain");
	if (payment->fen < 1 || payment->fen > MONEY_MAX)
		return complain(why, 0, "an amount is not above zero");
	if (!span_empty(payment->remark) && !text_fits(payment->remark, ISO20022_NAME_MAX))
		return complain(why, 0, "a remark is longer than 140 characters or not plain");
	return party_fits(&payment->payee, "payee", why);
}

static int id_order(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static bool ids_differ(const struct iso20022_order *order, struct complaint *why)
{
	struct span *ids = memory_zeroes(order->n, sizeof(*ids));
	bool well = true;

	for (size_t i = 0; i < order->n; i++)
		ids[i] = order->payments[i].id;
	qsort(ids, order->n, sizeof(*ids), id_order);
	for (size_t i = 1; well && i < order->n; i++)
		well = !span_eq(ids[i - 1], ids[i]);
	free(ids);
	return well || complain(why, 0, "an instruction id stands twice in the order");
}

static bool order_fits(const struct iso20022_order *order, int64_t *sum, struct complaint *why)
{
	char date[STATEMENT_DATE_LEN + 1];

	if (!id_fits(order->id, ISO20022_ID_MAX))
		return complain(why, 0, "the id of the order is missing, longer than 35 characters or not plain");
	if (!text_fits(order->initiator, ISO20022_NAME_MAX) || !statement_date_read(span_of(order->date), date))
		return complain(why, 0, "the initiator's name or the date of execution is none");
	if (order->n == 0 || order->n > ISO20022_PAYMENTS_MAX)
		return complain(why, 0, "an order has 1 to %d payments", ISO20022_PAYMENTS_MAX);
	*sum = 0;
	for (size_t i = 0; i < order->n; i++)
		if (!payment_fits(&order->payments[i], why))
			return false;
		else if (!money_add(*sum, order->payments[i].fen, sum))
			return complain(why, 0, "the sum of the order is out of range");
	return party_fits(&order->payer, "payer", why) && ids_differ(order, why);
}

bool iso20022_write_order(const struct iso20022_order *order, struct buf *out, struct complaint *why)
{
	struct writer w = { .order = order, .out = out };
	int64_t sum;

	if (!order_fits(order, &sum, why))
		return false;
	put_message(&w, sum);
	return true;
}
