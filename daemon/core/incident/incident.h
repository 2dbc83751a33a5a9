/*
 * The judgement about a new text: copy, another case in the same words, or new.
 *
 * In:  the feature of a text and the index of earlier ones (core/incident/link.h).
 * Out: what it is to the incident whose wording it shares most.
 * It is held against the whole incident, not against the nearest text: a part
 * of a split message names nobody, but the messages it belongs to do. Changes
 * nothing and looks at nothing else, so the order in which the index found its
 * candidates does not matter. Reports of one thing in other words are judged
 * by core/incident/report.h.
 */
#ifndef TIPLINE_CORE_INCIDENT_H
#define TIPLINE_CORE_INCIDENT_H

#include "daemon/core/incident/link.h"

enum incident_kind {
	INCIDENT_NEW,   /* no earlier text has this wording */
	INCIDENT_COPY,  /* the same message, whole or in part: one incident */
	INCIDENT_TWIN,  /* the same wording about something else: never one incident */
};

/* Stable word of the journal and the API: "new", "copy", "twin". */
const char *incident_kind_name(enum incident_kind kind);

struct incident_policy {
	double copy_from;  /* wording from which a text is a copy */
	double twin_from;  /* wording from which another case is worth telling */
};

/* Precision .99 on streams of short messages. */
extern const struct incident_policy incident_policy_default;

struct incident_judgement {
	enum incident_kind kind;
	uint32_t text;      /* the text of that incident with the nearest wording; 0 when new */
	uint32_t group;     /* the incident; 0 when new */
	double wording;
	double score;       /* 0 to 1: how sure that it is a copy; low for twins */
	unsigned agree;     /* marks that the incident has too */
	unsigned conflict;  /* marks that it has otherwise */
};

void incident_judge(const struct link *link, const struct feature *feature,
		    const struct incident_policy *policy, struct incident_judgement *out);

#endif
