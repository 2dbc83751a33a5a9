/* The help overlay: every key that works on this page. */

import { say } from "../words.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { boundKeys } from "./keys.js";

function row({ keys, word, values }) {
	return html`<tr key=${keys}><td>${keys.split(" ").map((key, i) => [i > 0 ? " " : null, html`<kbd>${key}</kbd>`])}</td><td>${say(word, values)}</td></tr>`;
}

export function Help({ close }) {
	return html`<${Dialog} title=${say("help")} close=${close}>
		<table class="keys-table">
			<thead><tr><th scope="col">${say("help_key")}</th><th scope="col">${say("help_does")}</th></tr></thead>
			<tbody>${boundKeys().map(row)}</tbody>
		</table>
	<//>`;
}
