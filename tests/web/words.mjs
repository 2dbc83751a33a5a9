#!/usr/bin/env node
// The staff's words: both languages have the same names and fill in the same values, no text is empty, and what the
// program asks for by a name written out is there.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, story, tell } from "./told.mjs";

const STAFF = join(ROOT, "handlers/web/staff");
const words = readdirSync(join(STAFF, "words")).sort();
const read = (name) => JSON.parse(readFileSync(join(STAFF, "words", name), "utf8"));
const filledIn = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

story("every part has both languages, with the same names and values", () => {
	assert.ok(words.length >= 4);
	for (const name of words) {
		const [, part, tag] = /^([a-z]+)\.(en|zh-CN)\.json$/.exec(name) ?? assert.fail(`${name}: not <part>.<language>.json`);
		const other = read(`${part}.${tag === "en" ? "zh-CN" : "en"}.json`);

		for (const [key, text] of Object.entries(read(name))) {
			assert.ok(typeof text === "string" && text.trim() !== "", `${name}: ${key} is empty`);
			assert.ok(Object.hasOwn(other, key), `${name}: ${key} is in one language alone`);
			assert.deepEqual(filledIn(text), filledIn(other[key]), `${name}: ${key}`);
		}
	}
});

story("no part names what another has named otherwise", () => {
	for (const tag of ["en", "zh-CN"]) {
		const seen = new Map();

		for (const name of words.filter((one) => one.endsWith(`.${tag}.json`)))
			for (const [key, text] of Object.entries(read(name))) {
				assert.ok(!seen.has(key) || seen.get(key) === text, `${name}: ${key} is another text elsewhere`);
				seen.set(key, text);
			}
	}
});

story("what the program says by name is there", () => {
	const known = new Set(words.flatMap((name) => Object.keys(read(name))));
	const asked = readdirSync(STAFF, { recursive: true }).filter((name) => name.endsWith(".js")).flatMap((name) =>
		[...readFileSync(join(STAFF, name), "utf8").matchAll(/\b(?:say|attempt|word)\("([a-z0-9_]+)"|\bword(?:=|: )"([a-z0-9_]+)"/g)]
			.map((found) => found[1] ?? found[2]));

	assert.ok(asked.length > 60, `${asked.length} names found`);
	assert.deepEqual([...new Set(asked)].filter((key) => !known.has(key)), []);
});

await tell();
