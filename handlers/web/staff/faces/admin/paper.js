/*
 * The setup code, shown this once: to be printed or written down and handed over. Nothing keeps it; printed is the
 * paper alone.
 */

import { say } from "../../words.js";
import { Dialog } from "../../ui/dialog.js";
import { html } from "../../ui/html.js";
import { When } from "../../ui/values.js";
import { Facts } from "./words.js";

/* of: an account as the server answered it, with setup_code. */
export function Paper({ of, close }) {
	const print = html`<button type="button" class="main" onClick=${() => globalThis.print()}>${say("adm_print")}</button>`;

	return html`<${Dialog} title=${say("adm_code_title")} close=${close} closeWord="adm_code_done" acts=${print}>
		<p class="alarm">${say("adm_code_once")}</p>
		<div class="paper">
			<${Facts} rows=${[
				["account", html`<span class="mono">${of.person}</span>`],
				["adm_name", of.name],
				["adm_code", html`<strong class="mono code" id="setup-code">${of.setup_code}</strong>`],
				["adm_code_until", html`<${When} at=${of.setup_until} />`],
				["adm_code_where", html`<span class="mono address">${location.origin}/setup</span>`],
			]} />
			<p>${say("adm_code_how")}</p>
		</div>
	<//>`;
}
