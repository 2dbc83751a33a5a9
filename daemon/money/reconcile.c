/*
 * Judging lines; see reconcile.h.
 */
#include "daemon/money/reconcile.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/table.h"

#include <assert.h>

#define MS_PER_DAY INT64_C(86400000)
#define CHINA_MS (CIVIL_BEIJING_MINUTES * INT64_C(60000))
#define LINE_DAYS 2

static const struct {
	const char *name, *help;
} classes[BREAK_CLASSES] = {
	[BREAK_NONE] = { .name = "-", .help = "no break" },
	[BREAK_NO_LINE] = { .name = "R1", .help = "paid, but in no statement two days later" },
	[BREAK_NOT_SUCCESS] = { .name = "R2", .help = "a debit while the attempt is no success" },
	[BREAK_AMOUNT] = { .name = "R3", .help = "the amount differs" },
	[BREAK_TWICE] = { .name = "R4", .help = "a second debit for one instruction" },
	[BREAK_STRANGER] = { .name = "R5", .help = "no payment of ours" },
	[BREAK_RETURN] = { .name = "R6", .help = "money came back" },
	[BREAK_FEE] = { .name = "R7", .help = "a fee" },
	[BREAK_BALANCE] = { .name = "R8", .help = "does not follow the statement before" },
	[BREAK_CURRENCY] = { .name = "R9", .help = "another currency" },
	[BREAK_CHANGED] = { .name = "R10", .help = "another file for a day that was imported" },
};

const char *break_class_name(enum break_class class)
{
	assert(class < BREAK_CLASSES);
	return classes[class].name;
}

const char *break_class_help(enum break_class class)
{
	assert(class < BREAK_CLASSES);
	return classes[class].help;
}

bool break_class_parse(struct span name, enum break_class *class)
{
	for (unsigned c = BREAK_NO_LINE; c < BREAK_CLASSES; c++)
		if (span_is(name, classes[c].name)) {
			*class = (enum break_class)c;
			return true;
		}
	return false;
}

bool break_holds(enum break_class class, bool credit)
{
	return !credit && (class == BREAK_TWICE || class == BREAK_STRANGER);
}

/* --- one line ------------------------------------------------------------------------------ */

const struct reconcile_item *reconcile_item(const struct statement_line *line, const struct reconcile_item *named,
					    const struct reconcile_item *referred, bool ambiguous)
{
	/* An id decides alone. The reference may not speak against it. */
	if (!span_empty(line->instruction))
		return named != NULL && (referred == NULL || referred == named) ? named : NULL;
	return span_empty(line->reference) || ambiguous ? NULL : referred;
}

static struct reconcile_judgement is_break(enum break_class class, bool credit)
{
	return (struct reconcile_judgement){ .verdict = RECONCILE_BREAK, .class = class,
					     .hold = break_holds(class, credit) };
}

static struct reconcile_judgement settles(enum break_class class, enum attempt_state to)
{
	return (struct reconcile_judgement){ .verdict = RECONCILE_SETTLE, .class = class, .to = to };
}

/* Money went out for a payment of ours. */
static struct reconcile_judgement judge_debit(const struct statement_line *line, const struct reconcile_item *item)
{
	if (item->debited)
		return is_break(BREAK_TWICE, false);
	if (line->fen != item->fen)
		return is_break(BREAK_AMOUNT, false);
	if (item->state == ATTEMPT_SUCCEEDED || item->state == ATTEMPT_RETURNED)
		return (struct reconcile_judgement){ .verdict = RECONCILE_MATCH };
	/* Nothing was sent, so nothing can be proved. */
	if (item->state == ATTEMPT_CREATED)
		return is_break(BREAK_NOT_SUCCESS, false);
	return settles(BREAK_NOT_SUCCESS, ATTEMPT_SUCCEEDED);
}

/* Money came in for a payment of ours. */
static struct reconcile_judgement judge_credit(const struct statement_line *line, const struct reconcile_item *item)
{
	if (line->fen != item->fen)
		return is_break(BREAK_AMOUNT, true);
	if (item->returned)
		return is_break(BREAK_RETURN, true);
	if (item->state == ATTEMPT_RETURNED)
		return (struct reconcile_judgement){ .verdict = RECONCILE_MATCH };
	if (item->state == ATTEMPT_SUCCEEDED)
		return settles(BREAK_RETURN, ATTEMPT_RETURNED);
	return is_break(BREAK_RETURN, true);
}

struct reconcile_judgement reconcile_line(const struct statement_line *line, const struct reconcile_item *named,
					  const struct reconcile_item *referred, bool ambiguous)
{
	const struct reconcile_item *item = reconcile_item(line, named, referred, ambiguous);

	if (line->kind == STATEMENT_FEE)
		return is_break(BREAK_FEE, line->credit);
	if (item == NULL)
		return is_break(line->credit && line->kind == STATEMENT_RETURN ? BREAK_RETURN : BREAK_STRANGER,
				line->credit);
	return line->credit ? judge_credit(line, item) : judge_debit(line, item);
}

void reconcile_take(struct reconcile_item *item, const struct statement_line *line)
{
	if (line->credit) {
		item->returned = true;
		item->state = ATTEMPT_RETURNED;
		return;
	}
	item->debited = true;
	if (item->state != ATTEMPT_RETURNED)
		item->state = ATTEMPT_SUCCEEDED;
}

/* --- a statement ----------------------------------------------------------------------------- */

enum reconcile_statement reconcile_statement(const struct statement *statement,
					     const unsigned char hash[STATEMENT_HASH_BYTES], enum break_class *class)
{
	*class = BREAK_NONE;
	if (hash != NULL && memcmp(hash, statement->hash, STATEMENT_HASH_BYTES) == 0)
		return RECONCILE_KNOWN;
	if (hash != NULL)
		*class = BREAK_CHANGED;
	else if (statement->foreign)
		*class = BREAK_CURRENCY;
	return *class == BREAK_NONE ? RECONCILE_TAKE : RECONCILE_REFUSE;
}

bool reconcile_follows(const struct statement_ends *earlier, const struct statement_ends *later, const char **text)
{
	*text = NULL;
	if (later->day != earlier->day + 1)
		*text = "a day is missing";
	else if (later->sequence != 0 && earlier->sequence != 0 && later->sequence != earlier->sequence + 1)
		*text = "a number of the sequence is missing";
	else if (later->opening != earlier->closing)
		*text = "opening is not the closing of the day before";
	return *text == NULL;
}

static struct reconcile_item *find(struct reconcile_item *items, size_t n, struct span word, bool reference,
				   size_t *count)
{
	struct reconcile_item *found = NULL;

	*count = 0;
	for (size_t i = 0; i < n && !span_empty(word); i++)
		if (span_eq(reference ? items[i].reference : items[i].instruction, word)) {
			found = &items[i];
			++*count;
		}
	return found;
}

void reconcile_all(const struct statement *statement, struct reconcile_item *items, size_t nitems,
		   struct reconcile_judgement *out)
{
	for (size_t i = 0; i < statement->n; i++) {
		const struct statement_line *line = &statement->lines[i];
		size_t names, references;
		struct reconcile_item *named = find(items, nitems, line->instruction, false, &names);
		struct reconcile_item *referred = find(items, nitems, line->reference, true, &references);
		const struct reconcile_item *about = reconcile_item(line, named, referred, references > 1);

		out[i] = reconcile_line(line, named, referred, references > 1);
		if (out[i].verdict != RECONCILE_BREAK)
			reconcile_take(about == named ? named : referred, line);
	}
}

/* --- age ----------------------------------------------------------------------------------------- */

enum break_age break_age(int64_t opened_ms, int64_t now_ms)
{
	static const int64_t up_to[] = { 1, 3, 7, 30 };
	int64_t days = (now_ms - opened_ms) / MS_PER_DAY;

	for (unsigned i = 0; i < COUNT_OF(up_to); i++)
		if (days <= up_to[i])
			return (enum break_age)i;
	return BREAK_AGE_OLD;
}

const char *break_age_name(enum break_age age)
{
	static const char *const names[BREAK_AGES] = { "0-1", "2-3", "4-7", "8-30", ">30" };

	assert(age < BREAK_AGES);
	return names[age];
}

int64_t reconcile_line_due_ms(int64_t succeeded_ms)
{
	int64_t day = (succeeded_ms + CHINA_MS) / MS_PER_DAY;

	return (day + LINE_DAYS + 1) * MS_PER_DAY - CHINA_MS;
}
