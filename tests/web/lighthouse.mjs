// Lighthouse on one page, with a Chromium of its own, as a slow telephone would see it.
import { createServer } from "node:net";
import { pack, startBrowser } from "./rig.mjs";

function freePort() {
	return new Promise((go, fail) => {
		const server = createServer().once("error", fail).listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => go(port));
		});
	});
}

// { of: { accessibility: 100, ... }, why(category) }: scores in percent, and the audits that took from them.
export async function lighthouse(url) {
	const port = await freePort();
	const browser = await startBrowser([`--remote-debugging-port=${port}`]);

	try {
		const run = (await pack("lighthouse")).default;
		const { lhr } = await run(url, { port, output: "json", logLevel: "error", onlyCategories: ["performance", "accessibility", "best-practices"] });
		const categories = Object.entries(lhr.categories);

		return {
			of: Object.fromEntries(categories.map(([name, one]) => [name, Math.round(one.score * 100)])),
			why: (name) => lhr.categories[name].auditRefs.map((ref) => [ref, lhr.audits[ref.id]])
				.filter(([ref, audit]) => ref.weight > 0 && audit.score !== null && audit.score < 1)
				.map(([, audit]) => `${audit.id}: ${audit.displayValue ?? audit.title} ${JSON.stringify(audit.details?.items ?? []).slice(0, 600)}`).join("\n"),
		};
	} finally {
		await browser.close();
	}
}
