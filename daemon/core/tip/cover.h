/*
 * The cover: the outer layer over what is sealed of a tip, under a key made
 * from its week's (sys/week_keys.h) and its id. Who has no week key opens
 * nothing, whatever other keys he has; moving a tip to another week needs no
 * other key. Pure.
 *
 *   2 | week 4, big-endian | nonce 24 | first bytes of the sealed form, covered, tag 16 | the rest as it was
 *
 * Covered are so many first bytes as hold all wrapped keys: of a content its
 * head, of an identity its box. What was sealed before there were weeks
 * (version 1) passes as it is, under week 0. Of a tip's id only the ten
 * characters behind the dash are bound, as in seal.h: a tip may move.
 */
#ifndef TIPLINE_CORE_COVER_H
#define TIPLINE_CORE_COVER_H

#include "daemon/core/tip/seal.h"

#define COVER_HEAD_BYTES 29                            /* of what is stored: all before the covered bytes */
#define COVER_FRONT_BYTES 174                          /* so many first bytes of what is stored are enough for cover_move() */
#define COVER_MORE_BYTES (COVER_HEAD_BYTES + 16)       /* a covered form is so much longer than the sealed one */

enum cover_kind {
	COVER_CONTENT = 1,
	COVER_IDENTITY = 2,
};

/* Which week's key opens it; 0: none is needed. False: neither covered nor sealed. The first five bytes are enough. */
bool cover_week(struct span stored, unsigned *week);

/*
 * Covers what seal_tip() or seal_identity() made; appended to `out`. The week
 * is 1 and up. Equal input gives equal bytes, as with seal_tip().
 */
void cover_seal(const struct tip_id *id, enum cover_kind kind, unsigned week, const struct seal_key *week_key,
		struct span sealed, struct buf *out);

/*
 * The sealed form again; appended to `out`. False: another key, kind or tip, or
 * changed bytes among those covered, and nothing appended. Those behind are
 * checked by who opens the sealed form. Week 0 needs no key (NULL is taken).
 */
bool cover_open(const struct tip_id *id, enum cover_kind kind, const struct seal_key *week_key, struct span stored,
		struct buf *out);

/*
 * What takes the place of the first bytes to lie under another week: `*was` of
 * them (a part of `stored`, of which COVER_FRONT_BYTES suffice) become what is
 * appended to `now`. `from` is the key of its week, or NULL for week 0. False:
 * it does not open, and nothing is appended.
 */
bool cover_move(const struct tip_id *id, enum cover_kind kind, const struct seal_key *from, unsigned to_week,
		const struct seal_key *to, struct span stored, struct span *was, struct buf *now);

#endif
