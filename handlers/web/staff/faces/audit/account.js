/* One account of a book: what it stood at, each entry that moved it, what it stands at, and its balance over time. */

import { say, language } from "../../words.js";
import { Chart } from "../../ui/chart.js";
import { Filters } from "../../ui/filters.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Money, sayMoney, When } from "../../ui/values.js";
import { movements } from "./fold.js";
import { readAll } from "./journal.js";
import { Page, role, Sheet, to, term } from "./parts.js";
import { Subject } from "./entries.js";

const POINTS = 120;

const side = (key, name) => ({ key, word: `au_${key}`, numeric: true, money: true, 
	csv: (row) => row.leg[3] === name ? row.leg[4] : null, value: (row) => row.leg[3] === name ? sayMoney(row.leg[4]) : "" });
const columns = [
	{ key: "seq", word: "au_seq", csv: (row) => row.record.seq, value: (row) => row.record.seq },
	{ key: "at", word: "au_at", csv: (row) => new Date(Number(row.record.at)).toISOString(), value: (row) => html`<${When} at=${Number(row.record.at)} />` },
	{ key: "kind", word: "au_kind", csv: (row) => row.record.kind, value: (row) => term("kind", row.record.kind) },
	{ key: "subject", word: "au_subject", csv: (row) => row.record.subject, value: (row) => html`<${Subject} of=${row.record.subject} />` },
	{ key: "person", word: "au_person", csv: (row) => row.record.person, value: (row) => html`${row.record.person} <span class="hint">${role(row.record.role)}</span>` },
	side("debit", "Dr"), side("credit", "Cr"),
	{ key: "balance", word: "au_balance", numeric: true, money: true, csv: (row) => row.balance, value: (row) => html`<${Money} fen=${row.balance} />` },
];

/* At most so many points of a long list, the last one among them. */
function thinned(rows) {
	const step = Math.ceil(rows.length / POINTS);
	return rows.filter((_, i) => (rows.length - 1 - i) % step === 0);
}

function sayShort(ms) {
	return new Date(Number(ms)).toLocaleString(language(), { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
}

function Moves({ all, opening }) {
	const before = all.filter((row) => Number(row.record.seq) <= opening).at(-1)?.balance ?? 0;
	const rows = all.filter((row) => Number(row.record.seq) > opening);
	const points = thinned(rows);
	const table = html`<${Sheet} name="account" caption=${say("au_movements_n", { n: rows.length })} columns=${columns} rows=${rows} of=${(row) => `${row.record.seq}|${row.leg.join("|")}`} keys
		href=${(row) => to("/audit/journal", { ids: row.record.seq })} empty="au_no_movement" foot=${{ seq: say("au_closing"), balance: html`<${Money} fen=${all.at(-1)?.balance ?? 0} />` }} />`;

	return html`<dl class="au-tiles">
			<div class="card"><dt>${say("au_opening")}</dt><dd><${Money} fen=${before} /></dd></div>
			<div class="card"><dt>${say("au_movement")}</dt><dd><${Money} fen=${(all.at(-1)?.balance ?? 0) - before} /></dd></div>
			<div class="card"><dt>${say("au_closing")}</dt><dd id="closing"><${Money} fen=${all.at(-1)?.balance ?? 0} /></dd></div>
		</dl>
		${rows.length === 0 ? table : html`<${Chart} kind="line" title=${say("au_balance_over_time")} labels=${points.map((row) => `${row.record.seq} · ${sayShort(row.record.at)}`)} tell=${sayMoney}
			series=${[{ name: say("au_balance"), values: points.map((row) => row.balance) }]} table=${table} />`}`;
}

const fields = [{ name: "detail", word: "au_detail" }, { name: "opening", word: "au_opening_after" }];

export function Account({ route, point }) {
	const wish = { book: route.query.get("book"), code: Number(route.query.get("code")), detail: route.query.get("detail") };
	const opening = Number(route.query.get("opening")) || 0;
	const [done, tell] = useState(null);
	const load = useLoad(async (signal) => movements(await readAll({ upTo: point?.seq ?? Infinity, signal, tell: (n, all) => tell({ n, all }) }), wish),
		[JSON.stringify(wish), point?.seq], { keep: true });

	return html`<${Page} title=${`${wish.code} ${term("account", wish.code)} ${wish.detail ?? ""}`}>
		<p><a href=${to("/audit/ledger", { book: wish.book, opening: route.query.get("opening") })}>${wish.book ?? say("au_ledger")}</a></p>
		<${Filters} fields=${fields} />
		${load.busy && done ? html`<p class="hint" role="status">${say("au_reading", done)}</p>` : null}
		<${Loaded} of=${load} what="au_ledger">${(all) => html`<${Moves} all=${all} opening=${opening} />`}<//>
	<//>`;
}
