/*
 * Reading the money journal: a range, some numbers, or all up to one. What was read is kept while the same person is
 * signed in, because a record never changes.
 */

import { get, withQuery } from "../../api.js";
import { onSession } from "../../session.js";

const PIECE = 500;
const NEAR = 50;   /* numbers so close are read in one go */

let kept = [];     /* records 1, 2, ... */

onSession(() => {
	kept = [];
});

function piece(from, max, signal) {
	return get(withQuery("/api/v1/money/journal", { from, max }), signal);
}

/* The journal's newest number and hash. */
export async function head(signal) {
	const { head_seq: seq, head_hash: hash, count } = await piece(1, 1, signal);
	return { seq, hash, count };
}

/* Records 1 to `upTo`, or all there are. tell(done, all) as they come. */
export async function readAll({ upTo = Infinity, signal, tell = () => {} } = {}) {
	for (let more = true; more && kept.length < upTo;) {
		const into = kept;
		const from = into.length + 1;
		const { records, next, head_seq: last } = await piece(from, PIECE, signal);

		if (into.length + 1 === from)
			into.push(...records);
		more = next <= last && records.length > 0 && into === kept;
		tell(into.length, last);
	}
	return upTo < kept.length ? kept.slice(0, upTo) : kept.slice();
}

export async function readRange(from, to, signal) {
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
