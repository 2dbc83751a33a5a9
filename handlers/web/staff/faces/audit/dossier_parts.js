/*
 * Parts of a reward's dossier out of its timeline and the records behind it: how long it stood in each state, what the
 * calculator said, who approved which digest, and what became of each payment. Pure.
 */

const msOf = (at) => Date.parse(at);

/* Rows of what is in no record of money: the tip, and when the police knew by themselves. */
export function outside({ tip_at, known_at, tip }) {
	const rows = [{ at: tip_at, kind: "tip", subject: tip }, { at: known_at, kind: "known", subject: "" }];
	return rows.filter((row) => row.at !== null).map((row) => ({ ...row, seq: null, person: "", with: "", role: "", title: "", state: "", attempt_state: "", fen: 0, entry: "", postings: "", hash: "" }));
}

/* In the order of time; what has no number goes before those of its second. */
export function wholeTimeline(file) {
	return [...outside(file), ...file.timeline].sort((a, b) => msOf(a.at) - msOf(b.at) || (a.seq ?? 0) - (b.seq ?? 0));
}

/* { name, seq, from, until } in ms: from the tip to the proposal, then each state until the next one; the last one until `now`. */
export function phases(file, now) {
	const changes = file.timeline.filter((row) => row.state !== "");
	const states = changes.map((row, i) => ({ name: row.state, seq: row.seq, from: msOf(row.at), until: i + 1 < changes.length ? msOf(changes[i + 1].at) : Math.max(now, msOf(row.at)) }));
	const first = states[0];

	return file.tip_at === null || !first ? states : [{ name: "TIP", seq: null, from: Math.min(msOf(file.tip_at), first.from), until: first.from }, ...states];
}

/* The calculator's lines of the proposal, and its number. */
export function traceOf(records) {
	const proposal = records.find((record) => record.kind === "reward.propose");
	const trace = proposal?.data.trace;

	return { seq: proposal?.seq ?? null, lines: typeof trace === "string" ? JSON.parse(trace) : trace ?? [] };
}

export function approvalsOf(records) {
	return records.filter((record) => record.kind === "reward.approve").map(({ seq, at, person, data }) => ({ seq: Number(seq), at: Number(at), person, title: data.title ?? "", digest: data.digest ?? "" }));
}

/* What a record adds to what is known of its payment. */
const said = {
	"attempt.send": ({ at, data }) => ({ sent: Number(at), state: data.to, body: data.body }),
	"attempt.observe": ({ data }) => ({ state: data.attempt_to, provider_ref: data.provider_ref, line: data.line, raw: data.raw }),
};

/* Payments in their order, as they stood after the records. */
export function attemptsOf(records, fen) {
	const found = new Map();

	for (const record of records) {
		if (record.kind === "attempt.start")
			found.set(record.data.attempt, { id: record.data.attempt, rail: record.data.rail, fen: Number(record.data.fen ?? fen), state: "CREATED", sent: null });
		const attempt = found.get(record.subject);

		for (const [name, value] of Object.entries(attempt && said[record.kind] ? said[record.kind](record) : {}))
			if (value !== undefined)
				attempt[name] = value;
	}
	return [...found.values()];
}
