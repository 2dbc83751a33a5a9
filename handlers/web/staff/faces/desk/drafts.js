/*
 * What was typed into the form of an action and is not sent yet, by tip. It lasts while a session ends by itself and the same
 * person signs in again, and while other tips are looked at; in this page's memory alone. It is gone for anybody else, and
 * when the person goes.
 */

import { onSession, session } from "../../session.js";

const drafts = new Map();   /* id of a tip -> { action, values }, the last one begun */
let whose = session.who?.person ?? null;

onSession(() => {
	const { phase, who, ended } = session;

	if ((phase === "out" && !ended) || (phase === "in" && who.person !== whose))
		drafts.clear();
	whose = who?.person ?? whose;
});

/* { action, values } of that tip, or null. */
export function draftOf(id) {
	return drafts.get(id) ?? null;
}

export function keepDraft(id, action, values) {
	drafts.set(id, { action, values });
}

export function dropDraft(id) {
	drafts.delete(id);
}

/* The fields with what was typed into them before. */
export function withDraft(fields, id, action) {
	const draft = draftOf(id);

	return draft?.action === action ? fields.map((field) => ({ ...field, value: draft.values[field.name] ?? field.value })) : fields;
}
