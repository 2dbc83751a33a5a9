/*
 * The handlers wired for tests (app_rig.h), with what tests about the receipt
 * need: a tip and its code, calls with a code in each encoding, what lies on the
 * disk and in the store afterwards.
 */
#ifndef TIPLINE_TESTS_RECEIPT_RIG_H
#define TIPLINE_TESTS_RECEIPT_RIG_H

#include "tests/support/app_rig.h"

#define RECEIPT_JSON "Content-Type: application/json\r\n"
#define RECEIPT_FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define RECEIPT_MULTIPART "Content-Type: multipart/form-data; boundary=cut\r\n"

struct receipt_rig {
	struct app_rig rig;
	struct arena arena;
	struct buf body;       /* of receipt_rig_part() */
	char *code;            /* of the tip that was sent last */
	struct tip_id id;
};

/* `sets` as in app_rig_open(). One tip is there. */
void receipt_rig_open(struct receipt_rig *r, const char *const *sets);
void receipt_rig_close(struct receipt_rig *r);

/* Another tip, with these words; code and id are its from then on. */
void receipt_rig_tip(struct receipt_rig *r, const char *words);

struct rig_answer receipt_rig_post(struct receipt_rig *r, const char *path, const char *fields, struct span body);

/* POST /api/v1/receipt {"receipt":code<more>}. */
struct rig_answer receipt_rig_look(struct receipt_rig *r, const char *more);

/* One more part of a body, its head as `name="..."`; and the body sent, which begins anew then. */
void receipt_rig_part(struct receipt_rig *r, const char *head, struct span value);
struct rig_answer receipt_rig_send(struct receipt_rig *r, const char *path, const char *fields);

/* Files of informants on the disk, those that are still being written too. */
size_t receipt_rig_files(struct receipt_rig *r);

#endif
