/*
 * The register of rewards, folded from the journal in the browser: so it can be seen at any record, and its totals held
 * against the server's ledger are a check, not a copy.
 */

import { get, withQuery } from "../../api.js";
import { say } from "../../words.js";
import { Chart } from "../../ui/chart.js";
import { Filters } from "../../ui/filters.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Money, sayMoney, When } from "../../ui/values.js";
import { ENCUMBERED, EXPENDED } from "./chart_of_accounts.js";
import { monthOf, rewards, states, sumOf } from "./fold.js";
import { readAll } from "./journal.js";
import { entries, Page, Sheet, to, term } from "./parts.js";

/* States in the order of a reward's life; one column of the chart each. */
const stages = {
	deciding: ["DRAFT", "IN_REVIEW", "AWAITING_FUNDS"],
	promised: ["APPROVED", "CLAIMABLE", "CLAIMED", "RELEASED"],
	paying: ["PAYING", "RETURNED"],
	paid: ["PAID", "CLOSED"],
	ended: ["REJECTED", "WITHDRAWN", "DECLINED", "EXPIRED", "REVOKED", "REVERSED"],
};

/* fen by month and stage. */
export function byMonth(rows) {
	const months = [...new Set(rows.map((row) => monthOf(row.at)))].toSorted();
	const sum = (month, names) => rows.filter((row) => monthOf(row.at) === month && names.includes(row.state)).reduce((fen, row) => fen + row.fen, 0);

	return { months, series: Object.entries(stages).map(([stage, names]) => ({ stage, values: months.map((month) => sum(month, names)) })) };
}

const columns = [
	{ key: "id", word: "au_reward", value: (row) => row.id },
	{ key: "state", word: "au_state", value: (row) => html`${term("state", row.state)}${row.held ? html` <strong>${say("au_held")}</strong>` : null}` },
	{ key: "case", word: "au_case", value: (row) => row.case },
	{ key: "at", word: "au_proposed", csv: (row) => new Date(row.at).toISOString(), value: (row) => html`<${When} at=${row.at} />` },
	{ key: "amount", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => html`<${Money} fen=${row.fen} />` },
	{ key: "reserved", word: "au_encumbered", numeric: true, money: true, csv: (row) => row.reserved, value: (row) => html`<${Money} fen=${row.reserved} />` },
	{ key: "paid", word: "au_expended", numeric: true, money: true, csv: (row) => row.paid, value: (row) => html`<${Money} fen=${row.paid} />` },
	{ key: "entries", word: "au_entries", numeric: true, csv: (row) => row.numbers.join(" "),
	  value: (row) => html`<a href=${entries({ filter: { ids: row.numbers.join(",") } })} aria-label=${say("au_entries_n", { n: row.numbers.length })}>${row.numbers.length}</a>` },
];

const fields = [
	{ name: "state", word: "au_state", kind: "choice", get choices() {
		return states.map((state) => ({ value: state, text: term("state", state) }));
	} },
	{ name: "month", word: "au_month" },
	{ name: "case", word: "au_case" },
	{ name: "bureau", word: "au_region" },
	{ name: "held", word: "au_held", kind: "check" },
];

function fits(row, query) {
	const is = (name, value) => (query.get(name) ?? "") === "" || query.get(name) === value;
	return is("state", row.state) && is("month", monthOf(row.at)) && is("case", row.case) && (query.get("bureau") ?? "") === row.bureau.slice(0, (query.get("bureau") ?? "").length) &&
		(!query.get("held") || row.held);
}

function total(rows, name) {
	return rows.reduce((sum, row) => sum + row[name], 0);
}

/* Whether what the rewards hold is what the ledger holds; what is booked besides rewards is told apart. */
function Check({ rows, records, server }) {
	const line = (name, code, figure) => {
		const ours = total(rows, name);
		const all = sumOf(records, code);
		return { name, ours, besides: all - ours, ledger: server[figure], equal: all === server[figure], code };
	};
	const lines = [line("reserved", ENCUMBERED, "encumbered"), line("paid", EXPENDED, "expended")];
	const money = (key, of) => ({ key, word: `au_check_${key}`, numeric: true, money: true, csv: of, value: (row) => html`<${Money} fen=${of(row)} />` });

	return html`<${Sheet} name="register-check" caption=${say("au_check")} rows=${lines} of=${(row) => row.name} columns=${[
		{ key: "name", word: "au_sum_of", value: (row) => term("check_sum", row.name) },
		money("rewards", (row) => row.ours), money("besides", (row) => row.besides), money("ledger", (row) => row.ledger),
		{ key: "equal", word: "au_check_equal", value: (row) => html`<strong class=${row.equal ? "au-good" : "au-bad"}>${say(row.equal ? "au_equal" : "au_not_equal")}</strong>` },
	]} href=${(row) => entries({ filter: { code: row.code } })} />`;
}

/* What the server's ledger says at the same record. */
async function serverSums(seq, signal) {
	const { figures } = await get(withQuery("/api/v1/audit/summary", { as_of: seq }), signal);
	const sum = (name) => figures.filter((figure) => figure.part === "budget" && figure.book !== "" && figure.name === name).reduce((fen, figure) => fen + figure.fen, 0);
	return { encumbered: sum("encumbered"), expended: sum("expended") };
}

async function read(point, signal, tell) {
	const records = await readAll({ upTo: point?.seq ?? Infinity, signal, tell });
	return { records, rows: rewards(records), server: records.length > 0 ? await serverSums(records.length, signal) : { encumbered: 0, expended: 0 } };
}

function Months({ rows }) {
	const { months, series } = byMonth(rows);

	return months.length === 0 ? null : html`<${Chart} kind="stacked" title=${say("au_by_month")} labels=${months} head="au_month" tell=${sayMoney}
		series=${series.map(({ stage, values }) => ({ name: term("stage", stage), values }))} />`;
}

export function Register({ route, point }) {
	const [done, tell] = useState(null);
	const load = useLoad((signal) => read(point, signal, (n, all) => tell({ n, all })), [point?.seq]);

	return html`<${Page} title=${say("au_register")}>
		<${Filters} fields=${fields} />
		${load.busy && done ? html`<p class="hint" role="status">${say("au_reading", done)}</p>` : null}
		<${Loaded} of=${load} what="au_register">${({ records, rows, server }) => {
			const shown = rows.filter((row) => fits(row, route.query));

			return html`<${Sheet} name="rewards" caption=${say("au_rewards_n", { n: shown.length })} columns=${columns} rows=${shown} of=${(row) => row.id} keys
				href=${(row) => to(`/audit/rewards/${row.id}`)} empty="au_no_reward"
				foot=${{ amount: html`<${Money} fen=${total(shown, "fen")} />`, reserved: html`<${Money} fen=${total(shown, "reserved")} />`, paid: html`<${Money} fen=${total(shown, "paid")} />` }} />
			<${Check} rows=${rows} records=${records} server=${server} />
			<${Months} rows=${shown} />`;
		}}<//>
	<//>`;
}
