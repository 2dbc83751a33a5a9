#!/usr/bin/env node
// Coming in: with an account, at one of several regions, with what is wrong; a reload, the end of a session, going.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { totp } from "./daemon.mjs";
import { axe, closePages, newPage, noConsoleErrors, pack, rig, run, signIn, soon, story } from "./rig.mjs";

const REFUSED = [/status of 4\d\d/];

const totpNow = (secret) => totp(secret, Math.floor(Date.now() / 30000));

// What a camera reads from the code on the page.
async function scanned(page) {
	const { data, width, height } = await page.locator("canvas.qr").evaluate((canvas) => {
		const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
		return { data: [...data], width, height };
	});

	return (await pack("jsqr")).default(Uint8ClampedArray.from(data), width, height)?.data;
}

story("with an account and its second factor", async () => {
	const page = await newPage();
	const person = await rig.daemon.person("chen", [["officer", "150600"]]);

	await page.goto(rig.daemon.staff);
	await page.locator("#account").waitFor();
	await axe(page);
	noConsoleErrors(page);
	await page.locator("#account").fill("chen");
	await page.locator("#password").fill("not the password of chen");
	await page.locator("#totp").fill("000000");
	await page.locator("form button[type=submit]").click();
	await page.getByRole("alert").filter({ hasText: "is not right" }).waitFor();
	await axe(page);
	noConsoleErrors(page, REFUSED);

	await signIn(page, { person });
	await page.locator("#queues").waitFor();
	const cookie = (await page.context().cookies()).find((one) => one.name === "tipline-session");
	assert.ok(cookie.httpOnly && cookie.sameSite === "Strict");
	await page.reload();
	await page.locator("#sign-out").waitFor();
	await page.locator("#queues").waitFor();
	await page.locator("#sign-out").click();
	await page.locator("#account").waitFor();
	assert.equal((await page.context().cookies()).some((one) => one.name === "tipline-session"), false);
	noConsoleErrors(page, REFUSED);
	await closePages();
});

story("roles at two regions: which one is asked", async () => {
	const page = await newPage();
	const person = await rig.daemon.person("he", [["officer", "150600"], ["verifier", "110000"]]);

	await page.goto(rig.daemon.staff);
	await page.locator("#account").fill(person.name);
	await page.locator("#password").fill(person.password);
	await page.locator("#totp").fill(person.code());
	await page.locator("form button[type=submit]").click();
	await page.locator("#region").waitFor();
	await axe(page);
	await page.locator("#region").selectOption("110000");
	await page.locator("#totp").fill(person.code());
	await page.locator("form button[type=submit]").click();
	await page.locator(".who-am-i", { hasText: "110000" }).waitFor();
	noConsoleErrors(page, REFUSED);
	await closePages();
});

/* The page asks nothing of its own accord: what is told comes of the reload. */
story("a session that ended is told, and asks anew", async () => {
	const page = await newPage();
	const person = await rig.daemon.person("wu", [["officer", "150600"]]);

	await signIn(page, { person, path: "/account" });
	await page.locator("#password-old").waitFor();
	rig.daemon.tipctl("user", "suspend", "--state", rig.daemon.state, "wu");
	await page.reload();
	await page.getByRole("alert").filter({ hasText: "Your session has ended" }).waitFor();
	await axe(page);
	noConsoleErrors(page, REFUSED);
	await closePages();
});

story("a token is kept in memory alone", async () => {
	const page = await newPage();

	await signIn(page, { role: "officer" });
	await soon(() => page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, ""]);
	await page.reload();
	await page.locator("#account").waitFor();
	await page.getByRole("button", { name: "Use a token" }).click();
	await page.locator("#token").fill("tl_nothing");
	await page.locator("form button[type=submit]").click();
	await page.getByRole("alert").waitFor();
	await page.locator("#token").waitFor();
	noConsoleErrors(page, REFUSED);
	await closePages();
});

story("first sign-in: setup code, password, second factor", async () => {
	const page = await newPage({ width: 320 });
	const code = rig.daemon.account("zhao", [["officer", "150600"], ["auditor", "110000"]]);

	await page.goto(`${rig.daemon.staff}/`);
	await page.getByRole("link", { name: "First time here, with a setup code?" }).click();
	await page.locator("#setup-account").waitFor();
	assert.equal(new URL(page.url()).pathname, "/setup");
	await axe(page);
	await page.locator("#setup-account").fill("zhao");
	await page.locator("#setup-code").fill("0000-0000-0000");
	await page.locator("#setup-password").fill("a long password");
	await page.locator("#setup-again").fill("another long password");
	await page.getByRole("button", { name: "Next" }).click();
	await page.locator("#setup-again-fault", { hasText: "is not the same" }).waitFor();
	await page.locator("#setup-again").fill("a long password");
	await page.getByRole("button", { name: "Next" }).click();
	await page.getByRole("alert").filter({ hasText: "Account or setup code is not right" }).waitFor();
	await page.locator("#setup-code").fill(code.toLowerCase());
	await page.locator("#setup-password").fill("123456789012");
	await page.locator("#setup-again").fill("123456789012");
	await page.getByRole("button", { name: "Next" }).click();
	await page.locator("#setup-password-fault").waitFor();
	await axe(page);
	await page.locator("#setup-password").fill("seven small dogs in the rain");
	await page.locator("#setup-again").fill("seven small dogs in the rain");
	await page.getByRole("button", { name: "Next" }).click();

	const secret = (await page.locator("#secret").textContent()).replaceAll(" ", "");
	assert.match(secret, /^[A-Z2-7]{32}$/);
	await soon(() => page.getByRole("link", { name: /open it in the authenticator/ }).getAttribute("href"), await scanned(page));
	assert.equal(new URL(await scanned(page)).searchParams.get("secret"), secret);
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 320);
	await axe(page);
	await page.locator("#prove-totp").fill("000000");
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.getByRole("alert").filter({ hasText: "is not right" }).waitFor();
	await page.locator("#prove-totp").fill(totpNow(secret));
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.locator("#prove-region").waitFor();
	await page.locator("#prove-region").selectOption("150600");
	await page.locator("#prove-totp").fill(totpNow(secret));
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.locator(".who-am-i", { hasText: "zhao · 150600" }).waitFor();
	await page.locator("#queues").waitFor();
	noConsoleErrors(page, REFUSED);
	await closePages();
});

story("one's own account: who one is, another password, elsewhere signed out", async () => {
	const person = await rig.daemon.person("qian", [["officer", "150600"]]);
	const elsewhere = await newPage();
	const page = await newPage();

	await signIn(elsewhere, { person, path: "/account" });
	await signIn(page, { person: { ...person, code: () => person.code(1) }, path: "/" });
	await page.locator(".who-am-i").click();
	await page.locator(".own-facts", { hasText: "officer" }).waitFor();
	await soon(() => page.title(), "My account · Tip desk");
	await axe(page);
	await page.locator("#password-old").fill("not my password at all");
	await page.locator("#password-new").fill("nine grey geese above the lake");
	await page.locator("#password-again").fill("nine grey geese above the lake");
	await page.getByRole("button", { name: "Change the password" }).click();
	await page.locator("#password-old-fault").waitFor();
	await soon(() => page.locator("#password-new").inputValue(), "nine grey geese above the lake");
	await axe(page);
	await page.locator("#password-old").fill(person.password);
	await page.getByRole("button", { name: "Change the password" }).click();
	await page.locator("#news", { hasText: "The password was changed" }).waitFor();
	await soon(() => page.locator("#password-old").inputValue(), "");
	await elsewhere.reload();
	await elsewhere.getByRole("alert").filter({ hasText: "Your session has ended" }).waitFor();
	await page.reload();
	await page.locator(".own-facts", { hasText: "officer" }).waitFor();
	await soon(() => page.getByRole("table", { name: "Your roles" }).locator("tbody tr").allTextContents(), ["officer150600the beginningno endholds"]);
	noConsoleErrors(page, REFUSED);
	await closePages();
});

story("signed out everywhere", async () => {
	const person = await rig.daemon.person("zhou", [["officer", "150600"]]);
	const elsewhere = await newPage();
	const page = await newPage({ width: 320 });

	await signIn(elsewhere, { person, path: "/account" });
	await signIn(page, { person: { ...person, code: () => person.code(1) }, path: "/account" });
	await page.locator(".own-facts dd").last().filter({ hasText: /^1$/ }).waitFor();
	await page.locator("#everywhere").click();
	await axe(page);
	await page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
	await page.locator("#account").waitFor();
	await elsewhere.reload();
	await elsewhere.getByRole("alert").filter({ hasText: "Your session has ended" }).waitFor();
	noConsoleErrors(page);
	await closePages();
});

story("a server that is busy or away ends no session", async () => {
	const page = await newPage();
	const person = await rig.daemon.person("sun", [["officer", "150600"]]);
	const asked = [];
	const answers = [(route) => route.abort("connectionrefused"), (route) => route.fulfill({ status: 503, headers: { "Retry-After": "2" }, json: { status: 503, code: "busy", title: "Busy" } }),
		(route) => route.fulfill({ status: 429, json: { status: 429, code: "slow_down", title: "Later" } })];

	await signIn(page, { person, path: "/account" });
	await page.locator("#password-old").waitFor();
	await page.route("**/api/v1/session", (route) => {
		asked.push(Date.now());
		return asked.length <= answers.length ? answers[asked.length - 1](route) : route.continue();
	});
	await page.reload();
	await page.getByRole("heading", { name: "You were signed in; the server does not answer" }).waitFor();
	await axe(page);
	await page.locator("#main", { hasText: "Too many requests" }).waitFor();
	assert.ok(asked[2] - asked[1] >= 1990, `${asked[2] - asked[1]} ms`);
	await page.getByRole("button", { name: "Try now" }).click();
	await page.locator("#password-old").waitFor();
	assert.equal(asked.length, answers.length + 2);   // the last by the page itself
	noConsoleErrors(page, [...REFUSED, /status of 503/, /ERR_CONNECTION_REFUSED/]);
	await closePages();
});

story("a daemon that was stopped and started: told, and signed in anew", async () => {
	const page = await newPage();
	const person = await rig.daemon.person("li", [["officer", "150600"]]);

	await signIn(page, { person, path: "/account" });
	await page.locator("#password-old").waitFor();
	await rig.daemon.stop();
	await page.locator("#password-old").fill(person.password);
	await page.locator("#password-new").fill("nine grey geese above the lake");
	await page.locator("#password-again").fill("nine grey geese above the lake");
	await page.getByRole("button", { name: "Change the password" }).click();
	await page.getByRole("alert").filter({ hasText: "The server cannot be reached" }).waitFor();
	await soon(() => page.locator("#password-new").inputValue(), "nine grey geese above the lake");
	await rig.daemon.again();
	await page.getByRole("button", { name: "Change the password" }).click();   // sessions live in the daemon's memory
	await page.getByRole("alert").filter({ hasText: "Your session has ended" }).waitFor();
	await page.locator("#account").fill(person.name);
	await page.locator("#password").fill(person.password);
	await page.locator("#totp").fill(person.code(1));
	await page.locator("form button[type=submit]").click();
	await page.locator("#password-old").waitFor();
	noConsoleErrors(page, [...REFUSED, /ERR_CONNECTION_REFUSED/]);
	await closePages();
});

story("the first page is small", async () => {
	const page = await newPage();
	const bodies = [];

	page.on("response", (response) => bodies.push(response.body().then((body) => gzipSync(body).length)));
	await page.goto(rig.daemon.staff);
	await page.locator("#account").waitFor();
	const bytes = (await Promise.all(bodies)).reduce((sum, one) => sum + one, 0);
	assert.ok(bodies.length >= 3 && bodies.length <= 12 && bytes <= 60 * 1024, `${bodies.length} files, ${bytes} bytes`);
	await closePages();
});

await run();
