/*
 * The template language: what a page becomes, what does not compile, and that
 * no value gets out of its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/web/template.h"

#include <stdio.h>
#include <stdlib.h>

/* Sources by name; the first is the page. */
struct source {
	const char *name;
	const char *text;
};

static struct span source_of(void *ctx, struct span name)
{
	for (const struct source *source = ctx; source->name != NULL; source++)
		if (span_is(name, source->name))
			return span_of(source->text);
	return (struct span){ 0 };
}

static struct span message_of(const void *ctx, struct span id)
{
	(void)ctx;
	if (span_is(id, "greeting"))
		return SPAN("Good day, {name} & {absent}{ {not a name} {");
	return id;
}

struct fixture {
	struct arena arena;
	struct values *values;
	struct buf out;
};

/* In place: the values point to the arena. */
static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){ 0 };
	f->values = values_new(&f->arena);
}

static void fixture_release(struct fixture *f)
{
	arena_release(&f->arena);
	buf_release(&f->out);
}

static const struct template *compiled(struct fixture *f, struct source *sources)
{
	struct complaint why = { 0 };
	const struct template *template = template_compile(&f->arena, source_of, sources, "page", &why);

	if (template == NULL)
		fail_msg("%s", why.text);
	return template;
}

static void expect(struct fixture *f, const char *source, const char *page)
{
	struct source sources[] = { { .name = "page", .text = source }, { 0 } };

	buf_clear(&f->out);
	template_render(compiled(f, sources), f->values, message_of, NULL, &f->out);
	buf_add_byte(&f->out, '\0');
	assert_string_equal(f->out.at, page);
}

static void refused(struct source *sources, size_t line, const char *words)
{
	struct arena arena = { 0 };
	struct complaint why = { 0 };

	assert_null(template_compile(&arena, source_of, sources, "page", &why));
	assert_int_equal(why.line, line);
	if (strstr(why.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
	arena_release(&arena);
}

static void test_values_are_escaped(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	values_text(f.values, "name", SPAN("<b a=\"1\" c='2'>&amp;"));
	expect(&f, "<p title=\"{{name}}\">{{name}}</p>",
	       "<p title=\"&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;\">"
	       "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;</p>");
	expect(&f, "[{{absent}}]", "[]");
	fixture_release(&f);
}

/* Whatever the bytes of a value: outside of entities the page has no character that means something. */
static void test_no_value_leaves_its_place(void **state)
{
	struct buf out = { 0 };
	char text[64];

	(void)state;
	srand(7);
	for (int round = 0; round < 2000; round++) {
		size_t len = (size_t)rand() % sizeof(text);

		for (size_t i = 0; i < len; i++)
			text[i] = rand() % 2 ? "<>&\"'{}"[rand() % 7] : (char)rand();
		buf_clear(&out);
		template_escape(span_from(text, len), &out);
		for (size_t i = 0; i < out.len; i++) {
			assert_int_not_equal(out.at[i], '<');
			assert_int_not_equal(out.at[i], '>');
			assert_int_not_equal(out.at[i], '"');
			assert_int_not_equal(out.at[i], '\'');
		}
	}
	buf_release(&out);
}

static void test_messages(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	values_text(f.values, "name", SPAN("<Li>"));
	values_text(f.values, "which", SPAN("greeting"));
	expect(&f, "{{_plain}}", "plain");
	expect(&f, "{{_greeting}}", "Good day, &lt;Li&gt; &amp; { {not a name} {");
	expect(&f, "{{*which}}", "Good day, &lt;Li&gt; &amp; { {not a name} {");
	expect(&f, "{{*absent}}", "");
	fixture_release(&f);
}

static void test_sections(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	values_flag(f.values, "on", true);
	values_flag(f.values, "off", false);
	values_text(f.values, "who", SPAN("all"));
	values_text(values_row(f.values, "rows"), "n", SPAN("1"));
	values_text(values_row(f.values, "rows"), "n", SPAN("2"));
	values_text(values_row(f.values, "rows"), "who", SPAN("one"));
	expect(&f, "{{#on}}a{{/on}}{{#off}}b{{/off}}{{#absent}}c{{/absent}}", "a");
	expect(&f, "{{^on}}a{{/on}}{{^off}}b{{/off}}{{^absent}}c{{/absent}}", "bc");
	expect(&f, "{{#rows}}[{{n}}{{who}}]{{/rows}}{{^rows}}none{{/rows}}", "[1all][2all][one]");
	expect(&f, "{{#rows}}{{#n}}{{#rows}}x{{/rows}}{{/n}}{{/rows}}", "xxxxxx");
	expect(&f, "<a{{#on}} b{{/on}}>", "<a b>");
	expect(&f, "<!-- {{#on}}x{{/on}} -->", "<!-- x -->");
	fixture_release(&f);
}

static void test_later_value_counts(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	values_text(f.values, "name", SPAN("old"));
	values_text(f.values, "name", SPAN("new"));
	expect(&f, "{{name}}", "new");
	fixture_release(&f);
}

/* A tag that writes nothing leaves no empty line behind. */
static void test_lines_of_tags_alone(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	values_flag(f.values, "on", true);
	expect(&f, "a\n  {{#on}}\nb\n{{/on}}\n{{!note}}\nc\n", "a\nb\nc\n");
	expect(&f, "{{_m}}\n{{on}}\n", "m\n1\n");
	expect(&f, "a {{#on}}\nb{{/on}}\n", "a \nb\n");
	fixture_release(&f);
}

static void test_partials(void **state)
{
	struct source sources[] = {
		{ .name = "page", .text = "<{{!}}a>{{>part}}-{{>part}}" },
		{ 0 },
	};
	struct source good[] = {
		{ .name = "page", .text = "{{#rows}}{{>part}}{{/rows}}{{_m}}" },
		{ .name = "part", .text = "<i>{{n}}{{_k}}</i>" },
		{ 0 },
	};
	struct fixture f;
	const struct template *template;

	(void)state;
	refused(sources, 1, "no template of that name");
	fixture_init(&f);
	values_text(values_row(f.values, "rows"), "n", SPAN("1"));
	values_text(values_row(f.values, "rows"), "n", SPAN("2"));
	template = compiled(&f, good);
	template_render(template, f.values, message_of, NULL, &f.out);
	assert_true(span_is(buf_span(&f.out), "<i>1k</i><i>2k</i>m"));
	assert_true(span_is(template_message_at(template, 0), "k"));
	assert_true(span_is(template_message_at(template, 1), "m"));
	assert_null(template_message_at(template, 2).at);
	fixture_release(&f);
}

static const struct wrong {
	const char *text;
	size_t line;
	const char *words;
} wrongs[] = {
	{ .text = "a\nb {{name", .line = 2, .words = "without its end" },
	{ .text = "{{}}", .line = 1, .words = "not a name" },
	{ .text = "\n\n{{a b}}", .line = 3, .words = "not a name" },
	{ .text = "{{{raw}}}", .line = 1, .words = "no known kind" },
	{ .text = "{{&raw}}", .line = 1, .words = "no known kind" },
	{ .text = "{{#a}}\n{{#b}}\n{{/a}}\n{{/b}}", .line = 3, .words = "another one: b" },
	{ .text = "x\n{{/a}}", .line = 2, .words = "without its section" },
	{ .text = "{{#a}}", .line = 1, .words = "section without its end" },
	{ .text = "<a href={{a}}>", .line = 1, .words = "double quotes" },
	{ .text = "<a {{a}}>", .line = 1, .words = "double quotes" },
	{ .text = "<a title='{{a}}'>", .line = 1, .words = "double quotes" },
	{ .text = "<{{a}}>", .line = 1, .words = "double quotes" },
	{ .text = "</{{a}}>", .line = 1, .words = "double quotes" },
	{ .text = "<!-- {{a}} -->", .line = 1, .words = "double quotes" },
	{ .text = "<a {{_a}}>", .line = 1, .words = "double quotes" },
	{ .text = "<a {{*a}}>", .line = 1, .words = "double quotes" },
	{ .text = "{{#a}}<b{{/a}}>", .line = 1, .words = "different places" },
	{ .text = "<a title=\"{{#a}}\"{{/a}}>", .line = 1, .words = "different places" },
	{ .text = "<a\n\"", .line = 2, .words = "ends inside: quotes" },
	{ .text = "x\n<ScRipt>{{a}}</script>", .line = 2, .words = "no script" },
	{ .text = "<script src=\"/proof.js\">{{a}}</script>", .line = 1, .words = "no script" },
	{ .text = "<script src=\"/proof.js?{{a}}\"></script>", .line = 1, .words = "no script" },
	{ .text = "<style>", .line = 1, .words = "no style" },
	{ .text = "<p title=\"{{>page}}\">", .line = 1, .words = "between tags only" },
	{ .text = "{{>page}}", .line = 1, .words = "cannot include itself" },
	{ .text = "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}", .line = 1, .words = "too many sections" },
};

static void test_wrong_templates_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrongs); i++) {
		struct source sources[] = { { .name = "page", .text = wrongs[i].text }, { 0 } };

		refused(sources, wrongs[i].line, wrongs[i].words);
		refused(sources, wrongs[i].line, "template page, line");
	}
}

static void test_partial_must_be_whole(void **state)
{
	struct source open_section[] = {
		{ .name = "page", .text = "{{>part}}{{/a}}" },
		{ .name = "part", .text = "\n{{#a}}" },
		{ 0 },
	};
	struct source foreign_end[] = {
		{ .name = "page", .text = "{{#a}}{{>part}}" },
		{ .name = "part", .text = "{{/a}}" },
		{ 0 },
	};
	struct source circle[] = {
		{ .name = "page", .text = "{{>part}}" },
		{ .name = "part", .text = "\n\n{{>page}}" },
		{ 0 },
	};

	(void)state;
	refused(open_section, 2, "template part");
	refused(foreign_end, 1, "without its section");
	refused(circle, 3, "template part, line 3: a template cannot include itself");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_are_escaped),
		cmocka_unit_test(test_no_value_leaves_its_place),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_later_value_counts),
		cmocka_unit_test(test_lines_of_tags_alone),
		cmocka_unit_test(test_partials),
		cmocka_unit_test(test_wrong_templates_are_named),
		cmocka_unit_test(test_partial_must_be_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
