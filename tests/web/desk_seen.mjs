// The desk's pages as screenshots.mjs takes them: what is made ready for each, once, by API.
import { rig, signIn, tip, until } from "./rig.mjs";

let ready = null;

const ask = (method, path, role, body) => rig.daemon.ask(method, path, { token: rig.daemon.token(role), body });

// Two of one incident, some alone, one held by an officer, one by a verifier.
async function prepare() {
	const first = await tip("昨晚在东胜区铁西路，一个穿红衣服的男人把小女孩带上车牌蒙K12345的白色面包车，往康巴什方向开走了", { place: "东胜区铁西路" });
	const second = await tip("我看到蒙K12345白色面包车停在东胜区铁西路口，车上有个小女孩在哭", { place: "东胜区铁西路口" });

	for (const text of ["鄂尔多斯市东胜区汽车站门口有人带走一个哭闹的小女孩", "康巴什区商场里一个老人带着不会说本地话的婴儿", "东胜区有人在网上卖出生证明", "伊金霍洛旗一户人家突然多了一个孩子"])
		await tip(text);
	await until("one is linked to the other or suggested", async () => {
		const { json } = await ask("GET", `/api/v1/incidents/${second.id}`, "officer");
		return json.members.length > 1 || json.suggestions.length > 0;
	});
	await ask("POST", `/api/v1/tips/${first.id}/claim`, "verifier", { lease_s: 1800 });
	await ask("POST", `/api/v1/tips/${second.id}/claim`, "officer", { lease_s: 1800 });
	await ask("POST", `/api/v1/tips/${second.id}/message`, "officer", { text: "请问您还记得车往哪个方向开走了吗？" });
	return { first, second };
}

const seen = (path, then = async () => {}) => async (page) => {
	ready ??= await prepare();
	await signIn(page, { role: "officer", path: typeof path === "function" ? path(ready) : path });
	await page.locator("#list h2").waitFor();
	await then(page);
};

const open = ({ second }) => `/desk/mine?tip=${second.id}`;
const text = (page) => page.locator("#tip .tip-text").waitFor();

export const deskPages = [
	{ name: "desk-queue", see: seen("/desk?state=all", (page) => page.locator("#rows .tip-row").nth(5).waitFor()) },
	{ name: "desk-tip", see: seen(open, text) },
	{ name: "desk-close", see: seen(open, async (page) => {
		await page.locator('[data-act="close"]').click();
		await page.locator("#tip .act button.main").click();
		await page.locator(".form-faults").waitFor();
	}) },
	{ name: "desk-transfer", see: seen(open, async (page) => {
		await page.locator('[data-act="transfer"]').click();
		await page.locator("#region-search").fill("东");
		await page.locator(".found button").first().waitFor();
	}) },
	{ name: "desk-incident", see: seen(open, async (page) => {
		await page.locator("#incident").getByRole("button", { name: /Compare side by side|Show|并排比较|查看/ }).first().click();
		await page.locator(".pair-side").first().waitFor();
	}) },
	{ name: "desk-copies", see: seen("/desk", async (page) => {
		await page.locator("#pick-all").check();
		await page.locator("#copies").click();
		await page.locator("dialog").waitFor();
	}) },
	{ name: "desk-due", see: seen("/desk/due", (page) => page.locator("#due").waitFor()) },
	{ name: "desk-search", see: seen("/desk/search?id=15-", async (page) => {
		await page.locator("input[name=words]").fill("面包车");
		await page.keyboard.press("Enter");
		await page.locator("#found-words").waitFor();
	}) },
];
