/*
 * The auditor's face: its pages, and the point of time that all of them are seen at. as_of in the address is a number of
 * the journal, a day or a time; the server says which record that is.
 */

import { get, withQuery } from "../../api.js";
import { addWords, say } from "../../words.js";
import { html } from "../../ui/html.js";
import { Filters } from "../../ui/filters.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Pages } from "../../ui/tabs.js";
import { When } from "../../ui/values.js";
import en from "../../words/audit.en.json";
import zh from "../../words/audit.zh-CN.json";
import { Access } from "./access.js";
import { Account } from "./account.js";
import { Dossier } from "./dossier.js";
import { Entries } from "./entries.js";
import { Exceptions } from "./exceptions.js";
import { Integrity } from "./integrity.js";
import { Ledger } from "./ledger.js";
import { Overview } from "./overview.js";
import { Reconciliation } from "./reconciliation.js";
import { Register } from "./register.js";
import { Retention } from "./retention.js";
import { Sampling } from "./sampling.js";
import { Separation } from "./separation.js";
import { Unclaimed } from "./unclaimed.js";

addWords({ "zh-CN": zh, en });

const pages = [
	{ path: "/audit", word: "au_overview", Page: Overview },
	{ path: "/audit/rewards", word: "au_register", Page: Register },
	{ path: "/audit/ledger", word: "au_ledger", Page: Ledger },
	{ path: "/audit/reconciliation", word: "au_reconciliation", Page: Reconciliation },
	{ path: "/audit/exceptions", word: "au_exceptions", Page: Exceptions },
	{ path: "/audit/separation", word: "au_separation", Page: Separation },
	{ path: "/audit/unclaimed", word: "au_unclaimed", Page: Unclaimed },
	{ path: "/audit/sample", word: "au_sampling", Page: Sampling },
	{ path: "/audit/integrity", word: "au_integrity", Page: Integrity },
	{ path: "/audit/journal", word: "au_journal", Page: Entries },
	{ path: "/audit/access", word: "au_access", Page: Access },
	{ path: "/audit/retention", word: "au_retention", Page: Retention },
];

function pageOf(path) {
	if (/^\/audit\/rewards\/R\d+$/.test(path))
		return Dossier;
	if (path === "/audit/ledger/account")
		return Account;
	return pages.find((page) => page.path === path)?.Page ?? null;
}

const asOfField = [{ name: "as_of", word: "au_as_of" }];

/* Which records count; with no as_of all there are. */
function Point({ told }) {
	return told === null ? html`<p class="hint">${say("au_now")}</p>`
		: html`<p class="au-then">${say("au_then", { seq: told.seq })} · <${When} at=${told.at} /></p>`;
}

/* { seq, at, reckoned_at } of the as-of view; null: as it is now. */
function usePoint(asOf) {
	return useLoad(async (signal) => asOf === "" ? null : (await get(withQuery("/api/v1/audit/summary", { as_of: asOf }), signal)).as_of, [asOf]);
}

export default function Audit({ route }) {
	const asOf = route.query.get("as_of") ?? "";
	const point = usePoint(asOf);
	const Page = pageOf(route.path);

	return html`
		<${Pages} pages=${pages} carry=${asOf === "" ? "" : `?as_of=${encodeURIComponent(asOf)}`} />
		<div class="au-as-of"><${Filters} fields=${asOfField} word="au_as_of" />
			${point.value !== undefined ? html`<${Point} told=${point.value} />` : null}</div>
		<${Loaded} of=${point} what="au_as_of">${(told) => Page === null ? html`<section class="page"><h2>${say("no_page")}</h2></section>`
			: html`<${Page} key=${route.path} route=${route} asOf=${asOf} point=${told} />`}<//>`;
}
