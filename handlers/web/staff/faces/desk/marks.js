/*
 * What two texts have in common, marked in one of them. Pure: evidence as the server tells it (code points, [from, to))
 * and a text in, pieces out, in order and without gaps. Where ranges overlap a piece has several kinds; that the wording is
 * alike is told only of what is nothing else, and of more than one letter.
 */

function kindsOf(ranges, from, to) {
	const kinds = [...new Set(ranges.filter((range) => range.from <= from && to <= range.to).map((range) => range.kind))];
	return kinds.length > 1 || to - from < 2 ? kinds.filter((kind) => kind !== "words") : kinds;
}

/* evidence: [{ kind, here: [[from, to]], there: [[from, to]] }]; side: "here" or "there". [{ text, kinds }]. */
export function piecesOf(text, evidence, side) {
	const letters = [...text];
	const ranges = evidence.flatMap((one) => one[side].map(([from, to]) => ({ kind: one.kind, from: Math.max(0, from), to: Math.min(letters.length, to) })))
		.filter(({ from, to }) => from < to);
	const cuts = [...new Set([0, letters.length, ...ranges.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);

	return cuts.slice(0, -1).map((from, i) => ({
		text: letters.slice(from, cuts[i + 1]).join(""),
		kinds: kindsOf(ranges, from, cuts[i + 1]),
	}));
}
