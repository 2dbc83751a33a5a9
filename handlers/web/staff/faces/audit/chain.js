/*
 * What the server last said of its chain, to whoever is signed in: reading the journal again from the store is dear, so it
 * is done when it is asked for, and told with its time.
 */

import { get, withQuery } from "../../api.js";
import { onSession } from "../../session.js";

let last = new Map();   /* by point of time: { value, at } */

onSession(() => {
	last = new Map();
});

/* { value, at } or null. */
export function lastChain(asOf) {
	return last.get(asOf) ?? null;
}

export async function askChain(asOf, signal) {
	const into = last;
	const value = await get(withQuery("/api/v1/audit/integrity", { as_of: asOf }), signal);

	into.set(asOf, { value, at: Date.now() });
	return value;
}
