/* Statements of banks and wallets: those that were imported, a file to import, what became of each of its lines. */

import { get, withQuery } from "../../api.js";
import { route } from "../../router.js";
import { hasRole } from "../../session.js";
import { Filters } from "../../ui/filters.js";
import { Form } from "../../ui/form.js";
import { html, useRef, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { sayProblem } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { Day, Id, Money, sayMoney } from "../../ui/values.js";
import { known, say } from "../../words.js";
import { importStatement, ledgers } from "./calls.js";
import { breakColumns } from "./breaks.js";
import { Facts, sayName, State } from "./parts.js";

const columns = [
	{ key: "id", word: "money_statement", value: (one) => one.id },
	{ key: "account", word: "money_account", value: (one) => one.account },
	{ key: "date", word: "money_day", value: (one) => html`<${Day} at=${one.date} />` },
	{ key: "opening", word: "money_opening", numeric: true, value: (one) => sayMoney(one.opening) },
	{ key: "closing", word: "money_closing", numeric: true, value: (one) => sayMoney(one.closing) },
	{ key: "lines", word: "money_lines", numeric: true, value: (one) => one.lines },
	{ key: "matched", word: "money_matched", numeric: true, value: (one) => one.matched },
	{ key: "breaks", word: "money_breaks", numeric: true, value: (one) => one.breaks },
	{ key: "waiting", word: "money_waiting", numeric: true, value: (one) => one.waiting },
];

/* --- a file ---------------------------------------------------------------------- */

/* What an import came to; the file may be known, and then nothing was changed. */
function Result({ of: { known: before, statement, opened } }) {
	return html`<div class="card money-vote" role="status" id="money-imported">
		<p><strong>${say(before ? "money_imported_before" : "money_imported", { id: statement.id, account: statement.account })}</strong>
			<a href="/money/statements/${statement.id}">${say("money_open_statement", { id: statement.id })}</a></p>
		<p>${say("money_imported_lines", { n: statement.lines, matched: statement.matched, breaks: statement.breaks, waiting: statement.waiting })}</p>
		${opened.length > 0 ? html`<${Table} caption=${say("money_breaks_of_file")} columns=${breakColumns} rows=${opened} of=${(one) => one.id} href=${(one) => `/money/breaks/${one.id}`} />` : null}
	</div>`;
}

function uploadFields(books) {
	return [
		{ name: "account", word: "money_account", hint: "money_account_hint", required: true, pattern: "(bank|float|cash):[0-9A-Za-z._-]+" },
		{ name: "rail", word: "money_rail", hint: "money_rail_hint", required: true },
		{ name: "ledger", word: "money_book", hint: "money_ledger_hint", kind: "choice", required: true, value: books[0]?.book, choices: books.map(({ book }) => ({ value: book, text: book })) },
		{ name: "form", word: "money_file_form", kind: "choice", none: "money_form_any", choices: ["camt.053", "json", "csv", "wechat"].map((value) => ({ value, text: value })) },
		{ name: "date", word: "money_day", hint: "money_day_hint", kind: "date" },
		{ name: "number", word: "money_number", hint: "money_number_hint" },
	];
}

function FileField({ at, fault }) {
	return html`<div class="field"><label for="money-file">${say("money_file")}</label>
		<span class="hint" id="money-file-hint">${say("money_file_hint")}</span>
		${fault ? html`<span class="fault" id="money-file-fault">${say("form_needed")}</span>` : null}
		<input type="file" id="money-file" ref=${at} aria-invalid=${fault ? "true" : null} aria-describedby=${fault ? "money-file-hint money-file-fault" : "money-file-hint"} /></div>`;
}

function sayRefused(problem) {
	return known(`problem_${problem.code}`) ? sayProblem("money_import", problem) : undefined;
}

function Upload({ books, done }) {
	const file = useRef(null);
	const [result, become] = useState(null);
	const [fault, find] = useState(false);

	async function send(values) {
		find(file.current.files.length === 0);
		if (file.current.files.length === 0) {
			file.current.focus();
			return;
		}
		become(null);
		become(await importStatement(values, file.current.files[0]));
		done();
	}

	return html`<section class="card" aria-labelledby="money-upload">
		<h3 id="money-upload">${say("money_import_title")}</h3>
		<${Form} id="money-import" fields=${uploadFields(books)} submit="money_import" send=${send} sayRefused=${sayRefused}>
			<${FileField} at=${file} fault=${fault} />
		<//>
		${result ? html`<${Result} of=${result} />` : null}
	</section>`;
}

/* --- the list -------------------------------------------------------------------- */

export function Statements() {
	const asked = Object.fromEntries(["account", "from", "until"].map((name) => [name, route.query.get(name)]));
	const load = useLoad((signal) => get(withQuery("/api/v1/statements", { ...asked, limit: 500 }), signal), [JSON.stringify(asked)], { keep: true });
	const books = useLoad((signal) => ledgers(signal), []);

	return html`<section class="page">
		<h2 id="money-title">${say("money_statements")}</h2>
		<${Filters} fields=${[
			{ name: "account", word: "money_account" },
			{ name: "from", word: "money_from", kind: "date" },
			{ name: "until", word: "money_until", kind: "date" },
		]} />
		<${Loaded} of=${load} what="money_statements">${({ statements }) => html`<${Table} caption=${say("money_statements")} columns=${columns} rows=${statements}
			of=${(one) => one.id} href=${(one) => `/money/statements/${one.id}`} empty="money_statements_none" keys />`}<//>
		${hasRole(["finance"]) ? html`<${Loaded} of=${books}>${(of) => html`<${Upload} books=${of.ledgers} done=${load.again} />`}<//>` : null}
	</section>`;
}

/* --- one statement ----------------------------------------------------------------- */

const lineColumns = [
	{ key: "id", word: "money_bank_line", value: (line) => html`<${Id} of=${line.line} />` },
	{ key: "out", word: "money_out", numeric: true, value: (line) => line.side === "Dr" ? html`<${Money} fen=${line.fen} />` : "" },
	{ key: "in", word: "money_in", numeric: true, value: (line) => line.side === "Cr" ? html`<${Money} fen=${line.fen} />` : "" },
	{ key: "booked", word: "money_day", value: (line) => html`<${Day} at=${line.booked} />` },
	{ key: "kind", word: "money_line_kind", value: (line) => sayName("money_line_kind", line.kind) },
	{ key: "state", word: "money_state", value: (line) => html`<${State} of=${line.state} prefix="money_line" />` },
	{ key: "break", word: "money_break", value: (line) => line.break ? html`<a href="/money/breaks/${line.break}">${line.break}</a>` : "–" },
	{ key: "instruction", word: "money_instruction", value: (line) => line.instruction ? html`<${Id} of=${line.instruction} />` : "–" },
];

export function Statement({ id }) {
	const load = useLoad((signal) => get(`/api/v1/statements/${encodeURIComponent(id)}`, signal), [id]);

	return html`<section class="page">
		<p><a href="/money/statements">${say("money_statements")}</a></p>
		<h2 id="money-title">${say("money_statement")} ${id}</h2>
		<${Loaded} of=${load} what="money_statement">${({ statement: one, lines }) => html`
			<div class="card"><${Facts} rows=${[
				["money_account", one.account], ["money_day", html`<${Day} at=${one.date} />`], ["money_rail", one.rail],
				["money_opening", html`<${Money} fen=${one.opening} />`], ["money_closing", html`<${Money} fen=${one.closing} />`],
				["money_book", one.ledger], ["money_file_sum", html`<span class="mono money-token">${one.file}</span>`],
			]} /></div>
			<${Table} caption=${say("money_lines")} columns=${lineColumns} rows=${lines} of=${(line) => line.id} empty="money_lines_none" />`}<//>
	</section>`;
}
