// What happens inside the house while an informant waits: an officer writes, a reward is decided. By API, as staff does it.
import assert from "node:assert/strict";
import { rig, until } from "./rig.mjs";

export const PROGRAMME = "ordos-anti-trafficking";
const QUEUE = "150602";   // where tips about Dongsheng in Ordos wait
let keys = 0;

export async function call(role, method, path, body) {
	const answer = await fetch(rig.daemon.staff + path, { method, body: body && JSON.stringify(body), headers: {
		"Content-Type": "application/json", Authorization: `Bearer ${rig.daemon.token(role)}`, "Idempotency-Key": `story-${++keys}` } });
	return { status: answer.status, json: await answer.json() };
}

async function must(role, path, body) {
	const answer = await call(role, "POST", path, body);

	assert.ok(answer.status < 300, `${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
	return answer.json;
}

export async function held(role = "officer") {
	await must(role, `/api/v1/queues/${QUEUE}/claim`, { max: 100 });
}

export async function message(id, text) {
	await held();
	await must("officer", `/api/v1/tips/${id}/message`, { text });
}

// What the informant has to collect, as the API tells it.
export async function claim(receipt, more = {}) {
	const answer = await fetch(`${rig.daemon.public}/api/v1/claims`, { method: "POST", headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ receipt, ...more }) });
	return answer.json();
}

export async function close(id, outcome, more = {}) {
	await held("verifier");
	await must("verifier", `/api/v1/tips/${id}/close`, { outcome, note: "seen", ...more });
}

// The tip is verified, and a reward for it waits for its informant; the path of the reward.
export async function reward({ id, receipt }, name) {
	await close(id, "verified", { case: name, bands: "victim_located" });
	const wish = { case: name, tip: id, programme: PROGRAMME, external_award: 0, factors: [`${id} specificity=2`] };
	const made = await until("the reward is proposed", async () => {
		const answer = await call("proposer", "POST", "/api/v1/rewards", wish);
		return answer.status === 409 ? null : answer;
	});
	assert.equal(made.status, 201, JSON.stringify(made.json));
	const path = `/api/v1/rewards/${made.json.reward.id}`;
	const { reward: { digest } } = await must("proposer", `${path}/submit`, {});
	await must("approver", `${path}/approve`, { digest });
	await until("the reward is published", async () => (await claim(receipt)).status === "open");
	return path;
}

// Paid out: the voucher is there.
export async function release({ receipt }, path) {
	await must("finance", `${path}/release`, { source: "cash:demo" });
	await must("finance-2", `${path}/release`, { source: "cash:demo" });
	await until("the voucher is made", async () => (await claim(receipt)).voucher);
}
