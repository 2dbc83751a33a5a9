/*
 * What a page asks of the server: loaded when the page comes or what it depends on changes, broken off when it is not
 * wanted any more, told when it fails, and asked again by a button.
 */

import { say } from "../words.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Busy, ProblemNote } from "./notices.js";

const EMPTY = { value: undefined, problem: null, busy: true };

/*
 * work(signal) gives the value; it is run anew when one of `deps` is another. { value, problem, busy, again }: `value` stays
 * while it is asked for again, and goes when deps change, unless `keep` says that the old one may stand until the new is there.
 */
export function useLoad(work, deps = [], { keep = false } = {}) {
	const [state, become] = useState(EMPTY);
	const [turn, again] = useState(0);
	const last = useRef(turn);

	useEffect(() => {
		const stop = new AbortController();
		const same = last.current !== turn;

		last.current = turn;
		become((old) => same || keep ? { ...old, busy: true } : EMPTY);
		Promise.resolve().then(() => work(stop.signal)).then(
			(value) => stop.signal.aborted || become({ value, problem: null, busy: false }),
			(problem) => stop.signal.aborted || become((old) => ({ value: old.value, problem, busy: false })));
		return () => stop.abort();
	}, [...deps, turn]);
	return { ...state, again: () => again((n) => n + 1) };
}

/* <${Loaded} of=${load} what="word">${(value) => html`...`}<//>: what it says until the value is there, and beside it when asking again failed. */
export function Loaded({ of, what = "loading", children }) {
	const { value, problem, busy, again } = of;
	const draw = Array.isArray(children) ? children[0] : children;

	return html`
		${problem ? html`<div class="load-problem"><${ProblemNote} what=${what} problem=${problem} />
			<p><button type="button" disabled=${busy} onClick=${again}>${say("load_again")}</button></p></div>` : null}
		${value !== undefined ? draw(value) : busy ? html`<${Busy} />` : null}`;
}
