#!/usr/bin/env node
// What the auditor's pages reckon by themselves, without a browser: chain and sums of lines, a reward's dossier,
// files that no spreadsheet misreads.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { approvalsOf, attemptsOf, phases, traceOf, wholeTimeline } from "../../handlers/web/staff/faces/audit/dossier_parts.js";
import { rewardOf } from "../../handlers/web/staff/faces/audit/fold.js";
import { cutRecords } from "../../handlers/web/staff/faces/audit/lines.js";
import { differences, recount } from "../../handlers/web/staff/faces/audit/recount.js";
import { toCsv, toJsonl, yuan } from "../../handlers/web/staff/faces/audit/sheet.js";
import { story, tell } from "./told.mjs";

const BOOK = "150600/anti-trafficking/2026";
const L01 = [[BOOK, "8010", "", "Dr", "1000"], [BOOK, "8020", "", "Cr", "1000"]];
const L03 = [[BOOK, "5010", "", "Dr", "300"], [BOOK, "2010", "R2", "Cr", "300"], [BOOK, "8020", "", "Dr", "300"], [BOOK, "8030", "", "Cr", "300"]];

// Lines as the daemon writes them, each bound to the one before.
function journal(records) {
	let prev = "0".repeat(64);

	return records.map((record, i) => {
		const body = JSON.stringify({ seq: String(i + 1), prev, at: String(1000 + i), person: "p", account: "a", role: "system", subject: "", data: {}, ...record });
		prev = createHash("sha256").update(body).digest("hex");
		return `${body.slice(0, -1)},"hash":"${prev}"}`;
	});
}

const some = () => journal([
	{ kind: "budget.appropriate", subject: BOOK, entry: "L01", legs: L01 },
	{ kind: "reward.propose", subject: "R2", data: { case: "c", tip: "15-X", fen: "300", bureau: "150600", programme: "anti-trafficking", note: 'a "quoted" \\ } ] brace' } },
	{ kind: "reward.approve", subject: "R2", data: { to: "APPROVED" }, entry: "L03:R2:1", legs: L03 },
	{ kind: "attempt.send", subject: "R2-1", data: { to: "SENDING" } },
]);
const withFen = (leg, fen) => [...leg.slice(0, 4), fen];
const read = (lines) => lines.map((line) => JSON.parse(line));

story("lines are cut out of an answer byte for byte", () => {
	const lines = some();

	assert.deepEqual(cutRecords(`{"records":[${lines.join(",")}],"next":5}`), lines);
	assert.deepEqual(cutRecords('{"records":[],"next":1}'), []);
	assert.throws(() => cutRecords('{"records":[{"seq":"1"'), SyntaxError);
	assert.throws(() => cutRecords("<html>"), SyntaxError);
});

story("a whole journal counts to its head and sums, as the server says or not", async () => {
	const lines = some();
	const counted = await recount(lines);
	const says = { head_seq: 4, count: 4, head_hash: JSON.parse(lines[3]).hash };
	const balance = { book: BOOK, sums: { FIN: { debits: 300, credits: 300 }, BGT: { debits: 1300, credits: 1300 } } };

	assert.equal(counted.wrong, null);
	assert.equal(counted.records, 4);
	assert.deepEqual(differences(counted, says, [balance]), []);
	assert.deepEqual(differences(counted, { ...says, head_hash: "0" }, [balance]).map((one) => one.word), ["au_differs_head"]);
	balance.sums.BGT.credits = 1301;
	assert.deepEqual(differences(counted, says, [balance]).map((one) => one.word), ["au_differs_credits"]);
});

story("each way to spoil a journal is told, at its line", async () => {
	const spoil = async (change) => {
		const lines = some();
		const { line, word } = (await recount(change(lines) ?? lines)).wrong;
		return `${line} ${word}`;
	};

	assert.equal(await spoil((lines) => void (lines[2] = lines[2].replace('"300"', '"301"'))), "3 au_recount_hash");
	assert.equal(await spoil((lines) => void lines.splice(1, 1)), "2 au_recount_gap");
	assert.equal(await spoil((lines) => void (lines[1] = "{")), "2 au_recount_no_record");
	assert.equal(await spoil((lines) => void (lines[3] = lines[3].replace(/,"hash":.*/, "}"))), "4 au_recount_no_hash");
	assert.equal(await spoil((lines) => {
		const other = journal([{ kind: "budget.appropriate", subject: BOOK, entry: "L01", legs: L01.map((leg) => withFen(leg, "2")) }]);
		return [other[0], ...lines.slice(1)];
	}), "2 au_recount_link");
	assert.equal(await spoil(() => journal([{ kind: "x", legs: [L01[0], withFen(L01[1], "999")] }])), "1 au_recount_balance");
});

story("a reward is known by its own records and those of its payments", () => {
	assert.deepEqual(["R7", "R7-2", "R7x", "150600/a/2026", "B7", ""].map(rewardOf), ["R7", "R7", null, null, null, null]);
});

story("a dossier: times of the tip and the police in the timeline, each state until the next, what the entries say", () => {
	const row = (seq, at, state) => ({ seq, at: `2026-11-22T0${at}:00:00Z`, kind: "x", state });
	const file = { tip: "15-X", tip_at: "2026-11-22T01:00:00Z", known_at: "2026-11-22T03:00:00Z", timeline: [row(2, 2, "DRAFT"), row(3, 3, ""), row(4, 5, "APPROVED")] };
	const hours = phases(file, Date.UTC(2026, 10, 22, 9)).map((one) => [one.name, (one.until - one.from) / 3600_000]);

	assert.deepEqual(wholeTimeline(file).map((one) => one.seq ?? one.kind), ["tip", 2, "known", 3, 4]);
	assert.deepEqual(hours, [["TIP", 1], ["DRAFT", 3], ["APPROVED", 4]]);
	assert.deepEqual(phases({ ...file, tip_at: null, timeline: [] }, 0), []);
	const records = [
		{ seq: "2", at: "5", kind: "reward.propose", subject: "", person: "p", data: { trace: '[{"step":"total","in":{},"out":"300"}]' } },
		{ seq: "4", at: "6", kind: "reward.approve", subject: "R2", person: "q", data: { title: "chief", digest: "ab" } },
		{ seq: "5", at: "7", kind: "attempt.start", subject: "R2", person: "system", data: { attempt: "R2-1", rail: "voucher" } },
		{ seq: "6", at: "8", kind: "attempt.send", subject: "R2-1", person: "system", data: { to: "SENDING", body: "cd" } },
		{ seq: "7", at: "9", kind: "attempt.observe", subject: "R2-1", person: "system", data: { attempt_to: "SUCCEEDED", raw: "ef" } },
	];
	assert.deepEqual(traceOf(records), { seq: "2", lines: [{ step: "total", in: {}, out: "300" }] });
	assert.deepEqual(traceOf([]), { seq: null, lines: [] });
	assert.deepEqual(approvalsOf(records), [{ seq: 4, at: 6, person: "q", title: "chief", digest: "ab" }]);
	assert.deepEqual(attemptsOf(records, 300), [{ id: "R2-1", rail: "voucher", fen: 300, state: "SUCCEEDED", sent: 8, body: "cd", raw: "ef" }]);
	assert.deepEqual(attemptsOf(records.slice(0, 4), 300)[0].state, "SENDING");
});

story("files: money twice, ids as text, nothing that runs", () => {
	const columns = [{ key: "id" }, { key: "amount", money: true, csv: (row) => row.fen }];

	assert.deepEqual(["0", "5", "-5", "123456", "-100"].map(yuan), ["0.00", "0.05", "-0.05", "1234.56", "-1.00"]);
	assert.equal(toCsv(columns, [{ id: "=1+1", fen: 5 }, { id: 'a,"b"', fen: null }, { id: "-7", fen: -100 }]),
		"\uFEFFid,amount_fen,amount_yuan\r\n'=1+1,5,0.05\r\n\"a,\"\"b\"\"\",,\r\n-7,-100,-1.00\r\n");
	for (const [text, wanted] of [["123456789012", "'123456789012"], ["007", "'007"], ["1e5", "'1e5"], ["1E-5", "'1E-5"], ["＝1+1", "'＝1+1"], ["\n=1", "\"'\n=1\""],
		["12345678901", "12345678901"], ["0", "0"], ["1e5f", "1e5f"], [123456789012, "123456789012"]])
		assert.equal(toCsv([{ key: "id" }], [{ id: text }]), `\uFEFFid\r\n${wanted}\r\n`);
	assert.equal(toJsonl(columns, [{ id: "x", fen: 5 }]), '{"id":"x","amount_fen":5}\n');
});

await tell();
