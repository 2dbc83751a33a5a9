/* What several pages of administrators say alike. */

import { say } from "../../words.js";
import { html } from "../../ui/html.js";
import { Age, When } from "../../ui/values.js";

export const ROLES = ["officer", "verifier", "proposer", "approver", "finance", "auditor", "cashier", "admin"];

export function roleChoices() {
	return ROLES.map((role) => ({ value: role, text: say(`role_${role}`) }));
}

/* A time, how far it is, or a word for none. */
export function Moment({ at, none = "adm_never" }) {
	return at ? html`<${When} at=${at} /> <span class="hint">(<${Age} at=${at} />)</span>` : html`<span class="hint">${say(none)}</span>`;
}

/* How something stands, as a word with a colour that says the same: "well", "warn", "bad", "rest". */
export function Mark({ as, children }) {
	return html`<span class="adm-mark ${as}">${children}</span>`;
}

/* rows: [[word, node], ...]; those without a node are left out. */
export function Facts({ rows }) {
	return html`<dl class="adm-facts">${rows.filter(([, node]) => node !== null && node !== undefined).map(([word, node]) => html`
		<div key=${word}><dt>${say(word)}</dt><dd>${node}</dd></div>`)}</dl>`;
}
