/*
 * Entities in a folded text: what names a person, a car or an account exactly.
 *
 * Found by their form (checksums where the standard has one): vehicle plates
 * (GA 36), mobile and fixed telephone numbers, resident ID numbers
 * (GB 11643 with check character), bank cards (Luhn), account ids after
 * 微信/QQ/wechat, ages, dates and clock times.
 */
#ifndef TIPLINE_CORE_ENTITY_H
#define TIPLINE_CORE_ENTITY_H

#include "daemon/base/arena.h"

enum entity_kind {
	ENTITY_PLATE,
	ENTITY_PHONE,
	ENTITY_ID_NUMBER,
	ENTITY_BANK_CARD,
	ENTITY_ACCOUNT,
	ENTITY_AGE,
	ENTITY_TIME,
	ENTITY_KINDS,
};

/* "plate", "phone", "id_number", ... */
const char *entity_kind_name(enum entity_kind kind);

#define ENTITIES_MAX 32

struct entity {
	enum entity_kind kind;
	uint32_t from;      /* bytes in the folded text */
	uint32_t to;
	char value[40];     /* canonical: upper case, no blanks; NUL-terminated */
};

struct entities {
	struct entity at[ENTITIES_MAX];  /* in order of the text */
	size_t n;
};

void entities_find(struct span folded, struct entities *out);

#endif
