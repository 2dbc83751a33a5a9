/*
 * The difference of two texts by lines, as a shortest list of lines that stay, go and come (the longest common
 * subsequence; policies have some hundred lines).
 */

function lengths(a, b) {
	const at = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));

	for (let i = a.length - 1; i >= 0; i--)
		for (let k = b.length - 1; k >= 0; k--)
			at[i][k] = a[i] === b[k] ? at[i + 1][k + 1] + 1 : Math.max(at[i + 1][k], at[i][k + 1]);
	return at;
}

/* [{ kind: "same" | "gone" | "new", text, line }]: `line` from 1, of the text in which it stands (of the newer one where it stays). */
export function linesBetween(before, after) {
	const a = before === "" ? [] : before.split("\n");
	const b = after === "" ? [] : after.split("\n");
	const common = lengths(a, b);
	const rows = [];
	let i = 0;
	let k = 0;

	while (i < a.length || k < b.length)
		if (i < a.length && k < b.length && a[i] === b[k]) {
			rows.push({ kind: "same", text: b[k], line: ++k });
			i++;
		} else if (k === b.length || (i < a.length && common[i + 1][k] >= common[i][k + 1])) {
			rows.push({ kind: "gone", text: a[i], line: ++i });
		} else {
			rows.push({ kind: "new", text: b[k], line: ++k });
		}
	return rows;
}
