// A page of all parts, for parts.mjs: what is pressed and sent stands in window.seen.
import { render } from "preact";
import { startRouter, route } from "../../handlers/web/staff/router.js";
import { signInByToken, signOut } from "../../handlers/web/staff/session.js";
import { Chart } from "../../handlers/web/staff/ui/chart.js";
import { Confirm } from "../../handlers/web/staff/ui/dialog.js";
import { Filters } from "../../handlers/web/staff/ui/filters.js";
import { Form } from "../../handlers/web/staff/ui/form.js";
import { html, useState } from "../../handlers/web/staff/ui/html.js";
import { startKeys } from "../../handlers/web/staff/ui/keys.js";
import { useChanges } from "../../handlers/web/staff/ui/live.js";
import { Loaded, useLoad } from "../../handlers/web/staff/ui/load.js";
import { Table } from "../../handlers/web/staff/ui/table.js";
import { Pages } from "../../handlers/web/staff/ui/tabs.js";
import { useRoute } from "../../handlers/web/staff/ui/use.js";
import { Age, Day, Id, Money, readMoney, sayDay, sayMoney, When } from "../../handlers/web/staff/ui/values.js";
import { addWords } from "../../handlers/web/staff/words.js";

const words = { part_name: "Name", part_sum: "Amount", part_at: "At", part_due: "Due", part_send: "Send it", part_none: "Nothing yet: send the first one.",
	part_all: "All of them", part_one: "One", part_much: "Much", part_sure: "I am sure", part_why: "Why", part_kind: "Kind", part_day: "Day", small: "small", large: "large",
	part_secret: "Secret", part_region: "Region", part_go: "Do it" };

addWords({ en: words, "zh-CN": words });
window.seen = { sent: [], changes: [], loads: 0, aborted: 0, readMoney, sayMoney, sayDay, signInByToken, signOut };

const columns = [
	{ key: "name", word: "part_name", value: (row) => row.name },
	{ key: "at", word: "part_at", value: (row) => html`<${When} at=${row.at} /> <${Age} at=${row.at} />` },
	{ key: "due", word: "part_due", value: (row) => html`<${Day} at=${row.due} />` },
	{ key: "fen", word: "part_sum", numeric: true, value: (row) => html`<${Money} fen=${row.fen} />` },
];
const rowOf = (n) => ({ name: `row ${n}`, at: "2026-11-22T06:00:00Z", due: "2026-12-01", fen: n % 2 === 0 ? n * 123456 : -n });

function Rows() {
	const [count, become] = useState(3);

	return html`<${Table} caption="Rows" columns=${columns} rows=${Array.from({ length: count }, (_, i) => rowOf(i))} of=${(row) => row.name}
		href=${(row) => `/row/${encodeURIComponent(row.name)}`} foot=${{ fen: html`<${Money} fen=${246912} />` }} keys
		more=${count < 5 ? async () => become(5) : undefined} />`;
}

/* What the server would refuse: a name that is taken. */
async function send(values) {
	window.seen.sent.push(values);
	await new Promise((go) => setTimeout(go, 50));
	if (values.name === "taken")
		throw Object.assign(new Error("no"), { status: 409, code: "taken", title: "Taken", detail: "The name is taken.", field: "name" });
	if (values.name === "busy")
		throw Object.assign(new Error("no"), { status: 503, code: "busy", title: "Busy", detail: "", field: "", retryAfterS: 3 });
}

const fields = [
	{ name: "name", word: "part_name", kind: "text", required: true },
	{ name: "fen", word: "part_sum", kind: "money", min: 1 },
	{ name: "kind", word: "part_kind", kind: "choice", choices: ["small", "large"], required: true },
	{ name: "why", word: "part_why", kind: "area", when: (values) => values.kind === "large" },
	{ name: "number", word: "part_much", kind: "number", max: 10, value: 3 },
	{ name: "day", word: "part_day", kind: "date" },
	{ name: "at", word: "part_at", kind: "time" },
	{ name: "region", word: "part_region", kind: "region" },
	{ name: "secret", word: "part_secret", kind: "password", minlength: 4 },
	{ name: "sure", word: "part_sure", kind: "check", required: true },
];

function Asking() {
	const [asked, ask] = useState(false);
	const [tries, again] = useState(0);

	async function run() {
		again(tries + 1);
		if (tries === 0)
			throw Object.assign(new Error("no"), { status: 409, code: "changed", detail: "It was changed.", title: "Changed" });
	}

	return html`<button id="ask" onClick=${() => ask(true)}>Ask</button>
		${asked ? html`<${Confirm} title="Do it?" word="part_go" run=${run} close=${() => ask(false)} grave><p>It stays done.</p><//>` : null}`;
}

function Loading() {
	const load = useLoad(async (signal) => {
		window.seen.loads++;
		signal.addEventListener("abort", () => window.seen.aborted++);
		await new Promise((go) => setTimeout(go, 20));
		if (window.seen.loads === 1)
			throw Object.assign(new Error("no"), { status: 503, title: "Busy" });
		return `loaded ${route.query.get("kind") ?? "all"}`;
	}, [route.query.get("kind")]);

	return html`<div id="loading"><${Loaded} of=${load} what="part_all">${(value) => html`<p id="value">${value}</p>`}<//></div>`;
}

function Live({ name }) {
	useChanges((regions) => window.seen.changes.push(`${name}: ${regions === null ? "all" : regions.join(" ")}`));
	return null;
}

function Page() {
	useRoute();
	return html`<${Pages} pages=${[{ path: "/", word: "part_all" }, { path: "/row", word: "part_one" }, { path: "/x", word: "part_go", roles: ["admin"] }]} />
		<main class="page"><h1>Parts</h1>
			<${Filters} fields=${[{ name: "q", word: "part_name" }, { name: "kind", word: "part_kind", kind: "choice", choices: ["small", "large"] }, { name: "sure", word: "part_sure", kind: "check" }]} />
			<${Loading} /><${Live} name="one" /><${Live} name="two" /><${Rows} />
			<${Table} caption="None" columns=${columns} rows=${[]} of=${(row) => row.name} empty="part_none" />
			<${Form} id="f" fields=${fields} submit="part_send" send=${send} clear cancel=${() => {}} />
			<p><${Id} of="26-7KQ2MVXA10" href="/row/1" /> <${Asking} /></p>
			${["bars", "stacked", "line"].map((kind) => html`<${Chart} key=${kind} kind=${kind} title="Chart ${kind}" labels=${["Jan", "Feb", "Mar"]} head="part_day" tell=${sayMoney}
				series=${[{ name: "paid", values: [100000, 250050, 0] }, { name: "open", values: [5000, null, 999] }]} />`)}
		</main>`;
}

startRouter();
startKeys();
render(html`<${Page} />`, document.getElementById("app"));
