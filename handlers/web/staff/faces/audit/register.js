/*
 * The register of rewards at a point of time, a piece at a time, with the sums of all that fit; what the rewards hold of the
 * budget is held against what the budget's accounts say, which is another walk over the journal.
 */

import { get, withQuery } from "../../api.js";
import { say } from "../../words.js";
import { Chart } from "../../ui/chart.js";
import { Filters } from "../../ui/filters.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Money, sayMoney, When } from "../../ui/values.js";
import { ENCUMBERED, EXPENDED } from "./chart_of_accounts.js";
import { states } from "./fold.js";
import { Behind, entries, Page, Sheet, to, term, usePieces } from "./parts.js";

/* States in the order of a reward's life; one column of the chart each. */
const stages = {
	deciding: ["DRAFT", "IN_REVIEW", "AWAITING_FUNDS"],
	promised: ["APPROVED", "CLAIMABLE", "CLAIMED", "RELEASED"],
	paying: ["PAYING", "RETURNED"],
	paid: ["PAID", "CLOSED"],
	ended: ["REJECTED", "WITHDRAWN", "DECLINED", "EXPIRED", "REVOKED", "REVERSED"],
};

/* fen by month and stage, of { month, state, fen }. */
export function byMonth(rows) {
	const months = [...new Set(rows.map((row) => row.month))].toSorted();
	const sum = (month, names) => rows.filter((row) => row.month === month && names.includes(row.state)).reduce((fen, row) => fen + row.fen, 0);

	return { months, series: Object.entries(stages).map(([stage, names]) => ({ stage, values: months.map((month) => sum(month, names)) })) };
}

const money = (key, name) => ({ key, word: name, numeric: true, money: true, csv: (row) => row[key], value: (row) => html`<${Money} fen=${row[key]} />` });
const columns = [
	{ key: "reward", word: "au_reward", value: (row) => row.reward },
	{ key: "state", word: "au_state", value: (row) => html`${term("state", row.state)}${row.held ? html` <strong>${say("au_held")}</strong>` : null}` },
	{ key: "case", word: "au_case", value: (row) => row.case },
	{ key: "proposed", word: "au_proposed", value: (row) => html`<${When} at=${row.proposed} />` },
	money("fen", "au_amount"), money("encumbered_fen", "au_encumbered"), money("expended_fen", "au_expended"),
	{ key: "records", word: "au_entries", numeric: true, value: (row) => html`<${Behind} of=${row} filter=${{ subject: row.reward }} />` },
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

/* Whether what the rewards hold is what the budget's accounts hold; what is booked besides rewards is told apart. */
function Check({ all, booked, server }) {
	const line = (name, key, code) => ({ name, code, ours: all[key], besides: booked[key] - all[key], ledger: server[key], equal: booked[key] === server[key] });
	const lines = [line("reserved", "encumbered_fen", ENCUMBERED), line("paid", "expended_fen", EXPENDED)];
	const column = (key, of) => ({ key, word: `au_check_${key}`, numeric: true, money: true, csv: of, value: (row) => html`<${Money} fen=${of(row)} />` });

	return html`<${Sheet} name="register-check" caption=${say("au_check")} rows=${lines} of=${(row) => row.name} columns=${[
		{ key: "name", word: "au_sum_of", value: (row) => term("check_sum", row.name) },
		column("rewards", (row) => row.ours), column("besides", (row) => row.besides), column("ledger", (row) => row.ledger),
		{ key: "equal", word: "au_check_equal", value: (row) => html`<strong class=${row.equal ? "au-good" : "au-bad"}>${say(row.equal ? "au_equal" : "au_not_equal")}</strong>` },
	]} href=${(row) => entries({ filter: { code: row.code } })} />`;
}

/* What the accounts of all books say at the same point of time. */
async function serverSums(asOf, signal) {
	const { figures } = await get(withQuery("/api/v1/audit/summary", { as_of: asOf }), signal);
	const sum = (name) => figures.filter((figure) => figure.part === "budget" && figure.name === name).reduce((fen, figure) => fen + figure.fen, 0);
	return { encumbered_fen: sum("encumbered"), expended_fen: sum("expended") };
}

/* Of one and the same record: the register's own, so that nothing comes between the two. */
function Checked({ value }) {
	const load = useLoad((signal) => serverSums(value.as_of.seq, signal), [value.as_of.seq], { keep: true });
	return html`<${Loaded} of=${load} what="au_check">${(server) => html`<${Check} all=${value.all} booked=${value.booked} server=${server} />`}<//>`;
}

function Months({ rows }) {
	const { months, series } = byMonth(rows);

	return months.length === 0 ? null : html`<${Chart} kind="stacked" title=${say("au_by_month")} labels=${months} head="au_month" tell=${sayMoney}
		series=${series.map(({ stage, values }) => ({ name: term("stage", stage), values }))} />`;
}

export function Register({ route, asOf }) {
	const wish = { ...Object.fromEntries(fields.map(({ name }) => [name, route.query.get(name)])), as_of: asOf };
	const { load, rows, more } = usePieces("/api/v1/audit/rewards", wish, "rewards");
	const sum = (fen) => html`<${Money} fen=${fen} />`;

	return html`<${Page} title=${say("au_register")}>
		<${Filters} fields=${fields} />
		<${Loaded} of=${load} what="au_register">${(value) => html`
			<${Sheet} name="rewards" caption=${say("au_rewards_n", { n: value.found.rewards })} columns=${columns} rows=${rows} of=${(row) => row.reward} keys pieces more=${more}
				path=${withQuery("/api/v1/audit/rewards", wish)} href=${(row) => to(`/audit/rewards/${row.reward}`)} empty="au_no_reward"
				foot=${{ fen: sum(value.found.fen), encumbered_fen: sum(value.found.encumbered_fen), expended_fen: sum(value.found.expended_fen) }} />
			<${Checked} value=${value} />
			<${Months} rows=${value.months} />`}<//>
	<//>`;
}
