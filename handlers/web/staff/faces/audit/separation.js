/* Who did what, with whom, and who might do what then. That nobody did two things that exclude each other is told first. */

import { get, withQuery } from "../../api.js";
import { say } from "../../words.js";
import { Filters } from "../../ui/filters.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Day, Money } from "../../ui/values.js";
import { Subject } from "./entries.js";
import { Matrix } from "./matrix.js";
import { Behind, Files, Page, role, Sheet, to, term } from "./parts.js";

const parts = ["intake", "verifier", "proposer", "approver", "finance", "cashier", "panel"];
const money = { key: "fen", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => html`<${Money} fen=${row.fen} />` };
const behind = { key: "seqs", word: "au_entries", numeric: true, csv: (row) => row.seqs.join(" "), value: (row) => html`<${Behind} of=${row} filter=${{ person: row.person }} />` };
const rewards = { key: "rewards", word: "au_rewards", numeric: true, value: (row) => row.rewards };
const part = (key, name) => ({ key, word: name, csv: (row) => row[key], value: (row) => term("part", row[key]) });

const conflictColumns = [
	{ key: "reward", word: "au_reward", csv: (row) => row.reward, value: (row) => html`<${Subject} of=${row.reward} />` },
	{ key: "person", word: "au_person", value: (row) => row.person },
	part("part", "au_part"), part("with_part", "au_and_part"), behind,
];

const pairColumns = [
	{ key: "person", word: "au_person", value: (row) => row.person }, part("part", "au_part"),
	{ key: "with", word: "au_with", value: (row) => row.with }, part("with_part", "au_with_part"),
	rewards, money,
	{ key: "percent", word: "au_percent", numeric: true, csv: (row) => row.percent, value: (row) => `${row.percent} %` }, behind,
];

const peopleColumns = [{ key: "person", word: "au_person", value: (row) => row.person }, part("part", "au_part"), rewards, money, behind];

const permissionColumns = [
	{ key: "account", word: "au_staff_account", value: (row) => row.account },
	{ key: "person", word: "au_person", csv: (row) => row.person,
	  value: (row) => row.deputy_of ? html`${row.person} <span class="hint">${say("au_deputy_of", { who: row.deputy_of })}</span>` : row.person },
	{ key: "roles", word: "au_roles", csv: (row) => row.roles, value: (row) => row.roles.split(" ").filter(Boolean).map(role).join(", ") },
	{ key: "titles", word: "au_titles", value: (row) => row.titles || "–" },
	{ key: "region", word: "au_region", value: (row) => row.region || say("au_everywhere") },
	{ key: "from", word: "au_since", csv: (row) => row.from, value: (row) => html`<${Day} at=${row.from} />` },
	{ key: "until", word: "au_until", csv: (row) => row.until, value: (row) => row.until === null ? say("au_open_end") : html`<${Day} at=${row.until} />` },
	{ key: "seqs", word: "au_entries", numeric: true, csv: (row) => row.seqs.join(" "), value: (row) => html`<${Behind} of=${row} filter=${{ subject: row.account }} />` },
];

const choice = (name, label) => ({ name, word: label, kind: "choice", get choices() {
	return parts.map((value) => ({ value, text: term("part", value) }));
} });
const fields = [choice("part", "au_part"), choice("with_part", "au_with_part"), { name: "person", word: "au_person" }];

function fits(row, query) {
	return ["part", "with_part"].every((name) => !query.get(name) || row[name] === query.get(name)) &&
		(!query.get("person") || row.person === query.get("person") || row.with === query.get("person"));
}

function fitsPerson(row, query) {
	return (!query.get("person") || row.person === query.get("person")) && (!query.get("part") || row.part === query.get("part"));
}

/* One cell a pair of persons, whatever parts they had in it. */
function cells(pairs) {
	return [...Map.groupBy(pairs, (pair) => `${pair.person}\n${pair.with}`).values()].map((same) => ({ person: same[0].person, with: same[0].with,
		n: Math.max(...same.map((pair) => pair.rewards)), of: { seqs: [...new Set(same.flatMap((pair) => pair.seqs))].toSorted((a, b) => a - b) } }));
}

export function Separation({ route, asOf }) {
	const path = withQuery("/api/v1/audit/separation", { as_of: asOf });
	const load = useLoad((signal) => get(path, signal), [path]);

	return html`<${Page} title=${say("au_separation")}>
		<${Loaded} of=${load} what="au_separation">${({ people, pairs, conflicts, permissions }) => {
			const shown = pairs.filter((row) => fits(row, route.query));

			return html`
			<${Sheet} name="conflicts" caption=${say("au_conflicts")} columns=${conflictColumns} rows=${conflicts} of=${(row) => JSON.stringify(row)} empty="au_no_conflict" />
			<${Filters} fields=${fields} />
			${shown.length > 0 ? html`<${Matrix} title=${say("au_pairs_matrix")} pairs=${cells(shown)} />` : null}
			<${Sheet} name="pairs" caption=${say("au_pairs")} columns=${pairColumns} rows=${shown} of=${(row) => [row.person, row.part, row.with, row.with_part].join("|")} empty="au_no_pair" />
			<${Sheet} name="people" caption=${say("au_people")} columns=${peopleColumns} rows=${people.filter((row) => fitsPerson(row, route.query))} of=${(row) => `${row.person}|${row.part}`}
				href=${(row) => to("/audit/journal", { person: row.person })} empty="au_no_people" />
			<${Sheet} name="permissions" caption=${say("au_permissions")} columns=${permissionColumns} rows=${permissions} of=${(row) => row.account} />
			<${Files} name="separation" path=${path} />`;
		}}<//>
	<//>`;
}
