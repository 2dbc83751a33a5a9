/*
 * The auditor's tests: how many each one looked at, by which numbers, and what it hit. A test alone shows its parameters
 * (they stand in the address), its hits with the entries behind each, and how what it measured is spread.
 */

import { get, withQuery } from "../../api.js";
import { say } from "../../words.js";
import { Chart } from "../../ui/chart.js";
import { Filters } from "../../ui/filters.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Money, sayMoney, When } from "../../ui/values.js";
import { Subject } from "./entries.js";
import { Matrix } from "./matrix.js";
import { Behind, Page, Sheet, to, term } from "./parts.js";

const BINS = 10;
const parameters = ["before_minutes", "after_days", "pair_min", "pair_percent", "payee_cases", "margin_percent", "case_days", "late_percent", "night_from",
	"night_until", "within_seconds", "duplicate_days", "clock_run"];

/* The numbers of the address, and which test; all that the API takes. */
function wishOf(query, asOf) {
	return { ...Object.fromEntries(["test", ...parameters].map((name) => [name, query.get(name)])), as_of: asOf };
}

function sayValue(value, unit) {
	return unit === "fen" ? sayMoney(value) : say(`au_unit_${unit}`, { n: value });
}

function parametersOf(row) {
	return Object.entries(row.parameters).map(([name, value]) => `${term("parameter", name)} ${value}`).join(" · ") || "–";
}

const columns = [
	{ key: "test", word: "au_test", csv: (row) => row.test, value: (row) => term("test", row.test) },
	{ key: "finds", word: "au_finds", value: (row) => html`<span class="au-text">${term("finds", row.test)}</span>` },
	{ key: "parameters", word: "au_parameters", csv: parametersOf, value: (row) => html`<span class="au-text">${parametersOf(row)}</span>` },
	{ key: "population", word: "au_population", numeric: true, value: (row) => html`${row.population} <span class="hint">${term("of", row.population_of)}</span>` },
	{ key: "hits_total", word: "au_hits", numeric: true, value: (row) => row.hits_total },
];

function All({ tests, path, carried }) {
	return html`<p class="hint">${say("au_no_proof")}</p>
		<${Sheet} name="tests" caption=${say("au_tests")} columns=${columns} rows=${tests} of=${(row) => row.test} keys path=${path}
			href=${(row) => to("/audit/exceptions", { ...carried, test: row.test })} mark=${(row) => row.hits_total > 0 ? "au-hit" : null} />
		<p class="hint">${say("au_no_benford")}</p>`;
}

/* At most so many bins of one width, from the least to the most. */
export function bins(values) {
	const least = Math.min(...values);
	const width = Math.max(1, Math.ceil((Math.max(...values) - least + 1) / BINS));
	const n = Math.ceil((Math.max(...values) - least + 1) / width);

	return Array.from({ length: n }, (_, i) => {
		const from = least + i * width;
		return { from, to: from + width - 1, n: values.filter((value) => value >= from && value < from + width).length };
	});
}

function Spread({ test }) {
	const found = bins(test.hits.map((hit) => hit.value));
	const label = (bin) => bin.from === bin.to ? sayValue(bin.from, test.unit) : `${sayValue(bin.from, test.unit)} – ${sayValue(bin.to, test.unit)}`;

	return html`<${Chart} kind="bars" title=${say("au_spread")} labels=${found.map(label)} head="au_value" series=${[{ name: say("au_hits"), values: found.map((bin) => bin.n) }]} />`;
}

/* A word of the test, a class of breaks, or the parts of two people. */
function sayNote(note) {
	if (note === "")
		return "–";
	if (/^R\d+$/.test(note))
		return `${note} ${term("class", note)}`;
	return note.includes("-") ? note.split("-").map((part) => term("part", part)).join(" – ") : term("note", note);
}

function hitColumns(test) {
	return [
		{ key: "subject", word: "au_subject", csv: (hit) => hit.subject, value: (hit) => html`<${Subject} of=${hit.subject} />` },
		{ key: "with", word: "au_with", value: (hit) => hit.with || "–" },
		{ key: "note", word: "au_note", csv: (hit) => hit.note, value: (hit) => sayNote(hit.note) },
		{ key: "value", word: "au_value", numeric: true, csv: (hit) => hit.value, value: (hit) => sayValue(hit.value, test.unit) },
		{ key: "fen", word: "au_amount", numeric: true, money: true, csv: (hit) => hit.fen, value: (hit) => html`<${Money} fen=${hit.fen} />` },
		{ key: "at", word: "au_at", csv: (hit) => hit.at, value: (hit) => html`<${When} at=${hit.at} />` },
		{ key: "records", word: "au_entries", numeric: true, csv: (hit) => hit.seqs.join(" "), value: (hit) => html`<${Behind} of=${hit} filter=${{ subject: hit.subject }} />` },
	];
}

const isPairs = (test) => test.test === "pairs" || test.test === "counter";

function One({ test, path, carried }) {
	const names = Object.keys(test.parameters).filter((name) => parameters.includes(name));

	return html`
		<p><a href=${to("/audit/exceptions", { ...carried, test: null })}>${say("au_tests")}</a></p>
		<h3>${term("test", test.test)}</h3>
		<p>${term("finds", test.test)}</p>
		${names.length > 0 ? html`<${Filters} fields=${names.map((name) => ({ name, word: `au_parameter_${name}` }))} word="au_parameters" />` : null}
		<p id="test-told">${say("au_told", { population: test.population, of: term("of", test.population_of), hits: test.hits_total, parameters: parametersOf(test) })}</p>
		<${Sheet} name="hits-${test.test}" caption=${say("au_hits")} columns=${hitColumns(test)} rows=${test.hits} of=${(hit) => JSON.stringify(hit)} keys path=${path} empty="au_no_hit" />
		${isPairs(test) && test.hits.length > 0 ? html`<${Matrix} title=${say("au_pairs")} pairs=${test.hits.map((hit) => ({ person: hit.subject, with: hit.with, n: hit.rewards, of: hit }))} />` : null}
		${test.hits.length > 1 && !isPairs(test) ? html`<${Spread} test=${test} />` : null}`;
}

export function Exceptions({ route, asOf }) {
	const wish = wishOf(route.query, asOf);
	const path = withQuery("/api/v1/audit/exceptions", wish);
	const carried = { ...wish, as_of: null };
	const load = useLoad((signal) => get(path, signal), [path], { keep: true });

	return html`<${Page} title=${say("au_exceptions")}>
		<${Loaded} of=${load} what="au_exceptions">${({ tests }) => wish.test && tests.length === 1 ? html`<${One} test=${tests[0]} path=${path} carried=${carried} />`
			: html`<${All} tests=${tests} path=${path} carried=${carried} />`}<//>
	<//>`;
}
