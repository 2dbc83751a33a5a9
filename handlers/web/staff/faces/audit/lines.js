/*
 * Records of the money journal as the bytes they are. A record's hash is over its bytes, so nothing here writes one
 * anew: pieces of the server's answer are cut out of its text.
 */

/* The length of the JSON object that begins at `at`. */
function objectEnd(text, at) {
	let depth = 0;

	for (let i = at; i < text.length; i++) {
		const letter = text[i];

		if (letter === '"') {
			for (i++; i < text.length && text[i] !== '"'; i++)
				if (text[i] === "\\")
					i++;
		} else if (letter === "{" || letter === "[") {
			depth++;
		} else if ((letter === "}" || letter === "]") && --depth === 0) {
			return i + 1;
		}
	}
	throw new SyntaxError("a record has no end");
}

/* The records of an answer of /api/v1/money/journal, each as its text. */
export function cutRecords(text) {
	const begin = '{"records":[';
	const lines = [];

	if (!text.startsWith(begin))
		throw new SyntaxError("not an answer of the journal");
	for (let at = begin.length; text[at] === "{" || text[at] === ",";) {
		if (text[at] === ",")
			at++;
		const end = objectEnd(text, at);

		lines.push(text.slice(at, end));
		at = end;
	}
	return lines;
}

/* Of lines with a trailer, as tipctl export writes it, the records alone. */
export function recordLines(jsonl) {
	return jsonl.split("\n").filter((line) => line.startsWith('{"seq":"'));
}
