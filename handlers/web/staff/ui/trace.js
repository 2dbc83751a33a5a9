/*
 * The calculator's lines as people read them: amounts in yuan, steps, classes and answers in words. Columns of a Table for
 * those who approve and those who audit; a file of them has the lines as they stand.
 */

import { addWords, known, say } from "../words.js";
import { html } from "./html.js";
import { sayMoney, sayWhen } from "./values.js";
import en from "../words/trace.en.json";
import zh from "../words/trace.zh-CN.json";

addWords({ "zh-CN": zh, en });

/* Members of a step that are no amount. */
const counts = ["points", "tips", "shares", "version", "member", "decisive_ms", "known_at_ms"];
const plainOut = ["points", "facts", "policy", "eligibility"];

/* A name without a word stands for itself. */
function sayNamed(part, name) {
	return known(`trace_${part}_${name}`) ? say(`trace_${part}_${name}`) : name;
}

/* { name: amount of a class } or { name: points }. */
function sayMembers(name, value) {
	const [part, tell] = name === "bands" ? ["band", sayMoney] : ["factor", String];
	return Object.entries(value).map(([key, one]) => `${sayNamed(part, key)} ${tell(one)}`).join(", ");
}

function sayValue(name, value) {
	if (typeof value === "object")
		return sayMembers(name, value);
	if (/_bp$|^weight$|^whole$/.test(name))
		return /_bp$/.test(name) ? `${Number(value) / 100} %` : value;
	if (!/^-?\d+$/.test(value) || counts.includes(name))
		return /_ms$/.test(name) ? (value === "0" ? "–" : sayWhen(Number(value))) : sayNamed("says", value);
	return sayMoney(value);
}

function sayOut(line) {
	if (line.step === "policy")
		return `${line.out.slice(0, 8)}…`;
	return /^-?\d+$/.test(line.out) && !plainOut.includes(line.step) ? sayMoney(line.out) : sayNamed("says", line.out);
}

function rawInputs(line) {
	return Object.entries(line.in).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(" · ");
}

function Inputs({ of }) {
	return html`<span class="trace-inputs">${Object.entries(of).map(([name, value]) =>
		html`<span key=${name}>${sayNamed("in", name)} <b>${sayValue(name, value)}</b></span> `)}</span>`;
}

export const traceColumns = [
	{ key: "n", word: "trace_line", numeric: true, value: (line) => line.n },
	{ key: "step", word: "trace_step", csv: (line) => line.step, value: (line) => sayNamed("step", line.step) },
	{ key: "in", word: "trace_with", csv: rawInputs, value: (line) => html`<${Inputs} of=${line.in} />` },
	{ key: "out", word: "trace_gives", numeric: true, csv: (line) => line.out, value: sayOut },
];

/* With their numbers, by which they are known. */
export function traceRows(lines) {
	return lines.map((line, i) => ({ ...line, n: i + 1 }));
}
