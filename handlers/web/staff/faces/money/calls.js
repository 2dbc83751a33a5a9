/*
 * Calls that move money. Each has an Idempotency-Key of its own; when nobody knows whether it was carried out (no answer,
 * or none in time), the very same call once more has the same key, so it is carried out once.
 */

import { call, get, withQuery } from "../../api.js";
import { onSession, session } from "../../session.js";

const unsure = new Map();   /* what was asked, as text: its key */

/* Nothing of what one person asked stays for the next one. */
onSession(() => session.phase === "in" || unsure.clear());

function newKey() {
	return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* A refusal is an answer; silence and 5xx are none. */
export function isUnsure(problem) {
	return problem.status === undefined || problem.status >= 500;
}

/* The answer, whose `kind` is "vote" while a second person has to agree. */
export async function act(path, body = {}) {
	const print = JSON.stringify([path, body]);
	const key = unsure.get(print) ?? newKey();

	unsure.set(print, key);
	try {
		const answer = await (await call("POST", path, body, undefined, { "Idempotency-Key": key })).json();

		unsure.delete(print);
		return answer;
	} catch (problem) {
		if (!isUnsure(problem))
			unsure.delete(print);
		throw problem;
	}
}

/* What shows something and records nothing of money. */
export async function ask(path, body) {
	return (await call("POST", path, body)).json();
}

const PIECE = 50;

export function rewards(filters, after, signal) {
	return get(withQuery("/api/v1/rewards", { ...filters, limit: PIECE, after }), signal);
}

export function reward(id, signal) {
	return get(`/api/v1/rewards/${encodeURIComponent(id)}`, signal);
}

export function ledgers(signal) {
	return get("/api/v1/ledger", signal);
}

/* "150600/programme/2026"; seq: as it was after that record. */
export function ledger(book, seq, signal) {
	return get(withQuery(`/api/v1/ledger/${book.split("/").map(encodeURIComponent).join("/")}`, { seq }), signal);
}

/* The rules of a policy, which is kept as text. */
export async function policy(hash, signal) {
	const answer = await get(`/api/v1/policies/${encodeURIComponent(hash)}`, signal);
	return { ...answer.policy, rules: JSON.parse(answer.text) };
}

/* A file as it is; what it is of stands in the address. */
export async function importStatement(fields, file) {
	return (await call("POST", withQuery("/api/v1/statements", fields), file, undefined, { "Content-Type": "application/octet-stream" })).json();
}
