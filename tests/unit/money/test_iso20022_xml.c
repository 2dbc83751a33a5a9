/*
 * The walk over a message: what attacks XML readers does not get in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/iso20022_xml.h"

#include <stdio.h>

struct met {
	char texts[4][32];
	size_t n, begins;
};

static bool begin(void *to, const struct xml_at *at)
{
	(void)at;
	((struct met *)to)->begins++;
	return true;
}

static bool take(void *to, const struct xml_at *at)
{
	struct met *met = to;

	if (met->n == 4)
		return xml_refuse(at, "enough");
	snprintf(met->texts[met->n++], 32, "%.*s|%.*s", (int)at->text.len, at->text.at, (int)at->currency.len,
		 at->currency.at);
	return true;
}

static const struct xml_rule rules[] = {
	{ .path = "A", .many = true, .begin = begin },
	{ .path = "A/B", .take = take },
};
static const char *const versions[] = { "urn:v1", "urn:v2", NULL };
static const struct xml_message message = { .name = "M", .versions = versions, .group = "Z", .group_as = "A",
					    .rules = rules, .nrules = 2 };

static bool walk(const char *text, struct met *met, struct complaint *why)
{
	struct arena arena = { 0 };
	bool well;

	*met = (struct met){ .n = 0 };
	well = xml_walk(span_of(text), &message, met, &arena, why);
	arena_release(&arena);
	return well;
}

static void walks(void **state)
{
	struct met met;
	struct complaint why;

	(void)state;
	if (!walk("<?xml version='1.0'?><!-- c --><Document xmlns='urn:v1'><M><A><B Ccy='CNY'> 1 </B><C/></A>"
		  "<Z><B>x<![CDATA[<y>]]>&lt;&#65;</B></Z><A><B/></A></M></Document>",
		  &met, &why))
		fail_msg("%s", why.text);
	assert_int_equal(met.begins, 3);
	assert_string_equal(met.texts[0], "1|CNY");
	assert_string_equal(met.texts[1], "x<y><A|");
	assert_string_equal(met.texts[2], "|");
	assert_true(walk("<d:Document xmlns:d='urn:v2'><d:M/></d:Document>", &met, &why));
	/* Supplementary data may be of other namespaces. */
	assert_true(walk("<Document xmlns='urn:v1'><M><SplmtryData><Envlp><q xmlns='urn:q'>1</q></Envlp></SplmtryData>"
			 "</M></Document>", &met, &why));
}

static void refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"<Document xmlns='urn:v1'><M>",
		"<Document xmlns='urn:v1'></Document>",
		"<Document xmlns='urn:v1'><N/></Document>",
		"<Document xmlns='urn:v1'><M/><M/></Document>",
		"<Document xmlns='urn:v3'><M/></Document>",
		"<Document><M/></Document>",
		"<Doc xmlns='urn:v1'><M/></Doc>",
		"<Document xmlns='urn:v1'><M xmlns='urn:v2'/></Document>",
		"<Document xmlns='urn:v1'><M><A><B>1</B><B>2</B></A></M></Document>",
		"<Document xmlns='urn:v1'><M><A>t<B>1</B></A></M></Document>",
		"<Document xmlns='urn:v1'><M><A><B>1</B>t</A></M></Document>",
		"<Document xmlns='urn:v1'><M><A><B>&e;</B></A></M></Document>",
		"<Document xmlns='urn:v1'><M/></Document><Document xmlns='urn:v1'><M/></Document>",
		"<!DOCTYPE Document [<!ENTITY e 'x'>]><Document xmlns='urn:v1'><M><A><B>&e;</B></A></M></Document>",
		"<!DOCTYPE Document SYSTEM 'http://127.0.0.1:1/x'><Document xmlns='urn:v1'><M/></Document>",
		"<!DOCTYPE d [<!ENTITY % p SYSTEM 'file:///etc/hostname'>%p;]><Document xmlns='urn:v1'><M/></Document>",
		"<Document xmlns='urn:v1'><M>\xff</M></Document>",
		"\xFF\xFE<\0D",
	};
	struct met met;
	struct complaint why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (walk(bad[i], &met, &why))
			fail_msg("taken: %s", bad[i]);
		assert_true(why.text[0] != '\0');
	}
}

/* Bytes cannot mean two things. */
static void one_encoding(void **state)
{
	struct met met;
	struct complaint why;

	(void)state;
	assert_true(walk("<?xml version='1.0' encoding='utf-8'?><Document xmlns='urn:v1'><M><A><B>\xC3\xA4</B></A></M>"
			 "</Document>", &met, &why));
	assert_string_equal(met.texts[0], "\xC3\xA4|");
	assert_false(walk("<?xml version='1.0' encoding='ISO-8859-1'?><Document xmlns='urn:v1'><M/></Document>", &met, &why));
	assert_false(walk("<?xml version='1.0' encoding = \"UTF-7\"?><Document xmlns='urn:v1'><M/></Document>", &met, &why));
	assert_false(walk("<?xml version='1.0' encoding='UTF-80'?><Document xmlns='urn:v1'><M/></Document>", &met, &why));
}

static void limits(void **state)
{
	static char text[200000];
	struct met met;
	struct complaint why;
	size_t len = (size_t)snprintf(text, sizeof(text), "<Document xmlns='urn:v1'><M>");

	(void)state;
	for (unsigned i = 0; i < XML_DEPTH_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "<E>");
	assert_false(walk(text, &met, &why));
	assert_non_null(strstr(why.text, "deep"));
	len = (size_t)snprintf(text, sizeof(text), "<Document xmlns='urn:v1'><M><A><B>");
	memset(text + len, 'a', XML_TEXT_MAX + 1);
	snprintf(text + len + XML_TEXT_MAX + 1, 64, "</B></A></M></Document>");
	assert_false(walk(text, &met, &why));
	assert_non_null(strstr(why.text, "long"));
}

static void places(void **state)
{
	struct met met;
	struct complaint why;

	(void)state;
	assert_false(walk("<Document xmlns='urn:v1'>\n<M>\n<A><B>1</B>\n<B>2</B></A></M></Document>", &met, &why));
	assert_int_equal(why.line, 4);
	assert_string_equal(why.text, "element B: stands twice");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks),    cmocka_unit_test(refuses), cmocka_unit_test(one_encoding),
		cmocka_unit_test(limits),   cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
