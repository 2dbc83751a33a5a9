// Rewards of the demo as their people make them, by API: from a tip to a voucher that was paid out. For stories whose
// own part begins where money is.
import assert from "node:assert/strict";
import { until } from "./daemon.mjs";

const TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走";
const PROGRAMME = "ordos-anti-trafficking";

export class Office {
	#keys = 0;

	constructor(daemon) {
		this.daemon = daemon;
	}

	// The book of this year, as it stands in addresses.
	static book() {
		return `150600/${PROGRAMME}/${new Date(Date.now() + 8 * 3600_000).getUTCFullYear()}`;
	}

	async call(role, method, path, body, key = `w-${++this.#keys}`) {
		const answer = await fetch(this.daemon.staff + path, { method, body: body === undefined ? undefined : JSON.stringify(body),
			headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.daemon.token(role)}`,
				...method === "POST" ? { "Idempotency-Key": key } : {} } });
		const text = await answer.text();
		return { status: answer.status, json: text === "" ? null : JSON.parse(text) };
	}

	async must(role, path, body = {}, status = 200) {
		const answer = await this.call(role, "POST", path, body);
		assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.json)}`);
		return answer.json;
	}

	async claim(receipt, more = {}) {
		const answer = await fetch(`${this.daemon.public}/api/v1/claims`, { method: "POST",
			headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...more, receipt }) });
		return answer.json();
	}

	// The demo has its staff, its policy and its budget.
	ready() {
		return until("the demo has a budget", async () => {
			const { status, json } = await this.call("finance", "GET", `/api/v1/ledger/${Office.book()}`);
			return status === 200 && json.accounts.some((account) => account.code === "1020" && account.balance !== 0) || status === 200 && json.authorised > 0;
		});
	}

	// { tip, reward }: proposed for a tip that an officer closed as verified.
	async proposed(name) {
		const tip = await this.daemon.tip(`${TEXT} ${name}`);
		await this.must("verifier", "/api/v1/queues/150602/claim", { max: 100 });
		await this.must("verifier", `/api/v1/tips/${tip.id}/close`, { outcome: "verified", note: "x", case: name, bands: "victim_located" });
		const wish = { case: name, tip: tip.id, programme: PROGRAMME, external_award: 0, factors: [`${tip.id} specificity=2`] };
		const reward = await until("the case is told to the money journal", async () => {
			const answer = await this.call("proposer", "POST", "/api/v1/rewards", wish, `p-${name}`);
			return answer.status === 201 ? answer.json.reward : null;
		});
		return { tip, reward };
	}

	async approved(name) {
		const { tip, reward } = await this.proposed(name);
		const path = `/api/v1/rewards/${reward.id}`;
		const { digest } = (await this.must("proposer", `${path}/submit`)).reward;

		await this.must("approver", `${path}/approve`, { digest });
		await until("it can be claimed", async () => (await this.claim(tip.receipt)).status === "open");
		return { tip, reward, path };
	}

	async paid(name) {
		const { tip, reward, path } = await this.approved(name);

		await this.claim(tip.receipt, { action: "claim", rail: "voucher", nonce: `n-${name}` });
		await this.must("finance", `${path}/release`, { source: "cash:demo" }, 202);
		await this.must("finance-2", `${path}/release`, { source: "cash:demo" });
		const voucher = await until("the voucher is made", async () => (await this.claim(tip.receipt)).voucher);
		await this.must("cashier", "/api/v1/counter/vouchers/redeem", { ...voucher, amount_fen: reward.fen });
		return { tip, reward, path };
	}
}
