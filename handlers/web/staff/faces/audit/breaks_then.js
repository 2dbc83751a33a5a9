/* Breaks as they stood after some records: opened, in suspense, out of it again, resolved, and by whom. Pure. */

const SUSPENSE = [1310, 2050];
const DAY_MS = 86400000;
const LAST_DAYS = [[1, "0-1"], [3, "2-3"], [7, "4-7"], [30, "8-30"]];

/* Whole days from one time to another, as the API buckets them. */
export function ageOf(ms) {
	const days = Math.floor(ms / DAY_MS);
	return LAST_DAYS.find(([last]) => days <= last)?.[1] ?? ">30";
}

/* Both legs may be in suspense, where money left that the ledger did not know to be there. */
function fenOf(record) {
	return Math.max(0, ...(record.legs ?? []).filter((leg) => SUSPENSE.includes(Number(leg[1]))).map((leg) => Number(leg[4])));
}

function opened(record) {
	const fen = fenOf(record);
	return { id: record.data.break, class: record.data.class, about: record.subject, state: fen > 0 ? "suspense" : "open", fen, opened: Number(record.at), numbers: [Number(record.seq)], people: [] };
}

/* A statement that fills a gap resolves what told of it. */
const after = { "suspense.clear": "cleared", "break.resolve": "resolved", "statement.import": "resolved" };

/* In the order they were opened, `age` of those that are not settled at `now`. */
export function breaksOf(records, now) {
	const found = new Map();

	for (const record of records) {
		if (record.kind === "break.open")
			found.set(record.data.break, opened(record));
		const one = found.get(record.data.resolves ?? record.subject);

		if (!one || record.kind === "break.open")
			continue;
		one.numbers.push(Number(record.seq));
		if (after[record.kind]) {
			one.state = after[record.kind];
			one.people = [record.data.with, record.person].filter(Boolean);
		}
	}
	return [...found.values()].map((one) => one.state === "resolved" || one.state === "cleared" ? one : { ...one, age: ageOf(now - one.opened) });
}
