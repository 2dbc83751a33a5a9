/*
 * The fields of a tip as the public sends them: the same names in form,
 * multipart and JSON (DESIGN 6). One table says where each goes.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_TIP_INPUT_H
#define TIPLINE_HANDLERS_INTAKE_TIP_INPUT_H

#include "daemon/base/arena.h"
#include "daemon/core/tip/tip.h"
#include "handlers/answer.h"

struct tip_input {
	struct span text, region, place, when, category, lang, contact;
	struct span nonce;    /* of the web form: names the request */
	struct span size;     /* of the web form: large type */
	struct span challenge, solution;   /* of the web form: see proof.h */
};

/* The member of that name, or NULL: the name is none of ours. */
struct span *tip_input_field(struct tip_input *input, struct span name);

/* From an urlencoded body; false and a problem naming the field. Values live in the arena. */
bool tip_input_form(struct tip_input *input, struct span body, struct arena *arena, struct problem *problem);

/* From a JSON object; members that are not ours are passed over. */
bool tip_input_json(struct tip_input *input, struct span body, struct arena *arena, struct problem *problem);

/* The tip that the fields say; spans are shared. */
struct tip tip_input_tip(const struct tip_input *input, enum tip_channel channel, int64_t now_ms);

#endif
