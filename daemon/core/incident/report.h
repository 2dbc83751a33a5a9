/*
 * Reports of one thing in other words: running incidents and what they speak of.
 *
 * An incident is the sum of the terms of its texts. A new text is held against
 * incidents that share rare terms with it, by the cosine of both, each term
 * weighted by how rare it is among all texts seen and how often it is a name.
 * That is a hint for people and never joins by itself. A shared plate,
 * telephone number, ID or account does, unless the places speak against it.
 *
 * In memory and bounded; the oldest incidents leave. Pure: no clock, the same
 * texts in the same order give the same answers. Groups are those of
 * core/incident/link.h, but any number above zero will do.
 */
#ifndef TIPLINE_CORE_REPORT_H
#define TIPLINE_CORE_REPORT_H

#include "daemon/core/incident/fingerprint.h"

struct reports;

struct report_policy {
	double suggest_from;  /* likeness from which an incident is suggested */
	double merge_from;    /* likeness of two incidents from which they are */
	int64_t window_ms;    /* an incident silent for longer is over; 0: none is */
};

/* Fixed on English news and on Chinese service dialogues; see tests/quality/link_eval.c. */
extern const struct report_policy report_policy_default;

struct report {
	const struct fingerprint *fingerprint;  /* its marks are strong keys */
	const char *region;                     /* six digits as routed; "000000" or NULL: unknown */
	int64_t at_ms;
	uint32_t text;                          /* its number in the index; 0: not there, or not yet */
	uint32_t not_group;                     /* an incident it is known not to be; 0: none */
};

enum report_kind {
	REPORT_NEW,
	REPORT_SUGGEST,  /* like an incident: for an officer to confirm */
	REPORT_JOIN,     /* shares a strong key with one, and no place speaks against it */
};

/* Stable word: "new", "suggest", "join". */
const char *report_kind_name(enum report_kind kind);

struct report_judgement {
	enum report_kind kind;
	uint32_t group;           /* 0 when new */
	uint32_t text;            /* the latest text that was counted to it with a number, or 0 */
	double likeness;          /* cosine, 0 to 1 */
	enum entity_kind key;     /* REPORT_JOIN: what they share */
	bool same_place;          /* both known, and the same prefecture */
};

struct reports *reports_new(size_t max_groups);
void reports_free(struct reports *reports);

void reports_judge(const struct reports *reports, const struct report *report,
		   const struct report_policy *policy, struct report_judgement *out);

/*
 * Counts the text to the group, which may be new. Returns another group that
 * the incident has become like, for the caller to join and to tell by
 * reports_join(), or 0.
 */
uint32_t reports_add(struct reports *reports, const struct report *report, uint32_t group,
		     const struct report_policy *policy);

/* The same without looking for another one: for texts that were judged before. */
void reports_count(struct reports *reports, const struct report *report, uint32_t group,
		   const struct report_policy *policy);

/* From now on `other` is part of `group`. */
void reports_join(struct reports *reports, uint32_t group, uint32_t other);

/* The latest text that was counted to a group with a number, or 0. */
uint32_t reports_text(const struct reports *reports, uint32_t group);

/* Memory that the reports will never exceed. */
size_t reports_bytes(const struct reports *reports);

#endif
