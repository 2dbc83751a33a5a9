/*
 * Entries of the money journal: where every figure ends. Those of some numbers are read as they stand, others are found by
 * the server, a piece at a time. On an account the entries come to a sum, which is the figure one came from. One entry alone
 * is shown whole, as it stands.
 */

import { withQuery } from "../../api.js";
import { say } from "../../words.js";
import { Filters } from "../../ui/filters.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Money, sayMoney, When } from "../../ui/values.js";
import { codes, isDebit } from "./chart_of_accounts.js";
import { rewardOf } from "./fold.js";
import { readNumbers } from "./journal.js";
import { Page, role, Sheet, to, term, usePieces } from "./parts.js";

const names = ["from", "to", "kind", "subject", "person", "book", "code", "detail"];

/* What was debited and credited, on the side the account grows. */
function onAccount({ debit_fen, credit_fen }, code) {
	return isDebit(code) ? debit_fen - credit_fen : credit_fen - debit_fen;
}

function columnsFor(code) {
	const account = code === "" ? [] : [{ key: "on_account", word: "au_on_account", numeric: true, money: true, csv: (row) => onAccount(row, code),
		value: (row) => html`<${Money} fen=${onAccount(row, code)} />` }];

	return [
		{ key: "seq", word: "au_seq", value: (row) => row.seq },
		{ key: "at", word: "au_at", csv: (row) => row.at, value: (row) => html`<${When} at=${row.at} />` },
		{ key: "kind", word: "au_kind", csv: (row) => row.kind, value: (row) => html`${term("kind", row.kind)} <span class="hint mono">${row.kind}</span>` },
		{ key: "subject", word: "au_subject", csv: (row) => row.subject, value: (row) => html`<${Subject} of=${row.subject} />` },
		{ key: "person", word: "au_person", csv: (row) => row.person, value: (row) => html`${row.person} <span class="hint">${role(row.role)}</span>` },
		{ key: "entry", word: "au_entry", csv: (row) => row.entry ?? "", value: (row) => row.entry ? html`<span class="mono">${row.entry}</span>` : "–" },
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

/* Records by their numbers. */
function Numbers({ ids, upTo }) {
	const load = useLoad((signal) => readNumbers(ids.split(",").map(Number).filter((seq) => seq > 0 && seq <= upTo), signal), [ids, upTo], { keep: true });

	return html`<p><a href=${to("/audit/journal")}>${say("au_whole_journal")}</a></p>
		<${Loaded} of=${load}>${(records) => records.length === 1 ? html`<${Whole} record=${records[0]} />`
			: html`<${Sheet} name="journal" caption=${say("au_entries_n", { n: records.length })} columns=${columnsFor("")}
				rows=${records.map((record) => ({ ...record, at: new Date(Number(record.at)).toISOString() }))} of=${(row) => row.seq} keys
				href=${(row) => to("/audit/journal", { ids: row.seq })} empty="au_journal_none" />`}<//>`;
}

function Found({ query, asOf }) {
	const wish = { ...Object.fromEntries(names.map((name) => [name, query.get(name)])), as_of: asOf };
	const code = wish.code ?? "";
	const { load, rows, more } = usePieces("/api/v1/audit/entries", wish, "entries");

	return html`<${Filters} fields=${fields} />
		<${Loaded} of=${load}>${({ found, account }) => html`
			<${Sheet} name="journal" caption=${say("au_entries_n", { n: found })} columns=${columnsFor(account ? code : "")} rows=${rows} of=${(row) => row.seq} keys pieces more=${more}
				path=${withQuery("/api/v1/audit/entries", wish)} href=${(row) => to("/audit/journal", { ids: row.seq })} empty="au_journal_none"
				foot=${account ? { on_account: html`<${Money} fen=${onAccount(account, code)} />` } : null} />`}<//>`;
}

export function Entries({ route, asOf, point }) {
	const ids = route.query.get("ids") ?? "";

	return html`<${Page} title=${say("au_journal")}>
		${ids !== "" ? html`<${Numbers} ids=${ids} upTo=${point?.seq ?? Infinity} />` : html`<${Found} query=${route.query} asOf=${asOf} />`}
	<//>`;
}
