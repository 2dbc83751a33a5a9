#!/usr/bin/env node
// An officer at work, from the queue to the proposed reward; two at once; many copies; what belongs together.
import assert from "node:assert/strict";
import { axe, closePages, newPage, noConsoleErrors, rig, run, signIn, soon, story, tip, until } from "./rig.mjs";

const TEXT = "鄂尔多斯市东胜区汽车站门口有人带走一个哭闹的小女孩";
const REFUSED = [/status of 409/];

async function api(method, path, { role = "admin", body, key } = {}) {
	const answer = await fetch(rig.daemon.staff + path, { method, body: body === undefined ? undefined : JSON.stringify(body),
		headers: { "Content-Type": "application/json", Authorization: `Bearer ${rig.daemon.token(role)}`, ...key ? { "Idempotency-Key": key } : {} } });
	const text = await answer.text();

	assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
	return JSON.parse(text);
}

// An officer with an account and the keys of a region; `money`: roles in the register of the money side.
async function officer(name, roles, money = []) {
	const person = await rig.daemon.person(name, roles.map((role) => [role, "150600"]));

	rig.daemon.tipctl("key", "--state", rig.daemon.state, "grant", name, "150600");
	if (money.length > 0)
		await api("POST", "/api/v1/staff", { body: { account: name, person: name, roles: money, region: "150600" }, key: `staff-${name}` });
	return person;
}

const row = (page, id) => page.locator(`.tip-row[data-row="${id}"]`);
const shown = (page, id) => page.locator("#tip .tip-head .mono", { hasText: id }).waitFor();

async function act(page, name, fill) {
	await page.locator(`[data-act="${name}"]`).click();
	await fill();
	await page.locator("#tip .act button.main").click();
}

story("from the queue to verified, and a reward proposed", async () => {
	const page = await newPage();
	const person = await officer("wang", ["officer", "verifier", "proposer"], ["verifier", "proposer"]);
	const { id, receipt } = await tip(TEXT, { place: "东胜区汽车站" });

	await signIn(page, { person });
	await row(page, id).click();
	await shown(page, id);
	await soon(() => page.locator("#tip .tip-text").textContent(), TEXT);
	await axe(page);
	await page.locator('[data-act="claim"]').click();
	await page.locator("#tip .lease", { hasText: "Held by you" }).waitFor();
	await act(page, "message", () => page.locator("#act-text").fill("Which colour was the car?"));
	await page.locator(".talk .bureau", { hasText: "Which colour" }).waitFor();
	const told = await (await fetch(`${rig.daemon.public}/api/v1/receipt`, { method: "POST", headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ code: receipt, receipt }) })).json();
	assert.ok(told.messages.some((message) => message.text.includes("Which colour")));
	await act(page, "verify", () => page.locator("#act-verdict").selectOption("verified"));
	await page.locator("#tip .state", { hasText: "Verified" }).waitFor();
	await act(page, "close", async () => {
		await page.locator("#act-outcome").selectOption("verified");
		await page.locator("#act-case").fill("case-web-1");
		await page.getByLabel("Victim located").check();
		await axe(page);
		await page.locator("#act-note").fill("Found, and at home again");
	});
	await page.locator("#tip .state", { hasText: "Closed" }).waitFor();
	await page.locator('[data-act="propose_reward"]').click();
	await page.locator("#act-case").fill("case-web-1");
	await page.getByLabel("How specific").fill("2");
	await page.locator("#act-reason").fill("The plate led to the car");
	await axe(page);
	// The courier tells the money side of the case; until it has, the form says why not and loses nothing.
	await until("the reward is proposed", async () => {
		if (await page.locator(".made").count() > 0)
			return true;
		await page.locator("#tip .act button.main").click();
		return page.locator(".made").waitFor({ timeout: 2000 }).then(() => true, () => false);
	});
	await soon(() => page.locator(".made").textContent(), /¥8,600\.00/);
	const { rewards } = await api("GET", "/api/v1/rewards?case=case-web-1", { role: "auditor" });
	assert.deepEqual(rewards.map((reward) => [reward.state, reward.fen]), [["DRAFT", 860000]]);
	await axe(page);
	noConsoleErrors(page, [/status of (409|422)/]);
	await closePages();
});

story("two officers: each sees what the other works on, without reload", async () => {
	const [li, zhao] = [await officer("li", ["officer"]), await officer("zhao", ["officer"])];
	const [first, second] = [await newPage(), await newPage()];
	const { id } = await tip(`${TEXT}，穿红色上衣`);

	await signIn(first, { person: li });
	await signIn(second, { person: zhao });
	for (const page of [first, second]) {
		await page.goto(`${rig.daemon.staff}/desk?state=all`);
		await row(page, id).waitFor();
	}
	await row(first, id).focus();
	await first.keyboard.press("c");
	await row(first, id).locator(".lease", { hasText: "Held by you" }).waitFor();
	await row(second, id).locator(".lease", { hasText: "Held by li" }).waitFor();
	// Who comes too late is told who has it.
	await row(second, id).focus();
	await second.keyboard.press("c");
	await second.locator("#alarm", { hasText: "held_by_other" }).waitFor();
	await row(second, id).click();
	await shown(second, id);
	await soon(() => second.locator('[data-act="release"], [data-act="claim"]').count(), 0);
	await axe(second);
	await row(first, id).click();
	await shown(first, id);
	await act(first, "release", () => first.locator("#act-reason").fill("my shift ends"));
	await second.locator('[data-act="claim"]').waitFor();
	// What comes appears by itself.
	const { id: next } = await tip(`${TEXT}，坐上一辆白色面包车`);
	await row(second, next).waitFor();
	noConsoleErrors(first);
	noConsoleErrors(second, REFUSED);
	await closePages();
});

story("transfer to a region found by its name", async () => {
	const page = await newPage();
	const { id } = await tip(`${TEXT}，说往康巴什方向去了`, { region: "150602" });

	await signIn(page, { role: "officer", path: `/desk?tip=${id}` });
	await page.locator('[data-act="claim"]').click();
	await act(page, "transfer", async () => {
		await page.locator("#region-search").fill("康巴什");
		await page.locator(".found button", { hasText: "150603" }).click();
		await soon(() => page.locator("#act-region").inputValue(), "150603");
		await axe(page);
		await page.locator("#tip .act button.main").click();
		// What is missing is told, with the way there; what was typed stays.
		await page.locator(".form-faults a", { hasText: "Reason" }).click();
		await soon(() => page.evaluate(() => document.activeElement.id), "act-reason");
		await page.keyboard.type("It is theirs");
	});
	await page.locator("#queues .queue", { hasText: "康巴什" }).waitFor();
	const { region } = await api("GET", `/api/v1/tips/${id}`, { role: "officer" });
	assert.equal(region, "150603");
	noConsoleErrors(page);
	await closePages();
});

const TRUCK = "鄂尔多斯市东胜区汽车站旁边停着一辆白色面包车，车牌蒙K73Q52，里面有个小女孩一直拍窗户";
const SAME_TRUCK = "刚才在东胜区汽车站后门，蒙K73Q52这辆车的司机不让一个孩子下车，孩子哭得很厉害";
const VILLAGE = "昨晚在武川县哈拉合少乡看到一个穿红棉袄的女人被铁链锁在猪圈旁边，脖子上有伤";
const VILLAGE_AGAIN = "武川县哈拉合少乡有个穿红棉袄的女人被人用铁链锁着，脖子上有伤，看着像外地人";

const FIELD = "今早在托克托县双河镇看到一个穿黄毛衣的姑娘被木棍顶在柴房里面，脸上有伤";
const FIELD_AGAIN = "托克托县双河镇有个穿黄毛衣的姑娘被人用木棍顶在屋里，脸上有伤，像是外地人";

// What is rare is known only where there is something else.
const NEWS = ["上海市浦东新区陆家嘴有人冒充民警打电话要求转账", "成都市武侯区一家网吧夜里收留未成年人", "北京市朝阳区国贸地铁站有人发传单，内容是办理信用卡，经常纠缠路人",
	"广州市天河区出租屋里住着十几个搞传销的外地人，每天早上集体喊口号", "某小区有人高空抛物，砸坏了楼下的汽车",
	"西安市碑林区地铁口有残疾儿童乞讨，旁边有大人盯着", "有个网友总发来奇怪的贷款链接"];

const incident = (id) => api("GET", `/api/v1/incidents/${id}`, { role: "officer" });

story("what was linked: side by side with the evidence marked, taken out, undone", async () => {
	const page = await newPage();
	const first = await tip(TRUCK);
	const second = await tip(SAME_TRUCK);

	await until("both are one incident", async () => (await incident(second.id)).members.length === 2);
	await signIn(page, { role: "officer", path: `/desk?tip=${second.id}` });
	const card = page.locator(`[data-member="${second.id}"]`);
	await card.getByRole("button", { name: "Compare side by side" }).click();
	const plates = card.locator(".pair mark.plate");
	await plates.first().waitFor();
	// In both texts, each with the word of its kind.
	await soon(() => plates.allTextContents(), ["plate蒙K73Q52", "plate蒙K73Q52"]);
	await soon(() => card.locator(".pair-side").count(), 2);
	await axe(page);
	await card.getByRole("button", { name: "Take it out" }).click();
	await page.locator("#undo").waitFor();
	assert.equal((await incident(second.id)).members.length, 1);
	await page.locator("#undo").click();
	await card.waitFor();
	assert.equal((await incident(second.id)).members[0].id, first.id);
	noConsoleErrors(page);
	await closePages();
});

story("what is suggested: compared, confirmed by keys, undone, declined", async () => {
	const page = await newPage();

	for (const text of NEWS)
		await tip(text);
	const first = await tip(VILLAGE);
	const { id } = await tip(VILLAGE_AGAIN);

	await until("it is suggested", async () => (await incident(id)).suggestions.length === 1);
	await signIn(page, { role: "officer", path: `/desk?tip=${id}` });
	const card = page.locator("[data-suggestion]");
	await card.getByRole("button", { name: "Show" }).click();
	await card.locator(".pair mark.words").first().waitFor();
	assert.ok((await card.locator(".pair mark.words").allTextContents()).some((text) => text.startsWith("wording")));
	await axe(page);
	await page.locator("#main").focus();
	await page.keyboard.press("y");
	await soon(() => card.count(), 1);   // a letter elsewhere on the page decides nothing
	await page.keyboard.press("i");
	await page.keyboard.press("y");
	await page.locator(`[data-member="${first.id}"]`).waitFor();
	assert.equal((await incident(id)).members.length, 2);
	await page.locator("#undo").click();
	await page.locator(`[data-member="${first.id}"]`).waitFor({ state: "detached" });
	assert.equal((await incident(id)).members.length, 1);
	noConsoleErrors(page);

	await closePages();

	const next = await newPage();
	await tip(FIELD);
	const other = await tip(FIELD_AGAIN);
	await until("that is suggested", async () => (await incident(other.id)).suggestions.length === 1);
	await signIn(next, { role: "officer", path: `/desk?tip=${other.id}` });
	await next.getByRole("button", { name: "Not the same" }).click();
	await next.locator("#news", { hasText: "Not the same incident: done" }).waitFor();
	await soon(() => next.locator("[data-suggestion]").count(), 0);
	assert.deepEqual((await incident(other.id)).suggestions, []);
	noConsoleErrors(next);
	await closePages();
});

story("copies: many at once by keys, each for itself", async () => {
	const page = await newPage();
	const other = await officer("sun", ["officer"]);
	const texts = ["高新区", "商场门口", "地铁站", "学校旁"].map((place) => `东胜区${place}有人兜售来历不明的婴儿用品`);
	const ids = [];

	for (const text of texts)
		ids.push((await tip(text, { region: "150602" })).id);
	const [original, ...copies] = ids;
	const held = copies.at(-1);
	const theirs = await newPage();
	await signIn(theirs, { person: other, path: "/desk?tip=" + held });
	await theirs.locator('[data-act="claim"]').click();
	await theirs.locator("#tip .lease", { hasText: "Held by you" }).waitFor();

	await signIn(page, { role: "officer", path: `/desk?state=all&order=age&tip=${original}` });
	await shown(page, original);
	for (const id of copies) {
		await row(page, id).focus();
		await page.keyboard.press("x");
	}
	await page.locator("#copies", { hasText: `Mark 3 as copies of ${original}` }).click();
	const question = page.getByRole("dialog");
	await question.waitFor();
	await axe(page);
	await question.getByRole("button", { name: "Mark as copies" }).click();
	await question.waitFor({ state: "detached" });
	await page.locator("#news", { hasText: "2 marked as copies, 1 refused" }).waitFor();
	// What another officer holds stays, selected, with the reason beside it.
	await row(page, held).locator(".row-problem").waitFor();
	await page.locator(".copies-refused li", { hasText: held }).filter({ hasText: "sun holds this tip" }).waitFor();
	await axe(page);
	// Also where the list shows it no more.
	await page.getByLabel("Show", { exact: true }).selectOption("");
	await row(page, held).waitFor({ state: "detached" });
	await page.locator(".copies-refused a", { hasText: held }).waitFor();
	await page.getByLabel("Show", { exact: true }).selectOption("all");
	await row(page, held).waitFor();
	await row(page, copies[0]).waitFor({ state: "detached" });
	for (const id of copies.slice(0, 2)) {
		const { state, outcome, incident } = await api("GET", `/api/v1/tips/${id}`, { role: "officer" });
		assert.deepEqual([state, outcome], ["closed", "duplicate"]);
		assert.ok(incident.id === original || incident.parent === original);
	}
	assert.equal((await api("GET", `/api/v1/tips/${held}`, { role: "officer" })).state, "claimed");
	noConsoleErrors(page);
	noConsoleErrors(theirs);
	await closePages();
});

await run();
