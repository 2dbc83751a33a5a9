/*
 * The journal counted again from its lines, with nothing of the server's but their text: each record's hash over its
 * bytes, each one's link to the one before, no number left out, every entry in balance, and what each book comes to.
 * SHA-256 is the browser's.
 */

import { isBudget, isDebit } from "./chart_of_accounts.js";

const ZEROS = "0".repeat(64);
const END = /,"hash":"([0-9a-f]{64})"\}$/;
const BUSY_EVERY = 500;

export async function sha256(text) {
	const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
	return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* Why the line does not follow, as a word; null when it does. */
async function wrongWith(line, record, expected) {
	const end = END.exec(line);

	if (end === null)
		return "au_recount_no_hash";
	if (record.seq !== String(expected.seq))
		return "au_recount_gap";
	if (record.prev !== expected.hash)
		return "au_recount_link";
	if (await sha256(`${line.slice(0, end.index)}}`) !== end[1])
		return "au_recount_hash";
	return balances(record.legs ?? []) ? null : "au_recount_balance";
}

function parsed(line) {
	try {
		return JSON.parse(line);
	} catch {
		return null;
	}
}

function balances(legs) {
	const over = { true: 0n, false: 0n };

	for (const [, code, , side, fen] of legs)
		over[isBudget(code)] += side === "Dr" ? BigInt(fen) : -BigInt(fen);
	return over.true === 0n && over.false === 0n;
}

/* sums: book -> { FIN: { debits, credits }, BGT: ... }, fen as BigInt. */
function post(sums, [book, code, , side, fen]) {
	if (!sums.has(book))
		sums.set(book, { FIN: { debits: 0n, credits: 0n }, BGT: { debits: 0n, credits: 0n } });
	sums.get(book)[isBudget(code) ? "BGT" : "FIN"][side === "Dr" ? "debits" : "credits"] += BigInt(fen);
}

/* What a record did to an account, in fen, on its normal side. */
export function effect([, code, , side, fen]) {
	return (side === "Dr") === isDebit(code) ? Number(fen) : -Number(fen);
}

/*
 * { records, head, sums, wrong }: wrong is null or { line, seq, word } of the first line that does not follow, where the
 * count ends. tell(done, all) now and then.
 */
export async function recount(lines, tell = () => {}) {
	const sums = new Map();
	let hash = ZEROS;

	for (const [i, line] of lines.entries()) {
		const record = parsed(line);
		const word = record === null ? "au_recount_no_record" : await wrongWith(line, record, { seq: i + 1, hash });

		if (word !== null)
			return { records: i, head: hash, sums, wrong: { line: i + 1, seq: record?.seq ?? "", word } };
		hash = record.hash;
		for (const leg of record.legs ?? [])
			post(sums, leg);
		if ((i + 1) % BUSY_EVERY === 0)
			tell(i + 1, lines.length);
	}
	return { records: lines.length, head: hash, sums, wrong: null };
}

/* What the server says and the count does not: words with values; empty when they agree. balances: of /api/v1/ledger/... */
export function differences(counted, { head_seq, head_hash, count }, trialBalances) {
	const found = [];
	const hold = (what, ours, theirs) => {
		if (String(ours) !== String(theirs))
			found.push({ word: what.word, values: { book: what.book ?? "", ours, theirs } });
	};

	hold({ word: "au_differs_count" }, counted.records, count);
	hold({ word: "au_differs_seq" }, counted.records, head_seq);
	hold({ word: "au_differs_head" }, counted.head, head_hash);
	for (const balance of trialBalances)
		for (const sub of ["FIN", "BGT"])
			for (const side of ["debits", "credits"])
				hold({ word: `au_differs_${side}`, book: `${balance.book} ${sub}` }, counted.sums.get(balance.book)?.[sub][side] ?? 0n, balance.sums[sub][side]);
	return found;
}
