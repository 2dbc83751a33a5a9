// Staff at work with money, by the API: what stories and pictures of money begin with.
import assert from "node:assert/strict";
import { rig, until } from "./rig.mjs";

const TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走";
const PROGRAMME = "ordos-anti-trafficking";
const YEAR = new Date(Date.now() + 8 * 3600000).getUTCFullYear();
export const LEDGER = `150600/${PROGRAMME}/${YEAR}`;
let keys = 0;

export const ask = (role, method, path, body) => rig.daemon.ask(method, path, { token: rig.daemon.token(role), body, key: `story-${++keys}` });

export async function must(role, path, body) {
	const { status, json } = await ask(role, "POST", path, body);
	assert.ok(status < 300, `${path}: ${status} ${JSON.stringify(json)}`);
	return json;
}

export function claims(body) {
	return fetch(`${rig.daemon.public}/api/v1/claims`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).then((answer) => answer.json());
}

// A tip that an officer closed as verified, and the money journal knows of its case.
export async function verified(name) {
	const tip = await rig.daemon.tip(`${TEXT} ${name}`);

	await must("verifier", "/api/v1/queues/150602/claim", { max: 100 });
	await must("verifier", `/api/v1/tips/${tip.id}/close`, { outcome: "verified", note: "x", case: name, bands: "victim_located" });
	return tip;
}

function wishOf(tip, name, more) {
	return { case: name, tip: tip.id, programme: PROGRAMME, external_award: 0, factors: [`${tip.id} specificity=2`], ...more };
}

export async function proposed(name, more = {}) {
	const tip = await verified(name);
	const made = await until("the money journal knows of the case", async () => {
		const answer = await ask("proposer", "POST", "/api/v1/rewards", wishOf(tip, name, more));
		return answer.status === 201 ? answer.json : null;
	});

	return { tip, id: made.reward.id };
}

export async function inReview(name, more) {
	const { tip, id } = await proposed(name, more);

	await must("proposer", `/api/v1/rewards/${id}/submit`, {});
	return { tip, id };
}

export async function approved(name) {
	const { tip, id } = await inReview(name);
	const { digest } = (await ask("approver", "GET", `/api/v1/rewards/${id}`)).json.reward;

	await must("approver", `/api/v1/rewards/${id}/approve`, { digest });
	await until("it may be claimed", async () => (await claims({ receipt: tip.receipt })).status === "open");
	return { tip, id };
}

// A voucher that waits at the counter: { number, word }.
export async function voucher(name) {
	const { tip, id } = await approved(name);

	await claims({ receipt: tip.receipt, action: "claim", rail: "voucher", nonce: name });
	for (const who of ["finance", "finance-2"])
		await must(who, `/api/v1/rewards/${id}/release`, { source: "cash:demo" });
	return { id, ...await until("the voucher is made", async () => (await claims({ receipt: tip.receipt })).voucher) };
}

// A statement of yesterday in China with one fee of so many yuan.
export function feeStatement(yuan) {
	const day = new Date(Date.now() - 16 * 3600000).toISOString().slice(0, 10);

	return `statement,account,date,sequence,opening,closing,count
statement,main,${day},,${5 + yuan}.00,5.00,1
line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind
line,1,,,debit,${yuan}.00,${day},fee
`;
}

export async function importFee() {
	const query = new URLSearchParams({ account: "bank:main", rail: "wallet", ledger: LEDGER });
	const answer = await fetch(`${rig.daemon.staff}/api/v1/statements?${query}`, { method: "POST", body: feeStatement(5),
		headers: { "Content-Type": "text/csv", Authorization: `Bearer ${rig.daemon.token("finance")}` } });

	return answer.json();
}
