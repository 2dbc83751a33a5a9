/*
 * Any bytes as a template, and any bytes as a value: compiling ends, refusal
 * says why, and a page never holds more '<' than its template does.
 */
#include "handlers/web/template.h"

#include <assert.h>

struct input {
	struct span page;
	struct span value;
};

static struct span source_of(void *ctx, struct span name)
{
	const struct input *input = ctx;

	return span_is(name, "page") ? input->page : span_is(name, "part") ? SPAN("<i>{{v}}</i>") : (struct span){ 0 };
}

static struct span message_of(const void *ctx, struct span id)
{
	const struct input *input = ctx;

	return span_is(id, "v") ? input->value : id;
}

static size_t tags_of(struct span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '<';
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_from(data, size);
	size_t cut = span_find(all, SPAN("\n--\n"));
	struct input input = { .page = span_from(all.at, cut), .value = span_from_offset(all, cut) };
	struct complaint why = { 0 };
	struct arena arena = { 0 };
	struct buf out = { 0 };
	struct values *values = values_new(&arena);
	const struct template *template = template_compile(&arena, source_of, &input, "page", &why);

	values_text(values, "v", input.value);
	if (template == NULL) {
		assert(why.text[0] != '\0');
	} else {
		size_t parts = 0;

		for (struct span rest = input.page; rest.len > 0; rest = span_from_offset(rest, 1))
			parts += span_starts(rest, SPAN("{{>part}}"));
		template_render(template, values, message_of, &input, &out);
		assert(tags_of(buf_span(&out)) <= tags_of(input.page) + 2 * parts);
	}
	buf_release(&out);
	arena_release(&arena);
	return 0;
}
