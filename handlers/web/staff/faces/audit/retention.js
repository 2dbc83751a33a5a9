/* What was deleted of tips whose time was over: by month, region and outcome; no ids, those are in the journals. */

import { pages } from "../../api.js";
import { say } from "../../words.js";
import { Chart } from "../../ui/chart.js";
import { Filters } from "../../ui/filters.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Page, Sheet, term } from "./parts.js";

const PARTS = ["identity", "files", "text", "row"];

const columns = [
	{ key: "month", word: "au_month", value: (row) => row.month },
	{ key: "region", word: "au_region", value: (row) => row.region },
	{ key: "outcome", word: "au_outcome", csv: (row) => row.outcome, value: (row) => term("outcome", row.outcome) },
	{ key: "part", word: "au_deleted_part", csv: (row) => row.part, value: (row) => term("deleted", row.part) },
	{ key: "tips", word: "au_tips", numeric: true, value: (row) => row.tips },
];

const fields = [
	{ name: "month", word: "au_month" },
	{ name: "region", word: "au_region" },
	{ name: "part", word: "au_deleted_part", kind: "choice", get choices() {
		return PARTS.map((value) => ({ value, text: term("deleted", value) }));
	} },
];

async function all(signal) {
	const rows = [];

	for await (const answer of pages("/api/v1/audit/retention", { max: 5000 }, signal))
		rows.push(...answer.rows);
	return rows;
}

function sum(rows) {
	return rows.reduce((tips, row) => tips + row.tips, 0);
}

export function Retention({ route }) {
	const load = useLoad(all, []);
	const fits = (row) => (!route.query.get("month") || row.month === route.query.get("month")) && row.region.startsWith(route.query.get("region") ?? "") &&
		(!route.query.get("part") || row.part === route.query.get("part"));

	return html`<${Page} title=${say("au_retention")}>
		<${Filters} fields=${fields} />
		<${Loaded} of=${load} what="au_retention">${(rows) => {
			const shown = rows.filter(fits);
			const months = [...new Set(shown.map((row) => row.month))].toSorted();
			const table = html`<${Sheet} name="retention" caption=${say("au_deleted")} columns=${columns} rows=${shown} of=${(row) => [row.month, row.region, row.outcome, row.part].join("|")} keys
				foot=${{ tips: sum(shown) }} empty="au_nothing_deleted" />`;

			return shown.length === 0 ? table : html`<${Chart} kind="stacked" title=${say("au_deleted")} labels=${months} table=${table}
				series=${PARTS.map((part) => ({ name: term("deleted", part), values: months.map((month) => sum(shown.filter((row) => row.month === month && row.part === part))) }))} />`;
		}}<//>
	<//>`;
}
