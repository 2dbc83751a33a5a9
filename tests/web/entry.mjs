#!/usr/bin/env node
// Coming in: with an account, at one of several regions, with what is wrong; a reload, the end of a session, going.
import assert from "node:assert/strict";
import { axe, closePages, newPage, noConsoleErrors, rig, run, signIn, story } from "./rig.mjs";

const REFUSED = [/status of 4\d\d/];

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

story("a session that ended is told, and asks anew", async () => {
	const page = await newPage();
	const person = await rig.daemon.person("wu", [["officer", "150600"]]);

	await signIn(page, { person });
	await page.locator("#queues .queue, #queues .hint").first().waitFor();
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
	assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, ""]);
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

await run();
