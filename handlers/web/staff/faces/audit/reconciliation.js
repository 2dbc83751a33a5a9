/*
 * Bank and book: account by account how far they say the same, and what they do not say alike, by class and age. The accounts
 * are told as they are now; the breaks at any record.
 */

import { get, withQuery } from "../../api.js";
import { say } from "../../words.js";
import { Chart } from "../../ui/chart.js";
import { Filters } from "../../ui/filters.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Money, sayDay, When } from "../../ui/values.js";
import { entries, Page, Sheet, to, term } from "./parts.js";

export const AGES = ["0-1", "2-3", "4-7", "8-30", ">30"];
const CLASSES = ["R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10"];
const STATES = ["open", "suspense", "cleared", "resolved"];

const fen = (key, of = (row) => row[key]) => ({ key, word: `au_${key}`, numeric: true, money: true, csv: of, value: (row) => html`<${Money} fen=${of(row)} />` });
const count = (key) => ({ key, word: `au_${key}`, numeric: true, value: (row) => row[key] });
const accountColumns = [
	{ key: "account", word: "au_account", value: (row) => row.account },
	{ key: "last_date", word: "au_last_statement", value: (row) => sayDay(row.last_date) },
	fen("closing"), fen("ledger_says", (row) => row.ledger), fen("difference"),
	count("lines"), count("matched"), count("waiting"), count("unmatched"), count("open_breaks"),
];

/* The first of the two goes before. */
function settledBy({ person, with: first }) {
	return [first, person].filter(Boolean);
}

const breakColumns = [
	{ key: "break", word: "au_break", value: (row) => row.break },
	{ key: "class", word: "au_class", csv: (row) => row.class, value: (row) => html`${row.class} <span class="hint">${term("class", row.class)}</span>` },
	{ key: "state", word: "au_state", csv: (row) => row.state, value: (row) => term("break", row.state) },
	{ key: "about", word: "au_about", value: (row) => html`<span class="mono">${row.about}</span>`, csv: (row) => row.about },
	{ key: "fen", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => html`<${Money} fen=${row.fen} />` },
	{ key: "opened", word: "au_opened", csv: (row) => row.opened, value: (row) => html`<${When} at=${row.opened} />` },
	{ key: "age", word: "au_age_days", value: (row) => row.age ?? "–" },
	{ key: "person", word: "au_resolved_by", csv: (row) => settledBy(row).join(" "), value: (row) => settledBy(row).join(" + ") || "–" },
];

const fields = [
	{ name: "class", word: "au_class", kind: "choice", get choices() {
		return CLASSES.map((value) => ({ value, text: `${value} ${term("class", value)}` }));
	} },
	{ name: "age", word: "au_age_days", kind: "choice", choices: AGES.map((value) => ({ value, text: value })) },
	{ name: "state", word: "au_state", kind: "choice", get choices() {
		return STATES.map((value) => ({ value, text: term("break", value) }));
	} },
];

function fits(row, query) {
	return fields.every(({ name }) => (query.get(name) ?? "") === "" || row[name] === query.get(name));
}

async function read(asOf, signal) {
	const [{ breaks }, accounts] = await Promise.all([get(withQuery("/api/v1/audit/breaks", { as_of: asOf }), signal),
		asOf === "" ? get("/api/v1/reconciliation", signal).then((answer) => answer.accounts) : null]);
	return { breaks, accounts };
}

function Ages({ breaks }) {
	const open = breaks.filter((row) => row.age !== null);
	const shown = CLASSES.filter((name) => open.some((row) => row.class === name));
	const rows = AGES.map((age) => ({ age, of: open.filter((row) => row.age === age) }));
	const number = (key, name, of) => ({ key, word: name, numeric: true, csv: of, value: of });
	const ofClass = (name) => (row) => row.of.filter((one) => one.class === name).length;
	const table = html`<${Sheet} name="ageing" caption=${say("au_ageing")} rows=${rows} of=${(row) => row.age} href=${(row) => to("/audit/reconciliation", { age: row.age })}
		columns=${[{ key: "age", word: "au_age_days", value: (row) => row.age }, ...shown.map((name) => number(name, name, ofClass(name))), number("all", "au_count", (row) => row.of.length)]} />`;

	return html`<${Chart} kind="stacked" title=${say("au_ageing")} labels=${AGES} table=${table}
		series=${shown.length === 0 ? [{ name: say("au_breaks"), values: AGES.map(() => 0) }] : shown.map((name) => ({ name, values: rows.map(ofClass(name)) }))} />`;
}

export function Reconciliation({ route, asOf }) {
	const load = useLoad((signal) => read(asOf, signal), [asOf], { keep: true });

	return html`<${Page} title=${say("au_reconciliation")}>
		<${Loaded} of=${load} what="au_reconciliation">${({ breaks, accounts }) => html`
			${accounts === null ? html`<p class="hint">${say("au_accounts_now_only")}</p>` : html`<${Sheet} name="reconciliation" caption=${say("au_accounts")} columns=${accountColumns}
				rows=${accounts.map((row) => ({ ...row, open_breaks: row.open }))} of=${(row) => row.account}
				href=${(row) => to("/audit/journal", { kind: "statement." })} empty="au_no_statement" />`}
			<${Ages} breaks=${breaks} />
			<${Filters} fields=${fields} />
			<${Sheet} name="breaks" caption=${say("au_breaks")} columns=${breakColumns} rows=${breaks.filter((row) => fits(row, route.query))} of=${(row) => row.break} keys
				path=${withQuery("/api/v1/audit/breaks", { as_of: asOf })} href=${(row) => entries(row)} empty="au_no_break" />`}<//>
	<//>`;
}
