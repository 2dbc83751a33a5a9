#!/usr/bin/env node
// Parts of the desk that need no page: what two texts have in common as pieces of one, and regions by their names.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { piecesOf } from "../../handlers/web/staff/faces/desk/marks.js";
import { findRegions, whereIs } from "../../handlers/web/staff/faces/desk/names.js";
import { ROOT, story, tell } from "./told.mjs";

const evidence = (...ranges) => ranges.map(([kind, from, to]) => ({ kind, here: [[from, to]], there: [[to, to + 1]] }));

story("pieces are the text again, in order, each with its kinds", () => {
	assert.deepEqual(piecesOf("abcdef", evidence(["plate", 1, 3], ["name", 2, 5]), "here"), [
		{ text: "a", kinds: [] }, { text: "b", kinds: ["plate"] }, { text: "c", kinds: ["plate", "name"] },
		{ text: "de", kinds: ["name"] }, { text: "f", kinds: [] }]);
	// What is a plate need not be told to be wording too.
	assert.deepEqual(piecesOf("abcdef", evidence(["words", 0, 6], ["plate", 2, 5]), "here"), [
		{ text: "ab", kinds: ["words"] }, { text: "cde", kinds: ["plate"] }, { text: "f", kinds: [] }]);
	assert.deepEqual(piecesOf("abcdef", evidence(["name", 0, 2]), "there"), [
		{ text: "ab", kinds: [] }, { text: "c", kinds: ["name"] }, { text: "def", kinds: [] }]);
	assert.deepEqual(piecesOf("ab", [], "here"), [{ text: "ab", kinds: [] }]);
	assert.deepEqual(piecesOf("", evidence(["name", 0, 1]), "here"), []);
});

story("ranges count code points, and none leads out of the text", () => {
	assert.deepEqual(piecesOf("😀车牌", evidence(["plate", 1, 3]), "here"), [{ text: "😀", kinds: [] }, { text: "车牌", kinds: ["plate"] }]);
	const text = "有人😀带走𠮷家的孩子";
	for (let from = -2; from < 14; from++)
		for (let to = from; to < 16; to++) {
			const pieces = piecesOf(text, evidence(["words", from, to], ["time", 3, 7]), "here");
			assert.equal(pieces.map((piece) => piece.text).join(""), text, `${from}-${to}`);
			assert.ok(pieces.every((piece) => piece.text !== ""));
		}
});

const LEVELS = new Set(["nation", "province", "prefecture", "county"]);
const rows = readFileSync(join(ROOT, "config/regions/regions.tsv"), "utf8").split("\n").filter((line) => line && !line.startsWith("#"))
	.map((line) => line.split("\t")).filter(([, level]) => LEVELS.has(level)).map(([code, , name, , latin]) => [code, name, latin]);

story("regions by the beginning of a name, by Latin letters, by a code", () => {
	assert.ok(rows.length > 3000);
	assert.equal(findRegions(rows, "东胜")[0][0], "150602");
	assert.equal(findRegions(rows, " dongsheng ")[0][0].length, 6);
	assert.ok(findRegions(rows, "dongsheng").some(([code]) => code === "150602"));
	assert.deepEqual(findRegions(rows, "150602").map(([code]) => code), ["150602"]);
	assert.deepEqual(findRegions(rows, "没有这样的地方"), []);
	assert.deepEqual(findRegions(rows, "  "), []);
	// What begins so stands before what has it within.
	const found = findRegions(rows, "朝阳");
	assert.ok(found.length > 2 && found.findIndex(([, name]) => !name.startsWith("朝阳")) !== 0);
});

story("where a region lies", () => {
	const names = new Map(rows.map(([code, name]) => [code, name]));
	assert.equal(whereIs(names, "150602"), "内蒙古自治区 鄂尔多斯市");
	assert.equal(whereIs(names, "150600"), "内蒙古自治区");
	assert.equal(whereIs(names, "150000"), "");
});

await tell();
