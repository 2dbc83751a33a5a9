/* Regions by their names. Pure: rows of the divisions in force and what was typed in, rows out, the best first. */

/* rows: [code, name, Latin names]. Names that begin so first, then those that have it within; a code by its beginning. */
export function findRegions(rows, text) {
	const asked = text.trim().toLowerCase();
	const rank = ([code, name, latin]) => {
		if (code.startsWith(asked) || name.startsWith(asked))
			return 0;
		if (latin.toLowerCase().split("/").some((one) => one.startsWith(asked)))
			return 1;
		return name.includes(asked) ? 2 : 3;
	};

	return asked === "" ? [] : rows.map((row) => ({ row, rank: rank(row) })).filter((one) => one.rank < 3)
		.sort((a, b) => a.rank - b.rank || a.row[0].localeCompare(b.row[0])).map((one) => one.row);
}

/* "内蒙古自治区 鄂尔多斯市" of a county of it; "" of a province. */
export function whereIs(names, code) {
	return [`${code.slice(0, 2)}0000`, `${code.slice(0, 4)}00`].filter((one) => one !== code && names.has(one)).map((one) => names.get(one)).join(" ");
}
