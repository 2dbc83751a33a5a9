/* One account of a book: what it stood at, each entry that moved it, what it stands at, and its balance over time. */

import { say, language } from "../../words.js";
import { Chart } from "../../ui/chart.js";
import { Filters } from "../../ui/filters.js";
import { html } from "../../ui/html.js";
import { Loaded } from "../../ui/load.js";
import { Money, sayMoney, When } from "../../ui/values.js";
import { withQuery } from "../../api.js";
import { Page, role, Sheet, to, term, usePieces } from "./parts.js";
import { Subject } from "./entries.js";

const side = (key) => ({ key: `${key}_fen`, word: `au_${key}`, numeric: true, money: true, csv: (row) => row[`${key}_fen`],
	value: (row) => row[`${key}_fen`] > 0 ? sayMoney(row[`${key}_fen`]) : "" });
const columns = [
	{ key: "seq", word: "au_seq", value: (row) => row.seq },
	{ key: "at", word: "au_at", value: (row) => html`<${When} at=${row.at} />` },
	{ key: "kind", word: "au_kind", value: (row) => term("kind", row.kind) },
	{ key: "subject", word: "au_subject", value: (row) => html`<${Subject} of=${row.subject} />` },
	{ key: "person", word: "au_person", value: (row) => html`${row.person} <span class="hint">${role(row.role)}</span>` },
	side("debit"), side("credit"),
	{ key: "balance_fen", word: "au_balance", numeric: true, money: true, csv: (row) => row.balance_fen, value: (row) => html`<${Money} fen=${row.balance_fen} />` },
];

function sayShort(at) {
	return new Date(at).toLocaleString(language(), { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
}

function Moves({ value, rows, more, path }) {
	const { found, account } = value;
	const table = html`<${Sheet} name="account" caption=${say("au_movements_n", { n: found })} columns=${columns} rows=${rows} of=${(row) => row.seq} keys pieces more=${more} path=${path}
		href=${(row) => to("/audit/journal", { ids: row.seq })} empty="au_no_movement" foot=${{ seq: say("au_closing"), balance_fen: html`<${Money} fen=${account.closing_fen} />` }} />`;

	return html`<dl class="au-tiles">
			<div class="card"><dt>${say("au_opening")}</dt><dd><${Money} fen=${account.opening_fen} /></dd></div>
			<div class="card"><dt>${say("au_movement")}</dt><dd><${Money} fen=${account.closing_fen - account.opening_fen} /></dd></div>
			<div class="card"><dt>${say("au_closing")}</dt><dd id="closing"><${Money} fen=${account.closing_fen} /></dd></div>
		</dl>
		${rows.length === 0 ? table : html`<${Chart} kind="line" title=${say("au_balance_over_time")} labels=${account.points.map((point) => `${point.seq} · ${sayShort(point.at)}`)} tell=${sayMoney}
			series=${[{ name: say("au_balance"), values: account.points.map((point) => point.balance_fen) }]} table=${table} />`}`;
}

const fields = [{ name: "detail", word: "au_detail" }, { name: "opening", word: "au_opening_after" }];

export function Account({ route, asOf }) {
	const opening = Number(route.query.get("opening")) || 0;
	const wish = { book: route.query.get("book"), code: Number(route.query.get("code")), detail: route.query.get("detail"), from: opening > 0 ? opening + 1 : null, as_of: asOf };
	const { load, rows, more } = usePieces("/api/v1/audit/entries", wish, "entries");

	return html`<${Page} title=${`${wish.code} ${term("account", wish.code)} ${wish.detail ?? ""}`}>
		<p><a href=${to("/audit/ledger", { book: wish.book, opening: route.query.get("opening") })}>${wish.book ?? say("au_ledger")}</a></p>
		<${Filters} fields=${fields} />
		<${Loaded} of=${load} what="au_ledger">${(value) => value.account === null ? html`<p class="hint">${say("au_no_movement")}</p>`
			: html`<${Moves} value=${value} rows=${rows} more=${more} path=${withQuery("/api/v1/audit/entries", wish)} />`}<//>
	<//>`;
}
