/* Money that waits for its informant: open, near its end, expired, reinstated, claimed late; and how many days claims take. */

import { get, withQuery } from "../../api.js";
import { say } from "../../words.js";
import { Chart } from "../../ui/chart.js";
import { Filters } from "../../ui/filters.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Money, When } from "../../ui/values.js";
import { Behind, Page, Sheet, to, term } from "./parts.js";

const whys = ["open", "near", "expired", "reinstated", "late"];

const columns = [
	{ key: "reward", word: "au_reward", value: (row) => row.reward },
	{ key: "why", word: "au_why", csv: (row) => row.why, value: (row) => term("why", row.why) },
	{ key: "state", word: "au_state", csv: (row) => row.state, value: (row) => term("state", row.state) },
	{ key: "case", word: "au_case", value: (row) => row.case },
	{ key: "fen", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => html`<${Money} fen=${row.fen} />` },
	{ key: "published", word: "au_published", value: (row) => html`<${When} at=${row.published} />` },
	{ key: "deadline", word: "au_deadline", value: (row) => html`<${When} at=${row.deadline} />` },
	{ key: "days_left", word: "au_days_left", numeric: true, value: (row) => row.days_left ?? "–" },
	{ key: "claimed", word: "au_claimed", value: (row) => html`<${When} at=${row.claimed} />` },
	{ key: "records", word: "au_entries", numeric: true, value: (row) => html`<${Behind} of=${row} filter=${{ subject: row.reward }} />` },
];

/* Claims up to each day, so that the curve rises to all of them. */
export function upTo(days) {
	let sum = 0;
	return days.map((row) => (sum += row.claims));
}

function Curve({ days }) {
	const sums = upTo(days);
	const rows = days.map((row, i) => ({ ...row, sum: sums[i] }));
	const table = html`<${Sheet} name="days-to-claim" caption=${say("au_days_to_claim")} rows=${rows} of=${(row) => row.days} empty="au_no_claim" columns=${[
		{ key: "days", word: "au_days", value: (row) => row.days },
		{ key: "claims", word: "au_claims", numeric: true, value: (row) => row.claims },
		{ key: "sum", word: "au_claims_up_to", numeric: true, value: (row) => row.sum },
		{ key: "fen", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => html`<${Money} fen=${row.fen} />` },
		{ key: "records", word: "au_entries", numeric: true, csv: (row) => row.seqs.join(" "), value: (row) => html`<${Behind} of=${row} filter=${{ kind: "reward.claim" }} />` },
	]} />`;

	return days.length === 0 ? table : html`<${Chart} kind="line" title=${say("au_days_to_claim")} labels=${days.map((row) => String(row.days))}
		series=${[{ name: say("au_claims_up_to"), values: sums }]} table=${table} />`;
}

const fields = [
	{ name: "why", word: "au_why", kind: "choice", get choices() {
		return whys.map((value) => ({ value, text: term("why", value) }));
	} },
	{ name: "soon_days", word: "au_parameter_soon_days" },
	{ name: "late_percent", word: "au_parameter_late_percent" },
];

export function Unclaimed({ route, asOf }) {
	const path = withQuery("/api/v1/audit/unclaimed", { soon_days: route.query.get("soon_days"), late_percent: route.query.get("late_percent"), as_of: asOf });
	const why = route.query.get("why") ?? "";
	const load = useLoad((signal) => get(path, signal), [path], { keep: true });

	return html`<${Page} title=${say("au_unclaimed")}>
		<${Filters} fields=${fields} />
		<${Loaded} of=${load} what="au_unclaimed">${({ parameters, rewards, days }) => {
			const shown = rewards.filter((row) => why === "" || row.why === why);

			return html`
			<p class="hint">${Object.entries(parameters).map(([name, value]) => `${term("parameter", name)} ${value}`).join(" · ")}</p>
			<${Sheet} name="unclaimed" caption=${say("au_rewards_n", { n: shown.length })} columns=${columns} rows=${shown} of=${(row) => `${row.reward}|${row.why}`} keys path=${path}
				href=${(row) => to(`/audit/rewards/${row.reward}`)} empty="au_no_unclaimed" foot=${{ fen: html`<${Money} fen=${shown.reduce((sum, row) => sum + row.fen, 0)} />` }} />
			<${Curve} days=${days} />`;
		}}<//>
	<//>`;
}
