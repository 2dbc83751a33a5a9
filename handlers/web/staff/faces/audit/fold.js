/*
 * What records come to, by reading them from the first: rewards and their states, accounts and their movements. Pure; the
 * same figures as the server's, made without it.
 */

import { ENCUMBERED, EXPENDED } from "./chart_of_accounts.js";
import { effect } from "./recount.js";

export const states = ["DRAFT", "IN_REVIEW", "APPROVED", "AWAITING_FUNDS", "CLAIMABLE", "CLAIMED", "RELEASED", "PAYING", "PAID", "RETURNED",
	"CLOSED", "REJECTED", "WITHDRAWN", "DECLINED", "EXPIRED", "REVOKED", "REVERSED"];

/* "R7" of R7 and R7-1, else null. */
export function rewardOf(subject) {
	return /^(R\d+)(?:-\d+)?$/.exec(subject)?.[1] ?? null;
}

function stateAfter(record) {
	return record.kind !== "attempt.send" && states.includes(record.data.to) ? record.data.to : null;
}

function born(record) {
	return { id: record.subject, seq: Number(record.seq), at: Number(record.at), case: record.data.case, tip: record.data.tip, fen: Number(record.data.fen),
		bureau: record.data.bureau, programme: record.data.programme, state: "DRAFT", held: false, reserved: 0, paid: 0, numbers: [] };
}

/* Rewards in order of their proposal: { id, state, at, fen, reserved, paid, numbers }, fen on the budget's accounts. */
export function rewards(records) {
	const found = new Map();

	for (const record of records) {
		const id = rewardOf(record.subject);

		if (record.kind === "reward.propose")
			found.set(id, born(record));
		const reward = found.get(id);

		if (!reward)
			continue;
		reward.numbers.push(Number(record.seq));
		reward.state = stateAfter(record) ?? reward.state;
		reward.held = record.kind === "reward.hold" || (reward.held && record.kind !== "reward.lift");
		for (const leg of record.legs ?? []) {
			reward.reserved += Number(leg[1]) === ENCUMBERED ? effect(leg) : 0;
			reward.paid += Number(leg[1]) === EXPENDED ? effect(leg) : 0;
		}
	}
	return [...found.values()];
}

/* Legs on an account, one after the other, with the balance after each. book, detail: null for any. */
export function movements(records, { book, code, detail }) {
	const found = [];
	let balance = 0;

	for (const record of records)
		for (const leg of record.legs ?? []) {
			if (Number(leg[1]) !== code || (book !== null && leg[0] !== book) || (detail !== null && leg[2] !== detail))
				continue;
			balance += effect(leg);
			found.push({ record, leg, fen: effect(leg), balance });
		}
	return found;
}

/* Sum of legs on an account in all books. */
export function sumOf(records, code) {
	return movements(records, { book: null, code, detail: null }).at(-1)?.balance ?? 0;
}

/* "2026-11" of a time, in China, where the books are kept. */
export function monthOf(ms) {
	return new Date(Number(ms) + 8 * 3600_000).toISOString().slice(0, 7);
}
