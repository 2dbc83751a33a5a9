#!/usr/bin/env node
// Pictures of every page, in both languages and three widths, into build/screenshots. Words as arguments: only pages
// whose names have one of them. A page that is new gets a row in the file of its face; `see` makes ready what is to be seen.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { adminPages } from "./admin_seen.mjs";
import { auditPages } from "./audit_seen.mjs";
import { deskPages } from "./desk_seen.mjs";
import { entryPages } from "./entry_seen.mjs";
import { moneyPages } from "./money_seen.mjs";
import { PAGES, SETTINGS } from "./public_pages.mjs";
import { closePages, newPage, ROOT, run, story } from "./rig.mjs";

const TO = join(ROOT, "build/screenshots");
const WIDTHS = [320, 768, 1280];
const TAGS = ["zh-CN", "en"];
const wanted = process.argv.slice(2);

const pages = [
	...PAGES.map(({ name, see }) => ({ name: `public-${name}`, see, also: async (page, tag, shoot) => {
		await page.emulateMedia({ colorScheme: "dark" });
		await shoot("dark", 320);
		await shoot("dark", 1280);
		await page.emulateMedia({ colorScheme: null });
		await see(page, tag, true);
		await shoot("large", 320);
	} })),
	...entryPages,
	...deskPages,
	...moneyPages,
	...auditPages,
	...adminPages,
];

mkdirSync(TO, { recursive: true });
for (const { name, see, also } of pages.filter((one) => wanted.length === 0 || wanted.some((word) => one.name.includes(word))))
	story(name, async () => {
		for (const locale of TAGS) {
			const page = await newPage({ locale });
			const shoot = async (look, width) => {
				await page.setViewportSize({ width, height: 800 });
				await page.evaluate(() => window.scrollTo(0, 0));
				await page.screenshot({ path: join(TO, `${name}-${locale}${look && `-${look}`}-${width}.png`), fullPage: true });
			};

			await see(page, locale);
			for (const width of WIDTHS)
				await shoot("", width);
			await also?.(page, locale, shoot);
			await closePages();
		}
	});

await run(SETTINGS);
