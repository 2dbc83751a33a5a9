/*
 * What is remembered of a telephone between its messages: a wish for no
 * answers, the language, how many answers it got today, its latest tips. Pure.
 *
 * It lies in the store under a keyed mark of the number, sealed under a key
 * made of the requests key and the number itself: whoever has the store and
 * not the key learns nothing, and the daemon cannot open it either until that
 * telephone writes again. The receipt code is not in it. A tip's receipt key
 * is, which opens the tip (a supplement is sealed with it) and leads back to no
 * code; the code itself lies beside, under a mark and a key of its own, for as
 * long as it may be asked for, and is gone then.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_MEMORY_H
#define TIPLINE_HANDLERS_INTAKE_SMS_MEMORY_H

#include "daemon/core/tip/seal.h"
#include "handlers/intake/sms_talk.h"

#define SMS_TIPS_KEPT 5     /* of one telephone, the latest */
#define SMS_HEARD_KEPT 6    /* messages that had their effect: a repetition has none */
#define SMS_HEARD_BYTES 8
#define SMS_WAY_BYTES 4

struct sms_own_tip {
	struct tip_id id;             /* as it was accepted; it may have moved since */
	int64_t received_ms;
	struct seal_key receipt_key;
	unsigned char way[SMS_WAY_BYTES];   /* the connector that brought it */
};

struct sms_memory {
	bool stopped;
	int64_t wished_ms;            /* when it wrote STOP or START last; 0: never */
	char lang[6];                 /* chosen: "zh-CN" or "en"; empty: as the messages are */
	int64_t day;                  /* of `answers`, in days since 1970 */
	unsigned answers;
	int64_t waits_until_ms;       /* an answer waits for the morning until then; 0: none */
	struct sms_own_tip tips[SMS_TIPS_KEPT];   /* the latest first */
	size_t ntips;
	struct sms_heard_mark {
		unsigned char mark[SMS_HEARD_BYTES];
		int64_t at_ms;        /* whole seconds; last, with its repetitions */
	} heard[SMS_HEARD_KEPT];      /* the latest first */
	size_t nheard;
};

void sms_memory_wipe(struct sms_memory *memory);

/* Where it lies, and what opens it. */
void sms_memory_mark(const struct seal_key *requests, struct span sender, unsigned char mark[16]);
/* Under which a wish for no answers stands on the disk (sms_wishes.h); not the mark above, so that it leads to no tip. */
void sms_wish_mark(const struct seal_key *requests, struct span sender, unsigned char mark[16]);
/* Where the code of one of its tips lies. */
void sms_code_mark(const struct seal_key *requests, struct span sender, const struct tip_id *id, unsigned char mark[16]);

/* Appended to `out`; the length tells nothing. */
void sms_memory_seal(const struct seal_key *requests, struct span sender, const struct sms_memory *memory, struct buf *out);
/* False, and *memory is empty: not of this telephone, or changed. */
bool sms_memory_open(const struct seal_key *requests, struct span sender, struct span sealed, struct arena *arena,
		     struct sms_memory *memory);
void sms_code_seal(const struct seal_key *requests, struct span sender, const struct receipt_code *code, struct buf *out);
bool sms_code_open(const struct seal_key *requests, struct span sender, struct span sealed, struct arena *arena,
		   struct receipt_code *code);

void sms_memory_way(const struct seal_key *requests, struct span gateway, unsigned char way[SMS_WAY_BYTES]);

/*
 * The tip of this telephone that the words lead to: of that number, else the latest; NULL: none.
 * Only of those that came the same way: whoever can write a sender's number into a
 * message of one connector, and read what is answered there, learns nothing of another's.
 */
const struct sms_own_tip *sms_memory_tip(const struct sms_memory *memory, const struct sms_words *words,
					 const unsigned char way[SMS_WAY_BYTES]);

/* Puts a tip in front; false: it is there already. */
bool sms_memory_add(struct sms_memory *memory, const struct tip_id *id, int64_t received_ms,
		    const struct receipt_code *code, const unsigned char way[SMS_WAY_BYTES]);
/* Forgets tips that were received before. */
void sms_memory_forget(struct sms_memory *memory, int64_t before_ms);

/* NULL: it is not among the latest. */
const struct sms_heard_mark *sms_memory_heard(const struct sms_memory *memory, const unsigned char mark[16]);
void sms_memory_hear(struct sms_memory *memory, const unsigned char mark[16], int64_t now_ms);

/* One more answer may go out now, or from `from_ms` on when that is later: not more than one waits. */
bool sms_memory_may_answer(const struct sms_memory *memory, int64_t now_ms, int64_t from_ms, unsigned per_day);
void sms_memory_answered(struct sms_memory *memory, int64_t now_ms, int64_t from_ms);

#endif
