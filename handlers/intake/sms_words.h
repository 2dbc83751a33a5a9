/*
 * What a message by SMS wants, by its words. Pure.
 *
 * In doubt it is a clue: a word for us is the whole message, or stands in front
 * of the text it belongs to. Nobody's clue is taken for an answer because it
 * happens to say "status" or "stop". Receipt codes are sms_claim.h's.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_WORDS_H
#define TIPLINE_HANDLERS_INTAKE_SMS_WORDS_H

#include "daemon/base/arena.h"

enum sms_says {
	SMS_SAYS_CLUE,
	SMS_SAYS_SUPPLEMENT,  /* 补充, 续报, SUPPLEMENT; ADD with a number or a colon */
	SMS_SAYS_STATUS,      /* 查询, 状态, 进度, STATUS; a number may follow */
	SMS_SAYS_CODE,        /* 回执, CODE; likewise */
	SMS_SAYS_STOP,        /* STOP and its like, TD, 退订 */
	SMS_SAYS_START,       /* START, UNSTOP, 恢复 */
	SMS_SAYS_HELP,        /* HELP, 帮助; and a supplement of no words */
	SMS_SAYS_CHINESE,
	SMS_SAYS_ENGLISH,
	SMS_SAYS,
};

/* "clue", "supplement", ...: stable words of logs and tests. */
const char *sms_says_name(enum sms_says says);

#define SMS_NUMBER_LEN 10   /* of a reference: the last characters of a tip's id */

struct sms_words {
	enum sms_says says;
	char number[SMS_NUMBER_LEN + 1];  /* as we write it; empty: none is there */
	bool number_sure;                 /* it cannot be a word of the text: it has a digit */
	struct span rest;                 /* supplement: its words, without the number */
	struct span rest_with_number;     /* the same, where what looked like a number is none */
};

/* Spans are borrowed from the text. */
void sms_words_read(struct span text, struct arena *arena, struct sms_words *out);

#endif
