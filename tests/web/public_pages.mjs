// Every page of the public and every state it has, and how a browser comes there: for the judges and for the pictures.
import { claim, close, message, release, reward } from "./office.mjs";
import { lived } from "./lived.mjs";
import { png } from "./picture.mjs";
import { rig, tip, until } from "./rig.mjs";

// What the daemon is told, so that a page shows all it has.
export const SETTINGS = { "web.sms_number": "106900110", "web.telephone": "0477-12345", "retention.enabled": true, "log.interval_s": 2,
	"limits.files": 3, "limits.tip_files": 3, "money.rails": "voucher,bank" };

export const TEXTS = {
	"zh-CN": { text: "昨天下午四点左右，在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走，女孩五六岁，穿红色上衣。",
		place: "东胜区汽车站北门", when: "昨天下午四点左右", add: "想起来了：男子开一辆白色面包车，往北走了。",
		ask: "谢谢您。女孩的头发是长的还是短的？" },
	en: { text: "Yesterday around four, at the bus station of Dongsheng in Ordos (鄂尔多斯市东胜区汽车站), a man took away a crying girl of five or six in a red coat.",
		place: "The station's north door (东胜区汽车站北门)", when: "Yesterday around four", add: "I remember now: he drove a white van and went north.",
		ask: "Thank you. Was the girl's hair long or short?" },
};

const at = (path, tag, size) => `${rig.daemon.public}${path}?lang=${tag}${size ? "&size=large" : ""}`;
const open = (path) => (page, tag, size) => page.goto(at(path, tag, size));

export async function fill(page, tag) {
	await page.locator("#text").fill(TEXTS[tag].text);
	await page.locator("input[value=child]").check();
	await page.locator("#place").fill(TEXTS[tag].place);
	await page.locator("#region").selectOption("150000");
	await page.locator("#when").fill(TEXTS[tag].when);
}

async function check(page, tag, size) {
	await page.goto(at("/report", tag, size));
	await fill(page, tag);
	await page.locator("#tip button.main").click();
	await page.locator(".answers").waitFor();
}

async function sent(page, tag, size) {
	await check(page, tag, size);
	await page.locator("#tip button.main").click();
	await page.locator(".code").waitFor();
}

export async function enter(page, code, tag, size) {
	await page.goto(at("/receipt", tag, size));
	await page.locator("#code").fill(code);
	await page.locator("main button.main").click();
	await page.locator(".state-name").waitFor();
}

// The way from the status to what there is to collect.
export async function collect(page, code, tag, size) {
	await enter(page, code, tag, size);
	await page.locator("form[action='/claims'] button").click();
	await page.locator("form[action='/receipt']").first().waitFor();
}

// Tips of all pages of one run, made once.
const made = {};
function once(name, make) {
	return made[name] ??= make();
}

const plain = (tag) => once(`plain ${tag}`, () => tip(TEXTS[tag].text));
const talked = (tag) => once(`talked ${tag}`, async () => {
	const one = await tip(TEXTS[tag].text + "!");
	await message(one.id, TEXTS[tag].ask);
	return one;
});
const closed = (tag) => once(`closed ${tag}`, async () => {
	const one = await tip(TEXTS[tag].text + "?");
	await close(one.id, "unfounded");
	return one;
});
const rewarded = (name) => once(`rewarded ${name}`, async () => {
	const one = await tip(`${TEXTS["zh-CN"].text} ${name}`);
	one.path = await reward(one, name);
	return one;
});
const paid = () => once("paid", async () => {
	const one = await rewarded("paid");
	await claim(one.receipt, { action: "claim", rail: "voucher", nonce: "paid" });
	await release(one, one.path);
	return one;
});

// Where /transparency with an opened month is.
export const opened = () => once("opened", async () => {
	const { daemon, month } = await lived();
	rig.others.push(daemon);
	return { daemon, month };
});

async function seeMonth(page, tag, size, more = "") {
	const { daemon, month } = await opened();

	await page.goto(`${daemon.public}/transparency?lang=${tag}${size ? "&size=large" : ""}&month=${month}${more}`);
	await page.locator("table.figures").first().waitFor();
}

export const PAGES = [
	{ name: "start", see: open("/") },
	{ name: "report", see: open("/report") },
	{ name: "report-faults", see: async (page, tag, size) => {
		await page.goto(at("/report", tag, size));
		await page.locator("#place").fill("x".repeat(5000));
		await page.locator("#tip button.main").click();
		await page.locator(".summary").waitFor();
		await page.locator("#place").fill(TEXTS[tag].place);
	} },
	{ name: "check", see: check },
	{ name: "check-file-refused", see: async (page, tag, size) => {
		await check(page, tag, size);
		await page.locator("#file").setInputFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer: Buffer.from("#!/bin/sh\n".repeat(9)) });
		await page.locator("#tip button.main").click();
		await page.locator(".summary").waitFor();
	} },
	{ name: "code", see: sent },
	{ name: "code-wrong", see: async (page, tag, size) => {
		await sent(page, tag, size);
		await page.locator("#last").fill("x");
		await page.locator("button.main").click();
		await page.locator(".summary").waitFor();
	} },
	{ name: "ask", see: open("/receipt") },
	{ name: "ask-wrong", see: async (page, tag, size) => {
		await page.goto(at("/receipt", tag, size));
		await page.locator("#code").fill("1512 3456 7890 1234 5678 9012");
		await page.locator("main button.main").click();
		await page.locator(".summary").waitFor();
	} },
	{ name: "status", see: async (page, tag, size) => {
		const { receipt } = await plain(tag);
		await until("the log holds it", async () => {
			await enter(page, receipt, tag, size);
			return page.locator(".leaves").count();
		});
	} },
	{ name: "status-talk", see: async (page, tag, size) => {
		await enter(page, (await talked(tag)).receipt, tag, size);
		await page.locator("#text").fill(TEXTS[tag].add);
		await page.locator("button.main").click();
		await page.locator(".done").waitFor();
	} },
	{ name: "status-files", see: async (page, tag, size) => {
		await enter(page, (await tip(TEXTS[tag].text + " +")).receipt, tag, size);
		for (const buffer of [png("door"), Buffer.from("#!/bin/sh\n".repeat(9))]) {
			await page.locator("#text").fill(TEXTS[tag].add);
			await page.locator("#file").setInputFiles([{ name: "IMG_20261120_101112.png", mimeType: "image/png", buffer }]);
			await page.locator("#add button.main").click();
			await page.locator(buffer[0] === 0x89 ? ".done" : ".summary").waitFor();
		}
	} },
	{ name: "status-closed", see: async (page, tag, size) => enter(page, (await closed(tag)).receipt, tag, size) },
	{ name: "status-reward", see: async (page, tag, size) => enter(page, (await rewarded("waiting")).receipt, tag, size) },
	{ name: "claim-none", see: async (page, tag, size) => collect(page, (await plain(tag)).receipt, tag, size) },
	{ name: "claim-open", see: async (page, tag, size) => collect(page, (await rewarded("waiting")).receipt, tag, size) },
	{ name: "claim-decline", see: async (page, tag, size) => {
		await collect(page, (await rewarded("waiting")).receipt, tag, size);
		await page.locator("form:has(input[value=decline]) button").click();
		await page.locator("input[name=confirm]").waitFor({ state: "attached" });
	} },
	{ name: "claim-voucher", see: async (page, tag, size) => collect(page, (await paid()).receipt, tag, size) },
	{ name: "about", see: open("/about") },
	{ name: "rewards", see: async (page, tag, size) => until("the policy is in force", async () => {
		await page.goto(at("/rewards", tag, size));
		return page.locator(".offer").count();
	}) },
	{ name: "transparency", see: open("/transparency") },
	{ name: "figures", see: seeMonth },
	{ name: "figures-alone", see: (page, tag, size) => seeMonth(page, tag, size, "&log=15") },
	{ name: "error", see: open("/nothing-here") },
	{ name: "exit", see: open("/exit"), empty: true },
];
