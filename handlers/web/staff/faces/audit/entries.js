/*
 * Entries of the money journal: where every figure ends. A range or some numbers are read as they are asked for; other
 * filters look through the whole journal up to the point of time. On an account the entries come to a sum, which is the
 * figure one came from. One entry alone is shown whole, as it stands.
 */

import { say } from "../../words.js";
import { Filters } from "../../ui/filters.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Money, sayMoney, When } from "../../ui/values.js";
import { codes } from "./chart_of_accounts.js";
import { movements, rewardOf } from "./fold.js";
import { readAll, readNumbers, readRange } from "./journal.js";
import { Page, role, Sheet, to, term } from "./parts.js";

const names = ["from", "to", "ids", "kind", "subject", "person", "book", "code", "detail"];

function wishOf(query) {
	return Object.fromEntries(names.map((name) => [name, query.get(name) ?? ""]));
}

const isNumbers = (wish) => wish.ids !== "";
const isRange = (wish) => wish.from !== "" && wish.to !== "";

function read(wish, upTo, { signal, tell }) {
	if (isNumbers(wish))
		return readNumbers(wish.ids.split(",").map(Number).filter((seq) => seq > 0 && seq <= upTo), signal);
	if (isRange(wish))
		return readRange(Number(wish.from), Math.min(Number(wish.to), upTo), signal);
	return readAll({ upTo, signal, tell });
}

function hasLeg(record, { book, code, detail }) {
	return (record.legs ?? []).some((leg) => (book === "" || leg[0] === book) && (code === "" || leg[1] === code) && (detail === "" || leg[2] === detail));
}

function fits(record, wish) {
	const seq = Number(record.seq);

	return (wish.from === "" || seq >= Number(wish.from)) && (wish.to === "" || seq <= Number(wish.to)) &&
		(wish.kind === "" || record.kind.startsWith(wish.kind)) && (wish.person === "" || record.person === wish.person) &&
		(wish.subject === "" || record.subject === wish.subject || rewardOf(record.subject) === wish.subject) &&
		(wish.book + wish.code + wish.detail === "" || hasLeg(record, wish));
}

/* What an entry did on the chosen account; null where none is chosen. */
function onAccount(record, wish) {
	if (wish.code === "")
		return null;
	return movements([record], { book: wish.book || null, code: Number(wish.code), detail: wish.detail || null }).reduce((sum, one) => sum + one.fen, 0);
}

function columnsFor(wish) {
	const account = wish.code === "" ? [] : [{ key: "on_account", word: "au_on_account", numeric: true, money: true, csv: (record) => onAccount(record, wish),
		value: (record) => html`<${Money} fen=${onAccount(record, wish)} />` }];

	return [
		{ key: "seq", word: "au_seq", value: (record) => record.seq },
		{ key: "at", word: "au_at", csv: (record) => new Date(Number(record.at)).toISOString(), value: (record) => html`<${When} at=${Number(record.at)} />` },
		{ key: "kind", word: "au_kind", value: (record) => html`${term("kind", record.kind)} <span class="hint mono">${record.kind}</span>` },
		{ key: "subject", word: "au_subject", value: (record) => html`<${Subject} of=${record.subject} />` },
		{ key: "person", word: "au_person", value: (record) => html`${record.person} <span class="hint">${role(record.role)}</span>` },
		{ key: "entry", word: "au_entry", csv: (record) => record.entry ?? "", value: (record) => record.entry ? html`<span class="mono">${record.entry}</span>` : "–" },
		...account,
	];
}

export function Subject({ of }) {
	const reward = rewardOf(of);
	return reward ? html`<a href=${to(`/audit/rewards/${reward}`)}>${of}</a>` : of === "" ? "–" : html`<span class="mono au-long">${of}</span>`;
}

const legColumns = [
	{ key: "code", word: "au_account", csv: (leg) => leg[1],
	  value: (leg) => html`<a href=${to("/audit/ledger/account", { book: leg[0], code: leg[1], detail: leg[2] })}>${leg[1]} ${term("account", leg[1])}</a>` },
	{ key: "detail", word: "au_detail", csv: (leg) => leg[2], value: (leg) => leg[2] || "–" },
	{ key: "book", word: "au_book", csv: (leg) => leg[0], value: (leg) => leg[0] },
	{ key: "debit", word: "au_debit", numeric: true, money: true, csv: (leg) => leg[3] === "Dr" ? leg[4] : null, value: (leg) => leg[3] === "Dr" ? sayMoney(leg[4]) : "" },
	{ key: "credit", word: "au_credit", numeric: true, money: true, csv: (leg) => leg[3] === "Cr" ? leg[4] : null, value: (leg) => leg[3] === "Cr" ? sayMoney(leg[4]) : "" },
];

function members(record) {
	return ["seq", "prev", "at", "kind", "key", "print", "person", "account", "role", "subject", "entry", "hash"].filter((name) => record[name] !== undefined)
		.map((name) => [name, record[name]]);
}

/* One entry whole. */
function Whole({ record }) {
	const seq = Number(record.seq);

	return html`<section class="card au-whole" aria-label=${say("au_entry_n", { n: record.seq })}>
		<dl class="au-members">${[...members(record), ...Object.entries(record.data)].map(([name, value]) => html`
			<dt class="mono" key=${name}>${name}</dt><dd class="mono au-long">${typeof value === "string" ? value : JSON.stringify(value)}</dd>`)}</dl>
		${record.legs ? html`<${Sheet} name="legs-${record.seq}" caption=${say("au_legs")} columns=${legColumns} rows=${record.legs} of=${(leg) => leg.join("|")} />` : null}
		<p class="row">${seq > 1 ? html`<a href=${to("/audit/journal", { ids: seq - 1 })}>${say("au_entry_before")}</a>` : null}
			<a href=${to("/audit/journal", { ids: seq + 1 })}>${say("au_entry_after")}</a></p>
	</section>`;
}

const fields = [
	{ name: "from", word: "au_from" },
	{ name: "to", word: "au_to" },
	{ name: "ids", word: "au_ids" },
	{ name: "kind", word: "au_kind_begins" },
	{ name: "subject", word: "au_subject" },
	{ name: "person", word: "au_person" },
	{ name: "book", word: "au_book" },
	{ name: "code", word: "au_account", kind: "choice", get choices() {
		return codes.map((code) => ({ value: String(code), text: `${code} ${term("account", code)}` }));
	} },
	{ name: "detail", word: "au_detail" },
];

export function Entries({ route, point }) {
	const wish = wishOf(route.query);
	const [done, tell] = useState(null);
	const load = useLoad(async (signal) => (await read(wish, point?.seq ?? Infinity, { signal, tell: (n, all) => tell({ n, all }) })).filter((record) => fits(record, wish)),
		[JSON.stringify(wish), point?.seq], { keep: true });

	return html`<${Page} title=${say("au_journal")}>
		${/^\d+$/.test(wish.ids) ? html`<p><a href=${to("/audit/journal")}>${say("au_whole_journal")}</a></p>` : html`<${Filters} fields=${fields} />`}
		${load.busy && done ? html`<p class="hint" role="status">${say("au_reading", done)}</p>` : null}
		<${Loaded} of=${load}>${(records) => records.length === 1 && isNumbers(wish) ? html`<${Whole} record=${records[0]} />` : html`
			<${Sheet} name="journal" caption=${say("au_entries_n", { n: records.length })} columns=${columnsFor(wish)} rows=${records} of=${(record) => record.seq} keys
				href=${(record) => to("/audit/journal", { ids: record.seq })} empty="au_journal_none"
				foot=${wish.code === "" ? null : { on_account: html`<${Money} fen=${records.reduce((sum, record) => sum + onAccount(record, wish), 0)} />` }} />`}<//>
	<//>`;
}
