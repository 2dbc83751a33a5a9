/*
 * What changed in the queues, by one long poll of the whole program, however many ask: GET /api/v1/changes. It rests while
 * nobody asks or the page is hidden, and goes on from where it was; where the server refuses it comes again later and later.
 */

import { get, withQuery } from "../api.js";
import { onSession, session } from "../session.js";
import { useEffect, useRef } from "./html.js";

const WAIT_S = 25;
const FIRST_MS = 1000;
const LAST_MS = 60000;
const FINAL = [401, 403, 404];   /* asking again would not help: who asks is another, or not one to be told */
const asking = new Set();
let after = "";
let going = null;   /* AbortController of the poll under way */

function pause(ms, signal) {
	return new Promise((go) => {
		const timer = setTimeout(go, ms);

		signal.addEventListener("abort", () => {
			clearTimeout(timer);
			go();
		}, { once: true });
	});
}

function tell(regions) {
	for (const one of asking)
		one(regions);
}

/* One round; what was known before and is not any more may all have changed (null). */
async function ask(signal) {
	const first = after === "";

	try {
		const answer = await get(withQuery("/api/v1/changes", { after, wait_s: first ? null : WAIT_S }), signal);

		after = answer.next;
		if (answer.regions.length > 0)
			tell(answer.regions);
	} catch (problem) {
		if (problem.status !== 400 || first)
			throw problem;
		after = "";
		tell(null);
	}
}

async function poll(signal) {
	for (let wait = FIRST_MS; !signal.aborted;) {
		try {
			await ask(signal);
			wait = FIRST_MS;
		} catch (problem) {
			if (signal.aborted || FINAL.includes(problem.status))
				return;
			await pause(Math.max(wait, (problem.retryAfterS ?? 0) * 1000), signal);
			wait = Math.min(2 * wait, LAST_MS);
		}
	}
}

/* Begins or ends the poll, as things are. */
function settle() {
	const wanted = asking.size > 0 && !document.hidden && session.phase === "in";

	if (wanted && going === null) {
		going = new AbortController();
		poll(going.signal);
	} else if (!wanted && going !== null) {
		going.abort();
		going = null;
	}
}

document.addEventListener("visibilitychange", settle);
onSession(() => {
	if (session.phase !== "in")
		after = "";
	settle();
});

/* run(regions) when queues of these changed; run(null) when any may have. */
export function useChanges(run) {
	const now = useRef(run);

	now.current = run;
	useEffect(() => {
		const one = (regions) => now.current(regions);

		asking.add(one);
		settle();
		return () => {
			asking.delete(one);
			settle();
		};
	}, []);
}
