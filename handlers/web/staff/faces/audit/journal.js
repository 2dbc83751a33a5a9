/*
 * Reading records of the money journal as they stand, by their numbers.
 */

import { get, withQuery } from "../../api.js";

const PIECE = 500;
const NEAR = 50;   /* numbers so close are read in one go */

function piece(from, max, signal) {
	return get(withQuery("/api/v1/money/journal", { from, max }), signal);
}

async function readRange(from, to, signal) {
	const found = [];

	for (let at = Math.max(1, from); at <= to;) {
		const { records, next, head_seq: last } = await piece(at, Math.min(PIECE, to - at + 1), signal);

		found.push(...records);
		if (next > last || records.length === 0)
			break;
		at = next;
	}
	return found;
}

/* Records of these numbers, in their order. */
export async function readNumbers(numbers, signal) {
	const wanted = [...new Set(numbers)].toSorted((a, b) => a - b);
	const found = [];

	for (let i = 0; i < wanted.length;) {
		let last = i;

		while (last + 1 < wanted.length && wanted[last + 1] - wanted[last] <= NEAR)
			last++;
		const some = new Set(wanted.slice(i, last + 1));

		found.push(...(await readRange(wanted[i], wanted[last], signal)).filter((record) => some.has(Number(record.seq))));
		i = last + 1;
	}
	return found;
}
