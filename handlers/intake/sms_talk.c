/*
 * The table of the conversation; see sms_talk.h.
 */
#include "handlers/intake/sms_talk.h"

#include "daemon/base/table.h"

#include <stdlib.h>

static const struct sms_move moves[] = {
	{ .writer = SMS_STRANGER, .says = SMS_SAYS_CLUE, .act = SMS_ACT_FILE, .line = SMS_LINE_TAKEN },
	{ .writer = SMS_STRANGER, .says = SMS_SAYS_SUPPLEMENT, .act = SMS_ACT_FILE, .line = SMS_LINE_TAKEN },
	{ .writer = SMS_STRANGER, .says = SMS_SAYS_STATUS, .act = SMS_ACT_TELL, .line = SMS_LINE_NO_MORE },
	{ .writer = SMS_STRANGER, .says = SMS_SAYS_CODE, .act = SMS_ACT_TELL, .line = SMS_LINE_NO_CODE },
	{ .writer = SMS_STRANGER, .says = SMS_SAYS_STOP, .act = SMS_ACT_STOP, .line = SMS_LINE_STOPPED },
	{ .writer = SMS_STRANGER, .says = SMS_SAYS_START, .act = SMS_ACT_START, .line = SMS_LINE_STARTED },
	{ .writer = SMS_STRANGER, .says = SMS_SAYS_HELP, .act = SMS_ACT_TELL, .line = SMS_LINE_HELP },
	{ .writer = SMS_STRANGER, .says = SMS_SAYS_CHINESE, .act = SMS_ACT_SPEAK, .line = SMS_LINE_LANGUAGE },
	{ .writer = SMS_STRANGER, .says = SMS_SAYS_ENGLISH, .act = SMS_ACT_SPEAK, .line = SMS_LINE_LANGUAGE },

	{ .writer = SMS_KNOWN, .says = SMS_SAYS_CLUE, .act = SMS_ACT_FILE, .line = SMS_LINE_TAKEN },
	{ .writer = SMS_KNOWN, .says = SMS_SAYS_SUPPLEMENT, .act = SMS_ACT_ADD, .line = SMS_LINE_ADDED },
	{ .writer = SMS_KNOWN, .says = SMS_SAYS_STATUS, .act = SMS_ACT_LOOK, .line = SMS_LINE_WAITING },
	{ .writer = SMS_KNOWN, .says = SMS_SAYS_CODE, .act = SMS_ACT_CODE, .line = SMS_LINE_CODE },
	{ .writer = SMS_KNOWN, .says = SMS_SAYS_STOP, .act = SMS_ACT_STOP, .line = SMS_LINE_STOPPED },
	{ .writer = SMS_KNOWN, .says = SMS_SAYS_START, .act = SMS_ACT_START, .line = SMS_LINE_STARTED },
	{ .writer = SMS_KNOWN, .says = SMS_SAYS_HELP, .act = SMS_ACT_TELL, .line = SMS_LINE_HELP },
	{ .writer = SMS_KNOWN, .says = SMS_SAYS_CHINESE, .act = SMS_ACT_SPEAK, .line = SMS_LINE_LANGUAGE },
	{ .writer = SMS_KNOWN, .says = SMS_SAYS_ENGLISH, .act = SMS_ACT_SPEAK, .line = SMS_LINE_LANGUAGE },

	{ .writer = SMS_STOPPED_STRANGER, .says = SMS_SAYS_CLUE, .act = SMS_ACT_FILE, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_STRANGER, .says = SMS_SAYS_SUPPLEMENT, .act = SMS_ACT_FILE, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_STRANGER, .says = SMS_SAYS_STATUS, .act = SMS_ACT_NOTHING, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_STRANGER, .says = SMS_SAYS_CODE, .act = SMS_ACT_NOTHING, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_STRANGER, .says = SMS_SAYS_STOP, .act = SMS_ACT_STOP, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_STRANGER, .says = SMS_SAYS_START, .act = SMS_ACT_START, .line = SMS_LINE_STARTED },
	{ .writer = SMS_STOPPED_STRANGER, .says = SMS_SAYS_HELP, .act = SMS_ACT_NOTHING, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_STRANGER, .says = SMS_SAYS_CHINESE, .act = SMS_ACT_SPEAK, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_STRANGER, .says = SMS_SAYS_ENGLISH, .act = SMS_ACT_SPEAK, .line = SMS_LINE_NONE },

	{ .writer = SMS_STOPPED_KNOWN, .says = SMS_SAYS_CLUE, .act = SMS_ACT_FILE, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_KNOWN, .says = SMS_SAYS_SUPPLEMENT, .act = SMS_ACT_ADD, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_KNOWN, .says = SMS_SAYS_STATUS, .act = SMS_ACT_NOTHING, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_KNOWN, .says = SMS_SAYS_CODE, .act = SMS_ACT_NOTHING, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_KNOWN, .says = SMS_SAYS_STOP, .act = SMS_ACT_STOP, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_KNOWN, .says = SMS_SAYS_START, .act = SMS_ACT_START, .line = SMS_LINE_STARTED },
	{ .writer = SMS_STOPPED_KNOWN, .says = SMS_SAYS_HELP, .act = SMS_ACT_NOTHING, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_KNOWN, .says = SMS_SAYS_CHINESE, .act = SMS_ACT_SPEAK, .line = SMS_LINE_NONE },
	{ .writer = SMS_STOPPED_KNOWN, .says = SMS_SAYS_ENGLISH, .act = SMS_ACT_SPEAK, .line = SMS_LINE_NONE },

	{ .writer = SMS_UNKNOWN, .says = SMS_SAYS_CLUE, .act = SMS_ACT_FILE, .line = SMS_LINE_NONE },
	{ .writer = SMS_UNKNOWN, .says = SMS_SAYS_SUPPLEMENT, .act = SMS_ACT_FILE, .line = SMS_LINE_NONE },
	{ .writer = SMS_UNKNOWN, .says = SMS_SAYS_STATUS, .act = SMS_ACT_AGAIN, .line = SMS_LINE_NONE },
	{ .writer = SMS_UNKNOWN, .says = SMS_SAYS_CODE, .act = SMS_ACT_AGAIN, .line = SMS_LINE_NONE },
	{ .writer = SMS_UNKNOWN, .says = SMS_SAYS_STOP, .act = SMS_ACT_AGAIN, .line = SMS_LINE_NONE },
	{ .writer = SMS_UNKNOWN, .says = SMS_SAYS_START, .act = SMS_ACT_AGAIN, .line = SMS_LINE_NONE },
	{ .writer = SMS_UNKNOWN, .says = SMS_SAYS_HELP, .act = SMS_ACT_AGAIN, .line = SMS_LINE_NONE },
	{ .writer = SMS_UNKNOWN, .says = SMS_SAYS_CHINESE, .act = SMS_ACT_AGAIN, .line = SMS_LINE_NONE },
	{ .writer = SMS_UNKNOWN, .says = SMS_SAYS_ENGLISH, .act = SMS_ACT_AGAIN, .line = SMS_LINE_NONE },
};

const struct sms_move *sms_move_find(enum sms_writer writer, enum sms_says says)
{
	for (size_t i = 0; i < COUNT_OF(moves); i++)
		if (moves[i].writer == writer && moves[i].says == says)
			return &moves[i];
	abort();
}

const char *sms_writer_name(enum sms_writer writer)
{
	static const char *const names[SMS_WRITERS] = {
		[SMS_STRANGER] = "stranger",
		[SMS_KNOWN] = "known",
		[SMS_STOPPED_STRANGER] = "stopped_stranger",
		[SMS_STOPPED_KNOWN] = "stopped_known",
		[SMS_UNKNOWN] = "unknown",
	};

	return names[writer];
}

const char *sms_act_name(enum sms_act act)
{
	static const char *const names[SMS_ACTS] = {
		[SMS_ACT_FILE] = "file",   [SMS_ACT_ADD] = "add",     [SMS_ACT_LOOK] = "look",
		[SMS_ACT_TELL] = "tell",   [SMS_ACT_CODE] = "code",   [SMS_ACT_STOP] = "stop",
		[SMS_ACT_START] = "start", [SMS_ACT_SPEAK] = "speak", [SMS_ACT_NOTHING] = "nothing",
		[SMS_ACT_AGAIN] = "again",
	};

	return names[act];
}

const char *sms_line_name(enum sms_line line)
{
	static const char *const names[SMS_LINES] = {
		[SMS_LINE_NONE] = "none",	  [SMS_LINE_TAKEN] = "taken",	    [SMS_LINE_ADDED] = "added",
		[SMS_LINE_WAITING] = "waiting",	  [SMS_LINE_IN_HAND] = "in_hand",   [SMS_LINE_ENDED] = "ended",
		[SMS_LINE_NO_MORE] = "no_more",	  [SMS_LINE_CODE] = "code",	    [SMS_LINE_NO_CODE] = "no_code",
		[SMS_LINE_STOPPED] = "stopped",	  [SMS_LINE_STARTED] = "started",   [SMS_LINE_HELP] = "help",
		[SMS_LINE_LANGUAGE] = "language",
	};

	return names[line];
}
