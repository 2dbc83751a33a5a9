/*
 * The conversation by SMS as a table: who writes, what the words want, what
 * follows. Pure.
 *
 * A clue is filed in every state, and words that cannot go where they were
 * meant to go are a clue: nothing that somebody wrote is lost. Nothing secret
 * is in a row of a stranger. tests/unit/handlers/sms_talk.golden is the table
 * written out.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_TALK_H
#define TIPLINE_HANDLERS_INTAKE_SMS_TALK_H

#include "handlers/intake/sms_words.h"

/* Who writes, as far as this message goes. */
enum sms_writer {
	SMS_STRANGER,         /* the words lead to no tip that this telephone sent */
	SMS_KNOWN,            /* they lead to one of its own */
	SMS_STOPPED_STRANGER, /* the same two, who want no answers */
	SMS_STOPPED_KNOWN,
	SMS_UNKNOWN,          /* the store is away: nobody knows */
	SMS_WRITERS,
};

enum sms_act {
	SMS_ACT_FILE,     /* it becomes a tip */
	SMS_ACT_ADD,      /* its words go to the tip they lead to; where they cannot, FILE */
	SMS_ACT_LOOK,     /* how that tip stands decides the line */
	SMS_ACT_TELL,     /* nothing but the line */
	SMS_ACT_CODE,     /* the receipt code of that tip, if it is still kept */
	SMS_ACT_STOP,     /* no answers from now on */
	SMS_ACT_START,
	SMS_ACT_SPEAK,    /* the language of answers from now on */
	SMS_ACT_NOTHING,
	SMS_ACT_AGAIN,    /* it has to come again; a wish to stop holds here from now on */
	SMS_ACTS,
};

/* What is said; handlers/intake/sms_reply.h has the words. */
enum sms_line {
	SMS_LINE_NONE,
	SMS_LINE_TAKEN,
	SMS_LINE_ADDED,
	SMS_LINE_WAITING,    /* LOOK: nobody took it up yet */
	SMS_LINE_IN_HAND,
	SMS_LINE_ENDED,
	SMS_LINE_NO_MORE,    /* a number alone shows nothing; the same whether it is one or not */
	SMS_LINE_CODE,
	SMS_LINE_NO_CODE,    /* whatever the reason */
	SMS_LINE_STOPPED,
	SMS_LINE_STARTED,
	SMS_LINE_HELP,
	SMS_LINE_LANGUAGE,
	SMS_LINES,
};

const char *sms_writer_name(enum sms_writer writer);
const char *sms_act_name(enum sms_act act);
const char *sms_line_name(enum sms_line line);

struct sms_move {
	enum sms_writer writer;
	enum sms_says says;
	enum sms_act act;
	enum sms_line line;   /* if an answer may go out at all; LOOK and CODE choose among theirs */
};

/* Every pair has its row. */
const struct sms_move *sms_move_find(enum sms_writer writer, enum sms_says says);

#endif
