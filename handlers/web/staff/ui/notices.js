/*
 * What the program tells its reader: good news in a quiet line (role="status"), and what went wrong (role="alert"), in
 * the reader's words first and the server's after. Each shows the last one alone.
 */

import { known, say } from "../words.js";
import { html } from "./html.js";
import { useTold } from "./told.js";

const now = { news: "", alarm: "" };
const changed = new Set();

function become(next) {
	Object.assign(now, next);
	for (const tell of changed)
		tell();
}

export function tell(text) {
	become({ news: text });
}

export function hush() {
	become({ alarm: "" });
}

/* `what` names the piece of work, as a word. What was broken off on purpose is no problem. */
export function complain(what, problem) {
	if (problem.name !== "AbortError")
		become({ alarm: sayProblem(what, problem) });
}

/* Runs a piece of work; what goes wrong is shown. False when it did. */
export async function attempt(what, work) {
	try {
		await work();
		return true;
	} catch (problem) {
		complain(what, problem);
		return false;
	}
}

export function sayProblem(what, problem) {
	const name = `problem_${problem.code && known(`problem_${problem.code}`) ? problem.code : problem.status}`;
	const parts = [say("problem", { what: say(what) })];

	if (problem.status === undefined)
		parts.push(say("offline"));
	else if (known(name))
		parts.push(say(name));
	if (problem.retryAfterS > 0)
		parts.push(say("again_in", { n: problem.retryAfterS }));
	parts.push(problem.detail || problem.title, problem.field, problem.code);
	return parts.filter(Boolean).join(" · ");
}

function subscribe(tell) {
	changed.add(tell);
	return () => changed.delete(tell);
}

export function useNotices() {
	useTold(subscribe);
	return now;
}

/* The same within a page, where a problem belongs to a part of it. */
export function ProblemNote({ what, problem }) {
	return problem ? html`<p class="alarm" role="alert">${sayProblem(what, problem)}</p>` : null;
}

export function Busy() {
	return html`<p class="busy hint" role="status">${say("loading")}</p>`;
}
