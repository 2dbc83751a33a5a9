// A house that has lived through a month and opened it: what came in and was closed long ago stands in its figures.
import assert from "node:assert/strict";
import { Daemon, until } from "./daemon.mjs";

const DAYS = 66;       // before today: that month is over for longer than log.openings_after_days
// How many tips of each place: three and two are too few for rows of their own, together they are enough for one.
const PLACES = [["鄂尔多斯市东胜区", "150602", 7], ["鄂尔多斯市达拉特旗", "150621", 6], ["鄂尔多斯市杭锦旗", "150625", 3], ["鄂尔多斯市乌审旗", "150626", 2],
	["北京市朝阳区", "110105", 5]];

async function must(daemon, path, body) {
	const { status, json } = await daemon.ask("POST", path, { token: daemon.token("officer"), body });

	assert.ok(status < 300, `${path}: ${status} ${JSON.stringify(json)}`);
	return json;
}

// What the log says of a tip: all that happened stands in it, under a signature.
async function sealed(daemon, { receipt }) {
	const answer = await fetch(`${daemon.public}/api/v1/receipt`, { method: "POST", headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ receipt }) });
	const { log } = await answer.json();
	return log?.whole && log.covered && log.leaves.length >= 3;
}

// A claim brings what is there of a province or of more of them, so it is asked until all are there.
async function claimAll(daemon, n) {
	const tips = [];

	await until(`${n} tips are claimed`, async () => {
		tips.push(...(await must(daemon, "/api/v1/queues/000000/claim", { max: 100 })).tips);
		return tips.length === n;
	});
	return tips;
}

async function live(daemon) {
	const made = [];

	for (const [place, region, tips] of PLACES)
		for (let i = 0; i < tips; i++)
			made.push(await daemon.tip(`第${made.length}次在${place}看到有人夜里倾倒化学废料，${made.length * 37}号院`, { place, region }));
	const tips = await claimAll(daemon, made.length);
	for (const [i, { id }] of tips.entries())
		await must(daemon, `/api/v1/tips/${id}/close`, { outcome: i % 3 ? "unfounded" : "duplicate", note: "looked at" });
	for (const one of made)
		await until("the log holds what was done", () => sealed(daemon, one));
}

// { daemon, month }; the daemon is the caller's to close.
export async function lived() {
	const daemon = await Daemon.start({ "log.interval_s": 1, "log.origin": "tips.example/log" }, DAYS);

	try {
		await live(daemon);
		await daemon.stop();
		await daemon.again();
		const month = await until("the month is opened", async () => {
			const { json } = await daemon.ask("GET", `${daemon.public}/api/v1/transparency`);
			return json.next.month > json.months.at(-1) && json.months.at(-1);
		});
		return { daemon, month };
	} catch (error) {
		await daemon.close().catch(() => {});
		throw error;
	}
}
