/*
 * The administrators' face: accounts and what waits for a second word, the register of money staff, tokens, keys, policies, health of the ways in and
 * out, dead letters, retention, the configuration, and about this process. Approvers have a part in policies alone.
 */

import { go, isWithin } from "../../router.js";
import { hasRole } from "../../session.js";
import { addWords, say } from "../../words.js";
import { html, useEffect } from "../../ui/html.js";
import { Pages } from "../../ui/tabs.js";
import en from "../../words/admin.en.json";
import zh from "../../words/admin.zh-CN.json";
import { About } from "./about.js";
import { Account } from "./account.js";
import { Accounts } from "./accounts.js";
import { Configuration } from "./configuration.js";
import { Health } from "./health.js";
import { Keys } from "./keys.js";
import { Outbox } from "./outbox.js";
import { Policies } from "./policies.js";
import { Policy } from "./policy.js";
import { Register, StaffOne } from "./register.js";
import { Retention } from "./retention.js";
import { Tokens } from "./tokens.js";

addWords({ "zh-CN": zh, en });

/* `one`: the page of one thing beneath the list, given its name. Without `roles` for administrators. */
const pages = [
	{ path: "/admin", word: "adm_accounts", Page: Accounts },
	{ path: "/admin/accounts", one: Account },
	{ path: "/admin/staff", word: "adm_register", Page: Register, one: StaffOne },
	{ path: "/admin/tokens", word: "adm_tokens", Page: Tokens },
	{ path: "/admin/keys", word: "adm_keys", Page: Keys },
	{ path: "/admin/policies", word: "adm_policies", Page: Policies, one: Policy, roles: ["admin", "approver"] },
	{ path: "/admin/health", word: "adm_health", Page: Health },
	{ path: "/admin/outbox", word: "adm_outbox", Page: Outbox },
	{ path: "/admin/retention", word: "adm_retention", Page: Retention },
	{ path: "/admin/configuration", word: "adm_configuration", Page: Configuration },
	{ path: "/admin/about", word: "adm_about", Page: About },
];

const mine = () => pages.filter((page) => hasRole(page.roles ?? ["admin"]));

function here(path) {
	const page = mine().filter((one) => isWithin(path, one.path)).toSorted((a, b) => b.path.length - a.path.length)[0];
	const rest = page ? path.slice(page.path.length + 1) : "";

	if (!page)
		return null;
	if (rest === "")
		return page.Page ? html`<${page.Page} />` : null;
	return page.one && !rest.includes("/") ? html`<${page.one} key=${rest} name=${decodeURIComponent(rest)} />` : null;
}

export default function Admin({ route }) {
	const start = mine().find((page) => page.word);

	useEffect(() => {
		if (route.path === "/admin" && start.path !== "/admin")
			go(start.path, { replace: true });
	});
	return html`<div class="admin">
		<${Pages} pages=${mine().filter((page) => page.word)} word="face_admin" />
		<div class="page">${here(route.path) ?? html`<p>${say("no_page")}</p>`}</div>
	</div>`;
}
