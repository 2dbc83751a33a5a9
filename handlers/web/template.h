/*
 * Pages with holes: a small logic-less template language for HTML.
 *
 *   {{name}}             the value, escaped
 *   {{_message}}         the text of that message in the page's language, escaped;
 *                        "{name}" inside the text is the value of that name
 *   {{*name}}            likewise, of the message whose name is the value
 *   {{#name}}..{{/name}} once when the value is there and not empty, once per row of a list
 *   {{^name}}..{{/name}} when it is absent, empty or a list without rows
 *   {{>name}}            another template in this place
 *   {{!...}}             nothing
 *
 * There is no way to write a value unescaped. A value may stand between tags
 * or inside a double-quoted attribute and nowhere else: a template that puts
 * one elsewhere does not compile. Nothing here knows HTTP, files or what a page says.
 */
#ifndef TIPLINE_HANDLERS_WEB_TEMPLATE_H
#define TIPLINE_HANDLERS_WEB_TEMPLATE_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/complaint.h"

/* --- values ---------------------------------------------------------------- */

/*
 * Named values of one page or of one row of a list. A name that a row lacks is
 * looked for in what is around the row. Names and texts are borrowed: they must
 * live until the page is rendered.
 */
struct values;

/* An empty set in the arena. */
struct values *values_new(struct arena *arena);

/* Setting a name twice: the later one counts. */
void values_text(struct values *values, const char *name, struct span text);

/* A value that only sections look at; written out it is "1" or nothing. */
void values_flag(struct values *values, const char *name, bool on);

/* One more row of the list `name`, which starts empty. */
struct values *values_row(struct values *values, const char *name);

/* --- templates ------------------------------------------------------------- */

struct template;

/* The source of the template of that name; at == NULL when there is none. */
typedef struct span template_source_fn(void *ctx, struct span name);

/*
 * Compiles the template `name` and all that it includes, into the arena. The
 * sources must outlive it. NULL with a complaint that names template and line:
 * unknown or recursive inclusion, sections that do not match, a value outside
 * text and quotes, an empty or unknown tag.
 */
const struct template *template_compile(struct arena *arena, template_source_fn *source, void *ctx,
					const char *name, struct complaint *why);

/* The text of a message in the page's language. */
typedef struct span template_message_fn(const void *ctx, struct span id);

/* Appends the page. Never fails: what is absent is empty. */
void template_render(const struct template *template, const struct values *values, template_message_fn *message,
		     const void *ctx, struct buf *out);

/* The messages that the template uses, one after the other, with repetitions; at == NULL past the end. */
struct span template_message_at(const struct template *template, size_t index);

/* Appends text with the five characters replaced that mean something in HTML text and attributes. */
void template_escape(struct span text, struct buf *out);

#endif
