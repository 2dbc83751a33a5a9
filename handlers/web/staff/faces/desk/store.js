/*
 * What a desk knows while it is shown: queues, what the officer holds, what passed up, tips that were opened. Components
 * read it by useDesk(), work.js changes it by become(). Nothing of what one officer saw stays for the next one: clear().
 */

import { useRef } from "../../ui/html.js";
import { useTold } from "../../ui/told.js";

const changed = new Set();

export const desk = {};

function empty() {
	return {
		here: false,           /* the first answers have come */
		queues: [],
		held: [],              /* what the officer holds, best first */
		above: [],             /* passed from here to a level above: to be read */
		opened: new Map(),     /* tips whose words were read, whole, by id */
		picked: new Set(),     /* rows that are selected, by id */
		words: "",             /* looked for in what was opened; never in an address, which is kept and sent */
		claiming: null,        /* AbortController of a claim under way */
		warned: new Set(),     /* leases the officer was warned of */
		leaseMinutes: 30,
		toFocus: null,         /* id of the tip that takes the focus when it is open */
		turn: 0,               /* grows when rows of queues have to be asked for again */
		itself: false,         /* the last turn was of a change, and nobody's doing */
	};
}

export function become(next) {
	Object.assign(desk, next);
	for (const tell of changed)
		tell();
}

export function clear() {
	desk.claiming?.abort();
	become(empty());
}

function subscribe(tell) {
	changed.add(tell);
	return () => changed.delete(tell);
}

export function useDesk() {
	useTold(subscribe);
	return desk;
}

/* Whether a new `turn` is of a change alone: gives a function to be called in the effect that follows it. */
export function useTurn(turn) {
	const last = useRef(turn);

	return () => {
		const itself = last.current !== turn && desk.itself;

		last.current = turn;
		return itself;
	};
}

/* A tip that was read, was claimed or was told of: the newest known of it, or null. */
export function knownTip(id) {
	return desk.opened.get(id) ?? [...desk.held, ...desk.above].find((one) => one.id === id) ?? null;
}

/* The picked rows as they are after one of them was turned. */
export function pick(ids, on) {
	const picked = new Set(desk.picked);

	for (const id of ids)
		if (on)
			picked.add(id);
		else
			picked.delete(id);
	become({ picked });
}

clear();
